import type { ImportNoun } from '../../../shared/nouns/import-target.ts';
import { joinedLines, phoneDigits } from '../../../shared/lib/text.ts';
import type { Card, CardOutcome, CardProperty } from './card.ts';
import { dateOf } from './date-text.ts';
import { addValue, checked, type Draft, draftEntry, RowProblem } from './draft.ts';
import { nameKey } from './match-index.ts';
import { nameParts } from './name-parts.ts';
import type { RowDraft } from './row-draft.ts';
import { words } from '../../../shared/words/words.ts';

/** What programs note for themselves; nobody typed it and it says nothing to a person. */
const machinery = new Set([
  'version',
  'prodid',
  'rev',
  'uid',
  'source',
  'xml',
  'clientpidmap',
  'class',
  'mailer',
  'kind',
  'sort-string',
  'profile',
  'x-abuid',
  'x-abshowas',
  'x-ms-ol-design',
  'x-ms-ol-default-postal-address',
  'x-imagehash',
  'x-imagetype',
  'x-sharedphotodisplaypref',
  'x-ablabel',
]);
/** The program whose id a UID is: what it names stays the same card in every later export. */
export const cardIdSource = 'vCard';
const ownUid = /^urn:uuid:([0-9a-f-]{36})$/i;

/** What a card says: a person goes to contacts with the organisation as client; a card of an organisation is a client. */
export function cardDraft(row: number, outcome: CardOutcome): RowDraft {
  if ('problem' in outcome)
    return { row, title: outcome.title, main: 'contacts', drafts: {}, problem: outcome.problem, cells: [outcome.raw] };
  const { card } = outcome;
  const isOrganisation = describesOrganisation(card);
  const draft: RowDraft = {
    row,
    title: titleOf(card),
    main: isOrganisation ? 'clients' : 'contacts',
    drafts: {},
    problem: null,
    cells: [outcome.raw],
  };
  if (first(card, 'kind').toLowerCase() === 'group') return { ...draft, problem: words('imports.cardGroup') };
  try {
    draft.drafts = isOrganisation ? { clients: clientOf(card) } : personDrafts(card);
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    draft.problem = error.reason;
  }
  return draft;
}

function describesOrganisation(card: Card): boolean {
  if (first(card, 'kind').toLowerCase() === 'org' || first(card, 'x-abshowas').toLowerCase() === 'company') return true;
  const organisation = all(card, 'org')[0]?.values[0]?.trim() ?? '';
  if (organisation === '') return false;
  const parts = all(card, 'n')[0]?.values ?? [];
  if (parts.some((part) => part.trim() !== '')) return false;
  const shown = first(card, 'fn');
  // Without a name of its own the card is the organisation's, also where its e-mail stands beside it.
  return shown === '' || nameKey(shown) === nameKey(organisation);
}

function titleOf(card: Card): string {
  const name = first(card, 'fn') || (all(card, 'n')[0]?.values ?? []).filter((part) => part.trim() !== '').join(' ');
  return (name || first(card, 'org') || first(card, 'email') || first(card, 'tel')).slice(0, 200);
}

/** Collects what a card says of one record, field by field, and what is left over as lines of its note. */
class Collector {
  readonly draft: Draft;
  readonly notes: string[] = [];
  readonly #noun: ImportNoun;

  constructor(noun: ImportNoun) {
    this.#noun = noun;
    this.draft = { noun, values: [], defaults: [] };
  }

  has(path: string): boolean {
    return this.draft.values.some(({ key }) => key === path);
  }

