import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { nounNames, perNoun } from '../../shared/nouns/nouns.ts';
import { PagedMap } from '../../shared/lib/paged-map.ts';
import { sharedBlank } from '../../shared/operations/apply-operation.ts';
import type { BookSnapshot, Log, UndoEntry } from '../domain/ports.ts';
import { createBookHistory, type LayeredHistory } from '../domain/book-history.ts';
import { type BookRecords, createBookRecords } from '../domain/book-records.ts';
import { blankFrom, type RecordHead, recordFrom } from './book-form.ts';
import { historyWriter, recordWriter } from './checkpoint-lines.ts';
import { type CheckpointProof, checkpointProof, type FileToProve } from './checkpoint-proof.ts';
import { errorCode } from './disk-problem.ts';
import { syncFolder } from './durable-file.ts';
import type { SyncLine } from '../domain/sync-line.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import type { JournalPosition } from './journal.ts';
import { linesAt, type SortedLines, sortedLines } from './lines.ts';
import { createPackedHistory, createPackedRecords, indexNames, type PackedRecords } from './packed-records.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';
import { unprovenFile } from './unproven-file.ts';

/** As it was read: records and history as they lie, and what is known of the servers line by line. */
export interface ReadCheckpoint extends Omit<Checkpoint, 'snapshot'>, Pick<BookSnapshot, 'seq' | 'newestStamp' | 'undo' | 'redo'> {
  records: BookRecords;
  history: LayeredHistory;
  sync: SyncLine[];
  /** What of it is still to be compared with its sums; null where all of it was. */
  proof: CheckpointProof | null;
}

/** Everything in memory at one moment, on disk: `checkpoint/<seq>/`. The journal from `position` on leads to the present. */
export interface Checkpoint {
  snapshot: BookSnapshot;
  position: JournalPosition;
  /** Operations the journal should have had and did not; looked for in the database again. */
  missing: number[];
}

/** Newest two stay: when the newest is damaged, the one before and more of the journal do. */
const kept = 2;
/** Longest time the writer holds the event loop at once. */
const sliceMs = 8;
const chunkBytes = 256 * 1024;
const hashedAtOnce = 1024 * 1024;
const startsFile = 'starts.bin';
/** A checkpoint below this (some 15,000 clients with what hangs on them) is proven first: showing it sooner gains nothing. */
export const provenAtOnceBytes = 32 * 1024 * 1024;

const manifestSchema = z.object({
  format: z.literal(1),
  seq: z.number().int().nonnegative(),
  newestStamp: z.string().nullable(),
  position: z.object({ segment: z.number().int().positive(), offset: z.number().int().nonnegative() }),
  missing: z.array(z.number().int()),
  blanks: z.record(z.string(), z.record(z.string(), z.unknown())),
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number().int(), lines: z.number().int() })),
  /** Where records lie in the order of their ids, with indexes beside them: how many there are. Else they are read into memory. */
  sorted: z.record(z.string(), z.object({ live: z.number().int(), deleted: z.number().int(), all: z.number().int() })).optional(),
  /** The files whose lines have their beginnings in `starts.bin`, in this order, so that a line is found without reading them. */
  starts: z.array(z.string()).optional(),
});
type Manifest = z.output<typeof manifestSchema>;

/**
 * Writes a checkpoint and lets older ones go. Runs in slices, so that commands go on meanwhile; what they change is not
 * in the snapshot, because records are replaced and never changed in place.
 */
