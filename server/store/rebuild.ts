import { sql } from 'kysely';
import { newId } from '../../shared/lib/ids.ts';
import { migrations } from './migrations.ts';
import { schemas } from './engine.ts';
import { continueNumbers, dropTables } from './table-copy.ts';
import type { Tx } from './tables.ts';

/**
 * Makes every table anew as it was in an older version, has rows put in, and brings all of it up to date, within one
 * transaction. The same migrations run that ran where the rows come from: no second way to read an old backup.
 */
export async function rebuild(tx: Tx, schema: string, fill: () => Promise<void>): Promise<void> {
  await dropTables(tx);
  const at = schemas().indexOf(schema);
  for (const name of schemas().slice(0, at + 1)) await migrations[name]?.up(tx);
  await fill();
  await continueNumbers(tx);
  for (const name of schemas().slice(at + 1)) await migrations[name]?.up(tx);
}

/**
 * No laptop goes on from a place that is no more: each pulls anew. Numbers go on from where they stood in the backup. The epoch
 * begins with the time: what laptops made before then they bring back as it was (server/sync/rights.ts).
 */
export async function renewEpochs(tx: Tx): Promise<void> {
  await sql`update organisations set epoch = ${newId()}`.execute(tx);
}
