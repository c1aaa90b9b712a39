import type { z } from 'zod';
import { withoutEnd, withoutStart } from '../lib/text.ts';
import type { Collection } from './book-view.ts';
import type { DialectName } from './foreign-systems.ts';
import type { ListQuery } from './list-query.ts';
import type { QueryParameter } from './query-parameter.ts';
import type { MergeShapes } from './wire-merge.ts';
import type { Shape } from './shape.ts';
import { isWire, type Wire } from './wire.ts';

/** The common shape of the five dialects (domain model, "Book and five dialects"). Everything here is data and pure functions. */
export interface Dialect {
  name: DialectName;
  /** What people call the system on screen. */
  label: string;
  /** The spec it is made from. */
  spec: string;
  capabilities: Capabilities;
  /** The objects in a list's answer, in any of the envelopes that are about. */
  rowsIn: (body: unknown) => Wire[];
  /** The object in the answer to getting, creating or changing one; null where there is none. */
  oneIn: (body: unknown) => Wire | null;
  /** The query of the page after the one that was asked for; null after the last. */
  nextPage: (body: unknown, asked: Readonly<Record<string, string>>) => Record<string, string> | null;
  resources: readonly Resource[];
  endpoints: readonly Endpoint[];
}

export interface Capabilities {
  canDelete: boolean;
  /** Can be asked what changed since a time; the others are read whole and compared with their shadows. */
  canListChangesSince: boolean;
  /** A deleted record is still there and says so; elsewhere it is just gone from the lists. */
  keepsDeleted: boolean;
  idsAreIntegers: boolean;
  /** How lists come: all at once, by page number, or by offset. */
  paging: 'none' | 'page' | 'offset';
  /** `token` is Django REST framework's own: a bearer token under another word. */
  auth: readonly ('sessionCookie' | 'basic' | 'bearer' | 'token')[];
  /** Headers every request carries beside the authentication. */
  headers: readonly string[];
  /** The caller may choose the id of a record it makes, which makes creating it idempotent. */
  canChooseIds: boolean;
}

/** One kind of object a dialect serves. */
export interface Resource {
  name: string;
  /** The collection its records are kept in. */
  of: Collection;
  answer: Shape;
  /** What creating can say; null where records come into being otherwise. */
  create: Shape | null;
  /** What updating can say; null where nothing can be updated. */
  change: Shape | null;
  merge: MergeShapes;
  /** The key a request's object is nested under. */
  wrap?: string;
  /** Members of the answer that no request changes, and where another value than the one shown is refused, not passed over. */
  fixed?: readonly string[];
  /** Which calls there are. */
  canList: boolean;
  canGet: boolean;
  canDelete: boolean;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Action =
  | 'list'
  | 'get'
  | 'create'
  /** PUT that names every field it wants to keep. */
  | 'replace'
  /** Leaves out what is to stay. */
  | 'change'
  | 'delete'
  | 'comment'
  | 'sendEmail';

export interface Endpoint {
  /** "clients.list"; unique in a dialect. */
  name: string;
  resource: string;
  action: Action;
  method: Method;
  /** With the placeholders of the spec in braces; served with and without a trailing slash. */
  path: string;
  pathParameters: readonly { name: string; type: 'text' | 'integer'; meaning: string }[];
  query: readonly QueryParameter[];
  /** Order and page of a list nobody asked to arrange. */
  start: Pick<ListQuery, 'sort' | 'page'>;
  body: z.ZodType | null;
  /** Content types of the body. */
  bodyTypes: readonly ('json' | 'form' | 'multipart')[];
  /** Headers that the rest of the dialect needs and this call does not. */
  spares: readonly string[];
  /** Names of the parts of a multipart body that are files; every other part is a field of the body. */
  files: readonly string[];
  response: z.ZodType | null;
  statuses: readonly Status[];
}

export interface Status {
  status: number;
  meaning: string;
}

export const ok = { status: 200, meaning: 'Done' } as const;
export const created = { status: 201, meaning: 'Created' } as const;
export const accepted = { status: 202, meaning: 'Taken, and not done yet' } as const;
export const noContent = { status: 204, meaning: 'Deleted' } as const;
export const badRequest = { status: 400, meaning: 'Something in the request is wrong or missing' } as const;
export const unauthorized = { status: 401, meaning: 'Not signed in' } as const;
export const forbidden = { status: 403, meaning: 'Not allowed' } as const;
export const notFound = { status: 404, meaning: 'There is no such record' } as const;
export const conflict = { status: 409, meaning: 'The e-mail belongs to another client' } as const;
export const badGateway = { status: 502, meaning: 'Another server refused it for good' } as const;

const byPath = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);

