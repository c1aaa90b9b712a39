import { say } from '../../../../../shared/words/say.ts';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import writeExcelFile from 'write-excel-file/node';
import type { OwnFieldKind } from '../../../../../shared/nouns/own-field/own-field.ts';
import { request } from '../../../../support/opened-book.ts';
import { fileWith, openDesk, type TransferDesk } from '../../../../support/transfer-desk.ts';

async function deskWithFields() {
  const desk = await openDesk();
  const { laptop } = desk;
  const field = async (label: string, fieldKind: OwnFieldKind, more: object = {}) =>
    (await laptop.ownFields.create({ noun: 'clients', label, fieldKind, ...more })).record.id;
  const founded = await field('Founded', 'number');
  await field('Opened on', 'date');
  await field('Has a ramp', 'boolean');
  await field('Size', 'choice', { choices: ['Small', 'Large'] });
  await field('Nickname', 'text');
  return { ...desk, founded };
}

const custom = ({ laptop }: Pick<TransferDesk, 'laptop'>, name: string) =>
  [...laptop.book.all('clients')].find((client) => client.name === name && client.deletedAt === null)?.custom;

const header = 'Name,Founded,Opened on,Has a ramp,Size,Nickname';

it('knows own fields by their labels, and reads each value as its field keeps it', async () => {
  const desk = await deskWithFields();
  const file = `${header}\nHarbor Bakery,1987,3/31/2024,yes,large,none\nNorth Depot,"1.987,5",31 March 2024,no,SMALL,Nordy\nOld Mill,n/a,-,,,\n`;
  const { plan, preview } = await desk.look('clients.csv', file);
  expect(preview.ownFields.map(({ label }) => label)).toEqual(['Founded', 'Opened on', 'Has a ramp', 'Size', 'Nickname']);
  expect(preview.columns.map(({ target }) => target)).toEqual([
    'client.name',
    'client.custom.Founded',
    'client.custom.Opened on',
    'client.custom.Has a ramp',
    'client.custom.Size',
    'client.custom.Nickname',
  ]);
  expect(preview.columns[4]?.values).toEqual({ large: 'Large', SMALL: 'Small' });
  expect(await desk.imports.dryRun(plan)).toMatchObject({ counts: { new: 3, error: 0 } });
  await desk.bring(plan);
  expect(custom(desk, 'Harbor Bakery')).toEqual({
    Founded: 1987,
    'Opened on': '2024-03-31',
    'Has a ramp': true,
    Size: 'Large',
    Nickname: 'none',
  });
  expect(custom(desk, 'North Depot')).toEqual({
    Founded: 1987.5,
    'Opened on': '2024-03-31',
    'Has a ramp': false,
    Size: 'Small',
    Nickname: 'Nordy',
  });
  expect(custom(desk, 'Old Mill')).toEqual({});
});

it('says in the check which values do not fit, and brings in the other rows', async () => {
  const desk = await deskWithFields();
  const rows = ['A,old,,,,', 'B,,someday,,,', 'C,,,perhaps,,', 'D,,,,Huge,', 'E,1990,,,,', 'F,1234567890123456,,,,'];
  const { plan } = await desk.look('clients.csv', `${header}\n${rows.join('\n')}\n`);
  const dry = await desk.imports.dryRun(plan);
  expect(dry.counts).toMatchObject({ new: 1, error: 5 });
  expect(dry.rows.filter(({ verdict }) => verdict === 'error').map(({ reason }) => reason && say(reason))).toEqual([
    'Client: Founded: “old” does not fit. Write a number, like 12.5.',
    'Client: Opened on: “someday” does not fit. Write the date as YYYY-MM-DD.',
    'Client: Has a ramp: “perhaps” does not fit. Needs yes or no. Or say in the values step what it means.',
    'Client: Size: “Huge” does not fit. Choose one of: Small, Large. Or say in the values step what it means.',
    'Client: Founded: “1234567890123456” does not fit. Write a number, like 12.5.',
  ]);
  expect(await desk.bring(plan)).toMatchObject({ state: 'done', counts: { new: 1, error: 5 } });
  expect(custom(desk, 'E')).toEqual({ Founded: 1990 });
});

