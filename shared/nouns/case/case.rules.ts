import { caseClosedOnAfter, type Case } from './case.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const caseRules: RecordRules<Case> = {
  derive(one, differs, today) {
    return differs('status') ? { closedOn: caseClosedOnAfter(one, one.status, today) } : {};
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('records.clientOfCaseUnknown'),
    },
  ],
};
