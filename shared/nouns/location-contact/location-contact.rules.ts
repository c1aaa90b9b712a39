import { type LocationContact, locationContactProblem } from './location-contact.ts';
import type { RecordRules } from '../record-rules.ts';

export const locationContactRules: RecordRules<LocationContact> = {
  check: (role, differs) => (differs('startDate') || differs('endDate') ? locationContactProblem(role) : null),
  parentUnknown: [
    {
      code: 'LOCATION_NOT_FOUND',
      field: 'locationId',
      message: 'This location is not in the book, or it is deleted. Choose another location.',
    },
    {
      code: 'CONTACT_NOT_FOUND',
      field: 'contactId',
      message: 'This contact is not in the book, or it is deleted. Choose another contact.',
    },
  ],
};
