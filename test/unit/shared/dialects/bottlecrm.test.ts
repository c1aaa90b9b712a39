import { describe, expect, it } from 'vitest';
import {
  accountDetailIn,
  accountIn,
  accountListBody,
  accountListSchema,
  accountsIn,
  attachmentPath,
  bottlecrm,
  casePriorityNames,
  caseStatusNames,
  caseTypeNames,
  closedWordIn,
  decodeDetail,
  detailLists,
  emailAnswer,
  mentionedIn,
  hasMoreAccounts,
  invoiceIn,
  invoiceStatusNames,
  stageNames,
  taskPriorityNames,
  taskStatusNames,
  userIn,
} from '../../../../shared/dialects/bottlecrm.ts';
import type { BookRecord } from '../../../../shared/dialects/book-view.ts';
import { resourceOf } from '../../../../shared/dialects/dialect.ts';
import { decode, encode } from '../../../../shared/dialects/shape.ts';
import { casePriorities, caseStatuses, caseTypes } from '../../../../shared/nouns/case/case.ts';
import { invoiceStatuses } from '../../../../shared/nouns/invoice/invoice.ts';
import { opportunityStages } from '../../../../shared/nouns/opportunity/opportunity.ts';
import { taskPriorities, taskStatuses } from '../../../../shared/nouns/task/task.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';

describe('Accounts in the envelopes that are about', () => {
  const open = { id: 'a', name: 'Acme', status: 'open', created_at: '2023-01-15T10:30:00.123456Z' };
  const closed = { id: 'b', name: 'Bolt', status: 'close', created_at: '2023-01-15T10:30:00Z' };
  const nested = {
    per_page: 10,
    active_accounts: { offset: null, open_accounts: [open] },
    closed_accounts: { offset: null, close_accounts: [closed] },
    users: [{ id: 'u', user_details: { first_name: 'Ann', last_name: 'Lee', email: 'ann@b.com' } }],
  };
  const flat = accountListBody({
    open: [{ id: 'a', status: 'open' }],
    closed: [{ id: 'b', status: 'closed' }],
    openCount: 1,
    closedCount: 1,
    contacts: [],
    users: [],
    teams: [],
  });

  it('are found flat and nested, with created_at read as created_on', () => {
    expect(accountsIn(nested)).toMatchObject({
      open: [{ id: 'a', created_on: '2023-01-15T10:30:00.123456Z' }],
      closed: [{ id: 'b' }],
      openCount: 1,
      closedCount: 1,
      users: [{ full_name: 'Ann Lee', email: 'ann@b.com' }],
    });
    expect(accountsIn(flat)).toMatchObject({ open: [{ id: 'a' }], closed: [{ id: 'b' }], openCount: 1, closedCount: 1 });
    expect(bottlecrm.rowsIn(nested).map((row) => row['id'])).toEqual(['a', 'b']);
    expect(accountsIn('broken')).toMatchObject({ open: [], closed: [] });
  });

  it('are closed whichever word is used', () => {
    const { answer } = resourceOf(bottlecrm, 'accounts');
    expect(['open', 'close', 'closed'].map((status) => decode(answer, { status }).fields['isActive'])).toEqual([true, false, false]);
    expect(decode(answer, { status: 'asleep' }).refused).toMatchObject([{ wire: 'status' }]);
    expect(closedWordIn(bottlecrm.rowsIn(nested))).toBe('close');
    expect(closedWordIn(bottlecrm.rowsIn(flat))).toBe('closed');
    expect(closedWordIn([])).toBe('closed');
  });

  it('go on while either list does', () => {
    const page = (openRows: number, openCount: number, closedRows = 0, closedCount = 0) => ({
      ...accountsIn({}),
      open: Array.from({ length: openRows }, () => ({})),
      openCount,
      closed: Array.from({ length: closedRows }, () => ({})),
      closedCount,
    });
    expect(hasMoreAccounts(page(10, 25), 0, 10)).toBe(true);
    expect(hasMoreAccounts(page(5, 25), 20, 10)).toBe(false);
    expect(hasMoreAccounts(page(0, 5, 10, 25), 10, 10)).toBe(true);
    expect(hasMoreAccounts(page(0, 0), 10, 10)).toBe(false);
    // Without counts a full page may have another behind it.
    expect(hasMoreAccounts(accountsIn({ active_accounts: { open_accounts: Array.from({ length: 10 }, () => ({})) } }), 0, 10)).toBe(true);
    expect(bottlecrm.nextPage(nested, { limit: '1' })).toEqual({ limit: '1', offset: '1' });
    expect(bottlecrm.nextPage(flat, {})).toBeNull();
  });

  it('are answered flat with their counts', () => {
    expect(flat).toMatchObject({ accounts_count: 2, open_accounts_count: 1, closed_accounts_count: 1 });
    expect(Object.keys(flat)).toEqual(Object.keys(accountListSchema.shape));
  });
});

