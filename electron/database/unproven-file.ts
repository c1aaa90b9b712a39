import { closeSync, openSync, readSync } from 'node:fs';
import type { LineBytes } from './lines.ts';

/** A page of the system's: halving looks at one line in each of many places. */
const blockBytes = 4096;
/** Of one file: 4 MB. */
const blocksKept = 1024;

/** A file that is read where somebody asks, until its bytes were compared with their sum and are held. */
export interface UnprovenFile extends LineBytes {
  readonly path: string;
  hold(bytes: Buffer): void;
  close(): void;
}

/** `length` is what the file should have; opened when somebody asks for the first time. Reads hold main: a few blocks at once. */
export function unprovenFile(path: string, length: number): UnprovenFile {
  let held: Buffer | null = null;
  let file: number | null = null;
  const blocks = new Map<number, Buffer>();

  function fill(from: number, to: number): Buffer {
    file ??= openSync(path, 'r');
    const bytes = Buffer.allocUnsafeSlow(to - from);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, from + at);
      if (read === 0) throw new Error('A file of the checkpoint ends too early');
      at += read;
    }
    return bytes;
  }

  function blockAt(number: number): Buffer {
    const known = blocks.get(number);
    if (known !== undefined) return known;
    const block = fill(number * blockBytes, Math.min(length, (number + 1) * blockBytes));
    if (blocks.size >= blocksKept) for (const oldest of blocks.keys()) if (blocks.delete(oldest)) break;
    blocks.set(number, block);
    return block;
  }

  function close(): void {
    if (file !== null) closeSync(file);
    file = null;
    blocks.clear();
  }

  return {
    path,
    length,
    get held() {
      return held;
    },
    read(from, to) {
      if (held !== null) return held.subarray(from, to);
      const number = Math.floor(from / blockBytes);
      const start = number * blockBytes;
      return to <= start + blockBytes ? blockAt(number).subarray(from - start, to - start) : fill(from, to);
    },
    hold(bytes) {
      held = bytes;
      close();
    },
    close,
  };
}
