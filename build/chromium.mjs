import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../electron/platform/browser/find-browser.ts';
import { withLock } from './lock.mjs';
import { cacheFolder } from './paths.mjs';
import { runChild } from './run-child.mjs';

/** A Chromium to test with: the one FIELDBOOK_BROWSER names, an installed one, or Playwright's. Null when there is none. */
export async function findChromium() {
  const installed = findBrowser({ platform: process.platform, home: homedir(), env: process.env });
  if (installed || process.env.FIELDBOOK_BROWSER) return installed;
  const { chromium } = await import('@playwright/test');
  const own = chromium.executablePath();
  return existsSync(own) ? own : null;
}

/** The same, and where there is none and we are root on Debian, the distribution's package. Tests only: `npm start` installs nothing. */
export async function chromiumForTests() {
  const found = await findChromium();
  if (found || !mayInstall()) return found;
  return withLock('chromium', async () => (await findChromium()) ?? (await installPackage()), {
    onWait: () => console.log('Waiting for another run that is installing Chromium …'),
  });
}

export const howToGetChromium = process.env.FIELDBOOK_BROWSER
  ? `FIELDBOOK_BROWSER names ${process.env.FIELDBOOK_BROWSER}, which is not a program. Correct it or leave it out.`
  : 'The tests need a Chromium. Install Chrome, Chromium or Edge, or run `npx playwright install chromium`, or set FIELDBOOK_BROWSER to the program of one.';

function mayInstall() {
  return process.platform === 'linux' && process.getuid() === 0 && existsSync('/usr/bin/apt-get') && !process.env.FIELDBOOK_BROWSER;
}

async function installPackage() {
  console.log(`No Chromium here: installing the distribution's package (once; details in ${join('.cache', 'chromium.log')}) …`);
  mkdirSync(cacheFolder, { recursive: true });
  const log = openSync(join(cacheFolder, 'chromium.log'), 'w');
  const options = { stdio: ['ignore', log, log], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const update = await runChild('apt-get', ['update'], options);
  // An update that reached only some of its servers often still lets the package in.
  const install = await runChild('apt-get', ['install', '-y', 'chromium'], options);
  closeSync(log);
  if (install.code !== 0) console.error(`The package could not be installed (apt-get ended with ${install.code || update.code}).`);
  return findChromium();
}

/** "156.0.7000.1", for the record of a test run or a benchmark. */
export function chromiumVersion(program) {
  try {
    return (
      /\d+(\.\d+)+/.exec(
        execFileSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] }),
      )?.[0] ?? 'unknown'
    );
  } catch {
    return 'unknown'; // Chrome on Windows answers no --version
  }
}
