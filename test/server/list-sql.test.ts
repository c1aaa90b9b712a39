import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bottlecrm, bottlecrmPaths } from '../../shared/dialects/bottlecrm.ts';
import type { BookRecord, BookView, Collection } from '../../shared/dialects/book-view.ts';
import { casework } from '../../shared/dialects/casework.ts';
import { type Dialect, type Endpoint, resourceOf } from '../../shared/dialects/dialect.ts';
import { answerList, type Condition, type ListQuery } from '../../shared/dialects/list-query.ts';
import { programs, programsPaths } from '../../shared/dialects/programs.ts';
import { type QueryParameter, readQuery } from '../../shared/dialects/query-parameter.ts';
import { skhokho } from '../../shared/dialects/skhokho.ts';
import { summit } from '../../shared/dialects/summit.ts';
import { valueAt } from '../../shared/nouns/field.ts';
import { type NounName, nouns } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { withBook } from '../../server/store/lazy-book.ts';
import { listInPieces, listParts, listRecords } from '../../server/store/list-sql.ts';
import { openEyes, wholeSight } from '../../server/store/sight.ts';
import type { Engine } from '../../server/store/engine.ts';
import { inOrganisation, type Kept, type Write } from '../../server/store/tenant.ts';
import { facetTerm, termsOf } from '../../server/store/record-row.ts';
import { createTermSets } from '../../server/store/term-sets.ts';
import { type Seeded, seeded } from '../support/seeded.ts';
import { type EngineName, engines, openTestEngine } from './support/test-server.ts';

const RUNS = Number(process.env['FIELDBOOK_RUNS'] ?? 150);
const dialects = [skhokho, programs, summit, casework, bottlecrm];
/** Lists of records as they are stored; a location's prices are not (docs/decisions/0005). */
const lists = dialects.flatMap((dialect) =>
  dialect.endpoints
    .filter(({ action, name }) => action === 'list' && name !== 'program-location-item-price.list')
    .map((endpoint) => ({ dialect, endpoint, of: resourceOf(dialect, endpoint.resource).of })),
);

const words = [
  'North',
  'north',
  'Émile',
  'zebra',
  'Söhne',
  'O’Neil',
  "O'Neil",
  '100%',
  'a_b',
  'Ærø',
  'ß',
  '漢字',
  '漢ada',
  '🧭',
  '\ue000',
] as const;
const more = ['ada', 'ADA', 'depot', '(north)', 'x.y', '\\', '[^a]', 'x\u0301y', '-', '&', 'Denver', '2024', 'retail', 'Retail'] as const;
const kinds = ['client', 'lead', 'vendor'] as const;
const days = ['2024-01-01', '2024-01-02', '2024-02-29'] as const;

