import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const READY_LIMIT_MS = 30_000;

export interface StartInput {
  /** Data folder; without one a fresh folder is made, and removed when Fieldbook was stopped. */
  data?: string;
  /** Command line; `--no-open --port 0` when none is given. */
  args?: readonly string[];
  env?: Record<string, string>;
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

export interface RunningFieldbook {
  /** What the ready line names: an address with its one-use key, or "window". */
  url: string;
  port: number;
  /** Where pages live: `http://fieldbook.localhost:<port>`. */
  origin: string;
  pid: number;
  data: string;
  exited: Promise<Exit>;
  /** All it wrote to the terminal so far. */
  output(): { stdout: string; stderr: string };
  /** Swaps the key of the address for the cookie, once for all callers: pages that carry it are let in. */
  cookie(): Promise<{ name: string; value: string; url: string }>;
  /** SIGTERM, and waits: the way the person's system closes it. */
  stop(): Promise<Exit>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<Exit>;
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'fieldbook-'));
}

/** Runs the built browser adapter in the Node it is made for. Rejects with what it said when it ends before it is ready. */
export async function startFieldbook(input: StartInput = {}): Promise<RunningFieldbook> {
  const data = input.data ?? temporaryFolder();
  const child = runFieldbook({ ...input, data });
  const url = await readyLine(child);
  const port = Number(URL.parse(url)?.port) || 0;
  const origin = `http://fieldbook.localhost:${port}`;
  let cookie: Promise<{ name: string; value: string; url: string }> | null = null;

  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.process.kill(signal);
    const exit = await child.exited;
    if (input.data === undefined) rmSync(data, { recursive: true, force: true, maxRetries: 10 });
    return exit;
  };
  return {
    url,
    port,
    origin,
    pid: child.process.pid ?? 0,
    data,
    exited: child.exited,
    output: child.output,
    cookie: () => {
      cookie ??= redeem(url, origin);
      return cookie;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

export interface FieldbookProcess {
  process: ChildProcess;
  exited: Promise<Exit>;
  output(): { stdout: string; stderr: string };
}

/** A test that fails leaves its Fieldbook running; it goes with the test's process. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts it and does not wait: for starts that are meant to fail. */
export function runFieldbook(input: StartInput & { data: string }): FieldbookProcess {
  const node = path.join(root, 'node_modules/node/bin/node');
  const args = [path.join(root, 'dist/browser/main.js'), '--data', input.data, ...(input.args ?? ['--no-open', '--port', '0'])];
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...input.env } });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = new Promise<Exit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  return { process: child, exited, output: () => output };
}

function readyLine(child: FieldbookProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Fieldbook was not ready in time: ${child.output().stderr}`)), READY_LIMIT_MS);
    const look = () => {
      const line = /^Fieldbook is ready: (.+)$/m.exec(child.output().stdout)?.[1];
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    };
    child.process.stdout?.on('data', look);
    void child.exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`Fieldbook ended (${code ?? signal}) before it was ready: ${child.output().stderr}`));
    });
  });
}

async function redeem(url: string, origin: string): Promise<{ name: string; value: string; url: string }> {
  const { headers } = await ask(url);
  const [, name, value] = /^([^=]+)=([^;]+)/.exec(String(headers['set-cookie'])) ?? [];
  if (name === undefined || value === undefined) throw new Error('The address with the key gave no cookie.');
  return { name, value, url: origin };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/**
 * One plain HTTP request over the loopback port. `target` goes out as it is written, which URL and fetch would not do;
 * names under localhost are not looked up.
 */
export function ask(
  url: string,
  options: { target?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method: options.method ?? 'GET',
        path: options.target ?? `${pathname}${search}`,
        headers: { host, ...options.headers },
        setHost: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}
