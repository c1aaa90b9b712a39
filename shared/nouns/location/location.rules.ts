import type { Location } from './location.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const locationRules: RecordRules<Location> = {
  primary: {
    parent: 'clientId',
    kind: 'exactlyOne',
    // Clearing the flag is refused and not moved: the person should say which location takes its place.
    problem: {
      code: 'PRIMARY_NEEDED',
      field: 'isPrimary',
      ...words('records.primaryLocationNeeded'),
    },
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('records.clientOfLocationUnknown'),
    },
  ],
};
