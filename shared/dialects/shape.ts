import { z } from 'zod';
import { valueAt } from '../nouns/field.ts';
import { commonFields } from '../nouns/values.ts';
import { type BookKind, type BookRecord, type BookView, bookFields, type Collection, collectionOf } from './book-view.ts';
import { copyOf, isWire, pathStep, put, readPath, sameJson, type Wire, writePath } from './wire.ts';
import { saySchema } from '../words/say.ts';

/**
 * A shape ties one kind of wire object to one kind of book record, member by member, so that reading, writing, merging
 * and "what can this dialect say?" all follow from one table. Two schemas guard it: the wire's own zod schema says what
 * may be sent, the book's field schema says what can be kept.
 */
export interface Shape {
  kind: BookKind;
  /** An answer shows every member; a request leaves out what it cannot say. */
  use: 'answer' | 'request';
  schema: z.ZodObject;
  members: readonly Member[];
}

/** One value of the record. */
export interface ValueMember {
  kind: 'value';
  wire: string;
  book: string;
  /** From the wire to what the book's schema is given. `wire` is the whole object. */
  read?: (raw: unknown, wire: Wire) => unknown;
  /** From the record to the wire; an `Unsayable` where the dialect has no way to say it. */
  write?: (value: unknown, record: object) => unknown;
  /** Whether two values of the book mean the same to this dialect. */
  same?: (first: unknown, second: unknown) => boolean;
  /** A list without order or repetition, merged element by element: this gives an element's key. */
  elementKey?: (element: unknown) => string;
  /** The book keeps it itself (when and by whom a record was made); never taken over as a change. */
  isOrigin?: boolean;
  /** Written from several fields of the record, of which `book` is only the one that is read. */
  isComposed?: boolean;
  /** Puts into a value from the wire what the wire cannot say of it and the record has. */
  keep?: (incoming: unknown, stored: unknown) => unknown;
}

/** The record's own id at the remote. */
export interface IdMember {
  kind: 'id';
  wire: string;
  integer: boolean;
}

/** Another record, or a list of others, named by id or as an object with some of its fields. */
export interface ReferenceMember {
  kind: 'reference';
  wire: string;
  /** Field of the record that holds the id or ids. */
  book: string;
  of: Collection;
  list: boolean;
  /** The wire names one where the book keeps a list: the first. */
  single?: boolean;
  integer: boolean;
  /** The object form the dialect uses; plain ids without one. Both forms are read. */
  shape?: Shape;
  /** Field that is shown where the first names nobody: a comment without an author is by who wrote it down. */
  orElse?: string;
  /** What stands for "nobody" where the dialect has no null. */
  nobody?: unknown;
  isOrigin?: boolean;
}

/** Records that hang on this one: nested objects, or only their ids. */
export interface ChildrenMember {
  kind: 'children';
  wire: string;
  of: Collection;
  /** Field of the child that names this record. */
  parent: string;
  /** The object form; only ids without one. */
  shape?: Shape;
  /** One nested object instead of a list. */
  single?: boolean;
  integer: boolean;
  /** The children to show; by default all live ones. */
  select?: (record: BookRecord, context: EncodeContext) => readonly BookRecord[];
}

/** Computed from the record and the book; written, never read. */
export interface ComputedMember {
  kind: 'computed';
  wire: string;
  compute: (record: BookRecord, context: EncodeContext) => unknown;
}

/** Whether the remote keeps the record as deleted. */
export interface DeletedMember {
  kind: 'deleted';
  wire: string;
}

/** Something only the server knows (companyId, org, a file's address): kept as a leftover, written from the context. */
export interface GivenMember {
  kind: 'given';
  wire: string;
}

export type Member = ValueMember | IdMember | ReferenceMember | ChildrenMember | ComputedMember | DeletedMember | GivenMember;

