import type { z } from 'zod';
import type { Activity } from '../nouns/activity/activity.ts';
import { activityKindSchemas } from '../nouns/activity/activity.ts';
import type { Case } from '../nouns/case/case.ts';
import { caseFieldsSchema } from '../nouns/case/case.ts';
import type { Client } from '../nouns/client/client.ts';
import { clientFieldsSchema } from '../nouns/client/client.ts';
import type { Contact } from '../nouns/contact/contact.ts';
import { contactFieldsSchema } from '../nouns/contact/contact.ts';
import type { DirectoryEntry } from '../nouns/directory/directory.ts';
import { directoryKindSchemas } from '../nouns/directory/directory.ts';
import type { Invoice } from '../nouns/invoice/invoice.ts';
import { invoiceFieldsSchema } from '../nouns/invoice/invoice.ts';
import type { ItemPrice } from '../nouns/item-price/item-price.ts';
import { itemPriceFieldsSchema } from '../nouns/item-price/item-price.ts';
import type { Location } from '../nouns/location/location.ts';
import { locationFieldsSchema } from '../nouns/location/location.ts';
import type { LocationContact } from '../nouns/location-contact/location-contact.ts';
import { locationContactFieldsSchema } from '../nouns/location-contact/location-contact.ts';
import type { LocationItemPrice } from '../nouns/location-item-price/location-item-price.ts';
import { locationItemPriceFieldsSchema } from '../nouns/location-item-price/location-item-price.ts';
import type { Opportunity } from '../nouns/opportunity/opportunity.ts';
import { opportunityFieldsSchema } from '../nouns/opportunity/opportunity.ts';
import type { Task } from '../nouns/task/task.ts';
import { taskFieldsSchema } from '../nouns/task/task.ts';

/** The records a dialect speaks of, by collection (domain model, "Collections"). */
export interface BookRecords {
  clients: Client;
  contacts: Contact;
  locations: Location;
  locationContacts: LocationContact;
  itemPrices: ItemPrice;
  locationItemPrices: LocationItemPrice;
  activities: Activity;
  opportunities: Opportunity;
  cases: Case;
  tasks: Task;
  invoices: Invoice;
  directory: DirectoryEntry;
}
export type Collection = keyof BookRecords;
export type BookRecord = BookRecords[Collection];

/** How a codec looks at the book around the record it is given. The app and the server each bring their own. */
export interface BookView {
  /** The record, also a deleted one; null when the book never had it. */
  get<C extends Collection>(of: C, id: string): BookRecords[C] | null;
  /** Live records whose field names this record, oldest first: ("contacts", "clientId", id). */
  having<C extends Collection>(of: C, field: string, id: string): readonly BookRecords[C][];
}

/** What a person can set on a record of the kind a shape speaks of. */
export const bookFields = {
  clients: clientFieldsSchema,
  contacts: contactFieldsSchema,
  locations: locationFieldsSchema,
  locationContacts: locationContactFieldsSchema,
  itemPrices: itemPriceFieldsSchema,
  locationItemPrices: locationItemPriceFieldsSchema,
  comments: activityKindSchemas.comment,
  emails: activityKindSchemas.email,
  attachments: activityKindSchemas.attachment,
  opportunities: opportunityFieldsSchema,
  cases: caseFieldsSchema,
  tasks: taskFieldsSchema,
  invoices: invoiceFieldsSchema,
  users: directoryKindSchemas.user,
  teams: directoryKindSchemas.team,
} as const satisfies Record<string, z.ZodObject>;
export type BookKind = keyof typeof bookFields;

/** The collection a kind of record is kept in. */
export const collectionOf: { readonly [K in BookKind]: Collection } = {
  clients: 'clients',
  contacts: 'contacts',
  locations: 'locations',
  locationContacts: 'locationContacts',
  itemPrices: 'itemPrices',
  locationItemPrices: 'locationItemPrices',
  comments: 'activities',
  emails: 'activities',
  attachments: 'activities',
  opportunities: 'opportunities',
  cases: 'cases',
  tasks: 'tasks',
  invoices: 'invoices',
  users: 'directory',
  teams: 'directory',
};
