import { LRUCache } from 'lru-cache';
import { type RawBuilder, sql } from 'kysely';
import { type Condition, type ListQuery, type Search, wordsOfSearch } from '../../shared/dialects/list-query.ts';
import { stepsOf } from '../../shared/nouns/field.ts';
import { searchFold } from '../../shared/lib/text.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { idsWithFacets } from './facets.ts';
import { hasNameGrams, numbersByName } from './name-grams.ts';
import {
  facetStart,
  facetTerm,
  isCompared,
  isFacet,
  keyOf,
  nameFieldOf,
  parentColumns,
  parentFields,
  termFor,
  withWordMarks,
  wordMark,
  wordsOf,
} from './record-row.ts';
import { seesAll, type Sight, type Sql } from './sight.ts';
import type { Along, Kept, Tenant } from './tenant.ts';
import { untilChanged } from './until-changed.ts';

export interface ListRequest {
  of: NounName;
  query: ListQuery;
  /** Whole numbers or the records' own ids: what the dialect calls records by. */
  idsAreIntegers: boolean;
  /** Which records the person may see. */
  sight: Sight;
  /** The number of the organisation's last change when the request began. */
  seq: number;
  /** Deleted ones too. */
  withDeleted?: boolean;
  /** What whoever writes the rows asks for; fetched with them. */
  along?: Along;
}

/** Pages that begin further on are found among the ids first, from the last such page before them. */
const deepOffset = 200;

/** From about here on walking the list in its order and asking each record is faster than fetching all that match. */
const broad = 1_000;

/**
 * How a page is found. The planner takes what a filter finds for much less or much more than it is, so it is looked first:
 * the few there are, in the order of the list, a list for each part, or as many as have to be asked one by one in that order.
 */
type Plan = { few: string[][] } | 'walk';

/** Ids of all that a filter found, part by part. */
const foundBefore = untilChanged<Plan>({ most: 300_000, mostOne: 10_000 }, (plan) => (plan === 'walk' ? 0 : plan.few.flat().length) + 20);

/** Which records a page has, and these themselves where they were fetched on the way. */
interface Planned {
  plan: Plan;
  rows: Kept[] | null;
}

async function planOf(tenant: Tenant, request: ListRequest, parts: readonly Condition[]): Promise<Planned | null> {
  const { of, query, seq } = request;
  if (query.page === null) return null;
  const facets = query.conditions.filter((condition) => isFacetAsked(condition, of));
  if (partOf(of, query) === null && facets.length === 0) return null;
  const key = keyOfPlan(tenant, request, parts);
  const known = foundBefore.get(key, seq);
  if (known !== null) return { plan: known, rows: null };
  const planned = (await few(tenant, request, query.page, parts, facets)) ?? { plan: 'walk', rows: null };
  foundBefore.put(key, seq, planned.plan);
  return planned;
}

/** The text that a list wants somewhere in a name; null where it wants none. */
function partOf(of: NounName, { conditions, search }: ListQuery): string | null {
  const condition = conditions.find(({ path, is }) => is === 'contains' && path === nameFieldOf(of));
  if (condition !== undefined) return searchFold(String(condition.value));
  return search?.inside?.includes(nameFieldOf(of)) === true ? searchFold(search.text.trim()) : null;
}

/**
 * Where few records can have the wanted text in their name: that a record is one of these. What a search finds in other fields
 * is among them, by the terms it is looked up by there.
 */
async function maybeNamed(tenant: Tenant, { of, query, seq }: ListRequest): Promise<Sql | null> {
  const part = partOf(of, query);
  if (part === null || !hasNameGrams(of)) return null;
  const numbers = await numbersByName(tenant, of, seq, part, broad);
  if (numbers === null) return null;
  if (query.search?.inside === undefined) return sql`r.number = any(${numbers}::bigint[])`;
  const others = termFor(of, { ...query.search, inside: [] });
  if (others === null) return null;
  return sql`r.id in (
    select t.id from terms t where ${termIs(tenant, of, others.term)}
    union all
    select n.id from records n where n.organisation_id = ${tenant.organisation} and n.collection = ${sql.lit(of)}
      and n.number = any(${numbers}::bigint[]))`;
}

