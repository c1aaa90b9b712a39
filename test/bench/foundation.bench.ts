import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import '../support/book-page.ts';
import { startFieldbook } from '../support/fieldbook.ts';
import { type BookSize, benchSize } from '../support/generated-book.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure, median, percentile } from './measure.ts';
import { open, type Opened, storageReady } from './opened-book.ts';

/**
 * The figures of the foundation: a book of 10,000 clients, 25,000 contacts and 12,000 locations in the browser adapter,
 * real Chromium, warm disk. Set FIELDBOOK_BENCH_RUNS to change the number of starts (5), and
 * FIELDBOOK_BENCH_TIMES to measure with so many times the book (1).
 */
const runs = Number(process.env.FIELDBOOK_BENCH_RUNS ?? 5);
const times = Number(process.env.FIELDBOOK_BENCH_TIMES ?? 1);
const size: BookSize = { clients: benchSize.clients * times, contacts: benchSize.contacts * times, locations: benchSize.locations * times };

export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-'));
  const rows: BenchTable['rows'] = [];
  try {
    const made = performance.now();
    const folder = join(home, 'book');
    await mkdir(folder);
    await writeGeneratedFolder(folder, size);
    rows.push(
      figure(
        `make the book (${(size.clients + size.contacts + size.locations).toLocaleString('en')} records through the command path)`,
        performance.now() - made,
        'ms',
        '',
        null,
      ),
    );
    rows.push(...(await starts(folder)));
    rows.push(...(await work(folder, home)));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return { name: `foundation: ${size.clients} clients, ${size.contacts} contacts, ${size.locations} locations`, rows };
}

async function usable(page: Page): Promise<void> {
  await page.getByRole('row').nth(5).waitFor();
}

/** The product as a person starts it: main reads the book while Chromium, which it launches itself, comes up. */
async function starts(folder: string): Promise<BenchTable['rows']> {
  const usableAfter: number[] = [];
  const pageAfter: number[] = [];
  const databaseAfter: number[] = [];
  // One round more than counted: the window's own profile is made, and its database built, in the first.
  for (let round = 0; round <= runs; round += 1) {
    const port = await freePort();
    const startedAt = Date.now();
    const app = await startFieldbook({
      data: folder,
      args: ['--port', '0'],
      env: {
        FIELDBOOK_BROWSER: process.env.FIELDBOOK_TEST_CHROMIUM ?? '',
        FIELDBOOK_BROWSER_ARGS: `--headless --disable-gpu --remote-debugging-port=${port}`,
      },
    });
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const page = browser
      .contexts()[0]
      ?.pages()
      .find((one) => one.url().startsWith('http://fieldbook.localhost'));
    if (page === undefined) throw new Error('The window did not open');
    await page.waitForFunction(() => performance.getEntriesByName('today:painted').length > 0);
    const { painted, origin } = await page.evaluate(() => ({
      painted: performance.getEntriesByName('today:painted')[0]?.startTime ?? Number.NaN,
      origin: performance.timeOrigin,
    }));
    await storageReady(page);
    if (round > 0) {
      usableAfter.push(origin + painted - startedAt);
      pageAfter.push(painted);
      databaseAfter.push(Date.now() - startedAt);
    }
    await browser.close();
    await app.stop();
  }
  return [
    figure(
      'start to usable Today (process start to its queue painted), median',
      median(usableAfter),
      'ms',
      '≤ 1500',
      median(usableAfter) <= 1500,
    ),
    figure('of that, from the page being asked for', median(pageAfter), 'ms', '', null),
    figure('start to database checked and ready, median', median(databaseAfter), 'ms', '', null),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function work(folder: string, home: string): Promise<BenchTable['rows']> {
  const opened = await open(folder, home);
  const { page } = opened;
  try {
    await page.evaluate(() => (window.location.hash = '#/clients'));
    await usable(page);
    await storageReady(page);
    const listing = await page.evaluate(async () => {
      const took: number[] = [];
      const sorts = ['name', 'updatedAt', 'address.city', 'email', 'nextFollowUpDate'];
      for (let round = 0; round < 40; round += 1) {
        const begun = performance.now();
        await window.crm.clients.list({
          limit: 100,
          offset: 0,
          sort: [{ path: sorts[round % sorts.length] as string, descending: round % 2 === 1 }],
        });
        took.push(performance.now() - begun);
      }
      return took;
    });
    const keystrokes = await typed(page);
    const edits = await page.evaluate(async () => {
      const listed = await window.crm.clients.list({ limit: 200 });
      if (!listed.ok) throw new Error(listed.error.code);
      const took: number[] = [];
      for (const [index, { id }] of listed.value.rows.entries()) {
        const begun = performance.now();
        const answer = await window.crm.clients.change({ id, changes: { notes: `Visited, note ${index}` } });
        if (!answer.ok) throw new Error(answer.error.code);
        took.push(performance.now() - begun);
      }
      return took;
    });
    return [
      figure('first list page, any sort, p50', median(listing), 'ms', '', null),
      figure('first list page, any sort, p95', percentile(listing, 0.95), 'ms', '', null),
      figure('search per keystroke, key to painted, p50', median(keystrokes), 'ms', '', null),
      figure('search per keystroke, key to painted, p95', percentile(keystrokes, 0.95), 'ms', '≤ 50', percentile(keystrokes, 0.95) <= 50),
      figure('single edit to acknowledged, p50', median(edits), 'ms', '', null),
      figure('single edit to acknowledged, p95', percentile(edits, 0.95), 'ms', '≤ 25', percentile(edits, 0.95) <= 25),
      ...(await memory(opened)),
    ];
  } finally {
    await opened.close();
  }
}

/** Types words into the search box and reads, in the page, how long each key took until its results were painted. */
async function typed(page: Page): Promise<number[]> {
  const words = ['harbor', 'muller', 'koln', 'denver 4', 'office@north', '555-12', 'silver bridge', 'zz', 'adeyemi', 'ac-0001'];
  await page.keyboard.press('Control+k');
  const box = page.getByRole('searchbox', { name: 'Search' }).last();
  await box.waitFor();
  for (const word of words) {
    await box.fill('');
    for (const key of word) {
      const before = await page.evaluate(() => performance.getEntriesByName('search:painted').length);
      await page.keyboard.type(key);
      await page.waitForFunction((count) => performance.getEntriesByName('search:painted').length > count, before);
    }
  }
  return page.evaluate(() => {
    const keys = performance.getEntriesByName('search:key').map((entry) => entry.startTime);
    return performance.getEntriesByName('search:painted').flatMap(({ startTime }) => {
      const key = keys.filter((at) => at <= startTime).at(-1);
      return key === undefined ? [] : [startTime - key];
    });
  });
}

/** Resident memory of main and of each Chromium process, from the kernel; nothing where there is no /proc. */
async function memory({ app, context }: Opened): Promise<BenchTable['rows']> {
  const rows = [await residentOf('memory of main', app.pid)];
  const session = await context.browser()?.newBrowserCDPSession();
  const { processInfo } = (await session?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  for (const { type, id } of processInfo) rows.push(await residentOf(`memory of Chromium: ${type}`, id));
  return rows.filter((row) => row !== null);
}

async function residentOf(what: string, pid: number): Promise<Record<string, string | number> | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  return kib === undefined ? null : figure(what, Number(kib) / 1024, 'MiB', '', null);
}
