import type { DuplicateNoun, MergeOrder, MergePreview, PastMerge } from '../../../shared/contracts/duplicate.contract.ts';
import { type NounName, nounNames, parentNounsOf, type RecordOf, titleOf } from '../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import { withMaskedSecrets } from '../../../shared/nouns/secret.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import { linkFieldsOf, survivorOf } from '../../../shared/operations/aliases.ts';
import type { Book } from '../book.ts';
import { mergedFields } from './merged-fields.ts';
import { mergesIn, readMergeTree } from './merge-tree.ts';
import { becomeAlias, move } from './merge-moves.ts';
import { isAsRead, readPastMerge, takeOut } from '../history/take-apart.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { type HistoryTransaction, isDeleted, notFound } from '../../../shared/operations/transaction.ts';
import { words } from '../../../shared/words/words.ts';

type Fields = Record<string, unknown>;
type Source = Pick<HistoryTransaction, 'get'>;

export interface MergeService {
  /** What merging would leave behind, and what of the records differs. Nothing is changed. */
  preview(order: MergeOrder): MergePreview;
  merge(order: MergeOrder): Promise<{ id: string; operationId: string | null; moved: number }>;
  /** The merges that made the record what it is and can be taken apart, the newest first. */
  mergesOf(noun: DuplicateNoun, id: string): Promise<PastMerge[]>;
  /** Takes one of those merges out, wherever in a chain it is; the others stay. */
  takeApart(
    noun: DuplicateNoun,
    id: string,
    operationId: string,
  ): Promise<{ operationId: string | null; ids: string[]; moved: number; kept: number }>;
  /** Says that none of the records is another of them. */
  keepApart(noun: DuplicateNoun, ids: readonly string[]): Promise<{ operationId: string | null }>;
}

const notDuplicateOfAtMost = 500;

export function createMergeService(book: Book): MergeService {
  const reader: Source = { get: (noun, id) => survivorOf((one) => book.get(noun, one), id) ?? null };
  return {
    preview(order) {
      const { noun } = order;
      const records = asked(reader, order);
      const result = mergedFields(noun, records, order.choices);
      const differing = Object.keys(result).filter((field) =>
        records.some((record) => !isSame(fieldsIn(record)[field], fieldsIn(records[0])[field])),
      );
      const shown = (record: object) => withMaskedSecrets(noun, pick(record, Object.keys(result)));
      return {
        keepId: records[0]?.id ?? '',
        records: records.map((record) => ({
          id: record.id,
          title: titleOf(noun, record),
          createdAt: record.createdAt,
          updatedAt: record.updatedAt,
          fields: shown(record),
          children: childCounts(book, noun, record.id),
        })),
        result: shown(result),
        title: titleOf(noun, { ...records[0], ...result } as RecordOf[DuplicateNoun]),
        differing,
        names: namesOf(reader, noun, [...records, result]),
      };
    },
    async merge(order) {
      const { noun } = order;
      const { value, operation } = await book.run('duplicates.merge', null, (tx) => {
        const [survivor, ...others] = asked(tx, order) as [RecordOf[DuplicateNoun], ...RecordOf[DuplicateNoun][]];
        const fields = mergedFields(noun, [survivor, ...others], order.choices);
        const gone = new Set(others.map(({ id }) => id));
        const apart = new Set([survivor, ...others].flatMap(({ notDuplicateOf }) => notDuplicateOf));
        for (const id of [survivor.id, ...gone]) apart.delete(id);
        const next: Fields = { ...fields, notDuplicateOf: [...apart].slice(-notDuplicateOfAtMost) };
        tx.step((step) => {
          // Before the others go: deleting a record deletes what hangs on it.
          for (const id of gone) move(tx, step, noun, id, survivor.id);
          const now = step.get(noun, survivor.id);
          const differing = Object.keys(next).filter((field) => !isSame(fieldsIn(now)[field], next[field]));
          if (differing.length > 0) step.assign(noun, survivor.id, pick(next, differing));
          for (const id of gone) becomeAlias(step, noun, id, survivor.id);
        });
        return survivor.id;
      });
      return { id: value, operationId: operation?.id ?? null, moved: movedIn(operation, noun) };
    },
    async mergesOf(noun, askedId) {
      const rootId = reader.get(noun, askedId)?.id;
      if (rootId === undefined) throw new ProblemError(notFound(noun));
      const tree = await readMergeTree(book, noun, [rootId]);
      const title = (id: string) => titleOf(noun, book.get(noun, id) as RecordOf[DuplicateNoun]);
      return mergesIn(tree).map(({ operation: { id: operationId, at, actor }, ids }) => {
        const into = tree.members.get(ids[0] ?? '')?.mergedInto ?? rootId;
        return {
          operationId,
          at,
          actor,
          records: ids.map((id) => ({ id, title: title(id) })),
          into: into === rootId ? null : { id: into, title: title(into) },
        };
      });
    },
    async takeApart(noun, askedId, operationId) {
      for (;;) {
        const rootId = reader.get(noun, askedId)?.id;
        if (rootId === undefined) throw new ProblemError(notFound(noun));
        const merge = await readPastMerge(book, await readMergeTree(book, noun, [rootId]), operationId);
        if (merge === null) throw new ProblemError(mergeUnknown);
        const { value: kept, operation } = await book.run('duplicates.takeApart', null, (tx) => {
          const root = tx.get(noun, rootId);
          if (root !== null && root.deletedAt !== null) throw new ProblemError(isDeleted(noun, root as StoredRecord));
          let fields: number | null = null;
          tx.step((step) => {
            if (isAsRead(merge, step, tx.all)) fields = takeOut(step, merge);
          }, 'turn');
          return fields;
        });
        // Somebody came in between: the records are read again.
        if (kept !== null) return { operationId: operation?.id ?? null, ids: [...merge.ids], kept, moved: movedIn(operation, noun) };
      }
    },
    async keepApart(noun, ids) {
      const { operation } = await book.run('duplicates.keepApart', null, (tx) => {
        const records = asked(tx, { noun, ids: [...ids], keepId: null, choices: {} });
        tx.step((step) => {
          const order = records.map(({ id }) => id).toSorted();
          for (const [at, id] of order.entries()) {
            const known = step.get(noun, id)?.notDuplicateOf ?? [];
            const added = order.slice(at + 1).filter((other) => !known.includes(other));
            if (added.length > 0) step.assign(noun, id, { notDuplicateOf: [...known, ...added].slice(-notDuplicateOfAtMost) });
          }
        });
      });
      return { operationId: operation?.id ?? null };
    },
  };
}

