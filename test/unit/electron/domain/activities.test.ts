import { describe, expect, it } from 'vitest';
import { openLaptop, problemOf, request, type TestBook } from '../../../support/opened-book.ts';

const withClient = async () => {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery' });
  return { laptop, clientId: record.id };
};

const logged = async (laptop: TestBook, fields: Record<string, unknown>) => (await laptop.activities.create(fields)).record;
const contactDays = (laptop: TestBook, id: string) => {
  const { firstContactDate, lastContactDate } = laptop.clients.get(id);
  return [firstContactDate, lastContactDate];
};

describe('logging a call, a visit or an e-mail', () => {
  it('moves the last contact to its day in the same operation, and undo takes both back', async () => {
    const { laptop, clientId } = await withClient();
    await laptop.clients.change(clientId, { nextFollowUpDate: '2026-03-01' });
    const { record, operationId } = await laptop.activities.create({
      kind: 'call',
      about: 'clients',
      aboutId: clientId,
      body: 'Wants a quote',
    });
    expect(contactDays(laptop, clientId)).toEqual(['2026-03-04', '2026-03-04']);
    expect(laptop.clients.get(clientId)).toMatchObject({ daysSinceLastContact: 0, isFollowUpOverdue: true });
    expect(laptop.database.kept.get(operationId ?? '')?.changes.map(({ collection }) => collection)).toEqual(['clients', 'activities']);

    await laptop.history.undo(null);
    expect(contactDays(laptop, clientId)).toEqual([null, null]);
    expect(laptop.activities.get(record.id).deletedAt).not.toBeNull();
    await laptop.history.redo();
    expect(contactDays(laptop, clientId)).toEqual(['2026-03-04', '2026-03-04']);
    expect(laptop.activities.get(record.id).deletedAt).toBeNull();

    laptop.clock.moveTo('2026-03-09T09:00:00.000Z');
    expect(laptop.clients.get(clientId).daysSinceLastContact).toBe(5);
  });

  it('never moves the last contact back, and keeps the first one', async () => {
    const { laptop, clientId } = await withClient();
    const on = { about: 'clients', aboutId: clientId };
    await logged(laptop, { kind: 'visit', ...on, occurredAt: '2026-02-10T10:00:00.000Z' });
    await logged(laptop, { kind: 'call', ...on, occurredAt: '2026-01-10T10:00:00.000Z' });
    expect(contactDays(laptop, clientId)).toEqual(['2026-02-10', '2026-02-10']);
    const { id } = await logged(laptop, { kind: 'call', ...on, occurredAt: '2026-02-11T10:00:00.000Z' });
    expect(contactDays(laptop, clientId)).toEqual(['2026-02-10', '2026-02-11']);
    await laptop.activities.change(id, { occurredAt: '2026-03-01T10:00:00.000Z' });
    expect(contactDays(laptop, clientId)).toEqual(['2026-02-10', '2026-03-01']);
    await laptop.activities.change(id, { occurredAt: '2026-02-20T10:00:00.000Z', body: 'It was in February' });
    expect(contactDays(laptop, clientId)).toEqual(['2026-02-10', '2026-03-01']);
  });

  it('counts on whatever belongs to the client', async () => {
    const { laptop, clientId } = await withClient();
    const contact = (await laptop.contacts.create({ clientId, firstName: 'Grace' })).record;
    const location = (await laptop.locations.create({ clientId, name: 'Depot' })).record;
    const deal = (await laptop.opportunities.create({ clientId, name: 'New ovens' })).record;
    const sticky = (await laptop.cases.create({ clientId, name: 'The door sticks' })).record;
    const task = (await laptop.tasks.create({ title: 'Send the offer', opportunityId: deal.id })).record;
    const places = [
      ['contacts', contact.id],
      ['locations', location.id],
      ['opportunities', deal.id],
      ['cases', sticky.id],
      ['tasks', task.id],
    ] as const;
    for (const [at, [about, aboutId]] of places.entries()) {
      const day = `2026-02-0${at + 1}`;
      await logged(laptop, { kind: 'call', about, aboutId, occurredAt: `${day}T12:00:00.000Z` });
      expect(contactDays(laptop, clientId)[1], about).toBe(day);
    }
    const { rows, total } = laptop.activities.timeline('clients', clientId, 100);
    expect(total).toBe(5);
    expect(rows.map(({ about, aboutName, clientName }) => [about, aboutName, clientName])).toEqual([
      ['tasks', 'Send the offer', 'Harbor Bakery'],
      ['cases', 'The door sticks', 'Harbor Bakery'],
      ['opportunities', 'New ovens', 'Harbor Bakery'],
      ['locations', 'Depot', 'Harbor Bakery'],
      ['contacts', 'Grace', 'Harbor Bakery'],
    ]);
    expect(laptop.activities.timeline('opportunities', deal.id, 100).total).toBe(2);
  });

  it('leaves it alone for a comment, a file and an e-mail that has not left', async () => {
    const { laptop, clientId } = await withClient();
    const on = { about: 'clients', aboutId: clientId };
    await logged(laptop, { kind: 'comment', ...on, body: 'Closed on Mondays' });
    await logged(laptop, { kind: 'attachment', ...on, fileName: 'offer.pdf' });
    const { id } = await logged(laptop, { kind: 'email', ...on, recipients: ['grace@bakery.example'], subject: 'Our offer' });
    expect(laptop.activities.get(id).status).toBe('draft');
    expect(contactDays(laptop, clientId)).toEqual([null, null]);
    await laptop.book.run('emails.send', null, (tx) => tx.change('activities', id, { status: 'sent', sentAt: '2026-03-03T15:00:00.000Z' }));
    expect(contactDays(laptop, clientId)).toEqual(['2026-03-03', '2026-03-03']);
  });

  it('is refused for a day that has not come, for what is not in the book and for fields of another kind', async () => {
    const { laptop, clientId } = await withClient();
    const on = { about: 'clients', aboutId: clientId };
    const refused = async (fields: Record<string, unknown>) => (await problemOf(laptop.activities.create(fields))).field;
    expect(await refused({ kind: 'call', ...on, occurredAt: '2026-03-05T10:00:00.000Z' })).toBe('occurredAt');
    expect(await refused({ kind: 'call', about: 'clients', aboutId: 'nobody' })).toBe('aboutId');
    expect(await refused({ kind: 'call', about: 'cases', aboutId: clientId })).toBe('aboutId');
    expect(await refused({ kind: 'call', ...on, recipients: ['a@b.example'] })).toBe('recipients');
    expect(await refused({ kind: 'comment', ...on })).toBe('body');
    expect(await refused({ kind: 'attachment', ...on })).toBe('fileName');
    expect(await refused({ kind: 'email', ...on, status: 'scheduled', recipients: ['a@b.example'] })).toBe('scheduledFor');
    const { id } = await logged(laptop, { kind: 'call', ...on });
    expect((await problemOf(laptop.activities.change(id, { kind: 'visit' }))).field).toBe('kind');
    expect(laptop.counts().activities).toBe(1);
  });
});

