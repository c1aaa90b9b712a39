import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { NounName, RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { isId } from '../../shared/lib/ids.ts';
import { heldKey, parentIds, type StoredRecord } from '../../shared/operations/record-layer.ts';
import { type Named, putNameGrams } from './name-grams.ts';
import { putOutbox, serverDevice } from './outbox-queue.ts';
import { valueAt } from '../../shared/nouns/field.ts';
import type { Changes } from './changes.ts';
import { type Move, moveAlong } from './moves.ts';
import { peopleOf } from './people.ts';
import { columnsOf, parentColumns, parentFields, termsOf } from './record-row.ts';
import type { Entrances } from './entrances.ts';
import { recordRules } from '../../shared/nouns/record-rules.ts';
import { type Eyes, seesAll, type Sight, wholeSight } from './sight.ts';
import type { Statement } from './postgres.ts';
import type { Reads } from './reads.ts';
import { type Database, type Tables, type Tx, tenantRole } from './tables.ts';
import type { SecretSeal } from './secret-seal.ts';

/** What work on records needs: the database, and the key for what is sealed in it. */
export interface Store {
  db: Database;
  /** The same database for who only reads, in fewer ways there and back. */
  reads: Reads;
  /** How requests were let in before. */
  entrances: Entrances;
  secrets: SecretSeal;
  /** Told of every organisation that something was written in. */
  changes: Changes;
}

/** Who a transaction is for: the organisation, and the session of a device that has to be good still. */
export interface Entrance {
  organisation: string;
  sessionId: string | null;
}

/** What was found on the way in. */
export interface Entered {
  /** What dialects with whole numbers call the organisation. */
  number: number;
  /** The number of its last change. */
  seq: number;
  epoch: string;
  /** Deleted records up to this number may have been purged. */
  floor: number;
  /** Whose session it is; null without one, or where it is good no more. */
  userId: string | null;
  role: Tables['logins']['role'] | null;
}

/** A record as the store has it: with its whole-number id. */
export interface Kept<N extends NounName = NounName> {
  record: Stored<RecordOf[N]>;
  number: number;
}

/** Records to look for: by their ids, by what they hang on, by the unique key they hold. */
export interface Wanted {
  records: [NounName, string][];
  children: [NounName, string][];
  holders: [NounName, string][];
}

export interface Found {
  of: NounName;
  kept: Kept;
  parents: readonly string[];
  key: string | null;
}

/** What is fetched with the rows of a list, because whoever writes them asks for it. */
export interface Along {
  /** Collections whose records hang on the rows. */
  children: readonly NounName[];
  /** Fields of the rows that name what they hang on. */
  parents: readonly (readonly [of: NounName, field: string])[];
}

/** A record that was made or changed; `before` is null for one that is new. */
export interface Write {
  of: NounName;
  before: Kept | null;
  after: StoredRecord;
  /** Whoever made it does not see it now: their device, which has it, is told so. */
  isHidden?: boolean;
}

/** One organisation's records inside one transaction. */
export interface Tenant {
  tx: Tx;
  organisation: string;
  entered: Entered;
  /**
   * Comes back when `entered` is known to hold, which it is once a statement was answered, and fails where it does not.
   */
  settled(): Promise<void>;
  get<N extends NounName>(of: N, ids: readonly string[]): Promise<Kept<N>[]>;
  byNumber<N extends NounName>(of: N, numbers: readonly number[]): Promise<Kept<N>[]>;
  /** Deleted ones too; each once, and only what the eyes see. */
  find(wanted: Wanted, eyes: Eyes): Promise<Found[]>;
  /**
   * Rows of another query that selected `doc` and `number`; what comes along need not be asked for any more (`find`). `given`: what
   * the query goes on from ("name as (…)"), with a value of that to be answered too.
   */
  rows<N extends NounName>(
    of: N,
    query: RawBuilder<unknown>,
    along: Along & { sight: Sight },
    given?: { tables: RawBuilder<unknown>; value: RawBuilder<unknown> },
  ): Promise<{ list: Kept<N>[]; value: unknown }>;
  /** Rows of another query that selected `doc` and `number`, opened. */
  opened<N extends NounName>(of: N, rows: readonly { doc: unknown; number: number }[]): Kept<N>[];
  /** Waits until nobody else writes in this organisation; what is read from now on stays true until the end. */
  lock(): Promise<Lock>;
  /** Takes numbers of the organisation's sequence; the next `put` remembers that they are taken. Answers the first. Needs `lock`. */
  takeNumbers(count: number): number;
  /**
   * Writes records, each with the next number of the organisation's sequence. Needs `lock`. Answers them as they are kept.
   * `adopts`: a new record may be what others, which came before it, hang on.
   */
  put(writes: readonly Write[], newestStamp: string | null, adopts?: boolean): Promise<Kept[]>;
}

/** What whoever writes goes on from. */
export interface Lock {
  seq: number;
  /** What this server calls itself where a laptop would name its device. */
  device: string;
  newestStamp: string | null;
}

/**
 * Runs work on one organisation's records; what only `reads` cannot write, by the database's own doing. It may be run a second time
 * when the first turned out to go on from what holds no more: before it lets anything out it asks whether that is `settled`. The role and
 * the organisation hold for this transaction only, so a connection that goes back to the pool carries neither.
 */
export function inOrganisation<T>(
  store: Store,
  to: string | Entrance,
  work: (tenant: Tenant) => Promise<T>,
  access: 'reads' | 'writes' = 'writes',
): Promise<T> {
  const entrance = typeof to === 'string' ? { organisation: to, sessionId: null } : to;
  return access === 'reads' ? read(store, entrance, work) : transact(store, entrance, work);
}

async function transact<T>(
  { db, entrances, secrets, changes }: Store,
  entrance: Entrance,
  work: (tenant: Tenant) => Promise<T>,
): Promise<T> {
  let written: number | null = null;
  const onWritten = (seq: number) => {
    written = seq;
  };
  const value = await db.transaction().execute(async (tx) => {
    const { text, values } = openingOf(entrance);
    const { rows } = await tx.executeQuery(CompiledQuery.raw(text, [...values]));
    return work(
      tenantOf({
        secrets,
        tx,
        organisation: entrance.organisation,
        entered: enteredOf(rows[0]),
        access: 'writes',
        settled: async () => {},
        onWritten,
      }),
    );
  });
  if (written !== null) {
    entrances.wrote(entrance.organisation, written);
    changes.tell(entrance.organisation);
  }
  return value;
}

/** Reads go on from how the last request was let in, and the database says with their first statement whether that holds. */
function read<T>({ secrets, entrances, reads }: Store, entrance: Entrance, work: (tenant: Tenant) => Promise<T>): Promise<T> {
  const { organisation } = entrance;
  const guess = entrances.get(entrance);
  return reads.run(openingOf(entrance), async ({ tx, opened }) => {
    const one = { secrets, tx, organisation, access: 'reads', onWritten: () => {} } as const;
    const isRight = async () => isSame(enteredOf(await opened()), guess);
    const settled = async () => {
      if (!(await isRight())) throw new Error('A request was let in otherwise than the last one');
    };
    if (guess !== null)
      try {
        const value = await work(tenantOf({ ...one, entered: guess, settled }));
        if (await isRight()) return value;
      } catch (error) {
        // Whatever it failed of may come of the guess.
        if (await isRight()) throw error;
      }
    const entered = enteredOf(await opened());
    entrances.put(entrance, entered);
    return work(tenantOf({ ...one, entered, settled: async () => {} }));
  });
}

const taken = `set_config('fieldbook.organisation', $1::uuid::text, true), set_config('role', '${tenantRole}', true)`;
const openings = {
  ofServer: `select o.number, o.seq, o.epoch, o.floor, null as user_id, null as role, ${taken}
    from organisations o where o.organisation_id = $1::uuid`,
  ofSession: `select o.number, o.seq, o.epoch, o.floor, l.user_id, l.role, ${taken} from organisations o
    left join sessions s on s.organisation_id = o.organisation_id and s.id = $2::uuid and s.revoked_at is null
    left join logins l on l.organisation_id = s.organisation_id and l.user_id = s.user_id and l.is_active
    where o.organisation_id = $1::uuid`,
};

/**
 * Names the organisation, looks the session up as the server itself, and only then takes on the role of a request, which
 * may not see sessions.
 */
function openingOf({ organisation, sessionId }: Entrance): Statement {
  if (!isId(organisation) || (sessionId !== null && !isId(sessionId))) throw new Error('An organisation or a session has no id');
  return sessionId === null
    ? { text: openings.ofServer, values: [organisation] }
    : { text: openings.ofSession, values: [organisation, sessionId] };
}

function enteredOf(found: unknown): Entered {
  // Without a row the role was not taken on, and nothing may be asked.
  if (found === undefined) throw new Error('This server has no such organisation');
  const row = found as Omit<Entered, 'userId'> & { user_id: string | null }; // what `openings` select
  return { number: row.number, seq: row.seq, epoch: row.epoch, floor: row.floor, userId: row.user_id, role: row.role };
}

/** The columns of a row beside its key. */
const columns = {
  number: 'bigint',
  seq: 'bigint',
  doc: 'jsonb',
  folded: 'jsonb',
  name_key: 'text',
  is_active: 'boolean',
  unique_key: 'text',
  parent_id: 'text',
  second_id: 'text',
  third_id: 'text',
  owners: 'text[]',
  created_at: 'text',
  updated_at: 'text',
  deleted_at: 'text',
} as const satisfies Omit<Record<keyof Tables['records'], string>, 'organisation_id' | 'collection' | 'id' | 'moved_seq'>;
const columnNames = sql.raw(Object.keys(columns).join(', '));
const columnTypes = sql.raw(
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', '),
);
const columnsTaken = sql.raw(
  Object.keys(columns)
    .map((name) => `${name} = excluded.${name}`)
    .join(', '),
);

