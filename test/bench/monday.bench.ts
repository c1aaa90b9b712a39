import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { node24 } from '../../build/paths.mjs';
import { startPostgres } from '../../build/postgres.mjs';
import { systemClock } from '../../electron/system-clock.ts';
import { circleOf } from '../../server/auth/visibility.ts';
import { createSessions, serverSecret } from '../../server/auth/sessions.ts';
import { type Engine, openEngine } from '../../server/store/engine.ts';
import { addLogin } from '../../server/store/organisations.ts';
import { inOrganisation, type Write } from '../../server/store/tenant.ts';
import { type Checkpoint, schemaHeader } from '../../shared/sync/wire.ts';
import { account } from './laptop-process.ts';
import { type BenchTable, figure, median, percentile } from './measure.ts';
import { type Monday, type MondayLaptop, ownedBy, type Told } from './monday-laptops.ts';
import { cpuSeconds } from './processor-time.ts';
import { type RunningServer, startServer } from './server-process.ts';

/**
 * Monday morning: a whole company comes back at once, after a weekend of changes, and some have a new laptop. One server process on a
 * PostgreSQL that waits for the disk; the laptops are speakers of the wire protocol in a process of their own, on the same
 * computer. Meanwhile somebody in the office turns pages of a list, ten a second.
 */
const count = (name: string, otherwise: number) => Number(process.env[`FIELDBOOK_SYNC_${name}`] ?? otherwise);
const laptops = count('LAPTOPS', 300);
const changes = count('CHANGES', 1_000);
const firstSyncs = count('FIRST', 30);
/** Nobody's, so that everybody sees it. */
const shared = 5_000;
const dataKey = Buffer.alloc(32, 7).toString('base64');
const listEveryMs = 100;
const longestMs = 25 * 60_000;

