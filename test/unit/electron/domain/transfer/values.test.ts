import { say } from '../../../../../shared/words/say.ts';
import { expect, it } from 'vitest';
import { lookOf } from '../../../../../electron/domain/transfer/cell-look.ts';
import { cellReader } from '../../../../../electron/domain/transfer/cell-values.ts';
import { nameParts } from '../../../../../electron/domain/transfer/name-parts.ts';
import { decimalOf } from '../../../../../electron/domain/transfer/number-text.ts';
import { dateOf, possibleOrder } from '../../../../../electron/domain/transfer/date-text.ts';
import { RowProblem } from '../../../../../electron/domain/transfer/draft.ts';
import { joinList, splitLinks, splitTags } from '../../../../../electron/domain/transfer/list-text.ts';
import { placeOf } from '../../../../../electron/domain/transfer/place-text.ts';
import { importTarget } from '../../../../../shared/nouns/import-target.ts';

function read(target: string, text: string, values: Record<string, string> = {}, dateOrder: 'dmy' | 'mdy' | null = null) {
  const known = importTarget(target, []);
  if (known === null) throw new Error(`No target ${target}`);
  try {
    return Object.fromEntries(cellReader(known, { values, dateOrder })(text).map((entry) => [entry.key, entry.value]));
  } catch (error) {
    if (error instanceof RowProblem) return say(error.reason);
    throw error;
  }
}

it('reads the common ways to write a day, and no day that does not exist', () => {
  for (const text of [
    '2026-03-31',
    '2026/3/31',
    '20260331',
    '31/03/2026',
    '03/31/2026',
    '31.3.26',
    '31 March 2026',
    'March 31, 2026',
    '31-Mar-26',
    '2026-03-31T14:30:00Z',
    '31/03/2026 2:30 pm',
  ]) {
    expect([text, dateOf(text, 'mdy')]).toEqual([text, '2026-03-31']);
  }
  expect(dateOf('3/4/2026', 'dmy')).toBe('2026-04-03');
  expect(dateOf('3/4/2026', 'mdy')).toBe('2026-03-04');
  expect(dateOf('12.05.71', 'dmy')).toBe('1971-05-12');
  for (const text of ['31/02/2026', '2026-13-01', 'soon', '1', '12345', '', '3 Foo 2026'])
    expect([text, dateOf(text, 'mdy')]).toEqual([text, null]);
});

it('knows which dates can be read two ways', () => {
  expect(['25/12/2026', '12/25/2026', '1/2/2026', '2026-01-02', 'x'].map(possibleOrder)).toEqual(['dmy', 'mdy', 'either', null, null]);
});

it('reads numbers of many countries', () => {
  const numbers = {
    '1234.50': '1234.50',
    '1,234.50': '1234.50',
    '1.234,50': '1234.50',
    '$ 1 234,5': '1234.5',
    '€1.234.567': '1234567',
    '(12.00)': '-12.00',
    '-5': '-5',
    'USD 7': '7',
    '1,234': '1234',
    "1'234": '1234',
    '007': '7',
    '.5': '0.5',
    '5,00 €': '5.00',
  };
  for (const [text, value] of Object.entries(numbers)) expect([text, decimalOf(text)]).toEqual([text, value]);
  for (const text of ['', 'abc', '12-34', '1.2.3', '1e5', '12a']) expect([text, decimalOf(text)]).toEqual([text, null]);
});

it('takes names apart', () => {
  expect(nameParts('Ada Lovelace')).toEqual({ firstName: 'Ada', lastName: 'Lovelace' });
  expect(nameParts('Lovelace, Ada King')).toEqual({ firstName: 'Ada', middleName: 'King', lastName: 'Lovelace' });
  expect(nameParts('Ada King  Noel Lovelace')).toEqual({ firstName: 'Ada', middleName: 'King Noel', lastName: 'Lovelace' });
  expect(nameParts('Cher')).toEqual({ lastName: 'Cher' });
});

it('takes places apart where there is no doubt, and keeps them whole where there is', () => {
  expect(placeOf('Saint Paul, Minnesota')).toEqual({ city: 'Saint Paul', region: 'Minnesota' });
  expect(placeOf('Atlanta, Georgia')).toEqual({ city: 'Atlanta', region: 'Georgia' });
  expect(placeOf('Dublin, Ireland')).toEqual({ city: 'Dublin', country: 'Ireland' });
  expect(placeOf('Washington, D.C.')).toEqual({ city: 'Washington', region: 'D.C.' });
  expect(placeOf('Warmley, Bristol, United Kingdom')).toEqual({ city: 'Warmley', region: 'Bristol', country: 'United Kingdom' });
  expect(placeOf('Berlin')).toEqual({ city: 'Berlin' });
  for (const text of ['Columbus, Ohio; Detroit, Michigan', 'none', '1 Main St, Town, State, 12345', '10115 Berlin'])
    expect(placeOf(text)).toEqual({ freeform: text });
});

