import { type LocationContact, locationContactProblem } from './location-contact.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const locationContactRules: RecordRules<LocationContact> = {
  check: (role, differs) => (differs('startDate') || differs('endDate') ? locationContactProblem(role) : null),
  parentUnknown: [
    {
      code: 'LOCATION_NOT_FOUND',
      field: 'locationId',
      ...words('records.locationUnknown'),
    },
    {
      code: 'CONTACT_NOT_FOUND',
      field: 'contactId',
      ...words('records.contactUnknown'),
    },
  ],
};