export async function writeCheckpoint(
  folder: string,
  { snapshot, position, missing }: Checkpoint,
  secrets: SecretBox = noSecretBox,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, String(snapshot.seq));
  const temporary = `${target}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { mode: 0o700 });
  try {
    const files: Manifest['files'] = {};
    const sorted: NonNullable<Manifest['sorted']> = {};
    const writer = recordWriter(secrets);
    const beginnings: { name: string; starts: Buffer }[] = [];
    const write = async (name: string, lines: Iterator<string | null>) => {
      const { starts, ...file } = await writeLines(join(temporary, name), lines);
      files[name] = file;
      beginnings.push({ name, starts });
    };
    for (const noun of nounNames) {
      const writing = writer.noun(noun, snapshot.records[noun]);
      await write(`${noun}.ndjson`, writing.lines);
      for (const index of indexNames) await write(`${noun}.${index}.ndjson`, writing.index(index));
      sorted[noun] = writing.counts();
    }
    await write('heads.ndjson', writer.heads());
    const history = historyWriter(snapshot.history);
    await write('history.ndjson', history.lines);
    await write('operation-ids.ndjson', history.operationIds());
    files[startsFile] = await writeBytes(join(temporary, startsFile), Buffer.concat(beginnings.map(({ starts }) => starts)));
    const starts = beginnings.map(({ name }) => name);
    await write('sync.ndjson', syncLines(snapshot, secrets));
    await write('stacks.ndjson', stackLines(snapshot));
    const manifest: Manifest = {
      format: 1,
      seq: snapshot.seq,
      newestStamp: snapshot.newestStamp,
      position,
      missing,
      blanks: perNoun((noun) => ({ ...sharedBlank(noun) })),
      files,
      sorted,
      starts,
    };
    await writeLines(join(temporary, 'manifest.json'), [JSON.stringify(manifest)].values());
    await syncFolder(temporary);
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  const seqs = await checkpointSeqs(folder);
  for (const seq of seqs.slice(kept)) await rm(join(folder, String(seq)), { recursive: true, force: true });
}

/** The newest checkpoint that is whole; null when there is none. `damaged` names those that were passed over. */
export async function readCheckpoint(
  folder: string,
  log: Log,
  secrets: SecretBox = noSecretBox,
  /** From so many bytes on the lines of one are not compared with their sums at once, but by its `proof`. */
  laterFrom = Number.POSITIVE_INFINITY,
): Promise<{ checkpoint: ReadCheckpoint | null; damaged: number[] }> {
  await sweepUnfinished(folder);
  const damaged: number[] = [];
  for (const seq of await checkpointSeqs(folder)) {
    try {
      return { checkpoint: await readOne(join(folder, String(seq)), secrets, laterFrom), damaged };
    } catch (error) {
      log.warn('checkpoint.unreadable', { seq, code: error instanceof DamagedCheckpoint ? error.message : errorCode(error) });
      damaged.push(seq);
    }
  }
  return { checkpoint: null, damaged };
}

/** One checkpoint; throws where it is damaged. */
export function readCheckpointAt(folder: string, seq: number, secrets: SecretBox): Promise<ReadCheckpoint> {
  return readOne(join(folder, String(seq)), secrets, Number.POSITIVE_INFINITY);
}

class DamagedCheckpoint extends Error {}

async function readOne(folder: string, secrets: SecretBox, laterFrom: number): Promise<ReadCheckpoint> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  // A book is also read while another one is on screen: after a restore, and by the check. Main has to answer meanwhile.
  const breathe = createBreather(sliceMs);
  const files: CheckpointFiles = {
    manifest,
    async bytesOf(name) {
      const expected = manifest.files[name];
      if (expected === undefined) throw new DamagedCheckpoint('FILE_NOT_LISTED');
      const bytes = await readFile(join(folder, name));
      if (bytes.length !== expected.bytes || (await sha256(bytes, breathe)) !== expected.sha256)
        throw new DamagedCheckpoint('CHECKSUM_DIFFERS');
      return bytes;
    },
    valuesOf: async (name) => parseLines(await files.bytesOf(name), breathe),
    pathOf: (name) => join(folder, name),
    breathe,
  };
  // Lines that somebody took out or put in are in no index: then the records themselves are what counts.
  const isAsCounted = nounNames.every((noun) => (manifest.files[`${noun}.ndjson`]?.lines ?? 0) === (manifest.sorted?.[noun]?.all ?? 0));
  const sorted = isAsCounted ? manifest.sorted : undefined;
  const [stacks] = (await files.valuesOf('stacks.ndjson')) as { undo: UndoEntry[]; redo: UndoEntry[] }[];
  if (stacks === undefined) throw new DamagedCheckpoint('STACKS_EMPTY');
  // Written before there were servers: nothing is known of any.
  const sync = manifest.files['sync.ndjson'] === undefined ? [] : ((await files.valuesOf('sync.ndjson')) as SyncLine[]);
  return {
    sync: [['own', manifest.seq], ...sync.map((line) => openLine(line, secrets))],
    ...(sorted === undefined ? await readWhole(files, secrets) : await readAsItLies(files, sorted, secrets, laterFrom)),
    seq: manifest.seq,
    newestStamp: manifest.newestStamp,
    undo: stacks.undo,
    redo: stacks.redo,
    position: manifest.position,
    missing: manifest.missing,
  };
}

interface CheckpointFiles {
  manifest: Manifest;
  /** Throws where they are not those that were written. */
  bytesOf(name: string): Promise<Buffer>;
  valuesOf(name: string): Promise<unknown[]>;
  pathOf(name: string): string;
  breathe: Breathe;
}

/** Nothing is parsed: records and history are read line by line when they are asked for. */
async function readAsItLies(
  files: CheckpointFiles,
  counts: NonNullable<Manifest['sorted']>,
  secrets: SecretBox,
  laterFrom: number,
): Promise<Pick<ReadCheckpoint, 'records' | 'history' | 'proof'>> {
  const { manifest, breathe } = files;
  const total = (manifest.starts ?? []).reduce((sum, name) => sum + (manifest.files[name]?.bytes ?? 0), 0);
  const isLater = manifest.starts !== undefined && total >= laterFrom;
  const later = isLater ? await unprovenLines(files, manifest.starts ?? []) : null;
  const linesOf = async (name: string): Promise<SortedLines> => {
    const lines = later?.lines.get(name) ?? (await sortedLines(await files.bytesOf(name), manifest.files[name]?.lines ?? 0, breathe));
    if (lines === null) throw new DamagedCheckpoint('LINES_DIFFER');
    return lines;
  };
  const none = (await sortedLines(Buffer.alloc(0), 0)) as SortedLines;
  const packed = { heads: await linesOf('heads.ndjson'), nouns: {} as PackedRecords['nouns'] };
  for (const noun of nounNames) {
    const counted = counts[noun];
    // Of a noun that was not there when it was written, there is nothing.
    const read = (name: string) => (counted === undefined ? none : linesOf(name));
    packed.nouns[noun] = {
      lines: await read(`${noun}.ndjson`),
      blank: blankFrom(noun, manifest.blanks[noun]),
      indexes: {
        parents: await read(`${noun}.parents.ndjson`),
        primaries: await read(`${noun}.primaries.ndjson`),
        keys: await read(`${noun}.keys.ndjson`),
      },
      counts: counted ?? { live: 0, deleted: 0, all: 0 },
    };
  }
  const history = createPackedHistory(await linesOf('history.ndjson'), await linesOf('operation-ids.ndjson'));
  const records = createPackedRecords(packed, secrets);
  const proof = later === null ? null : checkpointProof(later.files);
  if (proof === null) await records.tryOfSecrets(breathe);
  return {
    records: createBookRecords(records.base),
    history: createBookHistory(history),
    proof: proof && {
      ...proof,
      async hold() {
        if (!(await proof.hold())) return false;
        // What was parsed before may be of bytes that were never compared.
        records.forget();
        history.forget();
        await records.tryOfSecrets(breathe);
        return true;
      },
    },
  };
}

/** The lines of the files as they lie on the disk. Their sizes and where lines begin are compared now. */
async function unprovenLines(files: CheckpointFiles, names: readonly string[]) {
  const { manifest } = files;
  const starts = await files.bytesOf(startsFile);
  const lines = new Map<string, SortedLines>();
  const later: FileToProve[] = [];
  let at = 0;
  for (const name of names) {
    const expected = manifest.files[name];
    if (expected === undefined) throw new DamagedCheckpoint('FILE_NOT_LISTED');
    const count = expected.lines + 1;
    if (starts.length < at + count * 4) throw new DamagedCheckpoint('LINES_DIFFER');
    const own = numbersIn(starts.subarray(at, at + count * 4));
    at += count * 4;
    const { size } = await stat(files.pathOf(name));
    if (size !== expected.bytes) throw new DamagedCheckpoint('CHECKSUM_DIFFERS');
    if (own[expected.lines] !== size) throw new DamagedCheckpoint('LINES_DIFFER');
    const file = unprovenFile(files.pathOf(name), size);
    lines.set(name, linesAt(file, own));
    later.push({ file, sha256: expected.sha256, starts: own });
    await files.breathe();
  }
  return { lines, files: later };
}

function numbersIn(bytes: Buffer): Uint32Array {
  // A copy begins where numbers of four bytes may begin.
  const copy = Buffer.from(Uint8Array.from(bytes).buffer);
  if (endianness() === 'BE') copy.swap32();
  return new Uint32Array(copy.buffer);
}

/** Written by an earlier version, in no order: all of it is read into memory. */
async function readWhole(files: CheckpointFiles, secrets: SecretBox): Promise<Pick<ReadCheckpoint, 'records' | 'history' | 'proof'>> {
  const { manifest } = files;
  const heads = (await files.valuesOf('heads.ndjson')) as RecordHead[];
  const records = createBookRecords(null);
  for (const noun of nounNames) {
    // Written before this noun was there: nothing of it was left out.
    if (manifest.files[`${noun}.ndjson`] === undefined && manifest.blanks[noun] === undefined) continue;
    const blank = blankFrom(noun, manifest.blanks[noun]);
    const lines = (await files.valuesOf(`${noun}.ndjson`)) as [head: number, id: string, fields: Record<string, unknown>][];
    for (const [head, id, fields] of lines) {
      records.put(noun, recordFrom(noun, blank, id, heads[head] as RecordHead, secrets.openFields(noun, id, fields)));
      await files.breathe();
    }
  }
  const operationIds = (await files.valuesOf('operation-ids.ndjson')) as string[];
  const history = new PagedMap<readonly string[]>();
  for (const [key, ...places] of (await files.valuesOf('history.ndjson')) as [string, ...number[]][]) {
    history.set(
      key,
      places.map((place) => operationIds[place] as string),
    );
    await files.breathe();
  }
  return { records, history: createBookHistory(null, history), proof: null };
}

type Breathe = () => Promise<boolean>;

/** One parse of many lines is several times faster than one for each; one of all would hold main for seconds. */
async function parseLines(bytes: Buffer, breathe: Breathe): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineBreak = bytes.indexOf(0x0a, Math.min(at + chunkBytes, bytes.length) - 1);
    const end = lineBreak < 0 ? bytes.length : lineBreak;
    const some: unknown[] = JSON.parse(`[${bytes.toString('utf8', at, end).trimEnd().replaceAll('\n', ',')}]`);
    for (const value of some) values.push(value);
    at = end + 1;
    await breathe();
  }
  return values;
}

function* syncLines({ sync }: BookSnapshot, secrets: SecretBox): Generator<string> {
  for (const line of sync.lines) yield JSON.stringify(turnLine(line, secrets.sealFields, secrets.sealSync));
}

const openLine = (line: SyncLine, secrets: SecretBox) => turnLine(line, secrets.openFields, secrets.openSync);

function turnLine(line: SyncLine, turn: SecretBox['sealFields'], turnPart: SecretBox['sealSync']): SyncLine {
  if (line[0] === 'part') return ['part', turnPart(line[1])];
  if ((line[0] !== 'base' && line[0] !== 'before') || typeof line[4] === 'number') return line;
  const [, noun, id, seq, { head, fields }] = line;
  return [line[0], noun, id, seq, { head, fields: turn(noun, id, fields) }];
}

function* stackLines(snapshot: BookSnapshot): Generator<string> {
  yield JSON.stringify({ undo: snapshot.undo, redo: snapshot.redo });
}

/** `starts` has where each line begins, and the end of the last, as numbers of four bytes, the lowest byte first. */
async function writeLines(path: string, lines: Iterator<string | null>): Promise<Manifest['files'][string] & { starts: Buffer }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  let count = 0;
  let chunk: string[] = [];
  let chunkLength = 0;
  const starts: Buffer[] = [Buffer.alloc(4)];
  let sliceEnd = performance.now() + sliceMs;
  const flush = async () => {
    const buffer = Buffer.from(chunk.join(''));
    chunk = [];
    chunkLength = 0;
    hash.update(buffer);
    starts.push(endsIn(buffer, bytes));
    bytes += buffer.length;
    await writeWhole(file, buffer);
  };
  try {
    for (let line = lines.next(); line.done !== true; line = lines.next()) {
      if (line.value !== null) {
        chunk.push(line.value, '\n');
        chunkLength += line.value.length;
        count += 1;
      }
      if (chunkLength >= chunkBytes) await flush();
      if (performance.now() >= sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + sliceMs;
      }
    }
    await flush();
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes, lines: count, starts: Buffer.concat(starts) };
}

/** Where the lines end in these bytes, which follow so many others. */
function endsIn(bytes: Buffer, before: number): Buffer {
  const ends: number[] = [];
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, end + 1)) ends.push(before + end + 1);
  const numbers = Buffer.alloc(ends.length * 4);
  for (const [place, end] of ends.entries()) numbers.writeUInt32LE(end, place * 4);
  return numbers;
}

async function writeBytes(path: string, bytes: Buffer): Promise<Manifest['files'][string]> {
  const file = await open(path, 'wx', 0o600);
  try {
    await writeWhole(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, lines: 0 };
}

async function writeWhole(file: FileHandle, buffer: Buffer): Promise<void> {
  for (let at = 0; at < buffer.length; ) at += (await file.write(buffer, at)).bytesWritten;
}

async function sha256(bytes: Buffer, breathe: Breathe): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    hash.update(bytes.subarray(at, at + hashedAtOnce));
    await breathe();
  }
  return hash.digest('hex');
}

/** What a crash left half-written: the next one has another number, so nothing would ever write over it. */
async function sweepUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const unfinished = names.filter((name) => /^\d+\.new$/.test(name));
  // One that cannot be removed only takes space.
  for (const name of unfinished) await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
}

/** Newest first. Unfinished ones (`.new`) are not among them. */
async function checkpointSeqs(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}
