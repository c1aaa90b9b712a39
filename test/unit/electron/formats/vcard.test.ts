import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { OutgoingCard } from '../../../../electron/domain/transfer/outgoing-card.ts';
import { detectEncoding } from '../../../../electron/formats/text-decoding.ts';
import { newCardStats, readCards } from '../../../../electron/formats/vcard.reader.ts';
import { writeCards } from '../../../../electron/formats/vcard.writer.ts';
import { propertySettings } from '../../../support/property.ts';
import { fileWith, givenData } from '../../../support/transfer-desk.ts';

async function readFileCards(file: string) {
  const stats = newCardStats();
  const { encoding } = await detectEncoding(file);
  const cards = [];
  for await (const batch of readCards(file, encoding, stats)) cards.push(...batch.cards);
  return { cards, stats };
}

/** The values of each property of the first card, by name. */
async function properties(...lines: string[]) {
  const { cards } = await readFileCards(fileWith('a.vcf', `BEGIN:VCARD\r\n${lines.join('\r\n')}\r\nEND:VCARD\r\n`));
  const [first] = cards;
  if (first === undefined || 'problem' in first) throw new Error('The card was not read');
  const found: Record<string, string[][]> = {};
  for (const { name, values } of first.card.properties) (found[name] ??= []).push(values);
  return { found, card: first.card };
}

it('reads every card of the given files', async () => {
  const counts: Record<string, number> = {};
  for (const name of readdirSync(givenData).filter((file) => file.endsWith('.vcf'))) {
    const { cards } = await readFileCards(join(givenData, name));
    expect(cards.every((card) => 'card' in card && card.card.leftovers.length === 0)).toBe(true);
    counts[name] = cards.length;
  }
  expect(counts).toEqual({
    'John_Doe_ANDROID.vcf': 6,
    'John_Doe_GMAIL.vcf': 1,
    'John_Doe_IPHONE.vcf': 1,
    'John_Doe_MS_OUTLOOK.vcf': 1,
    'gmail-list.vcf': 3,
    'rfc6350-example.vcf': 1,
  });
});

it('decodes quoted-printable of 2.1 with soft line breaks and charsets', async () => {
  const { found } = await properties(
    'VERSION:2.1',
    'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=89mile;Zo=C3=',
    '=A9;;;',
    'NOTE;ENCODING=QUOTED-PRINTABLE:first=0D=0Asecond; with, signs=3B',
    'ORG;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Caf=E9=3B Bar;Dept',
  );
  expect(found).toMatchObject({ n: [['Émile', 'Zoé', '', '', '']], note: [['first\nsecond; with, signs;']], org: [['Café; Bar', 'Dept']] });
});

it('understands bare parameters, groups, and values of 2.1 with commas', async () => {
  const { card } = await properties(
    'VERSION:2.1',
    'TEL;CELL;PREF:+1 555 1',
    'ADR;HOME:;;1 Main St, Suite 5;Town;;;',
    'item1.EMAIL;INTERNET:a@b.example',
    'URL:http://x.example/a,b',
  );
  expect(card.properties).toMatchObject([
    { name: 'version' },
    { name: 'tel', types: ['cell', 'pref'], values: ['+1 555 1'] },
    { name: 'adr', types: ['home'], values: ['', '', '1 Main St, Suite 5', 'Town', '', '', ''] },
    { name: 'email', group: 'item1', values: ['a@b.example'] },
    { name: 'url', values: ['http://x.example/a,b'] },
  ]);
});

it('passes over pictures, however they are folded', async () => {
  const data = 'iVBORw0KGgo'.repeat(10);
  for (const lines of [
    [`PHOTO;ENCODING=b;TYPE=PNG:${data}`, ` ${data}`],
    ['PHOTO;TYPE=PNG;ENCODING=BASE64:', ` ${data}`, ''],
    [`PHOTO;PNG;BASE64:${data}`, data, `${data}==`, ''],
    [`PHOTO:data:image/png;base64,${data}`],
  ]) {
    const { card } = await properties('VERSION:3.0', 'FN:Ada', ...lines, 'TEL:1');
    expect(card.binaries).toBe(1);
    expect(card.properties.map(({ name }) => name)).toEqual(['version', 'fn', 'tel']);
    expect(card.leftovers).toEqual([]);
  }
});

it('joins folded lines as each version folds them', async () => {
  expect((await properties('VERSION:3.0', 'NOTE:one t', ' wo\\nthree\\, four\\; five \\"six\\" \\\\ seven')).found['note']).toEqual([
    ['one two\nthree, four; five "six" \\ seven'],
  ]);
  expect((await properties('VERSION:2.1', 'NOTE:one', ' two')).found['note']).toEqual([['one two']]);
});

