import type { ImportPlan, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import type { Contact } from '../../../shared/nouns/contact/contact.ts';
import { hasContactIdentity } from '../../../shared/nouns/contact/contact.ts';
import type { ImportNoun } from '../../../shared/nouns/import-target.ts';
import { type Condition, idsIn, isAs } from '../../../shared/nouns/field.ts';
import { fieldsOf, titleOf } from '../../../shared/nouns/nouns.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { emailKey } from '../../../shared/lib/text.ts';
import { sharedBlank } from '../../../shared/operations/apply-operation.ts';
import type { Transaction } from '../../../shared/operations/transaction.ts';
import { type RecordRules, recordRules } from '../../../shared/nouns/record-rules.ts';
import { changesTo, type Draft, draftEntry, type DraftValue, draftValue, newFields, RowProblem } from './draft.ts';
import { type MatchIndex, nameKey, newSlot, otherField, ownIdKeys, parentField, type Slot } from './match-index.ts';
import type { RowDraft } from './row-draft.ts';
import { type Words, words } from '../../../shared/words/words.ts';

type Fields = Record<string, unknown>;
type Verdict = RowReport['verdict'];

/** One thing to do to the book for a row. */
interface Action {
  kind: 'create' | 'change';
  slot: Slot;
  fields: Fields;
  /** The record as it was when this was planned; null for a new one, or one that an earlier row of the chunk touches. */
  before: Fields | null;
  /** What it hangs on from now. */
  parent: Slot | null;
  /** What else a new record ties that to. */
  other: Slot | null;
  /** A contact whom the record names from now. */
  contact: Slot | null;
  row: number;
}

export interface RowPlan {
  report: RowReport;
  actions: Action[];
  /** The cells of a row that failed. */
  cells: readonly string[] | null;
}

export interface PlannerOptions {
  plan: Pick<ImportPlan, 'matchBy' | 'onMatch'>;
  index: MatchIndex;
  today: string;
}

/** The book is not as it was when the chunk was planned: plan it again. */
export class BookMoved extends Error {}

/**
 * Decides for one row what is to be done, and notes it in the index, so that the next row sees it. Rows are decided in
 * their order; a row goes in whole or not at all.
 */
export function planRow(draft: RowDraft, options: PlannerOptions): RowPlan {
  const report = (verdict: Verdict, reason: Words | null): RowReport => ({ row: draft.row, title: draft.title, verdict, reason });
  try {
    if (draft.skip !== undefined) throw new Skip(draft.skip);
    if (draft.problem !== null) throw new RowProblem(draft.problem);
    if (Object.keys(draft.drafts).length === 0) return { report: report('skip', words('imports.rowEmpty')), actions: [], cells: null };
    const row = new RowPlanner(draft, options);
    row.plan();
    for (const action of row.actions) note(action, options.index);
    return { report: report(row.verdict(), row.reason), actions: row.actions, cells: null };
  } catch (error) {
    if (error instanceof Skip) return { report: report('skip', error.reason), actions: [], cells: null };
    if (!(error instanceof RowProblem)) throw error;
    return { report: report('error', error.reason), actions: [], cells: draft.cells };
  }
}

/** Does what was planned. Throws BookMoved, before anything is done, where the book changed in between. */
export function carryOut(plans: readonly RowPlan[], index: MatchIndex, tx: Transaction): void {
  for (const { actions } of plans) for (const action of actions) assertAsPlanned(action, index, tx);
  for (const { actions } of plans) {
    for (const action of actions) {
      const { kind, slot } = action;
      const fields = withNames(action, tx);
      if (kind === 'create') index.setId(slot, tx.create(slot.noun, fields).id);
      else tx.change(slot.noun, slot.id as string, fields);
    }
  }
}

/** The fields with the ids of what they name: by now all of it is in the book. */
function withNames({ kind, slot, fields, parent, other, contact }: Action, tx: Transaction): Fields {
  const all = { ...fields };
  const hangsOn = parentField[slot.noun];
  if (hangsOn !== undefined && parent !== null && (kind === 'create' || hangsOn in fields)) all[hangsOn] = parent.id;
  const ties = otherField[slot.noun];
  if (ties !== undefined && other !== null && kind === 'create') all[ties] = other.id;
  if (contact !== null) {
    const now = kind === 'create' ? null : (tx.get(slot.noun, slot.id as string) as Fields | null);
    all['contactIds'] = [...new Set([...idsIn(now?.['contactIds']), contact.id])];
  }
  return all;
}

function assertAsPlanned({ slot, before, parent, other, contact, fields }: Action, index: MatchIndex, tx: Transaction): void {
  if (before !== null && slot.id !== null && (tx.get(slot.noun, slot.id) as Fields | null) !== before) throw new BookMoved();
  for (const named of [parent, other, contact])
    if (named !== null && named.id !== null && tx.get(named.noun, named.id)?.deletedAt !== null) throw new BookMoved();
  const email = slot.noun === 'clients' ? fields['email'] : null;
  const holder = typeof email === 'string' ? tx.clientByEmail(email) : null;
  if (holder === null || holder.id === slot.id) return;
  // Somebody has it by now. If an earlier row of this chunk takes it from them first, the index says so.
  const planned = index.byId(holder.id)?.now['email'];
  if (planned === undefined || emailKey(String(planned)) === emailKey(email as string)) throw new BookMoved();
}

/** The planned change becomes what later rows see. */
function note({ kind, slot, fields, parent, other, contact, row }: Action, index: MatchIndex): void {
  slot.now = { ...slot.now, ...fields, ...(contact?.id && { contactIds: [...new Set([...idsIn(slot.now['contactIds']), contact.id])] }) };
  slot.parent = parent;
  slot.other = other;
  slot.row = row;
  slot.isFiled = true;
  if (kind === 'create') index.add(slot);
  else index.keep(slot);
}

class Skip extends Error {
  readonly reason: Words;
  constructor(reason: Words) {
    super('A row is passed over');
    this.reason = reason;
  }
}

class RowPlanner {
  readonly actions: Action[] = [];
  reason: Words | null = null;
  #isLikeOther = false;
  readonly #draft: RowDraft;
  readonly #options: PlannerOptions;

  constructor(draft: RowDraft, options: PlannerOptions) {
    this.#draft = draft;
    this.#options = options;
  }

  plan(): void {
    const { drafts, main } = this.#draft;
    const { clients, contacts, locations, itemPrices } = drafts;
    const client = clients === undefined ? null : (this.#knownParent(clients, drafts[main]) ?? this.#client(clients));
    const location = locations === undefined ? null : this.#location(locations, client);
    // A known place says whose people are meant.
    const contact = contacts === undefined ? null : this.#contact(contacts, client ?? location?.parent ?? null);
    if (main === 'clients' || main === 'contacts' || main === 'locations') return;
    const draft = drafts[main];
    if (draft === undefined) throw new Skip(words('imports.rowEmpty'));
    switch (main) {
      case 'locationItemPrices':
        this.#hanging(draft, needed(location, main, 'locations'), needed(this.#item(itemPrices), main, 'itemPrices'), null);
        break;
      case 'locationContacts':
        this.#hanging(draft, needed(location, main, 'locations'), needed(contact, main, 'contacts'), null);
        break;
      case 'activities': {
        const on = needed(contact ?? location ?? client, main, 'clientOrContact');
        this.#hanging({ ...draft, values: [...draft.values, draftEntry(['about'], on.noun, 'On')] }, on, null, null);
        break;
      }
      case 'opportunities':
      case 'cases':
        this.#hanging(draft, needed(client, main, 'clients'), null, contact);
        break;
      default:
        this.#hanging(draft, main === 'tasks' ? client : null, null, null);
    }
  }

  /** A list that came from this book names clients; whose record it is, is known by the record's id. */
  #knownParent(clients: Draft, draft: Draft | undefined): Slot | null {
    const parent = draft?.noun === 'clients' ? null : (this.#options.index.exported(draft)?.parent ?? null);
    const isOnlyNamed = clients.values.every(({ key }) => key === 'name');
    return parent?.noun === 'clients' && isOnlyNamed && nameKey(nameIn(clients, 'name')) === nameKey(titleOfSlot(parent)) ? parent : null;
  }

  verdict(): Verdict {
    if (this.#isLikeOther) return 'duplicate';
    if (this.actions.some(({ kind }) => kind === 'create')) return 'new';
    return this.actions.length > 0 ? 'update' : 'unchanged';
  }

  #client(draft: Draft): Slot {
    const { index, plan } = this.#options;
    const isMain = this.#draft.main === 'clients';
    const match = index.clients(draft, plan.matchBy, isMain ? this.#draft.row : null);
    if (match !== null && match.slots.length > 1) {
      if (isMain && plan.onMatch === 'skip')
        throw new Skip(words('imports.clientsNamedSkipped', { title: titleOfSlot(match.slots[0] as Slot) }));
      if (!isMain || plan.onMatch === 'update') {
        throw new RowProblem(words('imports.clientsNamed', { title: titleOfSlot(match.slots[0] as Slot) }));
      }
    }
    const found = match?.slots[0];
    // A person's or location's row only names its client: "make new ones" is about the person or the location.
    if (found !== undefined && (!isMain || plan.onMatch !== 'create')) {
      if (isMain) this.#onFound(found);
      if (plan.onMatch === 'update') this.#change(found, isMain || match?.by !== 'name' ? draft : withoutName(draft));
      return found;
    }
    const slot = this.#create(draft, null);
    if (isMain) this.#noteLike(found === undefined ? index.clientLike(draft) : { slot: found, by: match?.by ?? 'name' });
    return slot;
  }

  #contact(draft: Draft, client: Slot | null): Slot {
    const { index, plan } = this.#options;
    const isMain = this.#draft.main === 'contacts';
    const found = index.contact(draft, client, plan.matchBy);
    if (found !== null && (!isMain || plan.onMatch !== 'create')) {
      if (isMain) this.#onFound(found);
      if (isMain || plan.onMatch === 'update') this.#change(found, draft, client);
      return found;
    }
    const slot = this.#create(draft, client);
    if (isMain) this.#noteLike(found === null ? index.contactLike(draft) : { slot: found, by: 'name' });
    return slot;
  }

  #location(draft: Draft, client: Slot | null): Slot {
    const { index, plan } = this.#options;
    const { main } = this.#draft;
    if (client === null && (main === 'locationItemPrices' || main === 'locationContacts')) return this.#knownLocation(draft);
    if (client === null) throw new RowProblem(words('imports.locationWithoutClient'));
    const isMain = main === 'locations';
    const found = index.location(draft, client);
    if (found !== null && (!isMain || plan.onMatch !== 'create')) {
      if (isMain) this.#onFound(found);
      if (plan.onMatch === 'update') this.#change(found, draft);
      return found;
    }
    // A price list does not make places: a name that is written another way would get prices nobody looks for.
    if (main === 'locationItemPrices')
      throw new RowProblem(words('imports.noSuchLocationOf', { client: titleOfSlot(client), name: nameIn(draft, 'name') }));
    const slot = this.#create(draft, client);
    if (isMain && found !== null) this.#noteLike({ slot: found, by: 'name' });
    return slot;
  }

  #knownLocation(draft: Draft): Slot {
    const [slot, second] = this.#options.index.locationsNamed(draft);
    const name = nameIn(draft, 'name');
    if (slot === undefined) throw new RowProblem(words('imports.noSuchLocation', { name }));
    if (second !== undefined) throw new RowProblem(words('imports.locationsNamed', { name }));
    return slot;
  }

  /** The item a row names by the way: it is there, or the row says all that a new one needs. */
  #item(draft: Draft | undefined): Slot | null {
    if (draft === undefined) return null;
    const { index, plan } = this.#options;
    const found = index.other(draft, [...plan.matchBy, 'name'], null, null);
    if (found !== null) return found;
    if (nameIn(draft, 'itemCode') === '' || nameIn(draft, 'invoiceItem') === '') {
      throw new RowProblem(words('imports.noSuchItem', { name: nameIn(draft, 'itemCode') || nameIn(draft, 'invoiceItem') }));
    }
    return this.#create(draft, null);
  }

  /** What is not a client, a contact or a location, and may hang on some. */
  #hanging(draft: Draft, parent: Slot | null, other: Slot | null, contact: Slot | null): void {
    const { index, plan } = this.#options;
    const found = index.other(draft, plan.matchBy, parent, other);
    // A location has one price of an item: there is no second one to make.
    if (found !== null && (plan.onMatch !== 'create' || draft.noun === 'locationItemPrices')) {
      this.#onFound(found);
      this.#change(found, draft, null, contact);
      return;
    }
    this.#create(draft, parent, other, contact);
    if (found !== null) this.#noteLike({ slot: found, by: 'name' });
  }

  /** The draft with the ids of the people it names. */
  #withPeople(draft: Draft): Draft {
    const resolved = (entries: readonly DraftValue[]) =>
      entries.map((entry) => {
        const { people, label } = entry;
        if (people === undefined) return entry;
        const ids = (Array.isArray(entry.value) ? (entry.value as string[]) : [String(entry.value)]).map((name) =>
          this.#personId(name, people.where, label),
        );
        return { ...entry, value: people.isList ? ids : ids[0] };
      });
    const isNaming = [...draft.values, ...draft.defaults].some(({ people }) => people !== undefined);
    return isNaming ? { ...draft, values: resolved(draft.values), defaults: resolved(draft.defaults) } : draft;
  }

  #personId(name: string, where: Condition | undefined, label: string): string {
    const [slot, second] = this.#options.index.people(name, where);
    const what = where?.['kind'] === 'team' ? 'team' : 'user';
    if (slot === undefined || slot.id === null) throw new RowProblem(words('imports.nobodyNamed', { label, what, name }));
    if (second !== undefined) throw new RowProblem(words('imports.severalNamed', { label, what, name }));
    return slot.id;
  }

  /** The record the row is about is there already. */
  #onFound(slot: Slot): void {
    if (this.#options.plan.onMatch === 'skip')
      throw new Skip(
        slot.row > 0
          ? words('imports.sameAsRow', { row: slot.row, noun: slot.noun })
          : words('imports.inTheBook', { title: titleOfSlot(slot) }),
      );
    if (slot.row === 0) slot.row = this.#draft.row;
    if (slot.row === this.#draft.row) return;
    this.#isLikeOther = true;
    this.reason = words('imports.bothIntoOne', { row: slot.row, noun: slot.noun });
  }

  #noteLike(like: { slot: Slot; by: string } | null): void {
    if (like === null || like.slot.row === this.#draft.row) return;
    this.#isLikeOther = true;
    const { by, slot } = like;
    this.reason =
      slot.row > 0
        ? words('imports.likeRow', { by, row: slot.row, noun: slot.noun })
        : words('imports.likeRecord', { by, title: titleOfSlot(slot), noun: slot.noun });
  }

  #create(given: Draft, parent: Slot | null, other: Slot | null = null, contact: Slot | null = null): Slot {
    const draft = this.#withPeople(given);
    const fields = newFields(draft);
    const { noun } = draft;
    if (noun === 'contacts' && !hasContactIdentity({ ...sharedBlank('contacts'), ...fields } as Contact))
      throw new RowProblem(words('imports.contactWithoutIdentity'));
    if (noun === 'locations' && typeof fields['name'] !== 'string') fields['name'] = cityOf(fields) ?? 'Main location';
    checkComplete(noun, fields);
    this.#check(noun, { ...sharedBlank(noun), ...fields }, null);
    const slot = newSlot(noun, null, {}, parent, other, this.#draft.row);
    this.#checkUnique(draft, slot);
    this.actions.push({ kind: 'create', slot, fields, before: null, parent, other, contact, row: this.#draft.row });
    return slot;
  }

  #change(slot: Slot, given: Draft, parent: Slot | null = null, contact: Slot | null = null): void {
    const draft = this.#withPeople(given);
    const values = draft.values.filter(
      ({ key, value }) => !(ownIdKeys.has(key) && value === slot.id) && !(key === 'isPrimary' && value === false),
    );
    const changes = changesTo(slot.now, { ...draft, values }) ?? {};
    for (const field of Object.keys(changes)) if (isSame(slot.now[field], changes[field])) delete changes[field];
    const isMoved = parent !== null && parent !== slot.parent;
    // The id is known when the chunk is carried out: the client may be new too.
    if (isMoved) changes[parentField[slot.noun] as string] = parent.id;
    const isNamed = contact === null || (contact.id !== null && idsIn(slot.now['contactIds']).includes(contact.id));
    if (Object.keys(changes).length === 0 && isNamed) return;
    this.#check(slot.noun, { ...slot.now, ...changes }, slot.now);
    this.#checkUnique(draft, slot);
    const before = slot.id === null || slot.isFiled ? null : slot.now;
    this.actions.push({
      kind: 'change',
      slot,
      fields: changes,
      before,
      parent: isMoved ? parent : slot.parent,
      other: slot.other,
      contact: isNamed ? null : contact,
      row: this.#draft.row,
    });
  }

  /** The noun's own rules, so that one bad row does not hold up the others of its chunk. */
  #check(noun: ImportNoun, record: Fields, before: Fields | null): void {
    const check = (recordRules[noun] as RecordRules<Fields>).check;
    const problem = check?.(record, (field) => before === null || !isSame(before[field], record[field]), this.#options.today) ?? null;
    if (problem !== null) throw new RowProblem(problem);
  }

  #checkUnique(draft: Draft, slot: Slot): void {
    const { index } = this.#options;
    const field = draft.noun === 'clients' ? 'email' : draft.noun === 'itemPrices' ? 'itemCode' : '';
    const value = field === '' ? null : draftValue(draft, field);
    if (typeof value !== 'string') return;
    const holder = field === 'email' ? index.clientByEmail(value) : index.itemByCode(value);
    if (holder === null || holder === slot) return;
    const has = { title: titleOfSlot(holder), row: holder.row };
    throw new RowProblem(
      field === 'email' ? words('imports.emailTaken', { email: value, ...has }) : words('imports.codeTaken', { code: value, ...has }),
    );
  }
}

