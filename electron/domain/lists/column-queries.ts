import { type FilterNode, isGroup } from '../../../shared/contracts/list.ts';
import { type NounName, nounNames, nouns, referenceFields } from '../../../shared/nouns/nouns.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { BookReader } from '../book.ts';
import { createBreather } from '../transfer/breather.ts';
import { createColumnMasks, hitsOf, type Mask, untold } from './column-masks.ts';
import { createColumnRanks, type PlaceRanks, sortedByRank } from './column-ranks.ts';
import { fieldAt } from './field-values.ts';
import { type ListColumns, remember, type Table } from './list-columns.ts';
import type { ListQuery, RecordQueries } from './record-queries.ts';

/** Lists answered from columns alone. */
export interface ColumnLists {
  /** Makes all columns in the background, and what orders by titles need, so that the first who asks does not wait. */
  begin(): Promise<void>;
  /** False while who asks for a list of the noun would wait for its columns to be made. */
  isMade(noun: NounName): boolean;
  /** Resolves when `ids` needs no more than numbers. */
  ready(noun: NounName, query: ListQuery): Promise<void>;
  /** The list in its order; null where it follows from something that no column has, or columns are still made. */
  ids(noun: NounName, query: ListQuery): { total: number; slice(from: number, to: number): string[] } | null;
  /** Ids of records among which are all of the list but those that change meanwhile; null where no column says anything of it. Yields between pieces. */
  candidates(noun: NounName, query: ListQuery): Generator<null, string[] | null>;
}

const listsKept = 8;
const sliceMs = 5;
/** Taken in with an answer; more than this is taken in before, in slices. */
const takenAtOnce = 32;

export function createColumnLists(deps: {
  book: Pick<BookReader, 'get' | 'all'>;
  clock: Clock;
  columns: ListColumns;
  breather?: () => () => Promise<boolean>;
}): ColumnLists {
  const { book, clock, columns, breather = () => createBreather(sliceMs) } = deps;
  const lists = new Map<string, { basis: string; places: Uint32Array }>();
  const { maskOf } = createColumnMasks(deps);
  const placeRanks = createColumnRanks(deps);

  const sortsOf = (noun: NounName, { sort }: ListQuery) =>
    sort.length > 0 ? sort : [{ path: nouns[noun].titlePath, descending: nouns[noun].isNewestFirst }];

  /** What the list follows from, as it is now. */
  function basisOf(noun: NounName, table: Table, query: ListQuery): string {
    const paths = [...new Set(pathsOf(query, sortsOf(noun, query)))];
    const parts = paths.map((path) => {
      const field = fieldAt(book, noun, path);
      return [field, table.columns.get(path)?.version, field?.of && columns.titlesVersion(field.of)];
    });
    return JSON.stringify([clock.today(), table.liveVersion, table.ids.length, table.byTitlePath.version, parts]);
  }

  function* answer(noun: NounName, query: ListQuery): Generator<null, Uint32Array | null> {
    const table = columns.table(noun);
    if (table === null) return null;
    const key = JSON.stringify([noun, query.filters, query.where, query.sort]);
    const basis = basisOf(noun, table, query);
    const kept = lists.get(key);
    if (kept?.basis === basis) {
      remember(lists, key, kept, listsKept);
      return kept.places;
    }
    const mask = yield* maskOf(noun, table, { match: 'all', of: conditionsOf(query) });
    if (mask === untold) return null;
    const sorts: { ranks: PlaceRanks; descending: boolean }[] = [];
    for (const { path, descending } of sortsOf(noun, query)) {
      const ranks = yield* placeRanks(noun, table, path);
      if (ranks === null) return null;
      sorts.push({ ranks, descending });
    }
    let places = hitsOf(table, mask);
    for (const { ranks, descending } of sorts.reverse()) places = sortedByRank(places, ranks, descending);
    // Where something changed between two pieces it is worked out again with the next question.
    remember(lists, key, { basis, places }, listsKept);
    return places;
  }

  /** Columns of these fields, and titles of what is sorted by, are there, and next to nothing waits to be taken in. */
  async function settle(noun: NounName, paths: readonly string[], sorts: readonly { path: string }[]): Promise<void> {
    const named = sorts.flatMap(({ path }) => fieldAt(book, noun, path)?.of ?? []);
    do {
      await columns.ready(noun, paths);
      for (const of of named) await columns.ready(of, []);
    } while ([noun, ...named].some((one) => (columns.waiting(one) ?? 0) > takenAtOnce));
  }

  const now = <T>(pieces: Generator<null, T>): T => {
    for (;;) {
      const piece = pieces.next();
      if (piece.done === true) return piece.value;
    }
  };

  return {
    async begin() {
      await columns.begin();
      const breathe = breather();
      for (const noun of nounNames) {
        for (const { path } of referenceFields(noun)) {
          await settle(noun, [], [{ path }]);
          const table = columns.table(noun);
          if (table !== null) for (const _ of placeRanks(noun, table, path)) await breathe();
        }
      }
    },
    isMade: (noun) => columns.waiting(noun) !== null,
    async ready(noun, query) {
      const sorts = sortsOf(noun, query);
      await settle(noun, pathsOf(query, sorts), sorts);
      const breathe = breather();
      for (const _ of answer(noun, query)) await breathe();
    },
    ids(noun, query) {
      const places = now(answer(noun, query));
      const ids = columns.table(noun)?.ids;
      if (places === null || ids === undefined) return null;
      return { total: places.length, slice: (from, to) => Array.from(places.subarray(from, to), (place) => ids[place] as string) };
    },
    *candidates(noun, query) {
      const table = isPlain(query) ? columns.table(noun) : null;
      if (table === null) return null;
      let first: Mask | null = null;
      for (const node of conditionsOf(query)) {
        const mask: Mask | null | typeof untold = yield* maskOf(noun, table, node);
        if (mask === null || mask === untold) continue;
        if (first === null) first = mask;
        else for (let at = 0; at < first.length; at += 1) first[at] = (first[at] as number) & (mask[at] as number);
      }
      if (first === null) return null;
      return Array.from(hitsOf(table, first), (place) => table.ids[place] as string);
    },
  };
}