it('follows a field that was given another label to the values it has, and takes its own exports back', async () => {
  const desk = await deskWithFields();
  const { laptop, founded } = desk;
  await laptop.clients.create({ name: 'Harbor Bakery', custom: { Founded: 1987 } });
  await laptop.ownFields.change(founded, { label: 'Year of founding' });
  const list = { filters: [], where: null, search: '', parentId: null, sort: [], show: 'live' as const };
  const made = await desk.exports.create({ collection: 'clients', format: 'csv', list, columns: [], includeSecret: false });
  const text = (await desk.read(made.fileId)).toString('utf8').replace('1987', '1988');
  const back = await desk.look('back.csv', text);
  expect(back.plan.columns.map(({ target }) => target)).toContain('client.custom.Founded');
  expect(await desk.bring(back.plan)).toMatchObject({ counts: { update: 1, error: 0 } });
  expect(custom(desk, 'Harbor Bakery')).toEqual({ Founded: 1988 });
});

it('takes them from tab-separated files and sheets, as a person chose, and reads a default the same way', async () => {
  const desk = await deskWithFields();
  const tsv = await desk.look('clients.tsv', 'Name\tYear\nHarbor Bakery\t1987\n');
  const columns = [
    { column: 0, target: 'client.name', values: {}, dateOrder: null },
    { column: 1, target: 'client.custom.Founded', values: {}, dateOrder: null },
  ];
  await desk.bring({ ...tsv.plan, columns, defaults: { 'client.custom.Size': 'small' } });
  expect(custom(desk, 'Harbor Bakery')).toEqual({ Founded: 1987, Size: 'Small' });

  const file = fileWith('book.xlsx', '');
  const cell = (value: string) => ({ value, type: String });
  await writeExcelFile([
    [cell('Name'), cell('Founded'), cell('Size')],
    [cell('North Depot'), { value: 1990, type: Number }, cell('Large')],
  ]).toFile(file);
  const sheet = await desk.look('book.xlsx', readFileSync(file));
  expect(await desk.bring(sheet.plan)).toMatchObject({ counts: { new: 1, error: 0 } });
  expect(custom(desk, 'North Depot')).toEqual({ Founded: 1990, Size: 'Large' });
});

it('goes on after a restart with the fields as they are then', async () => {
  let desk: TransferDesk = await deskWithFields();
  const rows = Array.from({ length: 700 }, (_, at) => `Client ${at},${1900 + (at % 100)}`);
  const { plan } = await desk.look('clients.csv', `Name,Founded\n${rows.join('\n')}\n`);
  const { id } = await desk.imports.start(plan);
  await desk.beyond(id, 0);
  await desk.imports.pause(id);
  desk = await desk.reopen();
  await desk.imports.resume(id);
  expect(await desk.ended(id)).toMatchObject({ state: 'done', counts: { new: 700, error: 0 } });
  expect(custom(desk, 'Client 699')).toEqual({ Founded: 1999 });
});

it('makes own fields of columns that no field takes, so that lists show them and filter on them; undo takes all of it back', async () => {
  const desk = await openDesk();
  const { laptop } = desk;
  const { plan } = await desk.look(
    'clients.csv',
    'Name,Shelf mark,Loyalty tier,Unused\nHarbor Bakery,A-7,gold,\nNorth Depot,B-2,silver,\n',
  );
  await desk.bring(plan);
  const fields = () =>
    [...laptop.book.all('ownFields')]
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ noun, key, label, fieldKind }) => [noun, key, label, fieldKind]);
  expect(fields()).toEqual([
    ['clients', 'Shelf mark', 'Shelf mark', 'text'],
    ['clients', 'Loyalty tier', 'Loyalty tier', 'text'],
  ]);
  const gold = await laptop.clients.list(request({ filters: [{ path: 'custom.Loyalty tier', operator: 'is', value: 'gold' }] }));
  expect(gold.rows.map(({ name }) => name)).toEqual(['Harbor Bakery']);
  // A second file fills the same fields.
  const again = await desk.look('more.csv', 'Name,Loyalty tier\nOld Mill,gold\n');
  await desk.bring(again.plan);
  expect(fields()).toHaveLength(2);
  await laptop.history.undo(null);
  await laptop.history.undo(null);
  expect([fields(), laptop.counts().clients]).toEqual([[], 0]);
});
