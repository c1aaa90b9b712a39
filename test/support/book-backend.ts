import type { AllHandlers } from '../../electron/ipc/backend.ts';
import { createBackend } from '../../electron/ipc/backend.ts';
import { appHandlers } from '../../electron/ipc/app.handlers.ts';
import { clientHandlers } from '../../electron/ipc/client.handlers.ts';
import { contactHandlers } from '../../electron/ipc/contact.handlers.ts';
import { duplicateHandlers } from '../../electron/ipc/duplicate.handlers.ts';
import { historyHandlers } from '../../electron/ipc/history.handlers.ts';
import { itemPriceHandlers } from '../../electron/ipc/item-price.handlers.ts';
import { locationContactHandlers } from '../../electron/ipc/location-contact.handlers.ts';
import { locationItemPriceHandlers } from '../../electron/ipc/location-item-price.handlers.ts';
import { locationHandlers } from '../../electron/ipc/location.handlers.ts';
import { opportunityHandlers } from '../../electron/ipc/opportunity.handlers.ts';
import { caseHandlers } from '../../electron/ipc/case.handlers.ts';
import { activityHandlers } from '../../electron/ipc/activity.handlers.ts';
import { taskHandlers } from '../../electron/ipc/task.handlers.ts';
import { invoiceHandlers } from '../../electron/ipc/invoice.handlers.ts';
import { directoryHandlers } from '../../electron/ipc/directory.handlers.ts';
import { searchHandlers } from '../../electron/ipc/search.handlers.ts';
import type { Backend } from '../../electron/platform/platform.ts';
import { ok } from '../../shared/lib/result.ts';
import { quietLog, type TestBook } from './opened-book.ts';

/** The door of an open book as screens meet it, without import, export and backups. */
export function backendOf(laptop: TestBook, quit: () => void = () => undefined): Backend {
  const handlers: Omit<AllHandlers, 'imports' | 'exports' | 'safety'> = {
    app: appHandlers(laptop, {
      info: () => ({ version: '0.0.0', adapter: 'browser', dataFolder: laptop.folder, platform: process.platform }),
      status: () => ({ storage: 'ready', unapplied: 0, server: 'none', notices: [] }),
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
    invoices: invoiceHandlers(laptop),
    directory: directoryHandlers(laptop),
    activities: activityHandlers(laptop),
    locationContacts: locationContactHandlers(laptop),
    locationItemPrices: locationItemPriceHandlers(laptop),
    history: historyHandlers(laptop),
    search: searchHandlers(laptop),
    duplicates: duplicateHandlers(laptop),
  };
  return createBackend({
    handlers: handlers as AllHandlers,
    takeFile: async () => ok({ fileId: 'none' }),
    fileToSave: async () => ok({ fileName: 'none', path: 'none', mediaType: 'none' }),
    log: quietLog,
  });
}
