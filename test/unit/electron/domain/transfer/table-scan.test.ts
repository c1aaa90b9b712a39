import { say } from '../../../../../shared/words/say.ts';
import { expect, it } from 'vitest';
import { proposeMapping } from '../../../../../electron/domain/transfer/mapping-proposal.ts';
import type { TableSource } from '../../../../../electron/domain/transfer/source.ts';
import { scanTable } from '../../../../../electron/domain/transfer/table-scan.ts';
import { openSource } from '../../../../../electron/formats/open-source.ts';
import { problemOf } from '../../../../support/opened-book.ts';
import { fileWith } from '../../../../support/transfer-desk.ts';

async function scan(content: string | Uint8Array, hasHeader: boolean | null = null, name = 'list.csv') {
  const path = fileWith(name, content);
  const source = await openSource(
    { fileId: 'f', fileName: name, path, size: content.length },
    { encoding: null, delimiter: null, sheet: null },
  );
  return scanTable(source as TableSource, name, { hasHeader, headerRow: null });
}

async function proposed(content: string) {
  const found = await scan(content);
  const { columns, defaults } = proposeMapping(found, [], null);
  return { targets: Object.fromEntries(columns.map(({ column, target }) => [found.headers[column], target])), defaults, columns };
}

it('sees that a first row with an address, a date or a number is data', async () => {
  for (const first of ['Acme,info@acme.example', 'Acme,2026-03-01', 'Acme,17', 'Acme,+1 555 010 9999']) {
    const found = await scan(`${first}\nBeta,x\n`);
    expect(found).toMatchObject({ hasHeader: false, rows: 2, headers: ['Column 1', 'Column 2'] });
    expect(found.notes.map(say).join(' ')).toContain('first row looks like data');
  }
});

it('sees that a first row of names is a header, also of names it does not know', async () => {
  expect(await scan('Name,City\nAcme,Berlin\n')).toMatchObject({ hasHeader: true, rows: 1 });
  expect(await scan('Frob,Quux\na,1\nb,2\n')).toMatchObject({ hasHeader: true });
  expect(await scan('a,b\na,c\n')).toMatchObject({ hasHeader: false });
  expect(await scan('Acme,Berlin\nBeta,Paris\n', false)).toMatchObject({ hasHeader: false, rows: 2 });
});

it('pads ragged rows, keeps cells without a name, and says so', async () => {
  const found = await scan('Name,City\nAcme\nBeta,Paris,extra,\nGamma,Rome,,\n\n');
  expect(found).toMatchObject({
    rows: 3,
    headers: ['Name', 'City', 'Column 3'],
    sample: [
      ['Acme', '', ''],
      ['Beta', 'Paris', 'extra'],
      ['Gamma', 'Rome', ''],
    ],
  });
  expect(found.notes.map(say)).toEqual([
    '1 row has fewer cells than the first one; the missing cells were taken as empty.',
    '1 row has more cells than the first one; what is in them stands in columns of their own.',
  ]);
});

it('gives columns of one name names of their own', async () => {
  expect((await scan('Name,Name,,name\na,b,c,d\n')).headers).toEqual(['Name', 'Name (2)', 'Column 3', 'name (3)']);
});

it('reads 300 columns and gives each a place', async () => {
  const headers = Array.from({ length: 300 }, (_, at) => (at === 0 ? 'Company' : `Field ${at}`));
  const { targets } = await proposed(`${headers.join(',')}\n${headers.map((_, at) => `v${at}`).join(',')}\n`);
  expect(targets['Company']).toBe('client.name');
  expect(targets['Field 299']).toBe('client.custom.Field 299');
  expect(new Set(Object.values(targets)).size).toBe(300);
});

it('refuses a file with nothing in it in plain words', async () => {
  for (const content of ['', '\uFEFF', '  \n\n', 'Name,City\n']) {
    expect(await problemOf(scan(content))).toMatchObject({ code: 'FILE_EMPTY', message: expect.stringContaining('Nothing was imported') });
  }
  const wide = Array.from({ length: 1001 }, () => 'x').join(',');
  expect((await problemOf(scan(`${wide}\n${wide}\n`))).message).toContain('1,001 columns');
});

it('refuses what is no list, whatever it is called', async () => {
  const programs: [string, Uint8Array | string][] = [
    ['list.csv', Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(300, 7)])],
    ['list.csv', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...Array.from({ length: 600 }, () => 0)])],
    ['list.csv', Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919) % 31))],
    ['cards.vcf', 'Name,City\nAcme,Berlin\n'],
  ];
  for (const [name, content] of programs) expect(await problemOf(scan(content, null, name))).toMatchObject({ code: 'FILE_UNREADABLE' });
});

