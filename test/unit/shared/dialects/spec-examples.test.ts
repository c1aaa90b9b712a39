import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accountDetailBody,
  accountDetailIn,
  accountListBody,
  accountsIn,
  addedBody,
  bottlecrm,
  decodeDetail,
  detailLists,
  emailAnswer,
  emailAnswerSchema,
} from '../../../../shared/dialects/bottlecrm.ts';
import { casework, clientIn, wrapped } from '../../../../shared/dialects/casework.ts';
import { endpointOf, resourceOf } from '../../../../shared/dialects/dialect.ts';
import { programs } from '../../../../shared/dialects/programs.ts';
import { decode, encode, type Shape } from '../../../../shared/dialects/shape.ts';
import { clientListSchema, listBody, summit } from '../../../../shared/dialects/summit.ts';
import type { Wire } from '../../../../shared/dialects/wire.ts';
import { examplesIn, specNames, specText } from './examples.ts';
import { absorb, MemoryBook } from './memory-book.ts';

/** Decodes an example into an empty book and encodes the record that came of it. */
function throughTheBook(shape: Shape, wire: Wire) {
  const book = new MemoryBook();
  const decoded = decode(shape, wire);
  const record = absorb(book, shape, decoded);
  const encoded = encode(shape, record, book.context(), { only: decoded.said, leftovers: decoded.leftovers });
  return { decoded, record, encoded, book };
}

/** The example is of the schema, nothing in it is unknown or refused, and the same object comes back. */
function expectWhole(shape: Shape, wire: Wire, leftovers: readonly string[] = []) {
  expect(shape.schema.safeParse(wire).error?.issues).toBeUndefined();
  const { decoded, encoded } = throughTheBook(shape, wire);
  expect(decoded.refused).toEqual([]);
  expect(Object.keys(decoded.leftovers)).toEqual(leftovers);
  expect(encoded.unsaid).toEqual([]);
  expect(encoded.wire).toEqual(wire);
  return decoded;
}

describe('The examples of the specs', () => {
  it('are all found', () => {
    const counts = Object.fromEntries(specNames.slice(1).map((name) => [name, examplesIn(name).length]));
    expect(counts).toEqual({ 'programs.md': 8, 'summit-clients.md': 7, 'casework-clients.md': 2, 'bottlecrm-accounts.md': 9 });
    // The OpenAPI file shows none: its schemas are walked in skhokho-openapi.test.ts.
    expect(specText('skhokho-clients.openapi.json')).not.toMatch(/"examples?":/);
  });

  it('are those that were given, byte for byte', () => {
    const hashes = Object.fromEntries(
      specNames.map((name) => [name, createHash('sha256').update(specText(name)).digest('hex').slice(0, 16)]),
    );
    expect(hashes).toEqual({
      'skhokho-clients.openapi.json': '29b27db0b6fdf001',
      'programs.md': '9fce87e4071d69a5',
      'summit-clients.md': '0d41a3b6b3c0de3e',
      'casework-clients.md': '58daa9eb46701ee0',
      'bottlecrm-accounts.md': 'a4ba39daee4fd76e',
    });
    for (const name of specNames) {
      const original = new URL(`../../../../../shared/spec/${name}`, import.meta.url);
      if (existsSync(original)) expect(readFileSync(original, 'utf8') === specText(name), name).toBe(true);
    }
  });
});

