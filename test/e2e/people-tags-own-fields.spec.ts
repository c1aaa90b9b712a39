import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { choose, expect, list, names, test, toast, unfold } from '../support/screens.ts';

const addPerson = (page: Page, fullName: string) =>
  page.evaluate(async (name) => {
    const result = await window.crm.directory.create({ kind: 'user', fullName: name });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.record.id;
  }, fullName);

test('a team is made of people by keyboard', async ({ book }) => {
  const { page } = book;
  await addPerson(page, 'Ada Lovelace');
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await expect(names(page)).toHaveText(['Ada Lovelace']);
  await page.keyboard.press('n');
  const form = page.getByRole('dialog', { name: 'New person or team' });
  await form.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Team' }).click();
  await form.getByRole('textbox', { name: 'Team name' }).fill('North');
  await expect(form.getByRole('textbox', { name: 'Full name' }), 'a team has no full name').toHaveCount(0);
  await form.getByRole('combobox', { name: 'Members' }).fill('lovel');
  await page.getByRole('option', { name: 'Ada Lovelace' }).click();
  await page.keyboard.press('Tab');
  await expectNoViolationsInBothColours(page, 'a new team');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: 'North', level: 2 })).toBeVisible();
  await expect(page.locator('[data-field="memberIds"]')).toContainText('Ada Lovelace');
  await expectNoViolationsInBothColours(page, 'a team');
});

test('a client is given to people by name, and still names who was deleted', async ({ book }) => {
  const { page } = book;
  const ada = await addPerson(page, 'Ada Lovelace');
  await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }]);
  await names(page).first().click();
  await unfold(page);
  await page.getByRole('button', { name: 'Account owner' }).click();
  await page.getByRole('combobox', { name: 'Account owner' }).fill('ada');
  await page.getByRole('option', { name: 'Ada Lovelace' }).click();
  // The owner stands in the head of the record too.
  await expect(page.getByRole('region', { name: 'People' }).getByRole('link', { name: 'Ada Lovelace' })).toBeVisible();
  await page.getByRole('button', { name: 'Assigned to' }).click();
  await page.getByRole('combobox', { name: 'Assigned to' }).fill('ada');
  await page.getByRole('option', { name: 'Ada Lovelace' }).click();
  await page.getByRole('heading', { name: 'Adler Bakery', level: 2 }).click();
  await expect(page.locator('[data-field="assignedToIds"]')).toContainText('Ada Lovelace');
  await page.goto(`${page.url().split('#')[0]}#/directory/${ada}`);
  await page.getByRole('button', { name: 'More for this person or team' }).click();
  await page.getByRole('menuitem', { name: /^Delete/ }).click();
  await expect(toast(page)).toContainText('One record still names them');
  await page.goto(`${page.url().split('#')[0]}#/clients`);
  await names(page).first().click();
  await expect(page.locator('[data-field="accountOwnerId"]')).toContainText('Ada Lovelace (deleted person)');
});

test('tags are put on a selection, renamed everywhere, and taken back', async ({ book }) => {
  const { page } = book;
  await book.addClients([{ name: 'Adler Bakery', tags: ['vip'] }, { name: 'Birch Clinic' }, { name: 'Cedar Works' }]);
  await expect(names(page)).toHaveCount(3);
  await list(page).focus();
  await page.keyboard.press('Control+a');
  await page.getByRole('toolbar', { name: 'Selected rows' }).getByRole('button', { name: 'Tags' }).click();
  await page.getByRole('combobox', { name: 'Add' }).fill('north');
  await page.keyboard.press('Enter');
  await expectNoViolationsInBothColours(page, 'tags of a selection');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: 'Take off' }), 'the list of tags is no stop on the way').toBeFocused();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(toast(page)).toContainText('Tags of 3 clients changed.');
  await page.goto(`${page.url().split('#')[0]}#/tags`);
  const rows = page.getByRole('table', { name: 'Tags' }).getByRole('row');
  await expect(rows).toHaveText([/Tag/, /north\s*3/, /vip\s*1/]);
  await page.getByRole('button', { name: 'Rename the tag vip' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'New name of the tag vip' }).fill('north');
  await expect(page.getByText('the two become one')).toBeVisible();
  await expectNoViolationsInBothColours(page, 'renaming a tag');
  await page.keyboard.press('Enter');
  await expect(rows).toHaveText([/Tag/, /north\s*3/]);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(rows).toHaveText([/Tag/, /north\s*3/, /vip\s*1/]);
});

test('a field of their own is defined, filled in, listed and kept over a change of its kind', async ({ book }) => {
  const { page } = book;
  const [id = ''] = await book.addClients([{ name: 'Adler Bakery' }]);
  await page.goto(`${page.url().split('#')[0]}#/settings`);
  await page.getByRole('link', { name: 'Open own fields' }).click();
  await page.getByRole('button', { name: 'New own field' }).first().click();
  const form = page.getByRole('dialog', { name: 'New own field' });
  await form.getByRole('textbox', { name: 'Name' }).fill('Year [founded]');
  await expectNoViolationsInBothColours(page, 'a new own field');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: 'Year [founded]', level: 2 })).toBeVisible();

  await page.goto(`${page.url().split('#')[0]}#/clients/${id}`);
  await unfold(page);
  await page.getByRole('button', { name: 'Year [founded]' }).click();
  await page.getByRole('textbox', { name: 'Year [founded]' }).fill('about 1987');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-field="custom.Year [founded]"]')).toContainText('about 1987');
  await page.evaluate(async () => {
    const fields = await window.crm.ownFields.list({});
    if (fields.ok)
      await window.crm.ownFields.change({ id: fields.value.rows[0]?.id ?? '', changes: { label: 'Founded', fieldKind: 'number' } });
  });
  const value = page.locator('[data-field="custom.Year [founded]"]');
  await expect(value, 'what does not fit is shown as it is').toContainText('about 1987');
  await expect(value).toContainText('Does not fit the field.');
  await value.getByRole('button', { name: /^Founded: about 1987/ }).click();
  await page.getByRole('textbox', { name: 'Founded' }).fill('1987');
  await page.keyboard.press('Enter');
  await expect(value).not.toContainText('Does not fit');
  await expectNoViolationsInBothColours(page, 'an own field that was refused its kind');

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Founded' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('columnheader', { name: /Founded/ })).toBeVisible();

  // The column sorts and filters like any other.
  await book.addClients([
    { name: 'Birch Clinic', custom: { 'Year [founded]': 2004 } },
    { name: 'Cedar Works', custom: { 'Year [founded]': 1890 } },
    { name: 'Dorn Optics' },
  ]);
  await page.getByRole('button', { name: 'Column Founded' }).press('Enter');
  await choose(page, 'Largest first');
  await expect(names(page)).toHaveText(['Birch Clinic', 'Adler Bakery', 'Cedar Works', 'Dorn Optics']);
  await page.getByRole('button', { name: 'Column Founded' }).press('Enter');
  await choose(page, /^Filter/);
  const filter = page.getByRole('dialog', { name: 'Filter' });
  await filter.getByRole('combobox', { name: 'Comparison' }).selectOption('is at least');
  await filter.getByRole('textbox', { name: 'Value' }).fill('1900');
  await page.keyboard.press('Enter');
  await expect(names(page)).toHaveText(['Birch Clinic', 'Adler Bakery']);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await list(page).focus();
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog', { name: 'New client' }).getByRole('textbox', { name: 'Founded' })).toBeVisible();
});
