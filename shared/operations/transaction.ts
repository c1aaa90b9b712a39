import type { z } from 'zod';
import { changesOf } from '../nouns/changes.ts';
import { type Condition, idsIn, isAs } from '../nouns/field.ts';
import { ownValueOf } from '../nouns/own-field/own-field.ts';
import { problemOf } from '../nouns/field-problem.ts';
import {
  type AnyRecord,
  fieldsOf,
  type NounName,
  nounNames,
  nouns,
  parentsOf,
  perNoun,
  type RecordOf,
  referenceFields,
  type Stored,
  titleOf,
} from '../nouns/nouns.ts';
import type { Change } from './operation.ts';
import { withoutMasks } from '../nouns/secret.ts';
import { isParts, isSame } from '../lib/equal.ts';
import { newId } from '../lib/ids.ts';
import { type Problem, ProblemError } from '../lib/result.ts';
import { emailKey } from '../lib/text.ts';
import { stampOf } from '../sync/stamp.ts';
import { linkFieldsOf, survivorOf } from './aliases.ts';
import { applyChange, bookkeeping, type OperationHead, sharedBlank } from './apply-operation.ts';
import { childNouns, hangingOn } from './going-along.ts';
import { ownFieldKey } from '../nouns/own-field/own-field.rules.ts';
import { createLayer, type FullLayer, type Layer, parentIds, pour, type StoredRecord } from './record-layer.ts';
import { type Days, type RecordRules, recordRules, uniqueKey } from '../nouns/record-rules.ts';
import { words } from '../words/words.ts';

/**
 * The book as one command sees and changes it. Rules of the nouns (uniqueness, primaries, cascades) are applied here,
 * so every command keeps them. Throws ProblemError where a rule is broken; then nothing of the command happens.
 */
export interface Transaction {
  /** The record, also a deleted one, with this command's own changes; null when the book never had it. */
  get<N extends NounName>(noun: N, id: string): RecordOf[N] | null;
  /** Makes a record from input fields; they are parsed with the noun's schema. */
  create<N extends NounName>(noun: N, fields: Record<string, unknown>): RecordOf[N];
  /** Sets the named top-level fields; what does not differ is left alone. */
  change<N extends NounName>(noun: N, id: string, changes: Record<string, unknown>): RecordOf[N];
  remove(noun: NounName, id: string): void;
  restore(noun: NounName, id: string): void;
  /** Sets fields that a command of the noun decides and no person changes: number and status of an invoice. */
  set<N extends NounName>(noun: N, id: string, fields: Partial<RecordOf[N]>): RecordOf[N];
  /** Who has the noun's unique key; null when nobody does. */
  holderOf<N extends NounName>(noun: N, key: string): RecordOf[N] | null;
  clientByEmail(email: string): RecordOf['clients'] | null;
  /** Live records of the noun that hang on the record. */
  childrenOf<N extends NounName>(parentId: string, noun: N): readonly RecordOf[N][];
}

/** What history needs beyond a command: setting fields back as they were, with the rules of the nouns checked at the end. */
export interface HistoryTransaction extends Transaction {
  step(work: (step: Step) => void, how?: StepKind): void;
  /** Every record of the noun with this command's own changes, deleted ones too. */
  all(noun: NounName): Iterable<StoredRecord>;
}

/**
 * How a step is carried out: `new` as a command of a person; `turn` where the fields have been so before, and what followed
 * from them then is turned with them, not made anew; `asItWas` where the book goes back to what it was, whatever the rules
 * say of that, because what broke them was mended by the step that is taken back.
 */
export type StepKind = 'new' | 'turn' | 'asItWas';

