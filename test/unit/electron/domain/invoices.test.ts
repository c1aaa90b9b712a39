import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRecords } from '../../../../electron/domain/safety/book-check.ts';
import { createInvoiceNumbers, formatNumber, partsOfNumber, prefixFor } from '../../../../electron/domain/invoices/invoice-numbers.ts';
import { createOutboxService } from '../../../../electron/domain/outbox.service.ts';
import type { Fared } from '../../../../shared/mail/outbox.ts';
import { computeInvoice, type Invoice, invoiceFieldsSchema } from '../../../../shared/nouns/invoice/invoice.ts';
import type { Stored } from '../../../../shared/nouns/nouns.ts';
import { newId } from '../../../../shared/lib/ids.ts';
import { keptFile, openLaptop, problemOf, request, type TestBook } from '../../../support/opened-book.ts';
import { propertySettings } from '../../../support/property.ts';
import { emptyRecordMaps, recordLists } from '../../../../shared/operations/apply-operation.ts';
import { saidFindings } from '../../../support/said-findings.ts';

const line = (unitPrice: string, taxRate = '0', quantity = '1') => ({
  itemPriceId: null,
  description: 'Visit',
  quantity,
  unitPrice,
  taxRate,
});

async function office(fields: object = {}): Promise<{ laptop: TestBook; clientId: string }> {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Adler Bakery', defaultCurrency: 'EUR', paymentTermsDays: 30, ...fields });
  return { laptop, clientId: record.id };
}

async function draft(laptop: TestBook, clientId: string, fields: object = {}): Promise<string> {
  return (await laptop.invoices.create({ clientId, lines: [line('100.00', '0.19')], ...fields })).record.id;
}

async function issued(laptop: TestBook, clientId: string, fields: object = {}) {
  return (await laptop.invoices.issue(await draft(laptop, clientId, fields))).record;
}

const payment = (amount: string) => ({ date: '2026-03-10', amount, method: 'transfer' as const, reference: null });
const runningOf = (number: string | null) => partsOfNumber(number ?? '')?.running;

describe('A draft', () => {
  it('takes currency and due date from its client, and has no number', async () => {
    const { laptop, clientId } = await office();
    const { record } = await laptop.invoices.create({ clientId, issueDate: '2026-03-01', lines: [line('100.00', '0.19')] });
    expect(record).toMatchObject({ number: null, status: 'draft', currency: 'EUR', dueDate: '2026-03-31', total: '119.00' });
    const { record: moved } = await laptop.invoices.change(record.id, { issueDate: '2026-03-05' });
    expect(moved.dueDate).toBe('2026-04-04');
    await laptop.invoices.change(record.id, { dueDate: '2026-05-01' });
    const { record: kept } = await laptop.invoices.change(record.id, { issueDate: '2026-03-06' });
    expect(kept.dueDate, 'a day that a person set stays').toBe('2026-05-01');
  });

  it('is priced as its location is charged, and keeps that price when the list changes', async () => {
    const { laptop, clientId } = await office();
    const { record: place } = await laptop.locations.create({ clientId, name: 'Depot' });
    const { record: item } = await laptop.itemPrices.create({
      invoiceItem: 'Inspection',
      itemCode: 'INS',
      defaultPrice: '45.00',
      defaultTaxRate: '0.0775',
    });
    await laptop.locationItemPrices.create({ locationId: place.id, itemPriceId: item.id, customPrice: '40.00' });
    const id = await draft(laptop, clientId, { locationId: place.id, lines: [] });
    await laptop.invoices.addLine(id, { itemPriceId: item.id, quantity: '2' });
    await laptop.itemPrices.change(item.id, { defaultPrice: '99.00', defaultTaxRate: '0.5' });
    const elsewhere = await draft(laptop, clientId, { lines: [] });
    await laptop.invoices.addLine(elsewhere, { itemPriceId: item.id, quantity: '1' });
    expect(laptop.invoices.get(id).lines).toEqual([
      { itemPriceId: item.id, description: 'Inspection', quantity: '2', unitPrice: '40.00', taxRate: '0.0775' },
    ]);
    expect(laptop.invoices.get(elsewhere).lines[0]).toMatchObject({ unitPrice: '99.00', taxRate: '0.5' });
  });

  it('does not name a location of another client, and takes no payments', async () => {
    const { laptop, clientId } = await office();
    const { record: other } = await laptop.clients.create({ name: 'Birch Clinic' });
    const { record: place } = await laptop.locations.create({ clientId: other.id, name: 'Ward' });
    expect((await problemOf(laptop.invoices.create({ clientId, locationId: place.id }))).code).toBe('LOCATION_OF_OTHER_CLIENT');
    const id = await draft(laptop, clientId);
    expect((await problemOf(laptop.invoices.change(id, { locationId: place.id }))).code).toBe('LOCATION_OF_OTHER_CLIENT');
    expect((await problemOf(laptop.invoices.addPayment(id, payment('1')))).message).toContain('Issue the invoice first');
    expect((await problemOf(laptop.invoices.cancel(id))).code).toBe('INVOICE_DRAFT');
  });

  it('is not issued without a line, and uses no number then', async () => {
    const { laptop, clientId } = await office();
    const id = await draft(laptop, clientId, { lines: [] });
    expect((await problemOf(laptop.invoices.issue(id))).code).toBe('INVOICE_EMPTY');
    expect(runningOf((await issued(laptop, clientId)).number)).toBe(1);
  });
});

