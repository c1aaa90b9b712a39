import { implement } from '../../shared/contracts/contract.ts';
import { invoiceContract } from '../../shared/nouns/invoice/invoice.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import type { InvoicePrinter } from '../domain/invoices/invoice-printer.ts';
import { recordHandlers } from './record.handlers.ts';

export const invoiceHandlers = ({ invoices }: BookServices, printer: InvoicePrinter) =>
  implement(invoiceContract, {
    ...recordHandlers<'invoices'>(invoices),
    addLine: ({ id, line }) => invoices.addLine(id, line),
    issue: ({ id }) => invoices.issue(id),
    cancel: ({ id }) => invoices.cancel(id),
    addPayment: ({ id, payment }) => invoices.addPayment(id, payment),
    removePayment: ({ id, paymentId }) => invoices.removePayment(id, paymentId),
    pdf: ({ id, locale }) => printer.pdf(id, locale),
    document: ({ id, locale }) => printer.document(id, locale),
    numbering: () => invoices.numbering(),
    setPrefix: ({ prefix }) => invoices.setPrefix(prefix),
  });
