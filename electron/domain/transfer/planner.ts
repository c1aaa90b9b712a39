import type { ImportPlan, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import type { Contact } from '../../../shared/entities/contact.ts';
import { hasContactIdentity } from '../../../shared/entities/contact.ts';
import { nounLabels, type ImportNoun } from '../../../shared/entities/import-target.ts';
import { titleOf } from '../../../shared/entities/nouns.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { emailKey } from '../../../shared/lib/text.ts';
import { sharedBlank } from '../../../shared/rules/apply-operation.ts';
import type { Transaction } from '../../../shared/rules/transaction.ts';
import { type RecordRules, recordRules } from '../../../shared/rules/record-rules.ts';
import { changesTo, type Draft, draftValue, newFields, RowProblem } from './draft.ts';
import { type MatchIndex, newSlot, type Slot } from './match-index.ts';
import type { RowDraft } from './row-draft.ts';

type Fields = Record<string, unknown>;
type Verdict = RowReport['verdict'];

/** One thing to do to the book for a row. */
interface Action {
  kind: 'create' | 'change';
  slot: Slot;
  fields: Fields;
  /** The record as it was when this was planned; null for a new one, or one that an earlier row of the chunk touches. */
  before: Fields | null;
  /** The client it hangs on from now. */
  client: Slot | null;
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
    for (const { kind, slot, fields, client } of actions) {
      const all = client !== null && (kind === 'create' || 'clientId' in fields) ? { ...fields, clientId: client.id } : fields;
      if (kind === 'create') index.setId(slot, tx.create(slot.noun, all).id);
      else tx.change(slot.noun, slot.id as string, all);
    }
  }
}

function assertAsPlanned({ slot, before, client, fields }: Action, index: MatchIndex, tx: Transaction): void {
  if (before !== null && slot.id !== null && (tx.get(slot.noun, slot.id) as Fields | null) !== before) throw new BookMoved();
  if (client !== null && client.id !== null && tx.get('clients', client.id)?.deletedAt !== null) throw new BookMoved();
  const email = slot.noun === 'clients' ? fields['email'] : null;
  const holder = typeof email === 'string' ? tx.clientByEmail(email) : null;
  if (holder === null || holder.id === slot.id) return;
  // Somebody has it by now. If an earlier row of this chunk takes it from them first, the index says so.
  const planned = index.byId(holder.id)?.now['email'];
  if (planned === undefined || emailKey(String(planned)) === emailKey(email as string)) throw new BookMoved();
}

/** The planned change becomes what later rows see. */
function note({ kind, slot, fields, client, row }: Action, index: MatchIndex): void {
  slot.now = { ...slot.now, ...fields };
  slot.client = client;
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
    const { clients, contacts, locations } = this.#draft.drafts;
    const client = clients === undefined ? null : this.#client(clients);
    if (contacts !== undefined) this.#contact(contacts, client);
    if (locations !== undefined) this.#location(locations, client);
  }

  verdict(): Verdict {
    if (this.#isLikeOther) return 'duplicate';
    if (this.actions.some(({ kind }) => kind === 'create')) return 'new';
    return this.actions.length > 0 ? 'update' : 'unchanged';
  }

  #client(draft: Draft): Slot {
    const { index, plan } = this.#options;
    const isMain = this.#draft.main === 'clients';
    const match = index.clients(draft, plan.matchBy);
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

  #contact(draft: Draft, client: Slot | null): void {
    const { index, plan } = this.#options;
    const found = index.contact(draft, client, plan.matchBy);
    if (found !== null && plan.onMatch !== 'create') {
      this.#onFound(found);
      this.#change(found, draft, client);
      return;
    }
    this.#create(draft, client);
    this.#noteLike(found === null ? index.contactLike(draft) : { slot: found, by: 'name' });
  }

  #location(draft: Draft, client: Slot | null): void {
    if (client === null) throw new RowProblem('The location has no client: the cell that names it is empty.');
    const { index, plan } = this.#options;
    const isMain = this.#draft.main === 'locations';
    const found = index.location(draft, client);
    if (found !== null && (!isMain || plan.onMatch !== 'create')) {
      if (isMain) this.#onFound(found);
      if (plan.onMatch === 'update') this.#change(found, draft);
      return;
    }
    this.#create(draft, client);
    if (isMain && found !== null) this.#noteLike({ slot: found, by: 'name' });
  }

  /** The record the row is about is there already. */
  #onFound(slot: Slot): void {
    if (this.#options.plan.onMatch === 'skip')
      throw new Skip(slot.row > 0 ? `Row ${slot.row} is the same ${labelOf(slot)}.` : `“${titleOfSlot(slot)}” is in the book already.`);
    if (slot.row === 0 || slot.row === this.#draft.row) return;
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

  #create(draft: Draft, client: Slot | null): Slot {
    const fields = newFields(draft);
    const { noun } = draft;
    if (noun === 'clients' && typeof fields['name'] !== 'string') throw new RowProblem('The client has no name.');
    if (noun === 'contacts' && !hasContactIdentity({ ...sharedBlank('contacts'), ...fields } as Contact))
      throw new RowProblem('The contact has no name, no e-mail and no phone.');
    if (noun === 'locations' && typeof fields['name'] !== 'string') fields['name'] = cityOf(fields) ?? 'Main location';
    this.#check(noun, { ...sharedBlank(noun), ...fields }, null);
    const slot = newSlot(noun, null, {}, client, this.#draft.row);
    this.#checkEmail(draft, slot);
    this.actions.push({ kind: 'create', slot, fields, before: null, client, row: this.#draft.row });
    return slot;
  }

  #change(slot: Slot, draft: Draft, client: Slot | null = null): void {
    const values = draft.values.filter(
      ({ key, value }) => !(key === 'externalIds.vCard' && value === slot.id) && !(key === 'isPrimary' && value === false),
    );
    const changes = changesTo(slot.now, { ...draft, values }) ?? {};
    for (const field of Object.keys(changes)) if (isSame(slot.now[field], changes[field])) delete changes[field];
    const isMoved = client !== null && client !== slot.client;
    // The id is known when the chunk is carried out: the client may be new too.
    if (isMoved) changes['clientId'] = client.id;
    if (Object.keys(changes).length === 0) return;
    this.#check(slot.noun, { ...slot.now, ...changes }, slot.now);
    this.#checkEmail(draft, slot);
    const before = slot.id === null || slot.isFiled ? null : slot.now;
    this.actions.push({ kind: 'change', slot, fields: changes, before, client: isMoved ? client : slot.client, row: this.#draft.row });
  }

  /** The noun's own rules, so that one bad row does not hold up the others of its chunk. */
  #check(noun: ImportNoun, record: Fields, before: Fields | null): void {
    const check = (recordRules[noun] as RecordRules<Fields>).check;
    const problem = check?.(record, (field) => before === null || !isSame(before[field], record[field]), this.#options.today) ?? null;
    if (problem !== null) throw new RowProblem(problem.message);
  }

  #checkEmail(draft: Draft, slot: Slot): void {
    if (draft.noun !== 'clients') return;
    const email = draftValue(draft, 'email');
    if (typeof email !== 'string') return;
    const holder = this.#options.index.clientByEmail(email);
    if (holder === null || holder === slot) return;
    const who = `“${titleOfSlot(holder)}”${holder.row > 0 ? ` (row ${holder.row})` : ''}`;
    throw new RowProblem(`The e-mail ${email} is taken: ${who} has it. Change it in the file, or let rows be matched by e-mail.`);
  }
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
  return nounLabels[noun].toLowerCase();
}
