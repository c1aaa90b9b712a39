import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../build/postgres.mjs';
import { type CountedLine, countedLine } from './counted-line.ts';
import { account, type Laptop, startLaptop } from './laptop-process.ts';
import { type BenchTable, median, rounded } from './measure.ts';
import { startPouchdb } from './pouchdb-peer.ts';
import { cpuSeconds } from './processor-time.ts';
import { startServer } from './server-process.ts';

/**
 * Laptops that sync, each a process of its own with the desktop's book, journal and sync, with a server process on a PostgreSQL that
 * waits for the disk; beside them PouchDB on LevelDB that replicates the same documents with pouchdb-server, by the same steps in
 * the same run. FIELDBOOK_SYNC_DOCUMENTS and FIELDBOOK_SYNC_RUNS make it larger.
 */
const documents = Number(process.env.FIELDBOOK_SYNC_DOCUMENTS ?? 10_000);
const runs = Number(process.env.FIELDBOOK_SYNC_RUNS ?? 3);
const edits = 1_000;
/** Edits of a run that are looked for on the other laptop. Each may wait for the minute in which that one asks. */
const looks = 4;

interface Side {
  kind: 'laptop-program.ts' | 'pouchdb-program.ts';
  url: string;
  /** Processor time of the server and of its database so far. */
  cpu: () => number;
  folder: string;
  stop(): Promise<void>;
}

interface Taken {
  ms: number;
  up: number;
  down: number;
  laptop: number;
  server: number;
}
interface Figures {
  push: Taken;
  first: Taken;
  edits: Taken;
  taken: Taken;
  twice: number;
  seen: number[];
}

