import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type AnyRecord, type NounName, nounNames, type Stored, perNoun } from '../../shared/nouns/nouns.ts';
import { changeSchema, journaledKinds, type Operation, operationSchema } from '../../shared/operations/operation.ts';
import { attachmentLimit } from '../../shared/nouns/activity/attached-content.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { addChangeToHistory, listsOver, type RecordMaps, sharedBlank } from '../../shared/operations/apply-operation.ts';
import { PagedMap } from '../../shared/lib/paged-map.ts';
import { isStamp } from '../../shared/sync/stamp.ts';
import { noSync } from '../domain/sync-state.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import type { BookSnapshot } from '../domain/ports.ts';
import { DamagedZip, openZip, writeZip, type ZipReader } from './backup-zip.ts';
import { errorCode } from './disk-problem.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';
import { cutHistory, type HistoryPart, type HistoryPiece, pieceSchema, type SharedHistory } from './shared-history.ts';
import { holdsOtherKinds, isOfOtherKinds } from './value-kinds.ts';
import { words } from '../../shared/words/words.ts';

/**
 * A whole book in one zip: `records/<collection>.ndjson` with every record complete, `operations.ndjson` with all that
 * was ever done, `stacks.json` with what undo would take back, `attachments/<sha256>`, and `manifest.json` with counts
 * and sha256 of each. Exports are of this form, and backups that an older version made. A backup keeps what all backups have in common
 * beside itself (`shared-history.ts`) and names it in the order of time; its own `operations.ndjson` goes on from there.
 */
const stamp = z.string().refine(isStamp);
const fileSchema = z.object({ sha256: z.string(), bytes: z.number().int().nonnegative(), lines: z.number().int().nonnegative() });

export const archiveManifestSchema = z.object({
  /** 2: part of the history lies beside it. */
  format: z.union([z.literal(1), z.literal(2)]),
  application: z.literal('Fieldbook'),
  appVersion: z.string().max(100),
  madeAt: z.iso.datetime(),
  deviceId: z.string().max(100),
  reason: z.string().max(40),
  seq: z.number().int().nonnegative(),
  newestStamp: stamp.nullable(),
  /** Records per collection, deleted ones included. */
  counts: z.record(z.string(), z.number().int().nonnegative()),
  files: z.record(z.string(), fileSchema),
  /** Pieces that come before `operations.ndjson`. */
  history: z.array(pieceSchema).default([]),
  attachments: z
    .array(
      z.object({
        name: z.string().max(200),
        sha256: z.string(),
        bytes: z.number().int().nonnegative(),
        /** False where only named: the content stands in the data folder beside the backups, and is never deleted there. */
        isInside: z.boolean().default(true),
      }),
    )
    .default([]),
});
export type ArchiveManifest = z.output<typeof archiveManifestSchema>;

export interface ArchiveSource {
  head: Pick<ArchiveManifest, 'appVersion' | 'madeAt' | 'deviceId' | 'reason'>;
  snapshot: BookSnapshot;
  /** Everything that was ever done, some at a time; what is newer than the snapshot is left out. */
  operations: AsyncIterable<readonly Operation[]>;
  /** Contents to carry along; without a path they are named only. */
  attachments?: readonly ({ name: string; path: string } | { name: string; bytes: number })[];
  /** Keeps the history that others have too; without it the file holds all of it. */
  history?: SharedHistory;
  /** Seals secret fields with the key of this data folder; without it they are readable wherever the file goes. */
  secrets?: SecretBox;
  /** How this Fieldbook is set, the company on invoices with it. */
  settings?: object;
}

