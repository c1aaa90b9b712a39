import { z } from 'zod';
import { multiplyMoney, roundMoney } from '../../lib/money.ts';
import type { FieldInfo } from '../field.ts';
import {
  commonFields,
  currencySchema,
  customValues,
  externalIds,
  idList,
  idSchema,
  longText,
  optionalDate,
  optionalDecimal,
  optionalText,
  requiredText,
  tagList,
} from '../values.ts';

export const opportunityStages = {
  qualification: 'Qualification',
  needs_analysis: 'Needs analysis',
  value_proposition: 'Value proposition',
  decision_makers: 'Decision makers',
  perception_analysis: 'Perception analysis',
  proposal: 'Proposal',
  negotiation: 'Negotiation',
  closed_won: 'Closed, won',
  closed_lost: 'Closed, lost',
} as const;
export type OpportunityStage = keyof typeof opportunityStages;

/** Where an opportunity came from; any other text is kept as it is. */
export const leadSources = {
  call: 'Call',
  email: 'E-mail',
  existing_customer: 'Existing customer',
  partner: 'Partner',
  public_relations: 'Public relations',
  campaign: 'Campaign',
  website: 'Website',
  other: 'Other',
} as const;

export const opportunityFieldsSchema = z.object({
  clientId: idSchema,
  contactIds: idList.default([]),
  name: requiredText(300),
  stage: z.enum(Object.keys(opportunityStages) as [OpportunityStage, ...OpportunityStage[]]).default('qualification'),
  amount: optionalDecimal(13, 4).default(null),
  currency: currencySchema.default('USD'),
  /** Percent. Minus zero, which JSON cannot keep, is zero. */
  probability: z
    .number()
    .int()
    .min(0)
    .max(100)
    .overwrite((percent) => percent + 0)
    .default(0),
  leadSource: optionalText(200).default(null),
  expectedCloseDate: optionalDate.default(null),
  closedOn: optionalDate.default(null),
  description: optionalText(longText).default(null),
  assignedToIds: idList.default([]),
  teamIds: idList.default([]),
  tags: tagList.default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const opportunitySchema = opportunityFieldsSchema.extend(commonFields);
export type Opportunity = z.output<typeof opportunitySchema>;

export function isOpportunityOpen(stage: OpportunityStage): boolean {
  return stage !== 'closed_won' && stage !== 'closed_lost';
}

export interface OpportunityComputed {
  isOpen: boolean;
  /** Amount times probability, rounded to the currency's minor unit; null without an amount. */
  weightedAmount: string | null;
  /** Open although the day it was expected to close has passed. */
  isOverdue: boolean;
}

export function computeOpportunity(
  of: Pick<Opportunity, 'stage' | 'amount' | 'currency' | 'probability' | 'expectedCloseDate'>,
  today: string,
): OpportunityComputed {
  const isOpen = isOpportunityOpen(of.stage);
  const weight = multiplyMoney(String(of.probability), '0.01');
  return {
    isOpen,
    weightedAmount: of.amount === null ? null : roundMoney(multiplyMoney(of.amount, weight), of.currency),
    isOverdue: isOpen && of.expectedCloseDate !== null && of.expectedCloseDate < today,
  };
}

/** How likely an opportunity of each stage is while nobody said otherwise, in percent. */
export const stageProbabilities = {
  qualification: 10,
  needs_analysis: 20,
  value_proposition: 30,
  decision_makers: 40,
  perception_analysis: 50,
  proposal: 60,
  negotiation: 80,
  closed_won: 100,
  closed_lost: 0,
} as const satisfies Record<OpportunityStage, number>;

/**
 * The probability in a new stage: that of the stage. One that a person set by hand (neither nothing nor what the stage before
 * gave) stays while the opportunity is open; what is won is certain, and what is lost is not.
 */
export function probabilityAfter(
  before: Pick<Opportunity, 'stage' | 'probability'> | null,
  { stage, probability }: Pick<Opportunity, 'stage' | 'probability'>,
): number {
  const isByHand = before !== null && before.probability !== 0 && before.probability !== stageProbabilities[before.stage];
  return isByHand && isOpportunityOpen(stage) ? probability : stageProbabilities[stage];
}

/** What closing or reopening changes beside the stage: the day it closed is set once and taken away when it reopens. */
export function closedOnAfter(of: Pick<Opportunity, 'closedOn'>, stage: OpportunityStage, today: string): string | null {
  return isOpportunityOpen(stage) ? null : (of.closedOn ?? today);
}

export const opportunityFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Opportunity', required: true, inList: true, width: 260 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Opportunity', required: true, inList: true, width: 220 },
  { path: 'stage', label: 'Stage', kind: 'choice', choices: opportunityStages, group: 'Opportunity', inList: true, width: 150 },
  { path: 'amount', label: 'Amount', kind: 'decimal', group: 'Money', inList: true, width: 120 },
  { path: 'currency', label: 'Currency', kind: 'text', group: 'Money', width: 100 },
  { path: 'probability', label: 'Probability (%)', kind: 'number', group: 'Money', inList: true, width: 120 },
  { path: 'weightedAmount', label: 'Weighted amount', kind: 'decimal', group: 'Money', computed: true, width: 130 },
  { path: 'leadSource', label: 'Lead source', kind: 'openChoice', choices: leadSources, group: 'Opportunity', width: 150 },
  { path: 'expectedCloseDate', label: 'Expected to close', kind: 'date', group: 'Dates', inList: true, width: 140 },
  { path: 'closedOn', label: 'Closed on', kind: 'date', group: 'Dates', width: 120 },
  { path: 'isOpen', label: 'Open', kind: 'boolean', group: 'Opportunity', computed: true, width: 90 },
  { path: 'isOverdue', label: 'Overdue', kind: 'boolean', group: 'Dates', computed: true, width: 100 },
  { path: 'contactIds', label: 'Contacts', kind: 'references', of: 'contacts', group: 'Opportunity', width: 200 },
  {
    path: 'assignedToIds',
    label: 'Assigned to',
    kind: 'references',
    of: 'directory',
    where: { kind: 'user' },
    group: 'People',
    width: 180,
  },
  { path: 'teamIds', label: 'Teams', kind: 'references', of: 'directory', where: { kind: 'team' }, group: 'People', width: 160 },
  { path: 'tags', label: 'Tags', kind: 'tags', group: 'Opportunity', width: 180 },
  { path: 'description', label: 'Description', kind: 'multiline', group: 'Notes', width: 240 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