/** Says all that what is found depends on. */
function keyOfPlan(
  { organisation, tx }: Tenant,
  { of, query, idsAreIntegers, sight, withDeleted }: ListRequest,
  parts: readonly Condition[],
): string {
  const visible = sight(of, 'r');
  const seen = visible === seesAll ? null : visible.compile(tx);
  const { conditions, search, sort } = query;
  return JSON.stringify([organisation, of, conditions, search, sort, idsAreIntegers, seen?.sql, seen?.parameters, withDeleted, parts]);
}

/** All that meet the request, where what is looked up by is few; null where it is not. */
async function few(
  tenant: Tenant,
  request: ListRequest,
  page: NonNullable<ListQuery['page']>,
  parts: readonly Condition[],
  facets: readonly Condition[],
): Promise<Planned | null> {
  const { of } = request;
  const found = await lookUp(tenant, request, facets);
  if (found === null) return null;
  const conditions = request.query.conditions.filter((condition) => !found.met.includes(condition));
  const where = [...whereOf(tenant, { ...request, query: { ...request.query, conditions } }, 'walk'), found.are];
  const asked = parts.length === 0 ? [sql`true`] : parts.map((condition) => conditionOf(tenant, condition, request, 'walk'));
  const lists = sql.join(asked.map((_, at) => sql`array(select id from found where is_in[${sql.lit(at + 1)}]) as ${sql.ref(`ids_${at}`)}`));
  const [from, to] = [page.offset + 1, page.offset + page.limit];
  const shown = sql.join(
    asked.map((_, at) => sql`${sql.ref(`lists.ids_${at}`)}[${from}::int:${to}::int]`),
    sql` || `,
  );
  const tables = sql`found as materialized (
      select r.id, array[${sql.join(asked)}] as is_in from records r where ${sql.join(where, sql` and `)} order by ${orderOf(request, 'r')}),
    lists as materialized (select ${lists})`;
  const query = sql`select d.doc, d.number from records d where d.organisation_id = ${tenant.organisation}
    and d.collection = ${sql.lit(of)} and d.id = any(array(select unnest(${shown}) from lists))`;
  const value = sql`(select to_jsonb(lists) from lists)`;
  const read = await tenant.rows(of, query, { ...(request.along ?? nothingAlong), sight: request.sight }, { tables, value });
  const ids = read.value as Record<string, string[]>;
  return { plan: { few: asked.map((_, at) => ids[`ids_${at}`] as string[]) }, rows: read.list };
}

/** What names and facets are looked up by finds few records: which these are, and which conditions all of them meet. */
async function lookUp(
  tenant: Tenant,
  request: ListRequest,
  facets: readonly Condition[],
): Promise<{ are: Sql; met: readonly Condition[] } | null> {
  const { of, seq } = request;
  const named = await maybeNamed(tenant, request);
  if (named !== null) return { are: named, met: [] };
  if (facets.length === 0) return null;
  const terms = [];
  for (const one of facets) terms.push(await termsOfFacet(tenant, one, request));
  const found = await idsWithFacets(tenant, of, seq, terms, broad);
  if (found === null) return null;
  return { are: sql`r.id = any(${found.ids}::text[])`, met: found.met.map((at) => facets[at] as Condition) };
}

/** Answers a list in SQL, as `answerList` of shared/dialects/list-query.ts answers it from memory. */
export async function listRecords(tenant: Tenant, request: ListRequest): Promise<ListPage> {
  const planned = await planOf(tenant, request, []);
  return (await pagesOfFew(tenant, request, planned))?.[0] ?? pageOf(tenant, request, planned === null ? null : 'walk');
}

export interface ListPage {
  rows: Kept[];
  total: number;
}

