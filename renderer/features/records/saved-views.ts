import { isSame } from '../../../shared/lib/equal.ts';
import type { SavedView } from '../../../shared/contracts/saved-view.ts';
import { newId } from '../../../shared/lib/ids.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { changeSettings } from '../../api/live.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showTakeable } from '../history/undo.tsx';
import { type ListSearch, parseSort } from './list-search.ts';
import { say } from '../../../shared/words/say.ts';

/** A saved view with the id that addresses name it by. */
export interface NamedView extends SavedView {
  id: string;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function viewsOf(views: Readonly<Record<string, SavedView>> | undefined, noun: NounName): NamedView[] {
  return Object.entries(views ?? {})
    .filter(([, view]) => view.noun === noun)
    .map(([id, view]) => ({ ...view, id }))
    .sort((left, right) => byName.compare(left.name, right.name));
}

/** The address of the list as the view has it. */
export function searchOfView(view: NamedView): ListSearch {
  return {
    view: view.id,
    ...(view.search === '' ? {} : { q: view.search }),
    ...(view.filters.length === 0 ? {} : { f: view.filters }),
    ...(view.where === null ? {} : { w: view.where }),
    ...(view.isUnsent ? { show: 'unsent' as const } : {}),
  };
}

/** True where the list is asked for otherwise, or laid out otherwise, than the view has it. */
export function isChanged(view: NamedView, search: ListSearch): boolean {
  const { view: _, tab: __, sort, c, ...asked } = search;
  const { view: ___, ...saved } = searchOfView(view);
  return (
    !isSame(withoutNothing(asked), withoutNothing(saved)) ||
    (sort !== undefined && !isSame(parseSort(sort), view.sort)) ||
    (c !== undefined && !isSame(c, view.columns))
  );
}

/** Whether anything is asked for that a view would keep. */
export function asksForSomething({ q, f, w, show }: ListSearch): boolean {
  return (q ?? '') !== '' || (f ?? []).length > 0 || w !== undefined || show === 'unsent';
}

function withoutNothing(search: ListSearch): object {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));
}

/** What a view keeps of the list as it stands. */
export type ListAsItStands = Pick<SavedView, 'search' | 'filters' | 'where' | 'isUnsent' | 'sort' | 'columns'>;

/** Keeps the list under a name. Answers the view, or why it could not be kept. */
export async function saveAsNew(
  noun: NounName,
  list: ListAsItStands,
  name: string,
  isPinned: boolean,
): Promise<{ view: NamedView; problem: null } | { view: null; problem: string }> {
  const id = newId();
  const view = { ...list, noun, name: name.trim(), isPinned };
  const result = await changeSettings({ views: { [id]: view } });
  if (!result.ok) return { view: null, problem: say(result.error) };
  announce(`View "${view.name}" saved`);
  return { view: { ...view, id }, problem: null };
}

/** Changes a view, says so, and offers to put back what it was. Answers why it could not be. */
export async function changeView({ id, ...before }: NamedView, changes: Partial<SavedView>, said: string): Promise<string | null> {
  const result = await changeSettings({ views: { [id]: { ...before, ...changes } } });
  if (!result.ok) return say(result.error);
  showTakeable(said, () => void putBack(id, before, `View "${before.name}" is as it was`));
  return null;
}

export async function deleteView({ id, ...view }: NamedView): Promise<boolean> {
  const result = await changeSettings({ views: { [id]: null } });
  if (!result.ok) {
    showProblem(result.error);
    return false;
  }
  showTakeable(`View "${view.name}" deleted. No record was.`, () => void putBack(id, view, `View "${view.name}" is back`));
  return true;
}

async function putBack(id: string, view: SavedView, said: string): Promise<void> {
  const result = await changeSettings({ views: { [id]: view } });
  if (result.ok) announce(said);
  else showProblem(result.error);
}
