import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, type Page, test } from '@playwright/test';
import { appWindow, headlessWindow } from '../support/app-window.ts';
import { editingRun } from '../support/editing-run.ts';
import { type RunningFieldbook, startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { generatedCsv } from '../support/generated-book.ts';
import { seeded } from '../support/seeded.ts';
import { clientsInIndexedDb, clientsOfBook, storageSettled } from '../support/stored-rows.ts';

const ROUNDS = 24;

// Invariant 1: an acknowledged command survives the death of any process.
test(`no confirmed command is lost in ${ROUNDS} kills of main, of the browser, or of both`, async () => {
  // Each round starts Fieldbook and a browser again: 12 s on a slow machine.
  test.setTimeout(600_000);
  const random = seeded('crash');
  const run = editingRun(random);
  const data = temporaryFolder();
  let fieldbook: RunningFieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
  let opened = await appWindow(fieldbook);
  let browserDeaths = 0;
  const kills = { main: 0, browser: 0, both: 0 };

  for (let round = 1; round <= ROUNDS; round += 1) {
    // Main opens a window that crashed again three times a minute and not more, so it goes too after the third.
    const victim = browserDeaths < 3 ? random.pick(['main', 'browser', 'both']) : 'both';
    browserDeaths = victim === 'browser' ? browserDeaths + 1 : 0;
    kills[victim] += 1;
    const working = run.work(opened.page);
    await wait(random.below(700));
    const deaths: Promise<unknown>[] = [];
    const isMainFirst = random.below(2) === 0;
    if (victim !== 'browser' && isMainFirst) deaths.push(fieldbook.kill());
    if (victim !== 'main') opened.killBrowser();
    if (victim !== 'browser' && !isMainFirst) deaths.push(fieldbook.kill());
    await Promise.all([working, ...deaths]);

    if (victim === 'browser') {
      opened = await appWindow(fieldbook, opened);
    } else {
      fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
      opened = await appWindow(fieldbook, opened);
    }
    const told = await clientsOfBook(opened.page);
    expect(run.compare(told), `round ${round}: ${victim} killed, seed ${random.seed}`).toEqual([]);
    await storageSettled(opened.page);
    expect(await clientsInIndexedDb(opened.page), `round ${round}: IndexedDB after ${victim} was killed, seed ${random.seed}`).toEqual(
      told,
    );
  }

  process.stdout.write(`crash: ${run.confirmed()} commands confirmed, kills ${JSON.stringify(kills)}\n`);
  expect(run.confirmed()).toBeGreaterThan(ROUNDS * 3);
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  rmSync(data, { recursive: true, maxRetries: 10 });
});

test('an import that is killed again and again brings every row in exactly once', async () => {
  test.setTimeout(240_000);
  const random = seeded('crash of an import');
  const rows = 3000;
  const data = temporaryFolder();
  let fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
  let opened = await appWindow(fieldbook);
  await opened.page.evaluate(startImport, generatedCsv(rows));

  let kills = 0;
  for (let job = await newestImport(opened.page); kills < 4 && job?.state !== 'done'; job = await newestImport(opened.page)) {
    await wait(random.below(500));
    await fieldbook.kill();
    kills += 1;
    fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
    opened = await appWindow(fieldbook, opened);
    const found = await newestImport(opened.page);
    expect(['interrupted', 'done'], `kill ${kills}, seed ${random.seed}`).toContain(found?.state);
    if (found?.state === 'interrupted') {
      const resumed = await opened.page.evaluate((id) => window.crm.imports.resume({ id }), found.id);
      expect(resumed, `kill ${kills}, seed ${random.seed}`).toMatchObject({ ok: true });
    }
  }
  await expect.poll(async () => (await newestImport(opened.page))?.state, { timeout: 60_000 }).toBe('done');

  const job = await newestImport(opened.page);
  process.stdout.write(`crash of an import: ${kills} kills, ${job?.done} rows done\n`);
  expect(job).toMatchObject({ rows, done: rows, made: { clients: rows } });
  // Some names are like one another, which is said and not refused.
  expect((job?.counts.new ?? 0) + (job?.counts.duplicate ?? 0)).toBe(rows);
  await storageSettled(opened.page);
  const told = await clientsOfBook(opened.page);
  expect(Object.keys(told).length, `seed ${random.seed}`).toBe(rows);
  expect(new Set(Object.values(told).map(({ name }) => name)).size).toBe(new Set(namesIn(generatedCsv(rows))).size);
  expect(await clientsInIndexedDb(opened.page)).toEqual(told);
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  rmSync(data, { recursive: true, maxRetries: 10 });
});

async function startImport(csv: string): Promise<void> {
  const taken = await window.crm.files.take(new File([csv], 'clients.csv'));
  if (!taken.ok) throw new Error(JSON.stringify(taken.error));
  const preview = await window.crm.imports.preview({ fileId: taken.value.fileId });
  if (!preview.ok) throw new Error(JSON.stringify(preview.error));
  const started = await window.crm.imports.start({ fileId: taken.value.fileId, columns: preview.value.columns });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
}

async function newestImport(page: Page) {
  const answer = await page.evaluate(() => window.crm.imports.list({}));
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value.jobs[0];
}

function namesIn(csv: string): string[] {
  return csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => /^"([^"]*)"/.exec(line)?.[1] ?? '');
}
