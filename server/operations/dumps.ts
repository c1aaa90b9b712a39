import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { isSame } from '../../shared/lib/equal.ts';
import { backupsToDrop } from '../../shared/lib/backup-rotation.ts';
import { Refused } from '../refused.ts';
import { unfinished } from '../store/durable.ts';
import { schemas } from '../store/engine.ts';
import { placesOf } from '../store/table-copy.ts';
import type { Database } from '../store/tables.ts';
import { type ArchiveSource, type Header, readArchive, readHeaderOf, type Totals, writeArchive } from './archive.ts';

/** A day of hours in which something changed, a month of such days. */
export const dumpRotation = { recent: 24, daily: 30, monthly: 0 };

export interface Dumps {
  /** Makes a dump if anything changed since the newest one; answers the newest. */
  make(signal?: AbortSignal): Promise<string>;
}

/**
 * Backups of the embedded database in its data folder. PGlite does not wait for the disk, so a power cut can damage it;
 * what is here was brought to the disk and read back.
 */
export function createDumps(folder: string, source: ArchiveSource): Dumps {
  const own = dumpFolder(folder);
  let newest: { file: string; totals: Totals; position: string } | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function dump(signal: AbortSignal | undefined): Promise<string> {
    const position = await positionOf(source.db);
    if (newest?.position === position) return newest.file;
    mkdirSync(own, { recursive: true, mode: 0o700 });
    // One dump is made at a time, by whoever holds the folder: what is unfinished now stays so.
    for (const name of readdirSync(own)) if (name.endsWith(unfinished)) rmSync(join(own, name), { force: true });
    const last = dumpsIn(folder)[0];
    const file = join(own, nameFor(source.now(), last));
    const { totals } = await writeArchive(source, file, signal);
    const before = newest?.totals ?? (last === undefined ? null : await totalsOf(join(own, last)));
    if (last !== undefined && before !== null && isSame(before, totals)) {
      // Something moved and nothing changed: somebody signed in, for instance.
      rmSync(file);
      newest = { file: join(own, last), totals, position };
      return newest.file;
    }
    newest = { file, totals, position };
    const all = dumpsIn(folder).map((name) => ({ name, madeAt: madeAt(name), state: 'good' }));
    for (const name of backupsToDrop(all, dumpRotation)) rmSync(join(own, name), { force: true });
    // PGlite has nobody that cleans up after changes.
    await sql`vacuum (analyze)`.execute(source.db);
    return file;
  }

  return {
    make: (signal) => {
      const mine = turn.then(() => dump(signal));
      turn = mine.catch(() => {});
      return mine;
    },
  };
}

export const dumpFolder = (folder: string) => join(folder, 'dumps');

/** Names of the dumps in a data folder, newest first. */
export function dumpsIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dumpFolder(folder));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
  return names.filter((name) => /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.ndjson\.gz$/.test(name)).toSorted((a, b) => (a < b ? 1 : -1));
}

/** The newest dump that is whole, each read to its end until one is; null where there is none. */
export async function newestGoodDump(folder: string): Promise<{ file: string; madeAt: string } | null> {
  for (const name of dumpsIn(folder)) {
    const file = join(dumpFolder(folder), name);
    if ((await totalsOf(file)) !== null) return { file, madeAt: madeAt(name) };
  }
  return null;
}

/**
 * Refuses a database that lacks what its newest dump has: after a power cut PGlite can open as it was some changes ago,
 * and go on as if they had never been.
 */
export async function refuseOlderThanDump(folder: string, db: Database): Promise<void> {
  const newest = await newestHeader(folder);
  if (newest === null || newest.header.organisations.length === 0) return;
  const { name, header } = newest;
  const places = await placesOf(db);
  const isBehind = header.organisations.some(({ organisation, epoch, seq }) =>
    places.some((place) => place.organisation === organisation && place.epoch === epoch && place.seq < seq),
  );
  if (places.length > 0 && !isBehind) return;
  throw new Refused(
    `The database in ${folder} lacks changes that its newest dump has, as can happen after a power cut.\n${await howToRestore(folder)}\nTo go on without what is missing, move ${join(dumpFolder(folder), name)} to another place and start again.`,
  );
}

/** The newest dump that says where each organisation stood: one that is torn at its beginning says nothing. */
async function newestHeader(folder: string): Promise<{ name: string; header: Header } | null> {
  for (const name of dumpsIn(folder)) {
    const header = await readHeaderOf(join(dumpFolder(folder), name));
    if (header !== null) return { name, header };
  }
  return null;
}

/** What to do about a database that is damaged. */
export async function howToRestore(folder: string): Promise<string> {
  const good = await newestGoodDump(folder);
  if (good === null)
    return `There is no whole dump in ${dumpFolder(folder)}. Restore a backup of your own: npm run server -- restore FILE --data ${folder} --replace`;
  return `The newest whole dump is of ${good.madeAt}. Put it back with: npm run server -- restore ${good.file} --data ${folder} --replace`;
}

async function totalsOf(file: string): Promise<Totals | null> {
  try {
    return (await readArchive(file, schemas())).totals;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** Moves with everything that is written. */
async function positionOf(db: Database): Promise<string> {
  const { rows } = await sql<{ position: string }>`select pg_current_wal_insert_lsn()::text as position`.execute(db);
  return rows[0]?.position ?? '';
}

/** Later than the newest one also where the clock went back, so that names tell the order. */
function nameFor(now: number, newest: string | undefined): string {
  const at = Math.max(now, newest === undefined ? 0 : Date.parse(madeAt(newest)) + 1);
  return `${new Date(at).toISOString().replace(/[:.]/g, '-')}.ndjson.gz`;
}

const madeAt = (name: string) => name.slice(0, 24).replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z/, 'T$1:$2:$3.$4Z');
