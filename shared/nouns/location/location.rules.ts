import type { Location } from './location.ts';
import type { RecordRules } from '../record-rules.ts';

export const locationRules: RecordRules<Location> = {
  primary: {
    parent: 'clientId',
    kind: 'exactlyOne',
    // Clearing the flag is refused and not moved: the person should say which location takes its place.
    problem: {
      code: 'PRIMARY_NEEDED',
      field: 'isPrimary',
      message: 'A client with locations needs one primary location, so this one stays it. Make another location the primary one instead.',
    },
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      message: 'The client of this location is not in the book. Choose another client.',
    },
  ],
};
