import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../shared/lib/ids.ts';
import type { AllHandlers } from '../../electron/ipc/backend.ts';
import { createBackend } from '../../electron/ipc/backend.ts';
import { createCalendarFileService } from '../../electron/domain/calendar/calendar-file.ts';
import { createInvoicePrinter } from '../../electron/domain/invoices/invoice-printer.ts';
import { appHandlers } from '../../electron/ipc/app.handlers.ts';
import { clientHandlers } from '../../electron/ipc/client.handlers.ts';
import { contactHandlers } from '../../electron/ipc/contact.handlers.ts';
import { duplicateHandlers } from '../../electron/ipc/duplicate.handlers.ts';
import { favouriteHandlers } from '../../electron/ipc/favourite.handlers.ts';
import { historyHandlers } from '../../electron/ipc/history.handlers.ts';
import { itemPriceHandlers } from '../../electron/ipc/item-price.handlers.ts';
import { locationContactHandlers } from '../../electron/ipc/location-contact.handlers.ts';
import { locationItemPriceHandlers } from '../../electron/ipc/location-item-price.handlers.ts';
import { locationPriceHandlers } from '../../electron/ipc/location-price.handlers.ts';
import { locationHandlers } from '../../electron/ipc/location.handlers.ts';
import { opportunityHandlers } from '../../electron/ipc/opportunity.handlers.ts';
import { calendarHandlers } from '../../electron/ipc/calendar.handlers.ts';
import { reportsHandlers } from '../../electron/ipc/reports.handlers.ts';
import { caseHandlers } from '../../electron/ipc/case.handlers.ts';
import { createAttachments } from '../../electron/database/attachments.ts';
import { createAttachmentService } from '../../electron/domain/attachment.service.ts';
import { createFiles } from '../../electron/files.ts';
import { attachmentHandlers } from '../../electron/ipc/attachment.handlers.ts';
import { attachmentPlaces } from '../../electron/opening/open-attachments.ts';
import { activityHandlers } from '../../electron/ipc/activity.handlers.ts';
import { taskHandlers } from '../../electron/ipc/task.handlers.ts';
import { importHandlers } from '../../electron/ipc/import.handlers.ts';
import type { ImportService } from '../../electron/domain/transfer/import.service.ts';
import { invoiceHandlers } from '../../electron/ipc/invoice.handlers.ts';
import { directoryHandlers } from '../../electron/ipc/directory.handlers.ts';
import { ownFieldHandlers } from '../../electron/ipc/own-field.handlers.ts';
import { tagHandlers } from '../../electron/ipc/tag.handlers.ts';
import { searchHandlers } from '../../electron/ipc/search.handlers.ts';
import { todayHandlers } from '../../electron/ipc/today.handlers.ts';
import { outboxHandlers } from '../../electron/ipc/outbox.handlers.ts';
import { createOutboxService } from '../../electron/domain/outbox.service.ts';
import { createOutboxWorker } from '../../electron/mail/outbox-worker.ts';
import { createMailer } from '../../electron/mail/smtp.ts';
import type { Backend } from '../../electron/platform/platform.ts';
import type { MailAccountState } from '../../shared/contracts/outbox.contract.ts';
import { ok } from '../../shared/lib/result.ts';
import { quietLog, type TestBook } from './opened-book.ts';

/** Attached files of the book, in its own folder; `openFile` stands for the system. */
export function attachmentsOf(laptop: TestBook, openFile: ((path: string) => Promise<boolean>) | null = null) {
  const files = createFiles(laptop.folder);
  const attachments = createAttachments(laptop.folder, { log: quietLog });
  const places = attachmentPlaces({ dataFolder: laptop.folder, attachments, files, platform: { openFile } });
  return { files, attachments, service: createAttachmentService({ book: laptop.book, queries: laptop.queries, places }) };
}

/** A file that was taken in and waits, as `files.take` leaves it. */
export function waitingFile(laptop: TestBook, name: string): string {
  const fileId = newId();
  const folder = join(laptop.folder, 'files', fileId);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'content'), name);
  writeFileSync(join(folder, 'about.json'), JSON.stringify({ fileName: name.trim() === '' ? 'file' : name, mediaType: 'text/plain' }));
  return fileId;
}

/** The outbox of a laptop that has no mail account: everything waits. */
function outboxOf(laptop: TestBook) {
  const state: MailAccountState = { account: null, password: 'none', protection: 'none' };
  const accounts = { state: () => state, login: () => null, change: async () => state, remove: async () => state };
  const outbox = createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });
  const worker = createOutboxWorker({
    outbox,
    accounts,
    mailer: createMailer(),
    clock: laptop.clock,
    log: quietLog,
    onState: () => undefined,
  });
  return outboxHandlers(outbox, accounts, worker);
}

/** The door of an open book as screens meet it, without export and backups. */
export function backendOf(laptop: TestBook, quit: () => void = () => undefined, imports: ImportService | null = null): Backend {
  const printer = createInvoicePrinter({
    ...laptop,
    keep: async (fileName) => ({ fileId: 'none', fileName }),
    printToPdf: async (html) => Buffer.from(html),
  });
  const calendarFiles = createCalendarFileService({
    ...laptop,
    files: { make: async (fileName) => ({ fileId: 'none', fileName }) },
    write: async () => undefined,
  });
  const handlers: Omit<AllHandlers, 'imports' | 'exports' | 'safety' | 'sync'> = {
    app: appHandlers(laptop, {
      info: () => ({ version: '0.0.0', adapter: 'browser', dataFolder: laptop.folder, platform: process.platform }),
      status: () => ({ storage: 'ready', unapplied: 0, writing: null, server: 'none', notices: [] }),
      dismissNotice: () => undefined,
      quit,
    }),
    clients: clientHandlers(laptop),
    contacts: contactHandlers(laptop),
    locations: locationHandlers(laptop),
    itemPrices: itemPriceHandlers(laptop),
    opportunities: opportunityHandlers(laptop),
    cases: caseHandlers(laptop),
    tasks: taskHandlers(laptop),
    invoices: invoiceHandlers(laptop, printer),
    directory: directoryHandlers(laptop),
    ownFields: ownFieldHandlers(laptop),
    tags: tagHandlers(laptop),
    activities: activityHandlers(laptop),
    locationContacts: locationContactHandlers(laptop),
    locationItemPrices: locationItemPriceHandlers(laptop),
    attachments: attachmentHandlers(attachmentsOf(laptop).service),
    locationPrices: locationPriceHandlers(laptop),
    history: historyHandlers(laptop),
    search: searchHandlers(laptop),
    favourites: favouriteHandlers(laptop),
    today: todayHandlers(laptop, () => []),
    calendar: calendarHandlers(laptop, calendarFiles),
    reports: reportsHandlers(laptop, { make: async () => ({ fileId: 'none', fileName: 'none' }) }),
    duplicates: duplicateHandlers(laptop),
    outbox: outboxOf(laptop),
  };
  return createBackend({
    handlers: { ...handlers, ...(imports && { imports: importHandlers(imports) }) } as AllHandlers,
    takeFile: async () => ok({ fileId: 'none' }),
    fileToSave: async () => ok({ fileName: 'none', path: 'none', mediaType: 'none' }),
    log: quietLog,
  });
}
