import { describe, expect, it } from 'vitest';
import { openLaptop, problemOf, request } from '../../../support/opened-book.ts';

async function withPeople() {
  const laptop = await openLaptop();
  const person = async (fullName: string) => (await laptop.directory.create({ fullName })).record.id;
  const [ada, bo] = [await person('Ada Lovelace'), await person('Bo Diddley')];
  const north = (await laptop.directory.create({ kind: 'team', name: 'North', memberIds: [ada, bo] })).record.id;
  const client = (await laptop.clients.create({ name: 'Adler Bakery', accountOwnerId: ada, assignedToIds: [ada, bo], teamIds: [north] }))
    .record;
  await laptop.clients.create({ name: 'Birch Clinic' });
  return { laptop, ada, bo, north, client };
}

describe('The people and teams of the company', () => {
  it('are named on what they own, and found, filtered and sorted by name', async () => {
    const { laptop, ada, bo, north, client } = await withPeople();
    expect(client.names).toEqual({ [ada]: 'Ada Lovelace', [bo]: 'Bo Diddley', [north]: 'North' });
    const listed = async (list: Parameters<typeof request>[0]) => (await laptop.clients.list(request(list))).rows.map(({ name }) => name);
    expect(await listed({ filters: [{ path: 'assignedToIds', operator: 'is', value: bo }] })).toEqual(['Adler Bakery']);
    expect(await listed({ filters: [{ path: 'accountOwnerId', operator: 'isEmpty' }] })).toEqual(['Birch Clinic']);
    expect(await listed({ sort: [{ path: 'assignedToIds' }] })).toEqual(['Adler Bakery', 'Birch Clinic']);
    expect(await listed({ search: 'lovelace' })).toEqual(['Adler Bakery']);
    await laptop.directory.change(ada, { fullName: 'Ada King' });
    await laptop.searchReady();
    expect(await listed({ search: 'king' }), 'after she changed her name').toEqual(['Adler Bakery']);
  });

  it('must be in the book, be what the field takes, and not be deleted', async () => {
    const { laptop, ada, north, client } = await withPeople();
    const changed = (changes: Record<string, unknown>) => problemOf(laptop.clients.change(client.id, changes));
    expect(await changed({ accountOwnerId: 'nobody' })).toEqual({
      code: 'REFERENCE_NOT_FOUND',
      field: 'accountOwnerId',
      words: 'records.referenceUnknown',
      values: { label: 'Account owner', what: 'user' },
      message: 'Account owner: this person is not in the book. Choose another person.',
    });
    expect((await changed({ salespersonId: north })).message).toBe('Salesperson: "North" is no person. Choose another person.');
    expect((await changed({ teamIds: [ada] })).message).toBe('Teams: "Ada Lovelace" is no team. Choose another team.');
    await laptop.directory.remove([ada]);
    expect((await changed({ caseManagerId: ada })).message).toBe(
      'Case manager: the person "Ada Lovelace" is deleted. Choose another person.',
    );
    expect((await problemOf(laptop.directory.create({ kind: 'team' }))).message).toBe('Team name: must not be empty.');
    expect((await problemOf(laptop.directory.change(north, { kind: 'user', fullName: 'North' }))).field).toBe('kind');
  });

  it('stay named when they are deleted, which says how many name them and takes nothing along', async () => {
    const { laptop, ada, bo, client } = await withPeople();
    expect(await laptop.directory.remove([ada])).toMatchObject({ removed: 1, withThem: 0, stillNamed: 2 });
    const after = laptop.clients.get(client.id);
    expect(after.accountOwnerId).toBe(ada);
    expect(after.names[ada]).toBe('Ada Lovelace (deleted person)');
    // A list that names her may lose and gain others.
    await laptop.clients.change(client.id, { assignedToIds: [ada] });
    await laptop.history.undo(null);
    expect(laptop.clients.get(client.id).assignedToIds).toEqual([ada, bo]);
    const again = await laptop.reopen();
    expect(again.clients.get(client.id).names[ada]).toBe('Ada Lovelace (deleted person)');
  });
});
