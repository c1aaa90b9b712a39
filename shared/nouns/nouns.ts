import type { Stamps } from '../sync/stamp.ts';
import { clientNoun } from './client/client.noun.ts';
import { contactNoun } from './contact/contact.noun.ts';
import { locationNoun } from './location/location.noun.ts';
import { itemPriceNoun } from './item-price/item-price.noun.ts';
import { opportunityNoun } from './opportunity/opportunity.noun.ts';
import { caseNoun } from './case/case.noun.ts';
import { taskNoun } from './task/task.noun.ts';
import { invoiceNoun } from './invoice/invoice.noun.ts';
import { directoryNoun } from './directory/directory.noun.ts';
import { ownFieldNoun } from './own-field/own-field.noun.ts';
import { locationContactNoun } from './location-contact/location-contact.noun.ts';
import { locationItemPriceNoun } from './location-item-price/location-item-price.noun.ts';
import { activityNoun } from './activity/activity.noun.ts';
import type { Client } from './client/client.ts';
import type { Contact } from './contact/contact.ts';
import type { Location } from './location/location.ts';
import type { ItemPrice } from './item-price/item-price.ts';
import type { Opportunity } from './opportunity/opportunity.ts';
import type { Case } from './case/case.ts';
import type { Task } from './task/task.ts';
import type { Invoice } from './invoice/invoice.ts';
import type { DirectoryEntry } from './directory/directory.ts';
import type { OwnField } from './own-field/own-field.ts';
import type { LocationContact } from './location-contact/location-contact.ts';
import type { LocationItemPrice } from './location-item-price/location-item-price.ts';
import type { ActivityRecord } from './activity/activity.ts';
import { type FieldInfo, idsIn, isReference, valueAt } from './field.ts';

/**
 * Every noun of the book: a line for each, what is said of it is in its own folder. What a record can hang on comes before it:
 * what goes along with a record is found, and an import is carried out, in this order.
 */
export const nouns = {
  clients: clientNoun,
  contacts: contactNoun,
  locations: locationNoun,
  itemPrices: itemPriceNoun,
  opportunities: opportunityNoun,
  cases: caseNoun,
  tasks: taskNoun,
  invoices: invoiceNoun,
  directory: directoryNoun,
  ownFields: ownFieldNoun,
  locationContacts: locationContactNoun,
  locationItemPrices: locationItemPriceNoun,
  activities: activityNoun,
} as const;

export type NounName = keyof typeof nouns;
export const nounNames = Object.keys(nouns) as NounName[];

/** Nouns with a place of their own on screen, in search and in the counts of the book. */
export const placeNouns: readonly NounName[] = nounNames.filter((noun) => nouns[noun].at === 'place');

/** The nouns of whose definition this is true. */
export type NounsThat<Part extends object> = { [N in NounName]: (typeof nouns)[N] extends Part ? N : never }[NounName];

/** One value for each noun. The only place that has to tell the compiler that no noun is left out. */
export function perNoun<T>(make: (noun: NounName) => T): Record<NounName, T> {
  return Object.fromEntries(nounNames.map((noun) => [noun, make(noun)])) as Record<NounName, T>;
}

export interface RecordOf {
  clients: Client;
  contacts: Contact;
  locations: Location;
  itemPrices: ItemPrice;
  opportunities: Opportunity;
  cases: Case;
  tasks: Task;
  invoices: Invoice;
  directory: DirectoryEntry;
  locationContacts: LocationContact;
  locationItemPrices: LocationItemPrice;
  ownFields: OwnField;
  activities: ActivityRecord;
}
export type AnyRecord = RecordOf[NounName];

/** What the database keeps: the record and the stamp of each field. */
export type Stored<T> = T & { stamps: Stamps };

export function fieldsOf(noun: NounName): readonly FieldInfo[] {
  return nouns[noun].fields;
}

const referenceFieldsOf = new Map<NounName, readonly (FieldInfo & { of: NounName })[]>();

/** The fields that name other records, one or several. */
export function referenceFields(noun: NounName): readonly (FieldInfo & { of: NounName })[] {
  let found = referenceFieldsOf.get(noun);
  if (found === undefined) {
    found = fieldsOf(noun).flatMap((field) => (isReference(field) && field.of !== undefined ? [{ ...field, of: field.of }] : []));
    referenceFieldsOf.set(noun, found);
  }
  return found;
}

export function titleOf(noun: NounName, record: AnyRecord): string {
  return (nouns[noun].title as (record: AnyRecord) => string)(record);
}

interface NamedBy {
  namedBy: string;
  of: object;
}

/** What the record hangs on: the field that names it, its noun (null where the book has no such noun) and its id. */
export function parentsOf(noun: NounName, record: object): { field: string; of: NounName | null; id: string }[] {
  const found: { field: string; of: NounName | null; id: string }[] = [];
  for (const [field, of] of Object.entries(nouns[noun].parents) as [string, NounName | NamedBy][]) {
    const id = (record as Record<string, unknown>)[field];
    if (typeof id !== 'string') continue;
    const parent = typeof of === 'string' ? of : (record as Record<string, unknown>)[of.namedBy];
    found.push({ field, of: typeof parent === 'string' && Object.hasOwn(nouns, parent) ? (parent as NounName) : null, id });
  }
  return found;
}

/** What else the record names: records it does not hang on. */
export function plainReferences(noun: NounName, record: object): { field: string; of: NounName; id: string }[] {
  return referenceFields(noun)
    .filter(({ path }) => !Object.hasOwn(nouns[noun].parents, path))
    .flatMap(({ path, of }) => idsIn(valueAt(record, path)).map((id) => ({ field: path, of, id })));
}

/** The nouns whose records name some of this one without hanging on them. */
export function nounsNaming(noun: NounName): NounName[] {
  return nounNames.filter((other) =>
    referenceFields(other).some(({ of, path }) => of === noun && !Object.hasOwn(nouns[other].parents, path)),
  );
}

/** The nouns that records of this one may hang on. */
export function parentNounsOf(noun: NounName): NounName[] {
  return (Object.values(nouns[noun].parents) as (NounName | NamedBy)[])
    .flatMap((of) => (typeof of === 'string' ? of : (Object.keys(of.of) as NounName[])))
    .filter((of) => Object.hasOwn(nouns, of));
}

/** A record of the noun with every field at its default. Operations leave out what equals it. */
export function blankRecord(noun: NounName): Record<string, unknown> {
  return { ...structuredCloneOf(blanks[noun]), mergedInto: null, notDuplicateOf: [] };
}

const blanks = perNoun((noun) => {
  const needed: Readonly<Record<string, string>> = nouns[noun].needed;
  // The schema refuses an empty text where one is needed.
  const said = Object.fromEntries(Object.entries(needed).map(([field, value]) => [field, value === '' ? '-' : value]));
  return { ...nouns[noun].fieldsSchema.parse(said), ...needed, deletedAt: null };
});

function structuredCloneOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
