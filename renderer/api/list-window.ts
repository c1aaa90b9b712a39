import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { ListRequest } from '../../shared/contracts/list.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Problem } from '../../shared/lib/result.ts';
import { bookVersion, type CanTouch, isChangeWaiting, isStillTrue, onBookChanged } from './changes.ts';
import type { Answer } from './query.ts';
import { type AnyView, putRecord, recordApi, useRecord } from './records.ts';
import { touchesList } from './touches.ts';

/**
 * A list of any length, of which only the pages near the screen are ever asked for. Pages of an older version of the
 * book stay on screen until the new ones are there.
 */
export type WindowRequest = Omit<ListRequest, 'offset' | 'limit'>;

export interface ListSnapshot {
  /** Null until the first page is there. */
  total: number | null;
  deleted: number;
  problem: Problem | null;
  /** Version of the book that the pages on screen are of, the oldest of them; -1 before the first. */
  version: number;
  /** A record of the list by its place; undefined while its page is on its way. */
  rowAt(index: number): AnyView | undefined;
  /** The place of a record among the pages that are there; -1 when it is in none of them. */
  indexOf(id: string): number;
}

const PAGE = 100;
/** Of the columns of a board there are several on screen, and a card is as high as three rows. */
const COLUMN_PAGE = 30;
/** Two at a time keeps main free for what a person does meanwhile. */
const AT_ONCE = 2;
/** Lists kept for going back to them without a blank moment. */
const KEPT = 8;

interface LoadedPage {
  rows: AnyView[];
  version: number;
}

/** Exported for its tests; screens use `useListWindow`. */
export class ListWindow {
  readonly noun: NounName;
  readonly listeners = new Set<() => void>();
  readonly #page: number;
  readonly #canTouch: CanTouch;
  snapshot: ListSnapshot;
  #request: WindowRequest;
  #pages = new Map<number, LoadedPage>();
  #asking = new Map<number, number>();
  #wanted: [number, number] = [0, 0];
  #total: number | null = null;
  #deleted = 0;
  #problem: Problem | null = null;

  constructor(noun: NounName, request: WindowRequest) {
    this.noun = noun;
    this.#request = request;
    this.#canTouch = touchesList(noun, request.show);
    this.#page = request.column === undefined ? PAGE : COLUMN_PAGE;
    this.snapshot = this.#makeSnapshot();
  }

  /** Says which rows are near the screen; asks for their pages where they are missing or stale. */
  show(first: number, last: number): void {
    this.#wanted = [Math.max(0, Math.floor(first / this.#page)), Math.max(0, Math.floor(last / this.#page))];
    this.#fill();
  }

  refresh(): void {
    if (this.listeners.size === 0) return;
    this.#fill();
  }

