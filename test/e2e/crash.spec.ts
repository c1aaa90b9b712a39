import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { appWindow, headlessWindow } from '../support/app-window.ts';
import { editingRun } from '../support/editing-run.ts';
import { type RunningFieldbook, startFieldbook, temporaryFolder } from '../support/fieldbook.ts';
import { seeded } from '../support/seeded.ts';
import { clientsInIndexedDb, clientsOfBook, storageSettled } from '../support/stored-rows.ts';

const ROUNDS = 24;

// Invariant 1: an acknowledged command survives the death of any process.
test(`no confirmed command is lost in ${ROUNDS} kills of main, of the browser, or of both`, async () => {
  test.setTimeout(300_000);
  const random = seeded('crash');
  const run = editingRun(random);
  const data = temporaryFolder();
  let fieldbook: RunningFieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
  let window = await appWindow(fieldbook);
  let browserDeaths = 0;
  const kills = { main: 0, browser: 0, both: 0 };

  for (let round = 1; round <= ROUNDS; round += 1) {
    // Main opens a window that crashed again three times a minute and not more, so it goes too after the third.
    const victim = browserDeaths < 3 ? random.pick(['main', 'browser', 'both']) : 'both';
    browserDeaths = victim === 'browser' ? browserDeaths + 1 : 0;
    kills[victim] += 1;
    const working = run.work(window.page);
    await wait(random.below(700));
    const deaths: Promise<unknown>[] = [];
    const isMainFirst = random.below(2) === 0;
    if (victim !== 'browser' && isMainFirst) deaths.push(fieldbook.kill());
    if (victim !== 'main') window.killBrowser();
    if (victim !== 'browser' && !isMainFirst) deaths.push(fieldbook.kill());
    await Promise.all([working, ...deaths]);

    if (victim === 'browser') {
      window = await appWindow(fieldbook, window);
    } else {
      fieldbook = await startFieldbook({ data, args: [], env: headlessWindow });
      window = await appWindow(fieldbook, window);
    }
    const told = await clientsOfBook(window.page);
    expect(run.compare(told), `round ${round}: ${victim} killed, seed ${random.seed}`).toEqual([]);
    await storageSettled(window.page);
    expect(await clientsInIndexedDb(window.page), `round ${round}: IndexedDB after ${victim} was killed, seed ${random.seed}`).toEqual(
      told,
    );
  }

  process.stdout.write(`crash: ${run.confirmed()} commands confirmed, kills ${JSON.stringify(kills)}\n`);
  expect(run.confirmed()).toBeGreaterThan(ROUNDS * 3);
  expect(await fieldbook.stop()).toEqual({ code: 0, signal: null });
  rmSync(data, { recursive: true, maxRetries: 10 });
});
