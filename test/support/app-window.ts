import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { RunningFieldbook } from './fieldbook.ts';

/** Environment of a Fieldbook that opens its own window where there is no screen, with a second way in for the test. */
export const headlessWindow: Record<string, string> = { FIELDBOOK_BROWSER_ARGS: '--headless=new --disable-gpu --remote-debugging-port=0' };

const WINDOW_LIMIT_MS = 20_000;

export interface AppWindow {
  page: Page;
  browser: Browser;
  browserPid: number;
  /** SIGKILL to the browser's main process. */
  killBrowser(): void;
}

/** The window that Fieldbook opened; `after` waits for another than that one. */
export async function appWindow(fieldbook: RunningFieldbook, after?: AppWindow): Promise<AppWindow> {
  const limit = Date.now() + WINDOW_LIMIT_MS;
  for (;;) {
    try {
      return await connect(fieldbook, after?.browserPid ?? null);
    } catch (error) {
      if (Date.now() > limit) throw error;
      await wait(50);
    }
  }
}

async function connect(fieldbook: RunningFieldbook, notThis: number | null): Promise<AppWindow> {
  const portFile = path.join(fieldbook.data, 'browser-profile', 'DevToolsActivePort');
  const [debugPort, address] = readFileSync(portFile, 'utf8').split('\n');
  const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${debugPort}${address}`);
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const browserPid = processInfo.find(({ type }) => type === 'browser')?.id ?? 0;
  if (browserPid === notThis) throw new Error('The window that was there before is still the only one.');
  const page = browser.contexts()[0]?.pages()[0];
  if (page === undefined) throw new Error('The browser has no page.');
  await page.waitForURL(/^http:\/\/fieldbook\.localhost\/(#.*)?$/, { timeout: 5000 });
  await page.waitForFunction(() => 'crm' in window);
  return { page, browser, browserPid, killBrowser: () => process.kill(browserPid, 'SIGKILL') };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
