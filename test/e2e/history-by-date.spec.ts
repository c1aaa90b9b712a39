import { rmSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expectNoViolations } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { announced, expect, names, test, toast } from '../support/screens.ts';

/** A local day of the browser, some days from now, as a date field takes it. */
const dayFromNow = (page: Page, days: number) =>
  page.evaluate((by) => {
    const day = new Date();
    day.setDate(day.getDate() + by);
    return day.toLocaleDateString('sv-SE');
  }, days);

test('shows a record as it stood on a day, by keyboard, and goes back to the list of changes', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler Bakery', phone: '555 0100', address: { city: 'Denver' } }]);
  await names(page).first().click();
  await page.getByRole('tab', { name: 'History' }).press('Enter');
  const date = page.getByLabel('Show this record on');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(date, 'the field follows the tab').toBeFocused();

  await date.fill(await dayFromNow(page, 0));
  await expect(page.getByText('It stood as it stands now.')).toBeVisible();
  await expect(page.getByRole('list', { name: /^Fields as of/ })).toContainText('Denver');
  await expect(page.getByRole('button', { name: /^Restore/ })).toHaveCount(0);
  await expectNoViolations(page, 'a record as of today');

  await date.fill(await dayFromNow(page, -1));
  await expect(page.getByText('This client was not in the book yet.')).toBeVisible();
  await expect(page.getByRole('list', { name: /^Fields as of/ })).toHaveCount(0);

  await date.fill(await dayFromNow(page, 1));
  await expect(page.getByText('Choose today or an earlier day.')).toBeVisible();
  await expect(page.getByRole('list', { name: 'History' })).toBeVisible();

  await date.fill(await dayFromNow(page, -1));
  await page.keyboard.press('Escape');
  await expect(page.getByRole('list', { name: 'History' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Adler Bakery', level: 2 }), 'the record stays open').toBeVisible();
  await expect(date).toBeFocused();
  await expect(date).toHaveValue('');

  await date.fill(await dayFromNow(page, 0));
  await page.getByRole('button', { name: 'Back to the list of changes' }).press('Enter');
  await expect(page.getByRole('list', { name: 'History' })).toBeVisible();
});

test('what differs from now is marked, and a field or the whole record is set back and can be undone', async ({ browser }) => {
  const data = temporaryFolder();
  const tenDaysAgo = new Date(Date.now() - 10 * 86_400_000).toISOString();
  await writeGeneratedFolder(data, { clients: 1, contacts: 0, locations: 0 }, tenDaysAgo);
  const fieldbook = await startFieldbook({ data });
  const page = await openBookPage(await browser.newContext({ viewport: { width: 1280, height: 800 } }), fieldbook);
  await names(page).first().click();
  const first = await page.getByRole('heading', { level: 2 }).innerText();
  await page.evaluate(async () => {
    const { value } = (await window.crm.clients.list({})) as { value: { rows: { id: string }[] } };
    await window.crm.clients.change({ id: value.rows[0]?.id ?? '', changes: { name: 'Adler & Sons', address: { city: 'Boulder' } } });
  });
  await expect(page.getByRole('heading', { name: 'Adler & Sons', level: 2 })).toBeVisible();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByLabel('Show this record on').fill(await dayFromNow(page, -3));
  const rows = page.getByRole('list', { name: /^Fields as of/ }).getByRole('listitem');
  await expect(page.getByText('2 fields differ from now.')).toBeVisible();
  await expect(rows.filter({ hasText: 'Now: Adler & Sons' })).toContainText(first);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoViolations(page, `a record as of a day, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });

  await page.getByRole('button', { name: 'Restore this field: City' }).press('Enter');
  await expect(announced(page)).toContainText('City restored as of');
  await expect(page.getByText('One field differs from now.')).toBeVisible();
  await expect(page.getByRole('heading', { name: /^As of/ })).toBeFocused();
  await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByText('2 fields differ from now.')).toBeVisible();

  await page.getByRole('button', { name: 'Restore the whole record as it was' }).press('Enter');
  await expect(page.getByRole('heading', { name: first, level: 2 })).toBeVisible();
  await expect(page.getByText('It stood as it stands now.')).toBeVisible();
  await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Adler & Sons', level: 2 })).toBeVisible();
  await page.context().close();
  await fieldbook.stop();
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
});
test('a record that was deleted says so for that day', async ({ book }) => {
  const { page } = book;
  const [id = ''] = await book.addClients([{ name: 'Adler Bakery' }]);
  await page.evaluate((client) => window.crm.clients.remove({ ids: [client] }), id);
  await page.goto(`${new URL(page.url()).origin}/#/clients/${id}?tab=history`);
  await page.getByLabel('Show this record on').fill(await dayFromNow(page, 0));
  await expect(page.getByText('This client was deleted on that day or before.')).toBeVisible();
});
