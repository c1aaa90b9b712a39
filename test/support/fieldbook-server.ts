import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const READY_LIMIT_MS = 240_000;

export const serverPerson = { email: 'ada@example.com', password: 'a long enough password' };

export interface RunningServer {
  url: string;
  port: number;
  data: string;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  /** Kills it where it runs, and takes its folder away. */
  remove(): Promise<void>;
}

/** The real server as a process of its own, for tests of the screens; the same folder and port again make it come back. */
export async function startServer(again: { data?: string; port?: number } = {}): Promise<RunningServer> {
  const data = again.data ?? mkdtempSync(path.join(tmpdir(), 'fieldbook-server-'));
  const { DATABASE_URL: _url, INIT_CWD: _cwd, ...inherited } = process.env;
  const child = spawn(
    path.join(root, 'node_modules/node/bin/node'),
    [path.join(root, 'server/main.ts'), '--port', String(again.port ?? 0), '--data', data],
    {
      env: {
        ...inherited,
        FIELDBOOK_ORG: 'North Depot',
        FIELDBOOK_ADMIN_EMAIL: serverPerson.email,
        FIELDBOOK_ADMIN_PASSWORD: serverPerson.password,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const onExit = () => void child.kill('SIGKILL');
  process.once('exit', onExit);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server was not ready in time: ${said}`)), READY_LIMIT_MS);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (!out.endsWith('\n')) return;
      clearTimeout(timer);
      resolve((JSON.parse(out) as { url: string }).url);
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error(`The server ended before it was ready: ${said}`));
    });
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
    process.off('exit', onExit);
  };
  return {
    url,
    port: Number(new URL(url).port),
    data,
    kill,
    async remove() {
      await kill();
      rmSync(data, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
