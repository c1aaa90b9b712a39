import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type NounName, nounNames } from '../../shared/entities/nouns.ts';
import type { Operation } from '../../shared/entities/operation.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { addToHistory, applyOperation, emptyRecordMaps, type RecordMaps } from '../domain/apply-operation.ts';
import { parseStamp } from '../../shared/sync/stamp.ts';
import type { BookSnapshot, Journal, Log, OpenedBook } from '../domain/ports.ts';
import { nextStacks } from '../domain/undo-stacks.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { errorCode, folderProblem } from './disk-problem.ts';
import { writeFileDurably } from './durable-file.ts';
import { type JournalDeps, journalStart, openJournal } from './journal.ts';
import { type Manifest, type ManifestFile, manifestFile } from './manifest.ts';
import { type Notice, type NoticeBoard, noticeBoard } from './notices.ts';

export interface BookFiles {
  opened: OpenedBook;
  journal: Journal;
  /** The plain sentences there are now; `onNoticesChanged` tells when to look again. */
  readonly notices: Notice[];
  onNoticesChanged(listener: () => void): void;
  postNotice(notice: Notice): void;
  dismissNotice(id: string): void;
  /** Keeps a copy of everything in memory, so that the next start reads little of the journal. */
  writeCheckpoint(snapshot: BookSnapshot): Promise<void>;
  /** True when enough was journaled since the last checkpoint: 8 MB or 5,000 operations. */
  isCheckpointDue(): boolean;
  /** True when anything was journaled since the last checkpoint, or damage was found behind it. */
  isCheckpointUseful(): boolean;
  /** Operations the journal should have and has not (damage), by their numbers. */
  readonly missing: readonly number[];
  /** Puts operations found elsewhere back into the journal. */
  putBack(operations: readonly Operation[]): Promise<void>;
  /** Operations with a number above `seq`, in order, some at a time. */
  operationsAfter(seq: number): AsyncGenerator<Operation[]>;
  /** Operations by id from the journal files: slow, for while the database is away. */
  findOperations(ids: readonly string[]): Promise<Operation[]>;
  manifest: ManifestFile;
  close(): Promise<void>;
}

export type { Manifest };

const checkpointBytes = 8 * 1024 * 1024;
const checkpointOperations = 5000;

/** Reads the book from `folder` (claimed before): checkpoint, then journal. Throws ProblemError when the disk refuses. */
export async function openBookFiles(folder: string, deps: { clock: Clock; log: Log; journal?: Partial<Pick<JournalDeps, 'limits' | 'freeBytes'>> }): Promise<BookFiles> {
  try {
    return await open(folder, deps);
  } catch (error) {
    throw folderProblem(error, folder);
  }
}

async function open(folder: string, deps: Parameters<typeof openBookFiles>[1]): Promise<BookFiles> {
  const { log } = deps;
  const board = noticeBoard();
  const started = performance.now();
  const checkpointFolder = join(folder, 'checkpoint');
  const { checkpoint, damaged } = await readCheckpoint(checkpointFolder, log);
  const { journal, read } = await openJournal(join(folder, 'journal'), checkpoint?.position ?? journalStart, { log, notices: board, ...deps.journal });

  const book = replay(checkpoint?.snapshot ?? null, read.operations);
  const missing = new Set([...(checkpoint?.missing ?? []), ...gaps(checkpoint?.snapshot.seq ?? 0, read.operations)]);
  for (const operation of read.operations) missing.delete(operation.seq);
  tellDamage(board, { damagedCheckpoints: damaged.length, damagedLines: read.damaged.map(({ file }) => file), missing: missing.size });
  if (read.wasCut) log.info('journal.tail-cut');

  const deviceId = await readDeviceId(folder, book.newestStamp === null ? null : parseStamp(book.newestStamp).deviceId, log);
  log.info('book.read', {
    ms: Math.round(performance.now() - started),
    seq: book.seq,
    replayed: read.operations.length,
    ...Object.fromEntries(nounNames.map((noun) => [noun, book.records[noun].size])),
  });

  let isCheckpointing: Promise<void> = Promise.resolve();
  let isDamaged = damaged.length > 0 || read.damaged.length > 0 || missing.size > 0;
  const records = Object.fromEntries(nounNames.map((noun) => [noun, [...book.records[noun].values()]])) as unknown as OpenedBook['records'];
  const manifest = manifestFile(join(folder, 'manifest.json'), log);

  return {
    opened: { deviceId, records, seq: book.seq, newestStamp: book.newestStamp, history: book.history, undo: book.undo, redo: book.redo },
    journal,
    get notices() {
      return board.list();
    },
    onNoticesChanged: board.onChanged,
    postNotice: board.post,
    dismissNotice: board.remove,
    writeCheckpoint(snapshot) {
      isCheckpointing = isCheckpointing
        .catch(() => undefined)
        .then(async () => {
          const position = journal.positionAt(snapshot.seq) ?? journalStart;
          const begun = performance.now();
          await writeCheckpoint(checkpointFolder, { snapshot, position, missing: [...missing] });
          journal.rebase(position);
          isDamaged = false;
          log.info('checkpoint.written', { seq: snapshot.seq, ms: Math.round(performance.now() - begun) });
        });
      return isCheckpointing;
    },
    isCheckpointDue() {
      const { operations, bytes } = journal.sinceBase();
      return operations >= checkpointOperations || bytes >= checkpointBytes;
    },
    isCheckpointUseful: () => isDamaged || journal.sinceBase().operations > 0,
    get missing() {
      return [...missing];
    },
    async putBack(operations) {
      await journal.append(operations);
      for (const operation of operations) missing.delete(operation.seq);
      tellDamage(board, { damagedCheckpoints: damaged.length, damagedLines: read.damaged.map(({ file }) => file), missing: missing.size });
    },
    async *operationsAfter(seq) {
      for await (const operations of journal.read()) {
        const wanted = operations.filter((operation) => operation.seq > seq);
        if (wanted.length > 0) yield wanted;
      }
    },
    async findOperations(ids) {
      const wanted = new Set(ids);
      const found = new Map<string, Operation>();
      for await (const operations of journal.read()) {
        for (const operation of operations) if (wanted.has(operation.id)) found.set(operation.id, operation);
        if (found.size === wanted.size) break;
      }
      return [...found.values()];
    },
    manifest,
    async close() {
      await isCheckpointing.catch(() => undefined);
      await manifest.flush();
      await journal.close();
    },
  };
}

