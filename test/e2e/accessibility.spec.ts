import { expectNoViolations } from '../support/axe.ts';
import { expect, list, type OpenBook, test, unfold } from '../support/screens.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`In ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test('an empty book and its form hold WCAG 2.2 AA', async ({ book }) => {
      const { page } = book;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.getByRole('heading', { name: 'Your book is empty' })).toBeVisible();
      await expectNoViolations(page, 'first run');
      await page.keyboard.press('n');
      await expect(page.getByRole('dialog')).toBeVisible();
      await page.keyboard.press('Control+Enter');
      await expect(page.getByText('Must not be empty.')).toBeVisible();
      await expectNoViolations(page, 'new client, refused');
      await page.getByRole('button', { name: 'Show all fields' }).click();
      await expectNoViolations(page, 'new client, all fields');
    });

    test('lists, records and everything that opens over them hold WCAG 2.2 AA', async ({ book }) => {
      test.slow();
      const { page } = book;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await fill(book);
      await expect(list(page)).toBeVisible();
      await expectNoViolations(page, 'list');

      await list(page).focus();
      await page.keyboard.press('Space');
      await expect(page.getByText('1 client selected')).toBeVisible();
      await expectNoViolations(page, 'list with a selected row');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Column Industry' }).press('Enter');
      await expect(page.getByRole('menu')).toBeVisible();
      await expectNoViolations(page, 'column menu');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('menu')).toBeHidden();

      await page.getByRole('button', { name: 'Columns', exact: true }).click();
      await expect(page.getByRole('textbox', { name: 'Find a field' })).toBeVisible();
      await expectNoViolations(page, 'column chooser');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await expect(page.getByRole('button', { name: 'Add filter' })).toBeVisible();
      await expectNoViolations(page, 'filter form');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');

      await page.keyboard.press('Control+k');
      await expect(page.getByRole('option').first()).toBeVisible();
      await expectNoViolations(page, 'palette');
      await page.keyboard.type('a');
      await expect(page.getByRole('group', { name: 'Clients' })).toBeVisible();
      await expectNoViolations(page, 'palette with hits');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');

      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
      await expectNoViolations(page, 'keys');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);

      await list(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
      await expectNoViolations(page, 'record');
      await page.getByRole('button', { name: /^Lifecycle stage:/ }).click();
      await expect(page.getByRole('listbox')).toBeVisible();
      await expectNoViolations(page, 'choosing in place');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^E-mail:/ }).click();
      await page.getByRole('textbox', { name: 'E-mail' }).fill('nobody');
      await page.keyboard.press('Enter');
      await expect(page.getByText('This is not an e-mail address.', { exact: false })).toBeVisible();
      await expectNoViolations(page, 'refused in place');
      await page.keyboard.press('Escape');
      await unfold(page);
      await page.getByRole('button', { name: 'Tags', exact: true }).click();
      await page.keyboard.type('vip');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Control+Enter');
      await expect(page.getByRole('button', { name: 'Undo', exact: true })).toBeVisible();
      await expectNoViolations(page, 'toast');
      for (const tab of ['Contacts', 'Locations', 'History']) {
        await page.getByRole('tab', { name: tab }).click();
        await expect(page.getByRole('tabpanel')).toBeVisible();
        await expectNoViolations(page, tab);
      }
      await page.getByRole('button', { name: 'More for this client' }).click();
      await expect(page.getByRole('menu')).toBeVisible();
      await expectNoViolations(page, 'record menu');
      await page.getByRole('menuitem', { name: 'Delete client' }).click();
      await expect(page.getByRole('dialog', { name: /^Delete / })).toBeVisible();
      await expectNoViolations(page, 'what a deletion takes along');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: /^Deleted/ }).click();
      await expect(page.getByRole('heading', { name: 'Deleted clients' })).toBeVisible();
      await list(page).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: 'Restore' })).toBeVisible();
      await expectNoViolations(page, 'deleted record');
      await page.getByRole('button', { name: 'Restore' }).click();
      await expect(page.getByRole('heading', { name: 'Nothing is deleted' })).toBeVisible();
      await expectNoViolations(page, 'nothing deleted');

      for (const place of ['contacts', 'locations']) {
        await page.goto(`${new URL(page.url()).origin}/#/${place}`);
        await list(page).focus();
        await page.keyboard.press('Enter');
        await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
        await expectNoViolations(page, place);
      }
      await page.goto(`${new URL(page.url()).origin}/#/settings`);
      await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
      await expectNoViolations(page, 'settings');
      await page.goto(`${new URL(page.url()).origin}/#/nowhere`);
      await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible();
      await expectNoViolations(page, 'nowhere');
    });

    test('a small window and an enlarged one hold WCAG 2.2 AA', async ({ book }) => {
      const { page } = book;
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await fill(book);
      for (const viewport of [
        { width: 1024, height: 640 },
        { width: 640, height: 400 },
      ]) {
        await page.setViewportSize(viewport);
        await page.goto(`${new URL(page.url()).origin}/#/clients`);
        await expectNoViolations(page, `list at ${viewport.width}`);
        await list(page).focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('tab', { name: 'Details' })).toBeVisible();
        await expectNoViolations(page, `record at ${viewport.width}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing is cut off sideways').toBe(
          true,
        );
      }
    });
  });
}

test('movement is left out for people who asked for less of it', async ({ book }) => {
  const { page } = book;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog')).toBeVisible();
  const longest = await page.evaluate(() =>
    Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0))),
  );
  expect(longest).toBeLessThan(1);
});

async function fill(book: OpenBook): Promise<void> {
  const [first = ''] = await book.addClients([
    {
      name: 'Adler Bakery',
      email: 'office@adler.example',
      phone: '+49 221 555 0101',
      website: 'adler.example',
      lifecycleStage: 'active_client',
      nextFollowUpDate: '2026-01-05',
      lastContactDate: '2026-01-02',
      banking: { bankName: 'Harbor Bank', accountNumber: '12345678' },
    },
    { name: 'Birch Clinic', lifecycleStage: 'dormant', tags: ['north route'] },
  ]);
  await book.addContact({ clientId: first, firstName: 'Inès', lastName: 'García', isPrimary: true, links: ['example.com/ines'] });
  await book.page.evaluate(async (clientId) => window.crm.locations.create({ clientId, name: 'Harbor depot' }), first);
}