describe('Tax', () => {
  it('is rounded as the settings say when the invoice is made, and as the invoice says from then on', async () => {
    const { laptop, clientId } = await office();
    const lines = [line('10.05', '0.07'), line('10.05', '0.07')];
    const old = await draft(laptop, clientId, { lines });
    await laptop.settings.change({ company: { ...laptop.settings.get().company, taxRounding: 'rate' } });
    expect(laptop.invoices.get(old)).toMatchObject({ taxRounding: 'line', total: '21.50' });
    const id = await draft(laptop, clientId, { lines });
    expect(laptop.invoices.get(id)).toMatchObject({ taxRounding: 'rate', total: '21.51' });
    await laptop.invoices.change(id, { taxRounding: 'line' });
    expect(laptop.invoices.get(id).total).toBe('21.50');
    await laptop.history.undo(null);
    expect(laptop.invoices.get(id).total).toBe('21.51');
    await laptop.invoices.issue(id);
    expect(await problemOf(laptop.invoices.change(id, { taxRounding: 'line' }))).toMatchObject({
      code: 'INVOICE_ISSUED',
      field: 'taxRounding',
    });
    expect((await problemOf(laptop.invoices.addPayment(id, payment('21.52')))).message).toContain('0.01 EUR more');
    expect((await laptop.invoices.addPayment(id, payment('21.51'))).record.status).toBe('paid');
    expect((await laptop.reopen()).invoices.get(id)).toMatchObject({ taxRounding: 'rate', total: '21.51' });
  });

  it('of an invoice from before it could be chosen is rounded on each line', async () => {
    const { laptop, clientId } = await office();
    const id = await draft(laptop, clientId, { lines: [line('10.05', '0.07'), line('10.05', '0.07')] });
    const { taxRounding: _, ...before } = laptop.book.get('invoices', id) as Stored<Invoice>;
    expect(computeInvoice(invoiceFieldsSchema.strip().parse(before), '2026-03-04').total).toBe('21.50');
  });
});

