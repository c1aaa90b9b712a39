import { createHash } from 'node:crypto';
import { fieldsOf, type NounName, nounNames, titleOf } from '../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import {
  applyLate,
  applyOperation,
  bookkeeping,
  emptyRecordMaps,
  historyKey,
  isNounName,
  type RecordMaps,
  sharedBlank,
} from '../../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { HistoryTransaction } from '../../../shared/operations/transaction.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { newestStamp } from '../../../shared/sync/stamp.ts';
import type { BookSnapshot } from '../ports.ts';
import { createBreather } from '../transfer/breather.ts';
import type { RecordFinding } from './book-check.ts';
import { words } from '../../../shared/words/words.ts';

/** Records made again from the journal at once: as many again as the book has would be twice its memory. */
const recordsAtOnce = 100_000;

export interface JournalComparison {
  findings: RecordFinding[];
  /** Of each record that is what the journal makes of it, what that is: to hold other copies of the book against. */
  sums: ReadonlyMap<string, string>;
}

/**
 * Makes every record again from the journal alone and holds what the book has against it: whatever changed a record past
 * the journal (a checkpoint with other contents and right sums, a program that wrote into memory's files) shows here. A
 * record of whose past a part is missing is passed over; the gap is told of the journal itself.
 */
export async function compareWithJournal(
  snapshot: BookSnapshot,
  journal: { operations: () => AsyncIterable<readonly Operation[]>; ids: Pick<ReadonlyMap<string, number>, 'has'> },
  watch: { signal?: AbortSignal | undefined } = {},
): Promise<JournalComparison> {
  const findings: RecordFinding[] = [];
  const sums = new Map<string, string>();
  const breathe = createBreather(8);
  const count = nounNames.reduce((sum, noun) => sum + snapshot.records[noun].length, 0);
  const parts = Math.max(1, Math.ceil(count / recordsAtOnce));
  for (let part = 0; part < parts; part += 1) {
    const unmade = new Set<string>();
    const made = await replayed(journal.operations(), snapshot.seq, (id) => partOf(id, parts) === part, breathe, {
      signal: watch.signal,
      unmade,
    });
    for (const noun of nounNames) {
      const known = made[noun] as ReadonlyMap<string, StoredRecord>;
      const there = new Set<string>();
      for (const record of snapshot.records[noun] as Iterable<StoredRecord>) {
        if (partOf(record.id, parts) !== part) continue;
        there.add(record.id);
        const past = snapshot.history.get(historyKey(noun, record.id)) ?? [];
        const isKnown = past.length > 0 && past.every((id) => journal.ids.has(id)) && !unmade.has(historyKey(noun, record.id));
        if (!isKnown) continue;
        const told = known.get(record.id);
        const different = differenceOf(noun, record, told);
        findings.push(...different);
        if (told !== undefined && different.length === 0) sums.set(historyKey(noun, record.id), sumOf(noun, told));
        if (await breathe()) watch.signal?.throwIfAborted();
      }
      for (const [id, told] of known) if (!there.has(id) && !unmade.has(historyKey(noun, id))) findings.push(lost(noun, told));
    }
  }
  return { findings, sums };
}

/** Records of a copy of the book, brought up to the book's present with what was journaled since, that are others than the journal says. */
export async function differentIn(
  copy: RecordMaps,
  seq: number,
  later: AsyncIterable<readonly Operation[]>,
  until: number,
  sums: ReadonlyMap<string, string>,
): Promise<number> {
  const breathe = createBreather(8);
  await replayed(later, until, () => true, breathe, { records: copy, from: seq });
  let different = 0;
  let found = 0;
  for (const noun of nounNames) {
    for (const record of copy[noun].values() as Iterable<StoredRecord>) {
      const expected = sums.get(historyKey(noun, record.id));
      if (expected !== undefined) found += 1;
      if (expected !== undefined && expected !== sumOf(noun, record)) different += 1;
      await breathe();
    }
  }
  return different + (sums.size - found);
}

async function replayed(
  operations: AsyncIterable<readonly Operation[]>,
  until: number,
  isWanted: (id: string) => boolean,
  breathe: () => Promise<boolean>,
  {
    signal,
    unmade,
    records = emptyRecordMaps(),
    from = 0,
  }: {
    signal?: AbortSignal | undefined;
    /** Takes the records that were changed before anything made them: of what made them nothing is known. */
    unmade?: Set<string>;
    records?: RecordMaps;
    from?: number;
  },
): Promise<RecordMaps> {
  let seq = from;
  for await (const some of operations) {
    for (const operation of some) {
      if (operation.seq > until) continue;
      const wanted = partOfOperation(operation, isWanted);
      if (unmade !== undefined && operation.kind !== 'log')
        for (const { collection, id, before } of wanted.changes)
          if (before !== null && isNounName(collection) && !records[collection].has(id)) unmade.add(historyKey(collection, id));
      if (operation.seq <= seq) applyLate(records, wanted);
      else applyOperation(records, wanted);
      seq = Math.max(seq, operation.seq);
      if (await breathe()) signal?.throwIfAborted();
    }
  }
  return records;
}

