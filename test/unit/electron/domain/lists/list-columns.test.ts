import { describe, expect, it, onTestFinished } from 'vitest';
import type { Book, BookReader } from '../../../../../electron/domain/book.ts';
import { createColumnLists, withColumns } from '../../../../../electron/domain/lists/column-queries.ts';
import { withKeptOrders } from '../../../../../electron/domain/lists/kept-orders.ts';
import { createListColumns } from '../../../../../electron/domain/lists/list-columns.ts';
import { createMemoryQueries } from '../../../../../electron/domain/lists/memory-queries.ts';
import { createReadModelFeed } from '../../../../../electron/domain/read-model.ts';
import { ownFieldInfos } from '../../../../../electron/domain/own-fields.ts';
import { type FieldFilter, filterOperators, type FilterNode, type ListRequestInput } from '../../../../../shared/contracts/list.ts';
import { type FieldInfo, valueAt } from '../../../../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../../../../shared/nouns/nouns.ts';
import { generatedClient, generatedContact } from '../../../../support/generated-book.ts';
import { openLaptop, quietLog, request, type TestBook } from '../../../../support/opened-book.ts';
import { type Seeded, seeded } from '../../../../support/seeded.ts';

const noWords = { idsWith: () => null, matcher: () => () => true };

/** The same list worked out from the records alone, by queries that never saw another moment. */
function fromRecords(laptop: TestBook, noun: NounName, list: ListRequestInput): string[] {
  return createMemoryQueries({ book: laptop.book, clock: laptop.clock, search: noWords }).ids(noun, request(list));
}

/** Lists of a book from columns that get wide at `most` values; whatever columns cannot tell is null. */
function columnsOf(laptop: TestBook, most?: number) {
  const { book, clock } = laptop;
  const columns = createListColumns({ book, clock, ...(most !== undefined && { most }) });
  onTestFinished(columns.stop);
  const lists = createColumnLists({ book, clock, columns });
  return {
    columns,
    lists,
    candidates(noun: NounName, list: ListRequestInput): string[] | null {
      const pieces = lists.candidates(noun, request(list));
      for (;;) {
        const piece = pieces.next();
        if (piece.done === true) return piece.value;
      }
    },
    async ids(noun: NounName, list: ListRequestInput): Promise<string[] | null> {
      await lists.ready(noun, request(list));
      const found = lists.ids(noun, request(list));
      return found?.slice(0, found.total) ?? null;
    },
  };
}

async function filled(clients = 60): Promise<TestBook> {
  const laptop = await openLaptop();
  const [ada, tom] = await Promise.all(
    ['Ada', 'Tom'].map(async (fullName) => (await laptop.directory.create({ kind: 'user', fullName })).record.id),
  );
  await laptop.ownFields.create({ noun: 'clients', label: 'Route', fieldKind: 'text' });
  const route = ownFieldInfos(laptop.book, 'clients')[0]?.path.slice('custom.'.length) ?? '';
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    for (let at = 0; at < clients; at += 1) {
      const { id } = tx.create('clients', {
        ...generatedClient(at),
        annualRevenue: at % 3 === 0 ? null : String(at % 7),
        nextFollowUpDate: at % 4 === 0 ? `2026-03-${String((at % 9) + 1).padStart(2, '0')}` : null,
        custom: at % 5 === 0 ? { [route]: `R${at % 4}` } : {},
      });
      tx.create('contacts', generatedContact(at, id, true));
      if (at % 3 !== 0) continue;
      tx.create('contacts', generatedContact(at + 1000, id, false));
      const assignedToIds = at % 2 === 0 ? [ada as string] : [tom as string, ada as string];
      tx.create('opportunities', { clientId: id, name: `Deal ${at % 11}`, amount: String(at), assignedToIds });
      tx.create('tasks', { clientId: id, title: `Call ${at % 5}`, dueDate: '2026-03-04', assignedToIds });
    }
  });
  await laptop.searchReady();
  return laptop;
}

const listed: NounName[] = ['clients', 'contacts', 'opportunities', 'tasks', 'directory'];

function fieldsIn(laptop: TestBook, noun: NounName): FieldInfo[] {
  return [...fieldsOf(noun), ...ownFieldInfos(laptop.book, noun)].filter(({ secret }) => secret !== true);
}

