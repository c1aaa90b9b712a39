import { type Book, createBook } from '../../../electron/domain/book.ts';
import { runCycle, type RemoteSetup } from '../../../remotes/cycle.ts';
import type { Direction } from '../../../remotes/plan.ts';
import type { RemoteReceipt } from '../../../remotes/receipt.ts';
import { type ForeignBook, remoteKey } from '../../../remotes/remote-book.ts';
import { createHttp, type SignIn } from '../../../remotes/remote-http.ts';
import { digestWith, openShadow } from '../../../remotes/shadow-store.ts';
import { createSyncState } from '../../../electron/domain/sync-state.ts';
import { secretMembers } from '../../../remotes/secret-members.ts';
import type { Manifest } from '../../../shared/dialects/manifest.ts';
import { fixedClock } from '../../../shared/lib/clock.ts';
import type { NounName, RecordOf, Stored } from '../../../shared/nouns/nouns.ts';
import { keptDatabase, quietLog } from '../../support/opened-book.ts';
import { createBookHistory } from '../../../electron/domain/book-history.ts';
import { createBookRecords } from '../../../electron/domain/book-records.ts';

/** A book in memory that meets one remote or several, each with what it remembers. */
export interface RemoteLaptop {
  book: Book;
  clock: ReturnType<typeof fixedClock>;
  memory: Map<string, unknown>;
  create<N extends NounName>(noun: N, fields: Record<string, unknown>): Promise<RecordOf[N]>;
  change(noun: NounName, id: string, fields: Record<string, unknown>): Promise<void>;
  remove(noun: NounName, id: string): Promise<void>;
  restore(noun: NounName, id: string): Promise<void>;
  live<N extends NounName>(noun: N): Stored<RecordOf[N]>[];
  meet(more?: Partial<Meeting>): Promise<RemoteReceipt>;
  rehearse(more?: Partial<Meeting>): Promise<RemoteReceipt>;
  /** Forgets what it remembers of the remote. */
  forget(): void;
  /** The same book with another remote. */
  beside(other: Against): RemoteLaptop;
}

export interface Meeting {
  direction: Direction;
  accepts: NonNullable<RemoteSetup['accepts']>;
  signIn: SignIn | null;
  base: string;
  fetch: typeof fetch;
  timeoutMs: number;
}

export interface Against {
  manifest: Manifest;
  base?: string;
  fetch?: typeof fetch;
  signIn?: SignIn;
  organisation?: string | null;
  timeoutMs?: number;
}

let devices = 0;

export function remoteLaptop(against: Against): RemoteLaptop {
  return laptopWith(against, fixedClock('2026-03-04T09:00:00.000Z'), null);
}

function laptopWith(against: Against, clock: RemoteLaptop['clock'], known: Book | null): RemoteLaptop {
  const memory = new Map<string, unknown>();
  devices += 1;
  const book =
    known ??
    createBook(
      {
        deviceId: `device-${devices}`,
        records: createBookRecords(null),
        seq: 0,
        newestStamp: null,
        history: createBookHistory(null),
        undo: [],
        redo: [],
        sync: createSyncState({ get: () => undefined, all: () => [] }),
      },
      {
        journal: { append: async () => undefined },
        database: keptDatabase(),
        clock,
        actor: () => 'Ada',
        log: quietLog,
        onChanged: () => undefined,
        onUndoState: () => undefined,
      },
    );
  const tick = () => clock.moveTo(new Date(clock.now() + 1000).toISOString());
  const foreign: ForeignBook = {
    get: (noun, id) => book.get(noun, id),
    all: (noun) => book.all(noun),
    children: (noun, id) => book.children(noun, id),
    async receive(work, remembered) {
      const { value } = await book.run('remotes.receive', null, work);
      await remember(remembered(value));
      return value;
    },
  };
  async function remember(changes: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [key, value] of Object.entries(structuredClone(changes)))
      if (value === null) memory.delete(key);
      else memory.set(key, value);
  }
  const digest = digestWith((text) => Buffer.from(text).toString('base64url'));

  async function cycle(rehearse: boolean, more: Partial<Meeting>): Promise<RemoteReceipt> {
    const { manifest, organisation = null } = against;
    const base = more.base ?? against.base ?? 'https://crm.example.com';
    tick();
    const headers =
      manifest.organisation.in === 'headers' && organisation !== null
        ? Object.fromEntries(manifest.organisation.names.map((name) => [name, organisation]))
        : {};
    const asking = more.fetch ?? against.fetch;
    const timeoutMs = more.timeoutMs ?? against.timeoutMs;
    return runCycle(
      {
        manifest,
        direction: more.direction ?? 'both',
        organisation,
        key: remoteKey(manifest.kind, base, organisation),
        http: createHttp({
          base,
          signIn: more.signIn === undefined ? (against.signIn ?? { kind: 'token', token: 'token' }) : more.signIn,
          headers,
          now: () => clock.now(),
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(asking !== undefined && { fetch: asking }),
        }),
        book: foreign,
        shadow: openShadow({ read: () => structuredClone(memory), remember }, (resource) => secretMembers(manifest, resource), digest),
        digest,
        clock,
        pause: async () => undefined,
        ...(more.accepts !== undefined && { accepts: more.accepts }),
      },
      { rehearse },
    );
  }

  return {
    book,
    clock,
    memory,
    async create(noun, fields) {
      tick();
      return (await book.run('create', null, (tx) => tx.create(noun, fields))).value;
    },
    async change(noun, id, fields) {
      tick();
      await book.run('change', null, (tx) => void tx.change(noun, id, fields));
    },
    async remove(noun, id) {
      tick();
      await book.run('remove', null, (tx) => tx.remove(noun, id));
    },
    async restore(noun, id) {
      tick();
      await book.run('restore', null, (tx) => tx.restore(noun, id));
    },
    live: (noun) => [...book.all(noun)].filter(({ deletedAt }) => deletedAt === null),
    meet: (more = {}) => cycle(false, more),
    rehearse: (more = {}) => cycle(true, more),
    forget: () => memory.clear(),
    beside: (other) => laptopWith(other, clock, book),
  };
}
