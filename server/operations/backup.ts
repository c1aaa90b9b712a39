import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Clock } from '../../shared/lib/clock.ts';
import { Refused } from '../refused.ts';
import { durably } from '../store/durable.ts';
import { isEmpty, openDatabase, schemaOf, schemas, type Where } from '../store/engine.ts';
import { askHolder } from '../store/folder-hold.ts';
import type { Database } from '../store/tables.ts';
import { type Archive, type ArchiveSource, readArchive, writeArchive } from './archive.ts';

/** Writes a backup to a file. With the embedded database a running server makes it, and goes on answering. Answers what to say. */
export async function backup(where: Where, file: string, clock: Clock): Promise<string> {
  if (existsSync(file)) throw new Refused(`There is a file ${file} already. Give the backup another name.`);
  const archive =
    (where.databaseUrl === null ? await fromRunningServer(where.folder, file) : null) ?? (await fromDatabase(where, file, clock));
  return `Backed up ${inWords(archive)} to ${file}.`;
}

/** What a server answers that is asked for a dump. */
export const dumpAnswerSchema = z.union([z.object({ dump: z.string() }), z.object({ refused: z.string() })]);

async function fromRunningServer(folder: string, file: string): Promise<Archive | null> {
  const said = await askHolder(folder, { command: 'dump' });
  if (said.from === 'nobody') return null;
  const answer = dumpAnswerSchema.parse(said.answer);
  if ('refused' in answer) throw new Refused(answer.refused);
  return durably(file, async (temporary) => {
    await pipeline(createReadStream(answer.dump), createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }));
    return readArchive(temporary, schemas());
  });
}

async function fromDatabase(where: Where, file: string, clock: Clock): Promise<Archive> {
  const engine = await openDatabase(where, { whenMissing: 'refuse' });
  try {
    return await writeArchive(await sourceOf(engine.db, clock), file);
  } finally {
    await engine.close();
  }
}

/** What a backup is made of. The tables may be older than this program, not newer. */
export async function sourceOf(db: Database, clock: Clock): Promise<ArchiveSource> {
  const schema = await schemaOf(db);
  if (schema === null || (await isEmpty(db))) throw new Refused('There is nothing in this database yet. Start the server once.');
  if (!schemas().includes(schema))
    throw new Refused(`The database was made by a newer Fieldbook server (tables ${schema}). Back it up with that version.`);
  return { db, schema, now: () => clock.now() };
}

/** "3 records of 1 organisation", and what is not in the file. */
export function inWords({ header, totals }: Archive): string {
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const rows = (table: string) => totals[table]?.rows ?? 0;
  const beside = rows('files') === 0 ? '' : ` (${count(rows('files'), 'attached file')} not among them: copy their folder too)`;
  return `${count(rows('records'), 'record')} of ${count(header.organisations.length, 'organisation')}${beside}`;
}
