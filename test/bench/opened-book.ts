import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import '../support/book-page.ts';
import { type RunningFieldbook, startFieldbook } from '../support/fieldbook.ts';

export interface Opened {
  page: Page;
  context: BrowserContext;
  app: RunningFieldbook;
  close(): Promise<void>;
}

/** Starts main, then a Chromium the bench can drive, at the frozen origin as the app window has it. */
export async function open(folder: string, home: string): Promise<Opened> {
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
  return {
    page,
    context,
    app,
    async close() {
      await context.close();
      await app.stop();
    },
  };
}

export async function storageReady(page: Page): Promise<void> {
  // Not waitForFunction: it takes the promise of an asynchronous condition for a yes.
  await page.evaluate(async () => {
    for (const until = performance.now() + 120_000; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const status = await window.crm.app.status({});
      if (status.ok && status.value.storage === 'ready' && status.value.unapplied === 0) return;
    }
    throw new Error('The database was not ready in time');
  });
}
