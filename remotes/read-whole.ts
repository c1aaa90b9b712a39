import type { ListPage, Manifest, RemoteList, RemoteResource } from '../shared/dialects/manifest.ts';
import { isWire, readPath, type Wire } from '../shared/dialects/wire.ts';
import { fault, RemoteFault } from './remote-fault.ts';
import type { RemoteHttp } from './remote-http.ts';

/** What a remote says of one kind of record. */
export interface ReadRows {
  rows: Map<string, Wire>;
  /** Objects that no record can be made of: without an id. */
  unreadable: number;
  /** Whether every page up to the proven end was read. Only then does absence mean anything. */
  isWhole: boolean;
  /** Only what changed since the last read: what is not in it is as it was. */
  isDelta: boolean;
}

export interface WholeRead {
  of: ReadonlyMap<string, ReadRows>;
  /** Names and ids that rows taught beyond records. */
  known: Record<string, string>;
  /** Newest time of change that was seen, by resource; in the server's own clock. */
  newest: Record<string, string>;
  /** How far the rows were asked what hangs on them, by resource; null where all were. */
  rounds: Record<string, string | null>;
}

export interface ReadOptions {
  manifest: Manifest;
  http: RemoteHttp;
  /** A path with the organisation filled in. */
  path: (path: string) => string;
  /** Times to read on from, by resource; without one the list is read whole. */
  since: Readonly<Record<string, string>>;
  /** The value of a member of a row that its own list does not show; null where it is not known. */
  knownMember: (resource: string, remoteId: string, member: string) => unknown;
  /** Whether a row was seen before this read. */
  isSeen: (resource: string, remoteId: string) => boolean;
  /** The id after which rows are to be asked what hangs on them; "" begins, null where it is not time for that. */
  round: (resource: string) => string | null;
  pause: (ms: number) => Promise<void>;
}

/** Rows that are asked one by one in a cycle. */
const mostAsked = 200;
const mostFailed = 3;

/** Lists longer than this are no list of clients: somebody answers for ever. */
const mostPages = 20_000;
const tries = 3;

/** Reads every list of a remote to its proven end. Throws RemoteFault; then nothing of what was read counts. */
export async function readWhole(options: ReadOptions): Promise<WholeRead> {
  const { manifest } = options;
  const of = new Map<string, ReadRows>(
    manifest.resources.map(({ name }) => [name, { rows: new Map(), unreadable: 0, isWhole: false, isDelta: false }]),
  );
  const read: WholeRead = { of, known: {}, newest: {}, rounds: {} };
  for (const resource of manifest.resources) {
    if (resource.list === null) continue;
    const narrowed = resource.list.narrowed;
    if (narrowed === undefined) await readList(options, resource, resource.list, read);
    else await readNarrowed(options, resource, resource.list, narrowed, read);
    if (resource.list.details !== undefined) await readDetails(options, resource, resource.list.details, read);
  }
  return read;
}

/** What one row cannot show keeps nothing else from being read; that it is absent means nothing anyway. */
const passedOver: ReadonlySet<string> = new Set(['notThere', 'forbidden', 'serverError', 'refused']);

/**
 * Asks rows one by one for what hangs on them: those that are new, and some of the others in each cycle until all were asked. What a
 * cycle with nothing new costs does not grow with them: the next round is a day later.
 */
