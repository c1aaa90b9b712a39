import type { Banking } from '../../shared/nouns/client/client.ts';
import { type NounName, perNoun } from '../../shared/nouns/nouns.ts';
import { isSealed, secretPartsOf } from '../../shared/nouns/secret.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { type ActivityTimeline, createActivityTimeline } from './activity-timeline.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import type { Book } from './book.ts';
import type { Log } from './ports.ts';
import { type CalendarService, createCalendarService } from './calendar/calendar.service.ts';
import { createReportsService, type ReportsService } from './reports/reports.service.ts';
import { createDuplicateIndex, type DuplicateIndex } from './duplicates/duplicate-index.ts';
import { createDuplicateScan, type DuplicateScan } from './duplicates/duplicate-scan.ts';
import { createFavouriteService, type FavouriteService } from './favourite.service.ts';
import { createHistoryService, type HistoryService } from './history/history.service.ts';
import { createMergeService, type MergeService } from './merge/merge.service.ts';
import { createColumnLists, withColumns } from './lists/column-queries.ts';
import { createListColumns } from './lists/list-columns.ts';
import { withKeptOrders } from './lists/kept-orders.ts';
import { createMemoryQueries } from './lists/memory-queries.ts';
import { withUnsent } from './lists/unsent-queries.ts';
import { createInvoiceService, type InvoiceService } from './invoices/invoice.service.ts';
import { createLocationPriceService, type LocationPriceService } from './location-price.service.ts';
import type { RecordQueries } from './lists/record-queries.ts';
import { createRecordService, type RecordService } from './record.service.ts';
import { createSampleService, type SampleService } from './samples/sample.service.ts';
import { createDueRecords } from './due-records.ts';
import { createTagService, type TagService } from './tag.service.ts';
import { createTodayService, type TodayService } from './today.service.ts';
import { createReadModelFeed, type ReadModel } from './read-model.ts';
import { createSearchIndex } from './search/search-index.ts';
import { createSearchService, type SearchService } from './search/search.service.ts';
import type { SettingsService } from './settings.service.ts';
import { notFound } from '../../shared/operations/transaction.ts';
import { words } from '../../shared/words/words.ts';

/** All that can be asked of an open book. */
export interface BookServices {
  clients: RecordService<'clients'>;
  contacts: RecordService<'contacts'>;
  locations: RecordService<'locations'>;
  itemPrices: RecordService<'itemPrices'>;
  opportunities: RecordService<'opportunities'>;
  cases: RecordService<'cases'>;
  tasks: RecordService<'tasks'>;
  invoices: InvoiceService;
  directory: RecordService<'directory'>;
  ownFields: RecordService<'ownFields'>;
  tags: TagService;
  activities: RecordService<'activities'> & ActivityTimeline;
  locationContacts: RecordService<'locationContacts'>;
  locationItemPrices: RecordService<'locationItemPrices'>;
  /** What every location pays for every item. */
  locationPrices: LocationPriceService;
  /** Banking data in full, for one client that a person asked to see. */
  banking(clientId: string): Banking | null;
  queries: RecordQueries;
  history: HistoryService;
  search: SearchService;
  /** Records that a person wants at hand. */
  favourites: FavouriteService;
  duplicates: DuplicateIndex;
  duplicateScan: DuplicateScan;
  merges: MergeService;
  settings: SettingsService;
  sample: SampleService;
  /** What is to do today. */
  today: TodayService;
  /** What has a day, by days. */
  calendar: CalendarService;
  /** Numbers of the whole book. */
  reports: ReportsService;
  counts(): Record<NounName, number>;
  /** Resolves when search has every record; before that, it makes people wait. */
  searchReady(): Promise<void>;
  /** Stops what runs in the background. */
  close(): void;
}