describe('Sent', () => {
  it('is an issued invoice from the day that a person says, which can be undone and found', async () => {
    const { laptop, clientId } = await office();
    const { id } = await issued(laptop, clientId);
    const other = await issued(laptop, clientId);
    const found = async (value: string) =>
      (await laptop.invoices.list(request({ filters: [{ path: 'status', operator: 'is', value }] }))).rows.map((row) => row.id);
    expect(await found('sent')).toEqual([]);
    expect((await laptop.invoices.change(id, { sentOn: '2026-03-04' })).record).toMatchObject({ status: 'sent', sentOn: '2026-03-04' });
    expect(await found('sent')).toEqual([id]);
    expect(await found('issued')).toEqual([other.id]);
    await laptop.history.undo(null);
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'issued', sentOn: null });
    await laptop.history.redo();
    const [step] = (await laptop.history.ofRecord('invoices', id, 10)).entries;
    expect(JSON.stringify(step)).toContain('2026-03-04');
    expect((await laptop.reopen()).invoices.get(id)).toMatchObject({ status: 'sent', sentOn: '2026-03-04' });
  });

  it('is no draft, and on no day before it was issued or that is still to come', async () => {
    const { laptop, clientId } = await office();
    const refusal = async (id: string, sentOn: string) => await problemOf(laptop.invoices.change(id, { sentOn }));
    expect(await refusal(await draft(laptop, clientId), '2026-03-04')).toMatchObject({
      code: 'SENT_REFUSED',
      message: expect.stringContaining('Issue the invoice first'),
    });
    expect((await problemOf(laptop.invoices.create({ clientId, sentOn: '2026-03-04' }))).code).toBe('SENT_REFUSED');
    const { id } = await issued(laptop, clientId);
    expect((await refusal(id, '2026-03-05')).message).toContain('lies in the future');
    expect((await refusal(id, '2026-03-03')).message).toContain('before it was issued');
    expect(laptop.invoices.get(id).status).toBe('issued');
  });

  it('is one that an e-mail on it left with, and not before: neither a plan, nor a failure, nor an e-mail on the client', async () => {
    const { laptop, clientId } = await office();
    const { id } = await issued(laptop, clientId);
    const outbox = createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });
    const write = async (about: 'invoices' | 'clients', aboutId: string) => {
      const words = { recipients: ['grace@bakery.example'], subject: 'Your invoice', text: 'Here it is', scheduledFor: null };
      await outbox.save({ id: null, about, aboutId, send: 'now', ...words });
    };
    const leaves = async (fared: Fared) => {
      laptop.clock.moveTo(new Date(laptop.clock.now() + 3_600_000).toISOString());
      const due = outbox.next(laptop.clock.now());
      const claimed = due === null ? null : await outbox.claim(due.id, 'ada@labs.example');
      if (claimed === null) throw new Error('Nothing was due');
      await outbox.settle(claimed, fared);
    };
    await write('clients', clientId);
    await leaves({ kind: 'sent', why: null });
    await write('invoices', id);
    expect(laptop.invoices.get(id).status).toBe('issued');
    await leaves({ kind: 'permanent', why: 'No such user.', forAll: false });
    expect(laptop.invoices.get(id).status).toBe('issued');
    await write('invoices', id);
    laptop.clock.moveTo('2026-03-06T10:00:00.000Z');
    await leaves({ kind: 'sent', why: null });
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'sent', sentOn: '2026-03-06' });
    // A reminder says nothing new.
    laptop.clock.moveTo('2026-03-20T10:00:00.000Z');
    await write('invoices', id);
    await leaves({ kind: 'sent', why: null });
    expect(laptop.invoices.get(id).sentOn).toBe('2026-03-06');
    const onDraft = await draft(laptop, clientId);
    await write('invoices', onDraft);
    await leaves({ kind: 'sent', why: null });
    expect(laptop.invoices.get(onDraft)).toMatchObject({ status: 'draft', sentOn: null });
    // A person knows better: it was the wrong address.
    expect((await laptop.invoices.change(id, { sentOn: null })).record.sentOn).toBeNull();
    await laptop.history.undo(null);
    expect((await laptop.reopen()).invoices.get(id)).toMatchObject({ status: 'sent', sentOn: '2026-03-06' });
  });
});