  /** Pages that no change can have touched are of the book as it is now. */
  #keepTrue(): boolean {
    let isAny = false;
    // A question that failed is asked again with the next change, whatever it is.
    if (this.#problem !== null) return false;
    for (const [number, page] of this.#pages) {
      if (page.version === bookVersion() || !isStillTrue(page.version, this.#canTouch, undefined)) continue;
      this.#pages.set(number, { ...page, version: bookVersion() });
      isAny = true;
    }
    return isAny;
  }

  put(record: AnyView): void {
    for (const [number, page] of this.#pages) {
      const at = page.rows.findIndex((row) => row.id === record.id);
      if (at < 0) continue;
      const rows = page.rows.slice();
      rows[at] = record;
      this.#pages.set(number, { ...page, rows });
      this.#tell();
    }
  }

  #fill(): void {
    const [from, to] = this.#wanted;
    if (this.#keepTrue()) this.#tell();
    for (let number = from; number <= to; number += 1) {
      if (this.#asking.size >= AT_ONCE) return;
      if (this.#total !== null && number * this.#page >= this.#total && number > 0) continue;
      const fresh = this.#pages.get(number)?.version === bookVersion();
      if (!fresh && !this.#asking.has(number)) void this.#ask(number);
    }
  }

  async #ask(number: number): Promise<void> {
    const version = bookVersion();
    this.#asking.set(number, version);
    const result = await recordApi(this.noun).list({ ...this.#request, offset: number * this.#page, limit: this.#page });
    this.#asking.delete(number);
    if (result.ok) {
      this.#problem = null;
      this.#total = result.value.total;
      this.#deleted = result.value.deleted;
      this.#pages.set(number, { rows: result.value.rows, version });
      for (const other of this.#pages.keys()) if (other > 0 && other * this.#page >= result.value.total) this.#pages.delete(other);
    } else {
      this.#problem = result.error;
      // Not asked again in a loop: the next change of the book, or scrolling, tries again.
      const old = this.#pages.get(number);
      if (old !== undefined) this.#pages.set(number, { ...old, version });
    }
    this.#tell();
    if (result.ok && !isChangeWaiting()) this.#fill();
  }

  #tell(): void {
    this.snapshot = this.#makeSnapshot();
    for (const listener of this.listeners) listener();
  }

  #makeSnapshot(): ListSnapshot {
    const pages = new Map(this.#pages);
    const size = this.#page;
    const [from, to] = this.#wanted;
    const shown = [...pages].filter(([number]) => number >= from && number <= to);
    return {
      total: this.#total,
      deleted: this.#deleted,
      problem: this.#problem,
      version: shown.length === 0 ? -1 : Math.min(...shown.map(([, { version }]) => version)),
      rowAt: (index) => pages.get(Math.floor(index / size))?.rows[index % size],
      indexOf: (id) => {
        for (const [number, page] of pages) {
          const at = page.rows.findIndex((row) => row.id === id);
          if (at >= 0) return number * size + at;
        }
        return -1;
      },
    };
  }
}

const windows = new Map<string, ListWindow>();

function windowOf(noun: NounName, request: WindowRequest): ListWindow {
  const key = `${noun} ${JSON.stringify(request)}`;
  let found = windows.get(key);
  if (found === undefined) {
    found = new ListWindow(noun, request);
  } else {
    windows.delete(key);
  }
  windows.set(key, found);
  for (const [oldKey, old] of windows) {
    if (windows.size <= KEPT) break;
    if (old !== found && old.listeners.size === 0) windows.delete(oldKey);
  }
  return found;
}

let watching = false;
function watch(): void {
  if (watching) return;
  watching = true;
  onBookChanged(() => {
    for (const one of windows.values()) one.refresh();
  });
}

/** Shows the record a command answered wherever it is listed, before the lists are asked for again. */
export function putIntoLists(noun: NounName, record: AnyView): void {
  putRecord(noun, record);
  for (const one of windows.values()) if (one.noun === noun) one.put(record);
}

/** A record, shown at once when a list on screen has it already. */
export function useListedRecord(noun: NounName, id: string | null): Answer<AnyView> {
  const answer = useRecord(noun, id);
  if (id === null || answer.data !== undefined || answer.problem !== null) return answer;
  for (const one of windows.values()) {
    if (one.noun !== noun) continue;
    const listed = one.snapshot.rowAt(one.snapshot.indexOf(id));
    if (listed !== undefined) return { data: listed, problem: null };
  }
  return answer;
}

export interface ShownList extends ListSnapshot {
  show(first: number, last: number): void;
  /** True while the rows on screen still belong to the request before this one. */
  isStale: boolean;
}

export function useListWindow(noun: NounName, request: WindowRequest): ShownList {
  const key = JSON.stringify(request);
  const current = useMemo(() => windowOf(noun, JSON.parse(key) as WindowRequest), [noun, key]);
  const shownBefore = useRef<{ noun: NounName; snapshot: ListSnapshot } | null>(null);
  const snapshot = useSyncExternalStore(
    useMemo(
      () => (listener: () => void) => {
        watch();
        current.listeners.add(listener);
        current.show(0, 0);
        return () => current.listeners.delete(listener);
      },
      [current],
    ),
    () => current.snapshot,
  );
  const isReady = snapshot.total !== null;
  useEffect(() => {
    if (isReady) shownBefore.current = { noun, snapshot };
  }, [isReady, noun, snapshot]);
  const before = shownBefore.current;
  const shown = !isReady && snapshot.problem === null && before !== null && before.noun === noun ? before.snapshot : snapshot;
  return useMemo(
    () => ({ ...shown, isStale: shown !== snapshot, show: (first, last) => current.show(first, last) }),
    [shown, snapshot, current],
  );
}
