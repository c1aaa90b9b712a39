import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openBookFiles } from '../../electron/database/book-files.ts';
import { provenAtOnceBytes } from '../../electron/database/checkpoint.ts';
import { createBook } from '../../electron/domain/book.ts';
import { createBookServices } from '../../electron/domain/book.services.ts';
import type { Log } from '../../electron/domain/ports.ts';
import { openSettings } from '../../electron/domain/settings.service.ts';
import { listRequestSchema } from '../../shared/contracts/list.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure, median, percentile, rounded } from './measure.ts';

/**
 * Lists of main alone, in books of three sizes: no Chromium, and processor time of main's thread, which other programs do not add
 * to. The peer is SQLite with the same clients as JSON and an index of the same key, whose page is read and parsed.
 */
const sizes = [1000, 10_000, 100_000];
const pages = 60;
const pageSize = 100;
const starts = 5;

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const noFile = { read: async () => null, write: async () => undefined, setAside: async () => undefined };

export async function run(): Promise<BenchTable> {
  const rows: BenchTable['rows'] = [];
  for (const clients of sizes) {
    const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-lists-'));
    try {
      rows.push(...(await measured(home, clients)));
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }
  return { name: `lists: ${sizes.map((size) => size.toLocaleString('en')).join(', ')} clients`, rows };
}

async function measured(home: string, clients: number): Promise<BenchTable['rows']> {
  const folder = join(home, 'book');
  await mkdir(folder);
  await writeGeneratedFolder(folder, { clients, contacts: 0, locations: 0 });
  const { files, book, services } = await opened(folder);
  await services.searchReady();
  const list = (offset: number, filters: { path: string; operator: 'is' | 'isEmpty'; value: string }[] = []) =>
    services.clients.list(listRequestSchema.parse({ sort: [{ path: 'address.city' }], filters, offset, limit: pageSize }));
  const offsetOf = (round: number) => (round * 7919) % Math.max(1, clients - pageSize);

  const made = await taken(() => list(0));
  const columns = await taken(() => list(0, [{ path: 'lifecycleStage', operator: 'isEmpty', value: '' }]));
  const filtered = await taken(() => list(0, [{ path: 'address.city', operator: 'is', value: 'Denver' }]));
  const ours: number[] = [];
  for (let round = 0; round < pages; round += 1) ours.push(await taken(() => list(offsetOf(round))));
  const edits: number[] = [];
  const { rows } = await list(0);
  for (const { id } of rows.slice(0, pages)) edits.push(await taken(() => services.clients.change(id, { notes: 'Visited' })));
  const peer = peerOf(join(home, 'peer.sqlite'), [...book.all('clients')]);
  const theirs: number[] = [];
  for (let round = 0; round < pages; round += 1) theirs.push(await taken(async () => peer(offsetOf(round))));
  services.close();
  await files.close();
  const shown = await startOf(folder, provenAtOnceBytes);
  const provenFirst = await startOf(folder);

  const of = `of ${clients.toLocaleString('en')}`;
  const ratio = rounded(median(ours) / median(theirs));
  return [
    figure(`${of}: an order made by the first who asks, in slices`, made, 'ms', '', null),
    figure(`${of}: the first filter while columns are made, in slices`, columns, 'ms', '', null),
    figure(`${of}: first page of another filter, the first time`, filtered, 'ms', '≤ 16', filtered <= 16),
    figure(`${of}: page of an order, p95`, percentile(ours, 0.95), 'ms', '≤ 16', percentile(ours, 0.95) <= 16),
    figure(`${of}: page of an order, median`, median(ours), 'ms', '', null),
    figure(`${of}: peer, page of the same JSON in SQLite, median`, median(theirs), 'ms', '', null),
    { figure: `${of}: page of an order against the peer`, value: ratio, unit: '×', aim: '', met: '' },
    figure(`${of}: an edit, median`, median(edits), 'ms', '', null),
    figure(`${of}: a start, from files to first page, median`, shown, 'ms', '', null),
    figure(`${of}: the same with everything proven first, median`, provenFirst, 'ms', '', null),
  ];
}

async function opened(folder: string, provenLaterFrom?: number) {
  const clock = fixedClock('2026-06-02T08:00:00.000Z');
  const files = await openBookFiles(folder, { clock, log: quiet, ...(provenLaterFrom !== undefined && { provenLaterFrom }) });
  const { proven } = files;
  const book = createBook(files.opened, {
    journal: files.journal,
    database: { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) },
    clock,
    actor: () => 'Field staff',
    log: quiet,
    onChanged: () => undefined,
    onUndoState: () => undefined,
    proven,
  });
  const settings = await openSettings({ file: noFile, onChanged: () => undefined, log: quiet });
  const services = createBookServices({ book, model: files.readModel, clock, settings, log: quiet, proven });
  return { files, book, services };
}

/** Up to the first page of clients by city, whose order is kept. */
async function startOf(folder: string, provenLaterFrom?: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < starts; round += 1) {
    const before = cpuTime();
    const { files, services } = await opened(folder, provenLaterFrom);
    await services.clients.list(listRequestSchema.parse({ sort: [{ path: 'address.city' }], limit: pageSize }));
    times.push(cpuTime() - before);
    await files.proven;
    services.close();
    await files.close();
  }
  return median(times);
}

/** Processor time of main's thread. */
async function taken(work: () => Promise<unknown>): Promise<number> {
  const before = cpuTime();
  await work();
  return cpuTime() - before;
}

function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function peerOf(path: string, clients: readonly { id: string; address: { city: string | null } }[]) {
  const db = new DatabaseSync(path);
  db.exec('pragma journal_mode = wal; create table clients (id text primary key, city text, json text) strict; begin');
  const put = db.prepare('insert into clients values (?, ?, ?)');
  for (const client of clients) put.run(client.id, client.address.city, JSON.stringify(client));
  db.exec('commit; create index clients_by_city on clients (city is null, city, id)');
  const page = db.prepare('select json from clients where id in (select id from clients order by city is null, city, id limit ? offset ?)');
  return (offset: number) => page.all(pageSize, offset).map(({ json }) => JSON.parse(String(json)) as unknown);
}
