import { rmSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, choose, expect, names, test, toast } from '../support/screens.ts';

const clients = [
  { name: 'Adler Bakery', address: { city: 'Köln' }, nextFollowUpDate: '2031-03-01' },
  { name: 'Birch Clinic', address: { city: 'Denver' }, tags: ['north route'] },
  { name: 'Cedar Works', address: { city: 'Denver' } },
  { name: 'Émile & Fils', address: { city: 'Genève' }, tags: ['north route'] },
];

const views = (page: Page): Locator => page.getByRole('list', { name: 'Views of clients' });
const viewButton = (page: Page, name: string): Locator => views(page).getByRole('button', { name, exact: true });
const nav = (page: Page): Locator => page.getByRole('navigation', { name: 'Main' });
const quickFilter = (page: Page): Locator => page.getByRole('textbox', { name: 'Filter clients' });

async function save(page: Page, name: string, isPinned = false): Promise<void> {
  await page.getByRole('button', { name: 'Save view' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save this list of clients as a view' });
  await dialog.getByLabel('Name').fill(name);
  if (isPinned) await dialog.getByLabel('Pin in the navigation').check();
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(dialog).toBeHidden();
}

async function sortBy(page: Page, column: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Column ${column}` }).press('Enter');
  await choose(page, item);
}

test.describe('A saved view', () => {
  test('keeps what a list is asked for, its order and its columns, over a restart of the app', async ({ book }) => {
    test.slow();
    let { page } = book;
    await book.addClients(clients);
    await expect(names(page)).toHaveCount(4);
    await expect(views(page)).toBeHidden();
    await quickFilter(page).fill('denver');
    await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
    await sortBy(page, 'Name', 'Sort Z to A');
    await sortBy(page, 'Industry', 'Hide column');
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
    await save(page, 'Denver round', true);
    await expect(viewButton(page, 'Denver round')).toBeFocused();
    await expect(viewButton(page, 'Denver round')).toHaveAttribute('aria-current', 'true');

    page = await book.restart();
    await expect(names(page)).toHaveCount(4);
    await sortBy(page, 'Name', 'Sort A to Z');
    await viewButton(page, 'Denver round').click();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
    await expect(page.getByRole('columnheader', { name: /^Industry/ })).toHaveCount(0);
    await expect(quickFilter(page)).toHaveValue('denver');
    await viewButton(page, 'All clients').click();
    await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic', 'Cedar Works', 'Émile & Fils']);
  });

  test('says when the list was changed since, and is saved, put back or saved as another one', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await quickFilter(page).fill('denver');
    await save(page, 'Denver');
    const changed = page.getByText('Changed', { exact: true }).and(page.locator('span:not([role="columnheader"] *)'));
    await expect(changed).toBeHidden();
    await quickFilter(page).fill('denver birch');
    await expect(changed).toBeVisible();
    await page.getByRole('button', { name: 'Put back' }).click();
    await expect(quickFilter(page)).toHaveValue('denver');
    await expect(changed).toBeHidden();
    await expectFocus(page, 'putting back');

    await sortBy(page, 'Name', 'Sort Z to A');
    await expect(changed).toBeVisible();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(announced(page)).toContainText('View "Denver" saved as the list is now');
    await expect(changed).toBeHidden();
    await expectFocus(page, 'saving');
    await viewButton(page, 'All clients').click();
    await viewButton(page, 'Denver').click();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);

    await quickFilter(page).fill('köln');
    await page.getByRole('button', { name: 'Save as new' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('DENVER ');
    await dialog.getByRole('button', { name: 'Save view' }).click();
    await expect(dialog.getByText('There is a view of clients called "DENVER" already. Choose another name.')).toBeVisible();
    await dialog.getByLabel('Name').fill('  ');
    await dialog.getByRole('button', { name: 'Save view' }).click();
    await expect(dialog.getByText('Write a name.')).toBeVisible();
    await dialog.getByLabel('Name').fill('Köln');
    await dialog.getByLabel('Name').press('Enter');
    await expect(viewButton(page, 'Köln')).toHaveAttribute('aria-current', 'true');
    await viewButton(page, 'Denver').click();
    await expect(names(page)).toHaveText(['Cedar Works', 'Birch Clinic']);
  });

  test('is saved, chosen, renamed, pinned and deleted with keys alone, and what is deleted comes back', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await quickFilter(page).focus();
    await page.keyboard.type('denver');
    await expect(names(page)).toHaveCount(2);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Save this list');
    await expect(page.getByRole('option', { name: /Save this list as a view/ })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog').getByLabel('Name')).toBeFocused();
    await page.keyboard.type('Denver');
    await page.keyboard.press('Enter');
    await expect(viewButton(page, 'Denver')).toBeFocused();

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await choose(page, 'Rename');
    await expect(page.getByRole('dialog').getByLabel('Name')).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Mile high');
    await page.keyboard.press('Enter');
    await expect(viewButton(page, 'Mile high')).toBeFocused();

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await choose(page, 'Pin in the navigation');
    const pinned = nav(page).getByRole('link', { name: /^Mile high/ });
    await expect(pinned).toBeVisible();
    await expectFocus(page, 'pinning');

    await viewButton(page, 'Mile high').press('Tab');
    await page.keyboard.press('Enter');
    await choose(page, 'Delete the view');
    await expect(announced(page)).toContainText('View "Mile high" deleted. No record was.');
    await expect(names(page)).toHaveCount(4);
    await expect(pinned).toBeHidden();
    await expectFocus(page, 'deleting the view');

    await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
    await expect(pinned).toBeVisible();
    await pinned.press('Enter');
    await expect(names(page)).toHaveCount(2);
    await expectFocus(page, 'bringing the view back');
  });

  test('that is pinned stands under its noun with how many it has, from any place', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'Filter' });
    await form.getByLabel('Field').selectOption({ label: 'Tags' });
    await form.getByRole('combobox', { name: 'Value' }).fill('north route');
    await page.getByRole('option', { name: 'north route' }).click();
    await form.getByRole('button', { name: 'Add filter' }).click();
    await save(page, 'North route', true);
    const pinned = nav(page).getByRole('link', { name: /^North route/ });
    await expect(pinned).toHaveText('North route2');
    await expect(pinned).toHaveAttribute('aria-current', 'page');
    await expect(nav(page).getByRole('link', { name: /^Clients/ })).not.toHaveAttribute('aria-current', 'page');

    await nav(page)
      .getByRole('link', { name: /^Tasks/ })
      .click();
    await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
    await book.addClients([{ name: 'Dale Farm', tags: ['north route'] }]);
    await expect(pinned).toHaveText('North route3');
    await pinned.click();
    await expect(names(page)).toHaveText(['Birch Clinic', 'Dale Farm', 'Émile & Fils']);
  });

  test('holds WCAG 2.2 AA in both colours', async ({ book }) => {
    test.slow();
    const { page } = book;
    await book.addClients(clients);
    await quickFilter(page).fill('denver');
    await expect(names(page)).toHaveCount(2);
    await expectNoViolationsInBothColours(page, 'a list that can be saved');
    await save(page, 'Denver', true);
    await expectNoViolationsInBothColours(page, 'a view');
    await quickFilter(page).fill('birch');
    await expect(page.getByRole('button', { name: 'Put back' })).toBeVisible();
    await expectNoViolationsInBothColours(page, 'a changed view');
    await page.getByRole('button', { name: 'Save as new' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectNoViolationsInBothColours(page, 'naming a view');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'View Denver' }).press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await expectNoViolationsInBothColours(page, 'the menu of a view');
  });
});

test('a list that is left is found as it was, and all of it by its place once more', async ({ book }) => {
  const { page } = book;
  await book.addClients(clients);
  await quickFilter(page).fill('denver');
  await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
  await nav(page)
    .getByRole('link', { name: /^Tasks/ })
    .click();
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await nav(page)
    .getByRole('link', { name: /^Clients/ })
    .click();
  await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
  await expect(quickFilter(page)).toHaveValue('denver');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
  await nav(page)
    .getByRole('link', { name: /^Clients/ })
    .click();
  await expect(names(page)).toHaveCount(4);
});

test('a view that was said to be saved is there after Fieldbook was killed', async ({ browser }) => {
  test.slow();
  const data = temporaryFolder();
  let fieldbook = await startFieldbook({ data });
  let page = await openBookPage(browser, fieldbook);
  await page.evaluate(() => window.crm.clients.create({ name: 'Birch Clinic' }));
  await quickFilter(page).fill('birch');
  await save(page, 'Birch');
  await expect(viewButton(page, 'Birch')).toBeVisible();
  await fieldbook.kill();
  await page.context().close();
  fieldbook = await startFieldbook({ data });
  page = await openBookPage(browser, fieldbook);
  await expect(viewButton(page, 'Birch')).toBeVisible();
  await page.context().close();
  await fieldbook.stop();
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
});

const panel = (page: Page): Locator => page.getByRole('region', { name: 'Conditions' });
const filters = (page: Page): Locator => page.getByRole('list', { name: 'Filters' }).getByRole('listitem');

test.describe('Conditions', () => {
  test('are joined by "and" and "or" with the mouse, read back, kept in a view, and narrow the list as they are written', async ({
    book,
  }) => {
    const { page } = book;
    await book.addClients(clients);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('dialog', { name: 'Filter' }).getByRole('button', { name: 'With "or" …' }).click();
    await expect(page.getByRole('dialog', { name: 'Filter' })).toBeHidden();
    const row = (at: number) => panel(page).locator('[data-place]').nth(at);
    await expect(row(0).getByLabel('Field')).toBeFocused();
    await panel(page).getByLabel('How these are joined').selectOption('any');
    await row(0).getByLabel('Field').selectOption({ label: 'City' });
    await row(0).getByLabel('Value').fill('köln');
    await expect(names(page)).toHaveText(['Adler Bakery']);
    await panel(page).getByRole('button', { name: 'Condition', exact: true }).click();
    await expect(names(page), 'what is not written yet is not asked').toHaveText(['Adler Bakery']);
    await row(1).getByLabel('Field').selectOption({ label: 'City' });
    await row(1).getByLabel('Value').fill('genev');
    await expect(names(page)).toHaveText(['Adler Bakery', 'Émile & Fils']);
    await panel(page).getByRole('button', { name: 'Group', exact: true }).click();
    await row(2).getByLabel('Field').selectOption({ label: 'City' });
    await row(2).getByLabel('Value').fill('denver');
    await panel(page).getByRole('button', { name: 'Condition', exact: true }).last().click();
    await row(3).getByLabel('Field').selectOption({ label: 'Tags' });
    await row(3).getByLabel('Comparison').selectOption({ label: 'is empty' });
    await expect(names(page)).toHaveText(['Adler Bakery', 'Cedar Works', 'Émile & Fils']);
    const sentence = 'City contains köln or City contains genev or (City contains denver and Tags is empty)';
    await expect(panel(page)).toContainText(sentence);
    await expectNoViolationsInBothColours(page, 'joined conditions');

    await save(page, 'Here and there');
    await viewButton(page, 'All clients').click();
    await expect(names(page)).toHaveCount(4);
    await expect(panel(page).locator('[data-place]')).toHaveCount(0);
    await viewButton(page, 'Here and there').click();
    await expect(names(page)).toHaveText(['Adler Bakery', 'Cedar Works', 'Émile & Fils']);
    await expect(panel(page).locator('[data-place]')).toHaveCount(4);
    await page.reload();
    await expect(filters(page)).toHaveText([sentence]);
    await page.getByRole('button', { name: 'Remove the joined conditions' }).click();
    await expect(names(page)).toHaveCount(4);
  });

  test('are built with keys alone, counted from today, and the focus is never lost', async ({ book }) => {
    const { page } = book;
    const day = (by: number) => new Date(Date.now() + by * 86_400_000).toLocaleDateString('sv');
    await book.addClients([
      { name: 'Late', nextFollowUpDate: day(-3) },
      { name: 'Soon', nextFollowUpDate: day(3) },
      { name: 'Later', nextFollowUpDate: day(40) },
      { name: 'Never' },
    ]);
    await expect(names(page)).toHaveCount(4);
    await page.getByRole('grid').focus();
    await page.keyboard.press('w');
    const field = panel(page).getByLabel('Field');
    await expect(field.first()).toBeFocused();
    await field.first().selectOption({ label: 'Next follow-up' });
    await page.keyboard.press('Tab');
    await panel(page).getByLabel('Comparison').first().selectOption({ label: 'is, counted from today' });
    await page.keyboard.press('Tab');
    await expect(panel(page).getByLabel('Value').first()).toBeFocused();
    await panel(page).getByLabel('Value').first().selectOption({ label: 'before today (overdue)' });
    await expect(names(page)).toHaveText(['Late']);
    await panel(page).getByLabel('Value').first().selectOption({ label: 'in the next … days' });
    await page.keyboard.press('Tab');
    await expect(panel(page).getByLabel('Days')).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('7');
    await expect(names(page)).toHaveText(['Soon']);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('60');
    await expect(names(page)).toHaveText(['Later', 'Soon']);
    await expect(panel(page)).toContainText('Next follow-up is in the next 60 days');
    await expectNoViolationsInBothColours(page, 'days counted from today');

    await panel(page).getByRole('button', { name: 'Condition', exact: true }).press('Enter');
    await expect(field.nth(1)).toBeFocused();
    await panel(page).getByRole('button', { name: 'Remove the condition on Name' }).press('Enter');
    await expect(field.first()).toBeFocused();
    await panel(page).getByRole('button', { name: 'Remove the condition on Next follow-up' }).press('Enter');
    await expect(names(page)).toHaveCount(4);
    await expectFocus(page, 'removing the last condition');
    await page.keyboard.press('Escape');
    await expect(panel(page)).toBeHidden();
    await expect(page.getByRole('grid')).toBeFocused();
  });
});

test.describe('Ticked rows', () => {
  test('get one field changed after a look at what becomes of them, and Undo takes it back', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await page.getByRole('columnheader').getByRole('checkbox').click();
    await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Change' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Change 4 clients' });
    await expect(dialog.getByLabel('Field')).toBeFocused();
    await dialog.getByLabel('Field').selectOption({ label: 'City' });
    await dialog.getByRole('textbox', { name: 'Becomes' }).fill('Málaga');
    await expect(dialog.getByRole('list', { name: 'What becomes of them' }).getByRole('listitem')).toHaveText([
      'Adler BakeryKöln → Málaga',
      'Birch ClinicDenver → Málaga',
      'Cedar WorksDenver → Málaga',
      'Émile & FilsGenève → Málaga',
    ]);
    await expectNoViolationsInBothColours(page, 'changing many');
    await page.keyboard.press('Control+Enter');
    await expect(dialog).toBeHidden();
    await expect(announced(page)).toContainText('City of 4 clients changed.');
    await expect(page.getByRole('grid').getByText('Málaga')).toHaveCount(4);
    await expectFocus(page, 'changing many');
    await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
    await expect(page.getByRole('grid').getByText('Málaga')).toHaveCount(0);
    await expect(page.getByRole('grid').getByText('Denver')).toHaveCount(2);
    await expectFocus(page, 'undoing it');
  });

  test('are refused a value that no record takes, beside the value, and nothing changes', async ({ book }) => {
    const { page } = book;
    await book.addClients(clients);
    await page.getByRole('columnheader').getByRole('checkbox').click();
    await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change 4 clients' });
    await dialog.getByLabel('Field').selectOption({ label: 'E-mail' });
    await dialog.getByRole('textbox', { name: 'Becomes' }).fill('nobody');
    await dialog.getByRole('button', { name: 'Change 4 clients' }).click();
    await expect(dialog.getByText('This is not an e-mail address.', { exact: false })).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Becomes' }).fill('office@fieldbook.example');
    await dialog.getByRole('button', { name: 'Change 4 clients' }).click();
    await expect(dialog.getByText('Nothing was changed.', { exact: false })).toBeVisible();
    await page.keyboard.press('Escape');
    await expectFocus(page, 'giving up');
    await expect(page.getByRole('grid').getByText('office@fieldbook.example')).toHaveCount(0);
  });
});
