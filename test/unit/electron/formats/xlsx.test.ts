import { strToU8, unzipSync, zipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import writeExcelFile from 'write-excel-file/node';
import { readXlsx } from '../../../../electron/formats/xlsx.reader.ts';
import { writeXlsx } from '../../../../electron/formats/xlsx.writer.ts';
import { zipContents } from '../../../../electron/formats/zip-contents.ts';
import { problemOf } from '../../../support/opened-book.ts';
import { fileWith } from '../../../support/transfer-desk.ts';

it('keeps text text: zips, phones, formulas, emoji and line breaks come back as they were', async () => {
  const file = fileWith('clients.xlsx', '');
  const cells = [
    '02134',
    '+49 30 1',
    '=SUM(A1)',
    ' spaces ',
    'two\nlines',
    'a\r\nb',
    '_x0041_',
    '😀 שלום <&>"',
    'constructor',
    '__proto__',
  ];
  const rows = [
    Array.from({ length: 60 }, (_, at) => cells[at] ?? (at === 59 ? 'end' : '')),
    ...Array.from({ length: 100 }, (_, at) => [...Array.from({ length: 59 }, () => ''), `row ${at}`]),
  ];
  await writeXlsx(
    file,
    'clients',
    Array.from({ length: 60 }, (_, at) => ({ header: `H${at}`, width: 10 })),
    rows,
  );
  expect((await readXlsx(file, null)).rows.slice(1)).toEqual(rows);
});

it('keeps main free while it writes many rows', async () => {
  const file = fileWith('many.xlsx', '');
  const columns = Array.from({ length: 45 }, (_, at) => ({ header: `H${at}`, width: 10 }));
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  count();
  await writeXlsx(
    file,
    'clients',
    columns,
    Array.from({ length: 5000 }, (_, row) => columns.map((_, at) => `cell ${row} ${at}`)),
  );
  isDone = true;
  expect(turns).toBeGreaterThan(10);
  expect((await readXlsx(file, null)).rows.at(-1)?.[44]).toBe('cell 4999 44');
});

it('shows numbers, dates and yes or no as a person sees them', async () => {
  const file = fileWith('numbers.xlsx', '');
  const cells = [
    { value: 2134, type: Number, format: '00000' },
    { value: 123456789, type: Number, format: '000-00-0000' },
    { value: 0.1 + 0.2, type: Number },
    { value: 1234567890123456, type: Number },
    { value: new Date(Date.UTC(2026, 2, 31)), type: Date, format: 'yyyy-mm-dd' },
    { value: new Date(Date.UTC(2026, 2, 31, 14, 30)), type: Date, format: 'yyyy-mm-dd hh:mm' },
    { value: true, type: Boolean },
  ];
  await writeExcelFile([cells], { sheet: 'S' } as never).toFile(file);
  expect((await readXlsx(file, null)).rows[0]).toEqual([
    '02134',
    '123-45-6789',
    '0.3',
    '1234567890123460',
    '2026-03-31',
    '2026-03-31 14:30',
    'yes',
  ]);
});

it('reads the sheet that is asked for and names them all', async () => {
  const file = fileWith('sheets.xlsx', '');
  await writeExcelFile([
    { data: [['A']], sheet: 'Clients & co' },
    { data: [['B']], sheet: 'Other' },
  ] as never).toFile(file);
  expect(await readXlsx(file, null)).toEqual({ sheets: ['Clients & co', 'Other'], sheet: 'Clients & co', rows: [['A']], notes: [] });
  expect((await readXlsx(file, 'Other')).rows).toEqual([['B']]);
});

it('says in a sentence what is wrong with a damaged workbook, another zip and an OpenDocument sheet', async () => {
  const file = fileWith('good.xlsx', '');
  await writeXlsx(file, 'S', [{ header: 'A', width: 10 }], [['x']]);
  const bytes = readFileSync(file);
  const cut = await problemOf(readXlsx(fileWith('cut.xlsx', bytes.subarray(0, bytes.length >> 1)), null));
  expect(cut).toMatchObject({ code: 'FILE_UNREADABLE', message: expect.stringContaining('damaged or incomplete') });
  const other = await problemOf(readXlsx(fileWith('a.zip', zipSync({ 'a.txt': strToU8('x') })), null));
  expect(other.message).toContain('not an Excel workbook');
  const ods = await problemOf(readXlsx(fileWith('a.ods', zipSync({ mimetype: strToU8('x'), 'content.xml': strToU8('<x/>') })), null));
  expect(ods.message).toContain('OpenDocument');
  const spoilt = unzipSync(bytes);
  const sheet = Object.keys(spoilt).find((name) => name.includes('sheets/')) as string;
  const broken = zipSync({ ...spoilt, [sheet]: strToU8('<worksheet><sheetData><row') });
  expect(await problemOf(readXlsx(fileWith('broken.xlsx', broken), null))).toMatchObject({ code: 'FILE_UNREADABLE' });
});

it('stops unpacking a zip bomb long before it fills the memory', async () => {
  const bomb = zipSync({ 'xl/workbook.xml': new Uint8Array(40_000_000) }, { level: 9 });
  expect(bomb.length).toBeLessThan(100_000);
  const problem = await problemOf(zipContents(fileWith('bomb.xlsx', bomb), () => false, 5_000_000));
  expect(problem.message).toContain('unpacks to far more');
});
