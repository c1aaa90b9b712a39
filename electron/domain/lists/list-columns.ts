import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nounNames, nouns, perNoun, titleOf } from '../../../shared/nouns/nouns.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { sortedInPieces } from '../../../shared/lib/sorted-in-pieces.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { BookReader } from '../book.ts';
import { ownFieldInfos } from '../own-fields.ts';
import { createBreather } from '../transfer/breather.ts';
import { type Column, createColumn, distinctAtMost, nextVersion, roomFor } from './column.ts';
import { dependsOnDay, fieldReader, listField } from './field-values.ts';
import { naturalKey, sortKeyOf } from './list-filter.ts';
import { createRanking, type Ranking } from './ranking.ts';

/** What lists ask of the records of a noun, without the records: each has a place, and each field a column. */
export interface Table {
  /** By place. Those before `sorted` are in order; what came later stands behind them. */
  readonly ids: readonly string[];
  readonly sorted: number;
  /** 1 where the record is neither deleted nor merged into another. */
  readonly live: Uint8Array;
  readonly liveVersion: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** Of all records, deleted ones too, by the title that others name them by. */
  readonly titles: Ranking;
  /** By what the noun's lists are sorted by unless somebody says otherwise. */
  readonly byTitlePath: Ranking;
  /** -1 where there is none. */
  placeOf(id: string): number;
}

/** The columns of all nouns, in memory alone: made from the records, and changed as they change. */
export interface ListColumns {
  /** Resolves when the noun has columns of these fields, as far as there may be any, and they are as the book is. */
  ready(noun: NounName, paths: Iterable<string>): Promise<void>;
  /** Null while it is made. What waits is taken in at once, however much it is: `ready` does it in slices. */
  table(noun: NounName): Table | null;
  /** How many changed records wait to be taken in; null while the columns are made. */
  waiting(noun: NounName): number | null;
  /** Another number after each change of a title, of which a record may be named. */
  titlesVersion(noun: NounName): number;
  /** Makes the columns of all nouns in the background, so that the first who asks does not wait. */
  begin(): Promise<void>;
  stop(): void;
}

interface Kept extends Table {
  ids: string[];
  sorted: number;
  live: Uint8Array;
  liveVersion: number;
  columns: Map<string, Column>;
  /** The fields that are read into `columns`, by path. */
  readers: Map<string, (record: StoredRecord) => unknown>;
  later: Map<string, number>;
  /** The day that columns follow from. */
  day: string;
}

const sliceMs = 5;
/** So many records between two looks at the clock. */
const readAtOnce = 32;
/** The same of values, each of which may be the title of another record. */
export const valuesAtOnce = 64;