export interface Step {
  get<N extends NounName>(noun: N, id: string): Stored<RecordOf[N]> | undefined;
  /** Records of the noun that hang on the parent, deleted ones too. */
  children(noun: NounName, parentId: string): StoredRecord[];
  /** Live records of the noun that have the value no two may share. */
  holders(noun: NounName, key: string): StoredRecord[];
  make(noun: NounName, record: StoredRecord): void;
  /** Sets fields as they are, unparsed: they have been in the book before. */
  assign(noun: NounName, id: string, fields: Record<string, unknown>): void;
  remove(noun: NounName, id: string): void;
  /** Brings back a deleted record and what went with it. */
  revive(noun: NounName, id: string): void;
}

export interface Planned {
  tx: HistoryTransaction;
  /** The changes of the whole command, and the records they leave behind. */
  finish(): Finished;
  /** The same, record by record. */
  finishing(): Generator<void, Finished, void>;
}

export interface Finished {
  head: OperationHead;
  changes: Change[];
  records: Layer;
}

/** What a plan in pieces comes to, without a pause. */
export function atOnce<T>(pieces: Generator<void, T, void>): T {
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return piece.value;
  }
}

type Fields = Record<string, unknown>;

/** What somebody asked for in a step: which records are to be primary, and of which record which fields were named. */
interface AskedFor {
  claims: Set<string>;
  named: Map<string, Fields>;
}

type AnyRules = RecordRules<AnyRecord>;

const createSchemas = perNoun<z.ZodType<Fields>>((noun) => nouns[noun].fieldsSchema.strict());
const changeSchemas = perNoun<z.ZodType<Fields>>((noun) => changesOf<z.core.$ZodLooseShape>(nouns[noun].fieldsSchema));

export interface PlanDeps {
  now: string;
  day: Days;
  actor: string;
  stamp: string;
  /** Ids of what is made; fresh ones unless told. */
  newId?: () => string;
}