describe('an activity', () => {
  it('is deleted with the record it is about, and comes back with it', async () => {
    const { laptop, clientId } = await withClient();
    const contact = (await laptop.contacts.create({ clientId, firstName: 'Grace' })).record;
    const kept = await logged(laptop, { kind: 'comment', about: 'contacts', aboutId: contact.id, body: 'Likes tea' });
    const gone = await logged(laptop, { kind: 'comment', about: 'clients', aboutId: clientId, body: 'Wrong client' });
    await laptop.activities.remove([gone.id]);
    expect(await laptop.clients.remove([clientId])).toMatchObject({ removed: 1, withThem: 2 });
    expect(laptop.counts().activities).toBe(0);
    expect(await problemOf(laptop.activities.restore([kept.id]))).toMatchObject({ code: 'PARENT_DELETED' });
    expect(await laptop.clients.restore([clientId])).toMatchObject({ restored: 1, withThem: 2 });
    expect(laptop.activities.get(kept.id).deletedAt).toBeNull();
    expect(laptop.activities.get(gone.id).deletedAt).not.toBeNull();
  });

  it('goes to the client that stays when two are merged, and its day counts there', async () => {
    const { laptop, clientId } = await withClient();
    const { record: twin } = await laptop.clients.create({ name: 'Harbour Bakery' });
    const { id } = await logged(laptop, { kind: 'call', about: 'clients', aboutId: twin.id, occurredAt: '2026-02-10T10:00:00.000Z' });
    await laptop.merges.merge({ noun: 'clients', ids: [clientId, twin.id], keepId: clientId, choices: {} });
    expect(laptop.activities.get(id)).toMatchObject({ aboutId: clientId, deletedAt: null });
    expect(contactDays(laptop, clientId)).toEqual(['2026-02-10', '2026-02-10']);
    await laptop.history.undo(null);
    expect(laptop.activities.get(id).aboutId).toBe(twin.id);
    expect(contactDays(laptop, clientId)).toEqual([null, null]);
  });

  it('is listed newest first, found by its words and by what it is about, and is there after a restart', async () => {
    const { laptop, clientId } = await withClient();
    const on = { about: 'clients', aboutId: clientId };
    await logged(laptop, { kind: 'call', ...on, body: 'About rye\nand more', occurredAt: '2026-03-01T10:00:00.000Z' });
    await logged(laptop, { kind: 'visit', ...on, body: 'Saw the ovens', occurredAt: '2026-03-02T10:00:00.000Z' });
    const titles = async (book: TestBook) => (await book.activities.list(request())).rows.map(({ title }) => title);
    expect(await titles(laptop)).toEqual(['Visit: Saw the ovens', 'Call: About rye']);
    const found = async (text: string) => (await laptop.search.find(text, 20)).hits.map(({ title }) => title);
    expect(await found('rye')).toEqual(['Call: About rye']);
    expect(await found('harbor ovens')).toEqual(['Visit: Saw the ovens']);
    expect(await titles(await laptop.reopen())).toEqual(['Visit: Saw the ovens', 'Call: About rye']);
  });
});

