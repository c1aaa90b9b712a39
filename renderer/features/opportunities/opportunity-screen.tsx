import { IconTargetArrow } from '@tabler/icons-react';
import type { OpportunityView } from '../../../shared/contracts/record.contract.ts';
import { opportunityStages } from '../../../shared/nouns/opportunity/opportunity.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const opportunityScreen: NounScreen = {
  noun: 'opportunities',
  title: 'Opportunities',
  icon: <IconTargetArrow size={18} stroke={1.75} />,
  purpose: 'Opportunities are what your clients may buy: how much it is worth, how likely it is, when it will be decided.',
  formFields: ['clientId', 'name', 'stage', 'amount', 'currency', 'probability', 'expectedCloseDate', 'leadSource', 'description'],
  tones: {
    stage: {
      qualification: 'blue',
      needs_analysis: 'violet',
      value_proposition: 'cyan',
      decision_makers: 'indigo',
      perception_analysis: 'pink',
      proposal: 'amber',
      negotiation: 'teal',
      closed_won: 'green',
      closed_lost: 'red',
    },
  },
  Facts: ({ record }) => {
    const opportunity = record as OpportunityView;
    return (
      <>
        <LinkFact label="Client" noun="clients" id={opportunity.clientId} name={opportunity.clientName} />
        <Fact tone={opportunityScreen.tones['stage']?.[opportunity.stage] ?? 'gray'}>{opportunityStages[opportunity.stage]}</Fact>
        {opportunity.taskCount === 0 ? null : (
          <Fact>{opportunity.taskCount === 1 ? '1 task' : `${formatCount(opportunity.taskCount)} tasks`}</Fact>
        )}
        {opportunity.isOverdue ? <Fact tone="red">Overdue</Fact> : null}
      </>
    );
  },
};
