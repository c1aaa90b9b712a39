import type { Contact } from '../contact/contact.ts';
import type { Location } from '../location/location.ts';
import type { Address } from '../values.ts';
import type { Client } from './client.ts';

/** How somebody is got hold of. What the client has not, its primary contact or its primary location has. */
export interface Ways {
  phone: string | null;
  email: string | null;
  /** In one line. */
  address: string | null;
}

/** Null for somebody who wants no calls. */
export function contactPhone(contact: Pick<Contact, 'phone' | 'mobilePhone' | 'workPhone' | 'doNotCall'>): string | null {
  return contact.doNotCall ? null : (contact.phone ?? contact.mobilePhone ?? contact.workPhone);
}

export function addressLine({ line1, line2, line3, postalCode, city, region, country, freeform }: Address): string | null {
  const together = (parts: readonly (string | null)[], between: string) =>
    parts.filter((part) => part !== null && part.trim() !== '').join(between);
  const written = together([line1, line2, line3, together([postalCode, city], ' '), region, country], ', ');
  const text =
    written === ''
      ? together(
          (freeform ?? '').split('\n').map((line) => line.trim()),
          ', ',
        )
      : written;
  return text === '' ? null : text;
}

export function locationWays({ physicalAddress, mailingAddress }: Pick<Location, 'physicalAddress' | 'mailingAddress'>): Ways {
  return {
    phone: physicalAddress.phone ?? mailingAddress.phone,
    email: null,
    address: addressLine(physicalAddress) ?? addressLine(mailingAddress),
  };
}

export function clientWays(client: Client, contact: Contact | undefined, location: Location | undefined): Ways {
  const there = location === undefined ? null : locationWays(location);
  return {
    phone: client.phone ?? (contact === undefined ? null : contactPhone(contact)) ?? client.address.phone ?? there?.phone ?? null,
    email: client.email ?? contact?.email ?? null,
    address: addressLine(client.address) ?? there?.address ?? null,
  };
}