/** A company's book of random records, all live, with what a list can be asked about. */
function randomBook(random: Seeded): Map<NounName, Kept[]> {
  const book = new Map<NounName, Kept[]>();
  const all = (of: NounName) => book.get(of) ?? [];
  const oneOf = (of: NounName) => all(of)[random.below(all(of).length)] as Kept;
  const some = <T>(make: () => T): T | null => (random.below(3) === 0 ? null : make());
  const text = () => {
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(random.below(2) === 0 ? words : more));
    return parts.join(random.pick([' ', '-', '', '. ']));
  };
  const email = () =>
    `${random.pick(['ada', 'north', 'Zoe', 'x.y'])}@${random.pick(['depot', 'Example', 'ada-lab'])}${random.below(50)}.com`;
  const put = (of: NounName, fields: object) => {
    const at = `${random.pick(days)}T0${random.below(10)}:00:00.000Z`;
    // Parsed by the noun's own schema, whose type is lost in the table of schemas.
    const record = { ...nouns[of].fieldsSchema.parse(fields), id: newId(), createdAt: at, createdBy: 'x', updatedAt: at, updatedBy: 'x' };
    const stored = { ...record, deletedAt: null, mergedInto: null, notDuplicateOf: [], stamps: {} } as unknown as Kept['record'];
    book.set(of, [...all(of), { record: stored, number: all(of).length + 1 }]);
  };
  for (let at = 0; at < 5; at += 1) put('directory', { kind: 'user', fullName: text() });
  for (let at = 0; at < 3; at += 1) put('directory', { kind: 'team', name: text() });
  const people = () =>
    all('directory')
      .filter(() => random.below(3) === 0)
      .map(({ record }) => record.id);
  for (let at = 0; at < 60; at += 1)
    put('clients', {
      name: text(),
      kind: random.pick(kinds),
      entityType: random.pick(['individual', 'company', 'other']),
      lifecycleStage: random.pick(['prospect', 'active_client', 'dormant']),
      industry: some(() => random.pick(['legal', 'retail', 'Retail', 'energy', 'other', 'Émile'])),
      companySize: some(text),
      isActive: random.below(2) === 0,
      email: some(email),
      phone: some(() => `+1 ${random.below(1000)}`),
      accountCode: some(text),
      paymentTermsDays: some(() => random.below(100)),
      tags: [text(), text()],
      accountOwnerId: some(() => oneOf('directory').record.id),
      salespersonId: some(() => oneOf('directory').record.id),
      caseManagerId: some(() => oneOf('directory').record.id),
      assignedToIds: people(),
      teamIds: people(),
      address: { city: some(text), freeform: some(text) },
    });
  for (let at = 0; at < 60; at += 1)
    put('contacts', {
      clientId: some(() => oneOf('clients').record.id),
      ownerKind: random.pick(kinds),
      firstName: text(),
      lastName: some(text),
      email: some(email),
    });
  for (let at = 0; at < 30; at += 1)
    put('locations', { clientId: oneOf('clients').record.id, name: text(), physicalAddress: { city: some(text) } });
  for (let at = 0; at < 70; at += 1)
    put('locationContacts', {
      locationId: oneOf('locations').record.id,
      contactId: oneOf('contacts').record.id,
      isProgramContact: random.below(2) === 0,
    });
  for (let at = 0; at < 20; at += 1) put('itemPrices', { invoiceItem: text(), itemCode: `${text()}${at}` });
  return book;
}

const recordsOf = (book: Map<NounName, Kept[]>, of: Collection) =>
  (book.get(of) ?? []).map(({ record }) => record as unknown as BookRecord);

function viewOf(book: Map<NounName, Kept[]>): BookView {
  return {
    get: (of, id) => (recordsOf(book, of).find((record) => record.id === id) ?? null) as never,
    having: (of, field, id) => recordsOf(book, of).filter((record) => valueAt(record, field) === id) as never,
  };
}

/** A text that may well be asked for: what a parameter looks at, out of a record that is there. */
function plausible(parameter: QueryParameter, of: Collection, dialect: Dialect, book: Map<NounName, Kept[]>, random: Seeded): string {
  const { values, type } = parameter;
  if (values !== undefined) return values[random.below(values.length)] as string;
  if (type === 'boolean') return random.pick(['true', 'false']);
  if (type === 'instant' || type === 'instantEnd') return random.pick([random.pick(days), `${random.pick(days)}T05:00:00Z`]);
  const asked: ListQuery = { conditions: [], search: null, sort: [], page: { offset: 0, limit: 10 } };
  parameter.ask(type === 'integer' ? 3 : type === 'list' ? ['x'] : 'x', asked);
  const condition: Condition | undefined = asked.conditions[0];
  // Where pages begin and end.
  if (condition === undefined && asked.search === null) return String(1 + random.below(7));
  const from = (collection: Collection) => (book.get(collection) ?? [])[random.below(book.get(collection)?.length ?? 1)] as Kept;
  if (condition?.of !== undefined || condition?.path === 'id') {
    const ids = Array.from({ length: type === 'list' ? 2 : 1 }, () => from(condition.of ?? of));
    return ids.map(({ record, number }) => (dialect.capabilities.idsAreIntegers ? String(number) : record.id)).join(',');
  }
  const paths = asked.search?.paths ?? [condition?.path ?? ''];
  const value = valueAt(from(of).record, paths[random.below(paths.length)] as string);
  const text = Array.isArray(value) ? String(value[0]) : String(value ?? random.pick(more));
  // Whole characters: half of one cannot be asked for (what an address says is decoded, and bodies are sounded).
  const characters = Array.from(text);
  const start = random.below(3) === 0 ? random.below(characters.length) : 0;
  const piece = random.below(2) === 0 ? text : characters.slice(start, start + 1 + random.below(5)).join('');
  return random.pick([piece, piece.toUpperCase(), piece.normalize('NFD')]);
}

