import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { startPostgres } from '../../build/postgres.mjs';
import { openEngine } from '../../server/store/engine.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { generatedClient, seededRandom } from '../support/generated-book.ts';
import { putLoad } from './load.ts';
import { type BenchTable, figure, median, percentile } from './measure.ts';
import { memoryOf, type Peer, startPouchdb } from './pouchdb-peer.ts';
import { type Ask, asksFor, wholeLists } from './server-asks.ts';
import { fillOrganisation, serverBenchSize } from './server-book.ts';
import { type RunningServer, startServer } from './server-process.ts';
import { syncFigures } from './sync-load.ts';

/**
 * The server on a PostgreSQL that waits for the disk, with 100,000 clients, 250,000 contacts and 480,000 prices: every list,
 * filter and search with 50 clients asking at once, whole lists, pulling and pushing. The peer answers the same kind of
 * questions from the same clients, in the same run, under the same load.
 */
const size = serverBenchSize;
const connections = 50;
const seconds = 4;
const aimMs = 30;
const account = { email: 'bench@example.com', password: 'a long enough password' };
const dataKey = Buffer.alloc(32, 7).toString('base64');

export async function run(): Promise<BenchTable> {
  const home = mkdtempSync(join(tmpdir(), 'fieldbook-bench-server-'));
  const postgres = await startPostgres({ isDurable: true });
  const env = {
    DATABASE_URL: await postgres.database('bench', { isLocal: true }),
    FIELDBOOK_DATA_KEY: dataKey,
    FIELDBOOK_ORG: 'Bench',
    FIELDBOOK_ADMIN_EMAIL: account.email,
    FIELDBOOK_ADMIN_PASSWORD: account.password,
    FIELDBOOK_REQUESTS_PER_MINUTE: '9000000',
  };
  try {
    const rows = [];
    const first = await startServer(['--data', home], env);
    rows.push(figure('first start, tables made', first.startedIn, 'ms', '', null));
    await first.stop();
    const { written, ids } = await fill(env.DATABASE_URL, home, first.organisation);
    rows.push(figure('records written straight into the tables', written, 'a second', '', null));
    const starts = [];
    for (let times = 0; times < 3; times += 1) {
      const started = await startServer(['--data', home], env);
      starts.push(started.startedIn);
      await started.stop();
    }
    rows.push(figure('start with all of it, median', median(starts), 'ms', '', null));
    const server = await startServer(['--data', home], env);
    try {
      rows.push(...(await reads(server, ids)), ...(await whole(server)), ...(await syncFigures(server, account)));
      rows.push(figure('memory of the server afterwards', (await memoryOf(server.pid)) / 2 ** 20, 'MiB', '', null));
    } finally {
      await server.stop();
    }
    rows.push(...(await peer(join(home, 'pouchdb'))));
    return {
      name: `server: ${size.clients} clients, ${size.contacts} contacts, ${size.locations * size.items} prices, ${connections} clients at once`,
      rows,
    };
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function fill(databaseUrl: string, folder: string, organisation: string) {
  const engine = await openEngine({ folder, databaseUrl, dataKey });
  try {
    const begun = performance.now();
    let written = 0;
    await fillOrganisation(engine, organisation, 'bench', size, (records) => (written = records));
    const took = performance.now() - begun;
    await sql`vacuum analyze`.execute(engine.db);
    const found = await inOrganisation(engine, organisation, ({ tx }) =>
      sql<{ id: string }>`select id from records where organisation_id = ${organisation} and collection = 'clients'`.execute(tx),
    );
    return { written: (written / took) * 1000, ids: { clients: found.rows.map(({ id }) => id) } };
  } finally {
    await engine.close();
  }
}

async function signIn(server: RunningServer): Promise<{ bearer: string; cookie: string }> {
  const post = (path: string) =>
    fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(account) });
  const { accessToken } = (await (await post('/auth/token')).json()) as { accessToken: string };
  const cookie = (await post('/auth/session')).headers.get('set-cookie')?.split(';')[0] ?? '';
  return { bearer: `Bearer ${accessToken}`, cookie };
}

