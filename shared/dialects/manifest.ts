import { fold } from '../lib/text.ts';
import { isDecimal } from '../lib/money.ts';
import type { BookRecord, BookView, Collection } from './book-view.ts';
import { type Dialect, endpointOf, type Method, pathTo, resourceOf } from './dialect.ts';
import type { DialectName } from './foreign-systems.ts';
import type { EncodeContext, Shape, Unsayable } from './shape.ts';
import type { MergeShapes } from './wire-merge.ts';
import { isWire, readPath, type Wire } from './wire.ts';

/**
 * What the engine of foreign remotes (remotes/) must know of a system beside its codec: where its lists
 * are and how they end, what it can do, how its records are told apart. Data and pure functions: a system is added with a
 * manifest and a codec, and without a change of the engine (docs/remotes.md).
 */
export interface Manifest {
  /** What a connection file names. */
  kind: DialectName;
  /** Which edition of the system this is for; the kind itself for the documented one. */
  edition: string;
  label: string;
  dialect: Dialect;
  signIn: readonly ('token' | 'basic' | 'session')[];
  /** Where the organisation is named; `headers` carries it under each of the names. */
  organisation: { in: 'nowhere' } | { in: 'path'; parameter: string } | { in: 'headers'; names: readonly string[] };
  /** Parents before what names them: in this order records are received and sent, and in the other one deleted. */
  resources: readonly RemoteResource[];
  /** Other editions, which a server is recognised as by what its first list looks like. */
  editions?: readonly Manifest[];
  /** Whether a first page is the one of this edition. */
  recognise?: (body: unknown) => boolean;
  /** Words for the table of capabilities. */
  limits: readonly string[];
}

/** What a system does with one kind of record. */
export interface Capability {
  of: Collection;
  /** It shows them. */
  comes: boolean;
  creates: boolean;
  changes: boolean;
  deletes: boolean;
}

/** What a system does with each kind of record it knows, in the order they are met. Each column follows from its calls. */
export function capabilitiesOf({ resources }: Manifest): Capability[] {
  const all = new Map<Collection, Capability>();
  for (const { of, create, merge, calls } of resources) {
    const before = all.get(of);
    all.set(of, {
      of,
      comes: true,
      creates: (before?.creates ?? false) || (create !== null && calls.create !== null),
      changes: (before?.changes ?? false) || (merge.change !== null && calls.change !== null),
      deletes: (before?.deletes ?? false) || calls.remove !== null,
    });
  }
  return [...all.values()];
}

/** The same system with these kinds of records alone, in each of its editions. */
export function onlyThese(manifest: Manifest, these: ReadonlySet<string>): Manifest {
  return {
    ...manifest,
    resources: manifest.resources.filter(({ of }) => these.has(of)),
    ...(manifest.editions !== undefined && { editions: manifest.editions.map((one) => onlyThese(one, these)) }),
  };
}

/** One page of a list. */
export interface ListPage {
  rows: Wire[];
  /** Query of the page after it; null where this one is the last. */
  next: Record<string, string> | null;
  /** How many rows there are in all pages, where the system says so. */
  total: number | null;
  /** Objects of other resources that came with the page, by the resource's name. */
  beside?: Readonly<Record<string, Wire[]>>;
}

export interface RemoteList {
  path: string;
  query: Readonly<Record<string, string>>;
  /** Null where the body is no list of this system: a login page, an error, another system. */
  page: (body: unknown, asked: Readonly<Record<string, string>>) => ListPage | null;
  /** Rows found in the rows: people, places. By the name of their resource. */
  inside?: (row: Wire) => Readonly<Record<string, Wire[]>>;
  /**
   * What hangs on a row and is shown only where it is asked for by itself, by the names of their resources; null where the body
   * is no such answer. Rows are asked one by one, some in each cycle (read-whole.ts).
   */
  details?: { of: readonly string[]; in: (body: unknown, remoteId: string) => Readonly<Record<string, Wire[]>> | null };
  /** What a row teaches about names and ids beyond records: `body` is given it. */
  learns?: (row: Wire) => Readonly<Record<string, string>>;
  /** A list of what changed since a time of the server's. Both ends are inclusive; times have this grain. */
  since?: { parameter: string; member: string; grainMs: number };
  /** Rows do not name the record they hang on; a list narrowed to that record does. */
  narrowed?: { by: string; parameter: string; member: string };
}

export interface RemoteCall {
  method: Method;
  /** With `{id}`. */
  path: string;
}