describe('Programs', () => {
  const [client, contact, contactRequest, location, locationRequest, role, item, price] = examplesIn('programs.md') as [
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
  ];
  const shapes = (name: string) => resourceOf(programs, name);

  it('says a client', () => {
    expect(expectWhole(shapes('client').answer, client)).toMatchObject({ remoteId: '1', fields: { name: 'Test Client', isActive: true } });
    expectWhole(shapes('client').create as Shape, client);
  });

  it('answers a contact with its client, its user and where it works', () => {
    const decoded = expectWhole(shapes('client-contact').answer, contact);
    expect(decoded.fields).toMatchObject({
      firstName: 'Gabriel',
      middleName: 'Sebastean',
      title: 'Software Developer',
      dateOfBirth: '2000-01-01',
      mobilePhone: '(619)555-5555',
    });
    expect(decoded.references).toEqual({
      clientId: { of: 'clients', ids: ['1'], list: false },
      userId: { of: 'directory', ids: ['123'], list: false },
    });
    const { book, record } = throughTheBook(shapes('client-contact').answer, contact);
    expect(book.having('locationContacts', 'contactId', record.id)).toMatchObject([
      { locationId: 'locations:23', title: 'Director', startDate: '2020-01-01', endDate: '2023-07-01', isActive: true },
    ]);
    expect(book.get('locations', 'locations:23')).toMatchObject({ name: 'Program Name' });
    expect(book.get('directory', 'directory:123')).toMatchObject({ username: 'mirainuko' });
  });

  it('takes a contact with ids of its client, its user and its programs', () => {
    const decoded = expectWhole(shapes('client-contact').create as Shape, contactRequest);
    expect(decoded.references).toEqual({
      clientId: { of: 'clients', ids: ['1'], list: false },
      userId: { of: 'directory', ids: ['123'], list: false },
      assign_programs: { of: 'locationContacts', ids: ['12'], list: true },
    });
  });

  it('answers and takes a program location', () => {
    const decoded = expectWhole(shapes('program-location').answer, location);
    expectWhole(shapes('program-location').create as Shape, locationRequest);
    expect(decode(shapes('program-location').create as Shape, locationRequest).fields).toEqual(decoded.fields);
  });

  it('says who works where', () => {
    expectWhole(shapes('program-location-contact').answer, role);
    expectWhole(shapes('program-location-contact').create as Shape, role);
  });

  it('says an item price with the digits it was given', () => {
    expect(expectWhole(shapes('item-price').answer, item).fields).toEqual({
      invoiceItem: 'Invoice Item',
      itemCode: 'DS001',
      defaultPrice: '45.00',
      defaultTaxRate: '0.0775',
    });
    expectWhole(shapes('item-price').create as Shape, item);
  });

  it('computes the final price and tax of a location', () => {
    // The example has a rate with two places beside ones with four; Django writes all of them with four.
    const { answer } = shapes('program-location-item-price');
    expect(decode(answer, price).fields).toEqual({ customPrice: '50.00', customTaxRate: '0.08' });
    const decoded = expectWhole(answer, { ...price, custom_tax_rate: '0.0800', final_tax_rate: '0.0800' });
    expect(decoded.related[0]?.decoded.fields['invoiceItem']).toBe('Drug Screen');
  });
});

describe('Summit', () => {
  const [list, createRequest, created, got, changeRequest, changed, deleted] = examplesIn('summit-clients.md') as [
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
    Wire,
  ];
  const { answer, create, change } = resourceOf(summit, 'clients') as { answer: Shape; create: Shape; change: Shape };

  it('answers a page of clients with its meta', () => {
    expect(clientListSchema.safeParse(list).success).toBe(true);
    const rows = (list['data'] as Wire[]).map((wire) => {
      expectWhole(answer, wire, ['companyId']);
      return throughTheBook(answer, wire).encoded.wire;
    });
    expect(listBody(rows, 1, { offset: 0, limit: 5 })).toEqual(list);
  });

  it.each([
    ['created', created],
    ['got', got],
    ['changed', changed],
  ])('answers a client that was %s', (_, wire) => {
    const decoded = expectWhole(answer, wire, ['companyId']);
    expect(decoded.deleted).toBe(false);
    expect(decoded.fields['address.freeform']).toBe('456 Beta Rd, Betatown');
  });

  it('answers a deleted client as deleted', () => {
    expect(expectWhole(answer, deleted, ['companyId']).deleted).toBe(true);
  });

  it('takes a new client, and a part of one', () => {
    expect(expectWhole(create, createRequest).fields['paymentTermsDays']).toBe(15);
    expect(expectWhole(change, changeRequest).fields).toEqual({ name: 'Updated Client Beta', paymentTermsDays: 45 });
  });
});

describe('Casework', () => {
  const [createRequest, changeRequest] = examplesIn('casework-clients.md') as [Wire, Wire];
  const { create, change } = resourceOf(casework, 'clients') as { create: Shape; change: Shape };

  it('takes a new client with its primary location, nested under client, and its zip as a number', () => {
    expect(endpointOf(casework, 'clients.create').body?.safeParse(createRequest).error).toBeUndefined();
    const wire = clientIn(createRequest) as Wire;
    const decoded = decode(create, wire);
    expect(decoded.refused).toEqual([]);
    expect(decoded.fields).toEqual({
      name: 'ACME Client',
      website: 'https://example.com',
      hasInvoiceReminders: true,
      showLocationOnInvoice: true,
      notes: 'VIP client',
    });
    expect(decoded.related[0]).toMatchObject({
      of: 'locations',
      parent: 'clientId',
      decoded: {
        fields: {
          name: 'Main Location',
          invoiceEmail: 'billing@example.com',
          fax: '555-555-5555',
          'physicalAddress.postalCode': '80202',
          'physicalAddress.region': 'CO',
          'physicalAddress.country': 'US',
        },
        leftovers: { zip: 80202 },
      },
    });
    const { encoded } = throughTheBook(create, wire);
    expect(encoded.unsaid).toEqual([]);
    expect(wrapped(encoded.wire)).toEqual(createRequest);
  });

  it('takes a part of a client', () => {
    expect(endpointOf(casework, 'clients.change').body?.safeParse(changeRequest).error).toBeUndefined();
    const wire = clientIn(changeRequest) as Wire;
    expect(expectWhole(change, wire).fields).toEqual({ accountCode: '123456' });
    expect(wrapped(throughTheBook(change, wire).encoded.wire)).toEqual(changeRequest);
  });
});

