import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { findElectron } from '../../../build/electron-runtime.mjs';
import { type InstalledFieldbook, inBook, startInstalled, temporaryBook, windowAt } from '../../support/electron-runtime.ts';

/** What only the real runtime can show. Everything here runs on the fake too, as far as the fake can tell. */
let data: string;
let fieldbook: InstalledFieldbook;

test.beforeEach(async () => {
  data = temporaryBook();
  fieldbook = await startInstalled(data);
});
test.afterEach(async () => {
  await fieldbook.app.close().catch(() => {});
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
});

const isReady = () =>
  inBook(fieldbook.screen, (crm) => crm.app.status({})).then((status) => (status.ok ? [status.value.storage, status.value.unapplied] : []));

test('opens sandboxed, isolated, on a secure origin of our own, with window.crm and nothing else of ours', async () => {
  await expect(fieldbook.screen.getByRole('searchbox', { name: 'Search' })).toBeVisible();
  expect(
    await fieldbook.screen.evaluate(() => [location.origin, isSecureContext, typeof require, typeof process, 'crm' in window]),
  ).toEqual(['app://fieldbook', true, 'undefined', 'undefined', true]);
  expect(await fieldbook.storage.evaluate(() => ['crm' in window, location.origin, isSecureContext])).toEqual([
    false,
    'app://fieldbook',
    true,
  ]);
  const preferences = await fieldbook.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => {
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = (
        window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    }),
  );
  const locked = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true };
  expect(preferences).toEqual([locked, locked]);
});

test('shows one window of at least 1024 by 640 and keeps the storage window hidden', async () => {
  const windows = await fieldbook.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => ({
      url: window.webContents.getURL(),
      isVisible: window.isVisible(),
      smallest: window.getMinimumSize(),
    })),
  );
  expect(windows.filter(({ isVisible }) => isVisible)).toEqual([
    { url: expect.stringMatching(/^app:\/\/fieldbook\/(#.*)?$/), isVisible: true, smallest: [1024, 640] },
  ]);
});

test('serves nothing beside its pages', async () => {
  const statuses = await fieldbook.app.evaluate(async ({ net }) => {
    const answers: Record<string, number> = {};
    for (const address of ['/', '/..%2fpackage.json', '/..%5cpackage.json', '/%00', '/nothing'])
      answers[address] = (await net.fetch(`app://fieldbook${address}`)).status;
    return answers;
  });
  expect(statuses).toEqual({ '/': 200, '/..%2fpackage.json': 400, '/..%5cpackage.json': 400, '/%00': 400, '/nothing': 404 });
});

test('lets no page leave, open a window, run text, reach a network or get a permission', async () => {
  const { screen } = fieldbook;
  const opened = await screen.evaluate(() => window.open('about:blank'));
  expect(opened).toBeNull();
  await screen.evaluate(() => {
    location.href = 'https://example.com/';
  });
  await screen.evaluate(() => {
    location.href = 'file:///etc/passwd';
  });
  const found = await screen.evaluate(async () => {
    const refused: string[] = [];
    const all = new Promise<void>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        refused.push(effectiveDirective);
        if (new Set(refused).size === 2) resolve();
      });
    });
    await fetch('https://example.com/').catch(() => {});
    // oxlint-disable-next-line typescript/no-implied-eval -- this is what must be stopped
    setTimeout('window.evalRan = true', 0);
    await all;
    const geolocation = await navigator.permissions.query({ name: 'geolocation' });
    return { refused: [...new Set(refused)].toSorted(), hasRun: 'evalRan' in window, geolocation: geolocation.state };
  });
  expect(found).toEqual({ refused: ['connect-src', 'script-src'], hasRun: false, geolocation: 'denied' });
  expect(new URL(screen.url()).href).toMatch(/^app:\/\/fieldbook\//);
});

test('keeps a confirmed client over SIGKILL and over an orderly quit, without a rebuild', async () => {
  expect((await inBook(fieldbook.screen, (crm) => crm.clients.create({ name: 'North Depot' }))).ok).toBe(true);
  const main = fieldbook.app.process();
  const ended = once(main, 'exit');
  main.kill('SIGKILL');
  await ended;
  fieldbook = await startInstalled(data);
  expect((await inBook(fieldbook.screen, (crm) => crm.clients.create({ name: 'South Depot' }))).ok).toBe(true);
  await expect.poll(isReady).toEqual(['ready', 0]);

  await fieldbook.app.close();
  expect(existsSync(path.join(data, 'lock'))).toBe(false);
  fieldbook = await startInstalled(data);
  await expect.poll(isReady).toEqual(['ready', 0]);
  const listed = await inBook(fieldbook.screen, (crm) => crm.clients.list({}));
  expect(listed.ok && listed.value.rows.map(({ name }) => name).toSorted()).toEqual(['North Depot', 'South Depot']);
  const log = readFileSync(path.join(data, 'logs/fieldbook.log'), 'utf8').trim().split('\n');
  const lastStart = log.slice(log.findLastIndex((line) => line.includes('"app.start"')));
  expect(lastStart.filter((line) => line.includes('storage.rebuild'))).toEqual([]);
});

