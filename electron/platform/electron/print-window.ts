import type { ElectronSlice } from './electron-slice.ts';
import { LOCKED } from './guards.ts';

/** Prints one page in a hidden window of its own: no preload, no scripts, a session that is kept nowhere. */
export async function printInWindow(electron: Pick<ElectronSlice, 'BrowserWindow'>, html: string): Promise<Uint8Array> {
  const window = new electron.BrowserWindow({
    show: false,
    skipTaskbar: true,
    title: 'Fieldbook print',
    webPreferences: { ...LOCKED, javascript: false, partition: 'print', devTools: false },
  });
  try {
    await window.loadURL(`data:text/html;charset=utf-8;base64,${Buffer.from(html, 'utf8').toString('base64')}`);
    return await window.webContents.printToPDF({ preferCSSPageSize: true, printBackground: true });
  } finally {
    window.destroy();
  }
}
