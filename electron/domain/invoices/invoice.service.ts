import type { InvoiceNumbering, InvoiceView, NewLine } from '../../../shared/nouns/invoice/invoice.contract.ts';
import {
  dueDateOf,
  type Invoice,
  type InvoiceLine,
  invoiceLineFor,
  type InvoicePayment,
  isIssued,
} from '../../../shared/nouns/invoice/invoice.ts';
import { locationItemPriceId } from '../../../shared/nouns/location-item-price/location-item-price.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { compareDecimals } from '../../../shared/lib/money.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import type { Book } from '../book.ts';
import { createInvoiceNumbers } from './invoice-numbers.ts';
import { issuedProblem } from '../../../shared/nouns/invoice/invoice.rules.ts';
import type { Transaction } from '../../../shared/operations/transaction.ts';
import { createRecordService, type RecordService, type RecordServiceDeps } from '../record.service.ts';
import type { SettingsService } from '../settings.service.ts';
import { notFound } from '../../../shared/operations/transaction.ts';
import { words } from '../../../shared/words/words.ts';

type Changed = Promise<{ record: InvoiceView; operationId: string | null }>;

/** Invoices have commands of their own beside those of every noun: what a person may do depends on how far one is. */
export interface InvoiceService extends RecordService<'invoices'> {
  addLine(id: string, line: NewLine): Changed;
  issue(id: string): Changed;
  cancel(id: string): Changed;
  addPayment(id: string, payment: Omit<InvoicePayment, 'id'>): Changed;
  removePayment(id: string, paymentId: string): Changed;
  numbering(): InvoiceNumbering;
  setPrefix(prefix: string): Promise<InvoiceNumbering>;
}

export interface InvoiceServiceDeps extends RecordServiceDeps {
  book: Book;
  clock: Clock;
  settings: SettingsService;
}

export function createInvoiceService(deps: InvoiceServiceDeps): InvoiceService {
  const { book, clock, settings } = deps;
  const { deviceId } = book;
  const records = createRecordService('invoices', deps);
  const chosenPrefix = () => {
    const { invoicePrefix } = settings.get();
    return invoicePrefix?.deviceId === deviceId ? invoicePrefix.prefix : null;
  };
  const numbers = createInvoiceNumbers(book, deviceId, chosenPrefix);

  async function run(command: string, work: (tx: Transaction) => string): Changed {
    const { value, operation } = await book.run(`invoices.${command}`, null, work);
    return { record: records.get(value), operationId: operation?.id ?? null };
  }

  /** Runs a command on one live invoice. */
  const runOn = (command: string, id: string, work: (tx: Transaction, invoice: Invoice) => void) =>
    run(command, (tx) => {
      const invoice = tx.get('invoices', id);
      if (invoice === null) throw new ProblemError(notFound('invoices'));
      if (invoice.deletedAt !== null) throw new ProblemError(deleted);
      work(tx, invoice);
      return id;
    });

  function numbering(): InvoiceNumbering {
    return { prefix: numbers.prefix(), next: numbers.next(() => false), isFixed: numbers.isFixed() };
  }

  return {
    ...records,
    create: (fields) =>
      run('create', (tx) => {
        const client = typeof fields['clientId'] === 'string' ? tx.get('clients', fields['clientId']) : null;
        const issueDate = (fields['issueDate'] ?? null) as string | null;
        const made = tx.create('invoices', {
          ...fields,
          currency: fields['currency'] ?? client?.defaultCurrency ?? 'USD',
          taxRounding: fields['taxRounding'] ?? settings.get().company.taxRounding,
          dueDate: fields['dueDate'] ?? dueDateOf(issueDate, client?.paymentTermsDays ?? null),
        });
        checkLocation(tx, made);
        return made.id;
      }),
    change: (id, changes) =>
      run('change', (tx) => {
        const before = tx.get('invoices', id);
        const after = tx.change('invoices', id, changes);
        if (before !== null && changes['issueDate'] !== undefined && changes['dueDate'] === undefined) {
          // A due date that only followed from the issue date goes on following it; one that a person set stays.
          const terms = tx.get('clients', after.clientId)?.paymentTermsDays ?? null;
          if (before.dueDate === dueDateOf(before.issueDate, terms))
            tx.change('invoices', id, { dueDate: dueDateOf(after.issueDate, terms) });
        }
        if (before?.clientId !== after.clientId || before.locationId !== after.locationId) checkLocation(tx, after);
        return id;
      }),
    addLine: (id, line) =>
      runOn('addLine', id, (tx, invoice) => {
        const priced = line.itemPriceId === null ? null : pricedLine(tx, line.itemPriceId, invoice.locationId);
        const given = Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined));
        if (priced === null && line.description === undefined) throw new ProblemError(lineWithoutText);
        tx.change('invoices', id, { lines: [...invoice.lines, { ...priced, ...given }] });
      }),
    issue: (id) =>
      runOn('issue', id, (tx, invoice) => {
        if (isIssued(invoice)) throw new ProblemError(issuedProblem(invoice));
        if (invoice.lines.length === 0) throw new ProblemError(empty);
        if (settings.get().company.name.trim() === '') throw new ProblemError(noSeller);
        const issueDate = invoice.issueDate ?? clock.today();
        const terms = tx.get('clients', invoice.clientId)?.paymentTermsDays ?? null;
        tx.set('invoices', id, {
          number: invoice.number ?? numbers.next((key) => tx.holderOf('invoices', key) !== null),
          status: 'sent',
          issueDate,
          dueDate: invoice.dueDate ?? dueDateOf(issueDate, terms),
        });
      }),
    cancel: (id) =>
      runOn('cancel', id, (tx, invoice) => {
        if (!isIssued(invoice)) throw new ProblemError(isDraft);
        if (invoice.status === 'cancelled') throw new ProblemError(isCancelled);
        tx.set('invoices', id, { status: 'cancelled' });
      }),
    addPayment: (id, payment) =>
      runOn('addPayment', id, (tx, invoice) => {
        if (compareDecimals(payment.amount, '0') === 0) throw new ProblemError(noAmount);
        if (invoice.status === 'cancelled') throw new ProblemError(paidCancelled);
        tx.change('invoices', id, { payments: [...invoice.payments, payment] });
      }),
    removePayment: (id, paymentId) =>
      runOn('removePayment', id, (tx, invoice) => {
        const payments = invoice.payments.filter((payment) => payment.id !== paymentId);
        if (payments.length === invoice.payments.length) throw new ProblemError(paymentGone);
        tx.change('invoices', id, { payments });
      }),
    numbering,
    async setPrefix(prefix) {
      if (!/^[A-Z0-9]{2,8}$/.test(prefix)) throw new ProblemError(prefixForm);
      if (numbers.isFixed()) throw new ProblemError(prefixFixed(numbers.prefix()));
      if (numbers.isForeign(prefix)) throw new ProblemError(prefixTaken(prefix));
      await settings.change({ invoicePrefix: { deviceId, prefix } });
      return numbering();
    },
  };
}