/** Plans one command over `book`, which is not changed. Every method of the transaction happens whole or not at all. */
export function planCommand(book: Layer, deps: PlanDeps): Planned {
  const command = createLayer(book);
  // updatedAt of a record never goes backwards, also when the machine's clock does.
  let at = deps.now;

  function step(work: (step: Step, asked: AskedFor) => void, how: StepKind = 'new'): void {
    const layer = createLayer(command);
    const asked: AskedFor = { claims: new Set(), named: new Map() };
    const parts: Step = {
      get: (noun, id) => layer.get(noun, id),
      children: (noun, parentId) => layer.children(noun, parentId),
      holders: (noun, key) => layer.holders(noun, key),
      make: (noun, record) => layer.put(noun, record),
      assign(noun, id, fields) {
        const record = needed(layer, noun, id);
        if (record.updatedAt > at) at = record.updatedAt;
        layer.put(noun, { ...record, ...fields, updatedAt: at, updatedBy: deps.actor } as unknown as StoredRecord);
      },
      remove(noun, id) {
        if (needed(layer, noun, id).deletedAt === null) parts.assign(noun, id, { deletedAt: at });
      },
      revive(noun, id) {
        const record = needed(layer, noun, id);
        if (record.deletedAt === null) return;
        // Exactly what went with it: what was deleted by the same operation, so with the same stamp.
        const wentAlong = wentWith(record);
        parts.assign(noun, id, { deletedAt: null, mergedInto: null });
        for (const child of childNouns(noun)) {
          for (const one of layer.children(child, id).filter((found) => found.mergedInto === null && wentAlong(found))) {
            const since = deletedParent(layer, child, one);
            if (since === null) parts.revive(child, one.id);
            else handOver(child, one, since);
          }
        }
      },
    };
    /** What hangs on two records and may not come back with this one waits for the other: from now on it went with that. */
    function handOver(noun: NounName, record: StoredRecord, deletedAt: string): void {
      const wentAlong = wentWith(record);
      parts.assign(noun, record.id, { deletedAt });
      for (const child of childNouns(noun))
        for (const one of layer.children(child, record.id).filter(wentAlong)) handOver(child, one, deletedAt);
    }
    work(parts, asked);
    if (how !== 'asItWas') settle(command, layer, parts, asked, deps.day, how === 'turn');
    pour(layer, command);
  }

  // An id that was merged into another record's stands for that one, in every command.
  const idNow = (noun: NounName, id: string) => survivorOf((one) => command.get(noun, one), id)?.id ?? id;

  const tx: HistoryTransaction = {
    get: (noun, id) => command.get(noun, idNow(noun, id)) ?? null,
    create(noun, fields) {
      const parsed = afterMerges(command, noun, parse(createSchemas[noun], noun, fields));
      checkReferences(command, noun, parsed, null);
      parsed['custom'] = ownValues(command, noun, parsed['custom'], {});
      const { id: idOf } = recordRules[noun] as AnyRules;
      const id = idOf?.(parsed as never) ?? (deps.newId ?? newId)();
      const known = idOf === undefined ? undefined : command.get(noun, id);
      if (known !== undefined) {
        // What was not said stays; of one that was deleted only what other programs and the person keep beside it.
        const stays = (field: string) => !Object.hasOwn(fields, field) && (isLive(known) || field === 'externalIds' || field === 'custom');
        const said = Object.fromEntries(Object.entries(parsed).filter(([field]) => !stays(field)));
        step((parts) => parts.assign(noun, id, { ...said, deletedAt: null, mergedInto: null }));
        return needed(command, noun, id);
      }
      const byWhom = { createdAt: at, createdBy: deps.actor, updatedAt: at, updatedBy: deps.actor };
      step((parts, asked) => {
        if (parsed['isPrimary'] === true) asked.claims.add(id);
        asked.named.set(id, fields);
        // `parsed` came out of the noun's own schema, whose type is lost in the table of schemas.
        parts.make(noun, {
          id,
          ...parsed,
          ...byWhom,
          deletedAt: null,
          mergedInto: null,
          notDuplicateOf: [],
          stamps: { '*': deps.stamp },
        } as unknown as StoredRecord);
      });
      return needed(command, noun, id);
    },
    change(noun, asked, changes) {
      const id = idNow(noun, asked);
      const current = needed(command, noun, id);
      if (current.deletedAt !== null) throw new ProblemError(isDeleted(noun, current));
      const parsed = afterMerges(command, noun, parse(changeSchemas[noun], noun, changes));
      if (isParts(parsed['custom'])) parsed['custom'] = ownValues(command, noun, parsed['custom'], current.custom);
      const wanted = merged(noun, current as Fields, withoutMasks(noun, parsed, current));
      const differing = Object.fromEntries(Object.entries(wanted).filter(([field, value]) => !isSame(value, (current as Fields)[field])));
      if (Object.keys(differing).length === 0) return current;
      const { primary, keeps } = recordRules[noun] as AnyRules;
      const kept = keeps?.(current, differing, 'person') ?? null;
      if (kept !== null) throw new ProblemError({ ...kept.problem, field: kept.fields[0] as string });
      checkFixed(noun, differing);
      checkReferences(command, noun, differing, current as unknown as Fields);
      const isMoved = primary !== undefined && primary.parent in differing;
      if (primary?.kind === 'exactlyOne' && differing['isPrimary'] === false && !isMoved) throw new ProblemError(primary.problem);
      step((parts, of) => {
        if (parsed['isPrimary'] === true) of.claims.add(id);
        of.named.set(id, changes);
        parts.assign(noun, id, differing);
      });
      return needed(command, noun, id);
    },
    set(noun, asked, fields) {
      const id = idNow(noun, asked);
      step((parts) => parts.assign(noun, id, fields));
      return needed(command, noun, id);
    },
    holderOf: (noun, key) => command.holders(noun, key)[0] ?? null,
    remove(noun, asked) {
      const id = idNow(noun, asked);
      const record = needed(command, noun, id);
      const kept = record.deletedAt === null ? (recordRules[noun] as AnyRules).keeps?.(record, { deletedAt: at }, 'person') : undefined;
      if (kept) throw new ProblemError(kept.problem);
      step((parts) => parts.remove(noun, id));
    },
    restore: (noun, id) => step((parts) => parts.revive(noun, idNow(noun, id))),
    step: (work, how) => step(work, how),
    clientByEmail: (email) => command.holders('clients', emailKey(email))[0] ?? null,
    childrenOf: (clientId, noun) => command.children(noun, idNow('clients', clientId)).filter(isLive),
    all: (noun) => command.all(noun),
  };

  function* finishing(): Generator<void, Finished, void> {
    const head = { at, actor: deps.actor, stamp: deps.stamp };
    const changes: Change[] = [];
    const records = createLayer(book);
    for (const noun of nounNames) {
      for (const record of command.own[noun].values()) {
        const before = book.get(noun, record.id) ?? null;
        const change = changeBetween(noun, before, record);
        if (change === null) continue;
        changes.push(change);
        // The same function replays it at the next start, so memory and disk cannot differ.
        records.put(noun, applyChange(noun, before, head, change));
        yield;
      }
    }
    return { head, changes, records };
  }

  return { tx, finish: () => atOnce(finishing()), finishing };
}

