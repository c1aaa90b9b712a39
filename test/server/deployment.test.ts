import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serverPackages } from '../../build/container/keep-server-packages.mjs';
import { node24, root } from '../../build/paths.mjs';
import { firstStart, freshFolder, tidyUp } from './support/server-process.ts';

tidyUp();

interface Instruction {
  word: string;
  rest: string;
}

/** Instructions of a container file by stage; lines that go on in the next one are joined. */
function stagesOf(text: string): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (word === undefined || rest === undefined) continue;
    if (word === 'FROM') stages.push([]);
    stages.at(-1)?.push({ word, rest });
  }
  return stages;
}

const container = readFileSync(join(root, 'build/container/Containerfile'), 'utf8');
const [packages = [], image = []] = stagesOf(container);
const only = (stage: Instruction[], word: string) => stage.filter((one) => one.word === word).map(({ rest }) => rest);
const variables = Object.fromEntries(
  only(image, 'ENV').flatMap((rest) =>
    rest.split(' ').map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
  ),
);

/** What a COPY takes, from one folder to another; `/app` and `./` are the folder itself. */
function copy(from: string, to: string, rest: string): void {
  const words = rest.split(' ').filter((word) => !word.startsWith('--'));
  const target = words.pop() ?? '';
  for (const word of words) {
    const source = join(from, word.replace(/^\/app\//, ''));
    const isFolder = statSync(source).isDirectory();
    cpSync(source, isFolder ? join(to, target) : join(to, target.endsWith('/') ? target : dirname(target), word.split('/').at(-1) ?? ''), {
      recursive: true,
    });
  }
}

/** What `npm ci --omit=dev` makes, in short: the server's packages as they are here, every other one as an empty folder. */
function installProduction(to: string): void {
  const { packages: locked } = JSON.parse(readFileSync(join(to, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const ofServer = serverPackages(root);
  for (const [place, { dev }] of Object.entries(locked)) {
    if (place === '' || dev === true || !existsSync(join(root, place))) continue;
    if (!ofServer.includes(place)) mkdirSync(join(to, place), { recursive: true });
    else
      cpSync(join(root, place), join(to, place), {
        recursive: true,
        filter: (path) => !path.slice(join(root, place).length).includes('/node_modules'),
      });
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

describe('The container file', () => {
  it('makes an image from files that are there, without root, without secrets, with a health check', () => {
    for (const rest of only(packages, 'COPY'))
      for (const word of rest.split(' ').slice(0, -1)) expect(existsSync(join(root, word))).toBe(true);
    expect(only(image, 'USER')).toEqual(['10001:10001']);
    expect(only(image, 'VOLUME')).toEqual([variables['FIELDBOOK_DATA']]);
    expect(only(image, 'ENTRYPOINT')).toEqual(['["node", "server/main.ts"]']);
    expect([...only(packages, 'ENV'), ...only(packages, 'ARG'), ...only(image, 'ARG')]).toEqual([]);
    expect(Object.keys(variables).toSorted()).toEqual(['FIELDBOOK_DATA', 'FIELDBOOK_HOST', 'NODE_ENV']);
    // A builder is sent nothing else, so nothing else can end up in a layer.
    const sent = readFileSync(join(root, 'build/container/Containerfile.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    expect(sent[0]).toBe('*');
    for (const rest of only(packages, 'COPY'))
      for (const word of rest.split(' ').slice(0, -1))
        expect(sent.some((line) => line.startsWith('!') && word.startsWith(line.slice(1)))).toBe(true);
  });

  it('leaves a server that starts, answers and stops, from what it copies alone, in folders that nobody may write to', async () => {
    // A builder's own: a server that was opened in this process (the suite's template) keeps what is written from everybody else.
    process.umask(0o022);
    const building = freshFolder();
    for (const { word, rest } of packages) {
      if (word === 'COPY') copy(root, building, rest);
      else if (rest.startsWith('npm ci --omit=dev')) installProduction(building);
      else if (word === 'RUN') execFileSync(node24, rest.split(' ').slice(1), { cwd: building });
    }
    const app = freshFolder();
    for (const rest of only(image, 'COPY')) copy(building, app, rest);
    expect(readdirSync(app).toSorted()).toEqual(['node_modules', 'package.json', 'remotes', 'server', 'shared']);
    // Nothing of the app's screens or of its database.
    expect(
      ['react', 'rxdb', '@mantine', '@tabler', 'electron', 'typescript'].filter((name) => existsSync(join(app, 'node_modules', name))),
    ).toEqual([]);

    const data = freshFolder();
    const port = String(await freePort());
    const env = {
      PATH: '/usr/bin:/bin',
      ...variables,
      ...firstStart,
      FIELDBOOK_HOST: '127.0.0.1',
      FIELDBOOK_DATA: data,
      FIELDBOOK_PORT: port,
    };
    const stranger = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {};
    const node = join(freshFolder(), 'node');
    copyFileSync(node24, node);
    for (const folder of [app, dirname(node)]) chmodSync(folder, 0o755);
    if (stranger.uid !== undefined) chownSync(data, stranger.uid, stranger.gid);
    const [, ...entry] = JSON.parse(String(only(image, 'ENTRYPOINT')[0])) as string[];
    const server = spawn(node, entry, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'], ...stranger });
    let said = '';
    server.stderr.on('data', (bytes) => (said += String(bytes)));
    const ended = new Promise<number | null>((done) => server.once('close', done));
    try {
      const ready = await Promise.race([
        ended.then(() => said),
        new Promise<string>((done) => server.stdout.once('data', (bytes) => done(String(bytes)))),
      ]);
      expect(ready.startsWith('{') ? JSON.parse(ready) : ready).toMatchObject({ ready: true, url: `http://127.0.0.1:${port}` });
      const [, check] = /CMD (\[.*\])$/.exec(String(only(image, 'HEALTHCHECK')[0])) ?? [];
      const healthy = (with_: object) => {
        const words = JSON.parse(String(check)) as string[];
        try {
          execFileSync(node, words.slice(1), { env: { ...env, ...with_ }, stdio: 'ignore' });
          return true;
        } catch {
          return false;
        }
      };
      expect([healthy({}), healthy({ FIELDBOOK_PORT: '1' })]).toEqual([true, false]);
      const listed = execFileSync(node, [...entry, 'user', 'list'], { cwd: app, env, encoding: 'utf8', ...stranger });
      expect(listed).toContain('ada@example.com');
      server.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(said).toBe('');
    } finally {
      server.kill('SIGKILL');
    }
  });

  it('keeps only packages that are there without development', () => {
    const places = serverPackages(root);
    expect(places).toContain('node_modules/fastify');
    expect(places.filter((place) => /\/(react|rxdb|vitest|electron)$/.test(place))).toEqual([]);
  });
});

describe('The service unit', () => {
  const unit = readFileSync(join(root, 'build/systemd/fieldbook-server.service'), 'utf8');

  it('is not root, writes to its own folder only, reads its secrets from a file, and gives the server time to stop', () => {
    for (const line of [
      'User=fieldbook',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'StateDirectory=fieldbook',
      'EnvironmentFile=/etc/fieldbook/server.env',
      'TimeoutStopSec=15',
    ])
      expect(unit.split('\n')).toContain(line);
    expect(unit).not.toMatch(/PASSWORD|DATABASE_URL|KEY/);
    expect(existsSync(join(root, String(/^ExecStart=\S+ (\S+)$/m.exec(unit)?.[1])))).toBe(true);
  });

  // What systemd itself says, where it is there.
  const analyze = '/usr/bin/systemd-analyze';
  it.runIf(existsSync(analyze))('is understood by systemd, which finds little to protect better', () => {
    const folder = freshFolder();
    const file = join(folder, 'fieldbook-server.service');
    // Whether this machine has a Node of its own does not matter.
    writeFileSync(file, unit.replace('/usr/bin/node', node24));
    expect(execFileSync(analyze, ['verify', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
    execFileSync(analyze, ['security', '--offline=yes', '--threshold=20', '--no-pager', file], { stdio: 'ignore' });
  });
});
