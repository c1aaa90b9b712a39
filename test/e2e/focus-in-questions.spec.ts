import type { Locator, Page } from '@playwright/test';
import { expectFocus } from '../support/focus.ts';
import { fillWholeBook } from '../support/full-book.ts';
import { expect, test, toast } from '../support/screens.ts';

// A backup is made, read back and restored.
test.describe.configure({ timeout: 150_000 });

const go = (page: Page, place: string) => page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);

/** Opens a question from `from` and leaves it in each of its ways: the focus is in it, and afterwards where it was. */
async function walk(page: Page, from: Locator, dialog: Locator, keep: string): Promise<void> {
  const ways: [string, () => Promise<void>][] = [
    ['Esc', () => page.keyboard.press('Escape')],
    ['Enter, on the answer that changes nothing', () => page.keyboard.press('Enter')],
    ['the answer that changes nothing', () => dialog.getByRole('button', { name: keep }).click()],
    ['its cross', () => dialog.locator('.mantine-Modal-close').press('Enter')],
  ];
  for (const [way, leave] of ways) {
    await from.press('Enter');
    await expect(dialog, way).toBeVisible();
    await expect(dialog.getByRole('button', { name: keep }), way).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    await expect(dialog.getByRole('button', { name: keep }), 'Tab stays in the question').toBeFocused();
    await leave();
    await expect(dialog, way).toHaveCount(0);
    await expect(from, way).toBeFocused();
  }
}

test('the focus is never lost by the question about a file that can do harm', async ({ book }) => {
  const { page } = book;
  const { clientId } = await fillWholeBook(page);
  await go(page, `clients/${clientId}?tab=activity`);
  await page
    .getByTestId('attach-file')
    .setInputFiles({ name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') });
  const file = page.getByRole('button', { name: 'Open setup.exe' });
  await expect(file).toBeVisible();
  const dialog = page.getByRole('dialog', { name: 'Open this file?' });
  await walk(page, file, dialog, 'Leave it closed');
  await file.press('Enter');
  const saved = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Open anyway' }).press('Enter');
  await saved;
  await expect(dialog).toHaveCount(0);
  await expect(file).toBeFocused();
});

test('the focus is never lost by a backup, the question before a restore, and the restore', async ({ book }) => {
  const { page } = book;
  await fillWholeBook(page);
  await go(page, 'backups');
  await page.getByRole('button', { name: 'Back up now' }).press('Enter');
  await expect(page.getByText('The book is backed up, and the backup was read back.').first()).toBeVisible();
  await expectFocus(page, 'a backup, whose button was off meanwhile');
  const restore = page.getByRole('button', { name: /^Restore the backup of/ }).first();
  const dialog = page.getByRole('dialog', { name: 'Restore this backup?' });
  await walk(page, restore, dialog, 'Keep my book');
  await restore.press('Enter');
  await dialog.getByRole('button', { name: 'Replace it with the backup' }).press('Enter');
  await expect(dialog).toHaveCount(0);
  await expectFocus(page, 'a restore that began');
  await expect(page.getByText('The backup was restored.').first()).toBeVisible();
  await expectFocus(page, 'a restore');
  const whole = page.getByRole('button', { name: 'Export whole book…' });
  await whole.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(whole).toBeFocused();
});

test('the focus is never lost by a button that is off for a moment, however short', async ({ book }) => {
  const { page } = book;
  await go(page, 'backups');
  const button = page.getByRole('button', { name: 'Export whole book…' });
  for (const frames of [0, 1, 2, 5]) {
    await button.focus();
    await button.evaluate(async (element: HTMLButtonElement, count) => {
      element.disabled = true;
      for (let passed = 0; passed < count; passed += 1) await new Promise(requestAnimationFrame);
      await Promise.resolve();
      element.disabled = false;
      for (let passed = 0; passed < 4; passed += 1) await new Promise(requestAnimationFrame);
    }, frames);
    await expectFocus(page, `a button that was off for ${frames} frames`);
  }
});

test('the focus is never lost while prices are set at many locations', async ({ book }) => {
  const { page } = book;
  const { locationId } = await fillWholeBook(page);
  await go(page, `locations/${locationId}?tab=prices`);
  await page.getByRole('button', { name: 'Set for many items' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Set own prices' })).toBeFocused();
  // What is missing, and what is no number, keep the focus in the form.
  await page.getByRole('textbox', { name: 'Own price' }).press('Enter');
  await expectFocus(page, 'prices without a number');
  await page.getByRole('textbox', { name: 'Own price' }).fill('31.50');
  await page.keyboard.press('Escape');
  await expectFocus(page, 'Esc in the form');
  await expect(page.getByRole('textbox', { name: 'Own price' }), 'Esc leaves what is typed').toHaveValue('31.50');
  const set = page.getByRole('button', { name: /^Set \d+ price/ });
  await set.press('Enter');
  await expect(toast(page)).toContainText('set.');
  await expectFocus(page, 'prices that are set, by the button');
  await toast(page).getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(toast(page)).toContainText('Undone');
  await expectFocus(page, 'prices taken back');
  await page.getByRole('textbox', { name: 'Own price' }).fill('32');
  await page.keyboard.press('Enter');
  await expect(toast(page)).toContainText('set.');
  await expectFocus(page, 'prices that are set, by Enter');
});
