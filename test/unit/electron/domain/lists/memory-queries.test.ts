import { describe, expect, it } from 'vitest';
import { createRecordService } from '../../../../../electron/domain/record.service.ts';
import { createMemoryQueries } from '../../../../../electron/domain/lists/memory-queries.ts';
import { generatedClient } from '../../../../support/generated-book.ts';
import type { ListRequestInput } from '../../../../../shared/contracts/list.ts';
import { seeded } from '../../../../support/seeded.ts';
import { openLaptop, problemOf, request, type TestBook } from '../../../../support/opened-book.ts';

const names = async (laptop: TestBook, list: ListRequestInput = {}) =>
  (await laptop.clients.list(request(list))).rows.map(({ name }) => name);
const filtered = (laptop: TestBook, path: string, operator: NonNullable<ListRequestInput['filters']>[number]['operator'], value = '') =>
  names(laptop, { filters: [{ path, operator, value }] });

describe('order', () => {
  it('is by name as people read it: case, accents and the length of numbers do not count', async () => {
    const laptop = await openLaptop();
    for (const name of ['depot 10', 'Zürich', 'Émile', 'Depot 9', 'zebra', 'eagle', 'Apex']) await laptop.clients.create({ name });
    expect(await names(laptop)).toEqual(['Apex', 'Depot 9', 'depot 10', 'eagle', 'Émile', 'zebra', 'Zürich']);
  });

  it('goes by several fields, numbers as numbers, choices by their label, with empty ones last both ways', async () => {
    const laptop = await openLaptop();
    await laptop.clients.create({ name: 'A', annualRevenue: '900', lifecycleStage: 'prospect' });
    await laptop.clients.create({ name: 'B', annualRevenue: '10000.50', lifecycleStage: 'active_client' });
    await laptop.clients.create({ name: 'C', lifecycleStage: 'prospect' });
    await laptop.clients.create({ name: 'D', annualRevenue: '-5', lifecycleStage: 'active_client' });
    expect(await names(laptop, { sort: [{ path: 'annualRevenue' }] })).toEqual(['D', 'A', 'B', 'C']);
    expect(await names(laptop, { sort: [{ path: 'annualRevenue', descending: true }] })).toEqual(['B', 'A', 'D', 'C']);
    expect(await names(laptop, { sort: [{ path: 'lifecycleStage' }, { path: 'name', descending: true }] })).toEqual(['D', 'B', 'C', 'A']);
  });

  it('goes by computed fields, and anew when the day changes', async () => {
    const laptop = await openLaptop({ at: '2026-03-04T09:00:00.000Z' });
    await laptop.clients.create({ name: 'Soon', nextFollowUpDate: '2026-03-05' });
    await laptop.clients.create({ name: 'Late', nextFollowUpDate: '2026-03-03' });
    expect(await filtered(laptop, 'isFollowUpOverdue', 'is', 'yes')).toEqual(['Late']);
    laptop.clock.moveTo('2026-03-06T09:00:00.000Z');
    expect(await filtered(laptop, 'isFollowUpOverdue', 'is', 'yes')).toEqual(['Late', 'Soon']);
  });

  it('of contacts goes by the client’s name, also after the client is renamed', async () => {
    const laptop = await openLaptop();
    const [a, z] = await Promise.all(['Apex', 'Zebra'].map(async (name) => (await laptop.clients.create({ name })).record.id));
    await laptop.contacts.create({ clientId: z as string, firstName: 'Zoe' });
    await laptop.contacts.create({ clientId: a as string, firstName: 'Abe' });
    const byClient = async () => (await laptop.contacts.list(request({ sort: [{ path: 'clientId' }] }))).rows.map(({ name }) => name);
    expect(await byClient()).toEqual(['Abe', 'Zoe']);
    await laptop.clients.change(a as string, { name: 'Zzz' });
    expect(await byClient()).toEqual(['Zoe', 'Abe']);
  });
});