export interface ArchiveWatch {
  /** Lines dealt with so far, of all there are. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal | undefined;
}

const settingsName = 'settings.json';
const operationsName = 'operations.ndjson';
const newestFormat = 2;
/** Few enough that sealing them holds the event loop for no longer than a slice. */
const sealedAtOnce = 100;
const pieceLength = 128 * 1024;
/** Longest time the event loop is held at once. */
const sliceMs = 8;
/** Operations that damage may have taken out of a book, beside as many as there are. */
const lostAtMost = 1_000_000;
/** Each attached file has a line in it. */
const manifestLimit = 64 * 1024 * 1024;
/**
 * Unpacked, without attachments. A file can pack to a thousandth of its size, to fill the memory of who reads it; a book packs
 * to a tenth, one of many like records to a thirtieth.
 */
const unpackedLimit = 4 * 1024 * 1024 * 1024;
const usualUnpacked = 32 * 1024 * 1024;
const mostUnpacking = 60;

export async function writeArchive(
  path: string,
  source: ArchiveSource,
  watch: ArchiveWatch = {},
): Promise<{ manifest: ArchiveManifest; sha256: string; bytes: number }> {
  const { snapshot, head, secrets = noSecretBox } = source;
  const total = nounNames.reduce((sum, noun) => sum + snapshot.records[noun].length, snapshot.seq);
  const progress = { done: 0, told: (lines: number) => watch.onProgress?.((progress.done += lines), total) };
  const manifest: ArchiveManifest = {
    format: source.history === undefined ? 1 : 2,
    application: 'Fieldbook',
    ...head,
    seq: snapshot.seq,
    newestStamp: snapshot.newestStamp,
    counts: perNoun((noun) => snapshot.records[noun].length),
    files: {},
    history: [],
    attachments: [],
  };
  const written = await writeZip(path, watch.signal, async (zip) => {
    const add = async (name: string, values: AsyncIterable<readonly unknown[]>) => {
      const lines = { count: 0 };
      const { sha256, bytes } = await zip.add(name, linePieces(values, lines, progress.told));
      manifest.files[name] = { sha256, bytes, lines: lines.count };
    };
    for (const noun of nounNames) await add(`records/${noun}.ndjson`, sealedRecords(noun, snapshot.records[noun], secrets));
    const { history } = source;
    if (history === undefined) await add(operationsName, pastOf(source, snapshot.seq));
    else {
      const cut = cutHistory(pastOf(source, snapshot.seq));
      const { pieces, rest } = await shared(cut, history, progress.told, watch.signal);
      manifest.history = pieces;
      manifest.files[operationsName] = { ...(await zip.add(operationsName, each(rest.chunks))), lines: rest.lines };
    }
    await add('stacks.json', each([[{ undo: snapshot.undo, redo: snapshot.redo }]]));
    if (source.settings !== undefined) await add(settingsName, each([[source.settings]]));
    for (const attachment of source.attachments ?? []) {
      const { name } = attachment;
      if ('bytes' in attachment) manifest.attachments.push({ name, sha256: name, bytes: attachment.bytes, isInside: false });
      else {
        const added = await zip.add(`attachments/${name}`, createReadStream(attachment.path) as AsyncIterable<Buffer>);
        manifest.attachments.push({ name, ...added, isInside: true });
      }
    }
    await zip.add('manifest.json', each([Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)]));
  });
  return { manifest, ...written };
}

/** Everything that was done up to a number, as it goes into an archive. */
export function pastOf({ operations, secrets = noSecretBox }: Pick<ArchiveSource, 'operations' | 'secrets'>, until: number) {
  return sealedOperations(known(operations, until), secrets);
}