/** One page each of the parts a list comes in: the records that meet one further condition each. */
export async function listParts(tenant: Tenant, request: ListRequest, parts: readonly Condition[]): Promise<ListPage[]> {
  const planned = await planOf(tenant, request, parts);
  const found = await pagesOfFew(tenant, request, planned);
  if (found !== null) return found;
  const pages: ListPage[] = [];
  for (const part of parts) {
    const query = { ...request.query, conditions: [...request.query.conditions, part] };
    pages.push(await pageOf(tenant, { ...request, query }, planned === null ? null : 'walk'));
  }
  return pages;
}

/** Null where the list has to be walked. */
async function pagesOfFew(tenant: Tenant, request: ListRequest, planned: Planned | null): Promise<ListPage[] | null> {
  if (planned === null || planned.plan === 'walk') return null;
  const { of, query, withDeleted } = request;
  const lists = planned.plan.few;
  const { offset, limit } = query.page ?? { offset: 0, limit: broad };
  const shown = lists.map((ids) => ids.slice(offset, offset + limit));
  // Somebody may have deleted one since it was found.
  const live = (planned.rows ?? (await tenant.get(of, shown.flat()))).filter(
    ({ record }) => withDeleted === true || record.deletedAt === null,
  );
  const kept = new Map(live.map((one) => [one.record.id, one]));
  return lists.map((ids, at) => ({ rows: (shown[at] ?? []).flatMap((id) => kept.get(id) ?? []), total: ids.length }));
}

async function pageOf(tenant: Tenant, request: ListRequest, plan: 'walk' | null): Promise<ListPage> {
  const { page } = request.query;
  const where = sql.join([...whereOf(tenant, request, plan)], sql` and `);
  const limits = page === null ? sql`` : sql`limit ${page.limit} offset ${page.offset}`;
  const term = termOfPage(request);
  if (term !== null) {
    const { rows, total } = await pageOfTerm(tenant, request, term, limits);
    if (rows.length > 0) return { rows, total };
  }
  const rows =
    page !== null && page.offset >= deepOffset
      ? await deepRows(tenant, request, page, where)
      : await rowsOf(tenant, request, pageQuery(tenant, request, sql`where ${where}`, limits, plan === 'walk'));
  if (page === null) return { rows, total: rows.length };
  // The last page says how many there are without counting.
  if (rows.length < page.limit && (rows.length > 0 || page.offset === 0)) return { rows, total: page.offset + rows.length };
  const counted = plan === 'walk' ? sql.join([...whereOf(tenant, request, null)], sql` and `) : where;
  return { rows, total: await count(tenant, request.seq, sql`select count(*)::int as n from records r where ${counted}`) };
}

const nothingAlong: Along = { children: [], parents: [] };

/** The rows of a page, and with them what comes along. */
async function rowsOf(
  tenant: Tenant,
  { of, along = nothingAlong, sight }: ListRequest,
  query: RawBuilder<{ doc: unknown; number: number }>,
): Promise<Kept[]> {
  if (along.children.length + along.parents.length > 0) return (await tenant.rows(of, query, { ...along, sight })).list;
  return tenant.opened(of, (await query.execute(tenant.tx)).rows);
}

/** Rows of a list in its order; `idsFirst` where many are passed over: reading whole records for that is slow. */
function pageQuery(
  tenant: Tenant,
  request: ListRequest,
  where: RawBuilder<unknown>,
  limits: RawBuilder<unknown>,
  idsFirst: boolean,
): RawBuilder<{ doc: unknown; number: number }> {
  const ordered = sql`from records r ${where} order by ${orderOf(request, 'r')} ${limits}`;
  return idsFirst
    ? sql`select d.doc, d.number from (select r.id ${ordered}) page join records d on d.organisation_id = ${tenant.organisation}
        and d.collection = ${sql.lit(request.of)} and d.id = page.id order by ${orderOf(request, 'd')}`
    : sql`select r.doc, r.number ${ordered}`;
}

/** A record at which a page of a list began, and how many come before it. */
interface Mark {
  offset: number;
  key: unknown;
  id: string;
}

