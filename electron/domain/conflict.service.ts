import { fieldsOf, type NounName } from '../../shared/nouns/nouns.ts';
import { withMaskedSecrets } from '../../shared/nouns/secret.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { HistoryTransaction } from '../../shared/operations/transaction.ts';
import { withChanges } from '../../shared/sync/field-state.ts';
import { joinLines } from '../../shared/sync/join-lines.ts';
import type { Answered, KeptConflict } from '../../shared/sync/sync-part.ts';
import type { ConflictView, RefusedView, SettleChoice } from '../../shared/sync/sync-view.ts';
import type { Book } from './book.ts';
import { nameOf } from './lists/record-views.ts';
import { keyOf } from './open-matters.ts';
import { words } from '../../shared/words/words.ts';

export interface ConflictService {
  conflicts(): ConflictView[];
  refused(): RefusedView[];
  settle(choices: readonly SettleChoice[]): Promise<{ operationId: string | null }>;
  dismiss(ids: readonly string[]): Promise<{ operationId: string | null }>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a sync left for a person to look at. An answer is a command like any other: journaled, on the undo stack, sent with
 * the next sync. What was answered stands in the same line of the journal, so undo opens it again.
 */
export function createConflictService(book: Book): ConflictService {
  const { sync } = book;
  const recordNow = (noun: NounName, id: string) => survivorOf((one) => book.get(noun, one), id);
  const titleNow = (collection: string, id: string): string | null => {
    const record = isNounName(collection) ? recordNow(collection, id) : undefined;
    return record === undefined || !isNounName(collection) ? null : nameOf(collection, record);
  };

  function viewOf(conflict: KeptConflict): ConflictView {
    const { collection, recordId, field } = conflict;
    const record = isNounName(collection) ? recordNow(collection, recordId) : undefined;
    const shown = (value: unknown) =>
      isNounName(collection) ? (withMaskedSecrets(collection, { [field]: value }) as Fields)[field] : value;
    return {
      ...conflict,
      title: titleNow(collection, recordId),
      label: labelOf(collection, field),
      base: conflict.base === null ? null : { value: shown(conflict.base.value) },
      mine: { ...conflict.mine, value: shown(conflict.mine.value) },
      theirs: { ...conflict.theirs, value: shown(conflict.theirs.value) },
      now: shown((record as Fields | undefined)?.[field] ?? null),
    };
  }

  async function answer(command: string, answered: (tx: HistoryTransaction) => Answered): Promise<{ operationId: string | null }> {
    const { operation } = await book.runFor({ command, sync: (done: Answered) => ({ remote: '', answered: done }) }, (tx) => {
      const done = answered(tx);
      // A second click, or another window, was faster.
      if (Object.values(done).every((list) => list.length === 0)) throw new ProblemError(answeredAlready);
      return done;
    });
    return { operationId: operation?.id ?? null };
  }

  return {
    conflicts: () => [...sync.conflicts.values()].map(viewOf),
    refused: () => [
      ...[...sync.refused.values()].map((one): RefusedView => {
        const { collection, id, code, field, message, at } = one;
        const isHistory = !isNounName(collection);
        const kind = isHistory ? 'history' : 'refused';
        return { id: keyOf(collection, id), kind, collection, recordId: id, title: titleNow(collection, id), code, field, message, at };
      }),
      ...[...sync.setAside.values()].map(({ id, collection, recordId, code, message, mine, at }): RefusedView => {
        const title = titleNow(collection, recordId) ?? titleOfCopy(mine.fields);
        return { id, kind: 'setAside', collection, recordId, title, code, field: null, message, at };
      }),
    ],
    settle: (choices) =>
      answer('conflicts.settle', (tx) => {
        const conflicts: KeptConflict[] = [];
        for (const { id, take } of choices) {
          const conflict = sync.conflicts.get(id);
          if (conflict === undefined || conflicts.includes(conflict)) continue;
          settleOne(tx, conflict, take);
          conflicts.push(conflict);
        }
        return { conflicts };
      }),
    dismiss: (ids) =>
      answer('conflicts.dismiss', () => ({
        refused: [...new Set(ids)].flatMap((id) => sync.refused.get(id) ?? []),
        setAside: [...new Set(ids)].flatMap((id) => sync.setAside.get(id) ?? []),
      })),
  };
}

function settleOne(tx: HistoryTransaction, conflict: KeptConflict, take: SettleChoice['take']): void {
  const { collection: noun, recordId, field } = conflict;
  if (take === 'asItIs' || !isNounName(noun)) return;
  const record = tx.get(noun, recordId);
  // It left this laptop meanwhile: there is nothing to change any more.
  if (record === null) return;
  if (field === 'deletedAt') {
    if (take === 'both') throw new ProblemError(noBoth);
    const isGone = conflict[take].value !== null;
    if (isGone && record.deletedAt === null) tx.remove(noun, record.id);
    else if (!isGone && record.deletedAt !== null) tx.restore(noun, record.id);
    return;
  }
  const value = valueOf(conflict, take, (record as unknown as Fields)[field]); // its noun is known only here, as a value
  if (isSame(value, (record as unknown as Fields)[field])) return; // a field by its name
  tx.step((step) => step.assign(noun, record.id, { [field]: value }));
}

function valueOf({ field, base, mine, theirs }: KeptConflict, take: 'mine' | 'theirs' | 'both', now: unknown): unknown {
  if (take === 'both') {
    const old = typeof base?.value === 'string' ? base.value : '';
    const isMineFirst = mine.at <= theirs.at;
    const [first, second] = isMineFirst ? [mine.value, theirs.value] : [theirs.value, mine.value];
    const joined = typeof first === 'string' && typeof second === 'string' ? joinLines(old, first, second) : null;
    if (joined === null) throw new ProblemError(noBoth);
    return joined.text;
  }
  // Entry by entry: what only the other side changed stays.
  return withChanges(field, base?.value, (take === 'mine' ? mine : theirs).value, now);
}

function labelOf(collection: string, field: string): string {
  if (field === 'deletedAt') return 'Deleted';
  if (field === 'custom') return 'Own fields';
  const fields = isNounName(collection) ? fieldsOf(collection) : [];
  return fields.find(({ path }) => path === field)?.label ?? fields.find(({ path }) => path.startsWith(`${field}.`))?.group ?? field;
}

const titleOfCopy = (fields: Fields): string | null => {
  const named = ['name', 'title', 'lastName', 'subject']
    .map((field) => fields[field])
    .find((value) => typeof value === 'string' && value !== '');
  return typeof named === 'string' ? named : null;
};

const answeredAlready: Problem = {
  code: 'NOT_FOUND',
  ...words('sync.answeredAlready'),
};
const noBoth: Problem = {
  code: 'INVALID_INPUT',
  ...words('sync.onlyTextsKeepBoth'),
};
