import { expect, list, names, test } from '../support/screens.ts';

test.describe('Search', () => {
  test('shows recent records and actions with their keys before anything is typed', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }]);
    await page.keyboard.press('/');
    const box = page.getByRole('searchbox', { name: 'Search' });
    await expect(box).toBeFocused();
    await expect(page.getByRole('group', { name: 'Recent' }).getByRole('option')).toContainText(['Birch Clinic', 'Adler Bakery']);
    await expect(page.getByRole('option', { name: /^Undo/ })).toContainText('Ctrl');
    await expect(page.getByRole('option', { name: /^Go to contacts/ })).toContainText('G');
  });

  test('finds beginnings of words, accents or not, and phones in any format, by noun', async ({ book }) => {
    const { page } = book;
    const [adler = ''] = await book.addClients([
      { name: 'Adler Bakery', phone: '+33 6 28 34 12 10' },
      { name: 'Émile & Fils', address: { city: 'Genève' } },
    ]);
    await book.addContact({ clientId: adler, firstName: 'Inès', lastName: 'García' });
    const box = page.getByRole('searchbox', { name: 'Search' });
    await box.click();
    await box.fill('adl bak');
    await expect(page.getByRole('group', { name: 'Clients' }).getByRole('option')).toHaveText([/Adler Bakery/]);
    await box.fill('emile gen');
    await expect(page.getByRole('group', { name: 'Clients' }).getByRole('option')).toHaveText([/Émile & Fils/]);
    await box.fill('garcia');
    await expect(page.getByRole('group', { name: 'Contacts' }).getByRole('option').first()).toContainText('Inès García');
    for (const phone of ['0628341210', '06 28-34', '+33628341210', '6.28.34']) {
      await box.fill(phone);
      await expect(page.getByRole('group', { name: 'Clients' }).getByRole('option'), phone).toHaveText([/Adler Bakery/]);
    }
    await box.fill('zebra crossing');
    await expect(page.getByText('Nothing in the book has “zebra crossing”.', { exact: false })).toBeVisible();
  });

  test('is walked with the arrows, opens with Enter, and gives the focus back with Esc', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }, { name: 'Adler Clinic' }]);
    await list(page).focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('adler');
    const options = page.getByRole('group', { name: 'Clients' }).getByRole('option');
    await expect(options).toHaveCount(2);
    await expect(options.first()).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('ArrowDown');
    await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
    const second = (await options.nth(1).innerText()).split('\n')[0] ?? '';
    await expect(page.getByRole('searchbox')).toHaveAttribute('aria-activedescendant', (await options.nth(1).getAttribute('id')) ?? '');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('searchbox'), 'Esc empties first').toHaveValue('');
    await page.keyboard.press('Escape');
    await expect(list(page), 'and leaves then').toBeFocused();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('adler');
    await expect(options).toHaveCount(2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: second })).toBeFocused();
    await expect(page.getByRole('listbox')).toHaveCount(0);
  });

  test('does what is chosen among the actions', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('new loc');
    await expect(page.getByRole('option', { name: 'New location' })).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'New location' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('night');
    await expect(page.getByRole('option', { name: 'Switch between light and dark' })).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await expect(names(page)).toHaveText(['Adler Bakery']);
  });

  test('measures from the key to the results on screen, and keeps nothing of what was typed', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('adle');
    await expect(page.getByRole('group', { name: 'Clients' })).toBeVisible();
    const marks = () =>
      page.evaluate(() =>
        [...performance.getEntriesByName('search:key'), ...performance.getEntriesByName('search:painted')].map((mark) => ({
          name: mark.name,
          startTime: mark.startTime,
          detail: (mark as PerformanceMark).detail as unknown,
        })),
      );
    await expect
      .poll(async () =>
        (await marks()).some(({ name, detail }) => name === 'search:painted' && (detail as { length: number }).length === 4),
      )
      .toBe(true);
    const all = await marks();
    const last = (name: string) =>
      all.filter((mark) => mark.name === name && (mark.detail as { length: number }).length === 4).at(-1)?.startTime ?? Number.NaN;
    expect(last('search:painted')).toBeGreaterThan(last('search:key'));
    for (const { detail } of all) expect(Object.keys(detail as object)).toEqual(['length']);
  });
});
