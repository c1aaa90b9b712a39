import type { Page } from '@playwright/test';
import { type NounName, nounNames, nouns } from '../../shared/nouns/nouns.ts';
import { expectFocus } from '../support/focus.ts';
import { fillWholeBook } from '../support/full-book.ts';
import { expect, list, names, test } from '../support/screens.ts';

const open = (page: Page, noun: NounName) => page.getByRole('button', { name: `More for this ${nouns[noun].singular}` });

for (const part of [nounNames.slice(0, 7), nounNames.slice(7)]) {
  test(`without a mouse the focus is never lost: ${part.map((noun) => nouns[noun].plural).join(', ')}`, async ({ book }) => {
    test.setTimeout(120_000);
    const { page } = book;
    await fillWholeBook(page);
    for (const noun of part) {
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
        await expectFocus(page, `${noun}: ${keys.join(' ')}`);
      };
      await page.evaluate((hash) => (window.location.hash = hash), `#/${noun}`);
      await expect(list(page)).toHaveAccessibleName(new RegExp('.'));
      await expect(names(page).first()).toBeVisible();
      const count = await names(page).count();
      await list(page).focus();
      await press('Home', 'Enter');
      await expect(open(page, noun)).toBeVisible();
      await press('e');
      await press('Escape');
      if (await open(page, noun).isHidden()) await press('Enter');
      await open(page, noun).press('Enter');
      await expect(page.getByRole('menuitem').first()).toBeFocused();
      await press('Escape');
      await expect(page.getByRole('menu')).toBeHidden();
      await expect(open(page, noun)).toBeFocused();
      await press('Escape');
      await expect(open(page, noun)).toBeHidden();
      await expect(list(page)).toBeFocused();

      // An issued invoice stays; everything else goes and comes back.
      if (noun !== 'invoices') {
        await press('Delete');
        // What takes others along asks first.
        const question = page.getByRole('dialog', { name: /^Delete / });
        await expect.poll(async () => (await question.count()) > 0 || (await names(page).count()) < count).toBe(true);
        if ((await question.count()) > 0) await press('Enter');
        await expect(names(page)).toHaveCount(count - 1);
        await expectFocus(page, `${noun}: deleted`);
        await press('Control+z');
        await expect(names(page)).toHaveCount(count);
        await expectFocus(page, `${noun}: brought back`);
        await list(page).focus();
      }
      await press('n');
      if ((await page.getByRole('dialog').count()) > 0) {
        await press('Escape');
        await expect(page.getByRole('dialog')).toBeHidden();
        await expect(list(page), `${noun}: the list has the focus again`).toBeFocused();
      }
      await press('f');
      await expect(page.getByRole('dialog', { name: 'Filter' })).toBeVisible();
      await press('Escape');
      await expect(page.getByRole('dialog', { name: 'Filter' })).toBeHidden();
      await expectFocus(page, `${noun}: filter closed`);
    }
  });
}

test('what names a record is on its tabs, and what is added there starts with the record and its client', async ({ book }) => {
  const { page } = book;
  const whole = await fillWholeBook(page);
  const goTo = (place: string) => page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);
  await goTo(`opportunities/${whole.opportunityId}?tab=tasks`);
  const tasks = page.getByRole('list', { name: 'Tasks of Second oven' });
  await expect(tasks.getByRole('link', { name: 'Send the offer' })).toBeVisible();
  await page.getByRole('button', { name: 'Add task' }).press('Enter');
  const form = page.getByRole('dialog', { name: 'New task of Second oven' });
  await expect(form.getByRole('textbox', { name: 'Title' })).toBeFocused();
  await page.keyboard.type('Measure the kitchen');
  await expect(form.getByRole('combobox', { name: 'Client' })).toHaveValue('Adler Bakery');
  await expect(form.getByRole('combobox', { name: 'Opportunity' })).toHaveValue('Second oven (Adler Bakery)');
  await page.keyboard.press('Control+Enter');
  await expect(tasks.getByRole('listitem')).toHaveCount(2);
  await expect(page.getByRole('tab', { name: 'Tasks 2' })).toBeVisible();

  await goTo(`contacts/${whole.contactId}?tab=cases`);
  await expect(page.getByRole('heading', { name: 'No cases yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Add case' }).press('Enter');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Fan is loud');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('list', { name: 'Cases of Inès García' }).getByRole('link', { name: 'Fan is loud' }).press('Enter');
  await expect(page.locator('[data-field="contactIds"]')).toContainText('Inès García');
  await expect(page.locator('[data-field="clientId"]')).toContainText('Adler Bakery');

  await goTo(`directory/${whole.personId}?tab=cases`);
  await expect(page.getByRole('list', { name: 'Cases of Ada Lovelace' }).getByRole('link')).toHaveText(['Oven does not heat']);
  await goTo(`directory/${whole.teamId}?tab=clients`);
  await expect(page.getByRole('list', { name: 'Clients of North' }).getByRole('link')).toHaveText(['Adler Bakery']);
  await goTo(`locations/${whole.locationId}?tab=invoices`);
  await page.getByRole('button', { name: 'Add invoice' }).press('Enter');
  await expect(page.getByRole('dialog').getByRole('combobox', { name: 'Client' })).toHaveValue('Adler Bakery');
});

test('a list that is kept in the settings is also a word away', async ({ book }) => {
  const { page } = book;
  await fillWholeBook(page);
  for (const [words, heading] of [
    ['go to own prices', 'Own prices'],
    ['who works where', 'Roles at locations'],
    ['go to tags', 'Tags'],
    ['go to own fields', 'Own fields'],
    ['backups', 'Backups'],
  ] as const) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(words);
    await expect(page.getByRole('group', { name: 'Actions' }).getByRole('option').first()).toBeVisible();
    await page.getByRole('group', { name: 'Actions' }).getByRole('option').first().click();
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
  }
});
