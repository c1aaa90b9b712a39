import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './storage-fixture.ts';

/** A disk of its own, in memory, where this process may mount one (root on Linux); else null. */
export function mountDisk(options: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'fieldbook-test', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  atEnd(async () => void execFileSync('umount', ['-l', folder]));
  return folder;
}

export function remountReadOnly(folder: string): void {
  execFileSync('mount', ['-o', 'remount,ro', folder]);
}

type Write = FileHandle['write'];

/**
 * Every file write of this process meets a disk with `room` bytes left: what fits is written, then ENOSPC (or `code`),
 * as a real disk does it. Returns what ends it.
 */
export async function fillUp(room: number, code = 'ENOSPC'): Promise<() => void> {
  const probe = await open('/dev/null', 'r');
  const prototype = Object.getPrototypeOf(probe) as { write: Write };
  await probe.close();
  const real = prototype.write;
  let left = room;
  const full: (this: FileHandle, buffer: Uint8Array, offset: number, length: number, position: number | null) => ReturnType<Write> =
    async function (buffer, offset, length, position) {
      if (left <= 0) throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
      const fits = Math.min(length ?? buffer.length, left);
      left -= fits;
      return (await (real as (...parameters: unknown[]) => unknown).call(this, buffer, offset, fits, position)) as never;
    };
  prototype.write = full as unknown as Write;
  const restore = () => {
    prototype.write = real;
  };
  atEnd(async () => restore());
  return restore;
}
