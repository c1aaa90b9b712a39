import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { node24, root } from '../../build/paths.mjs';

/**
 * The recipe of docs/remotes.md for a system more, in a copy of the sources: two files and a line in each of two registries, a
 * stand-in and an entry for the tests. It passes the kit and is connected, rehearsed and synced as the program does it.
 */
const fixtures = join(root, 'test/fixtures/sixth-system');
const fixture = (name: string) => readFileSync(join(fixtures, `${name}.txt`), 'utf8');

/** What the product gains. */
const product: Readonly<Record<string, (known: string) => string>> = {
  'shared/dialects/harborview.ts': () => fixture('harborview.ts'),
  'shared/dialects/harborview.manifest.ts': () => fixture('harborview.manifest.ts'),
  'shared/dialects/foreign-systems.ts': (known) =>
    known.replace('  bottlecrm: {', "  harborview: { label: 'Harborview', ways: ['token'], organisation: 'no' },\n  bottlecrm: {"),
  'shared/dialects/manifests.ts': (known) =>
    known
      .replace('import type { Manifest }', "import { harborviewManifest } from './harborview.manifest.ts';\nimport type { Manifest }")
      .replace('  bottlecrm: bottlecrmManifest,', '  bottlecrm: bottlecrmManifest,\n  harborview: harborviewManifest,'),
};

const entry = `  {
    name: 'harborview',
    manifest: harborviewManifest,
    organisation: null,
    signIn: token,
    standIn: () => harborviewStandIn(),
    kind: 'clients',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'telephone', path: 'phone', values: texts },
    idOf: (row) => String(row['id']),
    isCreate: ({ method }) => method === 'POST',
    isChange: ({ method }) => method === 'PATCH',
    namesAreUnique: false,
    canDelete: true,
    pageSize: 3,
    longest: 300,
  },
`;

/** What the tests gain. */
const tests: Readonly<Record<string, (known: string) => string>> = {
  'test/remotes/support/harborview.stand-in.ts': () => fixture('harborview.stand-in.ts'),
  'test/remotes/support/systems.ts': (known) =>
    known
      .replace(
        'import { summitStandIn }',
        "import { harborviewManifest } from '../../../shared/dialects/harborview.manifest.ts';\nimport { harborviewStandIn } from './harborview.stand-in.ts';\nimport { summitStandIn }",
      )
      .replace("  ofBottle('bottlecrm'),", `${entry}  ofBottle('bottlecrm'),`),
};

function copyOfSources(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fieldbook-sixth-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ['build', 'electron', 'remotes', 'server', 'shared', 'renderer', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return folder;
}

/** Of all files under a folder, so that a change of any of them is seen. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted())
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

function run(folder: string, words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(node24, [...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  return new Promise((done) => child.once('close', (code) => done({ code, said })));
}

const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '').length;

it('takes a system more in fewer than 300 lines and without a change of the engine', { timeout: 600_000 }, async () => {
  const folder = copyOfSources();
  const engine = () => ['electron', 'remotes'].map((room) => digestOf(join(folder, room)));
  const before = engine();
  let lines = 0;
  for (const [files, isProduct] of [
    [product, true],
    [tests, false],
  ] as const)
    for (const [path, turn] of Object.entries(files)) {
      const known = readdirSync(join(folder, path, '..')).includes(path.split('/').at(-1) as string)
        ? readFileSync(join(folder, path), 'utf8')
        : '';
      const next = turn(known);
      expect(next, `${path} is changed`).not.toBe(known);
      writeFileSync(join(folder, path), next);
      if (isProduct) lines += linesOf(next) - linesOf(known);
    }
  expect(engine()).toEqual(before);
  expect(lines).toBeLessThanOrEqual(300);

  const types = await run(folder, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'shared']);
  expect(types, types.said).toMatchObject({ code: 0 });
  const kit = await run(folder, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'build/vitest.config.ts',
    '--project=remotes',
    '--testNamePattern=harborview',
    'test/remotes/contract-kit.test.ts',
    'test/remotes/over-http.test.ts',
    'test/remotes/connected.test.ts',
  ]);
  expect(kit, kit.said.slice(-4000)).toMatchObject({ code: 0 });
  const [, passed = '0'] = /Tests\s+(\d+) passed/.exec(kit.said) ?? [];
  process.stdout.write(`a sixth system: ${lines} lines, ${passed} tests\n`);
  expect(Number(passed)).toBeGreaterThanOrEqual(60);
});

it('has BottleCRM as it is deployed, two editions, in fewer than 300 lines', () => {
  expect(linesOf(readFileSync(join(root, 'shared/dialects/bottlecrm-editions.ts'), 'utf8'))).toBeLessThanOrEqual(300);
});
