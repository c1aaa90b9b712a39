import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { isSame } from '../../shared/lib/equal.ts';
import { Refused } from '../refused.ts';
import { durably } from '../store/durable.ts';
import { inSnapshot, placesOf, readRows, type Rows } from '../store/table-copy.ts';
import type { Database } from '../store/tables.ts';

/*
 * A backup is one gzip of lines of JSON: a header, every row with its table, and an end that counts and hashes all of it. A torn file has no end. Written and read in pieces, however large it is.
 */

const FORMAT = 1;
/** No line that was ever written comes near; a file that goes on without a line break is none of ours. */
const LONGEST_LINE = 64 * 1024 * 1024;
const BATCH_ROWS = 500;
const BATCH_CHARACTERS = 1024 * 1024;

const headerSchema = z.object({
  fieldbook: z.object({
    kind: z.literal('server-backup'),
    format: z.int(),
    /** The newest migration that the tables had. */
    schema: z.string(),
    madeAt: z.iso.datetime(),
    organisations: z.array(z.object({ organisation: z.uuid(), epoch: z.string(), seq: z.int() })),
  }),
});
export type Header = z.output<typeof headerSchema>['fieldbook'];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const totalsSchema = z.record(z.string(), z.object({ rows: z.int(), sha256 }));
/** By table. */
export type Totals = z.output<typeof totalsSchema>;
const endSchema = z.object({ end: z.object({ tables: totalsSchema, sha256 }) });

export interface Archive {
  header: Header;
  totals: Totals;
}

export interface ArchiveSource {
  db: Database;
  schema: string;
  now: () => number;
}

/**
 * Writes a backup of the database as it stands at one moment. Under a temporary name, read back and compared, and put
 * in its place when it is on the disk: under `file` there is a whole backup or none.
 */
export function writeArchive(source: ArchiveSource, file: string, signal?: AbortSignal): Promise<Archive> {
  return durably(file, async (temporary) => {
    const written = await fill(source, temporary, signal);
    const read = await readArchive(temporary, [source.schema]);
    if (!isSame(written.totals, read.totals))
      throw new Refused(`What was written to ${file} reads back as something else. Check the disk.`);
    return written;
  });
}

async function fill({ db, schema, now }: ArchiveSource, file: string, signal: AbortSignal | undefined): Promise<Archive> {
  const digest = archiveDigest();
  let header: Header | null = null;
  await inSnapshot(db, async (tx) => {
    async function* lines(): AsyncGenerator<string> {
      const organisations = await placesOf(tx);
      header = { kind: 'server-backup', format: FORMAT, schema, madeAt: new Date(now()).toISOString(), organisations };
      yield digest.line(JSON.stringify({ fieldbook: header }));
      for await (const { table, rows } of readRows(tx)) {
        for (const row of rows) digest.row(table, row);
        yield rows.map((row) => digest.line(`{"of":"${table}","row":${row}}`)).join('');
      }
      yield `${JSON.stringify({ end: { tables: digest.totals(), sha256: digest.whole() } })}\n`;
    }
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(
      Readable.from(lines(), { objectMode: true, highWaterMark: 1 }),
      createGzip(),
      out,
      ...(signal === undefined ? [] : [{ signal }]),
    );
  });
  if (header === null) throw new Error('An archive without a header');
  return { header, totals: digest.totals() };
}

export interface Visitor {
  /** Before any row. */
  header?(header: Header): Promise<void>;
  rows?(rows: Rows): Promise<void>;
}

/**
 * Reads a backup to its end and checks every part of it. Throws `Refused` where it is none, was damaged, breaks off, or
 * has tables of a version that is not among `schemas`. What a visitor was given counts only when this returns.
 */
