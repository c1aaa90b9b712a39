import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { node24, root } from '../../build/paths.mjs';

export interface RunningServer {
  url: string;
  organisation: string;
  pid: number;
  /** From the process being asked for to the line that says it is ready. Milliseconds. */
  startedIn: number;
  stop(): Promise<void>;
}

/** The server as a process of its own, as a person starts it. */
export function startServer(args: readonly string[], env: Readonly<Record<string, string>>): Promise<RunningServer> {
  const begun = performance.now();
  const child: ChildProcess = spawn(node24, [join(root, 'server/main.ts'), '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let out = '';
  let said = '';
  child.stderr?.on('data', (bytes) => (said = (said + String(bytes)).slice(-4000)));
  return new Promise((done, failed) => {
    child.once('close', (code) => failed(new Error(`The server ended with ${code}: ${said}`)));
    child.stdout?.on('data', (bytes) => {
      out += String(bytes);
      if (!out.endsWith('\n')) return;
      const { url, organisation } = JSON.parse(out) as { url: string; organisation: string };
      const stop = async () => {
        child.kill('SIGTERM');
        await ended;
      };
      done({ url, organisation, pid: child.pid as number, startedIn: performance.now() - begun, stop });
    });
  });
}
