import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryQueries } from '../../../../../electron/domain/lists/memory-queries.ts';
import { canBeKept, createSortOrders } from '../../../../../electron/domain/lists/sort-orders.ts';
import type { ListRequestInput } from '../../../../../shared/contracts/list.ts';
import { generatedClient, generatedContact } from '../../../../support/generated-book.ts';
import { openLaptop, quietLog, request, type TestBook } from '../../../../support/opened-book.ts';
import { seeded } from '../../../../support/seeded.ts';

const orders: ListRequestInput[] = [
  {},
  { sort: [{ path: 'name', descending: true }] },
  { sort: [{ path: 'annualRevenue', descending: true }, { path: 'address.city' }] },
  { sort: [{ path: 'lifecycleStage' }, { path: 'annualRevenue' }, { path: 'updatedAt', descending: true }] },
  { sort: [{ path: 'nextFollowUpDate' }] },
];

/** The same list worked out from the records alone. */
function inMemory(laptop: TestBook, list: ListRequestInput): string[] {
  const search = { idsWith: () => null, matcher: () => () => true };
  return createMemoryQueries({ book: laptop.book, clock: laptop.clock, search }).ids('clients', request(list));
}

async function filled(): Promise<TestBook> {
  const laptop = await openLaptop();
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    for (let at = 0; at < 200; at += 1) {
      const { id } = tx.create('clients', { ...generatedClient(at), annualRevenue: at % 3 === 0 ? null : String(at % 7) });
      tx.create('contacts', generatedContact(at, id, true));
    }
  });
  await laptop.searchReady();
  return laptop;
}

describe('an order that is kept', () => {
  it('gives what sorting all records gives, on every page, whatever is done and after every start', async () => {
    const random = seeded('kept orders');
    let laptop = await filled();
    for (let step = 0; step < 160; step += 1) {
      const { clients, book } = laptop;
      const id = random.pick([...book.all('clients')].map((one) => one.id) as [string, ...string[]]);
      const isLive = book.get('clients', id)?.deletedAt === null;
      const choice = random.below(8);
      if (choice === 0) await clients.create({ name: random.pick(['Émile', 'depot 10', 'Depot 9', '商店', '😀 shop', 'zebra']) });
      else if (choice === 1 && isLive) await clients.remove([id]);
      else if (choice === 2) await clients.restore([id]);
      else if (choice === 3) await laptop.history.undo(null).catch(() => undefined);
      else if (choice === 4 && random.oneIn(5)) laptop = await laptop.reopen();
      else if (isLive) {
        const city = random.pick(['Bern', 'Århus', '', 'Zug']);
        await clients.change(id, random.oneIn(2) ? { annualRevenue: random.pick(['5', '12.50', '-3']) } : { address: { city } });
      }
      if (!random.oneIn(3)) continue;
      const list = random.pick(orders as [ListRequestInput, ...ListRequestInput[]]);
      const expected = inMemory(laptop, list);
      expect(await laptop.clients.ids(request(list))).toEqual(expected);
      const offset = random.below(expected.length + 10);
      const page = await laptop.clients.list(request({ ...list, offset, limit: 20 }));
      expect(page.rows.map((row) => row.id)).toEqual(expected.slice(offset, offset + 20));
      expect(page.total).toBe(expected.length);
      expect(page.deleted).toBe(laptop.book.counts('clients').deleted);
    }
    expect(laptop.files.readModel.orders.kept().length).toBeGreaterThan(0);
  });

  it('is right also for who asks in the same moment as a thousand records come', async () => {
    const laptop = await filled();
    await laptop.clients.list(request());
    const coming = laptop.book.run('imports.start', 'import-2', (tx) => {
      for (let at = 0; at < 1000; at += 1) tx.create('clients', { name: `Newcomer ${at}` });
    });
    await laptop.clients.list(request());
    await coming;
    expect(await laptop.clients.ids(request())).toEqual(inMemory(laptop, {}));
    expect((await laptop.clients.list(request())).total).toBe(1200);
  });

  it('has a record that is changed while it is made where it belongs, also where nothing of the noun was changed since the start', async () => {
    const first = await filled();
    await first.files.writeCheckpoint(first.book.snapshot());
    const laptop = await first.reopen();
    await laptop.searchReady();
    const { book, clients } = laptop;
    const last = [...book.ids('clients')].at(-1) as string;
    let breaths = 0;
    const kept = createSortOrders({
      book,
      model: laptop.files.readModel,
      log: quietLog,
      breather: () => async () => {
        breaths += 1;
        if (breaths !== 2) return false;
        await clients.change(last, { name: 'AAA first' });
        for (const _ of kept.takeIn());
        return true;
      },
    });
    book.watch((noun, _before, after) => kept.note(noun, after.id));
    const order = { noun: 'clients' as const, sort: [{ path: 'name', descending: false }] };
    await kept.ready(order);
    expect(breaths).toBeGreaterThan(2);
    const expected = inMemory(laptop, { sort: [{ path: 'name' }] });
    expect(expected[0]).toBe(last);
    expect(kept.ids(order, { offset: 0, limit: 20 })).toEqual(expected.slice(0, 20));
    expect(kept.ids(order)).toEqual(expected);
  });

  it('is begun again where its making broke off', async () => {
    const laptop = await filled();
    let isBroken = true;
    const book = {
      ...laptop.book,
      all: ((noun) => {
        if (isBroken) throw new Error('EIO');
        return laptop.book.all(noun);
      }) as typeof laptop.book.all,
    };
    const kept = createSortOrders({ book, model: laptop.files.readModel, log: quietLog });
    const order = { noun: 'clients' as const, sort: [{ path: 'name', descending: true }] };
    await expect(kept.ready(order)).rejects.toThrow('EIO');
    isBroken = false;
    await kept.ready(order);
    expect(kept.ids(order)).toEqual(inMemory(laptop, { sort: order.sort }));
  });

  it('of a board is none: its columns are lists of their own', async () => {
    const laptop = await filled();
    await laptop.opportunities.board(request({}));
    expect(laptop.files.readModel.orders.kept()).toEqual([]);
  });

  it('is one of eight of a noun: the one asked for longest ago goes', async () => {
    const laptop = await filled();
    const paths = ['name', 'updatedAt', 'createdAt', 'email', 'phone', 'industry', 'website', 'address.city', 'annualRevenue'];
    const { orders } = laptop.files.readModel;
    // Where columns answer, an order is kept after its first page.
    const listed = (path: string) =>
      vi.waitFor(async () => {
        await laptop.clients.list(request({ sort: [{ path }] }));
        expect(orders.has({ noun: 'clients', sort: [{ path, descending: false }] })).toBe(true);
      });
    for (const path of paths) {
      await listed(path);
      await listed('name');
      // Asked for once more, now that it is kept.
      await laptop.clients.list(request({ sort: [{ path: 'name' }] }));
    }
    const kept = laptop.files.readModel.orders.kept().map(({ sort }) => sort[0]?.path ?? '');
    expect(new Set(kept)).toEqual(new Set(paths.filter((path) => path !== 'updatedAt')));
    expect(await laptop.clients.ids(request({ sort: [{ path: 'updatedAt' }] }))).toEqual(
      inMemory(laptop, { sort: [{ path: 'updatedAt' }] }),
    );
  });

  it('follows from the records alone: not from others, not from the day, not from fields of one’s own', () => {
    const byPath = (noun: 'clients' | 'contacts' | 'tasks', path: string) => canBeKept({ noun, sort: [{ path, descending: false }] });
    expect(byPath('clients', 'name')).toBe(true);
    expect(byPath('contacts', 'name')).toBe(true);
    expect(byPath('contacts', 'clientId')).toBe(false);
    expect(byPath('clients', 'daysSinceLastContact')).toBe(false);
    expect(byPath('tasks', 'isOverdue')).toBe(false);
    expect(byPath('clients', 'custom.region')).toBe(false);
    expect(byPath('clients', 'banking.accountNumber')).toBe(false);
  });
});

