import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type NounName, nouns } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { applyChange } from '../../shared/operations/apply-operation.ts';
import { formatStamp } from '../../shared/sync/stamp.ts';
import {
  type Checkpoint,
  type PullAnswer,
  type PushAnswer,
  type PushedRow,
  schemaHeader,
  type SyncCollection,
} from '../../shared/sync/wire.ts';
import { figure, percentile } from './measure.ts';
import { generatedClient, generatedContact, generatedLocation, seededRandom } from '../support/generated-book.ts';

export const syncBook = { clients: 6_000, contacts: 15_000, locations: 3_000 };

/** A laptop as far as its requests go, over a real connection. */
export interface Laptop {
  epoch(): Promise<{ epoch: string; seq: number }>;
  /** Sends rows in one push; throws unless each is fine. Answers milliseconds. */
  push(rows: readonly PushedRow[]): Promise<number>;
  /** A page of a collection, and the bytes it came in. */
  pull(collection: SyncCollection, checkpoint: Checkpoint | null, limit: number): Promise<PullAnswer & { bytes: number }>;
}

export function laptopOf(url: string, accessToken: string): Laptop {
  const headers = { authorization: `Bearer ${accessToken}`, [schemaHeader]: '1', 'content-type': 'application/json' };
  const post = async (path: string, body: string) => {
    const response = await fetch(url + path, { method: 'POST', headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text.slice(0, 200)}`);
    return text;
  };
  const laptop: Laptop = {
    async epoch() {
      return (await (await fetch(`${url}/sync`, { headers })).json()) as { epoch: string; seq: number };
    },
    async push(rows) {
      const { epoch, seq } = await laptop.epoch();
      const body = JSON.stringify({ batchId: randomUUID(), epoch, seen: seq, rows });
      const begun = performance.now();
      const answer = JSON.parse(await post('/sync/push', body)) as PushAnswer;
      const took = performance.now() - begun;
      const bad = answer.verdicts.find(({ verdict }) => verdict !== 'ok');
      if (bad !== undefined) throw new Error(`A row was not fine: ${JSON.stringify(bad).slice(0, 300)}`);
      return took;
    },
    async pull(collection, checkpoint, limit) {
      const text = await post('/sync/pull', JSON.stringify({ collection, checkpoint, limit }));
      return { ...(JSON.parse(text) as PullAnswer), bytes: text.length };
    },
  };
  return laptop;
}

/** Rows of a made-up book, as a laptop pushes them for the first time: clients, then what hangs on them. */
export function rowsOfBook(clients: number, contacts: number, locations: number): PushedRow[] {
  const random = seededRandom(11);
  const start = Date.parse('2024-01-01T00:00:00.000Z');
  const rows: PushedRow[] = [];
  const make = (of: NounName, fields: object): string => {
    const id = newId();
    const at = start + rows.length * 1_000;
    const head = { at: new Date(at).toISOString(), actor: 'Ada', stamp: formatStamp(at, 0, 'bench') };
    const after = nouns[of].fieldsSchema.parse(fields) as Record<string, unknown>;
    const record = applyChange(of, null, head, { collection: of, id, before: null, after });
    rows.push({ collection: of, assumed: null, record: { ...record } });
    return id;
  };
  const ids = Array.from({ length: clients }, (_, at) => make('clients', generatedClient(at)));
  const some = () => ids[Math.floor(random() * ids.length)] as string;
  for (let at = 0; at < contacts; at += 1) make('contacts', generatedContact(at, some(), at < clients && at % 3 === 0));
  for (let at = 0; at < locations; at += 1) make('locations', generatedLocation(at, some()));
  return rows;
}

export interface SyncRates {
  pushedPerSecond: number;
  pushBatchMs: number[];
  pulledPerSecond: number;
  pulledMegabytesPerSecond: number;
  /** Seconds of the server's own processor time for a thousand documents; null where the system does not say. */
  pushCpuPerThousand: number | null;
  pullCpuPerThousand: number | null;
}

/** Pushes the rows in batches of 200, one after the other, and pulls all of them in pages of 1,000. */
export async function measureSync(laptop: Laptop, rows: readonly PushedRow[], serverPid: number): Promise<SyncRates> {
  const batches = Array.from({ length: Math.ceil(rows.length / 200) }, (_, at) => rows.slice(at * 200, at * 200 + 200));
  const before = (await laptop.epoch()).seq;
  const pushBatchMs: number[] = [];
  let cpu = cpuSeconds(serverPid);
  for (const batch of batches) pushBatchMs.push(await laptop.push(batch));
  const pushCpu = since(cpu, cpuSeconds(serverPid));
  const collections = [...new Set(rows.map(({ collection }) => collection))];
  const { epoch } = await laptop.epoch();
  const first = await laptop.pull('clients', null, 1);
  let [pulled, bytes] = [0, 0];
  cpu = cpuSeconds(serverPid);
  const begun = performance.now();
  for (const collection of collections) {
    // From where the pushes began, so that what was there before costs nothing.
    for (let from: Checkpoint = { ...first.checkpoint, epoch, seq: before }; ; ) {
      const page = await laptop.pull(collection, from, 1_000);
      pulled += page.rows.length;
      bytes += page.bytes;
      from = page.checkpoint;
      if (!page.more) break;
    }
  }
  const took = (performance.now() - begun) / 1000;
  const pullCpu = since(cpu, cpuSeconds(serverPid));
  if (pulled !== rows.length) throw new Error(`${rows.length} were pushed and ${pulled} pulled`);
  return {
    pushedPerSecond: rows.length / (pushBatchMs.reduce((sum, one) => sum + one, 0) / 1000),
    pushBatchMs,
    pulledPerSecond: pulled / took,
    pulledMegabytesPerSecond: bytes / 1e6 / took,
    pushCpuPerThousand: pushCpu === null ? null : pushCpu / (rows.length / 1000),
    pullCpuPerThousand: pullCpu === null ? null : pullCpu / (pulled / 1000),
  };
}

const since = (begun: number | null, now: number | null) => (begun === null || now === null ? null : now - begun);

/** Processor time of a process so far, in seconds: what it needs is told better by that than by the clock of a busy machine. */
function cpuSeconds(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    return null;
  }
}

/** How fast one laptop pushes a book and pulls it again, as rows of a table of figures. `warmed` comes between the first rows and those that count. */
export async function syncFigures(
  server: { url: string; pid: number },
  account: { email: string; password: string },
  warmed: () => Promise<void> = async () => {},
) {
  const signIn = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(account) };
  const { accessToken } = (await (await fetch(`${server.url}/auth/token`, signIn)).json()) as { accessToken: string };
  const laptop = laptopOf(server.url, accessToken);
  // Compiled, prepared, cached.
  await measureSync(laptop, rowsOfBook(400, 600, 200), server.pid);
  await warmed();
  const rates = await measureSync(laptop, rowsOfBook(syncBook.clients, syncBook.contacts, syncBook.locations), server.pid);
  return [
    figure('sync: push, batches of 200, one laptop', rates.pushedPerSecond, 'documents/s', '≥ 2000', rates.pushedPerSecond >= 2_000),
    figure('sync: push of a batch, p50', percentile(rates.pushBatchMs, 0.5), 'ms', '', null),
    figure('sync: push of a batch, p95', percentile(rates.pushBatchMs, 0.95), 'ms', '', null),
    figure('sync: push, the server’s processor time', (rates.pushCpuPerThousand ?? Number.NaN) * 1000, 'ms for 1000 documents', '', null),
    figure('sync: pull, pages of 1000, one laptop', rates.pulledPerSecond, 'documents/s', '≥ 8000', rates.pulledPerSecond >= 8_000),
    figure('sync: pull', rates.pulledMegabytesPerSecond, 'MB/s', '', null),
    figure('sync: pull, the server’s processor time', (rates.pullCpuPerThousand ?? Number.NaN) * 1000, 'ms for 1000 documents', '', null),
  ];
}
