import type { DuplicateNoun, DuplicateReason } from '../../../shared/contracts/duplicate.contract.ts';
import { valueAt } from '../../../shared/nouns/field.ts';
import { emailKey, identityFold, phoneDigits } from '../../../shared/lib/text.ts';

/** What of a record tells that another may be the same. Values are comparable forms, not what was typed. */
export interface DuplicateSigns {
  /** Exact signs: `reason:value`. */
  exact: string[];
  /** The name without spaces and case, words in one order; empty where it has none. */
  name: string;
  /** Names are compared inside this: locations of two clients may well share one. */
  scope: string;
}

const paths = {
  clients: { phones: ['phone'], emails: ['email'], websites: ['website'], names: ['name'], address: 'address' },
  contacts: {
    phones: ['phone', 'workPhone', 'mobilePhone'],
    emails: ['email', 'secondaryEmail'],
    websites: [],
    names: ['firstName', 'middleName', 'lastName'],
    address: null,
  },
  locations: {
    phones: ['primaryPhone', 'secondaryPhone'],
    emails: ['primaryEmail'],
    websites: [],
    names: ['name'],
    address: 'physicalAddress',
  },
} as const satisfies Record<
  DuplicateNoun,
  { phones: readonly string[]; emails: readonly string[]; websites: readonly string[]; names: readonly string[]; address: string | null }
>;

/** Mail providers anybody may have an address at: their domain says nothing about the firm. */
const sharedDomains = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net web.de proton.me protonmail.com mail.com'.split(
    ' ',
  ),
);

/** Said or left out of the same firm's name. */
export const legalForms: ReadonlySet<string> = new Set(
  'inc ltd llc llp gmbh ag kg sa sarl sas bv nv pty plc co corp corporation company limited the and'.split(' '),
);

/** Digits that tell phones apart; what is dialled before them (a country, a zero) is written by some and not by others. */
const phoneEnd = 9;
const shortestPhone = 7;
/** Shorter names differ by one letter and are others all the same. */
const shortestTypo = 6;

export function duplicateSigns(noun: DuplicateNoun, record: unknown): DuplicateSigns {
  const text = (path: string) => {
    const value = valueAt(record as Record<string, unknown>, path);
    return typeof value === 'string' ? value : '';
  };
  const of = paths[noun];
  const exact = new Set<string>();
  const add = (reason: DuplicateReason, value: string) => {
    if (value !== '') exact.add(`${reason}:${value}`);
  };
  for (const path of of.phones) {
    const digits = phoneDigits(text(path));
    if (digits.length >= shortestPhone) add('phone', digits.replace(/^0+/, '').slice(-phoneEnd));
  }
  for (const path of of.emails) if (text(path).includes('@')) add('email', emailKey(text(path)));
  // A firm's people share its domain, and so do its branches: only two firms with one are a sign.
  if (noun === 'clients') {
    for (const path of of.websites) add('website', hostOf(text(path)));
    for (const path of of.emails) {
      const domain = emailKey(text(path)).split('@')[1] ?? '';
      if (domain.includes('.') && !sharedDomains.has(domain)) add('website', domain);
    }
  }
  if (of.address !== null) {
    const place = wordsOf(text(`${of.address}.postalCode`)).join('') || wordsOf(text(`${of.address}.city`)).join('');
    const street = wordsOf(text(`${of.address}.line1`)).join(' ');
    if (place !== '' && street !== '') add('address', `${street}/${place}`);
  }
  const words = wordsOf(of.names.map(text).join(' '));
  const telling = words.filter((word) => !legalForms.has(word));
  const name = (telling.length > 0 ? telling : words).toSorted().join('');
  return { exact: [...exact], name, scope: noun === 'locations' ? text('clientId') : '' };
}

/**
 * Keys under which a name is kept: its beginning and its end. One letter added, lost, changed or swapped with the next
 * leaves one of them as it was, so only names that share one need to be compared.
 */
export function nameKeys({ name, scope }: DuplicateSigns, length = name.length): string[] {
  if (name === '') return [];
  if (length < shortestTypo) return [`=${scope}/${name}`];
  const part = Math.floor(length / 2) - 1;
  return [`^${scope}/${part}/${name.slice(0, part)}`, `$${scope}/${part}/${name.slice(-part)}`];
}

/** Keys of all names that are at most one letter longer or shorter. */
export function nameKeysNear(signs: DuplicateSigns): string[] {
  const { length } = signs.name;
  return [...new Set([length - 1, length, length + 1].flatMap((one) => nameKeys(signs, one)))];
}

/** One letter more, less, other, or two swapped. */
export function isOneSlipApart(left: string, right: string): boolean {
  if (Math.min(left.length, right.length) < shortestTypo - 1 || Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const [a, b] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  // Numbers tell names apart: "Depot 12" is not a misspelt "Depot 13".
  if (/\p{N}/u.test(a + b)) return false;
  return (a.length <= 1 && b.length <= 1) || (a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0]);
}

function wordsOf(text: string): string[] {
  return identityFold(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function hostOf(website: string): string {
  const host = /^(?:[a-z]+:\/\/)?(?:www\.)?([^/:?#\s@]+\.[^/:?#\s@]+)/i.exec(website.trim())?.[1];
  return host?.toLowerCase() ?? '';
}
