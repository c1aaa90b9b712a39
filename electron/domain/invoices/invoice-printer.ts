import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import type { BookReader } from '../book.ts';
import { invoiceDocument } from './invoice-document.ts';
import type { InvoiceService } from './invoice.service.ts';
import type { SettingsService } from '../settings.service.ts';
import { words } from '../../../shared/words/words.ts';

export interface InvoicePrinter {
  /** The invoice as a page that prints, for a browser of the person's own. */
  document(id: string, locale: string): { html: string; fileName: string };
  /** The invoice as a PDF, ready to be saved. Throws ProblemError NO_PRINTER where nothing here can make one. */
  pdf(id: string, locale: string): Promise<{ fileId: string; fileName: string }>;
}

export interface InvoicePrinterDeps {
  invoices: Pick<InvoiceService, 'get'>;
  book: Pick<BookReader, 'get'>;
  settings: Pick<SettingsService, 'get'>;
  /** Keeps the file to be saved. */
  keep: (fileName: string, pdf: Uint8Array) => Promise<{ fileId: string; fileName: string }>;
  /** Null where there is no browser to print with. */
  printToPdf: (html: string) => Promise<Uint8Array | null>;
}

export function createInvoicePrinter(deps: InvoicePrinterDeps): InvoicePrinter {
  const { invoices, book, settings, keep, printToPdf } = deps;

  function document(id: string, locale: string): { html: string; fileName: string } {
    const invoice = invoices.get(id);
    const client = book.get('clients', invoice.clientId);
    if (client === undefined) throw new ProblemError(clientGone);
    const location = invoice.locationId === null ? null : (book.get('locations', invoice.locationId) ?? null);
    const html = invoiceDocument({ invoice, company: settings.get().company, client, location, locale });
    return { html, fileName: `${invoice.number ?? 'Draft invoice'}.pdf` };
  }

  return {
    document,
    async pdf(id, locale) {
      const { html, fileName } = document(id, locale);
      const pdf = await printToPdf(html);
      if (pdf === null) throw new ProblemError(noPrinter);
      return keep(fileName, pdf);
    },
  };
}

const noPrinter: Problem = {
  code: 'NO_PRINTER',
  ...words('invoices.noPrinter'),
};
const clientGone: Problem = {
  code: 'CLIENT_NOT_FOUND',
  field: 'clientId',
  ...words('invoices.clientGone'),
};
