import { z } from 'zod';
import { activityFactsOfMain, activityRecordFieldsSchema, activityRecordSchema } from '../nouns/activity/activity.ts';
import { changesOf } from '../nouns/changes.ts';
import { caseFieldsSchema, caseSchema } from '../nouns/case/case.ts';
import { clientFieldsSchema, clientSchema } from '../nouns/client/client.ts';
import { contactFieldsSchema, contactSchema } from '../nouns/contact/contact.ts';
import { directoryFieldsSchema, directorySchema } from '../nouns/directory/directory.ts';
import { itemPriceFieldsSchema, itemPriceSchema } from '../nouns/item-price/item-price.ts';
import { locationContactFieldsSchema, locationContactSchema } from '../nouns/location-contact/location-contact.ts';
import { locationItemPriceFieldsSchema, locationItemPriceSchema } from '../nouns/location-item-price/location-item-price.ts';
import { locationFieldsSchema, locationSchema } from '../nouns/location/location.ts';
import { ownFieldFieldsSchema, ownFieldSchema } from '../nouns/own-field/own-field.ts';
import { opportunityFieldsSchema, opportunitySchema } from '../nouns/opportunity/opportunity.ts';
import { taskFieldsSchema, taskSchema } from '../nouns/task/task.ts';
import { boardMethods } from './board.ts';
import { command, defineContract, query } from './contract.ts';
import { listRequestSchema, pageOf } from './list.ts';
import { nounNameSchema } from './noun-name.ts';

/** What the records are called that this one names, by id. One that is deleted is said to be. */
export const names = z.record(z.string(), z.string());

/**
 * What a record looks like on the way to a screen: the stored fields, the computed ones and the names of what it
 * refers to. Banking is masked; `clients.banking` shows it.
 */
export const clientViewSchema = clientSchema.extend({
  names,
  daysSinceLastContact: z.number().int().nullable(),
  isFollowUpOverdue: z.boolean(),
  contactCount: z.number().int(),
  locationCount: z.number().int(),
  opportunityCount: z.number().int(),
  caseCount: z.number().int(),
  taskCount: z.number().int(),
  invoiceCount: z.number().int(),
  primaryContactId: z.string().nullable(),
  primaryContactName: z.string().nullable(),
  /** Its own, or what its primary contact and its primary location have. */
  ways: z.object({ phone: z.string().nullable(), email: z.string().nullable(), address: z.string().nullable() }),
});
export type ClientView = z.output<typeof clientViewSchema>;

export const contactViewSchema = contactSchema.extend({
  names,
  name: z.string(),
  clientName: z.string().nullable(),
  workplaceCount: z.number().int(),
});
export type ContactView = z.output<typeof contactViewSchema>;

export const locationViewSchema = locationSchema.extend({
  names,
  clientName: z.string().nullable(),
  invoiceCount: z.number().int(),
  peopleCount: z.number().int(),
});
export type LocationView = z.output<typeof locationViewSchema>;

export const itemPriceViewSchema = itemPriceSchema.extend({ names });
export type ItemPriceView = z.output<typeof itemPriceViewSchema>;

export const locationContactViewSchema = locationContactSchema.extend({
  names,
  locationName: z.string().nullable(),
  contactName: z.string().nullable(),
  isCurrent: z.boolean(),
});
export type LocationContactView = z.output<typeof locationContactViewSchema>;

export const locationItemPriceViewSchema = locationItemPriceSchema.extend({
  names,
  locationName: z.string().nullable(),
  itemPriceName: z.string().nullable(),
  itemCode: z.string().nullable(),
  finalPrice: z.string(),
  finalTaxRate: z.string(),
});
export type LocationItemPriceView = z.output<typeof locationItemPriceViewSchema>;

export const opportunityViewSchema = opportunitySchema.extend({
  names,
  clientName: z.string().nullable(),
  isOpen: z.boolean(),
  weightedAmount: z.string().nullable(),
  isOverdue: z.boolean(),
  taskCount: z.number().int(),
});
export type OpportunityView = z.output<typeof opportunityViewSchema>;

export const caseViewSchema = caseSchema.extend({ names, clientName: z.string().nullable(), taskCount: z.number().int() });
export type CaseView = z.output<typeof caseViewSchema>;

export const taskViewSchema = taskSchema.extend({
  names,
  clientName: z.string().nullable(),
  opportunityName: z.string().nullable(),
  caseName: z.string().nullable(),
  isOverdue: z.boolean(),
});
export type TaskView = z.output<typeof taskViewSchema>;

export const activityViewSchema = activityRecordSchema.extend({
  names,
  title: z.string(),
  /** When it counts as having happened. */
  time: z.string(),
  /** What an e-mail says, as text; null for every other kind. */
  message: z.string().nullable(),
  /** What the record is called that it hangs on. */
  aboutName: z.string().nullable(),
  /** The client it belongs to, by way of that record. */
  clientId: z.string().nullable(),
  clientName: z.string().nullable(),
  locationName: z.string().nullable(),
});
export type ActivityView = z.output<typeof activityViewSchema>;

export const directoryViewSchema = directorySchema.extend({ names, displayName: z.string() });
export type DirectoryView = z.output<typeof directoryViewSchema>;

export const ownFieldViewSchema = ownFieldSchema.extend({ names });
export type OwnFieldView = z.output<typeof ownFieldViewSchema>;

/** Every command that changed the book says which operation did, so that a toast can offer Undo of just that; null when nothing differed. */
const operationRef = z.object({ operationId: z.string().nullable() });
export const changed = <T extends z.ZodType>(view: T) => z.object({ record: view, operationId: z.string().nullable() });

const idInput = z.object({ id: z.string().max(100) });
const idsInput = z.object({ ids: z.array(z.string().max(100)).min(1).max(10_000) });

