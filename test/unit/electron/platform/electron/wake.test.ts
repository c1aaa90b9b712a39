import { expect, it, vi } from 'vitest';
import { electronApp, openElectronApp } from '../../../../support/fake-electron-app.ts';

it('tells whoever listens that the computer woke up, each time, until they stop', async () => {
  const { electron, platform } = await openElectronApp();
  const [first, second] = [vi.fn(), vi.fn()];
  platform.onWake(first);
  const stop = platform.onWake(second);
  electron.powerMonitor.emit('resume');
  stop();
  electron.powerMonitor.emit('resume');
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([2, 1]);
});

it('can be listened to before Electron is ready, which its power monitor cannot', async () => {
  const { electron, platform } = electronApp();
  const listener = vi.fn();
  platform.onWake(listener);
  expect(electron.powerMonitor.listenerCount('resume')).toBe(0);
  electron.becomeReady();
  await platform.openExternal('https://example.com/');
  electron.powerMonitor.emit('resume');
  expect(listener).toHaveBeenCalledOnce();
});