it('leaves the last contact as it was by hand when a call goes back to where it was', async () => {
  const laptop = await openLaptop();
  const { record: harbor } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { record: north } = await laptop.clients.create({ name: 'North Depot' });
  const { record: call } = await laptop.activities.create({ kind: 'call', about: 'clients', aboutId: harbor.id });
  await laptop.clients.change(harbor.id, { lastContactDate: null });
  await laptop.activities.change(call.id, { aboutId: north.id });
  expect(laptop.clients.get(north.id).lastContactDate).toBe('2026-03-04');

  await laptop.history.undo(null);

  expect(laptop.activities.get(call.id).aboutId).toBe(harbor.id);
  expect([harbor, north].map(({ id }) => laptop.clients.get(id).lastContactDate)).toEqual([null, null]);
});

it('a file that was written with an entry names it, and nothing else can be said to be written with one', async () => {
  const { laptop, clientId } = await withClient();
  const on = { about: 'clients', aboutId: clientId };
  const { id } = await logged(laptop, { kind: 'comment', ...on, body: 'The new sign' });
  expect(await logged(laptop, { kind: 'attachment', ...on, fileName: 'sign.jpg', noteId: id })).toMatchObject({
    noteId: id,
    names: { [id]: 'Comment: The new sign' },
  });
  expect(await problemOf(laptop.activities.create({ kind: 'attachment', ...on, fileName: 'sign.jpg', noteId: 'nobody' }))).toMatchObject({
    field: 'noteId',
  });
  expect(await problemOf(laptop.activities.create({ kind: 'call', ...on, noteId: id }))).toMatchObject({ field: 'noteId' });
});

it('an e-mail says its message as text, never the page it is sent as', async () => {
  const { laptop, clientId } = await withClient();
  const html = '<div>Dear In&egrave;s &amp; all,<br>\nfive &lt; six</div>';
  const mail = await logged(laptop, {
    kind: 'email',
    about: 'clients',
    aboutId: clientId,
    recipients: ['a@b.example'],
    subject: 'Hello',
    html,
  });
  expect(mail.message).toContain('all,\nfive < six');
  expect(mail.message).not.toMatch(/<div|<br|&amp;|&lt;/);
  const found = await laptop.activities.list(request({ filters: [{ path: 'message', operator: 'contains', value: 'five < six' }] }));
  expect(found.rows.map((row) => row.id)).toEqual([mail.id]);
  expect((await logged(laptop, { kind: 'call', about: 'clients', aboutId: clientId })).message).toBeNull();
});
