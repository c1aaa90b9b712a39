import { describe, expect, it } from 'vitest';
import { clientSchema } from '../../../../shared/nouns/client/client.ts';
import { addressLine, clientWays } from '../../../../shared/nouns/client/client-ways.ts';
import { contactSchema } from '../../../../shared/nouns/contact/contact.ts';
import { locationSchema } from '../../../../shared/nouns/location/location.ts';
import { blankRecord } from '../../../../shared/nouns/nouns.ts';
import { emptyAddress } from '../../../../shared/nouns/values.ts';

const common = { id: 'x', createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', createdBy: '', updatedBy: '' };
const client = (fields: object) => clientSchema.parse({ ...blankRecord('clients'), ...common, name: 'Harbor', ...fields });
const contact = (fields: object) => contactSchema.parse({ ...blankRecord('contacts'), ...common, lastName: 'Delgado', ...fields });
const place = (fields: object) => locationSchema.parse({ ...blankRecord('locations'), ...common, name: 'Yard', clientId: 'x', ...fields });

describe('How a client is got hold of', () => {
  it('is its own where it has its own', () => {
    const own = { phone: '1', email: 'a@harbor.example', address: { ...emptyAddress, line1: '42 Harbor Street', city: 'San Diego' } };
    expect(clientWays(client(own), contact({ phone: '2' }), place({ physicalAddress: { ...emptyAddress, line1: 'Yard 1' } }))).toEqual({
      phone: '1',
      email: 'a@harbor.example',
      address: '42 Harbor Street, San Diego',
    });
  });

  it('is that of the primary contact and the primary location where it has none', () => {
    const yard = place({ physicalAddress: { ...emptyAddress, line1: 'Yard 1', postalCode: '80202', city: 'Denver', phone: '3' } });
    expect(clientWays(client({}), contact({ mobilePhone: '2', email: 'rosa@harbor.example' }), yard)).toEqual({
      phone: '2',
      email: 'rosa@harbor.example',
      address: 'Yard 1, 80202 Denver',
    });
    expect(clientWays(client({}), undefined, yard).phone).toBe('3');
    expect(clientWays(client({}), undefined, undefined)).toEqual({ phone: null, email: null, address: null });
  });

  it('is no number of somebody who wants no calls', () => {
    expect(clientWays(client({}), contact({ phone: '2', doNotCall: true, email: 'rosa@harbor.example' }), undefined)).toEqual({
      phone: null,
      email: 'rosa@harbor.example',
      address: null,
    });
  });

  it('is one line of an address that was written as one text', () => {
    expect(addressLine({ ...emptyAddress, freeform: ' 1 Quay \n\n 20457 Hamburg ' })).toBe('1 Quay, 20457 Hamburg');
    expect(addressLine({ ...emptyAddress, country: 'Norway' })).toBe('Norway');
  });
});
