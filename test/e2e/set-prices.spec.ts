import type { Page } from '@playwright/test';
import type { Result } from '../../shared/lib/result.ts';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { announced, choose, expect, list, names, test, toast } from '../support/screens.ts';

const changes = (page: Page) => page.getByRole('table', { name: 'Prices that change' });
const sentence = (page: Page) => page.getByRole('region', { name: 'What changes' }).getByRole('status');

/** Two clients with so many locations each, and so many items at 20.00. */
async function fill(page: Page, locations: number, items: number): Promise<void> {
  await page.evaluate(
    async ([ofEach, ofItems]) => {
      const must = async <T>(answer: Promise<Result<T>>): Promise<T> => {
        const result = await answer;
        if (!result.ok) throw new Error(JSON.stringify(result.error));
        return result.value;
      };
      for (const name of ['Harbor', 'Mill']) {
        const { record } = await must(window.crm.clients.create({ name }));
        await Promise.all(
          Array.from({ length: ofEach as number }, (_, at) =>
            must(window.crm.locations.create({ clientId: record.id, name: `${name} shop ${at + 1}` })),
          ),
        );
      }
      await Promise.all(
        Array.from({ length: ofItems as number }, (_, at) =>
          must(
            window.crm.itemPrices.create({
              invoiceItem: `Test ${at + 1}`,
              itemCode: `T${at + 1}`,
              defaultPrice: '20.00',
              defaultTaxRate: '0.0775',
            }),
          ),
        ),
      );
    },
    [locations, items],
  );
}

test('own prices of chosen locations are set by keyboard, seen before, and taken back in one step', async ({ book }) => {
  const { page } = book;
  await fill(page, 2, 2);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(names(page)).toHaveCount(4);
  await list(page).focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Set prices' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Set own prices' })).toBeFocused();
  await expect(page.getByText('Mill shop 2')).toBeVisible();

  // What is still missing is said, and has the focus.
  await page.getByRole('combobox', { name: 'Locations', exact: true }).press('Control+Enter');
  await expect(announced(page)).toHaveText('Choose the items.');
  await expect(page.getByRole('combobox', { name: 'Chosen items' })).toBeFocused();
  await page.keyboard.type('test 1');
  await page.getByRole('option', { name: 'Test 1' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Own price' }).fill('cheap');
  await expect(page.getByRole('textbox', { name: 'Own price' })).toHaveAccessibleDescription(/^Write a number with up to 13 digits/);
  await expectNoViolationsInBothColours(page, 'a price that is no number');
  await page.getByRole('textbox', { name: 'Own price' }).fill('18.50');
  await page.getByRole('combobox', { name: 'Tax rate', exact: true }).selectOption('Set to');
  await page.getByRole('textbox', { name: 'Own tax rate' }).fill('8 %');
  await expect(sentence(page)).toHaveText('4 prices are meant: 1 item at 4 locations. All of them change.');
  await expect(changes(page).getByRole('row', { name: /Harbor shop 1/ })).toHaveText(
    /Test 1 T1\s*from 20\.00 to 18\.50\s*from 7\.75% to 8%/,
  );
  await expectNoViolationsInBothColours(page, 'what changes');
  await page.keyboard.press('Control+Enter');
  await expect(toast(page)).toContainText('4 prices set.');
  await expect(page.getByRole('textbox', { name: 'Own tax rate' }), 'the focus is not lost').toBeFocused();
  await expect(page.getByRole('textbox', { name: 'Own price' }), 'the same number does not wait to be set again').toHaveValue('');

  await page.keyboard.press('Escape');
  await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(toast(page)).toContainText('Undone: set 4 prices.');
  await page.getByRole('textbox', { name: 'Own price' }).fill('20.00');
  await page.getByRole('combobox', { name: 'Tax rate', exact: true }).selectOption('Leave as it is');
  await expect(sentence(page)).toContainText('All of them change.');
  await page.getByRole('combobox', { name: 'Price', exact: true }).selectOption('Back to the default');
  await expect(page.getByRole('heading', { name: 'Nothing changes' })).toBeVisible();
  await expectNoViolationsInBothColours(page, 'nothing changes');
});