describe('BottleCRM', () => {
  const [list, createRequest, created, detail, changeRequest, commentRequest, commentChange, emailRequest, emailAnswered] = examplesIn(
    'bottlecrm-accounts.md',
  ) as [Wire, Wire, Wire, Wire, Wire, Wire, Wire, Wire, Wire];
  const shapes = (name: string) => resourceOf(bottlecrm, name);
  const account = shapes('accounts');

  it('answers open and closed accounts with their counts', () => {
    const page = accountsIn(list);
    expect(page).toMatchObject({ openCount: 1, closedCount: 0, closed: [] });
    const open = page.open.map((wire) => throughTheBook(account.answer, wire).encoded.wire);
    expect(accountListBody({ ...page, open })).toEqual(list);
    const { decoded } = throughTheBook(account.answer, page.open[0] as Wire);
    expect(decoded.fields).toMatchObject({
      isActive: true,
      'address.line1': '123 Business St',
      tags: ['enterprise', 'technology'],
      createdAt: '2023-01-15T10:30:00.000Z',
    });
    expect(decoded.references).toMatchObject({
      assignedToIds: { ids: ['user1-uuid'] },
      teamIds: { ids: ['team1-uuid'] },
      createdBy: { ids: ['user-uuid'] },
    });
    expect(decoded.leftovers).toEqual({});
  });

  it('takes a new account with contacts, users, teams and tags', () => {
    const decoded = expectWhole(account.create as Shape, createRequest);
    expect(decoded.fields['address.line2']).toBe('Suite 100');
    expect(decoded.references['contacts']).toEqual({ of: 'contacts', ids: ['contact1-uuid', 'contact2-uuid'], list: true });
  });

  it('answers a new account', () => {
    expect(throughTheBook(account.answer, created).encoded.wire).toEqual(created);
    expect(created).toEqual({ id: 'new-account-uuid', name: 'New Company Inc' });
  });

  it('answers an account with everything that hangs on it', () => {
    const read = accountDetailIn(detail);
    const decoded = decodeDetail(read);
    expect(decoded.account).toMatchObject({
      remoteId: 'account-uuid',
      fields: { description: 'Leading technology company' },
      leftovers: {},
    });
    expect(Object.keys(decoded.lists)).toEqual(Object.keys(detailLists));
    expect(accountDetailBody(throughTheBook(account.answer, read.account).encoded.wire, read.lists)).toEqual(detail);
  });

  it('takes a part of an account', () => {
    expect(expectWhole(account.change as Shape, changeRequest).fields).toEqual({
      name: 'ACME Corporation Ltd',
      phone: '+1234567891',
      website: 'https://acme.com',
    });
  });

  it('takes a new and a changed comment', () => {
    expect(endpointOf(bottlecrm, 'accounts.comment').body?.safeParse(commentRequest).success).toBe(true);
    expect(expectWhole(shapes('comments').create as Shape, commentRequest).fields).toEqual({
      body: 'Follow-up meeting scheduled for next week',
    });
    expect(expectWhole(shapes('comments').change as Shape, commentChange).fields).toEqual({ body: 'Updated comment text' });
  });

  it('takes a comment and a file as a form', () => {
    const form = specText('bottlecrm-accounts.md').match(/FormData:\n\s*comment: "(.*)"\n\s*attachment: <file_object>/);
    expect(form?.[1]).toBe('Contract document attached');
    expect(endpointOf(bottlecrm, 'accounts.comment').bodyTypes).toContain('multipart');
    expect(addedBody({ comment: form?.[1] }, {}).message).toBe('Comment and Attachment added successfully');
  });

  it('takes an e-mail and answers that it was sent', () => {
    const decoded = expectWhole(shapes('emails').create as Shape, emailRequest);
    expect(decoded.fields).toMatchObject({
      recipients: ['contact@client.com', 'manager@client.com'],
      status: 'sending',
      scheduledFor: null,
      fromAccount: 'sender@yourcompany.com',
    });
    expect(emailAnswerSchema.safeParse(emailAnswered).success).toBe(true);
    const at = { isLater: false, hasMailServer: true };
    expect(emailAnswer({ status: 'sent', failure: null }, 'email-uuid', at)).toEqual({ status: 200, body: emailAnswered });
  });
});