describe('Without a seller', () => {
  it.each(['', '  ', null])('nothing is issued where the company is called %j, and no number is used', async (name) => {
    const company = { name, address: 'Hafenstraße 12', taxId: '', bankLine: '', logoText: '' };
    const laptop = await openLaptop({ settings: keptFile(name === null ? null : JSON.stringify({ company })) });
    const { record: client } = await laptop.clients.create({ name: 'Adler Bakery' });
    const id = await draft(laptop, client.id);
    expect(await problemOf(laptop.invoices.issue(id))).toMatchObject({
      code: 'SELLER_MISSING',
      message: expect.stringContaining('Write the name in Settings'),
    });
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'draft', number: null });
    await laptop.settings.change({ company: { ...laptop.settings.get().company, name: 'Nordlicht' } });
    expect(runningOf((await laptop.invoices.issue(id)).record.number)).toBe(1);
  });
});

describe('An issued invoice', () => {
  it('has its number, its days, and refuses to change what stands on paper or to be deleted', async () => {
    const { laptop, clientId } = await office();
    const invoice = await issued(laptop, clientId);
    expect(invoice).toMatchObject({ status: 'issued', issueDate: '2026-03-04', dueDate: '2026-04-03' });
    expect(invoice.number).toMatch(/^[A-Z0-9]{5}-000001$/);
    const { record: other } = await laptop.clients.create({ name: 'Birch Clinic' });
    for (const changes of [{ clientId: other.id }, { lines: [line('1')] }, { currency: 'USD' }, { issueDate: '2026-03-05' }]) {
      const problem = await problemOf(laptop.invoices.change(invoice.id, changes));
      expect(problem).toMatchObject({ code: 'INVOICE_ISSUED', field: Object.keys(changes)[0] });
      expect(problem.message).toContain('Cancel it and make a new one instead.');
    }
    expect((await problemOf(laptop.invoices.remove([invoice.id]))).code).toBe('INVOICE_ISSUED');
    expect((await problemOf(laptop.invoices.issue(invoice.id))).code).toBe('INVOICE_ISSUED');
    const { record } = await laptop.invoices.change(invoice.id, { notes: 'Sent by post', dueDate: '2026-05-01' });
    expect(record).toMatchObject({ notes: 'Sent by post', dueDate: '2026-05-01' });
  });

  it('is partly paid, paid and overdue as money and days go by', async () => {
    const { laptop, clientId } = await office();
    const { id } = await issued(laptop, clientId);
    expect((await laptop.invoices.addPayment(id, payment('19.00'))).record).toMatchObject({
      status: 'partially_paid',
      amountDue: '100.00',
    });
    laptop.clock.moveTo('2026-04-04T09:00:00.000Z');
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'overdue', isOverdue: true });
    expect((await laptop.invoices.list(request({ filters: [{ path: 'status', operator: 'is', value: 'overdue' }] }))).total).toBe(1);
    const { record } = await laptop.invoices.addPayment(id, payment('100'));
    expect(record).toMatchObject({ status: 'paid', amountDue: '0.00', isOverdue: false });
    const first = record.payments[0]?.id ?? '';
    expect((await laptop.invoices.removePayment(id, first)).record).toMatchObject({ status: 'overdue', amountDue: '19.00' });
    await laptop.history.undo(null);
    expect(laptop.invoices.get(id).status).toBe('paid');
    expect((await problemOf(laptop.invoices.removePayment(id, 'gone'))).code).toBe('NOT_FOUND');
  });

  it('takes no more than it asks for, nothing that its currency cannot pay, and gives back no more than came in', async () => {
    const { laptop, clientId } = await office();
    const { id } = await issued(laptop, clientId);
    expect((await problemOf(laptop.invoices.addPayment(id, payment('119.01')))).message).toContain(
      '0.01 EUR more than the invoice asks for',
    );
    expect((await problemOf(laptop.invoices.addPayment(id, payment('0.005')))).message).toContain('more decimals than EUR has');
    expect((await problemOf(laptop.invoices.addPayment(id, payment('-1')))).message).toContain('gives back more than was paid');
    expect((await problemOf(laptop.invoices.addPayment(id, payment('0')))).code).toBe('PAYMENT_REFUSED');
    expect(laptop.invoices.get(id).payments).toEqual([]);
  });

  it('is cancelled with its number, unless money came in, and that can be undone', async () => {
    const { laptop, clientId } = await office();
    const { id, number } = await issued(laptop, clientId);
    const { record: paid } = await laptop.invoices.addPayment(id, payment('19'));
    expect((await problemOf(laptop.invoices.cancel(id))).message).toContain('Remove the payments first');
    await laptop.invoices.removePayment(id, paid.payments[0]?.id ?? '');
    expect((await laptop.invoices.cancel(id)).record).toMatchObject({ status: 'cancelled', number });
    expect((await problemOf(laptop.invoices.addPayment(id, payment('1')))).message).toContain('is cancelled');
    await laptop.history.undo(null);
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'issued', number });
    await laptop.history.redo();
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'cancelled', number });
  });

  it('stays when its client is deleted, names it, and goes on being paid and cancelled; a draft goes along', async () => {
    const { laptop, clientId } = await office();
    const invoice = await issued(laptop, clientId);
    const { id: called } = await issued(laptop, clientId);
    await laptop.invoices.cancel(called);
    const draftId = await draft(laptop, clientId);
    const { record: call } = await laptop.activities.create({
      kind: 'call',
      about: 'invoices',
      aboutId: invoice.id,
      body: 'Asked for the money',
    });
    expect(laptop.clients.goingAlong([clientId])).toEqual({ goes: { invoices: 1 }, stays: { invoices: 2 } });
    await laptop.clients.remove([clientId]);
    expect(laptop.invoices.get(draftId).deletedAt).not.toBeNull();
    expect(laptop.invoices.get(called)).toMatchObject({ status: 'cancelled', deletedAt: null });
    expect(laptop.activities.get(call.id).deletedAt).toBeNull();
    const paid = (await laptop.invoices.addPayment(invoice.id, payment('119.00'))).record;
    expect(paid).toMatchObject({ number: invoice.number, clientId, status: 'paid', deletedAt: null });
    expect(paid.clientName).toContain('Adler Bakery');
    expect((await laptop.invoices.list(request({}))).total).toBe(2);
    expect(await checkRecords(laptop.book.snapshot(), '2026-03-10')).toEqual([]);
    await laptop.clients.restore([clientId]);
    expect(laptop.invoices.get(draftId).deletedAt).toBeNull();
  });

  it('stays when its location is deleted, alone or with the client', async () => {
    const { laptop, clientId } = await office();
    const { record: place } = await laptop.locations.create({ clientId, name: 'Ward' });
    const invoice = await issued(laptop, clientId, { locationId: place.id });
    const draftId = await draft(laptop, clientId, { locationId: place.id });
    expect(laptop.locations.goingAlong([place.id])).toEqual({ goes: { invoices: 1 }, stays: { invoices: 1 } });
    await laptop.locations.remove([place.id]);
    expect(laptop.invoices.get(invoice.id)).toMatchObject({ locationId: place.id, deletedAt: null });
    expect(laptop.invoices.get(draftId).deletedAt).not.toBeNull();
    await laptop.history.undo(null);
    // Named once, though it hangs on both.
    expect(laptop.clients.goingAlong([clientId])).toEqual({ goes: { locations: 1, invoices: 1 }, stays: { invoices: 1 } });
    await laptop.clients.remove([clientId]);
    expect(laptop.invoices.get(invoice.id).deletedAt).toBeNull();
    expect((await laptop.reopen()).invoices.get(invoice.id).deletedAt).toBeNull();
  });

  it('stays when the sample data is removed, and so does the client it names', async () => {
    const { laptop } = await office();
    await laptop.sample.add();
    const [client, quiet] = [...laptop.book.all('clients')].filter(({ externalIds }) => externalIds['sample'] !== undefined);
    const { number, id } = await issued(laptop, client?.id ?? '');
    // What a person wrote about anything of the sample is theirs, however deep it hangs.
    const [contact] = laptop.book.children('contacts', quiet?.id ?? '');
    await laptop.activities.create({ kind: 'comment', about: 'contacts', aboutId: contact?.id ?? '', body: 'Likes tea' });
    const { kept } = await laptop.sample.remove();
    expect(laptop.invoices.get(id)).toMatchObject({ number, deletedAt: null });
    expect(laptop.book.get('clients', client?.id ?? '')?.deletedAt).toBeNull();
    expect(laptop.book.get('contacts', contact?.id ?? '')?.deletedAt).toBeNull();
    expect(laptop.book.get('clients', quiet?.id ?? '')?.deletedAt).toBeNull();
    expect(kept).toBe(3);
    expect([...laptop.book.all('activities')].every(({ deletedAt }) => deletedAt === null)).toBe(true);
  });
});

