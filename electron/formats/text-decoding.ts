import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import type { Encoding } from '../../shared/contracts/transfer.contract.ts';
import { guessEncoding } from './letter-guess.ts';

export type { Encoding };

/** Bytes read at a time: small enough that one piece is decoded and parsed within a few milliseconds. */
const PIECE = 256 * 1024;

/** What was met while decoding; filled as the text is read. */
export interface DecodingStats {
  /** NUL characters that were left out: no screen, file or database can carry them. */
  nul: number;
  /** Characters that could not be read and stand as � in the text. */
  unreadable: number;
}

export interface DetectedEncoding {
  encoding: Encoding;
  /** False where the bytes leave no doubt (byte order mark, valid UTF-8). */
  guessed: boolean;
}

/** Finds the encoding of a text file: byte order mark, then UTF-16 by its zero bytes, then UTF-8 if it holds, else what its letters say. */
export async function detectEncoding(path: string): Promise<DetectedEncoding> {
  const file = await open(path, 'r');
  try {
    const head = await readAt(file, 0, PIECE);
    if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', guessed: false };
    if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', guessed: false };
    if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', guessed: false };
    const wide = wideBytes(head);
    if (wide !== null) return { encoding: wide, guessed: true };
    // Japanese mail programs write two letters for each byte pair, and all of them are ASCII.
    if (/\x1b\$[@B]/.test(Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')))
      return { encoding: 'iso-2022-jp', guessed: true };
    if (head.length < PIECE ? isUtf8(head) : await holdsAsUtf8(file)) return { encoding: 'utf-8', guessed: false };
    return { encoding: (await isDamagedUtf8(file)) ? 'utf-8' : guessEncoding(head), guessed: true };
  } finally {
    await file.close();
  }
}

/** Latin text in UTF-16 has a zero in every second byte; a stray NUL in an eight-bit file does not. */
function wideBytes(bytes: Uint8Array): Encoding | null {
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    if (bytes[i] === 0) even += 1;
    if (bytes[i + 1] === 0) odd += 1;
  }
  const pairs = Math.floor(bytes.length / 2);
  if (pairs === 0) return null;
  if (odd / pairs > 0.4 && even / pairs < 0.1) return 'utf-16le';
  if (even / pairs > 0.4 && odd / pairs < 0.1) return 'utf-16be';
  return null;
}

async function holdsAsUtf8(file: FileHandle): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of piecesOf(file)) decoder.decode(piece, { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** Many good multi-byte letters and few bad ones: UTF-8 that was damaged. Reading it as Windows-1252 would spoil every letter. */
async function isDamagedUtf8(file: FileHandle): Promise<boolean> {
  const decoder = new TextDecoder('utf-8');
  let good = 0;
  let bad = 0;
  for await (const piece of piecesOf(file)) {
    const text = decoder.decode(piece, { stream: true });
    bad += count(text, /�/g);
    good += count(text, /[^\u0000-\u007f�]/g);
  }
  return good >= bad * 4 && bad > 0;
}

/** The text of a file, piece by piece, without byte order mark and NUL characters. */
export async function* decodedPieces(path: string, encoding: Encoding, stats: DecodingStats): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    const decoder = new TextDecoder(encoding);
    for await (const piece of piecesOf(file)) {
      const text = clean(inFull(decoder.decode(piece, { stream: true }), encoding), stats);
      if (text !== '') yield text;
    }
    const rest = clean(inFull(decoder.decode(), encoding), stats);
    if (rest !== '') yield rest;
  } finally {
    await file.close();
  }
}

/** The first characters of a file, at most about `bytes` long. */
export async function decodedHead(path: string, encoding: Encoding, bytes = PIECE): Promise<string> {
  const file = await open(path, 'r');
  try {
    const head = await readAt(file, 0, bytes);
    return clean(inFull(new TextDecoder(encoding).decode(head, { stream: true }), encoding), { nul: 0, unreadable: 0 });
  } finally {
    await file.close();
  }
}

/** Bytes as one character each, to be decoded line by line. Without NUL. */
export async function* bytePieces(path: string, stats: DecodingStats): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    for await (const piece of piecesOf(file)) yield clean(Buffer.from(piece).toString('latin1'), stats);
  } finally {
    await file.close();
  }
}

/** The text that such a line stands for. Throws RangeError for an encoding nobody knows. */
export function decodedBytes(line: string, encoding: string, stats: DecodingStats): string {
  if (/^[\x00-\x7f]*$/.test(line) && !line.includes('\x1b')) return line;
  const decoder = new TextDecoder(encoding);
  return clean(inFull(decoder.decode(Buffer.from(line, 'latin1')), decoder.encoding), stats);
}

const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Some decoders take Windows-1252 for Latin-1, which has control characters where that has signs and letters. */
function inFull(text: string, encoding: string): string {
  if (encoding !== 'windows-1252') return text;
  return text.replace(/[\u0080-\u009f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80] as string);
}

function clean(text: string, stats: DecodingStats): string {
  if (text.includes('�')) stats.unreadable += count(text, /�/g);
  if (!text.includes('\0')) return text;
  stats.nul += count(text, /\0/g);
  return text.replaceAll('\0', '');
}

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const piece = await readAt(file, position, PIECE);
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
  }
}
