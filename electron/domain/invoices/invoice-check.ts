import { computeInvoice, type Invoice, isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import type { Stored } from '../../../shared/nouns/nouns.ts';
import type { RecordFinding } from '../safety/book-check.ts';
import { numberKey } from '../../../shared/nouns/invoice/invoice.rules.ts';
import { formatNumber, partsOfNumber } from './invoice-numbers.ts';
import { words } from '../../../shared/words/words.ts';

/**
 * Numbers that are missing between the first and the last of a prefix, whichever device gave them. Deleted invoices count:
 * they keep their numbers. What this finds came from damage: no command makes a gap (docs/decisions/0009).
 */
export function checkNumbers(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  const series = new Map<string, Map<number, Stored<Invoice>>>();
  const twice: RecordFinding[] = [];
  for (const invoice of invoices) {
    const parts = partsOfNumber(invoice.number);
    if (parts === null) continue;
    const known = series.get(parts.prefix) ?? new Map<number, Stored<Invoice>>();
    const holder = known.get(parts.running);
    if (holder !== undefined && numberKey(holder.number ?? '') !== numberKey(invoice.number ?? ''))
      twice.push(twiceInSeries(invoice, holder));
    series.set(parts.prefix, known.set(parts.running, invoice));
  }
  return [...twice, ...[...series].flatMap(([prefix, numbers]) => gapsIn(prefix, numbers))];
}

/** The same place of a series under two spellings: a clerk who looks one up finds either. */
function twiceInSeries(invoice: Stored<Invoice>, holder: Stored<Invoice>): RecordFinding {
  const title = invoice.number ?? '';
  return {
    id: `twice:invoices/${invoice.id}`,
    level: 'warning',
    text: words('check.numberWrittenOtherwise', { title, number: holder.number ?? '' }),
    record: { collection: 'invoices', id: invoice.id, title },
    mend: null,
    repair: null,
  };
}

function gapsIn(prefix: string, numbers: ReadonlyMap<number, Stored<Invoice>>): RecordFinding[] {
  const findings: RecordFinding[] = [];
  let before = 0;
  for (const running of [...numbers.keys()].toSorted((left, right) => left - right)) {
    const invoice = numbers.get(running) as Stored<Invoice>;
    if (running > before + 1) {
      const first = formatNumber(prefix, before + 1);
      const last = running === before + 2 ? null : formatNumber(prefix, running - 1);
      const title = invoice.number ?? '';
      findings.push({
        id: `number-gap:invoices/${invoice.id}`,
        level: 'error',
        text: words('check.numbersMissing', { first, last, title }),
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

/**
 * Drafts with a number: issuing gives one, so it was issued and is no draft, or somebody else gave it. A draft can be changed and
 * deleted, which nothing that went out under a number may be.
 */
export function checkDrafts(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  return invoices
    .filter((invoice) => invoice.deletedAt === null && !isIssued(invoice) && invoice.number !== null)
    .map((invoice) => {
      const { number, issueDate } = invoice;
      const wasIssued = issueDate !== null;
      return {
        id: `draft-number:invoices/${invoice.id}`,
        level: 'error',
        text:
          issueDate !== null
            ? words('check.draftIssued', { number: number ?? '', day: issueDate })
            : words('check.draftNumber', { number: number ?? '' }),
        record: { collection: 'invoices', id: invoice.id, title: number ?? '' },
        mend: wasIssued ? words('check.makeIssued') : words('check.takeNumber'),
        repair: (tx) => {
          const now = tx.get('invoices', invoice.id);
          if (now === null || now.deletedAt !== null || isIssued(now) || now.number !== number) return;
          tx.step((step) => step.assign('invoices', invoice.id, wasIssued ? { status: 'sent' } : { number: null }));
        },
      };
    });
}

/** Invoices that were issued and have no number: nobody could pay them, and nothing tells what stood on the paper. */
export function checkIssued(invoices: readonly Stored<Invoice>[]): RecordFinding[] {
  return invoices
    .filter((invoice) => invoice.deletedAt === null && isIssued(invoice) && invoice.number === null)
    .map((invoice) => ({
      id: `no-number:invoices/${invoice.id}`,
      level: 'error',
      text: words('check.issuedWithoutNumber', {
        day: invoice.issueDate,
        total: computeInvoice(invoice, invoice.issueDate ?? '').total,
        currency: invoice.currency,
      }),
      record: { collection: 'invoices', id: invoice.id, title: 'An invoice without a number' },
      mend: words('check.makeDraftInvoice'),
      repair: (tx) => {
        const now = tx.get('invoices', invoice.id);
        if (now !== null && now.deletedAt === null && isIssued(now) && now.number === null)
          tx.step((step) => step.assign('invoices', invoice.id, { status: 'draft' }));
      },
    }));
}
