import { IconUser } from '@tabler/icons-react';
import type { ContactView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const contactScreen: NounScreen = {
  noun: 'contacts',
  title: 'Contacts',
  icon: <IconUser size={18} stroke={1.75} />,
  purpose: 'Contacts are the people you talk to. Most of them belong to a client; they can also stand alone.',
  formFields: ['clientId', 'firstName', 'lastName', 'jobTitle', 'email', 'phone', 'mobilePhone', 'isPrimary', 'generalNote'],
  keptColumns: ['phone', 'mobilePhone'],
  tones: {},
  Facts: ({ record }) => {
    const contact = record as ContactView;
    return (
      <>
        {contact.jobTitle === null ? null : <Fact>{contact.jobTitle}</Fact>}
        <LinkFact label="Client" noun="clients" id={contact.clientId} name={contact.clientName} />
        {contact.isPrimary ? <Fact>Primary contact</Fact> : null}
        {contact.isActive ? null : <Fact>Not active</Fact>}
        {contact.doNotCall ? <Fact tone="red">Do not call</Fact> : null}
      </>
    );
  },
};
