import type { Invoice } from '../../shared/entities/invoice.ts';
import type { Stored } from '../../shared/entities/nouns.ts';
import type { RecordFinding } from './book-check.ts';
import { formatNumber, issuedOn, partsOfNumber } from './invoice-numbers.ts';

/**
 * Numbers that are missing between the first and the last of a prefix, as one device gave them. Deleted invoices count:
 * they keep their numbers. What this finds came from damage: no command makes a gap (docs/decisions/0009).
 */
export function checkNumbers(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  const series = new Map<string, Map<number, Stored<Invoice>>>();
  for (const invoice of invoices) {
    const parts = invoice.number === null ? null : partsOfNumber(invoice.number);
    if (parts === null) continue;
    const key = `${parts.prefix} ${issuedOn(invoice) ?? ''}`;
    const known = series.get(key) ?? new Map<number, Stored<Invoice>>();
    series.set(key, known.set(parts.running, invoice));
  }
  return [...series].flatMap(([key, numbers]) => gapsIn(key.split(' ')[0] as string, numbers));
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
