import type { Page } from '@playwright/test';
import { expectNoViolationsInBothColours } from '../support/axe.ts';
import { expectFocus } from '../support/focus.ts';
import { announced, choose, expect, list, names, test } from '../support/screens.ts';

const favourites = (page: Page) => page.getByRole('list', { name: 'Favourites' }).getByRole('link');

test('a star is given by key and by mouse, in the list and in the record, and is there after a restart', async ({ book }) => {
  test.slow();
  let { page } = book;
  await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }, { name: 'Cedar Works' }]);
  await expect(names(page)).toHaveCount(3);
  await expect(page.getByRole('list', { name: 'Favourites' })).toHaveCount(0);

  await list(page).focus();
  await page.keyboard.press('j');
  await page.keyboard.press('b');
  await expect(announced(page)).toContainText('Birch Clinic is a favourite now');
  await expect(list(page)).toBeFocused();
  await expect(favourites(page)).toHaveText(['Birch Clinic']);

  await page.getByRole('row', { name: /Cedar Works/ }).hover();
  await page.getByRole('button', { name: 'Favourite: Cedar Works' }).click();
  await expect(favourites(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
  await expect(page.getByRole('button', { name: 'Favourite: Cedar Works' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page, 'a star opens nothing').toHaveURL(/clients$/);
  await expectFocus(page, 'a star by mouse');
  await expectNoViolationsInBothColours(page, 'a list with favourites');

  // In the record: by its button, and back by the key.
  await names(page).first().click();
  const star = page.getByRole('button', { name: 'Favourite', exact: true });
  await star.click();
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await expect(favourites(page)).toHaveText(['Adler Bakery', 'Birch Clinic', 'Cedar Works']);
  await page.keyboard.press('b');
  await expect(star).toHaveAttribute('aria-pressed', 'false');
  await expect(favourites(page)).toHaveText(['Birch Clinic', 'Cedar Works']);

  page = await book.restart();
  await expect(favourites(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
  // By keys alone from the navigation: the record has the focus.
  await favourites(page).last().press('Enter');
  await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeFocused();

  await page.keyboard.press('Control+k');
  const group = page.getByRole('group', { name: 'Favourites' });
  await expect(group.getByRole('option')).toContainText(['Birch Clinic', 'Cedar Works']);
  await group.getByRole('option', { name: /Birch/ }).click();
  await expect(page.getByRole('heading', { name: 'Birch Clinic' })).toBeFocused();

  // Renamed, it is there by its new name; in a small window the names are in a menu.
  await page.evaluate(async () => {
    const { hits } = await window.crm.favourites.list({}).then((result) => (result.ok ? result.value : { hits: [] }));
    await window.crm.clients.change({ id: hits[0]?.id ?? '', changes: { name: 'Walnut Clinic' } });
  });
  await expect(favourites(page)).toHaveText(['Cedar Works', 'Walnut Clinic']);
  await page.setViewportSize({ width: 1024, height: 640 });
  await page.getByRole('button', { name: 'All favourites' }).press('Enter');
  await expect(page.getByRole('menuitem')).toHaveText(['Cedar Works', 'Walnut Clinic']);
  await choose(page, 'Cedar Works');
  await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeFocused();
});
