import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeInvoice, dueDateOf, invoiceFieldsSchema, invoiceLineFor } from '../../../../../shared/nouns/invoice/invoice.ts';
import { addMoney, compareDecimals, minorUnitOf } from '../../../../../shared/lib/money.ts';
import { checkProperty } from '../../../../support/property.ts';

const invoice = (fields: object) => invoiceFieldsSchema.parse({ clientId: 'acme', status: 'sent', ...fields });
const line = (quantity: string, unitPrice: string, taxRate = '0') => ({ description: 'Drug Screen', quantity, unitPrice, taxRate });
const today = '2024-05-03';

describe('An invoice', () => {
  it('rounds the tax of each line, half up, so that what is printed adds up', () => {
    const totals = computeInvoice(invoice({ lines: [line('1', '45.00', '0.0775'), line('3', '0.33', '0.0775')] }), today);
    expect(totals).toMatchObject({
      lines: [
        { amount: '45.00', tax: '3.49' },
        { amount: '0.99', tax: '0.08' },
      ],
      subtotal: '45.99',
      taxTotal: '3.57',
      total: '49.56',
      amountDue: '49.56',
      status: 'issued',
    });
  });

  it('shows tax per rate, and rounds it on each line or once per rate, as it says', () => {
    const lines = [line('1', '10.05', '0.07'), line('1', '10.05', '0.0700'), line('1', '5.00', '0.19'), line('2', '1.50')];
    expect(computeInvoice(invoice({ lines }), today), 'where it says nothing, as invoices always were').toMatchObject({
      taxes: [
        { rate: '0.07', base: '20.10', tax: '1.40' },
        { rate: '0.19', base: '5.00', tax: '0.95' },
        { rate: '0', base: '3.00', tax: '0.00' },
      ],
      subtotal: '28.10',
      taxTotal: '2.35',
      total: '30.45',
    });
    expect(computeInvoice(invoice({ lines, taxRounding: 'rate' }), today)).toMatchObject({
      taxes: [
        { rate: '0.07', base: '20.10', tax: '1.41' },
        { rate: '0.19', base: '5.00', tax: '0.95' },
        { rate: '0', base: '3.00', tax: '0.00' },
      ],
      taxTotal: '2.36',
      total: '30.46',
    });
    const yen = ['115', '115', '115'].map((price) => line('1', price, '0.1'));
    expect(computeInvoice(invoice({ lines: yen, currency: 'JPY' }), today).total).toBe('381');
    expect(computeInvoice(invoice({ lines: yen, currency: 'JPY', taxRounding: 'rate' }), today).total).toBe('380');
    const credit = lines.map((one) => ({ ...one, quantity: `-${one.quantity}` }));
    expect(computeInvoice(invoice({ lines: credit, taxRounding: 'rate' }), today).total, 'a credit mirrors its invoice').toBe('-30.46');
  });

  it('is issued until a day says that it was sent, and what is paid or late outweighs both', () => {
    const one = { lines: [line('1', '10.00')], dueDate: today };
    expect(computeInvoice(invoice({ ...one, sentOn: '2024-05-01' }), today).status).toBe('sent');
    expect(computeInvoice(invoice({ ...one, sentOn: '2024-05-01' }), '2024-05-04').status).toBe('overdue');
    expect(computeInvoice(invoice({ lines: [line('-1', '10.00')], sentOn: '2024-05-01' }), today).status).toBe('sent');
    expect(computeInvoice(invoice({ ...one, status: 'draft', sentOn: '2024-05-01' }), today).status).toBe('draft');
  });

  it('has whole yen and thousandths of a dinar', () => {
    expect(computeInvoice(invoice({ currency: 'JPY', lines: [line('1', '105', '0.1')] }), today)).toMatchObject({
      taxTotal: '11',
      total: '116',
    });
    expect(computeInvoice(invoice({ currency: 'KWD', lines: [line('1', '0.0005')] }), today)).toMatchObject({ total: '0.001' });
  });

  it('is partly paid, then paid, as payments arrive', () => {
    const lines = [line('2', '50.00')];
    expect(computeInvoice(invoice({ lines, payments: [{ date: today, amount: '40.00' }] }), today)).toMatchObject({
      status: 'partially_paid',
      amountPaid: '40.00',
      amountDue: '60.00',
    });
    expect(computeInvoice(invoice({ lines, payments: [{ date: today, amount: '100' }] }), today)).toMatchObject({
      status: 'paid',
      amountDue: '0.00',
    });
    expect(computeInvoice(invoice({ lines, payments: [{ date: today, amount: '120' }] }), today)).toMatchObject({
      status: 'paid',
      amountDue: '-20.00',
    });
  });

  it('is overdue from the day after it was due, also when partly paid, and not when paid', () => {
    const due = { lines: [line('1', '10.00')], dueDate: today };
    expect(computeInvoice(invoice(due), today)).toMatchObject({ isOverdue: false, status: 'issued' });
    expect(computeInvoice(invoice(due), '2024-05-04')).toMatchObject({ isOverdue: true, status: 'overdue' });
    expect(computeInvoice(invoice({ ...due, payments: [{ date: today, amount: '1' }] }), '2024-05-04').status).toBe('overdue');
    expect(computeInvoice(invoice({ ...due, payments: [{ date: today, amount: '10' }] }), '2024-05-04')).toMatchObject({
      isOverdue: false,
      status: 'paid',
    });
  });

  it('stays a draft or cancelled whatever the money and the day say', () => {
    for (const status of ['draft', 'cancelled']) {
      expect(computeInvoice(invoice({ status, lines: [line('1', '10.00')], dueDate: '2020-01-01' }), today)).toMatchObject({
        status,
        isOverdue: false,
      });
    }
  });

  it('forgets a stored "paid" when the payment is taken back', () => {
    expect(computeInvoice(invoice({ status: 'paid', lines: [line('1', '10.00')] }), today).status).toBe('issued');
  });

  it('is due the payment terms after it was issued, across a leap day', () => {
    expect(dueDateOf('2024-02-28', 30)).toBe('2024-03-29');
    expect(dueDateOf('2023-12-31', 1)).toBe('2024-01-01');
    expect(dueDateOf('2024-02-28', 0)).toBe('2024-02-28');
    expect(dueDateOf('2024-02-28', null)).toBeNull();
    expect(dueDateOf(null, 30)).toBeNull();
  });

  it('takes its lines from the prices of the location', () => {
    const item = { id: 'i', invoiceItem: 'Drug Screen', defaultPrice: '45.00', defaultTaxRate: '0.0775' };
    expect(invoiceLineFor(item, { customPrice: '50.00', customTaxRate: null }, '3')).toEqual({
      itemPriceId: 'i',
      description: 'Drug Screen',
      quantity: '3',
      unitPrice: '50.00',
      taxRate: '0.0775',
    });
  });

  it('adds up for any lines: total is subtotal plus tax, and no amount has more digits than the currency', () => {
    const digits = (max: number) => fc.integer({ min: 0, max: 10 ** max - 1 });
    const lines = fc.array(
      fc
        .tuple(digits(4), digits(7), digits(6))
        .map(([quantity, price, rate]) =>
          line(`${quantity}`, `${Math.floor(price / 100)}.${String(price % 100).padStart(2, '0')}`, `0.${String(rate).padStart(6, '0')}`),
        ),
      { maxLength: 12 },
    );
    checkProperty(
      fc.property(lines, fc.constantFrom('USD', 'JPY', 'KWD'), (all, currency) => {
        const perRate = computeInvoice(invoice({ lines: all, currency, taxRounding: 'rate' }), today);
        expect(compareDecimals(addMoney(perRate.taxes.flatMap(({ base, tax }) => [base, tax])), perRate.total)).toBe(0);
        const totals = computeInvoice(invoice({ lines: all, currency }), today);
        expect(compareDecimals(addMoney(totals.taxes.flatMap(({ base, tax }) => [base, tax])), totals.total)).toBe(0);
        expect(compareDecimals(addMoney([totals.subtotal, totals.taxTotal]), totals.total)).toBe(0);
        expect(compareDecimals(addMoney(totals.lines.flatMap(({ amount, tax }) => [amount, tax])), totals.total)).toBe(0);
        for (const amount of [totals.subtotal, totals.taxTotal, totals.total, totals.amountDue]) {
          expect(amount.split('.')[1]?.length ?? 0).toBe(minorUnitOf(currency));
        }
      }),
    );
  });
});
