import { IconBuilding, IconUser } from '@tabler/icons-react';
import { clientKinds, lifecycleStages } from '../../../shared/nouns/client/client.ts';
import type { ClientView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { RecordLink } from '../records/record-link.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const clientScreen: NounScreen = {
  noun: 'clients',
  title: 'Clients',
  icon: <IconBuilding size={18} stroke={1.75} />,
  purpose:
    'Clients are the companies and people you work for, with everything you know about them: how to reach them, where they are, when you talk next.',
  formFields: [
    'name',
    'kind',
    'lifecycleStage',
    'industry',
    'email',
    'phone',
    'website',
    'address.line1',
    'address.city',
    'address.postalCode',
    'nextFollowUpDate',
    'notes',
  ],
  keptColumns: ['phone', 'nextFollowUpDate'],
  tones: {
    lifecycleStage: {
      prospect: 'blue',
      active_client: 'green',
      matured_client: 'violet',
      inactive: 'gray',
      dormant: 'amber',
      lost_opportunity: 'red',
    },
  },
  Facts: ({ record }) => {
    const client = record as ClientView;
    return (
      <>
        <Fact>{clientKinds[client.kind]}</Fact>
        <Fact tone={clientScreen.tones['lifecycleStage']?.[client.lifecycleStage] ?? 'gray'}>{lifecycleStages[client.lifecycleStage]}</Fact>
        {client.isActive ? null : <Fact>Not active</Fact>}
        {client.primaryContactId === null ? null : (
          <Fact label="Primary contact">
            <IconUser size={14} aria-hidden style={{ marginRight: 3 }} />
            <RecordLink noun="contacts" id={client.primaryContactId}>
              {client.primaryContactName ?? 'Unnamed contact'}
            </RecordLink>
          </Fact>
        )}
        {client.daysSinceLastContact === null ? null : (
          <Fact>
            {client.daysSinceLastContact === 0
              ? 'Last contact today'
              : `Last contact ${formatCount(client.daysSinceLastContact)} ${client.daysSinceLastContact === 1 ? 'day' : 'days'} ago`}
          </Fact>
        )}
        {client.isFollowUpOverdue ? <Fact tone="red">Follow-up overdue</Fact> : null}
      </>
    );
  },
};
