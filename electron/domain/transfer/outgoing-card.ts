import type { Address } from '../../../shared/nouns/values.ts';
import type { Client } from '../../../shared/nouns/client/client.ts';
import { type Contact, contactName } from '../../../shared/nouns/contact/contact.ts';

/** What a vCard says of a contact or client; `electron/formats` writes it. */
export interface OutgoingCard {
  id: string;
  kind: 'individual' | 'org';
  shownName: string;
  /** Family, given, middle, prefix, suffix. */
  name: string[] | null;
  /** The organisation and, within it, the department. */
  organisation: string[];
  jobTitle: string | null;
  role: string | null;
  emails: string[];
  phones: { number: string; type: 'cell' | 'work' | 'home' }[];
  /** Post office box, extended, street lines, city, region, postal code, country. */
  address: (string | string[])[] | null;
  birthday: string | null;
  links: string[];
  note: string | null;
  tags: string[];
}

export function cardOfContact(contact: Contact, clientName: string | null): OutgoingCard {
  const phones: OutgoingCard['phones'] = [];
  if (contact.mobilePhone !== null) phones.push({ number: contact.mobilePhone, type: 'cell' });
  if (contact.workPhone !== null) phones.push({ number: contact.workPhone, type: 'work' });
  if (contact.phone !== null) phones.push({ number: contact.phone, type: 'home' });
  return {
    id: contact.id,
    kind: 'individual',
    shownName: contactName(contact),
    name: [contact.lastName, contact.firstName, contact.middleName, contact.salutation, null].map((part) => part ?? ''),
    organisation:
      clientName === null && contact.department === null
        ? []
        : [clientName ?? '', ...(contact.department === null ? [] : [contact.department])],
    jobTitle: contact.jobTitle,
    role: contact.title,
    emails: [contact.email, contact.secondaryEmail].filter((email) => email !== null),
    phones,
    address: addressOf(contact.address),
    birthday: contact.dateOfBirth,
    links: contact.links,
    note: contact.generalNote,
    tags: contact.tags,
  };
}

export function cardOfClient(client: Client): OutgoingCard {
  return {
    id: client.id,
    kind: 'org',
    shownName: client.name,
    name: null,
    organisation: [client.name],
    jobTitle: null,
    role: null,
    emails: client.email === null ? [] : [client.email],
    phones: client.phone === null ? [] : [{ number: client.phone, type: 'work' }],
    address: addressOf(client.address),
    birthday: null,
    links: client.website === null ? [] : [client.website],
    note: client.notes,
    tags: client.tags,
  };
}

/** An address that is one text goes where phones put theirs, and comes back as one text. */
function addressOf(address: Address): (string | string[])[] | null {
  const { line1, line2, line3, city, region, postalCode, country, freeform } = address;
  const lines = [line1, line2, line3].filter((line) => line !== null);
  if (lines.length === 0 && [city, region, postalCode, country].every((part) => part === null))
    return freeform === null ? null : ['', freeform, '', '', '', '', ''];
  return ['', '', lines.length === 1 ? (lines[0] as string) : lines, city ?? '', region ?? '', postalCode ?? '', country ?? ''];
}
