import { describe, expect, it } from 'vitest';
import { LOCKED } from '../../../../../electron/platform/electron/guards.ts';
import { electronApp, openElectronApp, ticks } from '../../../../support/fake-electron-app.ts';

describe('every window', () => {
  it('is sandboxed, isolated and without Node, the hidden one too', async () => {
    const { electron, platform } = await openElectronApp();
    await platform.openStorageHost();
    expect(electron.windows).toHaveLength(2);
    for (const window of electron.windows) {
      expect(window.options.webPreferences).toMatchObject(LOCKED);
      expect(window.options.webPreferences?.preload).toMatch(/preload\.cjs$/);
    }
    expect(LOCKED).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    });
    expect(Object.isFrozen(LOCKED)).toBe(true);
  });

  it.each([
    [true, false],
    [false, true],
  ])('packaged %s: has developer tools %s; the storage window never has', async (isPackaged, hasTools) => {
    const { electron, platform, screen } = await openElectronApp({}, (fake) => {
      fake.app.isPackaged = isPackaged;
    });
    await platform.openStorageHost();
    expect(screen.options.webPreferences?.devTools).toBe(hasTools);
    expect(electron.windows[1]?.options.webPreferences?.devTools).toBe(false);
    const roles = JSON.stringify(electron.menus[0]);
    expect(roles.includes('toggleDevTools')).toBe(hasTools);
    expect(roles.includes('"reload"')).toBe(hasTools);
  });
});

describe('navigation', () => {
  const events = ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const;
  const addresses: [string, boolean][] = [
    ['app://fieldbook/', true],
    ['app://fieldbook/#/clients/7', true],
    ['app://fieldbook/storage-host/', false],
    ['app://other/', false],
    ['https://example.com/', false],
    ['http://fieldbook/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['data:text/html,hello', false],
    ['about:blank', false],
    ['', false],
  ];
  it.each(events.flatMap((event) => addresses.map(([url, may]) => [event, url, may] as const)))(
    '%s to "%s": %s',
    async (event, url, may) => {
      const { screen } = await openElectronApp();
      expect(screen.webContents.tryToNavigate(event, url)).toBe(may);
    },
  );

  it('is closed for contents that nobody asked for, from the moment they exist', async () => {
    const { electron } = electronApp();
    electron.becomeReady();
    const stray = new electron.BrowserWindow({});
    expect(stray.webContents.tryToNavigate('will-navigate', 'app://fieldbook/')).toBe(false);
    expect(stray.webContents.tryToAttachWebview()).toBe(false);
    expect(stray.webContents.openWindow('https://example.com/')).toBe('deny');
  });

  it('attaches no webview', async () => {
    const { screen } = await openElectronApp();
    expect(screen.webContents.tryToAttachWebview()).toBe(false);
  });
});

describe('new windows', () => {
  it.each([
    ['https://example.com/', true],
    ['mailto:amina@example.com', true],
    ['tel:+16195550100', true],
    ['sms:+16195550100', true],
    ['facetime:+16195550100', false],
    ['http://example.com/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['smb://server/share', false],
    ['app://fieldbook/', false],
    ['garbage', false],
  ])('are never opened; %s goes to the system: %s', async (url, goes) => {
    const { electron, screen } = await openElectronApp();
    expect(screen.webContents.openWindow(url)).toBe('deny');
    await ticks();
    expect(electron.opened).toEqual(goes ? [url] : []);
  });

  it('says whether something could be opened outside', async () => {
    const { electron, platform } = await openElectronApp();
    expect(await platform.openExternal('https://example.com/')).toBe(true);
    expect(await platform.openExternal('file:///etc/passwd')).toBe(false);
    electron.shell.openExternal = async () => {
      throw new Error('No application is registered');
    };
    expect(await platform.openExternal('mailto:amina@example.com')).toBe(false);
  });

  it('has the system open a file, and says where it has no program for it', async () => {
    const { electron, platform } = await openElectronApp();
    expect(await platform.openFile?.('/data/opened/1/offer.pdf')).toBe(true);
    expect(electron.opened).toEqual(['/data/opened/1/offer.pdf']);
    electron.shell.openPath = async () => 'No application is registered';
    expect(await platform.openFile?.('/data/opened/2/offer.xyz')).toBe(false);
  });
});

describe('the session', () => {
  it.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fileSystem',
    'openExternal',
    'persistent-storage',
    'usb',
    'unknown',
  ])('grants no page "%s"', async (permission) => {
    const { electron } = await openElectronApp();
    const { defaultSession } = electron.session;
    expect(await defaultSession.requestPermission(permission, 'app://fieldbook/')).toBe(false);
    expect(defaultSession.checkPermission(permission, 'app://fieldbook/')).toBe(false);
  });

  it.each([
    ['app://fieldbook/', true],
    ['app://other/', false],
    ['https://fieldbook/', false],
    ['', false],
  ])('lets %s put text on the clipboard: %s', async (page, may) => {
    const { electron } = await openElectronApp();
    const { defaultSession } = electron.session;
    expect(await defaultSession.requestPermission('clipboard-sanitized-write', page)).toBe(may);
    expect(defaultSession.checkPermission('clipboard-sanitized-write', page)).toBe(may);
    expect(defaultSession.checkPermission('clipboard-sanitized-write', page.replace(/\/$/, ''))).toBe(may);
  });

  it('gives no device, no picture of the screen, no download and no spell checker that would fetch dictionaries', async () => {
    const { electron } = await openElectronApp();
    const session = electron.session.defaultSession;
    expect(session.checkDevice()).toBe(false);
    expect(await session.requestDisplayMedia()).toBeNull();
    expect(session.hasSpellChecker).toBe(false);
    let isPrevented = false;
    session.emit('will-download', {
      preventDefault: () => {
        isPrevented = true;
      },
    });
    expect(isPrevented).toBe(true);
  });

  it('lets no page reach a network', async () => {
    const { electron } = await openElectronApp();
    expect(electron.session.defaultSession.blocked).toEqual(['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*']);
  });
});