async function readDetails(
  options: ReadOptions,
  resource: RemoteResource,
  details: NonNullable<RemoteList['details']>,
  read: WholeRead,
): Promise<void> {
  const { get } = resource.calls;
  if (get === null || !options.manifest.resources.some(({ name }) => details.of.includes(name))) return;
  const rows = read.of.get(resource.name)?.rows ?? new Map<string, Wire>();
  const ids = [...rows.keys()].toSorted();
  const from = options.round(resource.name);
  const due = from === null ? [] : ids.filter((id) => id > from);
  const fresh = ids.filter((id) => (from === null || id <= from) && !options.isSeen(resource.name, id));
  const asked = new Set<string>();
  let failed = 0;
  for (const id of [...fresh, ...due].slice(0, mostAsked)) {
    try {
      const path = options.path(get.path).replace('{id}', encodeURIComponent(id));
      const { body } = await patiently(options, () => options.http.ask('GET', path));
      for (const [name, found] of Object.entries(details.in(body, id) ?? {})) put(options.manifest, name, found, read);
    } catch (error) {
      if (!(error instanceof RemoteFault) || !passedOver.has(error.fault.kind)) throw error;
      // The server is not well: it is asked again with the next cycle.
      if (error.fault.kind === 'serverError' && ++failed >= mostFailed) break;
    }
    asked.add(id);
  }
  if (from === null) return;
  const reached = due.findLast((id) => asked.has(id)) ?? from;
  read.rounds[resource.name] = due.length === 0 || reached === due.at(-1) ? null : reached;
}

/** Reads one list again, for what came of creations whose answers were lost. */
export async function readAgain(options: ReadOptions, resource: RemoteResource): Promise<WholeRead> {
  const host = resource.list === null ? options.manifest.resources.find((one) => one.list?.inside !== undefined) : resource;
  const read: WholeRead = {
    of: new Map(options.manifest.resources.map(({ name }) => [name, { rows: new Map(), unreadable: 0, isWhole: false, isDelta: false }])),
    known: {},
    newest: {},
    rounds: {},
  };
  if (host?.list) await readList({ ...options, since: {} }, host, host.list, read);
  return read;
}

async function readList(options: ReadOptions, resource: RemoteResource, list: RemoteList, read: WholeRead): Promise<void> {
  const since = list.since === undefined ? undefined : options.since[resource.name];
  const first = { ...list.query, ...(since !== undefined && list.since !== undefined && { [list.since.parameter]: since }) };
  const mine = read.of.get(resource.name) as ReadRows;
  mine.isDelta = since !== undefined;
  mine.isWhole = await readPages(options, list, first, (page) => {
    take(options.manifest, resource, page.rows, read);
    for (const [name, rows] of Object.entries(page.beside ?? {})) put(options.manifest, name, rows, read);
  });
  // What stands inside the rows is as whole as they are.
  for (const other of options.manifest.resources) {
    const theirs = read.of.get(other.name) as ReadRows;
    if (other.list === null && other.isPartial !== true && list.inside !== undefined) {
      theirs.isWhole = mine.isWhole;
      theirs.isDelta = mine.isDelta;
    }
  }
}

/** Answers whether the end is proven: the last page was read, nothing came twice, and as much came as was promised. */
async function readPages(
  options: ReadOptions,
  list: RemoteList,
  first: Record<string, string>,
  onPage: (page: ListPage) => void,
): Promise<boolean> {
  const seen = new Set<string>();
  const totals = new Set<number>();
  let asked: Record<string, string> | null = first;
  let [rows, isShifted, pages] = [0, false, 0];
  while (asked !== null) {
    if (++pages > mostPages) throw new RemoteFault(fault('foreign', 'The list of this server does not end. Nothing was sent or removed.'));
    const page = await onePage(options, list, asked);
    const before = seen.size;
    for (const row of page.rows) seen.add(JSON.stringify([row['id'] ?? row['unique_id'] ?? null, row['name'] ?? null]));
    rows += page.rows.length;
    if (page.total !== null) totals.add(page.total);
    // The same page again and again, whatever was asked: its end is not known.
    if (page.next !== null && page.rows.length > 0 && seen.size === before) {
      isShifted = true;
      break;
    }
    if (seen.size < rows) isShifted = true;
    onPage(page);
    asked = page.next;
  }
  const [total] = totals;
  return !isShifted && totals.size <= 1 && (total === undefined || rows >= total);
}

