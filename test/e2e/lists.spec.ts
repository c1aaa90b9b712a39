import type { Page } from '@playwright/test';
import { announced, expect, list, names, test } from '../support/screens.ts';

const places = [
  {
    name: 'Adler Bakery',
    address: { city: 'Köln' },
    lifecycleStage: 'active_client',
    annualRevenue: '900.50',
    nextFollowUpDate: '2031-03-01',
  },
  { name: 'Birch Clinic', address: { city: 'Denver' }, lifecycleStage: 'dormant', annualRevenue: '12000', isActive: false },
  { name: 'Cedar Works', address: { city: 'Denver' }, lifecycleStage: 'active_client', annualRevenue: '75', tags: ['north route'] },
  { name: 'Émile & Fils', address: { city: 'Genève' }, lifecycleStage: 'prospect', nextFollowUpDate: '2031-05-20' },
] as const;

function clients() {
  return places.map((place) => ({ ...place, tags: 'tags' in place ? [...place.tags] : [] }));
}

async function addFilter(page: Page, field: string, comparison: string, value?: string): Promise<void> {
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const form = page.getByRole('dialog', { name: 'Filter' });
  await form.getByLabel('Field').selectOption({ label: field });
  await form.getByLabel('Comparison').selectOption({ label: comparison });
  if (value !== undefined) {
    const control = form.getByLabel('Value');
    if ((await control.evaluate((element) => element.tagName)) === 'SELECT') await control.selectOption({ label: value });
    else await control.fill(value);
  }
  await form.getByRole('button', { name: 'Add filter' }).click();
  await expect(form).toBeHidden();
}

