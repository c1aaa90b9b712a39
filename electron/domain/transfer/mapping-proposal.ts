import type { ColumnMapping } from '../../../shared/contracts/transfer.contract.ts';
import { booleanOf, choiceOf } from '../../../shared/nouns/choice-guess.ts';
import {
  customTarget,
  type ImportTarget,
  importTarget,
  importTargets,
  type ImportNoun,
  importNouns,
  targetPrefix,
} from '../../../shared/nouns/import-target.ts';
import { fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import { addressPart, type Role, headerKey, isOfPerson, isPlainName, rolesAmong, rolesOf, withoutCopy } from './header-words.ts';
import { compareDecimals, multiplyMoney } from '../../../shared/lib/money.ts';
import { listWords } from './list-words.ts';
import { decimalOf, rateOf } from './number-text.ts';
import { ownIdSource } from './match-index.ts';
import type { TableScan } from './table-scan.ts';

export interface Proposal {
  /** What the file seems to list. */
  lists: ImportNoun;
  columns: ColumnMapping[];
  defaults: Record<string, string>;
}

/** The nouns whose lists are told by what columns hold, and not only by what they are called. */
type PartyNoun = 'clients' | 'contacts' | 'locations';

function isParty(noun: ImportNoun): noun is PartyNoun {
  return Object.hasOwn(places, noun);
}

/** Where a role goes in a file that lists this noun. What is missing here is kept as a custom field by the column's name. */
const places: Record<PartyNoun, Partial<Record<Role, string>>> = {
  clients: {
    company: 'client.name',
    person: 'contact.fullName',
    email: 'client.email',
    invoiceEmail: 'client.invoiceEmail',
    phone: 'client.phone',
    website: 'client.website',
    headquarters: 'location.physicalAddress.place',
    place: 'client.address.place',
    address: 'client.address.freeform',
    line1: 'client.address.line1',
    line2: 'client.address.line2',
    line3: 'client.address.line3',
    city: 'client.address.city',
    region: 'client.address.region',
    postalCode: 'client.address.postalCode',
    country: 'client.address.country',
    locationName: 'location.name',
    industry: 'client.industry',
    description: 'client.description',
    notes: 'client.notes',
    tags: 'client.tags',
    accountCode: 'client.accountCode',
    entityType: 'client.entityType',
    lifecycleStage: 'client.lifecycleStage',
    kind: 'client.kind',
    isActive: 'client.isActive',
    companySize: 'client.companySize',
    annualRevenue: 'client.annualRevenue',
    currency: 'client.defaultCurrency',
    paymentTerms: 'client.paymentTermsDays',
    firstContact: 'client.firstContactDate',
    lastContact: 'client.lastContactDate',
    nextFollowUp: 'client.nextFollowUpDate',
    accountNumber: 'client.banking.accountNumber',
    bankName: 'client.banking.bankName',
    swift: 'client.banking.swiftCode',
  },
  contacts: {
    company: 'client.name',
    accountCode: 'client.accountCode',
    industry: 'client.industry',
    person: 'contact.fullName',
    firstName: 'contact.firstName',
    middleName: 'contact.middleName',
    lastName: 'contact.lastName',
    salutation: 'contact.salutation',
    email: 'contact.email',
    secondEmail: 'contact.secondaryEmail',
    phone: 'contact.phone',
    mobilePhone: 'contact.mobilePhone',
    workPhone: 'contact.workPhone',
    website: 'contact.links',
    place: 'contact.address.place',
    address: 'contact.address.freeform',
    line1: 'contact.address.line1',
    line2: 'contact.address.line2',
    line3: 'contact.address.line3',
    city: 'contact.address.city',
    region: 'contact.address.region',
    postalCode: 'contact.address.postalCode',
    country: 'contact.address.country',
    notes: 'contact.generalNote',
    tags: 'contact.tags',
    isActive: 'contact.isActive',
    isPrimary: 'contact.isPrimary',
    jobTitle: 'contact.jobTitle',
    title: 'contact.jobTitle',
    department: 'contact.department',
    birthday: 'contact.dateOfBirth',
    birthYear: 'contact.birthYear',
    birthMonth: 'contact.birthMonth',
    birthDay: 'contact.birthDay',
    doNotCall: 'contact.doNotCall',
    isOrganisation: 'contact.isOrganisation',
  },
  locations: {
    company: 'client.name',
    accountCode: 'client.accountCode',
    locationName: 'location.name',
    email: 'location.primaryEmail',
    invoiceEmail: 'location.invoiceEmail',
    phone: 'location.primaryPhone',
    secondPhone: 'location.secondaryPhone',
    fax: 'location.fax',
    headquarters: 'location.physicalAddress.place',
    place: 'location.physicalAddress.place',
    address: 'location.physicalAddress.freeform',
    line1: 'location.physicalAddress.line1',
    line2: 'location.physicalAddress.line2',
    line3: 'location.physicalAddress.line3',
    city: 'location.physicalAddress.city',
    region: 'location.physicalAddress.region',
    postalCode: 'location.physicalAddress.postalCode',
    country: 'location.physicalAddress.country',
    notes: 'location.notes',
    description: 'location.clientInstructions',
    isActive: 'location.isActive',
    isPrimary: 'location.isPrimary',
  },
};

/** Proposes where each column goes, from its name, its content, and what the file lists: as a person said, or as it seems. */
export function proposeMapping(scan: TableScan, own: readonly ImportTarget[], said: ImportNoun | null): Proposal {
  const exported = ownExport(scan.headers, own, said);
  const lists = said ?? exported?.noun ?? listedIn(scan.headers);
  const targets = exported?.targets ?? (isParty(lists) ? guessedTargets(scan, lists, own) : namedTargets(scan, lists, own));
  const columns = targets.map((target, column) => ({
    column,
    target,
    values: valuesFor(target, scan.distinct.get(column) ?? [], own, isPercentColumn(scan, column)),
    // What this book wrote it wrote with a point.
    ...numberWays(column, scan, exported === null ? {} : { decimalMark: 'point' }),
    dateOrder: scan.dateOrders.get(column) ?? null,
  }));
  return { lists, columns, defaults: defaultsFor(scan.headers, targets) };
}

/** Before the name of the other program, in our exports. */
export const idInPrefix = 'Id in ';

/** A file that this book wrote: its column names are our labels, so nothing has to be guessed. */
function ownExport(
  headers: readonly string[],
  own: readonly ImportTarget[],
  said: ImportNoun | null,
): { noun: ImportNoun; targets: (string | null)[] } | null {
  const isOurs = headers.includes(`${idInPrefix}${ownIdSource}`);
  const keys = headers.filter((header) => !header.startsWith(idInPrefix)).map(ownKeyOf);
  let best: { noun: ImportNoun; known: number; missing: number } | null = null;
  for (const noun of said === null ? importNouns : [said]) {
    const labels = ownLabels(noun, own);
    const known = keys.filter((key) => labels.has(key)).length;
    const missing = [...labels.keys()].filter((key) => !keys.includes(key)).length;
    if (best === null || known > best.known || (known === best.known && missing < best.missing)) best = { noun, known, missing };
  }
  // Names of ours occur in every list; only many of them, or nothing else, make it one of ours.
  if (best === null || best.known < (isOurs ? 1 : 4) || (!isOurs && best.known < keys.length && best.known < 12)) return null;
  const { noun } = best;
  // What hangs on a client always names it; without it the labels they share with clients mean a client.
  if (fieldsOf(noun).some(({ path }) => path === 'clientId') && !keys.includes('client')) return null;
  const labels = ownLabels(noun, own);
  const taken = new Set<string>();
  const targets = headers.map((header) => {
    if (header.startsWith(idInPrefix)) return `${targetPrefix(noun)}.externalIds.${header.slice(idInPrefix.length)}`;
    const target = labels.get(ownKeyOf(header));
    if (target === undefined) return rolesOf(header)[0]?.role === 'leaveOut' ? null : customTarget(noun, header);
    if (target === null || taken.has(target)) return null;
    taken.add(target);
    return target;
  });
  return { noun, targets };
}

/** What columns of our exports were called before → what they are called now: files of then come in whole. */
const renamed = new Map([
  ['belongs to', 'kind of contact'],
  ['own person', 'colleague'],
  ['program contact', 'contact for programs'],
  ...['street', 'mailing'].flatMap((address) =>
    ['city', 'state or region', 'postal code', 'country'].map((part) => [`${address} ${part}`, `${part} ${address} address`] as const),
  ),
]);

function ownKeyOf(header: string): string {
  const key = headerKey(header);
  return renamed.get(key) ?? key;
}

/** What a record that another names is found by, in our exports. */
const namedBy: Partial<Record<NounName, string>> = {
  clients: 'client.name',
  locations: 'location.name',
  contacts: 'contact.fullName',
  itemPrices: 'item.invoiceItem',
};

/** The column names our exports use → where they go back to; null for what the book works out itself, and lists of others. */
function ownLabels(noun: ImportNoun, own: readonly ImportTarget[]): Map<string, string | null> {
  const labels = new Map<string, string | null>();
  for (const { label, of, kind, computed } of fieldsOf(noun)) {
    if (kind === 'reference' && of !== undefined && of !== 'directory') labels.set(headerKey(label), namedBy[of] ?? null);
    else if (computed === true || kind === 'references') labels.set(headerKey(label), null);
  }
  for (const { noun: of, label, kind, target } of [...own, ...importTargets]) {
    if (of === noun && kind !== 'place' && kind !== 'fullName') labels.set(headerKey(label), target);
  }
  return labels;
}

/** What a file lists, told by the names of its columns. */
function listedIn(headers: readonly string[]): ImportNoun {
  const roles = surestRoles(headers);
  for (const noun of importNouns) {
    const words = listWords[noun];
    if (words === undefined) continue;
    const fields = new Set(
      headers.flatMap((header) =>
        fieldCandidates(noun, header)
          .filter(({ score }) => score >= 90)
          .map(({ path }) => path),
      ),
    );
    // Only a role that no field of the list claims says what a row hangs on.
    const known = new Set<string>([...fields, ...roles.filter((role) => role !== null)]);
    if (words.tells.some((needed) => needed.every((one) => known.has(one)))) return noun;
  }
  return partyIn(roles, headers);
}

/** Fields of a list whose column may be called so, the likeliest first. */
function fieldCandidates(noun: ImportNoun, header: string): { path: string; score: number }[] {
  const key = headerKey(header);
  const found: { path: string; score: number }[] = [];
  for (const { path, label, noun: of } of importTargets) if (of === noun && headerKey(label) === key) found.push({ path, score: 101 });
  for (const [path, words] of Object.entries(listWords[noun]?.words ?? {})) {
    for (const word of words) {
      if (word === key) found.push({ path, score: 100 });
      else if (word.length > 3 && ` ${key} `.includes(` ${word} `))
        found.push({ path, score: 50 + Math.round((40 * word.length) / key.length) });
    }
  }
  return found.toSorted((left, right) => right.score - left.score);
}

/** Places in a list of anything but clients, contacts and locations: by the names of its columns alone. */
function namedTargets(scan: TableScan, noun: ImportNoun, own: readonly ImportTarget[]): (string | null)[] {
  const { roles = {} } = listWords[noun] ?? {};
  const targetOf = (path: string) => (path.includes('.') ? path : `${targetPrefix(noun)}.${path}`);
  const candidates = scan.headers.flatMap((header, column): Candidate[] => [
    ...fieldCandidates(noun, header).map(({ path, score }) => ({ column, target: targetOf(path), score })),
    ...rolesOf(header).flatMap(({ role, score }): Candidate[] => {
      if (role === 'leaveOut') return [{ column, target: null, score: 200 }];
      const target = roles[role];
      // "Name" alone is that of the list.
      return target === undefined ? [] : [{ column, target, score: score - 1 }];
    }),
    ...ownCandidates(noun, header, own).map(({ target, score }) => ({ column, target, score })),
  ]);
  return settledTargets(
    scan,
    noun,
    candidates.filter(({ target, column }) => target === null || fits(target, scan, column, own)),
  );
}

interface Candidate {
  column: number;
  target: string | null;
  score: number;
}

/** Each column to its likeliest place, each place once. */
function chosenFrom(candidates: readonly Candidate[]): { chosen: Map<number, string | null>; taken: Set<string> } {
  const chosen = new Map<number, string | null>();
  const taken = new Set<string>();
  for (const { column, target } of candidates.toSorted((a, b) => b.score - a.score)) {
    if (chosen.has(column) || (target !== null && taken.has(target))) continue;
    chosen.set(column, target);
    if (target !== null) taken.add(target);
  }
  return { chosen, taken };
}

/** What has no field of its own is kept under its own name (invariant 2). */
function settledTargets(
  { headers }: TableScan,
  noun: ImportNoun,
  candidates: readonly Candidate[],
  chosen = chosenFrom(candidates).chosen,
) {
  return headers.map((header, column) => (chosen.has(column) ? (chosen.get(column) as string | null) : customTarget(noun, header)));
}

function guessedTargets(scan: TableScan, noun: PartyNoun, own: readonly ImportTarget[]): (string | null)[] {
  const { headers } = scan;
  const guesses = rolesAmong(headers);
  const surest = surestRoles(headers);
  const address = addressesIn(scan, noun);
  const candidates: Candidate[] = [];
  headers.forEach((header, column) => {
    for (const { role, score } of guesses[column] ?? []) {
      if (role === 'leaveOut') candidates.push({ column, target: null, score: 200 });
      // What is a part of another address, or of none, is no part of this one.
      if (address.isPart(column) || isAside(header, role)) continue;
      const target = places[noun][role];
      if (target === undefined || !fits(target, scan, column, own)) continue;
      // Beside a second line of it, an "address" is the first.
      const isFirstLine = role === 'address' && score >= 98 && surest.includes('line2') && !surest.includes('line1');
      candidates.push({ column, target: isFirstLine ? (places[noun].line1 ?? target) : target, score });
    }
    const part = address.chosen.get(column);
    if (part !== undefined) candidates.push({ column, target: places[noun][part] ?? null, score: 101 });
    if (noun === 'contacts' && descriptions.has(headerKey(header))) candidates.push({ column, target: 'contact.generalNote', score: 90 });
    for (const { target, score } of ownCandidates(noun, header, own)) candidates.push({ column, target, score });
    if (isPlainName(header)) candidates.push({ column, target: nameTarget(noun, surest), score: 95 });
    const byContent = address.isPart(column) ? null : contentTarget(noun, scan, column);
    if (byContent !== null) candidates.push({ column, target: byContent, score: 20 });
  });
  for (const [column, header] of headers.entries()) {
    for (const { target } of personCandidates(noun, header)) candidates.push({ column, target, score: 101 });
  }
  settleTitle(headers, candidates);
  const { chosen, taken } = chosenFrom(candidates);
  nameFromContent(noun, scan, chosen, taken);
  return settledTargets(scan, noun, candidates, chosen);
}

/** What a program says of somebody in words; of a client it has a field of its own. */
const descriptions = new Set([
  'description',
  'beschreibung',
  'descripcion',
  'descrizione',
  'descricao',
  'omschrijving',
  'beschrijving',
  'opis',
]);

/** Said of a field by other programs: "E-mail 1 - Label", "E-mail Display Name". */
function isAside(header: string, role: Role): boolean {
  const key = headerKey(header);
  if (/ (?:label|type|formatted|verified|opt out)$/.test(key) && role !== 'tags') return true;
  return (
    /(?:email|e mail).* (?:display name|type)$/.test(key) || (/^(?:phonetic|yomi) | (?:phonetic|yomi)$/.test(key) && role !== 'leaveOut')
  );
}

/** "Title" beside "Job title" is what somebody is called, "Mr." or "Dr.". */
function settleTitle(headers: readonly string[], candidates: Candidate[]): void {
  const hasJob = headers.some((header) => rolesOf(header)[0]?.role === 'jobTitle');
  const hasSalutation = headers.some((header) => rolesOf(header)[0]?.role === 'salutation');
  const at = headers.findIndex((header) => ['title', 'titel', 'titre', 'titolo', 'titulo'].includes(headerKey(header)));
  if (at === -1 || !hasJob) return;
  for (const candidate of candidates) {
    if (candidate.column !== at || candidate.target !== 'contact.jobTitle') continue;
    Object.assign(candidate, hasSalutation ? { target: 'contact.title', score: 99 } : { target: 'contact.salutation', score: 99 });
  }
}

const addressRank: Record<PartyNoun, readonly string[]> = {
  clients: ['billing', '', 'primary', 'mailing', 'address 1', 'business', 'shipping', 'other', 'home', 'address 2'],
  contacts: ['', 'primary', 'mailing', 'address 1', 'business', 'billing', 'home', 'other', 'shipping', 'address 2'],
  locations: ['', 'primary', 'shipping', 'address 1', 'business', 'billing', 'mailing', 'other', 'home', 'address 2'],
};

/** Of several addresses one is taken, and whole; the others are kept under the names of their columns. */
function addressesIn(scan: TableScan, noun: PartyNoun): { chosen: Map<number, Role>; isPart: (column: number) => boolean } {
  const parts = addressParts(scan.headers);
  const cellsOf = (column: number) => scan.sample.filter((row) => (row[column] ?? '').trim() !== '').length;
  const filled = new Map<string, number>();
  for (const [column, { group }] of parts) filled.set(group, (filled.get(group) ?? 0) + cellsOf(column));
  const isAnyFilled = [...filled.values()].some((cells) => cells > 0);
  const plain: readonly (Role | undefined)[] = ['line1', 'city', 'postalCode'];
  const hasPlain = rolesAmong(scan.headers).some(([guess], column) => {
    const role = guess?.role;
    if (role === undefined || parts.has(column) || !plain.includes(role) || isAside(scan.headers[column] as string, role)) return false;
    return cellsOf(column) > 0 || !isAnyFilled;
  });
  const groups = [...filled.keys()].toSorted((left, right) => rankOf(left) - rankOf(right));
  const taken = hasPlain ? null : (groups.find((group) => (filled.get(group) ?? 0) > 0) ?? groups[0] ?? null);
  const whole = [...parts].filter(([, { group }]) => group === taken);
  const has = (...roles: readonly Role[]) => whole.some(([, { role }]) => roles.includes(role));
  // Beside a city of its own, an "address" is the street.
  const isStreet = has('city', 'postalCode') && !has('line1');
  const chosen = new Map(whole.map(([column, { role }]) => [column, role === 'address' && isStreet ? 'line1' : role]));
  return { chosen, isPart: (column) => parts.has(column) };

  function rankOf(group: string): number {
    const at = addressRank[noun].indexOf(group);
    return at === -1 ? addressRank[noun].length : at;
  }
}

const streets: readonly (Role | undefined)[] = ['address', 'line1'];
const restOfAddress: readonly (Role | undefined)[] = ['line2', 'line3', 'city', 'region', 'postalCode', 'country'];

/** Which columns are a part of which address, where there are several. */
function addressParts(headers: readonly string[]): Map<number, { group: string; role: Role }> {
  const parts = new Map<number, { group: string; role: Role }>();
  headers.forEach((header, column) => {
    const part = addressPart(header);
    if (part !== null) parts.set(column, part);
  });
  // A file whose streets all say whose they are may leave that out where the city stands right behind its street.
  const sure = rolesAmong(headers.map(withoutCopy)).map(([guess]) => (guess !== undefined && guess.score >= 98 ? guess.role : undefined));
  if (sure.some((role, column) => !parts.has(column) && streets.includes(role))) return parts;
  let street: string | null = null;
  for (const [column, role] of sure.entries()) {
    const part = parts.get(column);
    if (part !== undefined) street = streets.includes(part.role) ? part.group : street === part.group ? street : null;
    else if (street !== null && role !== undefined && restOfAddress.includes(role)) parts.set(column, { group: street, role });
    else street = null;
  }
  return parts;
}

function surestRoles(headers: readonly string[]): (Role | null)[] {
  return rolesAmong(headers).map(([first], column) =>
    first !== undefined && first.score >= 60 && !isPlainName(headers[column] as string) ? first.role : null,
  );
}

/** Fields that name people or teams, where the column is called as they are. */
function personCandidates(noun: ImportNoun, header: string): ImportTarget[] {
  const key = headerKey(header);
  return importTargets.filter(({ noun: of, kind, label }) => of === noun && /^references?$/.test(kind) && headerKey(label) === key);
}

/**
 * Own fields with the column's name, those of what the file lists first: people who made a field "Size" mean that one. Only
 * what a field of the book is called itself comes before it.
 */
function ownCandidates(noun: ImportNoun, header: string, own: readonly ImportTarget[]): { target: string; score: number }[] {
  const key = headerKey(header);
  const isTaken = fieldsOf(noun).some(({ label }) => headerKey(label) === key);
  return own
    .filter(({ noun: of, label, own: field }) => {
      const names = [label, field?.key ?? label].map(headerKey);
      return (of === noun || of === 'clients') && names.includes(key);
    })
    .map(({ target, noun: of }) => ({ target, score: (isTaken ? 99 : 102) - (of === noun ? 0 : 1) }));
}

function partyIn(roles: readonly (Role | null)[], headers: readonly string[]): PartyNoun {
  if (roles.includes('firstName') || roles.includes('lastName')) return 'contacts';
  const hasPlainName = headers.some(isPlainName);
  const hasName = roles.includes('company') || hasPlainName;
  if (roles.includes('isOrganisation')) return 'contacts';
  if (
    roles.includes('person') &&
    (!hasName || roles.includes('jobTitle') || headers.some((header) => headerKey(header).startsWith('person ') || isOfPerson(header)))
  )
    return 'contacts';
  if (roles.includes('birthday') && !roles.includes('company')) return 'contacts';
  if (roles.includes('locationName') && hasName) return 'locations';
  // Beside the firm "Name" is that of somebody who works there.
  return hasPlainName && roles.includes('company') && headers.some((header) => worksFor.has(headerKey(header))) ? 'contacts' : 'clients';
}

/** Ways to call a firm that say somebody else stands in the row. */
const worksFor = new Set(
  'company|company name|organization|organisation|employer|firma|unternehmen|societe|entreprise|empresa|azienda|societa|bedrijf|account|compte|cuenta|conta|klant'.split(
    '|',
  ),
);

function nameTarget(noun: PartyNoun, roles: readonly (Role | null)[]): string {
  if (noun === 'clients') return 'client.name';
  if (noun === 'locations') return roles.includes('company') ? 'location.name' : 'client.name';
  const [hasFirst, hasLast] = [roles.includes('firstName'), roles.includes('lastName')];
  if (hasFirst !== hasLast) return hasFirst ? 'contact.lastName' : 'contact.firstName';
  // Beside first and last name, "Name" is what they work for.
  return hasFirst && !roles.includes('company') ? 'client.name' : 'contact.fullName';
}

/** A column whose content speaks against its name is not put where it would only make errors. */
function fits(target: string, scan: TableScan, column: number, own: readonly ImportTarget[]): boolean {
  const look = scan.looks[column];
  const kind = importTarget(target, own)?.kind;
  if (look === undefined || look === 'empty') return true;
  if (kind === 'email') return look === 'email' || look === 'text';
  if (kind === 'date') return look === 'date' || look === 'text';
  if (kind === 'decimal' || kind === 'number') return look !== 'email' && look !== 'url' && look !== 'date';
  return true;
}

function contentTarget(noun: PartyNoun, scan: TableScan, column: number): string | null {
  const look = scan.looks[column];
  if (look === 'email') return places[noun].email ?? null;
  if (look === 'phone' && mayBePhone(scan, column)) return places[noun].phone ?? null;
  if (look === 'url') return places[noun].website ?? null;
  return null;
}

/** A column with a name of its own that says something else holds no phones, and bare digits are ids as well. */
function mayBePhone(scan: TableScan, column: number): boolean {
  const key = headerKey(scan.headers[column] ?? '');
  if (!/^column \d+$/.test(key) && !/tel|phon|fon|mobil|cell|handy|call|ruf/.test(key)) return false;
  const cells = scan.sample.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '');
  return cells.filter((cell) => /^[+(0]|\d[\s()./-]+\d/.test(cell)).length * 2 > cells.length;
}

/** No column is called like a name: the first one of text that differs from row to row may be it. */
function nameFromContent(noun: PartyNoun, scan: TableScan, chosen: Map<number, string | null>, taken: Set<string>): void {
  const hasName = ['client.name', 'contact.fullName', 'contact.firstName', 'contact.lastName', 'location.name'].some((target) =>
    taken.has(target),
  );
  if (hasName) return;
  const column = scan.headers.findIndex((_, at) => {
    if (chosen.has(at) || scan.looks[at] !== 'text') return false;
    const cells = scan.sample.map((row) => row[at] ?? '').filter((cell) => cell !== '');
    return cells.length > 0 && new Set(cells).size >= cells.length * 0.8 && cells.every((cell) => cell.length <= 120);
  });
  if (column !== -1) chosen.set(column, noun === 'contacts' ? 'contact.fullName' : 'client.name');
}

/** Values of the file that mean one of the choices, for the values step. What is missing there is kept or asked for. */
export function valuesFor(
  target: string | null,
  distinct: readonly string[],
  own: readonly ImportTarget[],
  isPercent: boolean,
): Record<string, string> {
  const known = target === null ? null : importTarget(target, own);
  if (known === null) return {};
  if (known.kind === 'rate') return isPercent ? sameRates(distinct) : {};
  const found: Record<string, string> = {};
  for (const text of distinct) {
    const value = known.choices !== undefined ? choiceOf(known.choices, text) : known.kind === 'boolean' ? toYesNo(booleanOf(text)) : null;
    if (value !== null) found[text] = value;
  }
  return found;
}

/** A rate that stands in the column both as 19 and as 0.19 is one rate, and no 0.19 %. */
function sameRates(distinct: readonly string[]): Record<string, string> {
  const rates = new Set(distinct.map((text) => rateOf(text, null, true)));
  return Object.fromEntries(
    distinct.flatMap((text) => {
      const fraction = text.includes('%') ? null : decimalOf(text);
      return fraction !== null && compareDecimals(fraction, '1') < 0 && rates.has(fraction)
        ? [[text, `${multiplyMoney(fraction, '100')} %`]]
        : [];
    }),
  );
}

/** The name says so, or the numbers: no rate is above one. */
export function isPercentColumn(scan: TableScan, column: number): boolean {
  return (
    /%|\bpercent|\bprozent|\bpct\b|\bpourcent|porcent|\bprocent/i.test(scan.headers[column] ?? '') ||
    scan.numbers.get(column)?.hasWhole === true
  );
}

type NumberWays = Pick<ColumnMapping, 'decimalMark' | 'isPercent'>;

/** How the numbers of a column are meant: as was said of it, else as it seems. Wherever the column goes; a person may place it later. */
export function numberWays(column: number, scan: TableScan, said: NumberWays): NumberWays {
  const numbers = scan.numbers.get(column);
  if (numbers === undefined) return { decimalMark: null, isPercent: null };
  return {
    decimalMark: numbers.mark === null ? null : (said.decimalMark ?? numbers.mark),
    isPercent: said.isPercent ?? isPercentColumn(scan, column),
  };
}

/** What shares of a column come to as percentages, and as fractions; as many as somebody looks at. */
export function rateExamplesOf({ numbers }: TableScan): Record<string, { text: string; ifPercent: string; ifFraction: string }[]> {
  return Object.fromEntries(
    [...numbers].flatMap(([column, { mark, shares }]) => {
      const examples = shares.flatMap((text) => {
        const [ifPercent, ifFraction] = [rateOf(text, mark, true), rateOf(text, mark, false)];
        return ifPercent === null || ifFraction === null ? [] : [{ text, ifPercent, ifFraction }];
      });
      return examples.length === 0 ? [] : [[String(column), examples]];
    }),
  );
}

function toYesNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'yes' : 'no';
}

/** A location needs a name. Where no column has it, the column its address stands in usually says what it is. */
function defaultsFor(headers: readonly string[], targets: readonly (string | null)[]): Record<string, string> {
  if (targets.includes('location.name')) return {};
  const column = targets.findIndex((target) => target?.startsWith('location.') === true);
  if (column === -1) return {};
  const isHeadquarters = rolesOf(headers[column] as string).some(({ role }) => role === 'headquarters');
  return { 'location.name': isHeadquarters ? 'Headquarters' : 'Main location' };
}
