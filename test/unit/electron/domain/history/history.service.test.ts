import { expect, it } from 'vitest';
import { counted, contentOf, openLaptop, problemOf, type TestBook } from '../../../../support/opened-book.ts';

/** Records without what every operation moves on: stamps and the time of the last change. */
function plainRecords(laptop: TestBook) {
  const { records } = contentOf(laptop.book);
  return Object.fromEntries(
    Object.entries(records).map(([noun, list]) => [
      noun,
      (list as Record<string, unknown>[]).map(({ stamps: _, updatedAt: __, updatedBy: ___, deletedAt, ...rest }) => ({
        ...rest,
        isDeleted: deletedAt !== null,
      })),
    ]),
  );
}

it('takes back and does again every kind of command, one after the other, also after a restart', async () => {
  let laptop = await openLaptop();
  const steps: (() => Promise<unknown>)[] = [];
  const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery', email: 'a@b.example' });
  const { record: grace } = await laptop.contacts.create({ clientId: client.id, firstName: 'Grace', isPrimary: true });
  steps.push(
    () => laptop.clients.change(client.id, { name: 'Harbor Street Bakery', address: { city: 'San Diego' } }),
    () => laptop.contacts.create({ clientId: client.id, firstName: 'Linus', isPrimary: true }),
    () => laptop.locations.create({ clientId: client.id, name: 'Shop' }),
    () => laptop.contacts.remove([grace.id]),
    () => laptop.clients.remove([client.id]),
    () => laptop.clients.restore([client.id]),
    () => laptop.contacts.restore([grace.id]),
    () => laptop.clients.change(client.id, { tags: ['vip'], email: null }),
  );
  const states = [plainRecords(laptop)];
  for (const step of steps) {
    laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
    await step();
    states.push(plainRecords(laptop));
  }
  // A record that was made stays in the book as a deleted one when its making is taken back.
  const made = (state: (typeof states)[number]) =>
    Object.fromEntries(Object.entries(state).map(([noun, list]) => [noun, list.filter(({ isDeleted }) => !isDeleted)]));

  for (let at = steps.length - 1; at >= 0; at -= 1) {
    await laptop.history.undo(null);
    expect(made(plainRecords(laptop)), `after taking back step ${at}`).toEqual(made(states[at] as (typeof states)[number]));
    if (at === 4) laptop = await laptop.reopen();
  }
  for (let at = 1; at <= steps.length; at += 1) {
    await laptop.history.redo();
    expect(made(plainRecords(laptop)), `after doing step ${at} again`).toEqual(made(states[at] as (typeof states)[number]));
    if (at === 3) laptop = await laptop.reopen();
  }
  expect(await problemOf(laptop.history.redo())).toMatchObject({ code: 'NOTHING_TO_REDO' });
});

it('has nothing to undo in a new book, and says so', async () => {
  const laptop = await openLaptop();
  expect(laptop.history.state()).toEqual({ undo: null, redo: null });
  expect(await problemOf(laptop.history.undo(null))).toMatchObject({ code: 'NOTHING_TO_UNDO' });
  expect(await problemOf(laptop.history.undo('operation-of-nobody'))).toMatchObject({ code: 'NOTHING_TO_UNDO' });
});

it('forgets what could be done again when something new is done', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'First' });
  await laptop.clients.change(record.id, { name: 'Second' });
  await laptop.history.undo(null);
  expect(laptop.history.state().redo).toMatchObject({ command: 'clients.change', records: 1 });
  await laptop.clients.change(record.id, { notes: 'new' });

  expect(laptop.history.state().redo).toBeNull();
  expect(laptop.undoStates.at(-1)).toEqual(laptop.history.state());
});

it('keeps and counts what somebody changed later, also inside an address', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { operationId } = await laptop.clients.change(record.id, {
    phone: '555 0100',
    notes: 'Closed on Mondays',
    address: { line1: '1 Main Street', city: 'Denver' },
  });
  laptop.person.name = 'Grace';
  await laptop.clients.change(record.id, { notes: 'Closed on Tuesdays', address: { city: 'Boulder' } });

  const undone = await laptop.history.undo(operationId);

  expect(undone).toEqual({
    command: 'clients.change',
    records: 1,
    kept: 2,
    keptBecause: null,
    first: { collection: 'clients', id: record.id },
  });
  expect(laptop.clients.get(record.id)).toMatchObject({
    phone: null,
    notes: 'Closed on Tuesdays',
    address: { line1: null, city: 'Boulder' },
  });
});

