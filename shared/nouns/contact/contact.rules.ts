import { type Contact, hasContactIdentity } from './contact.ts';
import type { RecordRules } from '../record-rules.ts';

const identity = ['firstName', 'middleName', 'lastName', 'email', 'phone', 'workPhone', 'mobilePhone'] as const;

export const contactRules: RecordRules<Contact> = {
  primary: {
    parent: 'clientId',
    kind: 'atMostOne',
    problem: {
      code: 'PRIMARY_NEEDED',
      field: 'isPrimary',
      message: 'This client needs a primary contact. Make another contact the primary one instead.',
    },
  },
  check(contact, differs, today) {
    if (identity.some(differs) && !hasContactIdentity(contact)) {
      return {
        code: 'CONTACT_EMPTY',
        field: 'firstName',
        message: 'Nobody could find this contact again. Give a name, an e-mail or a phone.',
      };
    }
    if (differs('dateOfBirth') && contact.dateOfBirth !== null && contact.dateOfBirth > today) {
      return { code: 'INVALID_INPUT', field: 'dateOfBirth', message: 'Date of birth: this day lies in the future. Check the year.' };
    }
    return null;
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      message: 'The client of this contact is not in the book. Choose another client, or none.',
    },
  ],
};