describe('filters', () => {
  async function filled(): Promise<TestBook> {
    const laptop = await openLaptop();
    await laptop.clients.create({
      name: 'Zürich Foods',
      phone: '+33 6 28 10 44 12',
      annualRevenue: '1234.50',
      paymentTermsDays: 30,
      industry: 'health',
      tags: ['VIP', 'north route'],
      nextFollowUpDate: '2026-03-04',
      address: { city: 'Zürich' },
      hasInvoiceReminders: true,
    });
    await laptop.clients.create({
      name: 'Apex',
      industry: 'Rocket science',
      nextFollowUpDate: '2025-12-31',
      annualRevenue: '99',
      phone: '555-0100',
    });
    await laptop.clients.create({ name: 'Bare' });
    return laptop;
  }

  it.each([
    ['name', 'contains', 'zur', ['Zürich Foods']],
    ['name', 'startsWith', 'ZÜ', ['Zürich Foods']],
    ['name', 'is', 'apex', ['Apex']],
    ['name', 'isNot', 'apex', ['Bare', 'Zürich Foods']],
    ['name', 'atLeast', 'b', ['Bare', 'Zürich Foods']],
    ['address.city', 'is', 'zurich', ['Zürich Foods']],
    ['address.city', 'isEmpty', '', ['Apex', 'Bare']],
    ['address.city', 'isNotEmpty', '', ['Zürich Foods']],
    ['annualRevenue', 'atLeast', '1,234.50', ['Zürich Foods']],
    ['annualRevenue', 'atMost', '99.00', ['Apex']],
    ['annualRevenue', 'is', '1234,5', ['Zürich Foods']],
    ['annualRevenue', 'before', 'many', []],
    ['paymentTermsDays', 'after', '9', ['Zürich Foods']],
    ['industry', 'is', 'Health and wellness', ['Zürich Foods']],
    ['industry', 'is', 'health', ['Zürich Foods']],
    ['industry', 'contains', 'rocket', ['Apex']],
    ['lifecycleStage', 'is', 'prospect', ['Apex', 'Bare', 'Zürich Foods']],
    ['lifecycleStage', 'isNot', 'Prospect', []],
    ['tags', 'is', 'vip', ['Zürich Foods']],
    ['tags', 'contains', 'route', ['Zürich Foods']],
    ['tags', 'isEmpty', '', ['Apex', 'Bare']],
    ['hasInvoiceReminders', 'is', 'yes', ['Zürich Foods']],
    ['hasInvoiceReminders', 'is', 'false', ['Apex', 'Bare']],
    ['nextFollowUpDate', 'before', '2026-01-01', ['Apex']],
    ['nextFollowUpDate', 'is', '2026-03', ['Zürich Foods']],
    ['nextFollowUpDate', 'atMost', '2025', ['Apex']],
    ['nextFollowUpDate', 'after', 'soon', []],
    ['phone', 'contains', '06 28 10', ['Zürich Foods']],
    ['phone', 'is', '0033628104412', ['Zürich Foods']],
    ['createdAt', 'is', '2026-03-04', ['Apex', 'Bare', 'Zürich Foods']],
    ['name', 'contains', '', ['Apex', 'Bare', 'Zürich Foods']],
  ] as const)('%s %s "%s"', async (path, operator, value, expected) => {
    expect(await filtered(await filled(), path, operator, value)).toEqual(expected);
  });

  it('on a reference go by the name of what it points to, or its id', async () => {
    const laptop = await filled();
    const { record } = await laptop.clients.create({ name: 'Harbor Bakery' });
    await laptop.contacts.create({ clientId: record.id, firstName: 'Grace' });
    for (const value of ['harbor bakery', record.id]) {
      const { rows } = await laptop.contacts.list(request({ filters: [{ path: 'clientId', operator: 'is', value }] }));
      expect(rows.map(({ clientName }) => clientName)).toEqual(['Harbor Bakery']);
    }
  });

  it('refuse a field the list does not have, and one that is kept hidden', async () => {
    const laptop = await filled();
    expect(await problemOf(filtered(laptop, 'shoeSize', 'is', '43'))).toMatchObject({ code: 'INVALID_INPUT', field: 'filters.0.path' });
    const hidden = await problemOf(names(laptop, { sort: [{ path: 'banking.accountNumber' }] }));
    expect(hidden.message).toBe('Account number is kept hidden, so lists cannot be filtered or sorted by it. Choose another field.');
  });
});

