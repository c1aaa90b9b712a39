import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_MS = 30_000;

/**
 * A PostgreSQL of one's own for tests: a throw-away cluster in a temporary folder on loopback, stopped by its pid.
 * `database` makes an empty one that an ordinary role owns, as a real server would be given it. `isDurable` waits for the
 * disk as a real one does: for measurements.
 */
export async function startPostgres({ isDurable = false } = {}) {
  const bin = findPostgres() ?? (await installPostgres());
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-postgres-'));
  const password = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'password'), password);
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? await ordinaryUser() : {};
  if (user.uid !== undefined) for (const path of [folder, join(folder, 'password')]) chownSync(path, user.uid, user.gid);
  const data = join(folder, 'data');
  await run(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'fieldbook_super',
      '--auth=scram-sha-256',
      `--pwfile=${join(folder, 'password')}`,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    {
      ...user,
      cwd: folder,
    },
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`, 'max_connections=200'];
  // What is thrown away need not survive a power cut.
  if (!isDurable) settings.push('fsync=off');
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)));
  const ended = new Promise((done) => server.once('close', done));
  const stop = async () => {
    // "Fast": ends what is running and closes in good order.
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', () => server.kill('SIGKILL'));
  const asSuper = (database) => `postgres://fieldbook_super:${password}@127.0.0.1:${port}/${database}`;
  const sql = (statement) => run(join(bin, 'psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', asSuper('postgres'), '-c', statement]);
  try {
    await waitUntilReady(sql, ended, () => said);
    await sql(`create role fieldbook_owner login createrole password '${password}'`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: server.pid,
    /**
     * The address of a new, empty database; `isSuper` opens it as a superuser, whom row-level security does not hold,
     * `isLocal` through the socket, as on one machine one does.
     */
    async database(name, { isSuper = false, isLocal = false } = {}) {
      await sql(`create database ${name} owner fieldbook_owner`);
      const socket = isLocal ? `?host=${encodeURIComponent(folder)}` : '';
      return isSuper ? asSuper(name) : `postgres://fieldbook_owner:${password}@127.0.0.1:${port}/${name}${socket}`;
    },
    stop,
  };
}

/** The folder with initdb and postgres in it; null where there is none. */
export function findPostgres() {
  const packaged = '/usr/lib/postgresql';
  const versions = existsSync(packaged) ? readdirSync(packaged).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(packaged, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find((folder) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name)))) ?? null;
}

export const howToGetPostgres =
  'The server is tested on a real PostgreSQL too, and there is none here. Install it (Debian, Ubuntu: apt install postgresql) and run the tests again.';

async function installPostgres() {
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Installing PostgreSQL for the tests …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env }).catch(() => {});
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'postgresql'], { env, maxBuffer: 64 * 1024 * 1024 }).catch(
      () => {},
    );
  }
  const found = findPostgres();
  if (found === null) throw new Error(howToGetPostgres);
  return found;
}

async function ordinaryUser() {
  for (const name of ['postgres', 'nobody']) {
    const id = (flag) => run('id', [flag, name]).then(({ stdout }) => Number(stdout));
    try {
      return { uid: await id('-u'), gid: await id('-g') };
    } catch {
      // The next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no other user here to run it as.');
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function waitUntilReady(sql, ended, said) {
  let isGone = false;
  void ended.then(() => (isGone = true));
  const until = Date.now() + START_MS;
  for (;;) {
    const error = await sql('select 1').then(
      () => null,
      (reason) => reason,
    );
    if (error === null) return;
    if (isGone || Date.now() > until) throw new Error(`PostgreSQL did not start.\n${said()}`, { cause: error });
    await new Promise((done) => setTimeout(done, 100));
  }
}
