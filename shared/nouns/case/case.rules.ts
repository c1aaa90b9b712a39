import { caseClosedOnAfter, type Case } from './case.ts';
import type { RecordRules } from '../record-rules.ts';

export const caseRules: RecordRules<Case> = {
  derive(one, differs, today) {
    return differs('status') ? { closedOn: caseClosedOnAfter(one, one.status, today) } : {};
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      message: 'The client of this case is not in the book. Choose another client.',
    },
  ],
};
