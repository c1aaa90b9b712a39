import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { announced, expect, list, names, test } from '../support/screens.ts';

const account = '70011223344556677';
const banking = (page: Page) => page.getByRole('region', { name: 'Banking' });
const value = (page: Page) => page.getByRole('button', { name: `Account number: ${account}. Edit` });

async function openBakery(page: Page): Promise<void> {
  await names(page).filter({ hasText: 'Harbor Bakery' }).click();
  await expect(banking(page)).toContainText('•••• 6677');
}

async function show(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Show banking data' }).click();
  await expect(value(page)).toBeVisible();
}

async function expectHidden(page: Page): Promise<void> {
  await expect(banking(page)).toContainText('•••• 6677');
  await expect(page.locator('body')).not.toContainText(account);
}

/** All that a person gets who selects everything on the page and copies it. */
async function copied(page: Page): Promise<string> {
  await page.evaluate(() => window.getSelection()?.selectAllChildren(document.body));
  await page.keyboard.press('ControlOrMeta+c');
  return page.evaluate(() => navigator.clipboard.readText());
}

test.beforeEach(async ({ book }) => {
  await book.addClients([
    { name: 'Harbor Bakery', banking: { bankName: 'Harbor Bank', accountNumber: account } },
    { name: 'Harbour Bakery', banking: { bankName: 'Mill Bank', accountNumber: '99887766554433' } },
  ]);
});

test('banking data is hidden again a minute after the last key, and at once when the window or the record is left', async ({ book }) => {
  const { page } = book;
  await page.clock.install();
  await openBakery(page);
  await show(page);
  await page.clock.fastForward(50_000);
  await expect(value(page)).toBeVisible();
  await page.keyboard.press('Shift');
  await page.clock.fastForward(50_000);
  await expect(value(page), 'a key says that somebody is there').toBeVisible();
  await value(page).focus();
  await page.clock.fastForward(61_000);
  await expectHidden(page);
  await expect(announced(page)).toHaveText('Banking data is hidden');
  await expect(page.getByRole('button', { name: 'Show banking data' }), 'the focus is not lost').toBeFocused();

  await show(page);
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await expectHidden(page);

  await show(page);
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { name: 'Harbour Bakery', level: 2 })).toBeVisible();
  await expect(page.locator('body')).not.toContainText('99887766554433');
  await page.keyboard.press('k');
  await expectHidden(page);
});

test('what is being typed among banking data is not lost to hiding it', async ({ book }) => {
  const { page } = book;
  await page.clock.install();
  await openBakery(page);
  await show(page);
  await value(page).click();
  const box = page.getByRole('textbox', { name: 'Account number' });
  await box.fill('12345678901');
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await page.clock.fastForward(600_000);
  await expect(box).toHaveValue('12345678901');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Account number: 12345678901. Edit' })).toBeVisible();
  await page.clock.fastForward(61_000);
  await expect(banking(page)).toContainText('•••• 8901');
  await expect(page.locator('body')).not.toContainText('12345678901');
});

test('nothing but the mask is copied, shown in the history, in a merge or in the palette', async ({ book }) => {
  const { page } = book;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openBakery(page);
  expect(await copied(page)).toContain('•••• 6677');
  expect(await copied(page)).not.toContain(account);
  await show(page);
  await expect(banking(page).getByRole('button', { name: /copy/i }), 'there is no button that copies it').toHaveCount(0);
  await value(page).click();
  await page.getByRole('textbox', { name: 'Account number' }).fill('55550000444433');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Account number: 55550000444433. Edit' })).toBeVisible();
  await page.getByRole('button', { name: 'Hide banking data' }).click();
  for (const step of ['history', 'day', 'search', 'merge'] as const) {
    if (step === 'history') {
      await page.getByRole('tab', { name: 'History' }).click();
      await expect(page.getByRole('tabpanel')).toContainText('•••• 4433');
    } else if (step === 'day') {
      await page.getByLabel('Show this record on').fill(await page.evaluate(() => new Date().toLocaleDateString('sv')));
      await expect(page.getByRole('tabpanel')).toContainText('Harbor Bakery');
    } else if (step === 'search') {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('55550000444433');
      await expect(page.getByText('Nothing in the book has', { exact: false })).toBeVisible();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    } else {
      await page.evaluate(() => (window.location.hash = '#/clients'));
      await list(page).focus();
      await page.keyboard.press('Control+a');
      await page.getByRole('button', { name: 'Merge', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Merge 2 clients' })).toBeVisible();
      await expect(page.getByRole('main')).toContainText('••••');
    }
    const text = await page.evaluate(() => document.body.innerText);
    for (const secret of [account, '99887766554433']) expect(text, step).not.toContain(secret);
    if (step !== 'search') expect(text, step).not.toContain('55550000444433');
  }
});

test('an export has it only when it is chosen, and the choice is made anew each time', async ({ book }) => {
  const { page } = book;
  const csv = async (withBanking: boolean) => {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const choice = page.getByRole('menuitemcheckbox', { name: 'Include banking data' });
    await expect(choice).not.toBeChecked();
    if (withBanking) await choice.click();
    if (withBanking) await expect(choice).toBeChecked();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    return readFile(await (await download).path(), 'utf8');
  };
  await expect(names(page)).toHaveCount(2);
  expect(await csv(false)).not.toContain(account);
  expect(await csv(true)).toContain(account);
  expect(await csv(false), 'the last choice does not stay').not.toContain(account);
});

test('where the system keeps no key safe, that is said as soon as there is something to keep', async ({ book }) => {
  const { page } = book;
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('its key lies beside it in the data folder');
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('Use the installed app for it, or keep this disk encrypted.');
});
