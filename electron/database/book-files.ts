import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { perNoun } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { addToHistory, applyLate, applyOperation } from '../../shared/operations/apply-operation.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import { createBookHistory } from '../domain/book-history.ts';
import { createBookRecords } from '../domain/book-records.ts';
import type { BookSnapshot, Journal, Log, OpenedBook } from '../domain/ports.ts';
import type { ReadModel } from '../domain/read-model.ts';
import { createSyncState } from '../domain/sync-state.ts';
import { nextStacks } from '../domain/history/undo-stacks.ts';
import { type ReadCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { damageOf, type KnownBackup } from './damage.ts';
import { type FolderClaim, ownFolder } from './data-folder.ts';
import { type Device, readDevice } from './device.ts';
import { folderProblem } from './disk-problem.ts';
import { type JournalDeps, journalStart, openJournal } from './journal.ts';
import { type ManifestFile, manifestFile } from './manifest.ts';
import { words } from '../../shared/words/words.ts';
import { type Notice, noticeBoard } from './notices.ts';
import { openReadModel } from './read-model.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';

/** The files of one open book. */
export interface BookFiles {
  opened: OpenedBook;
  journal: Journal;
  /** The plain sentences there are now; `onNoticesChanged` tells when to look again. */
  readonly notices: Notice[];
  onNoticesChanged(listener: () => void): void;
  postNotice(notice: Notice): void;
  dismissNotice(id: string): void;
  /**
   * Keeps a copy of everything in memory, so that the next start reads little of the journal. The snapshot must hold
   * journaled operations only. Rejects when the disk refuses; the older copy and the journal are then still whole.
   */
  writeCheckpoint(snapshot: BookSnapshot): Promise<void>;
  /** True when enough was journaled since the last checkpoint: 8 MB or 5,000 operations. */
  isCheckpointDue(): boolean;
  /** True when a checkpoint would spare the next start anything. */
  isCheckpointUseful(): boolean;
  /** Operations the journal should have and has not (damage), by their numbers. */
  missing(): readonly number[];
  /** Puts operations found in the database back into the journal. */
  putBack(operations: readonly Operation[]): Promise<void>;
  /** The database was looked through for what is missing, or there is none of this book. */
  searchEnded(): void;
  /** That nothing is lost was compared, and is so. */
  isWhole(): boolean;
  /** There was nothing at all of a book, nor of a device: what a database has here is all there is. */
  readonly wasNothing: boolean;
  readonly device: Device;
  /** Operations with a number above `seq`, some at a time, without holding the event loop. */
  operationsAfter(seq: number): AsyncGenerator<Operation[]>;
  /** All of them as they lie: what is sealed stays so, and is the same text each time. */
  sealedOperations(): AsyncGenerator<Operation[]>;
  /** Operations by id from the journal files: slow, for while the database is away. */
  findOperations(ids: readonly string[]): Promise<Operation[]>;
  manifest: ManifestFile;
  /** The book in the order of questions, beside it on the disk. */
  readModel: ReadModel;
  /**
   * Resolves when all that was read is proven, and never rejects: false where it is not what was written, and the folder must be
   * opened anew. Until then what is shown may be wrong: nothing may be planned on it, and nothing of it may leave.
   */
  proven: Promise<boolean>;
  /** For whatever else writes records or operations: what leaves memory goes through it. */
  secrets: SecretBox;
  /** For whatever else writes into the folder. */
  claim: Pick<FolderClaim, 'check'>;
  close(): Promise<void>;
}

const checkpointBytes = 8 * 1024 * 1024;
const checkpointOperations = 5000;
/** More numbers than this are not missing: whatever says so is nonsense. */
const missingLimit = 1_000_000;
const putBackAtOnce = 1000;
/** Longest time main is held at once. */
const sliceMs = 8;

export interface BookFilesDeps {
  clock: Clock;
  log: Log;
  /** Without it secret fields are written as they are. */
  secrets?: SecretBox;
  /** Asked before anything is written whether the folder is still ours. */
  claim?: Pick<FolderClaim, 'check'>;
  /** Backups that are there, newest first: what they have and the files have not was lost. */
  backups?: readonly (KnownBackup & { deviceId: string })[];
  /** A checkpoint of so many bytes or more is shown before it is proven; where it is left out, everything is proven first. */
  provenLaterFrom?: number;
  journal?: Partial<Pick<JournalDeps, 'limits' | 'freeBytes'>>;
}

/** Reads the book from `folder` (claimed before): checkpoint, then journal. Throws ProblemError when the disk refuses. */
export async function openBookFiles(folder: string, deps: BookFilesDeps): Promise<BookFiles> {
  try {
    return await open(folder, deps);
  } catch (error) {
    throw folderProblem(error, folder);
  }
}

async function open(folder: string, deps: BookFilesDeps): Promise<BookFiles> {
  const { log, secrets = noSecretBox, claim = ownFolder } = deps;
  const board = noticeBoard();
  const started = performance.now();
  const checkpointFolder = join(folder, 'checkpoint');
  const isLater = deps.provenLaterFrom !== undefined && (await raiseDoubt(checkpointFolder));
  const laterFrom = isLater ? deps.provenLaterFrom : Number.POSITIVE_INFINITY;
  const { checkpoint, damaged } = await readCheckpoint(checkpointFolder, log, secrets, laterFrom);
  const from = checkpoint?.position ?? journalStart;
  const { journal, read } = await openJournal(join(folder, 'journal'), from, { log, notices: board, secrets, claim, ...deps.journal });

  // A number that nobody can have reached yet: its line is not believed, or a million others would count as lost.
  const latest = (checkpoint?.seq ?? 0) + read.operations.length + missingLimit;
  const nonsense = read.operations.filter((one) => one.seq > latest).length;
  if (nonsense > 0) read.operations = read.operations.filter((one) => one.seq <= latest);
  const manifest = manifestFile(join(folder, 'manifest.json'), log, claim);
  const book = await replay(checkpoint, read.operations);
  const device = await readDevice(join(folder, 'device.json'), book.sync.isOn() ? null : book.newestStamp, log);
  const startSeq = checkpoint?.seq ?? 0;
  const startStamp = checkpoint?.newestStamp ?? null;
  const { damage, seq } = await compare();

  /** Holds what was read against what the manifest and the newest backup say that there was. */
  async function compare() {
    const said = await manifest.read();
    // Of a folder that has lost its device and its book too, any backup tells.
    const isOurs = (backup: { deviceId: string }) =>
      [device.id, device.copiedFrom].includes(backup.deviceId) || (device.isNew && book.seq === 0);
    const backup = deps.backups?.find(isOurs) ?? null;
    const stated = Math.max(said?.newestSeq ?? 0, said?.appliedSeq ?? 0, backup?.seq ?? 0);
    const until = stated - book.seq > missingLimit ? book.seq : Math.max(book.seq, stated);
    const there = new Set(read.operations.map((one) => one.seq));
    const known = new Set(checkpoint?.missing);
    const past =
      read.isShort || read.hasGap
        ? await notIn(
            journal.read(journalStart, () => true),
            startSeq,
          )
        : [];
    const isBehind = said !== null && said.newestStamp !== null && (book.newestStamp === null || book.newestStamp < said.newestStamp);
    const found = {
      checkpoints: damaged.length,
      lineFiles: [...read.damaged.map(({ file }) => file), ...Array.from({ length: nonsense }, () => 'a number out of all order')],
      isJournalShort: past.some((one) => !known.has(one)),
      wasCut: read.wasCut,
      missing: gaps(startSeq, there, until),
      missingBefore: [...known, ...past].filter((one) => !there.has(one)),
      isBehind,
      isCompared: said !== null && !isBehind,
      backup,
    };
    // Numbers that were given out are not given out again.
    return { damage: damageOf(found, board), seq: until };
  }
  // What a lost line brought from a server is asked for again.
  if (damage.missing.size > 0) book.sync.doubt();

  if (device.copiedFrom !== null) {
    board.post({
      id: 'folder-copied',
      level: 'info',
      text: words('notices.folderCopied'),
    });
  }

  const tellOfSecrets = () => {
    for (const notice of secrets.notices()) board.post(notice);
  };
  secrets.onNotices(tellOfSecrets);
  tellOfSecrets();

  log.info('book.read', {
    ms: Math.round(performance.now() - started),
    seq,
    replayed: read.operations.length,
    damagedLines: read.damaged.length,
    missing: damage.missing.size,
    cut: read.wasCut,
    ...perNoun((noun) => book.records.counts(noun).all),
  });

  const past = { from: { seq: startSeq, newestStamp: startStamp }, operations: read.operations };
  const readModel = await openReadModel(folder, past, log);
  let writing: Promise<void> = Promise.resolve();
  const proven = prove(checkpoint, checkpointFolder, log);

  const keep = async (snapshot: BookSnapshot) => {
    const begun = performance.now();
    // Written from what is not proven it would be believed, and an older one be let go.
    if (!(await proven)) throw new Error('The book is not proven');
    await claim.check();
    const position = journal.positionAt(snapshot.seq);
    await writeCheckpoint(checkpointFolder, { snapshot, position, missing: [...damage.missing] }, secrets);
    journal.rebase(position);
    damage.checkpointWritten();
    log.info('checkpoint.written', { seq: snapshot.seq, ms: Math.round(performance.now() - begun) });
  };

  return {
    opened: {
      deviceId: device.id,
      records: book.records,
      seq,
      newestStamp: book.newestStamp,
      history: book.history,
      undo: book.undo,
      redo: book.redo,
      sync: book.sync,
    },
    journal,
    get notices() {
      return board.list();
    },
    onNoticesChanged: board.onChanged,
    postNotice: board.post,
    dismissNotice: board.remove,
    writeCheckpoint(snapshot) {
      const done = writing.then(() => keep(snapshot));
      writing = done.catch(() => undefined);
      return done;
    },
    isCheckpointDue() {
      const { operations, bytes } = journal.sinceBase();
      return operations >= checkpointOperations || bytes >= checkpointBytes;
    },
    isCheckpointUseful: () => damage.isFresh() || journal.sinceBase().operations > 0,
    missing: () => [...damage.missing].toSorted((a, b) => a - b),
    async putBack(operations) {
      for (let at = 0; at < operations.length; at += putBackAtOnce) await journal.append(operations.slice(at, at + putBackAtOnce));
      damage.found(operations.map(({ seq }) => seq));
    },
    searchEnded: damage.searched,
    isWhole: damage.isWhole,
    wasNothing: device.isNew && seq === 0,
    device,
    operationsAfter: (seq) => journal.read(seq >= startSeq ? from : journalStart, (head) => head.seq > seq),
    sealedOperations: () => journal.read(journalStart, () => true, noSecretBox),
    async findOperations(ids) {
      const wanted = new Set(ids);
      const found: Operation[] = [];
      for await (const operations of journal.read(journalStart, ({ id }) => wanted.has(id))) {
        for (const operation of operations) if (wanted.delete(operation.id)) found.push(operation);
        if (wanted.size === 0) break;
      }
      return found;
    },
    manifest,
    readModel,
    proven,
    secrets,
    claim,
    async close() {
      await proven;
      await writing;
      await manifest.flush();
      readModel.close();
      await journal.close();
    },
  };
}

const doubtFile = 'unproven';

/**
 * Notes on the disk that a checkpoint is on screen before it is proven. False where a start that ended like that has left its note:
 * what ended it may have been the damage, so this one proves first.
 */
async function raiseDoubt(checkpointFolder: string): Promise<boolean> {
  return writeFile(join(checkpointFolder, doubtFile), '', { flag: 'wx', mode: 0o600 }).then(
    () => true,
    () => false,
  );
}

async function settleDoubt(checkpointFolder: string): Promise<void> {
  // One that stays costs the next start the time of a proof.
  await rm(join(checkpointFolder, doubtFile), { force: true }).catch(() => undefined);
}

/** Never rejects: what could not be read counts as not proven, and is read again the slow way, which says what it is. */
async function prove(checkpoint: ReadCheckpoint | null, checkpointFolder: string, log: Log): Promise<boolean> {
  const begun = performance.now();
  if (checkpoint === null || checkpoint.proof === null) {
    await settleDoubt(checkpointFolder);
    return true;
  }
  const isProven = await checkpoint.proof.hold().catch(() => false);
  log.info('book.proven', { isProven, ms: Math.round(performance.now() - begun) });
  if (isProven) await settleDoubt(checkpointFolder);
  else checkpoint.proof.close();
  return isProven;
}

type ReplayedBook = Omit<OpenedBook, 'deviceId'>;

/**
 * The present out of a checkpoint and what was journaled after it. An operation that comes twice counts once. In slices: after a
 * restore the window is open meanwhile.
 */
async function replay(checkpoint: ReadCheckpoint | null, operations: readonly Operation[]): Promise<ReplayedBook> {
  const breathe = createBreather(sliceMs);
  const records = checkpoint?.records ?? createBookRecords(null);
  const { get } = records.layer;
  const sync = createSyncState({ get, all: records.all }, checkpoint?.sync ?? []);
  const history = checkpoint?.history ?? createBookHistory(null);
  let stacks = { undo: checkpoint?.undo ?? [], redo: checkpoint?.redo ?? [] };
  let seq = checkpoint?.seq ?? 0;
  let newestStamp = checkpoint?.newestStamp ?? null;
  for (const operation of operations) {
    await breathe();
    const isLate = operation.seq <= seq;
    if (isLate) applyLate(records.maps, operation);
    else applyOperation(records.maps, operation);
    addToHistory(history, operation);
    sync.journaled(operation, get, isLate);
    if (newestStamp === null || operation.stamp > newestStamp) newestStamp = operation.stamp;
    // Stamps from before a clock was put right count as never issued.
    if (!isLate) newestStamp = operation.sync?.clock?.newestStamp ?? newestStamp;
    // Below: in the checkpoint already, or put back late after damage. Its step of undo was then taken in its turn, or is over.
    if (operation.seq <= seq) continue;
    stacks = nextStacks(stacks, operation);
    seq = operation.seq;
  }
  return { records, seq, newestStamp, history, ...stacks, sync };
}

/** Numbers that should come after `from`, up to `until` at least, and are not there. */
function gaps(from: number, there: ReadonlySet<number>, until: number): number[] {
  let newest = until;
  for (const seq of there) if (seq > newest) newest = seq;
  const missing: number[] = [];
  for (let seq = from + 1; seq <= newest; seq++) if (!there.has(seq)) missing.push(seq);
  return missing;
}

/** Numbers up to `until` that no operation of these has. */
async function notIn(parts: AsyncIterable<readonly Operation[]>, until: number): Promise<number[]> {
  const there = new Set<number>();
  for await (const part of parts) for (const { seq } of part) there.add(seq);
  return gaps(0, there, until).filter((seq) => seq <= until);
}
