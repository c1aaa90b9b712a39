import { type Contact, hasContactIdentity } from './contact.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

const identity = ['firstName', 'middleName', 'lastName', 'email', 'phone', 'workPhone', 'mobilePhone'] as const;

export const contactRules: RecordRules<Contact> = {
  primary: {
    parent: 'clientId',
    kind: 'atMostOne',
    problem: {
      code: 'PRIMARY_NEEDED',
      field: 'isPrimary',
      ...words('records.primaryContactNeeded'),
    },
  },
  check(contact, differs, today) {
    if (identity.some(differs) && !hasContactIdentity(contact)) {
      return {
        code: 'CONTACT_EMPTY',
        field: 'firstName',
        ...words('records.contactEmpty'),
      };
    }
    if (differs('dateOfBirth') && contact.dateOfBirth !== null && contact.dateOfBirth > today) {
      return { code: 'INVALID_INPUT', field: 'dateOfBirth', ...words('records.birthAhead') };
    }
    return null;
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('records.clientOfContactUnknown'),
    },
  ],
};
