import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { findElectron } from '../../build/electron-runtime.mjs';
import type { Crm } from '../../shared/contracts/api.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface InstalledFieldbook {
  app: ElectronApplication;
  data: string;
  screen: Page;
  storage: Page;
}

export function temporaryBook(): string {
  return mkdtempSync(path.join(tmpdir(), 'fieldbook-runtime-'));
}

/** Starts the built app in the real Electron runtime. Wants a runtime: the suite is left out where there is none. */
export async function startInstalled(data: string): Promise<InstalledFieldbook> {
  const executablePath = findElectron();
  if (executablePath === null) throw new Error('There is no Electron runtime here. Fetch it with npx install-electron --no.');
  const app = await _electron.launch({ executablePath, args: [root, '--data', data], timeout: 60_000 });
  const [screen, storage] = await Promise.all([windowAt(app, 'app://fieldbook/'), windowAt(app, 'app://fieldbook/storage-host/')]);
  await screen.waitForFunction(() => 'crm' in window);
  return { app, data, screen, storage };
}

/** The newest window that shows this page. */
export async function windowAt(app: ElectronApplication, address: string, after?: Page): Promise<Page> {
  for (;;) {
    const page = app.windows().findLast((window) => window !== after && !window.isClosed() && window.url().split('#')[0] === address);
    if (page !== undefined) return page;
    // A new window may still be on its way to the address.
    await Promise.race([app.waitForEvent('window', { timeout: 30_000 }), new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}

/** Runs `work` in the page with its `window.crm`. */
export function inBook<T, A = null>(page: Page, work: (crm: Crm, argument: A) => Promise<T>, argument?: A): Promise<T> {
  return page.evaluate(`(${work.toString()})(window.crm, ${JSON.stringify(argument ?? null)})`) as Promise<T>;
}
