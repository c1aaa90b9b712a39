import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { cacheFolder } from '../../../build/paths.mjs';
import { type Dialect, type Endpoint, matchEndpoint, resourceOf } from '../../../shared/dialects/dialect.ts';
import { isWire, readPath, type Wire } from '../../../shared/dialects/wire.ts';
import { type Coverage, rowKeys } from '../../unit/shared/dialects/dialect-tables.ts';
import { dialects } from '../../unit/shared/dialects/shapes.ts';

/**
 * What tests really asked for and were answered over HTTP, by the rows of docs/dialects.md. A test that is named there as
 * covering a row and did not do so when it ran fails here; that it exists is held by docs.test.ts.
 */
const seen = new Map<string, Set<string>>();
/** The same of all servers of a file, to be recorded. */
const all = new Map<string, Set<string>>();

export interface SeenCall {
  method: string;
  url: string;
  /** The body, where it was JSON. */
  json: unknown;
  contentType: string;
  status: number;
  body: unknown;
}

export function noteCall(call: SeenCall): void {
  const { currentTestName, testPath } = expect.getState();
  const title = currentTestName?.split(' > ').at(-1);
  if (title === undefined || testPath === undefined) return;
  const test = titleIn(testPath, title);
  const [path = '', query = ''] = call.url.split('?');
  const keys = seen.get(test) ?? new Set();
  seen.set(test, keys);
  for (const dialect of dialects) {
    const matched = matchEndpoint(dialect, call.method, path);
    if (matched !== null && 'endpoint' in matched) for (const key of rowsOf(dialect, matched.endpoint, call, query)) keys.add(key);
  }
  all.set(test, new Set([...(all.get(test) ?? []), ...keys]));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const titles = new Map<string, string>();
const sources = new Map<string, string>();

/** The title as it stands in the file: of a test with a table of cases, the one with "%s" in it. */
function titleIn(path: string, title: string): string {
  const known = titles.get(title);
  if (known !== undefined) return known;
  const source = sources.get(path) ?? readFileSync(path, 'utf8');
  sources.set(path, source);
  const templates = [...source.matchAll(/'((?:[^'\n\\]|\\.)*%[sjd](?:[^'\n\\]|\\.)*)'/g)].map((match) => match[1] as string);
  const isOf = (template: string) =>
    new RegExp(
      `^${template
        .split(/%[sjd]/)
        .map(escaped)
        .join('[^]*')}$`,
    ).test(title);
  const found = source.includes(`'${title}'`) ? title : (templates.find(isOf) ?? title);
  titles.set(title, found);
  return found;
}

function* rowsOf(dialect: Dialect, endpoint: Endpoint, call: SeenCall, query: string): Generator<string> {
  yield rowKeys.answers(dialect, endpoint, call.status);
  if (call.status >= 300) return;
  const type = bodyTypes.find(([start]) => call.contentType.startsWith(start))?.[1];
  if (type !== undefined && endpoint.body !== null) yield rowKeys.takes(dialect, endpoint, type);
  for (const [name, value] of new URLSearchParams(query)) if (value !== '') yield rowKeys.asks(dialect, endpoint, name);
  const { wrap, name } = resourceOf(dialect, endpoint.resource);
  const sent = wrap !== undefined && isWire(call.json) ? call.json[wrap] : call.json;
  const says = (wire: Wire, path: string) => (readPath(wire, path) ?? null) !== null;
  const members = (resource: string) => {
    const { answer, create, change } = resourceOf(dialect, resource);
    return new Set([answer, create, change].flatMap((shape) => shape?.members.map(({ wire }) => wire) ?? []));
  };
  if (isWire(sent)) for (const wire of members(name)) if (says(sent, wire)) yield rowKeys.isSent(dialect, name, wire);
  for (const [resource, wires] of shownIn(dialect, endpoint, call.body))
    for (const path of members(resource)) if (wires.some((wire) => says(wire, path))) yield rowKeys.shows(dialect, resource, path);
}

const bodyTypes = [
  ['application/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data', 'multipart'],
] as const;

/** What BottleCRM's answers hold beside the record they are about, by the name it has there. */
const nested: Readonly<Record<string, string>> = {
  account_obj: 'accounts',
  open_accounts: 'accounts',
  closed_accounts: 'accounts',
  contacts: 'contacts',
  opportunities: 'opportunities',
  cases: 'cases',
  tasks: 'tasks',
  invoices: 'invoices',
  users: 'users',
  assigned_to: 'users',
  teams: 'teams',
  users_mention: 'mentions',
  comment: 'comments',
  comments: 'comments',
  attachment: 'attachments',
  attachments: 'attachments',
};

function shownIn(dialect: Dialect, { action, resource }: Endpoint, body: unknown): [string, Wire[]][] {
  const wires = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isWire);
  const own: [string, Wire[]] = [resource, action === 'list' ? dialect.rowsIn(body) : wires(dialect.oneIn(body))];
  if (dialect.name !== 'bottlecrm' || !isWire(body)) return [own];
  // A detail keeps the account's lists beside it.
  const beside = Object.entries(body).flatMap(([key, value]): [string, Wire[]][] => {
    const of = nested[key];
    return of === undefined ? [] : [[of, wires(value)]];
  });
  return resource === 'accounts' || beside.length > 0 ? [...(resource === 'accounts' ? [own] : []), ...beside] : [own];
}

const coverageFile = new URL('../dialect-coverage.json', import.meta.url);

/** Ends a server's tests: whatever one of them is named for it has to have done. Begins anew for the next engine. */
export function checkCoverage(): void {
  const file = basename(expect.getState().testPath ?? '');
  if (process.env['FIELDBOOK_RECORD'] === '1') {
    const folder = join(cacheFolder, 'dialect-coverage');
    mkdirSync(folder, { recursive: true });
    const tests = Object.fromEntries([...all].map(([test, keys]) => [test, [...keys].toSorted()]));
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(tests));
  }
  const claimed = Object.entries(JSON.parse(readFileSync(coverageFile, 'utf8')) as Coverage);
  const untrue = claimed.flatMap(([key, claim]) => {
    const [of, test] = splitClaim(claim);
    const keys = of === file ? seen.get(test) : undefined;
    return keys === undefined || keys.has(key) ? [] : [`${claim} does not cover "${key}"`];
  });
  seen.clear();
  expect(untrue).toEqual([]);
}

/** File and title of a test that a row names. */
export function splitClaim(claim: string): [file: string, test: string] {
  const at = claim.indexOf(': ');
  return [claim.slice(0, at), claim.slice(at + 2)];
}
