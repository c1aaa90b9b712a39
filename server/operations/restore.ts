import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import { contentSteps, isChecksum } from '../../shared/nouns/activity/attached-content.ts';
import { type Clock, instantOf } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { Refused } from '../refused.ts';
import {
  bringUpToDate,
  DatabaseDamaged,
  isEmpty,
  openDatabase,
  places,
  replaceEmbedded,
  schemas,
  settlePlaces,
  type Where,
} from '../store/engine.ts';
import { serverDevice } from '../store/outbox-queue.ts';
import { holdFolder } from '../store/folder-hold.ts';
import { keepServersOut } from '../store/presence.ts';
import { createSecretSeal, forgetDataKey, hasDataKey, hasDataKeyProof, isDataKey, keyFileName, readDataKey } from '../store/secret-seal.ts';
import { rebuild, renewEpochs } from '../store/rebuild.ts';
import { readRows, rowWriter, type Rows } from '../store/table-copy.ts';
import type { Database, Tx } from '../store/tables.ts';
import { type Archive, readArchive, tableDigest, writeArchive } from './archive.ts';
import { inWords, sourceOf } from './backup.ts';
import { dumpFolder } from './dumps.ts';

export interface RestoreWays {
  /** What is in the database may go. */
  replace: boolean;
  /** Where attached files lie. They are no part of a backup: each lasts under its checksum, and copies of their folder grow only. */
  attachments: string;
  /** The key that banking data was sealed with is lost. */
  withoutKey: boolean;
}

/**
 * Puts a backup into an empty database, or with `replace` into the place of what is there, which is backed up first. All
 * of it or nothing. Sessions are not in a backup: devices sign in again. Answers what to say.
 */
export async function restore(where: Where, file: string, ways: RestoreWays, clock: Clock): Promise<string> {
  let [missing, waiting] = [0, 0];
  // Read once for itself, before anything is touched.
  const archive = await readArchive(file, schemas(), {
    rows: async ({ table, rows }) => {
      if (table === 'files') for (const row of rows) if (!(await isThere(ways.attachments, row))) missing += 1;
      if (table === 'records') for (const row of rows) if (isWaitingHere(row)) waiting += 1;
    },
  });
  if (archive.header.organisations.length === 0) throw new Refused(`There is no organisation in ${file}. Nothing was changed.`);
  const job = { where, file, archive, ...ways, clock };
  const before = await (where.databaseUrl === null ? intoFolder(job) : intoPostgres(job));
  const restored = `Restored ${inWords(archive)}, as of ${archive.header.madeAt}. Devices have to sign in again.`;
  const beside = missing === 0 ? [] : [`Attached files that are not in ${ways.attachments} yet: ${missing}. Copy them there.`];
  const left =
    waiting === 0 ? [] : [`E-mails that the server was to send and does not by itself now, because they may have left since: ${waiting}.`];
  return [...before, restored, ...beside, ...left].join('\n');
}

/** Whether a row is an e-mail that was in the queue of the server which the backup is of (store/outbox-queue.ts). */
function isWaitingHere(row: string): boolean {
  // Nearly no record is one, and reading them all takes longer.
  if (!row.includes('"scheduled"') || !row.includes(`"${serverDevice('')}`)) return false;
  const found = z.object({ collection: z.literal('activities'), doc: emailSchema }).safeParse(JSON.parse(row));
  return found.success;
}

const emailSchema = z.object({
  status: z.literal('scheduled'),
  deletedAt: z.null(),
  outbox: z.object({ device: z.string().startsWith(serverDevice('')) }),
});
const fileSchema = z.object({ organisation_id: z.uuid(), sha256: z.string().refine(isChecksum), size: z.int() });

async function isThere(folder: string, row: string): Promise<boolean> {
  const file = fileSchema.safeParse(JSON.parse(row));
  if (!file.success) return false;
  const { organisation_id, sha256, size } = file.data;
  const found = await stat(join(folder, organisation_id, ...contentSteps(sha256))).catch(() => null);
  return found?.size === size;
}

interface Job extends RestoreWays {
  where: Where;
  file: string;
  archive: Archive;
  clock: Clock;
}

