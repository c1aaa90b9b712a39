import { securityHeaders } from '../browser/headers.ts';
import type { ElectronSlice } from './electron-slice.ts';
import { guardSession, LOCKED } from './guards.ts';

const PRINT_LIMIT_MS = 20_000;
/** In memory: only names that begin with "persist:" are kept. */
const partition = 'print';
/** The page brings its styles along; nothing in it may run or be fetched. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Prints pages in a hidden window of their own: no preload, no scripts, a session that is kept nowhere and in which nothing
 * but the page itself can be had. The page is served, not put into a `data:` address, which Chromium cuts off at 2 MB.
 * Made once, after `ready`. Rejects when a page could not be printed; its window is gone in any case.
 */
export function createPrinter(electron: Pick<ElectronSlice, 'BrowserWindow' | 'session'>): (html: string) => Promise<Uint8Array> {
  const pages = new Map<string, string>();
  const session = electron.session.fromPartition(partition);
  guardSession(session);
  session.protocol.handle('app', async ({ url }) => {
    const html = pages.get(url);
    return html === undefined
      ? new Response(null, { status: 404 })
      : new Response(html, {
          headers: { ...securityHeaders, 'Content-Security-Policy': policy, 'Content-Type': 'text/html; charset=utf-8' },
        });
  });
  let number = 0;

  return async (html) => {
    number += 1;
    const address = `app://print/${number}`;
    pages.set(address, html);
    const window = new electron.BrowserWindow({
      show: false,
      skipTaskbar: true,
      title: 'Fieldbook print',
      webPreferences: { ...LOCKED, javascript: false, partition, devTools: false },
    });
    const { webContents } = window;
    let limit: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      webContents.on('render-process-gone', (_event, { reason }) => reject(new Error(`The page that was printed is gone: ${reason}`)));
      window.on('closed', () => reject(new Error('The window was closed before its page was printed')));
      limit = setTimeout(() => reject(new Error('The page was not printed in time')), PRINT_LIMIT_MS);
    });
    const printing = window.loadURL(address).then(() => webContents.printToPDF({ preferCSSPageSize: true, printBackground: true }));
    // One of the two is always late; nobody listens to it any more.
    printing.catch(() => {});
    lost.catch(() => {});
    try {
      return await Promise.race([printing, lost]);
    } finally {
      clearTimeout(limit);
      pages.delete(address);
      window.destroy();
    }
  };
}
