import type { Stamps } from '../sync/stamp.ts';
import {
  type ActivityRecord,
  activityFieldInfo,
  activityRecordFieldsSchema,
  activityAbout,
  activityRecordSchema,
  activityTitle,
} from './activity/activity.ts';
import { type Case, caseFieldInfo, caseFieldsSchema, caseSchema } from './case/case.ts';
import { type Client, clientFieldInfo, clientFieldsSchema, clientSchema } from './client/client.ts';
import { type Contact, contactFieldInfo, contactFieldsSchema, contactName, contactSchema } from './contact/contact.ts';
import { type DirectoryEntry, directoryFieldInfo, directoryFieldsSchema, directoryName, directorySchema } from './directory/directory.ts';
import { type FieldInfo, idsIn, isReference, valueAt } from './field.ts';
import { type Invoice, invoiceFieldInfo, invoiceFieldsSchema, invoiceSchema } from './invoice/invoice.ts';
import { type ItemPrice, itemPriceFieldInfo, itemPriceFieldsSchema, itemPriceSchema } from './item-price/item-price.ts';
import { type Location, locationFieldInfo, locationFieldsSchema, locationSchema } from './location/location.ts';
import {
  type LocationContact,
  locationContactFieldInfo,
  locationContactFieldsSchema,
  locationContactSchema,
  locationContactTitle,
} from './location-contact/location-contact.ts';
import {
  type LocationItemPrice,
  locationItemPriceFieldInfo,
  locationItemPriceFieldsSchema,
  locationItemPriceSchema,
  locationItemPriceTitle,
} from './location-item-price/location-item-price.ts';
import { type OwnField, ownFieldFieldInfo, ownFieldFieldsSchema, ownFieldSchema } from './own-field/own-field.ts';
import { type Opportunity, opportunityFieldInfo, opportunityFieldsSchema, opportunitySchema } from './opportunity/opportunity.ts';
import { type Task, taskFieldInfo, taskFieldsSchema, taskSchema } from './task/task.ts';

/**
 * Every noun of the book that people open, list and edit: one entry each. A new noun starts here; its collection,
 * contract, list, form, search, import and export read this table.
 */
export const nouns = {
  clients: {
    singular: 'client',
    plural: 'clients',
    schema: clientSchema,
    fieldsSchema: clientFieldsSchema,
    fields: clientFieldInfo,
    /** What the record is called in lists, search and messages. */
    title: (record: Client) => record.name,
    /** The field that a list is in the order of when nobody chose another. */
    titlePath: 'name',
    /** Fields that name the record it hangs on; deleting that one deletes this one in the same operation. */
    parents: {},
  },
  contacts: {
    singular: 'contact',
    plural: 'contacts',
    schema: contactSchema,
    fieldsSchema: contactFieldsSchema,
    fields: contactFieldInfo,
    title: (record: Contact) => contactName(record),
    titlePath: 'name',
    parents: { clientId: 'clients' },
  },
  locations: {
    singular: 'location',
    plural: 'locations',
    schema: locationSchema,
    fieldsSchema: locationFieldsSchema,
    fields: locationFieldInfo,
    title: (record: Location) => record.name,
    titlePath: 'name',
    parents: { clientId: 'clients' },
  },
  itemPrices: {
    singular: 'item price',
    plural: 'item prices',
    schema: itemPriceSchema,
    fieldsSchema: itemPriceFieldsSchema,
    fields: itemPriceFieldInfo,
    title: (record: ItemPrice) => record.invoiceItem,
    titlePath: 'invoiceItem',
    parents: {},
  },
  opportunities: {
    singular: 'opportunity',
    plural: 'opportunities',
    schema: opportunitySchema,
    fieldsSchema: opportunityFieldsSchema,
    fields: opportunityFieldInfo,
    title: (record: Opportunity) => record.name,
    titlePath: 'name',
    parents: { clientId: 'clients' },
  },
  cases: {
    singular: 'case',
    plural: 'cases',
    schema: caseSchema,
    fieldsSchema: caseFieldsSchema,
    fields: caseFieldInfo,
    title: (record: Case) => record.name,
    titlePath: 'name',
    parents: { clientId: 'clients' },
  },
  tasks: {
    singular: 'task',
    plural: 'tasks',
    schema: taskSchema,
    fieldsSchema: taskFieldsSchema,
    fields: taskFieldInfo,
    title: (record: Task) => record.title,
    titlePath: 'title',
    parents: { clientId: 'clients', opportunityId: 'opportunities', caseId: 'cases' },
  },
  invoices: {
    singular: 'invoice',
    plural: 'invoices',
    schema: invoiceSchema,
    fieldsSchema: invoiceFieldsSchema,
    fields: invoiceFieldInfo,
    title: (record: Invoice) => record.number ?? 'Draft invoice',
    titlePath: 'number',
    parents: { clientId: 'clients', locationId: 'locations' },
  },
  directory: {
    singular: 'person or team',
    plural: 'people and teams',
    schema: directorySchema,
    fieldsSchema: directoryFieldsSchema,
    fields: directoryFieldInfo,
    title: (record: DirectoryEntry) => directoryName(record),
    titlePath: 'displayName',
    parents: {},
  },
  /** What fields of their own people gave to the other nouns. A setting of the book: found in Settings, not by search. */
  ownFields: {
    singular: 'own field',
    plural: 'own fields',
    schema: ownFieldSchema,
    fieldsSchema: ownFieldFieldsSchema,
    fields: ownFieldFieldInfo,
    title: (record: OwnField) => record.label,
    titlePath: 'label',
    parents: {},
  },
  locationContacts: {
    singular: 'role at a location',
    plural: 'roles at locations',
    schema: locationContactSchema,
    fieldsSchema: locationContactFieldsSchema,
    fields: locationContactFieldInfo,
    title: (record: LocationContact) => locationContactTitle(record),
    titlePath: 'contactId',
    parents: { locationId: 'locations', contactId: 'contacts' },
  },
  /** Only what a location says of its own; every other price of a location follows from the item (docs/decisions/0005). */
  locationItemPrices: {
    singular: 'own price',
    plural: 'own prices',
    schema: locationItemPriceSchema,
    fieldsSchema: locationItemPriceFieldsSchema,
    fields: locationItemPriceFieldInfo,
    title: (record: LocationItemPrice) => locationItemPriceTitle(record),
    titlePath: 'locationId',
    parents: { locationId: 'locations', itemPriceId: 'itemPrices' },
    /** The id follows from the fields (shared/nouns): two laptops can make the same record, each saying another part of it. */
    isMadeTwice: true,
  },
  /** Last: they hang on records of every other noun, and what goes along with a record is found in this order. */
  activities: {
    singular: 'activity',
    plural: 'activities',
    schema: activityRecordSchema,
    fieldsSchema: activityRecordFieldsSchema,
    fields: activityFieldInfo,
    title: (record: ActivityRecord) => activityTitle(record),
    titlePath: 'time',
    isNewestFirst: true,
    /** The noun it hangs on is not always the same: a field of the record says which. Read through `parentsOf`. */
    parents: { aboutId: { namedBy: 'about', of: activityAbout } },
  },
} as const;

