import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, inject } from 'vitest';
import { startPostgres } from '../../../build/postgres.mjs';
import { type Engine, openEngine, type Where } from '../../../server/store/engine.ts';
import { addLogin, createOrganisation } from '../../../server/store/organisations.ts';
import { fixedClock } from '../../../shared/lib/clock.ts';
import { dataKey } from './data-key.ts';
import { freshFolder } from './server-process.ts';
import { cheapHash, type EngineName, password } from './test-server.ts';

/** Databases of a test file's own, empty or with two companies in it, for what is done to a database as a whole. */
export interface Databases {
  /** Nothing in it, not even tables. */
  bare(name: EngineName): Promise<Where>;
  /** With two companies of some people and `clients` clients, and somebody signed in. */
  filled(name: EngineName, clients: number): Promise<Where>;
}

export function ownDatabases(): Databases {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let made = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  const bare = async (name: EngineName): Promise<Where> => {
    made += 1;
    return { folder: freshFolder(), databaseUrl: name === 'pglite' ? null : await postgres.database(`own_${made}`), dataKey };
  };
  return {
    bare,
    filled: async (name, clients) => {
      const where = await bare(name);
      if (name === 'pglite') cpSync(join(inject('pglite'), 'pgdata'), join(where.folder, 'pgdata'), { recursive: true });
      await withEngine(where, (engine) => fill(engine, clients));
      return where;
    },
  };
}

/** How a process is told where a database is. */
export function told({ folder, databaseUrl, dataKey: key }: Where): { args: string[]; env: Record<string, string> } {
  const env = { ...(key !== null && { FIELDBOOK_DATA_KEY: key }), ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }) };
  return { args: ['--data', folder], env };
}

export async function withEngine<T>(where: Where, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine(where);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** What backups trip over: quotes, line breaks, other scripts, numbers that a float does not keep. */
const hard = `O'Neil "Depot" \\n\t\n{"of":"records"} \u2028 😀 مخزن`;

async function fill(engine: Engine, clients: number): Promise<void> {
  const clock = fixedClock('2024-05-03T10:00:00.000Z');
  const passwordHash = await cheapHash(password);
  for (const name of ['north', 'south']) {
    const id = await createOrganisation(
      engine,
      `${name} ${hard}`,
      { email: `admin@${name}.example.com`, passwordHash, role: 'admin' },
      clock,
    );
    const userId = await addLogin(engine, id, { email: `member@${name}.example.com`, passwordHash, role: 'member' }, clock);
    await addClients(engine, id, clients);
    await addOperation(engine, id, clock.now());
    await engine.db
      .insertInto('sessions')
      .values({
        organisation_id: id,
        id: randomUUID(),
        user_id: userId,
        device: 'Laptop',
        generation: 3,
        rotated_at: 0,
        created_at: '',
        used_at: '',
        revoked_at: null,
      })
      .execute();
  }
  await engine.db.insertInto('server_keys').values({ name: 'sessions', secret: 'never to be backed up' }).execute();
}

/** Adds clients without the rules: what is in them does not matter to whoever copies rows. */
export async function addClients(engine: Engine, organisation: string, count: number): Promise<void> {
  await asTenant(engine, organisation, async (tx) => {
    const { seq } = await tx
      .selectFrom('organisations')
      .select('seq')
      .where('organisation_id', '=', organisation)
      .executeTakeFirstOrThrow();
    await sql`insert into records (organisation_id, collection, id, number, seq, doc, folded, name_key, created_at, updated_at)
      select ${organisation}, 'clients', gen_random_uuid()::text, ${seq} + n, ${seq} + n,
        jsonb_build_object('name', ${`${hard} `}::text || n, 'rate', 1.10, 'large', 12345678901234567890.123, 'notes', repeat('x', 200)),
        '{}', 'depot ' || n, '2024-05-03T10:00:00.000Z', '2024-05-03T10:00:00.000Z'
      from generate_series(1, ${sql.lit(count)}) as n`.execute(tx);
    await sql`insert into terms (organisation_id, collection, term, id, name_key, created_at)
      select organisation_id, collection, name_key, id, name_key, created_at from records
      where organisation_id = ${organisation} and seq > ${seq}`.execute(tx);
    await tx
      .updateTable('organisations')
      .set({ seq: seq + count })
      .where('organisation_id', '=', organisation)
      .execute();
  });
}

/** Something that laptops left: an operation, and where the changes stood on a day. */
async function addOperation(engine: Engine, organisation: string, at: number): Promise<void> {
  await asTenant(engine, organisation, async (tx) => {
    await sql`insert into operations (organisation_id, id, seq, doc) values (${organisation}, 'operation', 1, ${JSON.stringify({ hard })})`.execute(
      tx,
    );
    await sql`insert into operation_records (organisation_id, collection, record_id, operation_id)
      values (${organisation}, 'clients', 'client', 'operation')`.execute(tx);
    await sql`insert into marks (organisation_id, at, seq) values (${organisation}, ${at}, 1)`.execute(tx);
  });
}

function asTenant<T>(
  { db }: Engine,
  organisation: string,
  work: (tx: Parameters<Parameters<ReturnType<Engine['db']['transaction']>['execute']>[0]>[0]) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', 'fieldbook_tenant', true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
    return work(tx);
  });
}

/** Every row of every table, read another way than backups read them; epochs apart, which a restore changes. */
export async function everything(engine: Engine): Promise<{ epochs: string[]; rows: Record<string, unknown> }> {
  const text = (table: string, where = sql``) =>
    sql<{ row: string }>`select ${sql.table(table)}::text as row from ${sql.table(table)} ${where} order by 1`;
  const organisations = await engine.db.selectFrom('organisations').selectAll().orderBy('number').execute();
  const rows: Record<string, unknown> = { organisations: organisations.map(({ epoch: _, ...rest }) => rest) };
  for (const { organisation_id } of organisations) {
    rows[organisation_id] = await asTenant(engine, organisation_id, async (tx) => ({
      records: (await text('records').execute(tx)).rows,
      terms: (await text('terms').execute(tx)).rows,
      operations: (await text('operations').execute(tx)).rows,
      operation_records: (await text('operation_records').execute(tx)).rows,
      marks: (await text('marks').execute(tx)).rows,
      grams: (await text('name_grams').execute(tx)).rows,
    }));
  }
  rows['logins'] = (await text('logins').execute(engine.db)).rows;
  rows['server_keys'] = (await text('server_keys', sql`where name <> 'sessions'`).execute(engine.db)).rows;
  return { epochs: organisations.map(({ epoch }) => epoch), rows };
}
