import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NounName } from '../../../../../shared/nouns/nouns.ts';
import { listRequestSchema } from '../../../../../shared/contracts/list.ts';
import { propertySettings } from '../../../../support/property.ts';
import { openLaptop, problemOf, type TestBook } from '../../../../support/opened-book.ts';
import { openDesk, type TransferDesk } from '../../../../support/transfer-desk.ts';
import { readXlsx } from '../../../../../electron/formats/xlsx.reader.ts';

type Format = 'csv' | 'xlsx' | 'vcard';

function exported(
  desk: TransferDesk,
  collection: NounName,
  format: Format,
  given: { list?: object; ids?: string[]; columns?: string[]; includeSecret?: boolean } = {},
) {
  const { offset: _, limit: __, ...list } = listRequestSchema.parse(given.list ?? {});
  return desk.exports.create({
    collection,
    format,
    list,
    ids: given.ids,
    columns: given.columns ?? [],
    includeSecret: given.includeSecret ?? false,
  });
}

async function lines(desk: TransferDesk, collection: NounName, given: Parameters<typeof exported>[3] = {}): Promise<string[]> {
  const { fileId } = await exported(desk, collection, 'csv', given);
  return (await desk.read(fileId))
    .toString('utf8')
    .split('\r\n')
    .filter((line) => line !== '');
}

it('writes the list as it is filtered and sorted, in UTF-8 with byte order mark and Windows line ends', async () => {
  const desk = await openDesk();
  for (const [name, city] of [
    ['Beta', 'Köln'],
    ['Acme', 'Köln'],
    ['Gamma', 'Paris'],
  ] as const)
    await desk.laptop.clients.create({ name, address: { city } });
  const list = { filters: [{ path: 'address.city', operator: 'is', value: 'Köln' }], sort: [{ path: 'name' }] };
  const file = await exported(desk, 'clients', 'csv', { list, columns: ['name', 'address.city', 'kind', 'isActive'] });
  expect(file).toMatchObject({ fileName: 'Clients 2026-03-04.csv', rows: 2 });
  expect((await desk.read(file.fileId)).toString('utf8')).toBe(
    '\uFEFFName,City,Kind,Active\r\nAcme,Köln,Client,yes\r\nBeta,Köln,Client,yes\r\n',
  );
});

it('makes cells safe that a spreadsheet would run, and leaves numbers and dates alone', async () => {
  const desk = await openDesk();
  await desk.laptop.clients.create({
    name: '=HYPERLINK("http://x","y")',
    phone: '+49 30 1',
    notes: '-1+2',
    annualRevenue: '-12.50',
    nextFollowUpDate: '2026-04-01',
  });
  expect((await lines(desk, 'clients', { columns: ['name', 'phone', 'notes', 'annualRevenue', 'nextFollowUpDate'] }))[1]).toBe(
    `"'=HYPERLINK(""http://x"",""y"")",'+49 30 1,'-1+2,-12.50,2026-04-01`,
  );
});

it('leaves banking out unless it is asked for, and then gives it unmasked', async () => {
  const desk = await openDesk();
  await desk.laptop.clients.create({ name: 'Acme', banking: { bankName: 'Bank', accountNumber: '0012345678' } });
  for (const format of ['csv', 'vcard'] as const) {
    const { fileId } = await exported(desk, 'clients', format);
    expect((await desk.read(fileId)).toString('utf8')).not.toMatch(/0012345678|5678/);
  }
  expect((await lines(desk, 'clients', { columns: ['name', 'banking.accountNumber'] }))[1]).toBe('Acme');
  expect((await lines(desk, 'clients', { columns: ['name', 'banking.accountNumber'], includeSecret: true }))[1]).toBe('Acme,0012345678');
});

it('says in a sentence when there is nothing to export, or the format cannot hold it', async () => {
  const desk = await openDesk();
  expect(await problemOf(exported(desk, 'clients', 'csv'))).toMatchObject({ code: 'NOTHING_TO_EXPORT' });
  await desk.laptop.clients.create({ name: 'Acme', notes: 'x'.repeat(40_000) });
  expect((await problemOf(exported(desk, 'clients', 'xlsx'))).message).toContain('“Notes” of one record has 40,000 characters');
  expect((await lines(desk, 'clients'))[1]).toContain('x'.repeat(40_000));
  expect((await problemOf(exported(desk, 'locations', 'vcard'))).message).toContain('no vCard form');
});