async function openBook(name: EngineName) {
  const { engine, remove } = await openTestEngine(name, 'listSql');
  const random = seeded(`lists on ${name}`);
  const books: { organisation: string; book: Map<NounName, Kept[]> }[] = [];
  for (let at = 0; at < 3; at += 1) {
    const organisation = await emptyOrganisation(engine, 'Lists');
    const book = randomBook(random);
    const writes = [...book].flatMap(([of, kept]) => kept.map(({ record }): Write => ({ of, before: null, after: record })));
    await inOrganisation(engine, organisation, async (tenant) => {
      await tenant.lock();
      await tenant.put(writes, null);
    });
    books.push({ organisation, book });
  }
  return { engine, random, books, close: async () => (await engine.close(), remove()) };
}

async function emptyOrganisation({ db }: Engine, name: string): Promise<string> {
  const organisation = newId();
  await db
    .insertInto('organisations')
    .values({ organisation_id: organisation, name, epoch: newId(), seq: 0, numbers: '{}', created_at: '' })
    .execute();
  return organisation;
}

/** A record as it is stored, live and never merged. */
function stored(fields: object): Kept['record'] {
  const own = { deletedAt: null, mergedInto: null, notDuplicateOf: [], stamps: {} };
  return { ...fields, ...own } as unknown as Kept['record']; // parsed by its noun's schema before
}

/** A new client, made at the instant. */
function client(fields: object, at: string): Kept['record'] {
  const record = { ...nouns.clients.fieldsSchema.parse(fields), id: newId(), createdAt: at, createdBy: 'x', updatedAt: at, updatedBy: 'x' };
  return stored(record);
}

