import {
  canBeDuplicate,
  type DuplicateNoun,
  type DuplicateReason,
  duplicateNouns,
  type LikeRecord,
} from '../../shared/contracts/duplicate.contract.ts';
import { titleOf } from '../../shared/entities/nouns.ts';
import type { BookReader } from './book.ts';
import { duplicateSigns, isOneSlipApart, nameKeys, nameKeysNear } from './duplicate-keys.ts';
import { createMultiMap, type MultiMap } from './multi-map.ts';

export interface DuplicateIndex {
  /** The live records that may be the described one, the likeliest first. Waits until the index is ready. */
  like(noun: DuplicateNoun, fields: Record<string, unknown>, limit: number): Promise<LikeRecord[]>;
  /** Stops working in the background; for closing the book. */
  stop(): void;
}

/** Main answers other calls between slices. */
const sliceMs = 5;
/** A sign that more records share is a switchboard or a shared mailbox, and says nothing. */
const tellingAtMost = 50;

const weights: Record<DuplicateReason, number> = { email: 6, name: 5, phone: 4, website: 3, similarName: 3, address: 2 };

/** Finds records that share a sign without comparing each with each. Kept up to date with the book in the background. */
export function createDuplicateIndex(book: BookReader): DuplicateIndex {
  const byKey = { clients: createMultiMap(), contacts: createMultiMap(), locations: createMultiMap() } satisfies Record<
    DuplicateNoun,
    MultiMap
  >;
  const keysOf = new Map<string, readonly string[]>();
  const changed = new Map<string, [DuplicateNoun, string]>();
  let working: Promise<void> | null = null;
  let isStopped = false;
  let isMade = false;

  book.watch((noun, _before, { id }) => {
    if (!canBeDuplicate(noun)) return;
    changed.set(`${noun}/${id}`, [noun, id]);
    // Before the first question nothing is kept, so there is nothing to keep up to date.
    if (isMade) goOn();
    else if (working === null) changed.clear();
  });

  function goOn(): void {
    working ??= inSlices().finally(() => {
      working = null;
    });
  }

  async function inSlices(): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    for (const _ of work()) {
      if (isStopped) return;
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + sliceMs;
    }
  }

  function* work(): Generator<void> {
    if (!isMade) {
      for (const noun of duplicateNouns) {
        for (const { id } of book.all(noun)) {
          put(noun, id);
          yield;
        }
      }
      isMade = true;
    }
    for (const [key, [noun, id]] of changed) {
      changed.delete(key);
      put(noun, id);
      yield;
    }
  }

  function put(noun: DuplicateNoun, id: string): void {
    const place = `${noun}/${id}`;
    for (const key of keysOf.get(place) ?? []) byKey[noun].remove(key, id);
    keysOf.delete(place);
    const record = book.get(noun, id);
    if (record === undefined || record.deletedAt !== null) return;
    const signs = duplicateSigns(noun, record);
    const keys = [...signs.exact, ...nameKeys(signs)];
    for (const key of keys) byKey[noun].add(key, id);
    keysOf.set(place, keys);
  }

  return {
    async like(noun, fields, limit) {
      while (!isStopped && (!isMade || changed.size > 0)) {
        goOn();
        await working;
      }
      const signs = duplicateSigns(noun, fields);
      const found = new Map<string, Set<DuplicateReason>>();
      const note = (id: string, reason: DuplicateReason) => found.set(id, (found.get(id) ?? new Set()).add(reason));
      for (const key of signs.exact) {
        const ids = byKey[noun].get(key);
        if (ids.length <= tellingAtMost) for (const id of ids) note(id, key.slice(0, key.indexOf(':')) as DuplicateReason);
      }
      for (const id of new Set(nameKeysNear(signs).flatMap((key) => byKey[noun].get(key)))) {
        const { name } = duplicateSigns(noun, book.get(noun, id));
        if (name === signs.name) note(id, 'name');
        else if (isOneSlipApart(name, signs.name)) note(id, 'similarName');
      }
      const score = (reasons: ReadonlySet<DuplicateReason>) => [...reasons].reduce((sum, reason) => sum + weights[reason], 0);
      return [...found]
        .toSorted(([, left], [, right]) => score(right) - score(left))
        .flatMap(([id, reasons]) => {
          const record = book.get(noun, id);
          return record?.deletedAt === null ? [{ id, title: titleOf(noun, record), reasons: [...reasons] }] : [];
        })
        .slice(0, limit);
    },
    stop: () => {
      isStopped = true;
    },
  };
}
