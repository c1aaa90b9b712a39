import { useEffect, useRef } from 'react';

/**
 * Everything that can be done without a mouse, in one table: the keys, the palette and the `?` overlay are made from it,
 * so what is written beside an action is what works. A part of the screen offers an action while it is there.
 *
 * No single letter destroys: deleting has the Delete key, and only on rows that have the focus.
 */
export const actions = {
  newClient: { label: 'New client', group: 'Make', keys: [], words: 'create add company' },
  newContact: { label: 'New contact', group: 'Make', keys: [], words: 'create add person' },
  newLocation: { label: 'New location', group: 'Make', keys: [], words: 'create add place branch site' },
  newItemPrice: { label: 'New item price', group: 'Make', keys: [], words: 'create add product service' },
  newOpportunity: { label: 'New opportunity', group: 'Make', keys: [], words: 'create add deal sale lead' },
  newCase: { label: 'New case', group: 'Make', keys: [], words: 'create add ticket problem question' },
  newPerson: { label: 'New person or team', group: 'Make', keys: [], words: 'create add user colleague staff' },
  newTask: { label: 'New task', group: 'Make', keys: [], words: 'create add to do' },
  newInvoice: { label: 'New invoice', group: 'Make', keys: [], words: 'create add bill' },
  setPrices: { label: 'Set own prices', group: 'Make', keys: [], words: 'bulk many locations items raise lower percent clear tax' },
  goToday: { label: 'Go to today', group: 'Go to', keys: ['g h'], words: 'home due overdue follow-ups queue what is to do' },
  goCalendar: { label: 'Go to calendar', group: 'Go to', keys: ['g w'], words: 'week month day agenda dates visits' },
  goReports: {
    label: 'Go to reports',
    group: 'Go to',
    keys: ['g e'],
    words: 'charts numbers pipeline won lost revenue overdue statistics',
  },
  goImport: { label: 'Import a file', group: 'Go to', keys: ['g i'], words: 'csv excel vcard take in' },
  goClients: { label: 'Go to clients', group: 'Go to', keys: ['g c'] },
  goContacts: { label: 'Go to contacts', group: 'Go to', keys: ['g p'], words: 'people persons' },
  goLocations: { label: 'Go to locations', group: 'Go to', keys: ['g l'], words: 'places branches' },
  goPrices: { label: 'Go to prices', group: 'Go to', keys: ['g r'], words: 'items rates products tax' },
  goOpportunities: { label: 'Go to opportunities', group: 'Go to', keys: ['g o'], words: 'deals sales leads' },
  goCases: { label: 'Go to cases', group: 'Go to', keys: ['g k'], words: 'tickets problems' },
  goTasks: { label: 'Go to tasks', group: 'Go to', keys: ['g t'], words: 'to do' },
  goDirectory: { label: 'Go to people and teams', group: 'Go to', keys: ['g u'], words: 'users colleagues staff directory' },
  goActivities: { label: 'Go to activity', group: 'Go to', keys: ['g a'], words: 'calls visits comments files log' },
  goInvoices: { label: 'Go to invoices', group: 'Go to', keys: ['g v'], words: 'bills payments money' },
  goOutbox: { label: 'Go to outbox', group: 'Go to', keys: ['g m'], words: 'e-mail mail sent failed waiting' },
  goDuplicates: { label: 'Duplicates', group: 'Go to', keys: ['g d'], words: 'merge double twice same' },
  goOwnPrices: { label: 'Go to own prices', group: 'Go to', keys: [], words: 'custom location item overrides' },
  goRoles: { label: 'Go to roles at locations', group: 'Go to', keys: [], words: 'who works where people contacts' },
  goTags: { label: 'Go to tags', group: 'Go to', keys: [], words: 'rename labels' },
  goOwnFields: { label: 'Go to own fields', group: 'Go to', keys: [], words: 'custom fields columns' },
  goBackups: { label: 'Go to backups and check', group: 'Go to', keys: [], words: 'restore export whole book damage' },
  goSync: { label: 'Go to sync', group: 'Go to', keys: ['g y'], words: 'server conflict waiting offline receipts' },
  goConnect: {
    label: 'Connect to a server',
    group: 'Go to',
    keys: [],
    words: 'sync sign in fieldbook skhokho summit casework bottlecrm programs',
  },
  goReceipts: { label: 'Receipts of syncs', group: 'Go to', keys: [], words: 'what was sent received log' },
  goSettings: { label: 'Settings', group: 'Go to', keys: ['g s'], words: 'theme density name about preferences' },
  search: { label: 'Search everything', group: 'Everywhere', keys: ['mod+k', '/'], isInPalette: false },
  undo: { label: 'Undo', group: 'Everywhere', keys: ['mod+z'] },
  redo: { label: 'Redo', group: 'Everywhere', keys: ['mod+shift+z', 'mod+y'] },
  keys: { label: 'Show the keys', group: 'Everywhere', keys: ['?'], words: 'help shortcuts keyboard' },
  newHere: { label: 'New record in this list', group: 'Everywhere', keys: ['n'], isInPalette: false },
  syncNow: { label: 'Sync now', group: 'Everywhere', keys: ['s'], words: 'send receive server' },
  rehearse: { label: 'What would go and come', group: 'Everywhere', keys: ['r'], words: 'rehearse sync preview' },
  compare: { label: 'Compare with the server', group: 'Everywhere', keys: [], words: 'sync check differ missing mend records' },
  toggleTheme: { label: 'Switch between light and dark', group: 'Everywhere', keys: [], words: 'theme colour night' },
  next: { label: 'Next record', group: 'List and record', keys: ['j'], isInPalette: false },
  previous: { label: 'Previous record', group: 'List and record', keys: ['k'], isInPalette: false },
  call: { label: 'Call the number', group: 'List and record', keys: ['d'], words: 'dial phone ring' },
  logCall: { label: 'Log a call', group: 'List and record', keys: ['l'], words: 'phone rang activity' },
  logVisit: { label: 'Log a visit', group: 'List and record', keys: ['v'], words: 'met activity' },
  addComment: { label: 'Add a comment', group: 'List and record', keys: ['c'], words: 'note activity write' },
  edit: { label: 'Edit the open record', group: 'List and record', keys: ['e'] },
  favourite: { label: 'Add to favourites, or take out', group: 'List and record', keys: ['b'], words: 'star bookmark pin' },
  select: { label: 'Select the row', group: 'List and record', keys: ['x'], isInPalette: false },
  filter: { label: 'Filter this list', group: 'List and record', keys: ['f'] },
  conditions: { label: 'Join conditions with and, or', group: 'List and record', keys: ['w'], words: 'filter builder any all where' },
  newTaskHere: { label: 'New task for the open record', group: 'List and record', keys: ['t'], words: 'create add to do' },
  newOpportunityHere: { label: 'New opportunity for the open record', group: 'List and record', keys: ['o'], words: 'create add deal' },
  newInvoiceHere: { label: 'New invoice for the open record', group: 'List and record', keys: ['i'], words: 'create add bill' },
  writeEmail: { label: 'Write e-mail to the open record', group: 'List and record', keys: ['m'], words: 'mail send message' },
  switchView: {
    label: 'Switch between the list and its other view',
    group: 'List and record',
    keys: [],
    words: 'kanban columns stages pipeline grid locations',
  },
  changePrices: { label: 'Change the chosen prices', group: 'List and record', keys: ['p'], words: 'raise lower percent amount set grid' },
  saveView: { label: 'Save this list as a view', group: 'List and record', keys: [], words: 'filter keep pin' },
  columns: { label: 'Choose columns', group: 'List and record', keys: [] },
  showMonth: { label: 'Show the month', group: 'Calendar', keys: ['1'] },
  showWeek: { label: 'Show the week', group: 'Calendar', keys: ['2'] },
  showDay: { label: 'Show the day', group: 'Calendar', keys: ['3'] },
  showAgenda: { label: 'Show the agenda', group: 'Calendar', keys: ['4'] },
  overdueToToday: { label: 'Move what is overdue to today', group: 'Calendar', keys: ['shift+t'], words: 'late due' },
  deleteRecord: { label: 'Delete the open record', group: 'List and record', keys: [], words: 'remove' },
  showDeleted: { label: 'Show deleted records', group: 'List and record', keys: [], words: 'trash restore removed' },
} as const satisfies Record<string, ActionInfo>;

