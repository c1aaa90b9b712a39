import { type Condition, type FieldInfo, isAs, isReference, valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import { type AnyView, viewTitle } from '../../api/records.ts';
import type { ListSearch } from './list-search.ts';
import type { FormParent } from './new-record-state.ts';

/** A tab of an open record that lists what hangs on it, or what names it. */
export interface ChildTab {
  noun: NounName & NonNullable<ListSearch['tab']>;
  label: string;
  /** The field of the child that names the open record. */
  field: string;
  /** Where the open record's view counts them; what only names it is not counted. */
  count?: string;
  /** The field that names what a row is about, where the child has no name of its own. */
  titleField?: Pick<FieldInfo, 'path' | 'of'>;
  /** Only records that are so have the tab. */
  when?: Condition;
}

const ofClient = (noun: ChildTab['noun'], label: string, count: string): ChildTab => ({ noun, label, field: 'clientId', count });

/** What is on somebody's desk. */
const assigned = (field: string, when: Condition): ChildTab[] => [
  { noun: 'tasks', label: 'Tasks', field, when },
  { noun: 'cases', label: 'Cases', field, when },
  { noun: 'opportunities', label: 'Opportunities', field, when },
  { noun: 'clients', label: 'Clients', field, when },
];

/** In the order of the tabs. */
const tabs: Readonly<Partial<Record<NounName, readonly ChildTab[]>>> = {
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
    { noun: 'opportunities', label: 'Opportunities', field: 'contactIds' },
    { noun: 'cases', label: 'Cases', field: 'contactIds' },
  ],
  opportunities: [{ noun: 'tasks', label: 'Tasks', field: 'opportunityId', count: 'taskCount' }],
  cases: [{ noun: 'tasks', label: 'Tasks', field: 'caseId', count: 'taskCount' }],
  directory: [...assigned('assignedToIds', { kind: 'user' }), ...assigned('teamIds', { kind: 'team' })],
};

export function childTabs(noun: NounName, record: AnyView): readonly ChildTab[] {
  return (tabs[noun] ?? []).filter(({ when }) => isAs(record, when));
}

/** What a record that is added on the tab starts with: the open record, and the client that both belong to. */
export function formParent({ noun, field }: ChildTab, parentNoun: NounName, parent: AnyView): FormParent {
  const fields = fieldsOf(noun);
  const isList = fields.some(({ path, kind }) => path === field && kind === 'references');
  const clientId = valueAt(parent, 'clientId');
  const hasClient =
    field !== 'clientId' && typeof clientId === 'string' && fields.some((one) => one.path === 'clientId' && isReference(one));
  return {
    field,
    id: parent.id,
    name: viewTitle(parentNoun, parent),
    values: { [field]: isList ? [parent.id] : parent.id, ...(hasClient ? { clientId } : {}) },
  };
}