const mostMarks = 500;
/** Of long lists, where pages far down began: the next one there is found from the last one before it. */
const marksOf = untilChanged<Mark[]>({ most: 200, mostOne: 1 }, () => 1);

/** Columns of an order that no record is without; the others have no "after this one". */
const fullColumns = ['created_at', 'updated_at', 'number'] as const;

async function deepRows(
  tenant: Tenant,
  request: ListRequest,
  { offset, limit }: NonNullable<ListQuery['page']>,
  where: RawBuilder<unknown>,
): Promise<Kept[]> {
  const { of, query, seq } = request;
  const column = fullColumns.find((one) => one === sortColumn(of, query.sort[0]?.path ?? ''));
  const rows = async (further: RawBuilder<unknown>, passed: number) => {
    const limits = sql`limit ${limit} offset ${offset - passed}`;
    return rowsOf(tenant, request, pageQuery(tenant, request, sql`where ${where} ${further}`, limits, true));
  };
  if (column === undefined || query.sort.length !== 1) return rows(sql``, 0);
  const { sql: text, parameters } = sql`${where} order by ${orderOf(request, 'r')}`.compile(tenant.tx);
  const key = JSON.stringify([tenant.organisation, of, text, parameters]);
  const marks = marksOf.get(key, seq) ?? [];
  const last = marks.findLast((mark) => mark.offset <= offset);
  const sign = query.sort[0]?.descending === true ? sql`<=` : sql`>=`;
  const page =
    last === undefined
      ? await rows(sql``, 0)
      : await rows(sql`and (${sql.ref(`r.${column}`)}, r.id) ${sign} (${last.key}, ${last.id})`, last.offset);
  const [first] = page;
  if (first !== undefined && last?.offset !== offset && marks.length < mostMarks) {
    const mark = { offset, key: columnsOfMark[column](first), id: first.record.id };
    marksOf.put(
      key,
      seq,
      [...marks, mark].toSorted((left, right) => left.offset - right.offset),
    );
  }
  return page;
}

const columnsOfMark: Readonly<Record<(typeof fullColumns)[number], (kept: Kept) => unknown>> = {
  created_at: ({ record }) => record.createdAt,
  updated_at: ({ record }) => record.updatedAt,
  number: ({ number }) => number,
};

/** Some rows of a list, in its order. */
export interface Piece<T> {
  rows: T[];
  isLast: boolean;
}

/** Rows that are read, written and sent together. */
const pieceSize = 250;

/**
 * A list without pages, piece by piece: a company's whole list is never in memory. A long one is read through a cursor, so
 * that it is one state of the database from beginning to end. One list at a time in a transaction.
 */
export async function* listInPieces(tenant: Tenant, request: ListRequest): AsyncGenerator<Piece<Kept>, void, void> {
  const named = await maybeNamed(tenant, request);
  const where = sql.join([...whereOf(tenant, request, null), ...(named === null ? [] : [named])], sql` and `);
  const query = sql`select r.doc, r.number from records r where ${where} order by ${orderOf(request, 'r')}`;
  const few = await rowsOf(tenant, request, sql`${query} limit ${pieceSize + 1}`);
  if (few.length <= pieceSize) return yield { rows: few, isLast: true };
  for await (const { rows, isLast } of throughCursor<{ doc: unknown; number: number }>(tenant, query, pieceSize))
    yield { rows: tenant.opened(request.of, rows), isLast };
}

/** The rows of a query piece by piece; a short answer is read at once. */
export async function* rowsInPieces<T>(tenant: Tenant, query: RawBuilder<unknown>, size: number): AsyncGenerator<Piece<T>, void, void> {
  const few = (await sql<T>`${query} limit ${size + 1}`.execute(tenant.tx)).rows;
  if (few.length <= size) return yield { rows: few, isLast: true };
  yield* throughCursor<T>(tenant, query, size);
}