/** A condition that some records meet: its value is a piece of what one of them has. */
function someCondition(laptop: TestBook, noun: NounName, random: Seeded): FieldFilter {
  const field = random.pick(fieldsIn(laptop, noun) as [FieldInfo, ...FieldInfo[]]);
  const operator = random.pick(Object.keys(filterOperators) as [FieldFilter['operator'], ...FieldFilter['operator'][]]);
  const records = [...laptop.book.all(noun)];
  const said = valueAt(random.pick(records as [object, ...object[]]), field.path);
  const one = Array.isArray(said) ? said[0] : said;
  const named = field.of === undefined || typeof one !== 'string' || random.oneIn(2) ? undefined : laptop.queries.get(field.of, one);
  const title = named === undefined || named === null ? undefined : (named as { name?: string }).name;
  const value = operator === 'within' ? random.pick(['past', 'thisWeek', 'next 7']) : String(title ?? one ?? random.pick(['', 'a', 'yes']));
  return { path: field.path, operator, value };
}

function someList(laptop: TestBook, noun: NounName, random: Seeded): ListRequestInput {
  const condition = () => someCondition(laptop, noun, random);
  const group = (depth: number): FilterNode =>
    depth === 0 || random.oneIn(2) ? condition() : { match: random.pick(['all', 'any']), of: [group(depth - 1), group(depth - 1)] };
  const sort = Array.from({ length: random.below(3) }, () => ({
    path: random.pick(fieldsIn(laptop, noun) as [FieldInfo, ...FieldInfo[]]).path,
    descending: random.oneIn(2),
  }));
  const filters = Array.from({ length: random.below(3) }, condition);
  return { sort, filters, where: random.oneIn(3) ? { match: random.pick(['all', 'any']), of: [group(2), group(1)] } : null };
}

/** Something that a person may do, to any record. */
async function doSomething(laptop: TestBook, random: Seeded): Promise<void> {
  const { clients, contacts, book } = laptop;
  const idIn = (noun: NounName) => random.pick([...book.ids(noun)] as [string, ...string[]]);
  const name = () => random.pick(['Émile', 'depot 10', 'Depot 9', '商店', '😀 shop', 'zebra', 'Zebra']);
  const client = idIn('clients');
  const isLive = book.get('clients', client)?.deletedAt === null;
  const choice = random.below(9);
  if (choice === 0) await clients.create({ name: name(), address: { city: name() } });
  else if (choice === 1) await clients.remove([client]);
  else if (choice === 2) await clients.restore([client]).catch(() => undefined);
  else if (choice === 3) await laptop.history.undo(null).catch(() => undefined);
  else if (choice === 4) await laptop.directory.change(idIn('directory'), { fullName: name() }).catch(() => undefined);
  else if (choice === 5 && isLive) await contacts.create({ clientId: client, firstName: name() });
  else if (choice === 6) laptop.clock.moveTo(`2026-03-${10 + random.below(9)}T09:00:00.000Z`);
  else if (isLive) {
    const changes = [
      { name: name() },
      { tags: [name()] },
      { annualRevenue: random.pick(['5', '12.50', null]) },
      { address: { city: name() } },
    ];
    await clients.change(client, random.pick(changes as [object, ...object[]]) as Record<string, unknown>);
  }
}