/** Answers from columns what they can tell; every other list is worked out from the records. */
export function withColumns(
  queries: RecordQueries,
  lists: ColumnLists,
): RecordQueries & {
  /** Like `ready`, but false at once while columns are made, and where they cannot tell the list. */
  readyByColumns(noun: NounName, query: ListQuery): Promise<boolean>;
} {
  const told = (noun: NounName, query: ListQuery) => (isPlain(query) ? lists.ids(noun, query) : null);
  return {
    ...queries,
    async readyByColumns(noun, query) {
      if (!isPlain(query) || !lists.isMade(noun)) return false;
      await lists.ready(noun, query);
      return told(noun, query) !== null;
    },
    async ready(noun, query) {
      if (isPlain(query)) await lists.ready(noun, query);
      if (told(noun, query) === null) await queries.ready(noun, query);
    },
    list(noun, { offset, limit, ...query }) {
      const found = told(noun, query);
      if (found === null) return queries.list(noun, { offset, limit, ...query });
      const rows = found.slice(offset, offset + limit).flatMap((id) => queries.get(noun, id) ?? []);
      return { rows, total: found.total, deleted: queries.count(noun).deleted };
    },
    ids(noun, query) {
      const found = told(noun, query);
      return found === null ? queries.ids(noun, query) : found.slice(0, found.total);
    },
  };
}

/** Lists of all live records, filtered and sorted: no words, no parent, no board. */
function isPlain({ show, search, parentId, column }: ListQuery): boolean {
  return show === 'live' && search === '' && parentId === null && column === undefined;
}

function conditionsOf({ filters, where }: ListQuery): FilterNode[] {
  return where === null ? filters : [...filters, ...(where.match === 'all' ? where.of : [where])];
}

function pathsOf(query: ListQuery, sorts: readonly { path: string }[]): string[] {
  const inNode = (node: FilterNode): string[] => (isGroup(node) ? node.of.flatMap(inNode) : [node.path]);
  return [...conditionsOf(query).flatMap(inNode), ...sorts.map(({ path }) => path)];
}
