import { type FileHandle, mkdir, open, readdir, readFile, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Operation } from '../../shared/operations/operation.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Journal, Log } from '../domain/ports.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import { type FolderClaim, ownFolder } from './data-folder.ts';
import { diskFull, diskProblem, errorCode } from './disk-problem.ts';
import { syncFolder } from './durable-file.ts';
import { decodeLine, encodeLine, headOfLine } from './journal-line.ts';
import type { NoticeBoard } from './notices.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';
import { isOfOtherKinds } from './value-kinds.ts';
import { words } from '../../shared/words/words.ts';

/** A place between two lines. Segments are numbered from 1. */
export interface JournalPosition {
  segment: number;
  offset: number;
}

export const journalStart: JournalPosition = { segment: 1, offset: 0 };

export interface JournalLimits {
  /** A segment that has reached this size is followed by a new one. */
  segmentBytes: number;
  /** Below this much free space a warning is shown. */
  warnFreeBytes: number;
  /** Below this much free space nothing more is written: what is left is for closing properly. */
  refuseFreeBytes: number;
}

const megabyte = 1024 * 1024;
export const usualLimits: JournalLimits = { segmentBytes: 32 * megabyte, warnFreeBytes: 100 * megabyte, refuseFreeBytes: 20 * megabyte };

/** Longest time reading in the background holds the event loop at once. */
const sliceMs = 8;

export interface JournalRead {
  /** In the order of the files; an operation that was lost and found again comes late. */
  operations: Operation[];
  /** Lines that could not be read, each kept aside in a file of its own. */
  damaged: { position: JournalPosition; file: string }[];
  /** The newest segment ended in an unfinished write, which nobody was told is saved: it was cut off. */
  wasCut: boolean;
  /** The files end before the place that was asked for: somebody removed some. */
  isShort: boolean;
  /** A segment is missing among the others: they are never taken away, so somebody did. */
  hasGap: boolean;
}

export interface FileJournal extends Journal {
  /** Operations and bytes appended since the position the journal was read from, or `rebase` was called with. */
  sinceBase(): { operations: number; bytes: number };
  rebase(position: JournalPosition): void;
  /** A place before which every operation up to `seq`, and no later one, was written. */
  positionAt(seq: number): JournalPosition;
  /**
   * Operations from a position on, up to a thousand or a megabyte at a time, without holding the event loop. Damaged lines are
   * passed over. `box` opens what is sealed in them; the usual one where it is left out.
   */
  read(from: JournalPosition, wanted: (head: { id: string; seq: number }) => boolean, box?: SecretBox): AsyncGenerator<Operation[]>;
  close(): Promise<void>;
}

export interface JournalDeps {
  log: Log;
  notices: NoticeBoard;
  /** Seals secret fields on their way into the files, and opens them on their way out. */
  secrets?: SecretBox;
  /** Asked before each write whether the folder is still ours. */
  claim?: Pick<FolderClaim, 'check'>;
  limits?: JournalLimits;
  /** Free bytes on the disk with the folder. */
  freeBytes?: (folder: string) => Promise<number>;
  /** How often a disk that is short of space is looked at. */
  spaceWatchMs?: number;
}

