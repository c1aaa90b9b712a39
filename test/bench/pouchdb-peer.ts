import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, node24 } from '../../build/paths.mjs';

/** The peer of the server's figures, where the distribution has no PostgREST: CouchDB's protocol on LevelDB. */
const version = '4.2.0';

export interface Peer {
  base: string;
  name: string;
  pid: number;
  /** Bytes. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Installed beside the project, on first use: nothing of ours is made of it. */
async function installed(): Promise<string> {
  const folder = join(cacheFolder, 'bench', 'pouchdb-server');
  const program = join(folder, 'node_modules', 'pouchdb-server', 'bin', 'pouchdb-server');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { 'pouchdb-server': version } }));
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder });
  return program;
}

export async function startPouchdb(data: string, port: number): Promise<Peer> {
  const program = await installed();
  mkdirSync(data, { recursive: true });
  const child = spawn(node24, [program, '--port', String(port), '--dir', data, '--no-stdout-logs', '--config', join(data, 'config.json')], {
    cwd: data,
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.once('close', done));
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (
      await fetch(base).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (child.exitCode !== null || tries > 300) throw new Error('pouchdb-server did not start');
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    base,
    name: `pouchdb-server ${version}`,
    pid: child.pid as number,
    memory: () => memoryOf(child.pid as number),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Resident bytes of a process. */
export async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}