export async function run(): Promise<BenchTable> {
  const home = mkdtempSync(join(tmpdir(), 'fieldbook-bench-monday-'));
  const postgres = await startPostgres({ isDurable: true });
  const env = {
    DATABASE_URL: await postgres.database('bench', { isLocal: true }),
    FIELDBOOK_DATA_KEY: dataKey,
    FIELDBOOK_ORG: 'Bench',
    FIELDBOOK_ADMIN_EMAIL: account.email,
    FIELDBOOK_ADMIN_PASSWORD: account.password,
  };
  try {
    const first = await startServer(['--data', home], env);
    await first.stop();
    const engine = await openEngine({ folder: home, databaseUrl: env.DATABASE_URL, dataKey });
    const company = await companyOf(engine, first.organisation);
    await engine.close();
    const server = await startServer(['--data', home], env);
    try {
      const cpu = () => ({ server: cpuSeconds(server.pid), database: cpuSeconds(postgres.pid as number) });
      return {
        name: `monday: ${laptops} laptops with ${changes} changes, ${firstSyncs} first syncs`,
        rows: await morning(server, company, cpu),
      };
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

type Employee = Omit<MondayLaptop, 'checkpoint'> & { view: string };

/** Everybody's account, session and records, as they were on Friday. */
async function companyOf(engine: Engine, organisation: string): Promise<Employee[]> {
  const sessions = createSessions(engine.db, await serverSecret(engine.db), () => systemClock.now());
  const people = [];
  for (let number = 0; number < laptops + firstSyncs; number += 1) {
    const login = { email: `person${number}@example.com`, passwordHash: 'nobody signs in with it', role: 'member' as const };
    const userId = await addLogin(engine, organisation, login, systemClock);
    const row = await engine.db.selectFrom('logins').selectAll().where('user_id', '=', userId).executeTakeFirstOrThrow();
    const { refreshToken } = (await sessions.open(row, 'Laptop')).tokens;
    const person = { organisation, userId, role: login.role, sessionId: null };
    const { view } = await inOrganisation(engine, organisation, (tenant) => circleOf(tenant, person));
    people.push({ number, userId, refreshToken, view });
  }
  const write = (number: number, userId: string, some: number) =>
    inOrganisation(engine, organisation, async (tenant) => {
      await tenant.lock();
      const writes = [...ownedBy(number, userId, some)].map(({ of, record }) => ({ of, before: null, after: record }) as unknown as Write); // made by their noun's schema
      await tenant.put(writes, null);
    });
  for (const { number, userId } of people) await write(number, userId, changes);
  await write(people.length, '', shared);
  await sql`vacuum analyze`.execute(engine.db);
  return people;
}

async function morning(
  server: RunningServer,
  people: readonly Employee[],
  cpu: () => { server: number; database: number },
): Promise<BenchTable['rows']> {
  const bearer = await signIn(server);
  const from = await startOf(server, bearer);
  const monday: Monday = {
    url: server.url,
    changes,
    laptops: people.map((one, at) => ({ ...one, checkpoint: at < laptops ? { ...from, view: one.view } : null })),
  };
  const before = await lists(server, bearer, new Promise((done) => setTimeout(done, 5_000)));
  const [begun, used] = [performance.now(), cpu()];
  const work = play(monday);
  const meanwhile = await lists(server, bearer, work);
  const told = await work;
  const seconds = (performance.now() - begun) / 1000;
  const now = cpu();
  const statuses = (is: (status: string) => boolean) =>
    Object.entries(told.answers).reduce((sum, [what, times]) => sum + (is(what.split(' ')[1] as string) ? times : 0), 0);
  const [returning, fresh] = [told.inSync.slice(0, laptops), told.inSync.slice(laptops)];
  const rows = laptops * changes;
  return [
    figure('all in sync', Math.max(...told.inSync), 's', '≤ 120', Math.max(...told.inSync) <= 120),
    figure('laptops with changes: median', median(returning), 's', '', null),
    figure('laptops with changes: last', Math.max(...returning), 's', '', null),
    figure('first syncs: median', median(fresh), 's', '', null),
    figure('first syncs: last', Math.max(...fresh), 's', '', null),
    figure('records and steps of history that were sent', (2 * rows) / seconds, 'a second', '', null),
    figure('rows that were answered with anything but ok', told.notOk, '', '0', told.notOk === 0),
    figure('rows that came', told.came, '', '', null),
    figure(
      'answers',
      statuses(() => true),
      '',
      '',
      null,
    ),
    figure(
      'answers of 5xx',
      statuses((status) => status.startsWith('5')),
      '',
      '0',
      statuses((status) => status.startsWith('5')) === 0,
    ),
    figure(
      'told when to return (429)',
      statuses((status) => status === '429'),
      '',
      '',
      null,
    ),
    figure(
      'no answer within 30 s',
      statuses((status) => status === 'broken'),
      '',
      '0',
      statuses((status) => status === 'broken') === 0,
    ),
    ...Object.entries(told.answers)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([what, times]) => figure(`answers: ${what}`, times, '', '', null)),
    figure('processor time of the server', now.server - used.server, 's', '', null),
    figure('processor time of PostgreSQL', now.database - used.database, 's', '', null),
    figure('a page of a list before, p95', percentile(before.ms, 0.95), 'ms', '', null),
    figure('a page of a list meanwhile, p50', median(meanwhile.ms), 'ms', '', null),
    figure('a page of a list meanwhile, p95', percentile(meanwhile.ms, 0.95), 'ms', '≤ 50', percentile(meanwhile.ms, 0.95) <= 50),
    figure('pages of a list meanwhile', meanwhile.ms.length, '', '', null),
    figure('pages of a list that were refused', meanwhile.refused, '', '0', meanwhile.refused === 0),
  ];
}

const json = { 'content-type': 'application/json' };

async function signIn({ url }: RunningServer): Promise<string> {
  const answer = await fetch(`${url}/auth/token`, { method: 'POST', headers: json, body: JSON.stringify(account) });
  return `Bearer ${((await answer.json()) as { accessToken: string }).accessToken}`;
}

/** Where the server stands, as somebody sees it who sees everything. */
async function startOf({ url }: RunningServer, authorization: string): Promise<Checkpoint> {
  const body = JSON.stringify({ collection: 'clients', checkpoint: null, limit: 1 });
  const answer = await fetch(`${url}/sync/pull`, { method: 'POST', headers: { ...json, authorization, [schemaHeader]: '1' }, body });
  const { checkpoint } = (await answer.json()) as { checkpoint: Checkpoint };
  return { ...checkpoint, seq: checkpoint.from };
}

/** Asks for a page at a steady pace until the work is done, whatever became of the pages before. */
async function lists({ url }: RunningServer, authorization: string, work: Promise<unknown>): Promise<{ ms: number[]; refused: number }> {
  const ms: number[] = [];
  let [isOver, refused, page] = [false, 0, 0];
  const open = new Set<Promise<void>>();
  void work.finally(() => (isOver = true)).catch(() => undefined);
  while (!isOver) {
    page += 1;
    const begun = performance.now();
    const one = fetch(`${url}/api/clients?page=${1 + (page % 100)}&limit=10`, { headers: { authorization } })
      .then(async (answer) => {
        await answer.text();
        if (answer.ok) ms.push(performance.now() - begun);
        else refused += 1;
      })
      .catch(() => void (refused += 1))
      .finally(() => open.delete(one));
    open.add(one);
    await new Promise((done) => setTimeout(done, listEveryMs));
  }
  await Promise.all(open);
  return { ms, refused };
}

async function play(monday: Monday): Promise<Told> {
  const child = fork(fileURLToPath(new URL('monday-laptops.ts', import.meta.url)), { execPath: node24, execArgv: [] });
  const late = setTimeout(() => child.kill('SIGKILL'), longestMs);
  try {
    return await new Promise((done, failed) => {
      child.on('message', (said: { told?: Told; done?: number }) => {
        if (said.told !== undefined) done(said.told);
        else if ((said.done ?? 0) % 50 === 0) console.log(`${said.done} of ${monday.laptops.length} are in sync`);
      });
      child.once('close', (code) => failed(new Error(`The laptops ended with ${code}`)));
      child.send(monday);
    });
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
  }
}
