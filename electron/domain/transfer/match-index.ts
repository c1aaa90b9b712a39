import type { MatchKey } from '../../../shared/contracts/transfer.contract.ts';
import { type Condition, isAs, valueAt } from '../../../shared/nouns/field.ts';
import { itemCodeKey } from '../../../shared/nouns/item-price/item-price.ts';
import { type ImportNoun, importNouns } from '../../../shared/nouns/import-target.ts';
import { type AnyRecord, nouns } from '../../../shared/nouns/nouns.ts';
import { emailKey, identityFold, phoneDigits } from '../../../shared/lib/text.ts';
import type { BookReader } from '../book.ts';
import { legalForms } from '../duplicates/duplicate-keys.ts';
import { createBreather } from './breather.ts';
import { type Draft, draftValue } from './draft.ts';

type Fields = Record<string, unknown>;

/** A record of the book, or one that an earlier row of the file makes. */
export interface Slot {
  noun: ImportNoun;
  /** Null until the record is in the book. */
  id: string | null;
  /** Tells slots apart that have no id yet. */
  serial: number;
  /** Its fields as they are, the planned changes included. */
  now: Fields;
  /** What it hangs on: of a contact the client, of an own price the location. */
  parent: Slot | null;
  /** What else it ties its parent to: of an own price the item, of a role the contact. */
  other: Slot | null;
  /** The row of this file that last made or changed it; 0 for none. */
  row: number;
  /** True where an earlier row of this file may have made or changed it, before the import was interrupted. */
  isOfFile: boolean;
  /** What hangs on it, by noun and key. */
  children: Files | null;
  /** True from the moment a planned change was filed until the book has it. */
  isFiled: boolean;
}

type Files = Map<string, Set<Slot>>;
let serials = 0;

/** The program that this one is, where ids of records are named by where they come from. */
export const ownIdSource = 'Fieldbook';

export function newSlot(noun: ImportNoun, id: string | null, now: Fields, parent: Slot | null, other: Slot | null, row: number): Slot {
  serials += 1;
  return { noun, id, serial: serials, now, parent, other, row, isOfFile: false, children: null, isFiled: false };
}

/** The field that names what a record hangs on. */
export const parentField: Partial<Record<ImportNoun, string>> = parentAt(importNouns, 0);
/** Of what ties two records together: the field that names the other. */
export const otherField: Partial<Record<ImportNoun, string>> = parentAt(
  importNouns.filter((noun) => nouns[noun].at === 'tie'),
  1,
);

function parentAt(of: readonly ImportNoun[], at: number): Partial<Record<ImportNoun, string>> {
  return Object.fromEntries(
    of.flatMap((noun) =>
      Object.keys(nouns[noun].parents)
        .slice(at, at + 1)
        .map((field) => [noun, field]),
    ),
  );
}

/** What others hang on comes first. */
const inReadingOrder: readonly ImportNoun[] = [
  ...(['clients', 'locations', 'contacts', 'itemPrices', 'directory', 'locationContacts'] as const),
  ...(['locationItemPrices', 'opportunities', 'cases', 'tasks', 'activities'] as const),
];
const always: readonly ImportNoun[] = ['clients', 'locations', 'contacts'];

/** A name as it is compared: case, accents, punctuation and spaces do not matter. */
export function nameKey(text: string): string {
  const plain = /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : identityFold(text);
  const key = plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
  return key === '' ? plain.trim() : key;
}

