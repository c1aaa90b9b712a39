import type { Page } from '@playwright/test';
import type { Result } from '../../shared/lib/result.ts';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { announced, expect, test, toast } from '../support/screens.ts';

/** Two clients, the second by name made first, with so many locations each, and so many items at 20.00. */
async function fill(page: Page, locations: number, items: number): Promise<void> {
  await page.evaluate(
    async ([ofEach, ofItems]) => {
      const must = async <T>(answer: Promise<Result<T>>): Promise<T> => {
        const result = await answer;
        if (!result.ok) throw new Error(JSON.stringify(result.error));
        return result.value;
      };
      for (const [name, defaultCurrency] of [
        ['Mill', 'EUR'],
        ['Harbor', 'USD'],
      ] as const) {
        const { record } = await must(window.crm.clients.create({ name, defaultCurrency }));
        await Promise.all(
          Array.from({ length: ofEach as number }, (_, at) =>
            must(window.crm.locations.create({ clientId: record.id, name: `${name} shop ${String(at + 1).padStart(3, '0')}` })),
          ),
        );
      }
      await Promise.all(
        Array.from({ length: ofItems as number }, (_, at) =>
          must(
            window.crm.itemPrices.create({
              invoiceItem: `Test ${String(at + 1).padStart(4, '0')}`,
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

const grid = (page: Page) => page.getByRole('grid', { name: 'Prices by location' });
const cell = (page: Page, row: number, column: number) => page.locator(`#price-${row}-${column}`);
const panel = (page: Page) => page.getByRole('form', { name: 'Change prices' });
const ownPrices = (page: Page) => page.evaluate(async () => window.crm.locationPrices.list({ ownOnly: true }));

async function openGrid(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByText('By location').click();
  await expect(cell(page, 0, 0)).toContainText('20.00');
  await grid(page).focus();
}

test('prices are walked, typed, put back and undone as in a spreadsheet, by keys alone', async ({ book }) => {
  const { page } = book;
  await fill(page, 2, 3);
  await openGrid(page);
  // By client, then by name; the currency of each stands with it.
  await expect(page.getByRole('columnheader')).toHaveText([
    'Harbor',
    'Mill',
    'Item',
    'Default',
    /Harbor shop 001\s*USD/,
    /Harbor shop 002\s*USD/,
    /Mill shop 001\s*EUR/,
    /Mill shop 002\s*EUR/,
  ]);
  await expect(grid(page)).toHaveAttribute('aria-activedescendant', 'price-0-0');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('18');
  await page.keyboard.press('Tab');
  await expect(toast(page)).toContainText('Price of Test 0002 at Harbor shop 002 saved.');
  await expect(cell(page, 1, 1)).toContainText('−10%');
  await expect(cell(page, 1, 1)).toContainText('18 USD, own price, default 20.00');
  await expect(grid(page), 'Tab goes on to the right').toHaveAttribute('aria-activedescendant', 'price-1-2');
  await expect(grid(page)).toBeFocused();

  await page.keyboard.press('F2');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('cheap');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Write a number with up to 13 digits', { exact: false })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(grid(page)).toBeFocused();
  await expect(cell(page, 1, 2)).toContainText('20.00');

  await page.keyboard.type('22');
  await page.keyboard.press('Enter');
  await expect(grid(page), 'Enter goes on below').toHaveAttribute('aria-activedescendant', 'price-2-2');
  await expect(cell(page, 1, 2)).toContainText('+10%');

  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Delete');
  await expect(toast(page)).toContainText('1 price set.');
  await expect(cell(page, 1, 1)).not.toContainText('%');
  await page.keyboard.press('Control+z');
  await expect(cell(page, 1, 1)).toContainText('−10%');

  // The item itself stands before its prices, and opens.
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Test 0002', level: 2 })).toBeFocused();
  await expectNoViolationsInBothColours(page, 'the grid beside a record');
  await page.keyboard.press('Escape');
  await expect(grid(page)).toBeFocused();
  await expectNoViolationsInBothColours(page, 'the grid');
});

test('a block is copied, and one from a spreadsheet is seen before it is set, in one step', async ({ book }) => {
  const { page } = book;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await fill(page, 2, 3);
  await openGrid(page);
  await page.evaluate(() => navigator.clipboard.writeText('18.50\t$ 19\tbeyond\n20\task Joe\r\n\t21,50\n'));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+v');
  await expect(panel(page)).toContainText('3 of 6 prices change; the rest stays as it is. Nothing is changed yet.');
  await expect(panel(page)).toContainText('Left out, because it is no price: “ask Joe” (Test 0002 × Mill shop 002)');
  await expect(panel(page)).toContainText('3 cells lie beyond the last item or location, and are left out.');
  await expect(cell(page, 0, 2)).toContainText('18.50');
  await expect(cell(page, 0, 2).locator('s')).toHaveText('20.00');
  await expect(cell(page, 1, 2)).toContainText('same');
  expect(await ownPrices(page), 'nothing is changed yet').toMatchObject({ value: { total: 0 } });
  await expectNoViolationsInBothColours(page, 'what was pasted');
  await page.keyboard.press('Escape');
  await expect(panel(page)).toBeHidden();
  await expect(cell(page, 0, 2)).not.toContainText('18.50');
  await expect(grid(page)).toBeFocused();

  await page.keyboard.press('Control+v');
  await page.getByRole('button', { name: 'Set 3 prices' }).press('Control+Enter');
  await expect(toast(page)).toContainText('3 prices set.');
  await expect(grid(page)).toBeFocused();
  expect(await ownPrices(page)).toMatchObject({ value: { total: 3 } });

  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect(announced(page)).toContainText('12 prices copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    '20.00\t20.00\t18.50\t19\n20.00\t20.00\t20.00\t20.00\n20.00\t20.00\t20.00\t21.50',
  );
  await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(toast(page)).toContainText('Undone: set 3 prices.');
  expect(await ownPrices(page)).toMatchObject({ value: { total: 0 } });
});

test('chosen prices are raised by percent or an amount after a look at what becomes of each, and go back in one step', async ({ book }) => {
  const { page } = book;
  await fill(page, 2, 3);
  await openGrid(page);
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('p');
  await expect(page.getByRole('textbox', { name: 'Percent' })).toBeFocused();
  await page.keyboard.type('-5');
  await expect(panel(page)).toContainText('Write it without a minus. To go the other way, choose "Lower".');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('12.5');
  await expect(cell(page, 1, 1)).toContainText('22.50');
  await expect(cell(page, 2, 1)).not.toContainText('22.50');
  await expect(panel(page)).toContainText('4 of 4 prices change. Nothing is changed yet.');
  await expectNoViolationsInBothColours(page, 'raising chosen prices');
  await page.keyboard.press('Enter');
  await expect(toast(page)).toContainText('4 prices set.');
  await expect(cell(page, 0, 0)).toContainText('+13%');

  await page.keyboard.press('p');
  await page.getByRole('combobox', { name: 'What becomes of them' }).selectOption('Lower by an amount');
  await page.getByRole('textbox', { name: 'Amount' }).fill('0.50');
  await expect(cell(page, 0, 0)).toContainText('22.00');
  await page.keyboard.press('Control+Enter');
  await expect(cell(page, 0, 0)).toContainText('+10%');
  await page.keyboard.press('Delete');
  await expect(cell(page, 0, 0)).not.toContainText('%');
  expect(await ownPrices(page)).toMatchObject({ value: { total: 0 } });
  await page.keyboard.press('Control+z');
  await expect(cell(page, 1, 1)).toContainText('+10%');

  // What is typed before the panel is there begins no price.
  await grid(page).evaluate((element) => {
    for (const key of ['p', '9']) element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  });
  await expect(page.getByRole('textbox', { name: 'Percent' })).toBeFocused();
  await expect(grid(page).getByRole('textbox')).toHaveCount(0);
});

test('of 2,000 items at 500 locations only what is near the screen is asked for and drawn', async ({ book }) => {
  test.slow();
  const { page } = book;
  await fill(page, 250, 2000);
  let isCounting = false;
  const asked = { blocks: 0, pairs: 0, rows: 0 };
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.webSocketFrameSent', ({ response }) => {
    if (!isCounting) return;
    const { method, input } = JSON.parse(response.payloadData) as {
      method?: string;
      input?: { locationIds: string[]; itemPriceIds: string[]; limit?: number };
    };
    if (method === 'locationPrices.block' && input !== undefined) {
      asked.blocks += 1;
      asked.pairs += input.locationIds.length * input.itemPriceIds.length;
    } else if (method === 'itemPrices.list' || method === 'locations.list') asked.rows += input?.limit ?? 100;
  });
  isCounting = true;
  await openGrid(page);
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '2002');
  await expect(grid(page)).toHaveAttribute('aria-colcount', '502');
  expect(asked.blocks).toBeGreaterThan(0);
  expect(asked.pairs, 'of a million prices, those on screen').toBeLessThanOrEqual(4000);
  expect(await page.getByRole('gridcell').count()).toBeLessThan(1000);
  const before = { ...asked };
  await page.keyboard.press('Control+End');
  await expect(cell(page, 1999, 499)).toContainText('20.00');
  await expect(grid(page)).toHaveAttribute('aria-activedescendant', 'price-1999-499');
  expect(asked.pairs - before.pairs, 'at the other corner').toBeLessThanOrEqual(4000);
  expect(asked.rows, 'pages of the lists, not the lists').toBeLessThanOrEqual(1600);
  expect(await page.getByRole('gridcell').count()).toBeLessThan(1000);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('p');
  await expect(announced(page)).toContainText('1,000,000 prices are chosen, and one step can change 20,000.');
});