interface ReplayedBook {
  records: RecordMaps;
  seq: number;
  newestStamp: string | null;
  history: BookSnapshot['history'];
  undo: BookSnapshot['undo'];
  redo: BookSnapshot['redo'];
}

/** The present out of a checkpoint and what was journaled after it. An operation that comes twice counts once. */
function replay(snapshot: BookSnapshot | null, operations: readonly Operation[]): ReplayedBook {
  const records = emptyRecordMaps();
  if (snapshot !== null) for (const noun of nounNames) fill(records, noun, snapshot);
  const history = snapshot?.history ?? new Map();
  let stacks = { undo: snapshot?.undo ?? [], redo: snapshot?.redo ?? [] };
  let seq = snapshot?.seq ?? 0;
  let newestStamp = snapshot?.newestStamp ?? null;
  for (const operation of operations) {
    applyOperation(records, operation);
    addToHistory(history, operation);
    // Below: in the checkpoint already, or put back late after damage; its step of undo is over either way.
    if (operation.seq <= seq) continue;
    stacks = nextStacks(stacks, operation);
    seq = operation.seq;
    if (newestStamp === null || operation.stamp > newestStamp) newestStamp = operation.stamp;
  }
  return { records, seq, newestStamp, history, ...stacks };
}

function fill<N extends NounName>(records: RecordMaps, noun: N, snapshot: BookSnapshot): void {
  const map: RecordMaps[N] = records[noun];
  for (const record of snapshot.records[noun]) map.set(record.id, record as never);
}

/** Numbers that should come after `from` and do not (docs/durability.md). */
function gaps(from: number, operations: readonly Operation[]): number[] {
  const there = new Set(operations.map((operation) => operation.seq));
  let newest = from;
  for (const seq of there) if (seq > newest) newest = seq;
  const missing: number[] = [];
  for (let seq = from + 1; seq < newest; seq++) if (!there.has(seq)) missing.push(seq);
  return missing;
}

function tellDamage(board: NoticeBoard, found: { damagedCheckpoints: number; damagedLines: string[]; missing: number }): void {
  if (found.damagedCheckpoints > 0) {
    board.post({
      id: 'checkpoint-damaged',
      level: 'info',
      text: 'A saved copy of the book was damaged on the disk. The book was put together again from the journal, so nothing is lost.',
    });
  }
  if (found.missing > 0) {
    board.post({
      id: 'journal-damaged',
      level: 'warning',
      text: `${found.missing === 1 ? 'One saved change' : `${found.missing} saved changes`} could not be read from the disk. Fieldbook looks for ${found.missing === 1 ? 'it' : 'them'} in the database. What could not be read is kept in the folder "journal"${found.damagedLines.length > 0 ? ` (${found.damagedLines.slice(0, 3).join(', ')})` : ''}.`,
    });
  } else if (found.damagedLines.length > 0) {
    board.post({
      id: 'journal-damaged',
      level: 'info',
      text: 'A saved change was damaged on the disk and has been found again. Nothing is lost. Check the disk soon.',
    });
  }
}

const deviceSchema = z.object({ deviceId: z.string().min(1).max(100) });

async function readDeviceId(folder: string, fromJournal: string | null, log: Log): Promise<string> {
  const path = join(folder, 'device.json');
  try {
    return deviceSchema.parse(JSON.parse(await readFile(path, 'utf8'))).deviceId;
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'UNKNOWN') throw error;
    if (code !== 'ENOENT') log.warn('device.unreadable');
  }
  const deviceId = fromJournal ?? randomUUID();
  await writeFileDurably(path, `${JSON.stringify({ deviceId })}\n`);
  return deviceId;
}
