import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../build/paths.mjs';
import { headerKey, rolesOf } from '../../../electron/domain/transfer/header-words.ts';
import { programWords } from '../../../electron/domain/transfer/program-words/program-words.ts';
import { failuresAfter, type Fields } from '../../support/import-case.ts';

/** A column of an export: its name, what stands in it, and where that goes; `custom` is a field of its own name, null is nowhere alone. */
type Column = [header: string, cell: string, to: string | null, as?: string | boolean];

interface Exports {
  language: string;
  programs: Record<string, { lists: 'clients' | 'contacts'; columns: Column[]; also?: Record<string, string> }>;
}

/** What programs write in each language: a language more is a file more (test/fixtures/README.md). */
const folder = join(root, 'test/fixtures/program-exports');
const all = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Exports);

const cells = (row: readonly string[]) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;

describe.each(all)('Exports in $language', ({ programs }) => {
  it.each(Object.entries(programs))('of %s come in, each column where it belongs', async (_program, { lists, columns, also = {} }) => {
    const text = cells(columns.map(([header]) => header)) + cells(columns.map(([, cell]) => cell));
    const fields: Record<string, string | boolean> = { ...also };
    for (const [header, cell, to, as = cell] of columns)
      if (to !== null && cell !== '') fields[to === 'custom' ? `custom.${header}` : to] = as;
    expect(
      await failuresAfter('export.csv', text, {
        records: { [lists]: [fields as Fields] },
        count: { [lists]: 1 },
        verdicts: { error: 0, new: 1 },
      }),
    ).toEqual([]);
  });
});

it('Words of a program in one language mean nothing else in another, nor what people call columns themselves', () => {
  const meant = new Map<string, string>();
  const other: string[] = [];
  for (const [language, { columns }] of Object.entries(programWords))
    for (const [role, names] of Object.entries(columns))
      for (const name of names) {
        const key = headerKey(name);
        const [first] = rolesOf(name);
        if (first?.role !== role || (meant.get(key) ?? role) !== role) other.push(`${language}: ${name} is ${first?.role}, not ${role}`);
        meant.set(key, role);
      }
  expect(other).toEqual([]);
});

const oneOf = (lists: 'clients' | 'contacts', fields: Fields) => ({
  records: { [lists]: [fields] },
  count: { [lists]: 1 },
  verdicts: { error: 0 },
});

it('What a word means in one program it means only beside the columns of that program', async () => {
  const alone: [text: string, lists: 'clients' | 'contacts', fields: Fields][] = [
    // In Portugal an "apelido" is a last name, and a sector is an industry; a day of birth is a whole date.
    [
      'Nome,Apelido,Empresa,Setor,Nascimento\nRita,Sousa,Faro Lda,Pescas,1980-05-03\n',
      'contacts',
      { lastName: 'Sousa', dateOfBirth: '1980-05-03' },
    ],
    ['Firma,Konto,Ort\nAdler,DE89370400440532013000,Ulm\n', 'clients', { name: 'Adler', 'banking.accountNumber': { like: '3000$' } }],
    [
      'Prénom,Nom,Société,Région,Pays\nLuc,Roy,Lys SA,Savoie,France\n',
      'contacts',
      { 'address.region': 'Savoie', 'address.country': 'France' },
    ],
    ['Vorname,Nachname,Firma,Geburtstag\nEva,Klein,Adler,03.05.1980\n', 'contacts', { dateOfBirth: '1980-05-03' }],
  ];
  for (const [text, lists, fields] of alone) expect(await failuresAfter('list.csv', text, oneOf(lists, fields)), text).toEqual([]);
});

it('A birthday that is no whole date stays in the note, and one that is no date at all costs no row', async () => {
  const head = 'First Name,Last Name,Organization,Birth Year,Birth Month,Birth Day\n';
  const note = { generalNote: { like: 'Month of birth 5, Day of birth 3' }, dateOfBirth: null };
  expect(await failuresAfter('thunderbird.csv', `${head}Ann,Lee,Birch,,5,3\n`, oneOf('contacts', note))).toEqual([]);
  const none = { generalNote: { like: 'Year of birth 1980, Month of birth 2, Day of birth 30' }, dateOfBirth: null };
  expect(await failuresAfter('thunderbird.csv', `${head}Ann,Lee,Birch,1980,2,30\n`, oneOf('contacts', none))).toEqual([]);
  const whole = { dateOfBirth: '1979-12-31', generalNote: null };
  expect(await failuresAfter('thunderbird.csv', `${head}Ann,Lee,Birch,1979,12,31\n`, oneOf('contacts', whole))).toEqual([]);
});

it('A date that could be read both ways is read as people write it where the column has its name', async () => {
  const born = (name: string) => `First name,Last name,Company,${name}\nAnn,Lee,Birch,03/05/1980\n`;
  for (const [name, day] of [
    ['Birthday', '1980-03-05'],
    ['Date of birth', '1980-03-05'],
    ['Fecha de nacimiento', '1980-05-03'],
    ['Compleanno', '1980-05-03'],
    ['Data urodzenia', '1980-05-03'],
  ] as const)
    expect(await failuresAfter('born.csv', born(name), oneOf('contacts', { dateOfBirth: day })), name).toEqual([]);
});

it('An address with a second line or a city of its own begins with its street', async () => {
  const plain = 'First name,Last name,Company,Address,Address 2,City,Zip\nAnn,Lee,Birch,5 Oak St,Suite 2,Salem,97301\n';
  const street = { 'address.line1': '5 Oak St', 'address.line2': 'Suite 2', 'address.city': 'Salem', 'address.freeform': null };
  expect(await failuresAfter('plain.csv', plain, oneOf('contacts', street))).toEqual([]);
  const work = 'First name,Last name,Company,Work Address,Work City,Work ZipCode\nAnn,Lee,Birch,5 Oak St,Salem,97301\n';
  expect(
    await failuresAfter(
      'work.csv',
      work,
      oneOf('contacts', { 'address.line1': '5 Oak St', 'address.city': 'Salem', 'address.freeform': null }),
    ),
  ).toEqual([]);
  // The whole address in one column stays one text.
  const whole = 'First name,Last name,Company,Address,City\nAnn,Lee,Birch,"5 Oak St, Salem OR 97301",Salem\n';
  expect(await failuresAfter('whole.csv', whole, oneOf('contacts', { 'address.freeform': '5 Oak St, Salem OR 97301' }))).toEqual([]);
});
