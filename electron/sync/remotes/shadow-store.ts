import { createHash } from 'node:crypto';
import type { Wire } from '../../../shared/dialects/wire.ts';

/**
 * What a remote was last known to say of each record (its shadow), and what became of what was sent. It can be lost: then
 * records are found again by the ids that stand in the book and by their natural keys, nothing counts as deleted, and
 * where both sides differ it is a conflict and not a change of one of them (docs/remotes.md).
 */
export interface ShadowEntry {
  resource: string;
  bookId: string;
  /** Null while nobody knows whether it was made there. */
  remoteId: string | null;
  /** The members we know, as they were last said; null where the two have met, and nothing of it is known. */
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

export interface OpenConflict {
  resource: string;
  bookId: string;
  path: string;
  mine: unknown;
  theirs: unknown;
  stands: 'mine' | 'theirs' | 'neither';
  at: string;
}

export interface ShadowMeta {
  /** The book's replica and its last operation: an older or another book is not the one the shadow speaks of. */
  deviceId: string;
  seq: number;
  edition: string;
  /** Times to read on from, by resource. */
  since: Record<string, string>;
  /** When everything was last read, not only what changed. */
  wholeAt: string | null;
  conflicts: OpenConflict[];
  /** Not before this moment. */
  retryAt: string | null;
}

export interface ShadowFile {
  /** Null when there is none. */
  read(): Promise<string | null>;
  /** On disk when it resolves. */
  append(text: string): Promise<void>;
  replace(text: string): Promise<void>;
}

export interface TextSealing {
  seal(text: string): string;
  open(text: string): string | null;
}

export interface ShadowStore {
  entries(resource: string): Iterable<ShadowEntry>;
  of(resource: string, bookId: string): ShadowEntry | null;
  byRemoteId(resource: string, remoteId: string): ShadowEntry | null;
  put(entry: ShadowEntry): void;
  drop(entry: Pick<ShadowEntry, 'resource' | 'bookId'>): void;
  readonly meta: ShadowMeta;
  setMeta(meta: Partial<ShadowMeta>): void;
  /** Whether there was one and it could not be used. */
  readonly wasLost: boolean;
  /** Brings what changed to disk. */
  save(): Promise<void>;
}

type Line = { put: ShadowEntry } | { drop: { resource: string; bookId: string } } | { meta: ShadowMeta };

const firstMeta = (deviceId: string): ShadowMeta => ({
  deviceId,
  seq: 0,
  edition: '',
  since: {},
  wholeAt: null,
  conflicts: [],
  retryAt: null,
});

export async function openShadow(
  file: ShadowFile,
  book: { deviceId: string; seq: number },
  sealing: TextSealing | null = null,
): Promise<ShadowStore> {
  const entries = new Map<string, Map<string, ShadowEntry>>();
  const byRemote = new Map<string, ShadowEntry>();
  let meta = firstMeta(book.deviceId);
  let wasLost = false;
  let written = 0;
  let pending: Line[] = [];

  const key = (resource: string, id: string) => `${resource}\u0000${id}`;

  function set(entry: ShadowEntry): void {
    remove(entry);
    let of = entries.get(entry.resource);
    if (of === undefined) entries.set(entry.resource, (of = new Map()));
    of.set(entry.bookId, entry);
    if (entry.remoteId !== null) byRemote.set(key(entry.resource, entry.remoteId), entry);
  }

  function remove({ resource, bookId }: Pick<ShadowEntry, 'resource' | 'bookId'>): void {
    const known = entries.get(resource)?.get(bookId);
    if (known === undefined) return;
    entries.get(resource)?.delete(bookId);
    if (known.remoteId !== null && byRemote.get(key(resource, known.remoteId)) === known) byRemote.delete(key(resource, known.remoteId));
  }

  const text = await file.read();
  if (text !== null) {
    const lines = linesIn(text, sealing);
    if (lines === null) wasLost = true;
    else {
      // Behind half a line nothing may be appended.
      written = text.endsWith('\n') || text === '' ? lines.length : Number.MAX_SAFE_INTEGER;
      for (const line of lines) {
        if ('put' in line) set(line.put);
        else if ('drop' in line) remove(line.drop);
        else meta = line.meta;
      }
    }
    // A restored book is another replica, or ends before what the shadow has seen: what it "changed" since is a step back.
    if (wasLost || meta.deviceId !== book.deviceId || book.seq < meta.seq) {
      wasLost = true;
      entries.clear();
      byRemote.clear();
      meta = firstMeta(book.deviceId);
      written = Number.MAX_SAFE_INTEGER;
    }
  }

  const lineOf = (line: Line) => {
    const json = JSON.stringify(line);
    const kept = sealing === null ? json : sealing.seal(json);
    return `${checksum(kept)} ${kept}\n`;
  };

  return {
    entries: (resource) => entries.get(resource)?.values() ?? [],
    of: (resource, bookId) => entries.get(resource)?.get(bookId) ?? null,
    byRemoteId: (resource, remoteId) => byRemote.get(key(resource, remoteId)) ?? null,
    put(entry) {
      set(entry);
      pending.push({ put: entry });
    },
    drop({ resource, bookId }) {
      remove({ resource, bookId });
      pending.push({ drop: { resource, bookId } });
    },
    get meta() {
      return meta;
    },
    setMeta(next) {
      meta = { ...meta, ...next };
      pending.push({ meta });
    },
    wasLost,
    async save() {
      if (pending.length === 0) return;
      const lines = pending;
      pending = [];
      const size = [...entries.values()].reduce((sum, of) => sum + of.size, 0);
      try {
        await write(lines, size);
      } catch (error) {
        // Nobody knows how much of it is on disk.
        written = Number.MAX_SAFE_INTEGER;
        pending = [...lines, ...pending];
        throw error;
      }
    },
  };

  async function write(lines: readonly Line[], size: number): Promise<void> {
      if (written + lines.length > 2 * size + 1000) {
        const all: Line[] = [{ meta }, ...[...entries.values()].flatMap((of) => [...of.values()].map((put): Line => ({ put })))];
        await file.replace(all.map(lineOf).join(''));
        written = all.length;
      } else {
        await file.append(lines.map(lineOf).join(''));
        written += lines.length;
      }
  }
}

/** Null where it cannot be trusted. A last line that was being written when the power went counts as not written. */
function linesIn(text: string, sealing: TextSealing | null): Line[] | null {
  const raw = text.split('\n');
  const torn = raw.pop() ?? '';
  const lines: Line[] = [];
  for (const [at, line] of raw.entries()) {
    const kept = line.slice(17);
    const isRight = line[16] === ' ' && checksum(kept) === line.slice(0, 16);
    const json = !isRight ? null : sealing === null ? kept : sealing.open(kept);
    if (json === null) {
      if (at === raw.length - 1 && torn === '') break;
      return null;
    }
    lines.push(JSON.parse(json) as Line);
  }
  return lines;
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A short name for a body, the same whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(ordered(value))).digest('hex').slice(0, 32);
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
