import type { NounName } from '../../../shared/nouns/nouns.ts';
import { activityScreen } from '../activities/activity-screen.tsx';
import { caseScreen } from '../cases/case-screen.tsx';
import { clientScreen } from '../clients/client-screen.tsx';
import { contactScreen } from '../contacts/contact-screen.tsx';
import { invoiceScreen } from '../invoices/invoice-screen.tsx';
import { itemPriceScreen } from '../prices/item-price-screen.tsx';
import { ownPriceScreen } from '../prices/own-price-screen.tsx';
import { locationContactScreen } from '../locations/location-contact-screen.tsx';
import { locationScreen } from '../locations/location-screen.tsx';
import { opportunityScreen } from '../opportunities/opportunity-screen.tsx';
import { taskScreen } from '../tasks/task-screen.tsx';
import { directoryScreen } from '../directory/directory-screen.tsx';
import { ownFieldScreen } from '../own-fields/own-field-screen.tsx';
import type { NounScreen } from './noun-screen.ts';

/** The nouns that have screens. A new noun adds an entry here. */
export const nounScreens: Readonly<Record<NounName, NounScreen>> = {
  clients: clientScreen,
  contacts: contactScreen,
  locations: locationScreen,
  itemPrices: itemPriceScreen,
  opportunities: opportunityScreen,
  cases: caseScreen,
  tasks: taskScreen,
  invoices: invoiceScreen,
  directory: directoryScreen,
  ownFields: ownFieldScreen,
  activities: activityScreen,
  locationContacts: locationContactScreen,
  locationItemPrices: ownPriceScreen,
};

/** Whether records of the noun are made in a form of their own. */
export function hasForm(noun: NounName): boolean {
  return nounScreens[noun].formFields.length > 0;
}
