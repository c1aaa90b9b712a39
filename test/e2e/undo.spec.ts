import { announced, expect, list, names, test, toast } from '../support/screens.ts';

test.describe('Undo', () => {
  test('the toast takes back just what it speaks of, whatever was done after it', async ({ book }) => {
    const { page } = book;
    const [id = ''] = await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }]);
    await list(page).focus();
    await page.keyboard.press('Delete');
    await expect(toast(page)).toContainText('Adler Bakery deleted.');
    // Something else happens meanwhile: another window, an import.
    await book.addClients([{ name: 'Cedar Works' }]);
    await expect(names(page)).toHaveText(['Birch Clinic', 'Cedar Works']);
    await toast(page).getByRole('button', { name: 'Undo' }).click();
    await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic', 'Cedar Works']);
    const record = await page.evaluate((client) => window.crm.clients.get({ id: client }), id);
    expect(record).toMatchObject({ ok: true, value: { deletedAt: null } });
  });

  test('Ctrl+Z and Ctrl+Y walk back and forth through everything, also after a restart', async ({ book }) => {
    let { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await names(page).first().click();
    await page.getByRole('button', { name: /^Name: / }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Adler & Sons');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Adler & Sons' })).toBeVisible();

    page = await book.restart();
    await expect(names(page)).toHaveText(['Adler & Sons']);
    await page.keyboard.press('Control+z');
    await expect(names(page)).toHaveText(['Adler Bakery']);
    await expect(announced(page)).toContainText('Undone: changed 1 client.');
    await page.keyboard.press('Control+y');
    await expect(names(page)).toHaveText(['Adler & Sons']);
    await expect(announced(page)).toContainText('Done again: changed 1 client.');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(announced(page)).toContainText('nothing', { ignoreCase: true });
    await page.keyboard.press('Control+Shift+z');
    await expect(names(page)).toHaveText(['Adler Bakery']);
  });

  test('belongs to the text while one is being typed', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    const filter = page.getByRole('textbox', { name: 'Filter clients' });
    await filter.focus();
    await page.keyboard.type('ad');
    await page.keyboard.press('Control+z');
    await expect(names(page), 'the client is still there').toHaveText(['Adler Bakery']);
    const counts = await page.evaluate(() => window.crm.app.counts({}));
    expect(counts).toMatchObject({ ok: true, value: { clients: 1 } });
  });

  test('a client that was deleted with its people comes back with them', async ({ book }) => {
    const { page } = book;
    const [id = ''] = await book.addClients([{ name: 'Adler Bakery' }, { name: 'Birch Clinic' }]);
    await book.addContact({ clientId: id, firstName: 'Inès', lastName: 'García' });
    await names(page).first().click();
    await page.getByRole('button', { name: 'More for this client' }).click();
    await page.getByRole('menuitem', { name: 'Delete client' }).click();
    await expect(page.getByRole('dialog', { name: 'Delete Adler Bakery?' })).toContainText('1 contact goes with it.');
    await page.keyboard.press('Enter');
    await expect(toast(page)).toContainText('Adler Bakery deleted with one record that belongs to it.');
    await expect(list(page)).toBeFocused();
    await page.getByRole('link', { name: /^Contacts/ }).click();
    await expect(page.getByRole('heading', { name: 'No contacts yet' })).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(names(page)).toHaveText(['Inès García']);
  });

  test('the buttons above say what they would do', async ({ book }) => {
    const { page } = book;
    await expect(page.getByRole('button', { name: 'Nothing to undo' })).toBeDisabled();
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.getByRole('button', { name: 'Undo: created 1 client' }).click();
    await expect(page.getByRole('button', { name: 'Nothing to undo' })).toBeDisabled();
    await page.getByRole('button', { name: 'Redo: created 1 client' }).click();
    await expect(names(page)).toHaveText(['Adler Bakery']);
  });
});