async function onePage(options: ReadOptions, list: RemoteList, asked: Record<string, string>): Promise<ListPage> {
  const { body } = await patiently(options, () => options.http.ask('GET', options.path(list.path), asked));
  const page = list.page(body, asked);
  if (page === null) {
    throw new RemoteFault(
      fault(
        'foreign',
        `This is not a list of ${options.manifest.label}. Check the address and the kind of system; nothing was sent or removed.`,
      ),
    );
  }
  return page;
}

/** Reading may be tried again at once: it changes nothing. */
export async function patiently<T>({ pause }: Pick<ReadOptions, 'pause'>, ask: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await ask();
    } catch (error) {
      const again = error instanceof RemoteFault && ['timeout', 'cutOff', 'serverError'].includes(error.fault.kind);
      if (!again || round >= tries) throw error;
      await pause(200 * 2 ** round);
    }
  }
}

/** The rows of a resource, and what stands inside them. */
function take(manifest: Manifest, resource: RemoteResource, rows: readonly Wire[], read: WholeRead): void {
  put(manifest, resource.name, rows, read);
  const { inside, learns, since } = resource.list ?? {};
  for (const row of rows) {
    if (inside !== undefined) for (const [name, found] of Object.entries(inside(row))) put(manifest, name, found, read);
    if (learns !== undefined) Object.assign(read.known, learns(row));
    const changed = since === undefined ? null : readPath(row, since.member);
    if (typeof changed === 'string' && changed > (read.newest[resource.name] ?? '')) read.newest[resource.name] = changed;
  }
  const of = read.of.get(resource.name) as ReadRows;
  if (rows.length > 0 && of.rows.size === 0)
    throw new RemoteFault(
      fault('foreign', `The records of this server are none of ${manifest.label}. Check the kind of system; nothing was sent or removed.`),
    );
}

function put(manifest: Manifest, name: string, rows: readonly Wire[], read: WholeRead): void {
  const resource = manifest.resources.find((one) => one.name === name);
  const of = read.of.get(name);
  if (resource === undefined || of === undefined) return;
  for (const row of rows) {
    const id = remoteIdIn(resource, row);
    if (id === null) of.unreadable += 1;
    else of.rows.set(id, row);
  }
}

/** Prices do not name their place. Those that are known need no more; for new ones the places are asked one by one. */
async function readNarrowed(
  options: ReadOptions,
  resource: RemoteResource,
  list: RemoteList,
  { by, parameter, member }: NonNullable<RemoteList['narrowed']>,
  read: WholeRead,
): Promise<void> {
  const mine = read.of.get(resource.name) as ReadRows;
  const unknown = new Set<string>();
  mine.isWhole = await readPages(options, list, { ...list.query }, ({ rows }) => {
    for (const row of rows) {
      const id = remoteIdIn(resource, row);
      if (id === null) {
        mine.unreadable += 1;
        continue;
      }
      const known = options.knownMember(resource.name, id, member);
      if (known === undefined || known === null) unknown.add(id);
      mine.rows.set(id, known === undefined || known === null ? row : { ...row, [member]: known });
    }
  });
  for (const [parent] of read.of.get(by)?.rows ?? []) {
    if (unknown.size === 0) break;
    await readPages(options, list, { ...list.query, [parameter]: parent }, ({ rows }) => {
      for (const row of rows) {
        const id = remoteIdIn(resource, row);
        if (id === null) continue;
        unknown.delete(id);
        mine.rows.set(id, { ...row, [member]: /^\d{1,15}$/.test(parent) ? Number(parent) : parent });
      }
    });
  }
}

/** The id an object has there, as text; null where it has none. */
export function remoteIdIn(resource: Pick<RemoteResource, 'merge'>, row: unknown): string | null {
  const member = resource.merge.answer.members.find(({ kind }) => kind === 'id');
  if (!isWire(row) || member === undefined) return null;
  const id = readPath(row, member.wire);
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : typeof id === 'string' ? id : '';
  return text === '' || text.length > 200 ? null : text;
}
