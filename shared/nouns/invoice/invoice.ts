import { z } from 'zod';
import { newId } from '../../lib/ids.ts';
import { addMoney, compareDecimals, multiplyMoney, roundMoney, subtractMoney } from '../../lib/money.ts';
import type { FieldInfo } from '../field.ts';
import { type ItemPrice, priceSchema, taxRateSchema } from '../item-price/item-price.ts';
import { computeLocationItemPrice, type LocationItemPrice } from '../location-item-price/location-item-price.ts';
import {
  commonFields,
  currencySchema,
  customValues,
  dateSchema,
  decimalText,
  externalIds,
  idSchema,
  longText,
  optionalDate,
  optionalId,
  optionalText,
  requiredText,
} from '../values.ts';

export const invoiceStatuses = {
  draft: 'Draft',
  /** Numbered and final, and nobody said yet that it went to the client. */
  issued: 'Issued',
  sent: 'Sent',
  paid: 'Paid',
  partially_paid: 'Partly paid',
  overdue: 'Overdue',
  cancelled: 'Cancelled',
} as const;
export type InvoiceStatus = keyof typeof invoiceStatuses;

/**
 * Where tax is rounded: on each line, or once on the sum of each rate. Countries ask for one or the other, and with many small
 * lines the two differ by cents.
 */
export const taxRoundings = { line: 'On each line', rate: 'Once for each tax rate' } as const;
export type TaxRounding = keyof typeof taxRoundings;
export const taxRoundingSchema = z.enum(Object.keys(taxRoundings) as [TaxRounding, ...TaxRounding[]]);

export const invoiceLineSchema = z.object({
  /** Null for a line that stands for no item of the price list. */
  itemPriceId: optionalId.default(null),
  description: requiredText(1000),
  quantity: decimalText(9, 4).default('1'),
  /** Copied from the price list when the line is made: a later change of the price does not change an invoice. */
  unitPrice: priceSchema.default('0.00'),
  taxRate: taxRateSchema.default('0'),
});
export type InvoiceLine = z.output<typeof invoiceLineSchema>;

export const paymentMethods = {
  transfer: 'Bank transfer',
  card: 'Card',
  cash: 'Cash',
  cheque: 'Cheque',
  direct_debit: 'Direct debit',
  other: 'Other',
} as const;
export type PaymentMethod = keyof typeof paymentMethods;

export const invoicePaymentSchema = z.object({
  id: idSchema.default(() => newId()),
  date: dateSchema,
  /** Negative for money given back. */
  amount: decimalText(13, 4),
  method: z.enum(Object.keys(paymentMethods) as [PaymentMethod, ...PaymentMethod[]]).default('transfer'),
  /** What the bank's line says: a transfer's number, a cheque's. */
  reference: optionalText(500).default(null),
});
export type InvoicePayment = z.output<typeof invoicePaymentSchema>;

