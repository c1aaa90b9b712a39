import { join } from 'node:path';
import type { ArchivePlace, BackupReason, CheckReport, SafetyJob } from '../../shared/contracts/safety.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { newId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { reliedOn } from '../domain/book.ts';
import type { BookSnapshot, Log } from '../domain/ports.ts';
import type { Safety } from '../domain/safety/safety.service.ts';
import { commitRestore, dropPrepared, type JournalFence, prepareRestore, type RestoreMarker } from './backup-restore.ts';
import { type Attachments, attachedIn } from './attachments.ts';
import type { BackupStore, StoredBackup } from './backup-store.ts';
import { type Archive, type ArchiveWatch, openArchive, writeArchive } from './book-archive.ts';
import type { BookFiles } from './book-files.ts';
import type { Notice } from './notices.ts';
import { createJobs, type JobTools } from './safety-jobs.ts';
import { words, wordsOf } from '../../shared/words/words.ts';

const usualTimes = {
  /** A book that changed is backed up this long after the first change, whatever else happens. */
  quietMs: 5 * 60_000,
  /** Where the last end left no time for a backup, the start makes up for it once people have begun to work. */
  startMs: 30_000,
  /** The system gives a program that quits five seconds; the book itself needs some of them. */
  quitMs: 3000,
};

export interface SafetyDeps {
  dataFolder: string;
  version: string;
  clock: Clock;
  log: Log;
  files: BookFiles;
  store: BackupStore;
  attachments: Attachments;
  fence: JournalFence;
  /** Journaled operations only. */
  snapshot: () => BookSnapshot;
  settings: () => object;
  /** They were written after the newest backup was made. */
  areSettingsNew?: boolean;
  /** Number of the newest operation. */
  newestSeq: () => number;
  /** Resolves when no command waits. */
  idle: () => Promise<void>;
  /** Keeps a file for the person to save. */
  keepFile: (name: string, mediaType: string, write: (path: string) => Promise<void>) => Promise<{ fileId: string; fileName: string }>;
  /** A file that was taken in. */
  pathOf: (fileId: string) => Promise<string>;
  check: (watch: ArchiveWatch) => Promise<CheckReport>;
  mend: (ids: readonly string[]) => Promise<{ mended: number; left: number }>;
  report: () => CheckReport | null;
  /** Closes the book and opens what is in the data folder then. */
  reopen: () => void;
  /** Null: the backups changed by themselves. */
  onJob: (job: SafetyJob | null) => void;
  /** What this start finished. */
  restored: RestoreMarker | null;
  times?: Partial<SafetyTimes>;
}

export type SafetyTimes = typeof usualTimes;

interface BookSource {
  head: { appVersion: string; madeAt: string; deviceId: string };
  snapshot: BookSnapshot;
  operations: AsyncIterable<readonly Operation[]>;
  settings: object;
}