it('names the client of contacts and locations, and what records have beyond their fields', async () => {
  const desk = await openDesk();
  const { record } = await desk.laptop.clients.create({
    name: 'Acme',
    custom: { Founded: '1902', 'VAT, no.': 'X' },
    externalIds: { trackops: '17' },
  });
  await desk.laptop.locations.create({
    clientId: record.id,
    name: 'North',
    physicalAddress: { city: 'Berlin', freeform: 'behind\nthe mill' },
  });
  await desk.laptop.contacts.create({
    clientId: record.id,
    firstName: 'Ada',
    lastName: 'Lovelace',
    tags: ['a, b', 'c'],
    links: ['https://x.example/a;b'],
  });
  expect((await lines(desk, 'clients'))[0]).toMatch(/,Founded,"VAT, no\.",Id in trackops,Id in Fieldbook$/);
  expect((await lines(desk, 'locations', { columns: ['name', 'clientId'] }))[1]).toBe('North,Acme');
  expect((await lines(desk, 'locations'))[0]).toMatch(/,Street address as one text,Id in Fieldbook$/);
  expect((await lines(desk, 'contacts', { columns: ['name', 'clientId', 'tags', 'links'] }))[1]).toBe(
    'Ada Lovelace,Acme,"""a, b""; c","""https://x.example/a;b"""',
  );
});

it('exports deleted records from the list of deleted ones, and only there', async () => {
  const desk = await openDesk();
  const { record } = await desk.laptop.clients.create({ name: 'Gone' });
  await desk.laptop.clients.create({ name: 'Here' });
  await desk.laptop.clients.remove([record.id]);
  expect(await lines(desk, 'clients', { columns: ['name'] })).toEqual(['\uFEFFName', 'Here']);
  expect(await lines(desk, 'clients', { columns: ['name'], list: { show: 'deleted' } })).toEqual(['\uFEFFName', 'Gone']);
});

it('exports only the named records of the list, in the order of the list', async () => {
  const desk = await openDesk();
  const ids: string[] = [];
  for (const name of ['Cedar', 'Adler', 'Birch']) ids.push((await desk.laptop.clients.create({ name })).record.id);
  const sorted = { list: { sort: [{ path: 'name' }] }, columns: ['name'] };
  expect(await lines(desk, 'clients', { ...sorted, ids: ids.slice(0, 2) })).toEqual(['\uFEFFName', 'Adler', 'Cedar']);
});

it('writes sheets in which text stays text', async () => {
  const desk = await openDesk();
  await desk.laptop.clients.create({ name: '=1+1', accountCode: '00042', address: { postalCode: '02134' } });
  const { fileId, fileName } = await exported(desk, 'clients', 'xlsx', { columns: ['name', 'accountCode', 'address.postalCode'] });
  expect(fileName).toBe('Clients 2026-03-04.xlsx');
  expect((await readXlsx((await desk.files.get(fileId)).path, null)).rows).toEqual([
    ['Name', 'Account code', 'Postal code'],
    ['=1+1', '00042', '02134'],
  ]);
});

/** Texts as people write them, and as nobody should. */
const special = fc.constantFrom(
  '=1+1',
  '+49',
  '-x',
  '@me',
  "'quote",
  'a "b" c',
  'comma, semicolon; bar|',
  'two\nlines',
  'tab\there',
  '😀👩‍👩‍👧',
  'שלום עולם',
  'مرحبا',
  '\u202Ebackwards',
  'none',
  'n/a',
  '001',
  '1e5',
  'TRUE',
  '_x0041_',
  'é\u0301',
  '  spaced  out  ',
);
const anyText = (max: number) =>
  fc
    .oneof(special, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }))
    .map((text) =>
      text
        .replace(/[\u0000-\u0008\u000b-\u001f\ufeff\ufffd-\uffff]/g, '')
        .replace(/[\ud800-\udfff](?![\udc00-\udfff])/g, '')
        .trim()
        .slice(0, max)
        .trim(),
    )
    .filter((text) => text !== '' && text.isWellFormed());
const maybe = (max = 60) => fc.option(anyText(max));
const line = (max = 60) => maybe(max).map((text) => text?.replaceAll('\n', ' ').trim() || null);
const day = fc.option(fc.integer({ min: 0, max: 20_000 }).map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10)));
const address = fc.record({
  line1: line(),
  line2: line(),
  line3: line(),
  city: line(),
  region: line(),
  postalCode: fc.constantFrom(null, '02134', '=1'),
  country: line(),
  phone: fc.constantFrom(null, '+1 2'),
  freeform: maybe(),
});
const tags = fc.uniqueArray(anyText(40), { maxLength: 3 });