export const invoiceFieldsSchema = z.object({
  clientId: idSchema,
  locationId: optionalId.default(null),
  /** Null until the invoice leaves draft; then unique, with this device's prefix (docs/decisions/0009). */
  number: optionalText(50).default(null),
  /** What a person decided; what follows from payments and days is computed (`computeInvoice`). Kept are `draft`, `cancelled`, and `sent` for one that is issued. */
  status: z.enum(['draft', 'issued', 'sent', 'paid', 'partially_paid', 'overdue', 'cancelled']).default('draft'),
  issueDate: optionalDate.default(null),
  /** The day it went to the client, by an e-mail on it or as a person said; null while nobody knows of one. */
  sentOn: optionalDate.default(null),
  dueDate: optionalDate.default(null),
  currency: currencySchema.default('USD'),
  lines: z.array(invoiceLineSchema).max(1000).default([]),
  taxRounding: taxRoundingSchema.default('line'),
  notes: optionalText(longText).default(null),
  payments: z.array(invoicePaymentSchema).max(1000).default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const invoiceSchema = invoiceFieldsSchema.extend(commonFields);
export type Invoice = z.output<typeof invoiceSchema>;

/** A draft can be changed and deleted. Everything else has gone out under its number. */
export function isIssued(invoice: Pick<Invoice, 'status'>): boolean {
  return invoice.status !== 'draft';
}

/** What lines of one tax rate come to without tax, and the tax on it. */
export interface TaxOfRate {
  rate: string;
  base: string;
  tax: string;
}

export interface InvoiceComputed {
  /** Per line, each rounded to the currency's minor unit. The taxes add up to `taxTotal` where tax is rounded on each line. */
  lines: { amount: string; tax: string }[];
  /** Per tax rate, in the order of the lines; they add up to `subtotal` and `taxTotal`. */
  taxes: TaxOfRate[];
  subtotal: string;
  taxTotal: string;
  total: string;
  amountPaid: string;
  /** Negative when more was paid than asked. */
  amountDue: string;
  isOverdue: boolean;
  status: InvoiceStatus;
}

/** Totals and the status that follows from them. `today` is the person's local day. */
export function computeInvoice(
  invoice: Pick<Invoice, 'lines' | 'payments' | 'currency' | 'status' | 'dueDate' | 'sentOn' | 'taxRounding'>,
  today: string,
): InvoiceComputed {
  const { currency } = invoice;
  const lines = invoice.lines.map((line) => {
    const amount = roundMoney(multiplyMoney(line.quantity, line.unitPrice), currency);
    return { amount, tax: roundMoney(multiplyMoney(amount, line.taxRate), currency) };
  });
  const subtotal = roundMoney(addMoney(lines.map((line) => line.amount)), currency);
  const taxes = taxesOf();
  const taxTotal = roundMoney(addMoney(taxes.map(({ tax }) => tax)), currency);
  const total = roundMoney(addMoney([subtotal, taxTotal]), currency);
  const amountPaid = roundMoney(addMoney(invoice.payments.map((payment) => payment.amount)), currency);
  const amountDue = roundMoney(subtractMoney(total, amountPaid), currency);
  const counts = invoice.status !== 'draft' && invoice.status !== 'cancelled';
  const isOverdue = counts && compareDecimals(amountDue, '0') > 0 && invoice.dueDate !== null && invoice.dueDate < today;
  return { lines, taxes, subtotal, taxTotal, total, amountPaid, amountDue, isOverdue, status: statusOf() };

  function taxesOf(): TaxOfRate[] {
    const byRate = new Map<string, { amount: string; tax: string }[]>();
    invoice.lines.forEach(({ taxRate }, at) => {
      // "0.1" and "0.10" are one rate.
      const rate = addMoney([taxRate]);
      const own = byRate.get(rate) ?? [];
      own.push(lines[at] as InvoiceComputed['lines'][number]);
      byRate.set(rate, own);
    });
    return [...byRate].map(([rate, own]) => {
      const base = roundMoney(addMoney(own.map(({ amount }) => amount)), currency);
      const tax = invoice.taxRounding === 'rate' ? multiplyMoney(base, rate) : addMoney(own.map((line) => line.tax));
      return { rate, base, tax: roundMoney(tax, currency) };
    });
  }

  /** Draft and cancelled are decisions; the rest follows from the money and the day. Overdue outweighs partly paid. */
  function statusOf(): InvoiceStatus {
    if (!counts) return invoice.status;
    const unpaid = invoice.sentOn === null ? 'issued' : 'sent';
    // What a credit gives back is due until it is given back.
    if (compareDecimals(total, '0') < 0 && compareDecimals(amountDue, '0') < 0)
      return compareDecimals(amountPaid, '0') < 0 ? 'partially_paid' : unpaid;
    if (compareDecimals(amountDue, '0') <= 0) return 'paid';
    if (isOverdue) return 'overdue';
    return compareDecimals(amountPaid, '0') > 0 ? 'partially_paid' : unpaid;
  }
}

/** Issue date plus the client's payment terms in days; null where either is missing. */
export function dueDateOf(issueDate: string | null, paymentTermsDays: number | null): string | null {
  if (issueDate === null || paymentTermsDays === null) return null;
  return new Date(Date.parse(`${issueDate}T00:00:00Z`) + paymentTermsDays * 86_400_000).toISOString().slice(0, 10);
}

/** A line for an item at a location, priced as that location is charged. `own` is null where it has no price of its own. */
export function invoiceLineFor(
  item: Pick<ItemPrice, 'id' | 'invoiceItem' | 'defaultPrice' | 'defaultTaxRate'>,
  own: Pick<LocationItemPrice, 'customPrice' | 'customTaxRate'> | null,
  quantity = '1',
): InvoiceLine {
  const { finalPrice, finalTaxRate } = computeLocationItemPrice(own, item);
  return { itemPriceId: item.id, description: item.invoiceItem, quantity, unitPrice: finalPrice, taxRate: finalTaxRate };
}

export const invoiceFieldInfo: readonly FieldInfo[] = [
  { path: 'number', label: 'Number', kind: 'text', group: 'Invoice', computed: true, inList: true, width: 140 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Invoice', required: true, inList: true, width: 220 },
  { path: 'locationId', label: 'Location', kind: 'reference', of: 'locations', group: 'Invoice', width: 200 },
  { path: 'status', label: 'Status', kind: 'choice', choices: invoiceStatuses, group: 'Invoice', computed: true, inList: true, width: 120 },
  { path: 'issueDate', label: 'Issued', kind: 'date', group: 'Invoice', inList: true, width: 120 },
  { path: 'sentOn', label: 'Sent on', kind: 'date', group: 'Invoice', width: 120 },
  { path: 'dueDate', label: 'Due', kind: 'date', group: 'Invoice', inList: true, width: 120 },
  { path: 'currency', label: 'Currency', kind: 'text', group: 'Invoice', inList: true, width: 100 },
  { path: 'taxRounding', label: 'Tax is rounded', kind: 'choice', choices: taxRoundings, group: 'Money', required: true, width: 160 },
  { path: 'subtotal', label: 'Subtotal', kind: 'decimal', group: 'Money', computed: true, width: 110 },
  { path: 'taxTotal', label: 'Tax', kind: 'decimal', group: 'Money', computed: true, width: 110 },
  { path: 'total', label: 'Total', kind: 'decimal', group: 'Money', computed: true, inList: true, width: 110 },
  { path: 'amountPaid', label: 'Paid', kind: 'decimal', group: 'Money', computed: true, width: 110 },
  { path: 'amountDue', label: 'Amount due', kind: 'decimal', group: 'Money', computed: true, inList: true, width: 120 },
  { path: 'isOverdue', label: 'Overdue', kind: 'boolean', group: 'Invoice', computed: true, width: 100 },
  { path: 'notes', label: 'Notes', kind: 'multiline', group: 'Notes', width: 240 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