/**
 * Tells what was deleted with the record: by the same operation, so with the same stamp; or handed over to it later,
 * which left the moment of its deletion under a newer stamp.
 */
function wentWith(record: StoredRecord): (child: StoredRecord) => boolean {
  const deletedBy = stampOf(record.stamps, 'deletedAt') ?? '';
  return (child) => {
    const stamp = stampOf(child.stamps, 'deletedAt') ?? '';
    return !isLive(child) && (stamp === deletedBy || (stamp > deletedBy && child.deletedAt === record.deletedAt));
  };
}

/** Since when something that the record hangs on is deleted; null while all of it is there. */
function deletedParent(layer: Layer, noun: NounName, record: StoredRecord): string | null {
  for (const { of, id } of parentsOf(noun, record)) {
    const parent = of === null ? undefined : layer.get(of, id);
    if (parent !== undefined && !isLive(parent)) return parent.deletedAt;
  }
  return null;
}

/** Keeps the rules of the nouns after one step, or throws; `before` is the book without the step. */
function settle(before: Layer, layer: FullLayer, parts: Step, { claims, named }: AskedFor, day: Days, isTurn: boolean): void {
  const { today } = day;
  cascade(before, layer, parts);
  followMerges(before, layer, parts);
  if (!isTurn) followUp(before, layer, parts, day);
  const families = new Map<string, { noun: NounName; parentId: string }>();
  for (const noun of nounNames) {
    const rules = recordRules[noun] as AnyRules;
    for (const { id } of layer.own[noun].values()) {
      const old = before.get(noun, id);
      const wasLive = old !== undefined && isLive(old);
      const differs = (field: string) => old === undefined || !isSame((old as Fields)[field], fieldsIn(layer, noun, id)[field]);
      const said = named.get(id);
      const asked = said === undefined ? null : { before: old ?? null, names: (field: string) => said[field] !== undefined };
      const derived = rules.derive?.(needed(layer, noun, id), differs, today, asked) ?? {};
      if (Object.keys(derived).some((field) => !isSame(fieldsIn(layer, noun, id)[field], (derived as Fields)[field])))
        parts.assign(noun, id, derived as Fields);
      const record = needed(layer, noun, id);
      if (isLive(record)) {
        const problem =
          rules.check?.(record, differs, today) ??
          uniqueProblem(layer, noun, record, wasLive ? old : undefined) ??
          parentProblem(layer, noun, record, wasLive ? differs : () => true, old !== undefined && !wasLive);
        if (problem !== null) throw new ProblemError(problem);
      }
      const { primary } = rules;
      const mayDisturb = primary?.kind === 'exactlyOne' || (isLive(record) && 'isPrimary' in record && record.isPrimary);
      if (primary !== undefined && mayDisturb && (isLive(record) !== wasLive || differs('isPrimary') || differs(primary.parent))) {
        for (const parentId of [...(wasLive ? parentIds(noun, old) : []), ...(isLive(record) ? parentIds(noun, record) : [])]) {
          families.set(`${noun}/${parentId}`, { noun, parentId });
        }
      }
    }
  }
  for (const { noun, parentId } of families.values()) settlePrimary(before, layer, parts, claims, noun, parentId);
}