async function intoFolder(job: Job): Promise<string[]> {
  const { where, replace, clock } = job;
  const { folder } = where;
  const hold = await holdFolder(folder);
  try {
    settlePlaces(folder);
    let kept: string | null = null;
    let isDamaged = false;
    if (existsSync(join(folder, places.live))) {
      try {
        const engine = await openDatabase(where, { whenMissing: 'refuse', hold });
        try {
          kept = await keepWhatIsThere(engine.db, dumpFolder(folder), job);
        } finally {
          await engine.close();
        }
      } catch (error) {
        if (error instanceof Refused && !(error instanceof DatabaseDamaged)) throw error;
        // It can open and still not be read to its end.
        const reason = error instanceof Refused ? error.message : `The database in ${join(folder, places.live)} cannot be read.`;
        if (!replace)
          throw new Refused(`${reason} With --replace the backup takes its place, and what is left of it is kept aside.`, {
            cause: error,
          });
        isDamaged = true;
      }
    }
    const aside = await replaceEmbedded(folder, `${places.live}.${isDamaged ? 'damaged' : 'before'}-${stampOf(clock)}`, (db) =>
      db.transaction().execute((tx) => load(tx, job)),
    );
    if (aside !== null && !isDamaged) await rm(aside, { recursive: true, force: true });
    return isDamaged ? [`What is left of the damaged database is in ${aside}.`] : inWordsOf(kept);
  } finally {
    await hold.release();
  }
}

async function intoPostgres(job: Job): Promise<string[]> {
  const engine = await openDatabase(job.where);
  try {
    await engine.db.transaction().execute(keepServersOut);
    await bringUpToDate(engine.db);
    return await engine.db.transaction().execute(async (tx) => {
      await keepServersOut(tx);
      const kept = await keepWhatIsThere(engine.db, dirname(job.file), job);
      await load(tx, job);
      return inWordsOf(kept);
    });
  } finally {
    await engine.close();
  }
}

/** Backs up what a restore takes away. Refuses where there is something and nobody said that it may go. */
async function keepWhatIsThere(db: Database, folder: string, { replace, clock }: Job): Promise<string | null> {
  if (await isEmpty(db)) return null;
  if (!replace)
    throw new Refused(
      'There is data in this database. Restore into an empty one, or say --replace: what is there is then backed up first.',
    );
  const file = join(folder, `before-restore-${stampOf(clock)}.ndjson.gz`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeArchive(await sourceOf(db, clock), file);
  return file;
}

async function load(tx: Tx, job: Job): Promise<void> {
  const { file, archive } = job;
  const notTaken = (cause?: unknown) => new Refused(`The database did not take ${file} as it is. Nothing was changed.`, { cause });
  await rebuild(tx, archive.header.schema, async () => {
    const write = await rowWriter(tx);
    const rows = (some: Rows) =>
      write(some).catch((error: unknown) => {
        // Values that are none, or two where one may be.
        throw /^2[23]/.test(String((error as { code?: unknown }).code)) ? notTaken(error) : error;
      });
    const { totals } = await readArchive(file, schemas(), { rows });
    if (!isSame(totals, archive.totals)) throw new Refused(`${file} changed while it was read. Nothing was changed. Try again.`);
    const digest = tableDigest();
    for await (const { table, rows: read } of readRows(tx)) for (const row of read) digest.row(table, row);
    if (!isSame(digest.totals(), archive.totals)) throw notTaken();
  });
  await matchKey(tx, job);
  await renewEpochs(tx);
  // Until somebody has counted, PostgreSQL takes the tables for small ones.
  await sql`analyze`.execute(tx);
}

/** Banking data is no use without the key it was sealed with; that is better known now than when somebody needs it. */
async function matchKey(tx: Tx, { where, withoutKey }: Job): Promise<void> {
  if (withoutKey) {
    await forgetDataKey(tx);
    return;
  }
  if (!(await hasDataKeyProof(tx))) return;
  if (!hasDataKey(where.folder, where.dataKey) || !(await isDataKey(tx, createSecretSeal(readDataKey(where.folder, where.dataKey)))))
    throw new Refused(
      `Banking data in this backup is sealed with a key that is not here. Put the file ${keyFileName} of the server it comes from into ${where.folder}, or set FIELDBOOK_DATA_KEY. If that key is lost, say --without-key: all else is restored. Nothing was changed.`,
    );
}

const inWordsOf = (kept: string | null) => (kept === null ? [] : [`What was there before is in ${kept}.`]);
const stampOf = (clock: Clock) => instantOf(clock).replace(/[:.]/g, '-');
