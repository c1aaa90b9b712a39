import {
  canBeDuplicate,
  type DuplicateGroup,
  type DuplicateNoun,
  type DuplicateReason,
  type DuplicateScanState,
  duplicateNouns,
  duplicateReasons,
} from '../../../shared/contracts/duplicate.contract.ts';
import { titleOf } from '../../../shared/nouns/nouns.ts';
import { type Clock, instantOf } from '../../../shared/lib/clock.ts';
import type { BookReader } from '../book.ts';
import { type DuplicateIndex, weightOf } from './duplicate-index.ts';
import { createBreather } from '../transfer/breather.ts';

export interface DuplicateScan {
  /** Looks through the whole book in the background; what was found before is looked for again. */
  start(): DuplicateScanState;
  /** Stops looking. What was found so far stays. */
  cancel(): DuplicateScanState;
  state(): DuplicateScanState;
  /** Groups of records that may be the same, the likeliest first, as the book is now. */
  groups(noun: DuplicateNoun | null, offset: number, limit: number): Promise<{ groups: DuplicateGroup[]; total: number }>;
}

interface Pair {
  noun: DuplicateNoun;
  left: string;
  right: string;
  reasons: ReadonlySet<DuplicateReason>;
}

/**
 * What is worth showing in a list. While typing a shared phone is a hint; in a list of the whole book colleagues share
 * one, and clients share a house.
 */
const listedFrom: Record<DuplicateNoun, number> = { clients: 3, contacts: 5, locations: 5 };
/** A name that more people have says nothing by itself. */
const namesakesAtMost = 5;
/** The likeliest of one record; more of them come up when these are settled. */
const perRecord = 10;
/** People compare a few side by side. */
const groupAtMost = 8;
const heaviest = 30;

