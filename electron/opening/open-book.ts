import { writeFile } from 'node:fs/promises';
import { attachmentFilePrefix } from '../../shared/contracts/surface.ts';
import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import type { SafetyJob } from '../../shared/contracts/safety.contract.ts';
import { fail, ok, type Problem, type Result } from '../../shared/lib/result.ts';
import { finishRestore, journalFence } from '../database/backup-restore.ts';
import { backupsFolder } from '../database/backup-jobs.ts';
import { openBackupStore } from '../database/backup-store.ts';
import { createAttachments } from '../database/attachments.ts';
import { openBookFiles } from '../database/book-files.ts';
import { provenAtOnceBytes } from '../database/checkpoint.ts';
import { type FolderClaim, ownFolder } from '../database/data-folder.ts';
import { openDataKeys } from '../database/data-key.ts';
import { createDatabase, type StorageStatus } from '../database/database.ts';
import { openKeptCheck, syncObstacle } from '../database/kept-check.ts';
import { migrateFolder } from '../database/migrations/migrate-folder.ts';
import { createSecretBox, createTextSeal } from '../database/secret-box.ts';
import type { Log } from '../domain/ports.ts';
import type { AppService } from '../domain/app.service.ts';
import { createAttachmentService } from '../domain/attachment.service.ts';
import { changedNothing, createBook, reliedOn } from '../domain/book.ts';
import { createBookServices } from '../domain/book.services.ts';
import { watchDay } from '../domain/day-watch.ts';
import { createInvoicePrinter } from '../domain/invoices/invoice-printer.ts';
import { openSettings } from '../domain/settings.service.ts';
import { createOutboxService } from '../domain/outbox.service.ts';
import { createFiles } from '../files.ts';
import { writeCsv } from '../formats/csv.writer.ts';
import { guardForeignCell } from '../formats/formula-guard.ts';
import { appHandlers } from '../ipc/app.handlers.ts';
import { createBackend } from '../ipc/backend.ts';
import { clientHandlers } from '../ipc/client.handlers.ts';
import { contactHandlers } from '../ipc/contact.handlers.ts';
import { duplicateHandlers } from '../ipc/duplicate.handlers.ts';
import { exportHandlers } from '../ipc/export.handlers.ts';
import { favouriteHandlers } from '../ipc/favourite.handlers.ts';
import { historyHandlers } from '../ipc/history.handlers.ts';
import { importHandlers } from '../ipc/import.handlers.ts';
import { itemPriceHandlers } from '../ipc/item-price.handlers.ts';
import { locationContactHandlers } from '../ipc/location-contact.handlers.ts';
import { locationItemPriceHandlers } from '../ipc/location-item-price.handlers.ts';
import { locationPriceHandlers } from '../ipc/location-price.handlers.ts';
import { locationHandlers } from '../ipc/location.handlers.ts';
import { opportunityHandlers } from '../ipc/opportunity.handlers.ts';
import { calendarHandlers } from '../ipc/calendar.handlers.ts';
import { reportsHandlers } from '../ipc/reports.handlers.ts';
import { caseHandlers } from '../ipc/case.handlers.ts';
import { attachmentHandlers } from '../ipc/attachment.handlers.ts';
import { activityHandlers } from '../ipc/activity.handlers.ts';
import { taskHandlers } from '../ipc/task.handlers.ts';
import { invoiceHandlers } from '../ipc/invoice.handlers.ts';
import { directoryHandlers } from '../ipc/directory.handlers.ts';
import { outboxHandlers } from '../ipc/outbox.handlers.ts';
import { openMailAccounts } from '../mail/mail-account.ts';
import { createOutboxWorker } from '../mail/outbox-worker.ts';
import { createMailer } from '../mail/smtp.ts';
import { ownFieldHandlers } from '../ipc/own-field.handlers.ts';
import { tagHandlers } from '../ipc/tag.handlers.ts';
import { safetyHandlers } from '../ipc/safety.handlers.ts';
import { syncHandlers } from '../ipc/sync.handlers.ts';
import { searchHandlers } from '../ipc/search.handlers.ts';
import { todayHandlers } from '../ipc/today.handlers.ts';
import { errorFacts } from '../log.ts';
import { attachmentPlaces, contentsOf, sweepAttachments } from './open-attachments.ts';
import { openSafety, type OpenSafety } from './open-safety.ts';
import { lastInStep, openSync, type OpenSync } from './open-sync.ts';
import { openTransfer } from './open-transfer.ts';
import type { Backend, Platform } from '../platform/platform.ts';
import { openReceiptBook } from './receipt-book.ts';
import { settingsFile } from './settings-file.ts';
import { openRemoteStore } from './remote-store.ts';
import { openDecisions } from '../sync/open-decisions.ts';
import { createRemotes, type Remotes } from '../sync/remotes.ts';
import { createSyncWorker } from '../sync/sync-worker.ts';
import { tellChanges } from './tell-changes.ts';
import { behindProof, madeWhenProven } from './unproven-book.ts';
import { words } from '../../shared/words/words.ts';