/** The item as the location is charged for it today; what its price becomes later leaves the line alone. */
function pricedLine(tx: Transaction, itemPriceId: string, locationId: string | null): InvoiceLine {
  const item = tx.get('itemPrices', itemPriceId);
  if (item === null || item.deletedAt !== null) throw new ProblemError(itemGone);
  const own = locationId === null ? null : tx.get('locationItemPrices', locationItemPriceId(locationId, itemPriceId));
  return invoiceLineFor(item, own === null || own.deletedAt !== null ? null : own);
}

/** An invoice for one client does not name a place of another. */
function checkLocation(tx: Transaction, { clientId, locationId }: Invoice): void {
  const location = locationId === null ? null : tx.get('locations', locationId);
  if (location !== null && location.clientId !== clientId) throw new ProblemError(otherClient);
}

const otherClient: Problem = {
  code: 'LOCATION_OF_OTHER_CLIENT',
  field: 'locationId',
  ...words('invoices.locationOfOtherClient'),
};
const deleted: Problem = { code: 'NOT_FOUND', ...words('invoices.isDeleted') };
const empty: Problem = {
  code: 'INVOICE_EMPTY',
  field: 'lines',
  ...words('invoices.noLines'),
};
const noSeller: Problem = {
  code: 'SELLER_MISSING',
  ...words('invoices.noSeller'),
};
const isDraft: Problem = {
  code: 'INVOICE_DRAFT',
  ...words('invoices.isDraft'),
};
const isCancelled: Problem = { code: 'INVOICE_CANCELLED', ...words('invoices.isCancelled') };
const noAmount: Problem = {
  code: 'PAYMENT_REFUSED',
  field: 'amount',
  ...words('invoices.paymentOfNothing'),
};
const paidCancelled: Problem = {
  code: 'PAYMENT_REFUSED',
  ...words('invoices.cancelledTakesNoPayments'),
};
const paymentGone: Problem = { code: 'NOT_FOUND', ...words('invoices.paymentGone') };
const itemGone: Problem = {
  code: 'LINE_REFUSED',
  field: 'itemPriceId',
  ...words('invoices.itemGone'),
};
const lineWithoutText: Problem = {
  code: 'LINE_REFUSED',
  field: 'description',
  ...words('invoices.lineSaysNothing'),
};
const prefixForm: Problem = { code: 'INVALID_INPUT', field: 'prefix', ...words('invoices.prefixForm') };
const prefixFixed = (prefix: string): Problem => ({
  code: 'PREFIX_FIXED',
  field: 'prefix',
  ...words('invoices.prefixFixed', { prefix }),
});
const prefixTaken = (prefix: string): Problem => ({
  code: 'PREFIX_TAKEN',
  field: 'prefix',
  ...words('invoices.prefixTaken', { prefix }),
});