export async function run(): Promise<BenchTable> {
  const home = mkdtempSync(join(tmpdir(), 'fieldbook-bench-sync-'));
  const postgres = await startPostgres({ isDurable: true });
  const ours = async (name: string): Promise<Side> => {
    const folder = join(home, name);
    const server = await startServer(['--data', folder], {
      DATABASE_URL: await postgres.database(name, { isLocal: true }),
      FIELDBOOK_DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
      FIELDBOOK_ORG: 'Bench',
      FIELDBOOK_ADMIN_EMAIL: account.email,
      FIELDBOOK_ADMIN_PASSWORD: account.password,
    });
    const cpu = () => cpuSeconds(server.pid) + cpuSeconds(postgres.pid as number);
    return { kind: 'laptop-program.ts', url: server.url, cpu, folder, stop: server.stop };
  };
  const theirs = async (name: string): Promise<Side> => {
    const folder = join(home, name);
    const server = await startPouchdb(folder, 5986);
    return { kind: 'pouchdb-program.ts', url: server.base, cpu: () => cpuSeconds(server.pid), folder, stop: server.stop };
  };
  try {
    const [own, peer]: [Figures[], Figures[]] = [[], []];
    for (let round = 0; round < runs; round += 1) {
      own.push(await measured(await ours(`ours${round}`)));
      peer.push(await measured(await theirs(`theirs${round}`)));
    }
    return { name: `sync: ${documents.toLocaleString('en')} documents, medians of ${runs}`, rows: rowsOf(own, peer) };
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function measured(side: Side): Promise<Figures> {
  const line = await countedLine(side.url);
  const laptops: Laptop[] = [];
  const start = async (name: string) => {
    const folder = join(side.folder, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const laptop = startLaptop(side.kind);
    laptops.push(laptop);
    await laptop.ask('open', { folder, url: line.url });
    return laptop;
  };
  const synced = async (laptop: Laptop, isWhole = true): Promise<Taken> => {
    await laptop.ask('edit', { documents: 0 });
    const [bytes, cpu, server, begun] = [line.bytes(), laptop.cpu(), side.cpu(), performance.now()];
    const count = await laptop.ask('sync', {});
    const ms = performance.now() - begun;
    if (isWhole && count !== documents) throw new Error(`${count} documents are there instead of ${documents}`);
    const now = line.bytes();
    return { ms, up: now.up - bytes.up, down: now.down - bytes.down, laptop: laptop.cpu() - cpu, server: side.cpu() - server };
  };
  try {
    const first = await start('first');
    await first.ask('make', { documents });
    const push = await synced(first);
    const second = await start('second');
    const pulled = await synced(second);
    const twice = await killedHalfWay(line, pulled.down, start, synced);
    await first.ask('edit', { documents: edits });
    const pushed = await synced(first);
    const taken = await synced(second);
    return { push, first: pulled, edits: pushed, taken, twice, seen: await seenElsewhere([first, second]) };
  } finally {
    for (const laptop of laptops) await laptop.kill();
    await line.close();
    await side.stop();
  }
}

/** Which part of the bytes of a first sync comes twice when its process is killed half-way. */
async function killedHalfWay(
  line: CountedLine,
  whole: number,
  start: (name: string) => Promise<Laptop>,
  synced: (laptop: Laptop) => Promise<Taken>,
): Promise<number> {
  const laptop = await start('killed');
  const before = line.bytes().down;
  const ended = laptop.ask('sync', {}).catch(() => 0);
  while (line.bytes().down - before < whole / 2) await new Promise((done) => setTimeout(done, 1));
  await laptop.kill();
  if ((await ended) !== 0) throw new Error('It was done before it was killed');
  const came = line.bytes().down - before;
  const again = await synced(await start('killed'));
  return (came + again.down - whole) / whole;
}

async function seenElsewhere(laptops: readonly [Laptop, Laptop]): Promise<number[]> {
  for (const laptop of laptops) await laptop.ask('live', {});
  await new Promise((done) => setTimeout(done, 3_000));
  const took = [];
  for (let at = 0; at < looks; at += 1) {
    const [one, other] = at % 2 === 0 ? laptops : laptops.toReversed();
    const text = `Visited, ${at}`;
    const seen = (other as Laptop).ask('see', { text });
    const begun = Date.now();
    await (one as Laptop).ask('write', { text });
    took.push((await seen) - begun);
  }
  return took;
}

function rowsOf(own: readonly Figures[], peer: readonly Figures[]): BenchTable['rows'] {
  const row = (
    figure: string,
    of: (figures: Figures) => number,
    unit: string,
    aim = '',
    isMet: ((value: number) => boolean) | null = null,
  ) => {
    const [ours, theirs] = [own, peer].map((all) => median(all.map(of))) as [number, number];
    return {
      figure,
      Fieldbook: rounded(ours),
      'pouchdb-server': rounded(theirs),
      ratio: Math.round((ours / theirs) * 100) / 100,
      unit,
      aim,
      met: isMet === null ? '' : isMet(ours) ? 'yes' : 'NO',
    };
  };
  const kilobytes = (of: keyof Figures, way: 'up' | 'down') => (one: Figures) => (one[of] as Taken)[way] / 1000;
  const parts = (what: string, of: 'push' | 'first' | 'edits' | 'taken') => [
    row(`${what}: sent`, kilobytes(of, 'up'), 'kB'),
    row(`${what}: received`, kilobytes(of, 'down'), 'kB'),
    row(`${what}: processor time of the laptop`, (one) => one[of].laptop * 1000, 'ms'),
    row(`${what}: processor time of the server and its database`, (one) => one[of].server * 1000, 'ms'),
  ];
  const firstAim = documents <= 10_000 ? 5 : 25;
  return [
    row(
      'first sync',
      ({ first }) => first.ms / 1000,
      's',
      `≤ ${firstAim}`,
      (value) => value <= firstAim,
    ),
    ...parts('first sync', 'first'),
    row(
      'first sync killed half-way: bytes that came twice',
      ({ twice }) => twice * 100,
      '%',
      '≤ 5',
      (value) => value <= 5,
    ),
    row('push of a whole book', ({ push }) => documents / (push.ms / 1000), 'documents/s'),
    ...parts('push of a whole book', 'push'),
    row(
      `${edits} edits sent`,
      (one) => one.edits.ms / 1000,
      's',
      '≤ 3',
      (value) => value <= 3,
    ),
    ...parts(`${edits} edits sent`, 'edits'),
    row(`${edits} edits taken in`, ({ taken }) => taken.ms / 1000, 's'),
    ...parts(`${edits} edits taken in`, 'taken'),
    row('an edit is on the other laptop, median', ({ seen }) => median(seen), 'ms'),
    row(
      'an edit is on the other laptop, the slowest of a run',
      ({ seen }) => Math.max(...seen),
      'ms',
      '≤ 1,000',
      (value) => value <= 1_000,
    ),
  ];
}