/** Opens `folder` (made when missing), cuts off an unfinished last write, and reads everything from `from` on. */
export async function openJournal(
  folder: string,
  from: JournalPosition,
  deps: JournalDeps,
): Promise<{ journal: FileJournal; read: JournalRead }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const segments = await segmentNumbers(folder);
  const read: JournalRead = { operations: [], damaged: [], wasCut: false, isShort: false, hasGap: false };
  let end: JournalPosition = { ...journalStart };
  for (const segment of segments) {
    if (segment < from.segment && segment !== segments.at(-1)) continue;
    const skipped = segment < from.segment ? Number.POSITIVE_INFINITY : segment === from.segment ? from.offset : 0;
    const { bytes, start } = await endOfFile(segmentPath(folder, segment), skipped);
    const lines = await scan(bytes, start, deps.secrets ?? noSecretBox);
    for (const { offset, bytes: line } of lines.damaged) {
      read.damaged.push({ position: { segment, offset }, file: await keepAside(folder, segment, offset, line, deps.log) });
    }
    for (const operation of lines.operations) read.operations.push(operation);
    end = { segment, offset: start + bytes.length };
    if (lines.unfinished === null) continue;
    read.wasCut = lines.unfinished.operation === null;
    end.offset = await mendEnd(folder, segment, lines.unfinished, end.offset);
    if (lines.unfinished.operation !== null) read.operations.push(lines.unfinished.operation);
  }
  read.hasGap = segments.some((segment, at) => segment !== at + 1);
  const isBehind = isBefore(end, from);
  if (isBehind) {
    // What is written next must lie behind the position it will be read from.
    read.isShort = true;
    end = { segment: Math.max(from.segment, end.segment) + 1, offset: 0 };
  }
  const file = await openSegment(folder, end.segment);
  const base = isBehind ? end : from;
  return { journal: createJournal(folder, { file, end, base, read: read.operations.length }, deps), read };
}

interface Scan {
  operations: Operation[];
  damaged: { offset: number; bytes: Buffer }[];
  /** What follows the last line break. The operation in it, when only the line break is missing. */
  unfinished: { offset: number; operation: Operation | null } | null;
}

/** A segment from `skipped` on, or from its end where that comes first; what a checkpoint has is not read. */
async function endOfFile(path: string, skipped: number): Promise<{ bytes: Buffer; start: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.min(skipped, size);
    const bytes = Buffer.alloc(size - start);
    let filled = 0;
    for (let read = 1; read > 0 && filled < bytes.length; filled += read)
      read = (await file.read(bytes, filled, bytes.length - filled, start + filled)).bytesRead;
    return { bytes: bytes.subarray(0, filled), start };
  } finally {
    await file.close();
  }
}

/** The lines of the end of a segment that begins at `start`. */
async function scan(bytes: Buffer, start: number, secrets: SecretBox): Promise<Scan> {
  const breathe = createBreather(sliceMs);
  const result: Scan = { operations: [], damaged: [], unfinished: null };
  for (const { offset: within, line, isWhole } of linesOf(bytes, 0)) {
    const offset = start + within;
    const decoded = decodeLine(line);
    const opened = decoded === null ? null : secrets.openOperation(decoded);
    // A right sum over nonsense: taken in, it would end every start.
    const operation = opened === null || (await holdsNonsense(opened, breathe)) ? null : opened;
    if (!isWhole) result.unfinished = { offset, operation };
    else if (operation === null) result.damaged.push({ offset, bytes: line });
    else result.operations.push(operation);
    await breathe();
  }
  return result;
}

async function holdsNonsense({ changes }: Operation, breathe: () => Promise<boolean>): Promise<boolean> {
  for (const change of changes) {
    if (isOfOtherKinds({ changes: [change] })) return true;
    await breathe();
  }
  return false;
}

function* linesOf(bytes: Buffer, start: number): Generator<{ offset: number; line: Buffer; isWhole: boolean }> {
  for (let offset = start; offset < bytes.length; ) {
    const lineBreak = bytes.indexOf(0x0a, offset);
    const end = lineBreak < 0 ? bytes.length : lineBreak;
    yield { offset, line: bytes.subarray(offset, end), isWhole: lineBreak >= 0 };
    offset = end + 1;
  }
}

/**
 * A write that was cut short was never acknowledged, because that waits for the fsync: it goes. Where only the line
 * break is missing, the line is whole and stays. Returns where the next line begins.
 */
async function mendEnd(
  folder: string,
  segment: number,
  { offset, operation }: NonNullable<Scan['unfinished']>,
  size: number,
): Promise<number> {
  const file = await open(segmentPath(folder, segment), 'r+');
  try {
    if (operation === null) await file.truncate(offset);
    else await file.write('\n', size);
    await file.sync();
  } finally {
    await file.close();
  }
  return operation === null ? offset : size + 1;
}

