import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { strToU8, zipSync } from 'fflate';
import { expect, goToImport, type OpenBook, test } from '../support/screens.ts';

/** The files nobody wants to get, each of which says what is wrong and what to do, and leaves the book as it was. */

interface Upload {
  name: string;
  content: string | Buffer;
}

async function choose(page: Page, { name, content }: Upload): Promise<void> {
  await goToImport(page);
  await page.getByTestId('import-file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
}

function alert(page: Page): Locator {
  return page.getByRole('main').getByRole('alert');
}

function currentStep(page: Page): Locator {
  return page.getByRole('list', { name: 'Steps' }).locator('[aria-current="step"]');
}

function notes(page: Page): Locator {
  return page.getByRole('alert').filter({ hasText: 'Good to know' });
}

async function check(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Next' }).click();
  if ((await currentStep(page).textContent()) === 'Values') await page.getByRole('button', { name: 'Next' }).click();
  await expect(currentStep(page)).toHaveText('Check');
}

async function expectNothingWritten({ page }: OpenBook, clients = 0): Promise<void> {
  const counts = await page.evaluate(() => window.crm.app.counts({}));
  expect(counts).toMatchObject({ ok: true, value: { clients, contacts: 0, locations: 0 } });
}

test('files that are empty, no list, or damaged are refused in plain words', async ({ book }) => {
  const { page } = book;
  const refused: [Upload, string][] = [
    [{ name: 'empty.csv', content: '' }, '“empty.csv” is empty. Nothing was imported. Choose a file with rows in it.'],
    [{ name: 'names-only.csv', content: 'Name,City\n' }, '“names-only.csv” has column names but no rows.'],
    [
      { name: 'letter.csv', content: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(4000, 3)]) },
      'This file is not a list: Fieldbook reads CSV, Excel (.xlsx) and vCard files.',
    ],
    [
      { name: 'old.xls', content: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...Array.from({ length: 600 }, () => 0)]) },
      'save it as .xlsx without a password',
    ],
    [
      { name: 'cut.xlsx', content: Buffer.from(zipSync({ 'xl/workbook.xml': strToU8('<workbook/>'.repeat(200)) })).subarray(0, 120) },
      'This Excel file is damaged or incomplete.',
    ],
    [{ name: 'cards.vcf', content: 'Name,Phone\nAcme,1\n' }, 'There is no vCard in this file.'],
    [
      {
        name: 'wide.csv',
        content: `${Array.from({ length: 1200 }, (_, at) => `c${at}`).join(',')}\n${Array.from({ length: 1200 }, () => 'x').join(',')}\n`,
      },
      'This table has 1,200 columns; Fieldbook reads up to 1,000.',
    ],
  ];
  for (const [upload, sentence] of refused) {
    await choose(page, upload);
    await expect(alert(page).filter({ hasText: sentence }), upload.name).toBeVisible();
    await expect(currentStep(page)).toHaveText('File');
  }
  await expectNothingWritten(book);
});

test('a table without names, with ragged rows and with NUL bytes is read, and the person is told', async ({ book }) => {
  const { page } = book;
  await choose(page, {
    name: 'plain.csv',
    content: 'Acme,info@acme.example,Berlin\nBe\0ta,hi@beta.example\nGamma,c@g.example,Rome,and,more\n',
  });
  await expect(page.getByText('3 rows in 5 columns.')).toBeVisible();
  await expect(notes(page)).toContainText('The first row looks like data');
  await expect(notes(page)).toContainText('1 row has fewer cells than the first one');
  await expect(notes(page)).toContainText('1 row has more cells than the first one');
  await expect(notes(page)).toContainText('1 empty character (NUL) that no program can show was left out.');
  await expect(page.getByRole('switch', { name: 'A row has the names' })).not.toBeChecked();
  await check(page);
  await page.getByRole('button', { name: 'Import 3 rows' }).click();
  await expect(page.getByTestId('import-state')).toHaveText(/^Done: 3 clients/);
  const { names, custom } = await page.evaluate(async () => {
    const list = await window.crm.clients.list({ sort: [{ path: 'name' }] });
    if (!list.ok) throw new Error(list.error.code);
    return { names: list.value.rows.map(({ name }) => name), custom: list.value.rows[2]?.custom };
  });
  expect(names).toEqual(['Acme', 'Beta', 'Gamma']);
  expect(custom).toMatchObject({ 'Column 4': 'and', 'Column 5': 'more' });
});

test('a wrong encoding is seen, and another one can be chosen', async ({ book }) => {
  const { page } = book;
  await choose(page, { name: 'old.csv', content: Buffer.from('Name,City\nM\xfcller \x93S\xf6hne\x94,K\xf6ln\n', 'latin1') });
  await expect(notes(page)).toContainText('The letters were read as Western (Windows-1252).');
  await expect(page.getByRole('table', { name: 'Where each column goes' })).toContainText('Müller “Söhne”');
  await page
    .getByRole('combobox', { name: 'Encoding' })
    .or(page.getByRole('textbox', { name: 'Encoding' }))
    .click();
  await page.getByRole('option', { name: 'UTF-8' }).click();
  await expect(notes(page)).toContainText('could not be read and stand as �. Choose another encoding');
  await page
    .getByRole('combobox', { name: 'Encoding' })
    .or(page.getByRole('textbox', { name: 'Encoding' }))
    .click();
  await page.getByRole('option', { name: 'Windows-1252' }).click();
  await expect(page.getByRole('table', { name: 'Where each column goes' })).toContainText('Müller “Söhne”');
});