export interface OpenBook {
  backend: Backend;
  /** Takes no more calls, waits for those that run, and leaves everything on disk. */
  close(): Promise<void>;
}

export interface FieldbookOptions {
  /** The data folder, absolute; an entry decides the place when the command line names none. */
  dataFolder: string;
  version: string;
  clock: Clock;
  log: Log;
  /** From so many bytes on a saved copy of the book is shown before it is proven; left out, as usual. */
  provenLaterFrom?: number;
}

export interface OpenBookOptions extends FieldbookOptions {
  claim?: Pick<FolderClaim, 'check' | 'isPrivate'>;
  /** Screens are open and have what another book told them. */
  isAgain?: boolean;
}

/** Puts the rooms together: files on disk, the book in memory, the database behind it, the services, their door. */
export async function openBook(platform: Platform, options: OpenBookOptions, reopen: () => void): Promise<OpenBook> {
  const { dataFolder, version, clock, log, claim = ownFolder, provenLaterFrom = provenAtOnceBytes } = options;
  const onChanged = () => {
    platform.broadcast('settings', {});
    safety.changed();
  };
  await migrateFolder(dataFolder, log);
  const restored = await finishRestore(dataFolder, log);
  const keys = await openDataKeys(dataFolder, platform.keychain, log);
  const secrets = createSecretBox(keys);
  const store = await openBackupStore(backupsFolder(dataFolder), log);
  const backups = store.list().filter(({ state }) => state !== 'damaged');
  const [bookFiles, settings, accounts, remoteStore, receipts, keptCheck] = await Promise.all([
    openBookFiles(dataFolder, { clock, log, secrets, claim, backups, provenLaterFrom }),
    openSettings({ file: settingsFile(dataFolder), onChanged, log }),
    openMailAccounts(dataFolder, createTextSeal(keys), { log, onChanged: () => worker.accountChanged() }),
    openRemoteStore(dataFolder, createTextSeal(keys), log),
    openReceiptBook(dataFolder, log),
    openKeptCheck(dataFolder, log),
  ]);
  let storage: StorageStatus = { storage: 'opening', unapplied: 0, writing: null };
  let isClosing = false;
  const { proven } = bookFiles;
  // First of all that wait for it: when the others are answered, the book that takes this one's place is on its way.
  void proven.then((isProven) => {
    if (isProven || isClosing) return;
    // It may have been asked for an order of records that were never saved like that.
    bookFiles.readModel.renew();
    reopen();
  });

  const status = (): AppStatus => ({ ...storage, server: syncing.status(), notices: [...bookFiles.notices] });
  const tellStatus = atMostOnceATurn(() => {
    platform.broadcast('status', status());
    sync?.tell();
  });
  // Made when what it is made from is there; nothing is told before.
  let sync: OpenSync | null = null;
  const database = createDatabase({
    platform,
    files: bookFiles,
    snapshot: () => book.snapshot(),
    onStatus: (told) => {
      storage = told;
      tellStatus();
      if (told.storage === 'ready') safety.storageReady();
    },
    onRecovered: (operations) => book.takeBack(operations),
    log,
    appVersion: version,
    isRestored: restored !== null,
  });
  const fence = journalFence(bookFiles.journal, bookFiles.opened.seq);
  let isImporting = false;
  const tellChanged = tellChanges(
    (change) => platform.broadcast('changed', change),
    () => isImporting,
  );
  const book = createBook(bookFiles.opened, {
    journal: fence.journal,
    database,
    clock,
    actor: () => settings.get().personName,
    log,
    onChanged: (change) => {
      tellChanged(change);
      safety.changed();
    },
    onUndoState: (state) => platform.broadcast('undoState', state),
    onSynced: () => {
      tellStatus();
      syncing.changed();
    },
    proven,
  });
  const attachments = createAttachments(dataFolder, { log });
  const allRemotes = createRemotes({
    book,
    store: remoteStore,
    operationsAfter: bookFiles.operationsAfter,
    contents: contentsOf(attachments),
    obstacle: () => syncObstacle(bookFiles, keptCheck),
    clock,
    log,
  });
  const remotes: Remotes = {
    ...allRemotes,
    syncAll: async (how, signal) => {
      await reliedOn(proven);
      return allRemotes.syncAll(how, signal);
    },
  };
  const syncing = createSyncWorker({
    book,
    remotes,
    clock,
    log,
    onStatus: tellStatus,
    isOffline: () => settings.get().workOffline,
    onEnded: (ended, ms) => sync?.ended(ended, ms),
    knownAsOf: () =>
      lastInStep(
        remotes.list().map(({ kept }) => kept.id),
        receipts.all(),
      ),
  });
  if (!claim.isPrivate) {
    bookFiles.postNotice({
      id: 'folder-open',
      level: 'warning',
      text: words('notices.folderOpen'),
    });
  }
  const unread = settings.problem();
  if (unread !== null) bookFiles.postNotice({ id: 'settings-unread', level: 'warning', text: unread });
  bookFiles.onNoticesChanged(tellStatus);
  const files = madeWhenProven(createFiles(dataFolder), proven);
  await sweepAttachments(dataFolder, attachments);
  const safety = await openSafety({
    platform,
    dataFolder,
    version,
    clock,
    log,
    bookFiles,
    store,
    fence,
    book,
    settings: () => settings.get(),
    database,
    files,
    attachments,
    keptCheck,
    restored,
    reopen,
    onJob: (job) => platform.broadcast('safetyJob', job),
  });
  database.start();

  const services = createBookServices({ book, model: bookFiles.readModel, clock, settings, log, proven });
  const { imports, exports, calendarFiles, reportFiles, tidy } = await openTransfer({
    book,
    services,
    files,
    dataFolder,
    clock,
    log,
    isAgain: options.isAgain === true,
    onProgress: (job) => {
      isImporting = job.state === 'running' || job.state === 'undoing';
      platform.broadcast('importProgress', job);
    },
  });
  const printer = createInvoicePrinter({
    invoices: services.invoices,
    book,
    settings,
    keep: (name, pdf) => files.make(name, 'application/pdf', (path) => writeFile(path, pdf, { flush: true })),
    // Where it fails the person's own print dialog opens on the same page.
    printToPdf: async (html) => {
      await reliedOn(proven);
      return platform.printToPdf(html).catch((error: unknown) => {
        log.error('print.failed', errorFacts(error));
        return null;
      });
    },
  });
  const attachmentService = createAttachmentService({
    book,
    queries: services.queries,
    places: attachmentPlaces({ dataFolder, attachments, files, platform }),
  });
  const outbox = createOutboxService({ book, clock, device: bookFiles.opened.deviceId });
  const worker = createOutboxWorker({
    outbox,
    accounts,
    mailer: createMailer(),
    clock,
    log,
    onState: (state) => platform.broadcast('outbox', state),
  });
  sync = openSync({
    book,
    remotes,
    worker: syncing,
    merges: services.merges,
    receipts,
    settings,
    clock,
    log,
    makeCsv: (name, rows) =>
      files.make(name, 'text/csv', (path) =>
        writeCsv(
          path,
          rows.map((row) => row.map(guardForeignCell)),
        ),
      ),
    onState: (state) => platform.broadcast('sync', state),
  });
  const desk = sync.desk;
  const app: AppService = {
    info: () => ({ version, adapter: platform.kind, dataFolder, platform: process.platform }),
    status,
    dismissNotice: (id) => bookFiles.dismissNotice(id),
    // After this turn, so that the screen has its answer before the line is cut.
    quit: () => void setImmediate(() => platform.quit()),
  };
  const backend = createBackend({
    handlers: {
      app: appHandlers(services, app),
      clients: clientHandlers(services),
      contacts: contactHandlers(services),
      locations: locationHandlers(services),
      itemPrices: itemPriceHandlers(services),
      opportunities: opportunityHandlers(services),
      cases: caseHandlers(services),
      tasks: taskHandlers(services),
      invoices: invoiceHandlers(services, printer),
      directory: directoryHandlers(services),
      ownFields: ownFieldHandlers(services),
      tags: tagHandlers(services),
      activities: activityHandlers(services),
      locationContacts: locationContactHandlers(services),
      locationItemPrices: locationItemPriceHandlers(services),
      attachments: attachmentHandlers(attachmentService),
      locationPrices: locationPriceHandlers(services),
      history: historyHandlers(services),
      search: searchHandlers(services),
      favourites: favouriteHandlers(services),
      today: todayHandlers(services, () => openDecisions(book, remotes)),
      calendar: calendarHandlers(services, calendarFiles),
      reports: reportsHandlers(services, reportFiles),
      duplicates: duplicateHandlers(services),
      imports: importHandlers(imports),
      exports: exportHandlers(exports),
      safety: safetyHandlers(safety),
      outbox: outboxHandlers(outbox, accounts, worker),
      sync: syncHandlers(desk),
    },
    takeFile: async (name, bytes) => ok({ fileId: (await files.take(name, bytes)).fileId }),
    fileToSave: async (fileId) =>
      ok(
        fileId.startsWith(attachmentFilePrefix)
          ? await attachmentService.file(fileId.slice(attachmentFilePrefix.length))
          : await files.get(fileId),
      ),
    log,
  });

  // What is overdue or due follows from the day; nothing in the book changes at midnight.
  const day = watchDay(clock, () => platform.broadcast('changed', changedNothing(true)));
  const stopWaking = platform.onWake(() => {
    day.look();
    worker.wake();
    syncing.wake();
  });

  if (restored !== null || options.isAgain === true) tellOfOtherBook(platform, status(), safety.state().job);
  worker.wake();
  return {
    backend: gated(behindProof(backedUpBefore(backend, safety), proven), () => isClosing),
    close: async () => {
      isClosing = true;
      // Commands that were given meanwhile wait for it.
      const isSaved = await proven;
      stopWaking();
      day.close();
      await imports.close();
      // Else the session goes on with the book that is read again.
      if (isSaved) await tidy();
      await sync?.close();
      await Promise.all([worker.close(), syncing.close()]);
      await receipts.close();
      services.close();
      await book.idle();
      await Promise.all([database.close(), safety.close()]);
      await bookFiles.close();
    },
  };
}