  set(path: string, value: unknown, label: string, how: 'set' | 'union' = 'set'): void {
    if (value === '' || value === null) return;
    addValue(this.draft, checked(this.#noun, draftEntry(path.split('.'), value, label, how)));
  }

  /** Sets the field where it is free and the value can stand there; answers whether it did. */
  offer(path: string, value: string, label: string): boolean {
    if (this.has(path)) return false;
    try {
      this.set(path, value, label);
      return true;
    } catch (error) {
      if (error instanceof RowProblem) return false;
      throw error;
    }
  }

  note(label: string, value: string): void {
    const text = value.trim();
    if (text === '') return;
    const line = label === '' ? text : `${label}: ${text}`;
    if (!this.notes.includes(line)) this.notes.push(line);
  }

  finish(noteField: string): Draft {
    if (this.notes.length > 0)
      this.draft.values.push(checked(this.#noun, draftEntry([noteField], this.notes.join('\n'), 'Note', 'append')));
    return this.draft;
  }
}

function personDrafts(card: Card): Partial<Record<ImportNoun, Draft>> {
  const to = new Collector('contacts');
  takeName(card, to);
  const organisations = [...new Map(all(card, 'org').map((property) => [property.values.join(';').trim(), property])).values()];
  const [organisation, ...others] = organisations;
  const units = (organisation?.values ?? []).slice(1).map((unit) => unit.trim());
  if (!to.offer('department', units.filter((unit) => unit !== '').join(', '), 'Department')) to.note('Department', units.join(', '));
  for (const other of others) to.note('Organisation', other.values.filter((part) => part.trim() !== '').join(', '));
  takeText(card, to, 'title', 'jobTitle', 'Job title');
  takeText(card, to, 'role', 'title', 'Role');
  takeEmails(card, to, ['email', 'secondaryEmail']);
  takePhones(card, to, { cell: 'mobilePhone', work: 'workPhone', other: 'phone' });
  takeAddress(card, to);
  for (const url of all(card, 'url')) {
    const link = url.values.join(',').trim();
    if (link.length > 0 && link.length <= 500) to.set('links', [link], 'Links', 'union');
    else to.note('Link', link);
  }
  takeBirthday(card, to);
  takeRest(card, to);
  const name = organisation?.values[0]?.trim() ?? '';
  const contacts = to.finish('generalNote');
  if (name === '') return { contacts };
  return { contacts, clients: { noun: 'clients', values: [checked('clients', draftEntry(['name'], name, 'Organisation'))], defaults: [] } };
}

function clientOf(card: Card): Draft {
  const to = new Collector('clients');
  const organisation = all(card, 'org')[0];
  to.set('name', organisation?.values[0]?.trim() || first(card, 'fn'), 'Name');
  to.note('Department', (organisation?.values ?? []).slice(1).join(', '));
  if (nameKey(first(card, 'fn')) !== nameKey(String(to.draft.values[0]?.value ?? ''))) to.note('Name as shown', first(card, 'fn'));
  for (const other of all(card, 'org').slice(1)) to.note('Organisation', other.values.join(', '));
  for (const name of ['title', 'role'])
    for (const property of all(card, name)) to.note(labelOf(card, property), property.values.join(', '));
  takeEmails(card, to, ['email']);
  takePhones(card, to, { cell: 'phone', work: 'phone', other: 'phone' });
  takeAddress(card, to);
  for (const url of all(card, 'url')) {
    const link = url.values.join(',').trim();
    if (!to.offer('website', link, 'Website')) to.note('Link', link);
  }
  for (const day of all(card, 'bday')) to.note('Birthday', day.values.join(' '));
  takeRest(card, to);
  return to.finish('notes');
}

function takeName(card: Card, to: Collector): void {
  const [lastName = '', firstName = '', middleName = '', salutation = '', suffix = ''] = (all(card, 'n')[0]?.values ?? []).map((part) =>
    part.replace(/\s+/g, ' ').trim(),
  );
  const shown = first(card, 'fn').replace(/\s+/g, ' ').trim();
  if (lastName === '' && firstName === '' && middleName === '') {
    // Only a shown name. One that is an e-mail or a phone is in its own field already.
    const isReach = [...all(card, 'email'), ...all(card, 'tel')].some(({ values }) => values.join('') === shown);
    if (!isReach && shown !== '') {
      const { suffix: shownSuffix = '', ...names } = nameParts(shown);
      for (const [field, value] of Object.entries(names)) to.set(field, value, 'Name');
      to.note('Name suffix', shownSuffix);
    }
  } else {
    to.set('firstName', firstName, 'First name');
    to.set('middleName', middleName, 'Middle name');
    to.set('lastName', lastName, 'Last name');
    if (!saysNothingNew(shown, [lastName, firstName, middleName, salutation, suffix])) to.note('Name as shown', shown);
  }
  if (!to.offer('salutation', salutation, 'Salutation')) to.note('Salutation', salutation);
  to.note('Name suffix', suffix);
}

function takeText(card: Card, to: Collector, name: string, path: string, label: string): void {
  for (const property of all(card, name)) {
    const text = property.values.join(', ').trim();
    if (text !== '' && !to.offer(path, text, label)) to.note(label, text);
  }
}

function takeEmails(card: Card, to: Collector, paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const property of preferredFirst(all(card, 'email'))) {
    const email = property.values
      .join(',')
      .trim()
      .replace(/^mailto:/i, '');
    if (email === '' || seen.has(email.toLowerCase())) continue;
    seen.add(email.toLowerCase());
    if (!paths.some((path) => to.offer(path, email, 'E-mail'))) to.note(labelOf(card, property), email);
  }
}

interface PhonePlaces {
  cell: string;
  work: string;
  other: string;
}

function takePhones(card: Card, to: Collector, places: PhonePlaces): void {
  const seen = new Set<string>();
  for (const property of preferredFirst(all(card, 'tel'))) {
    const phone = phoneText(property.values.join(';'));
    const digits = phoneDigits(phone);
    const special =
      property.types.find((type) => type === 'fax' || type === 'pager' || type === 'modem' || type === 'telex') ??
      (labelGiven(card, property) === null ? null : 'labelled');
    const key = `${special ?? ''}${digits || phone}`;
    if (phone === '' || seen.has(key)) continue;
    seen.add(key);
    const path =
      property.types.includes('cell') || property.types.includes('iphone')
        ? places.cell
        : property.types.includes('work')
          ? places.work
          : places.other;
    const isTaken = special === null && (to.offer(path, phone, 'Phone') || to.offer(places.other, phone, 'Phone'));
    if (!isTaken) to.note(labelOf(card, property), phone);
  }
}

/** `tel:+1-418-656-9254;ext=102` → "+1-418-656-9254 ext. 102". */
function phoneText(value: string): string {
  const text = value.trim();
  if (!/^tel:/i.test(text)) return text;
  const [number = '', ...params] = text.slice(4).split(';');
  const extension = params.find((param) => /^ext=/i.test(param))?.slice(4);
  const others = params.filter((param) => !/^(?:ext|phone-context)=/i.test(param));
  return [number, extension === undefined ? '' : `ext. ${extension}`, ...others].filter((part) => part !== '').join(' ');
}

function takeAddress(card: Card, to: Collector): void {
  const addresses = preferredFirst(all(card, 'adr'), 'work').filter(({ values }) => values.some((part) => part.trim() !== ''));
  const [address, ...others] = addresses;
  if (address !== undefined) fillAddress(address, to);
  for (const other of others) to.note(labelOf(card, other), addressText(other));
  const known = addresses.flatMap(({ values }) => values);
  for (const name of ['label', 'x-abadr']) {
    for (const label of all(card, name)) {
      const text = label.values.join(', ');
      // Apple notes the country of the address form ("us") here.
      if (!saysNothingNew(text, known) && !(name === 'x-abadr' && /^[a-z]{2}$/i.test(text.trim())))
        to.note(name === 'label' ? 'Address label' : 'Address as shown', text);
    }
  }
}

function fillAddress(address: CardProperty, to: Collector): void {
  const [box = '', extended = '', street = '', city = '', region = '', postalCode = '', country = ''] = address.values.map((part) =>
    part.trim().replace(/,$/, ''),
  );
  const isOneText =
    [box, street, city, region, postalCode, country].every((part) => part === '') ||
    (city === '' && region === '' && postalCode === '' && country === '' && (street + extended).includes('\n'));
  if (isOneText) {
    to.set('address.freeform', addressText(address), 'Address');
    return;
  }
  const lines = [...street.split('\n'), ...extended.split('\n'), box === '' ? '' : /^\d/.test(box) ? `PO Box ${box}` : box]
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [line1 = '', line2 = '', ...rest] = lines;
  to.set('address.line1', line1, 'Address line 1');
  to.set('address.line2', line2, 'Address line 2');
  to.set('address.line3', rest.join(', '), 'Address line 3');
  to.set('address.city', oneLine(city), 'City');
  to.set('address.region', oneLine(region), 'Region');
  to.set('address.postalCode', oneLine(postalCode), 'Postal code');
  to.set('address.country', oneLine(country), 'Country');
}

function oneLine(text: string): string {
  return joinedLines(text, ', ');
}

function addressText(address: CardProperty): string {
  const [box = '', extended = '', street = '', ...others] = address.values.map((part) => part.trim());
  const parts = [street, extended, box, ...others].filter((part) => part !== '');
  return parts.length === 1 ? (parts[0] as string) : parts.map(oneLine).join(', ');
}

function takeBirthday(card: Card, to: Collector): void {
  for (const property of all(card, 'bday')) {
    const text = property.values.join(' ').trim();
    const date = dateOf(text, 'mdy');
    // 1604 is how a phone writes "no year".
    const isFull = date !== null && !date.startsWith('1604');
    if (!isFull || !to.offer('dateOfBirth', date, 'Date of birth')) to.note('Birthday', text.replace(/^1604/, '-'));
  }
}

const taken = new Set(['n', 'fn', 'org', 'title', 'role', 'email', 'tel', 'adr', 'label', 'x-abadr', 'url', 'bday', 'note', 'categories']);

function takeRest(card: Card, to: Collector): void {
  const uid = first(card, 'uid');
  if (uid !== '' && uid.length <= 200) to.set(`externalIds.${cardIdSource}`, ownUid.exec(uid)?.[1]?.toLowerCase() ?? uid, 'Id');
  const tags = all(card, 'categories').flatMap(({ values }) => values.map((tag) => tag.trim()));
  const kept = tags.filter((tag) => tag !== '' && tag.length <= 100);
  if (kept.length > 0) to.set('tags', kept, 'Tags', 'union');
  for (const tag of tags) if (tag.length > 100) to.note('Category', tag);
  for (const note of all(card, 'note')) to.notes.unshift(note.values.join(',').trim());
  for (const property of card.properties) {
    if (taken.has(property.name) || machinery.has(property.name)) continue;
    to.note(labelOf(card, property), property.values.filter((part) => part.trim() !== '').join(', '));
  }
  for (const line of card.leftovers) to.note('', line);
}

function first(card: Card, name: string): string {
  return (card.properties.find((property) => property.name === name)?.values ?? []).join(', ').trim();
}

function all(card: Card, name: string): CardProperty[] {
  return card.properties.filter((property) => property.name === name);
}

function preferredFirst(properties: CardProperty[], type = 'pref'): CardProperty[] {
  const rank = ({ types, preference }: CardProperty) =>
    preference === undefined ? (types.includes('pref') ? 0 : types.includes(type) ? 101 : 102) : preference;
  return properties.toSorted((a, b) => rank(a) - rank(b));
}

/** True where every word of the text stands in the other texts already. */
function saysNothingNew(text: string, known: readonly string[]): boolean {
  const knownWords = new Set(known.flatMap((part) => nameKey(part).split(' ')));
  return nameKey(text)
    .split(' ')
    .every((word) => word === '' || knownWords.has(word));
}

/** The label a phone gives a property through its group: `item1.X-ABLabel:_$!<Anniversary>!$_`. */
function labelGiven(card: Card, property: CardProperty): string | null {
  if (property.group === null) return null;
  const label = card.properties.find(({ name, group }) => name === 'x-ablabel' && group === property.group);
  const text =
    label?.values
      .join(',')
      .replace(/^_\$!<(.*)>!\$_$/, '$1')
      .trim() ?? '';
  return text === '' || /^(?:home|work|other|homepage|mobile)$/i.test(text) ? null : spaced(text);
}

const names: Record<string, string> = {
  tel: 'Phone',
  email: 'E-mail',
  adr: 'Address',
  url: 'Link',
  impp: 'Chat',
  geo: 'Position',
  tz: 'Time zone',
  lang: 'Language',
  key: 'Key',
  related: 'Related',
  'x-abdate': 'Date',
  'x-abrelatednames': 'Related',
  'x-ms-imaddress': 'Chat',
};
const kinds = new Set(['home', 'work', 'fax', 'pager', 'cell', 'other', 'video', 'car', 'msg', 'modem']);

function labelOf(card: Card, property: CardProperty): string {
  const given = labelGiven(card, property);
  if (given !== null) return given;
  const name = names[property.name] ?? spaced(property.name.replace(/^x-(?:ms-|ab|apple-|android-)?/, ''));
  const types = property.types.filter((type) => kinds.has(type));
  if (types.includes('fax')) return types.length === 1 ? 'Fax' : `Fax (${types.filter((type) => type !== 'fax').join(', ')})`;
  if (types.includes('pager')) return 'Pager';
  return types.length === 0 ? name : `${name} (${types.join(', ')})`;
}

/** "AssistantPhone", "phonetic-first-name" → "Assistant phone", "Phonetic first name". */
function spaced(text: string): string {
  const apart = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .trim()
    .toLowerCase();
  return apart.charAt(0).toUpperCase() + apart.slice(1);
}
