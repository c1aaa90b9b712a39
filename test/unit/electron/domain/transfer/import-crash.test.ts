import { appendFileSync, truncateSync } from 'node:fs';
import { expect, it } from 'vitest';
import { noCounts } from '../../../../../electron/domain/transfer/dry-run.ts';
import { createImportService } from '../../../../../electron/domain/transfer/import.service.ts';
import { CHUNK } from '../../../../../electron/domain/transfer/import-job.ts';
import type { ImportStore } from '../../../../../electron/domain/transfer/import-store.ts';
import { createFiles } from '../../../../../electron/files.ts';
import { writeCsv } from '../../../../../electron/formats/csv.writer.ts';
import { importFolder } from '../../../../../electron/formats/import-folder.ts';
import { openSource } from '../../../../../electron/formats/open-source.ts';
import { importPlanSchema } from '../../../../../shared/contracts/transfer.contract.ts';
import { counted, openLaptop, quietLog, type TestBook } from '../../../../support/opened-book.ts';
import { openDesk } from '../../../../support/transfer-desk.ts';

const ROWS = 1200;
/** Every fifth row is a client that is there already, every seventh fails. */
const list = ['Name,E-mail,Phone,Headquarters']
  .concat(
    Array.from(
      { length: ROWS },
      (_, at) =>
        `${at % 5 === 0 ? `Known ${at % 200}` : `Client ${at}`},${at % 7 === 0 ? 'oops' : `c${at}@x.example`},+1 ${at},"Town ${at}, Ohio"`,
    ),
  )
  .join('\n');

/** A disk that stops taking anything at the n-th write, as when the program is killed there; `before` loses that write too. */
function dyingStore(store: ImportStore, writes: number, before: boolean): { store: ImportStore; died: Promise<void> } {
  let left = writes;
  let isDead = false;
  let died = () => {};
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left === 0 && !before) await work();
    if (left <= 0) {
      isDead = true;
      died();
    }
    if (isDead) throw new Error('The program was killed here');
    return work();
  };
  return {
    store: {
      ...store,
      write: (state) => alive(() => store.write(state)),
      openReport: async (id, at) => {
        const file = await store.openReport(id, at);
        return { add: (lines, mark) => alive(() => file.add(lines, mark)), close: () => file.close() };
      },
    },
    died: death,
  };
}

async function bookWithKnownClients(): Promise<TestBook> {
  const laptop = await openLaptop();
  await laptop.book.run('clients.create', null, (tx) => {
    for (let at = 0; at < 200; at += 5) tx.create('clients', { name: `Known ${at}`, tags: ['known'] });
  });
  return laptop;
}

