import { closedOnAfter, type Opportunity } from './opportunity.ts';
import type { RecordRules } from '../record-rules.ts';

export const opportunityRules: RecordRules<Opportunity> = {
  derive(opportunity, differs, today) {
    return differs('stage') || differs('closedOn') ? { closedOn: closedOnAfter(opportunity, opportunity.stage, today) } : {};
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      message: 'The client of this opportunity is not in the book. Choose another client.',
    },
  ],
};