export type NounName = keyof typeof nouns;
export const nounNames = Object.keys(nouns) as NounName[];

/** Nouns that only tie two records together: they are found through those, not by search and not from the navigation. */
export const linkNouns: ReadonlySet<NounName> = new Set<NounName>(['locationContacts', 'locationItemPrices']);

/** Nouns with a place of their own on screen, in search and in the counts of the book. */
export const placeNouns: readonly NounName[] = nounNames.filter((noun) => noun !== 'ownFields' && !linkNouns.has(noun));

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

const blanks: Record<NounName, Record<string, unknown>> = {
  clients: { ...clientFieldsSchema.parse({ name: '-' }), name: '', deletedAt: null },
  contacts: { ...contactFieldsSchema.parse({}), deletedAt: null },
  locations: { ...locationFieldsSchema.parse({ clientId: '-', name: '-' }), clientId: '', name: '', deletedAt: null },
  itemPrices: { ...itemPriceFieldsSchema.parse({ invoiceItem: '-', itemCode: '-' }), invoiceItem: '', itemCode: '', deletedAt: null },
  opportunities: { ...opportunityFieldsSchema.parse({ clientId: '-', name: '-' }), clientId: '', name: '', deletedAt: null },
  cases: { ...caseFieldsSchema.parse({ clientId: '-', name: '-' }), clientId: '', name: '', deletedAt: null },
  tasks: { ...taskFieldsSchema.parse({ title: '-' }), title: '', deletedAt: null },
  invoices: { ...invoiceFieldsSchema.parse({ clientId: '-' }), clientId: '', deletedAt: null },
  directory: { ...directoryFieldsSchema.parse({}), deletedAt: null },
  locationContacts: {
    ...locationContactFieldsSchema.parse({ locationId: '-', contactId: '-' }),
    locationId: '',
    contactId: '',
    deletedAt: null,
  },
  locationItemPrices: {
    ...locationItemPriceFieldsSchema.parse({ locationId: '-', itemPriceId: '-' }),
    locationId: '',
    itemPriceId: '',
    deletedAt: null,
  },
  ownFields: { ...ownFieldFieldsSchema.parse({ noun: 'clients', label: '-' }), label: '', deletedAt: null },
  activities: { ...activityRecordFieldsSchema.parse({ kind: 'comment', about: 'clients', aboutId: '-' }), aboutId: '', deletedAt: null },
};

function structuredCloneOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