it('steps over an entry of which nothing is left to take back', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'First' });
  const { operationId } = await laptop.clients.change(record.id, { name: 'Second' });
  await laptop.clients.change(record.id, { name: 'Third' });
  const undone = await laptop.history.undo(operationId);
  expect(undone).toMatchObject({ records: 0, kept: 1 });

  await laptop.history.undo(null);
  expect(laptop.clients.get(record.id).name).toBe('Second');
  const again = await laptop.reopen();
  await again.history.undo(null);
  expect(again.clients.get(record.id).deletedAt).not.toBeNull();
});

it('two quick undos take back two steps', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'First' });
  await laptop.clients.change(record.id, { name: 'Second' });
  await laptop.clients.change(record.id, { name: 'Third' });
  await Promise.all([laptop.history.undo(null), laptop.history.undo(null)]);
  expect(laptop.clients.get(record.id).name).toBe('First');
});

it('takes a group of many operations back as one step, and does it again', async () => {
  const laptop = await openLaptop();
  const { record: known } = await laptop.clients.create({ name: 'Known', notes: 'before' });
  for (let chunk = 0; chunk < 30; chunk += 1) {
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let row = 0; row < 60; row += 1) {
        const client = tx.create('clients', { name: `Client ${chunk}-${row}`, email: `office-${chunk}-${row}@example.com` });
        tx.create('contacts', { clientId: client.id, firstName: 'Grace' });
      }
      tx.change('clients', known.id, { notes: `chunk ${chunk}` });
    });
  }
  expect(laptop.history.state().undo).toMatchObject({ target: 'import-1', command: 'imports.start' });

  const undone = await laptop.history.undo(null);
  expect(undone).toMatchObject({ command: 'imports.start', kept: 0 });
  expect(laptop.counts()).toEqual(counted({ clients: 1, contacts: 0, locations: 0 }));
  expect(laptop.clients.get(known.id).notes).toBe('before');
  expect(laptop.history.state()).toMatchObject({ undo: { command: 'clients.create' }, redo: { target: 'import-1' } });

  const again = await laptop.reopen();
  await again.history.redo();
  expect(again.counts()).toEqual(counted({ clients: 1801, contacts: 1800, locations: 0 }));
  expect(again.clients.get(known.id).notes).toBe('chunk 29');
  expect(again.history.state()).toMatchObject({ undo: { target: 'import-1' }, redo: null });
});

it('takes back of a group what it can when one record stands in the way', async () => {
  const laptop = await openLaptop();
  const { record: known } = await laptop.clients.create({ name: 'Known', email: 'old@example.com' });
  await laptop.book.run('imports.start', 'import-1', (tx) => tx.change('clients', known.id, { email: 'new@example.com' }));
  await laptop.book.run('imports.start', 'import-1', (tx) => tx.create('clients', { name: 'Imported' }));
  await laptop.clients.create({ name: 'Taker', email: 'old@example.com' });

  expect(await laptop.history.undo('import-1')).toMatchObject({ records: 1, kept: 1 });
  expect(laptop.clients.get(known.id).email).toBe('new@example.com');
  expect(laptop.counts().clients).toBe(2);
});

it('takes back a creation together with what was hung on it since', async () => {
  const laptop = await openLaptop();
  const { record, operationId } = await laptop.clients.create({ name: 'Harbor Bakery' });
  await laptop.contacts.create({ clientId: record.id, firstName: 'Grace' });
  expect(await laptop.history.undo(operationId)).toMatchObject({ records: 2, first: { collection: 'clients', id: record.id } });
  expect(laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
  await laptop.clients.restore([record.id]);
  expect(laptop.counts()).toEqual(counted({ clients: 1, contacts: 1, locations: 0 }));
});

it('tells the history of a record, newest first, field by field, with secrets masked', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery', address: { city: 'Denver' } });
  laptop.clock.moveTo('2026-03-04T10:00:00.000Z');
  laptop.person.name = 'Grace';
  await laptop.clients.change(record.id, { address: { city: 'Boulder', postalCode: '80301' }, banking: { accountNumber: '000123456789' } });
  await laptop.history.undo(null);
  const again = await laptop.reopen();

  const { entries, total } = await again.history.ofRecord('clients', record.id, 2);

  expect(total).toBe(3);
  expect(entries.map(({ kind, actor, at, created }) => ({ kind, actor, at, created }))).toEqual([
    { kind: 'undo', actor: 'Grace', at: '2026-03-04T10:00:00.000Z', created: false },
    { kind: 'do', actor: 'Grace', at: '2026-03-04T10:00:00.000Z', created: false },
  ]);
  expect(entries[1]?.fields).toEqual([
    { path: 'address.city', before: 'Denver', after: 'Boulder' },
    { path: 'address.postalCode', before: null, after: '80301' },
    { path: 'banking.accountNumber', before: null, after: '•••• 6789' },
  ]);
  expect(JSON.stringify(entries)).not.toContain('000123456789');
  const [first] = (await again.history.ofRecord('clients', record.id, 10)).entries.slice(-1);
  expect(first).toMatchObject({ created: true, fields: expect.arrayContaining([{ path: 'name', before: '', after: 'Harbor Bakery' }]) });
});

