import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ProblemError } from '../../shared/lib/result.ts';
import { withoutEnd } from '../../shared/lib/text.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { type Operation, remoteCommand } from '../../shared/operations/operation.ts';
import type { HistoryTransaction } from '../../shared/operations/transaction.ts';
import type { Book } from '../domain/book.ts';
import type { Log } from '../domain/ports.ts';
import type { Contents } from './file-exchange.ts';
import { adapterFor } from './remote-adapters.ts';
import { createTaking } from './take-rows.ts';
import type { ConnectRequest, KeptRemote, RemoteReceipt } from '../../remotes/remote.ts';
import type { Remote, RemoteBook, RemoteContext } from './remote.ts';
import { words, type Words } from '../../shared/words/words.ts';
import { say } from '../../shared/words/say.ts';

/** `compare`: those that cannot be held against the server record by record are synced as ever. */
export type SyncHow = 'sync' | 'rehearse' | 'compare';

export interface Remotes {
  list(): readonly Remote[];
  /** Signs in and keeps the remote. One that is there already is signed in to anew. */
  connect(request: ConnectRequest, signal: AbortSignal): Promise<KeptRemote>;
  /** Signs in and keeps nothing yet: what was found can be rehearsed, and kept or forgotten. */
  meet(request: ConnectRequest, signal: AbortSignal): Promise<Met>;
  /** Forgets the remote with its secrets. The book stays as it is; what the server has of it is not known any more. */
  disconnect(id: string): Promise<void>;
  /** One after the other: two remotes never change a record at the same moment. A receipt for each of `list()`, in its order. */
  syncAll(how: SyncHow, signal: AbortSignal): Promise<RemoteReceipt[]>;
  close(): Promise<void>;
}

/** A server that was signed in to, and whose secrets are in memory only. */
export interface Met {
  readonly kept: KeptRemote;
  /** Speaks to it as it was asked for, or in another direction. */
  open(direction?: KeptRemote['direction']): Remote;
  keep(settings?: Readonly<Record<string, unknown>>): Promise<KeptRemote>;
}

export interface RemoteStore {
  list(): readonly KeptRemote[];
  add(remote: KeptRemote, secrets: Record<string, string>): Promise<KeptRemote>;
  /** The same remote, signed in anew. */
  replaceSecrets(id: string, secrets: Record<string, string>): Promise<void>;
  remove(id: string): Promise<void>;
  secret(id: string, name: string): string | null;
  setSecret(id: string, name: string, value: string | null): Promise<void>;
}

export interface RemotesDeps {
  book: Book;
  store: RemoteStore;
  operationsAfter(seq: number): AsyncGenerator<Operation[]>;
  /** Contents of attached files. */
  contents?: Contents;
  /** Why this book must not be synced now, in a sentence; null where it may (invariant 4). */
  obstacle(): Words | null;
  clock: Clock;
  log: Log;
}

