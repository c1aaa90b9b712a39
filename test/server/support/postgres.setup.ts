import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../../build/postgres.mjs';
import { dataKey } from './data-key.ts';
import { databaseOf } from './database-of.ts';
import { CLUSTER } from './empty-cluster.ts';
import { openEngine } from '../../../server/store/engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { owned: string[]; superuser: string };
    /** A folder of the embedded database with its tables made: a copy is there at once, making one takes seconds. */
    pglite: string;
  }
}

const DATABASES = Math.max(...Object.values(databaseOf)) + 1;

/** One PostgreSQL and one embedded database for all files of the suite; each takes a database of its own. */
export default async function setup({ provide }: TestProject) {
  const cluster = mkdtempSync(join(tmpdir(), 'fieldbook-server-cluster-'));
  await (await PGlite.create({ dataDir: cluster })).close();
  process.env[CLUSTER] = cluster;
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-server-template-'));
  const embedded = await openEngine({ folder, databaseUrl: null, dataKey });
  await embedded.close();
  provide('pglite', folder);
  const postgres = await startPostgres();
  const owned: string[] = [];
  for (let at = 0; at < DATABASES; at += 1) owned.push(await postgres.database(`fieldbook_${at}`));
  provide('postgres', { owned, superuser: await postgres.database('fieldbook_super', { isSuper: true }) });
  return async () => {
    for (const made of [cluster, folder]) rmSync(made, { recursive: true, force: true });
    await postgres.stop();
  };
}
