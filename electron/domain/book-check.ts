import type { Finding } from '../../shared/contracts/safety.contract.ts';
import { type FieldInfo, idsIn, valueAt } from '../../shared/entities/field.ts';
import { fieldsOf, type NounName, nounNames, nouns, parentsOf, referenceFields, titleOf } from '../../shared/entities/nouns.ts';
import { isSealed } from '../../shared/entities/secret.ts';
import { isParts } from '../../shared/lib/equal.ts';
import { sharedBlank } from '../../shared/rules/apply-operation.ts';
import type { BookSnapshot } from './ports.ts';
import type { StoredRecord } from '../../shared/rules/record-layer.ts';
import { type RecordRules, recordRules, uniqueKey } from '../../shared/rules/record-rules.ts';
import type { HistoryTransaction } from '../../shared/rules/transaction.ts';
import { checkNumbers } from './invoice-check.ts';
import { createBreather } from './transfer/breather.ts';

/** A finding about records, and how it is put right: a normal command, in the history like any other. */
export interface RecordFinding extends Finding {
  /** Looks again before it changes anything: the book may have moved on since the check. */
  repair: ((tx: HistoryTransaction) => void) | null;
}

type Fields = Record<string, unknown>;
type AnyRules = RecordRules<StoredRecord>;

const stampForm = /^[0-9a-f]{16}-.+$/;

/**
 * Holds every record to what the rules of its noun promise: references, primaries, values no two may share, the schema,
 * stamps, history. Commands keep all of it, so what is found came from damage, from a merge of two books or from a
 * mistake of ours. Runs in slices over records as they were at one moment.
 */
export async function checkRecords(
  snapshot: BookSnapshot,
  today: string,
  watch: { signal?: AbortSignal | undefined; onProgress?: (done: number) => void } = {},
): Promise<RecordFinding[]> {
  const findings: RecordFinding[] = [];
  const breathe = createBreather(8);
  const byId = Object.fromEntries(
    nounNames.map((noun) => [noun, new Map(snapshot.records[noun].map((record) => [record.id, record as StoredRecord]))]),
  ) as Record<NounName, Map<string, StoredRecord>>;
  let done = 0;
  for (const noun of nounNames) {
    const families = new Map<string, (StoredRecord & { isPrimary: boolean })[]>();
    const holders = new Map<string, StoredRecord>();
    const rules = recordRules[noun] as unknown as AnyRules;
    const links = linksOf(noun);
    for (const record of snapshot.records[noun] as readonly StoredRecord[]) {
      const add = finder(findings, noun, record);
      checkStamps(record, snapshot, add);
      if (snapshot.history.get(`${noun}/${record.id}`) === undefined) {
        add('warning', 'no-history', 'has no history: nothing tells who made it.', null);
      }
      checkMerge(noun, record, byId, add);
      if (record.deletedAt === null) {
        const isInForm = checkValues(noun, record, add);
        checkListedLinks(noun, record, byId, add);
        checkLinks(noun, record, [...links, ...hangingOf(noun, record)], byId, add);
        // A rule reads values in their form; what is not has its own finding.
        const problem = isInForm ? (rules.check?.(record as never, () => true, today) ?? null) : null;
        if (problem !== null) add('warning', 'rule', `breaks a rule: ${problem.message}`, null);
        const key = uniqueKey(noun, record as never);
        const holder = key === null ? undefined : holders.get(key);
        if (holder !== undefined)
          add(
            'warning',
            'twice',
            `has the same e-mail, code or number as "${titleOf(noun, holder as never)}". Open both, and change or merge them.`,
            null,
          );
        else if (key !== null) holders.set(key, record);
        const parentId = rules.primary === undefined ? null : (record as Fields)[rules.primary.parent];
        if (typeof parentId === 'string')
          families.set(parentId, [...(families.get(parentId) ?? []), record as StoredRecord & { isPrimary: boolean }]);
      }
      done += 1;
      if (await breathe()) {
        watch.signal?.throwIfAborted();
        watch.onProgress?.(done);
      }
    }
    for (const family of families.values()) checkPrimary(noun, family, rules, findings);
  }
  findings.push(...checkNumbers(snapshot.records.invoices));
  return findings;
}

type Add = (level: Finding['level'], kind: string, says: string, mend: string | null, repair?: RecordFinding['repair']) => void;

function finder(findings: RecordFinding[], noun: NounName, record: StoredRecord): Add {
  return (level, kind, says, mend, repair = null) => {
    const title = titleOf(noun, record as never) || `without a name`;
    const text = `The ${nouns[noun].singular} "${title}" ${says}`;
    findings.push({ id: `${kind}:${noun}/${record.id}`, level, text, record: { collection: noun, id: record.id, title }, mend, repair });
  };
}