describe('Undo', () => {
  it('leaves an issued invoice as it is, says why, and goes on with what was before', async () => {
    const { laptop, clientId } = await office();
    const id = await draft(laptop, clientId);
    await laptop.invoices.change(id, { lines: [line('50.00')] });
    const { record } = await laptop.invoices.issue(id);
    for (let step = 0; step < 3; step += 1) {
      const undone = await laptop.history.undo(null);
      expect(undone).toMatchObject({ records: 0 });
      expect(undone.keptBecause).toContain(`Invoice ${record.number ?? ''} is issued`);
      expect(laptop.invoices.get(id)).toEqual(record);
    }
    // Issue, lines and invoice were passed over: the client is next, and leaves the invoice behind.
    await laptop.history.undo(null);
    expect(laptop.book.get('clients', clientId)?.deletedAt).not.toBeNull();
    expect(laptop.invoices.get(id).deletedAt).toBeNull();
    for (let step = 0; step < 4; step += 1) await laptop.history.redo();
    expect(laptop.invoices.get(id)).toMatchObject({ number: record.number, status: 'issued', deletedAt: null });
  });

  it('of one step by name also leaves the number', async () => {
    const { laptop, clientId } = await office();
    const id = await draft(laptop, clientId);
    const { operationId, record } = await laptop.invoices.issue(id);
    const undone = await laptop.history.undo(operationId);
    expect(undone.keptBecause).toContain('is issued');
    expect(laptop.invoices.get(id).number).toBe(record.number);
  });
});