test.describe('A list', () => {
  test('filters by text, choice, number, date, yes or no and emptiness, and the chips say so', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients());
    await addFilter(page, 'City', 'contains', 'denver');
    await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
    await expect(page.getByRole('status').filter({ hasText: '2 of 4 clients' })).toBeVisible();
    await addFilter(page, 'Lifecycle stage', 'is', 'Active client');
    await expect(names(page)).toHaveText(['Cedar Works']);
    await expect(page.getByRole('list', { name: 'Filters' }).getByRole('listitem')).toHaveText([
      'City contains denver',
      'Lifecycle stage is Active client',
    ]);

    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect(names(page)).toHaveCount(4);
    await addFilter(page, 'Annual revenue (USD)', 'is at least', '900');
    await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic']);
    await page.getByRole('button', { name: 'Remove the filter on Annual revenue (USD)' }).click();
    await addFilter(page, 'Next follow-up', 'is after', '2031-04-01');
    await expect(names(page)).toHaveText(['Émile & Fils']);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await addFilter(page, 'Active', 'is', 'No');
    await expect(names(page)).toHaveText(['Birch Clinic']);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await addFilter(page, 'Tags', 'is not empty');
    await expect(names(page)).toHaveText(['Cedar Works']);

    await page.getByRole('button', { name: /^Tags is not empty/ }).click();
    await page.getByRole('dialog', { name: 'Filter' }).getByLabel('Comparison').selectOption({ label: 'is empty' });
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(names(page)).toHaveCount(3);
  });

  test('keeps filter and order in the address, so that reload and Back bring them back', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients());
    await addFilter(page, 'City', 'contains', 'denver');
    await page.getByRole('columnheader', { name: /^Name/ }).getByRole('button', { name: /^Name/ }).click();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
    await page.reload();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
    await names(page).first().click();
    await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeVisible();
    await page.getByRole('link', { name: /^Contacts/ }).click();
    await expect(page.getByRole('heading', { name: 'Contacts', level: 1 })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeVisible();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
  });

  test('sorts by any field and by several with Shift, empty values last', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients());
    const header = (label: string) => page.getByRole('columnheader', { name: new RegExp(`^${label}`) });
    const sort = (label: string) => header(label).getByRole('button', { name: label, exact: false }).first();
    await sort('City').click();
    await expect(header('City')).toHaveAttribute('aria-sort', 'ascending');
    await sort('Name').click({ modifiers: ['Shift'] });
    await sort('Name').click({ modifiers: ['Shift'] });
    await expect(header('Name')).toHaveAttribute('aria-sort', 'descending');
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic', 'Émile & Fils', 'Adler Bakery']);
    await sort('Next follow-up').click();
    await expect(names(page).nth(0)).toHaveText('Adler Bakery');
    await expect(names(page).nth(1)).toHaveText('Émile & Fils');
  });

  test('remembers columns, their order and widths, and the order of rows, over a restart', async ({ book }) => {
    await book.addClients(clients());
    let { page } = book;
    const columnNames = () => page.getByRole('columnheader').filter({ hasText: /\w/ });
    await page.getByRole('button', { name: 'Columns', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Account code' }).check();
    await page.getByRole('checkbox', { name: 'Industry' }).uncheck();
    await page.getByRole('checkbox', { name: 'Changed' }).uncheck();
    await page.getByRole('button', { name: 'Move Account code left' }).click();
    await page.keyboard.press('Escape');
    const wanted = ['Name', 'Lifecycle stage', 'E-mail', 'Account code', 'City', 'Phone', 'Next follow-up'];
    await expect(columnNames()).toHaveText(wanted);
    await page.getByRole('button', { name: 'Column City' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Wider' }).click();
    await page.getByRole('menuitem', { name: 'Sort Z to A' }).click();
    await expect(names(page)).toHaveText(['Adler Bakery', 'Émile & Fils', 'Birch Clinic', 'Cedar Works']);
    const width = async () => (await page.getByRole('columnheader', { name: /^City/ }).boundingBox())?.width;
    const widened = await width();
    expect(widened).toBeGreaterThan(150);
    await expect
      .poll(() =>
        page.evaluate(() => window.crm.app.settings({}).then((settings) => settings.ok && settings.value.lists['clients']?.sort[0]?.path)),
      )
      .toBe('address.city');

    page = await book.restart();
    await expect(columnNames()).toHaveText(wanted);
    await expect(names(page)).toHaveText(['Adler Bakery', 'Émile & Fils', 'Birch Clinic', 'Cedar Works']);
    expect(await width()).toBe(widened);
  });

  test('finds while it is typed, without accents and without case', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients());
    await page.getByRole('textbox', { name: 'Filter clients' }).fill('GENEVE emi');
    await expect(names(page)).toHaveText(['Émile & Fils']);
    await page.getByRole('textbox', { name: 'Filter clients' }).fill('nobody has this');
    await expect(page.getByRole('heading', { name: 'No clients match' })).toBeVisible();
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).click();
    await expect(names(page)).toHaveCount(4);
  });

  test('holds 1,200 clients with a few dozen rows in the page, from the first to the last', async ({ book }) => {
    test.slow();
    const { page } = book;
    for (let from = 0; from < 1200; from += 300) {
      const made = await page.evaluate(async (start) => {
        const results = await Promise.all(
          Array.from({ length: 300 }, (_, at) => window.crm.clients.create({ name: `Client ${String(start + at + 1).padStart(4, '0')}` })),
        );
        return results.filter((result) => result.ok).length;
      }, from);
      expect(made).toBe(300);
    }
    await expect(page.getByRole('status').filter({ hasText: '1,200 clients' })).toBeVisible();
    await expect(list(page)).toHaveAttribute('aria-rowcount', '1201');
    await expect(names(page).first()).toHaveText('Client 0001');
    expect(await names(page).count()).toBeLessThan(80);
    await list(page).focus();
    await page.keyboard.press('End');
    await expect(names(page).last()).toHaveText('Client 1200');
    expect(await names(page).count()).toBeLessThan(80);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Client 1200' })).toBeFocused();
    await page.keyboard.press('k');
    await expect(page.getByRole('heading', { name: 'Client 1199' })).toBeVisible();

    await list(page).evaluate((grid) => grid.scrollTo({ top: grid.scrollHeight / 2 }));
    await expect(names(page).filter({ hasText: 'Client 0600' })).toBeVisible();
    expect(await names(page).count()).toBeLessThan(80);

    await list(page).focus();
    await page.keyboard.press('Control+a');
    await expect(page.getByText('1,200 clients selected')).toBeVisible();
    await page.keyboard.press('Delete');
    await expect(announced(page)).toContainText('1,200 clients deleted');
    await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('status').filter({ hasText: '1,200 clients' })).toBeVisible();
  });

  test('finds the place of a record that a link opened, and goes on from there', async ({ book }) => {
    const { page } = book;
    const ids = await book.addClients(clients());
    await page.goto(`${new URL(page.url()).origin}/#/clients/${ids[2]}`);
    await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeVisible();
    await expect(page.locator('[role="row"][aria-current="true"]')).toContainText('Cedar Works');
    await page.getByRole('button', { name: 'Previous client' }).click();
    await expect(page.getByRole('heading', { name: 'Birch Clinic' })).toBeVisible();
    const next = page.getByRole('button', { name: 'Next client' });
    await next.click();
    await next.click();
    await expect(page.getByRole('heading', { name: 'Émile & Fils' })).toBeVisible();
    await expect(next).toBeDisabled();
    await page.getByRole('button', { name: 'Previous client' }).click();
    await expect(next).toBeEnabled();
  });

  test('selects a range with Shift and the mouse, and restores from the deleted list', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients());
    await page.getByRole('checkbox', { name: 'Select Adler Bakery' }).click();
    await page.getByRole('checkbox', { name: 'Select Cedar Works' }).click({ modifiers: ['Shift'] });
    await expect(page.getByText('3 clients selected')).toBeVisible();
    await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Delete' }).click();
    await expect(names(page)).toHaveText(['Émile & Fils']);
    await page.getByRole('button', { name: 'Deleted (3)' }).click();
    await page.getByRole('checkbox', { name: 'Select all clients' }).click();
    await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Restore' }).click();
    await expect(page.getByRole('heading', { name: 'Nothing is deleted' })).toBeVisible();
    await page.getByRole('button', { name: 'Back to clients' }).click();
    await expect(names(page)).toHaveCount(4);
  });

  test('tells what it is for while it is empty, and the sample data goes in one step', async ({ book }) => {
    const { page } = book;
    await page.getByRole('button', { name: 'Add sample data' }).click();
    await expect(names(page).first()).toBeVisible();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Remove sample data' }).click();
    await expect(announced(page)).toContainText('removed');
    await page.getByRole('alert').getByRole('button', { name: 'Undo' }).click();
    await expect(announced(page)).toContainText('Undone');
    await page.getByRole('button', { name: 'Remove sample data' }).click();
    await page.getByRole('link', { name: /^Clients/ }).click();
    await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();
    await expect(page.getByRole('main').getByRole('button', { name: 'Import a file' })).toBeVisible();
  });
});
