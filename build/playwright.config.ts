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

export default defineConfig({
  testDir: join(root, 'test/e2e'),
  outputDir: join(cacheFolder, 'e2e'),
  // Each test runs a main process and a browser of its own.
  workers: availableParallelism() >= 4 ? 2 : 1,
  timeout: 60_000,
  globalTimeout: 45 * 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
  use: {
    headless: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath,
      args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  projects: [
    { name: 'e2e', testMatch, testIgnore: 'electron/**' },
    { name: 'electron', testMatch: /electron\/.*\.(e2e|spec|test)\.ts$/ },
  ],
});