test('comes back after the storage process crashed, with every call answered', async () => {
  await expect.poll(isReady).toEqual(['ready', 0]);
  const creating = inBook(fieldbook.screen, (crm) => Promise.all(['A', 'B', 'C'].map((name) => crm.clients.create({ name }))));
  await fieldbook.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()
      .find((window) => window.webContents.getURL().endsWith('/storage-host/'))
      ?.webContents.forcefullyCrashRenderer();
  });
  expect((await creating).map(({ ok }) => ok)).toEqual([true, true, true]);
  await expect.poll(isReady).toEqual(['ready', 0]);
  expect(await windowAt(fieldbook.app, 'app://fieldbook/storage-host/', fieldbook.storage)).not.toBe(fieldbook.storage);
});

test('loads the screens again after their process crashed', async () => {
  const reloaded = fieldbook.screen.waitForEvent('domcontentloaded', { timeout: 20_000 }).catch(() => null);
  await fieldbook.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()
      .find((window) => window.isVisible())
      ?.webContents.forcefullyCrashRenderer();
  });
  await reloaded;
  const title = () =>
    fieldbook.app.evaluate(
      ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .find((window) => window.isVisible())
          ?.webContents.executeJavaScript('"crm" in window') as Promise<boolean>,
    );
  await expect.poll(title).toBe(true);
});

test('timers of the hidden window run at full speed', async () => {
  const perSecond = await fieldbook.storage.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const end = performance.now() + 1000;
        let count = 0;
        const next = () => (performance.now() < end ? setTimeout(next, 1, (count += 1)) : resolve(count));
        next();
      }),
  );
  expect(perSecond).toBeGreaterThan(50);
});

test('takes a File of the page in with its name, and saves it where the person says', async () => {
  const target = path.join(data, 'saved.csv');
  await fieldbook.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = (async () => ({ canceled: false, filePath })) as typeof dialog.showSaveDialog;
  }, target);
  const saved = await inBook(fieldbook.screen, async (crm) => {
    const taken = await crm.files.take(new File(['Name\r\n', 'x'.repeat(3_000_000)], 'Kunden.csv'));
    return taken.ok ? crm.files.save(taken.value.fileId) : taken;
  });
  expect(saved).toEqual({ ok: true, value: { saved: true } });
  expect(readFileSync(target, 'utf8')).toBe(`Name\r\n${'x'.repeat(3_000_000)}`);
});

test('seals and opens a secret with the system keychain, where the system has one', async () => {
  const opened = await fieldbook.app.evaluate(async ({ safeStorage }) => {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'correct horse';
    return (await safeStorage.decryptStringAsync(await safeStorage.encryptStringAsync('correct horse'))).result;
  });
  expect(opened).toBe('correct horse');
});

test('a second start on the same book ends at once, and leaves the first one as it is', async () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const second = spawn(String(findElectron()), [root, '--data', data], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  second.stdout.on('data', (bytes) => (said += bytes));
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect([code, said]).toEqual([0, '']);
  expect((await inBook(fieldbook.screen, (crm) => crm.clients.create({ name: 'North Depot' }))).ok).toBe(true);
});

test('makes a PDF of an invoice in a window that nobody sees and that is gone afterwards', async () => {
  const made = await inBook(fieldbook.screen, async (crm) => {
    const client = await crm.clients.create({ name: 'Bäckerei Łódź' });
    if (!client.ok) throw new Error(client.error.code);
    const invoice = await crm.invoices.create({ clientId: client.value.record.id, lines: [{ description: 'Visit', unitPrice: '40.50' }] });
    if (!invoice.ok) throw new Error(invoice.error.code);
    return crm.invoices.pdf({ id: invoice.value.record.id, locale: 'en-US' });
  });
  expect(made).toMatchObject({ ok: true, value: { fileName: 'Draft invoice.pdf' } });
  const titles = await fieldbook.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getTitle()));
  expect(titles).not.toContain('Fieldbook print');
});
