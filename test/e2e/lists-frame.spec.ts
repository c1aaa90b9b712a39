import { expect, list, names, test } from '../support/screens.ts';
import { openBookPage } from '../support/book-page.ts';
import { startFieldbook } from '../support/fieldbook.ts';

test.describe('The frame', () => {
  test('says where the book is, always', async ({ book }) => {
    const { page } = book;
    await expect(page.getByTestId('sync-sentence')).toHaveText('This book is only on this laptop');
    await page.goto(`${new URL(page.url()).origin}/#/settings`);
    await expect(page.getByTestId('sync-sentence')).toHaveText('This book is only on this laptop');
  });

  test('covers the screens while Fieldbook is not running, and says what is safe', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    const page = await openBookPage(browser, fieldbook);
    await expect(page.getByRole('heading', { name: 'Your book is empty' })).toBeVisible();
    await fieldbook.kill();
    const overlay = page.getByRole('alertdialog', { name: 'Fieldbook is not running' });
    await expect(overlay).toBeFocused();
    await expect(overlay).toContainText('Everything that was saved is safe');
    await page.context().close();
  });

  test('shows in one window what was done in another', async ({ book }) => {
    const { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await expect(names(page)).toHaveText(['Adler Bakery']);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect(names(other)).toHaveText(['Adler Bakery']);
    await other.keyboard.press('n');
    await expect(other.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await other.keyboard.type('Birch Clinic');
    await other.keyboard.press('Control+Enter');
    await expect(names(page)).toHaveText(['Adler Bakery', 'Birch Clinic']);
    await other.close();
  });

  test('keeps colours, row heights and the name of the person over a restart', async ({ book }) => {
    let { page } = book;
    await book.addClients([{ name: 'Adler Bakery' }]);
    await page.goto(`${new URL(page.url()).origin}/#/settings`);
    await page.getByText('Dark', { exact: true }).click();
    await page.getByText('Comfortable', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Your name', exact: true }).fill('Ruth Okafor');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.evaluate(() => window.crm.app.settings({}).then((settings) => settings.ok && settings.value)))
      .toMatchObject({ personName: 'Ruth Okafor', colorScheme: 'dark', density: 'comfortable' });

    page = await book.restart();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await expect(list(page).locator('[data-index="0"]')).toHaveCSS('height', '42px');
    await page.keyboard.press('n');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.type('Birch Clinic');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('tab', { name: 'History' }).click();
    await expect(page.getByRole('list', { name: 'History' })).toContainText('Ruth Okafor');
  });
});
