import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Backup, type BackupReason, backupReasons } from '../../shared/contracts/safety.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { backupsToDrop } from '../../shared/lib/backup-rotation.ts';
import type { BookSnapshot, Log } from '../domain/ports.ts';
import { type Archive, type ArchiveSource, type ArchiveWatch, openArchive, writeArchive } from './book-archive.ts';
import { diskProblem, errorCode } from './disk-problem.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';

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
  state: z.enum(['unverified', 'verified', 'tested', 'damaged']),
});
const indexSchema = z.object({ format: z.literal(1), made: z.number().int().nonnegative(), backups: z.record(z.string(), entrySchema) });
type Entry = z.output<typeof entrySchema>;

export interface StoredBackup extends Backup {
  deviceId: string;
  seq: number;
}

/** The folder of backups. `backups.json` in it says what each was found to be; lost, it is made again from the zips. */
export interface BackupStore {
  readonly folder: string;
  /** Newest first. */
  list(): StoredBackup[];
  /** Writes a backup, reads it back, lets older ones go. Throws ProblemError; then the backups are as they were. */
  make(
    reason: BackupReason,
    source: Omit<ArchiveSource, 'head'> & { head: Omit<ArchiveSource['head'], 'reason'> },
    watch?: ArchiveWatch,
  ): Promise<StoredBackup>;
  open(name: string): Promise<Archive>;
  /** Reads the zip again and compares it with what was written. */
  isWhole(name: string, signal?: AbortSignal): Promise<boolean>;
  /** Keeps a damaged backup under another name, out of the row. */
  setAside(name: string): Promise<void>;
}

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

  return {
    folder,
    list,
    async make(reason, source, watch = {}) {
      const { head } = source;
      const begun = performance.now();
      const name = freeName(`fieldbook-${head.madeAt.replaceAll(':', '-').slice(0, 19)}-${source.snapshot.seq}-${reason}`, index.backups);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const { manifest, sha256, bytes } = await writeArchive(join(folder, name), { ...source, head: { ...head, reason } }, watch);
        const records = Object.values(manifest.counts).reduce((sum, count) => sum + count, 0);
        index.made += 1;
        index.backups[name] = {
          madeAt: head.madeAt,
          reason,
          bytes,
          records,
          deviceId: head.deviceId,
          seq: manifest.seq,
          sha256,
          state: 'unverified',
        };
        await save();
        const written = performance.now();
        await judge(join(folder, name), known(name), index.made % testEvery === 0, source.snapshot, watch.signal);
        log.info('backup.made', {
          reason,
          ms: Math.round(written - begun),
          verifyMs: Math.round(performance.now() - written),
          bytes,
          records,
          state: known(name).state,
        });
      } catch (error) {
        if (watch.signal?.aborted === true) throw error;
        log.error('backup.failed', { reason, code: error instanceof ProblemError ? error.problem.code : errorCode(error) });
        throw error instanceof ProblemError ? error : backupProblem(error);
      }
      if (known(name).state === 'damaged') {
        await save();
        throw new ProblemError(readBackFailed);
      }
      for (const old of backupsToDrop(list(), rotation)) {
        await rm(join(folder, old), { force: true });
        delete index.backups[old];
      }
      await syncFolder(folder);
      await save();
      const { sha256: _, ...entry } = known(name);
      return { name, ...entry };
    },
    async open(name) {
      known(name);
      return openArchive(join(folder, name));
    },
    async isWhole(name, signal) {
      const entry = known(name);
      const isWhole =
        entry.sha256 === null ? await verifies(join(folder, name), signal) : (await fileHash(join(folder, name), signal)) === entry.sha256;
      if (!isWhole) entry.state = 'damaged';
      else if (entry.state === 'damaged' || entry.state === 'unverified') entry.state = 'verified';
      await save();
      return isWhole;
    },
    async setAside(name) {
      known(name);
      await rename(join(folder, name), join(folder, `${name}.damaged`)).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw diskProblem(error);
      });
      delete index.backups[name];
      await save();
    },
  };
}

/** Sets `entry.state` to what reading the backup back shows. */
async function judge(path: string, entry: Entry, isTest: boolean, expected: BookSnapshot, signal: AbortSignal | undefined): Promise<void> {
  try {
    const archive = await openArchive(path);
    if (!isTest) {
      await archive.verify({ signal });
      entry.state = 'verified';
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
    entry.state =
      isSame && book.seq === expected.seq && operations === archive.manifest.files['operations.ndjson']?.lines ? 'tested' : 'damaged';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    entry.state = 'damaged';
  }
}

async function verifies(path: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await (await openArchive(path)).verify({ signal });
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
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

const gone = { code: 'ARCHIVE_GONE', message: 'This backup is no longer on the disk. Your book is as it was. Choose another one.' };
const readBackFailed = {
  code: 'DISK_FAILED',
  message:
    'The backup was written, but what the disk gave back is not what was written. Your book and the older backups are as they were. Check the disk, then try again.',
};

function backupProblem(error: unknown): ProblemError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
  return new ProblemError(
    isFull
      ? {
          code: 'DISK_FULL',
          message:
            'The disk is full, so no backup was made. Your book and the older backups are as they were. Free some space, then try again.',
        }
      : {
          code: 'DISK_FAILED',
          message: `The backup could not be written (${errorCode(error)}). Your book and the older backups are as they were. Check the disk, then try again.`,
        },
  );
}
