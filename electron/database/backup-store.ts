import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Backup, type BackupReason, backupReasons, backupStates } from '../../shared/contracts/safety.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { backupsToDrop } from '../../shared/lib/backup-rotation.ts';
import type { BookSnapshot, Log } from '../domain/ports.ts';
import { type Archive, type ArchiveSource, type ArchiveWatch, openArchive, pastOf, writeArchive } from './book-archive.ts';
import { diskProblem, errorCode } from './disk-problem.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';
import { cutHistory, type HistoryPiece, type SharedHistory, sharedHistory } from './shared-history.ts';
import { words } from '../../shared/words/words.ts';

/** One of this many backups is restored into memory and counted, beside the checksums that each is read back for. */
export const testEvery = 10;

export const rotation = { recent: 30, daily: 21, monthly: 12 };

const entrySchema = z.object({
  madeAt: z.string(),
  reason: z.enum(Object.keys(backupReasons) as [BackupReason, ...BackupReason[]]),
  bytes: z.number().int(),
  records: z.number().int(),
  deviceId: z.string(),
  seq: z.number().int(),
  /** Of the zip itself; null where the list was lost and made again from the files. */
  sha256: z.string().nullable(),
  state: z.enum(backupStates),
});
const indexSchema = z.object({ format: z.literal(1), made: z.number().int().nonnegative(), backups: z.record(z.string(), entrySchema) });
type Entry = z.output<typeof entrySchema>;

export interface StoredBackup extends Backup {
  deviceId: string;
  seq: number;
}

/**
 * The folder of backups. `backups.json` in it says what each was found to be; lost, it is made again from the zips. What their
 * histories have in common lies in `history/` once. Pieces are on the disk before a zip names them, and go after the last zip that
 * does; one thing is done at a time.
 */
export interface BackupStore {
  readonly folder: string;
  readonly history: SharedHistory;
  /** Newest first. */
  list(): StoredBackup[];
  /** Writes a backup, reads it back, lets older ones go. Throws ProblemError; then the backups are as they were. */
  make(reason: BackupReason, source: BackupSource, watch?: ArchiveWatch): Promise<StoredBackup>;
  open(name: string): Promise<Archive>;
  /** Reads the backups again and compares them with what was written. */
  examine(signal?: AbortSignal): Promise<StoredBackup[]>;
  /** Writes again what the history of the backups, and these pieces, have lost, as far as it can be made from the operations. */
  mendHistory(source: Pick<ArchiveSource, 'operations' | 'secrets'>, pieces?: readonly HistoryPiece[], signal?: AbortSignal): Promise<void>;
  /** Keeps a damaged backup under another name, out of the row. */
  setAside(name: string): Promise<void>;
}

type BackupSource = Omit<ArchiveSource, 'head' | 'history'> & { head: Omit<ArchiveSource['head'], 'reason'> };

