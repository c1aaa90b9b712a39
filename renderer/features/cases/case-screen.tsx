import { IconLifebuoy } from '@tabler/icons-react';
import type { CaseView } from '../../../shared/contracts/record.contract.ts';
import { casePriorities, caseStatuses } from '../../../shared/nouns/case/case.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const caseScreen: NounScreen = {
  noun: 'cases',
  title: 'Cases',
  icon: <IconLifebuoy size={18} stroke={1.75} />,
  purpose: 'Cases are the questions and problems your clients come to you with, until each is closed.',
  formFields: ['clientId', 'name', 'status', 'priority', 'caseType', 'description'],
  tones: {
    status: { new: 'blue', assigned: 'violet', pending: 'amber', closed: 'green', rejected: 'gray', duplicate: 'gray' },
    priority: { low: 'gray', normal: 'blue', high: 'amber', urgent: 'red' },
  },
  Facts: ({ record }) => {
    const shown = record as CaseView;
    return (
      <>
        <LinkFact label="Client" noun="clients" id={shown.clientId} name={shown.clientName} />
        <Fact tone={caseScreen.tones['status']?.[shown.status] ?? 'gray'}>{caseStatuses[shown.status]}</Fact>
        <Fact>{casePriorities[shown.priority]} priority</Fact>
        {shown.taskCount === 0 ? null : <Fact>{shown.taskCount === 1 ? '1 task' : `${formatCount(shown.taskCount)} tasks`}</Fact>}
      </>
    );
  },
};