describe('a list from columns', () => {
  it.each([undefined, 4])(
    'is what the records alone give, whatever is asked and done (columns wide from %s values on)',
    async (most) => {
      const random = seeded('list columns');
      let laptop = await filled();
      let asked = columnsOf(laptop, most);
      let told = 0;
      // Most are asked for again and again, as screens do: what is remembered of them must not be of the past.
      const again = Array.from({ length: 30 }, (): [NounName, ListRequestInput] => {
        const noun = random.pick(listed as [NounName, ...NounName[]]);
        return [noun, someList(laptop, noun, random)];
      });
      const lately: [NounName, ListRequestInput][] = [
        ['clients', { filters: [{ path: 'nextFollowUpDate', operator: 'within', value: 'past' }] }],
        ['clients', { sort: [{ path: 'isFollowUpOverdue' }] }],
        ['clients', { filters: [{ path: 'address.city', operator: 'isNotEmpty', value: '' }] }],
        ['contacts', { sort: [{ path: 'clientId' }], filters: [{ path: 'clientId', operator: 'contains', value: 'z' }] }],
      ];
      for (let step = 0; step < 400; step += 1) {
        if (random.oneIn(3)) await doSomething(laptop, random);
        if (random.oneIn(100)) {
          laptop = await laptop.reopen();
          asked = columnsOf(laptop, most);
        }
        const anew = random.pick(listed as [NounName, ...NounName[]]);
        const [noun, list] = random.pick([
          [anew, someList(laptop, anew, random)],
          again[random.below(again.length)] as [NounName, ListRequestInput],
          lately[random.below(lately.length)] as [NounName, ListRequestInput],
        ] as [[NounName, ListRequestInput], [NounName, ListRequestInput], [NounName, ListRequestInput]]);
        const expected = fromRecords(laptop, noun, list);
        const found = await asked.ids(noun, list);
        if (found !== null) {
          told += 1;
          expect(found, JSON.stringify([noun, list])).toEqual(expected);
        }
        const candidates = asked.candidates(noun, list);
        if (candidates !== null) expect(new Set(candidates).isSupersetOf(new Set(expected)), JSON.stringify([noun, list])).toBe(true);
        // The way a screen asks: kept orders, columns or records, whichever it is.
        if (random.oneIn(4))
          expect(await laptop.queries.ready(noun, request(list)).then(() => laptop.queries.ids(noun, request(list)))).toEqual(expected);
      }
      expect(told).toBeGreaterThan(most === undefined ? 200 : 20);
    },
    60_000,
  );

  it.each(listed)('of %s tells every order and every filter that is no long text', async (noun) => {
    const laptop = await filled();
    const asked = columnsOf(laptop);
    for (const { path, kind } of fieldsIn(laptop, noun)) {
      if (kind === 'multiline') continue;
      for (const descending of [false, true]) {
        const list = { sort: [{ path, descending }] };
        expect(await asked.ids(noun, list), path).toEqual(fromRecords(laptop, noun, list));
      }
      const list = { filters: [{ path, operator: 'isNotEmpty' as const, value: '' }] };
      expect(await asked.ids(noun, list), path).toEqual(fromRecords(laptop, noun, list));
    }
  });

  it('has a record in its place that is changed, comes or goes while columns are made', async () => {
    const laptop = await filled(200);
    const { book, clock, clients } = laptop;
    const [first, second] = [...book.ids('clients')];
    let breaths = 0;
    const columns = createListColumns({
      book,
      clock,
      breather: () => async () => {
        breaths += 1;
        if (breaths === 5) await clients.change(first as string, { name: 'AAA', address: { city: 'Zug' } });
        if (breaths === 6) await clients.remove([second as string]);
        if (breaths === 7) await clients.create({ name: 'AAB', address: { city: 'Zug' } });
        return true;
      },
    });
    const lists = createColumnLists({ book, clock, columns });
    const list: ListRequestInput = { filters: [{ path: 'address.city', operator: 'is', value: 'Zug' }] };
    await lists.ready('clients', request(list));
    expect(breaths).toBeGreaterThan(7);
    expect(lists.ids('clients', request(list))?.slice(0, 10)).toEqual(fromRecords(laptop, 'clients', list));
    expect(lists.ids('clients', request())?.slice(0, 300)).toEqual(fromRecords(laptop, 'clients', {}));
  });

  it('has every record in its order when others leave this computer, come and get other names while columns are made', async () => {
    const random = seeded('columns made while records leave');
    const laptop = await filled(300);
    const { book, clock, clients } = laptop;
    const drop = (id: string) =>
      book.runFor({ command: 'sync.pull', sync: () => ({ remote: 'main', dropped: [{ collection: 'clients', id }] }) }, () => undefined);
    for (let round = 0; round < 8; round += 1) {
      const breather = () => async () => {
        const ids = [...book.ids('clients')].sort();
        // Those that are read last may have left before.
        const id = random.pick((random.oneIn(3) ? ids : ids.slice(-3)) as [string, ...string[]]);
        const choice = random.below(4);
        if (choice === 0) await clients.create({ name: `Shop ${random.below(50)}` });
        else if (choice === 1) await clients.change(id, { name: `Depot ${random.below(50)}` });
        else await drop(id);
        return true;
      };
      const columns = createListColumns({ book, clock, breather });
      const lists = createColumnLists({ book, clock, columns });
      await columns.ready('clients', []);
      for (const list of [{}, { sort: [{ path: 'name', descending: true }] }]) {
        await lists.ready('clients', request(list));
        const expected = fromRecords(laptop, 'clients', list);
        expect(lists.ids('clients', request(list))?.slice(0, 1000), `round ${round}`).toEqual(expected);
      }
      const byClient = { sort: [{ path: 'clientId' }] };
      await lists.ready('contacts', request(byClient));
      expect(lists.ids('contacts', request(byClient))?.slice(0, 1000)).toEqual(fromRecords(laptop, 'contacts', byClient));
      columns.stop();
    }
  });
});