/** What was merged into another record is deleted and stands for one that is there. */
function checkMerge(noun: NounName, record: StoredRecord, byId: Record<NounName, Map<string, StoredRecord>>, add: Add): void {
  const into = record.mergedInto;
  if (into === null) return;
  const isGone = !byId[noun].has(into);
  if (!isGone && record.deletedAt !== null) return;
  add(
    'error',
    'merged',
    isGone
      ? `was merged into a ${nouns[noun].singular} that is not in the book.`
      : `was merged into another ${nouns[noun].singular} and is still there.`,
    isGone ? 'Keep it among the deleted ones, where it can be restored.' : 'Keep both.',
    (tx) =>
      tx.step((step) => {
        if (step.get(noun, record.id)?.mergedInto === into) step.assign(noun, record.id, { mergedInto: null });
      }),
  );
}

function checkStamps(record: StoredRecord, { newestStamp }: BookSnapshot, add: Add): void {
  const stamps = Object.values(record.stamps);
  if (record.stamps['*'] === undefined || !stamps.every((stamp) => stampForm.test(stamp))) {
    add('error', 'stamp', 'has lost the marks that tell which change of it is the newest. Restore a backup that has it whole.', null);
  } else if (stamps.some((stamp) => newestStamp === null || stamp > newestStamp)) {
    add('error', 'stamp', 'carries a change that the book knows nothing of. Restore a backup, or ask where it came from.', null);
  }
}

function checkValues(noun: NounName, record: StoredRecord, add: Add): boolean {
  const parsed = nouns[noun].schema.safeParse(record);
  if (parsed.success) return true;
  const fields = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  for (const field of fields) {
    const label = fieldsOf(noun).find(({ path }) => path === field || path.startsWith(`${field}.`))?.label ?? field;
    const shape = nouns[noun].fieldsSchema.shape as Record<string, { safeParse(value: unknown): { success: boolean } }>;
    if (holdsSealed((record as Fields)[field])) {
      // Clearing it would lose what the key, once it is found, still opens (invariant 2).
      add(
        'warning',
        `sealed.${field}`,
        `has a value in "${label}" that cannot be shown, because its key is not on this computer. It is kept as it is.`,
        null,
      );
      continue;
    }
    const blank = sharedBlank(noun)[field];
    const canClear = shape[field]?.safeParse(blank).success === true;
    add(
      'error',
      `value.${field}`,
      `has a value in "${label}" that is not in its form.`,
      canClear ? `Clear the field. The value stays in the history.` : null,
      canClear
        ? (tx) => {
            const current = tx.get(noun, record.id) as Fields | null;
            if (current === null || current['deletedAt'] !== null || shape[field]?.safeParse(current[field]).success === true) return;
            tx.step((step) => step.assign(noun, record.id, { [field]: blank }));
          }
        : null,
    );
  }
  return false;
}

function holdsSealed(value: unknown): boolean {
  return (typeof value === 'string' && isSealed(value)) || (isParts(value) && Object.values(value).some(holdsSealed));
}

interface Link {
  field: string;
  of: NounName;
  label: string;
  isOptional: boolean;
  /** Deleting what it names deletes this record too. */
  isParent: boolean;
}

const isOptional = (noun: NounName, field: string) => sharedBlank(noun)[field] === null;

/** The fields that name what the record hangs on. */
function hangingOf(noun: NounName, record: StoredRecord): Link[] {
  return parentsOf(noun, record).map(({ field, of }) => ({
    field,
    // A noun of a later version holds nothing here, so whatever it names is not found.
    of: of ?? 'clients',
    label: fieldsOf(noun).find(({ path }) => path === field)?.label ?? field,
    isOptional: isOptional(noun, field),
    isParent: true,
  }));
}

/** Every other field that names a record. */
function linksOf(noun: NounName): Link[] {
  return fieldsOf(noun).flatMap((info: FieldInfo): Link[] => {
    if (info.kind !== 'reference' || info.computed === true || Object.hasOwn(nouns[noun].parents, info.path)) return [];
    const of = (info as { of?: string }).of;
    if (of === undefined || !nounNames.includes(of as NounName)) return [];
    return [{ field: info.path, of: of as NounName, label: info.label, isOptional: isOptional(noun, info.path), isParent: false }];
  });
}

function checkLinks(
  noun: NounName,
  record: StoredRecord,
  links: readonly Link[],
  byId: Record<NounName, Map<string, StoredRecord>>,
  add: Add,
): void {
  for (const link of links) {
    const id = (record as Fields)[link.field];
    if (typeof id !== 'string' || id === '') continue;
    const target = byId[link.of].get(id);
    if (target !== undefined && (target.deletedAt === null || !link.isParent)) continue;
    const what = nouns[link.of].singular;
    const isGone = target === undefined;
    const says = isGone ? `names a ${what} that is not in the book.` : `is still there, though the ${what} it belongs to is deleted.`;
    const { mend, repair } = linkRepair(noun, record.id, link, id, isGone);
    add('error', `link.${link.field}`, says, mend, repair);
  }
}

