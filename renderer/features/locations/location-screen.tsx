import { IconMapPin } from '@tabler/icons-react';
import type { LocationView } from '../../../shared/contracts/record.contract.ts';
import { Fact } from '../../ui/fact.tsx';
import { LinkFact } from '../records/link-fact.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const locationScreen: NounScreen = {
  noun: 'locations',
  title: 'Locations',
  icon: <IconMapPin size={18} stroke={1.75} />,
  purpose: 'Locations are the places of your clients: branches, sites, depots, offices. Each belongs to one client.',
  formFields: [
    'clientId',
    'name',
    'physicalAddress.line1',
    'physicalAddress.city',
    'physicalAddress.region',
    'physicalAddress.postalCode',
    'physicalAddress.country',
    'primaryPhone',
    'primaryEmail',
    'isPrimary',
    'notes',
  ],
  keptColumns: ['primaryPhone'],
  tones: {},
  Facts: ({ record }) => {
    const location = record as LocationView;
    return (
      <>
        <LinkFact label="Client" noun="clients" id={location.clientId} name={location.clientName} />
        {location.physicalAddress.city === null ? null : (
          <Fact>{[location.physicalAddress.city, location.physicalAddress.region].filter((part) => part !== null).join(', ')}</Fact>
        )}
        {location.isPrimary ? <Fact>Primary location</Fact> : null}
        {location.isActive ? null : <Fact>Not active</Fact>}
      </>
    );
  },
};