describe('pages', () => {
  it('come in order and say how many there are, live and deleted', async () => {
    const laptop = await openLaptop();
    const made = await Promise.all(Array.from({ length: 25 }, (_, at) => laptop.clients.create({ name: `Client ${at + 1}` })));
    await laptop.clients.remove([made[0]?.record.id as string]);
    const page = await laptop.clients.list(request({ offset: 20, limit: 10 }));
    expect(page.rows.map(({ name }) => name)).toEqual(['Client 22', 'Client 23', 'Client 24', 'Client 25']);
    expect(page).toMatchObject({ total: 24, deleted: 1 });
    expect(await laptop.clients.ids(request())).toHaveLength(24);
  });

  it('of deleted records come newest first and can be searched', async () => {
    const laptop = await openLaptop();
    const made = await Promise.all(['Apex', 'Bare', 'Cedar'].map((name) => laptop.clients.create({ name })));
    for (const at of [1, 0, 2]) {
      laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
      await laptop.clients.remove([made[at]?.record.id as string]);
    }
    expect(await names(laptop, { show: 'deleted' })).toEqual(['Cedar', 'Apex', 'Bare']);
    expect(await names(laptop, { show: 'deleted', search: 'bar' })).toEqual(['Bare']);
    expect(await names(laptop)).toEqual([]);
  });

  it('of what hangs on a client hold only that', async () => {
    const laptop = await openLaptop();
    const [one, two] = await Promise.all(['One', 'Two'].map(async (name) => (await laptop.clients.create({ name })).record.id));
    await laptop.locations.create({ clientId: one as string, name: 'Depot' });
    await laptop.locations.create({ clientId: two as string, name: 'Office' });
    const gone = await laptop.locations.create({ clientId: one as string, name: 'Old shop' });
    await laptop.locations.remove([gone.record.id]);
    const page = await laptop.locations.list(request({ parentId: one as string }));
    expect(page.rows.map(({ name, clientName }) => [name, clientName])).toEqual([['Depot', 'One']]);
    expect(page).toMatchObject({ total: 1, deleted: 1 });
  });
});

it('a list narrowed by words follows changes, of what it hangs on too', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { record: grace } = await laptop.contacts.create({ clientId: client.id, firstName: 'Grace' });
  const found = async () => (await laptop.contacts.list(request({ search: 'harbor' }))).rows.map(({ name }) => name);
  expect(await found()).toEqual(['Grace']);
  await laptop.contacts.change(grace.id, { firstName: 'Ada' });
  expect(await found()).toEqual(['Ada']);
  await laptop.clients.change(client.id, { name: 'Cedar Clinic' });
  expect(await found()).toEqual([]);
});

it('a list that is kept while records come, change and go equals one that is worked out anew', async () => {
  const random = seeded('list kept up to date');
  const laptop = await openLaptop();
  const lists: ListRequestInput[] = [
    {},
    { sort: [{ path: 'annualRevenue', descending: true }, { path: 'name' }] },
    { filters: [{ path: 'name', operator: 'contains', value: '1' }], sort: [{ path: 'updatedAt', descending: true }] },
    { show: 'deleted' },
    { search: 'client' },
  ];
  for (let step = 0; step < 150; step += 1) {
    const ids = [...laptop.book.all('clients')].map(({ id }) => id);
    const choice = random.below(10);
    const id = ids[random.below(Math.max(1, ids.length))];
    if (id === undefined || choice < 4)
      await laptop.clients.create({
        name: `Client ${random.below(40)}`,
        annualRevenue: random.below(2) === 0 ? null : String(random.below(9)),
      });
    else if (choice < 7) {
      if (laptop.clients.get(id).deletedAt === null)
        await laptop.clients.change(id, { name: `Client ${random.below(40)}`, annualRevenue: String(random.below(9)) });
    } else if (choice < 8) await laptop.clients.remove([id]);
    else if (choice < 9) await laptop.clients.restore([id]);
    else if (laptop.book.stacks().undo.length > 0) await laptop.history.undo(null);
    if (step % 3 === 0) for (const list of lists) await laptop.clients.ids(request(list));
  }
  const kept = await Promise.all(lists.map((list) => laptop.clients.ids(request(list))));
  const anew = await laptop.reopen();
  expect(kept).toEqual(await Promise.all(lists.map((list) => anew.clients.ids(request(list)))));
});

