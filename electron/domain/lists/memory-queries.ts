import { fieldsOf, type NounName, nouns, parentNounsOf, referenceFields, titleOf, perNoun } from '../../../shared/nouns/nouns.ts';
import { type FieldFilter, type FilterNode, isGroup } from '../../../shared/contracts/list.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { mergedInPieces, sortedInPieces } from '../../../shared/lib/sorted-in-pieces.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import type { BookReader } from '../book.ts';
import { createBreather } from '../transfer/breather.ts';
import { type BoardSums, columnPlaceOf, columnsOf, createBoardSums } from './board-sums.ts';
import type { ColumnLists } from './column-queries.ts';
import { createChangeLog } from './change-log.ts';
import { dependsOnDay, fieldAt as fieldIn, fieldReader, titleIn } from './field-values.ts';
import { matcherOf, type SortKey, sortKeyOf } from './list-filter.ts';
import { parentIds, type StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { ListQuery, RecordQueries } from './record-queries.ts';
import { createViewers, type Viewers } from './record-views.ts';
import { words } from '../../../shared/words/words.ts';

/** Words to find in any field, as in the search box. */
export interface WordSearch {
  /** Ids of the live records of the noun that hold all words of the text; null when it asks for nothing. */
  idsWith(noun: NounName, text: string): readonly string[] | null;
  /** The same for one record, also a deleted one. */
  matcher(noun: NounName, text: string): (record: StoredRecord) => boolean;
}

interface Row {
  id: string;
  keys: SortKey[];
}

/** A list worked out: which records belong to it and in which order. */
interface Plan {
  belongs: (record: StoredRecord) => boolean;
  rowOf: (record: StoredRecord) => Row;
  compare: (left: Row, right: Row) => number;
  /** Nouns whose records it names by title; another title there may change filter and order. */
  refersTo: ReadonlySet<NounName>;
  dependsOnDay: boolean;
}

interface KnownList extends Plan {
  rows: Row[];
  /** Where it is a board: its columns one after the other in `rows`, and what each adds up to. */
  board: BoardSums | null;
  /** How much of the change log it has taken in, and what it was worked out from. */
  seen: number;
  basis: string;
  /** What a text finds depends on the whole index: such a list is worked out again after any change. */
  isFound: boolean;
}

const listsKept = 8;
/** Main answers other calls between slices. */
const sliceMs = 5;
/** So many records are read between two looks at the clock. */
const readAtOnce = 32;
/** So many changes a list takes in one by one; more of them are sorted in together. */
const oneByOne = 64;
/** While the book changes all the time, as in an import, a list is worked out anew so many times, and then in one piece. */
const triesAtMost = 3;

/**
 * Queries over the records in main's memory. A list that was asked for stays sorted: single changes are put in and
 * taken out at their place, so that paging and editing cost the same in a book of any size.
 */
export function createMemoryQueries(deps: {
  book: BookReader;
  clock: Clock;
  search: WordSearch;
  /** Where there are columns: then only the records that they leave are read. */
  columns?: Pick<ColumnLists, 'candidates'>;
  /** How long work lets others have their turn; tests count and change the book there. */
  breather?: () => () => Promise<boolean>;
}): RecordQueries {
  const { book, clock, search, columns, breather = () => createBreather(sliceMs) } = deps;
  const viewers = createViewers(book, clock);
  const lists = new Map<string, KnownList>();
  const working = new Map<string, Promise<void>>();
  const log = createChangeLog(book);
  const titleVersions = perNoun(() => 0);
  const sortKeys = new Map<string, WeakMap<StoredRecord, SortKey>>();

  book.watch((noun, before, after) => {
    if (before === null || noun === 'ownFields' || titleOf(noun, before) !== titleOf(noun, after)) titleVersions[noun] += 1;
  });

  function keyOf(noun: NounName, { filters, where, search: text, parentId, sort, show, column }: ListQuery): string {
    return JSON.stringify([noun, filters, where, text, parentId, sort, show, column !== undefined]);
  }

  function known(noun: NounName, query: ListQuery): KnownList {
    const key = keyOf(noun, query);
    const found = lists.get(key);
    const list = found === undefined || !catchUp(noun, found) ? atOnce(workOut(noun, query)) : found;
    keep(key, list);
    return list;
  }

  function keep(key: string, list: KnownList): void {
    lists.delete(key);
    lists.set(key, list);
    for (const oldest of lists.keys()) {
      if (lists.size <= listsKept) break;
      lists.delete(oldest);
    }
  }

  /** Works the list out while others have their turns between; who asks for it then gets it at once. */
  function ready(noun: NounName, query: ListQuery): Promise<void> {
    const key = keyOf(noun, query);
    const found = lists.get(key);
    if (found !== undefined && catchUp(noun, found)) return Promise.resolve();
    const begun = working.get(key) ?? inSlices(noun, query, key).finally(() => working.delete(key));
    working.set(key, begun);
    return begun;
  }

  async function inSlices(noun: NounName, query: ListQuery, key: string): Promise<void> {
    const breathe = breather();
    const release = log.hold(noun);
    try {
      for (let at = 0; at < triesAtMost; at += 1) {
        const pieces = workOut(noun, query);
        for (;;) {
          const piece = pieces.next();
          if (piece.done !== true) await breathe();
          else if (catchUp(noun, piece.value)) return keep(key, piece.value);
          else break;
        }
      }
    } finally {
      release();
    }
  }

  /** The rows of the list, or of one column where it is a board. */
  function rowsOf(noun: NounName, query: ListQuery): readonly Row[] {
    const { rows } = known(noun, query);
    if (query.column === undefined) return rows;
    const at = columnsOf(noun).indexOf(query.column);
    if (at < 0) throw new ProblemError(unknownColumn(noun, query.column));
    return rows.slice(columnStart(rows, at), columnStart(rows, at + 1));
  }

  /** Yields between pieces. What changes meanwhile is read again, the last of it in one piece with the answer. */
  function* workOut(noun: NounName, query: ListQuery): Generator<null, KnownList> {
    let seen = log.end(noun);
    const plan = planOf(noun, query);
    const basis = basisOf(plan);
    const found = query.show === 'live' ? search.idsWith(noun, query.search) : null;
    const board = query.column === undefined ? null : createBoardSums(noun);
    const cards = new Map<string, StoredRecord>();
    const leave = (id: string) => {
      const card = cards.get(id);
      if (card === undefined || !cards.delete(id)) return;
      board?.count(card, -1);
    };
    function* rowsOfAll(records: Iterable<StoredRecord | undefined>): Generator<null, Row[]> {
      const rows: Row[] = [];
      let read = 0;
      for (const record of records) {
        read += 1;
        if (read % readAtOnce === 0) yield null;
        if (record === undefined || !plan.belongs(record)) continue;
        rows.push(plan.rowOf(record));
        if (board === null) continue;
        leave(record.id);
        cards.set(record.id, record);
        board.count(record, 1);
      }
      return yield* sortedInPieces(rows, plan.compare);
    }
    let rows = yield* rowsOfAll(yield* recordsFor(noun, query, found));
    // A list that words narrow is worked out again after any change.
    for (let isSettled = found !== null, pass = 1; !isSettled; pass += 1) {
      const touched = new Set(log.since(noun, seen)?.map(([, { id }]) => id));
      // An import that goes on would never let it end.
      isSettled = touched.size <= oneByOne || pass >= triesAtMost;
      seen = log.end(noun);
      if (touched.size === 0) break;
      for (const id of touched) leave(id);
      const others = rows.filter(({ id }) => !touched.has(id));
      const renewed = rowsOfAll(recordsOf(noun, touched));
      rows = isSettled
        ? atOnce(mergedInPieces(others, atOnce(renewed), plan.compare))
        : yield* mergedInPieces(others, yield* renewed, plan.compare);
    }
    return { ...plan, rows, board, seen, basis, isFound: found !== null };
  }

  function* recordsFor(
    noun: NounName,
    query: ListQuery,
    found: readonly string[] | null,
  ): Generator<null, Iterable<StoredRecord | undefined>> {
    if (found !== null) return recordsOf(noun, found);
    if (query.parentId !== null) return book.children(noun, query.parentId);
    if (query.show === 'deleted') return book.mentioning(noun, 'deletedAt');
    const candidates = columns === undefined ? null : yield* columns.candidates(noun, query);
    return candidates === null ? book.all(noun) : recordsOf(noun, candidates);
  }

  function* recordsOf(noun: NounName, ids: Iterable<string>): Generator<StoredRecord | undefined> {
    for (const id of ids) yield book.get(noun, id);
  }

  const basisOf = (plan: Plan) =>
    `${plan.dependsOnDay ? clock.today() : ''} ${[...plan.refersTo].map((noun) => titleVersions[noun]).join(' ')}`;

  /** Takes the changes since into the list; false when it is better worked out again. */
  function catchUp(noun: NounName, list: KnownList): boolean {
    const changes = log.since(noun, list.seen);
    if (changes === null || list.basis !== basisOf(list) || (list.isFound && changes.length > 0)) return false;
    for (const [before, after] of changes) {
      if (before !== null && list.belongs(before)) {
        const row = list.rowOf(before);
        const at = placeOf(list.rows, row, list.compare);
        if (list.rows[at]?.id !== row.id) return false;
        list.rows.splice(at, 1);
        list.board?.count(before, -1);
      }
      if (list.belongs(after)) {
        const row = list.rowOf(after);
        list.rows.splice(placeOf(list.rows, row, list.compare), 0, row);
        list.board?.count(after, 1);
      }
    }
    list.seen = log.end(noun);
    return true;
  }

  function planOf(noun: NounName, query: ListQuery): Plan {
    const today = clock.today();
    // A text also finds a record by the titles of those it names.
    const refersTo = new Set<NounName>(query.search === '' ? [] : [...parentNounsOf(noun), ...referenceFields(noun).map(({ of }) => of)]);
    const paths = new Set<string>();
    const fieldAt = (path: string, part: string) => {
      const isOwn = path.startsWith('custom.');
      // Its kind and its choices decide order and matches, so a change of the field is one of the list.
      if (isOwn) refersTo.add('ownFields');
      const field = fieldIn(book, noun, path);
      if (field === undefined) throw new ProblemError(unknownField(noun, path, part));
      if (field.of !== undefined) refersTo.add(field.of);
      paths.add(path);
      return { field, titleOf: titleIn(book, field.of), read: fieldReader(noun, path, today) };
    };
    let isCountedFromToday = false;
    const conditionOf = (filter: FieldFilter, part: string): Belongs | null => {
      const { field, titleOf: nameOf, read } = fieldAt(filter.path, `${part}.path`);
      const matches = matcherOf(field, filter, nameOf, clock);
      if (filter.operator === 'within') isCountedFromToday = true;
      return matches === null ? null : (record) => matches(read(record));
    };
    const filters: FilterNode = { match: 'all', of: query.where === null ? query.filters : [...query.filters, query.where] };
    const isAsked = belongsOf(filters, 'filters', conditionOf) ?? (() => true);
    const sortOn = (path: string, isDescending: boolean, part: string) => {
      const { field, titleOf: nameOf, read } = fieldAt(path, part);
      const keyOf = sortKeyOf(field, nameOf);
      const keep = field.of === undefined && !dependsOnDay(noun, path) ? keptKeys(`${noun} ${path} ${field.kind}`) : null;
      return { key: remembered(keep, (record) => keyOf(read(record))), sign: isDescending ? -1 : 1 };
    };
    const { board } = nouns[noun];
    const order = query.sort.length === 0 && query.column !== undefined && board !== null ? board.order : query.sort;
    const sorts = order.map(({ path, descending }, index) => sortOn(path, descending, `sort.${index}.path`));
    if (sorts.length === 0) {
      if (query.show === 'deleted') sorts.push({ key: (record) => record.deletedAt, sign: -1 });
      sorts.push(sortOn(nouns[noun].titlePath, nouns[noun].isNewestFirst, 'sort'));
    }
    if (query.column !== undefined) sorts.unshift({ key: columnPlaceOf(noun), sign: 1 });
    const { show, parentId } = query;
    // Deleted records are not in the search index; there the text is looked for in the record itself.
    const hasWords = show === 'deleted' ? search.matcher(noun, query.search) : () => true;
    return {
      refersTo,
      dependsOnDay: isCountedFromToday || [...paths].some((path) => dependsOnDay(noun, path)),
      belongs: (record) =>
        (record.deletedAt === null) === (show === 'live') &&
        record.mergedInto === null &&
        (parentId === null || parentIds(noun, record).includes(parentId)) &&
        isAsked(record) &&
        hasWords(record),
      rowOf: (record) => ({ id: record.id, keys: sorts.map(({ key }) => key(record)) }),
      compare(left, right) {
        for (let at = 0; at < sorts.length; at += 1) {
          const a = left.keys[at] as SortKey;
          const b = right.keys[at] as SortKey;
          if (a === b) continue;
          if (a === null) return 1;
          if (b === null) return -1;
          return a < b ? -(sorts[at] as { sign: number }).sign : (sorts[at] as { sign: number }).sign;
        }
        return left.id < right.id ? -1 : left.id === right.id ? 0 : 1;
      },
    };
  }

  function keptKeys(name: string): WeakMap<StoredRecord, SortKey> {
    let keys = sortKeys.get(name);
    if (keys === undefined) {
      keys = new WeakMap();
      sortKeys.set(name, keys);
    }
    return keys;
  }

  return {
    ready,
    list(noun, { offset, limit, ...query }) {
      const rows = rowsOf(noun, query);
      const view = viewers[noun] as Viewers[typeof noun];
      return {
        rows: rows.slice(offset, offset + limit).map(({ id }) => view(book.get(noun, id) as never)),
        total: rows.length,
        deleted:
          query.parentId === null
            ? book.counts(noun).deleted
            : book.children(noun, query.parentId).filter(({ deletedAt, mergedInto }) => deletedAt !== null && mergedInto === null).length,
      };
    },
    ids: (noun, query) => rowsOf(noun, query).map(({ id }) => id),
    board(noun, query, isCounted) {
      const { rows, board } = known(noun, { ...query, column: query.column ?? '' });
      if (isCounted === undefined || board === null) return board?.columns() ?? [];
      const counted = createBoardSums(noun);
      for (const { id } of rows) if (isCounted(id)) counted.count(book.get(noun, id) as StoredRecord, 1);
      return counted.columns();
    },
    get(noun, id) {
      const record = survivorOf((one) => book.get(noun, one), id);
      return record === undefined ? null : (viewers[noun] as Viewers[typeof noun])(record as never);
    },
    count: (noun) => book.counts(noun),
  };
}

function atOnce<T>(pieces: Generator<null, T>): T {
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return piece.value;
  }
}

