import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../build/paths.mjs';

/** What must not pass: where, what is written there, and a part of what the refusal tells the person to do instead. */
const refused: [what: string, file: string, source: string, advice: string][] = [
  ['shared importing electron/', 'shared/a.ts', `export { x } from '../electron/domain/book.ts';`, 'Move what you need into shared/'],
  ['shared importing the renderer', 'shared/nouns/b.ts', `export { x } from '../../renderer/ui/x.ts';`, 'Move what you need into shared/'],
  [
    'shared using Node',
    'shared/lib/c.ts',
    `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;`,
    'Take clock, ids, files',
  ],
  [
    'shared using RxDB',
    'shared/lib/d.ts',
    `import { createRxDatabase } from 'rxdb';\nexport const x = createRxDatabase;`,
    'Take clock, ids, files',
  ],
  [
    'the domain using electron',
    'electron/domain/a.ts',
    `import { app } from 'electron';\nexport const x = app;`,
    'electron/domain/ports.ts',
  ],
  [
    'the domain using RxDB',
    'electron/domain/b.ts',
    `import { createRxDatabase } from 'rxdb';\nexport const x = createRxDatabase;`,
    'electron/database/ implements it',
  ],
  [
    'the domain using RxDB late',
    'electron/domain/c.ts',
    `export const x = () => import('rxdb/plugins/core');`,
    'electron/database/ implements it',
  ],
  [
    'the domain using Dexie',
    'electron/domain/d.ts',
    `import type { Dexie } from 'dexie';\nexport type X = Dexie;`,
    'electron/database/ implements it',
  ],
  ['the domain importing ipc', 'electron/domain/e.ts', `export { x } from '../ipc/backend.ts';`, 'main hands it in'],
  ['the domain importing the database', 'electron/domain/deep/f.ts', `export { x } from '../../database/journal.ts';`, 'main hands it in'],
  ['the domain importing sync', 'electron/domain/g.ts', `export { x } from '../sync/replication.ts';`, 'main hands it in'],
  ['the domain importing main', 'electron/domain/h.ts', `export { x } from '../main.ts';`, 'main hands it in'],
  ['the domain importing what opens a book', 'electron/domain/h2.ts', `export { x } from '../opening/open-book.ts';`, 'main hands it in'],
  [
    'the database importing what opens a book',
    'electron/database/h3.ts',
    `export { x } from '../opening/open-book.ts';`,
    'do not know each other',
  ],
  ['sync importing what opens a book', 'electron/sync/h4.ts', `export { x } from '../opening/open-book.ts';`, 'do not know each other'],
  [
    'the domain importing the platform',
    'electron/domain/i.ts',
    `export type { Platform } from '../platform/platform.ts';`,
    'main hands it in',
  ],
  [
    'the domain reading files',
    'electron/domain/j.ts',
    `import { readFile } from 'node:fs/promises';\nexport const x = readFile;`,
    'does no I/O',
  ],
  ['ipc importing the database', 'electron/ipc/a.ts', `export { x } from '../database/database.ts';`, 'Call a domain service'],
  ['ipc importing main', 'electron/ipc/b.ts', `export { x } from '../main.ts';`, 'Call a domain service'],
  [
    'ipc using RxDB',
    'electron/ipc/c.ts',
    `import { createRxDatabase } from 'rxdb';\nexport const x = createRxDatabase;`,
    'Handlers are thin',
  ],
  ['ipc using electron', 'electron/ipc/d.ts', `import { ipcMain } from 'electron';\nexport const x = ipcMain;`, 'Platform interface'],
  ['the database importing ipc', 'electron/database/a.ts', `export { x } from '../ipc/backend.ts';`, 'main connects it'],
  [
    'the database importing an adapter',
    'electron/database/b.ts',
    `export { x } from '../platform/browser/server.ts';`,
    'Use the Platform interface',
  ],
  ['the database using electron', 'electron/database/c.ts', `import { app } from 'electron';\nexport const x = app;`, 'Platform interface'],
  ['sync importing the database', 'electron/sync/a.ts', `export { x } from '../database/database.ts';`, 'main connects it'],
  ['sync using electron', 'electron/sync/b.ts', `import { net } from 'electron';\nexport const x = net;`, 'Platform interface'],
  ['main using electron', 'electron/main.ts', `import { app } from 'electron';\nexport const x = app;`, 'Platform interface'],
  ['main importing an adapter', 'electron/main.ts', `export { y } from './platform/browser/server.ts';`, "an adapter's own entry.ts"],
  ['a new room using electron', 'electron/formats/a.ts', `import { app } from 'electron';\nexport const x = app;`, 'Platform interface'],
  [
    'the platform interface using electron',
    'electron/platform/platform.ts',
    `import { app } from 'electron';\nexport const x = app;`,
    'Platform interface',
  ],
  [
    'the browser adapter using electron',
    'electron/platform/browser/a.ts',
    `import { app } from 'electron';\nexport const x = app;`,
    'Platform interface',
  ],
  [
    'an adapter importing the database',
    'electron/platform/electron/a.ts',
    `export { x } from '../../database/database.ts';`,
    'the Backend it is given',
  ],
  [
    'main code using contextBridge',
    'electron/platform/electron/b.ts',
    `import { contextBridge } from 'electron';\nexport const x = contextBridge;`,
    'Add a method to a contract',
  ],
  ['the preload importing the domain', 'electron/preload.ts', `export { x } from './domain/book.ts';`, 'one small file'],
  [
    'the preload using Node',
    'electron/preload.ts',
    `import { readFileSync } from 'node:fs';\nexport const y = readFileSync;`,
    'A sandboxed preload has no Node',
  ],
  ['the page bridge importing main', 'electron/platform/browser/page/a.ts', `export { x } from '../../../main.ts';`, 'only carries calls'],
  [
    'the renderer importing electron/',
    'renderer/app/a.ts',
    `export { x } from '../../electron/domain/book.ts';`,
    'through renderer/api only',
  ],
  [
    'the renderer using electron',
    'renderer/app/b.ts',
    `import { ipcRenderer } from 'electron';\nexport const x = ipcRenderer;`,
    'Add a method to a contract',
  ],
  [
    'the renderer using Node',
    'renderer/app/c.ts',
    `import { join } from 'node:path';\nexport const x = join;`,
    'Add a method to a contract',
  ],
  [
    'the renderer using RxDB',
    'renderer/app/d.ts',
    `import { createRxDatabase } from 'rxdb';\nexport const x = createRxDatabase;`,
    'Ask for data through renderer/api',
  ],
  [
    'a feature using window.crm',
    'renderer/features/clients/a.ts',
    `export const x = (window as unknown as { crm: number }).crm + window.crm;`,
    'Import the call from renderer/api',
  ],
  [
    'a feature using crm as a global',
    'renderer/features/clients/b.ts',
    `export const x = () => crm.clients.list();`,
    'Import the call from renderer/api',
  ],
  ['a feature inside another one', 'renderer/features/clients/c.ts', `export { x } from '../contacts/parts/x.ts';`, 'climbs a ladder'],
  [
    'an import ladder',
    'renderer/features/clients/parts/deep/d.ts',
    `export { x } from '../../../../../shared/lib/ids.ts';`,
    'climbs a ladder',
  ],
  [
    'a feature using the storage host',
    'renderer/features/clients/e.ts',
    `export { x } from '../../storage-host/storage-host.ts';`,
    'Only main talks to the storage host',
  ],
  ['ui knowing a feature', 'renderer/ui/a.ts', `export { x } from '../features/clients/x.ts';`, 'Take data and callbacks as props'],
  ['ui fetching', 'renderer/ui/b.ts', `export { x } from '../api/crm.ts';`, 'Take data and callbacks as props'],
  ['api knowing a feature', 'renderer/api/a.ts', `export { x } from '../features/clients/x.ts';`, 'is below the screens'],
  ['the storage host knowing a screen', 'renderer/storage-host/a.ts', `export { x } from '../api/crm.ts';`, "only serves RxDB's storage"],
  [
    'two files importing each other',
    'shared/lib/round.ts',
    `import { b } from './trip.ts';\nexport const a = () => b;`,
    'Refactor to remove the cycle',
  ],
  ['a promise nobody waits for', 'shared/lib/p.ts', `const f = async () => 1;\nexport const x = () => {\n  f();\n};`, '`void` operator'],
  [
    'a promise where none is expected',
    'shared/lib/q.ts',
    `export const x = (list: number[]) => list.forEach(async () => {});`,
    'no-misused-promises',
  ],
  ['any', 'shared/lib/r.ts', `export const x = (value: any) => value;`, 'no-explicit-any'],
  ['a skipped test', 'test/unit/a.test.ts', `import { it } from 'vitest';\nit.skip('waits', () => {});`, 'no-disabled-tests'],
  ['a test alone', 'test/unit/b.test.ts', `import { it } from 'vitest';\nit.only('pushes in', () => {});`, 'no-focused-tests'],
];

