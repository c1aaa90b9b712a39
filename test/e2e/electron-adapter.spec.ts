import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import type { Crm } from '../../shared/contracts/api.ts';
import { type ElectronInChromium, electronInChromium } from '../support/electron-in-chromium.ts';

/** The Electron adapter with everything real but Electron: pages, preload, content policy and IndexedDB in Chromium. */
let app: ElectronInChromium;
let browser: Browser;

test.beforeAll(async ({ playwright }, { project }) => {
  browser = await playwright.chromium.launch(project.use.launchOptions);
});
test.afterAll(() => browser.close());
test.beforeEach(async () => {
  app = await electronInChromium(browser);
});
test.afterEach(async () => {
  if (!app.electron.app.hasQuit) await app.quit();
  rmSync(app.data, { recursive: true, force: true });
});

const crm = <T>(page: Page, work: (crm: Crm) => Promise<T>): Promise<T> => page.evaluate(`(${work.toString()})(window.crm)`) as Promise<T>;

async function storageIsReady(): Promise<void> {
  await expect
    .poll(async () => {
      const status = await crm(app.screen, (book) => book.app.status({}));
      return status.ok ? [status.value.storage, status.value.unapplied] : status.error.code;
    })
    .toEqual(['ready', 0]);
}

test('opens the screens under the policy of the installed app, without a complaint from Chromium', async () => {
  await expect(app.screen.getByRole('searchbox', { name: 'Search' })).toBeVisible();
  await storageIsReady();
  expect(app.complaints).toEqual([]);
  expect(await app.screen.evaluate(() => [typeof require, typeof process, 'crm' in window, isSecureContext])).toEqual([
    'undefined',
    'undefined',
    true,
    true,
  ]);
  expect(await app.storage().evaluate(() => 'crm' in window)).toBe(false);
});

test('a client typed in the screens is in IndexedDB of the hidden window, and is there at the next start', async () => {
  const created = await crm(app.screen, (book) => book.clients.create({ name: 'North Depot' }));
  expect(created.ok).toBe(true);
  await storageIsReady();
  const names = await app.storage().evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  expect(names.some((name) => name?.includes('records'))).toBe(true);

  await app.quit();
  expect(existsSync(path.join(app.data, 'lock'))).toBe(false);
  app = await electronInChromium(browser, app.data);
  const listed = await crm(app.screen, (book) => book.clients.list({}));
  expect(listed.ok && listed.value.rows.map(({ name }) => name)).toEqual(['North Depot']);
});

test('tells the screens when something changed', async () => {
  const changed = app.screen.evaluate(() => new Promise((resolve) => (window as unknown as { crm: Crm }).crm.on('changed', resolve)));
  await crm(app.screen, (book) => book.clients.create({ name: 'North Depot' }));
  expect(await changed).toMatchObject({ clients: [expect.any(String)], contacts: [], all: false });
});

test('takes a file in from the page and saves it where the person says, byte for byte', async () => {
  const target = path.join(app.data, 'saved');
  mkdirSync(target);
  app.electron.dialog.saveTo = path.join(target, 'Clients.csv');
  const content = `Name\r\n${'Dépôt du Nord\r\n'.repeat(100_000)}`;
  const taken = await app.screen.evaluate(async (text) => {
    const file = new File([text], 'clients.csv');
    const progress: number[] = [];
    const result = await (window as unknown as { crm: Crm }).crm.files.take(file, (bytes) => progress.push(bytes));
    return { result, progress, size: file.size };
  }, content);
  expect(taken.progress).toEqual([1024 * 1024, taken.size]);
  const fileId = taken.result.ok ? taken.result.value.fileId : '';
  const saved = await app.screen.evaluate((id) => (window as unknown as { crm: Crm }).crm.files.save(id), fileId);
  expect(saved).toEqual({ ok: true, value: { saved: true } });
  expect(readFileSync(path.join(target, 'Clients.csv'), 'utf8')).toBe(content);
});

test('the content policy stops inline scripts, text that becomes code, connections and pictures from elsewhere', async () => {
  const { violations, ran } = await app.screen.evaluate(async () => {
    const seen = new Set<string>();
    const all = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        seen.add(event.effectiveDirective);
        if (seen.size === 4) resolve();
      });
    });
    const inline = document.createElement('script');
    inline.textContent = 'window.inlineRan = true';
    document.head.append(inline);
    new Image().src = 'https://example.com/a.png';
    await fetch('https://example.com/').catch(() => {});
    // What a test runs itself may eval; the code of a timer may not.
    // oxlint-disable-next-line typescript/no-implied-eval -- this is what must be stopped
    setTimeout('window.evalRan = true', 0);
    await all;
    return { violations: [...seen].toSorted(), ran: ['inlineRan', 'evalRan'].filter((name) => name in window) };
  });
  expect(ran).toEqual([]);
  expect(violations).toEqual(['connect-src', 'img-src', 'script-src', 'script-src-elem']);
});

test('the storage window dies: what was confirmed stays, editing goes on, and the next generation has it all', async () => {
  await storageIsReady();
  const first = app.storage();
  const window = app.electron.openWindows.findLast(({ isShown }) => !isShown);
  const creating = crm(app.screen, (book) => Promise.all(['A', 'B', 'C'].map((name) => book.clients.create({ name }))));
  window?.webContents.crash();
  const created = await creating;
  expect(created.map(({ ok }) => ok)).toEqual([true, true, true]);
  await storageIsReady();
  expect(app.storage()).not.toBe(first);
  const listed = await crm(app.screen, (book) => book.clients.list({}));
  expect(listed.ok && listed.value.total).toBe(3);
});
