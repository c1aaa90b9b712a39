import { z } from 'zod';
import { changesOf } from '../changes.ts';
import { invoiceFieldsSchema, invoiceLineSchema, invoicePaymentSchema, invoiceSchema, taxRoundingSchema } from './invoice.ts';
import { currencySchema, idSchema } from '../values.ts';
import { command, defineContract, query } from '../../contracts/contract.ts';
import { changed, names, recordMethods } from '../../contracts/record.contract.ts';
import { schemaWords } from '../../words/words.ts';

const amount = z.string();

export const invoiceViewSchema = invoiceSchema.extend({
  names,
  clientName: z.string().nullable(),
  locationName: z.string().nullable(),
  /** Per line, in the order of `lines`. */
  lineTotals: z.array(z.object({ amount, tax: amount })),
  taxes: z.array(z.object({ rate: z.string(), base: amount, tax: amount })),
  subtotal: amount,
  taxTotal: amount,
  total: amount,
  amountPaid: amount,
  amountDue: amount,
  isOverdue: z.boolean(),
});
export type InvoiceView = z.output<typeof invoiceViewSchema>;

/** What a person fills in. Number, status and payments come from the commands below. */
const draftFields = invoiceFieldsSchema.omit({ number: true, status: true, payments: true });

/** A line as it is given: what an item of the price list says is left out, or said otherwise. */
const newLineSchema = z.strictObject({
  itemPriceId: invoiceLineSchema.shape.itemPriceId,
  description: invoiceLineSchema.shape.description.optional(),
  quantity: invoiceLineSchema.shape.quantity,
  unitPrice: invoiceLineSchema.shape.unitPrice.unwrap().optional(),
  taxRate: invoiceLineSchema.shape.taxRate.unwrap().optional(),
});
export type NewLine = z.output<typeof newLineSchema>;

export const invoiceNumberingSchema = z.object({
  prefix: z.string(),
  /** The number that the next invoice gets. */
  next: z.string(),
  /** True once an invoice was issued here: its prefix stays. */
  isFixed: z.boolean(),
});
export type InvoiceNumbering = z.output<typeof invoiceNumberingSchema>;

const printInput = z.object({
  id: idSchema,
  /** Language and country of the person, as the screen knows them: "de-AT". */
  locale: z
    .string()
    .max(100)
    .refine((locale) => isLocale(locale), { message: schemaWords('invoices.languageUnknown') }),
});

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
}

const ruleErrors = [
  'CLIENT_NOT_FOUND',
  'LOCATION_OF_OTHER_CLIENT',
  'INVOICE_ISSUED',
  'DUE_BEFORE_ISSUE',
  'SENT_REFUSED',
  'PAYMENT_REFUSED',
] as const;
const invoiceChanged = changed(invoiceViewSchema);
const { create: _create, remove: _remove, restore: _restore, ...shared } = recordMethods(invoiceViewSchema, draftFields, ruleErrors);
const all = recordMethods(invoiceViewSchema, draftFields, ruleErrors);

export const invoiceContract = defineContract('invoices', {
  ...shared,
  /** Where they are not given, currency and due date follow from the client, and how tax is rounded from the settings. */
  create: command({
    input: draftFields.extend({ currency: currencySchema.optional(), taxRounding: taxRoundingSchema.optional() }).strict(),
    output: invoiceChanged,
    errors: ruleErrors,
  }),
  /** Names fields of a draft; of an issued invoice only notes, due date, the day it was sent and own fields. The whole list of lines at once. */
  change: command({
    input: z.object({ id: idSchema, changes: changesOf(draftFields) }),
    output: invoiceChanged,
    errors: ruleErrors,
  }),
  /** An issued invoice is refused: it is cancelled instead. */
  remove: { ...all.remove, errors: ['INVOICE_ISSUED'] },
  restore: { ...all.restore, errors: [...all.restore.errors, ...ruleErrors] },
  /** Adds a line at the end. One with an item is priced as its location is charged today. */
  addLine: command({
    input: z.object({ id: idSchema, line: newLineSchema }),
    output: invoiceChanged,
    errors: [...ruleErrors, 'LINE_REFUSED'],
  }),
  /** Gives the number, the issue date and the due date. Refused while the settings have no name of the company that sends it. */
  issue: command({
    input: z.object({ id: idSchema }),
    output: invoiceChanged,
    errors: ['INVOICE_ISSUED', 'INVOICE_EMPTY', 'SELLER_MISSING', 'CLIENT_NOT_FOUND', 'DUE_BEFORE_ISSUE'],
  }),
  /** Issued → cancelled. Its number stays taken. */
  cancel: command({
    input: z.object({ id: idSchema }),
    output: invoiceChanged,
    errors: ['INVOICE_DRAFT', 'INVOICE_CANCELLED', 'PAYMENT_REFUSED'],
  }),
  addPayment: command({
    input: z.object({ id: idSchema, payment: invoicePaymentSchema.omit({ id: true }).strict() }),
    output: invoiceChanged,
    errors: ['PAYMENT_REFUSED'],
  }),
  removePayment: command({
    input: z.object({ id: idSchema, paymentId: idSchema }),
    output: invoiceChanged,
    errors: ['PAYMENT_REFUSED'],
  }),
  /** A PDF of the invoice, fetched with `crm.files.save`. */
  pdf: command({
    input: printInput,
    output: z.object({ fileId: z.string(), fileName: z.string() }),
    errors: ['NO_PRINTER', 'CLIENT_NOT_FOUND'],
  }),
  /** The same as a page, for the print dialog of a browser. */
  document: query({ input: printInput, output: z.object({ html: z.string(), fileName: z.string() }), errors: ['CLIENT_NOT_FOUND'] }),
  numbering: query({ input: z.object({}), output: invoiceNumberingSchema }),
  /** Two to eight letters and digits, before the first invoice is issued on this device. */
  setPrefix: command({
    input: z.object({ prefix: z.string().trim().toUpperCase().max(8) }),
    output: invoiceNumberingSchema,
    errors: ['PREFIX_FIXED', 'PREFIX_TAKEN'],
  }),
});
