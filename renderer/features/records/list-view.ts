import { useEffect, useMemo, useRef, useState } from 'react';
import { fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { useListFields } from '../../api/own-fields.ts';
import { changeSettings, settingsNow, useSettings } from '../../api/live.ts';
import { showProblem } from '../../ui/problem.tsx';
import type { SortBy } from './list-search.ts';

/** Columns of a list as a person arranged them: which, in what order, how wide, and how the list is sorted. */
export interface ListView {
  /** What it is sorted by while nobody has chosen. */
  startingSort: SortBy;
  columns: readonly FieldInfo[];
  widths: Readonly<Record<string, number>>;
  sort: SortBy;
}

interface SavedView {
  columns: string[];
  widths: Record<string, number>;
  sort: SortBy;
}

/** Dragging a column's edge changes its width many times a second; what is kept is the last. */
const SAVE_AFTER_MS = 400;

function startingColumns(noun: NounName): string[] {
  return fieldsOf(noun)
    .filter((field) => field.inList === true)
    .map((field) => field.path);
}

function startingSort(noun: NounName): SortBy {
  if (nouns[noun].isNewestFirst) return [{ path: nouns[noun].titlePath, descending: true }];
  return [startingSorts[noun] ?? { path: nouns[noun].titlePath, descending: false }];
}

/** Where not the name says what comes first. */
const startingSorts: Readonly<Partial<Record<NounName, SortBy[number]>>> = {
  tasks: { path: 'dueDate', descending: false },
  invoices: { path: 'createdAt', descending: true },
};

export function useListView(noun: NounName): ListView & { change: (changes: Partial<SavedView>) => void; reset: () => void } {
  const saved = useSettings()?.lists[noun];
  const [local, setLocal] = useState<{ noun: NounName; view: SavedView } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const pending = useRef<(() => void) | null>(null);
  useEffect(() => () => pending.current?.(), []);

  const fields = useListFields(noun);
  const view = useMemo<SavedView>(() => {
    if (local !== null && local.noun === noun) return local.view;
    const columns = (saved?.columns ?? []).filter((path) => fields.some((field) => field.path === path));
    return { columns: columns.length > 0 ? columns : startingColumns(noun), widths: saved?.widths ?? {}, sort: saved?.sort ?? [] };
  }, [local, saved, noun, fields]);

  const save = (next: SavedView) => {
    setLocal({ noun, view: next });
    if (timer.current !== null) clearTimeout(timer.current);
    const write = () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
      pending.current = null;
      void changeSettings({ lists: { ...settingsNow()?.lists, [noun]: next } }).then((result) => {
        if (!result.ok) showProblem(result.error);
      });
    };
    pending.current = write;
    timer.current = setTimeout(write, SAVE_AFTER_MS);
  };

  const columns = useMemo(
    () => view.columns.map((path) => fields.find((field) => field.path === path)).filter((field) => field !== undefined),
    [view.columns, fields],
  );
  const start = startingSort(noun);
  return {
    columns,
    startingSort: start,
    widths: view.widths,
    sort: view.sort.length > 0 ? view.sort : start,
    change: (changes) => save({ ...view, ...changes }),
    reset: () => save({ columns: startingColumns(noun), widths: {}, sort: [] }),
  };
}