export interface RemoteResource {
  name: string;
  of: Collection;
  merge: MergeShapes;
  create: Shape | null;
  /** Null where its objects come with another list. */
  list: RemoteList | null;
  calls: { get: RemoteCall | null; create: RemoteCall | null; change: RemoteCall | null; remove: RemoteCall | null };
  /** The object in an answer to getting, creating or changing one; null where there is none. */
  oneIn: (body: unknown) => Wire | null;
  /** A request's body as it travels; a reason where it cannot be said. `known` is what the lists taught. */
  body?: (
    body: Wire,
    action: 'create' | 'change',
    record: BookRecord,
    context: EncodeContext,
    known: Readonly<Record<string, string>>,
  ) => Wire | Unsayable;
  /** The caller may choose the id. */
  choosesIds?: boolean;
  /** What a record of it is in the book besides what the system says. */
  isHere?: Readonly<Record<string, unknown>>;
  /** Which records of the book are sent there when they are not there yet; all live ones unless told. */
  isOffered?: (record: BookRecord, book: BookView) => boolean;
  /** Which records of the book may be one of its rows; all live ones unless told. */
  isMatchable?: (record: BookRecord, book: BookView) => boolean;
  /** What a record must have before it can be made there: the field, and a sentence for the person. */
  problem?: (record: BookRecord, context: EncodeContext) => { path: string; message: string } | null;
  /** Members of the answer by which two records are known to be one. Each is tried in turn; the first that both have decides. */
  keys: readonly NaturalKey[];
  /** Members that a failed update may leave empty although it was not asked to. */
  halves?: readonly string[];
  /** Rows that come with others may be only a part of what there is: absence says nothing. */
  isPartial?: boolean;
}

export interface NaturalKey {
  /** "name", ["name", "phone"]. */
  members: readonly string[];
  /** No two records there can have the same. */
  isUnique: boolean;
  /** Two records that differ in one of these are two, although the key is the same. */
  unless?: readonly string[];
}

/** The value of a key in a wire object; null where a part of it is missing. Case, accents and spaces do not count. */
export function keyValue(key: Pick<NaturalKey, 'members'>, wire: Wire): string | null {
  const parts = key.members.map((member) => keyPart(wire, member));
  return parts.some((part) => part === null) ? null : parts.join('\u0000');
}

export function keyPart(wire: Wire, member: string): string | null {
  const raw = readPath(wire, member);
  const value = isWire(raw) ? (raw['id'] ?? raw['unique_id']) : raw;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const text = fold(value).trim().replace(/\s+/g, ' ');
  return text === '' ? null : text;
}

/** The calls of a resource as its dialect's endpoints have them; `{id}` stands for whatever the dialect calls it. */
export function callsOf(dialect: Dialect, name: string, organisation?: string): RemoteResource['calls'] {
  const call = (action: string): RemoteCall | null => {
    const found = dialect.endpoints.find((one) => one.name === `${name}.${action}`);
    if (found === undefined) return null;
    return { method: found.method, path: found.path.replace(/\{(\w+)\}/g, (whole, word) => (word === organisation ? whole : '{id}')) };
  };
  return { get: call('get'), create: call('create'), change: call('change') ?? call('replace'), remove: call('delete') };
}

/** A resource of a dialect with its own shapes and calls; the manifest says the rest. */
export function resourceIn(
  dialect: Dialect,
  name: string,
  more: Partial<RemoteResource> & Pick<RemoteResource, 'list' | 'keys'>,
  organisation?: string,
): RemoteResource {
  const { of, merge, create } = resourceOf(dialect, name);
  return { name, of, merge, create, calls: callsOf(dialect, name, organisation), oneIn: dialect.oneIn, ...more };
}

/** What only comes along with other lists and is not written to. */
export function readOnlyResource(
  of: Pick<RemoteResource, 'name' | 'of' | 'keys'> & { shape: Shape } & Partial<RemoteResource>,
): RemoteResource {
  const { shape, ...rest } = of;
  return {
    merge: { answer: shape, change: null },
    create: null,
    list: null,
    calls: { get: null, create: null, change: null, remove: null },
    oneIn: () => null,
    isPartial: true,
    ...rest,
  };
}

export const listPath = (dialect: Dialect, name: string) => pathTo(endpointOf(dialect, `${name}.list`));

/** A list of Django REST framework: all at once, or `{count, next, previous, results}` with `next` a whole address. */
export function djangoPage(body: unknown, keys: readonly string[] = []): ListPage | null {
  const rows = rowsOf(body, ['results', ...keys]);
  if (rows === null) return null;
  if (Array.isArray(body)) return { rows, next: null, total: null };
  const { next, count } = body as Wire;
  return { rows, next: typeof next === 'string' && next !== '' ? queryOf(next) : null, total: wholeNumber(count) };
}

/** The objects of a list; null where there is no list, or something else than objects in it. */
export function rowsOf(body: unknown, keys: readonly string[]): Wire[] | null {
  const list = Array.isArray(body) ? body : isWire(body) ? keys.map((key) => body[key]).find((value) => Array.isArray(value)) : undefined;
  if (!Array.isArray(list)) return null;
  return list.every(isWire) ? list : null;
}

/** A whole number in either form servers write one in. */
export function wholeNumber(value: unknown): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  return /^\d{1,15}$/.test(text) && isDecimal(text) ? Number(text) : null;
}

/** The query of an address. Where it points besides is not followed: it may be another server. */
export function queryOf(address: string): Record<string, string> {
  const query = /\?([^#]*)/.exec(address)?.[1] ?? '';
  const entries = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [decoded(name), decoded(value)] as const;
    });
  return Object.fromEntries(entries);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
