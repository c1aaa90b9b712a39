import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nounNames } from '../../shared/nouns/nouns.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Journal, Log } from '../domain/ports.ts';
import { createAttachments } from './attachments.ts';
import { DamagedZip } from './backup-zip.ts';
import type { Archive, ArchiveWatch } from './book-archive.ts';
import { damagedArchive } from './book-archive.ts';
import { isWholeCheckpoint } from './book-files-check.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { errorCode } from './disk-problem.ts';
import { writeDevice } from './device.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';
import { journalStart, openJournal } from './journal.ts';
import { noticeBoard } from './notices.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';
import { words } from '../../shared/words/words.ts';

/*
 * A restore fills `restore/book/` beside the book, then writes `restore.json`: from that moment on the restored book is
 * the one that counts, and every start finishes the change of place until it is done. Before that moment a start throws
 * `restore/` away. So an end in the middle leaves the book as it was or as it will be, never a mixture (invariant 1).
 */
const sideName = 'restore';
const markerName = 'restore.json';

/** What the restored book brings, and what of the book before would speak of things that are no longer there. */
const brought = ['journal', 'checkpoint', 'device.json', 'settings.json'] as const;
const dropped = ['manifest.json', 'imports', 'check.json'] as const;

const markerSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  kind: z.enum(['restore', 'import']),
  /** When the book that comes was backed up. */
  madeAt: z.string(),
  /** The backup of the book that goes; null when an older backup already was all of it, or it was empty. */
  backup: z.string().nullable(),
  /** Operations that its history should have had and did not. */
  lost: z.number().int().nonnegative().default(0),
});
export type RestoreMarker = z.output<typeof markerSchema>;

/**
 * Fills the side folder from the archive: a new replica, with a device id of its own, so that what it writes from now on
 * is never taken for what the book wrote before that moment on this device. Answers how many operations of its history were not there.
 * Throws ProblemError; then nothing is left.
 */
export async function prepareRestore(
  dataFolder: string,
  archive: Archive,
  log: Log,
  watch: ArchiveWatch = {},
  secrets: SecretBox = noSecretBox,
): Promise<{ lost: number }> {
  const side = join(dataFolder, sideName);
  const book = join(side, 'book');
  try {
    await rm(side, { recursive: true, force: true });
    await mkdir(book, { recursive: true, mode: 0o700 });
    let read = 0;
    const { journal } = await openJournal(join(book, 'journal'), journalStart, { log, notices: noticeBoard(), secrets });
    try {
      const seen = new Set<number>();
      const snapshot = await archive.readBook(async (operations) => {
        read += operations.length;
        for (const { seq } of operations) seen.add(seq);
        await journal.append(operations);
      }, watch);
      const missing = Array.from({ length: snapshot.seq }, (_, at) => at + 1).filter((seq) => !seen.delete(seq));
      // Numbers above the book's own would be given out again.
      if (seen.size > 0) throw new ProblemError(damagedArchive);
      await writeCheckpoint(join(book, 'checkpoint'), { snapshot, position: journal.positionAt(snapshot.seq), missing }, secrets);
    } finally {
      await journal.close();
    }
    await putBackAttachments(dataFolder, archive, log, watch.signal);
    await writeDevice(join(book, 'device.json'), randomUUID());
    // The company on invoices and the person's own settings come along; one from before settings were kept leaves those here.
    const settings = await archive.settings();
    if (settings !== null) await writeFileDurably(join(book, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
    await countBack(book, archive);
    await syncFolder(book);
    await syncFolder(side);
    return { lost: archive.operations - read };
  } catch (error) {
    await dropPrepared(dataFolder);
    throw restoreProblem(error, watch.signal);
  }
}

export async function dropPrepared(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, sideName), { recursive: true, force: true }).catch(() => undefined);
}

/** What was written is read again, from the disk, and counted: the book that goes is only given up for a whole one. */
async function countBack(book: string, { manifest }: Archive): Promise<void> {
  const folder = join(book, 'checkpoint', String(manifest.seq));
  const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { files: Record<string, { lines: number }> };
  const isCounted = nounNames.every((noun) => files[`${noun}.ndjson`]?.lines === (manifest.counts[noun] ?? 0));
  if (isCounted && (await isWholeCheckpoint(folder))) return;
  throw Object.assign(new Error('The prepared book differs from the archive'), { code: 'EIO' });
}

