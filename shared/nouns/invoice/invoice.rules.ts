import { computeInvoice, type Invoice, isIssued } from './invoice.ts';
import { addMoney, compareDecimals, roundMoney } from '../../lib/money.ts';
import type { Problem } from '../../lib/result.ts';
import type { RecordRules } from '../record-rules.ts';
import { type Words, words } from '../../words/words.ts';

/** What an issued invoice says on paper. The due date may move, notes, payments and the day it was sent are written on. */
const onPaper = new Set<string>(['number', 'clientId', 'locationId', 'currency', 'lines', 'taxRounding', 'issueDate']);

export const invoiceRules: RecordRules<Invoice> = {
  unique: {
    value: ({ number }) => number,
    key: numberKey,
    problem: ({ id, name }) => ({
      code: 'NUMBER_TAKEN',
      field: 'number',
      ...words('invoices.numberTaken', { name }),
      details: { id, name },
    }),
    alsoDeleted: true,
  },
  keeps(invoice, wanted, by) {
    if (!isIssued(invoice)) return null;
    // A step back may cancel, or take the cancelling back; only the way back to a draft is closed (docs/decisions/0009).
    const isOnPaper = (field: string) =>
      onPaper.has(field) ||
      // Neither by itself nor with its client or location (going-along.ts).
      (field === 'deletedAt' && wanted.deletedAt !== null) ||
      (field === 'status' && (by === 'person' || wanted.status === 'draft'));
    const fields = Object.keys(wanted).filter(isOnPaper);
    if (fields.length === 0) return null;
    // Issuing set the due date with the number; both stay.
    if (by !== 'person' && 'number' in wanted && 'dueDate' in wanted) fields.push('dueDate');
    return { fields, problem: issuedProblem(invoice) };
  },
  check(invoice, differs, today) {
    const { issueDate, dueDate } = invoice;
    if ((differs('issueDate') || differs('dueDate')) && issueDate !== null && dueDate !== null && dueDate < issueDate)
      return dueBeforeIssue;
    if (differs('sentOn') && invoice.sentOn !== null) {
      const problem = sendingProblem(invoice, invoice.sentOn, today);
      if (problem !== null) return problem;
    }
    return differs('payments') || differs('lines') || differs('status') ? paymentProblem(invoice, today) : null;
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('invoices.clientUnknown'),
    },
  ],
};

/** Two numbers with the same key are the same number. */
export function numberKey(number: string): string {
  return number.trim().toLowerCase();
}

function paymentProblem(invoice: Invoice, today: string): Problem | null {
  const { payments, currency, status } = invoice;
  if (payments.length === 0) return null;
  if (status === 'draft') return refused(words('invoices.draftTakesNoPayments'));
  if (payments.some(({ amount }) => compareDecimals(amount, roundMoney(amount, currency)) !== 0))
    return refused(words('invoices.tooManyDecimals', { currency, example: roundMoney('1', currency) }));
  const { total, amountDue } = computeInvoice(invoice, today);
  const paid = addMoney(payments.map(({ amount }) => amount));
  if (status === 'cancelled') {
    return compareDecimals(paid, '0') === 0 ? null : refused(words('invoices.cancelledKeepsPayments', { paid, currency }));
  }
  const [least, most] = compareDecimals(total, '0') < 0 ? [total, '0'] : ['0', total];
  if (compareDecimals(paid, most) > 0) {
    const over = roundMoney(addMoney([paid, `-${most}`.replace('--', '')]), currency);
    return refused(words('invoices.overpaid', { over, currency }));
  }
  if (compareDecimals(paid, least) < 0) {
    return refused(words('invoices.givesBackMore', { due: amountDue, currency }));
  }
  return null;
}

function sendingProblem({ status, issueDate }: Invoice, sentOn: string, today: string): Problem | null {
  const refuse = (says: Words): Problem => ({ code: 'SENT_REFUSED', field: 'sentOn', ...says });
  if (status === 'draft') return refuse(words('invoices.draftIsNotSent'));
  if (sentOn > today) return refuse(words('invoices.sentAhead'));
  if (issueDate !== null && sentOn < issueDate) return refuse(words('invoices.sentBeforeIssue'));
  return null;
}

function refused(says: Words): Problem {
  return { code: 'PAYMENT_REFUSED', field: 'payments', ...says };
}

export function issuedProblem(invoice: Invoice): Problem {
  return {
    code: 'INVOICE_ISSUED',
    ...words('invoices.isIssued', { number: invoice.number }),
    details: { id: invoice.id },
  };
}

const dueBeforeIssue: Problem = {
  code: 'DUE_BEFORE_ISSUE',
  field: 'dueDate',
  ...words('invoices.dueBeforeIssue'),
};
