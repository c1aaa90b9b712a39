import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import Papa from 'papaparse';
import { expectNoViolations } from '../support/axe.ts';
import { announced, expect, goToImport, test } from '../support/screens.ts';

/** Files that came with the order, beside the repository. */
const givenData = resolve(import.meta.dirname, '../../../shared/data');
const companies = resolve(givenData, 'sp500-companies.csv');

interface FileText {
  name: string;
  text: string;
}

async function openImport(page: Page): Promise<void> {
  await goToImport(page);
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
}

async function choose(page: Page, file: string | FileText): Promise<void> {
  const content = typeof file === 'string' ? file : { name: file.name, mimeType: 'text/plain', buffer: Buffer.from(file.text) };
  await page.getByTestId('import-file').setInputFiles(content);
}

/** From the columns to the check, over the values where there are some to be told. */
async function goToCheck(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Next' }).click();
  const values = page.getByRole('list', { name: 'Steps' }).locator('[aria-current="step"]').filter({ hasText: 'Values' });
  if (await values.isVisible()) await page.getByRole('button', { name: 'Next' }).click();
  await expect(step(page)).toHaveText('Check');
}

function step(page: Page): Locator {
  return page.getByRole('list', { name: 'Steps' }).locator('[aria-current="step"]');
}

function state(page: Page): Locator {
  return page.getByTestId('import-state');
}

async function records(page: Page): Promise<Record<'clients' | 'contacts' | 'locations', number>> {
  return page.evaluate(async () => {
    const count = async (noun: 'clients' | 'contacts' | 'locations') => {
      const result = await window.crm[noun].ids({ filters: [], sort: [] });
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value.ids.length;
    };
    return { clients: await count('clients'), contacts: await count('contacts'), locations: await count('locations') };
  });
}