/**
 * Contents go by their checksum, so they can be put where they belong before the restored book counts. What a backup only
 * names stands in the data folder already; should it be gone, the book is restored all the same and its check tells.
 */
async function putBackAttachments(dataFolder: string, archive: Archive, log: Log, signal: AbortSignal | undefined): Promise<void> {
  const attachments = createAttachments(dataFolder, { log });
  let missing = 0;
  for (const { name, sha256, bytes, isInside } of archive.manifest.attachments) {
    signal?.throwIfAborted();
    if (!isInside) {
      if ((await attachments.stateOf(sha256, bytes, false)) !== 'whole') missing += 1;
    } else if (name === sha256) {
      try {
        await attachments.putBack(sha256, archive.attachment(name));
      } catch (error) {
        throw error instanceof DamagedZip ? new ProblemError(damagedArchive) : error;
      }
    }
  }
  if (missing > 0) log.warn('restore.attachments-missing', { missing });
}

/** The moment from which the restored book counts. */
export async function commitRestore(
  dataFolder: string,
  { lost = 0, ...about }: Omit<RestoreMarker, 'format' | 'id' | 'lost'> & { lost?: number },
): Promise<void> {
  const marker: RestoreMarker = { format: 1, id: randomUUID(), lost, ...about };
  await writeFileDurably(join(dataFolder, markerName), `${JSON.stringify(marker)}\n`);
}

/**
 * Run before a book is opened: finishes a restore that was decided, clears away one that was not. Answers what was
 * finished. Every step may have been done by a start that was ended before.
 */
export async function finishRestore(dataFolder: string, log: Log): Promise<RestoreMarker | null> {
  const side = join(dataFolder, sideName);
  const marker = await readMarker(dataFolder);
  if (marker === null) {
    if (await isThere(side)) log.info('restore.rolled-back');
    await rm(side, { recursive: true, force: true });
    return null;
  }
  const aside = join(side, 'replaced');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const name of brought) {
    const coming = join(side, 'book', name);
    if (!(await isThere(coming))) continue;
    await moveAway(join(dataFolder, name), join(aside, name));
    await rename(coming, join(dataFolder, name));
  }
  for (const name of dropped) await moveAway(join(dataFolder, name), join(aside, name));
  await syncFolder(join(side, 'book')).catch(() => undefined);
  await syncFolder(dataFolder);
  await rm(join(dataFolder, markerName), { force: true });
  await syncFolder(dataFolder);
  await rm(side, { recursive: true, force: true });
  log.info('restore.finished', { kind: marker.kind, madeAt: marker.madeAt });
  return marker;
}

async function moveAway(from: string, to: string): Promise<void> {
  if (!(await isThere(from))) return;
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}

async function readMarker(dataFolder: string): Promise<RestoreMarker | null> {
  try {
    // Written whole or not at all; one that says something else is not ours to act on.
    return markerSchema.safeParse(JSON.parse(await readFile(join(dataFolder, markerName), 'utf8'))).data ?? null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function restoreProblem(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return error;
  if (error instanceof ProblemError && error.problem.code !== 'DISK_FULL' && error.problem.code !== 'DISK_FAILED') return error;
  const code = error instanceof ProblemError ? error.problem.code : errorCode(error);
  return new ProblemError(
    ['ENOSPC', 'EDQUOT', 'DISK_FULL'].includes(code)
      ? {
          code: 'DISK_FULL',
          ...words('safety.diskFullNotRestored'),
        }
      : {
          code: 'DISK_FAILED',
          ...words('safety.notRestored', { code }),
        },
  );
}

/** A journal that can be closed for writing: what would be written while a restore changes places would be lost with the book that goes. */
export interface JournalFence {
  journal: Journal;
  raise(): void;
  lower(): void;
  /** Number of the newest operation that went through, or was there before. */
  newestSeq(): number;
}

export function journalFence(journal: Journal, seq: number): JournalFence {
  let isUp = false;
  let newest = seq;
  return {
    journal: {
      async append(operations) {
        if (isUp) throw new ProblemError(restoring);
        await journal.append(operations);
        for (const operation of operations) newest = Math.max(newest, operation.seq);
      },
    },
    raise: () => {
      isUp = true;
    },
    lower: () => {
      isUp = false;
    },
    newestSeq: () => newest,
  };
}

const restoring = {
  code: 'BOOK_READ_ONLY',
  ...words('safety.restoring'),
};
