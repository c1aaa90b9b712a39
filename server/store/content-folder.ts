import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { fileTypeFromFile } from 'file-type';
import { contentSteps, fileTooLarge, headBytes, isChecksum, textType } from '../../shared/nouns/activity/attached-content.ts';
import { isId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { words } from '../../shared/words/words.ts';

/** What the database needs to go on. */
const reserveBytes = 50 * 1024 * 1024;
const unfinished = '.part';
const pieceBytes = 256 * 1024;
const remembered = 1_000;

/** A content that is on the disk, whole and lasting, beside its place. */
export interface Staged {
  organisation: string;
  sha256: string;
  size: number;
  mediaType: string;
  path: string;
}

/** A content that is open: whoever gets it reads it once, or closes it. */
export interface OpenContent {
  /** `start` and `end` (inclusive) in bytes. Closes it when the stream ends, however it ends. */
  read(start: number, end: number): NodeJS.ReadableStream;
  close(): Promise<void>;
}

export type ContentState = 'missing' | 'altered';

/** What of a file has come so far, by the device that sends it: nobody adds to what another one began. */
export interface Upload {
  organisation: string;
  device: string;
  sha256: string;
}

export interface Uploads {
  /** Bytes that have come. */
  size(upload: Upload): Promise<number>;
  /**
   * Adds a piece where the upload stands, and answers where it stands then; null where that is somewhere else. Throws
   * ProblemError DISK_FULL or DISK_FAILED.
   */
  add(upload: Upload, offset: number, piece: Uint8Array): Promise<number | null>;
  /** All that has come. */
  read(upload: Upload): AsyncIterable<Uint8Array>;
  remove(upload: Upload): Promise<void>;
}

/** Uploads that one device can have begun; what it began longest ago makes room. */
const mostUploads = 8;

/** Contents on the disk: `<organisation>/<first two digits>/<sha256>`. Which of them count is in the table `files`. */
export interface ContentFolder {
  /** Throws ProblemError FILE_TOO_LARGE, FILE_ALTERED, DISK_FULL or DISK_FAILED; then nothing is left behind. */
  stage(organisation: string, bytes: AsyncIterable<Uint8Array>, expected?: { sha256: string }): Promise<Staged>;
  /** Puts a staged content in its place, over one that may lie there: that one may be damaged. */
  place(staged: Staged): Promise<void>;
  discard(staged: Staged): Promise<void>;
  /**
   * Opens a content, first comparing every byte with the checksum. Without `isThorough` that was enough which was done
   * since the file last changed: parts of a large file are asked for many times.
   */
  open(organisation: string, sha256: string, size: number, isThorough: boolean): Promise<OpenContent | ContentState>;
  remove(organisation: string, sha256: string): Promise<void>;
  /** Every content of an organisation that was written before the time, in milliseconds. */
  list(organisation: string, before: number): AsyncIterable<string>;
  /** Removes what was begun before the time and never finished. */
  sweep(before: number): Promise<void>;
  uploads: Uploads;
}

export function createContentFolder(folder: string, limit: number, freeBytes = freeBytesOf): ContentFolder {
  /** Contents that were compared with their checksum, and how the file stood then. */
  const compared = new LRUCache<string, string>({ max: remembered });
  const placeOf = (organisation: string) => {
    if (!isId(organisation)) throw new Error('Not the id of an organisation');
    return join(folder, organisation);
  };
  const pathOf = (organisation: string, sha256: string) => join(placeOf(organisation), ...contentSteps(sha256));
  const uploadPath = ({ organisation, device, sha256 }: Upload) => {
    if (!isId(device) || !isChecksum(sha256)) throw new Error('Not the id of a device, or no checksum');
    return join(placeOf(organisation), `${device}.${sha256}${unfinished}`);
  };
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      (error: unknown) => {
        if (codeOf(error) === 'ENOENT') return 0;
        throw problemFor(error);
      },
    );

  async function makeRoom(upload: Upload): Promise<void> {
    const place = placeOf(upload.organisation);
    const others = (await namesIn(place)).filter((name) => name.startsWith(`${upload.device}.`) && name.endsWith(unfinished));
    if (others.length < mostUploads) return;
    const aged = await Promise.all(others.map(async (name) => ({ name, at: (await stat(join(place, name))).mtimeMs })));
    for (const { name } of aged.toSorted((a, b) => a.at - b.at).slice(0, others.length - mostUploads + 1))
      await rm(join(place, name), { force: true });
  }

  const uploads: Uploads = {
    size: (upload) => sizeOf(uploadPath(upload)),
    async add(upload, offset, piece) {
      const path = uploadPath(upload);
      try {
        await mkdir(placeOf(upload.organisation), { recursive: true, mode: 0o700 });
        if ((await freeBytes(placeOf(upload.organisation))) < reserveBytes + piece.byteLength) throw new ProblemError(diskFull);
        if ((await sizeOf(path)) !== offset) return null;
        if (offset === 0) await makeRoom(upload);
        const file = await open(path, 'a', 0o600);
        try {
          for (let at = 0; at < piece.byteLength; ) at += (await file.write(piece, at)).bytesWritten;
          // What was answered for is on the disk: after a power cut the device goes on behind it.
          await file.sync();
        } finally {
          await file.close();
        }
        return offset + piece.byteLength;
      } catch (error) {
        throw problemFor(error);
      }
    },
    read: (upload) => createReadStream(uploadPath(upload), { highWaterMark: pieceBytes }),
    remove: (upload) => rm(uploadPath(upload), { force: true }),
  };

  return {
    uploads,

    async stage(organisation, bytes, expected) {
      const place = placeOf(organisation);
      const path = join(place, `${randomUUID()}${unfinished}`);
      try {
        await mkdir(place, { recursive: true, mode: 0o700 });
        if ((await freeBytes(place)) < reserveBytes) throw new ProblemError(diskFull);
        const { sha256, size } = await writeHashed(path, bytes, limit);
        if (expected !== undefined && sha256 !== expected.sha256) throw new ProblemError(fileAltered);
        return { organisation, sha256, size, mediaType: await sniff(path), path };
      } catch (error) {
        await rm(path, { force: true }).catch(() => undefined);
        throw problemFor(error);
      }
    },

    async place({ organisation, sha256, path }) {
      const shelf = dirname(pathOf(organisation, sha256));
      try {
        await mkdir(shelf, { recursive: true, mode: 0o700 });
        await rename(path, pathOf(organisation, sha256));
        for (const one of [shelf, placeOf(organisation), folder]) await syncFolder(one);
      } catch (error) {
        throw problemFor(error);
      }
    },

    discard: ({ path }) => rm(path, { force: true }),

    async open(organisation, sha256, size, isThorough) {
      let file: FileHandle | null = null;
      try {
        file = await open(pathOf(organisation, sha256), 'r');
        const found = await file.stat({ bigint: true });
        if (!found.isFile() || found.size !== BigInt(size)) return await shut(file, 'altered');
        const [name, state] = [`${organisation}/${sha256}`, `${found.ino} ${found.mtimeNs} ${found.ctimeNs}`];
        if (isThorough || compared.get(name) !== state) {
          compared.delete(name);
          if ((await hashOf(file)) !== sha256) return await shut(file, 'altered');
          compared.set(name, state);
        }
        const opened = file;
        return {
          read: (start, end) => opened.createReadStream({ start, end, highWaterMark: pieceBytes }),
          close: () => opened.close(),
        };
      } catch (error) {
        return shut(file, codeOf(error) === 'ENOENT' ? 'missing' : 'altered');
      }
    },

    remove: (organisation, sha256) => rm(pathOf(organisation, sha256), { force: true }),

    async *list(organisation, before) {
      for (const shelf of await namesIn(placeOf(organisation))) {
        if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
        for (const name of await namesIn(join(placeOf(organisation), shelf)))
          if (isChecksum(name) && (await wasWrittenBefore(join(placeOf(organisation), shelf, name), before))) yield name;
      }
    },

    async sweep(before) {
      for (const organisation of await namesIn(folder)) {
        if (!isId(organisation)) continue;
        for (const name of await namesIn(placeOf(organisation))) {
          const path = join(placeOf(organisation), name);
          if (name.endsWith(unfinished) && (await wasWrittenBefore(path, before))) await rm(path, { force: true });
        }
      }
    },
  };
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

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of file.createReadStream({ start: 0, highWaterMark: pieceBytes, autoClose: false })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** What a content is, by what is in it alone: a name is only a claim. */
async function sniff(path: string): Promise<string> {
  // A damaged or hostile file may stop the reader of its kind half-way; then its kind is not known.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  if (found !== undefined) return found.mime;
  const head: Buffer[] = [];
  for await (const piece of createReadStream(path, { end: headBytes - 1 })) head.push(piece as Buffer);
  return textType(Buffer.concat(head).toString('utf8'));
}

async function shut<T>(file: FileHandle | null, answer: T): Promise<T> {
  await file?.close();
  return answer;
}

/** Makes names in a folder last. Windows cannot and need not: NTFS journals them. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
}

async function wasWrittenBefore(path: string, before: number): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile() && found.mtimeMs < before,
    () => false,
  );
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}

/** A fault of the disk as a problem; whatever else ended the bytes stays what it is. */
function problemFor(error: unknown): unknown {
  if (error instanceof ProblemError) return error;
  if (['ENOSPC', 'EDQUOT'].includes(codeOf(error))) return new ProblemError(diskFull);
  return /^E(IO|ROFS|ACCES|PERM|MFILE|NFILE|NOENT|NOTDIR)$/.test(codeOf(error)) ? new ProblemError(diskFailed) : error;
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | null)?.code ?? '');

const diskFull = {
  code: 'DISK_FULL',
  ...words('disk.serverFull'),
};
const diskFailed = {
  code: 'DISK_FAILED',
  ...words('disk.serverNotWritten'),
};
const fileAltered = {
  code: 'FILE_ALTERED',
  ...words('disk.otherThanAnnounced'),
};
