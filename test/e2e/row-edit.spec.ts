import type { Page } from '@playwright/test';
import { expect, list, names, test } from '../support/screens.ts';

const editor = (page: Page, label: string) => list(page).getByLabel(label, { exact: true });
const cell = (page: Page, name: string, text: string) => page.getByRole('row', { name: new RegExp(name) }).getByText(text, { exact: true });

test('a value is edited in its row by keys alone, goes on with Tab, is left with Esc, refused in words and undone', async ({ book }) => {
  const { page } = book;
  await book.addClients([
    { name: 'Adler Bakery', phone: '+49 221 1', address: { city: 'Köln' } },
    { name: 'Birch Clinic', phone: '+49 221 2', address: { city: 'Denver' } },
  ]);
  await expect(names(page)).toHaveCount(2);
  await list(page).focus();

  // F2 begins with the first that can be written in; Tab saves it and goes on.
  await page.keyboard.press('F2');
  await expect(editor(page, 'Name')).toBeFocused();
  await editor(page, 'Name').fill('Adler & Sons');
  await page.keyboard.press('Tab');
  await expect(names(page).first()).toHaveText('Adler & Sons');
  await expect(editor(page, 'Lifecycle stage')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list(page), 'Esc gives the keys back to the list').toBeFocused();

  // To a cell with the arrows: what is refused is said, stays, and keeps the focus also after Tab.
  for (let right = 0; right < 2; right += 1) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('F2');
  await expect(editor(page, 'E-mail')).toBeFocused();
  await editor(page, 'E-mail').fill('nobody');
  await page.keyboard.press('Tab');
  await expect(list(page).getByText(/e-mail address/i)).toBeVisible();
  await expect(editor(page, 'E-mail')).toBeFocused();
  await expect(editor(page, 'E-mail')).toHaveValue('nobody');
  await page.keyboard.press('Escape');
  await expect(list(page)).toBeFocused();
  await expect(cell(page, 'Adler', 'nobody')).toHaveCount(0);

  // What changes the order takes the row along: the keys stay with the record.
  await page.keyboard.press('Home');
  for (let left = 0; left < 4; left += 1) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('F2');
  await editor(page, 'Name').fill('Zander Bakery');
  await page.keyboard.press('Enter');
  await expect(names(page)).toHaveText(['Birch Clinic', 'Zander Bakery']);
  await expect(list(page)).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect(names(page)).toHaveText(['Adler & Sons', 'Birch Clinic']);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Adler & Sons' })).toBeVisible();
});
