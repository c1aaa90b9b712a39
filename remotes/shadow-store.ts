import { createHash } from 'node:crypto';
import { copyOf, readPath, type Wire, writePath } from '../shared/dialects/wire.ts';

/**
 * What a remote was last known to say of each record (its shadow), and what became of what was sent. It lies in the book's
 * memory of the remote: what comes in and what was seen of it are one line of the journal. It can be lost: then records are
 * found again by the ids that stand in the book and by their natural keys, nothing counts as deleted, and where both sides
 * differ it is a conflict and not a change of one of them (docs/remotes.md).
 */
export interface ShadowEntry {
  resource: string;
  bookId: string;
  /** Null while nobody knows whether it was made there. */
  remoteId: string | null;
  /** The members we know, as they were last said; null where the two have met, and nothing of it is known. Secret ones as digests. */
  base: Wire | null;
  /** What was sent to make it, when no answer came. */
  intent: Wire | null;
  /** Members of a change whose answer did not come, or was a mistake of the server's. */
  unsure: string[];
  /** What the server would not take: not sent again until it reads otherwise. */
  refused: Refusal | null;
  /** Deleted here, and there is no deleting there. */
  isKeptThere: boolean;
}

export interface Refusal {
  /** Of the body that was refused. */
  hash: string;
  /** Book path of the field, where the server named one. */
  path: string | null;
  message: string;
}

/** A field that both sides changed. It is open until one of them changes it again, or somebody says it is settled. */
export interface OpenConflict {
  resource: string;
  bookId: string;
  path: string;
  mine: unknown;
  theirs: unknown;
  stands: 'mine' | 'theirs' | 'neither';
  /** What the book had there when it was decided; another value since then means that somebody has looked. */
  standing: unknown;
  at: string;
}

/** A value, or a whole record, that the book refuses. */
export interface Unkept {
  resource: string;
  /** Null where all of the record was refused. */
  bookId: string | null;
  remoteId: string;
  title: string;
  path: string | null;
  message: string;
  at: string;
}

export interface Round {
  since: string;
  after: string | null;
}

export interface ShadowMeta {
  /** Which edition of the system was met last; empty before the first time. */
  edition: string;
  /** Times to read on from, by resource. */
  since: Record<string, string>;
  /** When everything was last read, not only what changed. */
  wholeAt: string | null;
  /** By resource: since when what hangs on its rows is asked for, and after which id; null where all were asked. */
  rounds: Record<string, Round>;
  conflicts: OpenConflict[];
  /** What is there and the book does not take: tried again with every cycle that reads it. */
  unkept: Unkept[];
  /** Bodies (hashes) that were refused, and that somebody has seen. */
  seen: string[];
  /** Why the last cycle stopped and asked; null where it did not. */
  stop: { kind: 'emptied' | 'shrunken' | 'edition'; message: string } | null;
  /** Not before this moment. */
  retryAt: string | null;
}

/** JSON values by key, as durable as the records (electron/sync/remote.ts, `RemoteBook`). */
export interface Memory {
  read(): ReadonlyMap<string, unknown>;
  remember(changes: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface ShadowStore {
  entries(resource: string): Iterable<ShadowEntry>;
  of(resource: string, bookId: string): ShadowEntry | null;
  byRemoteId(resource: string, remoteId: string): ShadowEntry | null;
  put(entry: ShadowEntry): void;
  drop(entry: Pick<ShadowEntry, 'resource' | 'bookId'>): void;
  readonly meta: ShadowMeta;
  setMeta(meta: Partial<ShadowMeta>): void;
  /** What changed since it was last taken, for the line of the journal it belongs to. */
  take(): Record<string, unknown>;
  /** Brings what changed to disk. */
  save(): Promise<void>;
}

const firstMeta: ShadowMeta = {
  edition: '',
  since: {},
  wholeAt: null,
  rounds: {},
  conflicts: [],
  unkept: [],
  seen: [],
  stop: null,
  retryAt: null,
};

const entryPrefix = 'record ';
const metaKey = 'meta';
const keyOf = (resource: string, bookId: string) => `${entryPrefix}${resource} ${bookId}`;

/** `secrets` are the wire paths of a resource whose values are kept as digests only; `digest` makes one. */
export function openShadow(
  memory: Memory,
  secrets: (resource: string) => readonly string[],
  digest: (text: string) => string,
): ShadowStore {
  const entries = new Map<string, Map<string, ShadowEntry>>();
  const byRemote = new Map<string, ShadowEntry>();
  let meta = firstMeta;
  let pending: Record<string, unknown> = {};
  const remoteIndex = ({ resource, remoteId }: ShadowEntry) => `${resource} ${remoteId}`;

  for (const [key, value] of memory.read()) {
    if (key === metaKey) meta = { ...firstMeta, ...(value as Partial<ShadowMeta>) };
    else if (key.startsWith(entryPrefix)) set(value as ShadowEntry);
  }

  function set(entry: ShadowEntry): void {
    remove(entry);
    let of = entries.get(entry.resource);
    if (of === undefined) entries.set(entry.resource, (of = new Map()));
    of.set(entry.bookId, entry);
    if (entry.remoteId !== null) byRemote.set(remoteIndex(entry), entry);
  }

  function remove({ resource, bookId }: Pick<ShadowEntry, 'resource' | 'bookId'>): void {
    const known = entries.get(resource)?.get(bookId);
    if (known === undefined) return;
    entries.get(resource)?.delete(bookId);
    if (byRemote.get(remoteIndex(known)) === known) byRemote.delete(remoteIndex(known));
  }

  /** Account numbers stand sealed in the book and are in no other place. */
  function withoutSecrets(resource: string, wire: Wire | null): Wire | null {
    const paths = secrets(resource).filter((path) => typeof (wire === null ? null : readPath(wire, path)) === 'string');
    if (wire === null || paths.length === 0) return wire;
    const kept = copyOf(wire);
    for (const path of paths) {
      const text = readPath(kept, path) as string;
      if (text !== '' && !isDigest(text)) writePath(kept, path, digest(text));
    }
    return kept;
  }

  return {
    entries: (resource) => entries.get(resource)?.values() ?? [],
    of: (resource, bookId) => entries.get(resource)?.get(bookId) ?? null,
    byRemoteId: (resource, remoteId) => byRemote.get(`${resource} ${remoteId}`) ?? null,
    put(entry) {
      const { resource, base, intent } = entry;
      const kept = { ...entry, base: withoutSecrets(resource, base), intent: withoutSecrets(resource, intent) };
      set(kept);
      pending[keyOf(resource, entry.bookId)] = kept;
    },
    drop({ resource, bookId }) {
      remove({ resource, bookId });
      pending[keyOf(resource, bookId)] = null;
    },
    get meta() {
      return meta;
    },
    setMeta(next) {
      meta = { ...meta, ...next };
      pending[metaKey] = meta;
    },
    take() {
      const taken = pending;
      pending = {};
      return taken;
    },
    async save() {
      if (Object.keys(pending).length === 0) return;
      const taken = pending;
      pending = {};
      try {
        await memory.remember(taken);
      } catch (error) {
        pending = { ...taken, ...pending };
        throw error;
      }
    },
  };
}

export const digestMark = 'digest:';
export const isDigest = (value: unknown): value is string => typeof value === 'string' && value.startsWith(digestMark);

/** A short name for a secret value, of which nothing can be guessed without the key of this remote. */
export const digestWith =
  (hmac: (text: string) => string) =>
  (text: string): string =>
    `${digestMark}${hmac(text)}`;

/** A short name for a body, the same whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
    .slice(0, 32);
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, ordered(part)]),
  );
}
