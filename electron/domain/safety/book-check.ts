import type { Finding } from '../../../shared/contracts/safety.contract.ts';
import { type FieldInfo, idsIn, valueAt } from '../../../shared/nouns/field.ts';
import {
  fieldsOf,
  type NounName,
  nounNames,
  nouns,
  parentsOf,
  type RecordOf,
  referenceFields,
  type Stored,
  titleOf,
} from '../../../shared/nouns/nouns.ts';
import { isSealed } from '../../../shared/nouns/secret.ts';
import { type OwnField, ownKey, ownValueOf } from '../../../shared/nouns/own-field/own-field.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import { numberKey } from '../../../shared/nouns/invoice/invoice.rules.ts';
import { ownFieldKey } from '../../../shared/nouns/own-field/own-field.rules.ts';
import { bookkeeping, sharedBlank } from '../../../shared/operations/apply-operation.ts';
import type { BookSnapshot } from '../ports.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { type RecordRules, recordRules, staysWithoutParent, uniqueKey } from '../../../shared/nouns/record-rules.ts';
import type { HistoryTransaction } from '../../../shared/operations/transaction.ts';
import { checkDrafts, checkIssued, checkNumbers, freeNumber } from '../invoices/invoice-check.ts';
import { moveOne } from '../merge/merge-moves.ts';
import { createBreather } from '../transfer/breather.ts';
import { parseStamp } from '../../../shared/sync/stamp.ts';
import { words, type Words } from '../../../shared/words/words.ts';

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
  const byId = Object.fromEntries(nounNames.map((noun) => [noun, new Map()])) as Record<NounName, Map<string, StoredRecord>>;
  for (const noun of nounNames)
    for (const record of snapshot.records[noun] as Iterable<StoredRecord>) {
      byId[noun].set(record.id, record);
      await breathe();
    }
  let done = 0;
  const own = ownFieldsByKey([...snapshot.records.ownFields]);
  const unknown: UnknownFields = new Map();
  for (const noun of nounNames) {
    const families = new Map<string, (StoredRecord & { isPrimary: boolean })[]>();
    const holders = new Map<string, StoredRecord>();
    const rules = recordRules[noun] as unknown as AnyRules;
    const links = linksOf(noun);
    for (const record of snapshot.records[noun] as Iterable<StoredRecord>) {
      const add = finder(findings, noun, record);
      checkStamps(record, snapshot, add);
      countUnknown(noun, record, unknown);
      if (snapshot.history.get(`${noun}/${record.id}`) === undefined) {
        add('warning', 'no-history', words('check.noHistory'), null);
      }
      checkMerge(noun, record, byId, add);
      if (record.deletedAt === null) {
        const isInForm = checkValues(noun, record, add);
        checkListedLinks(noun, record, byId, add);
        checkLinks(noun, record, [...links, ...hangingOf(noun, record)], byId, add);
        checkPlace(noun, record, byId, add);
        if (isInForm) checkOwnValues(noun, record, own, add);
        // A rule reads values in their form; what is not has its own finding.
        if (isInForm) checkRule(noun, record, rules, today, add);
        const parentId = rules.primary === undefined ? null : (record as Fields)[rules.primary.parent];
        // What hangs on nobody is found a client, and has its primary one there.
        if (typeof parentId === 'string' && byId.clients.get(parentId)?.deletedAt === null) {
          const family = families.get(parentId) ?? [];
          families.set(parentId, family);
          family.push(record as StoredRecord & { isPrimary: boolean });
        }
      }
      const key = record.deletedAt === null || rules.unique?.alsoDeleted === true ? uniqueKey(noun, record as never) : null;
      const holder = key === null ? undefined : holders.get(key);
      if (holder !== undefined) checkTwice(noun, record, holder, add);
      else if (key !== null) holders.set(key, record);
      done += 1;
      if (await breathe()) {
        watch.signal?.throwIfAborted();
        watch.onProgress?.(done);
      }
    }
    for (const family of families.values()) checkPrimary(noun, family, rules, findings);
  }
  const invoices = [...snapshot.records.invoices];
  findings.push(...checkNumbers(invoices), ...checkIssued(invoices), ...checkDrafts(invoices));
  findings.push(...[...unknown.values()].map(unknownField), ...checkClock(snapshot, today));
  return findings;
}

