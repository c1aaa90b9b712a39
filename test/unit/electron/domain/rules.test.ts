import { describe, expect, it } from 'vitest';
import { counted, contentOf, openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';

async function withClient(name = 'North Depot'): Promise<{ laptop: TestBook; clientId: string }> {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name });
  return { laptop, clientId: record.id };
}

const primaries = (laptop: TestBook, noun: 'contacts' | 'locations', clientId: string) =>
  laptop.book
    .children(noun, clientId)
    .filter((record) => record.deletedAt === null && record.isPrimary)
    .map(({ id }) => id);

describe('fields', () => {
  it.each([
    [{ name: 'x'.repeat(301) }, 'name', 'Name: can have 300 characters at most. Shorten it.'],
    [{ name: '   ' }, 'name', 'Name: must not be empty.'],
    [{}, 'name', 'Name: must not be empty.'],
    [{ name: 'North\u0000Depot' }, 'name', 'Name: contains characters that cannot be shown. Delete them and try again.'],
    [{ name: 'N', email: 'office' }, 'email', 'E-mail: this is not an e-mail address. It needs the form name@example.com.'],
    [{ name: 'N', nextFollowUpDate: '2026-02-30' }, 'nextFollowUpDate', 'Next follow-up: this day does not exist. Check the date.'],
    [{ name: 'N', kind: 'friend' }, 'kind', 'Kind: choose one of: Client, Lead, Vendor.'],
    [{ name: 'N', annualRevenue: 12.5 }, 'annualRevenue', 'Annual revenue (USD): needs a text.'],
    [{ name: 'N', paymentTermsDays: 4000 }, 'paymentTermsDays', 'Payment terms (days): can be 3650 at most.'],
    [{ name: 'N', isActive: 'yes' }, 'isActive', 'Active: needs yes or no.'],
    [{ name: 'N', address: { city: 'x'.repeat(301) } }, 'address.city', 'City: can have 300 characters at most. Shorten it.'],
    [{ name: 'N', tags: ['a', ''] }, 'tags', 'Tags: must not be empty.'],
    [{ name: 'N', nickname: 'Nora' }, 'nickname', 'Fieldbook has no field called "nickname". Leave it out and try again.'],
  ])('refuses %j and names the field in plain words', async (fields, field, message) => {
    const laptop = await openLaptop();
    const { words: _id, values: _values, ...problem } = await problemOf(laptop.clients.create(fields));
    expect(problem).toEqual({ code: 'INVALID_INPUT', field, message });
    expect(laptop.counts().clients).toBe(0);
  });

  it('takes a name of 300 characters', async () => {
    const { laptop, clientId } = await withClient('é'.repeat(300));
    expect(laptop.clients.get(clientId).name).toHaveLength(300);
  });

  it('changes only the named parts of an address and of banking data', async () => {
    const laptop = await openLaptop();
    const { record } = await laptop.clients.create({ name: 'N', address: { line1: '1 Main Street', city: 'Denver' } });
    await laptop.clients.change(record.id, { address: { city: 'Boulder' }, banking: { bankName: 'First Bank' } });
    await laptop.clients.change(record.id, { banking: { accountNumber: '000123456789' } });

    expect(laptop.clients.get(record.id).address).toMatchObject({ line1: '1 Main Street', city: 'Boulder' });
    expect(laptop.banking(record.id)).toEqual({
      bankName: 'First Bank',
      accountNumber: '000123456789',
      branchCode: null,
      accountType: null,
      routingNumber: null,
      swiftCode: null,
    });
  });

  it('does not take a mask that a screen sends back for the number behind it', async () => {
    const laptop = await openLaptop();
    const { record } = await laptop.clients.create({ name: 'N', banking: { accountNumber: '000123456789', bankName: 'First Bank' } });
    expect(record.banking?.accountNumber).toBe('•••• 6789');
    await laptop.clients.change(record.id, { banking: { ...record.banking, branchCode: '250' } });

    expect(laptop.banking(record.id)).toMatchObject({ accountNumber: '000123456789', bankName: 'First Bank', branchCode: '250' });
  });

  it('refuses a date of birth in the future, and only when it is written', async () => {
    const { laptop, clientId } = await withClient();
    const baby = await laptop.contacts.create({ clientId, firstName: 'Grace', dateOfBirth: '2026-03-04' });
    expect(await problemOf(laptop.contacts.change(baby.record.id, { dateOfBirth: '2026-03-05' }))).toMatchObject({ field: 'dateOfBirth' });
    laptop.clock.moveTo('2020-01-01T00:00:00.000Z');
    await laptop.contacts.change(baby.record.id, { firstName: 'Grace Anna' });
  });

  it('refuses a contact nobody could find again', async () => {
    const { laptop, clientId } = await withClient();
    expect(await problemOf(laptop.contacts.create({ clientId, jobTitle: 'Buyer' }))).toMatchObject({ code: 'CONTACT_EMPTY' });
    const { record } = await laptop.contacts.create({ clientId, mobilePhone: '06 28 10 44 12' });
    expect(await problemOf(laptop.contacts.change(record.id, { mobilePhone: null }))).toMatchObject({ code: 'CONTACT_EMPTY' });
    expect(laptop.contacts.get(record.id).name).toBe('06 28 10 44 12');
  });
});

