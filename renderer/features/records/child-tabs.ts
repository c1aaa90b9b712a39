import type { FieldInfo } from '../../../shared/entities/field.ts';
import type { NounName } from '../../../shared/entities/nouns.ts';
import type { ListSearch } from './list-search.ts';

/** A tab of an open record that lists what hangs on it. */
export interface ChildTab {
  noun: NounName & NonNullable<ListSearch['tab']>;
  label: string;
  /** The field of the child that names the open record. */
  field: string;
  /** Where the open record's view counts them. */
  count: string;
  /** The field that names what a row is about, where the child has no name of its own. */
  titleField?: Pick<FieldInfo, 'path' | 'of'>;
}

const ofClient = (noun: ChildTab['noun'], label: string, count: string): ChildTab => ({ noun, label, field: 'clientId', count });

/** In the order of the tabs. */
export const childTabs: Readonly<Partial<Record<NounName, readonly ChildTab[]>>> = {
  clients: [
    ofClient('contacts', 'Contacts', 'contactCount'),
    ofClient('locations', 'Locations', 'locationCount'),
    ofClient('opportunities', 'Opportunities', 'opportunityCount'),
    ofClient('cases', 'Cases', 'caseCount'),
    ofClient('tasks', 'Tasks', 'taskCount'),
    ofClient('invoices', 'Invoices', 'invoiceCount'),
  ],
  locations: [
    {
      noun: 'locationContacts',
      label: 'People',
      field: 'locationId',
      count: 'peopleCount',
      titleField: { path: 'contactId', of: 'contacts' },
    },
    { noun: 'invoices', label: 'Invoices', field: 'locationId', count: 'invoiceCount' },
  ],
  contacts: [
    {
      noun: 'locationContacts',
      label: 'Works at',
      field: 'contactId',
      count: 'workplaceCount',
      titleField: { path: 'locationId', of: 'locations' },
    },
  ],
};