describe.each(engines)('Lists in SQL on %s', (name) => {
  let opened: Awaited<ReturnType<typeof openBook>>;
  beforeAll(async () => {
    opened = await openBook(name);
  });
  afterAll(() => opened.close());

  const titles = lists.map(({ dialect, endpoint }) => `${dialect.name} ${endpoint.name}`);
  it.each(titles)('%s answers whatever is asked as the records in memory do', async (title) => {
    const { dialect, endpoint, of } = lists[titles.indexOf(title)] as { dialect: Dialect; endpoint: Endpoint; of: Collection };
    const { idsAreIntegers } = dialect.capabilities;
    const { engine, random, books } = opened;
    let answered = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const { organisation, book } = random.pick([books[0], books[1], books[2]]) as (typeof books)[number];
      const raw = Object.fromEntries(
        endpoint.query
          .filter(() => random.below(3) === 0)
          .map((parameter) => [parameter.name, plausible(parameter, of, dialect, book, random)]),
      );
      const read = readQuery(endpoint.query, raw, endpoint.start);
      if (!read.ok) continue;
      const numbers = new Map([...book.values()].flat().map(({ record, number }) => [record.id, String(number)]));
      const answer = (query: ListQuery) =>
        answerList(recordsOf(book, of), query, of, {
          book: viewOf(book),
          remoteId: (_, id) => (idsAreIntegers ? (numbers.get(id) ?? null) : id),
          computed: { ...programsPaths, ...bottlecrmPaths },
        });
      const expected = answer(read.query);
      const parts = of === 'clients' ? [true, false].map((value): Condition => ({ path: 'isActive', is: 'equal', value })) : [];
      const request = { of, query: read.query, idsAreIntegers, sight: wholeSight, seq: run };
      const found = await inOrganisation(engine, organisation, async (tenant) => {
        const { rows, total } = await listRecords(tenant, request);
        const pieces: Kept[] = [];
        if (read.query.page === null) for await (const piece of listInPieces(tenant, request)) pieces.push(...piece.rows);
        // What is remembered of the first time answers the second.
        const again = await listRecords(tenant, request);
        const inParts = [...(await listParts(tenant, request, parts)), ...(await listParts(tenant, request, parts))];
        return { rows, total, again, inParts, pieces: read.query.page === null ? pieces : rows };
      });
      const ids = expected.rows.map(({ id }) => id);
      answered += ids.length;
      const idsOf = (kept: readonly Kept[]) => kept.map(({ record }) => record.id);
      expect({ raw, ids: idsOf(found.rows), total: found.total }, `seed ${random.seed}`).toEqual({ raw, ids, total: expected.total });
      expect(idsOf(found.pieces)).toEqual(ids);
      expect([idsOf(found.again.rows), found.again.total]).toEqual([ids, expected.total]);
      const said = (page: { rows: readonly { id: string }[]; total: number }) => [page.rows.map(({ id }) => id), page.total];
      const expectedParts = parts.map((part) => said(answer({ ...read.query, conditions: [...read.query.conditions, part] })));
      expect(
        found.inParts.map(({ rows, total }) => [idsOf(rows), total]),
        JSON.stringify(raw),
      ).toEqual([...expectedParts, ...expectedParts]);
    }
    // Asked about what is there, they mostly find something.
    expect(answered).toBeGreaterThan(RUNS / 4);
  });

  it('finds what has a facet or a part of a name, whatever others change meanwhile', async () => {
    const { engine, random } = opened;
    const organisation = await emptyOrganisation(engine, 'Changing');
    const fields = () => ({
      name: `${random.pick(['north depot', 'north field', 'depot', 'xy'])} ${random.below(300)}`,
      industry: random.pick(['legal', 'retail', 'energy']),
      address: { city: random.pick(['Denver', 'Lima']) },
      tags: [random.pick(['vip', 'new']), random.pick(['vip', 'late'])],
    });
    const book = new Map<string, Kept>();
    const change = (count: number) =>
      inOrganisation(engine, organisation, async (tenant) => {
        await tenant.lock();
        const writes = new Map<string, Write>();
        for (let at = 0; at < count; at += 1) {
          const before = book.size < 200 || random.below(4) === 0 ? null : ([...book.values()][random.below(book.size)] as Kept);
          if (before === null) {
            const after = client(fields(), `${random.pick(days)}T00:00:00.000Z`);
            writes.set(after.id, { of: 'clients', before, after });
          } else {
            const deletedAt = random.below(4) === 0 ? '2024-03-01T00:00:00.000Z' : null;
            writes.set(before.record.id, { of: 'clients', before, after: { ...before.record, ...fields(), deletedAt } as Kept['record'] });
          }
        }
        for (const kept of await tenant.put([...writes.values()], null)) book.set(kept.record.id, kept);
      });
    const question = (): ListQuery => ({
      conditions: (
        [
          { path: 'industry', is: 'equalText', value: random.pick(['legal', 'Retail', 'none']) },
          { path: 'address.city', is: 'equalText', value: random.pick(['denver', 'Lima']) },
          { path: 'tags', is: 'hasAny', value: random.pick<string[]>([['vip'], ['late', 'new'], ['none', 'vip']]) },
          { path: 'name', is: 'contains', value: random.pick(['north', 'th field 1', 'depot 2', '77', '123']) },
        ] satisfies Condition[]
      ).filter(() => random.below(2) === 0),
      search: null,
      sort: [{ path: 'name', descending: random.below(2) === 0 }],
      page: { offset: random.pick([0, 0, 3]), limit: 20 },
    });
    const ask = (query: ListQuery) =>
      inOrganisation(
        engine,
        organisation,
        (tenant) => listRecords(tenant, { of: 'clients', query, idsAreIntegers: false, sight: wholeSight, seq: tenant.entered.seq }),
        'reads',
      );
    await change(400);
    let found = 0;
    for (let round = 0; round < RUNS / 3; round += 1) {
      // Some ask while it changes: what they find is not looked at, but remembered. More than a thousand changes are read anew.
      await Promise.all([change(round === 20 ? 1200 : 1 + random.below(30)), ...Array.from({ length: 4 }, () => ask(question()))]);
      const live = [...book.values()].filter(({ record }) => record.deletedAt === null);
      const records = live.map(({ record }) => record as unknown as BookRecord); // as `recordsOf` does
      const queries = Array.from({ length: 4 }, question);
      const pages = await Promise.all(queries.map(ask));
      for (const [at, query] of queries.entries()) {
        const expected = answerList(records, query, 'clients', {
          book: viewOf(new Map([['clients', live]])),
          remoteId: (_, id) => id,
          computed: {},
        });
        expect(
          { query, ids: pages[at]?.rows.map(({ record }) => record.id), total: pages[at]?.total },
          `seed ${random.seed}, round ${round}`,
        ).toEqual({ query, ids: expected.rows.map(({ id }) => id), total: expected.total });
        found += expected.total;
      }
    }
    expect(found).toBeGreaterThan(RUNS);
  });

  it('fetches with a list what hangs on its rows, as it would be found afterwards', async () => {
    const { engine, random, books } = opened;
    const along = { children: ['contacts', 'locations'], parents: [['directory', 'accountOwnerId']] } as const;
    let found = 0;
    for (const { organisation, book } of books) {
      const query: ListQuery = { conditions: [], search: null, sort: [], page: { offset: random.below(10), limit: 30 } };
      const request = { of: 'clients', query, idsAreIntegers: false, sight: wholeSight, seq: 1 } as const;
      const look = (asked: Parameters<typeof listRecords>[1]) =>
        inOrganisation(engine, organisation, async (tenant) => {
          const { rows } = await listRecords(tenant, asked);
          const children = rows.flatMap(({ record }) => [['contacts', record.id] as const, ['locations', record.id] as const]);
          const owners = rows.flatMap(({ record }) => (record as { accountOwnerId?: string | null }).accountOwnerId ?? []);
          // One more client than are on the page, and an owner that is none.
          const others = (book.get('clients') ?? []).slice(0, 1).map(({ record }) => ['contacts', record.id] as const);
          const all = await tenant.find(
            {
              records: [...owners, newId()].map((id) => ['directory', id]),
              children: [...children, ...others].map(([of, id]) => [of, id]),
              holders: [],
            },
            openEyes,
          );
          const said = all.map(({ of, kept, parents }) => ({ of, kept, parents }));
          return said.toSorted((left, right) => (left.kept.record.id < right.kept.record.id ? -1 : 1));
        });
      const expected = await look(request);
      found += expected.length;
      expect(await look({ ...request, along })).toEqual(expected);
      expect(await look({ ...request, query: { ...query, page: null }, along })).toEqual(
        await look({ ...request, query: { ...query, page: null } }),
      );
    }
    expect(found).toBeGreaterThan(50);
  });

  it('counts a record once that is found by one thing it hangs on, and later by another', async () => {
    const { engine, books } = opened;
    const [{ organisation, book }] = books as [(typeof books)[number]];
    const roles = (book.get('locationContacts') ?? []).map(({ record }) => record as { id: string; locationId: string; contactId: string });
    const { locationId } = roles[0] as (typeof roles)[number];
    const expected = roles.filter((role) => role.locationId === locationId);
    const { value: found } = await inOrganisation(engine, organisation, (tenant) =>
      withBook(tenant, openEyes, [], ({ layer }) => {
        const ofLocation = layer.children('locationContacts', locationId);
        for (const { contactId } of ofLocation) layer.children('locationContacts', contactId);
        return ofLocation.map(({ id }) => id);
      }),
    );
    expect(found.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
  });

  it('knows people as they are after their last change', async () => {
    const { engine } = opened;
    const organisation = await emptyOrganisation(engine, 'People');
    const at = '2024-01-01T00:00:00.000Z';
    const fields = nouns.directory.fieldsSchema.parse({ kind: 'user', fullName: 'Ada' });
    const made = { ...fields, id: newId(), createdAt: at, createdBy: 'x', updatedAt: at, updatedBy: 'x' };
    const ada = stored(made);
    const put = (before: Kept | null, after: Kept['record']) =>
      inOrganisation(engine, organisation, async (tenant) => {
        await tenant.lock();
        return (await tenant.put([{ of: 'directory', before, after }], null))[0] as Kept;
      });
    const look = (access: 'reads' | 'writes') =>
      inOrganisation(
        engine,
        organisation,
        async (tenant) => {
          const records: [NounName, string][] = [
            ['directory', ada.id],
            ['directory', newId()],
          ];
          return (await tenant.find({ records, children: [], holders: [] }, openEyes)).map(({ kept }) => kept);
        },
        access,
      );
    expect(await look('reads')).toEqual([]);
    let kept = await put(null, ada);
    expect(await look('reads')).toEqual([kept]);
    kept = await put(kept, { ...kept.record, fullName: 'Zoe' } as Kept['record']);
    expect(await look('reads')).toEqual([kept]);
    kept = await put(kept, { ...kept.record, deletedAt: at } as Kept['record']);
    expect(await look('reads')).toEqual([kept]);
    expect(await look('writes')).toEqual([kept]);
  });

  it('finds pages far down from pages before them, in any order, until something changes', async () => {
    const { engine, random } = opened;
    const organisation = await emptyOrganisation(engine, 'Long lists');
    const make = (): Write => ({
      of: 'clients',
      before: null,
      after: client({ name: `${random.pick(words)} ${random.below(100)}` }, `${random.pick(days)}T0${random.below(3)}:00:00.000Z`),
    });
    const put = (count: number) =>
      inOrganisation(engine, organisation, async (tenant) => {
        await tenant.lock();
        await tenant.put(Array.from({ length: count }, make), null);
      });
    await put(900);
    for (const seq of [1, 2]) {
      const kept = await inOrganisation(engine, organisation, ({ tx, opened: open }) =>
        tx
          .selectFrom('records')
          .select(['doc', 'number'])
          .where('organisation_id', '=', organisation)
          .execute()
          .then((rows) => open('clients', rows)),
      );
      const numbers = new Map(kept.map(({ record, number }) => [record.id, String(number)]));
      const records = kept.map(({ record }) => record as unknown as BookRecord); // as `recordsOf` does
      for (let run = 0; run < RUNS; run += 1) {
        const query: ListQuery = {
          conditions: random.below(3) === 0 ? [{ path: 'name', is: 'startsWith', value: random.pick(['n', 'N', 'z']) }] : [],
          search: null,
          sort: [{ path: random.pick(['createdAt', 'updatedAt', 'id', 'name']), descending: random.below(2) === 0 }],
          page: { offset: random.below(950), limit: random.pick([1, 10, 40]) },
        };
        const expected = answerList(records, query, 'clients', {
          book: viewOf(new Map([['clients', kept]])),
          remoteId: (_, id) => numbers.get(id) ?? null,
          computed: {},
        });
        const found = await inOrganisation(engine, organisation, (tenant) =>
          listRecords(tenant, { of: 'clients', query, idsAreIntegers: true, sight: wholeSight, seq }),
        );
        expect(
          found.rows.map(({ record }) => record.id),
          `seed ${random.seed}: ${JSON.stringify(query)}`,
        ).toEqual(expected.rows.map(({ id }) => id));
        expect(found.total).toBe(expected.total);
      }
      await put(50);
    }
  });
});

