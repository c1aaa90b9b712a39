import type { Invoice } from '../../../shared/nouns/invoice/invoice.ts';
import type { Stored } from '../../../shared/nouns/nouns.ts';
import { pairId } from '../../../shared/lib/ids.ts';
import { parseStamp, stampOf } from '../../../shared/sync/stamp.ts';
import type { BookReader } from '../book.ts';
import { numberKey } from '../../../shared/nouns/invoice/invoice.rules.ts';

/** Without vowels, and without what looks like another sign on paper: 0 O, 1 I L, 2 Z, 5 S, 8 B. */
const letters = 'CDFGHJKMNPQRTVWXY34679';
const prefixLength = 5;
const digits = 6;

/**
 * The numbers of the book's invoices, by prefix. Kept from the invoices themselves: there is no counter beside the book
 * that could lag behind it, be lost or be restored without it (docs/decisions/0009).
 */
export interface InvoiceNumbers {
  /** The prefix of what is issued next on this device. */
  prefix(): string;
  /** True once an invoice with this prefix was issued here. */
  isFixed(): boolean;
  /** The first number of the prefix that `isTaken` does not know; it knows what a command before this one took. */
  next(isTaken: (key: string) => boolean): string;
  /** Whether invoices of other devices, or brought in from elsewhere, carry the prefix. */
  isForeign(prefix: string): boolean;
}

interface Series {
  highest: number;
  /** Stamp of the newest one that this device issued; null where it issued none. */
  own: string | null;
  isForeign: boolean;
}

/** "K7M2X-000012" → its prefix and running number; null for a number of another form, or none. */
export function partsOfNumber(number: string | null): { prefix: string; running: number } | null {
  const match = typeof number === 'string' ? /^([A-Z0-9]{2,8})-(\d{6,12})$/.exec(number.trim().toUpperCase()) : null;
  return match === null ? null : { prefix: match[1] as string, running: Number(match[2]) };
}

export function formatNumber(prefix: string, running: number): string {
  return `${prefix}-${String(running).padStart(digits, '0')}`;
}

/** Five of 22 signs, from the device's id: the same at every start, and one in five million that two devices share it. */
export function prefixFor(deviceId: string, attempt: number): string {
  let rest = BigInt(`0x${pairId(deviceId, `invoice prefix ${attempt}`).replaceAll('-', '')}`) >> 8n;
  let prefix = '';
  for (let at = 0; at < prefixLength; at += 1) {
    prefix += letters[Number(rest % BigInt(letters.length))] as string;
    rest /= BigInt(letters.length);
  }
  return prefix;
}

/** The device that gave the invoice its number. */
function issuedOn(invoice: Stored<Invoice>): string | null {
  const stamp = stampOf(invoice.stamps, 'number');
  return stamp === undefined ? null : parseStamp(stamp).deviceId;
}

export function createInvoiceNumbers(
  book: Pick<BookReader, 'all' | 'watch'>,
  deviceId: string,
  chosen: () => string | null,
): InvoiceNumbers {
  const series = new Map<string, Series>();
  for (const invoice of book.all('invoices')) note(invoice);
  book.watch((noun, before, after) => {
    if (noun === 'invoices' && (before as Invoice | null)?.number !== (after as Invoice).number) note(after as Stored<Invoice>);
  });

  function note(invoice: Stored<Invoice>): void {
    const parts = partsOfNumber(invoice.number);
    if (parts === null) return;
    const known = series.get(parts.prefix) ?? { highest: 0, own: null, isForeign: false };
    known.highest = Math.max(known.highest, parts.running);
    const stamp = stampOf(invoice.stamps, 'number') ?? '';
    if (issuedOn(invoice) !== deviceId) known.isForeign = true;
    else if (known.own === null || stamp > known.own) known.own = stamp;
    series.set(parts.prefix, known);
  }

  const isForeign = (prefix: string) => series.get(prefix)?.isForeign === true;
  const isFree = (prefix: string) => !isForeign(prefix);

  /** What this device used last. A prefix that others turn out to use as well is given up. */
  function inUse(): string | null {
    const own = [...series].filter(([, { own, isForeign }]) => own !== null && !isForeign);
    return own.toSorted(([, left], [, right]) => ((left.own as string) < (right.own as string) ? 1 : -1))[0]?.[0] ?? null;
  }

  function prefix(): string {
    const used = inUse();
    if (used !== null) return used;
    const wanted = chosen();
    if (wanted !== null && isFree(wanted)) return wanted;
    for (let attempt = 0; ; attempt += 1) {
      const made = prefixFor(deviceId, attempt);
      if (isFree(made)) return made;
    }
  }

  return {
    prefix,
    isFixed: () => inUse() !== null,
    next(isTaken) {
      const now = prefix();
      let running = (series.get(now)?.highest ?? 0) + 1;
      while (isTaken(numberKey(formatNumber(now, running)))) running += 1;
      return formatNumber(now, running);
    },
    isForeign,
  };
}