describe('Undo of a deletion', () => {
  it('of a client leaves its issued invoice alone, and so does the step forth', async () => {
    const { laptop, clientId } = await office();
    const { id, number } = await issued(laptop, clientId);
    await laptop.clients.remove([clientId]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await laptop.history.undo(null)).toMatchObject({ kept: 0, keptBecause: null });
      expect(laptop.invoices.get(id)).toMatchObject({ number, deletedAt: null });
      expect(await laptop.history.redo()).toMatchObject({ kept: 0, keptBecause: null });
      expect(laptop.invoices.get(id)).toMatchObject({ number, deletedAt: null });
    }
  });

  it('that is done again leaves an invoice that was issued since', async () => {
    const { laptop, clientId } = await office();
    await laptop.clients.remove([clientId]);
    await laptop.clients.restore([clientId]);
    const { id } = await issued(laptop, clientId);
    for (let step = 0; step < 3; step += 1) await laptop.history.undo(null);
    expect(laptop.book.get('clients', clientId)?.deletedAt).not.toBeNull();
    expect(laptop.invoices.get(id).deletedAt).toBeNull();
    await laptop.history.redo();
    expect(laptop.invoices.get(id)).toMatchObject({ status: 'issued', deletedAt: null });
  });
});

describe('The prefix', () => {
  it('follows from the device, and is the same after a restart', async () => {
    const { laptop } = await office();
    const { prefix } = laptop.invoices.numbering();
    expect(prefix).toBe(prefixFor(laptop.book.deviceId, 0));
    expect((await laptop.reopen()).invoices.numbering()).toEqual({ prefix, next: `${prefix}-000001`, isFixed: false });
  });

  it('differs between devices', () => {
    // Ids that follow each other, as devices of one morning have; any 300 share a prefix once in a hundred draws.
    const prefixes = Array.from({ length: 300 }, (_, at) => prefixFor(`01a21c66-6474-7139-bb19-${String(at).padStart(12, '0')}`, 0));
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const prefix of prefixes) expect(partsOfNumber(formatNumber(prefix, 12))).toEqual({ prefix, running: 12 });
  });

  it('can be chosen before the first invoice, and stays from then on', async () => {
    const { laptop, clientId } = await office();
    expect((await problemOf(laptop.invoices.setPrefix('A B'))).code).toBe('INVALID_INPUT');
    expect(await laptop.invoices.setPrefix('KOELN')).toEqual({ prefix: 'KOELN', next: 'KOELN-000001', isFixed: false });
    expect((await issued(laptop, clientId)).number).toBe('KOELN-000001');
    expect((await problemOf(laptop.invoices.setPrefix('BONN'))).code).toBe('PREFIX_FIXED');
    const again = await laptop.reopen();
    expect(again.invoices.numbering(), 'known from the invoices themselves, without the setting').toMatchObject({
      prefix: 'KOELN',
      isFixed: true,
    });
  });

  it('of others is not taken, and the own one is given up where another device turns out to use it', () => {
    const mine = newId();
    const theirs = newId();
    const first = prefixFor(mine, 0);
    const invoice = (number: string, deviceId: string) => ({ number, stamps: { '*': `0000000000010000-${deviceId}` } });
    const numbersOf = (...list: object[]) =>
      createInvoiceNumbers({ all: () => list.values() as never, watch: () => undefined }, mine, () => null);
    expect(numbersOf(invoice(`${first}-000007`, theirs)).prefix()).toBe(prefixFor(mine, 1));
    expect(numbersOf(invoice(`${first}-000007`, mine)).next(() => false)).toBe(`${first}-000008`);
    const both = numbersOf(invoice(`${first}-000007`, mine), invoice(`${first}-000007`, theirs));
    expect(both.prefix()).toBe(prefixFor(mine, 1));
    expect(both.next(() => false)).toBe(`${prefixFor(mine, 1)}-000001`);
  });

  it('is not taken over with a chosen one from another device', async () => {
    const settings = keptFile(JSON.stringify({ invoicePrefix: { deviceId: 'the laptop before', prefix: 'KOELN' } }));
    const laptop = await openLaptop({ settings });
    expect(laptop.invoices.numbering().prefix).toBe(prefixFor(laptop.book.deviceId, 0));
  });
});

