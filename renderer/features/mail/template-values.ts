import type { ClientView, ContactView } from '../../../shared/contracts/record.contract.ts';
import type { TemplateValues } from '../../../shared/mail/mail-template.ts';
import { useSettings } from '../../api/live.ts';
import { useChildren, useRecord, viewTitle } from '../../api/records.ts';
import { formatDay } from '../../ui/field-text.ts';
import { localDay } from '../../ui/local-day.ts';
import type { Compose } from './compose-state.ts';

export interface Correspondents {
  client: ClientView | undefined;
  /** The contact that it is about, then those of its client. */
  people: readonly ContactView[];
  /** Addresses to choose from: the client's own and those of its contacts. */
  addresses: readonly { email: string; name: string }[];
  /** False while some of them are on their way. */
  isKnown: boolean;
}

/** Whom an e-mail on this record can be meant for. */
export function useCorrespondents({ about, aboutId }: Pick<Compose, 'about' | 'aboutId'>): Correspondents {
  const asContact = about === 'contacts' ? aboutId : null;
  const asked = useRecord('contacts', asContact);
  const contact = asked.data as ContactView | undefined;
  const clientId = about === 'clients' ? aboutId : (contact?.clientId ?? null);
  const ofClient = useRecord('clients', clientId);
  const client = ofClient.data as ClientView | undefined;
  const children = useChildren('contacts', clientId ?? '');
  const contacts = children.data?.rows ?? [];
  const people = [...(contact === undefined ? [] : [contact]), ...(clientId === null ? [] : (contacts as ContactView[]))];
  const all = [
    ...(client === undefined || client.email === null ? [] : [{ email: client.email, name: viewTitle('clients', client) }]),
    ...people.flatMap(({ name, email, secondaryEmail }) =>
      [email, secondaryEmail].flatMap((address) => (address === null ? [] : [{ email: address, name }])),
    ),
  ];
  const isAnswered = ({ data, problem }: { data: unknown; problem: unknown }) => data !== undefined || problem !== null;
  const isKnown = (asContact === null || isAnswered(asked)) && (clientId === null || (isAnswered(ofClient) && isAnswered(children)));
  return { client, people, addresses: [...new Map(all.map((one) => [one.email, one])).values()], isKnown };
}

/**
 * What fields are filled with: the person is whose address it goes to, else the contact that it is about, else the primary contact of
 * the client. With several recipients it is nobody: each would read the name of one.
 */
export function useTemplateValues({ about, aboutId }: Compose, { client, people }: Correspondents, to: readonly string[]): TemplateValues {
  const settings = useSettings();
  const isTo = ({ email, secondaryEmail }: ContactView) => [email, secondaryEmail].some((one) => one !== null && to.includes(one));
  const person =
    to.length > 1
      ? undefined
      : (people.find(isTo) ?? people.find(({ id, isPrimary }) => (about === 'contacts' ? id === aboutId : isPrimary)));
  const next = client?.nextFollowUpDate ?? null;
  return {
    'first name': person?.firstName ?? null,
    'last name': person?.lastName ?? null,
    'full name': person?.name ?? null,
    client: client?.name ?? null,
    city: client?.address.city ?? null,
    'next follow-up': next === null ? null : formatDay(next),
    today: formatDay(localDay()),
    'my name': settings?.personName ?? null,
    'our company': settings?.company.name ?? null,
  };
}
