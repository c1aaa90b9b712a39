import { defineNoun } from '../define-noun.ts';
import { type Opportunity, opportunityFieldInfo, opportunityFieldsSchema, opportunitySchema, stageProbabilities } from './opportunity.ts';

export const opportunityNoun = defineNoun({
  singular: 'opportunity',
  plural: 'opportunities',
  schema: opportunitySchema,
  fieldsSchema: opportunityFieldsSchema,
  fields: opportunityFieldInfo,
  needed: { clientId: '', name: '' },
  title: (record: Opportunity) => record.name,
  titlePath: 'name',
  isNewestFirst: false,
  parents: { clientId: 'clients' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'owners',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: true,
  board: {
    column: 'stage',
    closed: ['closed_won', 'closed_lost'],
    amount: { path: 'amount', currency: 'currency', likely: 'weightedAmount', chances: stageProbabilities },
    order: [{ path: 'expectedCloseDate', descending: false }],
    card: ['clientId', 'name', 'amount', 'expectedCloseDate', 'assignedToIds'],
  },
  imported: { prefix: 'opportunity', label: 'Opportunity', noteField: 'description' },
});