it('brings one field back to what it was before an operation, and can undo that', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({
    name: 'Harbor Bakery',
    address: { line1: '1 Main Street', city: 'Denver' },
    banking: { accountNumber: '000123456789' },
  });
  const { operationId } = await laptop.clients.change(record.id, {
    name: 'Harbour',
    address: { city: 'Boulder' },
    banking: { accountNumber: '999999999999' },
  });
  await laptop.clients.change(record.id, { address: { line1: '2 Side Street', city: 'Aspen' } });

  const restored = await laptop.history.restoreField('clients', record.id, operationId as string, 'address.city');
  expect(restored.operationId).not.toBeNull();
  expect(laptop.clients.get(record.id)).toMatchObject({ name: 'Harbour', address: { line1: '2 Side Street', city: 'Denver' } });
  await laptop.history.restoreField('clients', record.id, operationId as string, 'banking.accountNumber');
  expect(laptop.banking(record.id)?.accountNumber).toBe('000123456789');
  await laptop.history.undo(null);
  expect(laptop.banking(record.id)?.accountNumber).toBe('999999999999');

  expect(await problemOf(laptop.history.restoreField('clients', record.id, operationId as string, 'notes'))).toMatchObject({
    code: 'INVALID_INPUT',
  });
});

it('brings back one part of banking data that was all empty before, and leaves the other parts', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { operationId } = await laptop.clients.change(record.id, { banking: { accountNumber: '000123456789' } });
  await laptop.clients.change(record.id, { banking: { bankName: 'First Bank' } });
  await laptop.history.restoreField('clients', record.id, operationId as string, 'banking.accountNumber');
  expect(laptop.banking(record.id)).toMatchObject({ accountNumber: null, bankName: 'First Bank' });
  await laptop.clients.change(record.id, { banking: null });
  expect(await laptop.history.restoreField('clients', record.id, operationId as string, 'banking.accountNumber')).toEqual({
    operationId: null,
  });
});

it('says to wait when the operations cannot be read yet, and changes nothing', async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'First' });
  const again = await laptop.reopen();
  again.database.operations = async () => [];
  expect(await problemOf(again.history.undo(null))).toMatchObject({ code: 'STARTING' });
  expect(again.clients.get(record.id).deletedAt).toBeNull();
});

/** A book with an import of 2,400 records in 12 operations. */
async function withImport(): Promise<TestBook> {
  const laptop = await openLaptop();
  for (let chunk = 0; chunk < 12; chunk += 1) {
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let row = 0; row < 200; row += 1) tx.create('clients', { name: `Client ${chunk}-${row}` });
    });
  }
  return laptop;
}

/** Lets the disk fill up after the first part of what is going on. */
async function fillUpAfterFirstPart(laptop: TestBook): Promise<void> {
  const { seq } = laptop.book.snapshot();
  while (laptop.book.snapshot().seq === seq) await new Promise((resolve) => setImmediate(resolve));
  laptop.disk.free = 0;
}

it('goes on with a long undo that the disk refused half-way', async () => {
  const laptop = await withImport();
  const undoing = problemOf(laptop.history.undo(null));
  await fillUpAfterFirstPart(laptop);
  const problem = await undoing;
  expect(problem.code).toBe('DISK_FULL');
  expect(problem.message).toMatch(/^A part of it is done, and trying again goes on from there\./);
  expect(laptop.counts().clients).toBeGreaterThan(0);
  expect(laptop.counts().clients).toBeLessThan(2400);

  laptop.disk.free = 50_000_000_000;
  await laptop.history.undo(null);
  expect(laptop.counts().clients).toBe(0);
});

it.each(['undo', 'redo'] as const)('ends a long %s at the next start when a crash cut it short', async (direction) => {
  const laptop = await withImport();
  if (direction === 'redo') await laptop.history.undo(null);
  const going = problemOf(direction === 'undo' ? laptop.history.undo(null) : laptop.history.redo());
  await fillUpAfterFirstPart(laptop);
  await going;

  const again = await laptop.reopen();
  const whole = direction === 'undo' ? 0 : 2400;
  while (again.counts().clients !== whole) await new Promise((resolve) => setImmediate(resolve));
  await again.book.idle();
  const { seq } = again.book.snapshot();
  const once = await again.reopen();
  await once.history.finish();
  expect(once.counts().clients).toBe(whole);
  expect(once.book.snapshot().seq).toBe(seq);
});

