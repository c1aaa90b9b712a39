import { describe, expect, it } from 'vitest';
import { deskLaptop } from './support/desk-laptop.ts';
import { type System, systems } from './support/systems.ts';

/** What a person is told of a foreign system, asked through the door that screens use. */

const systemCalled = (name: string): System => {
  const found = systems.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No system ${name}`);
  return found;
};
const create = async (laptop: Awaited<ReturnType<typeof deskLaptop>>, fields: object) =>
  (await laptop.ask<{ record: { id: string } }>('clients.create', fields)).record.id;

describe('what a system cannot store', () => {
  it('is named in the rehearsal, stays in the book, and is marked on the record field by field', async () => {
    const laptop = await deskLaptop(systemCalled('skhokho'));
    const id = await create(laptop, { name: 'Acme', industry: 'Beekeeping', tags: ['vip'], notes: 'Ask for Grace' });
    await create(laptop, { name: 'Plain' });
    const joining = await laptop.look();
    expect(joining?.rehearsal?.stays.map(({ noun, field, records }) => `${noun} ${field} ${records}`).toSorted()).toEqual([
      'clients industry 1',
      'clients notes 1',
      'clients tags 1',
    ]);
    await laptop.ask('sync.join', { same: [] });
    await laptop.until(({ joining: now, isSyncing, remotes }) => now === null && !isSyncing && (remotes[0]?.last ?? null) !== null);
    const mark = await laptop.marksOf('clients', id);
    expect(mark?.mark).toBe('stays');
    expect(mark?.fields.map(({ field, mark: kind }) => `${field} ${kind}`).toSorted()).toEqual([
      'industry stays',
      'notes stays',
      'tags stays',
    ]);
    for (const { says } of mark?.fields ?? []) expect(says).toMatch(/book/);
    expect(mark?.fields.find(({ field }) => field === 'tags')?.says).toBe('Skhokho has no place for it. It stays in this book.');
    expect(await laptop.ask('clients.get', { id })).toMatchObject({ industry: 'Beekeeping', tags: ['vip'], notes: 'Ask for Grace' });
    expect(laptop.there.rows('clients').find((row) => row['name'] === 'Acme')).toMatchObject({ industry: null });
    const plain = (await laptop.ask<{ rows: { id: string; name: string }[] }>('clients.list', { offset: 0, limit: 10 })).rows.find(
      ({ name }) => name === 'Plain',
    );
    expect(await laptop.marksOf('clients', plain?.id ?? '')).toBeNull();
    // What is emptied here needs no place any more.
    await laptop.ask('clients.change', { id, changes: { tags: [], notes: null } });
    expect((await laptop.marksOf('clients', id))?.fields.map(({ field }) => field)).toContain('industry');
    await laptop.sync();
    expect((await laptop.marksOf('clients', id))?.fields).toMatchObject([{ field: 'industry', mark: 'stays' }]);
  });

  it.each([
    ['summit', { website: 'https://acme.example' }, 'website'],
    ['programs', { phone: '555-0101', description: 'A client' }, 'description phone'],
    ['bottlecrm-1.2', { accountCode: 'A-7', banking: { bankName: 'First Bank' } }, 'accountCode banking.bankName'],
  ])('is the same at %s', async (name, fields, marked) => {
    const laptop = await deskLaptop(systemCalled(name));
    const id = await create(laptop, { name: 'Acme', ...fields });
    await laptop.connect();
    const mark = await laptop.marksOf('clients', id);
    expect(
      mark?.fields
        .map(({ field }) => field)
        .toSorted()
        .join(' '),
    ).toBe(marked);
  });
});

describe('what the book cannot take', () => {
  it('stands on the Sync page with its field and the reason, until it is mended there', async () => {
    const laptop = await deskLaptop(systemCalled('summit'));
    laptop.there.add('clients', { name: 'Acme', phone: '555-0101' });
    laptop.there.add('clients', { name: 'Beta', email: 'a@beta.example' });
    await laptop.connect();
    const at = laptop.there.rows('clients').find((row) => row['name'] === 'Acme');
    laptop.there.edit('clients', String(at?.['id']), { email: 'no e-mail at all', phone: '555-0102' });
    await laptop.sync();
    const [acme] = (
      await laptop.ask<{ rows: { id: string; phone: string; email: string | null }[] }>('clients.list', { offset: 0, limit: 10 })
    ).rows;
    expect(acme).toMatchObject({ phone: '555-0102', email: null });
    const { refused } = await laptop.needs();
    expect(refused).toMatchObject([
      { kind: 'unkept', collection: 'clients', recordId: acme?.id, title: 'Acme', field: 'email', system: 'Summit' },
    ]);
    expect(refused[0]?.message).toMatch(/^[A-Z].*\.$/);
    expect(await laptop.marksOf('clients', acme?.id ?? '')).toMatchObject({
      mark: 'refused',
      fields: expect.arrayContaining([{ field: 'email', mark: 'refused', says: null }]),
    });
    // It stands there as long as it is so, and no longer.
    await laptop.sync();
    expect((await laptop.needs()).refused).toHaveLength(1);
    laptop.there.edit('clients', String(at?.['id']), { email: 'office@acme.example' });
    await laptop.sync();
    expect((await laptop.needs()).refused).toEqual([]);
    expect(await laptop.ask('clients.get', { id: acme?.id })).toMatchObject({ email: 'office@acme.example' });
  });

  it('can be taken off the list, and stands there anew when it is another one', async () => {
    const laptop = await deskLaptop(systemCalled('summit'));
    for (const name of ['Acme', 'Beta', 'Gamma']) laptop.there.add('clients', { name, email: `${name}@x.example` });
    await create(laptop, { name: 'Mine', email: 'mine@x.example' });
    await laptop.connect();
    const [first, second] = laptop.there
      .rows('clients')
      .filter((row) => row['name'] !== 'Mine')
      .map((row) => String(row['id'])) as [string, string];
    // A rule of the book, not of a field alone: no two clients have one e-mail.
    laptop.there.edit('clients', first, { email: 'broken' });
    await laptop.sync();
    const { refused } = await laptop.needs();
    expect(refused).toHaveLength(1);
    await laptop.ask('sync.dismiss', { ids: refused.map(({ id }) => id) });
    expect((await laptop.needs()).refused).toEqual([]);
    await laptop.sync();
    expect((await laptop.needs()).refused).toEqual([]);
    laptop.there.edit('clients', second, { email: 'broken too' });
    await laptop.sync();
    expect((await laptop.needs()).refused).toMatchObject([{ kind: 'unkept', field: 'email' }]);
  });

  it('is a whole record, where it cannot be without what is refused', async () => {
    const laptop = await deskLaptop(systemCalled('summit'));
    laptop.there.add('clients', { name: 'x'.repeat(600) });
    laptop.there.add('clients', { name: 'Fine' });
    await laptop.connect();
    expect((await laptop.needs()).refused).toMatchObject([
      { kind: 'unkept', recordId: null, collection: 'clients', field: 'name', title: 'x'.repeat(100) },
    ]);
    const last = (await laptop.state()).remotes[0]?.last;
    expect(last).toMatchObject({ state: 'waits', refused: 1 });
  });
});

describe('a word that a system that lost most of its records is right', () => {
  it('is for the one cycle after it: the next loss asks again', async () => {
    const laptop = await deskLaptop(systemCalled('summit'));
    const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L'];
    for (const name of names) laptop.there.add('clients', { name });
    await laptop.connect();
    const here = async () => (await laptop.ask<{ total: number }>('clients.list', { offset: 0, limit: 1 })).total;
    const remove = (count: number) => {
      for (const row of laptop.there.rows('clients').slice(0, count)) laptop.there.remove('clients', String(row['id']));
    };
    expect(await here()).toBe(12);
    remove(7);
    await laptop.sync();
    const { stopped } = await laptop.needs();
    expect(stopped).toMatchObject([{ kind: 'shrunken', system: 'Summit' }]);
    expect(await here()).toBe(12);
    await laptop.ask('sync.goOn', { remoteId: stopped[0]?.remoteId });
    await expect.poll(here, { timeout: 60_000 }).toBe(5);
    await laptop.until(({ isSyncing }) => !isSyncing);
    expect((await laptop.needs()).stopped).toEqual([]);
    remove(4);
    await laptop.sync();
    expect((await laptop.needs()).stopped).toMatchObject([{ kind: 'shrunken' }]);
    expect(await here()).toBe(5);
  });
});

describe('a system is recognised by asking', () => {
  it.each([
    ['bottlecrm', 'BottleCRM'],
    ['bottlecrm-2025-11', 'BottleCRM (2025-11)'],
    ['bottlecrm-1.2', 'BottleCRM (1.2)'],
  ])('%s, also where another one was chosen', async (name, label) => {
    const laptop = await deskLaptop(systemCalled(name));
    const wrong = await laptop.look('programs');
    expect(wrong?.problem).toEqual({
      message: `It is ${label} that answers at this address, and not Programs. Nothing was sent. Choose ${label}, or another address.`,
      field: null,
      offers: 'bottlecrm',
    });
    expect(laptop.faulted.calls.every(({ method }) => method === 'GET')).toBe(true);
    const right = await laptop.look('bottlecrm');
    expect(right?.rehearsal?.system).toBe(label);
    expect(right?.rehearsal?.limits.length).toBeGreaterThan(1);
  });

  it.each([
    ['summit', 'casework', 'summit'],
    ['programs in pages', 'summit', 'programs'],
    ['casework with nested answers and times without a zone', 'programs', 'casework'],
  ])('%s where %s was chosen', async (name, chosen, offers) => {
    const laptop = await deskLaptop(systemCalled(name));
    expect((await laptop.look(chosen))?.problem).toMatchObject({ offers });
    expect((await laptop.state()).remotes).toEqual([]);
  });

  it('is none that is offered where none of them answers', async () => {
    const laptop = await deskLaptop(systemCalled('summit'));
    laptop.faulted.trouble = () => ({ kind: 'status', status: 404 });
    expect((await laptop.look('programs'))?.problem).toEqual({
      message: 'There is no Programs at this address. Check the address and the kind of system; nothing was sent.',
      field: 'url',
      offers: null,
    });
  });
});

describe('an address that is not right', () => {
  it.each([
    ['where nobody listens', 'CLOSED', null, /cannot be reached/],
    ['with http to another computer', 'http://crm.example', 'url', /https/],
    ['of a server that speaks http where https is meant', 'https://127.0.0.1:PORT', null, /not secure|certificate/],
    ['of a page for people', 'PAGE', 'url', /web page/],
  ] as const)('is said in a sentence, and nothing is sent or kept: %s', async (_, url, field, words) => {
    const laptop = await deskLaptop(systemCalled('summit'));
    await create(laptop, { name: 'Mine' });
    if (url === 'PAGE') laptop.faulted.trouble = () => ({ kind: 'page', status: 200 });
    const port = new URL(laptop.served.url).port;
    // Its own answers do not count then: it is closed.
    if (url === 'CLOSED') await laptop.served.close();
    const joining = await laptop.look('summit', url === 'PAGE' || url === 'CLOSED' ? laptop.served.url : url.replace('PORT', port));
    expect(joining?.problem).toMatchObject({ field, offers: null });
    expect(joining?.problem?.message).toMatch(words);
    expect(laptop.faulted.calls.every(({ method }) => method === 'GET')).toBe(true);
    expect(laptop.there.rows('clients')).toEqual([]);
    expect((await laptop.state()).remotes).toEqual([]);
  });
});
