import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SafetyJob } from '../../shared/contracts/safety.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import type { Attachments } from '../database/attachments.ts';
import { createSafety, restoredNotice } from '../database/backup-jobs.ts';
import type { JournalFence, RestoreMarker } from '../database/backup-restore.ts';
import type { BackupStore } from '../database/backup-store.ts';
import type { BookFiles } from '../database/book-files.ts';
import { createBookCheck } from '../database/book-files-check.ts';
import type { BookDatabase } from '../database/database.ts';
import type { KeptCheck } from '../database/kept-check.ts';
import type { Book } from '../domain/book.ts';
import type { Log } from '../domain/ports.ts';
import type { Safety } from '../domain/safety/safety.service.ts';
import type { Files } from '../files.ts';
import type { Platform } from '../platform/platform.ts';

export interface OpenSafety extends Safety {
  /** The browser adapter learns the Chromium's version late: asked again when the database is there. */
  storageReady(): void;
}

/** Backups, restore and the check, tied to the open book. */
export async function openSafety(deps: {
  platform: Pick<Platform, 'chromiumMajor'>;
  dataFolder: string;
  version: string;
  clock: Clock;
  log: Log;
  bookFiles: BookFiles;
  store: BackupStore;
  fence: JournalFence;
  book: Book;
  settings: () => object;
  database: BookDatabase;
  files: Files;
  attachments: Attachments;
  keptCheck: KeptCheck;
  restored: RestoreMarker | null;
  reopen: () => void;
  onJob: (job: SafetyJob | null) => void;
}): Promise<OpenSafety> {
  const { attachments, book, bookFiles, store, clock, database, dataFolder, fence, files, log, platform, version } = deps;
  const manifest = await bookFiles.manifest.read();
  const check = createBookCheck({
    dataFolder,
    book,
    files: bookFiles,
    store,
    attachments,
    today: () => clock.today(),
    now: () => clock.now(),
    database,
    kept: deps.keptCheck,
    log,
  });
  const safety = createSafety({
    dataFolder,
    version,
    clock,
    log,
    files: bookFiles,
    store,
    attachments,
    fence,
    snapshot: () => book.snapshot(),
    settings: deps.settings,
    areSettingsNew: await areSettingsNew(dataFolder, store),
    newestSeq: () => fence.newestSeq(),
    idle: () => book.idle(),
    keepFile: (name, mediaType, write) => files.make(name, mediaType, write),
    pathOf: async (fileId) => (await files.get(fileId)).path,
    check: check.run,
    mend: check.mend,
    report: check.report,
    reopen: deps.reopen,
    onJob: deps.onJob,
    restored: deps.restored,
  });
  if (deps.restored !== null) bookFiles.postNotice(restoredNotice(deps.restored));

  // What the last start left is what it was run with: another version, or another Chromium, meets this book for the first time.
  let isUpgradeSeen = false;
  const lookForUpgrade = () => {
    const major = platform.chromiumMajor();
    if (isUpgradeSeen || manifest === null) return;
    const isUpgrade =
      manifest.appVersion !== version || (major !== null && manifest.chromiumMajor !== null && major !== manifest.chromiumMajor);
    if (!isUpgrade) return;
    isUpgradeSeen = true;
    log.info('backup.before-upgrade', { appVersion: version, chromiumMajor: major });
    void safety.before('upgrade');
  };
  lookForUpgrade();
  return { ...safety, storageReady: lookForUpgrade };
}

/** Written since the newest backup, by a start that ended before it had made one of them. */
async function areSettingsNew(dataFolder: string, store: BackupStore): Promise<boolean> {
  const newest = store.list().reduce((latest, { madeAt }) => (madeAt > latest ? madeAt : latest), '');
  if (newest === '') return false;
  // A folder without the file has the settings of the beginning.
  const written = await stat(join(dataFolder, 'settings.json')).catch(() => null);
  return written !== null && written.mtimeMs > Date.parse(newest);
}