/** What a new record cannot be without. */
function checkComplete(noun: ImportNoun, fields: Fields): void {
  const all = { ...sharedBlank(noun), ...fields };
  for (const { path, label, kind, required, when } of fieldsOf(noun)) {
    if (required !== true || kind !== 'text' || !isAs(all, when) || typeof fields[path] === 'string') continue;
    throw new RowProblem(words('imports.fieldMissing', { noun, label }));
  }
  if (noun === 'activities' && typeof fields['kind'] !== 'string') throw new RowProblem(words('imports.activityWithoutKind'));
}

function needed(slot: Slot | null, noun: ImportNoun, of: ImportNoun | 'clientOrContact'): Slot {
  if (slot === null) throw new RowProblem(words('imports.cellNamesNothing', { noun, of }));
  return slot;
}

function nameIn(draft: Draft, field: string): string {
  const value = draftValue(draft, field);
  return typeof value === 'string' ? value : '';
}

/** What a client is called by the way, in a row about something else, does not rename it. */
function withoutName(draft: Draft): Draft {
  return { ...draft, values: draft.values.filter(({ key }) => key !== 'name') };
}

function cityOf(fields: Fields): string | null {
  const city = (fields['physicalAddress'] as Fields | undefined)?.['city'];
  return typeof city === 'string' && city !== '' ? city : null;
}

function titleOfSlot({ noun, now }: Slot): string {
  return titleOf(noun, { ...sharedBlank(noun), ...now } as never);
}