/** What hangs on a record that is deleted in this step is deleted with it, unless it is kept by itself. */
function cascade(before: Layer, layer: Layer, parts: Step): void {
  for (const noun of nounNames) {
    for (const record of layer.own[noun].values()) {
      if (isLive(record) || !isLiveIn(before, noun, record.id)) continue;
      for (const { noun: child, record: along, stays } of hangingOn(layer, noun, record.id)) if (!stays) parts.remove(child, along.id);
    }
  }
}

/** What follows in other records from one that is new, changed or back: a call moves the client's last contact. */
function followUp(before: Layer, layer: Layer, parts: Step, day: Days): void {
  for (const noun of nounNames) {
    const { follow } = recordRules[noun] as AnyRules;
    if (follow === undefined) continue;
    for (const record of layer.own[noun].values()) {
      const old = before.get(noun, record.id);
      const differs = (field: string) => old === undefined || !isSame((old as Fields)[field], (record as Fields)[field]);
      if (isLive(record)) follow(record, differs, parts, day);
    }
  }
}

/** What names a record that was merged into another names that one, whoever wrote it and however late it comes. */
function followMerges(before: Layer, layer: Layer, parts: Step): void {
  for (const noun of nounNames) {
    for (const record of layer.own[noun].values()) {
      if (record.mergedInto !== null && !before.get(noun, record.id)?.mergedInto && isInCircle(layer, noun, record)) {
        throw new ProblemError(mergedInCircle(noun));
      }
      const old = before.get(noun, record.id) as Fields | undefined;
      const fresh = Object.entries(record).filter(([field, value]) => old === undefined || !isSame(old[field], value));
      const named = Object.fromEntries(fresh);
      const moved = Object.fromEntries(
        Object.entries(afterMerges(layer, noun, named)).filter(([field, value]) => !isSame(named[field], value)),
      );
      if (Object.keys(moved).length > 0) parts.assign(noun, record.id, moved);
    }
  }
}

/** The fields with every id that was merged into another's replaced by that one. */
function afterMerges(layer: Layer, noun: NounName, fields: Fields): Fields {
  const after = { ...fields };
  for (const { field, of } of linkFieldsOf(noun)) {
    const value = fields[field];
    const now = (id: unknown) => (typeof id === 'string' ? idAfterMerges(layer, of, id) : id);
    if (Array.isArray(value)) {
      const next = value.map(now);
      if (!isSame(next, value)) after[field] = [...new Set(next)];
    } else if (typeof value === 'string') after[field] = now(value);
  }
  return after;
}

function idAfterMerges(layer: Layer, of: readonly NounName[], id: string): string {
  for (const noun of of) {
    if (layer.get(noun, id) !== undefined) return survivorOf((one) => layer.get(noun, one), id)?.id ?? id;
  }
  return id;
}

function isInCircle(layer: Layer, noun: NounName, record: StoredRecord): boolean {
  return survivorOf((one) => layer.get(noun, one), record.id)?.id === record.id;
}

function mergedInCircle(noun: NounName): Problem {
  return {
    code: 'MERGED_IN_CIRCLE',
    ...words('records.mergedInCircle', { noun }),
  };
}

