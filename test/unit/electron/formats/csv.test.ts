import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { detectDelimiter, newCsvStats, readCsv } from '../../../../electron/formats/csv.reader.ts';
import { writeCsv } from '../../../../electron/formats/csv.writer.ts';
import { guardCell, guardForeignCell, unguardCell } from '../../../../electron/formats/formula-guard.ts';
import { detectEncoding, type Encoding } from '../../../../electron/formats/text-decoding.ts';
import { propertySettings } from '../../../support/property.ts';
import { fileWith } from '../../../support/transfer-desk.ts';

async function read(content: string | Uint8Array, given: { encoding?: Encoding; delimiter?: string } = {}) {
  const file = fileWith('list.csv', content);
  const encoding = given.encoding ?? (await detectEncoding(file)).encoding;
  const delimiter = given.delimiter ?? (await detectDelimiter(file, encoding));
  const stats = newCsvStats();
  const rows: string[][] = [];
  const firsts: number[] = [];
  for await (const batch of readCsv(file, encoding, delimiter, stats)) {
    firsts.push(batch.first);
    rows.push(...batch.rows);
  }
  return { rows, delimiter, encoding, stats, firsts };
}

it('finds the delimiter, also in a file of one column', async () => {
  expect((await read('Name;City\nAcme;Berlin, Mitte\n')).delimiter).toBe(';');
  expect((await read('Name\tCity\nAcme\tBerlin\n')).rows[1]).toEqual(['Acme', 'Berlin']);
  expect((await read('Name|City\nAcme|Berlin\n')).delimiter).toBe('|');
  expect((await read('Name\nAcme\nBeta\n')).rows).toEqual([['Name'], ['Acme'], ['Beta']]);
});

it('reads quoted cells with line breaks, quotes and delimiters in them', async () => {
  const { rows } = await read('Name,Note\r\n"Acme, Ltd","first line\r\nsecond ""line"""\r\nBeta,plain\r\n');
  expect(rows).toEqual([
    ['Name', 'Note'],
    ['Acme, Ltd', 'first line\r\nsecond "line"'],
    ['Beta', 'plain'],
  ]);
});

it('reads line ends of Windows, Unix and old Macs, also mixed', async () => {
  expect((await read('a,b\r\nc,d\ne,f\r\n')).rows).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]);
  expect((await read('a,b\rc,d\r')).rows).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('takes a quotation mark that never closes as text and loses no row', async () => {
  const { rows, stats } = await read('Name,Note\n"Acme,broken\nBeta,fine\nGamma,fine\n');
  expect(rows).toEqual([
    ['Name', 'Note'],
    ['"Acme', 'broken'],
    ['Beta', 'fine'],
    ['Gamma', 'fine'],
  ]);
  expect(stats.unclosedQuotes).toEqual([2]);
});

it('takes NUL characters out and counts them', async () => {
  const { rows, stats } = await read(Buffer.from('Name,City\nAc\0me,Ber\0lin\n'));
  expect(rows[1]).toEqual(['Acme', 'Berlin']);
  expect(stats.nul).toBe(2);
});

it('detects the encodings by what is in the file', async () => {
  const text = 'Name,Stadt\nMüller & Söhne,Köln\nEtienne,Saint-Émilion\n';
  expect((await read(Buffer.from(text, 'utf8'))).encoding).toBe('utf-8');
  expect((await read(Buffer.from(`\uFEFF${text}`, 'utf8'))).rows[0]?.[0]).toBe('Name');
  for (const mark of ['', '\uFEFF']) {
    const wide = Buffer.from(`${mark}${text}`, 'utf16le');
    expect(await read(wide)).toMatchObject({ encoding: 'utf-16le' });
    expect((await read(wide)).rows[1]).toEqual(['Müller & Söhne', 'Köln']);
    const turned = Buffer.from(wide).swap16();
    expect(await read(turned)).toMatchObject({ encoding: 'utf-16be' });
    expect((await read(turned)).rows[1]).toEqual(['Müller & Söhne', 'Köln']);
  }
  const old = Buffer.from('Name,Preis\nM\xfcller \x93Caf\xe9\x94,5 \x80\n', 'latin1');
  expect(await read(old)).toMatchObject({ encoding: 'windows-1252' });
  expect((await read(old)).rows[1]).toEqual(['Müller “Café”', '5 €']);
});

it('keeps UTF-8 that has a few spoilt bytes, and counts them', async () => {
  const bytes = Buffer.concat([Buffer.from('Name\nMüller Köln Übung Größe Äpfel\nB'), Buffer.from([0xff]), Buffer.from('ad\n')]);
  const { encoding, rows, stats } = await read(bytes);
  expect(encoding).toBe('utf-8');
  expect(rows[1]).toEqual(['Müller Köln Übung Größe Äpfel']);
  expect(rows[2]).toEqual(['B�ad']);
  expect(stats.unreadable).toBe(1);
});

it('numbers rows as they stand in the file, over many pieces', async () => {
  const lines = Array.from({ length: 60_000 }, (_, at) => `Client ${at},"note\n${at}"`);
  const { rows, firsts } = await read(`Name,Note\n${lines.join('\n')}\n`);
  expect(rows.length).toBe(60_001);
  expect(rows[59_999]).toEqual(['Client 59998', 'note\n59998']);
  expect(firsts.length).toBeGreaterThan(3);
});

it('brings back every cell it wrote, whatever is in it, and writes none that a spreadsheet would run', async () => {
  const nasty = fc.constantFrom(
    '=1+1',
    '+49 30',
    '-5',
    '@SUM(A1)',
    "'=x",
    "''+",
    '"',
    '""',
    'a,b',
    'a;b',
    'line\nbreak',
    '\ttab',
    '😀',
    'שלום',
    'x'.repeat(5000),
    "'",
    "'t Hooft",
    '＝1',
  );
  const cell = fc.oneof(
    nasty,
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/[\0\r\ufeff\ufffd]/g, '')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 6 }), async (rows) => {
      const file = fileWith('out.csv', '');
      const guarded = rows.map((row) => row.map(guardCell));
      for (const row of guarded) for (const text of row) expect(text).not.toMatch(/^[=+\-@\t\r＝＋－＠]/);
      await writeCsv(file, [['First', 'Second'], ...guarded]);
      const back = await read(readFileSync(file), { encoding: 'utf-8', delimiter: ',' });
      expect(back.rows.slice(1)).toEqual(rows);
    }),
    propertySettings(100),
  );
});

it('leaves a plain negative number of an unknown cell a number', () => {
  expect(guardForeignCell('-12.50')).toBe('-12.50');
  expect(guardForeignCell('-12+A1')).toBe("'-12+A1");
  expect(unguardCell("'t Hooft")).toBe("'t Hooft");
});
