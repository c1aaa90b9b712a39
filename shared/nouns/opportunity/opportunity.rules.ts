import { closedOnAfter, probabilityAfter, type Opportunity } from './opportunity.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const opportunityRules: RecordRules<Opportunity> = {
  derive(opportunity, differs, today, asked) {
    const closing = differs('stage') || differs('closedOn') ? { closedOn: closedOnAfter(opportunity, opportunity.stage, today) } : {};
    const isMoved = asked !== null && differs('stage') && !asked.names('probability');
    return isMoved ? { ...closing, probability: probabilityAfter(asked.before, opportunity) } : closing;
  },
  parentUnknown: [
    {
      code: 'CLIENT_NOT_FOUND',
      field: 'clientId',
      ...words('records.clientOfOpportunityUnknown'),
    },
  ],
};
