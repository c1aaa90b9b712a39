import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createElectronPlatform, profileOf } from '../../../../../electron/platform/electron/electron-platform.ts';
import { channels } from '../../../../../electron/platform/electron/channels.ts';
import { asSlice, FakeElectron, type FakeWindow } from '../../../../support/fake-electron.ts';
import { electronApp, openElectronApp, ticks } from '../../../../support/fake-electron-app.ts';

describe('starting', () => {
  it('does before ready what must be done before ready', () => {
    const { electron, profile } = electronApp();
    expect(electron.app.isSandboxed).toBe(true);
    expect(electron.app.paths.get('userData')).toBe(profile);
    expect(electron.schemes.map(({ scheme }) => scheme)).toEqual(['app']);
    expect(electron.windows).toEqual([]);
  });

  it('keeps the profile inside the data folder, so that every book has its own', () => {
    expect(profileOf('/books/north')).toMatch(/^.books.north.electron-profile$/);
  });

  it('starts nothing when another instance has the profile', () => {
    const electron = new FakeElectron();
    electron.app.isFirstInstance = false;
    const { profile } = electronApp();
    const platform = createElectronPlatform(asSlice(electron), {
      profile,
      pages: '/',
      preload: '/',
      system: 'linux',
      chromiumVersion: null,
    });
    expect(platform).toBeNull();
    expect([electron.schemes, electron.app.listenerCount('web-contents-created'), electron.windows]).toEqual([[], 0, []]);
  });

  it.each(['second-instance', 'activate'] as const)('brings the window to the front at %s', async (event) => {
    const { electron, screen } = await openElectronApp();
    screen.minimize();
    screen.calls.length = 0;
    electron.app.emit(event);
    expect(screen.calls).toEqual(['restore', 'show', 'focus']);
  });

  it('survives a second start while there is no window yet', () => {
    const { electron } = electronApp();
    expect(() => electron.app.emit('second-instance')).not.toThrow();
  });

  it('says which Chromium keeps the database', () => {
    expect(electronApp().platform.chromiumMajor()).toBe(152);
  });
});

describe('the window', () => {
  it('has the promised sizes and the colour of the theme, and is shown once it is drawn', async () => {
    const { screen } = await openElectronApp();
    expect(screen.options).toMatchObject({
      width: 1280,
      height: 800,
      minWidth: 1024,
      minHeight: 640,
      show: false,
      backgroundColor: '#ffffff',
      title: 'Fieldbook',
    });
    expect(screen.calls).toEqual(['show']);
    const dark = await openElectronApp({}, (electron) => {
      electron.nativeTheme.shouldUseDarkColors = true;
    });
    expect(dark.screen.options.backgroundColor).toBe('#1a1b1e');
  });

  it('is shown a second after its page was loaded on a desktop that draws no hidden window', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { electron, platform } = electronApp((fake) => {
      fake.drawsHiddenWindows = false;
    });
    electron.becomeReady();
    const showing = platform.show();
    await vi.waitFor(() => expect(electron.windows[0]?.webContents.getURL()).toBe('app://fieldbook/'));
    expect(electron.windows[0]?.isShown).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(await showing).toBe('window');
    expect(electron.windows[0]?.calls).toEqual(['show']);
  });

  it('tells the screens what happened, and drops it where no window is', async () => {
    const { platform, screen } = await openElectronApp();
    platform.broadcast('settings', {});
    expect(screen.webContents.sent).toEqual([{ channel: channels.event, args: ['settings', {}] }]);
    screen.close();
    expect(() => platform.broadcast('settings', {})).not.toThrow();
  });

  it('loads the page again when its process dies', async () => {
    const { screen } = await openElectronApp();
    const loaded = once(screen.webContents, 'did-finish-load');
    screen.webContents.crash();
    await loaded;
    expect([screen.webContents.getURL(), screen.isDestroyed()]).toEqual(['app://fieldbook/', false]);
  });

  it('gives up with a plain word when the page dies a fourth time in a minute, and quits in good order', async () => {
    const { electron, screen } = await openElectronApp();
    for (let death = 0; death < 3; death += 1) {
      const loaded = once(screen.webContents, 'did-finish-load');
      screen.webContents.crash('oom');
      await loaded;
    }
    screen.webContents.crash('oom');
    await ticks();
    expect(electron.dialog.errors).toHaveLength(1);
    expect(electron.dialog.errors[0]?.content).toContain('safe');
    expect(electron.app.hasQuit).toBe(true);
  });

  it('rejects when the screens cannot be loaded, so that the start can say so', async () => {
    const { electron, platform } = electronApp();
    electron.becomeReady();
    await ticks();
    electron.session.defaultSession.handlers.set('app', () => Promise.reject(new Error('no such file')));
    await expect(platform.show()).rejects.toThrow('ERR_FILE_NOT_FOUND');
  });

  it('opens where it stood last', async () => {
    const { electron, platform, screen } = await openElectronApp();
    screen.bounds = { x: 200, y: 100, width: 1100, height: 700 };
    screen.close();
    await ticks();
    electron.app.hasQuit = false;
    await platform.show();
    expect((electron.windows.at(-1) as FakeWindow).options).toMatchObject({ x: 200, y: 100, width: 1100, height: 700 });
  });
});
