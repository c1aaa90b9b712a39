import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Refused } from '../refused.ts';
import { syncPath, syncTree } from './durable.ts';
import { type FolderHold, holdFolder } from './folder-hold.ts';
import { createChanges } from './changes.ts';
import { createEntrances } from './entrances.ts';
import { migrations } from './migrations.ts';
import { openPglite, openPostgres, type Postgres } from './postgres.ts';
import { closeToOthers, writeForOwnerOnly } from './private-folder.ts';
import type { Reads } from './reads.ts';
import { createSecretSeal, proveDataKey, readDataKey } from './secret-seal.ts';
import type { Database } from './tables.ts';
import type { Store } from './tenant.ts';

export interface Where {
  /** Holds the embedded database, the key of what is sealed where none is given, and what lies beside any database. */
  folder: string;
  /** Null for the embedded database. */
  databaseUrl: string | null;
  /** Base64; null takes the one in the folder. */
  dataKey: string | null;
}

/** A database as it was found. */
export interface Opened {
  db: Database;
  reads: Reads;
  name: 'postgresql' | 'pglite';
  /** The hold on the folder of the embedded database. */
  hold: FolderHold | null;
  /** Whether nobody but its owner reads the folder of the embedded database. */
  isClosed: boolean;
  close(): Promise<void>;
}

export interface Engine extends Opened, Store {}

export interface OpenOptions {
  /** Whether an embedded database that is not there is made. */
  whenMissing?: 'make' | 'refuse';
  /** The folder is held already, and stays so. */
  hold?: FolderHold;
}

/** The embedded database does not open. Which backup to take is for whoever knows where they lie. */
export class DatabaseDamaged extends Refused {}

/** Opens the database, brings its tables up to date and checks that the key of what is sealed in it is the right one. */
export async function openEngine(where: Where, options: OpenOptions = {}): Promise<Engine> {
  const opened = await openDatabase(where, options);
  try {
    await bringUpToDate(opened.db);
    const secrets = createSecretSeal(readDataKey(where.folder, where.dataKey));
    await proveDataKey(opened.db, secrets);
    return { ...opened, secrets, changes: createChanges(), entrances: createEntrances() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Opens the database and leaves everything in it as it is. */
export async function openDatabase({ folder, databaseUrl }: Where, options: OpenOptions = {}): Promise<Opened> {
  if (databaseUrl === null) return openEmbedded(folder, options);
  return { ...openPostgres(databaseUrl), name: 'postgresql', hold: null, isClosed: true };
}

export async function bringUpToDate(db: Database): Promise<void> {
  const known = await schemaOf(db);
  if (known !== null && !schemas().includes(known))
    throw new Refused(`The database was made by a newer Fieldbook server (tables ${known}). Start that version, or one after it.`);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('The tables could not be brought up to date.');
}

/** What tables can be like, oldest first. */
export const schemas = (): string[] => Object.keys(migrations).toSorted();

/** What the tables are like: the newest migration they have had. Null where there are none. */
export async function schemaOf(db: Database): Promise<string | null> {
  const there = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (there.rows[0]?.there !== true) return null;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name collate "C" desc limit 1`.execute(db);
  return rows[0]?.name ?? null;
}

/** Nobody's data is in it: no organisation, and nobody who could sign in. */
export async function isEmpty(db: Database): Promise<boolean> {
  if ((await schemaOf(db)) === null) return true;
  const { rows } = await sql<{ isEmpty: boolean }>`
    select not exists (select from organisations) and not exists (select from logins) as "isEmpty"`.execute(db);
  return rows[0]?.isEmpty === true;
}

/** Folders of a data folder that hold a database: the one that counts, one that is being made, and one that a restore has finished. */
export const places = { live: 'pgdata', making: 'pgdata.making', restored: 'pgdata.restored' } as const;

async function openEmbedded(folder: string, { whenMissing = 'make', hold: given }: OpenOptions): Promise<Opened> {
  const hold = given ?? (await holdFolder(folder));
  const release = async () => {
    if (given === undefined) await hold.release();
  };
  try {
    writeForOwnerOnly();
    closeToOthers(folder);
    settlePlaces(folder);
    if (isVoid(join(folder, places.live))) {
      if (whenMissing === 'refuse') throw new DatabaseDamaged(`There is no database in ${join(folder, places.live)}.`);
      // A first start that is killed leaves no half database behind.
      await (await openPlace(folder, places.making)).close();
      rmSync(join(folder, places.live), { recursive: true, force: true });
      renameSync(join(folder, places.making), join(folder, places.live));
    }
    const { db, reads, close } = await openPlace(folder, places.live);
    // PGlite gives its files modes of its own when it makes them, whatever this process asks for.
    const isClosed = closeToOthers(folder);
    const closeAll = async () => {
      await close();
      closeToOthers(folder);
      await release();
    };
    return { db, reads, name: 'pglite', hold, isClosed, close: closeAll };
  } catch (error) {
    await release();
    throw error;
  }
}

const isVoid = (folder: string) => !existsSync(folder) || readdirSync(folder).length === 0;

async function openPlace(folder: string, place: string): Promise<Postgres> {
  const dataDir = join(folder, place);
  // Without this file PGlite takes the folder for a new one, and makes an empty database in the place of what is there.
  if (!isVoid(dataDir) && !existsSync(join(dataDir, 'PG_VERSION')))
    throw new DatabaseDamaged(`The database in ${dataDir} is not complete.`);
  const pglite = await PGlite.create({ dataDir }).catch((error: unknown) => {
    throw new DatabaseDamaged(`The database in ${dataDir} cannot be opened.`, { cause: error });
  });
  const pool = openPglite(pglite);
  const close = async () => {
    await pool.close();
    await pglite.close();
  };
  return { ...pool, close };
}

/** Finishes a restore that was broken off while folders changed places; throws away one that was broken off before. */
export function settlePlaces(folder: string): void {
  rmSync(join(folder, places.making), { recursive: true, force: true });
  if (!existsSync(join(folder, places.live)) && existsSync(join(folder, places.restored)))
    renameSync(join(folder, places.restored), join(folder, places.live));
  rmSync(join(folder, places.restored), { recursive: true, force: true });
}

/**
 * Makes an embedded database beside the one that is there, and puts it in its place when `fill` is done. Until then the
 * one that is there is not touched, not even opened. Answers where it lies now; null where there was none.
 */
export async function replaceEmbedded(folder: string, setAsideAs: string, fill: (db: Database) => Promise<void>): Promise<string | null> {
  const { db, close } = await openPlace(folder, places.making);
  try {
    await bringUpToDate(db);
    await fill(db);
    await close();
  } catch (error) {
    await close();
    rmSync(join(folder, places.making), { recursive: true, force: true });
    throw error;
  }
  await syncTree(join(folder, places.making));
  renameSync(join(folder, places.making), join(folder, places.restored));
  const aside = existsSync(join(folder, places.live)) ? join(folder, setAsideAs) : null;
  if (aside !== null) renameSync(join(folder, places.live), aside);
  renameSync(join(folder, places.restored), join(folder, places.live));
  await syncPath(folder);
  return aside;
}
