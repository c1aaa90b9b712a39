import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type BookFiles, openBookFiles } from '../../electron/database/book-files.ts';
import type { SecretBox } from '../../electron/database/secret-box.ts';
import { type Book, createBook } from '../../electron/domain/book.ts';
import { type BookServices, createBookServices } from '../../electron/domain/book.services.ts';
import type { Database, Log, UndoEntry } from '../../electron/domain/ports.ts';
import { openSettings, type SettingsFile } from '../../electron/domain/settings.service.ts';
import type { CrmEvents } from '../../shared/contracts/api.ts';
import type { UndoState } from '../../shared/contracts/history.contract.ts';
import { type ListRequestInput, listRequestSchema } from '../../shared/contracts/list.ts';
import { type NounName, perNoun } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { everyRecord } from './plain-book.ts';
import { say } from '../../shared/words/say.ts';

/** How many records a book holds of each noun where it holds only these. */
export function counted(live: Partial<Record<NounName, number>>): Record<NounName, number> {
  return { ...perNoun(() => 0), ...live };
}

export const quietLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A database that keeps what it is given, like the one behind the storage host, and can be held up. */
export interface KeptDatabase extends Database {
  records: Map<string, object>;
  kept: Map<string, Operation>;
  /** How many operations each call of `apply` brought. */
  applied: number[];
  /** From now on `apply` waits until the returned function is called. */
  holdUp(): () => void;
}

export function keptDatabase(): KeptDatabase {
  let gate: Promise<void> = Promise.resolve();
  const records = new Map<string, object>();
  const kept = new Map<string, Operation>();
  const applied: number[] = [];
  return {
    records,
    kept,
    applied,
    async apply(operations, touched) {
      await gate;
      applied.push(operations.length);
      for (const operation of operations) kept.set(operation.id, operation);
      for (const [noun, list] of touched) for (const record of list) records.set(`${noun}/${record.id}`, record);
    },
    operations: async (ids) => ids.flatMap((id) => kept.get(id) ?? []),
    holdUp() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
  };
}

/** A settings file in memory. */
export function keptFile(text: string | null = null): SettingsFile & { text: string | null; aside: string | null } {
  const file = {
    text,
    aside: null as string | null,
    read: async () => file.text,
    write: async (next: string) => {
      file.text = next;
    },
    setAside: async () => {
      file.aside = file.text;
    },
  };
  return file;
}

/** What `openLaptop` sets unless it is given other settings: an invoice says who sends it. */
const seller = { name: 'Nordlicht Technik', address: '', taxId: '', bankLine: '', logoText: '' };

export interface TestBook extends BookServices {
  book: Book;
  database: KeptDatabase;
  clock: ReturnType<typeof fixedClock>;
  /** Who does what comes next. */
  person: { name: string };
  /** Bytes the disk has left, as the journal sees it. */
  disk: { free: number };
  changed: CrmEvents['changed'][];
  undoStates: UndoState[];
  folder: string;
  files: BookFiles;
  /** Ends the program; the folder stays until the end of the test. */
  end(): Promise<void>;
  /** Ends the program as a crash does after everything was acknowledged, and opens the folder again. */
  reopen(secrets?: (folder: string) => Promise<SecretBox>): Promise<TestBook>;
}

/** A laptop's book on real files, with everything above them; the database is a kept one. Removed after the test. */
export async function openLaptop(
  given: {
    folder?: string;
    database?: KeptDatabase;
    at?: string;
    settings?: SettingsFile;
    /** Without it banking data is written as it is. */
    secrets?: (folder: string) => Promise<SecretBox>;
  } = {},
): Promise<TestBook> {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'fieldbook-book-'));
  const database = given.database ?? keptDatabase();
  const clock = fixedClock(given.at ?? '2026-03-04T09:00:00.000Z');
  const person = { name: 'Ada' };
  const disk = { free: 50_000_000_000 };
  const changed: CrmEvents['changed'][] = [];
  const undoStates: UndoState[] = [];
  const secrets = await given.secrets?.(folder);
  const files = await openBookFiles(folder, {
    clock,
    log: quietLog,
    ...(secrets && { secrets }),
    journal: { freeBytes: async () => disk.free },
  });
  const book = createBook(files.opened, {
    journal: files.journal,
    database,
    clock,
    actor: () => person.name,
    log: quietLog,
    onChanged: (change) => changed.push(change),
    onUndoState: (state) => undoStates.push(state),
  });
  const settings = await openSettings({
    file: given.settings ?? keptFile(JSON.stringify({ company: seller })),
    onChanged: () => undefined,
    log: quietLog,
  });
  const services = createBookServices({ book, model: files.readModel, clock, settings, log: quietLog });
  const open = heldOpen(folder, async () => {
    services.close();
    await book.idle();
    await files.close();
  });
  return {
    ...services,
    book,
    database,
    clock,
    person,
    disk,
    changed,
    undoStates,
    folder,
    files,
    end: open.close,
    async reopen(withSecrets = given.secrets) {
      await open.close();
      return openLaptop({ ...(withSecrets && { secrets: withSecrets }), folder, database, at: new Date(clock.now()).toISOString() });
    },
  };
}

/** Closed at the end of the test, or before. What is closed is held no longer: a test that opens a thousand books has room for them. */
function heldOpen(folder: string, end: () => Promise<void>): { close(): Promise<void> } {
  const held: { end: (() => Promise<void>) | null } = { end };
  const close = async () => {
    const now = held.end;
    held.end = null;
    await now?.();
  };
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { close };
}

/** What the book holds, in a form two books can be compared by. */
export function contentOf(book: Book): { records: Record<NounName, unknown[]>; undo: UndoEntry[]; redo: UndoEntry[]; seq: number } {
  const { records, undo, redo, seq } = book.snapshot();
  return structuredClone({
    records: everyRecord(records),
    undo,
    redo,
    seq,
  });
}

export function request(list: ListRequestInput = {}) {
  return listRequestSchema.parse(list);
}

/** The problem a call is refused with, and as `message` what a person reads of it. */
export async function problemOf(call: Promise<unknown>): Promise<Problem & { message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ProblemError) return { ...error.problem, message: say(error.problem) };
    throw error;
  }
  throw new Error('This was expected to be refused, and was not');
}