/** What must pass, or the rules above would only show that everything is refused. */
const allowed: [file: string, source: string][] = [
  ['shared/lib/trip.ts', `export const c = 1;`],
  ['shared/sync/ok.ts', `import { z } from 'zod';\nexport { c } from '../lib/trip.ts';\nexport const x = z;`],
  [
    'electron/domain/ok.ts',
    `import { randomUUID } from 'node:crypto';\nexport { x } from '../../shared/sync/ok.ts';\nexport const y = randomUUID;`,
  ],
  ['electron/ipc/ok.ts', `export { x } from '../domain/ok.ts';\nexport type { Backend } from '../platform/platform.ts';`],
  [
    'electron/database/ok.ts',
    `import { createRxDatabase } from 'rxdb';\nexport { y } from '../domain/ok.ts';\nexport const x = createRxDatabase;`,
  ],
  [
    'electron/platform/electron/ok.ts',
    `import type * as E from 'electron';\nimport { app } from 'electron';\nexport type X = typeof E;\nexport const x = app;`,
  ],
  ['electron/platform/browser/entry.ts', `export { x } from '../../main.ts';`],
  ['renderer/api/ok.ts', `export const x = () => window.crm;`],
  ['renderer/ui/ok.ts', `export { x } from '../../shared/sync/ok.ts';`],
  ['renderer/storage-host/ok.ts', `export { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';`],
  [
    'renderer/features/clients/ok.ts',
    `export { x } from '../../api/ok.ts';\nexport { c } from '../../../shared/lib/trip.ts';\nexport { y } from '../contacts/x.ts';`,
  ],
];

