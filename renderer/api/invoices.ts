import type { InvoiceNumbering, InvoiceView, NewLine } from '../../shared/nouns/invoice/invoice.contract.ts';
import type { InvoiceLine, InvoicePayment } from '../../shared/nouns/invoice/invoice.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

type Changed = Promise<Result<{ record: InvoiceView; operationId: string | null }>>;

const locale = () => navigator.language;

/** What can be done with an invoice beside what every record can. */
export const invoices = {
  saveLines: (id: string, lines: InvoiceLine[]): Changed => settled(() => crm().invoices.change({ id, changes: { lines } })),
  addLine: (id: string, line: NewLine): Changed => settled(() => crm().invoices.addLine({ id, line })),
  issue: (id: string): Changed => settled(() => crm().invoices.issue({ id })),
  markSent: (id: string, sentOn: string): Changed => settled(() => crm().invoices.change({ id, changes: { sentOn } })),
  cancel: (id: string): Changed => settled(() => crm().invoices.cancel({ id })),
  addPayment: (id: string, payment: Omit<InvoicePayment, 'id'>): Changed => settled(() => crm().invoices.addPayment({ id, payment })),
  removePayment: (id: string, paymentId: string): Changed => settled(() => crm().invoices.removePayment({ id, paymentId })),
  pdf: (id: string) => settled(() => crm().invoices.pdf({ id, locale: locale() })),
  document: (id: string) => settled(() => crm().invoices.document({ id, locale: locale() })),
  setPrefix: (prefix: string) => settled(() => crm().invoices.setPrefix({ prefix })),
  save: (fileId: string) => settled(() => crm().files.save(fileId)),
};

/** `version` changes with what the numbering depends on, so that it is asked for again. */
export function useNumbering(version: string): Answer<InvoiceNumbering> {
  return useQuery(`numbering ${version}`, () => crm().invoices.numbering({}));
}