it('reads no operation at a start after an import', async () => {
  const laptop = await withImport();
  laptop.database.operations = () => Promise.reject(new Error('nobody should ask'));
  const again = await laptop.reopen();
  await again.history.finish();
  expect(again.history.state().undo?.target).toBe('import-1');
});

it('takes back what it can also of a group of one operation', async () => {
  const laptop = await openLaptop();
  const { record: known } = await laptop.clients.create({ name: 'Known', email: 'old@example.com' });
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    tx.change('clients', known.id, { email: 'new@example.com' });
    tx.create('clients', { name: 'Imported' });
  });
  await laptop.clients.create({ name: 'Taker', email: 'old@example.com' });
  expect(await laptop.history.undo('import-1')).toMatchObject({ records: 1, kept: 1 });
});

it('shows a record as it stood on a day, and brings back a field or all of it, also after a restart', async () => {
  const laptop = await openLaptop({ at: '2026-05-01T09:00:00.000Z' });
  const { record } = await laptop.clients.create({
    name: 'Harbor',
    address: { city: 'Denver' },
    banking: { accountNumber: '000123456789' },
  });
  laptop.clock.moveTo('2026-05-03T23:00:00.000Z');
  await laptop.clients.change(record.id, { name: 'Harbor Bakery', phone: '555 0100' });
  laptop.clock.moveTo('2026-05-04T00:30:00.000Z');
  await laptop.clients.change(record.id, { name: 'Harbour', address: { city: 'Boulder' }, banking: { accountNumber: '999999999999' } });
  laptop.clock.moveTo('2026-05-06T09:00:00.000Z');
  const again = await laptop.reopen();

  const third = await again.history.at('clients', record.id, '2026-05-03');
  expect(third).toMatchObject({ state: 'there', at: '2026-05-03T23:00:00.000Z' });
  expect(third.fields.filter(({ differs }) => differs)).toEqual([
    { path: 'name', was: 'Harbor Bakery', now: 'Harbour', differs: true },
    { path: 'address.city', was: 'Denver', now: 'Boulder', differs: true },
    { path: 'banking.accountNumber', was: '•••• 6789', now: '•••• 9999', differs: true },
  ]);
  expect(third.fields).toContainEqual({ path: 'phone', was: '555 0100', now: '555 0100', differs: false });
  expect(await again.history.at('clients', record.id, '2026-04-30')).toMatchObject({ state: 'notYet', at: null });
  expect(await problemOf(again.history.restoreTo('clients', record.id, '2026-04-30', null))).toMatchObject({ code: 'NOT_THERE_THEN' });

  await again.history.restoreTo('clients', record.id, '2026-05-02', 'name');
  expect(again.clients.get(record.id)).toMatchObject({ name: 'Harbor', phone: '555 0100', address: { city: 'Boulder' } });
  await again.history.restoreTo('clients', record.id, '2026-05-02', 'address.city');
  expect(again.clients.get(record.id)).toMatchObject({ name: 'Harbor', phone: '555 0100', address: { city: 'Denver' } });
  await again.history.undo(null);
  await again.history.restoreTo('clients', record.id, '2026-05-03', null);
  expect(again.clients.get(record.id)).toMatchObject({ name: 'Harbor Bakery', address: { city: 'Denver' } });
  expect(again.banking(record.id)?.accountNumber).toBe('000123456789');
  await again.history.undo(null);
  expect(again.clients.get(record.id)).toMatchObject({ name: 'Harbor', address: { city: 'Boulder' } });

  await again.clients.remove([record.id]);
  expect(await again.history.at('clients', record.id, '2026-05-06')).toMatchObject({ state: 'deleted' });
});

it('takes back and does again what was taken off a list of people, whose order says nothing', async () => {
  const laptop = await openLaptop();
  const people = await Promise.all(
    ['Ada', 'Grace', 'Linus'].map(async (fullName) => (await laptop.directory.create({ fullName })).record.id),
  );
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery', assignedToIds: people });
  const assigned = () => new Set(laptop.clients.get(record.id).assignedToIds);
  await laptop.clients.change(record.id, { assignedToIds: [people[0], people[2]] });
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await laptop.history.undo(null)).toMatchObject({ kept: 0 });
    expect(assigned()).toEqual(new Set(people));
    expect(await laptop.history.redo()).toMatchObject({ kept: 0 });
    expect(assigned()).toEqual(new Set([people[0], people[2]]));
  }
});
