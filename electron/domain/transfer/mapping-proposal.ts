import type { ColumnMapping } from '../../../shared/contracts/transfer.contract.ts';
import { booleanOf, choiceOf } from '../../../shared/entities/choice-guess.ts';
import {
  customTarget,
  type ImportTarget,
  importTarget,
  importTargets,
  type ImportNoun,
  importNouns,
} from '../../../shared/entities/import-target.ts';
import { fieldsOf } from '../../../shared/entities/nouns.ts';
import { type Role, headerKey, rolesOf } from './header-words.ts';
import type { TableScan } from './table-scan.ts';

export interface Proposal {
  columns: ColumnMapping[];
  defaults: Record<string, string>;
}

/** Where a role goes in a file that lists this noun. What is missing here is kept as a custom field by the column's name. */
const places: Record<ImportNoun, Partial<Record<Role, string>>> = {
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
    doNotCall: 'contact.doNotCall',
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

/** Proposes where each column goes, from its name, its content, and what the file seems to list. */
export function proposeMapping(scan: TableScan, own: readonly ImportTarget[]): Proposal {
  const targets = ownExport(scan.headers, own) ?? guessedTargets(scan, own);
  const columns = targets.map((target, column) => ({
    column,
    target,
    values: valuesFor(target, scan.distinct.get(column) ?? [], own),
    dateOrder: scan.dateOrders.get(column) ?? null,
  }));
  return { columns, defaults: defaultsFor(scan.headers, targets) };
}

/** Before the name of the other program, in our exports. */
export const idInPrefix = 'Id in ';

/** A file that this book wrote: its column names are our labels, so nothing has to be guessed. */
function ownExport(headers: readonly string[], own: readonly ImportTarget[]): (string | null)[] | null {
  const keys = headers.map(headerKey);
  let best: { noun: ImportNoun; known: number } | null = null;
  for (const noun of importNouns) {
    const labels = ownLabels(noun, own);
    const known = keys.filter((key) => labels.has(key)).length;
    if (best === null || known > best.known) best = { noun, known };
  }
  // Names of ours occur in every list; only many of them, or nothing else, make it one of ours.
  if (best === null || best.known < 4 || (best.known < headers.length && best.known < 12)) return null;
  const { noun } = best;
  const singular = noun.slice(0, -1);
  // Contacts and locations always name their client; without it the labels they share with clients mean a client.
  if (noun !== 'clients' && !keys.includes('client')) return null;
  const labels = ownLabels(noun, own);
  const taken = new Set<string>();
  return headers.map((header) => {
    if (header.startsWith(idInPrefix)) return `${singular}.externalIds.${header.slice(idInPrefix.length)}`;
    const target = labels.get(headerKey(header));
    if (target === undefined) return rolesOf(header)[0]?.role === 'leaveOut' ? null : customTarget(noun, header);
    if (target === null || taken.has(target)) return null;
    taken.add(target);
    return target;
  });
}

/** The column names our exports use → where they go back to; null for what the book works out itself. */
function ownLabels(noun: ImportNoun, own: readonly ImportTarget[]): Map<string, string | null> {
  const labels = new Map<string, string | null>();
  for (const { label, of, computed } of fieldsOf(noun)) {
    if (of === 'clients') labels.set(headerKey(label), 'client.name');
    else if (computed === true) labels.set(headerKey(label), null);
  }
  for (const { noun: of, label, kind, target } of [...own, ...importTargets]) {
    if (of === noun && kind !== 'place' && kind !== 'fullName') labels.set(headerKey(label), target);
  }
  return labels;
}

function guessedTargets(scan: TableScan, own: readonly ImportTarget[]): (string | null)[] {
  const { headers } = scan;
  const guesses = headers.map((header) => rolesOf(header));
  const surest = guesses.map((list) => (list[0] !== undefined && list[0].score >= 60 ? list[0].role : null));
  const noun = nounOf(surest, headers);
  const candidates: { column: number; target: string | null; score: number }[] = [];
  headers.forEach((header, column) => {
    for (const { role, score } of guesses[column] ?? []) {
      if (role === 'leaveOut') candidates.push({ column, target: null, score: 200 });
      const target = places[noun][role];
      if (target !== undefined && fits(target, scan, column, own)) candidates.push({ column, target, score });
    }
    for (const { target, score } of ownCandidates(noun, header, own)) candidates.push({ column, target, score });
    if (headerKey(header) === 'name') candidates.push({ column, target: nameTarget(noun, surest), score: 95 });
    const byContent = contentTarget(noun, scan, column);
    if (byContent !== null) candidates.push({ column, target: byContent, score: 20 });
  });
  const chosen = new Map<number, string | null>();
  const taken = new Set<string>();
  for (const { column, target } of candidates.sort((a, b) => b.score - a.score)) {
    if (chosen.has(column) || (target !== null && taken.has(target))) continue;
    chosen.set(column, target);
    if (target !== null) taken.add(target);
  }
  nameFromContent(noun, scan, chosen, taken);
  // What has no field of its own is kept under its own name (invariant 2).
  return headers.map((header, column) => (chosen.has(column) ? (chosen.get(column) as string | null) : customTarget(noun, header)));
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

function nounOf(roles: readonly (Role | null)[], headers: readonly string[]): ImportNoun {
  if (roles.includes('firstName') || roles.includes('lastName')) return 'contacts';
  const hasName = roles.includes('company') || headers.some((header) => headerKey(header) === 'name');
  if (roles.includes('person') && (!hasName || roles.includes('jobTitle'))) return 'contacts';
  if (roles.includes('birthday') && !roles.includes('company')) return 'contacts';
  return roles.includes('locationName') && hasName ? 'locations' : 'clients';
}

function nameTarget(noun: ImportNoun, roles: readonly (Role | null)[]): string {
  if (noun === 'clients') return 'client.name';
  if (noun === 'locations') return roles.includes('company') ? 'location.name' : 'client.name';
  // Beside first and last name, "Name" is what they work for.
  return roles.includes('firstName') || roles.includes('lastName') ? 'client.name' : 'contact.fullName';
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

function contentTarget(noun: ImportNoun, scan: TableScan, column: number): string | null {
  const look = scan.looks[column];
  if (look === 'email') return places[noun].email ?? null;
  if (look === 'phone') return places[noun].phone ?? null;
  if (look === 'url') return places[noun].website ?? null;
  return null;
}

/** No column is called like a name: the first one of text that differs from row to row may be it. */
function nameFromContent(noun: ImportNoun, scan: TableScan, chosen: Map<number, string | null>, taken: Set<string>): void {
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
export function valuesFor(target: string | null, distinct: readonly string[], own: readonly ImportTarget[]): Record<string, string> {
  const known = target === null ? null : importTarget(target, own);
  if (known === null) return {};
  const found: Record<string, string> = {};
  for (const text of distinct) {
    const value = known.choices !== undefined ? choiceOf(known.choices, text) : known.kind === 'boolean' ? toYesNo(booleanOf(text)) : null;
    if (value !== null) found[text] = value;
  }
  return found;
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
