import { IconUser } from '@tabler/icons-react';
import type { ContactView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { RecordLink } from '../records/record-link.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const contactScreen: NounScreen = {
  noun: 'contacts',
  title: 'Contacts',
  icon: <IconUser size={18} stroke={1.75} />,
  purpose: 'Contacts are the people you talk to. Most of them belong to a client; they can also stand alone.',
  formFields: ['clientId', 'firstName', 'lastName', 'jobTitle', 'email', 'phone', 'mobilePhone', 'isPrimary', 'generalNote'],
  tones: {},
  Facts: ({ record }) => {
    const contact = record as ContactView;
    return (
      <>
        {contact.jobTitle === null ? null : <Fact>{contact.jobTitle}</Fact>}
        {contact.clientId === null ? null : (
          <Fact label="Client">
            <RecordLink noun="clients" id={contact.clientId}>
              {contact.clientName ?? 'Unnamed client'}
            </RecordLink>
          </Fact>
        )}
        {contact.isPrimary ? <Fact>Primary contact</Fact> : null}
        {contact.isActive ? null : <Fact>Not active</Fact>}
        {contact.doNotCall ? (
          <Fact>
            <ToneText tone="red">Do not call</ToneText>
          </Fact>
        ) : null}
      </>
    );
  },
};