function settlePrimary(before: Layer, layer: FullLayer, parts: Step, claims: ReadonlySet<string>, noun: NounName, parentId: string): void {
  // A client with thousands of locations gets one more: they are not looked through for that.
  const primaries = layer.primaries(noun, parentId).toSorted(byAge);
  if (primaries.length === 0) {
    if ((recordRules[noun] as AnyRules).primary?.kind !== 'exactlyOne') return;
    const [oldest] = layer.children(noun, parentId).filter(isLive).toSorted(byAge);
    if (oldest !== undefined) parts.assign(noun, oldest.id, { isPrimary: true });
    return;
  }
  if (primaries.length === 1) return;
  // Who was made primary on purpose stays it; then who was it here before; then the oldest.
  const wasPrimary = (record: StoredRecord) => {
    const old = before.get(noun, record.id) as (StoredRecord & { isPrimary: boolean }) | undefined;
    return old !== undefined && isLive(old) && old.isPrimary && parentIds(noun, old).includes(parentId);
  };
  const chosen = primaries.find((record) => claims.has(record.id)) ?? primaries.find(wasPrimary) ?? primaries[0];
  for (const record of primaries) if (record !== chosen) parts.assign(noun, record.id, { isPrimary: false });
}

function uniqueProblem(layer: Layer, noun: NounName, record: StoredRecord, old: StoredRecord | undefined): Problem | null {
  const key = uniqueKey(noun, record);
  if (key === null || (old !== undefined && uniqueKey(noun, old) === key)) return null;
  const holder = layer.holders(noun, key).find(({ id }) => id !== record.id);
  return holder === undefined
    ? null
    : ((recordRules[noun] as AnyRules).unique?.problem({ id: holder.id, name: titleOf(noun, holder) }) ?? null);
}

function parentProblem(
  layer: Layer,
  noun: NounName,
  record: StoredRecord,
  differs: (field: string) => boolean,
  isRestored: boolean,
): Problem | null {
  for (const { field, of: parentNoun, id: parentId } of parentsOf(noun, record)) {
    // Where it hangs may have changed though the id did not: the field beside it names the noun.
    if (!differs(field) && !(noun === 'activities' && differs('about'))) continue;
    const parent = parentNoun === null ? undefined : layer.get(parentNoun, parentId);
    if (parent !== undefined && isLive(parent)) continue;
    if (parentNoun === null || parent === undefined || !isRestored) {
      const said = (recordRules[noun] as AnyRules).parentUnknown?.find((problem) => problem.field === field);
      return said ?? { ...notFound(parentNoun ?? noun), field };
    }
    const name = titleOf(parentNoun, parent);
    return {
      code: 'PARENT_DELETED',
      field,
      ...words('records.parentDeleted', { noun, parent: parentNoun, name }),
      details: { id: parentId, name },
    };
  }
  return null;
}

/**
 * What a command newly names must be there, and be what the field takes. Only what is new: a person who was deleted
 * since stays named. Undo brings back what was named before, so it is not asked.
 */
function checkReferences(layer: Layer, noun: NounName, fields: Fields, current: Fields | null): void {
  for (const { path, of, where, label } of referenceFields(noun)) {
    // What a record hangs on is checked with the rules of its noun, also when it comes back.
    if (!Object.hasOwn(fields, path) || Object.hasOwn(nouns[noun].parents, path)) continue;
    const known = new Set(current === null ? [] : idsIn(current[path]));
    for (const id of idsIn(fields[path])) {
      if (known.has(id)) continue;
      const named = layer.get(of, id);
      if (named !== undefined && isLive(named) && isAs(named, where)) continue;
      const what = whatIn(of, where);
      const says =
        named === undefined
          ? words('records.referenceUnknown', { label, what })
          : words(isLive(named) ? 'records.referenceOther' : 'records.referenceDeleted', { label, what, title: titleOf(of, named) });
      throw new ProblemError({ code: 'REFERENCE_NOT_FOUND', field: path, ...says });
    }
  }
}