describe('an order that damage left', () => {
  const damages = {
    'with a key changed': (db: DatabaseSync, table: string) =>
      db.exec(`update ${table} set key_0 = 'zzz' where id = (select id from ${table} order by key_0 limit 1)`),
    'without one of its records': (db: DatabaseSync, table: string) =>
      db.exec(`delete from ${table} where id = (select id from ${table} limit 1)`),
    'with a record that there is not': (db: DatabaseSync, table: string) => db.exec(`insert into ${table} values ('nobody', 0, '')`),
    'with one record in the place of another': (db: DatabaseSync, table: string) =>
      db.exec(`update ${table} set id = 'nobody' where id = (select id from ${table} order by key_0 limit 1)`),
    'without its table': (db: DatabaseSync, table: string) => db.exec(`drop table ${table}`),
  };

  it.each(Object.keys(damages) as (keyof typeof damages)[])('%s is not believed', async (name) => {
    const laptop = await filled();
    const before = (await laptop.clients.list(request())).rows.map(({ id }) => id);
    const again = await laptop.reopen();
    await again.files.close();
    const harmed = mkdtempSync(join(tmpdir(), 'fieldbook-order-'));
    cpSync(again.folder, harmed, { recursive: true });
    onTestFinished(() => rmSync(harmed, { recursive: true, force: true }));
    const db = new DatabaseSync(join(harmed, 'read-model', 'read-model.sqlite'));
    const [kept] = db.prepare('select number, order_text from orders').all();
    expect(kept?.['order_text']).toContain('clients');
    damages[name](db, `order_${kept?.['number']}`);
    db.close();

    const last = await openLaptop({ folder: harmed });
    // A wrong key is seen where its record stands now.
    await last.clients.list(request({ offset: 100 }));
    expect((await last.clients.list(request())).rows.map(({ id }) => id)).toEqual(before);
    expect(await last.clients.ids(request())).toEqual(inMemory(last, {}));
  });
});
