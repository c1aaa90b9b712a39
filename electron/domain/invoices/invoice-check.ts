import { computeInvoice, type Invoice, isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import type { Stored } from '../../../shared/nouns/nouns.ts';
import type { RecordFinding } from '../safety/book-check.ts';
import { numberKey } from '../../../shared/nouns/invoice/invoice.rules.ts';
import { formatNumber, partsOfNumber } from './invoice-numbers.ts';

/**
 * Numbers that are missing between the first and the last of a prefix, whichever device gave them. Deleted invoices count:
 * they keep their numbers. What this finds came from damage: no command makes a gap (docs/decisions/0009).
 */
export function checkNumbers(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  const series = new Map<string, Map<number, Stored<Invoice>>>();
  for (const invoice of invoices) {
    const parts = partsOfNumber(invoice.number);
    if (parts === null) continue;
    const known = series.get(parts.prefix) ?? new Map<number, Stored<Invoice>>();
    series.set(parts.prefix, known.set(parts.running, invoice));
  }
  return [...series].flatMap(([prefix, numbers]) => gapsIn(prefix, numbers));
}

function gapsIn(prefix: string, numbers: ReadonlyMap<number, Stored<Invoice>>): RecordFinding[] {
  const findings: RecordFinding[] = [];
  let before = 0;
  for (const running of [...numbers.keys()].toSorted((left, right) => left - right)) {
    const invoice = numbers.get(running) as Stored<Invoice>;
    if (running > before + 1) {
      const first = formatNumber(prefix, before + 1);
      const missing = running === before + 2 ? `Invoice ${first} is` : `Invoices ${first} to ${formatNumber(prefix, running - 1)} are`;
      const title = invoice.number ?? '';
      findings.push({
        id: `number-gap:invoices/${invoice.id}`,
        level: 'error',
        text: `${missing} not in the book, though ${title} is. Restore a backup that has ${running === before + 2 ? 'it' : 'them'}.`,
        record: { collection: 'invoices', id: invoice.id, title },
        mend: null,
        repair: null,
      });
    }
    before = running;
  }
  return findings;
}

/**
 * A number that nobody has, for an invoice whose own another one has as well. It says which it was, and is of no series: the
 * next one of a series is given by the device whose series it is.
 */
export function freeNumber(number: string, taken: ReadonlySet<string>): string {
  for (let copy = 2; ; copy += 1) if (!taken.has(numberKey(`${number}-${copy}`))) return `${number}-${copy}`;
}

/** Invoices that were issued and have no number: nobody could pay them, and nothing tells what stood on the paper. */
export function checkIssued(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  return invoices
    .filter((invoice) => invoice.deletedAt === null && isIssued(invoice) && invoice.number === null)
    .map((invoice) => ({
      id: `no-number:invoices/${invoice.id}`,
      level: 'error',
      text: `The invoice of ${invoice.issueDate ?? 'no day'} over ${computeInvoice(invoice, invoice.issueDate ?? '').total} ${invoice.currency} is issued and has no number.`,
      record: { collection: 'invoices', id: invoice.id, title: 'An invoice without a number' },
      mend: 'Make it a draft again. Issuing it gives it a number.',
      repair: (tx) => {
        const now = tx.get('invoices', invoice.id);
        if (now !== null && now.deletedAt === null && isIssued(now) && now.number === null)
          tx.step((step) => step.assign('invoices', invoice.id, { status: 'draft' }));
      },
    }));
}