async function* throughCursor<T>({ tx }: Tenant, query: RawBuilder<unknown>, size: number): AsyncGenerator<Piece<T>, void, void> {
  await sql`declare pieces no scroll cursor for ${query}`.execute(tx);
  for (;;) {
    const { rows } = await sql.raw<T>(`fetch forward ${size} from pieces`).execute(tx);
    const isLast = rows.length < size;
    if (isLast) await sql`close pieces`.execute(tx);
    yield { rows, isLast };
    if (isLast) return;
  }
}

const totals = new LRUCache<string, Promise<number>>({ max: 5_000 });

/**
 * Counting takes the longest of a list. The number of the organisation's last change says whether a count still holds;
 * who asks for one that is being counted waits for it.
 */
function count(tenant: Tenant, seq: number, query: RawBuilder<unknown>): Promise<number> {
  const { sql: text, parameters } = query.compile(tenant.tx);
  const key = JSON.stringify([tenant.organisation, seq, text, parameters]);
  const known = totals.get(key);
  const run = () => (query as RawBuilder<{ n: number }>).execute(tenant.tx).then(({ rows }) => rows[0]?.n ?? 0);
  // The transaction that counts may be broken off; then each counts for itself.
  if (known !== undefined) return known.catch(run);
  const total = run();
  totals.set(key, total);
  total.catch(() => totals.delete(key));
  return total;
}

/** The columns of `terms` that a page can be in the order of. */
const termSorts = ['name_key', 'created_at'];

/** The term of a page that `terms` alone can find, sort and count, because only live records have any; null for other lists. */
function termOfPage({ of, query, sight, withDeleted }: ListRequest): string | null {
  const { search, conditions, sort, page } = query;
  if (page === null || search === null) return null;
  if (sight(of, 'r') !== seesAll || withDeleted === true || conditions.length > 0 || sort.length !== 1) return null;
  const column = sortColumn(of, sort[0]?.path ?? '');
  const found = termOf(of, search);
  return found?.isExact === true && column !== undefined && termSorts.includes(column) ? found.term : null;
}

async function pageOfTerm(tenant: Tenant, { of, query }: ListRequest, term: string, limits: RawBuilder<unknown>) {
  const [sort] = query.sort as [ListQuery['sort'][number]];
  const key = sql.ref(`t.${sortColumn(of, sort.path) as string}`);
  const by = (alias: 't' | 'page', value: RawBuilder<unknown>) =>
    sql.join([directed(value, sort.descending), directed(sql.ref(`${alias}.id`), sort.descending)]);
  const found = await sql<{ doc: unknown; number: number; total: number }>`
    select d.doc, d.number, page.total from (
      select t.id, ${key} as key, count(*) over ()::int as total from terms t where ${termIs(tenant, of, term)}
      group by t.id, ${key} order by ${by('t', key)} ${limits}) page
    join records d on d.organisation_id = ${tenant.organisation} and d.collection = ${sql.lit(of)} and d.id = page.id
    order by ${by('page', sql`page.key`)}`.execute(tenant.tx);
  return { rows: tenant.opened(of, found.rows), total: found.rows[0]?.total ?? 0 };
}

function* whereOf(tenant: Tenant, request: ListRequest, plan: 'walk' | null): Generator<Sql> {
  const { of, query } = request;
  yield sql`r.organisation_id = ${tenant.organisation}`;
  // As it is and not as a parameter: there are indexes of one collection only.
  yield sql`r.collection = ${sql.lit(of)}`;
  if (request.withDeleted !== true) yield sql`r.deleted_at is null`;
  const visible = request.sight(of, 'r');
  if (visible !== seesAll) yield visible;
  const onRoles = query.conditions.filter(({ path }) => path.startsWith(joinedRoles));
  // What a search finds is less than what a filter does, and so is what has to be asked.
  const asking = query.search !== null && termOf(of, query.search) !== null ? 'walk' : plan;
  for (const condition of query.conditions) if (!onRoles.includes(condition)) yield conditionOf(tenant, condition, request, asking);
  if (onRoles.length > 0) yield rolesOf(tenant, onRoles, request.sight);
  if (query.search !== null) yield searchOf(query.search, of, tenant);
}

