import { describe, expect, it } from 'vitest';
import { checkRecords } from '../../../../../electron/domain/safety/book-check.ts';
import type { Book } from '../../../../../electron/domain/book.ts';
import type { HistoryTransaction } from '../../../../../shared/operations/transaction.ts';
import type { NounName } from '../../../../../shared/nouns/nouns.ts';
import { openLaptop, type TestBook } from '../../../../support/opened-book.ts';
import { saidFindings } from '../../../../support/said-findings.ts';

const today = '2026-03-04';
const sealed = `sealed:v1:0123456789ab:${'A'.repeat(400)}`;
const check = async (book: Book) => saidFindings(await checkRecords(book.snapshot(), today));
const kinds = async (book: Book) => (await check(book)).map(({ id }) => id.split(':')[0]);

/** Sets fields past every rule, as damage or a mistake of ours would. */
function damage(laptop: TestBook, noun: NounName, id: string, fields: Record<string, unknown>) {
  const record = laptop.book.get(noun, id);
  if (record === undefined) throw new Error('No such record');
  Object.assign(record, fields);
}

async function mendAll(laptop: TestBook) {
  const findings = await check(laptop.book);
  await laptop.book.run('safety.mend', null, (tx) => {
    for (const { repair } of findings) repair?.(tx as HistoryTransaction);
  });
  return findings;
}

/** Two clients with two contacts and two locations each. */
async function twoClients() {
  const laptop = await openLaptop();
  const ids = await laptop.book.run('clients.create', null, (tx) =>
    ['North', 'South'].map((name) => {
      const client = tx.create('clients', { name, email: `${name}@office.example` }).id;
      const contacts = [1, 2].map((at) => tx.create('contacts', { clientId: client, lastName: `${name} ${at}`, isPrimary: at === 1 }).id);
      const locations = [1, 2].map((at) => tx.create('locations', { clientId: client, name: `${name} depot ${at}` }).id);
      return { client, contacts, locations };
    }),
  );
  const [north, south] = ids.value;
  if (north === undefined || south === undefined) throw new Error('Not made');
  return { laptop, north, south };
}