interface Diagnostic {
  message: string;
  help?: string;
  code: string;
  severity: string;
  filename: string;
}

describe('the lint rules', () => {
  let house: string;
  let diagnostics: Diagnostic[];

  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'fieldbook-lint-'));
    cpSync(join(root, '.oxlintrc.json'), join(house, '.oxlintrc.json'));
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
    writeFileSync(
      join(house, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: 'esnext',
          moduleResolution: 'bundler',
          allowImportingTsExtensions: true,
          noEmit: true,
          lib: ['es2024', 'dom'],
        },
      }),
    );
    const written = new Map<string, string>();
    for (const [file, source] of allowed) written.set(file, source);
    for (const [, file, source] of refused) written.set(file, `${written.get(file) ?? ''}\n${source}\n`);
    written.set('shared/lib/trip.ts', `import { a } from './round.ts';\nexport const c = 1;\nexport const b = () => a;`);
    for (const [file, source] of written) {
      mkdirSync(dirname(join(house, file)), { recursive: true });
      writeFileSync(join(house, file), source);
    }
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json'], {
      cwd: house,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(1);
    diagnostics = (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
  });

  afterAll(() => rmSync(house, { recursive: true, force: true }));

  const about = (file: string) => diagnostics.filter((diagnostic) => diagnostic.filename.replaceAll('\\', '/') === file);

  it.each(refused)('refuse %s and say what to do instead', (_what, file, _source, advice) => {
    const found = about(file);
    expect(found.map(({ severity }) => severity)).toContain('error');
    expect(found.map(({ code, message, help }) => `${code}: ${message} ${help ?? ''}`).join('\n')).toContain(advice);
  });

  it.each(allowed.filter(([file]) => file !== 'shared/lib/trip.ts'))('let %s be as it is', (file) => {
    expect(about(file)).toEqual([]);
  });
});
