import type { BookRecord } from '../shared/dialects/book-view.ts';
import { keyPart, keyValue, type NaturalKey, type RemoteResource } from '../shared/dialects/manifest.ts';
import { encode, type EncodeContext, meansSame, type Member } from '../shared/dialects/shape.ts';
import { isWire, readPath, type Wire } from '../shared/dialects/wire.ts';
import { isDigest, type ShadowEntry } from './shadow-store.ts';

export interface Match {
  bookId: string;
  remoteId: string;
  /** What was sent to make it, where it was made by us and nobody answered. */
  intent: Wire | null;
}

/**
 * Which records of the book are there already, without anybody having said so: those we sent and never heard of again, and
 * those that are the same by a natural key. Each is one record at most, so that nothing is made twice and nothing is made
 * into one that is two.
 */
export function matchRecords(of: {
  resource: RemoteResource;
  rows: readonly (readonly [string, Wire])[];
  records: Iterable<BookRecord>;
  intents: readonly ShadowEntry[];
  context: EncodeContext;
}): Match[] {
  const { resource, context } = of;
  const free = new Map(of.rows);
  const matches: Match[] = [];
  const take = (bookId: string, remoteId: string, intent: Wire | null) => {
    matches.push({ bookId, remoteId, intent });
    free.delete(remoteId);
  };
  if (free.size === 0) return matches;

  const sent = new Set<string>();
  const likely = rowsByFirst(resource, of.rows);
  for (const { bookId, intent } of of.intents) {
    if (intent === null) continue;
    const rows = new Map(likely(intent).flatMap((id): [string, Wire][] => (free.has(id) ? [[id, free.get(id) as Wire]] : [])));
    const found =
      (resource.choosesIds === true && free.has(bookId) ? bookId : undefined) ?? bestOf(rows, (row) => sentScore(resource, intent, row));
    if (found === undefined) continue;
    take(bookId, found, intent);
    sent.add(bookId);
  }

  const ours = new Map<string, Wire>();
  for (const record of of.records) {
    if (sent.has(record.id)) continue;
    if (resource.choosesIds === true && free.has(record.id)) take(record.id, record.id, null);
    else ours.set(record.id, encode(resource.merge.answer, record, context).wire);
  }
  for (const key of resource.keys) {
    const rowsBy = grouped(free, key);
    const oursBy = grouped(ours, key);
    for (const [value, mine] of oursBy) {
      for (const bookId of mine) {
        const wire = ours.get(bookId) as Wire;
        const there = (rowsBy.get(value) ?? []).filter((id) => free.has(id) && !contradicts(key, wire, free.get(id) as Wire));
        const found = bestOf(new Map(there.map((id) => [id, free.get(id) as Wire])), (row) => likeness(resource, wire, row));
        if (found === undefined) continue;
        take(bookId, found, null);
        ours.delete(bookId);
      }
    }
  }
  return matches;
}

/** The rows whose first member that was sent says what was sent: thousands of rows are not compared with thousands of bodies. */
function rowsByFirst(resource: RemoteResource, rows: readonly (readonly [string, Wire])[]): (body: Wire) => string[] {
  const tables = new Map<string, Map<string, string[]>>();
  return (body) => {
    for (const member of resource.create?.members ?? []) {
      const shown = shownAs(resource, member);
      const value = readPath(body, member.wire);
      if (shown === undefined || value === undefined || value === null || typeof value === 'object' || member.kind === 'id') continue;
      let table = tables.get(shown.wire);
      if (table === undefined) {
        tables.set(shown.wire, (table = new Map()));
        for (const [id, row] of rows) {
          const key = loosely(idOrValue(readPath(row, shown.wire)));
          const known = table.get(key);
          if (known === undefined) table.set(key, [id]);
          else known.push(id);
        }
      }
      return table.get(loosely(value)) ?? [];
    }
    return [];
  };
}

const idOrValue = (raw: unknown) => (isWire(raw) ? (raw['id'] ?? raw['unique_id']) : raw);

function shownAs(resource: RemoteResource, member: Member): Member | undefined {
  return resource.merge.answer.members.find(
    (one) => 'book' in one && 'book' in member && one.kind === member.kind && one.book === member.book,
  );
}

function grouped(wires: ReadonlyMap<string, Wire>, key: NaturalKey): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [id, wire] of wires) {
    const value = keyValue(key, wire);
    if (value === null) continue;
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [id]);
    else group.push(id);
  }
  return groups;
}

function contradicts(key: NaturalKey, ours: Wire, theirs: Wire): boolean {
  return (key.unless ?? []).some((member) => {
    const [a, b] = [keyPart(ours, member), keyPart(theirs, member)];
    return a !== null && b !== null && a !== b;
  });
}

/** How many members say the same; every candidate counts. */
function likeness(resource: RemoteResource, ours: Wire, theirs: Wire): number {
  return (
    1 +
    resource.merge.answer.members.filter((member) => {
      const [a, b] = [readPath(ours, member.wire), readPath(theirs, member.wire)];
      return a !== undefined && b !== undefined && a !== null && meansSame(resource.merge.answer, member, a, b, theirs);
    }).length
  );
}

/**
 * How surely a row is what a body made: everything it named stands there, but for spelling; or the key does, where a server
 * keeps less than it is told. Zero where it is another.
 */
function sentScore(resource: RemoteResource, body: Wire, row: Wire): number {
  const { answer } = resource.merge;
  let same = 0;
  let said = 0;
  for (const member of resource.create?.members ?? []) {
    const shown = shownAs(resource, member);
    const [a, b] = [readPath(body, member.wire), shown === undefined ? undefined : readPath(row, shown.wire)];
    if (shown === undefined || a === undefined || a === null || b === undefined || isDigest(a)) continue;
    said += 1;
    if (loosely(a) === loosely(idOrValue(b)) || meansSame(answer, shown, a, b, row)) same += 1;
  }
  if (said > 0 && same === said) return 1000 + same;
  const isKey = resource.keys.some((key) => key.isUnique && keyValue(key, body) !== null && keyValue(key, body) === keyValue(key, row));
  return isKey ? 1 + same : 0;
}

const loosely = (value: unknown) => (typeof value === 'string' ? value.trim().toLowerCase() : (JSON.stringify(value) ?? ''));

function bestOf(rows: ReadonlyMap<string, Wire>, score: (row: Wire) => number): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [id, row] of rows) {
    const points = score(row);
    if (points > most) [best, most] = [id, points];
  }
  return best;
}
