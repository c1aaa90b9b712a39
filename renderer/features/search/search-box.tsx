import { IconArrowRight, IconBolt, IconCalendar, IconListDetails, IconPlus, IconSearch, IconStarFilled, IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { SearchHit } from '../../../shared/contracts/search.contract.ts';
import { type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import type { Problem } from '../../../shared/lib/result.ts';
import { searchFold } from '../../../shared/lib/text.ts';
import { useFavourites } from '../../api/favourites.ts';
import { find, useRecentHits } from '../../api/records.ts';
import { formatCount } from '../../ui/field-text.ts';
import { focusContent } from '../../ui/last-focus.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { type ActionId, actionIds, actions, type ActionInfo, isOffered, runAction, useAction } from '../keys/actions.ts';
import { nounScreens } from '../records/noun-screens.tsx';
import { useOpening } from '../records/opening-state.ts';
import classes from './search-box.module.css';
import { keyPressed, resultsShown, textChanged } from './search-marks.ts';
import { say } from '../../../shared/words/say.ts';

/** Enough to choose from at a glance; more words narrow it down. */
const HITS = 24;
const ACTIONS_BESIDE_HITS = 4;
/** Few enough that the actions below are seen as well. */
const RECENT = 5;
const FAVOURITES = 5;

type Entry = { kind: 'hit'; key: string; hit: SearchHit; isFavourite?: true } | { kind: 'action'; key: string; id: ActionId };
interface EntryGroup {
  title: string;
  entries: Entry[];
}
interface Found {
  text: string;
  hits: SearchHit[];
  total: number;
  problem: Problem | null;
}

/**
 * The one search for everything, and the command palette: what was opened last and what can be done before anything is
 * typed, then the records found, by noun, with the actions that fit. The focus stays in the text; the arrows move a choice.
 */
export function SearchBox() {
  const [isOpen, setIsOpen] = useState(false);
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [chosen, setChosen] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const cameFrom = useRef<HTMLElement | null>(null);
  const asked = useRef(0);
  const navigate = useNavigate();
  const favourites = useFavourites();
  const recent = useRecentHits(isOpen && text === '' ? RECENT : 0);

  const open = () => {
    if (!isOpen && document.activeElement instanceof HTMLElement && document.activeElement !== input.current)
      cameFrom.current = document.activeElement;
    input.current?.focus();
    input.current?.select();
    setIsOpen(true);
  };
  useAction('search', open);

  const close = (backToWhereItWas: boolean) => {
    setIsOpen(false);
    setText('');
    setFound(null);
    setChosen(0);
    asked.current += 1;
    if (backToWhereItWas) {
      const target = cameFrom.current;
      if (target?.isConnected === true) target.focus();
      if (target === null || document.activeElement !== target) focusContent();
    }
    cameFrom.current = null;
  };

  const type = (next: string) => {
    setText(next);
    setIsOpen(true);
    setChosen(0);
    asked.current += 1;
    if (next.trim() === '') {
      setFound(null);
      return;
    }
    textChanged(next.length);
    const turn = asked.current;
    void find(next, HITS).then((result) => {
      // An answer to an older text is not shown: the newer one is on its way.
      if (turn !== asked.current) return;
      setFound(result.ok ? { text: next, ...result.value, problem: null } : { text: next, hits: [], total: 0, problem: result.error });
    });
  };
  useLayoutEffect(() => {
    if (found !== null) resultsShown(found.text.length);
  }, [found]);

  const groups = useMemo(
    () => (isOpen ? groupsOf(text, favourites, recent, found?.hits ?? []) : []),
    [isOpen, text, favourites, recent, found],
  );
  const entries = useMemo(() => groups.flatMap((group) => group.entries), [groups]);
  const current = entries[Math.min(chosen, entries.length - 1)];

  const run = (entry: Entry) => {
    if (entry.kind === 'hit') {
      close(false);
      useOpening.getState().wish('heading', entry.hit.id);
      void navigate({ to: '/$noun/$id', params: { noun: entry.hit.collection, id: entry.hit.id }, search: {} });
      return;
    }
    // Back to where the person was first: an action may need to know, or to take the focus itself.
    close(true);
    runAction(entry.id);
  };

  const currentId = current === undefined ? undefined : entryId(current);
  useEffect(() => {
    if (currentId !== undefined) document.getElementById(currentId)?.scrollIntoView({ block: 'nearest' });
  }, [currentId]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    keyPressed(event.timeStamp);
    const { key } = event;
    if (event.nativeEvent.isComposing) return;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const by = key === 'ArrowDown' ? 1 : -1;
      if (!isOpen) setIsOpen(true);
      else if (entries.length > 0) setChosen((now) => (Math.min(now, entries.length - 1) + by + entries.length) % entries.length);
    } else if (key === 'Enter') {
      if (current !== undefined) run(current);
    } else if (key === 'Escape') {
      if (text !== '') type('');
      else close(true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onPoint = (event: MouseEvent<HTMLElement>) => {
    const key = (event.target as Element).closest<HTMLElement>('[data-entry]')?.dataset['entry'];
    const at = entries.findIndex((entry) => entry.key === key);
    const entry = entries[at];
    if (entry === undefined) return;
    if (event.type === 'click') run(entry);
    else if (at !== chosen) setChosen(at);
  };

  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if (!isOpen || box.current?.contains(event.relatedTarget) === true || !document.hasFocus()) return;
    close(false);
  };

  return (
    <div ref={box} className={classes.box} data-open={isOpen || undefined} onBlur={onBlur}>
      <div className={classes.field}>
        <IconSearch size={16} className={classes.icon} aria-hidden />
        <input
          ref={input}
          role="searchbox"
          type="text"
          className={classes.input}
          aria-label="Search"
          aria-autocomplete="list"
          aria-controls={isOpen ? 'search-results' : undefined}
          aria-activedescendant={isOpen ? currentId : undefined}
          placeholder="Search, or do something"
          autoComplete="off"
          spellCheck={false}
          maxLength={300}
          value={text}
          onFocus={() => setIsOpen(true)}
          onMouseDown={() => {
            if (!isOpen) open();
          }}
          onChange={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {text === '' ? (
          <span className={classes.keys} aria-hidden>
            <Shortcut keys={actions.search.keys[0]} />
          </span>
        ) : (
          <button
            type="button"
            className={classes.clear}
            aria-label="Clear search"
            onClick={() => {
              type('');
              input.current?.focus();
            }}
          >
            <IconX size={15} aria-hidden />
          </button>
        )}
      </div>
      {isOpen ? (
        <ResultsPanel groups={groups} current={current} found={found} isWaiting={text.trim() !== '' && found === null} onPoint={onPoint} />
      ) : null}
    </div>
  );
}

function entryId(entry: Entry): string {
  return `search-${entry.key}`;
}

interface ResultsPanelProps {
  groups: readonly EntryGroup[];
  current: Entry | undefined;
  /** Null while nothing was asked, or the answer is on its way. */
  found: Found | null;
  isWaiting: boolean;
  onPoint: (event: MouseEvent<HTMLElement>) => void;
}

/** The focus stays in the text, which has the keys; here the mouse points and chooses. */
function ResultsPanel({ groups, current, found, isWaiting, onPoint }: ResultsPanelProps) {
  const hitsShown = found?.hits.length ?? 0;
  return (
    <div
      className={classes.panel}
      role="presentation"
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={onPoint}
      onClick={onPoint}
    >
      <div id="search-results" role="listbox" aria-label="Search results" className={classes.results} aria-busy={isWaiting}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <div className={classes.groupTitle} role="presentation">
              {group.title}
            </div>
            {group.entries.map((entry) => (
              <EntryRow key={entry.key} entry={entry} isChosen={entry === current} />
            ))}
          </div>
        ))}
      </div>
      {found !== null && hitsShown === 0 ? (
        <p className={classes.nothing} role="status">
          {found.problem !== null
            ? say(found.problem)
            : `Nothing in the book has “${found.text.trim()}”. All words must be found; the beginning of each is enough.`}
        </p>
      ) : null}
      <div className={classes.foot}>
        <span role="status">
          {found === null || hitsShown === 0
            ? ''
            : found.total > hitsShown
              ? `The first ${hitsShown} of ${formatCount(found.total)}`
              : `${formatCount(found.total)} found`}
        </span>
        <span className={classes.hints} aria-hidden>
          <Shortcut keys="up" />
          <Shortcut keys="down" /> choose <Shortcut keys="enter" /> open <Shortcut keys="esc" /> leave
        </span>
      </div>
    </div>
  );
}

function EntryRow({ entry, isChosen }: { entry: Entry; isChosen: boolean }) {
  const { icon, title, aside } = partsOf(entry);
  return (
    <div id={entryId(entry)} role="option" aria-selected={isChosen} tabIndex={-1} className={classes.entry} data-entry={entry.key}>
      <span className={classes.entryIcon} aria-hidden>
        {icon}
      </span>
      <span className={classes.entryTitle}>{title}</span>
      {aside}
    </div>
  );
}

const groupIcons: Readonly<Record<ActionInfo['group'], ReactNode>> = {
  Make: <IconPlus size={17} />,
  'Go to': <IconArrowRight size={17} />,
  Everywhere: <IconBolt size={17} />,
  'List and record': <IconListDetails size={17} />,
  Calendar: <IconCalendar size={17} />,
};

function partsOf(entry: Entry): { icon: ReactNode; title: string; aside: ReactNode } {
  if (entry.kind === 'hit') {
    return {
      icon: entry.isFavourite === true ? <IconStarFilled size={16} color="var(--fb-star)" /> : nounScreens[entry.hit.collection].icon,
      title: entry.hit.title,
      aside: <span className={classes.subtitle}>{entry.hit.subtitle}</span>,
    };
  }
  const info: ActionInfo = actions[entry.id];
  return { icon: groupIcons[info.group], title: info.label, aside: info.keys[0] === undefined ? null : <Shortcut keys={info.keys[0]} /> };
}

/** Exported for its test: what the panel offers for a text. */
export function groupsOf(
  text: string,
  favourites: readonly SearchHit[],
  recent: readonly SearchHit[],
  hits: readonly SearchHit[],
): EntryGroup[] {
  const words = searchFold(text)
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const offered = actionIds.filter((id) => (actions[id] as ActionInfo).isInPalette !== false && isOffered(id));
  const hitEntry = (hit: SearchHit): Entry => ({ kind: 'hit', key: `${hit.collection}-${hit.id}`, hit });
  const actionEntry = (id: ActionId): Entry => ({ kind: 'action', key: `action-${id}`, id });
  const groups: EntryGroup[] = [];
  if (words.length === 0) {
    if (recent.length > 0) groups.push({ title: 'Recent', entries: recent.map(hitEntry) });
    // One that was opened last stands in both: either is looked for by its title.
    const starred = favourites
      .slice(0, FAVOURITES)
      .map((hit): Entry => ({ kind: 'hit', key: `favourite-${hit.id}`, hit, isFavourite: true }));
    if (starred.length > 0) groups.push({ title: 'Favourites', entries: starred });
    groups.push({ title: 'Actions', entries: offered.map(actionEntry) });
    return groups;
  }
  const fitting = offered.filter((id) => {
    const info: ActionInfo = actions[id];
    const known = searchFold(`${info.label} ${info.words ?? ''}`).split(/\s+/);
    return words.every((word) => known.some((one) => one.startsWith(word)));
  });
  // Who types the beginning of an action means the action.
  const meant = fitting.filter((id) => searchFold(actions[id].label).startsWith(words.join(' '))).slice(0, ACTIONS_BESIDE_HITS);
  if (meant.length > 0) groups.push({ title: 'Actions', entries: meant.map(actionEntry) });
  for (const noun of byFirstHit(hits))
    groups.push({ title: nounScreens[noun].title, entries: hits.filter((hit) => hit.collection === noun).map(hitEntry) });
  if (meant.length === 0 && fitting.length > 0)
    groups.push({ title: 'Actions', entries: fitting.slice(0, hits.length > 0 ? ACTIONS_BESIDE_HITS : fitting.length).map(actionEntry) });
  return groups;
}

/** The noun of the best hit comes first. */
function byFirstHit(hits: readonly SearchHit[]): NounName[] {
  const rank = (noun: NounName) => {
    const at = hits.findIndex((hit) => hit.collection === noun);
    return at < 0 ? hits.length : at;
  };
  return nounNames.filter((noun) => hits.some((hit) => hit.collection === noun)).toSorted((a, b) => rank(a) - rank(b));
}
