import type { Page } from '@playwright/test';
import type { Result } from '../../shared/lib/result.ts';
import { expectNoViolations } from '../support/axe.ts';
import { announced, expect, names, test } from '../support/screens.ts';

/** A client with two locations and somebody who works there, as other people put them in. */
async function fill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const must = async <T>(answer: Promise<Result<T>>): Promise<T> => {
      const result = await answer;
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value;
    };
    const { record: client } = await must(window.crm.clients.create({ name: 'Harbor Bakery' }));
    for (const name of ['North Depot', 'South Depot']) await must(window.crm.locations.create({ clientId: client.id, name }));
    await must(window.crm.contacts.create({ clientId: client.id, firstName: 'Grace', lastName: 'Hopper' }));
    await must(
      window.crm.itemPrices.create({ invoiceItem: 'Breath test', itemCode: 'BT010', defaultPrice: '20.00', defaultTaxRate: '0.0775' }),
    );
  });
}

/** Looks at the screen as it is, in both sizes people have. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [1280, 800],
    [1024, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: test.info().outputPath(`${name}-${width}.png`) });
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`In ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test('an item is made, priced for one location and put back to the default, all by keyboard', async ({ book }) => {
      const { page } = book;
      await page.emulateMedia({ colorScheme });
      await fill(page);
      await expect(names(page)).toHaveText(['Harbor Bakery']);
      await page.keyboard.press('g');
      await page.keyboard.press('r');
      await expect(page.getByRole('heading', { name: 'Prices' })).toBeVisible();
      await expect(names(page)).toHaveText(['Breath test']);

      await page.keyboard.press('n');
      await page.getByRole('textbox', { name: 'Item', exact: true }).fill('Drug screen');
      await page.getByRole('textbox', { name: 'Code', exact: true }).fill('bt010');
      await page.getByRole('textbox', { name: 'Default price' }).fill('45.00');
      await page.getByRole('textbox', { name: 'Default tax rate' }).fill('7.75 %');
      await page.keyboard.press('Control+Enter');
      await expect(announced(page)).toContainText('The item "Breath test" has this code already');
      await page.getByRole('textbox', { name: 'Code', exact: true }).fill('DS001');
      await page.keyboard.press('Control+Enter');
      await expect(page.getByRole('heading', { name: 'Drug screen', level: 2 })).toBeVisible();
      await expect(page.getByRole('button', { name: 'Default price: 45.00. Edit' })).toBeVisible();
      await expect(page.getByRole('button', { name: 'Default tax rate: 7.75%. Edit' })).toBeVisible();

      await page.getByRole('tab', { name: 'Locations' }).press('Enter');
      await expect(page.getByText('Every location pays the default price.')).toBeVisible();
      await page.getByRole('button', { name: 'Show all locations' }).press('Enter');
      const table = page.getByRole('table', { name: 'Prices of Drug screen' });
      await expect(table.getByRole('row')).toHaveCount(3);

      await table.getByRole('button', { name: 'Own price for South Depot: empty. Edit' }).press('Enter');
      const price = page.getByRole('textbox', { name: 'Own price for South Depot' });
      await price.fill('cheap');
      await page.keyboard.press('Enter');
      await expect(page.getByText('Write a number with up to 13 digits', { exact: false })).toBeVisible();
      await price.fill('50.00');
      await page.keyboard.press('Enter');
      await expect(announced(page)).toContainText('Own price of South Depot saved');
      await expect(table.getByRole('row', { name: /South Depot/ })).toContainText('Own price');
      await expect(table.getByRole('row', { name: /South Depot/ })).toContainText('7.75% tax');
      await table.getByRole('button', { name: 'Own tax rate for South Depot: empty. Edit' }).press('Enter');
      await page.getByRole('textbox', { name: 'Own tax rate for South Depot' }).fill('8');
      await page.keyboard.press('Enter');
      await expect(table.getByRole('row', { name: /South Depot/ })).toContainText('8% tax');
      await look(page, 'item-locations');
      await expectNoViolations(page, 'locations of an item');

      await page.keyboard.press('g');
      await page.keyboard.press('l');
      await names(page).filter({ hasText: 'South Depot' }).click();
      await page.getByRole('tab', { name: 'Prices' }).press('Enter');
      const ofDepot = page.getByRole('table', { name: 'Prices of South Depot' });
      await expect(ofDepot.getByRole('row', { name: /Breath test/ })).toContainText('20.00');
      await expect(ofDepot.getByRole('row', { name: /Drug screen/ })).toContainText('50.00');
      await look(page, 'location-prices');
      await expectNoViolations(page, 'prices of a location');
      await ofDepot.getByRole('button', { name: 'Drug screen: back to the default' }).press('Enter');
      await expect(ofDepot.getByRole('row', { name: /Drug screen/ })).toContainText('45.00');
      await page.keyboard.press('Control+z');
      await expect(ofDepot.getByRole('row', { name: /Drug screen/ })).toContainText('8% tax');
      await page.getByRole('textbox', { name: 'Item or code begins with' }).fill('bt');
      await expect(ofDepot.getByRole('row')).toHaveCount(2);
    });
  });
}

test('who works at a location is added there and seen on the contact', async ({ book }) => {
  const { page } = book;
  await fill(page);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await names(page).filter({ hasText: 'North Depot' }).click();
  await page.getByRole('tab', { name: 'People' }).press('Enter');
  await page.getByRole('button', { name: 'Add role at a location' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Contact' }).fill('hopper');
  await page.getByRole('option', { name: 'Grace Hopper' }).click();
  await dialog.getByRole('textbox', { name: 'Title at this location' }).fill('Director');
  await dialog.getByLabel('From').fill('2026-03-04');
  await dialog.getByLabel('Until').fill('2026-03-01');
  await page.keyboard.press('Control+Enter');
  await expect(dialog.getByText('The end date lies before the start date.', { exact: false })).toBeVisible();
  await dialog.getByLabel('Until').fill('');
  await page.keyboard.press('Control+Enter');
  const people = page.getByRole('list', { name: 'People of North Depot' });
  await expect(people.getByRole('link', { name: 'Grace Hopper' })).toBeVisible();
  await expect(people).toContainText('Director');
  await expectNoViolations(page, 'people of a location');
  await look(page, 'people');
  await people.getByRole('link', { name: 'Grace Hopper' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Grace Hopper at North Depot', level: 2 })).toBeVisible();
  await page.getByRole('link', { name: 'Grace Hopper', exact: true }).first().press('Enter');
  await page.getByRole('tab', { name: 'Works at' }).press('Enter');
  await expect(page.getByRole('list', { name: 'Works at of Grace Hopper' }).getByRole('link', { name: 'North Depot' })).toBeVisible();
});
