import type { BookSnapshot, OpenedBook } from '../../electron/domain/ports.ts';
import { type NounName, nounNames, perNoun, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import { historyKey, type RecordLists } from '../../shared/operations/apply-operation.ts';

export type PlainRecords = { [N in NounName]: Stored<RecordOf[N]>[] };

/** Every record, read out, in the order of ids: two books can be compared by it. */
export function everyRecord(lists: RecordLists): PlainRecords {
  const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
  return perNoun((noun) => [...lists[noun]].sort(byId)) as PlainRecords;
}

/** The book that was opened, at this moment. */
export function momentOf({ deviceId: _, ...opened }: OpenedBook): BookSnapshot {
  return { ...opened, records: opened.records.lists(), history: opened.history.snapshot(), sync: opened.sync.snapshot() };
}

/** All that a book says at one moment, with the history of each record: two of them can be compared. */
export function told({ records, history, ...book }: BookSnapshot) {
  const all = everyRecord(records);
  const histories = nounNames.flatMap((noun) => all[noun].map(({ id }) => [id, history.get(historyKey(noun, id))]));
  return { ...book, records: all, histories };
}