type Belongs = (record: StoredRecord) => boolean;

/**
 * Whether a record is as conditions joined by "all" and "any" say; null where they ask for nothing. A condition that asks for nothing
 * yet counts as not there: "any of" it and others means the others.
 */
function belongsOf(node: FilterNode, part: string, conditionOf: (filter: FieldFilter, part: string) => Belongs | null): Belongs | null {
  if (!isGroup(node)) return conditionOf(node, part);
  const asked = node.of.flatMap((one, at) => belongsOf(one, isGroup(one) ? 'where' : `${part}.${at}`, conditionOf) ?? []);
  if (asked.length <= 1) return asked[0] ?? null;
  return node.match === 'all' ? (record) => asked.every((one) => one(record)) : (record) => asked.some((one) => one(record));
}

function remembered(
  keys: WeakMap<StoredRecord, SortKey> | null,
  keyOf: (record: StoredRecord) => SortKey,
): (record: StoredRecord) => SortKey {
  if (keys === null) return keyOf;
  return (record) => {
    let key = keys.get(record);
    if (key === undefined) {
      key = keyOf(record);
      keys.set(record, key);
    }
    return key;
  };
}

/** Where the row stands, or would stand. */
function placeOf(rows: readonly Row[], row: Row, compare: Plan['compare']): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rows[middle] as Row, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a column of a board begins: its place is the first key of its rows. */
function columnStart(rows: readonly Row[], column: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((rows[middle] as Row).keys[0] as number) < column) low = middle + 1;
    else high = middle;
  }
  return low;
}

function unknownColumn(noun: NounName, column: string) {
  return {
    code: 'INVALID_INPUT',
    field: 'column',
    ...words('records.noColumn', { noun, column }),
  };
}

function unknownField(noun: NounName, path: string, part: string) {
  const secret = fieldsOf(noun).find((field) => field.path === path);
  return {
    code: 'INVALID_INPUT',
    field: part,
    ...(secret === undefined ? words('records.noListField', { noun, path }) : words('records.hiddenField', { label: secret.label })),
  };
}