/** Lists of references: who is not in the book is taken out, the others stay. Who was deleted is still named. */
function checkListedLinks(noun: NounName, record: StoredRecord, byId: Record<NounName, Map<string, StoredRecord>>, add: Add): void {
  for (const { path, of, kind, label } of referenceFields(noun)) {
    if (kind !== 'references') continue;
    const isGone = (id: string) => !byId[of].has(id);
    if (!idsIn(valueAt(record, path)).some(isGone)) continue;
    add(
      'error',
      `link.${path}`,
      `names someone or something in "${label}" that is not in the book.`,
      'Take that out of the list.',
      (tx) => {
        const current = tx.get(noun, record.id);
        if (current === null || current.deletedAt !== null) return;
        const ids = idsIn(valueAt(current, path));
        const left = ids.filter((id) => tx.get(of, id) !== null);
        if (left.length < ids.length) tx.step((step) => step.assign(noun, record.id, { [path]: left }));
      },
    );
  }
}

function linkRepair(
  noun: NounName,
  recordId: string,
  link: Link,
  id: string,
  isGone: boolean,
): { mend: string; repair: (tx: HistoryTransaction) => void } {
  const { field, of, isOptional } = link;
  const what = nouns[of].singular;
  const stillWrong = (tx: HistoryTransaction) => {
    const current = tx.get(noun, recordId) as Fields | null;
    if (current === null || current['deletedAt'] !== null || current[field] !== id) return false;
    const target = tx.get(of, id);
    return target === null || (link.isParent && target.deletedAt !== null);
  };
  if (isOptional) {
    return {
      mend: `Keep it without a ${what}.`,
      repair: (tx) => stillWrong(tx) && tx.step((step) => step.assign(noun, recordId, { [field]: null })),
    };
  }
  if (isGone && of === 'clients' && noun !== 'activities') {
    // Its own record is kept and can be found: nothing is dropped because what it hung on is lost (invariant 2).
    return {
      mend: 'Make a client named "Found by the check" for it.',
      repair: (tx) => {
        if (!stillWrong(tx)) return;
        const client = tx.create('clients', { name: 'Found by the check' });
        tx.step((step) => step.assign(noun, recordId, { [field]: client.id }));
      },
    };
  }
  return {
    mend: 'Delete it as well. It can be restored.',
    repair: (tx) => stillWrong(tx) && tx.step((step) => step.remove(noun, recordId)),
  };
}

function checkPrimary(
  noun: NounName,
  family: readonly (StoredRecord & { isPrimary: boolean })[],
  rules: AnyRules,
  findings: RecordFinding[],
): void {
  const primaries = family.filter(({ isPrimary }) => isPrimary).toSorted(byAge);
  const [oldest] = family.toSorted(byAge);
  const [first, ...others] = primaries;
  const ids = family.map(({ id }) => id);
  const living = (tx: HistoryTransaction) =>
    ids
      .flatMap((id) => (tx.get(noun, id) as (StoredRecord & { isPrimary: boolean }) | null) ?? [])
      .filter(({ deletedAt }) => deletedAt === null);
  for (const other of others) {
    finder(findings, noun, other)(
      'error',
      'primaries',
      `is a second primary ${nouns[noun].singular} of its client.`,
      `Leave "${titleOf(noun, first as never)}" the primary one.`,
      (tx) => {
        const now = living(tx).filter(({ isPrimary }) => isPrimary);
        if (now.length > 1 && now.some(({ id }) => id === other.id)) tx.step((step) => step.assign(noun, other.id, { isPrimary: false }));
      },
    );
  }
  if (first === undefined && oldest !== undefined && rules.primary?.kind === 'exactlyOne') {
    finder(findings, noun, oldest)(
      'error',
      'no-primary',
      `and those beside it have no primary one among them.`,
      'Make it the primary one, because it is the oldest.',
      (tx) => {
        const now = living(tx);
        if (now.some(({ id }) => id === oldest.id) && !now.some(({ isPrimary }) => isPrimary))
          tx.step((step) => step.assign(noun, oldest.id, { isPrimary: true }));
      },
    );
  }
}

function byAge(left: StoredRecord, right: StoredRecord): number {
  return left.createdAt === right.createdAt ? (left.id < right.id ? -1 : 1) : left.createdAt < right.createdAt ? -1 : 1;
}
