import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type AppWindow, appWindow, headlessWindow } from '../support/app-window.ts';
import { startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { storageSettled } from '../support/stored-rows.ts';

const account = '70011223344556677';
const harmless = 'Canary Bakery';

/** Names of the files that hold the text, as UTF-8 or as UTF-16, in which browsers write too. */
function filesWith(folder: string, text: string): string[] {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(folder, name);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = readFileSync(file);
    return forms.some((form) => bytes.includes(form));
  });
}

const clientId = (page: Page) =>
  page.evaluate(async () => {
    const result = await window.crm.clients.list({});
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value.rows[0]?.id ?? '';
  });
const bankingOf = (page: Page, id: string) => page.evaluate((client) => window.crm.clients.banking({ id: client }), id);

async function showBanking(page: Page) {
  await page.evaluate(() => {
    location.hash = '#/clients';
  });
  await page.getByRole('row', { name: new RegExp(harmless) }).click();
  await page.getByRole('button', { name: 'Show banking data' }).click();
}

test('an account number that a person types is in no file of the data folder, and is shown when asked for', async () => {
  test.setTimeout(90_000);
  const data = temporaryFolder();
  const start = () => startFieldbook({ data, args: [], env: headlessWindow });
  let fieldbook = await start();
  let opened: AppWindow = await appWindow(fieldbook);
  let { page } = opened;
  await page.evaluate((name) => window.crm.clients.create({ name, banking: { bankName: 'Harbor Bank', accountNumber: '111' } }), harmless);
  await showBanking(page);
  await page.getByRole('button', { name: /^Account number: 111/ }).click();
  const box = page.getByRole('textbox', { name: 'Account number' });
  await box.fill(account);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: `Account number: ${account}. Edit` })).toBeVisible();
  await page.getByRole('button', { name: 'Hide banking data' }).click();
  await expect(page.getByRole('region', { name: 'Banking' })).toContainText('•••• 6677');
  await expect(page.locator('body')).not.toContainText(account);
  await expect(page.getByText('Banking data is encrypted, but its key lies beside it'), 'this adapter has no keychain').toBeVisible();

  const id = await clientId(page);
  const told = await page.evaluate(
    async ([client, number]) => {
      const { crm } = window;
      return (
        JSON.stringify([
          await crm.history.ofRecord({ collection: 'clients', id: client as string }),
          await crm.clients.get({ id: client as string }),
          await crm.clients.list({}),
        ]) + JSON.stringify(await crm.search.find({ text: number as string }))
      );
    },
    [id, account],
  );
  expect(told).toContain('•••• 6677');
  expect(told).not.toContain(account);
  await page.evaluate(() => window.crm.safety.backUp({}));
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const state = await window.crm.safety.state({});
        return state.ok ? state.value.job?.state : null;
      }),
    )
    .toBe('done');
  const exported = await page.evaluate(() => window.crm.exports.create({ collection: 'clients', format: 'csv', list: {} }));
  expect(exported).toMatchObject({ ok: true, value: { rows: 1 } });
  await storageSettled(page);
  expect(filesWith(data, account), 'while it runs').toEqual([]);

  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  expect(filesWith(data, account), 'after it has closed').toEqual([]);
  const known = filesWith(data, harmless);
  expect(
    known.some((name) => name.startsWith('journal')),
    'the search through files finds what is there',
  ).toBe(true);
  expect(known.some((name) => name.startsWith('browser-profile') && name.includes('IndexedDB'))).toBe(true);

  fieldbook = await start();
  opened = await appWindow(fieldbook, opened);
  ({ page } = opened);
  expect(await bankingOf(page, id)).toMatchObject({ ok: true, value: { banking: { accountNumber: account, bankName: 'Harbor Bank' } } });
  const chosen = await page.evaluate(() =>
    window.crm.exports.create({ collection: 'clients', format: 'csv', list: {}, includeSecret: true }),
  );
  expect(chosen.ok).toBe(true);
  expect(
    filesWith(data, account).every((name) => name.startsWith('files')),
    'only in the file it was chosen for',
  ).toBe(true);
  expect(filesWith(data, account)).not.toEqual([]);
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  rmSync(path.join(data, 'files'), { recursive: true });

  // The key is lost: nothing else is.
  rmSync(path.join(data, 'key.json'));
  fieldbook = await start();
  opened = await appWindow(fieldbook, opened);
  ({ page } = opened);
  await expect(
    page.getByText('Some banking data cannot be shown on this computer, because its key is not in the data folder.'),
  ).toBeVisible();
  await showBanking(page);
  await expect(page.getByText('The banking data of this client cannot be shown on this computer')).toBeVisible();
  expect(
    await page.evaluate((client) => window.crm.clients.change({ id: client, changes: { name: 'Canary Bakery and Café' } }), id),
  ).toMatchObject({
    ok: true,
  });
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  rmSync(data, { recursive: true, maxRetries: 10 });
});