describe('a list that is worked out in pieces', () => {
  const lists: ListRequestInput[] = [
    {},
    { sort: [{ path: 'annualRevenue', descending: true }, { path: 'name' }] },
    { filters: [{ path: 'name', operator: 'contains', value: '1' }], sort: [{ path: 'updatedAt', descending: true }] },
    { filters: [{ path: 'isActive', operator: 'is', value: 'yes' }], sort: [{ path: 'createdAt' }] },
    { show: 'deleted' },
    { search: 'client' },
  ];

  /** A book of 300 clients, and lists of it whose breathing is this. */
  async function withBreath(breathe: (laptop: TestBook) => Promise<void>) {
    const laptop = await openLaptop();
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let at = 0; at < 300; at += 1) {
        const { id } = tx.create('clients', { ...generatedClient(at), name: `Client ${at % 40}` });
        if (at % 10 === 0) tx.remove('clients', id);
      }
    });
    await laptop.searchReady();
    let breaths = 0;
    const queries = createMemoryQueries({
      book: laptop.book,
      clock: laptop.clock,
      search: {
        idsWith: (_, text) =>
          text === '' ? null : [...laptop.book.all('clients')].filter((one) => one.deletedAt === null).map(({ id }) => id),
        matcher: () => () => true,
      },
      breather: () => async () => {
        breaths += 1;
        await breathe(laptop);
        return true;
      },
    });
    return { laptop, queries, breaths: () => breaths };
  }

  it.each(lists)('equals one that is worked out at once, though records come, change and go meanwhile: %j', async (list) => {
    const random = seeded('list worked out while the book changes');
    const many = random.oneIn(2) ? 90 : 1;
    let isChanging = true;
    const { laptop, queries, breaths } = await withBreath(async ({ book, clients }) => {
      if (!isChanging || random.oneIn(2)) return;
      const ids = [...book.all('clients')].filter(({ deletedAt }) => deletedAt === null).map(({ id }) => id);
      await book.run('clients.change', null, (tx) => {
        for (let at = 0; at < many; at += 1) {
          const id = random.pick(ids as [string, ...string[]]);
          if (tx.get('clients', id)?.deletedAt !== null) continue;
          const choice = random.below(4);
          if (choice === 0) tx.remove('clients', id);
          else if (choice === 1) tx.create('clients', { name: `Client ${random.below(40)}`, annualRevenue: String(random.below(9)) });
          else tx.change('clients', id, { name: `Client ${random.below(40)}`, annualRevenue: String(random.below(9)) });
        }
      });
      const gone = [...book.all('clients')].filter(({ deletedAt }) => deletedAt !== null).map(({ id }) => id);
      if (random.oneIn(4)) await clients.restore(gone.slice(gone.length / 2));
    });
    // Book changes come to an end some time, as people's do.
    const stop = setTimeout(() => (isChanging = false), 1500);
    await queries.ready('clients', request(list));
    clearTimeout(stop);
    isChanging = false;
    const worked = queries.ids('clients', request(list));
    expect(breaths()).toBeGreaterThan(0);
    expect(worked.length).toBeGreaterThan(0);
    expect(worked).toEqual(await laptop.clients.ids(request(list)));
  });

  it('is answered while an import goes on, however long that lasts', async () => {
    const laptop = await openLaptop();
    const add = (count: number) =>
      laptop.book.run('imports.start', 'i', (tx) => {
        for (let at = 0; at < count; at += 1) tx.create('clients', { name: `N ${at}` });
      });
    await add(1500);
    const search = { idsWith: () => null, matcher: () => () => true };
    let breaths = 0;
    const queries = createMemoryQueries({
      book: laptop.book,
      clock: laptop.clock,
      search,
      breather: () => async () => {
        breaths += 1;
        // A quiet list of this size takes some fifty.
        if (breaths > 400) throw new Error('It never ends');
        await add(20);
        return true;
      },
    });
    const asked = request({ filters: [{ path: 'name', operator: 'contains', value: 'N' }] });
    await queries.ready('clients', asked);
    expect(queries.ids('clients', asked)).toHaveLength(laptop.book.counts('clients').live);
  });

  it('is made ready for a board as the board asks for it', async () => {
    const laptop = await openLaptop();
    const { id: clientId } = (await laptop.clients.create({ name: 'C' })).record;
    await laptop.book.run('imports.start', 'i', (tx) => {
      for (let at = 0; at < 100; at += 1) tx.create('opportunities', { name: `O ${at}`, clientId });
    });
    let walks = 0;
    const all = ((noun) => {
      walks += 1;
      return laptop.book.all(noun);
    }) as typeof laptop.book.all;
    const search = { idsWith: () => null, matcher: () => () => true };
    const queries = createMemoryQueries({ book: { ...laptop.book, all }, clock: laptop.clock, search });
    const atOnce: number[] = [];
    const service = createRecordService('opportunities', {
      book: laptop.book,
      queries: {
        ...queries,
        board(...given) {
          const before = walks;
          const found = queries.board(...given);
          atOnce.push(walks - before);
          return found;
        },
      },
      opened: () => undefined,
      searchReady: async () => undefined,
    });
    await service.board(request({ filters: [{ path: 'name', operator: 'contains', value: 'O' }] }));
    expect(atOnce).toEqual([0]);
    expect(walks).toBe(1);
  });

  it('is worked out once for all who ask for it meanwhile, and for nobody again', async () => {
    const { queries, breaths } = await withBreath(async () => undefined);
    await Promise.all([queries.ready('clients', request({ offset: 100 })), queries.ready('clients', request())]);
    const once = breaths();
    expect(once).toBeGreaterThan(300 / 40);
    await queries.ready('clients', request({ offset: 200 }));
    queries.list('clients', request());
    expect(breaths()).toBe(once);
  });
});
