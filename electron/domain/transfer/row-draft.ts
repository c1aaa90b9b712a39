import type { ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { type ImportNoun, type ImportTarget, importTarget, targetLabel } from '../../../shared/nouns/import-target.ts';
import { isSecret } from '../../../shared/nouns/secret.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { type CellReader, cellReader } from './cell-values.ts';
import { dateOf } from './date-text.ts';
import {
  addValue,
  birthKeys,
  checked,
  type Draft,
  draftEntry,
  type DraftValue,
  noteFieldOf,
  organisationKey,
  RowProblem,
} from './draft.ts';
import { type Words, type WordsId, words } from '../../../shared/words/words.ts';

/** One row of the file, read: what it says of a client, of a contact and of a location. */
export interface RowDraft {
  /** As a person counts it. */
  row: number;
  /** What the row is called in reports. */
  title: string;
  /** The record the row is about; the others hang on it. */
  main: ImportNoun;
  drafts: Partial<Record<ImportNoun, Draft>>;
  problem: Words | null;
  /** Why the row is no record. */
  skip?: Words;
  /** The cells, for the file of rows that failed. */
  cells: readonly string[];
}

export type RowReader = (row: number, cells: readonly string[]) => RowDraft;

interface ReadColumn {
  column: number;
  target: ImportTarget;
  read: CellReader;
  /** Several columns may go to one note; then each brings its name along. */
  noteLabel: string | null;
}

const notes = new Set(['multiline']);
const lists = new Set(['tags', 'links']);

/** Makes the reader of a table's rows from the plan. Throws ProblemError MAPPING_NEEDED where the plan cannot work. */
export function rowReader(
  plan: Pick<ImportPlan, 'columns' | 'defaults'>,
  headers: readonly string[],
  own: readonly ImportTarget[],
): RowReader {
  const columns = readColumns(plan, headers, own);
  const defaults = defaultDrafts(plan.defaults, own);
  const mapped = new Set(columns.map(({ target }) => target.noun));
  const main = mainNoun(columns);
  // Rows that fail are kept to be mended; secrets are not written down there in the clear.
  const secret = new Set(columns.filter(({ target }) => isSecret(target.noun, target.path)).map(({ column }) => column));
  checkNeeds(main, mapped);
  const [firstName, lastName] = ['firstName', 'lastName'].map((path) =>
    columns.find(({ target }) => target.noun === 'contacts' && target.path === path),
  );
  const lastNameAlone = (cells: readonly string[]) =>
    lastName === undefined || (firstName !== undefined && cells[firstName.column]?.trim()) ? '' : (cells[lastName.column] ?? '');
  return (row, cells) => {
    const drafts: Partial<Record<ImportNoun, Draft>> = {};
    const kept = secret.size === 0 ? cells : cells.map((cell, column) => (secret.has(column) ? '' : cell));
    const draft: RowDraft = { row, title: '', main, drafts, problem: null, cells: kept };
    try {
      for (const { column, target, read, noteLabel } of columns) {
        for (const entry of read(cells[column] ?? '', lastNameAlone(cells))) {
          const draftOf = (drafts[target.noun] ??= { noun: target.noun, values: [], defaults: defaults[target.noun] ?? [] });
          addValue(
            draftOf,
            checked(target.noun, noteLabel === null ? entry : { ...entry, value: `${noteLabel}: ${entry.value as string}` }),
          );
        }
      }
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      draft.problem = error.reason;
    }
    settleBirthday(draft);
    if (main === 'contacts') settlePerson(draft);
    // What ties records together, or hangs on one, is there with the row, whether more is said of it or not.
    if (Object.keys(drafts).length > 0 && main !== 'locationItemPrices')
      drafts[draft.main] ??= { noun: draft.main, values: [], defaults: defaults[draft.main] ?? [] };
    draft.title = titleOf(draft, cells, columns);
    return draft;
  };
}

const nameFields = ['firstName', 'middleName', 'lastName'];
/** By one of these a contact can be told from others. */
const identity = new Set([...nameFields, 'email', 'secondaryEmail', 'phone', 'workPhone', 'mobilePhone']);
/** Where a client has what a row says of nobody in particular. */
const ofClient: Readonly<Record<string, string>> = {
  email: 'email',
  phone: 'phone',
  workPhone: 'phone',
  mobilePhone: 'phone',
  generalNote: 'notes',
  tags: 'tags',
};

/** A year, a month and a day are a date; where one of them is missing or none, what is said stays in the note. */
function settleBirthday({ drafts: { contacts } }: RowDraft): void {
  const said = contacts?.values.filter(({ key }) => birthKeys.some((part) => part === key)) ?? [];
  if (contacts === undefined || said.length === 0) return;
  contacts.values = contacts.values.filter((value) => !said.includes(value));
  const [year, month, day] = birthKeys.map((key) => String(said.find((value) => value.key === key)?.value ?? ''));
  const date = dateOf([year, month, day].join('-'), 'dmy');
  if (date !== null) return addValue(contacts, checked('contacts', draftEntry(['dateOfBirth'], date, 'Contact: Date of birth')));
  const text = said.map(({ label, value }) => `${label.replace(/^.*: /, '')} ${String(value)}`).join(', ');
  addValue(contacts, checked('contacts', draftEntry([noteFieldOf('contacts') as string], text, 'Note', 'append')));
}

/** A row that names a firm and nobody, or says that its name is a firm's, is about the client. */
function settlePerson(draft: RowDraft): void {
  const { contacts, clients } = draft.drafts;
  if (contacts === undefined) {
    if (clients !== undefined) draft.main = 'clients';
    return;
  }
  const isOrganisation = contacts.values.some(({ key }) => key === organisationKey);
  const values = contacts.values.filter(({ key }) => key !== organisationKey);
  contacts.values = values;
  if (!isOrganisation && (clients === undefined || values.some(({ key }) => identity.has(key)))) return;
  const client = clients ?? { noun: 'clients' as const, values: [], defaults: [] };
  const name = nameFields
    .map((field) => textAt(contacts, field))
    .filter((part) => part !== '')
    .join(' ');
  const rest = values.filter(({ key }) => !nameFields.includes(key));
  const isSayable = (key: string) => ofClient[key] !== undefined || /^(?:address|custom|externalIds)\./.test(key);
  if (rest.some(({ key }) => !isSayable(key))) return;
  try {
    if (isOrganisation && name !== '')
      client.values = [draftEntry(['name'], name, 'Client: Name'), ...client.values.filter(({ key }) => key !== 'name')];
    for (const value of rest) {
      const steps = ofClient[value.key] === undefined ? value.steps : [ofClient[value.key] as string];
      addValue(client, checked('clients', { ...value, steps, key: steps.join('.') }));
    }
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    draft.problem ??= error.reason;
  }
  draft.drafts = { ...draft.drafts, clients: client };
  delete draft.drafts.contacts;
  draft.main = 'clients';
}

function readColumns(plan: Pick<ImportPlan, 'columns'>, headers: readonly string[], own: readonly ImportTarget[]): ReadColumn[] {
  const byTarget = new Map<string, ReadColumn[]>();
  const columns: ReadColumn[] = [];
  for (const mapping of plan.columns) {
    if (mapping.target === null || mapping.column >= headers.length) continue;
    const target = importTarget(mapping.target, own);
    if (target === null) throw mappingNeeded(words('imports.noSuchTarget', { header: headers[mapping.column] as string }));
    const column = { column: mapping.column, target, read: cellReader(target, mapping), noteLabel: null };
    columns.push(column);
    byTarget.set(mapping.target, [...(byTarget.get(mapping.target) ?? []), column]);
  }
  if (columns.length === 0) throw mappingNeeded(words('imports.nothingMapped'));
  for (const [, same] of byTarget) {
    if (same.length === 1) continue;
    const [first, second] = same as [ReadColumn, ReadColumn];
    if (lists.has(first.target.kind)) continue;
    if (!notes.has(first.target.kind)) {
      const [one, other] = [headers[first.column] as string, headers[second.column] as string];
      throw mappingNeeded(words('imports.sameTarget', { first: one, second: other, label: targetLabel(first.target) }));
    }
    for (const column of same) column.noteLabel = headers[column.column] as string;
  }
  return columns;
}

function defaultDrafts(
  defaults: Readonly<Record<string, string>>,
  own: readonly ImportTarget[],
): Partial<Record<ImportNoun, DraftValue[]>> {
  const drafts: Partial<Record<ImportNoun, DraftValue[]>> = {};
  for (const [name, text] of Object.entries(defaults)) {
    const target = importTarget(name, own);
    if (target === null) throw mappingNeeded(words('imports.noSuchDefault'));
    try {
      const values = cellReader(target, { values: {}, dateOrder: null })(text).map((entry) => checked(target.noun, entry));
      drafts[target.noun] = [...(drafts[target.noun] ?? []), ...values];
    } catch (error) {
      if (error instanceof RowProblem) throw mappingNeeded(words('imports.defaultNotRight', { why: error.reason }));
      throw error;
    }
  }
  return drafts;
}

/** What else a file names can be beside what it lists; the first that occurs is what a row is about. */
const aboutFirst = [
  ...(['activities', 'tasks', 'cases', 'opportunities'] as const),
  ...(['locationItemPrices', 'locationContacts', 'itemPrices', 'directory'] as const),
];

/**
 * A row with something in it that hangs on others is about that. Else one with a person in it is about the person; a list of
 * named locations is about these; any other about clients.
 */
function mainNoun(columns: readonly ReadColumn[]): ImportNoun {
  const about = aboutFirst.find((noun) => columns.some(({ target }) => target.noun === noun));
  if (about !== undefined) return about;
  if (columns.some(({ target }) => target.noun === 'contacts')) return 'contacts';
  if (columns.some(({ target }) => target.target === 'location.name') || columns.every(({ target }) => target.noun === 'locations'))
    return 'locations';
  return 'clients';
}

/** What each needs to hang on: of every group one that has a column. */
const needs: Partial<Record<ImportNoun, readonly { oneOf: readonly ImportNoun[]; says: WordsId }[]>> = {
  locations: [{ oneOf: ['clients'], says: 'imports.locationNeedsClient' }],
  opportunities: [{ oneOf: ['clients'], says: 'imports.opportunityNeedsClient' }],
  cases: [{ oneOf: ['clients'], says: 'imports.caseNeedsClient' }],
  locationItemPrices: [
    { oneOf: ['locations'], says: 'imports.priceNeedsLocation' },
    { oneOf: ['itemPrices'], says: 'imports.priceNeedsItem' },
  ],
  locationContacts: [
    { oneOf: ['locations'], says: 'imports.roleNeedsLocation' },
    { oneOf: ['contacts'], says: 'imports.roleNeedsContact' },
  ],
  activities: [
    {
      oneOf: ['clients', 'contacts', 'locations'],
      says: 'imports.activityNeedsSomebody',
    },
  ],
};

/** Own prices and roles may be of locations that are there: the name alone can say which. */
const ofKnownLocations: ReadonlySet<ImportNoun> = new Set(['locationItemPrices', 'locationContacts']);

function checkNeeds(main: ImportNoun, mapped: ReadonlySet<ImportNoun>): void {
  const asked = [...(needs[main] ?? []), ...(mapped.has('locations') && !ofKnownLocations.has(main) ? (needs.locations ?? []) : [])];
  const missing = asked.find(({ oneOf }) => !oneOf.some((noun) => mapped.has(noun)));
  if (missing !== undefined) throw mappingNeeded({ words: missing.says });
}

/** What the file brings or names. */
export function nounsOf(plan: Pick<ImportPlan, 'columns' | 'defaults'>, own: readonly ImportTarget[]): Set<ImportNoun> {
  const nouns = new Set<ImportNoun>();
  for (const name of [...plan.columns.map(({ target }) => target), ...Object.keys(plan.defaults)]) {
    const target = name === null ? null : importTarget(name, own);
    if (target === null) continue;
    nouns.add(target.noun);
    if (target.kind === 'reference' || target.kind === 'references') nouns.add('directory');
  }
  return nouns;
}

function titleOf(draft: RowDraft, cells: readonly string[], columns: readonly ReadColumn[]): string {
  const { contacts, locations, clients } = draft.drafts;
  const about = draft.drafts[draft.main];
  const named =
    about === undefined
      ? ''
      : (['invoiceItem', 'title', 'fullName', 'body', 'name'].map((field) => textAt(about, field)).find((text) => text !== '') ?? '');
  if (aboutFirst.some((noun) => noun === draft.main) && named !== '') return named.slice(0, 200);
  const person =
    contacts === undefined
      ? ''
      : ['firstName', 'middleName', 'lastName']
          .map((field) => textAt(contacts, field))
          .join(' ')
          .replace(/\s+/g, ' ')
          .trim();
  const client = clients === undefined ? '' : textAt(clients, 'name') || textAt(clients, 'accountCode') || textAt(clients, 'email');
  const location = locations === undefined ? '' : textAt(locations, 'name');
  const title =
    person ||
    (contacts === undefined ? '' : textAt(contacts, 'email')) ||
    (draft.main === 'locations' ? [client, location].filter((part) => part !== '').join(', ') : client) ||
    location;
  if (title !== '') return title.slice(0, 200);
  const first =
    columns.map(({ column }) => cells[column]?.trim() ?? '').find((cell) => cell !== '') ?? cells.find((cell) => cell.trim() !== '');
  return (first ?? '').trim().slice(0, 200);
}

function textAt(draft: Draft, field: string): string {
  const entry = draft.values.find(({ key }) => key === field);
  return typeof entry?.value === 'string' ? entry.value : '';
}

export function mappingNeeded(why: Words): ProblemError {
  return new ProblemError({ code: 'MAPPING_NEEDED', ...words('imports.mappingNeeded', { why }) });
}
