import { type FileHandle, mkdir, open, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../shared/entities/operation.ts';
import type { Journal, Log } from '../domain/ports.ts';
import { diskFull, diskProblem, errorCode } from './disk-problem.ts';
import { syncFolder } from './durable-file.ts';
import { decodeLine, encodeLine } from './journal-line.ts';
import type { NoticeBoard } from './notices.ts';

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

export interface JournalRead {
  operations: Operation[];
  /** Lines that could not be read, each kept aside in a file of its own. */
  damaged: { position: JournalPosition; file: string }[];
  /** True when the end of the newest segment was an unfinished write and was cut off. */
  wasCut: boolean;
}

export interface FileJournal extends Journal {
  /** Where the next operation will be written. */
  end(): JournalPosition;
  /** Operations and bytes appended since the position the journal was opened from, or `rebase` was called with. */
  sinceBase(): { operations: number; bytes: number };
  rebase(position: JournalPosition): void;
  /** The last place at which every operation up to `seq` had been written; null when that is not known. */
  positionAt(seq: number): JournalPosition | null;
  /** All operations from a position on, one segment at a time. Damaged lines are passed over. */
  read(from?: JournalPosition): AsyncGenerator<Operation[]>;
  close(): Promise<void>;
}

export interface JournalDeps {
  log: Log;
  notices: NoticeBoard;
  limits?: JournalLimits;
  /** Free bytes on the disk with the folder. */
  freeBytes?: (folder: string) => Promise<number>;
}

/** Opens `folder` (made when missing), cuts off an unfinished last write, and reads everything from `from` on. */
export async function openJournal(folder: string, from: JournalPosition, deps: JournalDeps): Promise<{ journal: FileJournal; read: JournalRead }> {
  await mkdir(folder, { recursive: true });
  const segments = await segmentNumbers(folder);
  const newest = segments.at(-1) ?? 1;
  const read: JournalRead = { operations: [], damaged: [], wasCut: false };
  let size = 0;
  for (const segment of segments) {
    if (segment < from.segment && segment !== newest) continue;
    const bytes = await readFile(segmentPath(folder, segment));
    const start = segment === from.segment ? Math.min(from.offset, bytes.length) : segment < from.segment ? bytes.length : 0;
    const lines = scan(bytes, start);
    if (segment === newest) {
      const cutAt = await cutTail(folder, segment, bytes, lines, read);
      size = cutAt ?? bytes.length;
    }
    for (const line of lines.good) read.operations.push(line);
    for (const { offset, end } of lines.bad) {
      read.damaged.push({ position: { segment, offset }, file: await keepAside(folder, segment, offset, bytes.subarray(offset, end)) });
    }
  }
  const path = segmentPath(folder, newest);
  const file = await open(path, 'a+');
  if (segments.length === 0) await syncFolder(folder);
  const base = from.segment <= newest ? from : { segment: newest, offset: size };
  const journal = createJournal(folder, { file, segment: newest, size, base, read: read.operations.length }, deps);
  return { journal, read };
}

interface Scan {
  good: Operation[];
  bad: { offset: number; end: number }[];
  /** End of the last line that could be read. */
  goodEnd: number;
}

function scan(bytes: Buffer, start: number): Scan {
  const result: Scan = { good: [], bad: [], goodEnd: start };
  let offset = start;
  while (offset < bytes.length) {
    const lineBreak = bytes.indexOf(0x0a, offset);
    const end = lineBreak < 0 ? bytes.length : lineBreak;
    const operation = lineBreak < 0 ? null : decodeLine(bytes.subarray(offset, end));
    const next = lineBreak < 0 ? end : end + 1;
    if (operation === null) result.bad.push({ offset, end });
    else {
      result.good.push(operation);
      result.goodEnd = next;
    }
    offset = next;
  }
  return result;
}

/**
 * What follows the last good line of the newest segment. A line without its line break, or of zeros, is a write that
 * the power cut short: it was never acknowledged and goes. A whole line that cannot be read may have been acknowledged:
 * it stays among the damaged lines. Returns the new size when something was cut.
 */
async function cutTail(folder: string, segment: number, bytes: Buffer, lines: Scan, read: JournalRead): Promise<number | null> {
  const last = lines.bad.at(-1);
  if (last === undefined || last.end !== bytes.length) return null;
  lines.bad.pop();
  read.wasCut = true;
  const file = await open(segmentPath(folder, segment), 'r+');
  try {
    await file.truncate(last.offset);
    await file.sync();
  } finally {
    await file.close();
  }
  return last.offset;
}

async function keepAside(folder: string, segment: number, offset: number, line: Buffer): Promise<string> {
  const name = `damaged-${segmentName(segment)}-${offset}.txt`;
  const file = await open(join(folder, name), 'w');
  try {
    await file.writeFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
  return name;
}

interface OpenState {
  file: FileHandle;
  segment: number;
  size: number;
  base: JournalPosition;
  read: number;
}

function createJournal(folder: string, opened: OpenState, deps: JournalDeps): FileJournal {
  const limits = deps.limits ?? usualLimits;
  const freeBytes = deps.freeBytes ?? freeBytesOf;
  let { file, segment, size } = opened;
  let since = { operations: opened.read, bytes: opened.segment === opened.base.segment ? opened.size - opened.base.offset : opened.size };
  /** Where batches ended, oldest first, since the base. */
  let ends: { seq: number; position: JournalPosition }[] = [];
  let base = opened.base;
  /** Set while the end of the file may hold part of a failed write: nothing may follow it. */
  let isTailUnclean = false;

  const cleanTail = async () => {
    await file.truncate(size);
    await file.datasync();
    isTailUnclean = false;
  };

  const roll = async () => {
    const next = await open(segmentPath(folder, segment + 1), 'a+');
    try {
      await next.sync();
      await syncFolder(folder);
    } catch (error) {
      await next.close();
      throw error;
    }
    const old = file;
    file = next;
    segment += 1;
    size = (await next.stat()).size;
    await old.close();
  };

  const checkSpace = async (needed: number) => {
    const free = await freeBytes(folder);
    if (free - needed < limits.refuseFreeBytes) throw diskFull();
    if (free < limits.warnFreeBytes) {
      const megabytes = Math.floor(free / megabyte);
      deps.notices.post({
        id: 'disk-nearly-full',
        level: 'warning',
        text: `The disk is nearly full (${megabytes} MB left). Free some space soon: below ${Math.floor(limits.refuseFreeBytes / megabyte)} MB nothing more can be saved.`,
      });
    } else deps.notices.remove('disk-nearly-full');
  };

  return {
    async append(operations) {
      if (operations.length === 0) return;
      const bytes = Buffer.concat(operations.map(encodeLine));
      try {
        await checkSpace(bytes.length);
        if (isTailUnclean) await cleanTail();
        if (size >= limits.segmentBytes) await roll();
        isTailUnclean = true;
        await writeAll(file, bytes);
        await file.datasync();
        isTailUnclean = false;
      } catch (error) {
        deps.log.error('journal.append-failed', { code: errorCode(error), operations: operations.length });
        // What was written of the batch goes at once, so that a restart does not find half of it.
        if (isTailUnclean) await cleanTail().catch((cause: unknown) => deps.log.error('journal.truncate-failed', { code: errorCode(cause) }));
        throw diskProblem(error);
      }
      size += bytes.length;
      since = { operations: since.operations + operations.length, bytes: since.bytes + bytes.length };
      const newest = operations.reduce((seq, operation) => Math.max(seq, operation.seq), 0);
      ends.push({ seq: newest, position: { segment, offset: size } });
    },
    end: () => ({ segment, offset: size }),
    sinceBase: () => since,
    rebase(position) {
      const kept = ends.filter(({ position: end }) => isAfter(end, position));
      const here = { segment, offset: size };
      since = isAfter(here, position) ? { operations: kept.length, bytes: here.segment === position.segment ? here.offset - position.offset : here.offset } : { operations: 0, bytes: 0 };
      ends = kept;
      base = position;
    },
    positionAt(seq) {
      const newest = ends.findLast((end) => end.seq <= seq);
      if (newest !== undefined) return newest.position;
      return ends.length === 0 ? { segment, offset: size } : base;
    },
    async *read(from = journalStart) {
      for (const number of await segmentNumbers(folder)) {
        if (number < from.segment) continue;
        const bytes = await readFile(segmentPath(folder, number));
        yield scan(bytes, number === from.segment ? from.offset : 0).good;
      }
    },
    async close() {
      if (isTailUnclean) await cleanTail().catch(() => undefined);
      await file.close();
    },
  };
}

function isAfter(a: JournalPosition, b: JournalPosition): boolean {
  return a.segment > b.segment || (a.segment === b.segment && a.offset > b.offset);
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written);
    written += bytesWritten;
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
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