/** The records somebody wants to merge, the one that stays first. Ids that stand for one record count once. */
function asked(from: Source, { noun, ids, keepId, choices }: MergeOrder): RecordOf[DuplicateNoun][] {
  const records = new Map<string, RecordOf[DuplicateNoun]>();
  for (const id of ids) {
    const record = from.get(noun, id);
    if (record === null) throw new ProblemError(notFound(noun));
    if (record.deletedAt !== null) throw new ProblemError(isDeleted(noun, record as StoredRecord));
    records.set(record.id, record);
  }
  if (records.size < 2) throw new ProblemError(alreadyOne(noun));
  const keep = keepId === null ? [...records.values()].toSorted(byAge)[0] : records.get(from.get(noun, keepId)?.id ?? '');
  if (keep === undefined || Object.values(choices).some((id) => !records.has(id))) throw new ProblemError(notAmongThem);
  return [keep, ...[...records.values()].filter((record) => record !== keep)];
}

function movedIn(operation: Operation | null, noun: NounName): number {
  return (operation?.changes ?? []).filter(({ collection }) => collection !== noun).length;
}

function childCounts(book: Pick<Book, 'children'>, noun: DuplicateNoun, id: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const child of nounNames) {
    if (!parentNounsOf(child).includes(noun)) continue;
    const count = book.children(child, id).filter(({ deletedAt }) => deletedAt === null).length;
    if (count > 0) counts[child] = count;
  }
  return counts;
}

/** What the records are called that fields refer to. */
function namesOf(from: Source, noun: DuplicateNoun, records: readonly object[]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const { field, of } of linkFieldsOf(noun)) {
    for (const value of records.flatMap((record) => fieldsIn(record)[field] ?? [])) {
      for (const one of of) {
        const record = typeof value === 'string' ? from.get(one, value) : null;
        if (record !== null) names[value as string] = titleOf(one, record);
      }
    }
  }
  return names;
}

function fieldsIn(record: object | undefined): Fields {
  return (record ?? {}) as Fields;
}

function pick(from: object, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.map((field) => [field, fieldsIn(from)[field]]));
}

function byAge(left: { id: string; createdAt: string }, right: { id: string; createdAt: string }): number {
  return left.createdAt === right.createdAt ? (left.id < right.id ? -1 : 1) : left.createdAt < right.createdAt ? -1 : 1;
}

function alreadyOne(noun: NounName): Problem {
  return {
    code: 'ALREADY_ONE',
    ...words('merging.oneAlready', { noun }),
  };
}

const notAmongThem: Problem = {
  code: 'INVALID_INPUT',
  ...words('merging.valueNotAmongThem'),
};

const mergeUnknown: Problem = {
  code: 'NOT_MERGED',
  ...words('merging.takenApart'),
};