it('joins and splits lists without losing an item', () => {
  for (const items of [['vip'], ['vip', 'new client'], ['a;b', 'c, d'], ['say "hi"', 'x|y'], ['trailing ;']])
    expect(splitTags(joinList(items))).toEqual(items);
  for (const items of [['https://x.example/?a=1;b=2,3'], ['https://x.example', 'see the wiki'], ['a, b']])
    expect(splitLinks(joinList(items))).toEqual(items);
  expect(splitTags('vip, new; old | gone')).toEqual(['vip', 'new', 'old', 'gone']);
  expect(splitLinks('https://a.example, https://b.example\nwww.c.example')).toEqual([
    'https://a.example',
    'https://b.example',
    'www.c.example',
  ]);
});

it('keeps zips and phones as they are written', () => {
  expect(read('client.address.postalCode', ' 02134 ')).toEqual({ 'address.postalCode': '02134' });
  expect(read('client.phone', '+49 (0)30 1-2')).toEqual({ phone: '+49 (0)30 1-2' });
});

it('maps choices by key, label and what the person said, and names what it cannot map', () => {
  expect(read('client.kind', 'LEAD')).toEqual({ kind: 'lead' });
  expect(read('client.lifecycleStage', 'Active client')).toEqual({ lifecycleStage: 'active_client' });
  expect(read('client.lifecycleStage', 'hot', { hot: 'prospect' })).toEqual({ lifecycleStage: 'prospect' });
  expect(read('client.lifecycleStage', 'hot')).toContain('“hot” is not one of Prospect, Active client');
  expect(read('client.industry', 'Health Care')).toEqual({ industry: 'health' });
  expect(read('client.industry', 'Space mining')).toEqual({ industry: 'Space mining' });
});

it('understands yes and no, and asks about anything else', () => {
  expect(['yes', 'X', 'Ja', '1', 'closed', 'nein'].map((text) => read('client.isActive', text))).toEqual([
    { isActive: true },
    { isActive: true },
    { isActive: true },
    { isActive: true },
    { isActive: false },
    { isActive: false },
  ]);
  expect(read('client.isActive', 'maybe')).toContain('neither yes nor no');
  expect(read('client.isActive', 'n/a')).toEqual({});
});

it('takes several e-mails in one cell apart', () => {
  expect(read('contact.email', 'mailto:a@x.example; b@x.example, c@x.example')).toEqual({
    email: 'a@x.example',
    secondaryEmail: 'b@x.example',
    generalNote: 'Other e-mail: c@x.example',
  });
  expect(read('client.email', 'n/a')).toEqual({});
});

it('reads days of payment as people write them', () => {
  expect(['30', 'Net 30', '14 days', '30.0'].map((text) => read('client.paymentTermsDays', text))).toEqual([
    { paymentTermsDays: 30 },
    { paymentTermsDays: 30 },
    { paymentTermsDays: 14 },
    { paymentTermsDays: 30 },
  ]);
  expect(read('client.paymentTermsDays', 'a while')).toContain('not a whole number');
});

it('takes a list as Google writes it, whatever space is around, and a phone with its extension', () => {
  expect(read('client.tags', '* myContacts ::: Suppliers:::North , route')).toEqual({
    tags: ['myContacts', 'Suppliers', 'North', 'route'],
  });
  expect(read('client.tags', ':::   :::')).toEqual({ tags: [] });
  expect(['+1 (555) 010-2000 x 12', '0171 5550102 ext.3', '0171 5550102 or so'].map(lookOf)).toEqual(['phone', 'phone', 'text']);
  expect(['31.3.26 14:05', '2026-03-31T14:05:10.5Z', '31 Mar 2026, 2:05 p.m. UTC'].map((text) => dateOf(text, 'dmy'))).toEqual([
    '2026-03-31',
    '2026-03-31',
    '2026-03-31',
  ]);
  expect(['1.50', '0.1000', '12,000.00', ',', '1.2.3.'].map((text) => decimalOf(text))).toEqual(['1.50', '0.10', '12000.00', null, null]);
});