export function createDuplicateScan(book: BookReader, index: DuplicateIndex, clock: Clock): DuplicateScan {
  let state: DuplicateScanState = { status: 'none', done: 0, total: 0, at: null };
  let turn = 0;
  let pairs = new Map<string, Pair>();
  let pairsOf = new Map<string, Set<string>>();
  const touched = new Map<string, [DuplicateNoun, string]>();
  let grouped: DuplicateGroup[] | null = null;
  let settling: Promise<void> = Promise.resolve();

  book.watch((noun, _before, { id }) => {
    if (!canBeDuplicate(noun) || state.status === 'none') return;
    touched.set(`${noun}/${id}`, [noun, id]);
  });

  function look(noun: DuplicateNoun, id: string): void {
    const place = `${noun}/${id}`;
    for (const key of pairsOf.get(place) ?? []) {
      const pair = pairs.get(key);
      pairs.delete(key);
      if (pair !== undefined) for (const other of [pair.left, pair.right]) pairsOf.get(`${noun}/${other}`)?.delete(key);
    }
    const near: { other: string; reasons: ReadonlySet<DuplicateReason>; weight: number }[] = [];
    for (const [other, reasons] of index.near(noun, id)) {
      const weight = weightOf(reasons);
      if (weight < listedFrom[noun]) continue;
      if (reasons.size === 1 && noun === 'contacts' && reasons.has('name') && index.namesakes(noun, id) > namesakesAtMost) continue;
      near.push({ other, reasons, weight });
    }
    if (near.length > perRecord) near.sort((a, b) => b.weight - a.weight);
    for (const { other, reasons } of near.slice(0, perRecord)) {
      const [left, right] = id < other ? [id, other] : [other, id];
      const key = `${left} ${right}`;
      if (pairs.has(key)) continue;
      pairs.set(key, { noun, left, right, reasons });
      for (const one of [left, right]) {
        const known = pairsOf.get(`${noun}/${one}`);
        if (known === undefined) pairsOf.set(`${noun}/${one}`, new Set([key]));
        else known.add(key);
      }
    }
  }

  async function run(mine: number): Promise<void> {
    const breathe = createBreather(6);
    await index.ready();
    touched.clear();
    pairs = new Map();
    pairsOf = new Map();
    for (const noun of duplicateNouns) {
      for (const id of book.ids(noun)) {
        if (mine !== turn) return;
        look(noun, id);
        state = { ...state, done: state.done + 1 };
        await breathe();
      }
    }
    if (mine !== turn) return;
    grouped = null;
    state = { status: 'done', done: state.total, total: state.total, at: instantOf(clock) };
  }

  /** Takes in what changed in the book since, and makes the groups. */
  async function settle(): Promise<void> {
    const breathe = createBreather(6);
    if (touched.size > 0) {
      await index.ready();
      for (const [key, [noun, id]] of touched) {
        touched.delete(key);
        look(noun, id);
        grouped = null;
        await breathe();
      }
    }
    if (grouped !== null && state.status !== 'running') return;
    grouped = await groupsOf([...pairs.values()], breathe);
  }

  async function groupsOf(all: readonly Pair[], breathe: () => Promise<boolean>): Promise<DuplicateGroup[]> {
    // By weight without sorting: main is not held, and pairs of one weight stay in the order of the book.
    const byWeight: Pair[][] = Array.from({ length: heaviest + 1 }, () => []);
    for (const pair of all) byWeight[Math.min(heaviest, weightOf(pair.reasons))]?.push(pair);
    const memberOf = new Map<string, { noun: DuplicateNoun; ids: string[]; weight: number; reasons: Set<DuplicateReason> }>();
    for (let weight = heaviest; weight > 0; weight -= 1) {
      for (const { noun, left, right, reasons } of byWeight[weight] ?? []) {
        await breathe();
        const group = memberOf.get(`${noun}/${left}`) ?? { noun, ids: [left], weight, reasons: new Set() };
        const other = memberOf.get(`${noun}/${right}`) ?? { noun, ids: [right], weight, reasons: new Set() };
        if (group !== other) {
          const isTooMany = group.ids.length + other.ids.length > groupAtMost;
          if (isTooMany || group.ids.some((one) => other.ids.some((two) => index.isKnownApart(noun, one, two)))) continue;
          group.ids.push(...other.ids);
          for (const reason of other.reasons) group.reasons.add(reason);
          for (const id of group.ids) memberOf.set(`${noun}/${id}`, group);
        }
        for (const reason of reasons) group.reasons.add(reason);
      }
    }
    const groups = [...new Set(memberOf.values())].filter(({ ids }) => ids.length > 1);
    return groups
      .toSorted((a, b) => b.weight - a.weight)
      .map(({ noun, ids, reasons }) => ({
        noun,
        reasons: duplicateReasons.filter((reason) => reasons.has(reason)),
        records: ids.toSorted().map((id) => ({ id, title: '', facts: [] })),
      }));
  }

  function shown(group: DuplicateGroup): DuplicateGroup {
    return {
      ...group,
      records: group.records.flatMap(({ id }) => {
        const record = book.get(group.noun, id);
        return record === undefined ? [] : [{ id, title: titleOf(group.noun, record), facts: factsOf(record) }];
      }),
    };
  }

  function factsOf(record: object): string[] {
    const fields = record as Readonly<Record<string, unknown>>;
    const client = typeof fields['clientId'] === 'string' ? book.get('clients', fields['clientId'])?.name : undefined;
    const place = (fields['physicalAddress'] ?? fields['address']) as { line1: string | null; city: string | null } | undefined;
    const facts = [
      client,
      fields['email'] ?? fields['primaryEmail'],
      fields['phone'] ?? fields['mobilePhone'] ?? fields['workPhone'] ?? fields['primaryPhone'],
      [place?.line1, place?.city].filter((part) => typeof part === 'string').join(', '),
    ];
    return facts.filter((fact): fact is string => typeof fact === 'string' && fact !== '');
  }

  return {
    start() {
      if (state.status === 'running') return state;
      turn += 1;
      const total = duplicateNouns.reduce((sum, noun) => sum + book.counts(noun).live + book.counts(noun).deleted, 0);
      state = { status: 'running', done: 0, total, at: null };
      const mine = turn;
      // A mistake of ours ends the search; what was found stays, and the list says that it is not whole.
      run(mine).catch(() => {
        if (mine === turn) state = { ...state, status: 'stopped', at: instantOf(clock) };
      });
      return state;
    },
    cancel() {
      if (state.status === 'running') {
        turn += 1;
        grouped = null;
        state = { ...state, status: 'stopped', at: instantOf(clock) };
      }
      return state;
    },
    state: () => state,
    async groups(noun, offset, limit) {
      settling = settling.then(settle, settle);
      await settling;
      const all = (grouped ?? []).filter((group) => noun === null || group.noun === noun);
      return { groups: all.slice(offset, offset + limit).map(shown), total: all.length };
    },
  };
}