it('knows how the dates of a column are meant, and asks where they say nothing', async () => {
  const { columns } = await proposed(
    'Name,Last contact,Next follow-up,First contact\nA,25/12/2025,01/02/2026,2026-01-02\nB,01/02/2026,03/04/2026,2026-01-03\n',
  );
  expect(columns.map(({ dateOrder }) => dateOrder)).toEqual([null, 'dmy', 'mdy', null]);
});

it('tells a list of people from a list of clients by its columns', async () => {
  expect(
    (await proposed('First Name,Surname,Company,E-mail,Mobile,Town,Zip,Birthday\nAda,L,Acme,a@x.example,1,Paris,01234,1980-01-01\n'))
      .targets,
  ).toEqual({
    'First Name': 'contact.firstName',
    Surname: 'contact.lastName',
    Company: 'client.name',
    'E-mail': 'contact.email',
    Mobile: 'contact.mobilePhone',
    Town: 'contact.address.city',
    Zip: 'contact.address.postalCode',
    Birthday: 'contact.dateOfBirth',
  });
  expect(
    (
      await proposed(
        'Firma,Kundennummer,E-Mail,Telefon,Straße,PLZ,Ort,Stadt,Bemerkung\nAcme,K1,a@x.example,030 1234567,Weg 1,01234,x,Berlin,gut\n',
      )
    ).targets,
  ).toMatchObject({
    Firma: 'client.name',
    Kundennummer: 'client.accountCode',
    'E-Mail': 'client.email',
    Telefon: 'client.phone',
    Straße: 'client.address.line1',
    PLZ: 'client.address.postalCode',
    Stadt: 'client.address.city',
    Bemerkung: 'client.notes',
  });
  expect((await proposed('Client,Branch,Street,City\nAcme,North,Weg 1,Berlin\n')).targets).toEqual({
    Client: 'client.name',
    Branch: 'location.name',
    Street: 'location.physicalAddress.line1',
    City: 'location.physicalAddress.city',
  });
});

it('finds places by content where the names say nothing', async () => {
  const { targets } = await proposed(
    'Acme,info@acme.example,+1 555 010 9999,https://acme.example\nBeta,hi@beta.example,+1 555 010 8888,https://beta.example\n',
  );
  expect(targets).toEqual({
    'Column 1': 'client.name',
    'Column 2': 'client.email',
    'Column 3': 'client.phone',
    'Column 4': 'client.website',
  });
});

it('maps every column of the given list of companies and keeps what has no field of its own', async () => {
  const { targets, defaults } = await proposed(
    'Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded\nMMM,3M,Industrials,Industrial Conglomerates,"Saint Paul, Minnesota",1957-03-04,66740,1902\n',
  );
  expect(targets).toEqual({
    Symbol: 'client.accountCode',
    Security: 'client.name',
    'GICS Sector': 'client.industry',
    'GICS Sub-Industry': 'client.description',
    'Headquarters Location': 'location.physicalAddress.place',
    'Date added': 'client.custom.Date added',
    CIK: 'client.custom.CIK',
    Founded: 'client.custom.Founded',
  });
  expect(defaults).toEqual({ 'location.name': 'Headquarters' });
});

it('takes columns of our own exports under the names they had before', async () => {
  const locations =
    'Name,Client,Active,Street address line 1,Street city,Street state or region,Street postal code,Street country,Mailing city,Id in Fieldbook\nYard,Acme,yes,Weg 1,Berlin,BE,10115,Germany,Bonn,l1\n';
  expect((await proposed(locations)).targets).toMatchObject({
    'Street address line 1': 'location.physicalAddress.line1',
    'Street city': 'location.physicalAddress.city',
    'Street state or region': 'location.physicalAddress.region',
    'Street postal code': 'location.physicalAddress.postalCode',
    'Street country': 'location.physicalAddress.country',
    'Mailing city': 'location.mailingAddress.city',
  });
  const contacts = 'First name,Last name,Client,Belongs to,Job title,Own person,Id in Fieldbook\nAda,L,Acme,Vendor,Head,,c1\n';
  expect((await proposed(contacts)).targets).toMatchObject({ 'Belongs to': 'contact.ownerKind', 'Own person': 'contact.userId' });
});
