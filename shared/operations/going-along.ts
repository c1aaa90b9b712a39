import { type NounName, nounNames, parentNounsOf } from '../nouns/nouns.ts';
import type { Layer, StoredRecord } from './record-layer.ts';
import { staysWithoutParent } from '../nouns/record-rules.ts';

/** What hangs on a record and is live: it goes when that record goes, or stays and goes on naming it. */
export interface Hanging {
  noun: NounName;
  record: StoredRecord;
  stays: boolean;
}

const childNounsOf = new Map<NounName, NounName[]>();

export function childNouns(noun: NounName): NounName[] {
  let found = childNounsOf.get(noun);
  if (found === undefined) {
    found = nounNames.filter((child) => parentNounsOf(child).includes(noun));
    childNounsOf.set(noun, found);
  }
  return found;
}

export function* hangingOn(book: Pick<Layer, 'children'>, noun: NounName, id: string): Generator<Hanging> {
  for (const child of childNouns(noun)) {
    for (const record of book.children(child, id)) {
      if (record.deletedAt === null) yield { noun: child, record, stays: staysWithoutParent(child, record) };
    }
  }
}

/** What would go with these records of one noun, and what would stay all the same, counted by noun. Nothing is counted twice. */
export function goingAlong(
  book: Pick<Layer, 'children'>,
  noun: NounName,
  ids: Iterable<string>,
): Record<'goes' | 'stays', Partial<Record<NounName, number>>> {
  const counts: Record<'goes' | 'stays', Partial<Record<NounName, number>>> = { goes: {}, stays: {} };
  const seen = new Set<string>(ids);
  const waiting = [...seen].map((id) => ({ noun, id }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { noun: of, record, stays } of hangingOn(book, next.noun, next.id)) {
      if (seen.has(record.id)) continue;
      seen.add(record.id);
      const count = counts[stays ? 'stays' : 'goes'];
      count[of] = (count[of] ?? 0) + 1;
      if (!stays) waiting.push({ noun: of, id: record.id });
    }
  }
  return counts;
}
