import { accessSync, constants, realpathSync } from 'node:fs';
import path from 'node:path';

const linuxNames = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
  'vivaldi-stable',
];
const macPlaces = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'Brave Browser.app/Contents/MacOS/Brave Browser',
];
const windowsPlaces = [
  ['Google', 'Chrome', 'Application', 'chrome.exe'],
  ['Chromium', 'Application', 'chrome.exe'],
  ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
  ['BraveSoftware', 'Brave-Browser', 'Application', 'brave.exe'],
];

interface System {
  platform: string;
  home: string;
  env: Record<string, string | undefined>;
}

/** An installed browser of the Chromium family, or null. FIELDBOOK_BROWSER names one outright and is believed. */
export function findBrowser(system: System, isProgram: (file: string) => boolean = isExecutable): string | null {
  const named = system.env['FIELDBOOK_BROWSER'];
  if (named !== undefined && named !== '') return isProgram(named) ? named : null;
  return candidates(system).find(isProgram) ?? null;
}

function candidates({ platform, home, env }: System): string[] {
  if (platform === 'darwin') {
    return ['/Applications', path.posix.join(home, 'Applications')].flatMap((folder) =>
      macPlaces.map((place) => path.posix.join(folder, place)),
    );
  }
  if (platform === 'win32') {
    const folders = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter((folder) => folder !== undefined);
    return windowsPlaces.flatMap((place) => folders.map((folder) => path.win32.join(folder, ...place)));
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return linuxNames.flatMap((name) => folders.map((folder) => path.posix.join(folder, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser from a snap may not read hidden folders of the home folder, where the data folder usually lies. */
export function isSnap(browser: string): boolean {
  try {
    return browser.startsWith('/snap/') || realpathSync(browser) === '/usr/bin/snap';
  } catch {
    return false;
  }
}