describe('An account in detail', () => {
  const book = new MemoryBook();

  it('has its lists of ids beside its fields, from the objects around it', () => {
    const { account, lists } = accountDetailIn({
      account_obj: { id: 'a', name: 'Acme', created_at: '2023-01-15T10:30:00Z' },
      contacts: [{ id: 'c1', first_name: 'Gabriel', last_name: 'Pulido' }],
      assigned_to: [{ id: 'u1', user_details: { first_name: 'Ann', last_name: '' } }],
      teams: [],
      tags: [{ id: 1, name: 'VIP', slug: 'vip' }],
      attachments: [{ id: 'f', file_name: 'offer.pdf', file_path: '/media/offer%20one.pdf' }],
    });
    expect(account).toEqual({
      id: 'a',
      name: 'Acme',
      created_on: '2023-01-15T10:30:00Z',
      contacts: ['c1'],
      assigned_to: ['u1'],
      teams: [],
      tags: [{ id: 1, name: 'VIP', slug: 'vip' }],
    });
    const decoded = decodeDetail({ account, lists });
    expect(decoded.account).toMatchObject({
      fields: { tags: ['VIP'] },
      references: { contacts: { ids: ['c1'] }, assignedToIds: { ids: ['u1'] } },
    });
    expect(decoded.lists.assigned_to[0]?.fields['fullName']).toBe('Ann');
    expect(decoded.lists.attachments[0]?.fields['fileName']).toBe('offer one.pdf');
  });

  it('says nothing of lists a server leaves out', () => {
    expect(
      decode(resourceOf(bottlecrm, 'accounts').answer, accountDetailIn({ account_obj: { id: 'a', name: 'Acme' } }).account).said,
    ).toEqual(['id', 'name']);
  });

  it('is none where a server only says that it went well', () => {
    expect(accountIn({ error: false, message: 'Account Created Successfully' })).toBeNull();
    expect(accountIn({ account_obj: { id: 'a' } })).toEqual({ id: 'a' });
    expect(accountIn({ id: 'a', name: 'Acme' })).toEqual({ id: 'a', name: 'Acme' });
  });

  it('has every choice of the book under a name of its own', () => {
    for (const [ours, theirs] of [
      [opportunityStages, stageNames],
      [caseStatuses, caseStatusNames],
      [casePriorities, casePriorityNames],
      [caseTypes, caseTypeNames],
      [taskStatuses, taskStatusNames],
      [taskPriorities, taskPriorityNames],
      [invoiceStatuses, invoiceStatusNames],
    ] as const) {
      expect(Object.keys(theirs)).toEqual(Object.keys(ours));
      expect(new Set(Object.values(theirs)).size).toBe(Object.keys(ours).length);
    }
  });

  it('shows the totals of an invoice, and reads one that has a single line', () => {
    const record = {
      ...blankRecord('invoices', 'invoices:i'),
      clientId: 'clients:a',
      status: 'sent',
      lines: [{ itemPriceId: null, description: 'Drug Screen', quantity: '2', unitPrice: '45.00', taxRate: '0.0775' }],
    } as BookRecord;
    book.put('invoices', record);
    expect(encode(detailLists.invoices, record, book.context()).wire).toMatchObject({
      account: 'a',
      status: 'Pending',
      subtotal: '90.00',
      tax: '6.98',
      total_amount: '96.98',
      amount_due: '96.98',
    });
    const sent = { ...record, sentOn: '2024-05-01' } as BookRecord;
    expect(encode(detailLists.invoices, sent, book.context()).wire['status']).toBe('Sent');
    // Their word says no day. It is kept beside the record, and said to them again.
    for (const status of ['Sent', 'Viewed', 'Pending', 'Cancelled']) {
      const { fields, leftovers } = decode(detailLists.invoices, { status });
      const again = encode(detailLists.invoices, { ...record, ...fields } as BookRecord, book.context(), { only: ['status'], leftovers });
      expect(again.wire['status']).toBe(status);
    }
    const read = decode(
      detailLists.invoices,
      invoiceIn({ id: 'v', invoice_title: 'Widgets', quantity: 3, rate: '20.00', tax: '6.00', status: 'Pending', currency: 'EUR' }),
    );
    expect(read.fields).toMatchObject({
      status: 'sent',
      currency: 'EUR',
      lines: [{ description: 'Widgets', quantity: '3', unitPrice: '20.00', taxRate: '0.1' }],
    });
    expect(invoiceIn({ line_items: [], quantity: 1, rate: '1' })).toEqual({ line_items: [], quantity: 1, rate: '1' });
  });

  it('keeps which item of the price list a line is for', () => {
    const lines = detailLists.invoices.members.find((member) => member.wire === 'line_items');
    if (lines?.kind !== 'value') throw new Error('no line items');
    const stored = [{ itemPriceId: 'i1', description: 'Drug Screen', quantity: '1', unitPrice: '45.00', taxRate: '0' }];
    expect(
      lines.keep?.(
        [
          { ...stored[0], itemPriceId: null, quantity: '2' },
          { ...stored[0], itemPriceId: null, description: 'Travel' },
        ],
        stored,
      ),
    ).toMatchObject([{ itemPriceId: 'i1', quantity: '2' }, { itemPriceId: null }]);
  });

  it('reads users however they are nested', () => {
    expect(userIn({ id: 'u', user_details: { first_name: 'Ann', last_name: 'Lee', email: 'a@b.com' }, role: 'ADMIN' })).toEqual({
      id: 'u',
      role: 'ADMIN',
      full_name: 'Ann Lee',
      email: 'a@b.com',
    });
    expect(userIn({ id: 'u', username: 'ann' })).toEqual({ id: 'u', username: 'ann', full_name: 'ann' });
    expect(userIn({ id: 'u', full_name: 'Ann Lee' })).toEqual({ id: 'u', full_name: 'Ann Lee' });
  });
});

