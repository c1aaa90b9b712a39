import type { NounName } from '../nouns/nouns.ts';
import type { Result } from '../lib/result.ts';
import { type AppStatus, appContract } from './app.contract.ts';
import { attachmentContract } from '../nouns/activity/attachment.contract.ts';
import type { Api } from './contract.ts';
import { duplicateContract } from './duplicate.contract.ts';
import { favouriteContract } from './favourite.contract.ts';
import { historyContract, type UndoState } from './history.contract.ts';
import { invoiceContract } from '../nouns/invoice/invoice.contract.ts';
import { locationPriceContract } from '../nouns/location-item-price/location-price.contract.ts';
import {
  activityContract,
  caseContract,
  clientContract,
  contactContract,
  directoryContract,
  itemPriceContract,
  locationContactContract,
  ownFieldContract,
  locationContract,
  locationItemPriceContract,
  opportunityContract,
  taskContract,
} from './record.contract.ts';
import { type SafetyJob, safetyContract } from './safety.contract.ts';
import { type OutboxState, outboxContract } from './outbox.contract.ts';
import { searchContract } from './search.contract.ts';
import { tagContract } from './tag.contract.ts';
import { syncContract, type SyncState } from './sync.contract.ts';
import { todayContract } from './today.contract.ts';
import { calendarContract } from './calendar.contract.ts';
import { reportsContract } from './reports.contract.ts';
import { exportContract, type ImportJob, importContract } from './transfer.contract.ts';

/** Every contract of the book. The bridge, the handlers and the contract tests walk this list. */
export const contracts = [
  appContract,
  clientContract,
  contactContract,
  locationContract,
  itemPriceContract,
  opportunityContract,
  caseContract,
  taskContract,
  invoiceContract,
  directoryContract,
  ownFieldContract,
  tagContract,
  activityContract,
  locationContactContract,
  locationItemPriceContract,
  attachmentContract,
  locationPriceContract,
  historyContract,
  searchContract,
  favouriteContract,
  duplicateContract,
  importContract,
  exportContract,
  safetyContract,
  outboxContract,
  syncContract,
  todayContract,
  calendarContract,
  reportsContract,
] as const;

/** What main tells the screens without being asked. Names are the channel; nothing else can be listened to. */
export interface CrmEvents {
  /** Records changed; screens that show them ask again. At most 500 ids, `all` when there were more. */
  changed: Record<NounName, string[]> & { all: boolean };
  status: AppStatus;
  undoState: UndoState;
  importProgress: ImportJob;
  settings: Record<string, never>;
  /** Null: the backups changed, though nobody asked for one. */
  safetyJob: SafetyJob | null;
  /** How many e-mails wait, failed or may have been sent, and what holds them up. */
  outbox: OutboxState;
  /** The servers of the book, and how a connection or a sync gets on. */
  sync: SyncState;
}

/** What is used of a browser's File: enough to read it piece by piece. */
export interface PickedFile {
  readonly name: string;
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** `window.crm`: all the renderer can reach (invariant 3). Both adapters put the same thing there. */
export interface Crm {
  app: Api<typeof appContract>;
  clients: Api<typeof clientContract>;
  contacts: Api<typeof contactContract>;
  locations: Api<typeof locationContract>;
  itemPrices: Api<typeof itemPriceContract>;
  opportunities: Api<typeof opportunityContract>;
  cases: Api<typeof caseContract>;
  tasks: Api<typeof taskContract>;
  invoices: Api<typeof invoiceContract>;
  directory: Api<typeof directoryContract>;
  ownFields: Api<typeof ownFieldContract>;
  tags: Api<typeof tagContract>;
  activities: Api<typeof activityContract>;
  locationContacts: Api<typeof locationContactContract>;
  locationItemPrices: Api<typeof locationItemPriceContract>;
  attachments: Api<typeof attachmentContract>;
  locationPrices: Api<typeof locationPriceContract>;
  history: Api<typeof historyContract>;
  search: Api<typeof searchContract>;
  favourites: Api<typeof favouriteContract>;
  duplicates: Api<typeof duplicateContract>;
  imports: Api<typeof importContract>;
  exports: Api<typeof exportContract>;
  safety: Api<typeof safetyContract>;
  outbox: Api<typeof outboxContract>;
  sync: Api<typeof syncContract>;
  today: Api<typeof todayContract>;
  calendar: Api<typeof calendarContract>;
  reports: Api<typeof reportsContract>;
  files: {
    /** Takes a file into the data folder, streaming; `onProgress` gets bytes taken. Refuses files over 200 MB. */
    take(file: PickedFile, onProgress?: (bytes: number) => void): Promise<Result<{ fileId: string }>>;
    /** Saves a file made by an export where the person wants it: a save dialog, or the browser's download. */
    save(fileId: string): Promise<Result<{ saved: boolean }>>;
  };
  /** Returns the function that stops listening. */
  on<E extends keyof CrmEvents>(event: E, listener: (data: CrmEvents[E]) => void): () => void;
  /** False while main cannot be reached (browser adapter: it was closed); the screen says so. */
  onConnection(listener: (connected: boolean) => void): () => void;
}
