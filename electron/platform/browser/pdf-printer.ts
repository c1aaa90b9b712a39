import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { openDevtoolsPipe } from './devtools-pipe.ts';

const PRINT_LIMIT_MS = 20_000;

/**
 * Prints one page in a browser of its own: without a window, with an empty profile that is thrown away, and without a
 * network. It knows nothing of the book but the page it is given, and never meets the window's profile.
 */
export async function printInBrowser(program: string, html: string): Promise<Uint8Array> {
  const profile = await mkdtemp(path.join(tmpdir(), 'fieldbook-print-'));
  const child = spawn(program, commandLine(profile), { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], windowsHide: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PRINT_LIMIT_MS);
  try {
    const devtools = openDevtoolsPipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
    const { targetId } = await devtools.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: true });
    const send = (method: string, params?: Record<string, unknown>) => devtools.send(method, params, String(sessionId));
    // What people typed is text in the page; if a mistake of ours ever made more of it, it still could not run.
    await send('Emulation.setScriptExecutionDisabled', { value: true });
    const { frameTree } = await send('Page.getFrameTree');
    await send('Page.setDocumentContent', { frameId: (frameTree as { frame: { id: string } }).frame.id, html });
    const { data } = await send('Page.printToPDF', { preferCSSPageSize: true, printBackground: true });
    await devtools.send('Browser.close').catch(() => {});
    return Buffer.from(String(data), 'base64');
  } finally {
    clearTimeout(timer);
    // After Browser.close it goes by itself; after an error it is told to.
    const limit = setTimeout(() => child.kill('SIGKILL'), 1000);
    await ended;
    clearTimeout(limit);
    await rm(profile, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

function commandLine(profile: string): string[] {
  return [
    '--headless',
    `--user-data-dir=${profile}`,
    '--remote-debugging-pipe',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--no-proxy-server',
    '--disable-gpu',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-sync',
    '--disable-breakpad',
    '--password-store=basic',
    '--use-mock-keychain',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}