export async function readArchive(file: string, schemas: readonly string[], visitor: Visitor = {}): Promise<Archive> {
  const digest = archiveDigest();
  const damaged = (cause?: unknown) =>
    new Refused(`${file} is damaged or not complete. Nothing was changed. Take another backup.`, { cause });
  let header: Header | null = null;
  let end: z.output<typeof endSchema>['end'] | null = null;
  let batch: Rows = { table: '', rows: [] };
  let characters = 0;
  const flush = async (next: string) => {
    const full = batch;
    batch = { table: next, rows: [] };
    characters = 0;
    if (full.rows.length > 0) await visitor.rows?.(full);
  };
  for await (const line of linesOf(file, damaged)) {
    if (header === null) {
      header = readHeader(file, line, schemas);
      digest.line(line);
      await visitor.header?.(header);
      continue;
    }
    if (end !== null) throw damaged();
    const [, table, row] = /^\{"of":"([a-z_]{1,63})","row":(\{.*\})\}$/s.exec(line) ?? [];
    if (table !== undefined && row !== undefined) {
      digest.line(line);
      digest.row(table, row);
      if (batch.table !== table || batch.rows.length >= BATCH_ROWS || characters >= BATCH_CHARACTERS) await flush(table);
      batch.rows.push(row);
      characters += row.length;
      continue;
    }
    await flush('');
    const parsed = endSchema.safeParse(parse(line));
    if (!parsed.success) throw damaged(parsed.error);
    end = parsed.data.end;
  }
  if (header === null) throw foreign(file);
  const totals = digest.totals();
  if (end === null || end.sha256 !== digest.whole() || !isSame(end.tables, totals)) throw damaged();
  return { header, totals };
}

/** The first line alone: when the backup was made, and where each organisation stood. Null where it cannot be read. */
export async function readHeaderOf(file: string): Promise<Header | null> {
  try {
    for await (const line of linesOf(file, () => new Error('Not to be read'))) return headerSchema.parse(parse(line)).fieldbook;
  } catch {
    // Whether it is whole is for whoever reads all of it.
  }
  return null;
}

export interface Digest {
  row(table: string, row: string): void;
  totals(): Totals;
}

/** Counts and hashes rows by their tables. */
export function tableDigest(): Digest {
  const known = new Map<string, { rows: number; hash: Hash }>();
  return {
    row: (table, row) => {
      const one = known.get(table) ?? { rows: 0, hash: createHash('sha256') };
      known.set(table, one);
      one.rows += 1;
      one.hash.update(row).update('\n');
    },
    totals: () => Object.fromEntries([...known].map(([table, { rows, hash }]) => [table, { rows, sha256: hash.copy().digest('hex') }])),
  };
}

function archiveDigest() {
  const all = createHash('sha256');
  return {
    ...tableDigest(),
    line: (text: string): string => {
      const line = `${text}\n`;
      all.update(line);
      return line;
    },
    whole: () => all.copy().digest('hex'),
  };
}

function readHeader(file: string, line: string, schemas: readonly string[]): Header {
  const value = parse(line);
  const newer = (what: string) =>
    new Refused(
      `${file} was made by a newer Fieldbook server (${what}). Nothing was changed. Restore it with that version, or with one after it.`,
    );
  const rough = z.object({ fieldbook: z.object({ kind: z.literal('server-backup'), format: z.int() }) }).safeParse(value);
  if (!rough.success) throw foreign(file);
  if (rough.data.fieldbook.format > FORMAT) throw newer(`form ${rough.data.fieldbook.format}`);
  const parsed = headerSchema.safeParse(value);
  if (!parsed.success) throw foreign(file);
  const header = parsed.data.fieldbook;
  if (!schemas.includes(header.schema)) throw newer(`tables ${/^[\w-]{1,60}$/.test(header.schema) ? header.schema : 'of another kind'}`);
  return header;
}

const foreign = (file: string) => new Refused(`${file} is not a backup of a Fieldbook server. Nothing was changed.`);

async function* linesOf(file: string, damaged: (cause?: unknown) => Error): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const unpacked = createGunzip();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  let hasBegun = false;
  try {
    bytes.once('error', (error) => unpacked.destroy(error));
    for await (const piece of bytes.pipe(unpacked) as AsyncIterable<Buffer>) {
      const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n');
      rest += first;
      if (rest.length > LONGEST_LINE) throw damaged();
      for (const next of others) {
        hasBegun = true;
        yield rest;
        rest = next;
      }
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof Refused) throw error;
    const code = String((error as NodeJS.ErrnoException).code);
    if (code === 'ENOENT') throw new Refused(`There is no file ${file}.`, { cause: error });
    if (/^E[A-Z]+$/.test(code)) throw new Refused(`${file} cannot be read (${code}).`, { cause: error });
    if (code === 'Z_DATA_ERROR' && !hasBegun) throw foreign(file);
    throw damaged(error);
  } finally {
    unpacked.destroy();
    bytes.destroy();
  }
  if (rest !== '') throw damaged();
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
