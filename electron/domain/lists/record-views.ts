import { messageOf } from '../../../shared/nouns/activity/email-text.ts';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import type {
  ActivityView,
  CaseView,
  ClientView,
  ContactView,
  DirectoryView,
  ItemPriceView,
  LocationContactView,
  LocationItemPriceView,
  OwnFieldView,
  LocationView,
  OpportunityView,
  TaskView,
} from '../../../shared/contracts/record.contract.ts';
import { activityTime, activityTitle } from '../../../shared/nouns/activity/activity.ts';
import { computeClient } from '../../../shared/nouns/client/client.ts';
import { clientWays } from '../../../shared/nouns/client/client-ways.ts';
import { computeInvoice } from '../../../shared/nouns/invoice/invoice.ts';
import { contactName } from '../../../shared/nouns/contact/contact.ts';
import { directoryName } from '../../../shared/nouns/directory/directory.ts';
import { idsIn, valueAt } from '../../../shared/nouns/field.ts';
import {
  type AnyRecord,
  type NounName,
  parentsOf,
  referenceFields,
  type RecordOf,
  type Stored,
  titleOf,
} from '../../../shared/nouns/nouns.ts';
import { computeLocationContact } from '../../../shared/nouns/location-contact/location-contact.ts';
import { computeLocationItemPrice } from '../../../shared/nouns/location-item-price/location-item-price.ts';
import { computeOpportunity } from '../../../shared/nouns/opportunity/opportunity.ts';
import { computeTask } from '../../../shared/nouns/task/task.ts';
import { withMaskedSecrets } from '../../../shared/nouns/secret.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { BookReader } from '../book.ts';
import { clientIdOf } from '../../../shared/nouns/client-of.ts';

/** What a screen gets to see of a record: stored fields with secrets masked, computed ones, and names of what it refers to. */
export interface ViewOf {
  clients: ClientView;
  contacts: ContactView;
  locations: LocationView;
  itemPrices: ItemPriceView;
  opportunities: OpportunityView;
  cases: CaseView;
  tasks: TaskView;
  invoices: InvoiceView;
  directory: DirectoryView;
  ownFields: OwnFieldView;
  activities: ActivityView;
  locationContacts: LocationContactView;
  locationItemPrices: LocationItemPriceView;
}

/** A record that is deleted is still named, so that what refers to it stays readable. */
export function nameOf(noun: NounName, record: AnyRecord): string {
  const title = titleOf(noun, record);
  if (record.deletedAt === null) return title;
  const what = noun !== 'directory' ? '' : 'memberIds' in record && record.kind === 'team' ? ' team' : ' person';
  return `${title} (deleted${what})`;
}

export type Viewers = { [N in NounName]: (record: Stored<RecordOf[N]>) => ViewOf[N] };