/** What the import left behind, without ids and times. */
function outcome(laptop: TestBook): unknown {
  const clients = [...laptop.book.all('clients')].filter(({ deletedAt }) => deletedAt === null);
  return clients
    .map(({ id, name, email, phone, tags }) => ({
      name,
      email,
      phone,
      tags,
      locations: laptop.book
        .children('locations', id)
        .map((location) => [location.name, location.physicalAddress.city, location.isPrimary]),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Brings the list in, into a store that dies at its write `at`, and opens the book again afterwards. */
async function diesAtWrite(laptop: TestBook, at: number, before: boolean) {
  const files = createFiles(laptop.folder);
  const { store, died } = dyingStore(importFolder(`${laptop.folder}/imports`), at, before);
  const imports = await createImportService({
    book: laptop.book,
    history: laptop.history,
    files,
    store,
    openSource,
    writeTable: writeCsv,
    clock: laptop.clock,
    log: quietLog,
    onProgress: () => undefined,
  });
  const { fileId } = await files.take(
    'list.csv',
    (async function* () {
      yield Buffer.from(list);
    })(),
  );
  const { columns, defaults } = await imports.preview(importPlanSchema.parse({ fileId }));
  await imports.start(importPlanSchema.parse({ fileId, columns, defaults }));
  await died;
  await laptop.book.idle();
  return openDesk(await laptop.reopen());
}

it('goes on after a crash at any moment and ends with exactly the same records, none twice', async () => {
  const whole = await openDesk(await bookWithKnownClients());
  const finished = await whole.bring((await whole.look('list.csv', list)).plan);
  expect(finished).toMatchObject({ state: 'done', done: ROWS });
  expect(finished.counts.error).toBeGreaterThan(100);
  const expected = outcome(whole.laptop);

  // One write for each chunk, and those that begin and end the import.
  const writes = Math.ceil(ROWS / CHUNK) + 2;
  for (let at = 1; at <= writes; at++) {
    for (const before of [true, false]) {
      const laptop = await bookWithKnownClients();
      const later = await diesAtWrite(laptop, at, before);
      const [job] = await later.imports.list();
      if (job === undefined) {
        // It died before the import was noted at all: nothing of it is in the book.
        expect([at, before]).toEqual([1, true]);
        expect(later.laptop.counts().locations).toBe(0);
        continue;
      }
      expect(['interrupted', 'done']).toContain(job.state);
      await later.imports.resume(job.id);
      const end = await later.ended(job.id);
      expect(end).toMatchObject({ state: 'done', done: ROWS });
      expect(end.counts.error).toBe(finished.counts.error);
      expect(outcome(later.laptop)).toEqual(expected);
      expect((await later.imports.report(job.id, 'error', 0, 1)).total).toBe(finished.counts.error);
      await later.imports.undo(job.id);
      expect(later.laptop.counts()).toEqual(counted({ clients: 40, contacts: 0, locations: 0 }));
    }
  }
}, 120_000);

it('is offered to go on after a crash, and can be taken back instead', async () => {
  const laptop = await openLaptop();
  const later = await diesAtWrite(laptop, 3, false);
  const [job] = await later.imports.list();
  expect(job).toMatchObject({ state: 'interrupted', problem: null });
  expect(later.laptop.counts().clients).toBeGreaterThan(0);
  expect(await later.imports.undo(job?.id ?? '')).toMatchObject({ state: 'undone' });
  expect(later.laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
});

it('does not mind a report whose end a power cut left half written', async () => {
  const folder = `${(await openLaptop()).folder}/imports`;
  const store = importFolder(folder);
  const progress = (done: number, reportBytes: number) => ({
    done,
    lastRow: done + 1,
    counts: noCounts(),
    made: { clients: 0, contacts: 0, locations: 0 },
    reportBytes,
  });
  const mark = (done: number, reportBytes: number) => ({
    before: progress(done, reportBytes),
    after: progress(done + 1, 0),
    changesBook: true,
    operationBefore: null,
  });
  const report = await store.openReport('x', 0);
  const first = await report.add('{"row":2}\n', mark(0, 0));
  const second = await report.add(`{"row":3,"cells":["${'é'.repeat(100_000)}"]}\n`, mark(1, first));
  await report.close();
  expect(await store.lastMark('x', 0)).toMatchObject({ end: second, mark: { before: { done: 1 } } });
  expect(await store.lastMark('x', second)).toBe(null);
  truncateSync(`${folder}/x.rows.ndjson`, second - 5);
  expect(await store.lastMark('x', 0)).toMatchObject({ end: first, mark: { before: { done: 0 } } });
  appendFileSync(`${folder}/x.rows.ndjson`, Buffer.alloc(500));
  expect(await store.lastMark('x', 0)).toMatchObject({ end: first });
});

it('takes the rest back when it was killed in the middle of an undo', async () => {
  const laptop = await openLaptop();
  const desk = await openDesk(laptop);
  const job = await desk.bring((await desk.look('list.csv', list)).plan);
  const store = importFolder(`${laptop.folder}/imports`);
  const [state] = await store.list();
  // The first part of the undo went into the book; the program died before the rest.
  const first = state?.operationIds.slice(0, 2) ?? [];
  await laptop.history.undoGroup(job.id, first);
  await store.write({ ...(state as NonNullable<typeof state>), state: 'undoing', isUndoing: true });
  const later = await desk.reopen();
  expect((await later.imports.list())[0]).toMatchObject({
    state: 'interrupted',
    problem: { words: 'imports.endedInUndo' },
  });
  await later.imports.resume(job.id);
  expect((await later.ended(job.id)).state).toBe('undone');
  expect(later.laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
});