export interface ActionInfo {
  label: string;
  group: 'Everywhere' | 'Make' | 'Go to' | 'List and record' | 'Calendar';
  /** The first is the one that is shown. */
  keys: readonly string[];
  /** Further words that find it. */
  words?: string;
  isInPalette?: false;
}

export type ActionId = keyof typeof actions;
export const actionIds = Object.keys(actions) as ActionId[];

const handlers = new Map<ActionId, (() => void)[]>();

/** Offers an action while the component is there; the part that came last answers. Null offers nothing. */
export function useAction(id: ActionId, handler: (() => void) | null): void {
  const latest = useRef(handler);
  latest.current = handler;
  const isOffered = handler !== null;
  useEffect(() => {
    if (!isOffered) return;
    const run = () => latest.current?.();
    handlers.set(id, [...(handlers.get(id) ?? []), run]);
    return () => {
      handlers.set(
        id,
        (handlers.get(id) ?? []).filter((other) => other !== run),
      );
    };
  }, [id, isOffered]);
}

export function isOffered(id: ActionId): boolean {
  return (handlers.get(id)?.length ?? 0) > 0;
}

/** False where nothing on screen can do it now. */
export function runAction(id: ActionId): boolean {
  const run = handlers.get(id)?.at(-1);
  if (run === undefined) return false;
  run();
  return true;
}
