import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { openBookPage } from '../support/book-page.ts';
import { appWindow, headlessWindow, isRunning } from '../support/app-window.ts';
import { runFieldbook, startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { logged } from '../support/log-lines.ts';

test.describe('Fieldbook at an address (--no-open)', () => {
  test('says that it is ready in one line, lets the page in, and quits in good order', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    expect(fieldbook.url).toMatch(/^http:\/\/fieldbook\.localhost:\d+\/\?key=[\w-]{43}$/);
    expect(fieldbook.output().stdout).toBe(`Fieldbook is ready: ${fieldbook.url}\n`);

    const page = await browser.newPage();
    await page.goto(fieldbook.url);
    expect(page.url(), 'the key is gone from the address').toBe(`${fieldbook.origin}/`);
    const info = await page.evaluate(() => window.crm.app.info({}));
    expect(info).toMatchObject({ ok: true, value: { adapter: 'browser', dataFolder: fieldbook.data } });
    await page.close();

    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
    expect(fieldbook.output().stderr).toBe('');
  });

  test('gives the page window.crm, and nothing in it can be exchanged', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    const page = await openBookPage(browser, fieldbook);
    const exchanged = await page.evaluate(() => {
      const before = window.crm.clients.list;
      const attempts = [() => Object.assign(window.crm.clients, { list: null }), () => Object.assign(window, { crm: null })];
      const refused = attempts.filter((attempt) => {
        try {
          attempt();
          return false;
        } catch {
          return true;
        }
      });
      return { refused: refused.length, isSame: window.crm.clients.list === before };
    });
    expect(exchanged).toEqual({ refused: 2, isSame: true });
    await page.context().close();
    await fieldbook.stop();
  });

  test('tells the page when it is gone, and a call made then says so in plain words', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    const page = await openBookPage(browser, fieldbook);
    await page.evaluate(() => window.crm.app.info({}));
    const told = await page.evaluateHandle(() => {
      const heard: boolean[] = [];
      window.crm.onConnection((connected) => heard.push(connected));
      return heard;
    });
    await fieldbook.kill();
    await expect.poll(() => told.jsonValue()).toEqual([false]);
    const result = await page.evaluate(() => window.crm.app.info({}));
    expect(result).toMatchObject({ ok: false, error: { code: 'STARTING', words: 'program.notRunning' } });
    await page.context().close();
  });

  test('takes a file in with progress, and gives it back under its name', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    const page = await openBookPage(browser, fieldbook);
    const taken = await page.evaluate(async () => {
      const progress: number[] = [];
      const file = new File([new Uint8Array(3_000_000).fill(65)], 'Käufer "2026".csv');
      return { result: await window.crm.files.take(file, (bytes) => progress.push(bytes)), last: progress.at(-1), size: file.size };
    });
    expect(taken.result.ok).toBe(true);
    expect(taken.last).toBe(taken.size);
    const fileId = taken.result.ok ? taken.result.value.fileId : '';
    const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate((id) => window.crm.files.save(id), fileId)]);
    expect(download.suggestedFilename()).toBe('Käufer 2026.csv');
    expect(readFileSync(await download.path()).byteLength).toBe(3_000_000);
    await page.context().close();
    await fieldbook.stop();
  });

  test('refuses a file over 200 MB with a sentence, also from a page that does not look at the size itself', async ({ browser }) => {
    const fieldbook = await startFieldbook();
    const page = await openBookPage(browser, fieldbook);
    const results = await page.evaluate(async () => {
      const size = 200 * 1024 * 1024 + 1;
      const fromBridge = await window.crm.files.take(new File([new Uint8Array(size)], 'big.csv'));
      const answer = await fetch('/files?name=big.csv', { method: 'POST', body: new Blob([new Uint8Array(size)]) });
      return { fromBridge, fromServer: await answer.json() };
    });
    const refusal = { ok: false, error: { code: 'FILE_TOO_LARGE', words: 'files.tooLarge' } };
    expect(results).toEqual({ fromBridge: refusal, fromServer: refusal });
    await page.context().close();
    await fieldbook.stop();
  });
});

test.describe('a start that cannot be', () => {
  test('of the same book twice: the second says so in one sentence and the first goes on', async () => {
    const first = await startFieldbook();
    const second = runFieldbook({ data: first.data });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output().stderr).toMatch(/^Fieldbook is already open with the folder .+\n$/);
    expect(second.output().stdout).toBe('');
    expect(await first.stop()).toEqual({ code: 0, signal: null });
  });

  test('on a taken port: it says how to take another, and leaves the folder free', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const data = temporaryFolder();
    const refused = runFieldbook({ data, args: ['--no-open', '--port', String(port)] });
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.output().stderr).toContain(`Port ${port} is in use`);
    expect(refused.output().stderr).toContain('--port N');
    expect(existsSync(path.join(data, 'lock'))).toBe(false);
    other.close();
    rmSync(data, { recursive: true });
  });

  test('in a folder that may not be written: it says so and what to do', async () => {
    test.skip(process.platform === 'win32', 'folders of this system are not made read-only by a mode');
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    // For root every folder can be written, except where the system itself refuses.
    const data = process.getuid?.() === 0 ? '/sys/fieldbook' : path.join(folder, 'book');
    const refused = runFieldbook({ data });
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.output().stderr).toContain(`may not write in the folder ${data}`);
    expect(existsSync(data)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('with a word it does not know: it names the word and the options there are', async () => {
    const data = temporaryFolder();
    const refused = runFieldbook({ data, args: ['--no-opne'] });
    expect(await refused.exited).toEqual({ code: 2, signal: null });
    expect(refused.output().stderr).toContain('does not know "--no-opne"');
    expect(refused.output().stderr).toContain('--no-open');
    rmSync(data, { recursive: true });
  });
});