/** Made one by one, so that names and e-mails are their own. */
const clients = fc.array(
  fc.record({
    description: maybe(),
    kind: fc.constantFrom('client', 'lead', 'vendor'),
    entityType: fc.constantFrom('company', 'non_profit', 'other'),
    lifecycleStage: fc.constantFrom('prospect', 'lost_opportunity'),
    isActive: fc.boolean(),
    industry: fc.constantFrom(null, 'health', 'it_support', 'Space mining'),
    website: line(),
    companySize: line(),
    annualRevenue: fc.constantFrom(null, '0', '12.50', '-3.1', '1234567890123.99'),
    defaultCurrency: fc.constantFrom('USD', 'EUR'),
    phone: fc.constantFrom(null, '+49 (0)30 1', '0012'),
    paymentTermsDays: fc.option(fc.integer({ min: 0, max: 3650 })),
    hasInvoiceReminders: fc.boolean(),
    notes: fc.oneof(maybe(), fc.constant('long note '.repeat(500).trim())),
    firstContactDate: day,
    nextFollowUpDate: day,
    tags,
    address,
    banking: fc.option(
      fc.record({
        bankName: line(),
        accountNumber: fc.constantFrom(null, '0012345678'),
        branchCode: line(),
        accountType: fc.constantFrom(null, 'savings'),
        routingNumber: fc.constant(null),
        swiftCode: line(),
      }),
    ),
    custom: fc.dictionary(fc.constantFrom('Founded', 'VAT no.', '=field', 'Größe (m)'), anyText(50)),
  }),
  { minLength: 1, maxLength: 5 },
);

const bookkeeping = ['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'deletedAt', 'stamps', 'clientId', 'externalIds'];

/** The records of a noun without what belongs to one book only. */
function contentOf(laptop: TestBook, noun: NounName): unknown[] {
  return [...laptop.book.all(noun)]
    .map((record) => {
      const fields = Object.fromEntries(Object.entries(record).filter(([field]) => !bookkeeping.includes(field)));
      const client = 'clientId' in record && record.clientId !== null ? laptop.book.get('clients', record.clientId)?.name : null;
      // Banking with nothing in it and no banking say the same.
      const banking =
        'banking' in record && record.banking !== null && Object.values(record.banking).some((value) => value !== null)
          ? record.banking
          : null;
      return { ...fields, client, banking };
    })
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function roundTrip(desk: TransferDesk, noun: NounName, format: Format): Promise<TransferDesk> {
  const { fileId, fileName } = await exported(desk, noun, format, { includeSecret: true });
  const other = await openDesk(await openLaptop());
  const { plan, preview } = await other.look(fileName, await desk.read(fileId));
  const job = await other.bring({ ...plan, matchBy: noun === 'locations' ? ['name'] : [] });
  expect({
    ...job.counts,
    notes: preview.notes,
    problem: job.problem,
    rows: (await other.imports.report(job.id, 'error', 0, 5)).rows,
  }).toMatchObject({ error: 0, skip: 0, notes: [], problem: null, rows: [] });
  return other;
}

it.each(['csv', 'xlsx'] as const)(
  'brings clients back exactly as they left, whatever is in them (%s)',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(clients, async (all) => {
        const desk = await openDesk(await openLaptop());
        await desk.laptop.book.run('clients.create', null, (tx) =>
          all.forEach((fields, at) => tx.create('clients', { ...fields, name: `=Client ${at}`, email: `c${at}@x.example` })),
        );
        const back = await roundTrip(desk, 'clients', format);
        expect(contentOf(back.laptop, 'clients')).toEqual(contentOf(desk.laptop, 'clients'));
      }),
      { ...propertySettings(15), endOnFailure: true },
    );
  },
  120_000,
);

const people = fc.array(
  fc.record({
    firstName: line(),
    middleName: line(),
    title: line(),
    jobTitle: line(),
    dateOfBirth: day,
    salutation: line(40),
    department: line(),
    secondaryEmail: fc.constantFrom(null, 'second@x.example'),
    phone: fc.constantFrom(null, '+49 30 1', '=1'),
    mobilePhone: fc.constantFrom(null, '0170 1'),
    links: fc.uniqueArray(
      line().map((text) => text ?? 'https://x.example/?a=1;b=2,3'),
      { maxLength: 2 },
    ),
    doNotCall: fc.boolean(),
    generalNote: maybe(),
    isActive: fc.boolean(),
    tags,
    address,
  }),
  { minLength: 1, maxLength: 5 },
);

