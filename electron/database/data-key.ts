import { createHash, randomBytes } from 'node:crypto';
import { chmod, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../domain/ports.ts';
import type { Platform } from '../platform/platform.ts';
import { errorCode } from './disk-problem.ts';
import { writeFileDurably } from './durable-file.ts';

export interface DataKey {
  id: string;
  bytes: Buffer;
}

export interface DataKeys {
  /** Seals what is written from now on. */
  current: DataKey;
  /** Every key that could be opened, by id. */
  opened: ReadonlyMap<string, Buffer>;
  /** Keys that are in the file and could not be opened here. */
  closed: ReadonlySet<string>;
  /** What keeps the current key: `none` when it lies in the file as it is. */
  protection: 'os' | 'weak' | 'none';
}

export const keyFileName = 'key.json';
const keyBytes = 32;
/** A keychain that asks nobody and answers nothing must not keep the book shut. */
const keychainMs = 20_000;

const entrySchema = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** `keychain`: sealed by the system; `file`: the key itself, readable for the owner of the file only. */
  kept: z.enum(['keychain', 'file']),
  value: z.string().min(1),
});
const fileSchema = z.object({ format: z.literal(1), keys: z.array(entrySchema) });
type Entry = z.output<typeof entrySchema>;

/**
 * The keys of the data folder. A key that cannot be opened stays in the file, because what it sealed may be readable
 * again one day (invariant 2); a new one is then added for what is typed from now on. Throws only what the disk throws.
 */
export async function openDataKeys(folder: string, keychain: Platform['keychain'], log: Log): Promise<DataKeys> {
  const path = join(folder, keyFileName);
  const entries = await readEntries(path, log);
  const strength = await inTime(keychain.strength()).catch((): 'none' => 'none');
  const opened = new Map<string, Buffer>();
  const closed = new Set<string>();
  for (const entry of entries) {
    const bytes = await openEntry(entry, keychain).catch(() => null);
    if (bytes === null) closed.add(entry.id);
    else opened.set(entry.id, bytes);
  }

  const isOpened = ({ id }: Entry) => opened.has(id);
  let current = entries.findLast((entry) => isOpened(entry) && entry.kept === 'keychain') ?? entries.findLast(isOpened) ?? null;
  const known = current === null ? null : (opened.get(current.id) ?? null);
  // The first time, or none can be opened; or a key from a time without a keychain, which now gets its lock.
  if (current === null || known === null || (current.kept === 'file' && strength !== 'none')) {
    const bytes = known ?? randomBytes(keyBytes);
    const entry = await keepEntry(bytes, strength, keychain, log);
    if (known === null || entry.kept === 'keychain') {
      await writeEntries(path, [...entries.filter(({ id }) => id !== entry.id), entry]);
      log.info('key.kept', { kept: entry.kept, isNew: known === null });
    }
    opened.set(entry.id, bytes);
    current = entry;
  }
  log.info('key.opened', { kept: current.kept, opened: opened.size, closed: closed.size });
  return {
    current: { id: current.id, bytes: opened.get(current.id) as Buffer },
    opened,
    closed,
    protection: current.kept === 'file' ? 'none' : strength === 'weak' ? 'weak' : 'os',
  };
}

async function readEntries(path: string, log: Log): Promise<Entry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    return fileSchema.parse(JSON.parse(text)).keys;
  } catch {
    // Kept for whoever can mend it: without it what it sealed stays shut.
    log.error('key.unreadable');
    await rename(path, `${path}.damaged-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
    return [];
  }
}

async function writeEntries(path: string, keys: Entry[]): Promise<void> {
  await writeFileDurably(path, `${JSON.stringify({ format: 1, keys })}\n`, 0o600);
  await chmod(path, 0o600);
}

async function openEntry({ id, kept, value }: Entry, keychain: Platform['keychain']): Promise<Buffer | null> {
  const bytes = Buffer.from(kept === 'file' ? value : await inTime(keychain.open(value)), 'base64');
  return bytes.length === keyBytes && idOf(bytes) === id ? bytes : null;
}

async function keepEntry(bytes: Buffer, strength: DataKeys['protection'], keychain: Platform['keychain'], log: Log): Promise<Entry> {
  const id = idOf(bytes);
  const plain = bytes.toString('base64');
  if (strength !== 'none') {
    try {
      const entry: Entry = { id, kept: 'keychain', value: await inTime(keychain.seal(plain)) };
      // Sealed is only what can be opened again.
      if ((await openEntry(entry, keychain)) !== null) return entry;
    } catch (error) {
      log.warn('key.keychain-failed', { error: error instanceof Error ? error.name : typeof error });
    }
  }
  return { id, kept: 'file', value: plain };
}

/** Names the key and checks that it is the one that was meant; tells nothing about it. */
function idOf(bytes: Buffer): string {
  return createHash('sha256').update('fieldbook data key').update(bytes).digest('hex').slice(0, 12);
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('The keychain did not answer')), keychainMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