describe('Comments, files and e-mails', () => {
  const book = new MemoryBook();
  const acme = book.put('clients', { ...blankRecord('clients', 'clients:a'), name: 'Acme' } as BookRecord);
  book.put('directory', { ...blankRecord('users', 'directory:u'), fullName: 'Ann' } as BookRecord);

  it('are by whoever wrote them down, then, unless they say otherwise', () => {
    const comment = {
      ...blankRecord('comments', 'activities:1'),
      aboutId: acme.id,
      body: 'Called back',
      createdBy: 'directory:u',
    } as BookRecord;
    expect(encode(detailLists.comments, comment, book.context()).wire).toEqual({
      id: '1',
      comment: 'Called back',
      account: 'a',
      commented_on: '2024-01-01T00:00:00Z',
      commented_by: 'u',
    });
    expect(
      decode(detailLists.comments, { commented_on: '2023-05-01T08:00:00+02:00', commented_by: { id: 'x', user_details: {} } }),
    ).toMatchObject({
      fields: { occurredAt: '2023-05-01T06:00:00.000Z' },
      references: { authorId: { ids: ['x'] } },
    });
  });

  it('name a file by the last step of its path, which we serve under its id', () => {
    const file = { ...blankRecord('attachments', 'activities:2'), aboutId: acme.id, fileName: 'Offer 1/2?.pdf' } as BookRecord;
    const { wire } = encode(detailLists.attachments, file, book.context());
    expect(wire['attachment']).toBe(attachmentPath('activities:2', 'Offer 1/2?.pdf'));
    expect(decode(detailLists.attachments, wire).fields['fileName']).toBe('Offer 1/2?.pdf');
    expect(decode(detailLists.attachments, { attachment: 'https://files.example.com/a/100%.pdf?sig=x' }).fields['fileName']).toBe(
      '100%.pdf',
    );
  });

  it('are put by when they are scheduled, and sent when they are not', () => {
    const { create } = resourceOf(bottlecrm, 'emails');
    const read = (body: object) => decode(create ?? detailLists.comments, { recipients: ['a@b.com'], ...body }).fields;
    expect(read({ scheduled_later: true, scheduled_date_time: '2024-05-03T10:00:00Z' })).toMatchObject({
      status: 'scheduled',
      scheduledFor: '2024-05-03T10:00:00.000Z',
    });
    expect(read({ scheduled_later: false, scheduled_date_time: null })).toMatchObject({ status: 'sending', scheduledFor: null });
  });

  it.each([
    ['sent', null, false, true, 200, 'success', 'Email sent successfully'],
    ['sent', 'The mail server refused one.', false, true, 200, 'success', 'Email sent, but not to everybody. The mail server refused one.'],
    ['scheduled', null, true, true, 200, 'success', 'Email scheduled successfully'],
    [
      'scheduled',
      null,
      true,
      false,
      200,
      'success',
      'Email scheduled successfully. No mail server is set up on this server yet, so it waits until one is.',
    ],
    ['scheduled', null, false, true, 202, 'queued', 'Email queued. It is sent as soon as the mail server takes it.'],
    [
      'scheduled',
      null,
      false,
      false,
      202,
      'queued',
      'Email queued. No mail server is set up on this server yet, so it waits until one is.',
    ],
    ['scheduled', 'The mail server is busy.', false, true, 202, 'queued', 'Email queued. The mail server is busy.'],
    ['sending', null, false, true, 202, 'queued', 'Email is being sent'],
    ['sending', 'Nobody knows.', false, true, 202, 'unknown', 'Email may have been sent. Nobody knows.'],
    ['failed', 'No such user.', false, true, 502, 'failed', 'Email not sent. No such user.'],
    ['draft', null, false, true, 502, 'failed', 'Email not sent. It was taken back.'],
  ] as const)('answer the truth of one that is %s (%s)', (status, failure, isLater, hasMailServer, code, word, message) => {
    expect(emailAnswer({ status, failure }, 'e1', { isLater, hasMailServer })).toEqual({
      status: code,
      body: { status: word, message, email_id: 'e1' },
    });
  });

  it('mention people by their user names, or by their addresses where they have none', () => {
    const people = [
      { id: 'a', username: 'ada.l', email: 'ada@example.com' },
      { id: 'b', username: null, email: 'bo@example.com' },
    ];
    expect(mentionedIn('Thanks @Ada.L, and @bo@example.com.', people)).toEqual(['a', 'b']);
    expect(mentionedIn('ada@ada.l, @ada and @ada@example.com', people)).toEqual([]);
  });
});
