import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Problem, Result } from '../../shared/lib/result.ts';
import { anyChange, bookVersion, type CanTouch, isChangeWaiting, isStillTrue, onBookChanged } from './changes.ts';
import { settled } from './crm.ts';

/**
 * Answers of main, by key. What is on screen is asked for again when a change can have touched it; until the new answer is there
 * the old one stays, so nothing flickers.
 */
export interface Answer<T> {
  data: T | undefined;
  problem: Problem | null;
}

interface Entry {
  answer: Answer<unknown>;
  /** Version of the book the answer belongs to; -1 before the first. */
  version: number;
  asking: boolean;
  ask: () => Promise<Result<unknown>>;
  canTouch: CanTouch;
  listeners: Set<() => void>;
}

/** Answers that nobody looks at are kept for going back, up to this many. */
const KEPT = 150;
const entries = new Map<string, Entry>();
const nothing: Answer<never> = { data: undefined, problem: null };

function entryOf(key: string, ask: () => Promise<Result<unknown>>, canTouch: CanTouch): Entry {
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = { answer: nothing, version: -1, asking: false, ask, canTouch, listeners: new Set() };
    entries.set(key, entry);
    forgetOldest();
  }
  return entry;
}

function forgetOldest(): void {
  if (entries.size <= KEPT) return;
  for (const [key, entry] of entries) {
    if (entry.listeners.size > 0) continue;
    entries.delete(key);
    if (entries.size <= KEPT) return;
  }
}

async function refresh(entry: Entry): Promise<void> {
  if (entry.asking) return;
  // One that failed is asked again with the next change, whatever it is.
  const isFailed = entry.answer.problem !== null && entry.version !== bookVersion();
  if (entry.version >= 0 && !isFailed && isStillTrue(entry.version, entry.canTouch, entry.answer.data)) {
    entry.version = bookVersion();
    return;
  }
  entry.asking = true;
  const version = bookVersion();
  const result = await settled(entry.ask);
  entry.asking = false;
  entry.version = version;
  entry.answer = result.ok
    ? { data: result.value, problem: null }
    : { data: keepsData(result.error) ? entry.answer.data : undefined, problem: result.error };
  for (const listener of entry.listeners) listener();
  if (entry.version !== bookVersion() && entry.listeners.size > 0 && !isChangeWaiting()) void refresh(entry);
}

/** A record that is gone must not be shown any more; any other failure leaves what was known on screen. */
function keepsData(problem: Problem): boolean {
  return problem.code !== 'NOT_FOUND';
}

let watching = false;
function watch(): void {
  if (watching) return;
  watching = true;
  onBookChanged(() => {
    for (const entry of entries.values()) if (entry.listeners.size > 0) void refresh(entry);
  });
}

/** A question to main. `key` names the call and its input, and with them what can touch the answer. */
export interface Question<T> {
  key: string;
  ask: () => Promise<Result<T>>;
  canTouch?: CanTouch;
  /** False for an answer that nobody comes back to: it goes with the last who looks at it. */
  isKept?: boolean;
}

function listenTo<T>({ key, ask, canTouch = anyChange, isKept = true }: Question<T>, listener: () => void): () => void {
  watch();
  const entry = entryOf(key, ask, canTouch);
  entry.ask = ask;
  entry.listeners.add(listener);
  void refresh(entry);
  return () => {
    entry.listeners.delete(listener);
    if (!isKept && entry.listeners.size === 0) entries.delete(key);
  };
}

const answerOf = <T>(key: string) => (entries.get(key)?.answer ?? nothing) as Answer<T>;

/** The answer to a query, live; null asks nothing. */
export function useQuery<T>(key: string | null, ask: () => Promise<Result<T>>, canTouch: CanTouch = anyChange, isKept = true): Answer<T> {
  const subscribe = useCallback(
    (listener: () => void) => (key === null ? () => {} : listenTo({ key, ask, canTouch, isKept }, listener)),
    // oxlint-disable-next-line react/exhaustive-deps -- the key stands for the call: `ask` is a new function at every render
    [key],
  );
  const read = useCallback(() => (key === null ? nothing : answerOf<T>(key)), [key]);
  return useSyncExternalStore(subscribe, read);
}

/** The answers to several, in their order; the array is another one only when one of them is. */
export function useQueries<T>(questions: readonly Question<T>[]): readonly Answer<T>[] {
  const keys = questions.map(({ key }) => key).join('\n');
  const last = useRef<readonly Answer<T>[]>([]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = questions.map((question) => listenTo(question, listener));
      return () => {
        for (const end of ends) end();
      };
    },
    // oxlint-disable-next-line react/exhaustive-deps -- the keys stand for the calls
    [keys],
  );
  const read = useCallback(() => {
    const now = questions.map(({ key }) => answerOf<T>(key));
    if (now.length !== last.current.length || now.some((answer, at) => answer !== last.current[at])) last.current = now;
    return last.current;
    // oxlint-disable-next-line react/exhaustive-deps -- the keys stand for the calls
  }, [keys]);
  return useSyncExternalStore(subscribe, read);
}

/** Puts a value that a command answered in place of the cached one, before main is asked again. */
export function putAnswer(key: string, data: unknown): void {
  const entry = entries.get(key);
  if (entry === undefined) return;
  entry.answer = { data, problem: null };
  for (const listener of entry.listeners) listener();
}
