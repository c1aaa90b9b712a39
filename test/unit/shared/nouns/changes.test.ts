import { expect, it } from 'vitest';
import { changesOf } from '../../../../shared/nouns/changes.ts';
import { clientFieldsSchema } from '../../../../shared/nouns/client/client.ts';
import { contactFieldsSchema } from '../../../../shared/nouns/contact/contact.ts';

const clientChanges = changesOf(clientFieldsSchema);

it('names nothing that was not named, also inside an address', () => {
  expect(clientChanges.parse({})).toEqual({});
  expect(clientChanges.parse({ address: { city: 'Denver' }, banking: { bankName: ' First Bank ' } })).toEqual({
    address: { city: 'Denver' },
    banking: { bankName: 'First Bank' },
  });
  expect(changesOf(contactFieldsSchema).parse({ links: ['https://harbor.example'] })).toEqual({ links: ['https://harbor.example'] });
});

it('can empty what is optional and nothing else', () => {
  expect(clientChanges.parse({ email: null, notes: '', banking: null })).toEqual({ email: null, notes: null, banking: null });
  for (const field of ['name', 'kind', 'isActive', 'address', 'tags', 'custom'])
    expect(clientChanges.safeParse({ [field]: null }).success, field).toBe(false);
});

it('refuses fields it does not know, at any depth', () => {
  expect(clientChanges.safeParse({ nickname: 'x' }).success).toBe(false);
  expect(clientChanges.safeParse({ address: { town: 'x' } }).success).toBe(false);
});

it('keeps the rules of each field', () => {
  expect(clientChanges.safeParse({ name: 'x'.repeat(301) }).success).toBe(false);
  expect(clientChanges.safeParse({ address: { city: 'x'.repeat(301) } }).success).toBe(false);
  expect(Object.is(clientChanges.parse({ paymentTermsDays: -0 }).paymentTermsDays, 0)).toBe(true);
});