/** A copy for whoever wants to look into it; the line stays in its segment, so a full disk stops nothing here. */
async function keepAside(folder: string, segment: number, offset: number, line: Buffer, log: Log): Promise<string> {
  const name = `damaged-${segmentName(segment)}-${offset}.txt`;
  await writeFile(join(folder, name), line, { mode: 0o600 }).catch((error: unknown) =>
    log.warn('journal.aside-failed', { code: errorCode(error) }),
  );
  return name;
}

interface OpenState {
  file: FileHandle;
  end: JournalPosition;
  base: JournalPosition;
  read: number;
}

function createJournal(folder: string, opened: OpenState, deps: JournalDeps): FileJournal {
  const limits = deps.limits ?? usualLimits;
  const freeBytes = deps.freeBytes ?? freeBytesOf;
  const secrets = deps.secrets ?? noSecretBox;
  const claim = deps.claim ?? ownFolder;
  let { file, base } = opened;
  let { segment, offset: size } = opened.end;
  let since = { operations: opened.read, bytes: distance(base, opened.end) };
  /** Where batches ended since the base, oldest first. */
  let ends: { seq: number; operations: number; position: JournalPosition }[] = [];
  /** Above 0 while the file may hold that much of a failed write behind `size`: nothing may follow it. */
  let unclean = 0;
  let last: Promise<void> = Promise.resolve();

  const cleanEnd = async () => {
    await file.truncate(size);
    await file.datasync();
    unclean = 0;
  };

  /** Two writers, a tool that tidies up, a copy put in place: nothing may be written over, or into, what another wrote. */
  const checkOurs = async () => {
    await claim.check();
    const [held, there] = await Promise.all([file.stat({ bigint: true }), statOf(segmentPath(folder, segment))]);
    const isThere = there !== null && there.ino === held.ino && there.dev === held.dev;
    const grew = Number(held.size) - size;
    if (isThere && grew >= 0 && grew <= unclean) return;
    throw notOurs({ segment, isThere, grew });
  };

  const notOurs = (facts: Record<string, number | boolean>): ProblemError => {
    deps.log.error('journal.not-ours', facts);
    deps.notices.post({ id: 'journal-changed', level: 'error', text: words('disk.journalChanged') });
    return new ProblemError(journalChanged);
  };

  const roll = async () => {
    const next = await openSegment(folder, segment + 1);
    const { size: found } = await next.stat();
    if (found > 0) {
      await next.close();
      throw notOurs({ segment: segment + 1, found });
    }
    const full = file;
    file = next;
    segment += 1;
    size = 0;
    await full.close();
  };

  let spaceWatch: NodeJS.Timeout | null = null;
  /** Says how the disk stands, and goes on looking as long as a notice is up: other programs fill and free it too. */
  const tellSpace = (free: number) => {
    const least = Math.floor(limits.refuseFreeBytes / megabyte);
    if (free >= limits.warnFreeBytes) {
      if (spaceWatch !== null) clearInterval(spaceWatch);
      spaceWatch = null;
      return deps.notices.remove('disk-nearly-full');
    }
    spaceWatch ??= setInterval(() => void freeBytes(folder).then(tellSpace), deps.spaceWatchMs ?? 10_000).unref();
    const isFull = free < limits.refuseFreeBytes;
    // No number that would be another one by the time somebody reads it.
    deps.notices.post({
      id: 'disk-nearly-full',
      level: isFull ? 'error' : 'warning',
      text: isFull
        ? words('notices.diskFull', { least })
        : words('notices.diskNearlyFull', { left: Math.floor(limits.warnFreeBytes / megabyte), least }),
    });
  };

  const checkSpace = async (needed: number) => {
    const free = await freeBytes(folder);
    tellSpace(free);
    if (free - needed < limits.refuseFreeBytes) throw diskFull();
  };

  const appendNow = async (operations: readonly Operation[]) => {
    const bytes = Buffer.concat(operations.map((operation) => encodeLine(secrets.sealOperation(operation))));
    let isOurs = false;
    try {
      await checkSpace(bytes.length);
      await checkOurs();
      isOurs = true;
      if (unclean > 0) await cleanEnd();
      if (size >= limits.segmentBytes) await roll();
      unclean = bytes.length;
      await writeAll(file, bytes, size);
      await file.datasync();
      unclean = 0;
    } catch (error) {
      deps.log.error('journal.append-failed', { code: errorCode(error), operations: operations.length });
      // What was written of the batch goes at once, so that no restart finds a command that was refused.
      if (isOurs && unclean > 0)
        await cleanEnd().catch((cause: unknown) => deps.log.error('journal.truncate-failed', { code: errorCode(cause) }));
      throw diskProblem(error);
    }
    size += bytes.length;
    since = { operations: since.operations + operations.length, bytes: since.bytes + bytes.length };
    const seq = operations.reduce((highest, operation) => Math.max(highest, operation.seq), 0);
    ends.push({ seq, operations: operations.length, position: { segment, offset: size } });
  };

  return {
    append(operations) {
      if (operations.length === 0) return Promise.resolve();
      const done = last.then(() => appendNow(operations));
      last = done.catch(() => undefined);
      return done;
    },
    sinceBase: () => since,
    rebase(position) {
      ends = ends.filter((end) => isBefore(position, end.position));
      base = position;
      since = { operations: ends.reduce((sum, end) => sum + end.operations, 0), bytes: distance(position, { segment, offset: size }) };
    },
    positionAt(seq) {
      if (ends.length === 0) return { segment, offset: size };
      const place = ends.findIndex((end) => end.seq > seq);
      if (place < 0) return { segment, offset: size };
      return ends[place - 1]?.position ?? base;
    },
    async *read(from, wanted, box = secrets) {
      let found: Operation[] = [];
      let foundBytes = 0;
      let sliceEnd = performance.now() + sliceMs;
      for (const number of await segmentNumbers(folder)) {
        if (number < from.segment) continue;
        const bytes = await readFile(segmentPath(folder, number));
        for (const { line } of linesOf(bytes, number === from.segment ? from.offset : 0)) {
          const head = headOfLine(line);
          const operation = head === null || wanted(head) ? decodeLine(line) : null;
          if (operation !== null && wanted(operation)) {
            found.push(box.openOperation(operation));
            foundBytes += line.length;
          }
          // Many large ones at once would hold main while the memory they took is cleared.
          if (found.length >= 1000 || foundBytes >= megabyte) {
            yield found;
            found = [];
            foundBytes = 0;
          }
          if (performance.now() < sliceEnd) continue;
          await setImmediate();
          sliceEnd = performance.now() + sliceMs;
        }
      }
      if (found.length > 0) yield found;
    },
    async close() {
      await last;
      if (spaceWatch !== null) clearInterval(spaceWatch);
      if (unclean > 0)
        await checkOurs()
          .then(cleanEnd)
          .catch(() => undefined);
      await file.close();
    },
  };
}

const journalChanged = {
  code: 'BOOK_READ_ONLY',
  ...words('disk.journalChanged'),
};

async function statOf(path: string): Promise<{ ino: bigint; dev: bigint } | null> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isBefore(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

/** Bytes between two positions; segments between them are not counted, which makes a checkpoint due a little later. */
function distance(from: JournalPosition, to: JournalPosition): number {
  return from.segment === to.segment ? to.offset - from.offset : to.offset;
}

async function openSegment(folder: string, segment: number): Promise<FileHandle> {
  const path = segmentPath(folder, segment);
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const file = await open(path, 'wx+', 0o600);
  try {
    await file.sync();
    await syncFolder(folder);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** Infinity where the file system does not say: then the write itself finds out. */
async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

async function segmentNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => /^(\d{6,})\.ndjson$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function segmentName(segment: number): string {
  return String(segment).padStart(6, '0');
}

function segmentPath(folder: string, segment: number): string {
  return join(folder, `${segmentName(segment)}.ndjson`);
}
