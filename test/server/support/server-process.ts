import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach } from 'vitest';
import { cacheFolder, node24, root } from '../../../build/paths.mjs';
import { password } from './test-server.ts';

/** The server as operators run it: processes, their output, their exit codes. */

export const firstStart = { FIELDBOOK_ORG: 'North Depot', FIELDBOOK_ADMIN_EMAIL: 'ada@example.com', FIELDBOOK_ADMIN_PASSWORD: password };

export interface Running {
  child: ChildProcess;
  /** What stood in the ready line; null where the process ended without one. */
  ready: { ready: true; url: string; organisation: string } | null;
  url: string;
  /** Everything on stderr so far. */
  said(): string;
  out(): string;
  /** Sends a signal and waits for the end; answers the exit code, null after a kill. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  ended: Promise<number | null>;
}

/** Put in front of every process: see there. */
const emptyCluster = pathToFileURL(join(import.meta.dirname, 'empty-cluster.ts')).href;
/** Where Node keeps what it made of the sources: a third of what a start costs. */
const compileCache = join(cacheFolder, 'compiled');

const running: Running[] = [];
const folders: string[] = [];

/** After each test: ends what it left running and takes its folders away. Called once by a file. */
export function tidyUp(): void {
  afterEach(async () => {
    for (const one of running.splice(0)) await one.end('SIGKILL');
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }, 120_000);
}

export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-server-'));
  folders.push(folder);
  return folder;
}

/** A folder that several tests of a group use, and what to fill it with: another folder as it is. */
export function keptFolder(): { folder: string; keep(from: string): void } {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-server-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);
  return { folder, keep: (from) => cpSync(from, folder, { recursive: true }) };
}

/** Starts any command of the server and does not wait. */
export function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const { DATABASE_URL: _url, INIT_CWD: _cwd, ...inherited } = process.env;
  const child = spawn(node24, ['--import', emptyCluster, join(root, 'server/main.ts'), ...args], {
    env: { ...inherited, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, out] = ['', ''];
  child.stderr.on('data', (bytes) => (said += String(bytes)));
  child.stdout.on('data', (bytes) => (out += String(bytes)));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const one: Running = {
    child,
    ready: null,
    url: '',
    said: () => said,
    out: () => out,
    ended,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
  running.push(one);
  return one;
}

/** Starts a server and waits until it is ready, or has ended. */
export async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const one = run(['--port', '0', ...args], env);
  await Promise.race([one.ended, new Promise((done) => one.child.stdout?.on('data', () => one.out().endsWith('\n') && done(null)))]);
  if (one.out() !== '') one.ready = JSON.parse(one.out()) as Running['ready'];
  one.url = one.ready?.url ?? '';
  return one;
}

/** Runs a command to its end. */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; out: string; said: string }> {
  const one = run(args, env);
  const code = await one.ended;
  return { code, out: one.out(), said: one.said() };
}

export async function call(url: string, method: string, path: string, token: string | null, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

export const tokenFor = async (url: string, email = firstStart.FIELDBOOK_ADMIN_EMAIL, of = password) =>
  String((await call(url, 'POST', '/auth/token', null, { email, password: of })).json()['accessToken']);