function conditionOf(tenant: Tenant, condition: Condition, request: ListRequest, plan: 'walk' | null): Sql {
  const { of } = request;
  const { path, is, value } = condition;
  const text = String(value);
  if (path === 'id') {
    const ids = Array.isArray(value) ? value.map(String) : [text];
    if (!request.idsAreIntegers) return sql`r.id = any(${ids})`;
    return sql`r.number = any(${ids.filter((id) => /^\d{1,15}$/.test(id))}::bigint[])`;
  }
  const computed = computedPaths[`${of}.${path}`];
  if (computed !== undefined) return computed(tenant, value);
  const terms = facetOf(tenant, condition, request);
  if (terms !== null) return hasTerm(tenant, of, terms, plan === 'walk');
  if (condition.of !== undefined) return namesOf(tenant, condition, request);
  switch (is) {
    case 'equal':
      if (path === 'isActive') return sql`r.is_active = ${value}`;
      return typeof value === 'string' ? sql`${textAt(path)} = ${value}` : sql`${jsonAt(path)} = ${JSON.stringify(value)}::jsonb`;
    case 'equalText':
      return path === nameFieldOf(of) ? sql`r.name_key = ${keyOf(text)}` : sql`${foldedAt(of, path)} = ${searchFold(text)}`;
    case 'contains':
      if (path !== nameFieldOf(of)) return sql`position(${searchFold(text)} in ${foldedAt(of, path)}) > 0`;
      // The key of a name ends after 300 characters. No name has more, but for some that grow when they are folded.
      return sql`position(${searchFold(text)} in r.name_key) > 0`;
    case 'startsWith':
      return path === nameFieldOf(of)
        ? between(sql`r.name_key`, keyOf(text))
        : sql`starts_with(${foldedAt(of, path)}, ${searchFold(text)})`;
    case 'atLeast':
    case 'atMost': {
      const sign = is === 'atLeast' ? sql`>=` : sql`<=`;
      if (typeof value === 'number') return sql`${jsonAt(path)} ${sign} ${JSON.stringify(value)}::jsonb`;
      const column = keyColumns[path];
      return column === undefined ? sql`${textAt(path)} collate "C" ${sign} ${text}` : sql`${sql.ref(`r.${column}`)} ${sign} ${text}`;
    }
    case 'hasAny':
      throw new Error(`"${path}" of ${of} is asked to hold something and is no facet (record-row.ts)`);
  }
}

/** Paths that are no fields, as `computed` of list-query.ts has them. */
const computedPaths: Readonly<Record<string, (tenant: Tenant, value: Condition['value']) => Sql>> = {
  // Of a client that is a lead, or of nobody and marked so (isProspective of shared/dialects/programs.ts).
  'contacts.isProspective': (tenant, value) => {
    const ofLead = hasTerm(tenant, 'clients', sql`${[facetTerm('kind', 'lead')]}::text[]`, true, 'r.parent_id');
    return sql`coalesce(${ofLead} or (r.parent_id is null and r.doc ->> 'ownerKind' = 'lead'), false) = ${value === true}`;
  },
};

const joinedRoles = 'locationContacts.';

/** Where a contact works: all conditions are about one place; false means that none of the places in question says true. */
function rolesOf({ organisation }: Tenant, conditions: readonly Condition[], sight: Sight): Sql {
  const role = (some: readonly Condition[]) =>
    sql<boolean>`exists (select from records role where ${sql.join(
      [
        sql`role.organisation_id = ${organisation} and role.collection = 'locationContacts' and role.deleted_at is null and role.second_id = r.id
          and ${sight('locationContacts', 'role')}`,
        ...some.map(({ path, of, value }) =>
          of === undefined
            ? sql`role.doc -> ${path.slice(joinedRoles.length)} = 'true'`
            : sql`role.parent_id in (select l.id from records l where l.organisation_id = ${organisation} and l.collection = ${of}
                and l.number = ${Number(value)})`,
        ),
      ],
      sql` and `,
    )})`;
  const wanted = conditions.filter(({ value }) => value !== false);
  const denied = conditions.filter(({ value }) => value === false);
  return sql`(${sql.join(
    [...(wanted.length > 0 ? [role(wanted)] : []), ...denied.map((one) => sql`not ${role([...wanted, one])}`)],
    sql` and `,
  )})`;
}