export function createListColumns(deps: {
  book: Pick<BookReader, 'all' | 'get' | 'ids' | 'watch'>;
  clock: Clock;
  /** From so many distinct values on a column is wide, up to 65,535. */
  most?: number;
  breather?: () => () => Promise<boolean>;
}): ListColumns {
  const { book, clock, most = distinctAtMost, breather = () => createBreather(sliceMs) } = deps;
  const tables = new Map<NounName, Kept>();
  const making = new Map<NounName, Promise<void>>();
  const changed = perNoun(() => new Set<string>());
  const titlesVersions = perNoun(() => 0);
  let isStopped = false;

  book.watch((noun, before, after) => {
    // What leaves this computer stands for itself, and is named no more.
    const isGone = after.mergedInto === after.id;
    if (before === null || isGone || titleOf(noun, before) !== titleOf(noun, after)) titlesVersions[noun] += 1;
    if (tables.has(noun) || making.has(noun)) changed[noun].add(after.id);
  });

  /** In slices; what changes meanwhile is taken in when it is done. */
  async function make(noun: NounName, paths: Iterable<string>): Promise<void> {
    const found = tables.get(noun);
    tables.delete(noun);
    const breathe = breather();
    const table = found ?? emptyTable();
    const fields = fieldsWanted(book, noun, found === undefined ? [] : paths);
    for (const _ of fill(book, noun, table, { fields, today: clock.today(), most })) {
      await breathe();
      if (isStopped) return;
    }
    tables.set(noun, table);
  }

  function isLacking(noun: NounName, paths: Iterable<string>): boolean {
    const table = tables.get(noun);
    if (table === undefined) return true;
    const lacking = [...paths].filter((path) => !table.columns.has(path) || (dependsOnDay(noun, path) && table.day !== clock.today()));
    return lacking.length > 0 && fieldsWanted(book, noun, lacking).length > 0;
  }

  function* takeIn(noun: NounName, table: Kept): Generator<void> {
    for (const id of changed[noun]) {
      changed[noun].delete(id);
      put(noun, table, id, book.get(noun, id));
      yield;
    }
  }

  async function ready(noun: NounName, paths: Iterable<string>): Promise<void> {
    while (!isStopped && (making.has(noun) || isLacking(noun, paths))) {
      const begun = making.get(noun) ?? make(noun, paths).finally(() => making.delete(noun));
      making.set(noun, begun);
      await begun;
    }
    const table = tables.get(noun);
    if (table === undefined) return;
    const breathe = breather();
    let read = 0;
    for (const _ of takeIn(noun, table)) {
      read += 1;
      if (read % readAtOnce === 0) await breathe();
    }
  }

  async function begin(): Promise<void> {
    for (const noun of nounNames) if (!isStopped) await ready(noun, []);
  }

  return {
    ready,
    begin,
    table(noun) {
      const table = tables.get(noun);
      if (table === undefined) return null;
      for (const _ of takeIn(noun, table));
      return table;
    },
    waiting: (noun) => (tables.has(noun) ? changed[noun].size : null),
    titlesVersion: (noun) => titlesVersions[noun],
    stop() {
      isStopped = true;
    },
  };
}

/** Long texts are not kept: nobody sorts by them, and each is another. */
function isKept({ kind, secret }: FieldInfo): boolean {
  return kind !== 'multiline' && secret !== true;
}

/** Of these paths, or of all fields where none is given. */
function fieldsWanted(book: Pick<BookReader, 'all'>, noun: NounName, paths: Iterable<string>): FieldInfo[] {
  const asked = new Set(paths);
  const all = [...fieldsOf(noun), ...ownFieldInfos(book, noun)].filter(isKept);
  return asked.size === 0 ? all : all.filter(({ path }) => asked.has(path));
}

function emptyTable(): Kept {
  const later = new Map<string, number>();
  const table: Kept = {
    ids: [],
    sorted: 0,
    live: new Uint8Array(),
    liveVersion: nextVersion(),
    columns: new Map(),
    readers: new Map(),
    titles: createRanking(),
    byTitlePath: createRanking(),
    later,
    day: '',
    placeOf(id) {
      let low = 0;
      let high = table.sorted;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((table.ids[middle] as string) < id) low = middle + 1;
        else high = middle;
      }
      return low < table.sorted && table.ids[low] === id ? low : (later.get(id) ?? -1);
    },
  };
  return table;
}