/** A value the dialect has no way to say. It stays in the book and is shown to the person before sending, never cut. */
export class Unsayable {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export interface Reference {
  of: Collection;
  /** Ids as the remote writes them; integers as text. Empty: nobody. */
  ids: string[];
  list: boolean;
}

/** A record of another kind found inside a wire object. */
export interface Related {
  of: Collection;
  /** The member it stood in. */
  member: string;
  /** Field of that record which names the one it was found in; null where it is the other way round. */
  parent: string | null;
  decoded: Decoded;
}

/** What a wire object says, in the book's words. Only what it says: a member that is left out is not in here. */
export interface Decoded {
  kind: BookKind;
  remoteId: string | null;
  /** Values by book path ("address.city"). */
  fields: Record<string, unknown>;
  /** Other records by book path, as remote ids; children by their member's name. */
  references: Record<string, Reference>;
  /** Wire members the object had. */
  said: string[];
  /** By wire path: what the book has no place for, and spellings of a value other than the one we would write. */
  leftovers: Wire;
  /** Values the book refuses, by wire path; they are in `leftovers` too. */
  refused: { wire: string; book: string; message: string }[];
  deleted: boolean | null;
  related: Related[];
}

export interface EncodeContext {
  /** The person's local day. */
  today: string;
  book: BookView;
  /** The id the remote knows a record by; null when it has none yet. */
  remoteId: (of: Collection, id: string) => string | null;
  /** Values of `given` members, by wire name. */
  given?: (record: BookRecord, member: string) => unknown;
  /** Display label in the person's language; the dialect's own where it answers null. */
  label?: (field: string, value: string) => string | null;
}

/** A member that could not be written, and why. */
export interface Unsaid {
  wire: string;
  book: string;
  value: unknown;
  message: string;
}

export interface Encoded {
  wire: Wire;
  unsaid: Unsaid[];
}

export interface EncodeOptions {
  /** Write only these members. */
  only?: readonly string[];
  /** What decoding left over: put back where the record still means the same. */
  leftovers?: Wire;
}

/** Reads a wire object. Never throws: what cannot be understood is in `leftovers` and `refused`. */
export function decode(shape: Shape, wire: Wire): Decoded {
  const decoded: Decoded = {
    kind: shape.kind,
    remoteId: null,
    fields: {},
    references: {},
    said: [],
    leftovers: {},
    refused: [],
    deleted: null,
    related: [],
  };
  for (const member of shape.members) {
    const raw = readPath(wire, member.wire);
    if (raw === undefined) continue;
    decoded.said.push(member.wire);
    const reading = readMember(shape, member, raw, wire);
    if (reading.refused !== undefined)
      decoded.refused.push({ wire: member.wire, book: bookPathOf(member) ?? member.wire, message: reading.refused });
    if (reading.isOther) decoded.leftovers[member.wire] = raw;
    if (reading.related !== undefined) decoded.related.push(...reading.related);
    if (reading.refused !== undefined) continue;
    if (member.kind === 'id') decoded.remoteId = reading.value as string | null;
    else if (member.kind === 'deleted') decoded.deleted = reading.value as boolean;
    else if (member.kind === 'value') decoded.fields[member.book] = reading.value;
    else if (member.kind === 'reference') decoded.references[member.book] = reading.reference as Reference;
    else if (member.kind === 'children' && member.shape === undefined) decoded.references[member.wire] = reading.reference as Reference;
  }
  for (const group of groupsOf(shape)) {
    const raw = readPath(wire, group);
    if (!isWire(raw)) continue;
    // An object of nothing but nulls is another spelling of null, and one of nothing at all says nothing.
    const isNull = isGroupNullable(shape, group) && isWholeGroupEmpty(shape, group, decoded);
    if (isNull || Object.keys(raw).length === 0) decoded.leftovers[group] = raw;
  }
  collectUnknown(shape, wire, '', decoded.leftovers);
  return decoded;
}

/** What reading one member gave. */
export interface Reading {
  value?: unknown;
  reference?: Reference;
  related?: Related[];
  /** Why the book cannot keep it. */
  refused?: string;
  /** Written otherwise than we would write it, or with parts we do not know. */
  isOther: boolean;
}

/** Reads one member's raw value; `wire` is the object it stands in. */
export function readMember(shape: Shape, member: Member, raw: unknown, wire: Wire): Reading {
  switch (member.kind) {
    case 'id': {
      const id = readId(raw, null);
      return { value: id, isOther: !sameJson(raw, writeId(id, member.integer)) };
    }
    case 'deleted':
      return { value: raw === true, isOther: typeof raw !== 'boolean' };
    case 'computed':
      return { isOther: false };
    case 'given':
      return { isOther: true };
    case 'value': {
      const value = member.read === undefined ? raw : member.read(raw, wire);
      const kept = value instanceof Unsayable ? value : keepable(shape, member.book, value);
      if (kept instanceof Unsayable) return { refused: kept.message, isOther: true };
      const again = writeValue(shape, member, kept.value, {});
      return { value: kept.value, isOther: again instanceof Unsayable || !sameJson(again, raw) };
    }
    case 'reference':
      if (member.single === true) return asList(readReference(member, raw));
      return member.list ? readReferences(member, raw) : readReference(member, raw);
    case 'children':
      return readChildren(member, raw);
  }
}

/** Writes a record. What the dialect cannot say is left out and listed in `unsaid`. */
export function encode(shape: Shape, record: BookRecord, context: EncodeContext, options: EncodeOptions = {}): Encoded {
  const { only, leftovers = {} } = options;
  const wanted = only === undefined ? null : new Set(only);
  const wire: Wire = {};
  const unsaid: Unsaid[] = [];
  for (const member of shape.members) {
    if (wanted !== null && !wanted.has(member.wire)) continue;
    const written = writeMember(shape, member, record, context, unsaid);
    const left = Object.hasOwn(leftovers, member.wire) ? leftovers[member.wire] : undefined;
    const value = left !== undefined && stillMeans(shape, member, left, written, record, leftovers) ? left : written;
    if (value instanceof Unsayable) {
      unsaid.push({
        wire: member.wire,
        book: bookPathOf(member) ?? member.wire,
        value: valueAt(record, bookPathOf(member) ?? ''),
        message: value.message,
      });
      // An answer has to have its members: null, or nobody, where the value cannot be shown. A request says nothing about it.
      const stand =
        member.kind === 'reference' && member.nobody !== undefined ? member.nobody : acceptsNull(shape, member.wire) ? null : undefined;
      if (shape.use === 'answer' && stand !== undefined) writePath(wire, member.wire, copyOf(stand));
      continue;
    }
    if (value !== undefined) writePath(wire, member.wire, copyOf(value));
  }
  for (const group of groupsOf(shape)) {
    const raw = readPath(wire, group);
    const isWhole = wanted === null || membersOfGroup(shape, group).every((member) => wanted.has(member.wire));
    if (isWire(raw) && isWhole && Object.values(raw).every((value) => value === null) && isGroupNullable(shape, group)) {
      writePath(wire, group, isWire(leftovers[group]) ? copyOf(leftovers[group]) : null);
    } else if (raw === undefined && isWire(leftovers[group])) writePath(wire, group, {});
  }
  const left = Object.entries(leftovers);
  if (left.length > 0) {
    const known = new Set([...shape.members.map((member) => member.wire), ...groupsOf(shape)]);
    for (const [path, value] of left) if (!known.has(path)) writePath(wire, path, copyOf(value));
  }
  return { wire, unsaid };
}

/**
 * Asks the book for all that `encode` will ask it for, and writes nothing. Where a book fetches what it is asked for and
 * the work is done again (server/store/lazy-book.ts), this is the work that is cheap to do twice.
 */
export function askAhead(shape: Shape, record: BookRecord, context: EncodeContext): void {
  for (const member of remember(askingMembers, shape, () => shape.members.filter(isAsking))) {
    if (member.kind === 'id') context.remoteId(collectionOf[shape.kind], record.id);
    else if (member.kind === 'computed') member.compute(record, context);
    else if (member.kind === 'children')
      for (const child of childrenOf(shape, member, record, context))
        if (member.shape === undefined) context.remoteId(member.of, child.id);
        else askAhead(member.shape, child, context);
    else {
      const named = valueAt(record, member.book) ?? (member.orElse === undefined ? null : valueAt(record, member.orElse));
      for (const id of [named].flat()) {
        if (typeof id !== 'string') continue;
        context.remoteId(member.of, id);
        const other = member.shape === undefined ? null : context.book.get(member.of, id);
        if (other !== null) askAhead(member.shape as Shape, other as BookRecord, context);
      }
    }
  }
}

type AskingMember = IdMember | ReferenceMember | ChildrenMember | ComputedMember;
const isAsking = (member: Member): member is AskingMember =>
  member.kind === 'id' || member.kind === 'reference' || member.kind === 'children' || member.kind === 'computed';
const askingMembers = new WeakMap<Shape, AskingMember[]>();

/** Writes one member; undefined where there is nothing to say. What nested records cannot say is added to `unsaid`. */
export function writeMember(shape: Shape, member: Member, record: BookRecord, context: EncodeContext, unsaid: Unsaid[] = []): unknown {
  switch (member.kind) {
    case 'id': {
      const id = writeId(context.remoteId(collectionOf[shape.kind], record.id), member.integer);
      // "Omit the id when creating new objects" (spec/programs.md).
      return id === null && shape.use === 'request' ? undefined : id;
    }
    case 'deleted':
      return record.deletedAt !== null;
    case 'computed':
      return member.compute(record, context);
    case 'given':
      return context.given?.(record, member.wire);
    case 'value':
      return writeValue(shape, member, valueAt(record, member.book), record);
    case 'reference': {
      const value = valueAt(record, member.book) ?? (member.orElse === undefined ? null : valueAt(record, member.orElse));
      if (!member.list) return writeReference(member, typeof value === 'string' ? value : null, context);
      if (member.single === true)
        return writeReference(member, Array.isArray(value) ? ((value[0] as string | undefined) ?? null) : null, context);
      const written = (Array.isArray(value) ? (value as string[]) : []).map((id) => writeReference(member, id, context));
      // Somebody the remote has not met yet is left out here; the merge tells (wire-merge.ts, "waiting").
      return written.filter((item) => !(item instanceof Unsayable));
    }
    case 'children': {
      const children = childrenOf(shape, member, record, context);
      const written = children.map((child) => {
        if (member.shape !== undefined) {
          const encoded = encode(member.shape, child, context);
          unsaid.push(...encoded.unsaid.map((one) => ({ ...one, wire: `${member.wire}.${one.wire}` })));
          return encoded.wire;
        }
        const id = context.remoteId(member.of, child.id);
        return id === null ? undefined : writeId(id, member.integer);
      });
      if (member.single === true) return written[0] ?? null;
      return written.filter((item) => item !== undefined);
    }
  }
}

/** The live records a children member shows. */
export function childrenOf(shape: Shape, member: ChildrenMember, record: BookRecord, context: EncodeContext): readonly BookRecord[] {
  if (member.select !== undefined) return member.select(record, context);
  const children = context.book.having(member.of, member.parent, record.id) as readonly BookRecord[];
  if (member.of !== 'activities') return children;
  // Ids are unique across the book, but the collection an activity hangs on is part of what it says.
  return children.filter(
    (child) => valueAt(child, 'about') === collectionOf[shape.kind] && (member.shape === undefined || isOfKind(child, member.shape.kind)),
  );
}

function isOfKind(record: BookRecord, kind: BookKind): boolean {
  const literal = (bookFields[kind].shape as { kind?: z.ZodType }).kind;
  return literal === undefined || literal.safeParse(valueAt(record, 'kind')).success;
}

function writeValue(shape: Shape, member: ValueMember, value: unknown, record: object): unknown {
  const written = member.write === undefined ? value : member.write(value, record);
  if (written instanceof Unsayable || written === undefined) return written;
  const schema = wireSchemaAt(shape, member.wire);
  if (schema === null) return written;
  const checked = schema.safeParse(written);
  return checked.success
    ? written
    : new Unsayable(whyNot(checked.error.issues[0], 'This value cannot be sent in this form. It stays in the book.'));
}

/** One plain sentence for what a schema found; the schema's own where it brings one. */
function whyNot(issue: z.core.$ZodIssue | undefined, otherwise: string): string {
  if (issue !== undefined && !/^(Too (small|big)|Invalid )/.test(issue.message)) return saySchema(issue.message);
  if (issue === undefined || issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union')
    return otherwise;
  if (issue.code === 'too_big' && issue.origin === 'string')
    return `Can have ${issue.maximum} characters at most there. Shorten it to send it.`;
  if (issue.code === 'too_small' && issue.origin === 'string') return 'Must not be empty there.';
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'This is not an e-mail address the other system takes.';
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'This is not the address of a website. Write it like https://example.com to send it.';
  return issue.message;
}

function writeReference(member: ReferenceMember, id: string | null, context: EncodeContext): unknown {
  if (id === null) return member.nobody === undefined ? null : copyOf(member.nobody);
  const remoteId = context.remoteId(member.of, id);
  if (remoteId === null) return new Unsayable('The record this names has not been sent yet.');
  if (member.shape === undefined) return writeId(remoteId, member.integer);
  const record = context.book.get(member.of, id);
  if (record === null) return new Unsayable('The record this names is not in this book.');
  return encode(member.shape, record, context).wire;
}

function writeId(id: string | null, integer: boolean): unknown {
  if (id === null || !integer) return id;
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

/** An id in any of the forms that are about: 7, "7", { id: 7 }, { unique_id: "7" }. */
function readId(raw: unknown, shape: Shape | null): string | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? String(raw) : null;
  if (typeof raw === 'string') return raw === '' ? null : raw;
  if (!isWire(raw)) return null;
  const own = shape?.members.find((member) => member.kind === 'id')?.wire;
  for (const key of [own, 'id', 'unique_id', 'uid']) {
    if (key !== undefined && (typeof raw[key] === 'number' || typeof raw[key] === 'string')) return readId(raw[key], null);
  }
  return null;
}

function readReference(member: ReferenceMember, raw: unknown): Reading {
  const id = readId(raw, member.shape ?? null);
  const reference = { of: member.of, ids: id === null ? [] : [id], list: false };
  if (id === null) return { reference, isOther: !sameJson(raw, member.nobody === undefined ? null : member.nobody) };
  if (!isWire(raw)) return { reference, isOther: member.shape !== undefined || !sameJson(raw, writeId(id, member.integer)) };
  return { reference, ...readEmbedded(member.shape, member, raw, null) };
}

function asList(reading: Reading): Reading {
  return reading.reference === undefined ? reading : { ...reading, reference: { ...reading.reference, list: true } };
}

function readReferences(member: ReferenceMember, raw: unknown): Reading {
  if (!Array.isArray(raw))
    return raw === null
      ? { reference: { of: member.of, ids: [], list: true }, isOther: true }
      : { refused: 'This is not a list.', isOther: true };
  const readings = raw.map((item: unknown) => readReference(member, item));
  const ids = readings.flatMap((reading) => reading.reference?.ids ?? []);
  return {
    reference: { of: member.of, ids: [...new Set(ids)], list: true },
    related: readings.flatMap((reading) => reading.related ?? []),
    isOther: readings.some((reading) => reading.isOther) || new Set(ids).size !== raw.length,
  };
}

function readChildren(member: ChildrenMember, raw: unknown): Reading {
  const items: unknown[] = Array.isArray(raw) ? raw : raw === null ? [] : [raw];
  const isListOther = member.single === true ? Array.isArray(raw) : !Array.isArray(raw);
  if (member.shape === undefined) {
    const ids = [...new Set(items.flatMap((item) => readId(item, null) ?? []))];
    const written = ids.map((id) => writeId(id, member.integer));
    return { reference: { of: member.of, ids, list: true }, isOther: isListOther || !sameJson(raw, written) };
  }
  const embedded = items.map((item) =>
    isWire(item) ? readEmbedded(member.shape, member, item, member.parent) : { isOther: true, related: [] },
  );
  return { related: embedded.flatMap((one) => one.related), isOther: isListOther || embedded.some((one) => one.isOther) };
}

function readEmbedded(
  shape: Shape | undefined,
  member: Member,
  raw: Wire,
  parent: string | null,
): { related: Related[]; isOther: boolean } {
  if (shape === undefined) return { related: [], isOther: true };
  const decoded = decode(shape, raw);
  const isWhole = shape.members.every((one) => one.kind === 'computed' || decoded.said.includes(one.wire));
  return {
    related: [{ of: collectionOf[shape.kind], member: member.wire, parent, decoded }],
    isOther: !isWhole || Object.keys(decoded.leftovers).length > 0,
  };
}

/** Whether what decoding left over still says what the record says. */
function stillMeans(shape: Shape, member: Member, left: unknown, written: unknown, record: BookRecord, wire: Wire): boolean {
  if (member.kind === 'given') return true;
  const reading = readMember(shape, member, left, wire);
  const stored = valueAt(record, bookPathOf(member) ?? '');
  if (member.kind === 'value' && reading.refused !== undefined) {
    // What the book refused is put back as long as the record says nothing of its own there.
    return (
      member.isOrigin === true || sameJson(stored, blankValue(shape, member)) || keepable(shape, member.book, stored) instanceof Unsayable
    );
  }
  if (!(written instanceof Unsayable) && written !== undefined) return meansSame(shape, member, left, written, wire);
  if (member.kind === 'value') return sameValue(member, reading.value, stored);
  return member.kind === 'reference' && stored === null && reading.reference?.ids.length === 0;
}

/** Whether two raw values of a member say the same to the book; the first may leave out parts of nested records. */
export function meansSame(shape: Shape, member: Member, first: unknown, second: unknown, wire: Wire): boolean {
  const a = readMember(shape, member, first, wire);
  const b = readMember(shape, member, second, wire);
  if (a.refused !== undefined || b.refused !== undefined) return sameJson(first, second);
  if (member.kind === 'value') return sameValue(member, a.value, b.value);
  if (member.kind !== 'reference' && member.kind !== 'children') return sameJson(a.value, b.value);
  return sameJson(a.reference, b.reference) && saysNoMore(member.shape, a.related ?? [], b.related ?? []);
}

function saysNoMore(shape: Shape | undefined, first: readonly Related[], second: readonly Related[]): boolean {
  return (
    first.length === second.length &&
    first.every(({ decoded: a, member: name }, at) => {
      const b = (second[at] as Related).decoded;
      if (a.remoteId !== null && a.remoteId !== b.remoteId) return false;
      if (!Object.entries(a.references).every(([path, value]) => sameJson(value, b.references[path]))) return false;
      const sameFields = Object.entries(a.fields).every(([path, value]) => {
        const member = shape?.members.find((one): one is ValueMember => one.kind === 'value' && one.book === path);
        const other = b.fields[path] ?? null;
        return member === undefined ? sameJson(value, other) : sameValue(member, value, other);
      });
      const inner = shape?.members.find((one) => one.wire === name);
      return (
        sameFields && saysNoMore(inner?.kind === 'reference' || inner?.kind === 'children' ? inner.shape : undefined, a.related, b.related)
      );
    })
  );
}

/** Whether two values of the book are one to the dialect. */
export function sameValue(member: ValueMember, first: unknown, second: unknown): boolean {
  if (sameJson(first, second)) return true;
  if (first === null || second === null || first === undefined || second === undefined) return false;
  if (member.elementKey !== undefined && Array.isArray(first) && Array.isArray(second)) {
    const keys = (list: unknown[]) => [...new Set(list.map(member.elementKey as (element: unknown) => string))].sort();
    return sameJson(keys(first), keys(second));
  }
  return member.same?.(first, second) ?? false;
}

/** What the book says in a new record's field. */
export function blankValue(shape: Shape, member: ValueMember): unknown {
  const kept = keepable(shape, member.book, undefined);
  return kept instanceof Unsayable ? null : kept.value;
}

/** A value as the book's own schema keeps it, or why it does not. */
function keepable(shape: Shape, path: string, value: unknown): { value: unknown } | Unsayable {
  const schema = bookSchemaAt(shape.kind, path);
  if (schema === null) return { value };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return new Unsayable(whyNot(parsed.error.issues[0], 'The book cannot keep this value.'));
}

export function bookPathOf(member: Member): string | null {
  return member.kind === 'value' || member.kind === 'reference' ? member.book : null;
}

/** Objects that members stand in ("address"), outermost first. Members with a shape of their own are no groups. */
export function groupsOf(shape: Shape): string[] {
  return remember(groupMemory, shape, () => [
    ...new Set(
      shape.members.flatMap(({ wire }) =>
        wire
          .split('.')
          .slice(0, -1)
          .map((_, at, steps) => steps.slice(0, at + 1).join('.')),
      ),
    ),
  ]);
}

export function membersOfGroup(shape: Shape, group: string): Member[] {
  return shape.members.filter((member) => member.wire.startsWith(`${group}.`));
}

function isGroupNullable(shape: Shape, group: string): boolean {
  return acceptsNull(shape, group);
}

function isWholeGroupEmpty(shape: Shape, group: string, decoded: Decoded): boolean {
  return membersOfGroup(shape, group).every(
    (member) => decoded.said.includes(member.wire) && member.kind === 'value' && decoded.fields[member.book] === null,
  );
}

function acceptsNull(shape: Shape, path: string): boolean {
  return wireSchemaAt(shape, path)?.safeParse(null).success ?? false;
}

/** Everything in the object that no member speaks of. */
function collectUnknown(shape: Shape, wire: Wire, prefix: string, leftovers: Wire): void {
  const groups = groupsOf(shape);
  for (const [key, value] of Object.entries(wire)) {
    const path = `${prefix}${pathStep(key)}`;
    if (shape.members.some((member) => member.wire === path)) continue;
    if (!groups.includes(path)) put(leftovers, path, value);
    else if (isWire(value)) collectUnknown(shape, value, `${path}.`, leftovers);
    else if (value !== null) put(leftovers, path, value);
  }
}

const wireSchemas = new WeakMap<Shape, Map<string, z.ZodType | null>>();
const bookSchemas = new Map<string, z.ZodType | null>();
const groupMemory = new WeakMap<Shape, string[]>();

/** The part of the wire's schema that a path names; null where it names none. */
export function wireSchemaAt(shape: Shape, path: string): z.ZodType | null {
  const known = remember(wireSchemas, shape, () => new Map<string, z.ZodType | null>());
  if (!known.has(path)) known.set(path, schemaAt(shape.schema, path));
  return known.get(path) ?? null;
}

function bookSchemaAt(kind: BookKind, path: string): z.ZodType | null {
  const key = `${kind}/${path}`;
  if (!bookSchemas.has(key)) bookSchemas.set(key, schemaAt(bookFields[kind].extend(commonFields), path));
  return bookSchemas.get(key) ?? null;
}

function schemaAt(schema: z.ZodType, path: string): z.ZodType | null {
  let at: z.ZodType = schema;
  for (const step of path.split('.')) {
    const object = objectIn(at);
    const next = object?.shape[step] as z.ZodType | undefined;
    if (next === undefined) return null;
    at = next;
  }
  return at;
}

/** The object schema inside wrappers such as nullable, optional and default. */
export function objectIn(schema: z.ZodType): z.ZodObject | null {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return objectIn(schema.unwrap() as z.ZodType);
  return null;
}

function remember<T>(memory: WeakMap<Shape, T>, shape: Shape, make: () => T): T {
  const known = memory.get(shape);
  if (known !== undefined) return known;
  const made = make();
  memory.set(shape, made);
  return made;
}

/**
 * Book paths to whole top-level fields, as commands take them: `{ "address.city": "Denver" }` on a record becomes its
 * address with another city. Emptying a part of an object that is not there does not make one.
 */
export function topLevelChanges(kind: BookKind, record: object | null, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const changes: Wire = {};
  for (const [path, value] of Object.entries(fields)) {
    const [top] = path.split('.') as [string];
    if (path === top) {
      changes[top] = value;
      continue;
    }
    const before = Object.hasOwn(changes, top) ? changes[top] : record === null ? null : valueAt(record, top);
    if (before === null && value === null) continue;
    const schema = bookSchemaAt(kind, top);
    const whole = before ?? (schema === null ? {} : (schema.safeParse({}).data ?? {}));
    changes[top] = copyOf(whole);
    writePath(changes, path, value);
  }
  return changes;
}
