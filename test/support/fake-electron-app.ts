import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createElectronPlatform } from '../../electron/platform/electron/electron-platform.ts';
import type { Backend, Platform } from '../../electron/platform/platform.ts';
import { fail, ok } from '../../shared/lib/result.ts';
import { asSlice, FakeElectron, type FakeWindow } from './fake-electron.ts';
import { words } from '../../shared/words/words.ts';

export interface FakeElectronApp {
  electron: FakeElectron;
  platform: Platform;
  folder: string;
  profile: string;
}

/** The adapter on a fake Electron, with a folder of two pages; `ready` has not come yet. */
export function electronApp(prepare: (electron: FakeElectron) => void = () => {}, system = 'linux'): FakeElectronApp {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-electron-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const profile = path.join(folder, 'profile');
  mkdirSync(profile);
  const pages = path.join(folder, 'pages');
  mkdirSync(path.join(pages, 'storage-host'), { recursive: true });
  mkdirSync(path.join(pages, 'assets'));
  writeFileSync(path.join(pages, 'index.html'), '<!doctype html><title>Fieldbook</title>');
  writeFileSync(path.join(pages, 'storage-host', 'index.html'), '<!doctype html><title>Storage</title>');
  writeFileSync(path.join(pages, 'assets', 'main.js'), 'export {};');
  writeFileSync(path.join(folder, 'secret.txt'), 'not for pages');

  const electron = new FakeElectron();
  prepare(electron);
  const platform = createElectronPlatform(asSlice(electron), {
    profile,
    pages,
    preload: path.join(folder, 'preload.cjs'),
    system,
    chromiumVersion: '152.0.7444.59',
  });
  if (platform === null) throw new Error('The adapter did not start: the fake says that another instance runs.');
  return { electron, platform, folder, profile };
}

/** The adapter with its window open, serving the given backend. */
export async function openElectronApp(
  backend: Partial<Backend> = {},
  prepare?: (electron: FakeElectron) => void,
  system?: string,
): Promise<FakeElectronApp & { screen: FakeWindow }> {
  const app = electronApp(prepare, system);
  app.electron.becomeReady();
  await app.platform.serve({
    call: async (method, input) => ok({ method, input }),
    takeFile: async () => fail({ code: 'NOT_FOUND', ...words('said.text', { text: 'No files here.' }) }),
    fileToSave: async () => fail({ code: 'NOT_FOUND', ...words('said.text', { text: 'No files here.' }) }),
    ...backend,
  });
  await app.platform.show();
  const [screen] = app.electron.openWindows;
  if (screen === undefined) throw new Error('No window was opened.');
  return { ...app, screen };
}

/** Lets everything that was put off by a tick happen. */
export async function ticks(count = 4): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) await new Promise((resolve) => setImmediate(resolve));
}
