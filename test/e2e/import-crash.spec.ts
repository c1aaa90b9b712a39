import { type Browser, expect, type Page, test } from '@playwright/test';
import { rmSync } from 'node:fs';
import { openBookPage } from '../support/book-page.ts';
import { type RunningFieldbook, startFieldbook, temporaryFolder } from '../support/fieldbook.ts';

const ROWS = 3000;
const csv = ['Name,E-mail,Headquarters']
  .concat(Array.from({ length: ROWS }, (_, at) => `Client ${at},c${at}@crash.example,"Town ${at}, Ohio"`))
  .join('\n');

let data: string;
let fieldbook: RunningFieldbook | null = null;

test.beforeEach(() => {
  data = temporaryFolder();
});

test.afterEach(async () => {
  await fieldbook?.stop();
  fieldbook = null;
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
});

async function open(browser: Browser): Promise<Page> {
  fieldbook = await startFieldbook({ data });
  const page = await openBookPage(browser, fieldbook, '/#/import');
  await expect(page.getByRole('heading', { name: 'Import', level: 1 })).toBeVisible();
  return page;
}

/** Begins the import through the bridge; answers its id. */
async function begin(page: Page): Promise<string> {
  return page.evaluate(async (text) => {
    const must = <T>(result: { ok: true; value: T } | { ok: false; error: { code: string } }): T => {
      if (!result.ok) throw new Error(result.error.code);
      return result.value;
    };
    const { fileId } = must(await window.crm.files.take(new File([text], 'crash.csv')));
    const { columns, defaults } = must(await window.crm.imports.preview({ fileId }));
    return must(await window.crm.imports.start({ fileId, columns, defaults })).id;
  }, csv);
}

/** Resolves when more rows than that are done, or the import has ended. */
async function beyond(page: Page, id: string, rows: number): Promise<void> {
  await page.evaluate(
    async ([job, least]) => {
      for (;;) {
        const result = await window.crm.imports.list({});
        const found = result.ok ? result.value.jobs.find((one) => one.id === job) : undefined;
        if (found === undefined || found.done > least || found.state !== 'running') return;
      }
    },
    [id, rows] as const,
  );
}

interface Content {
  names: string[];
  locations: number;
  clients: number;
}

async function content(page: Page): Promise<Content> {
  return page.evaluate(async () => {
    const names: string[] = [];
    for (;;) {
      const page = await window.crm.clients.list({ limit: 500, offset: names.length, sort: [{ path: 'name' }] });
      if (!page.ok) throw new Error(page.error.code);
      names.push(...page.value.rows.map(({ name }) => name));
      if (page.value.rows.length === 0 || names.length >= page.value.total) break;
    }
    const counts = await window.crm.app.counts({});
    if (!counts.ok) throw new Error(counts.error.code);
    return { names, clients: counts.value.clients, locations: counts.value.locations };
  });
}

test('an import that was killed again and again goes on each time, and no row goes in twice', async ({ browser }) => {
  test.slow();
  let page = await open(browser);
  const id = await begin(page);
  for (const killedBeyond of [0, 400, 1200, 2000]) {
    await beyond(page, id, killedBeyond);
    await fieldbook?.kill();
    await page.context().close();
    page = await open(browser);
    const { clients, locations } = await content(page);
    expect(locations, 'a row is in whole or not at all').toBe(clients);
    const job = await page.evaluate(async () => {
      const result = await window.crm.imports.list({});
      return result.ok ? result.value.jobs[0] : undefined;
    });
    expect(job).toMatchObject({ id, done: clients });
    if (job?.state === 'done') break;
    expect(job?.state).toBe('interrupted');
    const banner = page.getByRole('main').getByRole('alert').filter({ hasText: 'was interrupted' });
    await expect(banner).toContainText('The import of crash.csv was interrupted');
    await banner.getByRole('button', { name: 'Resume' }).click();
  }
  await expect(page.getByTestId('import-state')).toHaveText(/^Done: /, { timeout: 60_000 });
  const { names, clients, locations } = await content(page);
  expect({ clients, locations }).toEqual({ clients: ROWS, locations: ROWS });
  expect(new Set(names).size).toBe(ROWS);
});

test('an import that was killed can be taken back instead', async ({ browser }) => {
  let page = await open(browser);
  const id = await begin(page);
  await beyond(page, id, 400);
  await fieldbook?.kill();
  await page.context().close();
  page = await open(browser);
  expect((await content(page)).clients).toBeGreaterThan(0);
  await page
    .getByRole('main')
    .getByRole('alert')
    .filter({ hasText: 'was interrupted' })
    .getByRole('button', { name: 'Undo the import' })
    .click();
  await expect(page.getByRole('region', { name: 'Former imports' }).getByRole('row').filter({ hasText: 'crash.csv' })).toContainText(
    'Undone',
  );
  expect(await content(page)).toEqual({ names: [], clients: 0, locations: 0 });
});

test('a running import is paused, goes on, is cancelled, and what went in can be undone', async ({ browser }) => {
  const page = await open(browser);
  await page.getByTestId('import-file').setInputFiles({
    name: 'long.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(
      `${csv}\n${csv
        .split('\n')
        .slice(1)
        .map((line) => `Second ${line.replace('@', '@2')}`)
        .join('\n')}`,
    ),
  });
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Import 6,000 rows' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByTestId('import-state')).toHaveText(/^Paused\./);
  const paused = await content(page);
  expect(paused.clients).toBeLessThan(6000);
  expect(await content(page), 'nothing moves while it is paused').toEqual(paused);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Cancel the import' }).click();
  await expect(page.getByTestId('import-state')).toHaveText(/^Cancelled after /);
  const cancelled = await content(page);
  expect(cancelled.clients).toBeGreaterThanOrEqual(paused.clients);
  expect(cancelled.clients).toBeLessThan(6000);
  if (cancelled.clients > 0) {
    await page.getByRole('button', { name: 'Undo the whole import' }).click();
    await expect(page.getByTestId('import-state')).toContainText('This import is undone');
  }
  expect((await content(page)).clients).toBe(0);
});
