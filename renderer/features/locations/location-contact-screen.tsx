import { IconUserPin } from '@tabler/icons-react';
import type { LocationContactView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { LinkFact } from '../records/link-fact.tsx';
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
        <LinkFact label="Contact" noun="contacts" id={role.contactId} name={role.contactName} />
        <LinkFact label="Location" noun="locations" id={role.locationId} name={role.locationName} />
        {role.title === null ? null : <Fact>{role.title}</Fact>}
        <Fact>{role.isCurrent ? 'Works here now' : 'Not at this time'}</Fact>
      </>
    );
  },
};
