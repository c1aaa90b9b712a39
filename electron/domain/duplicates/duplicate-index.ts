import {
  canBeDuplicate,
  type DuplicateNoun,
  type DuplicateReason,
  duplicateNouns,
  type LikeRecord,
} from '../../../shared/contracts/duplicate.contract.ts';
import { titleOf } from '../../../shared/nouns/nouns.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import type { BookReader } from '../book.ts';
import { type DuplicateSigns, duplicateSigns, isOneSlipApart, nameKeys, nameKeysNear } from './duplicate-keys.ts';
import { createMultiMap, type MultiMap } from '../../../shared/lib/multi-map.ts';

export interface DuplicateIndex {
  /**
   * The live records that may be the described one, the likeliest first. Waits until the index is ready. `exceptId` is
   * the record that is described, where the book has it: neither it nor what is known to be another is named.
   */
  like(noun: DuplicateNoun, fields: Record<string, unknown>, limit: number, exceptId?: string | null): Promise<LikeRecord[]>;
  /** Resolves when the index has every record as it is now. */
  ready(): Promise<void>;
  /** Of the records that index has, those that share a sign with this one, with the signs. */
  near(noun: DuplicateNoun, id: string): ReadonlyMap<string, ReadonlySet<DuplicateReason>>;
  /** How many live records have the name of this one. */
  namesakes(noun: DuplicateNoun, id: string): number;
  /** True where somebody said that the two are not the same. */
  isKnownApart(noun: DuplicateNoun, left: string, right: string): boolean;
  /** Stops working in the background; for closing the book. */
  stop(): void;
}

/** Main answers other calls between slices. */
const sliceMs = 5;
/** A sign that more records share is a switchboard or a shared mailbox, and says nothing. */
const tellingAtMost = 50;
/** Names that begin or end alike; more of them are numbered ("Client 00017") and not misspelt. */
const alikeAtMost = 300;

const weights: Record<DuplicateReason, number> = { email: 6, name: 5, phone: 4, website: 3, similarName: 3, address: 2 };

export function weightOf(reasons: ReadonlySet<DuplicateReason>): number {
  let sum = 0;
  for (const reason of reasons) sum += weights[reason];
  return sum;
}

const sameName = ({ scope, name }: DuplicateSigns) => `!${scope}/${name}`;

/** Finds records that share a sign without comparing each with each. Kept up to date with the book in the background. */
export function createDuplicateIndex(book: BookReader): DuplicateIndex {
  const byKey = { clients: createMultiMap(), contacts: createMultiMap(), locations: createMultiMap() } satisfies Record<
    DuplicateNoun,
    MultiMap
  >;
  const signsOf = { clients: new Map(), contacts: new Map(), locations: new Map() } satisfies Record<
    DuplicateNoun,
    Map<string, DuplicateSigns>
  >;
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
        for (const id of book.ids(noun)) {
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

  /** Names that are alike are kept once each, not for each record: half a company may be called Chen. */
  function takeIn(noun: DuplicateNoun, id: string, signs: DuplicateSigns): void {
    for (const key of signs.exact) byKey[noun].add(key, id);
    if (signs.name === '') return;
    const isNew = byKey[noun].get(sameName(signs)).length === 0;
    byKey[noun].add(sameName(signs), id);
    if (isNew) for (const key of nameKeys(signs)) byKey[noun].add(key, signs.name);
  }

  function takeOut(noun: DuplicateNoun, id: string, signs: DuplicateSigns): void {
    for (const key of signs.exact) byKey[noun].remove(key, id);
    if (signs.name === '') return;
    byKey[noun].remove(sameName(signs), id);
    if (byKey[noun].get(sameName(signs)).length === 0) for (const key of nameKeys(signs)) byKey[noun].remove(key, signs.name);
  }

  function put(noun: DuplicateNoun, id: string): void {
    const known = signsOf[noun].get(id);
    if (known !== undefined) takeOut(noun, id, known);
    signsOf[noun].delete(id);
    const record = book.get(noun, id);
    if (record === undefined || record.deletedAt !== null) return;
    const signs = duplicateSigns(noun, record);
    takeIn(noun, id, signs);
    signsOf[noun].set(id, signs);
  }

  function find(noun: DuplicateNoun, signs: DuplicateSigns): Map<string, Set<DuplicateReason>> {
    const found = new Map<string, Set<DuplicateReason>>();
    const note = (id: string, reason: DuplicateReason) => {
      const reasons = found.get(id);
      if (reasons === undefined) found.set(id, new Set([reason]));
      else reasons.add(reason);
    };
    for (const key of signs.exact) {
      const ids = byKey[noun].get(key);
      if (ids.length <= tellingAtMost) for (const id of ids) note(id, key.slice(0, key.indexOf(':')) as DuplicateReason);
    }
    if (signs.name === '') return found;
    const namesakes = byKey[noun].get(sameName(signs));
    if (namesakes.length <= tellingAtMost) for (const id of namesakes) note(id, 'name');
    for (const key of nameKeysNear(signs)) {
      const names = byKey[noun].get(key);
      if (names.length > alikeAtMost) continue;
      for (const name of names) {
        if (name === signs.name || !isOneSlipApart(name, signs.name)) continue;
        const ids = byKey[noun].get(sameName({ ...signs, name }));
        if (ids.length <= tellingAtMost) for (const id of ids) note(id, 'similarName');
      }
    }
    return found;
  }

  const saysApart = (noun: DuplicateNoun, id: string, other: string) =>
    book.get(noun, id)?.notDuplicateOf.some((one) => survivorOf((known) => book.get(noun, known), one)?.id === other) === true;
  const isKnownApart = (noun: DuplicateNoun, left: string, right: string) => saysApart(noun, left, right) || saysApart(noun, right, left);

  async function ready(): Promise<void> {
    while (!isStopped && (!isMade || changed.size > 0)) {
      goOn();
      await working;
    }
  }

  return {
    ready,
    isKnownApart,
    near(noun, id) {
      const signs = signsOf[noun].get(id);
      const found = signs === undefined ? new Map<string, Set<DuplicateReason>>() : find(noun, signs);
      found.delete(id);
      return found;
    },
    namesakes(noun, id) {
      const signs = signsOf[noun].get(id);
      return signs === undefined ? 0 : byKey[noun].get(sameName(signs)).length;
    },
    async like(noun, fields, limit, exceptId = null) {
      await ready();
      return [...find(noun, duplicateSigns(noun, fields))]
        .toSorted(([, left], [, right]) => weightOf(right) - weightOf(left))
        .flatMap(([id, reasons]) => {
          if (exceptId !== null && (id === exceptId || isKnownApart(noun, id, exceptId))) return [];
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