// The embedded database takes one transaction at a time, so there nothing changes while a set is read.
it('keeps no set of records that was read before a change', async () => {
  const { engine } = await openTestEngine('postgresql', 'listSql');
  const organisation = await emptyOrganisation(engine, 'Sets');
  const term = facetTerm('industry', 'legal');
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let reads = 0;
  const sets = createTermSets<string>(
    {
      read: async ({ tx }, of) => {
        reads += 1;
        const isFirst = reads === 1;
        const query = tx.selectFrom('terms').select('id').where('organisation_id', '=', organisation);
        const rows = await query.where('collection', '=', of).where('term', '=', term).execute();
        if (isFirst) {
          reached.resolve();
          await release.promise;
        }
        return new Map([[term, new Set(rows.map(({ id }) => id))]]);
      },
      memberOf: ({ id }) => id,
      termsOf,
    },
    { most: 1000, mostOfOne: 1000 },
  );
  const put = async () => {
    const after = client({ name: 'Depot', industry: 'legal' }, '2024-01-01T00:00:00.000Z');
    await inOrganisation(engine, organisation, async (tenant) => {
      await tenant.lock();
      await tenant.put([{ of: 'clients', before: null, after }], null);
    });
    return after.id;
  };
  const get = () =>
    inOrganisation(engine, organisation, async (tenant) => [...((await sets.get(tenant, 'clients', tenant.entered.seq, [term]))[0] ?? [])]);
  const one = await put();
  const slow = get();
  await reached.promise;
  const other = await put();
  expect(new Set(await get())).toEqual(new Set([one, other]));
  release.resolve();
  expect(await slow).toEqual([one]);
  expect(new Set(await get())).toEqual(new Set([one, other]));
  expect(reads).toBe(2);
  await engine.close();
});