/** Reads every record of the noun once, and from it these fields; in a table that is empty all there is to it. */
function* fill(
  book: Pick<BookReader, 'all' | 'ids'>,
  noun: NounName,
  table: Kept,
  { fields, today, most }: { fields: readonly FieldInfo[]; today: string; most: number },
): Generator<void> {
  const isNew = table.ids.length === 0;
  if (isNew) {
    let read = 0;
    const ids: string[] = [];
    for (const id of book.ids(noun)) {
      ids.push(id);
      read += 1;
      if (read % 256 === 0) yield;
    }
    const inOrder = sortedInPieces(ids, (left, right) => (left < right ? -1 : 1));
    let piece = inOrder.next();
    for (; piece.done !== true; piece = inOrder.next()) yield;
    table.ids = piece.value;
    table.sorted = table.ids.length;
    table.live = new Uint8Array(roomFor(table.sorted));
  }
  // Those that follow from a day that is over are read anew with the others.
  const stale = table.day === today ? [] : [...table.columns.keys()].filter((path) => dependsOnDay(noun, path));
  const wanted = [...new Set([...fields.map(({ path }) => path), ...stale])];
  table.day = today;
  for (const path of wanted) {
    const field = fields.find((one) => one.path === path) ?? listField(noun, path);
    table.columns.set(path, createColumn(table.live.length, field?.kind === 'reference' ? Number.POSITIVE_INFINITY : most));
    table.readers.set(path, fieldReader(noun, path, today));
  }
  const reads = wanted.map((path) => readOf(table, path));
  let next = 0;
  let isSame = true;
  for (const record of book.all(noun)) {
    // Most come in the order of their ids.
    const place = table.ids[next] === record.id ? next : table.placeOf(record.id);
    // What came meanwhile is taken in when this is done.
    if (place >= 0) {
      if (isNew) {
        putHead(noun, table, place, record);
        isSame &&= table.titles.keyAt(place) === table.byTitlePath.keyAt(place);
      }
      if (isListed(record)) for (const read of reads) read(place, record);
      next = place + 1;
    }
    if (next % readAtOnce === 0) yield;
  }
  if (!isNew) return;
  for (const _ of table.titles.sort(table.sorted, null)) yield;
  for (const _ of table.byTitlePath.sort(table.sorted, isSame ? table.titles : null)) yield;
}

function readOf(table: Kept, path: string): (place: number, record: StoredRecord) => void {
  const column = table.columns.get(path) as Column;
  const read = table.readers.get(path) as (record: StoredRecord) => unknown;
  return (place, record) => column.set(place, read(record));
}

function put(noun: NounName, table: Kept, id: string, record: StoredRecord | undefined): void {
  let place = table.placeOf(id);
  if (place < 0) {
    if (record === undefined) return;
    place = table.ids.length;
    table.ids.push(id);
    table.later.set(id, place);
    if (place >= table.live.length) {
      const larger = new Uint8Array(roomFor(place + 1));
      larger.set(table.live);
      table.live = larger;
    }
    for (const column of table.columns.values()) column.makeRoom(place + 1);
  }
  putHead(noun, table, place, record);
  if (record !== undefined && isListed(record)) for (const path of table.columns.keys()) readOf(table, path)(place, record);
}

function putHead(noun: NounName, table: Kept, place: number, record: StoredRecord | undefined): void {
  const live = record !== undefined && isListed(record) ? 1 : 0;
  if (table.live[place] !== live) {
    table.live[place] = live;
    table.liveVersion = nextVersion();
  }
  const title = record === undefined ? '' : naturalKey(titleOf(noun, record));
  table.titles.set(place, title);
  const key = record === undefined ? null : titleKeyOf(noun)(record);
  // One text for both where they say the same.
  table.byTitlePath.set(place, key === title ? title : key);
}

const titleKeys = new Map<NounName, (record: StoredRecord) => string | number | null>();

/** The sort key of the field that lists of the noun are sorted by. It follows from the record alone. */
function titleKeyOf(noun: NounName): (record: StoredRecord) => string | number | null {
  let read = titleKeys.get(noun);
  if (read === undefined) {
    const path = nouns[noun].titlePath;
    const field = listField(noun, path);
    if (field === undefined) throw new Error('A noun without the field of its title');
    const keyOf = sortKeyOf(field, () => null);
    const value = fieldReader(noun, path, '');
    read = (record) => keyOf(value(record));
    titleKeys.set(noun, read);
  }
  return read;
}

function isListed(record: StoredRecord): boolean {
  return record.deletedAt === null && record.mergedInto === null;
}

/** Keeps the value, and of all the last so many. */
export function remember<V>(known: Map<string, V>, key: string, value: V, most: number): void {
  known.delete(key);
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= most) break;
    known.delete(oldest);
  }
}