describe('Check my book', () => {
  it('finds nothing in numbers that commands gave, and names what damage took out of them', async () => {
    const { laptop, clientId } = await office();
    const all = [];
    for (let at = 0; at < 5; at += 1) all.push(await issued(laptop, clientId));
    const prefix = laptop.invoices.numbering().prefix;
    expect(await checkRecords(laptop.book.snapshot(), '2026-03-04')).toEqual([]);
    const { records, ...rest } = laptop.book.snapshot();
    const without = (ids: (string | undefined)[]) => {
      const left = [...records.invoices].filter(({ id }) => !ids.includes(id));
      const { invoices } = recordLists({ ...emptyRecordMaps(), invoices: new Map(left.map((invoice) => [invoice.id, invoice])) });
      return { ...rest, records: { ...records, invoices } };
    };
    const [one] = saidFindings(await checkRecords(without([all[0]?.id]), '2026-03-04'));
    expect(one?.text).toBe(`Invoice ${prefix}-000001 is not in the book, though ${prefix}-000002 is. Restore a backup that has it.`);
    const [two] = saidFindings(await checkRecords(without([all[1]?.id, all[2]?.id]), '2026-03-04'));
    expect(two?.text).toContain(`Invoices ${prefix}-000002 to ${prefix}-000003 are not in the book`);
  });

  it('finds two invoices with one number, amounts that are none, and a client that is gone', async () => {
    const { laptop, clientId } = await office();
    const first = await issued(laptop, clientId);
    const second = await issued(laptop, clientId);
    Object.assign(laptop.book.get('invoices', second.id) as object, { number: first.number, clientId: 'gone', lines: [line('ten')] });
    const kinds = (await checkRecords(laptop.book.snapshot(), '2026-03-04')).map(({ id }) => id.split(':')[0]);
    expect(new Set(kinds)).toEqual(new Set(['link.clientId', 'twice', 'value.lines']));
  });
});