test('300 columns are read, and each has a place', async ({ book }) => {
  const { page } = book;
  const headers = Array.from({ length: 300 }, (_, at) => (at === 0 ? 'Company' : `Field ${at}`));
  await choose(page, { name: 'wide.csv', content: `${headers.join(',')}\n${headers.map((_, at) => `v${at}`).join(',')}\n` });
  await expect(page.getByText('1 row in 300 columns.')).toBeVisible();
  await page.getByRole('button', { name: 'Show the other 240 columns' }).click();
  await expect(page.getByRole('row', { name: /^Field 299/ })).toBeVisible();
  await check(page);
  await page.getByRole('button', { name: 'Import 1 row' }).click();
  await expect(page.getByTestId('import-state')).toHaveText(/^Done: 1 client/);
  const last = await page.evaluate(async () => {
    const list = await window.crm.clients.list({});
    return list.ok ? list.value.rows[0]?.custom['Field 299'] : null;
  });
  expect(last).toBe('v299');
});

test('a name of 301 characters, an e-mail that is taken and a card cut in half cost only their own row', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Holder', email: 'taken@acme.example', accountCode: 'H' }]);
  await choose(page, {
    name: 'rows.csv',
    content: `Name,E-mail,Account code\n${'n'.repeat(301)},,\nOther,taken@acme.example,O\nFine,ok@acme.example,F\n`,
  });
  await page.getByRole('checkbox', { name: 'E-mail' }).uncheck();
  await check(page);
  await page.getByRole('tab', { name: 'Error (2)' }).click();
  const rows = page.getByRole('tabpanel').getByRole('row');
  await expect(rows.nth(1)).toContainText('Client: Name: Can have 300 characters at most. Shorten it. It has 301.');
  await expect(rows.nth(2)).toContainText('The e-mail taken@acme.example is taken: “Holder” has it.');
  await page.getByRole('button', { name: 'Import 1 row' }).click();
  await expect(page.getByTestId('import-state')).toContainText('2 rows could not be imported.');
  await page.getByRole('button', { name: 'Import another file' }).click();

  await choose(page, {
    name: 'cut.vcf',
    content: 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada Lovelace\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob Stone\r\nTEL:+1 5',
  });
  await expect(notes(page)).toContainText('1 card is cut off and cannot be imported; the others can.');
  await check(page);
  await page.getByRole('tab', { name: 'Error (1)' }).click();
  await expect(page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'Bob Stone' })).toContainText(
    'The card is cut off: its end is missing.',
  );
  await page.getByRole('button', { name: 'Import 1 card' }).click();
  await expect(page.getByTestId('import-state')).toContainText('1 card could not be imported.');
});

test('a file of 40 MB is read and checked while everything else goes on', async ({ book }) => {
  test.slow();
  const { page } = book;
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-large-'));
  try {
    const file = path.join(folder, 'large.csv');
    const rows = largeCsv(file, 40 * 1024 * 1024);
    await goToImport(page);
    const answered = page.evaluate(async () => {
      let calls = 0;
      while (document.body.textContent?.includes('columns. ') !== true) {
        const status = await window.crm.app.status({});
        if (status.ok) calls += 1;
      }
      return calls;
    });
    await page.getByTestId('import-file').setInputFiles(file);
    await expect(page.getByText(`${rows.toLocaleString('en')} rows in 6 columns.`)).toBeVisible({ timeout: 60_000 });
    expect(await answered, 'other calls are answered meanwhile').toBeGreaterThan(20);
    await check(page);
    await expect(page.getByRole('button', { name: `Import ${rows.toLocaleString('en')} rows` })).toBeEnabled({ timeout: 120_000 });
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Choose another file' }).click();
    await expectNothingWritten(book);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Rows of about 700 bytes, written piece by piece; answers how many. */
function largeCsv(file: string, bytes: number): number {
  const out = openSync(file, 'w');
  let rows = 0;
  let written = writeSync(out, 'Name,E-mail,Phone,City,Zip,Notes\n');
  while (written < bytes) {
    let slice = '';
    for (let at = 0; at < 500; at++) {
      rows += 1;
      slice += `Client ${rows},c${rows}@large.example,+1 555 ${1_000_000 + rows},Springfield,0${2000 + (rows % 8000)},"${`A note, number ${rows}. `.repeat(28)}"\n`;
    }
    written += writeSync(out, slice);
  }
  closeSync(out);
  return rows;
}

test('the data folder keeps nothing of a file that was only looked at', async ({ book }) => {
  const { page } = book;
  await choose(page, { name: 'look.csv', content: 'Name,City\nAcme,Berlin\n' });
  await expect(currentStep(page)).toHaveText('Columns');
  const info = await page.evaluate(() => window.crm.app.info({}));
  if (!info.ok) throw new Error(info.error.code);
  const files = path.join(info.value.dataFolder, 'files');
  expect(readdirSync(files)).toHaveLength(1);
  await page.getByRole('button', { name: 'Choose another file' }).click();
  await expect.poll(() => readdirSync(files)).toEqual([]);
});
