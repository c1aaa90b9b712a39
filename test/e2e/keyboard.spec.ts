import { announced, expect, list, names, test, toast } from '../support/screens.ts';

const three = [{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }, { name: 'Cedar Works' }];

test.describe('Without a mouse', () => {
  test('a client is made, changed, undone, redone, deleted and restored', async ({ book }) => {
    const { page } = book;
    await expect(page.getByRole('heading', { name: 'Your book is empty' })).toBeVisible();

    await page.keyboard.press('n');
    await expect(page.getByRole('dialog', { name: 'New client' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.type('Amsel Farms');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('heading', { name: 'Amsel Farms' })).toBeFocused();
    await expect(announced(page)).toContainText('Amsel Farms saved');

    await page.keyboard.press('e');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Amsel Farm Shop');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Amsel Farm Shop' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Name: Amsel Farm Shop/ }), 'the value has the focus again').toBeFocused();

    await page.keyboard.press('Control+z');
    await expect(page.getByRole('heading', { name: 'Amsel Farms' })).toBeVisible();
    await expect(announced(page)).toContainText('Undone');
    await page.keyboard.press('Control+Shift+z');
    await expect(page.getByRole('heading', { name: 'Amsel Farm Shop' })).toBeVisible();

    await page.keyboard.press('Escape');
    await expect(list(page), 'closing gives the focus back to the list').toBeFocused();
    await page.keyboard.press('Delete');
    await expect(announced(page)).toContainText('Amsel Farm Shop deleted');
    await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('deleted');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Deleted clients' })).toBeVisible();
    await list(page).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Amsel Farm Shop' })).toBeFocused();
    await page.getByRole('button', { name: 'Restore' }).focus();
    await page.keyboard.press('Enter');
    await expect(announced(page)).toContainText('Amsel Farm Shop restored');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await expect(names(page)).toHaveText(['Amsel Farm Shop']);
  });

  test('the list is walked with arrows and with j and k, and the open record follows', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    await expect(names(page)).toHaveCount(3);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await expect(list(page), 'keys that go to a list give it the focus').toBeFocused();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Birch Clinic' })).toBeFocused();
    await page.keyboard.press('j');
    await expect(page.getByRole('heading', { name: 'Cedar Works' })).toBeVisible();
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await expect(page.getByRole('heading', { name: 'Adler Bakery' })).toBeVisible();
    await list(page).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Adler Bakery' }), 'Enter goes into the record that is open already').toBeFocused();
    await page.goBack();
    await expect(page.getByRole('heading', { level: 2 }), 'Back leaves the record, not each step').toHaveCount(0);
  });

  test('rows are selected with Space, Shift and Ctrl+A, and deleted and brought back together', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    await expect(names(page)).toHaveCount(3);
    await list(page).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await expect(page.getByText('2 clients selected')).toBeVisible();
    await page.keyboard.press('Control+a');
    await expect(page.getByText('3 clients selected')).toBeVisible();
    await page.keyboard.press('Delete');
    await expect(announced(page)).toContainText('3 clients deleted');
    await expect(toast(page).getByRole('button', { name: 'Undo' })).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(names(page)).toHaveText(three.map(({ name }) => name));
  });

  test('letters that are typed are letters, and none of them does anything', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    const filter = page.getByRole('textbox', { name: 'Filter clients' });
    await filter.focus();
    await page.keyboard.type('njke?/gcx');
    await expect(filter).toHaveValue('njke?/gcx');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await filter.fill('');
    await expect(names(page)).toHaveCount(3);
  });

  test('every single letter is pressed in the list, and nothing is destroyed', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    for (const letter of 'abcdefghijklmnopqrstuvwxyz0123456789') {
      await list(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press(letter);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      if (await page.getByRole('dialog').isVisible()) await page.keyboard.press('Escape');
      await page.goto(`${new URL(page.url()).origin}/#/clients`);
    }
    await expect(names(page)).toHaveText(three.map(({ name }) => name));
  });

  test('? shows the keys, and the keys of one letter can be switched off', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    await page.keyboard.press('?');
    const overlay = page.getByRole('dialog', { name: 'Keys' });
    await expect(overlay).toBeVisible();
    await expect(overlay.getByText('Save and start another')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(overlay).toBeHidden();

    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('switch', { name: 'Keys of one letter' }).press('Space');
    await expect(announced(page)).toContainText('Saved');
    await page.getByRole('link', { name: /^Clients/ }).press('Enter');
    await list(page).focus();
    await page.keyboard.press('n');
    await page.keyboard.press('?');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('searchbox', { name: 'Search' }), 'keys with Ctrl still work').toBeFocused();
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  test('the first Tab offers to skip to the content', async ({ book }) => {
    const { page } = book;
    await book.addClients(three);
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(list(page)).toBeFocused();
  });
});
