import { expect, it } from 'vitest';
import { bankingSchema } from '../../../../shared/nouns/client/client.ts';
import { isSecret, masked, withMaskedSecrets, withoutMasks } from '../../../../shared/nouns/secret.ts';

const banking = bankingSchema.parse({ bankName: 'First Bank', accountNumber: '000123456789', branchCode: '250', accountType: 'savings' });

it.each([
  ['000123456789', '•••• 6789'],
  ['12345678', '•••• 5678'],
  ['1234567', '••••'],
  ['', '••••'],
])('shows %s as %s', (text, shown) => {
  expect(masked(text)).toBe(shown);
});

it('masks the texts of banking data, and leaves the kind of account and empty parts', () => {
  expect(withMaskedSecrets('clients', { name: 'Harbor Bakery', banking })).toEqual({
    name: 'Harbor Bakery',
    banking: {
      bankName: '•••• Bank',
      accountNumber: '•••• 6789',
      branchCode: '••••',
      accountType: 'savings',
      routingNumber: null,
      swiftCode: null,
    },
  });
  const without = { name: 'Harbor Bakery', banking: null };
  expect(withMaskedSecrets('clients', without)).toBe(without);
});

it('takes back out of a change what is only the mask of what is there', () => {
  const current = { banking };
  expect(withoutMasks('clients', { banking: { accountNumber: '•••• 6789', branchCode: '251' } }, current)).toEqual({
    banking: { branchCode: '251' },
  });
  expect(withoutMasks('clients', { banking: { accountNumber: '•••• 0000' } }, current)).toEqual({
    banking: { accountNumber: '•••• 0000' },
  });
  expect(withoutMasks('clients', { banking: null, name: '••••' }, current)).toEqual({ banking: null, name: '••••' });
});

it('knows which paths are secret', () => {
  expect(['banking', 'banking.accountNumber', 'banking.accountType'].every((path) => isSecret('clients', path))).toBe(true);
  expect(['name', 'address.city', 'bank'].some((path) => isSecret('clients', path))).toBe(false);
  expect(isSecret('contacts', 'banking.accountNumber')).toBe(false);
});
