import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import type { Operation } from '../../shared/operations/operation.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import { errorCode } from './disk-problem.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';

/**
 * The history that backups have in common: `history/<sha256>.ndjson.gz` beside them, some hundred operations each, named by
 * the sum of its lines and never changed. Where history is cut follows from the operations alone, so each backup cuts the same past
 * into the same pieces, and they are there once. What came after the last whole piece is in the backup itself.
 */
export const pieceSchema = z.object({
  /** Of the lines, unpacked: another zlib packs the same lines to other bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  lines: z.number().int().nonnegative(),
});
export type HistoryPiece = z.output<typeof pieceSchema>;

export interface SharedHistory {
  /** Durable when it resolves. A piece that is there and whole is left as it is; with `wanted`, no other than these is written. */
  put(part: HistoryPart, wanted?: ReadonlySet<string>): Promise<HistoryPiece>;
  /** The lines; null where the piece is not there, or is not what its name says. */
  read(piece: HistoryPiece): Promise<Buffer | null>;
  /** Deletes every piece that is not named; answers how many. */
  keepOnly(names: ReadonlySet<string>): Promise<number>;
}

/** A piece ends behind an operation whose number this divides. */
export const operationsPerPiece = 256;
/** One import can make more in a few operations than others in years. */
const pieceBytes = 1024 * 1024;
const chunkLength = 128 * 1024;
const sliceMs = 8;

const unpack = promisify(gunzip);
const pack = promisify(gzip);

export function sharedHistory(folder: string): SharedHistory {
  const pathOf = ({ sha256 }: Pick<HistoryPiece, 'sha256'>) => join(folder, `${sha256}.ndjson.gz`);
  let isSwept = false;
  /** Files that were found whole, or written, since this was opened: a backup reads all of them anyway when it is there. */
  const found = new Map<string, string>();

  /** Makes the folder, which somebody may have deleted meanwhile, and clears away once what a crash left half-written. */
  const prepare = async () => {
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(dirname(folder));
    if (isSwept) return;
    for (const name of await readdir(folder)) if (name.endsWith('.new')) await rm(join(folder, name), { force: true });
    isSwept = true;
  };

  const read = async (piece: HistoryPiece): Promise<Buffer | null> => {
    let bytes: Buffer;
    try {
      bytes = await unpack(await readFile(pathOf(piece)), {
        maxOutputLength: Math.max(1, piece.bytes),
        chunkSize: chunkLength,
      });
    } catch {
      // Gone, torn, not to be read: for who asks it is the same.
      bytes = Buffer.alloc(0);
    }
    if (bytes.length === piece.bytes && (await sumOf([bytes])) === piece.sha256) return bytes;
    found.delete(piece.sha256);
    return null;
  };

  return {
    read,
    async put({ chunks, bytes, lines }, wanted) {
      const piece = { sha256: await sumOf(chunks), bytes, lines };
      if (wanted?.has(piece.sha256) === false) return piece;
      const mark = await markOf(pathOf(piece));
      if (mark !== null && found.get(piece.sha256) === mark) return piece;
      if (mark !== null && (await read(piece)) !== null) {
        found.set(piece.sha256, mark);
        return piece;
      }
      await prepare();
      await writeFileDurably(pathOf(piece), await pack(Buffer.concat(chunks), { level: 6 }));
      found.set(piece.sha256, (await markOf(pathOf(piece))) ?? '');
      return piece;
    },
    async keepOnly(names) {
      const there = await readdir(folder).catch((error: unknown): string[] => {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      });
      let dropped = 0;
      for (const file of there) {
        const name = /^([0-9a-f]{64})\.ndjson\.gz$/.exec(file)?.[1];
        if (name === undefined || names.has(name)) continue;
        await rm(join(folder, file), { force: true });
        dropped += 1;
      }
      return dropped;
    },
  };
}

/** Lines of operations, some at a time. */
export interface HistoryPart {
  chunks: Buffer[];
  bytes: number;
  lines: number;
  /** False for the last one, which the next operation would belong to. */
  isWhole: boolean;
}

/** Cuts history into the parts that it always has. Exactly the last one is not whole, and may be empty. */
export async function* cutHistory(operations: AsyncIterable<readonly Operation[]>): AsyncGenerator<HistoryPart> {
  const breathe = createBreather(sliceMs);
  let part: HistoryPart = emptyPart();
  let texts: string[] = [];
  let length = 0;
  const pour = () => {
    const chunk = Buffer.from(texts.join(''));
    part.chunks.push(chunk);
    part.bytes += chunk.length;
    texts = [];
    length = 0;
  };
  for await (const some of operations) {
    for (const operation of some) {
      const line = JSON.stringify(operation);
      texts.push(line, '\n');
      length += line.length;
      part.lines += 1;
      if (length >= chunkLength) {
        await breathe();
        pour();
      }
      if (operation.seq % operationsPerPiece === 0 || part.bytes >= pieceBytes) {
        pour();
        yield { ...part, isWhole: true };
        part = emptyPart();
      }
      await breathe();
    }
  }
  pour();
  yield part;
}

async function markOf(path: string): Promise<string | null> {
  const { size, mtimeMs, ino } = (await stat(path).catch(() => null)) ?? {};
  return size === undefined ? null : `${size} ${mtimeMs} ${ino}`;
}

const emptyPart = (): HistoryPart => ({
  chunks: [],
  bytes: 0,
  lines: 0,
  isWhole: false,
});

async function sumOf(chunks: readonly Buffer[]): Promise<string> {
  const breathe = createBreather(sliceMs);
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 1024 * 1024) {
      hash.update(chunk.subarray(at, at + 1024 * 1024));
      await breathe();
    }
  }
  return hash.digest('hex');
}