/** Values of own fields as their fields keep them. What was there before is not held against an edit. */
function ownValues(layer: Layer, noun: NounName, values: unknown, current: AnyRecord['custom']): Fields {
  const entries = Object.entries(values as AnyRecord['custom']).map(([key, value]) => {
    const field = layer.holders('ownFields', ownFieldKey(noun, key))[0];
    if (field === undefined || (Object.hasOwn(current, key) && isSame(current[key], value))) return [key, value];
    const kept = ownValueOf(field, value);
    if ('value' in kept) return [key, kept.value];
    throw new ProblemError({
      code: 'INVALID_INPUT',
      field: `custom.${key}`,
      ...words('values.atField', { label: field.label, says: kept.problem }),
    });
  });
  return Object.fromEntries(entries) as Fields;
}

/** What is asked for, as words name it: a noun, or a kind of entry in the directory. */
function whatIn(noun: NounName, where: Condition | undefined): string {
  const kind = noun === 'directory' ? where?.['kind'] : undefined;
  return kind === 'team' || kind === 'user' ? kind : noun;
}

function checkFixed(noun: NounName, differing: Fields): void {
  const fixed = fieldsOf(noun).find((field) => field.fixed === true && Object.hasOwn(differing, field.path));
  if (fixed === undefined) return;
  throw new ProblemError({
    code: 'INVALID_INPUT',
    field: fixed.path,
    ...words('records.fixed', { label: fixed.label, noun }),
  });
}

function changeBetween(noun: NounName, before: StoredRecord | null, after: StoredRecord): Change | null {
  const old = (before ?? sharedBlank(noun)) as Fields;
  const differing = Object.keys(after).filter((field) => !bookkeeping.has(field) && !isSame(old[field], (after as Fields)[field]));
  if (before !== null && differing.length === 0) return null;
  // A record from before a field was common to all has none of it.
  const pick = (from: Fields) => Object.fromEntries(differing.map((field) => [field, from[field] ?? null]));
  return { collection: noun, id: after.id, before: before === null ? null : pick(old), after: pick(after as Fields) };
}

function parse(schema: z.ZodType<Fields>, noun: NounName, fields: Fields): Fields {
  const result = schema.safeParse(fields);
  if (!result.success) throw new ProblemError(problemOf(result.error, fieldsOf(noun)));
  return result.data;
}

/** A change to an address, to banking data or to user-defined fields names only the parts that change. */
function merged(noun: NounName, current: Fields, changes: Fields): Fields {
  const schemas = nouns[noun].fieldsSchema.shape as Record<string, z.ZodType>;
  return Object.fromEntries(
    named(changes).map(([field, value]) => {
      const known = current[field];
      if (!isParts(value)) return [field, value];
      return [field, isParts(known) ? { ...known, ...Object.fromEntries(named(value)) } : schemas[field]?.parse(value)];
    }),
  );
}

/** What a change names. A value of undefined survives the way between processes and means the same as none. */
function named(changes: Fields): [string, unknown][] {
  return Object.entries(changes).filter(([, value]) => value !== undefined);
}

function fieldsIn(layer: Layer, noun: NounName, id: string): Fields {
  return layer.get(noun, id) as Fields;
}

function needed<N extends NounName>(layer: Layer, noun: N, id: string) {
  const record = layer.get(noun, id);
  if (record === undefined) throw new ProblemError(notFound(noun));
  return record;
}

export function notFound(noun: NounName): Problem {
  return { code: 'NOT_FOUND', ...words('records.notFound', { noun }) };
}

export function isDeleted(noun: NounName, record: StoredRecord): Problem {
  return {
    code: 'NOT_FOUND',
    ...words('records.isDeleted', { noun, name: titleOf(noun, record) }),
  };
}

const isLive = (record: { deletedAt: string | null }) => record.deletedAt === null;

function isLiveIn(layer: Layer, noun: NounName, id: string): boolean {
  const record = layer.get(noun, id);
  return record !== undefined && isLive(record);
}

function byAge(left: StoredRecord, right: StoredRecord): number {
  return left.createdAt === right.createdAt ? (left.id < right.id ? -1 : 1) : left.createdAt < right.createdAt ? -1 : 1;
}