function phoneKey(phone: unknown): string | null {
  if (typeof phone !== 'string') return null;
  const digits = phoneDigits(phone);
  return digits.length < 7 ? null : digits.slice(-9);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function contactNameKey(fields: { firstName?: unknown; middleName?: unknown; lastName?: unknown }): string {
  return nameKey([fields.firstName, fields.middleName, fields.lastName].filter((part) => typeof part === 'string').join(' '));
}

/**
 * Finds the record a row means, in constant time however large the book is. It holds the live records and those that
 * earlier rows plan. Entries are looked at again when they are found: a changed record may stand under an old key.
 */
export class MatchIndex {
  readonly #byId = new Map<string, Slot>();
  /** What was merged into another record, by id: its id, and its ids in other programs, stand for that one. */
  readonly #merged = new Map<string, { noun: ImportNoun; into: string; externalIds: Readonly<Record<string, string>> }>();
  readonly #clients = {
    externalId: new Map() as Files,
    email: new Map() as Files,
    accountCode: new Map() as Files,
    name: new Map() as Files,
    phone: new Map() as Files,
  };
  readonly #contacts = { externalId: new Map() as Files, email: new Map() as Files, name: new Map() as Files, phone: new Map() as Files };
  /** Of every other noun: by what it is, and the key. */
  readonly #others = new Map() as Files;
  readonly #nouns: ReadonlySet<ImportNoun>;

  /** `nouns`: what the file brings or names, beside clients, contacts and locations. */
  constructor(nouns: Iterable<ImportNoun>) {
    this.#nouns = new Set([...always, ...nouns]);
  }

  /** Reads the book in slices; what changes meanwhile comes through `refresh`. `since`: when an import that goes on began. */
  async fill(book: Pick<BookReader, 'all'>, since: string | null = null): Promise<void> {
    const breathe = createBreather();
    let count = 0;
    for (const noun of inReadingOrder.filter((one) => this.#nouns.has(one))) {
      for (const record of book.all(noun)) {
        this.refresh(noun, record);
        const slot = since !== null && record.updatedAt >= since ? this.#byId.get(record.id) : undefined;
        if (slot !== undefined) slot.isOfFile = true;
        count += 1;
        if (count % 250 === 0) await breathe();
      }
    }
  }

  /** The row of this file that made or changed the record, known from before the index was built. */
  markRow(id: string, row: number): void {
    const slot = this.#byId.get(id);
    if (slot !== undefined) slot.row = row;
  }

  /** Takes in a record as it is now; called for every record that changes while the index is in use. */
  refresh(noun: ImportNoun, record: AnyRecord): void {
    if (!this.#nouns.has(noun)) return;
    if (record.mergedInto === null) this.#merged.delete(record.id);
    else this.#merged.set(record.id, { noun, into: record.mergedInto, externalIds: record.externalIds });
    const slot = this.#byId.get(record.id);
    const parent = this.#named(record as Fields, parentField[noun]);
    const other = this.#named(record as Fields, otherField[noun]);
    if (slot === undefined) {
      if (record.deletedAt === null) this.add(newSlot(noun, record.id, record as Fields, parent, other, 0));
      return;
    }
    slot.now = record as Fields;
    // What this import planned stands under these keys already.
    if (slot.isFiled) slot.isFiled = false;
    else {
      slot.parent = parent;
      slot.other = other;
      this.keep(slot);
    }
  }

  #named(record: Fields, field: string | undefined): Slot | null {
    const id = field === undefined ? null : record[field];
    return typeof id === 'string' ? (this.#byId.get(id) ?? null) : null;
  }

  add(slot: Slot): void {
    if (slot.id !== null) this.#byId.set(slot.id, slot);
    this.keep(slot);
  }

  /** Files the record under its keys; called again when they changed. Old keys stay and are seen through when found. */
  keep(slot: Slot): void {
    const { now, noun } = slot;
    const ids = now['externalIds'] as Record<string, string> | undefined;
    for (const source in ids) {
      const key = `${source}\0${ids[source]}`;
      if (noun === 'clients') file(this.#clients.externalId, key, slot);
      else if (noun === 'contacts') file(this.#contacts.externalId, key, slot);
      else file(this.#others, `${noun}\0id\0${key}`, slot);
    }
    if (noun === 'clients') {
      const { email, accountCode, name, phone } = this.#clients;
      const mail = textOf(now['email']);
      if (mail !== null) file(email, emailKey(mail), slot);
      const code = textOf(now['accountCode']);
      if (code !== null) file(accountCode, nameKey(code), slot);
      file(name, nameKey(now['name'] as string), slot);
      const digits = phoneKey(now['phone']);
      if (digits !== null) file(phone, digits, slot);
    } else if (noun === 'contacts') {
      const { email, name, phone } = this.#contacts;
      const key = contactNameKey(now);
      // Also together with the name: thousands may share the address or phone of a front desk.
      for (const field of ['email', 'secondaryEmail']) {
        const mail = textOf(now[field]);
        if (mail === null) continue;
        file(email, emailKey(mail), slot);
        file(email, `${emailKey(mail)}\0${key}`, slot);
      }
      for (const field of ['mobilePhone', 'phone']) {
        const digits = phoneKey(now[field]);
        if (digits === null) continue;
        file(phone, digits, slot);
        file(phone, `${digits}\0${key}`, slot);
      }
      if (key !== '') {
        file(name, key, slot);
        if (slot.parent !== null) fileChild(slot.parent, `contacts\0${key}`, slot);
      }
    } else {
      const key = keyIn(slot);
      if (key !== null && slot.parent !== null) fileChild(slot.parent, `${noun}\0${key}`, slot);
      // Places without a client are looked for in the whole book only where own prices or roles name them.
      if (key !== null && (noun !== 'locations' || this.#nouns.has('locationItemPrices') || this.#nouns.has('locationContacts')))
        file(this.#others, `${noun}\0${key}`, slot);
      for (const more of moreKeys(slot)) file(this.#others, `${noun}\0${more}`, slot);
    }
  }

  setId(slot: Slot, id: string): void {
    slot.id = id;
    this.#byId.set(id, slot);
  }

  byId(id: string): Slot | null {
    return this.#byId.get(id) ?? null;
  }

  /** The client that has the e-mail now; the book allows one. */
  clientByEmail(email: string): Slot | null {
    const key = emailKey(email);
    return found(this.#clients.email, key, ({ now }) => emailKey(textOf(now['email']) ?? '') === key)[0] ?? null;
  }

  /**
   * Clients the draft can mean, by the first key that finds any. `row` is that of a list of clients: there, two rows with
   * other values are two clients. Null where a row only names its client.
   */
  clients(draft: Draft, keys: readonly MatchKey[], row: number | null): { slots: Slot[]; by: MatchKey } | null {
    for (const by of keys) {
      const slots = this.#clientsBy(draft, by, keys, row);
      if (slots.length > 0) return { slots, by };
    }
    return null;
  }

  #clientsBy(draft: Draft, by: MatchKey, keys: readonly MatchKey[], row: number | null): Slot[] {
    if (by === 'externalId') {
      const slots = this.#byExternalId(this.#clients.externalId, draft);
      const own = slots.length === 0 ? this.#ownCard(draft) : undefined;
      return own === undefined ? slots : [own];
    }
    const text = textOf(draftValue(draft, by));
    if (text === null) return [];
    if (by === 'email') {
      const slot = this.clientByEmail(text);
      // Branches share an address: it counts where the names agree, or where names are not to be looked at.
      const name = keys.includes('name') ? firmKey(textOf(draftValue(draft, 'name'))) : '';
      return slot === null || (name !== '' && ![name, ''].includes(firmKey(textOf(slot.now['name'])))) ? [] : [slot];
    }
    if (by === 'accountCode')
      return found(this.#clients.accountCode, nameKey(text), (slot) => keyOf(slot, 'accountCode') === nameKey(text));
    // Two clients of one name with different account codes are two clients: the two share classes of one company.
    const code = textOf(draftValue(draft, 'accountCode'));
    const name = nameKey(text);
    const named = found(
      this.#clients.name,
      name,
      (slot) => keyOf(slot, 'name') === name && (code === null || [null, nameKey(code)].includes(keyOf(slot, 'accountCode'))),
      NAMESAKES,
    );
    const wanted = placedValues(draft);
    const alike = named.filter((slot) => !differs(slot, wanted));
    if (row !== null && alike.length === 0 && named.every((slot) => slot.isOfFile || (slot.row > 0 && slot.row !== row))) return [];
    if (alike.length === 0 || (row === null && named.length === 1)) return named.slice(0, 2);
    const nearest = alike.filter((slot) => alike.length === 1 || agrees(slot, wanted));
    return (nearest.length === 1 ? nearest : alike).slice(0, 2);
  }

  /** The record whose id stands in the draft: what this book exported. */
  exported(draft: Draft | undefined): Slot | undefined {
    return draft === undefined ? undefined : this.#ownCard(draft);
  }

  /** A client that is not the same by the keys asked for, and yet may be: same name, account code or phone. */
  clientLike(draft: Draft): { slot: Slot; by: string } | null {
    const name = textOf(draftValue(draft, 'name'));
    const code = textOf(draftValue(draft, 'accountCode'));
    const digits = phoneKey(draftValue(draft, 'phone'));
    const byCode =
      code === null
        ? undefined
        : found(this.#clients.accountCode, nameKey(code), (slot) => keyOf(slot, 'accountCode') === nameKey(code))[0];
    if (byCode !== undefined) return { slot: byCode, by: 'account code' };
    const byName = name === null ? undefined : found(this.#clients.name, nameKey(name), (slot) => keyOf(slot, 'name') === nameKey(name))[0];
    if (byName !== undefined) return { slot: byName, by: 'name' };
    const byPhone = digits === null ? undefined : found(this.#clients.phone, digits, ({ now }) => phoneKey(now['phone']) === digits)[0];
    return byPhone === undefined ? null : { slot: byPhone, by: 'phone' };
  }

  /**
   * The contact the draft means. People share addresses and names, so an e-mail counts only where the names agree, and a
   * name only within one client, or with the same phone.
   */
  contact(draft: Draft, client: Slot | null, keys: readonly MatchKey[]): Slot | null {
    const name = contactNameKey({
      firstName: draftValue(draft, 'firstName'),
      middleName: draftValue(draft, 'middleName'),
      lastName: draftValue(draft, 'lastName'),
    });
    const email = textOf(draftValue(draft, 'email'));
    for (const by of keys) {
      if (by === 'externalId') {
        const slot = this.#byExternalId(this.#contacts.externalId, draft)[0] ?? this.#ownCard(draft);
        if (slot !== undefined) return slot;
      } else if (by === 'email' && email !== null) {
        const key = emailKey(email);
        for (const entry of name === '' ? [key] : [`${key}\0${name}`, `${key}\0`]) {
          const slot = found(
            this.#contacts.email,
            entry,
            (known) => hasEmail(known, key) && (name === '' || sameOrNone(contactNameKey(known.now), name)),
          )[0];
          if (slot !== undefined) return slot;
        }
      } else if (by === 'name' && name !== '') {
        const isSame = (known: Slot) => known.parent === client && contactNameKey(known.now) === name && agree(known, email);
        const slot = client === null ? this.#sameNameAndPhone(draft, name) : found(client.children, `contacts\0${name}`, isSame)[0];
        if (slot !== undefined) return slot;
      }
    }
    return null;
  }

  #sameNameAndPhone(draft: Draft, name: string): Slot | undefined {
    const digits = [phoneKey(draftValue(draft, 'mobilePhone')), phoneKey(draftValue(draft, 'phone'))].filter((key) => key !== null);
    for (const key of digits) {
      const slot = found(this.#contacts.phone, `${key}\0${name}`, (known) => contactNameKey(known.now) === name && hasPhone(known, key))[0];
      if (slot !== undefined) return slot;
    }
    return undefined;
  }

  contactLike(draft: Draft): { slot: Slot; by: string } | null {
    const email = textOf(draftValue(draft, 'email'));
    const byEmail =
      email === null ? undefined : found(this.#contacts.email, emailKey(email), (known) => hasEmail(known, emailKey(email)))[0];
    if (byEmail !== undefined) return { slot: byEmail, by: 'e-mail' };
    for (const field of ['mobilePhone', 'phone']) {
      const digits = phoneKey(draftValue(draft, field));
      const byPhone = digits === null ? undefined : found(this.#contacts.phone, digits, (known) => hasPhone(known, digits))[0];
      if (byPhone !== undefined) return { slot: byPhone, by: 'phone' };
    }
    const name = contactNameKey({
      firstName: draftValue(draft, 'firstName'),
      middleName: draftValue(draft, 'middleName'),
      lastName: draftValue(draft, 'lastName'),
    });
    const byName = name === '' ? undefined : found(this.#contacts.name, name, (known) => contactNameKey(known.now) === name)[0];
    return byName === undefined ? null : { slot: byName, by: 'name' };
  }

  /** The location of that client: by its name, or the primary one when the row does not name it. */
  location(draft: Draft, client: Slot): Slot | null {
    const byId = this.#byOtherId(draft);
    if (byId !== undefined) return byId;
    const name = textOf(draftValue(draft, 'name'));
    if (name === null) {
      for (const [key, slots] of client.children ?? []) {
        if (!key.startsWith('locations\0')) continue;
        for (const slot of slots) if (isLive(slot) && slot.now['isPrimary'] === true) return slot;
      }
      return null;
    }
    const key = nameKey(name);
    return found(client.children, `locations\0${key}`, (slot) => slot.parent === client && keyOf(slot, 'name') === key)[0] ?? null;
  }

  /** Locations of the name, whoever's they are; two where there are more. */
  locationsNamed(draft: Draft): Slot[] {
    const byId = this.#byOtherId(draft);
    if (byId !== undefined) return [byId];
    const name = textOf(draftValue(draft, 'name'));
    if (name === null) return [];
    return found(this.#others, `locations\0${nameKey(name)}`, (slot) => keyOf(slot, 'name') === nameKey(name));
  }

  /** The record of any other noun that the draft means, beside what it hangs on and what else it ties that to. */
  other(draft: Draft, keys: readonly MatchKey[], parent: Slot | null, tied: Slot | null): Slot | null {
    const { noun } = draft;
    const byId = keys.includes('externalId') ? this.#byOtherId(draft) : undefined;
    if (byId !== undefined) return byId;
    const wanted = newSlot(noun, null, valuesOf(draft), parent, tied, 0);
    const files = parent === null ? this.#others : parent.children;
    const isNamed = noun !== 'directory' && (noun !== 'itemPrices' || textOf(wanted.now['itemCode']) === null);
    const byKey = keyIn(wanted);
    if (byKey !== null && (noun === 'locationItemPrices' || noun === 'locationContacts' || (isNamed && keys.includes('name')))) {
      const slot = found(files, `${noun}\0${byKey}`, (one) => one.parent === parent && keyIn(one) === byKey && isSaying(one, wanted))[0];
      if (slot !== undefined) return slot;
    }
    for (const key of moreKeys(wanted)) {
      if (key.startsWith('email') ? !keys.includes('email') : key.startsWith('name') && !keys.includes('name')) continue;
      const slot = found(this.#others, `${noun}\0${key}`, (one) => moreKeys(one).includes(key))[0];
      if (slot !== undefined) return slot;
    }
    return null;
  }

  /** Who has the item code by now; the book allows one. */
  itemByCode(code: string): Slot | null {
    const key = `code\0${itemCodeKey(code)}`;
    return found(this.#others, `itemPrices\0${key}`, (slot) => moreKeys(slot).includes(key))[0] ?? null;
  }

  /** People or teams that are called so, by e-mail, user name or name; two where there are more. */
  people(text: string, where: Condition | undefined): Slot[] {
    for (const key of [`email\0${emailKey(text)}`, `user\0${nameKey(text)}`, `name\0${nameKey(text)}`]) {
      const slots = found(this.#others, `directory\0${key}`, (slot) => moreKeys(slot).includes(key) && isAs(slot.now, where));
      if (slots.length > 0) return slots;
    }
    return [];
  }

  #byOtherId(draft: Draft): Slot | undefined {
    return this.#byExternalId(this.#others, draft, `${draft.noun}\0id\0`)[0] ?? this.#ownCard(draft);
  }

  #byExternalId(files: Files, draft: Draft, prefix = ''): Slot[] {
    for (const { steps, value } of draft.values) {
      if (steps[0] !== 'externalIds') continue;
      const source = steps[1] as string;
      const slots = found(
        files,
        `${prefix}${source}\0${String(value)}`,
        ({ now }) => (now['externalIds'] as Record<string, string> | undefined)?.[source] === value,
      );
      if (slots.length > 0) return slots;
      for (const [id, { noun, externalIds }] of this.#merged) {
        const slot = noun === draft.noun && externalIds[source] === value ? this.#survivor(id) : undefined;
        if (slot !== undefined && isLive(slot)) return [slot];
      }
    }
    return [];
  }

  #survivor(id: string): Slot | undefined {
    const seen = new Set<string>();
    let now = id;
    for (let merged = this.#merged.get(now); merged !== undefined && !seen.has(now); merged = this.#merged.get(now)) {
      seen.add(now);
      now = merged.into;
    }
    return this.#byId.get(now);
  }

  /** Our own cards and lists carry the record's id. */
  #ownCard(draft: Draft): Slot | undefined {
    for (const { key, value } of draft.values) {
      const slot = ownIdKeys.has(key) && typeof value === 'string' ? this.#survivor(value) : undefined;
      if (slot?.noun === draft.noun && isLive(slot)) return slot;
    }
    return undefined;
  }
}

/** Under these keys a draft may have the id that the record has in this book. */
export const ownIdKeys: ReadonlySet<string> = new Set(['externalIds.vCard', `externalIds.${ownIdSource}`]);
/** Clients of one name that are compared: a chain may have thousands. */
const NAMESAKES = 200;

/** The name of a firm without what kind of company it is. */
function firmKey(name: string | null): string {
  return nameKey(name ?? '')
    .split(' ')
    .filter((word) => !legalForms.has(word))
    .join(' ');
}

const placedPaths = ['email', 'phone', 'address.city', 'address.postalCode', 'address.line1'];

/** Where a client is and how it is reached, in comparable form: what tells two of one name apart. */
function placedValues(draft: Draft): [path: string, key: string][] {
  return placedPaths.flatMap((path): [string, string][] => {
    const key = placedKey(path, draftValue(draft, path));
    return key === null ? [] : [[path, key]];
  });
}

function placedKey(path: string, value: unknown): string | null {
  const text = textOf(value);
  if (text === null) return null;
  return path === 'phone' ? (phoneKey(text) ?? text) : path === 'email' ? emailKey(text) : nameKey(text);
}

function differs({ now }: Slot, wanted: readonly [string, string][]): boolean {
  return wanted.some(([path, key]) => ![null, key].includes(placedKey(path, valueAt(now, path))));
}

function agrees({ now }: Slot, wanted: readonly [string, string][]): boolean {
  return wanted.some(([path, key]) => placedKey(path, valueAt(now, path)) === key);
}

function hasEmail({ now }: Slot, key: string): boolean {
  return emailKey(textOf(now['email']) ?? '') === key || emailKey(textOf(now['secondaryEmail']) ?? '') === key;
}

function hasPhone({ now }: Slot, key: string): boolean {
  return phoneKey(now['mobilePhone']) === key || phoneKey(now['phone']) === key;
}

function sameOrNone(known: string, name: string): boolean {
  return known === '' || known === name;
}

/** Two different e-mails: two people of one name, for all a file can say. */
function agree(known: Slot, email: string | null): boolean {
  return (
    email === null ||
    (textOf(known.now['email']) === null && textOf(known.now['secondaryEmail']) === null) ||
    hasEmail(known, emailKey(email))
  );
}

function keyOf({ now }: Slot, field: string): string | null {
  const text = textOf(now[field]);
  return text === null ? null : nameKey(text);
}

/** The key under which a record of the other nouns hangs on its parent; null where it has none. */
function keyIn({ noun, now, other }: Slot): string | null {
  switch (noun) {
    case 'locations':
    case 'opportunities':
    case 'cases':
      return nameOrNull(now['name']);
    case 'tasks':
      return nameOrNull(now['title']);
    case 'itemPrices':
      return nameOrNull(now['invoiceItem']);
    case 'locationItemPrices':
    case 'locationContacts':
      return other === null ? null : String(other.serial);
    case 'activities':
      return [now['kind'], now['occurredAt'] ?? '', now['body'] ?? '', now['durationMinutes'] ?? ''].join('\0');
    default:
      return null;
  }
}

/** Keys of its own that a record has in the whole book. */
function moreKeys({ noun, now }: Slot): string[] {
  if (noun === 'itemPrices') {
    const code = textOf(now['itemCode']);
    return code === null ? [] : [`code\0${itemCodeKey(code)}`];
  }
  if (noun !== 'directory') return [];
  const email = textOf(now['email']);
  const [user, name] = [nameOrNull(now['username']), nameOrNull(now['kind'] === 'team' ? now['name'] : now['fullName'])];
  return [
    email === null ? '' : `email\0${emailKey(email)}`,
    user === null ? '' : `user\0${user}`,
    name === null ? '' : `name\0${name}`,
  ].filter((key) => key !== '');
}

/** Somebody who worked at a place before is there another time. */
function isSaying({ noun, now }: Slot, wanted: Slot): boolean {
  const since = wanted.now['startDate'] ?? null;
  return noun !== 'locationContacts' || since === null || (now['startDate'] ?? null) === null || now['startDate'] === since;
}

function nameOrNull(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : nameKey(text);
}

function valuesOf({ values, defaults }: Draft): Fields {
  return Object.fromEntries([...defaults, ...values].filter(({ steps }) => steps.length === 1).map(({ key, value }) => [key, value]));
}

/** A record that a row plans has no "deletedAt" yet. */
function isLive({ now }: Slot): boolean {
  return (now['deletedAt'] ?? null) === null;
}

function file(files: Files, key: string, slot: Slot): void {
  const slots = files.get(key);
  if (slots === undefined) files.set(key, new Set([slot]));
  else slots.add(slot);
}

function fileChild(parent: Slot, key: string, slot: Slot): void {
  parent.children ??= new Map();
  file(parent.children, key, slot);
}

/** At most two: whether there is one, and whether it is the only one. Thousands may share a key. */
function found(files: Files | null, key: string, isMeant: (slot: Slot) => boolean, most = 2): Slot[] {
  const slots: Slot[] = [];
  for (const slot of files?.get(key) ?? []) {
    if (!isLive(slot) || !isMeant(slot)) continue;
    slots.push(slot);
    if (slots.length === most) break;
  }
  return slots;
}