type Add = (level: Finding['level'], kind: string, says: Words, mend: Words | null, repair?: RecordFinding['repair']) => void;

function finder(findings: RecordFinding[], noun: NounName, record: StoredRecord): Add {
  return (level, kind, says, mend, repair = null) => {
    const title = titleOf(noun, record as never) || `without a name`;
    const text = words('check.ofRecord', { noun, title, says });
    findings.push({ id: `${kind}:${noun}/${record.id}`, level, text, record: { collection: noun, id: record.id, title }, mend, repair });
  };
}

/** What was merged into another record is deleted and stands for one that is there, and not for itself. */
function checkMerge(noun: NounName, record: StoredRecord, byId: Record<NounName, Map<string, StoredRecord>>, add: Add): void {
  const into = record.mergedInto;
  if (into === null) return;
  const isGone = !byId[noun].has(into);
  const isCircle = isInCircle(record, byId[noun]);
  if (!isGone && !isCircle && record.deletedAt !== null) return;
  const says = isGone
    ? words('check.mergedIntoGone', { noun })
    : isCircle
      ? words('check.mergedInCircle', { noun })
      : words('check.mergedAndThere', { noun });
  const mend = isGone || isCircle ? words('check.keepDeleted') : words('check.keepBoth');
  add('error', 'merged', says, mend, (tx) =>
    tx.step((step) => {
      // One of a circle is enough: the others stand for it from then on.
      const now = step.get(noun, record.id);
      const isStillWrong = now?.mergedInto === into && (!isCircle || survivorOf((id) => step.get(noun, id), record.id)?.id === record.id);
      if (isStillWrong) step.assign(noun, record.id, { mergedInto: null });
    }),
  );
}

function isInCircle(record: StoredRecord, all: ReadonlyMap<string, StoredRecord>): boolean {
  const seen = new Set<string>();
  for (let at: string | null = record.mergedInto; at !== null && !seen.has(at); at = all.get(at)?.mergedInto ?? null) {
    if (at === record.id) return true;
    seen.add(at);
  }
  return false;
}

function checkStamps(record: StoredRecord, { newestStamp }: BookSnapshot, add: Add): void {
  const stamps = Object.values(record.stamps);
  if (record.stamps['*'] === undefined || !stamps.every((stamp) => stampForm.test(stamp))) {
    add('error', 'stamp', words('check.marksLost'), null);
  } else if (stamps.some((stamp) => newestStamp === null || stamp > newestStamp)) {
    add('error', 'stamp', words('check.unknownChange'), null);
  }
}

type UnknownFields = Map<string, { noun: NounName; field: string; first: StoredRecord; count: number }>;

/** Fields that this version knows nothing of: a newer one may have written them, so they are kept, and said once for all records. */
function countUnknown(noun: NounName, record: StoredRecord, unknown: UnknownFields): void {
  const { shape } = nouns[noun].schema;
  for (const field of Object.keys(record)) {
    if (Object.hasOwn(shape, field) || bookkeeping.has(field)) continue;
    const known = unknown.get(`${noun}.${field}`);
    if (known === undefined) unknown.set(`${noun}.${field}`, { noun, field, first: record, count: 1 });
    else known.count += 1;
  }
}

function unknownField({ noun, field, first, count }: { noun: NounName; field: string; first: StoredRecord; count: number }): RecordFinding {
  const title = titleOf(noun, first as never) || 'without a name';
  return {
    id: `unknown:${noun}.${field.slice(0, 100)}`,
    level: 'warning',
    text: words('check.unknownField', { noun, title, others: count - 1, field: field.slice(0, 60) }),
    record: { collection: noun, id: first.id, title },
    mend: null,
    repair: null,
  };
}

/** A day either side of this one is somewhere on earth; what is dated later comes from a clock that was wrong. */
const aheadMs = 2 * 86_400_000;