test.describe('Import', () => {
  test('brings in the companies as clients with their locations, takes all of them back, and brings them in again', async ({ book }) => {
    test.slow();
    const { page } = book;
    for (const time of ['first', 'second']) {
      await openImport(page);
      await choose(page, companies);
      await expect(step(page)).toHaveText('Columns');
      await expect(page.getByText('503 rows in 8 columns.')).toBeVisible();
      if (time === 'second') await expect(page.getByText('The places are those of your last import with these columns.')).toBeVisible();
      await goToCheck(page);
      await expect(page.getByRole('tab', { name: 'New (503)' })).toBeVisible();
      expect((await records(page)).clients, 'nothing is written by the check').toBe(0);
      await page.getByRole('button', { name: 'Import 503 rows' }).click();
      await expect(state(page)).toHaveText(/^Done: 503 clients and 503 locations/);
      await expect(announced(page)).toContainText('503 clients and 503 locations');
      expect(await records(page)).toEqual({ clients: 503, contacts: 0, locations: 503 });
      if (time === 'second') break;
      await page.getByRole('button', { name: 'Undo the whole import' }).click();
      await expect(state(page)).toContainText('This import is undone');
      expect(await records(page)).toEqual({ clients: 0, contacts: 0, locations: 0 });
      await page.getByRole('button', { name: 'Import another file' }).click();
      await expect(
        page.getByRole('region', { name: 'Former imports' }).getByRole('row').filter({ hasText: 'sp500-companies.csv' }),
      ).toContainText('Undone');
    }
    await page.getByRole('button', { name: /^Show (clients|locations)$/ }).click();
    await expect(page.getByRole('status').filter({ hasText: /^503 / })).toBeVisible();

    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV', exact: true }).click();
    const { data } = Papa.parse<string[]>(await readFile(await (await download).path(), 'utf8'), { skipEmptyLines: true });
    expect(data).toHaveLength(1 + 503);
    await expect(announced(page)).toContainText('503 clients exported');
  });

  test('a file that is imported a second time changes nothing', async ({ book }) => {
    const { page } = book;
    const file = { name: 'visits.csv', text: 'Name,E-mail\nAdler Bakery,office@adler.example\nBirch Clinic,birch@clinic.example\n' };
    for (const verdict of ['New (2)', 'Unchanged (2)']) {
      await openImport(page);
      await choose(page, file);
      await goToCheck(page);
      await expect(page.getByRole('tab', { name: verdict })).toBeVisible();
      await page.getByRole('button', { name: 'Import 2 rows' }).click();
      await expect(state(page)).toHaveText(/^Done/);
      await page.getByRole('button', { name: 'Import another file' }).click();
    }
    expect((await records(page)).clients).toBe(2);
  });

  test('vCards become contacts without questions about columns', async ({ book }) => {
    const { page } = book;
    await openImport(page);
    await choose(page, resolve(givenData, 'gmail-list.vcf'));
    await expect(page.getByRole('region', { name: 'The first cards' })).toContainText('Arnold Smith');
    await expect(page.getByRole('list', { name: 'Steps' })).not.toContainText('Values');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Import 3 cards' }).click();
    await expect(state(page)).toHaveText(/^Done: .*3 contacts/);
    expect((await records(page)).contacts).toBe(3);
  });

  test('rows that fail are told with row and reason, and saved as a file that can be mended', async ({ book }) => {
    const { page } = book;
    await openImport(page);
    await choose(page, {
      name: 'visits.csv',
      text: 'Name,E-mail,Phone\nAdler Bakery,office@adler.example,\nBirch Clinic,not an address,\nCedar Works,,\n',
    });
    await goToCheck(page);
    const failed = page.getByRole('tab', { name: 'Error (1)' });
    await failed.click();
    await expect(page.getByRole('tabpanel').getByRole('row').filter({ hasText: 'Birch Clinic' })).toContainText('3');
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await expect(state(page)).toContainText('1 row could not be imported.');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the rows that failed' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text).toContain('Birch Clinic');
    expect(text).toContain('not an address');
    expect(text).not.toContain('Adler Bakery');
    expect((await records(page)).clients).toBe(2);
  });

  test('files that hold nothing are refused in words, and a card that is cut off cannot be imported', async ({ book }) => {
    const { page } = book;
    await openImport(page);
    const alert = page.getByRole('main').getByRole('alert');
    await choose(page, { name: 'empty.csv', text: '' });
    await expect(alert).toContainText('“empty.csv”');
    await expect(alert).toContainText('Nothing was imported.');
    await choose(page, { name: 'half.vcf', text: 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Arnold Sm' });
    await expect(page.getByText('1 card is cut off and cannot be imported', { exact: false })).toBeVisible();
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(page.getByRole('tab', { name: 'Error (1)' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Import 0/ })).toBeDisabled();
    expect(await records(page)).toEqual({ clients: 0, contacts: 0, locations: 0 });
  });

  test('a file dropped on another screen is taken to the import', async ({ book }) => {
    const { page } = book;
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['Name,City\nAdler Bakery,Denver\n'], 'dropped.csv', { type: 'text/csv' }));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await expect(page.getByRole('heading', { name: 'Import: dropped.csv' })).toBeVisible();
    await expect(step(page)).toHaveText('Columns');
  });

  test('a step is kept while another screen is looked at, and the heading has the focus on each new one', async ({ book }) => {
    const { page } = book;
    await openImport(page);
    await choose(page, companies);
    const heading = page.getByRole('heading', { name: 'Import: sp500-companies.csv' });
    await expect(heading).toBeFocused();
    await page.getByRole('link', { name: /^Contacts/ }).click();
    await expect(heading).toHaveCount(0);
    await goToImport(page);
    await expect(step(page)).toHaveText('Columns');
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await expect(heading).toBeFocused();
  });

  test('an import that was paused is told on every screen, also after a restart, and goes on to its end', async ({ book }) => {
    test.slow();
    const { page } = book;
    const rows = 20_000;
    const lines = Array.from({ length: rows }, (_, at) => `Client ${at},Street ${at},Denver`);
    await openImport(page);
    await choose(page, { name: 'long.csv', text: `Name,Street,City\n${lines.join('\n')}\n` });
    await goToCheck(page);
    await page.getByRole('button', { name: 'Import 20,000 rows' }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(state(page)).toContainText('Paused.');
    await expect(page.getByRole('progressbar', { name: 'Rows imported' })).toBeVisible();
    const again = await book.restart();
    const link = again.getByRole('contentinfo').getByRole('link', { name: /^Import (paused|interrupted) at/ });
    await link.click();
    await expect(again.getByRole('heading', { name: 'Import: long.csv' })).toBeVisible();
    await again.getByRole('button', { name: 'Resume' }).click();
    await expect(state(again)).toHaveText(/^Done/, { timeout: 60_000 });
    await expect(link).toHaveCount(0);
    expect((await records(again)).clients).toBe(rows);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every step holds WCAG 2.2 AA in ${colorScheme} colours, and nothing is cut off in a small window`, async ({ book }) => {
      test.slow();
      const { page } = book;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1024, height: 640 });
      const look = async (screen: string) => {
        await expectNoViolations(page, screen);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${screen} fits`).toBe(true);
      };
      await openImport(page);
      await look('file');
      await choose(page, { name: 'empty.csv', text: '' });
      await expect(page.getByRole('main').getByRole('alert')).toBeVisible();
      await look('refused file');
      await choose(page, companies);
      await expect(step(page)).toHaveText('Columns');
      await look('columns');
      await page
        .getByRole('combobox', { name: /^Where .* goes$/ })
        .or(page.getByRole('textbox', { name: /^Where .* goes$/ }))
        .first()
        .click();
      await expect(page.getByRole('listbox')).toBeVisible();
      await look('choosing where a column goes');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Next' }).click();
      if ((await step(page).textContent()) === 'Values') {
        await look('values');
        await page.getByRole('button', { name: 'Next' }).click();
      }
      await expect(page.getByRole('button', { name: 'Import 503 rows' })).toBeVisible();
      await look('check');
      await page.getByRole('button', { name: 'Import 503 rows' }).click();
      await expect(state(page)).toHaveText(/^Done/);
      await look('result');
      await page.getByRole('button', { name: 'Import another file' }).click();
      await expect(page.getByRole('region', { name: 'Former imports' })).toBeVisible();
      await look('former imports');
      await choose(page, resolve(givenData, 'gmail-list.vcf'));
      await expect(step(page)).toHaveText('Cards');
      await look('cards');
    });
  }

  test('puts a column into a field that people made, and reads its values as that field does', async ({ book }) => {
    const { page } = book;
    await page.evaluate(() => window.crm.ownFields.create({ noun: 'clients', label: 'Founded', fieldKind: 'number' }));
    await openImport(page);
    await choose(page, { name: 'clients.csv', text: 'Name,Year\nHarbor Bakery,1987\nNorth Depot,long ago\n' });
    const place = page.getByRole('combobox', { name: 'Where Year goes' });
    await place.click();
    await place.fill('Client: Founded');
    await page.getByRole('option', { name: 'Client: Founded', exact: true }).click();
    await expectNoViolations(page, 'columns with an own field');
    await goToCheck(page);
    await page.getByRole('tab', { name: /^Error/ }).click();
    await expect(page.getByText('Client: Founded: “long ago” does not fit. Write a number, like 12.5.')).toBeVisible();
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await expect(state(page)).toHaveText('Done: 1 client imported. 1 row could not be imported.');
    const clients = await page.evaluate(() => window.crm.clients.list({}));
    expect(clients).toMatchObject({ ok: true, value: { rows: [{ name: 'Harbor Bakery', custom: { Founded: 1987 } }] } });
  });

  test('a price list is known by its columns, and a list that could be anything by what a person says', async ({ book }) => {
    const { page } = book;
    await openImport(page);
    await choose(page, { name: 'prices.csv', text: 'Item,Code,Price,VAT\nBread,B1,4.00,7.75%\nCake,C1,9.50,7.75%\n' });
    await expect(page.getByRole('combobox', { name: 'A row is about' })).toHaveValue('Item');
    await expect(page.getByRole('combobox', { name: 'Where VAT goes' })).toHaveValue('Item: Default tax rate');
    await goToCheck(page);
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await expect(state(page)).toHaveText('Done: 2 item prices imported.');
    await page.getByRole('button', { name: 'Show item prices' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Bread' })).toContainText('4.00');

    await openImport(page);
    await page.getByRole('button', { name: 'Import another file' }).click();
    await choose(page, { name: 'people.csv', text: 'Name,E-mail,Role\nAda Lovelace,ada@office.example,Admin\n' });
    const about = page.getByRole('combobox', { name: 'A row is about' });
    await about.click();
    await page.getByRole('option', { name: 'Person or team' }).click();
    await expect(page.getByRole('combobox', { name: 'Where Name goes' })).toHaveValue('Person or team: Full name');
    await expectNoViolations(page, 'columns of a list of people');
    await goToCheck(page);
    await page.getByRole('button', { name: 'Import 1 row' }).click();
    await expect(state(page)).toHaveText('Done: 1 person or team imported.');
  });

  test('whether a column of rates holds percentages or fractions is shown with a number of the file, and chosen by keyboard', async ({
    book,
  }) => {
    const { page } = book;
    await openImport(page);
    await choose(page, { name: 'prices.csv', text: 'Item,Code,Price,VAT\nBread,B1,4.00,0.5\nCake,C1,9.50,1\n' });
    const ways = page.getByRole('combobox', { name: 'Whether VAT has percentages or fractions' });
    await expect(ways).toHaveValue('Fractions: 0.5 is 50%');
    await ways.focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('option', { name: 'Percentages: 0.5 is 0.5%' })).toBeVisible();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(ways).toHaveValue('Percentages: 0.5 is 0.5%');
    await expect(ways).toBeFocused();
    await expectNoViolations(page, 'columns with a choice between percentages and fractions');
    await goToCheck(page);
    await page.getByRole('button', { name: 'Import 2 rows' }).click();
    await expect(state(page)).toHaveText('Done: 2 item prices imported.');
    const prices = await page.evaluate(() => window.crm.itemPrices.list({ sort: [{ path: 'itemCode' }] }));
    expect(prices).toMatchObject({ ok: true, value: { rows: [{ defaultTaxRate: '0.005' }, { defaultTaxRate: '0.01' }] } });

    await openImport(page);
    await page.getByRole('button', { name: 'Import another file' }).click();
    await choose(page, { name: 'clear.csv', text: 'Item,Code,Price,VAT\nBread,B1,4.00,19 %\nCake,C1,9.50,7 %\n' });
    await expect(page.getByRole('combobox', { name: 'Where VAT goes' })).toHaveValue('Item: Default tax rate');
    await expect(ways).toBeHidden();
  });
});
