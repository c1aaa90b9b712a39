import { mostPairs, type Pair } from '../../shared/contracts/sync.contract.ts';
import { emailKey, phoneDigits } from '../../shared/lib/text.ts';
import { titleOf } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Book } from '../domain/book.ts';
import { asStored } from '../domain/copies.ts';
import { duplicateSigns } from '../domain/duplicates/duplicate-keys.ts';
import type { SeenRecord } from './remote.ts';

/** Nouns whose records two sides may each have made. What hangs on a client comes together when the clients do. */
const pairedNouns = ['clients', 'contacts'] as const;
type PairedNoun = (typeof pairedNouns)[number];
const isPaired = (noun: string): noun is PairedNoun => (pairedNouns as readonly string[]).includes(noun);

interface Sign {
  same: Pair['same'];
  key: string;
}

/**
 * Finds records of the server that may be one of this book's that it does not have: the same e-mail, the same phone and name,
 * the same account code. Each record is in one pair at most; the surer sign comes first.
 */
export function createPairFinder(book: Book) {
  const bySign = new Map<string, { noun: PairedNoun; id: string }>();
  const [takenHere, takenThere] = [new Set<string>(), new Set<string>()];
  const pairs: Pair[] = [];
  let more = 0;

  for (const noun of pairedNouns) {
    for (const record of book.all(noun)) {
      // One that the server has by its id is no other record of the server's.
      const isUnknownThere = (book.sync.replicaOf(noun, record.id)?.base ?? null) === null;
      if (record.deletedAt !== null || !isUnknownThere) continue;
      for (const { same, key } of signsOf(noun, record)) {
        const name = `${noun} ${same} ${key}`;
        if (!bySign.has(name)) bySign.set(name, { noun, id: record.id });
      }
    }
  }

  function look({ noun, record }: Pick<SeenRecord, 'noun' | 'record'>): void {
    const there = asStored(record);
    if (!isPaired(noun) || there.deletedAt !== null || there.mergedInto !== null || bySign.size === 0) return;
    for (const { same, key } of signsOf(noun, there)) {
      const found = bySign.get(`${noun} ${same} ${key}`);
      if (found === undefined || found.id === there.id || takenHere.has(found.id) || takenThere.has(there.id)) continue;
      const here = book.get(noun, found.id);
      if (here === undefined) continue;
      takenHere.add(here.id);
      takenThere.add(there.id);
      if (pairs.length >= mostPairs) more += 1;
      else pairs.push({ noun, here: sideOf(noun, here), there: sideOf(noun, there), same });
      return;
    }
  }

  /** Records that came from the server before: a connection that was begun and not agreed to. */
  function lookHere(): void {
    for (const noun of pairedNouns)
      for (const { id } of book.all(noun)) {
        const base = book.sync.replicaOf(noun, id)?.base ?? null;
        if (base !== null) look({ noun, record: base });
      }
  }

  return { look, lookHere, pairs: () => pairs, more: () => more };
}

function signsOf(noun: PairedNoun, record: StoredRecord): Sign[] {
  const fields = record as unknown as Readonly<Record<string, unknown>>; // read by name, whatever the noun has
  const { exact, name } = duplicateSigns(noun, record);
  const values = (reason: string) => exact.filter((one) => one.startsWith(`${reason}:`)).map((one) => one.slice(reason.length + 1));
  const code = typeof fields['accountCode'] === 'string' ? emailKey(fields['accountCode'].trim()) : '';
  return [
    ...values('email').map((key): Sign => ({ same: 'email', key })),
    ...(name === '' ? [] : values('phone').map((phone): Sign => ({ same: 'phoneAndName', key: `${phoneDigits(phone)} ${name}` }))),
    ...(code === '' ? [] : [{ same: 'accountCode', key: code } as const]),
  ];
}

function sideOf(noun: PairedNoun, record: StoredRecord): Pair['here'] {
  const fields = record as unknown as Readonly<Record<string, unknown>>; // read by name, whatever the noun has
  const { address } = fields as { address?: { city?: string | null } | null };
  const facts = [fields['email'], fields['phone'] ?? fields['mobilePhone'] ?? fields['workPhone'], address?.city, fields['accountCode']];
  return {
    id: record.id,
    title: titleOf(noun, record as never),
    facts: facts.filter((fact): fact is string => typeof fact === 'string' && fact !== ''),
  };
}