describe('work on lists', () => {
  /** Lists of the book, and the most records that were read for them before others had their turn. */
  function countedLists(laptop: TestBook, meanwhile = async () => {}) {
    const counted = { most: 0, reads: 0 };
    const turn = () => {
      counted.most = Math.max(counted.most, counted.reads);
      counted.reads = 0;
    };
    const breather = () => async () => {
      turn();
      await meanwhile();
      return false;
    };
    const get: BookReader['get'] = (noun, id) => {
      counted.reads += 1;
      return laptop.book.get(noun, id);
    };
    const book: Book = { ...laptop.book, get };
    const { clock } = laptop;
    const columns = createListColumns({ book, clock, breather });
    onTestFinished(columns.stop);
    const lists = createColumnLists({ book, clock, columns, breather });
    const queries = withColumns(createMemoryQueries({ book, clock, search: noWords, columns: lists, breather }), lists);
    return {
      columns,
      lists,
      queries,
      /** Since the last call. */
      mostAtOnce(): number {
        turn();
        const { most } = counted;
        counted.most = 0;
        return most;
      },
    };
  }

  const importInto = ({ book }: TestBook, name: string) =>
    book.run('imports.start', name, (tx) => {
      for (let at = 0; at < 250; at += 1) {
        const { id } = tx.create('clients', { ...generatedClient(at), email: null, annualRevenue: String(at) });
        tx.create('contacts', { ...generatedContact(at, id, true), email: null, generalNote: 'Met' });
      }
    });
  const aPiece = 150;

  it('lets others have their turn while it takes in an import, whatever is asked after it', async () => {
    const laptop = await filled();
    const counted = countedLists(laptop);
    const feed = createReadModelFeed({ book: laptop.book, model: laptop.files.readModel, log: quietLog });
    onTestFinished(feed.stop);
    await feed.ready();
    const queries = withKeptOrders(counted.queries, feed);
    await counted.lists.begin();
    const [client] = laptop.book.ids('clients');
    const lists: [NounName, ListRequestInput][] = [
      ['clients', { sort: [{ path: 'annualRevenue' }] }],
      ['contacts', { filters: [{ path: 'clientId', operator: 'is', value: client as string }] }],
      ['contacts', { sort: [{ path: 'clientId' }] }],
    ];
    for (const [noun, list] of lists) {
      await importInto(laptop, `import of ${JSON.stringify(list)}`);
      await feed.ready();
      counted.mostAtOnce();
      await queries.ready(noun, request(list));
      const first = counted.lists.ids(noun, request(list));
      expect(counted.mostAtOnce(), JSON.stringify(list)).toBeLessThan(aPiece);
      expect(first?.slice(0, 5000)).toEqual(fromRecords(laptop, noun, list));
    }
  });

  it('lets others have their turn when an import comes while columns are made', async () => {
    const laptop = await filled();
    let isImported = false;
    const { columns, lists, mostAtOnce } = countedLists(laptop, async () => {
      if (isImported || columns.waiting('clients') === null) return;
      isImported = true;
      await importInto(laptop, 'import-2');
    });
    await lists.begin();
    expect(isImported).toBe(true);
    expect(mostAtOnce()).toBeLessThan(aPiece);
    expect([columns.waiting('clients'), columns.waiting('contacts')]).toEqual([0, 0]);
  });

  it('lets others have their turn while it looks for titles that are asked for beside something that no column tells', async () => {
    const laptop = await filled();
    await importInto(laptop, 'import-2');
    const { lists, queries, mostAtOnce } = countedLists(laptop);
    await lists.begin();
    const list: ListRequestInput = {
      filters: [
        { path: 'generalNote', operator: 'contains', value: 'met' },
        { path: 'clientId', operator: 'contains', value: 'e' },
      ],
    };
    mostAtOnce();
    await queries.ready('contacts', request(list));
    expect(mostAtOnce()).toBeLessThan(aPiece);
    const found = queries.ids('contacts', request(list));
    expect(found.length).toBeGreaterThan(100);
    expect(found).toEqual(fromRecords(laptop, 'contacts', list));
  });
});

