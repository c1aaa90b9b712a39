import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import Papa from 'papaparse';
import { announced, choose, expect, names, test } from '../support/screens.ts';

const clients = [
  { name: 'Adler Bakery', email: 'office@adler.example', banking: { bankName: 'Harbor Bank', accountNumber: '12345678' } },
  { name: 'Birch Clinic, "north"', address: { city: 'Denver' } },
];

/** Chooses a format in the menu and reads what was saved. */
async function exported(page: Page, format: string, ticks: readonly string[] = []): Promise<{ fileName: string; text: string }> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  for (const tick of ticks) await page.getByRole('menuitemcheckbox', { name: tick }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: format, exact: true }).click();
  const file = await download;
  return { fileName: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

function table(text: string): string[][] {
  return Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: true }).data;
}

test.describe('Export', () => {
  test('writes what is listed, with all fields and without banking data, and says how many', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await expect(names(page)).toHaveCount(2);
    const { fileName, text } = await exported(page, 'CSV');
    expect(fileName).toMatch(/^Clients .*\.csv$/);
    const [header = [], ...rows] = table(text);
    expect(rows.map((row) => row[header.indexOf('Name')])).toEqual(['Adler Bakery', 'Birch Clinic, "north"']);
    expect(header).toContain('City');
    expect(text).not.toContain('Harbor Bank');
    expect(text).not.toContain('12345678');
    await expect(announced(page)).toContainText('2 clients exported');
    await expect(page.getByRole('alert').filter({ hasText: '2 clients exported' })).toBeVisible();

    await page.getByRole('textbox', { name: 'Filter clients' }).fill('birch');
    await expect(names(page)).toHaveCount(1);
    const filtered = table((await exported(page, 'CSV')).text);
    expect(filtered.slice(1).map((row) => row[header.indexOf('Name')])).toEqual(['Birch Clinic, "north"']);
  });

  test('takes banking data along only where it is asked for, each time anew', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    expect((await exported(page, 'CSV', ['Include banking data'])).text).toContain('12345678');
    expect((await exported(page, 'CSV')).text).not.toContain('12345678');
  });

  test('writes only the columns on screen when that is ticked', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    const [header = [], ...rows] = table((await exported(page, 'CSV', ['Only the columns on screen'])).text);
    const shown = await page
      .getByRole('columnheader')
      .evaluateAll((cells) => cells.map((cell) => cell.textContent?.trim() ?? '').filter((text) => text !== ''));
    expect(header.length).toBeLessThanOrEqual(shown.length);
    for (const [at, label] of header.entries()) expect(shown[shown.length - header.length + at]).toContain(label);
    expect(rows).toHaveLength(2);
  });

  test('makes Excel sheets and vCards, from the keyboard', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    const sheet = await exported(page, 'Excel');
    expect(sheet.fileName).toMatch(/\.xlsx$/);
    expect(sheet.text.slice(0, 2)).toBe('PK');

    const button = page.getByRole('button', { name: 'Export', exact: true });
    await expect(button).toBeEnabled();
    await button.press('Enter');
    const download = page.waitForEvent('download');
    await choose(page, 'vCards');
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/\.vcf$/);
    const cards = await readFile(await file.path(), 'utf8');
    expect(cards.match(/^BEGIN:VCARD/gm)).toHaveLength(2);
    expect(cards).toContain('Adler Bakery');
  });
});
