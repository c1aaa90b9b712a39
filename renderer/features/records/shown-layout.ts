import { useMemo } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useSettings } from '../../api/live.ts';
import { useListFields } from '../../api/own-fields.ts';
import { type ListSearch, type SortBy, writeSort } from './list-search.ts';
import { withKeptLast } from './grid-layout.ts';
import { useListView } from './list-view.ts';
import { nounScreens } from './noun-screens.tsx';
import { type NamedView, viewsOf } from './saved-views.ts';

interface ShownLayout {
  /** The views of this list, by name. */
  views: readonly NamedView[];
  /** The one that is on, changed or not. */
  view: NamedView | null;
  columns: readonly FieldInfo[];
  widths: Readonly<Record<string, number>>;
  sort: SortBy;
  /** What the list, or the view, is sorted by where nobody chose otherwise. */
  startingSort: SortBy;
  setColumns: (columns: string[]) => void;
  setWidths: (widths: Record<string, number>) => void;
  setSort: (sort: SortBy) => void;
  reset: () => void;
}

const nothingKept: readonly string[] = [];

/**
 * How the list is laid out. Without a view, as the person arranged the list, which is kept at once. In a view, as the view has it:
 * what is changed then stands in the address until it is saved or put back. Widths are the list's in both.
 */
export function useShownLayout(noun: NounName, search: ListSearch, go: (changes: Partial<ListSearch>) => void): ShownLayout {
  const list = useListView(noun);
  const keep = nounScreens[noun].keptColumns ?? nothingKept;
  const fields = useListFields(noun);
  const saved = useSettings()?.views;
  const views = useMemo(() => viewsOf(saved, noun), [saved, noun]);
  const view = views.find(({ id }) => id === search.view) ?? null;
  const paths = view === null ? null : (search.c ?? view.columns);
  const ofView = useMemo(() => {
    if (paths === null) return null;
    const known = paths.flatMap((path) => fields.find((field) => field.path === path) ?? []);
    // Its fields may all be gone: an own field was archived.
    return known.length > 0 ? known : null;
  }, [paths, fields]);
  const columns = ofView ?? list.columns;
  const listed = useMemo(() => withKeptLast(columns, keep), [columns, keep]);
  if (view === null) {
    return {
      ...list,
      columns: listed,
      views,
      view,
      setColumns: (columns) => list.change({ columns }),
      setWidths: (widths) => list.change({ widths }),
      setSort(sort) {
        list.change({ sort });
        go({ sort: writeSort(sort) });
      },
      reset() {
        list.reset();
        go({ sort: undefined });
      },
    };
  }
  return {
    views,
    view,
    columns: listed,
    widths: list.widths,
    sort: view.sort.length > 0 ? view.sort : list.startingSort,
    startingSort: view.sort.length > 0 ? view.sort : list.startingSort,
    setColumns: (c) => go({ c }),
    setWidths: (widths) => list.change({ widths }),
    setSort: (sort) => go({ sort: writeSort(sort) }),
    reset: () => go({ sort: undefined, c: undefined }),
  };
}
