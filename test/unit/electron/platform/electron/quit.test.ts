import { describe, expect, it, vi } from 'vitest';
import { createDrain } from '../../../../../electron/platform/electron/drain.ts';
import { openElectronApp, ticks } from '../../../../support/fake-electron-app.ts';

describe('quitting', () => {
  it('waits for what is being written, closes the window from view at once, then goes', async () => {
    const { electron, platform, screen } = await openElectronApp();
    const written = Promise.withResolvers<void>();
    platform.onQuit(() => written.promise);
    platform.quit();
    await ticks();
    expect([electron.app.hasQuit, screen.isShown]).toEqual([false, false]);
    written.resolve();
    await ticks();
    expect([electron.app.hasQuit, electron.openWindows]).toEqual([true, []]);
  });

  it('drains once, however often it is asked', async () => {
    const { electron, platform } = await openElectronApp();
    const written = Promise.withResolvers<void>();
    const drain = vi.fn(() => written.promise);
    platform.onQuit(drain);
    for (let times = 0; times < 3; times += 1) platform.quit();
    await ticks();
    electron.app.quit();
    expect([drain.mock.calls.length, electron.app.hasQuit]).toEqual([1, false]);
    written.resolve();
    await ticks();
    expect([drain.mock.calls.length, electron.app.hasQuit]).toEqual([1, true]);
  });

  it('goes after five seconds when something hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { electron, platform } = await openElectronApp();
      platform.onQuit(() => new Promise(() => {}));
      platform.quit();
      vi.advanceTimersByTime(4_999);
      await ticks();
      expect(electron.app.hasQuit).toBe(false);
      vi.advanceTimersByTime(1);
      await ticks();
      expect(electron.app.hasQuit).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error('disk'))],
    [
      'throws',
      () => {
        throw new Error('disk');
      },
    ],
  ])('goes, and waits for the rest, when one work %s', async (_how, work) => {
    const { electron, platform } = await openElectronApp();
    const written = Promise.withResolvers<void>();
    platform.onQuit(work);
    platform.onQuit(() => written.promise);
    platform.quit();
    await ticks();
    expect(electron.app.hasQuit).toBe(false);
    written.resolve();
    await ticks();
    expect(electron.app.hasQuit).toBe(true);
  });

  it('starts when the window is closed, although the storage window is still open', async () => {
    const { electron, platform, screen } = await openElectronApp();
    await platform.openStorageHost();
    const drain = vi.fn(async () => {});
    platform.onQuit(drain);
    screen.close();
    await ticks();
    expect([drain.mock.calls.length, electron.app.hasQuit, electron.openWindows]).toEqual([1, true, []]);
  });

  it.each(['query-session-end', 'session-end'] as const)(
    'drains when Windows ends the session (%s), where no before-quit comes',
    async (event) => {
      const { platform, screen } = await openElectronApp();
      const drain = vi.fn(async () => {});
      platform.onQuit(drain);
      const preventDefault = vi.fn();
      screen.emit(event, { preventDefault });
      screen.emit(event, { preventDefault });
      await ticks();
      expect([drain.mock.calls.length, preventDefault.mock.calls.length]).toEqual([1, 0]);
    },
  );

  it('quits in good order when the system shuts down', async () => {
    const { electron, platform } = await openElectronApp();
    const drain = vi.fn(async () => {});
    platform.onQuit(drain);
    electron.powerMonitor.emit('shutdown');
    await ticks();
    expect([drain.mock.calls.length, electron.app.hasQuit]).toEqual([1, true]);
  });

  it('needs no drain and no window to go', async () => {
    const drain = createDrain();
    expect(drain.isDone()).toBe(false);
    await drain.run();
    expect(drain.isDone()).toBe(true);
  });
});