export async function openBackupStore(folder: string, log: Log): Promise<BackupStore> {
  const indexPath = join(folder, 'backups.json');
  const index = await readIndex(indexPath, log);
  // A folder that cannot be read must not keep the book from opening: making the next backup tells what is wrong with it.
  const found = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch((error: unknown): string[] => {
      log.warn('backup.folder-unreadable', { code: errorCode(error) });
      return [];
    });
  const names = new Set(found.filter((name) => namePattern.test(name)));
  for (const left of found) if (left.endsWith('.zip.new')) await rm(join(folder, left), { force: true }).catch(() => undefined);
  for (const name of Object.keys(index.backups)) if (!names.has(name)) delete index.backups[name];
  for (const name of names) index.backups[name] ??= await entryFromFile(folder, name);

  const save = () => writeFileDurably(indexPath, `${JSON.stringify(index, null, 1)}\n`);
  const list = (): StoredBackup[] =>
    Object.entries(index.backups)
      .map(([name, { sha256: _, ...entry }]) => ({ name, ...entry }))
      .toSorted((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
  const known = (name: string): Entry => {
    const entry = Object.hasOwn(index.backups, name) ? index.backups[name] : undefined;
    if (entry === undefined) throw new ProblemError(gone);
    return entry;
  };

  const history = sharedHistory(join(folder, 'history'));
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  let isSwept = false;

  const write = async (name: string, reason: BackupReason, source: BackupSource, watch: ArchiveWatch) => {
    const begun = performance.now();
    const { head } = source;
    const path = join(folder, name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { manifest, sha256, bytes } = await writeArchive(path, { ...source, history, head: { ...head, reason } }, watch);
    const records = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
    index.made += 1;
    const entry: Entry = {
      madeAt: head.madeAt,
      reason,
      bytes,
      records,
      deviceId: head.deviceId,
      seq: manifest.seq,
      sha256,
      state: 'unverified',
    };
    index.backups[name] = entry;
    await save();
    const written = performance.now();
    await judge(await openArchive(path, history), entry, index.made % testEvery === 0, source.snapshot, watch.signal);
    log.info('backup.made', {
      reason,
      ms: Math.round(written - begun),
      verifyMs: Math.round(performance.now() - written),
      bytes,
      records,
      state: entry.state,
    });
  };

  const examine = async (names: Iterable<string>, signal: AbortSignal | undefined) => {
    const pieces = new Map<string, boolean>();
    for (const name of names) {
      signal?.throwIfAborted();
      const entry = known(name);
      const found = await stateOf(join(folder, name), entry.sha256, { history, pieces, signal });
      if (found !== 'verified' || entry.state !== 'tested') entry.state = found;
    }
    await save();
  };
  const incomplete = () => list().flatMap(({ name, state }) => (state === 'incomplete' ? [name] : []));

  /** Lets go of older backups, then of the history that none is left to name. */
  const rotate = async () => {
    const dropped = backupsToDrop(list(), rotation);
    for (const old of dropped) {
      await rm(join(folder, old), { force: true });
      delete index.backups[old];
    }
    await syncFolder(folder);
    await save();
    if (dropped.length === 0 && isSwept) return;
    const named = await namedPieces(folder);
    // Of a backup that cannot be read now nobody knows what it names.
    if (named === null) return log.warn('backup.history-kept');
    const pieces = await history.keepOnly(named);
    isSwept = true;
    if (pieces > 0) log.info('backup.history-dropped', { pieces });
  };

  return {
    folder,
    history,
    list,
    make: (reason, source, watch = {}) =>
      inTurn(async () => {
        const { head, snapshot } = source;
        const name = freeName(`fieldbook-${head.madeAt.replaceAll(':', '-').slice(0, 19)}-${snapshot.seq}-${reason}`, index.backups);
        try {
          await write(name, reason, source, watch);
        } catch (error) {
          if (watch.signal?.aborted === true) throw error;
          log.error('backup.failed', { reason, code: error instanceof ProblemError ? error.problem.code : errorCode(error) });
          throw error instanceof ProblemError ? error : backupProblem(error);
        }
        const { state } = known(name);
        if (state === 'damaged' || state === 'incomplete') {
          await save();
          throw new ProblemError(state === 'damaged' ? readBackFailed : historyReadBackFailed);
        }
        await rotate();
        // What this one wrote again, others may have lacked.
        await examine(incomplete(), watch.signal);
        const { sha256: _, ...entry } = known(name);
        return { name, ...entry };
      }),
    async open(name) {
      known(name);
      return openArchive(join(folder, name), history);
    },
    examine: (signal) =>
      inTurn(async () => {
        await examine(Object.keys(index.backups), signal);
        return list();
      }),
    mendHistory: (source, pieces = [], signal) =>
      inTurn(async () => {
        const wanted = (await namedPieces(folder)) ?? new Set<string>();
        for (const { sha256 } of pieces) wanted.add(sha256);
        for await (const part of cutHistory(pastOf(source, Number.POSITIVE_INFINITY))) {
          signal?.throwIfAborted();
          if (part.isWhole) await history.put(part, wanted);
        }
        // What was written for a file that is none of these goes with the next backup.
        isSwept = false;
        await examine(incomplete(), signal);
      }),
    setAside: (name) =>
      inTurn(async () => {
        known(name);
        await rename(join(folder, name), join(folder, `${name}.damaged`)).catch((error: unknown) => {
          if (errorCode(error) !== 'ENOENT') throw diskProblem(error);
        });
        delete index.backups[name];
        await save();
      }),
  };
}

/** Sets `entry.state` to what reading the backup back shows. */
async function judge(
  archive: Archive,
  entry: Entry,
  isTest: boolean,
  expected: BookSnapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    if (!isTest) {
      await archive.verifyFile({ signal });
      entry.state = (await archive.lost({ signal })) === 0 ? 'verified' : 'incomplete';
      return;
    }
    let operations = 0;
    const book = await archive.readBook(
      (part) => {
        operations += part.length;
      },
      { signal },
    );
    const isSame = Object.entries(expected.records).every(
      ([noun, records]) => book.records[noun as keyof typeof book.records].length === records.length,
    );
    const isWhole = isSame && book.seq === expected.seq;
    entry.state = !isWhole ? 'damaged' : operations === archive.operations ? 'tested' : 'incomplete';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    entry.state = 'damaged';
  }
}

interface Look {
  history: SharedHistory;
  /** Which pieces are whole: most backups name the same. */
  pieces: Map<string, boolean>;
  signal: AbortSignal | undefined;
}

async function stateOf(path: string, sha256: string | null, look: Look): Promise<'verified' | 'incomplete' | 'damaged'> {
  const { history, pieces, signal } = look;
  try {
    if (sha256 !== null && (await fileHash(path, signal)) !== sha256) return 'damaged';
    const archive = await openArchive(path, history);
    if (sha256 === null) await archive.verifyFile({ signal });
    for (const piece of archive.manifest.history) {
      signal?.throwIfAborted();
      const isWhole = pieces.get(piece.sha256) ?? (await history.read(piece)) !== null;
      pieces.set(piece.sha256, isWhole);
      if (!isWhole) return 'incomplete';
    }
    return 'verified';
  } catch (error) {
    if (error instanceof ProblemError) return 'damaged';
    throw error;
  }
}

/** Pieces that the zips of a folder name, also those that were set aside; null where one of them cannot be read at the moment. */
async function namedPieces(folder: string): Promise<Set<string> | null> {
  const named = new Set<string>();
  for (const name of await readdir(folder)) {
    if (!/\.zip(\.damaged)?$/.test(name)) continue;
    try {
      for (const { sha256 } of (await openArchive(join(folder, name))).manifest.history) named.add(sha256);
    } catch (error) {
      // A torn zip names nothing that anybody could restore. What a newer version names, this one cannot tell.
      if (!(error instanceof ProblemError) || error.problem.code === 'ARCHIVE_NEWER') return null;
    }
  }
  return named;
}

async function fileHash(path: string, signal?: AbortSignal): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      signal?.throwIfAborted();
      hash.update(piece as Buffer);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EIO') return null;
    throw error;
  }
  return hash.digest('hex');
}

