import { describe, expect, it } from 'vitest';
import { openLaptop } from '../../../support/opened-book.ts';

async function withTags() {
  const laptop = await openLaptop();
  const client = async (name: string, tags: string[]) => (await laptop.clients.create({ name, tags })).record.id;
  const ids = [await client('Adler Bakery', ['vip', 'north']), await client('Birch Clinic', ['vip']), await client('Cedar Works', [])];
  const contact = (await laptop.contacts.create({ firstName: 'Grace', tags: ['vip'] })).record.id;
  const tagsOf = () => ids.map((id) => laptop.clients.get(id).tags);
  return { laptop, ids, contact, tagsOf };
}

describe('Tags', () => {
  it('are counted over the live records, the most used first', async () => {
    const { laptop, ids } = await withTags();
    expect(laptop.tags.inUse(null)).toEqual([
      { tag: 'vip', records: 3 },
      { tag: 'north', records: 1 },
    ]);
    await laptop.clients.remove([ids[0] as string]);
    expect(laptop.tags.inUse('clients')).toEqual([{ tag: 'vip', records: 1 }]);
  });

  it('are put on and taken off a selection as one step, which undo takes back', async () => {
    const { laptop, ids, tagsOf } = await withTags();
    const before = tagsOf();
    expect(await laptop.tags.put('clients', ids, ['North', 'new'], ['VIP'])).toMatchObject({ changed: 3 });
    expect(tagsOf(), 'a tag in other letters is the same one').toEqual([
      ['north', 'new'],
      ['North', 'new'],
      ['North', 'new'],
    ]);
    await laptop.history.undo(null);
    expect(tagsOf()).toEqual(before);
    expect(await laptop.tags.put('clients', ids, [], ['nowhere'])).toEqual({ operationId: null, changed: 0 });
  });

  it('are renamed on every noun in one step; where both were, one stays', async () => {
    const { laptop, contact, tagsOf } = await withTags();
    expect(await laptop.tags.rename('vip', 'north')).toMatchObject({ changed: 3 });
    expect(tagsOf()).toEqual([['north'], ['north'], []]);
    expect(laptop.contacts.get(contact).tags).toEqual(['north']);
    await laptop.history.undo(null);
    expect(tagsOf()).toEqual([['vip', 'north'], ['vip'], []]);
    await laptop.tags.rename('vip', null);
    const again = await laptop.reopen();
    expect(again.tags.inUse(null)).toEqual([{ tag: 'north', records: 1 }]);
  });
});