/** The record hangs on one of these others, or one of them on it. */
function namesOf(tenant: Tenant, { path, value, of: other }: Condition, { of, idsAreIntegers }: ListRequest): Sql {
  const given = Array.isArray(value) ? value.map(String) : [String(value)];
  const at = parentFields(of).indexOf(path);
  const column = sql.ref(`r.${parentColumns[at]}`);
  if (of === 'clients' && path === 'contactIds')
    return sql`r.id in (select named.parent_id from records named where named.organisation_id = ${tenant.organisation}
      and named.collection = 'contacts' and named.deleted_at is null and named.id = any(${given}::text[]))`;
  if (at >= 0)
    return idsAreIntegers
      ? sql`${column} in (select named.id ${namedBy(tenant, other as NounName, given)})`
      : sql`${column} = any(${given}::text[])`;
  throw new Error(`Lists of ${of} are asked for "${path}", which is no facet (record-row.ts)`);
}

const isFacetAsked = ({ path, is }: Condition, of: NounName) =>
  isFacet(of, path) && (is === 'equal' || is === 'equalText' || is === 'hasAny');

const givenIn = ({ value }: Condition) => (Array.isArray(value) ? value.map(String) : [String(value)]);

/** The terms, one of which a record has that meets a condition on a facet; null for other conditions. */
function facetOf(tenant: Tenant, condition: Condition, { of, idsAreIntegers }: ListRequest): RawBuilder<unknown> | null {
  if (!isFacetAsked(condition, of)) return null;
  const { path, of: other } = condition;
  if (other === undefined || !idsAreIntegers) return sql`${givenIn(condition).map((one) => facetTerm(path, one))}::text[]`;
  return sql`array(select ${facetStart(path)} || named.id ${namedBy(tenant, other, givenIn(condition))})`;
}

/** The same terms themselves. */
async function termsOfFacet(tenant: Tenant, condition: Condition, { idsAreIntegers }: ListRequest): Promise<string[]> {
  const { path, of: other } = condition;
  const given = givenIn(condition);
  if (other === undefined || !idsAreIntegers) return given.map((one) => facetTerm(path, one));
  const { rows } = await sql<{ id: string }>`select named.id ${namedBy(tenant, other, given)}`.execute(tenant.tx);
  return rows.map(({ id }) => facetStart(path) + id);
}

/** Records by their whole numbers. */
function namedBy({ organisation }: Tenant, of: NounName, numbers: readonly string[]) {
  return sql`from records named where named.organisation_id = ${organisation} and named.collection = ${of}
    and named.number = any(${numbers.filter((id) => /^\d{1,15}$/.test(id))}::bigint[])`;
}

/** Ids are folded when they become terms; they have no capitals or accents to begin with. */
function hasTerm({ organisation }: Tenant, of: NounName, terms: RawBuilder<unknown>, isAsked: boolean, column = 'r.id'): Sql {
  const one = sql`t.organisation_id = ${organisation} and t.collection = ${of} and t.term = any(${terms})`;
  // A subquery that the planner cannot turn round is asked for one record after the other.
  return isAsked
    ? sql`coalesce((select true from terms t where ${one} and t.id = ${sql.ref(column)} limit 1), false)`
    : sql`${sql.ref(column)} in (select t.id from terms t where ${one})`;
}

function searchOf(search: Search, of: NounName, tenant: Tenant): Sql {
  const words = wordsOfSearch(search);
  const whole = textOf(search, of, tenant);
  if (words.length === 0) return whole;
  const each = words.map((text) => textOf({ ...search, text }, of, tenant));
  return sql`(${whole} or (${sql.join(each, sql` and `)}))`;
}

