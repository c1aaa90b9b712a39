import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { Zip, type ZipInputFile } from 'fflate';
import { zipTime } from '../formats/zip-time.ts';
import { syncFolder } from './durable-file.ts';

/**
 * One zip that may be larger than memory. Packing is zlib's, which works beside the event loop; fflate writes the
 * container. Reading goes by the directory at the zip's end and not front to back: sizes of streamed entries are only
 * known there, and a zip that a person unpacked and packed again reads just as well.
 */
export interface ZipWriter {
  /** Adds one file from pieces; answers what was written of it. Files come one after the other. */
  add(name: string, pieces: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }>;
}

/** Sizes and places in a plain zip are numbers of 32 bits; beyond, it would be written and could not be read. */
const plainLimit = 0xffff_ffff;
const tooLarge = () => Object.assign(new Error('Too large for a zip'), { code: 'EFBIG' });

/** Fills a zip under a temporary name and puts it in place when it is whole on the disk: a torn one is never seen. */
export async function writeZip(
  path: string,
  signal: AbortSignal | undefined,
  fill: (zip: ZipWriter) => Promise<void>,
): Promise<{ sha256: string; bytes: number }> {
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(temporary, 'w', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  let files = 0;
  try {
    let ready: Uint8Array[] = [];
    let problem: Error | null = null;
    const zip = new Zip((error, piece) => {
      if (error === null) ready.push(piece);
      else problem ??= error;
    });
    const flush = async () => {
      signal?.throwIfAborted();
      if (problem !== null) throw problem as Error;
      if (ready.length === 0) return;
      const piece = Buffer.concat(ready);
      ready = [];
      hash.update(piece);
      bytes += piece.length;
      if (bytes > plainLimit) throw tooLarge();
      for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
    };
    await fill({
      add: async (name, pieces) => {
        files += 1;
        if (files > 65_535) throw tooLarge();
        const entry: ZipInputFile = { filename: name, size: 0, crc: 0, compression: 8, mtime: zipTime(Date.now()) };
        zip.add(entry);
        return pack(entry, pieces, flush);
      },
    });
    zip.end();
    await flush();
    await file.sync();
    await file.close();
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return { sha256: hash.digest('hex'), bytes };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function pack(
  entry: ZipInputFile,
  pieces: AsyncIterable<Uint8Array>,
  flush: () => Promise<void>,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  const packer = createDeflateRaw({ level: 4 });
  packer.on('data', (piece: Buffer<ArrayBuffer>) => entry.ondata?.(null, piece, false));
  const ended = new Promise<void>((resolve, reject) => packer.once('end', resolve).once('error', reject));
  ended.catch(() => undefined);
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      entry.crc = crc32(piece, entry.crc);
      entry.size += piece.length;
      if (entry.size > plainLimit) throw tooLarge();
      await new Promise<void>((resolve, reject) => {
        packer.write(piece, (error) => (error ? reject(error) : resolve()));
      });
      await flush();
    }
    packer.end();
    await ended;
  } finally {
    packer.destroy();
  }
  entry.ondata?.(null, new Uint8Array(0), true);
  await flush();
  return { sha256: hash.digest('hex'), bytes: entry.size };
}

export class DamagedZip extends Error {}

export interface ZipEntry {
  name: string;
  /** Unpacked, as the zip says; not to be believed before it was read. */
  bytes: number;
  /** What it takes in the zip. */
  packed: number;
}

export interface ZipReader {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The unpacked file, piece by piece. Throws DamagedZip when it is not what the zip says, or longer than `limit`. */
  read(name: string, limit: number): AsyncGenerator<Buffer>;
}

interface Place extends ZipEntry {
  method: number;
  crc: number;
  offset: number;
}

/** More files than a book ever has, attachments included, would only be meant to fill the memory. */
const entryLimit = 200_000;
const endBytes = 22;
const commentLimit = 65_535;

export async function openZip(path: string): Promise<ZipReader> {
  const file = await open(path, 'r');
  let places: Map<string, Place>;
  try {
    places = await readDirectory(file);
  } finally {
    await file.close();
  }
  return {
    entries: places,
    async *read(name, limit) {
      const place = places.get(name);
      if (place === undefined) throw new DamagedZip('FILE_MISSING');
      yield* unpack(path, place, limit);
    },
  };
}

async function readDirectory(file: FileHandle): Promise<Map<string, Place>> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - endBytes - commentLimit), size);
  const end = tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  if (end < 0 || end + endBytes > tail.length) throw new DamagedZip('NO_DIRECTORY');
  const count = tail.readUInt16LE(end + 10);
  const length = tail.readUInt32LE(end + 12);
  const start = tail.readUInt32LE(end + 16);
  if (count > entryLimit || start + length > size) throw new DamagedZip('NO_DIRECTORY');
  const directory = await bytesAt(file, start, start + length);
  const places = new Map<string, Place>();
  for (let at = 0; places.size < count; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw new DamagedZip('DIRECTORY_DAMAGED');
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
    if (places.has(name)) throw new DamagedZip('DIRECTORY_DAMAGED');
    // We write none, and no zip program does of its own accord: such a name is meant to be unpacked somewhere else.
    if (/(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[a-z]:|\u0000/i.test(name)) throw new DamagedZip('NAME_OUTSIDE');
    places.set(name, {
      name,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return places;
}

async function bytesAt(file: FileHandle, from: number, until: number): Promise<Buffer> {
  const buffer = Buffer.alloc(until - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  if (bytesRead !== buffer.length) throw new DamagedZip('TOO_SHORT');
  return buffer;
}

async function* unpack(path: string, place: Place, limit: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  let start: number;
  try {
    const head = await bytesAt(file, place.offset, place.offset + 30);
    if (head.readUInt32LE(0) !== 0x04034b50) throw new DamagedZip('HEADER_DAMAGED');
    start = place.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  } finally {
    await file.close();
  }
  let crc = 0;
  let bytes = 0;
  for await (const piece of unpacked(path, place, start)) {
    bytes += piece.length;
    if (bytes > limit) throw new DamagedZip('LONGER_THAN_SAID');
    crc = crc32(piece, crc);
    yield piece;
  }
  if (bytes !== place.bytes || crc !== place.crc) throw new DamagedZip('CONTENT_DAMAGED');
}

async function* unpacked(path: string, { packed, method }: Place, start: number): AsyncGenerator<Buffer> {
  if (method !== 0 && method !== 8) throw new DamagedZip('UNKNOWN_PACKING');
  if (packed === 0) return;
  const source = createReadStream(path, { start, end: start + packed - 1, highWaterMark: 64 * 1024 });
  if (method === 0) {
    yield* source as AsyncIterable<Buffer>;
    return;
  }
  const unpacker = createInflateRaw({ chunkSize: 128 * 1024 });
  source.once('error', (error) => unpacker.destroy(error));
  source.pipe(unpacker);
  try {
    for await (const piece of unpacker as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    // Whatever zlib stumbled over, the bytes are not those that were packed.
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true ? new DamagedZip('CONTENT_DAMAGED') : error;
  } finally {
    source.destroy();
    unpacker.destroy();
  }
}