/** The servers of this book. */
export function createRemotes(deps: RemotesDeps): Remotes {
  const { book, store, clock, log } = deps;
  const open = new Map<string, Remote>();
  const remoteBook = remoteBookOf(book);
  for (const kept of store.list()) openOne(kept);

  function openOne(kept: KeptRemote): void {
    const secrets = {
      get: (name: string) => store.secret(kept.id, name),
      set: (name: string, value: string | null) => store.setSecret(kept.id, name, value),
    };
    open.set(kept.id, openWith(kept, secrets));
  }

  function openWith(kept: KeptRemote, secrets: RemoteContext['secrets']): Remote {
    const adapter = adapterFor(kept.kind);
    if (adapter === null) return unknownKind(kept);
    const whole = { book, operationsAfter: deps.operationsAfter, contents: deps.contents ?? null };
    return adapter.open(kept, { book: remoteBook, secrets, clock, log, whole });
  }

  async function meet(request: ConnectRequest, signal: AbortSignal): Promise<Met> {
    const url = withoutEnd(request.url, '/');
    checkAddress(url);
    const adapter = adapterFor(request.kind);
    if (adapter === null) throw new ProblemError({ code: 'INVALID_INPUT', ...noSuchKind(request.kind) });
    const others = store.list().filter(({ kind }) => kind === 'fieldbook' && request.kind === 'fieldbook');
    if (others.some((one) => one.url !== url))
      throw new ProblemError({
        code: 'NOT_CONNECTED',
        ...words('sync.oneServerOnly', { url: others[0]?.url ?? '' }),
      });
    const found = await adapter.connect({ ...request, url }, { log, clock, deviceName: hostname().slice(0, 100) || 'Laptop', signal });
    const known = store.list().find((one) => one.kind === request.kind && one.url === url && one.organisation === found.organisation);
    if (known === undefined && others.length > 0)
      throw new ProblemError({
        code: 'NOT_CONNECTED',
        ...words('sync.otherOrganisation'),
      });
    const { organisation, account, settings } = found;
    const { kind, direction } = request;
    const connectedAt = new Date(clock.now()).toISOString();
    const kept = known ?? { id: randomUUID(), kind, url, organisation, account, direction, connectedAt, settings };
    const secrets = new Map(Object.entries(found.secrets));
    const inMemory: RemoteContext['secrets'] = {
      get: (name) => secrets.get(name) ?? null,
      set: async (name, value) => void (value === null ? secrets.delete(name) : secrets.set(name, value)),
    };
    return {
      kept,
      open: (as = kept.direction) => openWith({ ...kept, direction: as }, inMemory),
      async keep(settings = {}) {
        if (known !== undefined) {
          await store.replaceSecrets(known.id, Object.fromEntries(secrets));
          return known;
        }
        const chosen = { ...kept, settings: { ...kept.settings, ...settings } };
        await store.add(chosen, Object.fromEntries(secrets));
        openOne(chosen);
        return chosen;
      },
    };
  }

  return {
    list: () => [...open.values()],
    meet,
    connect: async (request, signal) => (await meet(request, signal)).keep(),
    async disconnect(id) {
      const remote = open.get(id);
      if (remote === undefined) return;
      // First what is kept: after a kill it is connected, or it is not.
      await store.remove(id);
      open.delete(id);
      await remote.close();
      // Another server may come next, which has nothing of this book.
      if (remote.kept.kind === 'fieldbook') await forgetServer(book, id);
    },
    async syncAll(how, signal) {
      const receipts: RemoteReceipt[] = [];
      for (const remote of open.values()) {
        const begin = { sync: remote.syncOnce, rehearse: remote.rehearse, compare: remote.compare ?? remote.syncOnce }[how];
        const obstacle = deps.obstacle();
        if (obstacle !== null) receipts.push(failed(remote, say(obstacle)));
        else receipts.push(await begin(signal));
      }
      return receipts;
    },
    async close() {
      for (const remote of open.values()) await remote.close();
    },
  };
}

function failed({ kept, waiting }: Pick<Remote, 'kept' | 'waiting'>, problem: string): RemoteReceipt {
  const none = { created: 0, changed: 0, deleted: 0 };
  const { kind, url } = kept;
  const nothing = { merged: 0, conflicts: 0, refused: 0, requests: 0, bytes: 0 };
  return { kind, url, state: 'failed', sent: none, received: { ...none }, ...nothing, waiting: waiting().length, problem };
}

const noSuchKind = (kind: string) => words('sync.noSuchKind', { kind });

function unknownKind(kept: KeptRemote): Remote {
  const remote = { kept, waiting: () => [], close: async () => undefined };
  const answer = async () => failed(remote, say(noSuchKind(kept.kind)));
  return { ...remote, rehearse: answer, syncOnce: answer };
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What is sent must not be readable on the way: https, or a server on this computer. */
function checkAddress(url: string): void {
  const { protocol, hostname: host, username, password, search, hash } = new URL(url);
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    throw new ProblemError({
      code: 'INVALID_INPUT',
      field: 'url',
      ...words('sync.addressHasMore'),
    });
  if (protocol === 'https:' || loopback.test(host)) return;
  throw new ProblemError({
    code: 'INVALID_INPUT',
    field: 'url',
    ...words('sync.notSecure', { host }),
  });
}

/** Nothing is known of any server any more: all of the book is news to the next one, and to the same one it is the same again. */
async function forgetServer(book: Book, remote: string): Promise<void> {
  await book.runSync((turn) => {
    const taking = createTaking(turn, remote);
    taking.part.anew = 'restored';
    return { value: null, operations: taking.operations() };
  });
}

function remoteBookOf(book: Book): RemoteBook {
  return {
    ...book,
    async write<T>(
      { remote, command, actor }: { remote: string; command: string; actor: string },
      work: (tx: HistoryTransaction) => T,
      memory?: (value: T) => Readonly<Record<string, unknown>>,
    ) {
      const sync = memory === undefined ? {} : { sync: (value: T) => ({ remote, memory: memory(value) }) };
      const { value } = await book.runFor({ command: `${remoteCommand}${command}`, actor, ...sync }, work);
      return value;
    },
    memory: (remote) => book.sync.memoryOf(remote),
    async remember(remote, changes) {
      await book.runFor({ command: `${remoteCommand}remember`, actor: '', sync: () => ({ remote, memory: { ...changes } }) }, () => null);
    },
  };
}