describe('Numbers', () => {
  it('are given without a gap to many invoices at once, and none is lost when the disk is full', async () => {
    const { laptop, clientId } = await office();
    const ids = await Promise.all(Array.from({ length: 20 }, () => draft(laptop, clientId)));
    laptop.disk.free = 0;
    expect((await problemOf(laptop.invoices.issue(ids[0] ?? ''))).code).toBe('DISK_FULL');
    laptop.disk.free = 50_000_000_000;
    const all = await Promise.all(ids.map((id) => laptop.invoices.issue(id)));
    expect(all.map(({ record }) => runningOf(record.number))).toEqual(ids.map((_, at) => at + 1));
  });

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('issue' as const), at: fc.nat(30) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('draft' as const), at: fc.nat(30) }) },
    fc.record({
      kind: fc.constantFrom('undo', 'redo', 'reopen', 'diskFull', 'cancel', 'remove', 'restore', 'removeClient', 'restoreClient'),
      at: fc.nat(30),
    }),
  );

  it('stay unique and gapless on two laptops, whatever is undone, deleted, refused or crashed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ who: fc.nat(1), step }), { minLength: 20, maxLength: 60 }), async (steps) => {
        const laptops = [await office(), await office()];
        for (const { who, step: todo } of steps) {
          const here = laptops[who] as (typeof laptops)[number];
          const { laptop, clientId } = here;
          const ids = [...laptop.book.all('invoices')].map(({ id }) => id);
          const id = ids[todo.at % Math.max(1, ids.length)] ?? 'none';
          const run: Record<typeof todo.kind, () => Promise<unknown>> = {
            draft: () => draft(laptop, clientId),
            issue: () => laptop.invoices.issue(id),
            cancel: () => laptop.invoices.cancel(id),
            remove: () => laptop.invoices.remove([id]),
            restore: () => laptop.invoices.restore([id]),
            removeClient: () => laptop.clients.remove([clientId]),
            restoreClient: () => laptop.clients.restore([clientId]),
            undo: () => laptop.history.undo(null),
            redo: () => laptop.history.redo(),
            diskFull: async () => {
              laptop.disk.free = 0;
              await laptop.invoices.issue(id).catch(() => undefined);
              laptop.disk.free = 50_000_000_000;
            },
            // As after a crash: everything from the journal.
            reopen: async () => (here.laptop = await laptop.reopen()),
          };
          // What is refused is refused with a sentence; what counts is what is left behind.
          await run[todo.kind]().catch(() => undefined);
        }
        const all: string[] = [];
        for (const { laptop } of laptops) {
          const numbers = [...laptop.book.all('invoices')].flatMap(({ number }) => number ?? []);
          expect(numbers.map((number) => runningOf(number)).toSorted((a = 0, b = 0) => a - b)).toEqual(numbers.map((_, at) => at + 1));
          all.push(...numbers);
        }
        expect(new Set(all).size).toBe(all.length);
      }),
      propertySettings(Number(process.env['FIELDBOOK_RUNS'] ?? 25)),
    );
  }, 60_000);
});
