import { describe, expect, it } from 'vitest';
import type { BookRecord } from '../../../../shared/dialects/book-view.ts';
import { resourceOf } from '../../../../shared/dialects/dialect.ts';
import { decode, encode } from '../../../../shared/dialects/shape.ts';
import { clientSchema, skhokho } from '../../../../shared/dialects/skhokho.ts';
import { readPath } from '../../../../shared/dialects/wire.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';

const { answer, create } = resourceOf(skhokho, 'clients');

function shown(fields: Record<string, unknown>, today = '2024-05-03') {
  const book = new MemoryBook();
  const record = book.put('clients', { ...blankRecord('clients', 'clients:c1'), name: 'Acme', ...fields } as BookRecord);
  return { book, record, wire: () => encode(answer, record, book.context(today)).wire };
}

describe('A client at Skhokho', () => {
  it('shows the labels of the spec, or those of the language that is asked for', () => {
    const { book, record, wire } = shown({ entityType: 'non_profit', lifecycleStage: 'lost_opportunity', industry: 'it_support' });
    expect(wire()).toMatchObject({
      entity_type_display: 'Non-Profit Organization',
      lifecycle_stage_display: 'Lost Opportunity',
      industry_display: 'IT and Software Support Services',
    });
    const label = (field: string, value: string) => (field === 'industry' && value === 'it_support' ? 'Informatique' : null);
    expect(encode(answer, record, { ...book.context(), label }).wire).toMatchObject({
      industry_display: 'Informatique',
      entity_type_display: 'Non-Profit Organization',
    });
  });

  it('names an industry it has no code for, and has a code for none', () => {
    expect(shown({ industry: 'Drug screening' }).wire()).toMatchObject({ industry: null, industry_display: 'Drug screening' });
    expect(shown({}).wire()).toMatchObject({ industry: null, industry_display: null });
    expect(shown({ industry: 'toString' }).wire()).toMatchObject({ industry: null, industry_display: 'toString' });
  });

  it('counts the days since the last contact and knows when a follow-up is late', () => {
    const dates = { lastContactDate: '2024-04-30', nextFollowUpDate: '2024-05-03' };
    expect(shown(dates).wire()).toMatchObject({ days_since_last_contact: 3, is_follow_up_overdue: false });
    expect(shown(dates, '2024-05-04').wire()).toMatchObject({ days_since_last_contact: 4, is_follow_up_overdue: true });
    expect(shown({}).wire()).toMatchObject({ days_since_last_contact: null, is_follow_up_overdue: false });
  });

  it('shows its primary contact, when that one is active', () => {
    const { book, wire } = shown({});
    const contact = {
      ...blankRecord('contacts', 'contacts:g'),
      clientId: 'clients:c1',
      firstName: 'Gabriel',
      lastName: 'Pulido',
      jobTitle: 'Director',
      isPrimary: true,
      phone: '+1 (619) 555-5555 ext. 12',
    };
    book.put('contacts', { ...blankRecord('contacts', 'contacts:other'), clientId: 'clients:c1', firstName: 'Mira' } as BookRecord);
    book.put('contacts', contact as BookRecord);
    expect(wire()['primary_contact']).toEqual({
      unique_id: 'g',
      first_name: 'Gabriel',
      last_name: 'Pulido',
      name: 'Gabriel Pulido',
      email: null,
      // Longer than the 17 characters the spec gives a contact's phone, so it is not shown at all rather than cut.
      phone: null,
      job_title: 'Director',
      primary_contact: true,
      is_active: true,
      entity_type: 'client',
      entity_id: 'c1',
    });
    book.put('contacts', { ...contact, isActive: false } as BookRecord);
    expect(wire()['primary_contact']).toBeNull();
  });

  it('shows nobody as a person without a name, because the spec has no null there', () => {
    const { book, record } = shown({ accountOwnerId: 'directory:ann', assignedToIds: ['directory:ann', 'directory:bo'] });
    book.put('directory', { ...blankRecord('users', 'directory:ann'), fullName: 'Ann Lee' } as BookRecord);
    const { wire } = encode(answer, record, book.context());
    expect(wire).toMatchObject({
      account_owner: { unique_id: 'ann', full_name: 'Ann Lee' },
      assigned_to: { unique_id: 'ann', full_name: 'Ann Lee' },
    });
    expect(shown({}).wire()).toMatchObject({
      account_owner: { unique_id: null, full_name: '' },
      assigned_to: { unique_id: null, full_name: '' },
    });
    expect(decode(answer, { account_owner: null, assigned_to: { unique_id: null, full_name: '' } }).references).toEqual({
      accountOwnerId: { of: 'directory', ids: [], list: false },
      assignedToIds: { of: 'directory', ids: [], list: true },
    });
  });

  it('shows an address and a bank that say nothing as null', () => {
    expect(shown({}).wire()).toMatchObject({ address: null, banking_information: null });
    const decoded = decode(answer, { address: null, banking_information: { bank_name: 'First', account_type: '' } });
    expect(decoded.fields).toMatchObject({ 'address.city': null, 'banking.bankName': 'First', 'banking.accountType': null });
  });

  it('takes an address that says nothing for no change', () => {
    const decoded = decode(create ?? answer, { name: 'Acme', address: {} });
    expect(decoded.fields).toEqual({ name: 'Acme' });
    const { record, book } = shown({});
    expect(encode(create ?? answer, record, book.context(), { only: decoded.said, leftovers: decoded.leftovers }).wire).toEqual({
      name: 'Acme',
      address: {},
    });
  });

  it('is always an object the OpenAPI schema takes, however full the book', () => {
    const { wire } = shown({
      website: 'acme.com',
      industry: 'Mining',
      address: { line1: 'x', phone: 'ask for Gabriel' },
      annualRevenue: '9999999999999.99',
      defaultCurrency: 'ZAR',
    });
    expect(clientSchema.safeParse(wire()).error?.issues).toBeUndefined();
    expect(readPath(wire(), 'website')).toBe('https://acme.com');
  });

  it('is made under an id of our choosing, and under none when there is none', () => {
    const { book, record } = shown({});
    const request = (id: string | null) => encode(create ?? answer, record, { ...book.context(), remoteId: () => id }).wire;
    expect(request('0190c0de')['unique_id']).toBe('0190c0de');
    expect(request(null)).not.toHaveProperty('unique_id');
  });
});