/** Screens that were open while the book changed places ask for everything again. */
function tellOfOtherBook(platform: Platform, status: AppStatus, job: SafetyJob | null): void {
  platform.broadcast('status', status);
  platform.broadcast('settings', {});
  platform.broadcast('changed', changedNothing(true));
  if (job !== null) platform.broadcast('safetyJob', job);
}

/** An import changes a lot at once: what is in no backup yet is backed up before it begins. */
function backedUpBefore(backend: Backend, safety: OpenSafety): Backend {
  return {
    ...backend,
    call: async (method, input) => {
      if (method === 'imports.start') await safety.before('import');
      return backend.call(method, input);
    },
  };
}

const closing: Problem = {
  code: 'STARTING',
  ...words('program.closing'),
};

function gated(backend: Backend, isClosed: () => boolean): Backend {
  const unlessClosed = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => (isClosed() ? Promise.resolve(fail(closing)) : work());
  return {
    call: (method, input) => unlessClosed(() => backend.call(method, input)),
    takeFile: (name, bytes) => unlessClosed(() => backend.takeFile(name, bytes)),
    fileToSave: (fileId) => unlessClosed(() => backend.fileToSave(fileId)),
  };
}

/** Screens need the newest state, not each one in between. */
function atMostOnceATurn(work: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setImmediate(() => {
      isWaiting = false;
      work();
    });
  };
}
