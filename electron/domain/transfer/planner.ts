import type { ImportPlan, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import type { Contact } from '../../../shared/nouns/contact/contact.ts';
import { hasContactIdentity } from '../../../shared/nouns/contact/contact.ts';
import { nounLabel, type ImportNoun } from '../../../shared/nouns/import-target.ts';
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
import { say } from '../../../shared/words/say.ts';

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
  const report = (verdict: Verdict, reason: string): RowReport => ({ row: draft.row, title: draft.title, verdict, reason });
  try {
    if (draft.skip !== undefined) throw new Skip(draft.skip);
    if (draft.problem !== null) throw new RowProblem(draft.problem);
    if (Object.keys(draft.drafts).length === 0)
      return { report: report('skip', 'There is nothing to import in this row.'), actions: [], cells: null };
    const row = new RowPlanner(draft, options);
    row.plan();
    for (const action of row.actions) note(action, options.index);
    return { report: report(row.verdict(), row.reason), actions: row.actions, cells: null };
  } catch (error) {
    if (error instanceof Skip) return { report: report('skip', error.message), actions: [], cells: null };
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

class Skip extends Error {}

class RowPlanner {
  readonly actions: Action[] = [];
  reason = '';
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
    if (draft === undefined) throw new Skip('There is nothing to import in this row.');
    switch (main) {
      case 'locationItemPrices':
        this.#hanging(draft, needed(location, 'own price', 'location'), needed(this.#item(itemPrices), 'own price', 'item'), null);
        break;
      case 'locationContacts':
        this.#hanging(draft, needed(location, 'role', 'location'), needed(contact, 'role', 'contact'), null);
        break;
      case 'activities': {
        const on = needed(contact ?? location ?? client, 'activity', 'client or contact');
        this.#hanging({ ...draft, values: [...draft.values, draftEntry(['about'], on.noun, 'On')] }, on, null, null);
        break;
      }
      case 'opportunities':
      case 'cases':
        this.#hanging(draft, needed(client, nounLabel(main).toLowerCase(), 'client'), null, contact);
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
        throw new Skip(`More than one client in the book is called “${titleOfSlot(match.slots[0] as Slot)}”.`);
      if (!isMain || plan.onMatch === 'update') {
        throw new RowProblem(
          `More than one client is called “${titleOfSlot(match.slots[0] as Slot)}”. Add the e-mail or account code of the one you mean.`,
        );
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
    if (client === null) throw new RowProblem('The location has no client: the cell that names it is empty.');
    const isMain = main === 'locations';
    const found = index.location(draft, client);
    if (found !== null && (!isMain || plan.onMatch !== 'create')) {
      if (isMain) this.#onFound(found);
      if (plan.onMatch === 'update') this.#change(found, draft);
      return found;
    }
    // A price list does not make places: a name that is written another way would get prices nobody looks for.
    if (main === 'locationItemPrices')
      throw new RowProblem(
        `“${titleOfSlot(client)}” has no location “${nameIn(draft, 'name')}”. Check the name, or import its locations first.`,
      );
    const slot = this.#create(draft, client);
    if (isMain && found !== null) this.#noteLike({ slot: found, by: 'name' });
    return slot;
  }

  #knownLocation(draft: Draft): Slot {
    const [slot, second] = this.#options.index.locationsNamed(draft);
    const name = nameIn(draft, 'name');
    if (slot === undefined) throw new RowProblem(`No location is called “${name}”. Check the name, or import the locations first.`);
    if (second !== undefined) throw new RowProblem(`More than one location is called “${name}”. Add a column that names the client.`);
    return slot;
  }

  /** The item a row names by the way: it is there, or the row says all that a new one needs. */
  #item(draft: Draft | undefined): Slot | null {
    if (draft === undefined) return null;
    const { index, plan } = this.#options;
    const found = index.other(draft, [...plan.matchBy, 'name'], null, null);
    if (found !== null) return found;
    if (nameIn(draft, 'itemCode') === '' || nameIn(draft, 'invoiceItem') === '') {
      const what = nameIn(draft, 'itemCode') || nameIn(draft, 'invoiceItem');
      throw new RowProblem(`No item has the code or name “${what}”. Check it, or import the price list first.`);
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
    const what = where?.['kind'] === 'team' ? 'team' : 'person';
    if (slot === undefined || slot.id === null)
      throw new RowProblem(
        `${label}: no ${what} is called “${name}”. Add the ${what} under People and teams first, or leave the column out.`,
      );
    if (second !== undefined)
      throw new RowProblem(`${label}: more than one ${what} is called “${name}”. Write the e-mail or user name instead.`);
    return slot.id;
  }

  /** The record the row is about is there already. */
  #onFound(slot: Slot): void {
    if (this.#options.plan.onMatch === 'skip')
      throw new Skip(slot.row > 0 ? `Row ${slot.row} is the same ${labelOf(slot)}.` : `“${titleOfSlot(slot)}” is in the book already.`);
    if (slot.row === 0) slot.row = this.#draft.row;
    if (slot.row === this.#draft.row) return;
    this.#isLikeOther = true;
    this.reason = `Row ${slot.row} is the same ${labelOf(slot)}: both go into one.`;
  }

  #noteLike(like: { slot: Slot; by: string } | null): void {
    if (like === null || like.slot.row === this.#draft.row) return;
    this.#isLikeOther = true;
    const by = like.by === 'email' ? 'e-mail' : like.by === 'accountCode' ? 'account code' : like.by === 'externalId' ? 'id' : like.by;
    const other = like.slot.row > 0 ? `row ${like.slot.row}` : `“${titleOfSlot(like.slot)}” in the book`;
    this.reason = `Same ${by} as ${other}. It goes in as a new ${labelOf(like.slot)}; look at the two afterwards.`;
  }

  #create(given: Draft, parent: Slot | null, other: Slot | null = null, contact: Slot | null = null): Slot {
    const draft = this.#withPeople(given);
    const fields = newFields(draft);
    const { noun } = draft;
    if (noun === 'contacts' && !hasContactIdentity({ ...sharedBlank('contacts'), ...fields } as Contact))
      throw new RowProblem('The contact has no name, no e-mail and no phone.');
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
    if (problem !== null) throw new RowProblem(say(problem));
  }

  #checkUnique(draft: Draft, slot: Slot): void {
    const { index } = this.#options;
    const [field, what] = draft.noun === 'clients' ? ['email', 'e-mail'] : draft.noun === 'itemPrices' ? ['itemCode', 'code'] : ['', ''];
    const value = field === '' ? null : draftValue(draft, field);
    if (typeof value !== 'string') return;
    const holder = field === 'email' ? index.clientByEmail(value) : index.itemByCode(value);
    if (holder === null || holder === slot) return;
    const who = `“${titleOfSlot(holder)}”${holder.row > 0 ? ` (row ${holder.row})` : ''}`;
    throw new RowProblem(
      field === 'email'
        ? `The ${what} ${value} is taken: ${who} has it. If it is the same client, write the name as there; if not, change the e-mail in the file.`
        : `The ${what} ${value} is taken: ${who} has it. Change it in the file, or let the item be updated.`,
    );
  }
}

/** What a new record cannot be without. */
function checkComplete(noun: ImportNoun, fields: Fields): void {
  const all = { ...sharedBlank(noun), ...fields };
  for (const { path, label, kind, required, when } of fieldsOf(noun)) {
    if (required !== true || kind !== 'text' || !isAs(all, when) || typeof fields[path] === 'string') continue;
    throw new RowProblem(`The ${nounLabel(noun).toLowerCase()} has no ${label.toLowerCase()}.`);
  }
  if (noun === 'activities' && typeof fields['kind'] !== 'string')
    throw new RowProblem('The activity has no kind. Say of the column, or for every row, whether it is a comment, a call or a visit.');
}

function needed(slot: Slot | null, what: string, of: string): Slot {
  if (slot === null) throw new RowProblem(`The ${what} has no ${of}: the cell that names it is empty.`);
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

function labelOf({ noun }: Slot): string {
  return nounLabel(noun).toLowerCase();
}
