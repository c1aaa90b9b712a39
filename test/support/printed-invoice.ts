import type { InvoiceDocument } from '../../electron/domain/invoices/invoice-document.ts';
import { computeInvoice, invoiceFieldsSchema } from '../../shared/nouns/invoice/invoice.ts';
import { type Address, emptyAddress } from '../../shared/nouns/values.ts';

/** An issued invoice as it goes to the printer; each part can be given otherwise. */
export function printedInvoice(given: {
  lines: { description: string; quantity?: string; unitPrice?: string; taxRate?: string }[];
  currency?: string;
  taxRounding?: 'line' | 'rate';
  locale?: string;
  client?: string;
  address?: Partial<Address>;
  company?: string;
  notes?: string;
}): InvoiceDocument {
  const fields = invoiceFieldsSchema.parse({
    clientId: 'adler',
    number: 'K7M4X-000012',
    status: 'sent',
    issueDate: '2026-03-04',
    currency: given.currency ?? 'EUR',
    taxRounding: given.taxRounding,
    notes: given.notes ?? null,
    lines: given.lines,
  });
  const { lines: lineTotals, ...computed } = computeInvoice(fields, '2026-03-04');
  const common = {
    id: 'i',
    createdAt: '',
    createdBy: '',
    updatedAt: '',
    updatedBy: '',
    deletedAt: null,
    mergedInto: null,
    notDuplicateOf: [],
  };
  return {
    invoice: { ...fields, ...common, ...computed, lineTotals, clientName: null, locationName: null, names: {} },
    company: {
      name: given.company ?? 'Nordlicht Technik',
      address: 'Hafenstraße 12',
      taxId: '',
      bankLine: 'IBAN DE02',
      logoText: '',
      taxRounding: 'line',
    },
    client: { name: given.client ?? 'Bäckerei Łódź', address: { ...emptyAddress, city: 'Köln', ...given.address } },
    location: null,
    locale: given.locale ?? 'de-DE',
  };
}