describe('Check my book', () => {
  it('finds nothing in a book that only commands have touched', async () => {
    const { laptop, north } = await twoClients();
    await laptop.book.run('clients.remove', null, (tx) => tx.remove('clients', north.client));
    await laptop.history.undo(null);
    expect(await check(laptop.book)).toEqual([]);
  });

  it('keeps both of a merge that was half lost, and what stands for a record that is gone', async () => {
    const { laptop, north, south } = await twoClients();
    const [first = '', second = ''] = north.contacts;
    await laptop.merges.merge({ noun: 'contacts', ids: [first, second], keepId: first, choices: {} });
    expect(await check(laptop.book)).toEqual([]);
    damage(laptop, 'contacts', second, { mergedInto: 'gone' });
    damage(laptop, 'contacts', south.contacts[1] ?? '', { mergedInto: south.contacts[0] });
    expect((await mendAll(laptop)).map(({ mend }) => mend)).toEqual([
      'Keep it among the deleted ones, where it can be restored.',
      'Keep both.',
    ]);
    expect(await check(laptop.book)).toEqual([]);
    expect(await laptop.contacts.restore([second])).toMatchObject({ restored: 1 });
  });

  it('takes out of a list who is not in the book, and leaves who was deleted', async () => {
    const { laptop, north } = await twoClients();
    const ada = (await laptop.directory.create({ fullName: 'Ada Lovelace' })).record.id;
    await laptop.directory.remove([ada]);
    damage(laptop, 'clients', north.client, { assignedToIds: [ada, 'gone'] });
    const [finding] = await mendAll(laptop);
    expect(finding).toMatchObject({ level: 'error', mend: 'Take that out of the list.' });
    expect(laptop.clients.get(north.client).assignedToIds).toEqual([ada]);
    expect(await check(laptop.book)).toEqual([]);
  });

  it('keeps a contact whose client is not in the book, without it', async () => {
    const { laptop, north } = await twoClients();
    damage(laptop, 'contacts', north.contacts[1] ?? '', { clientId: 'gone' });
    const [finding] = await mendAll(laptop);
    expect(finding).toMatchObject({
      level: 'error',
      text: 'The contact "North 2" names a client that is not in the book.',
      mend: 'Keep it without a client.',
    });
    expect(laptop.book.get('contacts', north.contacts[1] ?? '')).toMatchObject({ clientId: null, lastName: 'North 2', deletedAt: null });
    expect(await check(laptop.book)).toEqual([]);
  });

  it('makes a client for a location that has lost its own, so that nothing is dropped', async () => {
    const { laptop, north } = await twoClients();
    damage(laptop, 'locations', north.locations[1] ?? '', { clientId: 'gone' });
    expect(await kinds(laptop.book)).toEqual(expect.arrayContaining(['link.clientId']));
    await mendAll(laptop);
    const clientId = laptop.book.get('locations', north.locations[1] ?? '')?.clientId ?? '';
    expect(laptop.book.get('clients', clientId)).toMatchObject({ name: 'Found by the check' });
    expect(await check(laptop.book)).toEqual([]);
  });

  it('deletes what is still there though the client it belongs to is deleted', async () => {
    const { laptop, south } = await twoClients();
    await laptop.book.run('clients.remove', null, (tx) => tx.remove('clients', south.client));
    damage(laptop, 'locations', south.locations[0] ?? '', { deletedAt: null });
    await mendAll(laptop);
    expect(laptop.book.get('locations', south.locations[0] ?? '')?.deletedAt).not.toBeNull();
    expect(await check(laptop.book)).toEqual([]);
  });

  it('leaves one of two primary locations the primary one, and makes one where there is none', async () => {
    const { laptop, north, south } = await twoClients();
    damage(laptop, 'locations', north.locations[1] ?? '', { isPrimary: true });
    damage(laptop, 'locations', south.locations[0] ?? '', { isPrimary: false });
    expect(new Set(await kinds(laptop.book))).toEqual(new Set(['no-primary', 'primaries']));
    await mendAll(laptop);
    const primary = (ids: readonly string[]) => ids.map((id) => laptop.book.get('locations', id)?.isPrimary);
    expect(primary(north.locations)).toEqual([true, false]);
    expect(primary(south.locations)).toEqual([true, false]);
    expect(await check(laptop.book)).toEqual([]);
  });

  it('leaves two clients with one e-mail to the person', async () => {
    const { laptop, south } = await twoClients();
    damage(laptop, 'clients', south.client, { email: 'NORTH@office.example' });
    expect(await check(laptop.book)).toMatchObject([
      { level: 'warning', mend: null, repair: null, text: expect.stringContaining('"North"') },
    ]);
  });

  it('clears a value that is not in its form, and history still has it', async () => {
    const { laptop, north } = await twoClients();
    damage(laptop, 'clients', north.client, { nextFollowUpDate: 'soon' });
    const [finding] = await mendAll(laptop);
    expect(finding?.text).toMatch(/^The client "North" has a value in ".+" that is not in its form\.$/);
    expect(laptop.book.get('clients', north.client)?.nextFollowUpDate).toBeNull();
    const { entries } = await laptop.history.ofRecord('clients', north.client, 10);
    expect(entries[0]?.fields).toMatchObject([{ path: 'nextFollowUpDate', before: 'soon', after: null }]);
  });

  it('leaves a sealed value alone whose key is not here: clearing it would lose it', async () => {
    const { laptop, north } = await twoClients();
    damage(laptop, 'clients', north.client, { banking: { ...laptop.book.get('clients', north.client)?.banking, accountNumber: sealed } });
    const findings = await mendAll(laptop);
    expect(findings).toMatchObject([{ level: 'warning', mend: null, text: expect.stringContaining('its key is not on this computer') }]);
    expect(laptop.book.get('clients', north.client)?.banking?.accountNumber).toBe(sealed);
  });

  it('finds stamps that were lost, or that are newer than anything the book knows', async () => {
    const { laptop, north, south } = await twoClients();
    damage(laptop, 'clients', north.client, { stamps: {} });
    damage(laptop, 'clients', south.client, { stamps: { '*': 'ffffffffffff0000-other' } });
    expect(await kinds(laptop.book)).toEqual(['stamp', 'stamp']);
  });

  it('mends as one step that Undo takes back, and only what is still wrong', async () => {
    const { laptop, north, south } = await twoClients();
    damage(laptop, 'clients', north.client, { nextFollowUpDate: 'soon' });
    damage(laptop, 'clients', south.client, { industry: 17 });
    const findings = await mendAll(laptop);
    await laptop.history.undo(null);
    expect(laptop.book.get('clients', north.client)?.nextFollowUpDate).toBe('soon');
    expect(laptop.book.get('clients', south.client)?.industry).toBe(17);
    await laptop.history.redo();
    await expect(check(laptop.book)).resolves.toEqual([]);
    // The same findings again, after it was put right: nothing happens.
    const { operation } = await laptop.book.run('safety.mend', null, (tx) => {
      for (const { repair } of findings) repair?.(tx as HistoryTransaction);
    });
    expect(operation).toBeNull();
  });
});