describe('e-mail of clients', () => {
  it('is free again when its client is deleted, and then stands in the way of restoring it', async () => {
    const laptop = await openLaptop();
    const { record: first } = await laptop.clients.create({ name: 'Harbor Bakery', email: 'office@harbor.example' });
    await laptop.clients.remove([first.id]);
    const { record: second } = await laptop.clients.create({ name: 'Harbor Street Bakery', email: 'OFFICE@harbor.example' });

    const problem = await problemOf(laptop.clients.restore([first.id]));
    expect(problem).toMatchObject({ code: 'EMAIL_TAKEN', details: { id: second.id, name: 'Harbor Street Bakery' } });
    expect(laptop.clients.get(first.id).deletedAt).not.toBeNull();
    await laptop.clients.change(second.id, { email: null });
    await laptop.clients.restore([first.id]);
    expect(laptop.clients.get(first.id).deletedAt).toBeNull();
  });

  it('is guarded when an undo would bring it back', async () => {
    const laptop = await openLaptop();
    const { record: first } = await laptop.clients.create({ name: 'First', email: 'a@b.example' });
    const { operationId } = await laptop.clients.change(first.id, { email: null });
    const { record: second } = await laptop.clients.create({ name: 'Second', email: 'a@b.example' });
    expect(await problemOf(laptop.history.undo(operationId))).toMatchObject({ code: 'EMAIL_TAKEN', details: { id: second.id } });

    await laptop.clients.change(second.id, { email: 'c@d.example' });
    await laptop.history.undo(operationId);
    expect(laptop.clients.get(first.id).email).toBe('a@b.example');
  });

  it('may change its own case', async () => {
    const laptop = await openLaptop();
    const { record } = await laptop.clients.create({ name: 'First', email: 'a@b.example' });
    await laptop.clients.change(record.id, { email: 'A@B.example' });
    expect(laptop.clients.get(record.id).email).toBe('A@B.example');
  });
});

describe('primary contact', () => {
  it('is one at most: making another one primary clears it in the same operation', async () => {
    const { laptop, clientId } = await withClient();
    const { record: grace } = await laptop.contacts.create({ clientId, firstName: 'Grace', isPrimary: true });
    const { record: linus } = await laptop.contacts.create({ clientId, firstName: 'Linus', isPrimary: true });

    expect(primaries(laptop, 'contacts', clientId)).toEqual([linus.id]);
    expect(laptop.clients.get(clientId)).toMatchObject({ primaryContactId: linus.id, primaryContactName: 'Linus' });
    await laptop.history.undo(null);
    expect(primaries(laptop, 'contacts', clientId)).toEqual([grace.id]);
  });

  it('may be none, and a deleted one that comes back does not push the new one aside', async () => {
    const { laptop, clientId } = await withClient();
    const { record: grace } = await laptop.contacts.create({ clientId, firstName: 'Grace', isPrimary: true });
    await laptop.contacts.remove([grace.id]);
    expect(primaries(laptop, 'contacts', clientId)).toEqual([]);
    const { record: linus } = await laptop.contacts.create({ clientId, firstName: 'Linus', isPrimary: true });
    await laptop.contacts.restore([grace.id]);

    expect(primaries(laptop, 'contacts', clientId)).toEqual([linus.id]);
  });

  it('stays the primary one of a client when another client’s primary contact moves there', async () => {
    const { laptop, clientId } = await withClient();
    const { record: other } = await laptop.clients.create({ name: 'Cedar Clinic' });
    const { record: grace } = await laptop.contacts.create({ clientId, firstName: 'Grace', isPrimary: true });
    const { record: linus } = await laptop.contacts.create({ clientId: other.id, firstName: 'Linus', isPrimary: true });
    await laptop.contacts.change(linus.id, { clientId });
    expect(primaries(laptop, 'contacts', clientId)).toEqual([grace.id]);
  });
});

