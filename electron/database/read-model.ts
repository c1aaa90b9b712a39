import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type * as Sqlite from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { fieldsOf, type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Log } from '../domain/ports.ts';
import type { BookPosition, ReadModel } from '../domain/read-model.ts';
import type { OrderStore } from '../domain/lists/order-store.ts';
import type { WordIndex } from '../domain/search/word-index.ts';
import { createOrderTables, orderTable } from './order-tables.ts';
import { createWordStore, wordTables } from './word-store.ts';
import { words } from '../../shared/words/words.ts';

/** Raised when the tables, or what is put into them, change: a model of another form is made anew. */
const form = 3;
/** More than this behind, and making it from nothing is the quicker way. */
const behindAtMost = 5000;

const fileName = 'read-model.sqlite';
const tables = `create table meta (name text primary key, value text) strict, without rowid; ${orderTable} ${wordTables}`;
/**
 * What a kill leaves is whole, and so is what a power cut leaves: the write-ahead log is in order on the disk. It may end
 * earlier than the journal, from which the rest is taken in again.
 */
const settings = 'pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000; pragma mmap_size = 1073741824;';

export interface ReadModelFile extends ReadModel {
  close(): void;
}

/** What the journal and the checkpoint say of the past of the book, to compare with where the model was left. */
export interface BookPast {
  /** Where the operations begin. */
  from: BookPosition;
  operations: readonly Pick<Operation, 'seq' | 'stamp' | 'changes'>[];
}

/** Opens the read model of the book in `folder`. Throws ProblemError where this program was built without what it needs. */
export async function openReadModel(folder: string, past: BookPast, log: Log): Promise<ReadModelFile> {
  const sqlite = await fullTextSqlite();
  const place = join(folder, 'read-model');
  const path = join(place, fileName);
  const print = fingerprint();
  let db: Sqlite.DatabaseSync | null = null;
  let words: WordIndex | null = null;
  let orders: OrderStore | null = null;
  let isInFile = true;
  let isOpen = false;

  /** Puts gather in one transaction until they are kept. */
  const writing = (): Sqlite.DatabaseSync => {
    if (db === null) throw new Error('The read model is closed');
    const opened = db;
    if (!isOpen) opened.exec('begin immediate');
    isOpen = true;
    return opened;
  };

  const close = () => {
    const closing = db;
    db = null;
    words = null;
    orders = null;
    isOpen = false;
    try {
      closing?.close();
    } catch (error) {
      log.warn('read-model.close-failed', sqliteFacts(error));
    }
  };

  const serve = (opened: Sqlite.DatabaseSync) => {
    db = opened;
    words = createWordStore(opened, writing);
    orders = createOrderTables(opened, writing);
  };

  const begin = (where: string) => {
    const made = new sqlite.DatabaseSync(where);
    db = made;
    made.exec(`${settings} begin; ${tables} commit;`);
    serve(made);
  };

  const renew = () => {
    close();
    try {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place, { recursive: true });
      begin(path);
    } catch (error) {
      log.warn('read-model.in-memory', sqliteFacts(error));
      close();
      isInFile = false;
      begin(':memory:');
    }
  };

  const behind = (): ReadModel['behind'] => {
    if (!existsSync(path)) return null;
    try {
      const opened = new sqlite.DatabaseSync(path);
      db = opened;
      opened.exec(settings);
      const meta = new Map(
        opened
          .prepare('select name, value from meta')
          .all()
          .map(({ name, value }) => [name, value]),
      );
      if (meta.get('fingerprint') !== print) return null;
      const changed = changedSince({ seq: Number(meta.get('seq')), newestStamp: textOrNull(meta.get('newestStamp')) }, past);
      if (changed !== null) serve(opened);
      return changed;
    } catch (error) {
      log.warn('read-model.unreadable', sqliteFacts(error));
      return null;
    }
  };

  const found = behind();
  if (found === null) close();
  log.info('read-model.opened', { behind: found?.length ?? -1 });

  return {
    behind: found,
    get words() {
      if (words === null) throw new Error('The read model is closed');
      return words;
    },
    get orders() {
      if (orders === null) throw new Error('The read model is closed');
      return orders;
    },
    keep(position) {
      if (db === null || (!isOpen && position === null)) return;
      const opened = writing();
      if (position !== null) {
        const note = opened.prepare('insert or replace into meta (name, value) values (?, ?)');
        note.run('fingerprint', print);
        note.run('seq', String(position.seq));
        note.run('newestStamp', position.newestStamp);
      }
      opened.exec('commit');
      isOpen = false;
    },
    renew,
    isSound: () => (isInFile ? isSound(path, log) : Promise.resolve(true)),
    close,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The records that changed after `left`; null where the model was left at no place of this book's past. */
export function changedSince(left: BookPosition, { from, operations }: BookPast): [NounName, string][] | null {
  let newestStamp = from.newestStamp;
  let isPassed = left.seq === from.seq && left.newestStamp === from.newestStamp;
  const changed = new Map<string, [NounName, string]>();
  for (const { seq, stamp, changes } of operations) {
    if (isPassed) {
      for (const { collection, id } of changes) if (isNounName(collection)) changed.set(`${collection}/${id}`, [collection, id]);
    }
    if (newestStamp === null || stamp > newestStamp) newestStamp = stamp;
    isPassed ||= seq === left.seq && newestStamp === left.newestStamp;
  }
  return isPassed && changed.size <= behindAtMost ? [...changed.values()] : null;
}

/** What decides the words of a record: a version that reads other fields makes the model anew. */
function fingerprint(): string {
  const fields = nounNames.map((noun) => [noun, fieldsOf(noun)]);
  return createHash('sha256')
    .update(JSON.stringify([form, fields]))
    .digest('hex');
}

async function fullTextSqlite(): Promise<typeof Sqlite> {
  try {
    const sqlite = await import('node:sqlite');
    new sqlite.DatabaseSync(':memory:').exec("create virtual table probe using fts5(text, content='', contentless_delete=1)");
    return sqlite;
  } catch {
    throw new ProblemError({
      code: 'SQLITE_MISSING',
      ...words('start.sqliteMissing'),
    });
  }
}

/** Runs beside main: reading all of a large model takes seconds. Its own connection sees one moment and holds up no writing. */
const soundness = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  let found = '';
  try {
    found = new DatabaseSync(workerData, { readOnly: true }).prepare('pragma integrity_check(1)').get().integrity_check;
  } catch (error) {
    found = String(error.errstr);
  }
  parentPort.postMessage(found);
`;

function isSound(path: string, log: Log): Promise<boolean> {
  return new Promise((resolve) => {
    const worker = new Worker(soundness, { eval: true, workerData: path });
    worker.unref();
    worker.once('message', (found) => {
      if (found !== 'ok') log.warn('read-model.unsound');
      resolve(found === 'ok');
    });
    // A look that failed says nothing of the model.
    worker.once('error', () => resolve(true));
    worker.once('exit', () => resolve(true));
  });
}

/** Only what kind of error: its text may name what a record says. */
function sqliteFacts(error: unknown): Record<string, string> {
  if (error instanceof Error && 'errstr' in error) return { error: String(error.errstr) };
  return { error: error instanceof Error ? error.name : typeof error };
}