async function reads(server: RunningServer, ids: { clients: string[] }) {
  const { bearer, cookie } = await signIn(server);
  const rows = [];
  for (const ask of asksFor(server.organisation, size, ids)) {
    const headers = headersOf(ask, bearer, cookie, server.organisation);
    const load = { base: server.url, headers, connections };
    await putLoad({ ...load, paths: ask.paths.slice(0, 500), seconds: 1 });
    const { perSecond, p50, p95 } = await putLoad({ ...load, paths: ask.paths, seconds });
    const what = `${ask.dialect}: ${ask.what}`;
    console.log(`${what}: p50 ${round(p50)} ms, p95 ${round(p95)} ms, ${Math.round(perSecond)} requests/s`);
    rows.push({ ...figure(`${what}, p95`, p95, 'ms', `≤ ${aimMs}`, p95 <= aimMs), p50: round(p50), 'requests/s': Math.round(perSecond) });
  }
  const again = asksFor(server.organisation, size, ids)[1] as Ask;
  const load = { base: server.url, headers: headersOf(again, bearer, cookie, server.organisation), connections };
  const { perSecond, p50, p95 } = await putLoad({ ...load, paths: again.paths.slice(0, 100), seconds });
  rows.push({
    ...figure('the same hundred pages again and again, p95', p95, 'ms', `≤ ${aimMs}`, p95 <= aimMs),
    p50: round(p50),
    'requests/s': Math.round(perSecond),
  });
  return rows;
}

function headersOf({ dialect }: Ask, bearer: string, cookie: string, organisation: string): Record<string, string> {
  if (dialect === 'skhokho') return { cookie };
  return dialect === 'bottlecrm' ? { authorization: bearer, 'organization-id': organisation } : { authorization: bearer };
}

/** Lists that come all at once: how long to the first byte and to the last, one caller. */
async function whole(server: RunningServer) {
  const { bearer, cookie } = await signIn(server);
  const counts = { clients: size.clients, contacts: size.contacts, prices: size.locations * size.items, item: size.locations };
  const rows = [];
  for (const { what, path, rows: of } of wholeLists(server.organisation)) {
    const begun = performance.now();
    const headers: Record<string, string> = path.includes('/organisation/') ? { cookie } : { authorization: bearer };
    const answer = await fetch(server.url + path, { headers });
    if (!answer.ok || answer.body === null) throw new Error(`${what} was answered with ${answer.status}`);
    let first = 0;
    let bytes = 0;
    for await (const chunk of answer.body) {
      if (first === 0) first = performance.now() - begun;
      bytes += (chunk as Uint8Array).length;
    }
    const took = performance.now() - begun;
    rows.push({
      ...figure(`${what}, first byte`, first, 'ms', '', null),
      'rows/s': Math.round((counts[of] / took) * 1000),
      MB: round(bytes / 1e6),
    });
  }
  return rows;
}

const round = (value: number) => Math.round(value * 10) / 10;

async function peer(folder: string) {
  const pouchdb = await startPouchdb(folder, 5986);
  try {
    return await askPeer(pouchdb);
  } finally {
    await pouchdb.stop();
  }
}

async function askPeer({ base, name, memory }: Peer) {
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(base + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${name} answered ${method} ${path} with ${answer.status}`);
    return answer;
  };
  await send('PUT', '/bench');
  const batch = 200;
  const took = [];
  for (let at = 0; at < size.clients; at += batch) {
    const docs = Array.from({ length: batch }, (_, of) => ({ _id: String(at + of).padStart(8, '0'), ...generatedClient(at + of) }));
    const begun = performance.now();
    await send('POST', '/bench/_bulk_docs', { docs });
    took.push(performance.now() - begun);
  }
  const begun = performance.now();
  let since: string | number = 0;
  let pulled = 0;
  while (pulled < 20_000) {
    const page = (await (await send('GET', `/bench/_changes?include_docs=true&limit=1000&since=${since}`)).json()) as {
      results: unknown[];
      last_seq: number;
    };
    pulled += page.results.length;
    since = page.last_seq;
  }
  const pulling = performance.now() - begun;
  const random = seededRandom(5);
  const at = () => String(Math.floor(random() * size.clients)).padStart(8, '0');
  const many = (make: () => string) => Array.from({ length: 5_000 }, make);
  const load = { base, headers: {}, connections, seconds };
  const page = await putLoad({ ...load, paths: many(() => `/bench/_all_docs?include_docs=true&limit=10&startkey=%22${at()}%22`) });
  const one = await putLoad({ ...load, paths: many(() => `/bench/${at()}`) });
  const measured = (what: string, { p50, p95, perSecond }: typeof page) => ({
    ...figure(`peer, ${name}: ${what}, p95`, p95, 'ms', '', null),
    p50: round(p50),
    'requests/s': Math.round(perSecond),
  });
  return [
    measured('page of a list in the order of ids', page),
    measured('one client', one),
    figure(`peer, ${name}: push, batches of ${batch}`, batch / (median(took) / 1000), 'documents/s', '', null),
    figure(`peer, ${name}: push of a batch, p95`, percentile(took, 0.95), 'ms', '', null),
    figure(`peer, ${name}: pull, pages of 1000`, pulled / (pulling / 1000), 'documents/s', '', null),
    figure(`peer, ${name}: memory`, (await memory()) / 2 ** 20, 'MiB', '', null),
  ];
}