/** An endpoint from what is particular about it. */
export function endpoint(
  of: Pick<Endpoint, 'name' | 'resource' | 'action' | 'method' | 'path' | 'statuses'> &
    Partial<Endpoint> & { integers?: readonly string[]; meanings?: Readonly<Record<string, string>> },
): Endpoint {
  const { integers = [], meanings = {}, ...rest } = of;
  return {
    pathParameters: byPath(of.path).map((name) => ({
      name,
      type: integers.includes(name) ? ('integer' as const) : ('text' as const),
      meaning: meanings[name] ?? 'Id of the record',
    })),
    query: [],
    start: { sort: [], page: null },
    body: null,
    bodyTypes: of.body === undefined || of.body === null ? [] : ['json'],
    spares: [],
    files: [],
    response: null,
    ...rest,
  };
}

export interface MatchedPath {
  endpoint: Endpoint;
  parameters: Record<string, string>;
}

/** The endpoint a request is for, with and without trailing slash; by path alone when the method fits none ("allow"). */
export function matchEndpoint(dialect: Dialect, method: string, path: string): MatchedPath | { allow: Method[] } | null {
  const steps = trim(path).split('/');
  const fitting = dialect.endpoints.flatMap((one) => {
    const parameters = fit(trim(one.path).split('/'), steps);
    return parameters === null ? [] : [{ endpoint: one, parameters }];
  });
  // "clients/create/" is no client called "create": the path with fewer placeholders is meant.
  fitting.sort((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length);
  const found = fitting.find((one) => one.endpoint.method === method);
  if (found !== undefined) return found;
  return fitting.length === 0 ? null : { allow: [...new Set(fitting.map((one) => one.endpoint.method))] };
}

function fit(pattern: readonly string[], steps: readonly string[]): Record<string, string> | null {
  if (pattern.length !== steps.length) return null;
  const parameters: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const step = steps[at] as string;
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== step : step === '') return null;
    if (name !== undefined) {
      try {
        parameters[name] = decodeURIComponent(step);
      } catch {
        return null;
      }
    }
  }
  return parameters;
}

const trim = (path: string) => withoutStart(withoutEnd(path, '/'), '/');

/** The path of an endpoint with its placeholders filled in. */
export function pathTo(to: Endpoint, parameters: Readonly<Record<string, string>> = {}): string {
  return to.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
}

export function resourceOf(dialect: Dialect, name: string): Resource {
  const found = dialect.resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`${dialect.name} has no resource "${name}"`);
  return found;
}

export function endpointOf(dialect: Dialect, name: string): Endpoint {
  const found = dialect.endpoints.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${dialect.name} has no endpoint "${name}"`);
  return found;
}

/** An answer that is the object. */
export function bareObject(body: unknown): Wire | null {
  return isWire(body) ? body : null;
}

/** Lists that come all at once. */
export const noNextPage = (): null => null;

/** Where the objects are in a list's answer: a bare list, or one of the envelopes Django and others put around it. */
export function listIn(body: unknown, ...keys: string[]): Wire[] {
  if (Array.isArray(body)) return body.filter((item): item is Wire => typeof item === 'object' && item !== null);
  if (typeof body !== 'object' || body === null) return [];
  for (const key of [...keys, 'results', 'data']) if (Object.hasOwn(body, key)) return listIn((body as Wire)[key], ...keys);
  return [];
}
