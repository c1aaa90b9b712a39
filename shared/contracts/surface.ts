import type { Contract } from './contract.ts';
import type { CrmEvents, contracts } from './api.ts';

/**
 * The names of all that crosses the bridge, and nothing else: pages learn them from here without carrying the schemas
 * (and zod) along. Tied to the contracts by the compiler: a missing or extra name does not compile.
 */
type AllContracts = (typeof contracts)[number];
type MethodNames<C extends Contract> = Readonly<Record<keyof C['methods'], true>>;

/** What every noun can do. */
const recordMethods = {
  list: true,
  ids: true,
  get: true,
  create: true,
  change: true,
  changeMany: true,
  goingAlong: true,
  remove: true,
  restore: true,
} as const;

export const methodNames: { readonly [C in AllContracts as C['name']]: MethodNames<C> } = {
  app: {
    info: true,
    status: true,
    dismissNotice: true,
    counts: true,
    settings: true,
    changeSettings: true,
    addSample: true,
    removeSample: true,
    sample: true,
    quit: true,
  },
  clients: { ...recordMethods, banking: true },
  contacts: recordMethods,
  locations: recordMethods,
  itemPrices: recordMethods,
  opportunities: { ...recordMethods, board: true },
  cases: { ...recordMethods, board: true },
  tasks: { ...recordMethods, board: true },
  invoices: {
    ...recordMethods,
    addLine: true,
    issue: true,
    cancel: true,
    addPayment: true,
    removePayment: true,
    pdf: true,
    document: true,
    numbering: true,
    setPrefix: true,
  },
  directory: recordMethods,
  ownFields: recordMethods,
  tags: { inUse: true, put: true, rename: true },
  activities: { ...recordMethods, timeline: true },
  locationContacts: recordMethods,
  locationItemPrices: recordMethods,
  attachments: { add: true, open: true },
  locationPrices: { list: true, block: true, count: true, get: true, set: true, clear: true, previewMany: true, setMany: true },
  history: { state: true, ofRecord: true, undo: true, redo: true, at: true, restoreTo: true, restoreField: true },
  search: { find: true, recent: true },
  favourites: { list: true, put: true },
  duplicates: {
    like: true,
    scan: true,
    cancelScan: true,
    scanState: true,
    groups: true,
    preview: true,
    merge: true,
    mergesOf: true,
    takeApart: true,
    keepApart: true,
  },
  imports: {
    preview: true,
    dryRun: true,
    start: true,
    pause: true,
    resume: true,
    cancel: true,
    undo: true,
    list: true,
    report: true,
    errorFile: true,
    drop: true,
  },
  exports: { create: true },
  safety: { state: true, backUp: true, exportBook: true, look: true, restore: true, cancel: true, check: true, mend: true },
  outbox: {
    state: true,
    list: true,
    get: true,
    save: true,
    cancel: true,
    sendAgain: true,
    markSent: true,
    wake: true,
    account: true,
    changeAccount: true,
    removeAccount: true,
    test: true,
  },
  sync: {
    state: true,
    waiting: true,
    needs: true,
    settle: true,
    dismiss: true,
    marks: true,
    syncNow: true,
    workOffline: true,
    rehearse: true,
    compare: true,
    confirmDeletions: true,
    goOn: true,
    receipts: true,
    exportReceipts: true,
    look: true,
    join: true,
    leave: true,
    disconnect: true,
    devices: true,
    signOutDevice: true,
  },
  today: { queue: true, due: true, logCall: true },
  calendar: { days: true, move: true, file: true },
  reports: { get: true, file: true },
};

const events: Readonly<Record<keyof CrmEvents, true>> = {
  changed: true,
  status: true,
  undoState: true,
  importProgress: true,
  settings: true,
  safetyJob: true,
  outbox: true,
  sync: true,
};
export const eventNames = Object.keys(events) as (keyof CrmEvents)[];

/** Before the id of an activity: what `crm.files.save` is given to save its file. */
export const attachmentFilePrefix = 'attachment.';

/** The message in which the preload hands the storage page its port. */
export const STORAGE_PORT_MESSAGE = 'fieldbook:storage-port';
