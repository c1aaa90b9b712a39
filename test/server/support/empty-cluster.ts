import { cpSync, existsSync, readdirSync } from 'node:fs';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';

/**
 * Making an empty embedded database is ten seconds of processor time, every time the same ones. One is made for the whole
 * suite (postgres.setup.ts), and whoever makes another gets a copy of it: in the test files themselves, and in the
 * processes they start (server-process.ts). What is about the making of it takes `madeForReal`.
 */
export const CLUSTER = 'FIELDBOOK_TEST_CLUSTER';

/** For the environment of a process that is to make its database itself. */
export const madeForReal = { [CLUSTER]: '' };

const create = PGlite.create.bind(PGlite) as (options: PGliteOptions) => Promise<PGlite>;

PGlite.create = (async (options: PGliteOptions) => {
  const template = process.env[CLUSTER] ?? '';
  const { dataDir } = options;
  const isNew = dataDir !== undefined && (!existsSync(dataDir) || readdirSync(dataDir).length === 0);
  if (template !== '' && isNew) cpSync(template, dataDir, { recursive: true });
  return create(options);
}) as typeof PGlite.create;
