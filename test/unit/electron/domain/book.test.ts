import { expect, it } from 'vitest';
import { contentOf, openLaptop, problemOf } from '../../../support/opened-book.ts';
import { everyRecord } from '../../../support/plain-book.ts';

it('keeps what was acknowledged over a restart, exactly', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'North Depot', email: 'office@north.example', tags: ['route 7'] });
  const { record: contact } = await laptop.contacts.create({ clientId: client.id, firstName: 'Grace' });
  await laptop.clients.change(client.id, { address: { city: 'Zürich' }, banking: { accountNumber: '000123456789' } });
  await laptop.contacts.remove([contact.id]);
  const before = contentOf(laptop.book);

  const again = await laptop.reopen();

  expect(contentOf(again.book)).toEqual(before);
  expect(again.clients.get(client.id)).toEqual({ ...laptop.clients.get(client.id) });
});

it('plans what waits together and writes it with one fsync, in the order it was asked', async () => {
  const laptop = await openLaptop();
  const names = ['first', 'second', 'third', 'fourth'];
  const made = await Promise.all(names.map((name) => laptop.clients.create({ name })));

  expect(made.map(({ record }) => record.name)).toEqual(names);
  expect(laptop.changed).toHaveLength(1);
  expect(laptop.changed[0]?.clients).toEqual(made.map(({ record }) => record.id));
  expect(laptop.database.applied).toEqual([4]);
  expect([...laptop.database.kept.values()].map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

it('refuses the second of two commands that take one e-mail at the same moment, and does the others', async () => {
  const laptop = await openLaptop();
  const first = laptop.clients.create({ name: 'Harbor Bakery', email: 'Office@Harbor.example' });
  const second = laptop.clients.create({ name: 'Harbour Bakers', email: 'office@harbor.EXAMPLE' });
  const third = laptop.clients.create({ name: 'Cedar Clinic' });

  const { record } = await first;
  expect(await problemOf(second)).toMatchObject({ code: 'EMAIL_TAKEN', field: 'email', details: { id: record.id, name: 'Harbor Bakery' } });
  await third;
  expect(laptop.counts().clients).toBe(2);
});

it('leaves nothing behind when the disk is full, says so, and goes on when there is room', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'North Depot', email: 'a@b.example' });
  const before = contentOf(laptop.book);
  laptop.disk.free = 1000;

  const refused = [
    problemOf(laptop.clients.change(client.id, { email: null })),
    problemOf(laptop.clients.create({ name: 'Taker', email: 'a@b.example' })),
    problemOf(laptop.contacts.create({ clientId: client.id, firstName: 'Grace' })),
  ];

  for (const problem of await Promise.all(refused)) expect(problem.code).toBe('DISK_FULL');
  expect(contentOf(laptop.book)).toEqual(before);
  expect(laptop.changed).toHaveLength(1);
  laptop.disk.free = 50_000_000_000;
  await laptop.clients.change(client.id, { email: null });
  expect(contentOf((await laptop.reopen()).book).seq).toBe(2);
});

it('does not show a change before it is safe on the disk', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'North Depot' });
  const changing = laptop.clients.change(client.id, { name: 'South Depot' });
  await Promise.resolve();
  await Promise.resolve();

  expect(laptop.clients.get(client.id).name).toBe('North Depot');
  await changing;
  expect(laptop.clients.get(client.id).name).toBe('South Depot');
});

it('answers only after the database has it, and goes on planning meanwhile', async () => {
  const laptop = await openLaptop();
  const release = laptop.database.holdUp();
  let isAnswered = false;
  const first = laptop.clients.create({ name: 'first' }).then(() => {
    isAnswered = true;
  });
  while (laptop.counts().clients < 1) await new Promise((resolve) => setImmediate(resolve));
  const others = ['second', 'third'].map(async (name) => laptop.clients.create({ name }));
  while (laptop.counts().clients < 3) await new Promise((resolve) => setImmediate(resolve));

  expect(isAnswered).toBe(false);
  release();
  await Promise.all([first, ...others]);
  expect(laptop.database.applied.reduce((sum, count) => sum + count)).toBe(3);
});

it('tells a caller yes when the database fails, because the journal has it', async () => {
  const laptop = await openLaptop();
  laptop.database.apply = () => Promise.reject(new Error('the storage host died'));
  const { record } = await laptop.clients.create({ name: 'North Depot' });

  expect((await laptop.reopen()).clients.get(record.id).name).toBe('North Depot');
});

it('goes on after a mistake in planning or in what listens', async () => {
  const laptop = await openLaptop();
  laptop.book.watch(() => {
    throw new Error('a listener that fails');
  });
  const failing = laptop.book.run('clients.create', null, (tx) => {
    tx.create('clients', { name: 'Half done' });
    throw new RangeError('a mistake of ours');
  });
  const made = laptop.clients.create({ name: 'North Depot' });

  await expect(failing).rejects.toThrow('a mistake of ours');
  expect((await made).record.name).toBe('North Depot');
  expect(laptop.counts().clients).toBe(1);
});

it('writes no operation when nothing differs', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'North Depot', address: { city: 'Denver' } });
  const { operationId } = await laptop.clients.change(record.id, {
    name: ' North Depot ',
    notes: undefined,
    address: { city: 'Denver', line1: undefined },
  });

  expect(operationId).toBeNull();
  expect(laptop.clients.get(record.id)).toEqual(record);
  expect(laptop.book.snapshot().seq).toBe(1);
});

it('never lets updatedAt or a stamp go backwards when the laptop’s clock does', async () => {
  const laptop = await openLaptop({ at: '2026-03-04T09:00:00.000Z' });
  const { record } = await laptop.clients.create({ name: 'North Depot' });
  laptop.clock.moveTo('2025-01-01T00:00:00.000Z');
  const { record: changed } = await laptop.clients.change(record.id, { name: 'South Depot' });
  const again = await laptop.reopen();
  await again.clients.change(record.id, { name: 'East Depot' });

  expect(changed.updatedAt >= record.updatedAt).toBe(true);
  expect(again.clients.get(record.id).updatedAt >= changed.updatedAt).toBe(true);
  const stamps = [...laptop.database.kept.values()].map(({ stamp }) => stamp);
  expect(stamps).toEqual(stamps.toSorted());
  expect(new Set(stamps).size).toBe(3);
});

it('writes down who did it', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'North Depot' });
  laptop.person.name = 'Grace';
  const { record: changed } = await laptop.clients.change(record.id, { name: 'South Depot' });

  expect([record.createdBy, record.updatedBy, changed.createdBy, changed.updatedBy]).toEqual(['Ada', 'Ada', 'Ada', 'Grace']);
});

it('gives a snapshot that later changes do not touch', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'North Depot' });
  const snapshot = laptop.book.snapshot();
  const told = () => structuredClone({ ...snapshot, records: everyRecord(snapshot.records), history: [...snapshot.history.values()] });
  const copy = told();
  await laptop.clients.change(record.id, { name: 'South Depot' });
  await laptop.clients.create({ name: 'Cedar Clinic' });
  await laptop.history.undo(null);

  expect(told()).toEqual(copy);
});

it('is idle when everything asked for is in the journal and handed over', async () => {
  const laptop = await openLaptop();
  const release = laptop.database.holdUp();
  void laptop.clients.create({ name: 'North Depot' });
  let isIdle = false;
  const idle = laptop.book.idle().then(() => {
    isIdle = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isIdle).toBe(false);
  release();
  await idle;
  expect(laptop.database.applied).toEqual([1]);
});
