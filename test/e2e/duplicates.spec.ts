import { expect, names, test } from '../support/screens.ts';

test('a new client that the book may have already is named with the reason, and opens', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler Bakery', phone: '+33 6 28 10 44 12' }, { name: 'Birch Clinic' }]);
  await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic']);
  await page.keyboard.press('n');
  await page.getByRole('textbox', { name: 'Name' }).fill('Adlre Bakery');
  const hint = page.getByRole('status').filter({ hasText: 'You may already have this:' });
  await expect(hint).toContainText('Adler Bakery (similar name)');
  await page.getByRole('textbox', { name: 'Name' }).fill('Cedar Works');
  await expect(hint, 'another name is no duplicate').toHaveCount(0);
  await page.getByRole('textbox', { name: 'Phone' }).fill('06.28.10.44.12');
  await expect(hint).toContainText('Adler Bakery (same phone)');
  await hint.getByRole('button', { name: 'Open Adler Bakery' }).click();
  await expect(page.getByRole('heading', { name: 'Adler Bakery', level: 2 })).toBeVisible();
  await expect(page.getByTestId('announcer')).toContainText('Your draft of the new client is kept');
});