/** Banking data without the texts that could not be opened on this computer. Throws when that is all of them. */
function readableBanking(banking: Banking): Banking {
  const texts = Object.entries(banking).filter(([part, value]) => value !== null && isSecretText(part));
  const sealed = texts.filter(([, value]) => value !== null && isSealed(value));
  if (sealed.length > 0 && sealed.length === texts.length) throw new ProblemError(bankingLocked);
  return { ...banking, ...Object.fromEntries(sealed.map(([part]) => [part, null])) };
}

const isSecretText = (part: string) => secretPartsOf('clients').get('banking')?.includes(part) === true;

const bankingLocked: Problem = {
  code: 'BANKING_LOCKED',
  ...words('records.bankingLocked'),
};

export function createBookServices(deps: {
  book: Book;
  model: ReadModel;
  clock: Clock;
  settings: SettingsService;
  log: Log;
  /** Nothing is begun in the background before it resolves. */
  proven?: Promise<boolean>;
}): BookServices {
  const { book, model, clock, settings, log, proven } = deps;
  const history = createHistoryService(book, clock);
  const finishing = proven === undefined ? history.finish() : proven.then((isProven) => (isProven ? history.finish() : undefined));
  finishing.catch((error: unknown) => log.warn('history.unfinished', { error: error instanceof Error ? error.name : 'unknown' }));
  const feed = createReadModelFeed({ book, model, log, ...(proven !== undefined && { proven }) });
  const index = createSearchIndex({ book, model, feed });
  const columns = createListColumns({ book, clock });
  const lists = createColumnLists({ book, clock, columns });
  const memory = createMemoryQueries({ book, clock, search: index, columns: lists });
  const queries = withUnsent(withKeptOrders(withColumns(memory, lists), feed), book);
  // When everything else is there: nobody who asks meanwhile waits for more than a slice of it.
  Promise.resolve(proven)
    .then((isProven) => (isProven === false ? undefined : feed.ready().then(lists.begin)))
    .catch((error: unknown) => log.warn('lists.columns-unmade', { error: error instanceof Error ? error.name : 'unknown' }));
  const search = createSearchService({ book, index, clock });
  const duplicates = createDuplicateIndex(book);
  const duplicateScan = createDuplicateScan(book, duplicates, clock);
  const due = createDueRecords(book, clock);
  const records = { book, queries, opened: search.opened, searchReady: feed.ready };
  return {
    clients: createRecordService('clients', records),
    contacts: createRecordService('contacts', records),
    locations: createRecordService('locations', records),
    itemPrices: createRecordService('itemPrices', records),
    opportunities: createRecordService('opportunities', records),
    cases: createRecordService('cases', records),
    tasks: createRecordService('tasks', records),
    invoices: createInvoiceService({ ...records, clock, settings }),
    directory: createRecordService('directory', records),
    ownFields: createRecordService('ownFields', records),
    tags: createTagService(book),
    activities: { ...createRecordService('activities', records), ...createActivityTimeline(book, clock) },
    locationContacts: createRecordService('locationContacts', records),
    locationItemPrices: createRecordService('locationItemPrices', records),
    locationPrices: createLocationPriceService({ book, queries }),
    banking(clientId) {
      const client = survivorOf((id) => book.get('clients', id), clientId);
      if (client === undefined) throw new ProblemError(notFound('clients'));
      return client.banking === null ? null : readableBanking(client.banking);
    },
    queries,
    history,
    search,
    favourites: createFavouriteService({ book, search, settings }),
    duplicates,
    duplicateScan,
    merges: createMergeService(book),
    settings,
    sample: createSampleService(book, clock),
    today: createTodayService({ book, clock, rule: () => settings.get().today, due }),
    calendar: createCalendarService({ book, clock, due }),
    reports: createReportsService({ book, clock }),
    counts: () => perNoun((noun) => book.counts(noun).live),
    searchReady: feed.ready,
    close() {
      feed.stop();
      columns.stop();
      duplicateScan.cancel();
      duplicates.stop();
    },
  };
}