export function createSafety(deps: SafetyDeps): Safety {
  const { store, files, clock, log, dataFolder } = deps;
  const { quietMs, startMs, quitMs } = { ...usualTimes, ...deps.times };
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  const jobs = createJobs({
    last: deps.restored === null ? null : restoredJob(deps.restored),
    onJob: deps.onJob,
    log,
    isClosed: () => isClosed,
    relied: () => reliedOn(files.proven),
  });
  let inTurn: Promise<unknown> = Promise.resolve();
  const quit = new AbortController();

  const newest = (): StoredBackup | undefined =>
    store.list().find(({ deviceId, state }) => deviceId === files.opened.deviceId && (state === 'verified' || state === 'tested'));
  // Saved views are in no record: a change of the settings alone is worth a backup too, once the book has anything.
  const settingsNow = () => JSON.stringify(deps.settings());
  let settingsKept = deps.areSettingsNew === true ? null : settingsNow();
  /** True while there is something that is in no backup. */
  const isDue = () => deps.newestSeq() > (newest()?.seq ?? 0) || (deps.newestSeq() > 0 && settingsNow() !== settingsKept);

  const source = (operations: AsyncIterable<readonly Operation[]>): BookSource => ({
    head: { appVersion: deps.version, madeAt: new Date(clock.now()).toISOString(), deviceId: files.opened.deviceId },
    snapshot: deps.snapshot(),
    operations,
    settings: deps.settings(),
  });

  /** One at a time: a backup takes the disk and half of a processor. */
  const make = (reason: BackupReason, watch: ArchiveWatch): Promise<StoredBackup> => {
    const done = inTurn.then(async () => {
      await reliedOn(files.proven);
      await files.claim.check();
      const book = source(files.sealedOperations());
      const settings = JSON.stringify(book.settings);
      // Backups stand in the data folder, beside the contents: naming them is enough, since none is ever deleted.
      const attachments = attachedIn(book.snapshot).map(({ sha256, size }) => ({ name: sha256, bytes: size }));
      const backup = await store.make(reason, { ...book, attachments, secrets: files.secrets }, watch);
      settingsKept = settings;
      files.dismissNotice('backup-failed');
      if (!jobs.isRunning() && !isClosed) deps.onJob(null);
      return backup;
    });
    inTurn = done.catch(() => undefined);
    return done;
  };

  const wait = (ms: number) => {
    if (timer !== null || isClosed) return;
    timer = setTimeout(() => {
      timer = null;
      void automatic('changed');
    }, ms);
    timer.unref();
  };

  const automatic = async (reason: BackupReason) => {
    if (isClosed || !isDue()) return;
    try {
      await make(reason, { signal: quit.signal });
    } catch (error) {
      if (quit.signal.aborted) return;
      files.postNotice(notBackedUpNotice(error));
      wait(quietMs);
    }
  };

  const archiveAt = async (place: ArchivePlace): Promise<Archive> =>
    // A backup that was copied away and comes back finds its history here.
    'backup' in place ? store.open(place.backup) : openArchive(await deps.pathOf(place.fileId), store.history);

  const restoreFrom = async (archive: Archive, kind: RestoreMarker['kind'], job: JobTools): Promise<Partial<SafetyJob>> => {
    try {
      await inTurn;
      if ((await archive.lost(job)) > 0) {
        const past = { operations: files.sealedOperations(), secrets: files.secrets };
        await store.mendHistory(past, archive.manifest.history, job.signal);
      }
      const { lost } = await prepareRestore(dataFolder, archive, log, job, files.secrets);
      job.signal.throwIfAborted();
      // Nothing may be done any more in the book that goes, so that its backup is all of it.
      deps.fence.raise();
      await deps.idle();
      let backup: string | null = newest()?.name ?? null;
      if (isDue()) {
        job.step(words('safetyJob.backingUpFirst'));
        backup = (await make(kind, job)).name;
      }
      job.signal.throwIfAborted();
      await commitRestore(dataFolder, { kind, madeAt: archive.manifest.madeAt, backup, lost });
    } catch (error) {
      deps.fence.lower();
      await dropPrepared(dataFolder);
      throw error;
    }
    isClosed = true;
    deps.reopen();
    // The book that comes says when it is there.
    return { state: 'running', step: words('safetyJob.opening'), done: 0, total: 0 };
  };

  if (isDue()) wait(startMs);

  return {
    state: () => ({
      folder: store.folder,
      backups: store.list().map(({ deviceId: _, seq: __, ...backup }) => backup),
      isDue: isDue(),
      job: jobs.job(),
      report: deps.report(),
    }),
    backUp: () =>
      jobs.start('backup', words('safetyJob.backingUp'), async (job) => {
        await make('manual', job);
        return { step: words('safetyJob.backedUp') };
      }),
    exportBook: () =>
      jobs.start('export', words('safetyJob.exporting'), async (job) => {
        const day = clock.today();
        const { fileId, fileName } = await deps.keepFile(`Fieldbook ${day}.zip`, 'application/zip', (path) =>
          writeWholeBook(path, source(files.operationsAfter(0)), deps.attachments, job),
        );
        return { step: words('safetyJob.exported'), file: { fileId, fileName } };
      }),
    async look(place) {
      const archive = await archiveAt(place);
      const { madeAt, appVersion, counts } = archive.manifest;
      return { madeAt, appVersion, counts, operations: archive.operations, lost: await archive.lost() };
    },
    async restore(place) {
      const archive = await archiveAt(place);
      const kind = 'backup' in place ? 'restore' : 'import';
      return jobs.start(kind, words(kind === 'restore' ? 'safetyJob.readingBackup' : 'safetyJob.readingFile'), (job) =>
        restoreFrom(archive, kind, job),
      );
    },
    cancel: () => jobs.cancel(),
    check: () =>
      jobs.start('check', words('safetyJob.checking'), async (job) => {
        await inTurn;
        const { total } = await deps.check(job);
        return { step: words('safetyJob.checked', { found: total }) };
      }),
    mend: (ids) => {
      jobs.refuseWhileBusy();
      return deps.mend(ids);
    },
    changed: () => wait(quietMs),
    before: (reason) => automatic(reason),
    async close() {
      const wasClosed = isClosed;
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      quit.abort();
      await jobs.stop();
      await inTurn;
      if (wasClosed || !isDue()) return;
      await make('quit', { signal: AbortSignal.timeout(quitMs) }).catch(() => log.info('backup.put-off'));
    },
  };
}

/** The book with all that hangs on it in one file, for another place than the data folder. */
async function writeWholeBook(path: string, { head, ...rest }: BookSource, contents: Attachments, job: JobTools): Promise<void> {
  const attachments: { name: string; path: string }[] = [];
  for (const { sha256, size } of attachedIn(rest.snapshot)) {
    const isWhole = (await contents.stateOf(sha256, size, true, job.signal)) === 'whole';
    if (isWhole) attachments.push({ name: sha256, path: contents.pathOf(sha256) });
  }
  await writeArchive(path, { ...rest, attachments, head: { ...head, reason: 'export' } }, job);
}

function restoredJob({ kind }: RestoreMarker): SafetyJob {
  const step = words(kind === 'restore' ? 'safetyJob.restored' : 'safetyJob.imported');
  return { id: newId(), kind, step, state: 'done', done: 0, total: 0, secondsLeft: null, file: null, problem: null };
}

function notBackedUpNotice(error: unknown): Notice {
  const why = error instanceof ProblemError ? wordsOf(error.problem) : words('notices.diskDidNotTakeIt');
  return { id: 'backup-failed', level: 'warning', text: words('notices.notBackedUp', { why }) };
}

/** What the person is told in the book that came. */
export function restoredNotice({ kind, madeAt, backup, lost }: RestoreMarker): Notice {
  return {
    id: 'book-restored',
    level: lost === 0 ? 'info' : 'warning',
    text: words('notices.bookRestored', { isImport: kind === 'import', madeAt, lost, isKept: backup !== null }),
  };
}

export const backupsFolder = (dataFolder: string) => join(dataFolder, 'backups');
