import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumForTests, howToGetChromium } from './chromium.mjs';
import { cacheFolder, root } from './paths.mjs';

const testMatch = /\.(e2e|spec|test)\.ts$/;
// Workers read this file too and get the answer handed down.
const executablePath = process.env['FIELDBOOK_TEST_CHROMIUM'] ?? (await chromiumForTests());
if (!executablePath) throw new Error(howToGetChromium);
process.env['FIELDBOOK_TEST_CHROMIUM'] = executablePath;

/**
 * Chromium builds the page of its own address bar's suggestions (some 390 scripts) anew for every window, as much work as
 * our page. A headless window has no use for it. Of two such lists Chromium reads the last, so Playwright's stands in it too.
 */
const switchedOff = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'TcpPortRandomizationWin',
  'ThirdPartyStoragePartitioning',
];

export default defineConfig({
  testDir: join(root, 'test/e2e'),
  outputDir: join(cacheFolder, 'e2e'),
  // Each test runs a main process and a browser of its own, which keep two processors busy: two at once take a quarter less time, and
  // whatever waits too short a time fails.
  workers: availableParallelism() >= 4 ? 2 : 1,
  fullyParallel: true,
  timeout: 120_000,
  globalTimeout: 57 * 60_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
  use: {
    headless: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--disable-features=${switchedOff.join(',')}`,
      ],
    },
  },
  projects: [
    { name: 'e2e', testMatch, testIgnore: 'electron/**' },
    { name: 'electron', testMatch: /electron\/.*\.(e2e|spec|test)\.ts$/ },
  ],
});