it('brings contacts and locations back with the clients they hang on', async () => {
  await fc.assert(
    fc.asyncProperty(people, address, async (all, other) => {
      const desk = await openDesk(await openLaptop());
      await desk.laptop.book.run('clients.create', null, (tx) => {
        const acme = tx.create('clients', { name: 'Acme, "Ltd"' });
        all.forEach((fields, at) =>
          tx.create('contacts', {
            ...fields,
            lastName: `Person ${at}`,
            email: `p${at}@x.example`,
            clientId: at % 2 === 0 ? acme.id : null,
            isPrimary: at === 2,
          }),
        );
        all.forEach(({ address: physicalAddress, generalNote }, at) =>
          tx.create('locations', {
            clientId: acme.id,
            name: `Place ${at}`,
            physicalAddress,
            mailingAddress: other,
            notes: generalNote,
            isPrimary: at === 1,
          }),
        );
      });
      for (const noun of ['contacts', 'locations'] as const) {
        const back = await roundTrip(desk, noun, 'csv');
        expect(contentOf(back.laptop, noun)).toEqual(contentOf(desk.laptop, noun));
      }
    }),
    { ...propertySettings(15), endOnFailure: true },
  );
}, 120_000);

it('brings contacts and organisations back from their cards', async () => {
  const desk = await openDesk();
  const { record: acme } = await desk.laptop.clients.create({
    name: 'Acme; Ltd',
    email: 'info@acme.example',
    phone: '+1 555 010 9999',
    website: 'https://acme.example',
    notes: 'one\ntwo, three',
    tags: ['vip'],
    address: { line1: '1 Main St', line2: 'Suite 5', city: 'Town', country: 'USA' },
  });
  await desk.laptop.clients.create({ name: 'Freeform', address: { freeform: 'behind\nthe mill' } });
  const ada = {
    clientId: acme.id,
    salutation: 'Dr.',
    firstName: 'Ada',
    middleName: 'King, Noel',
    lastName: 'Löve; lace',
    title: 'Mathematician',
    jobTitle: 'Lead',
    department: 'R&D',
    email: 'ada@acme.example',
    secondaryEmail: 'ada@home.example',
    phone: '030 1',
    workPhone: '030 2',
    mobilePhone: '0170 3',
    dateOfBirth: '1980-03-22',
    generalNote: 'likes: tea; cake, 😀\nשלום',
    tags: ['a, b', 'c'],
    links: ['https://x.example/a,b;c'],
    address: {
      line1: '1 Main St, rear',
      line2: 'Suite; 5',
      line3: 'c/o Bob',
      city: 'Town',
      region: 'TX',
      postalCode: '01234',
      country: 'USA',
    },
  };
  await desk.laptop.contacts.create(ada);
  const people = await roundTrip(desk, 'contacts', 'vcard');
  expect(contentOf(people.laptop, 'contacts')).toEqual(contentOf(desk.laptop, 'contacts'));
  const organisations = await roundTrip(desk, 'clients', 'vcard');
  expect(contentOf(organisations.laptop, 'clients')).toEqual(contentOf(desk.laptop, 'clients'));
});

it('finds the same records when a card of this book comes back to it', async () => {
  const desk = await openDesk();
  const { record } = await desk.laptop.contacts.create({ firstName: 'Ada', lastName: 'Lovelace' });
  const { fileId, fileName } = await exported(desk, 'contacts', 'vcard');
  await desk.laptop.contacts.change(record.id, { lastName: 'King' });
  const job = await desk.bring((await desk.look(fileName, await desk.read(fileId))).plan);
  expect(job.counts).toMatchObject({ update: 1, new: 0 });
  expect(desk.laptop.contacts.get(record.id)).toMatchObject({ lastName: 'Lovelace', externalIds: {} });
});

it('leaves no file with banking data behind for the next start, neither an export nor a file that was taken in', async () => {
  const desk = await openDesk();
  await desk.laptop.clients.create({ name: 'Acme', banking: { accountNumber: '0012345678' } });
  const { fileId } = await exported(desk, 'clients', 'csv', { includeSecret: true });
  expect((await desk.read(fileId)).toString('utf8')).toContain('0012345678');
  await desk.take('in.csv', 'Name,Account number\nBeta,0087654321\n');
  const files = join(desk.laptop.folder, 'files');
  expect(readdirSync(files)).toHaveLength(2);
  await desk.reopen();
  await expect.poll(() => readdirSync(files)).toEqual([]);
});
