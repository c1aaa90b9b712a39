import { computeInvoice, type Invoice, isIssued } from './invoice.ts';
import { addMoney, compareDecimals, roundMoney } from '../../lib/money.ts';
import type { Problem } from '../../lib/result.ts';
import type { RecordRules } from '../record-rules.ts';

/** What an issued invoice says on paper. The due date may move, notes, payments and the day it was sent are written on. */
const onPaper = new Set<string>(['number', 'clientId', 'locationId', 'currency', 'lines', 'taxRounding', 'issueDate']);

export const invoiceRules: RecordRules<Invoice> = {
  unique: {
    value: ({ number }) => number,
    key: numberKey,
    problem: ({ id, name }) => ({
      code: 'NUMBER_TAKEN',
      field: 'number',
      message: `Another invoice has the number ${name} already, so nothing was changed. Each number is given once.`,
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
      message: 'The client of this invoice is not in the book. Choose another client.',
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
  if (status === 'draft') return refused('A draft takes no payments. Issue the invoice first, then add the payment.');
  if (payments.some(({ amount }) => compareDecimals(amount, roundMoney(amount, currency)) !== 0))
    return refused(`This amount has more decimals than ${currency} has. Write it as ${roundMoney('1', currency)}.`);
  const { total, amountDue } = computeInvoice(invoice, today);
  const paid = addMoney(payments.map(({ amount }) => amount));
  if (status === 'cancelled') {
    return compareDecimals(paid, '0') === 0
      ? null
      : refused(`A cancelled invoice has no payments, and this one would keep ${paid} ${currency}. Remove the payments first.`);
  }
  const [least, most] = compareDecimals(total, '0') < 0 ? [total, '0'] : ['0', total];
  if (compareDecimals(paid, most) > 0) {
    const over = roundMoney(addMoney([paid, `-${most}`.replace('--', '')]), currency);
    return refused(
      `This is ${over} ${currency} more than the invoice asks for, so it was not added. Check the amount; what was paid too much belongs on another invoice.`,
    );
  }
  if (compareDecimals(paid, least) < 0) {
    return refused(`This gives back more than was paid, so it was not added. ${amountDue} ${currency} would be due. Check the amount.`);
  }
  return null;
}

function sendingProblem({ status, issueDate }: Invoice, sentOn: string, today: string): Problem | null {
  const refuse = (message: string): Problem => ({ code: 'SENT_REFUSED', field: 'sentOn', message });
  if (status === 'draft') return refuse('A draft has no number and is not sent. Issue the invoice first, then say when it was sent.');
  if (sentOn > today) return refuse('This day lies in the future. Write the day when the invoice was sent, or leave it empty until then.');
  if (issueDate !== null && sentOn < issueDate)
    return refuse('The invoice would be sent before it was issued. Choose the day it was issued, or a later one.');
  return null;
}

function refused(message: string): Problem {
  return { code: 'PAYMENT_REFUSED', field: 'payments', message };
}

export function issuedProblem(invoice: Invoice): Problem {
  return {
    code: 'INVOICE_ISSUED',
    message: `Invoice ${invoice.number ?? 'without a number'} is issued, so its number, client, lines and dates stay as they are and it cannot be deleted. Cancel it and make a new one instead.`,
    details: { id: invoice.id },
  };
}

const dueBeforeIssue: Problem = {
  code: 'DUE_BEFORE_ISSUE',
  field: 'dueDate',
  message: 'The invoice would be due before it is issued. Choose a later due date, or an earlier issue date.',
};