/** The operation with the changes of wanted records alone; what a sync brought stands at the same places. */
function partOfOperation(operation: Operation, isWanted: (id: string) => boolean): Operation {
  const places = operation.changes.flatMap(({ id }, place) => (isWanted(id) ? [place] : []));
  if (places.length === operation.changes.length) return operation;
  const changes = places.flatMap((place) => operation.changes[place] ?? []);
  const { sync } = operation;
  if (sync?.rows === undefined) return { ...operation, changes };
  return { ...operation, changes, sync: { ...sync, rows: places.flatMap((place) => sync.rows?.[place] ?? []) } };
}

function partOf(id: string, parts: number): number {
  if (parts === 1) return 0;
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = (Math.imul(hash, 31) + id.charCodeAt(at)) >>> 0;
  return hash % parts;
}

/**
 * The fields that are compared. Who changed a record last and when follows from the operations and from their order; what this
 * version does not know has a finding of its own.
 */
function comparedFields(noun: NounName): string[] {
  return Object.keys(sharedBlank(noun)).filter((field) => !bookkeeping.has(field));
}

function sumOf(noun: NounName, record: StoredRecord): string {
  const blank = sharedBlank(noun);
  const values = record as unknown as Record<string, unknown>; // fields by their names
  const said = comparedFields(noun).filter((field) => !isSame(values[field] ?? null, blank[field] ?? null));
  return createHash('sha256')
    .update(JSON.stringify(said.map((field) => [field, sorted(values[field])])))
    .digest('base64');
}

/** With its keys in order, all the way down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).toSorted((left, right) => (left < right ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}

function differenceOf(noun: NounName, record: StoredRecord, told: StoredRecord | undefined): RecordFinding[] {
  const what = { collection: noun, id: record.id, title: titleOf(noun, record as never) || 'without a name' };
  if (told === undefined) {
    const text = words('check.unmade', { noun, title: what.title });
    return [{ id: `history:${noun}/${record.id}`, level: 'error', text, record: what, mend: null, repair: null }];
  }
  const [now, then] = [record, told] as unknown as Record<string, unknown>[]; // fields by their names
  const fields = comparedFields(noun).filter((field) => !isSame(now?.[field] ?? null, then?.[field] ?? null));
  if (fields.length > 0) return [otherThanTold(noun, record, told, fields, what)];
  if (newestStamp(record.stamps) <= newestStamp(told.stamps)) return [];
  const text = words('check.markUnknown', { noun, title: what.title });
  return [{ id: `stamp:${noun}/${record.id}`, level: 'error', text, record: what, mend: null, repair: null }];
}

function otherThanTold(
  noun: NounName,
  record: StoredRecord,
  told: StoredRecord,
  fields: readonly string[],
  what: NonNullable<RecordFinding['record']>,
): RecordFinding {
  const [now, then] = [record, told] as unknown as [Record<string, unknown>, Record<string, unknown>]; // fields by their names
  return {
    id: `history:${noun}/${record.id}`,
    level: 'error',
    text: words('check.otherThanTold', { noun, title: what.title, fields: fields.map((field) => labelOf(noun, field)) }),
    record: what,
    mend: words('check.setToHistory'),
    repair: (tx: HistoryTransaction) =>
      tx.step((step) => {
        const current = step.get(noun, record.id) as Record<string, unknown> | undefined;
        const left = fields.filter((field) => isSame(current?.[field], now[field]));
        if (current !== undefined && left.length > 0)
          step.assign(noun, record.id, Object.fromEntries(left.map((field) => [field, then[field] ?? null])));
        // What was done before is not held to the rules once more.
      }, 'asItWas'),
  };
}

function lost(noun: NounName, told: StoredRecord): RecordFinding {
  const title = titleOf(noun, told as never) || 'without a name';
  return {
    id: `lost:${noun}/${told.id}`,
    level: 'error',
    text: words('check.lost', { noun, title }),
    record: null,
    mend: words('check.bringBack'),
    repair: (tx: HistoryTransaction) =>
      tx.step((step) => {
        if (step.get(noun, told.id) === undefined) step.make(noun, told);
      }, 'asItWas'),
  };
}

function labelOf(noun: NounName, field: string): string {
  if (field === 'deletedAt') return 'Deleted';
  if (field === 'mergedInto') return 'Merged into';
  return fieldsOf(noun).find(({ path }) => path === field || path.startsWith(`${field}.`))?.label ?? field;
}