it('knows of a field that gets wide by an edit who has a value, as it did before', async () => {
  const laptop = await openLaptop();
  const { clients } = laptop;
  const ids: string[] = [];
  for (const city of ['Bern', 'Zug', 'Chur', '', 'Zug'])
    ids.push((await clients.create({ name: `Shop ${city}`, address: { city } })).record.id);
  const asked = columnsOf(laptop, 5);
  const lists = (['isEmpty', 'isNotEmpty'] as const).map((operator) => ({ filters: [{ path: 'address.city', operator, value: '' }] }));
  for (const city of ['Thun', 'Biel', 'Aarau', null, 'Sion']) {
    for (const list of lists) expect(await asked.ids('clients', list)).toEqual(fromRecords(laptop, 'clients', list));
    await clients.change(ids[city === null ? 0 : 3] as string, { address: { city } });
  }
  expect(asked.columns.table('clients')?.columns.get('address.city')?.isWide).toBe(true);
  for (const list of lists) expect(await asked.ids('clients', list)).toEqual(fromRecords(laptop, 'clients', list));
});

describe('the first page of any list', () => {
  const lists: [NounName, string, ListRequestInput][] = [
    ['contacts', 'by client', { sort: [{ path: 'clientId' }] }],
    ['opportunities', 'by client and stage', { sort: [{ path: 'clientId', descending: true }, { path: 'stage' }] }],
    ['clients', 'of a city', { filters: [{ path: 'address.city', operator: 'is', value: 'Denver' }] }],
    [
      'clients',
      'without tags or open',
      { filters: [{ path: 'tags', operator: 'isEmpty', value: '' }], sort: [{ path: 'lifecycleStage' }] },
    ],
  ];

  it.each([60, 600])('reads its rows and no other record, out of %i clients', async (clients) => {
    const laptop = await (await filled(clients)).reopen();
    let gets = 0;
    let walked = 0;
    const get: BookReader['get'] = (noun, id) => {
      gets += 1;
      return laptop.book.get(noun, id);
    };
    const all: BookReader['all'] = function* (noun) {
      for (const record of laptop.book.all(noun)) {
        walked += noun === 'ownFields' ? 0 : 1;
        yield record;
      }
    };
    const book: Book = { ...laptop.book, get, all };
    const { clock } = laptop;
    const columns = createListColumns({ book, clock });
    const asked = createColumnLists({ book, clock, columns });
    await asked.begin();
    const queries = withColumns(createMemoryQueries({ book, clock, search: noWords, columns: asked }), asked);
    for (const [noun, name, list] of lists) {
      const wanted = request({ ...list, limit: 5 });
      const expected = fromRecords(laptop, noun, list).slice(0, 5);
      gets = 0;
      walked = 0;
      await queries.ready(noun, wanted);
      const page = queries.list(noun, wanted);
      expect(
        page.rows.map(({ id }) => id),
        name,
      ).toEqual(expected);
      expect({ walked, isFew: gets <= 5 * 10 }, `${name}: ${gets}`).toEqual({ walked: 0, isFew: true });
      // An edit is one record more.
      const [row] = page.rows;
      if (noun !== 'clients' || row === undefined) continue;
      await laptop.clients.change(row.id, { tags: [], notes: 'Visited' });
      gets = 0;
      await queries.ready(noun, wanted);
      expect(gets, name).toBeLessThanOrEqual(1);
    }
  });

  it('by a field with too many values reads those that the filters leave', async () => {
    const laptop = await filled(200);
    const asked = columnsOf(laptop, 20);
    await asked.columns.begin();
    const list: ListRequestInput = { filters: [{ path: 'address.city', operator: 'is', value: 'Denver' }], sort: [{ path: 'email' }] };
    expect(await asked.ids('clients', list)).toBeNull();
    const candidates = asked.candidates('clients', list);
    expect(new Set(candidates)).toEqual(new Set(fromRecords(laptop, 'clients', list)));
    expect(candidates?.length).toBeLessThan(100);
  });
});