describe('primary location', () => {
  it('is the first one, then the one that was chosen, then the oldest that is left', async () => {
    const { laptop, clientId } = await withClient();
    const { record: first } = await laptop.locations.create({ clientId, name: 'First' });
    laptop.clock.moveTo('2026-03-04T09:00:01.000Z');
    const { record: second } = await laptop.locations.create({ clientId, name: 'Second' });
    laptop.clock.moveTo('2026-03-04T09:00:02.000Z');
    const { record: third } = await laptop.locations.create({ clientId, name: 'Third' });
    expect(first.isPrimary).toBe(true);
    expect(primaries(laptop, 'locations', clientId)).toEqual([first.id]);

    await laptop.locations.change(third.id, { isPrimary: true });
    expect(primaries(laptop, 'locations', clientId)).toEqual([third.id]);
    await laptop.locations.remove([third.id]);
    expect(primaries(laptop, 'locations', clientId)).toEqual([first.id]);
    await laptop.locations.remove([first.id]);
    expect(primaries(laptop, 'locations', clientId)).toEqual([second.id]);
    await laptop.locations.restore([first.id, third.id]);
    expect(primaries(laptop, 'locations', clientId)).toEqual([second.id]);
  });

  it('cannot be given up without naming another', async () => {
    const { laptop, clientId } = await withClient();
    const { record } = await laptop.locations.create({ clientId, name: 'First' });
    await laptop.locations.create({ clientId, name: 'Second' });
    expect(await problemOf(laptop.locations.change(record.id, { isPrimary: false }))).toMatchObject({
      code: 'PRIMARY_NEEDED',
      field: 'isPrimary',
    });
    expect(primaries(laptop, 'locations', clientId)).toEqual([record.id]);
  });

  it('is found anew on both sides when a location moves to another client', async () => {
    const { laptop, clientId } = await withClient();
    const { record: other } = await laptop.clients.create({ name: 'Cedar Clinic' });
    const { record: moving } = await laptop.locations.create({ clientId, name: 'Moving' });
    const { record: staying } = await laptop.locations.create({ clientId, name: 'Staying' });
    await laptop.locations.change(moving.id, { clientId: other.id });

    expect(primaries(laptop, 'locations', clientId)).toEqual([staying.id]);
    expect(primaries(laptop, 'locations', other.id)).toEqual([moving.id]);
  });
});

describe('what hangs on a client', () => {
  it('must hang on one that is there', async () => {
    const { laptop, clientId } = await withClient();
    expect(await problemOf(laptop.contacts.create({ clientId: 'nobody', firstName: 'Grace' }))).toMatchObject({
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
    });
    await laptop.clients.remove([clientId]);
    expect(await problemOf(laptop.locations.create({ clientId, name: 'Depot' }))).toMatchObject({ code: 'CLIENT_NOT_FOUND' });
    await laptop.contacts.create({ clientId: null, firstName: 'Grace' });
  });

  it('is deleted with it in one operation, and exactly that comes back', async () => {
    const { laptop, clientId } = await withClient();
    const { record: gone } = await laptop.contacts.create({ clientId, firstName: 'Left earlier' });
    await laptop.contacts.remove([gone.id]);
    const { record: grace } = await laptop.contacts.create({ clientId, firstName: 'Grace', isPrimary: true });
    await laptop.locations.create({ clientId, name: 'Depot' });
    await laptop.locations.create({ clientId, name: 'Office' });
    const before = contentOf(laptop.book).records;

    const removed = await laptop.clients.remove([clientId]);
    expect(removed).toMatchObject({ removed: 1, withThem: 3 });
    expect(laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
    const restored = await laptop.clients.restore([clientId]);

    expect(restored).toMatchObject({ restored: 1, withThem: 3 });
    expect(laptop.contacts.get(gone.id).deletedAt).not.toBeNull();
    expect(laptop.contacts.get(grace.id).isPrimary).toBe(true);
    const plain = (records: unknown[]) => (records as Record<string, unknown>[]).map(({ stamps: _, updatedAt: __, ...rest }) => rest);
    for (const noun of ['clients', 'contacts', 'locations'] as const)
      expect(plain(contentOf(laptop.book).records[noun])).toEqual(plain(before[noun]));
  });

  it('cannot come back alone while its client is deleted', async () => {
    const { laptop, clientId } = await withClient('Harbor Bakery');
    const { record: grace } = await laptop.contacts.create({ clientId, firstName: 'Grace' });
    await laptop.clients.remove([clientId]);

    expect(await problemOf(laptop.contacts.restore([grace.id]))).toEqual({
      code: 'PARENT_DELETED',
      field: 'clientId',
      words: 'records.parentDeleted',
      values: { noun: 'contacts', parent: 'clients', name: 'Harbor Bakery' },
      message: 'The client "Harbor Bakery" is deleted, so this contact stays deleted too. Restore the client first.',
      details: { id: clientId, name: 'Harbor Bakery' },
    });
  });

  it('refuses a whole removal when one id is unknown', async () => {
    const { laptop, clientId } = await withClient();
    expect(await problemOf(laptop.clients.remove([clientId, 'nobody']))).toMatchObject({ code: 'NOT_FOUND' });
    expect(laptop.counts().clients).toBe(1);
    expect(await laptop.clients.restore([clientId])).toEqual({ operationId: null, restored: 0, withThem: 0 });
  });

  it('does not let a deleted record be changed', async () => {
    const { laptop, clientId } = await withClient();
    await laptop.clients.remove([clientId]);
    expect(await problemOf(laptop.clients.change(clientId, { name: 'Other' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