it('reads parameters in quotes with colons and semicolons in them', async () => {
  const { card } = await properties('VERSION:4.0', 'FN:Ada', 'ADR;LABEL="Suite 1; Main: St";TYPE="work,voice":;;1 Main St;Town;;;');
  expect(card.properties.at(-1)).toMatchObject({ types: ['work', 'voice'], values: ['', '', '1 Main St', 'Town', '', '', ''] });
});

it('loses only the card that is cut off', async () => {
  const whole = (name: string) => `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL:1\nEND:VCARD\n`;
  const { cards } = await readFileCards(
    fileWith('cut.vcf', `${whole('Ada')}BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nTEL:+1 5\n${whole('Cid')}BEGIN:VCARD\nVERSION:3.0\nFN:Dora\nTE`),
  );
  expect(cards.map((card) => ('problem' in card ? `cut: ${card.title}` : 'whole'))).toEqual(['whole', 'cut: Bob', 'whole', 'cut: Dora']);
});

it('keeps lines that are not vCard, and counts lines outside of cards', async () => {
  const { cards, stats } = await readFileCards(
    fileWith('odd.vcf', 'hello\nBEGIN:VCARD\nVERSION:3.0\nFN:Ada\nthis is no property\nEND:VCARD\nbye\n'),
  );
  expect(cards[0]).toMatchObject({ card: { leftovers: ['this is no property'] } });
  expect(stats.strayLines).toBe(2);
});

it('keeps the card of an agent inside a card as a value', async () => {
  const { found, card } = await properties('VERSION:2.1', 'FN:Ada', 'AGENT:', 'BEGIN:VCARD', 'VERSION:2.1', 'FN:Bob', 'END:VCARD', 'TEL:1');
  expect(found['agent']?.[0]?.[0]).toContain('FN:Bob');
  expect(card.properties.at(-1)).toMatchObject({ name: 'tel' });
});

it('reads back every card it wrote', async () => {
  const text = fc
    .oneof(
      fc.constantFrom(
        'plain',
        'comma, semicolon; colon: back\\slash',
        'two\nlines',
        '"quoted"',
        '😀 émoji',
        'שלום',
        'long '.repeat(60),
        '\\n',
        '=1+1',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    )
    .map((value) => value.replace(/[\u0000-\u0009\u000b-\u001f\ufeff\ufffd]/g, '').trim())
    .filter((value) => value !== '');
  const line = text.map((value) => value.replaceAll('\n', ' ').trim()).filter((value) => value !== '');
  const outgoing: fc.Arbitrary<OutgoingCard> = fc.record({
    id: fc.uuid(),
    kind: fc.constant('individual' as const),
    shownName: line,
    name: fc.tuple(line, line, line, line, fc.constant('')),
    organisation: fc.oneof(fc.tuple(line), fc.tuple(line, line)),
    jobTitle: fc.option(text),
    role: fc.option(text),
    emails: fc.constant(['a@b.example']),
    phones: fc.constant([{ number: '+1 (555) 010;1', type: 'cell' as const }]),
    address: fc.option(fc.tuple(fc.constant(''), fc.constant(''), line, line, line, line, line)),
    birthday: fc.option(fc.constant('1980-03-22')),
    links: fc.array(line, { maxLength: 2 }),
    note: fc.option(text),
    tags: fc.array(line, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(outgoing, async (card) => {
      const file = fileWith('out.vcf', '');
      await writeCards(file, [card]);
      const { cards } = await readFileCards(file);
      const [read] = cards;
      if (read === undefined || 'problem' in read) throw new Error('The card was not read');
      expect(read.card.leftovers).toEqual([]);
      const values = (name: string) => read.card.properties.filter((property) => property.name === name).map((property) => property.values);
      expect(values('n')).toEqual([card.name]);
      expect(values('org')).toEqual([card.organisation]);
      expect(values('title')).toEqual(card.jobTitle === null ? [] : [[card.jobTitle]]);
      expect(values('note')).toEqual(card.note === null ? [] : [[card.note]]);
      expect(values('tel')).toEqual([['+1 (555) 010;1']]);
      expect(values('adr')).toEqual(card.address === null ? [] : [card.address]);
      expect(values('url')).toEqual(card.links.map((link) => [link]));
      expect(values('categories')).toEqual(card.tags.length === 0 ? [] : [card.tags]);
      expect(values('bday')).toEqual(card.birthday === null ? [] : [['1980-03-22']]);
    }),
    propertySettings(100),
  );
});

it('ends a line at each way to end one, also where programs wrote more of them than one', async () => {
  for (const end of ['\r\n', '\n', '\r', '\r\r\n', '\r\r']) {
    const { cards } = await readFileCards(fileWith('a.vcf', ['BEGIN:VCARD', 'VERSION:3.0', 'FN:Ann', 'END:VCARD', ''].join(end)));
    expect(
      cards.map((one) => ('card' in one ? one.card.properties.map(({ values }) => values).join() : one.problem)),
      JSON.stringify(end),
    ).toEqual([expect.stringContaining('Ann')]);
  }
});
