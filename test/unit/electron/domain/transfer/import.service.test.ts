import { say } from '../../../../../shared/words/say.ts';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import writeExcelFile from 'write-excel-file/node';
import type { ImportPlan } from '../../../../../shared/contracts/transfer.contract.ts';
import { counted, openLaptop, problemOf } from '../../../../support/opened-book.ts';
import { fileWith, givenData, openDesk } from '../../../../support/transfer-desk.ts';

const companies = () => readFileSync(join(givenData, 'sp500-companies.csv'));

it('brings in 503 clients with their headquarters as primary location', async () => {
  const { look, bring, imports, laptop, told } = await openDesk();
  const { plan, preview } = await look('sp500-companies.csv', companies());
  expect(preview).toMatchObject({ rows: 503, hasHeader: true, delimiter: ',', encoding: 'utf-8' });
  const dry = await imports.dryRun(plan);
  expect(dry).toMatchObject({ complete: true, checked: 503, counts: { new: 503, error: 0, duplicate: 0 } });
  expect(laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
  const job = await bring(plan);
  expect(job).toMatchObject({ state: 'done', done: 503, counts: dry.counts, made: { clients: 503, locations: 503 } });
  expect(laptop.counts()).toEqual(counted({ ownFields: 3, clients: 503, contacts: 0, locations: 503 }));
  expect(told.at(-1)).toEqual(job);
  const client = (name: string) => [...laptop.book.all('clients')].find((one) => one.name === name);
  const home = (name: string) => laptop.book.children('locations', client(name)?.id ?? '');
  expect(client('Abbott Laboratories')).toMatchObject({
    accountCode: 'ABT',
    industry: 'health',
    description: 'Health Care Equipment',
    custom: { 'Date added': '1957-03-04', CIK: '1800', Founded: '1888' },
  });
  expect(home('Abbott Laboratories')).toMatchObject([
    { name: 'Headquarters', isPrimary: true, physicalAddress: { city: 'North Chicago', region: 'Illinois', country: null } },
  ]);
  expect(home('Aon plc')[0]?.physicalAddress).toMatchObject({ city: 'London', country: 'United Kingdom' });
});

// What is read from a pipe comes when the test says so.
it.skipIf(process.platform === 'win32')('says of an import that ended before its start was answered that it has ended', async () => {
  const { look, imports, laptop, told } = await openDesk();
  const { plan } = await look('a.csv', 'Name\nAcme\n');
  const mappings = join(laptop.folder, 'imports', 'mappings.json');
  execFileSync('mkfifo', [mappings]);
  const started = imports.start(plan);
  await vi.waitUntil(() => told.at(-1)?.state === 'done', 10_000);
  await writeFile(mappings, '{}');
  expect(await started).toEqual(told.at(-1));
});

it('finds everything unchanged the second time, and only what differs the third time', async () => {
  const { look, bring, laptop } = await openDesk();
  await bring((await look('a.csv', companies())).plan);
  const again = await look('b.csv', companies());
  expect(again.preview.remembered).toBe(true);
  expect(await bring(again.plan)).toMatchObject({ counts: { unchanged: 503, new: 0, update: 0 }, made: {} });
  const changed = companies()
    .toString('utf8')
    .replace('"Saint Paul, Minnesota"', '"Maplewood, Minnesota"')
    .replace('Industrial Conglomerates', 'Glue');
  expect(await bring((await look('c.csv', changed)).plan)).toMatchObject({ counts: { unchanged: 502, update: 1 } });
  expect(laptop.counts().locations).toBe(503);
});

it('takes the whole import back, updates included, and leaves what was changed later', async () => {
  const { look, bring, imports, laptop } = await openDesk();
  const { record: acme } = await laptop.clients.create({ name: 'Acme', email: 'info@acme.example', phone: '1' });
  const { record: beta } = await laptop.clients.create({ name: 'Beta', phone: '1' });
  const { plan } = await look('a.csv', 'Name,E-mail,Phone,Note\nAcme,info@acme.example,2,from file\nBeta,,3,\nGamma,,4,\n');
  const job = await bring(plan);
  expect(job.counts).toMatchObject({ update: 2, new: 1 });
  await laptop.clients.change(beta.id, { phone: 'by hand' });
  expect(await imports.undo(job.id)).toMatchObject({ state: 'undone', note: { words: 'imports.leftAsChanged', values: { fields: 1 } } });
  expect(laptop.clients.get(acme.id)).toMatchObject({ phone: '1', notes: null });
  expect(laptop.clients.get(beta.id)).toMatchObject({ phone: 'by hand' });
  expect(laptop.counts().clients).toBe(2);
  expect((await imports.list())[0]).toMatchObject({ id: job.id, state: 'undone' });
});

it('shows an import that was undone from the keyboard as undone, and as done when that is taken back', async () => {
  const { look, bring, imports, laptop } = await openDesk();
  const job = await bring((await look('a.csv', 'Name,City\nAcme,Berlin\n')).plan);
  await laptop.history.undo(null);
  expect((await imports.list())[0]?.state).toBe('undone');
  await laptop.history.redo();
  expect(await imports.list()).toMatchObject([{ id: job.id, state: 'done' }]);
});

it('keeps a client’s values that the file does not have, and skips or doubles when asked to', async () => {
  const { look, bring, laptop } = await openDesk();
  const { record } = await laptop.clients.create({
    name: 'Acme',
    phone: '1',
    tags: ['old'],
    address: { city: 'Berlin', country: 'Germany' },
  });
  const file = 'Name,Phone,City,Tags,Website\nAcme,,Potsdam,new,\n';
  await bring((await look('a.csv', file)).plan);
  expect(laptop.clients.get(record.id)).toMatchObject({
    phone: '1',
    tags: ['old', 'new'],
    address: { city: 'Potsdam', country: 'Germany' },
    website: null,
  });
  expect(await bring((await look('b.csv', 'Name,Phone\nAcme,9\nBeta,9\n', { onMatch: 'skip' })).plan)).toMatchObject({
    counts: { skip: 1, duplicate: 0, new: 1 },
  });
  expect(laptop.clients.get(record.id).phone).toBe('1');
  expect(await bring((await look('c.csv', 'Name,Phone\nAcme,9\n', { onMatch: 'create' })).plan)).toMatchObject({
    counts: { duplicate: 1 },
    made: { clients: 1 },
  });
  expect([...laptop.book.all('clients')].filter(({ name }) => name === 'Acme')).toHaveLength(2);
});

it('says of each row that fails why, and brings the others in', async () => {
  const { look, bring, rows, imports, laptop } = await openDesk();
  await laptop.clients.create({ name: 'Holder', email: 'taken@acme.example', accountCode: 'H' });
  const file = [
    'Name,E-mail,Account code,Next follow-up,Active',
    'Fine,ok@acme.example,F,2026-04-01,yes',
    `${'n'.repeat(301)},,,,`,
    'Other,taken@acme.example,O,,',
    'Bad mail,not-a-mail,,,',
    'Bad day,,,31/31/2026,',
    'Bad word,,,,perhaps',
    ',,X,,',
    'Also fine,,,,no',
  ].join('\n');
  const { plan } = await look('mixed.csv', file, { matchBy: ['accountCode', 'name'] });
  const dry = await imports.dryRun(plan);
  const job = await bring(plan);
  expect(job.counts).toMatchObject({ new: 2, error: 6 });
  expect(dry.counts).toEqual(job.counts);
  const reasons = await rows(job.id, 'error');
  expect(reasons.map(({ row }) => row)).toEqual([3, 4, 5, 6, 7, 8]);
  expect(reasons.map(({ reason }) => reason && say(reason))).toEqual([
    'Client: Name: Can have 300 characters at most. Shorten it. It has 301.',
    'The e-mail taken@acme.example is taken: “Holder” has it. If it is the same client, write the name as there; if not, change the e-mail in the file.',
    'Client: E-mail: This is not an e-mail address. It needs the form name@example.com.',
    'Client: Next follow-up: “31/31/2026” is not a date Fieldbook can read. Write it like 2026-03-31.',
    'Client: Active: “perhaps” is neither yes nor no. Say in the values step what it means.',
    'The client has no name.',
  ]);
  expect(laptop.counts().clients).toBe(3);
});

it('gives the failed rows as a file that, mended, goes in with the same mapping', async () => {
  const { look, bring, imports, read, laptop } = await openDesk();
  const job = await bring((await look('a.csv', 'Name,E-mail,Zip,Founded\nAcme,oops,01234,=1+1\nBeta,b@x.example,02345,1999\n')).plan);
  const { fileId, fileName } = await imports.errorFile(job.id);
  expect(fileName).toBe('a - rows not imported.csv');
  const text = (await read(fileId)).toString('utf8');
  expect(text).toContain("Acme,oops,01234,'=1+1,2,Client: E-mail: This is not an e-mail address.");
  const mended = await look('mended.csv', text.replace('oops', 'a@x.example'));
  expect(mended.preview.remembered).toBe(true);
  expect(mended.plan.columns.map(({ target }) => target)).toEqual([
    'client.name',
    'client.email',
    'client.address.postalCode',
    'client.custom.Founded',
    null,
    null,
  ]);
  expect(await bring(mended.plan)).toMatchObject({ counts: { new: 1, error: 0 } });
  expect([...laptop.book.all('clients')].find(({ name }) => name === 'Acme')).toMatchObject({
    email: 'a@x.example',
    custom: { Founded: '=1+1' },
  });
});

it('keeps no bank account of a row that failed', async () => {
  const { look, bring, imports, read, laptop } = await openDesk();
  const job = await bring(
    (await look('a.csv', 'Name,E-mail,Account number,Bank\nAcme,oops,0012345678,First\nBeta,b@x.example,0087654321,Second\n')).plan,
  );
  expect(job.counts).toMatchObject({ new: 1, error: 1 });
  expect([...laptop.book.all('clients')][0]?.banking).toMatchObject({ accountNumber: '0087654321', bankName: 'Second' });
  const { fileId } = await imports.errorFile(job.id);
  expect((await read(fileId)).toString('utf8')).toContain('Acme,oops,,,2,');
  expect(readFileSync(join(laptop.folder, 'imports', `${job.id}.rows.ndjson`), 'utf8')).not.toContain('12345678');
});

it('sees that an earlier row of the file is the same client, and that a new one looks like one in the book', async () => {
  const { look, bring, rows, laptop } = await openDesk();
  await laptop.clients.create({ name: 'Acme', phone: '+1 555 010 9999', accountCode: 'A1' });
  const job = await bring(
    (await look('a.csv', 'Name,Account code,Phone,City\nBeta,B1,,Paris\nbeta,B1,,Rome\nAcme Holding,A2,(555) 0109999,\nAcme,A3,,\n')).plan,
  );
  expect(job).toMatchObject({ counts: { new: 1, duplicate: 3 }, made: { clients: 3 } });
  expect((await rows(job.id, 'duplicate')).map(({ reason }) => reason && say(reason))).toEqual([
    'Row 2 is the same client: both go into one.',
    'Same phone as “Acme” in the book. It goes in as a new client; look at the two afterwards.',
    'Same name as “Acme” in the book. It goes in as a new client; look at the two afterwards.',
  ]);
});

it('does not guess which of two clients of one name is meant', async () => {
  const { look, bring, rows, laptop } = await openDesk();
  for (const phone of ['1', '2']) await laptop.clients.create({ name: 'Acme', phone });
  const job = await bring((await look('a.csv', 'Name,City\nAcme,Berlin\n')).plan);
  expect((await rows(job.id, 'error')).map(({ reason }) => reason && say(reason))).toEqual([
    'More than one client is called “Acme”. Add the e-mail or account code of the one you mean.',
  ]);
});

it('brings contacts to their clients, known and new, and tells people of one name or address apart', async () => {
  const { look, bring, laptop } = await openDesk();
  const { record: acme } = await laptop.clients.create({ name: 'ACME Ltd', industry: 'legal' });
  const file = [
    'First name,Last name,Company,E-mail,Phone',
    'Ada,Lovelace,Acme Ltd.,ada@acme.example,+1 555 010 0001',
    'Bob,Stone,Beta,info@beta.example,',
    'Cid,Stone,Beta,info@beta.example,',
    'Ada,Lovelace,Acme Ltd,ada@acme.example,+1 555 010 0002',
    'Ada,Lovelace,Acme Ltd,other@acme.example,',
    'Solo,,,,+1 555 010 0003',
  ].join('\n');
  const job = await bring((await look('people.csv', file)).plan);
  expect(job).toMatchObject({ counts: { new: 3, duplicate: 3, error: 0 }, made: { clients: 1, contacts: 5 } });
  expect(laptop.clients.get(acme.id)).toMatchObject({ name: 'ACME Ltd', contactCount: 2 });
  const people = [...laptop.book.all('contacts')].map(({ firstName, email, phone }) => [firstName, email, phone]);
  expect(people).toEqual([
    ['Ada', 'ada@acme.example', '+1 555 010 0002'],
    ['Bob', 'info@beta.example', null],
    ['Cid', 'info@beta.example', null],
    ['Ada', 'other@acme.example', null],
    ['Solo', null, '+1 555 010 0003'],
  ]);
});

it('brings a list of branches to their clients and keeps one primary for each', async () => {
  const { look, bring, laptop } = await openDesk();
  const job = await bring(
    (await look('branches.csv', 'Client,Branch,City,Primary\nAcme,North,Berlin,no\nAcme,South,Munich,yes\nBeta,Only,Paris,\n,Lost,Rome,\n'))
      .plan,
  );
  expect(job).toMatchObject({ counts: { new: 3, error: 1 }, made: { clients: 2, locations: 3 } });
  const primaries = [...laptop.book.all('locations')].map(({ name, isPrimary }) => [name, isPrimary]);
  expect(primaries).toEqual([
    ['North', false],
    ['South', true],
    ['Only', true],
  ]);
});

it('asks for a place for the names before it starts, and refuses two columns for one field', async () => {
  const { look, imports } = await openDesk();
  const { plan } = await look('a.csv', 'Name,Other\nAcme,Beta\n');
  const none = { ...plan, columns: [] };
  for (const call of [imports.dryRun(none), imports.start(none)]) expect(await problemOf(call)).toMatchObject({ code: 'MAPPING_NEEDED' });
  const twice = { ...plan, columns: plan.columns.map((column) => ({ ...column, target: 'client.name' })) };
  expect((await problemOf(imports.start(twice))).message).toContain('“Name” and “Other” both go to Client: Name');
  const homeless = { ...plan, columns: [{ column: 0, target: 'location.name', values: {}, dateOrder: null }] };
  expect((await problemOf(imports.start(homeless))).message).toContain('A location belongs to a client');
});

it('puts several columns into one note, each with its name', async () => {
  const { look, bring, laptop } = await openDesk();
  const { plan } = await look('a.csv', 'Name,Hint,Story\nAcme,ring twice,long\n');
  const columns = plan.columns.map((column) => (column.column === 0 ? column : { ...column, target: 'client.notes' }));
  await bring({ ...plan, columns });
  expect([...laptop.book.all('clients')][0]?.notes).toBe('Hint: ring twice\nStory: long');
});

it('remembers mapping, values and what to do with known clients by the names of the columns', async () => {
  const { look, bring, laptop } = await openDesk();
  const { plan } = await look('a.csv', 'Name,Stage\nAcme,hot\n');
  const columns = [
    { column: 0, target: 'client.name', values: {}, dateOrder: null },
    { column: 1, target: 'client.lifecycleStage', values: { hot: 'active_client' }, dateOrder: null },
  ];
  await bring({ ...plan, columns, defaults: { 'client.kind': 'lead' }, onMatch: 'skip', matchBy: ['name'] });
  const { preview } = await look('b.csv', 'Stage;Name\nhot;Beta\ncold;Gamma\n');
  expect(preview).toMatchObject({ remembered: true, defaults: { 'client.kind': 'lead' }, onMatch: 'skip', matchBy: ['name'] });
  expect(preview.columns).toMatchObject([
    { column: 0, target: 'client.lifecycleStage', values: { hot: 'active_client' } },
    { column: 1, target: 'client.name' },
  ]);
  expect([...laptop.book.all('clients')]).toMatchObject([{ name: 'Acme', kind: 'lead', lifecycleStage: 'active_client' }]);
});

it('brings in the chosen sheet of a workbook with its zips as they are shown', async () => {
  const { look, bring, imports, laptop } = await openDesk();
  const file = fileWith('book.xlsx', '');
  const people = [
    [{ value: 'First name' }, { value: 'Last name' }, { value: 'Zip' }, { value: 'Birthday' }],
    [
      { value: 'Ada' },
      { value: 'Lovelace' },
      { value: 2134, type: Number, format: '00000' },
      { value: new Date(Date.UTC(1980, 2, 22)), type: Date, format: 'dd.mm.yyyy' },
    ],
  ];
  await writeExcelFile([
    { data: [['Only notes here']], sheet: 'Notes' },
    { data: people, sheet: 'People' },
  ] as never).toFile(file);
  const { preview, plan } = await look('book.xlsx', readFileSync(file), { sheet: 'People' });
  expect(preview).toMatchObject({ format: 'xlsx', sheets: ['Notes', 'People'], sheet: 'People', rows: 1, encoding: null });
  expect((await imports.dryRun({ ...plan, sheet: 'People' })).counts).toMatchObject({ new: 1 });
  await bring({ ...plan, sheet: 'People' });
  expect([...laptop.book.all('contacts')]).toMatchObject([
    { firstName: 'Ada', dateOfBirth: '1980-03-22', address: { postalCode: '02134' } },
  ]);
});

it('pauses, goes on and is cancelled, and what went in stays and can be undone', async () => {
  const { look, imports, laptop, told, ended, beyond } = await openDesk();
  const rows = Array.from({ length: 3000 }, (_, at) => `Client ${at},City ${at}`);
  const { plan } = await look('a.csv', `Name,City\n${rows.join('\n')}\n`);
  const started = await imports.start(plan);
  expect(await problemOf(imports.start(plan))).toMatchObject({ code: 'IMPORT_RUNNING' });
  expect(await problemOf(imports.undo(started.id))).toMatchObject({ code: 'IMPORT_RUNNING' });
  await beyond(started.id, 0);
  const paused = await imports.pause(started.id);
  expect(paused.state).toBe('paused');
  expect(paused.done).toBeLessThan(3000);
  expect(laptop.counts().clients).toBe(paused.done);
  await imports.resume(started.id);
  await beyond(started.id, paused.done);
  const cancelled = await imports.cancel(started.id);
  expect(cancelled.state).toBe('cancelled');
  expect(laptop.counts().clients).toBe(cancelled.done);
  expect((await ended(started.id)).made.clients).toBe(cancelled.done);
  await imports.undo(started.id);
  expect(laptop.counts().clients).toBe(0);
  expect(told.map(({ state }) => state)).toEqual(expect.arrayContaining(['running', 'paused', 'cancelled', 'undoing', 'undone']));
});

it('stops with a plain sentence when the disk is full, keeps what is in, and goes on when there is room', async () => {
  const { look, bring, imports, laptop, ended } = await openDesk();
  const rows = Array.from({ length: 1000 }, (_, at) => `Client ${at},City ${at}`);
  const { plan } = await look('a.csv', `Name,City\n${rows.join('\n')}\n`);
  laptop.disk.free = 1000;
  const job = await bring(plan);
  expect(job).toMatchObject({ state: 'failed', done: 0 });
  expect(job.problem && say(job.problem)).toContain('disk');
  laptop.disk.free = 50_000_000_000;
  laptop.clock.moveTo('2026-03-04T09:05:00.000Z');
  await imports.resume(job.id);
  expect(await ended(job.id)).toMatchObject({ state: 'done', done: 1000, problem: null });
  expect(laptop.counts().clients).toBe(1000);
});

it('follows what people do to the book while it runs', async () => {
  const { look, imports, laptop, ended, rows } = await openDesk();
  const { record: acme } = await laptop.clients.create({ name: 'Acme' });
  const lines = Array.from({ length: 1200 }, (_, at) => `Client ${at},c${at}@x.example,`);
  const { plan } = await look('a.csv', `Name,E-mail,Phone\n${lines.join('\n')}\nAcme,,7\nNew,mine@x.example,\n`, { matchBy: ['name'] });
  const { id } = await imports.start(plan);
  await laptop.clients.change(acme.id, { name: 'Acme renamed' });
  await laptop.clients.create({ name: 'Mine', email: 'mine@x.example' });
  expect(await ended(id)).toMatchObject({ state: 'done', counts: { new: 1201, error: 1 } });
  const [refused] = await rows(id, 'error');
  expect(refused?.reason && say(refused.reason)).toContain('“Mine” has it');
  expect(laptop.clients.get(acme.id).phone).toBe(null);
});

it('forgets a file that is dropped or imported, and says so when it is asked for again', async () => {
  const { look, bring, imports, files } = await openDesk();
  const dropped = await look('a.csv', 'Name,City\nAcme,Berlin\n');
  await imports.drop(dropped.plan.fileId);
  expect(await problemOf(imports.preview(dropped.plan))).toMatchObject({ code: 'FILE_GONE' });
  const used = await look('b.csv', 'Name,City\nAcme,Berlin\n');
  await bring(used.plan);
  await expect.poll(() => problemOf(files.get(used.plan.fileId))).toMatchObject({ code: 'FILE_GONE' });
});

it('lists former imports after a restart and keeps their reports', async () => {
  const desk = await openDesk(await openLaptop());
  const job = await desk.bring((await desk.look('a.csv', 'Name,E-mail\nAcme,oops\nBeta,\n')).plan);
  const later = await desk.reopen();
  expect(await later.imports.list()).toEqual([job]);
  expect(await later.rows(job.id, 'new')).toMatchObject([{ row: 3, title: 'Beta' }]);
  expect(await later.rows(job.id, 'error')).toMatchObject([{ row: 2 }]);
  await later.imports.undo(job.id);
  expect(later.laptop.counts().clients).toBe(0);
});

const rates = (laptop: Awaited<ReturnType<typeof openDesk>>['laptop']) =>
  Object.fromEntries([...laptop.book.all('itemPrices')].map(({ itemCode, defaultTaxRate }) => [itemCode, defaultTaxRate]));
const list = (header: string, ...cells: string[]) =>
  `Item code,Item,Price,${header}\n${cells.map((cell, at) => `C${at},Cup,1,${cell}\n`).join('')}`;
const saidOf = (plan: ImportPlan, isPercent: boolean): ImportPlan => ({
  ...plan,
  columns: plan.columns.map((column) => (column.column === 3 ? { ...column, isPercent } : column)),
});

it('lets a person say that a column of rates holds percentages where it seems to hold fractions, and the reverse', async () => {
  const fractions = await openDesk();
  const seems = await fractions.look('seems.csv', list('VAT', '0.5', '1'));
  expect(seems.preview.rateExamples).toEqual({
    // The price of one could be a rate too, if its column went there.
    2: [{ text: '1', ifPercent: '0.01', ifFraction: '1' }],
    3: [
      { text: '0.5', ifPercent: '0.005', ifFraction: '0.5' },
      { text: '1', ifPercent: '0.01', ifFraction: '1' },
    ],
  });
  expect(seems.plan.columns[3]?.isPercent).toBe(false);
  await fractions.bring(saidOf(seems.plan, true));
  expect(rates(fractions.laptop)).toEqual({ C0: '0.005', C1: '0.01' });
  // What a person said other than the column showed stands for the next file with these columns, and only that.
  const next = await fractions.look('next.csv', list('VAT', '0.25', '0.75'));
  expect([next.preview.remembered, next.plan.columns[3]?.isPercent]).toEqual([true, true]);

  const percents = await openDesk();
  const { plan, preview } = await percents.look('whole.csv', list('VAT %', '"0,0775"', '19', '7 %'));
  expect(preview.rateExamples[3]).toEqual([{ text: '0,0775', ifPercent: '0.000775', ifFraction: '0.0775' }]);
  expect(plan.columns[3]?.isPercent).toBe(true);
  await percents.bring(saidOf(plan, false));
  expect(rates(percents.laptop)).toEqual({ C0: '0.0775', C1: '0.19', C2: '0.07' });

  const unsaid = await openDesk();
  await unsaid.bring((await unsaid.look('fractions.csv', list('VAT', '0.19'))).plan);
  const mixed = await unsaid.look('percentages.csv', list('VAT', '0.5', '19'));
  expect([mixed.preview.remembered, mixed.plan.columns[3]?.isPercent]).toEqual([true, true]);
});

it('asks nothing of a column of rates that can be read one way only', async () => {
  const desk = await openDesk();
  for (const cells of [
    ['19', '7'],
    ['0.5 %', '19 %'],
    ['0', '19'],
    ['none', '-'],
  ])
    expect((await desk.look('a.csv', list('VAT', ...cells))).preview.rateExamples[3], cells.join(' ')).toBeUndefined();
});

it('reads numbers of a column that a person placed as the column shows them', async () => {
  const desk = await openDesk();
  const { plan } = await desk.look('own.csv', 'Item code,Item,What it is,Share\nA,Cup,1.250,0.5\nB,Pot,"2.000,50",19\n', {
    lists: 'itemPrices',
  });
  const columns = plan.columns.map((column) => ({
    ...column,
    target: column.column === 2 ? 'item.defaultPrice' : column.column === 3 ? 'item.defaultTaxRate' : column.target,
    values: {},
  }));
  await desk.bring({ ...plan, columns });
  expect(rates(desk.laptop)).toEqual({ A: '0.005', B: '0.19' });
  expect([...desk.laptop.book.all('itemPrices')].map(({ defaultPrice }) => defaultPrice).toSorted()).toEqual(['1250', '2000.50']);
});

it('still says what a build before this one kept as sentences', async () => {
  const desk = await openDesk();
  const { plan } = await desk.look('list.csv', 'Name,E-mail\nAcme,oops\nBeta,\n');
  const { id } = await desk.bring(plan);
  const folder = join(desk.laptop.folder, 'imports');
  for (const name of readdirSync(folder).filter((one) => one.startsWith(id))) {
    const said = readFileSync(join(folder, name), 'utf8')
      .replaceAll('"note":null', '"note":"Looked at."')
      .replaceAll('"reason":null', '"reason":""')
      .replace(/"reason":\{.*?\}\}\}/, '"reason":"E-mail: no."');
    writeFileSync(join(folder, name), said);
  }
  const again = await desk.reopen();
  const [job] = await again.imports.list();
  expect(job?.note && say(job.note)).toBe('Looked at.');
  expect(await again.rows(id, 'new')).toMatchObject([{ title: 'Beta', reason: null }]);
  const refused = await again.rows(id, 'error');
  expect(refused.map(({ reason }) => reason && say(reason))).toEqual(['E-mail: no.']);
  expect((await again.read((await again.imports.errorFile(id)).fileId)).toString('utf8')).toContain('E-mail: no.');
});