const namePattern = /^fieldbook-[\w.-]+\.zip$/;

/** Two backups may fall into one second. */
function freeName(stem: string, taken: Readonly<Record<string, unknown>>): string {
  for (let turn = 1; ; turn += 1) {
    const name = turn === 1 ? `${stem}.zip` : `${stem}-${turn}.zip`;
    if (!Object.hasOwn(taken, name)) return name;
  }
}

async function readIndex(path: string, log: Log): Promise<z.output<typeof indexSchema>> {
  try {
    return indexSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') log.warn('backup.list-unreadable', { code: errorCode(error) });
    return { format: 1, made: 0, backups: {} };
  }
}

async function entryFromFile(folder: string, name: string): Promise<Entry> {
  const { size, mtime } = await stat(join(folder, name)).catch(() => ({ size: 0, mtime: new Date(0) }));
  try {
    const { manifest } = await openArchive(join(folder, name));
    const reason = entrySchema.shape.reason.safeParse(manifest.reason);
    return {
      madeAt: manifest.madeAt,
      reason: reason.success ? reason.data : 'manual',
      bytes: size,
      records: Object.values(manifest.counts).reduce((sum, count) => sum + count, 0),
      deviceId: manifest.deviceId,
      seq: manifest.seq,
      sha256: null,
      state: 'unverified',
    };
  } catch {
    return { madeAt: mtime.toISOString(), reason: 'manual', bytes: size, records: 0, deviceId: '', seq: 0, sha256: null, state: 'damaged' };
  }
}

const gone = { code: 'ARCHIVE_GONE', ...words('safety.backupGone') };
const readBackFailed = {
  code: 'DISK_FAILED',
  ...words('safety.readBackOther'),
};

const historyReadBackFailed = {
  code: 'DISK_FAILED',
  ...words('safety.historyNotReadBack'),
};

function backupProblem(error: unknown): ProblemError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
  return new ProblemError(
    isFull
      ? {
          code: 'DISK_FULL',
          ...words('safety.diskFullNoBackup'),
        }
      : {
          code: 'DISK_FAILED',
          ...words('safety.backupNotWritten', { code: errorCode(error) }),
        },
  );
}
