import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isId, newId } from '../shared/lib/ids.ts';
import { ProblemError } from '../shared/lib/result.ts';
import { words } from '../shared/words/words.ts';

export const FILE_LIMIT = 200 * 1024 * 1024;

export interface KeptFile {
  fileId: string;
  /** Name as the person knows it. */
  fileName: string;
  path: string;
  size: number;
  mediaType: string;
}

/**
 * Files that pass through the book: taken in for an import, or made by an export. Each has a folder `files/<id>` with
 * `content` and `about.json`; the folder appears complete (by rename) or not at all.
 */
export interface Files {
  /** Throws ProblemError FILE_TOO_LARGE, DISK_FULL or DISK_FAILED; then nothing is kept. */
  take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<KeptFile>;
  /** Makes a file for the person to save. `write` fills the path it is given. */
  make(name: string, mediaType: string, write: (path: string) => Promise<void>): Promise<KeptFile>;
  /** Throws ProblemError FILE_GONE. */
  get(fileId: string): Promise<KeptFile>;
  drop(fileId: string): Promise<void>;
  /** Removes what a crash left half taken in, and files older than `days` that `isNeeded` does not ask for. */
  tidy(days: number, isNeeded: (fileId: string) => boolean): Promise<void>;
}

export function createFiles(dataFolder: string): Files {
  const folder = path.join(dataFolder, 'files');

  /** Files being taken in now: what is half there is not left over from a crash. */
  const drafts = new Set<string>();

  const keep = async (name: string, mediaType: string, fill: (target: string) => Promise<void>): Promise<KeptFile> => {
    const fileId = newId();
    const part = `${fileId}.part`;
    const draft = path.join(folder, part);
    drafts.add(part);
    try {
      await mkdir(draft, { recursive: true, mode: 0o700 });
      await fill(path.join(draft, 'content'));
      await writeFile(path.join(draft, 'about.json'), JSON.stringify({ fileName: plainName(name), mediaType }), { mode: 0o600 });
      await rename(draft, path.join(folder, fileId));
    } catch (error) {
      await rm(draft, { recursive: true, force: true }).catch(() => {});
      throw asProblem(error);
    } finally {
      drafts.delete(part);
    }
    return get(fileId);
  };

  const get = async (fileId: string): Promise<KeptFile> => {
    // Ids are the only names that reach the disk, so that no input can point outside the folder (invariant 3).
    if (!isId(fileId)) throw fileGone();
    const place = path.join(folder, fileId);
    try {
      const about = JSON.parse(await readFile(path.join(place, 'about.json'), 'utf8')) as { fileName: string; mediaType: string };
      const { size } = await stat(path.join(place, 'content'));
      return { fileId, fileName: about.fileName, mediaType: about.mediaType, path: path.join(place, 'content'), size };
    } catch {
      throw fileGone();
    }
  };

  return {
    take: (name, bytes) =>
      keep(name, 'application/octet-stream', (target) => pipeline(limited(bytes), createWriteStream(target, { mode: 0o600, flush: true }))),
    make: (name, mediaType, write) => keep(name, mediaType, write),
    get,
    drop: async (fileId) => {
      if (isId(fileId)) await rm(path.join(folder, fileId), { recursive: true, force: true });
    },
    tidy: async (days, isNeeded) => {
      const oldest = Date.now() - days * 86_400_000;
      for (const name of await readdir(folder).catch(() => [])) {
        if (drafts.has(name)) continue;
        const place = path.join(folder, name);
        const isOld = async () => isId(name) && !isNeeded(name) && (await stat(place)).mtimeMs < oldest;
        if (name.endsWith('.part') || (await isOld())) await rm(place, { recursive: true, force: true });
      }
    },
  };
}

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let taken = 0;
  for await (const piece of bytes) {
    taken += piece.byteLength;
    if (taken > FILE_LIMIT) throw new ProblemError(fileTooLarge);
    yield piece;
  }
}

export const fileTooLarge = {
  code: 'FILE_TOO_LARGE',
  ...words('files.tooLarge'),
};

const fileGone = () =>
  new ProblemError({
    code: 'FILE_GONE',
    ...words('files.gone'),
  });

/** The last part of a path in either notation, without what file systems refuse; never empty. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replace(/[\p{Cc}<>:"|?*]/gu, '')
    .trim()
    .slice(0, 200);
  return /^\.*$/.test(clean) ? 'file' : clean;
}

function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ProblemError({
      code: 'DISK_FULL',
      ...words('disk.fullForFile'),
    });
  }
  return new ProblemError({
    code: 'DISK_FAILED',
    ...words('disk.fileNotWritten'),
  });
}
