import { describe, expect, it, vi } from 'vitest';
import { LOCKED } from '../../../../../electron/platform/electron/guards.ts';
import type { FakeElectron, FakeWindow } from '../../../../support/fake-electron.ts';
import { openElectronApp, ticks } from '../../../../support/fake-electron-app.ts';

/** The window that prints now. */
const printing = (electron: FakeElectron): FakeWindow => {
  const window = electron.openWindows.find(({ options }) => options.webPreferences?.partition === 'print');
  if (window === undefined) throw new Error('Nothing is being printed');
  return window;
};

const printed = (pdf: Uint8Array | null) => JSON.parse(Buffer.from(pdf ?? []).toString()) as { body: string; options: object };

describe('printing a page', () => {
  it('happens in a hidden window that is locked, runs no scripts and knows nothing of the book, and is gone afterwards', async () => {
    const { electron, platform, screen } = await openElectronApp();
    const arrived = Promise.withResolvers<void>();
    electron.openPage = async (window) => (window === screen ? undefined : arrived.promise);
    const pdf = platform.printToPdf('<!doctype html><p>Invoice Łódź 発票</p>');
    await ticks();
    const { options, webContents } = printing(electron);
    expect(options).toMatchObject({ show: false, skipTaskbar: true });
    expect(options.webPreferences).toMatchObject({ ...LOCKED, javascript: false, partition: 'print', devTools: false });
    expect(options.webPreferences?.preload).toBeUndefined();
    expect(webContents.loaded?.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
    arrived.resolve();
    expect(printed(await pdf)).toEqual({
      body: '<!doctype html><p>Invoice Łódź 発票</p>',
      options: { preferCSSPageSize: true, printBackground: true },
    });
    expect(electron.openWindows).toEqual([screen]);
  });

  it('takes pages that are longer than an address may be', async () => {
    const { platform } = await openElectronApp();
    const html = `<p>${'発票 '.repeat(1_000_000)}</p>`;
    expect(printed(await platform.printToPdf(html)).body).toBe(html);
  });

  it('goes on side by side, each with its own page, and once a page is printed nobody can have it', async () => {
    const { electron, platform } = await openElectronApp();
    const pages = ['<p>one</p>', '<p>two</p>', '<p>three</p>'];
    const pdfs = await Promise.all(pages.map((page) => platform.printToPdf(page)));
    expect(pdfs.map((pdf) => printed(pdf).body)).toEqual(pages);
    const session = electron.session.fromPartition('print');
    for (const address of ['app://print/1', 'app://print/3', 'app://print/4', 'app://fieldbook/']) {
      expect((await session.fetch(address)).status, address).toBe(404);
    }
    expect(session.blocked).toEqual(['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*']);
    expect(await session.requestPermission('geolocation', 'app://print/1')).toBe(false);
    expect((await electron.session.defaultSession.fetch('app://print/1')).status, 'the screens cannot reach it').toBe(400);
  });

  it.each<[string, (window: FakeWindow) => void]>([
    ['its page dies', ({ webContents }) => webContents.crash('oom')],
    ['the window is closed', (window) => window.close()],
  ])('fails, and leaves no window behind, when %s', async (_how, happen) => {
    const { electron, platform, screen } = await openElectronApp();
    electron.openPage = () => new Promise(() => {});
    const refused = expect(platform.printToPdf('<p>never</p>')).rejects.toThrow(/gone: oom|was closed/);
    await ticks();
    happen(printing(electron));
    await refused;
    expect(electron.openWindows).toEqual([screen]);
  });

  it('fails after twenty seconds when the page hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { electron, platform, screen } = await openElectronApp();
      electron.openPage = () => new Promise(() => {});
      const refused = expect(platform.printToPdf('<p>never</p>')).rejects.toThrow('not printed in time');
      await ticks();
      vi.advanceTimersByTime(19_999);
      await ticks();
      expect(electron.openWindows).toHaveLength(2);
      vi.advanceTimersByTime(1);
      await refused;
      expect(electron.openWindows).toEqual([screen]);
    } finally {
      vi.useRealTimers();
    }
  });
});