/** Records that have the one text of a search. */
function textOf(search: Search, of: NounName, tenant: Tenant): Sql {
  const { text, paths, at, inside } = search;
  const wanted = searchFold(text.trim());
  const inField = (path: string) => {
    if (inside?.includes(path) === true)
      return sql`position(${wanted} in ${path === nameFieldOf(of) ? sql`r.name_key` : foldedAt(of, path)}) > 0`;
    if (at === 'start') return sql`starts_with(${foldedAt(of, path)}, ${wanted})`;
    return sql`(starts_with(${foldedAt(of, path)}, ${wanted})
      or position(${wordMark + withWordMarks(wanted)} in r.folded ->> ${sql.lit(wordsOf(path))}) > 0)`;
  };
  const inFields = sql<boolean>`(${sql.join(paths.map(inField), sql` or `)})`;
  const found = termFor(of, search);
  if (found === null) return inFields;
  const byTerm = sql<boolean>`r.id in (select t.id from terms t where ${termIs(tenant, of, found.term)})`;
  return found.isExact ? byTerm : sql`${byTerm} and ${inFields}`;
}

/** The term that finds all that a search can find; null where it has to be looked for otherwise. */
const termOf = (of: NounName, search: Search) => (wordsOfSearch(search).length === 0 ? termFor(of, search) : null);

function termIs({ organisation }: Tenant, of: NounName, term: string): Sql {
  return sql`t.organisation_id = ${organisation} and t.collection = ${sql.lit(of)} and ${between(sql`t.term`, term)}`;
}

/** Begins with, said so that an index can answer it also under row-level security. */
function between(text: RawBuilder<unknown>, start: string): Sql {
  return sql`(${text} >= ${start} and ${text} < ${`${start}\u{10ffff}`})`;
}

const keyColumns: Readonly<Record<string, string>> = { createdAt: 'created_at', updatedAt: 'updated_at' };
const sortColumns: Readonly<Record<string, string>> = { ...keyColumns, id: 'number' };

function sortColumn(of: NounName, path: string): string | undefined {
  if (path === nameFieldOf(of)) return 'name_key';
  return of === 'clients' && path === 'email' ? 'unique_key' : sortColumns[path];
}

/**
 * Empty values come last, and first when the order is turned round: PostgreSQL's own way. Ids end a tie the same way
 * round, so that an index read backwards has the order too.
 */
function orderOf({ of, query }: ListRequest, alias: 'r' | 'd'): RawBuilder<unknown> {
  const isDescending = query.sort.at(-1)?.descending === true;
  return sql.join([
    ...query.sort.map(({ path, descending }) => directed(sortValue(of, path, alias), descending)),
    directed(sql.ref(`${alias}.id`), isDescending),
  ]);
}

const directed = (value: RawBuilder<unknown>, descending: boolean) => (descending ? sql`${value} desc` : sql`${value} asc`);

function sortValue(of: NounName, path: string, alias: 'r' | 'd'): RawBuilder<unknown> {
  const column = sortColumn(of, path);
  if (column !== undefined) return sql.ref(`${alias}.${column}`);
  if (numericPaths.has(path)) return sql`(${sql.ref(`${alias}.doc`)} ->> ${sql.lit(path)})::numeric`;
  if (!isCompared(of, path)) throw notCompared(of, path);
  return sql`(${sql.ref(`${alias}.folded`)} ->> ${sql.lit(path)}) collate "C"`;
}

const numericPaths: ReadonlySet<string> = new Set(['paymentTermsDays', 'probability']);

const steps = (path: string) => sql`${stepsOf(path)}::text[]`;
const textAt = (path: string) => sql<string>`(r.doc #>> ${steps(path)})`;
const jsonAt = (path: string) => sql`(r.doc #> ${steps(path)})`;
function foldedAt(of: NounName, path: string): RawBuilder<string> {
  if (!isCompared(of, path)) throw notCompared(of, path);
  return sql<string>`(r.folded ->> ${sql.lit(path)})`;
}
const notCompared = (of: NounName, path: string) => new Error(`Lists of ${of} compare "${path}", which is not kept folded (record-row.ts)`);