/** The pieces of a history, each of them on the disk, and what comes after the last of them. */
async function shared(
  parts: AsyncIterable<HistoryPart>,
  history: SharedHistory,
  told: (lines: number) => void,
  signal?: AbortSignal,
): Promise<{
  pieces: HistoryPiece[];
  rest: { chunks: Buffer[]; lines: number };
}> {
  const pieces: HistoryPiece[] = [];
  let rest: { chunks: Buffer[]; lines: number } = { chunks: [], lines: 0 };
  for await (const part of parts) {
    signal?.throwIfAborted();
    if (part.isWhole) pieces.push(await history.put(part));
    else rest = part;
    told(part.lines);
  }
  return { pieces, rest };
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

async function* sealedRecords(
  noun: NounName,
  records: Iterable<Stored<AnyRecord>>,
  secrets: SecretBox,
): AsyncGenerator<Stored<AnyRecord>[]> {
  let some: Stored<AnyRecord>[] = [];
  for (const record of records) {
    some.push(secrets.sealFields(noun, record.id, record));
    if (some.length < sealedAtOnce) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

async function* sealedOperations(parts: AsyncIterable<readonly Operation[]>, secrets: SecretBox): AsyncGenerator<Operation[]> {
  for await (const part of parts) {
    for (let at = 0; at < part.length; at += sealedAtOnce) yield part.slice(at, at + sealedAtOnce).map(secrets.sealOperation);
  }
}

/** Each operation once, though the journal may hold one twice after damage. */
async function* known(operations: AsyncIterable<readonly Operation[]>, until: number): AsyncGenerator<Operation[]> {
  const seen = new Set<string>();
  for await (const part of operations) {
    yield part.filter(({ id, seq }) => seq <= until && !seen.has(id) && seen.add(id) !== undefined);
  }
}

async function* linePieces(
  lists: AsyncIterable<readonly unknown[]>,
  lines: { count: number },
  told: (lines: number) => void,
): AsyncGenerator<Buffer> {
  let piece: string[] = [];
  let length = 0;
  let sliceEnd = performance.now() + sliceMs;
  for await (const values of lists) {
    for (const value of values) {
      const line = JSON.stringify(value);
      piece.push(line, '\n');
      length += line.length;
      lines.count += 1;
      if (length >= pieceLength) {
        told(piece.length / 2);
        yield Buffer.from(piece.join(''));
        piece = [];
        length = 0;
      }
      if (performance.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = performance.now() + sliceMs;
    }
  }
  told(piece.length / 2);
  if (piece.length > 0) yield Buffer.from(piece.join(''));
}

// --- reading -------------------------------------------------------------------------------------------------------------

export interface Archive {
  manifest: ArchiveManifest;
  /** Operations in it and in what it names. */
  operations: number;
  /** Unpacks everything, what lies beside it too, and compares it with the manifest. Throws ProblemError ARCHIVE_DAMAGED. */
  verify(watch?: ArchiveWatch): Promise<void>;
  /** The file alone. */
  verifyFile(watch?: ArchiveWatch): Promise<void>;
  /** How many operations are in pieces that are not there, or not as they were written. */
  lost(watch?: Pick<ArchiveWatch, 'signal'>): Promise<number>;
  /**
   * Reads the book into memory; the operations go to `take`, oldest file line first, some at a time. What `lost` counts is passed
   * over: the records are whole without it.
   */
  readBook(take: (operations: Operation[]) => Promise<void> | void, watch?: ArchiveWatch): Promise<BookSnapshot>;
  /** The settings in it, as they were written; null where an older version left them out. */
  settings(): Promise<unknown>;
  attachment(name: string): AsyncGenerator<Buffer>;
}

/** Opens an archive and reads its manifest. Throws ProblemError ARCHIVE_DAMAGED or ARCHIVE_NEWER. */
export async function openArchive(path: string, history?: SharedHistory): Promise<Archive> {
  return told(async () => {
    const zip = await openZip(path);
    const manifest = await readManifest(zip);
    return archiveOf(zip, manifest, history);
  });
}

async function readManifest(zip: ZipReader): Promise<ArchiveManifest> {
  if (!zip.entries.has('manifest.json')) throw new ProblemError(notAnArchive);
  const pieces: Buffer[] = [];
  for await (const piece of zip.read('manifest.json', manifestLimit)) pieces.push(piece);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new DamagedZip('MANIFEST_DAMAGED');
  }
  const { application, format } = (value ?? {}) as Record<string, unknown>;
  if (application !== 'Fieldbook') throw new ProblemError(notAnArchive);
  if (typeof format === 'number' && format > newestFormat) throw new ProblemError(newer);
  const parsed = archiveManifestSchema.safeParse(value);
  if (!parsed.success) throw new DamagedZip('MANIFEST_DAMAGED');
  const manifest = parsed.data;
  const isKnown = (name: string) => nounNames.includes(name as NounName);
  // Records this version has no room for would be lost without a word.
  if (Object.entries(manifest.counts).some(([name, count]) => count > 0 && !isKnown(name))) throw new ProblemError(newer);
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const packed = Object.keys(manifest.files).reduce((sum, name) => sum + (zip.entries.get(name)?.packed ?? 0), 0);
  const shared = manifest.history.reduce((sum, piece) => sum + piece.bytes, 0);
  if (bytes + shared > unpackedLimit || bytes > usualUnpacked + mostUnpacking * packed) throw new DamagedZip('TOO_LARGE');
  if (manifest.attachments.some((attachment) => attachment.bytes > attachmentLimit)) throw new DamagedZip('TOO_LARGE');
  // Some of the past may be lost; not nearly all of it.
  const lines = operationsIn(manifest);
  if (manifest.seq > 2 * lines + lostAtMost) throw new DamagedZip('MANIFEST_DAMAGED');
  for (const { name } of manifest.attachments) if (!/^[\w-]+(\.\w+)?$/.test(name)) throw new DamagedZip('MANIFEST_DAMAGED');
  return manifest;
}

function operationsIn({ files, history }: ArchiveManifest): number {
  return history.reduce((sum, { lines }) => sum + lines, files[operationsName]?.lines ?? 0);
}

function archiveOf(zip: ZipReader, manifest: ArchiveManifest, history: SharedHistory | undefined): Archive {
  const pieces = manifest.history;
  const total = [...Object.values(manifest.files), ...pieces].reduce((sum, { lines }) => sum + lines, 0);

  async function* checked(name: string, expected: { sha256: string; bytes: number }, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    for await (const piece of zip.read(name, expected.bytes)) {
      signal?.throwIfAborted();
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== expected.sha256) throw new DamagedZip('CONTENT_DAMAGED');
  }

  async function* values(name: string, signal?: AbortSignal): AsyncGenerator<unknown[]> {
    const expected = manifest.files[name];
    if (expected === undefined) throw new DamagedZip('FILE_MISSING');
    let lines = 0;
    for await (const part of parsedLines(checked(name, expected, signal))) {
      lines += part.length;
      yield part;
    }
    if (lines !== expected.lines) throw new DamagedZip('LINES_MISSING');
  }

  /** Operations in the order of time; a piece that is lost is passed over. */
  async function* operations(signal?: AbortSignal): AsyncGenerator<unknown[]> {
    for (const piece of pieces) {
      signal?.throwIfAborted();
      const bytes = (await history?.read(piece)) ?? null;
      if (bytes !== null) yield* parsedLines(slicesOf(bytes));
    }
    yield* values(operationsName, signal);
  }

  async function lost({ signal }: ArchiveWatch = {}): Promise<number> {
    let lines = 0;
    for (const piece of pieces) {
      signal?.throwIfAborted();
      if (history === undefined || (await history.read(piece)) === null) lines += piece.lines;
    }
    return lines;
  }

  const archive: Archive = {
    manifest,
    operations: operationsIn(manifest),
    lost,
    async verify(watch = {}) {
      await archive.verifyFile(watch);
      if ((await lost(watch)) > 0) throw new ProblemError(historyLost);
    },
    verifyFile: (watch = {}) =>
      told(async () => {
        let done = 0;
        const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
        for (const [name, expected] of Object.entries(manifest.files)) {
          for await (const piece of checked(name, expected, watch.signal)) watch.onProgress?.((done += piece.length), bytes);
        }
        for (const attachment of manifest.attachments.filter(({ isInside }) => isInside)) {
          for await (const _ of checked(`attachments/${attachment.name}`, attachment, watch.signal));
        }
      }),
    readBook: (take, watch = {}) =>
      told(async () => {
        let done = 0;
        const tell = (lines: number) => watch.onProgress?.((done += lines), total);
        const breathe = createBreather(8);
        const records = perNoun(() => new PagedMap()) as unknown as RecordMaps; // as `emptyRecordMaps` promises
        for (const noun of nounNames) {
          const name = `records/${noun}.ndjson`;
          // An older version may not have had this collection.
          if (manifest.files[name] === undefined && (manifest.counts[noun] ?? 0) === 0) continue;
          const map = records[noun] as Map<string, Stored<AnyRecord>>;
          for await (const part of values(name, watch.signal)) {
            for (const value of part) {
              const record = recordOf(noun, value);
              map.set(record.id, record);
              await breathe();
            }
            tell(part.length);
          }
          if (map.size !== manifest.counts[noun]) throw new DamagedZip('RECORDS_MISSING');
        }
        const pasts = new PagedMap<readonly string[]>();
        for await (const part of operations(watch.signal)) {
          const some: Operation[] = [];
          for (const value of part) {
            const operation = await operationOf(value, breathe);
            for (const change of operation.changes) {
              addChangeToHistory(pasts, operation.id, change);
              await breathe();
            }
            some.push(operation);
            await breathe();
          }
          await take(some);
          tell(part.length);
        }
        let stacks: z.output<typeof stacksSchema> = { undo: [], redo: [] };
        for await (const [value] of values('stacks.json', watch.signal)) {
          const parsed = stacksSchema.safeParse(value);
          if (!parsed.success) throw new DamagedZip('STACKS_DAMAGED');
          stacks = parsed.data;
        }
        return {
          records: listsOver(records),
          seq: manifest.seq,
          newestStamp: manifest.newestStamp,
          history: pasts,
          ...stacks,
          // A restored book is a new device: it asks the server for everything again.
          sync: noSync,
        };
      }),
    settings: () =>
      told(async () => {
        if (manifest.files[settingsName] === undefined) return null;
        for await (const [value] of values(settingsName)) return value;
        return null;
      }),
    async *attachment(name) {
      const expected = manifest.attachments.find((attachment) => attachment.name === name);
      if (expected?.isInside !== true) throw new DamagedZip('FILE_MISSING');
      yield* checked(`attachments/${name}`, expected);
    },
  };
  return archive;
}

async function* slicesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
}

/** Whole lines, parsed a piece at a time: one parse of many is several times faster than one each. */
async function* parsedLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<unknown[]> {
  let rest: Buffer[] = [];
  for await (const piece of pieces) {
    const end = piece.lastIndexOf(0x0a);
    if (end < 0) {
      rest.push(piece);
      continue;
    }
    const whole = Buffer.concat([...rest, piece.subarray(0, end)]);
    rest = end + 1 < piece.length ? [Buffer.from(piece.subarray(end + 1))] : [];
    yield parseAll(whole);
    await setImmediate();
  }
  if (rest.length > 0) yield parseAll(Buffer.concat(rest));
}

function parseAll(lines: Buffer): unknown[] {
  try {
    return JSON.parse(`[${lines.toString('utf8').replaceAll('\n', ',')}]`) as unknown[];
  } catch {
    throw new DamagedZip('LINE_DAMAGED');
  }
}

/**
 * What the book could not be opened without. Values of fields are not held to today's rules: an older version may have
 * had others, and a restore leaves nothing out (invariant 2). "Check my book" finds what does not fit.
 */
const recordShape = z.looseObject({
  id: z.string().min(1).max(100),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
  deletedAt: z.string().nullable(),
  stamps: z.record(z.string(), stamp),
});

function recordOf(noun: NounName, value: unknown): Stored<AnyRecord> {
  const parsed = recordShape.safeParse(value);
  if (!parsed.success) throw new DamagedZip('RECORD_DAMAGED');
  const record = { ...sharedBlank(noun), ...parsed.data } as Stored<AnyRecord>;
  if (holdsOtherKinds(noun, record)) throw new DamagedZip('RECORD_DAMAGED');
  return record;
}

/** As operations lie in the journal: also what a sync brought. */
const operationShape = z.looseObject({ ...operationSchema.shape, stamp, kind: z.enum(journaledKinds), changes: z.array(z.unknown()) });

/** One operation can have changed every record of a book: its changes are looked at one by one, with pauses. */
async function operationOf(value: unknown, breathe: () => Promise<boolean>): Promise<Operation> {
  const parsed = operationShape.safeParse(value);
  if (!parsed.success) throw new DamagedZip('OPERATION_DAMAGED');
  const changes: Operation['changes'] = [];
  for (const one of parsed.data.changes) {
    const change = changeSchema.safeParse(one);
    // What an undo would bring back has to be readable too.
    if (!change.success || isOfOtherKinds({ changes: [change.data] })) throw new DamagedZip('OPERATION_DAMAGED');
    changes.push(change.data);
    await breathe();
  }
  return { ...parsed.data, changes } as Operation;
}

const undoEntry = z.object({ target: z.string(), command: z.string(), operationIds: z.array(z.string()), records: z.number().int() });
const stacksSchema = z.object({ undo: z.array(undoEntry), redo: z.array(undoEntry) });

const notAnArchive = {
  code: 'ARCHIVE_UNKNOWN',
  ...words('safety.archiveUnknown'),
};
const newer = {
  code: 'ARCHIVE_NEWER',
  ...words('safety.archiveNewer'),
};
export const damagedArchive = {
  code: 'ARCHIVE_DAMAGED',
  ...words('safety.archiveDamaged'),
};

const historyLost = {
  code: 'ARCHIVE_DAMAGED',
  ...words('safety.archiveHistoryLost'),
};

/** What is no accident is said as what it is. */
const refusals: Readonly<Record<string, Problem>> = {
  NAME_OUTSIDE: {
    code: 'ARCHIVE_DAMAGED',
    ...words('safety.archiveNamesOutside'),
  },
  TOO_LARGE: {
    code: 'ARCHIVE_DAMAGED',
    ...words('safety.archiveSaysTooMuch'),
  },
  LONGER_THAN_SAID: {
    code: 'ARCHIVE_DAMAGED',
    ...words('safety.archiveHoldsMore'),
  },
};

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedZip) throw new ProblemError(refusals[error.message] ?? damagedArchive);
    if (errorCode(error) === 'ENOENT') {
      throw new ProblemError({
        code: 'ARCHIVE_GONE',
        ...words('safety.backupGone'),
      });
    }
    throw error;
  }
}
