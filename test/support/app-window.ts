import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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
  /** The loopback port main serves on. */
  port(): Promise<number>;
  /** SIGKILL to the browser's main process. */
  killBrowser(): void;
}

/** The window that Fieldbook opened; `after` waits for another than that one. */
export async function appWindow(fieldbook: RunningFieldbook, after?: AppWindow): Promise<AppWindow> {
  const profile = path.join(fieldbook.data, 'browser-profile');
  const limit = Date.now() + WINDOW_LIMIT_MS;
  for (;;) {
    try {
      const browserPid = Number(/-(\d+)$/.exec(readlinkSync(path.join(profile, 'SingletonLock')))?.[1]);
      if (browserPid === after?.browserPid) throw new Error('The window that crashed is still the only one.');
      const [debugPort, address] = readFileSync(path.join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
      const browser = await chromium.connectOverCDP(`ws://127.0.0.1:${debugPort}${address}`);
      const page = browser.contexts()[0]?.pages()[0];
      if (page === undefined) throw new Error('The browser has no page.');
      await page.waitForURL(/^http:\/\/fieldbook\.localhost\/(#.*)?$/, { timeout: 5000 });
      await page.waitForFunction(() => 'crm' in window);
      return { page, browser, browserPid, port: async () => portOf(browserPid), killBrowser: () => process.kill(browserPid, 'SIGKILL') };
    } catch (error) {
      if (Date.now() > limit) throw error;
      await wait(50);
    }
  }
}

function portOf(browserPid: number): number {
  return Number(/127\.0\.0\.1:(\d+)/.exec(readFileSync(`/proc/${browserPid}/cmdline`, 'utf8'))?.[1]);
}

/** Process ids of browsers that run on the profile of this data folder. */
export function livingBrowsers(data: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLineOf(pid).includes(`--user-data-dir=${data}`)).map(Number);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