export function createViewers(book: Pick<BookReader, 'get' | 'children'>, clock: Clock): Viewers {
  const isLive = (record: { deletedAt: string | null }) => record.deletedAt === null;
  const count = (noun: NounName, parentId: string) => book.children(noun, parentId).filter(isLive).length;
  const nameIn = (noun: 'opportunities' | 'cases' | 'locations', id: string | null) =>
    id === null ? null : (book.get(noun, id)?.name ?? null);
  const clientName = (id: string | null) => (id === null ? null : (book.get('clients', id)?.name ?? null));
  const names = (noun: NounName, record: AnyRecord): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const { path, of } of referenceFields(noun)) {
      for (const id of idsIn(valueAt(record, path))) {
        const named = book.get(of, id);
        if (named !== undefined) found[id] = nameOf(of, named);
      }
    }
    return found;
  };
  return {
    clients({ stamps: _, ...client }) {
      const contacts = book.children('contacts', client.id).filter(isLive);
      const locations = book.children('locations', client.id).filter(isLive);
      const primary = contacts.find((contact) => contact.isPrimary && contact.isActive);
      const primaryLocation = locations.find((location) => location.isPrimary && location.isActive);
      return {
        ...withMaskedSecrets('clients', client),
        ...computeClient(client, clock.today()),
        names: names('clients', client),
        contactCount: contacts.length,
        locationCount: locations.length,
        opportunityCount: count('opportunities', client.id),
        caseCount: count('cases', client.id),
        taskCount: count('tasks', client.id),
        invoiceCount: count('invoices', client.id),
        primaryContactId: primary?.id ?? null,
        primaryContactName: primary === undefined ? null : contactName(primary),
        ways: clientWays(client, primary, primaryLocation),
      };
    },
    contacts: ({ stamps: _, ...contact }) => ({
      ...contact,
      names: names('contacts', contact),
      name: contactName(contact),
      clientName: clientName(contact.clientId),
      workplaceCount: count('locationContacts', contact.id),
    }),
    locations: ({ stamps: _, ...location }) => ({
      ...location,
      names: names('locations', location),
      clientName: clientName(location.clientId),
      invoiceCount: count('invoices', location.id),
      peopleCount: count('locationContacts', location.id),
    }),
    itemPrices: ({ stamps: _, ...item }) => ({ ...item, names: {} }),
    locationContacts({ stamps: _, ...role }) {
      const contact = book.get('contacts', role.contactId);
      return {
        ...role,
        names: names('locationContacts', role),
        ...computeLocationContact(role, clock.today()),
        locationName: book.get('locations', role.locationId)?.name ?? null,
        contactName: contact === undefined ? null : contactName(contact),
      };
    },
    locationItemPrices({ stamps: _, ...price }) {
      const item = book.get('itemPrices', price.itemPriceId);
      return {
        ...price,
        names: names('locationItemPrices', price),
        ...computeLocationItemPrice(price, item ?? { defaultPrice: '0.00', defaultTaxRate: '0' }),
        locationName: book.get('locations', price.locationId)?.name ?? null,
        itemPriceName: item?.invoiceItem ?? null,
        itemCode: item?.itemCode ?? null,
      };
    },
    opportunities: ({ stamps: _, ...opportunity }) => ({
      ...opportunity,
      names: names('opportunities', opportunity),
      ...computeOpportunity(opportunity, clock.today()),
      clientName: clientName(opportunity.clientId),
      taskCount: count('tasks', opportunity.id),
    }),
    cases: ({ stamps: _, ...record }) => ({
      ...record,
      names: names('cases', record),
      clientName: clientName(record.clientId),
      taskCount: count('tasks', record.id),
    }),
    tasks: ({ stamps: _, ...task }) => ({
      ...task,
      names: names('tasks', task),
      ...computeTask(task, clock.today()),
      clientName: clientName(task.clientId),
      opportunityName: nameIn('opportunities', task.opportunityId),
      caseName: nameIn('cases', task.caseId),
    }),
    directory: ({ stamps: _, ...entry }) => ({ ...entry, names: names('directory', entry), displayName: directoryName(entry) }),
    ownFields: ({ stamps: _, ...field }) => ({ ...field, names: {} }),
    invoices({ stamps: _, ...invoice }) {
      const { lines: lineTotals, ...computed } = computeInvoice(invoice, clock.today());
      return {
        ...invoice,
        names: names('invoices', invoice),
        ...computed,
        lineTotals,
        clientName: clientName(invoice.clientId),
        locationName: nameIn('locations', invoice.locationId),
      };
    },
    activities({ stamps: _, ...activity }) {
      const [parent] = parentsOf('activities', activity);
      const on = parent === undefined || parent.of === null ? undefined : book.get(parent.of, parent.id);
      const clientId = parent === undefined || parent.of === null ? null : clientIdOf(book, parent.of, parent.id);
      return {
        ...activity,
        names: names('activities', activity),
        title: activityTitle(activity),
        time: activityTime(activity),
        message: messageOf(activity),
        aboutName: on === undefined || parent === undefined || parent.of === null ? null : titleOf(parent.of, on),
        clientId,
        clientName: clientName(clientId),
        locationName: activity.locationId === null ? null : (book.get('locations', activity.locationId)?.name ?? null),
      };
    },
  };
}
