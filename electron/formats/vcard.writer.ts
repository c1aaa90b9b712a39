import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import ICAL from 'ical.js';
import type { OutgoingCard } from '../domain/transfer/outgoing-card.ts';

type Property = [name: string, params: Record<string, string | string[]>, type: string, ...values: (string | (string | string[])[])[]];

/** Writes vCards of version 4.0, in UTF-8 as the standard has it. */
export async function writeCards(path: string, cards: AsyncIterable<OutgoingCard> | Iterable<OutgoingCard>): Promise<void> {
  async function* text(): AsyncGenerator<string> {
    for await (const card of cards) yield ICAL.stringify(['vcard', propertiesOf(card), []]);
  }
  await pipeline(text, createWriteStream(path, { mode: 0o600, flush: true }));
}

function propertiesOf(card: OutgoingCard): Property[] {
  const properties: Property[] = [['version', {}, 'text', '4.0']];
  const add = (name: string, value: string | null, params: Property[1] = {}, type = 'text') => {
    if (value !== null && value !== '') properties.push([name, params, type, carried(value)]);
  };
  add('kind', card.kind);
  add('uid', `urn:uuid:${card.id}`, {}, 'uri');
  add('fn', card.shownName);
  if (card.name !== null) properties.push(['n', {}, 'text', card.name.map(carried)]);
  if (card.organisation.length > 0) properties.push(['org', {}, 'text', card.organisation.map(carried)]);
  add('title', card.jobTitle);
  add('role', card.role);
  card.emails.forEach((email, at) => add('email', email, at === 0 ? { pref: '1' } : {}));
  for (const { number, type } of card.phones) add('tel', number, { type: [type, 'voice'] });
  const { address } = card;
  if (address !== null)
    properties.push(['adr', {}, 'text', address.map((part) => (typeof part === 'string' ? carried(part) : part.map(carried)))]);
  add('bday', card.birthday?.replaceAll('-', '') ?? null, {}, 'date-and-or-time');
  for (const link of card.links) add('url', link, {}, 'text');
  add('note', card.note);
  if (card.tags.length > 0) properties.push(['categories', {}, 'text', ...card.tags.map(carried)]);
  return properties;
}

/** A line break inside a value is written `\n`; a lone carriage return has no way to be written. */
function carried(value: string): string {
  return value.replace(/\r\n|\r/g, '\n');
}
