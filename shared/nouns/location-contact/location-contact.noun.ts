import { defineNoun } from '../define-noun.ts';
import {
  type LocationContact,
  locationContactFieldInfo,
  locationContactFieldsSchema,
  locationContactSchema,
  locationContactTitle,
} from './location-contact.ts';

export const locationContactNoun = defineNoun({
  singular: 'role at a location',
  plural: 'roles at locations',
  schema: locationContactSchema,
  fieldsSchema: locationContactFieldsSchema,
  fields: locationContactFieldInfo,
  needed: { locationId: '', contactId: '' },
  title: (record: LocationContact) => locationContactTitle(record),
  titlePath: 'contactId',
  isNewestFirst: false,
  parents: { locationId: 'locations', contactId: 'contacts' },
  isMadeTwice: false,
  at: 'tie',
  seenBy: 'parents',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: null,
  imported: { prefix: 'role', label: 'Role at a location', noteField: null },
});
