import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expect, test } from '../support/screens.ts';

test('two clients entered twice are found, compared, merged and taken apart again', async ({ book }) => {
  const { page } = book;
  const [, harbour = ''] = await book.addClients([
    { name: 'Harbor Street Bakery', phone: '+33 6 28 10 44 12', address: { line1: '1 Quay', city: 'Denver' } },
    { name: 'Harbour Street Bakery', phone: '06 28 10 44 12', email: 'office@harbour.example' },
    { name: 'Birch Clinic' },
    { name: 'Brich Clinic' },
  ]);
  await book.addContact({ clientId: harbour, firstName: 'Inès', lastName: 'García' });

  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page.getByText('2 groups of records that may be the same.')).toBeVisible();
  await expect(page.getByText('2 clients: same phone, similar name')).toBeVisible();
  await expectNoViolationsInBothColours(page, 'duplicates');
  await page.getByRole('button', { name: 'Not a duplicate: Birch Clinic, Brich Clinic' }).press('Enter');
  await expect(page.getByText('One group of records that may be the same.')).toBeVisible();

  await page.getByRole('link', { name: 'Compare and merge: Harbor Street Bakery, Harbour Street Bakery' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Merge 2 clients' })).toBeVisible();
  await page.getByRole('radio', { name: 'Name: Harbor Street Bakery' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Merge into Harbour Street Bakery' })).toBeVisible();
  await expectNoViolationsInBothColours(page, 'two records side by side');
  await page.getByRole('button', { name: 'Merge into Harbour Street Bakery' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Harbour Street Bakery', level: 2 })).toBeVisible();
  await expect(page.getByRole('tab', { name: /^Contacts\s*1/ })).toBeVisible();

  // The old link leads to the record that is left, and the merge can be taken apart there.
  await page.goto(`${new URL(page.url()).origin}/#/clients/${harbour}`);
  await expect(page.getByText('Merged from Harbour Street Bakery')).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(harbour));
  await expectNoViolationsInBothColours(page, 'a past merge');
  await page.getByRole('button', { name: 'Take apart: Harbour Street Bakery' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Harbor Street Bakery', level: 2 })).toBeVisible();
  await expect(page.getByText('Merged from')).toHaveCount(0);
  await page.goto(`${new URL(page.url()).origin}/#/clients/${harbour}`);
  await expect(page.getByRole('heading', { name: 'Harbour Street Bakery', level: 2 })).toBeVisible();
  await expect(page.getByRole('tab', { name: /^Contacts\s*1/ })).toBeVisible();
});