test('prices of a client are raised by percent for every item of one location, by filter, and back to the default', async ({ book }) => {
  const { page } = book;
  await fill(page, 2, 3);
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await names(page).filter({ hasText: 'Harbor' }).click();
  await page.getByRole('button', { name: 'More for this client' }).press('Enter');
  await choose(page, 'Set prices of its locations');
  await expect(page.getByRole('combobox', { name: 'Client', exact: true })).toHaveValue('Harbor');
  await page.getByRole('combobox', { name: 'Items', exact: true }).selectOption({ index: 1 });
  await page.getByRole('combobox', { name: 'Price', exact: true }).selectOption('Raise by');
  await page.getByRole('textbox', { name: 'Percent' }).fill('-5');
  await expect(page.getByText('Write it without a minus. To go the other way, choose "Lower by".').first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Percent' }).fill('2.5 %');
  await expect(sentence(page)).toHaveText('6 prices are meant: 3 items at 2 locations. All of them change.');
  await expect(changes(page).getByRole('row').nth(1)).toContainText('20.50');
  await page.keyboard.press('Enter');
  await expect(toast(page)).toContainText('6 prices set.');

  await page.keyboard.press('g');
  await page.getByRole('heading', { name: 'Set own prices' }).focus();
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await names(page).filter({ hasText: 'Harbor shop 1' }).click();
  await page.getByRole('tab', { name: 'Prices' }).press('Enter');
  const prices = page.getByRole('table', { name: 'Prices of Harbor shop 1' });
  await expect(prices.getByRole('row', { name: /Test 3/ })).toContainText('20.50');
  await page.getByRole('button', { name: 'Set for many items' }).press('Enter');
  await page.getByRole('combobox', { name: 'Price', exact: true }).selectOption('Back to the default');
  await expect(sentence(page)).toHaveText('3 prices are meant: 3 items at 1 location. All of them change.');
  await expect(changes(page).getByRole('row').nth(1)).toContainText('default');
  await page.getByRole('button', { name: 'Set 3 prices' }).press('Enter');
  await expect(toast(page)).toContainText('3 prices set.');

  await page.getByRole('combobox', { name: 'Locations', exact: true }).selectOption('Locations that match filters');
  await expect(sentence(page)).toHaveText('Add a filter for the locations.');
  await page.getByRole('button', { name: 'Filter', exact: true }).press('Enter');
  const filter = page.getByRole('dialog', { name: 'Filter' });
  await filter.getByRole('combobox', { name: 'Field' }).selectOption('Name');
  await filter.getByRole('textbox', { name: 'Value' }).fill('shop 2');
  await page.keyboard.press('Enter');
  await expect(sentence(page)).toHaveText('6 prices are meant: 3 items at 2 locations. 3 of them change; the rest is so already.');
  await expectNoViolationsInBothColours(page, 'locations by filter');
});

test('how far thousands of prices are written is shown, and they are one step in the history', async ({ book }) => {
  test.slow();
  const { page } = book;
  await fill(page, 50, 50);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('raise');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Locations', exact: true }).selectOption('All locations (100)');
  await page.getByRole('combobox', { name: 'Items', exact: true }).selectOption('All items (50)');
  await page.getByRole('combobox', { name: 'Price', exact: true }).selectOption('Lower by');
  await page.getByRole('textbox', { name: 'Percent' }).fill('10');
  await expect(sentence(page)).toHaveText('5,000 prices are meant: 50 items at 100 locations. All of them change.');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('101–200 of 5,000')).toBeVisible();
  // It may be on screen for less than a look of the test takes: what it says is written down as it comes.
  const said = await page.evaluateHandle(() => {
    const texts: string[] = [];
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll('[role="progressbar"]')) texts.push(bar.getAttribute('aria-label') ?? '');
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
    return texts;
  });
  await page.getByRole('textbox', { name: 'Percent' }).press('Enter');
  await expect(toast(page)).toContainText('5,000 prices set.', { timeout: 30_000 });
  expect(await said.jsonValue()).toContainEqual(expect.stringMatching(/^[1-5],000 of 5,000 prices written$/));
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page)).toContainText('Undone: set 5,000 prices.', { timeout: 30_000 });
  const own = await page.evaluate(() => window.crm.locationPrices.count({}));
  expect(own).toMatchObject({ ok: true, value: { total: 5000, own: 0 } });
});