/** The methods every noun has. */
export const recordMethods = <V extends z.ZodType, S extends z.core.$ZodLooseShape>(
  view: V,
  fields: z.ZodObject<S>,
  errors: readonly string[],
) => ({
  list: query({ input: listRequestSchema, output: pageOf(view) }),
  /** Ids of everything the list holds, in its order: for previous/next, select all and export. */
  ids: query({ input: listRequestSchema.omit({ offset: true, limit: true }), output: z.object({ ids: z.array(z.string()) }) }),
  get: query({ input: idInput, output: view }),
  create: command({ input: fields.strict(), output: changed(view), errors: [...errors, 'REFERENCE_NOT_FOUND'] }),
  /** Changes the named fields only, and of an address or banking data the named parts only. */
  change: command({
    input: z.object({ id: z.string().max(100), changes: changesOf(fields) }),
    output: changed(view),
    errors: [...errors, 'REFERENCE_NOT_FOUND'],
  }),
  /** The same change to each of the records, as one operation: where one of them may not have it, none gets it. */
  changeMany: command({
    input: idsInput.extend({ changes: changesOf(fields) }),
    output: operationRef.extend({ changed: z.number().int() }),
    errors: [...errors, 'REFERENCE_NOT_FOUND'],
  }),
  /** Soft delete, with what hangs on the records, as one operation. */
  remove: command({
    input: idsInput,
    output: operationRef.extend({
      removed: z.number().int(),
      withThem: z.number().int(),
      /** Live records that name one of them all the same: the name stays readable there. */
      stillNamed: z.number().int(),
    }),
  }),
  /** What `remove` would take along, and what would stay though it hangs on one of these, counted by noun. */
  goingAlong: query({
    input: idsInput,
    output: z.object({ goes: z.partialRecord(nounNameSchema, z.number().int()), stays: z.partialRecord(nounNameSchema, z.number().int()) }),
  }),
  /** Brings the records back, and of what hangs on them exactly what went with them. */
  restore: command({
    input: idsInput,
    output: operationRef.extend({ restored: z.number().int(), withThem: z.number().int() }),
    errors: ['EMAIL_TAKEN', 'OWN_FIELD_TAKEN', 'ITEM_CODE_TAKEN', 'PARENT_DELETED'],
  }),
});

export const clientContract = defineContract('clients', {
  ...recordMethods(clientViewSchema, clientFieldsSchema, ['EMAIL_TAKEN']),
  /** Banking data in full, for one client that a person asked to see. */
  banking: query({ input: idInput, output: z.object({ banking: clientSchema.shape.banking }) }),
});

export const contactContract = defineContract('contacts', {
  ...recordMethods(contactViewSchema, contactFieldsSchema, ['CLIENT_NOT_FOUND', 'CONTACT_EMPTY']),
});

export const locationContract = defineContract('locations', {
  ...recordMethods(locationViewSchema, locationFieldsSchema, ['CLIENT_NOT_FOUND', 'PRIMARY_NEEDED']),
});

export const itemPriceContract = defineContract('itemPrices', {
  ...recordMethods(itemPriceViewSchema, itemPriceFieldsSchema, ['ITEM_CODE_TAKEN']),
});

export const locationContactContract = defineContract('locationContacts', {
  ...recordMethods(locationContactViewSchema, locationContactFieldsSchema, ['END_BEFORE_START', 'LOCATION_NOT_FOUND', 'CONTACT_NOT_FOUND']),
});

/** Own prices as they are stored. What every location pays for every item is asked from `locationPrices`. */
export const locationItemPriceContract = defineContract('locationItemPrices', {
  ...recordMethods(locationItemPriceViewSchema, locationItemPriceFieldsSchema, [
    'LOCATION_NOT_FOUND',
    'ITEM_PRICE_NOT_FOUND',
    'PARENT_DELETED',
  ]),
});

/** Where nobody says the probability, the stage does (opportunity.rules.ts): none is filled in on the way. */
const opportunityInput = opportunityFieldsSchema.extend({
  probability: opportunityFieldsSchema.shape.probability.removeDefault().optional(),
});

export const opportunityContract = defineContract('opportunities', {
  ...recordMethods(opportunityViewSchema, opportunityInput, ['CLIENT_NOT_FOUND']),
  ...boardMethods,
});

export const caseContract = defineContract('cases', {
  ...recordMethods(caseViewSchema, caseFieldsSchema, ['CLIENT_NOT_FOUND']),
  ...boardMethods,
});

export const taskContract = defineContract('tasks', {
  ...recordMethods(taskViewSchema, taskFieldsSchema, ['CLIENT_NOT_FOUND']),
  ...boardMethods,
});

export const directoryContract = defineContract('directory', {
  ...recordMethods(directoryViewSchema, directoryFieldsSchema, []),
});

export const ownFieldContract = defineContract('ownFields', {
  ...recordMethods(ownFieldViewSchema, ownFieldFieldsSchema, ['OWN_FIELD_TAKEN']),
});

const activityInput = activityRecordFieldsSchema.omit(
  Object.fromEntries(activityFactsOfMain.map((field) => [field, true])) as Record<(typeof activityFactsOfMain)[number], true>,
);

export const activityContract = defineContract('activities', {
  ...recordMethods(activityViewSchema, activityInput, ['EMAIL_WITHOUT_RECIPIENT', 'EMAIL_WITHOUT_TIME']),
  /** What was logged on a record and on what belongs to it, newest first. */
  timeline: query({
    input: z.object({ collection: nounNameSchema, id: z.string().max(100), limit: z.number().int().min(1).max(1000).default(200) }),
    output: z.object({ rows: z.array(activityViewSchema), total: z.number().int() }),
  }),
});
