import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTypeFromFile } from 'file-type';
import { attachmentLimit, contentSteps, fileTooLarge, headBytes, textType } from '../../shared/nouns/activity/attached-content.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { BookSnapshot, Log } from '../domain/ports.ts';
import { errorCode } from './disk-problem.ts';
import { syncFolder } from './durable-file.ts';
import { words } from '../../shared/words/words.ts';

/** What the book itself needs to go on. */
const reserveBytes = 50 * 1024 * 1024;

export interface StoredContent {
  sha256: string;
  size: number;
  mediaType: string;
}

export type ContentState = 'whole' | 'missing' | 'damaged';

/**
 * Contents of attached files, each under its checksum: `attachments/<first two digits>/<sha256>`. A content is on the disk,
 * whole and lasting, before anything names it (invariant 1), stands there once however often it is attached, and is never
 * deleted: backups name it, and so does the history of a deleted activity (invariant 2).
 */
export interface Attachments {
  /** Throws ProblemError FILE_TOO_LARGE, DISK_FULL or DISK_FAILED; then nothing is kept. `size` as far as it is known before. */
  take(bytes: AsyncIterable<Uint8Array>, size: number): Promise<StoredContent>;
  /** Puts back a content that an archive holds; what is there whole is left alone. */
  putBack(sha256: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  pathOf(sha256: string): string;
  /** Without `isThorough` the size tells; with it every byte is read. */
  stateOf(sha256: string, size: number | null, isThorough: boolean, signal?: AbortSignal): Promise<ContentState>;
  /** Removes what a crash left half taken in. */
  sweep(): Promise<void>;
}

export function createAttachments(
  dataFolder: string,
  deps: { log: Log; freeBytes?: (folder: string) => Promise<number>; limit?: number },
): Attachments {
  const folder = join(dataFolder, 'attachments');
  const limit = deps.limit ?? attachmentLimit;
  const freeBytes = deps.freeBytes ?? freeBytesOf;
  const pathOf = (sha256: string) => join(folder, ...contentSteps(sha256));

  async function stateOf(sha256: string, size: number | null, isThorough: boolean, signal?: AbortSignal): Promise<ContentState> {
    try {
      const found = await stat(pathOf(sha256));
      if (!found.isFile() || (size !== null && found.size !== size)) return 'damaged';
      return !isThorough || (await hashOf(pathOf(sha256), signal)) === sha256 ? 'whole' : 'damaged';
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return errorCode(error) === 'ENOENT' ? 'missing' : 'damaged';
    }
  }

  /** Writes what comes beside its place, then puts it there: a name in the folder always has its whole content. */
  async function keep(bytes: AsyncIterable<Uint8Array>, expected: string | null): Promise<StoredContent> {
    const draft = join(folder, `${randomUUID()}.part`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { sha256, size } = await writeHashed(draft, bytes, limit);
      if (expected !== null && sha256 !== expected) throw Object.assign(new Error('Other content'), { code: 'EIO' });
      const mediaType = await sniff(draft);
      const place = pathOf(sha256);
      // Content that is there, but not whole any more, is mended by the new one.
      if ((await stateOf(sha256, size, true)) === 'whole') await rm(draft, { force: true });
      else {
        const shelf = join(folder, sha256.slice(0, 2));
        await mkdir(shelf, { recursive: true, mode: 0o700 });
        await rename(draft, place);
        await syncFolder(shelf);
        await syncFolder(folder);
      }
      return { sha256, size, mediaType };
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  return {
    pathOf,
    stateOf,
    async take(bytes, size) {
      if (size > limit) throw new ProblemError(fileTooLarge(limit));
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        if ((await freeBytes(folder)) < size + reserveBytes) throw new ProblemError(diskFull);
        return await keep(bytes, null);
      } catch (error) {
        const problem = problemFor(error);
        deps.log.warn('attachment.refused', { code: problem.problem.code, cause: errorCode(error), size });
        throw problem;
      }
    },
    async putBack(sha256, bytes) {
      if ((await stateOf(sha256, null, true)) === 'whole') return;
      await keep(bytes, sha256);
    },
    async sweep() {
      for (const name of await readdir(folder).catch(() => [])) {
        if (name.endsWith('.part')) await rm(join(folder, name), { force: true }).catch(() => undefined);
      }
    },
  };
}

/** Every content the book names, deleted activities included: they can be restored. */
export function attachedIn(snapshot: BookSnapshot): { sha256: string; size: number }[] {
  const found = new Map<string, number>();
  for (const { sha256, size } of snapshot.records.activities) if (sha256 !== null && size !== null) found.set(sha256, size);
  return [...found].map(([sha256, size]) => ({ sha256, size }));
}

async function writeHashed(path: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const piece of bytes) {
      size += piece.byteLength;
      if (size > limit) throw new ProblemError(fileTooLarge(limit));
      hash.update(piece);
      for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

async function hashOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    signal?.throwIfAborted();
    hash.update(piece as Buffer);
  }
  return hash.digest('hex');
}

/** What the content is, by the content alone: a name is only a claim. */
async function sniff(path: string): Promise<string> {
  // A damaged or hostile file may stop the reader of its kind half-way; then its kind is not known.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  if (found !== undefined) return found.mime;
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return textType(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function problemFor(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (['ENOSPC', 'EDQUOT'].includes(errorCode(error))) return new ProblemError(diskFull);
  return new ProblemError({
    code: 'DISK_FAILED',
    ...words('disk.attachmentNotWritten'),
  });
}

const diskFull = {
  code: 'DISK_FULL',
  ...words('disk.fullForAttachment'),
};
