import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import '../support/book-page.ts';
import { type RunningFieldbook, startFieldbook } from '../support/fieldbook.ts';

/** The app in its browser adapter with a page that a bench can drive. */
export interface OpenedApp {
  page: Page;
  context: BrowserContext;
  app: RunningFieldbook;
  /** Resident memory of main in MiB; NaN where there is no /proc. */
  memory(): Promise<number>;
  close(): Promise<void>;
}

/** Starts main on the folder, then a Chromium at the frozen origin; waits until the database has everything. */
export async function openApp(folder: string, home: string): Promise<OpenedApp> {
  const app = await startFieldbook({ data: folder });
  const context = await chromium.launchPersistentContext(join(home, 'profile'), {
    ...(process.env.FIELDBOOK_TEST_CHROMIUM === undefined ? {} : { executablePath: process.env.FIELDBOOK_TEST_CHROMIUM }),
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      `--host-resolver-rules=MAP fieldbook.localhost 127.0.0.1:${app.port}`,
    ],
    viewport: { width: 1280, height: 800 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(app.url.replace(`:${app.port}`, ''));
  await page.evaluate(async () => {
    for (const until = performance.now() + 120_000; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const status = await window.crm.app.status({});
      if (status.ok && status.value.storage === 'ready' && status.value.unapplied === 0) return;
    }
    throw new Error('The database was not ready in time');
  });
  return {
    page,
    context,
    app,
    async memory() {
      const status = await readFile(`/proc/${app.pid}/status`, 'utf8').catch(() => '');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    async close() {
      await context.close();
      await app.stop();
    },
  };
}