function checkClock({ newestStamp }: BookSnapshot, today: string): RecordFinding[] {
  if (newestStamp === null || !stampForm.test(newestStamp)) return [];
  const { ms } = parseStamp(newestStamp);
  if (ms <= Date.parse(`${today}T00:00:00Z`) + aheadMs) return [];
  const day = ms < 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : null;
  return [
    {
      id: 'clock:ahead',
      level: 'warning',
      text: words('check.datedAhead', { day }),
      record: null,
      mend: null,
      repair: null,
    },
  ];
}

function checkValues(noun: NounName, record: StoredRecord, add: Add): boolean {
  const parsed = nouns[noun].schema.safeParse(record);
  if (parsed.success) return true;
  const fields = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  for (const field of fields) {
    const label = labelOf(noun, field);
    const shape = nouns[noun].fieldsSchema.shape as Record<string, { safeParse(value: unknown): { success: boolean } }>;
    if (holdsSealed((record as Fields)[field])) {
      // Clearing it would lose what the key, once it is found, still opens (invariant 2).
      add('warning', `sealed.${field}`, words('check.sealedValue', { label }), null);
      continue;
    }
    const blank = sharedBlank(noun)[field];
    // What a record hangs on is found, or given another place, by its own finding.
    const canClear = !placeFields(noun).has(field) && shape[field]?.safeParse(blank).success === true;
    add(
      'error',
      `value.${field}`,
      words('check.valueForm', { label }),
      canClear ? words('check.clearField') : null,
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

/** The fields that say what a record hangs on. */
function placeFields(noun: NounName): Set<string> {
  return new Set(
    Object.entries(nouns[noun].parents as Record<string, string | { namedBy: string }>).flatMap(([field, of]) =>
      typeof of === 'string' ? [field] : [field, of.namedBy],
    ),
  );
}

/** Whether a value, or a part of it, is sealed by a key that may be found again. */
export function holdsSealed(value: unknown): boolean {
  return (typeof value === 'string' && isSealed(value)) || (isParts(value) && Object.values(value).some(holdsSealed));
}

interface Link {
  field: string;
  /** Null where the record says a noun that the book does not have. */
  of: NounName | null;
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
    of,
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
    const target = link.of === null ? undefined : byId[link.of].get(id);
    // An issued invoice outlives its client and its location.
    if (target !== undefined && (target.deletedAt === null || !link.isParent || staysWithoutParent(noun, record))) continue;
    const isGone = target === undefined;
    const says = isGone ? words('check.namesGone', { noun: link.of }) : words('check.parentDeleted', { noun: link.of });
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
    add('error', `link.${path}`, words('check.listNamesGone', { label }), words('check.takeOutOfList'), (tx) => {
      const current = tx.get(noun, record.id);
      if (current === null || current.deletedAt !== null) return;
      const ids = idsIn(valueAt(current, path));
      const left = ids.filter((id) => tx.get(of, id) !== null);
      if (left.length < ids.length) tx.step((step) => step.assign(noun, record.id, { [path]: left }));
    });
  }
}

function linkRepair(
  noun: NounName,
  recordId: string,
  link: Link,
  id: string,
  isGone: boolean,
): { mend: Words; repair: (tx: HistoryTransaction) => void } {
  const { field, of, isOptional } = link;
  const stillWrong = (tx: HistoryTransaction) => {
    const current = tx.get(noun, recordId) as Fields | null;
    if (current === null || current['deletedAt'] !== null || current[field] !== id) return false;
    const target = of === null ? null : tx.get(of, id);
    return target === null || (link.isParent && target.deletedAt !== null);
  };
  if (isOptional) {
    return {
      mend: words('check.keepWithout', { noun: of }),
      repair: (tx) => stillWrong(tx) && tx.step((step) => step.assign(noun, recordId, { [field]: null })),
    };
  }
  const place = isGone ? placeOnClient(noun, field) : null;
  if (place !== null) {
    // Its own record is kept and can be found: nothing is dropped because what it hung on is lost (invariant 2).
    return {
      mend: words('check.putOnClient', { name: foundName }),
      repair: (tx) => {
        if (!stillWrong(tx)) return;
        const client = foundClient(tx);
        tx.step((step) => step.assign(noun, recordId, place(client)));
      },
    };
  }
  return {
    mend: words('check.deleteAsWell'),
    repair: (tx) => stillWrong(tx) && tx.step((step) => step.remove(noun, recordId)),
  };
}

const foundName = 'Found by the check';

/** The client that what has lost its place is put on: one for all of it. */
function foundClient(tx: HistoryTransaction): string {
  for (const record of tx.all('clients')) if ('name' in record && record.name === foundName && record.deletedAt === null) return record.id;
  return tx.create('clients', { name: foundName }).id;
}

/** How the field makes a record hang on a client; null where it names something else. */
function placeOnClient(noun: NounName, field: string): ((clientId: string) => Fields) | null {
  const of = (nouns[noun].parents as Readonly<Record<string, string | { namedBy: string }>>)[field];
  if (of === 'clients') return (clientId) => ({ [field]: clientId });
  return typeof of === 'object' ? (clientId) => ({ [of.namedBy]: 'clients', [field]: clientId }) : null;
}

/** A record whose id follows from what it hangs on stands under that id: nobody finds it under another. */
function checkPlace(noun: NounName, record: StoredRecord, byId: Record<NounName, Map<string, StoredRecord>>, add: Add): void {
  const { id: idOf } = recordRules[noun] as unknown as AnyRules; // each noun's rules take its own record
  const place = idOf?.(record);
  if (place === undefined || place === record.id) return;
  const isTaken = byId[noun].get(place)?.deletedAt === null;
  add(
    'error',
    'place',
    isTaken ? words('check.secondAtPlace') : words('check.otherPlace'),
    isTaken ? words('check.keepCounting') : words('check.putIntoPlace'),
    (tx) =>
      tx.step((step) => {
        const current = step.get(noun, record.id);
        if (current !== undefined && current.deletedAt === null && idOf?.(current as StoredRecord) !== record.id)
          moveOne(tx, step, noun, record.id, {});
      }),
  );
}

type OwnFields = ReadonlyMap<string, OwnField>;

function ownFieldsByKey(fields: readonly Stored<RecordOf['ownFields']>[]): OwnFields {
  return new Map(fields.filter(({ deletedAt }) => deletedAt === null).map((field) => [ownFieldKey(field.noun, ownKey(field)), field]));
}

/** Values that were there before their field was, or was of another kind. They are kept; the person may clear them. */
function checkOwnValues(noun: NounName, record: StoredRecord, own: OwnFields, add: Add): void {
  for (const [key, value] of Object.entries(record.custom)) {
    const field = own.get(ownFieldKey(noun, key));
    const kept = field === undefined ? null : ownValueOf(field, value);
    if (field === undefined || kept === null || 'value' in kept) continue;
    add(
      'warning',
      `own.${key}`,
      words('check.ownValue', { value: String(value).slice(0, 60), label: field.label, why: kept.problem }),
      words('check.clearField'),
      (tx) => {
        const current = tx.get(noun, record.id);
        if (current === null || current.deletedAt !== null || !isSame(current.custom[key], value)) return;
        tx.step((step) => step.assign(noun, record.id, { custom: { ...current.custom, [key]: null } }));
      },
    );
  }
}

/** The rules of the noun. Where one field alone breaks one, and may be empty, it can be cleared. */
function checkRule(noun: NounName, record: StoredRecord, rules: AnyRules, today: string, add: Add): void {
  const problem = rules.check?.(record, () => true, today) ?? null;
  if (problem === null) return;
  const { field } = problem;
  const blank = field === undefined ? undefined : sharedBlank(noun)[field];
  const mends: { fields: Fields; says: Words }[] = [
    ...(field === undefined ? [] : [{ fields: { [field]: blank }, says: words('check.clearNamed', { label: labelOf(noun, field) }) }]),
    ...(ruleMends[noun] ?? []),
  ];
  const mended = mends.find(({ fields }) => {
    const next = { ...record, ...fields } as StoredRecord;
    return nouns[noun].schema.safeParse(next).success && (rules.check?.(next, () => true, today) ?? null) === null;
  });
  add(
    'warning',
    'rule',
    words('check.breaksRule', { rule: problem }),
    mended?.says ?? null,
    mended === undefined
      ? null
      : (tx) => {
          const current = tx.get(noun, record.id) as StoredRecord | null;
          if (current === null || current.deletedAt !== null || (rules.check?.(current, () => true, today) ?? null) === null) return;
          tx.step((step) => step.assign(noun, record.id, mended.fields));
        },
  );
}

/** What puts a record right that breaks a rule of its noun, where no field can be cleared for it. */
const ruleMends: Partial<Record<NounName, readonly { fields: Fields; says: Words }[]>> = {
  contacts: [{ fields: { lastName: foundName }, says: words('check.giveName', { name: foundName }) }],
  ownFields: [{ fields: { fieldKind: 'text' }, says: words('check.makeText') }],
  activities: [
    { fields: { body: foundName }, says: words('check.giveText', { name: foundName }) },
    { fields: { fileName: foundName }, says: words('check.callIt', { name: foundName }) },
    { fields: { status: 'draft', outbox: null }, says: words('check.makeDraftMail') },
  ],
};

function labelOf(noun: NounName, field: string): string {
  return fieldsOf(noun).find(({ path }) => path === field || path.startsWith(`${field}.`))?.label ?? field;
}

/** Two records with a value that there may be once. Which of two people or codes is right, only a person knows. */
function checkTwice(noun: NounName, record: StoredRecord, holder: StoredRecord, add: Add): void {
  const name = titleOf(noun, holder as never);
  if (noun === 'invoices' && 'number' in record && record.number !== null) {
    const { number } = record;
    const next = freeNumber(number, new Set());
    add('warning', 'twice', words('check.sameNumber', { name }), words('check.giveNumber', { next }), (tx) => {
      const all = [...tx.all('invoices')] as unknown as { id: string; number: string | null }[]; // drafts have none
      const others = all.filter(({ id }) => id !== record.id).flatMap((one) => one.number ?? []);
      const now = tx.get('invoices', record.id);
      if (now?.number !== number || !others.some((one) => numberKey(one) === numberKey(number))) return;
      tx.step((step) => step.assign('invoices', record.id, { number: freeNumber(number, new Set(others.map(numberKey))) }));
    });
    return;
  }
  if (noun === 'ownFields') {
    add('warning', 'twice', words('check.sameName'), words('check.deleteThisField'), (tx) => {
      const key = uniqueKey(noun, record as never);
      const isThere = tx.get(noun, record.id)?.deletedAt === null && tx.get(noun, holder.id)?.deletedAt === null;
      if (isThere && key === uniqueKey(noun, tx.get(noun, holder.id) as never)) tx.step((step) => step.remove(noun, record.id));
    });
    return;
  }
  add('warning', 'twice', words('check.sameValue', { name }), null);
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
      words('check.secondPrimary', { noun }),
      words('check.leavePrimary', { name: titleOf(noun, first as never) }),
      (tx) => {
        const now = living(tx).filter(({ isPrimary }) => isPrimary);
        if (now.length > 1 && now.some(({ id }) => id === other.id)) tx.step((step) => step.assign(noun, other.id, { isPrimary: false }));
      },
    );
  }
  if (first === undefined && oldest !== undefined && rules.primary?.kind === 'exactlyOne') {
    finder(findings, noun, oldest)('error', 'no-primary', words('check.noPrimary'), words('check.makePrimary'), (tx) => {
      const now = living(tx);
      if (now.some(({ id }) => id === oldest.id) && !now.some(({ isPrimary }) => isPrimary))
        tx.step((step) => step.assign(noun, oldest.id, { isPrimary: true }));
    });
  }
}

function byAge(left: StoredRecord, right: StoredRecord): number {
  return left.createdAt === right.createdAt ? (left.id < right.id ? -1 : 1) : left.createdAt < right.createdAt ? -1 : 1;
}
