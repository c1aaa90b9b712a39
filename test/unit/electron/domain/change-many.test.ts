import { describe, expect, it } from 'vitest';
import { openLaptop, problemOf } from '../../../support/opened-book.ts';

async function filled() {
  const laptop = await openLaptop();
  const make = async (name: string, more: object = {}) => (await laptop.clients.create({ name, ...more })).record.id;
  const north = await make('North', { address: { city: 'Denver', line1: '1 Dock Road' }, annualRevenue: '10.50' });
  const south = await make('Söuth', { address: { city: 'Köln' } });
  const gone = await make('Gone');
  await laptop.clients.remove([gone]);
  return { laptop, north, south, gone };
}

describe('the same change to several records', () => {
  it('is one step: the named part changes, the rest stays, deleted ones are left, and undo takes back just that', async () => {
    const { laptop, north, south, gone } = await filled();
    const { operationId, changed } = await laptop.clients.changeMany([north, south, south, gone], { address: { city: 'Genève' } });
    expect(changed).toBe(2);
    expect(laptop.clients.get(north).address).toMatchObject({ city: 'Genève', line1: '1 Dock Road' });
    expect(laptop.clients.get(south).address.city).toBe('Genève');
    expect(laptop.clients.get(gone).address.city).toBeNull();
    await laptop.clients.change(south, { notes: 'later' });
    await laptop.history.undo(operationId);
    expect(laptop.clients.get(north).address.city).toBe('Denver');
    expect(laptop.clients.get(south)).toMatchObject({ address: { city: 'Köln' }, notes: 'later' });
  });

  it('does nothing where all have it so, and counts those that had not', async () => {
    const { laptop, north, south } = await filled();
    expect(await laptop.clients.changeMany([north, south], { isActive: true })).toEqual({ operationId: null, changed: 0 });
    expect((await laptop.clients.changeMany([north, south], { annualRevenue: '10.50' })).changed).toBe(1);
  });

  it('is refused whole where one may not have it, and says which', async () => {
    const { laptop, north, south } = await filled();
    const before = laptop.book.snapshot().seq;
    const taken = await problemOf(laptop.clients.changeMany([north, south], { email: 'one@fieldbook.example' }));
    expect(taken.message).toMatch(/^Söuth: .+ Nothing was changed\.$/);
    expect(laptop.clients.get(north).email).toBeNull();
    const unknown = await problemOf(laptop.clients.changeMany([north, south], { accountOwnerId: 'nobody' }));
    expect(unknown).toMatchObject({ code: 'REFERENCE_NOT_FOUND', message: expect.stringMatching(/^North: /) });
    expect(await problemOf(laptop.clients.changeMany([north, 'nobody'], { isActive: false }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(laptop.book.snapshot().seq).toBe(before);
  });

  it('reaches own fields without emptying the others', async () => {
    const { laptop, north, south } = await filled();
    await laptop.ownFields.create({ noun: 'clients', label: 'Founded', fieldKind: 'number' });
    await laptop.ownFields.create({ noun: 'clients', label: 'Route', fieldKind: 'text' });
    await laptop.clients.change(north, { custom: { Route: 'North' } });
    await laptop.clients.changeMany([north, south], { custom: { Founded: 1987 } });
    expect(laptop.clients.get(north).custom).toEqual({ Route: 'North', Founded: 1987 });
    expect(laptop.clients.get(south).custom).toEqual({ Founded: 1987 });
  });

  it('counts only what was asked for, not who stopped being primary', async () => {
    const { laptop, north } = await filled();
    const make = async (firstName: string) => (await laptop.contacts.create({ clientId: north, firstName })).record.id;
    await laptop.contacts.change(await make('Ada'), { isPrimary: true });
    const grace = await make('Grace');
    expect((await laptop.contacts.changeMany([grace], { isPrimary: true })).changed).toBe(1);
  });
});
