import type { NounName } from '../../../shared/entities/nouns.ts';
import { clientScreen } from '../clients/client-screen.tsx';
import { contactScreen } from '../contacts/contact-screen.tsx';
import { locationScreen } from '../locations/location-screen.tsx';
import type { NounScreen } from './noun-screen.ts';

/** The nouns that have screens. A new noun adds an entry here. */
export const nounScreens: Readonly<Record<NounName, NounScreen>> = {
  clients: clientScreen,
  contacts: contactScreen,
  locations: locationScreen,
};
