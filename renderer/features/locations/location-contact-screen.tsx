import { IconUserPin } from '@tabler/icons-react';
import type { LocationContactView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { RecordLink } from '../records/record-link.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const locationContactScreen: NounScreen = {
  noun: 'locationContacts',
  title: 'Roles at locations',
  icon: <IconUserPin size={18} stroke={1.75} />,
  purpose: 'Who works where, as what, and from when until when.',
  formFields: ['locationId', 'contactId', 'title', 'startDate', 'endDate', 'isProgramContact'],
  tones: {},
  Facts: ({ record }) => {
    const role = record as LocationContactView;
    return (
      <>
        <Fact label="Contact">
          <RecordLink noun="contacts" id={role.contactId}>
            {role.contactName ?? 'Unnamed contact'}
          </RecordLink>
        </Fact>
        <Fact label="Location">
          <RecordLink noun="locations" id={role.locationId}>
            {role.locationName ?? 'Unnamed location'}
          </RecordLink>
        </Fact>
        {role.title === null ? null : <Fact>{role.title}</Fact>}
        <Fact>{role.isCurrent ? 'Works here now' : 'Not at this time'}</Fact>
      </>
    );
  },
};