test.describe('Fieldbook in a window of its own', () => {
  test('keeps its origin and its IndexedDB over any port, and ends when the window is closed', async () => {
    const data = temporaryFolder();
    const seen: { origin: string; isSecure: boolean; starts: number }[] = [];
    const ports = new Set<unknown>();
    for (let start = 0; start < 2; start += 1) {
      const fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
      expect(fieldbook.url).toBe('window');
      const window = await appWindow(fieldbook);
      const starts = await window.page.evaluate(countStarts);
      const place = await window.page.evaluate(() => ({ origin: location.origin, isSecure: isSecureContext }));
      seen.push({ ...place, starts });
      ports.add(logged(fieldbook, 'server.listening').at(-1)?.['port']);
      await window.page.close();
      expect(await fieldbook.exited).toEqual({ code: 0, signal: null });
    }
    expect(ports.size).toBe(2);
    expect(seen).toEqual([
      { origin: 'http://fieldbook.localhost', isSecure: true, starts: 1 },
      { origin: 'http://fieldbook.localhost', isSecure: true, starts: 2 },
    ]);
    rmSync(data, { recursive: true, maxRetries: 10 });
  });

  test('takes its browser along when it is closed by the system', async () => {
    const fieldbook = await startFieldbook({ args: [], env: headlessWindow });
    const { browserPid } = await appWindow(fieldbook);
    expect(isRunning(browserPid)).toBe(true);
    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
    expect(isRunning(browserPid)).toBe(false);
  });

  test('opens its window again when the browser crashed', async () => {
    const fieldbook = await startFieldbook({ args: [], env: headlessWindow });
    const first = await appWindow(fieldbook);
    first.killBrowser();
    const second = await appWindow(fieldbook, first);
    expect(await second.page.evaluate(() => window.crm.app.info({}))).toMatchObject({ ok: true });
    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  });

  test('loads its page again when only the page crashed', async () => {
    const fieldbook = await startFieldbook({ args: [], env: headlessWindow });
    const window = await appWindow(fieldbook);
    await window.page.evaluate(() => Object.assign(globalThis, { isBeforeTheCrash: true }));
    await window.page.goto('chrome://crash').catch(() => {});
    await window.browser.close();
    // The test's own line to a crashed page stays broken, so it looks again with a new one.
    const { page } = await appWindow(fieldbook);
    expect(await page.evaluate(() => 'isBeforeTheCrash' in globalThis)).toBe(false);
    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  });

  test('starts again after main was killed, with the browser of the killed one out of the way', async () => {
    const data = temporaryFolder();
    const killed = await startFieldbook({ data, args: [], env: headlessWindow });
    await appWindow(killed);
    await killed.kill();
    const fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
    const { page } = await appWindow(fieldbook);
    expect(await page.evaluate(() => window.crm.app.info({}))).toMatchObject({ ok: true });
    expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
    rmSync(data, { recursive: true, maxRetries: 10 });
  });

  test('opens a link that leaves the book in the browser of the person, and only a link that may', async () => {
    test.skip(process.platform === 'win32', 'the opener of this system cannot be replaced by a script');
    const folder = temporaryFolder();
    const opened = path.join(folder, 'opened');
    for (const opener of ['xdg-open', 'open']) {
      writeFileSync(path.join(folder, opener), `#!/bin/sh\necho "$1" >> '${opened}'\n`, { mode: 0o755 });
    }
    const fieldbook = await startFieldbook({ args: [], env: { ...headlessWindow, PATH: `${folder}:${process.env['PATH']}` } });
    const { page } = await appWindow(fieldbook);
    await page.evaluate(() => window.crm.app.info({}));
    const open = (href: string) =>
      page.evaluate((address) => {
        const link = document.body.appendChild(Object.assign(document.createElement('a'), { href: address }));
        link.click();
        link.remove();
      }, href);
    const openedLinks = () => (existsSync(opened) ? readFileSync(opened, 'utf8').trim().split('\n') : []);
    await open('https://north.example/a?b=c');
    await expect.poll(openedLinks).toEqual(['https://north.example/a?b=c']);
    await open('mailto:ada@north.example');
    await expect.poll(openedLinks).toEqual(['https://north.example/a?b=c', 'mailto:ada@north.example']);
    await fieldbook.stop();
    rmSync(folder, { recursive: true });
  });

  test('without any browser it serves, prints the address and says how to get one', async () => {
    const fieldbook = await startFieldbook({ args: ['--port', '0'], env: { FIELDBOOK_BROWSER: '/nowhere/chromium' } });
    expect(fieldbook.url).toMatch(/^http:\/\/fieldbook\.localhost:\d+\/\?key=/);
    expect(fieldbook.output().stderr).toContain('install Chrome, Chromium or Edge');
    await fieldbook.stop();
  });
});

/** Adds a row to an IndexedDB of the page's own making, and counts them. */
async function countStarts(): Promise<number> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('starts', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const write = db.transaction('rows', 'readwrite');
  write.objectStore('rows').add('start');
  const count = write.objectStore('rows').count();
  await new Promise<void>((resolve, reject) => {
    write.oncomplete = () => resolve();
    write.onerror = () => reject(write.error);
  });
  return count.result;
}