interface Row {
  collection: NounName;
  doc: unknown;
  number: number;
}

/** Whether somebody else may see the record now than before: it has other owners, or hangs on something else. */
function isMoved(of: NounName, before: StoredRecord, after: StoredRecord): boolean {
  const [was, is] = [columnsOf(of, before), columnsOf(of, after)];
  return (
    !isSame([...was.owners].toSorted(), [...is.owners].toSorted()) ||
    was.parent_id !== is.parent_id ||
    was.second_id !== is.second_id ||
    was.third_id !== is.third_id ||
    valueAt(before, 'about') !== valueAt(after, 'about')
  );
}

function tenantOf({
  secrets,
  tx,
  organisation,
  entered,
  access,
  settled,
  onWritten,
}: {
  secrets: SecretSeal;
  tx: Tx;
  organisation: string;
  entered: Entered;
  access: 'reads' | 'writes';
  settled: () => Promise<void>;
  /** Told the number of the last change. */
  onWritten: (seq: number) => void;
}): Tenant {
  let numbers: Record<string, number> | null = null;
  let seq = 0;
  let device = '';
  let savedSeq = 0;
  const rows = (of: NounName) =>
    tx.selectFrom('records').select(['doc', 'number']).where('organisation_id', '=', organisation).where('collection', '=', of);
  const openOne = (of: NounName, { doc, number }: { doc: unknown; number: number }): Kept => ({
    record: secrets.open(of, doc as StoredRecord),
    number,
  });
  const opened = <N extends NounName>(of: N, found: readonly { doc: unknown; number: number }[]) =>
    found.map((row) => openOne(of, row)) as Kept<N>[];

  /** Records of one collection with one of the values in the column, said so that each has an index of its own. */
  const having = (of: NounName, column: string, values: readonly string[], sight: Sight): RawBuilder<Row> => sql`
    select f.collection, f.doc, f.number from records f where f.organisation_id = ${organisation} and f.collection = ${sql.lit(of)}
      and ${sql.ref(`f.${column}`)} = any(${values}::text[]) and ${sight(of, 'f')}`;

  /** What came along with lists: rows by what they hang on and by their ids, also where there are none. */
  const held = { children: new Map<string, Row[]>(), records: new Map<string, Row[]>() };
  const hold = (kind: keyof typeof held, of: NounName, value: string): Row[] => {
    const key = `${of} ${value}`;
    const rowsHeld = held[kind].get(key) ?? [];
    held[kind].set(key, rowsHeld);
    return rowsHeld;
  };

  /** Splits what is looked for into what is known and what has to be asked for. */
  async function known(wanted: Wanted): Promise<{ rows: Row[]; unknown: Wanted }> {
    const rows: Row[] = [];
    const people =
      access === 'reads' && wanted.records.some(([of]) => of === 'directory') ? await peopleOf(tx, organisation, entered.seq) : null;
    const unknownIn = (kind: keyof typeof held) =>
      wanted[kind].filter(([of, value]) => {
        const found = held[kind].get(`${of} ${value}`);
        if (found !== undefined) rows.push(...found);
        return found === undefined;
      });
    const records = unknownIn('records').filter(([of, id]) => {
      if (of !== 'directory' || people === null) return true;
      const person = people.get(id);
      if (person !== undefined) rows.push({ collection: of, ...person });
      return false;
    });
    return { rows, unknown: { records, children: unknownIn('children'), holders: wanted.holders } };
  }

  return {
    tx,
    organisation,
    entered,
    settled,
    opened,
    rows: async (of, query, { children, parents, sight }, given) => {
      const ids = (field: string) => sql`array(select page.doc ->> ${sql.lit(field)} from page)`;
      const beside = (noun: NounName, column: string, values: RawBuilder<unknown>, at: number) => sql`
        union all select c.collection, c.doc, c.number, ${sql.lit(at)} from records c where c.organisation_id = ${organisation}
          and c.collection = ${sql.lit(noun)} and ${sql.ref(`c.${column}`)} = any(${values}) and ${sight(noun, 'c')}`;
      const others = [
        ...children.flatMap((noun) => parentFields(noun).map((_, at) => beside(noun, parentColumns[at] as string, ids('id'), -1))),
        ...parents.map(([noun, field]) => beside(noun, 'id', ids(field), -2)),
      ];
      const before = given === undefined ? sql`` : sql`${given.tables},`;
      if (given !== undefined) others.push(sql` union all select null, to_jsonb(${given.value}), null, 0`);
      const { rows: found } = await sql<Row & { at: number }>`with ${before} page as materialized (
          select list.doc, list.number, row_number() over ()::int as at from (${query}) list)
        select ${of}::text as collection, page.doc, page.number, page.at from page ${sql.join(others, sql``)}`.execute(tx);
      const page = found.filter(({ at }) => at > 0).toSorted((left, right) => left.at - right.at);
      const list = opened(of, page);
      for (const { record } of list) for (const noun of children) hold('children', noun, record.id);
      for (const { record } of list)
        for (const [noun, field] of parents) {
          const id = valueAt(record, field);
          if (typeof id === 'string') hold('records', noun, id);
        }
      for (const row of found) {
        const own = row.doc as StoredRecord;
        if (row.at === -2) hold('records', row.collection, own.id).push(row);
        // Of a row that hangs on several of the page each gets to know.
        if (row.at === -1) for (const id of parentIds(row.collection, own)) held.children.get(`${row.collection} ${id}`)?.push(row);
      }
      return { list, value: found.find(({ at }) => at === 0)?.doc };
    },
    get: async (of, ids) =>
      ids.length === 0
        ? []
        : opened(
            of,
            await rows(of)
              .where(sql<boolean>`id = any(${[...ids]}::text[])`)
              .execute(),
          ),
    byNumber: async (of, wanted) =>
      wanted.length === 0
        ? []
        : opened(
            of,
            await rows(of)
              .where(sql<boolean>`number = any(${[...wanted]}::bigint[])`)
              .execute(),
          ),

    find: async (wanted, { sight, on }) => {
      const { rows: there, unknown } = await known(wanted);
      const { records, children, holders } = unknown;
      const parts: RawBuilder<Row>[] = [];
      const add = (wanted: readonly [NounName, string][], columnsFor: (of: NounName) => readonly string[], narrowed: Sight) => {
        for (const [of, pairs] of Map.groupBy(wanted, ([noun]) => noun)) {
          const values = pairs.map(([, value]) => value);
          parts.push(...columnsFor(of).map((column) => having(of, column, values, narrowed)));
        }
      };
      const narrowed = on === 'everything' ? sight : wholeSight;
      add(records, () => ['id'], narrowed);
      add(children, (of) => parentColumns.slice(0, parentFields(of).length), narrowed);
      // A value that is never given twice, like an invoice's number, is taken whoever has it.
      add(
        holders,
        () => ['unique_key'],
        (of, alias) => (recordRules[of].unique?.alsoDeleted === true ? seesAll : sight(of, alias)),
      );
      // All in one statement: the way to the database and back takes longer than most of them.
      if (parts.length > 0) there.push(...(await sql<Row>`${sql.join(parts, sql` union all `)}`.execute(tx)).rows);
      const found = new Map<string, Found>();
      for (const row of there) {
        const kept = openOne(row.collection, row);
        const key = `${row.collection} ${kept.record.id}`;
        if (found.has(key)) continue;
        found.set(key, {
          of: row.collection,
          kept,
          parents: parentIds(row.collection, kept.record),
          key: heldKey(row.collection, kept.record),
        });
      }
      return [...found.values()];
    },

    lock: async () => {
      const row = await tx
        .selectFrom('organisations')
        .select(['seq', 'numbers', 'newest_stamp', 'epoch'])
        .where('organisation_id', '=', organisation)
        .forUpdate()
        .executeTakeFirstOrThrow();
      ({ seq } = row);
      savedSeq = seq;
      numbers = { ...row.numbers };
      device = serverDevice(row.epoch);
      return { seq, device, newestStamp: row.newest_stamp };
    },

    takeNumbers(count) {
      if (numbers === null) throw new Error('Numbers are taken under the lock of their organisation only');
      seq += count;
      return seq - count + 1;
    },

    put: async (writes, newestStamp, adopts = false) => {
      held.children.clear();
      held.records.clear();
      if (numbers === null) throw new Error('Records are written under the lock of their organisation only');
      if (writes.length === 0 && seq === savedSeq) return [];
      const kept: Kept[] = [];
      const named: Named[] = [];
      const written: object[] = [];
      const gone: { collection: string; id: string; term: string }[] = [];
      const added: (Omit<Tables['terms'], 'organisation_id'> & object)[] = [];
      for (const { of, before, after } of writes) {
        seq += 1;
        let number = before?.number;
        if (number === undefined) {
          number = (numbers[of] ?? 0) + 1;
          numbers[of] = number;
        }
        kept.push({ record: after, number });
        named.push({ of, before: before?.record ?? null, after, number });
        const own = columnsOf(of, after);
        written.push({ collection: of, id: after.id, number, seq, ...own, doc: secrets.seal(of, after) });
        const { name_key, created_at } = own;
        const termsBefore = before === null ? [] : termsOf(of, before.record);
        const terms = termsOf(of, after);
        const isNamedAlike = before === null || columnsOf(of, before.record).name_key === name_key;
        if (isNamedAlike && isSame(termsBefore, terms)) continue;
        const place = { collection: of, id: after.id };
        const [known, now] = [new Set(isNamedAlike ? termsBefore : []), new Set(isNamedAlike ? terms : [])];
        for (const term of termsBefore) if (!now.has(term)) gone.push({ ...place, term });
        for (const term of terms) if (!known.has(term)) added.push({ ...place, term, name_key, created_at });
      }
      if (written.length > 0)
        await sql`insert into records (organisation_id, collection, id, ${columnNames})
        select ${organisation}::uuid, x.collection, x.id, ${columnNames} from jsonb_to_recordset(${JSON.stringify(written)}::jsonb)
          as x(collection text, id text, ${columnTypes})
        on conflict (organisation_id, collection, id) do update set ${columnsTaken}`.execute(tx);
      if (gone.length > 0)
        await sql`delete from terms t using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) as x(collection text, id text, term text)
          where t.organisation_id = ${organisation} and t.collection = x.collection and t.term = x.term and t.id = x.id`.execute(tx);
      if (added.length > 0)
        await sql`insert into terms (organisation_id, collection, term, id, name_key, created_at)
          select ${organisation}::uuid, x.* from jsonb_to_recordset(${JSON.stringify(added)}::jsonb)
            as x(collection text, term text, id text, name_key text, created_at text)`.execute(tx);
      await putNameGrams(tx, organisation, named);
      await putOutbox(tx, organisation, device, named);
      const moves = writes.flatMap(({ of, before, after, isHidden = false }): Move[] => {
        if (isHidden || (before !== null && isMoved(of, before.record, after))) return [{ of, id: after.id, isNew: false }];
        return before === null && adopts ? [{ of, id: after.id, isNew: true }] : [];
      });
      if (moves.length > 0)
        seq += await moveAlong(
          tx,
          organisation,
          moves,
          writes.map(({ of, after }) => ({ of, id: after.id, isNew: false })),
          seq,
        );
      onWritten(seq);
      savedSeq = seq;
      await tx
        .updateTable('organisations')
        .set({ seq, numbers: JSON.stringify(numbers), ...(newestStamp !== null && { newest_stamp: newestStamp }) })
        .where('organisation_id', '=', organisation)
        .execute();
      return kept;
    },
  };
}
