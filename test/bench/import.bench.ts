import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { say } from '../../shared/words/say.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { generatedCsv } from '../support/generated-book.ts';
import { type BenchTable, figure, median, rounded } from './measure.ts';
import { open, storageReady } from './opened-book.ts';

/** Set FIELDBOOK_BENCH_RUNS to change the number of imports, each into an empty book (3). */
const runs = Number(process.env.FIELDBOOK_BENCH_RUNS ?? 3);

export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-'));
  try {
    return { name: 'import: 10,000 CSV rows into an empty book', rows: await importing(home) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** 10,000 CSV rows through the whole import, beside raw Dexie putting the same records in the same Chromium. */
async function importing(home: string): Promise<BenchTable['rows']> {
  const csv = generatedCsv(10_000);
  const ours: number[] = [];
  const raw: number[] = [];
  let records = 0;
  for (let round = 0; round < runs; round += 1) {
    const folder = join(home, `import-${round}`);
    await mkdir(folder);
    const opened = await open(folder, join(home, `import-home-${round}`));
    try {
      await storageReady(opened.page);
      const fileId = await opened.page.evaluate(takeIn, csv);
      ours.push(await opened.page.evaluate(importCsv, fileId));
      const made = await opened.page.evaluate(readRecords);
      records = made.clients.length + made.locations.length;
      raw.push(await rawDexie(opened.context, made));
    } finally {
      await opened.close();
    }
  }
  const ratio = median(ours.map((ms, index) => ms / (raw[index] as number)));
  return [
    figure(`import of 10,000 CSV rows (${records} records) until the database has them, median`, median(ours), 'ms', '', null),
    figure(`raw Dexie bulkPut of the same ${records} records, median`, median(raw), 'ms', '', null),
    { figure: 'import against raw Dexie', value: rounded(ratio), unit: '×', aim: '≤ 4', met: ratio <= 4 ? 'yes' : 'NO' },
    figure('import rate', (10_000 / median(ours)) * 1000, 'rows/s', '', null),
  ];
}

/** Runs in the page. */
export async function takeIn(text: string): Promise<string> {
  const taken = await window.crm.files.take(new File([text], 'clients.csv'));
  if (!taken.ok) throw new Error(taken.error.code);
  return taken.value.fileId;
}

/** Runs in the page: from the file that lies there to a database that has all of it. */
export async function importCsv(fileId: string): Promise<number> {
  const { crm } = window;
  const must = <T>(result: { ok: true; value: T } | { ok: false; error: { code: string } }): T => {
    if (!result.ok) throw new Error(result.error.code);
    return result.value;
  };
  const preview = must(await crm.imports.preview({ fileId }));
  const columns = preview.columns;
  const begun = performance.now();
  const started = must(await crm.imports.start({ fileId, columns }));
  for (;;) {
    const { jobs } = must(await crm.imports.list({}));
    const job = jobs.find(({ id }) => id === started.id);
    if (job?.state === 'failed') throw new Error(job.problem === null ? 'failed' : say(job.problem));
    if (job?.state === 'done') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (;;) {
    const status = must(await crm.app.status({}));
    if (status.unapplied === 0 && status.storage === 'ready') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - begun;
}

/** Runs in the page. */
export async function readRecords(): Promise<{ clients: object[]; locations: object[] }> {
  const { crm } = window;
  const all = async (
    list: (input: {
      limit: number;
      offset: number;
    }) => Promise<{ ok: true; value: { rows: object[]; total: number } } | { ok: false; error: { code: string } }>,
  ) => {
    const rows: object[] = [];
    for (;;) {
      const page = await list({ limit: 500, offset: rows.length });
      if (!page.ok) throw new Error(page.error.code);
      rows.push(...page.value.rows);
      if (page.value.rows.length === 0 || rows.length >= page.value.total) return rows;
    }
  };
  return { clients: await all(crm.clients.list), locations: await all(crm.locations.list) };
}

/** The same records into two plain Dexie tables with the key and one index RxDB has as well. */
export async function rawDexie(context: BrowserContext, records: { clients: object[]; locations: object[] }): Promise<number> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>raw Dexie</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page = await context.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ path: 'node_modules/dexie/dist/dexie.min.js' });
    return await page.evaluate(async ({ clients, locations }) => {
      interface RawTable {
        bulkPut(rows: object[]): Promise<unknown>;
      }
      interface RawDexie {
        version(n: number): { stores(schema: Record<string, string>): void };
        open(): Promise<unknown>;
        table(name: string): RawTable;
        delete(): Promise<void>;
      }
      const { Dexie } = globalThis as unknown as { Dexie: new (name: string) => RawDexie }; // Dexie's global build
      const database = new Dexie('raw');
      database.version(1).stores({ clients: 'id, updatedAt', locations: 'id, updatedAt' });
      await database.open();
      const begun = performance.now();
      await database.table('clients').bulkPut(clients);
      await database.table('locations').bulkPut(locations);
      const took = performance.now() - begun;
      await database.delete();
      return took;
    }, records);
  } finally {
    await page.close();
    server.close();
  }
}
