import { describe, expect, it } from 'vitest';
import { newId } from '../../../../shared/lib/ids.ts';
import {
  expectedRows,
  openBook,
  storedRows,
  type TestBook,
  type TestBrowser,
  temporaryFolder,
  testBrowser,
  testTimes,
} from './storage-fixture.ts';
import { everyRecord } from '../../../support/plain-book.ts';
import { saidNotices } from '../../../support/said-notices.ts';

/** What a call to the database took, in milliseconds; it must have been answered, never refused. */
async function timed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

/** A morning's work that sends a message of every kind through the channel, each call beside others. */
async function morning(book: TestBook): Promise<number> {
  const id = newId();
  const [made] = await Promise.all([book.addClient('North Depot'), book.addClient('South Depot')]);
  const times = await Promise.all([
    timed(book.run([{ collection: 'clients', id, before: null, after: { name: 'East Depot' } }])),
    timed(book.run([{ collection: 'clients', id, before: { name: 'East Depot' }, after: { name: 'East Depot Ltd' } }])),
    timed(book.database.operations([made.id])),
    timed(
      book.run(
        Array.from({ length: 210 }, (_, at) => ({ collection: 'contacts', id: newId(), before: null, after: { firstName: `Ada ${at}` } })),
      ),
    ),
  ]);
  times.push(await timed(book.run([{ collection: 'clients', id, before: { name: 'East Depot Ltd' }, after: { name: 'East' } }])));
  return Math.max(...times);
}

type Direction = 'on its way to the host' | 'on its way back';

/** Does `harm` to the message with this number, heartbeats not counted. */
function atMessage(
  browser: TestBrowser,
  direction: Direction,
  number: number,
  harm: (crash: () => void) => 'deliver' | 'swallow',
): { seen: string | null } {
  const state: { seen: string | null } = { seen: null };
  let count = 0;
  const look: TestBrowser['onToHost'] = (message, host) => {
    const { kind, message: inner } = message as { kind: string; message?: { method?: string } };
    if (kind !== 'rx') return message;
    count += 1;
    if (count !== number) return message;
    state.seen = inner?.method ?? null;
    return harm(() => host.crash()) === 'deliver' ? message : null;
  };
  if (direction === 'on its way to the host') browser.onToHost = look;
  else browser.onFromHost = look;
  return state;
}

type Phase = 'while it opens' | 'amid commands';

async function morningWith(
  phase: Phase,
  direction: Direction,
  number: number,
  harm: Parameters<typeof atMessage>[3],
): Promise<string | null> {
  const folder = await temporaryFolder();
  const browser = testBrowser();
  let harmed = phase === 'while it opens' ? atMessage(browser, direction, number, harm) : null;
  const book = await openBook(folder, browser);
  if (harmed === null) {
    await book.until('ready');
    harmed = atMessage(browser, direction, number, harm);
  }
  const slowest = await morning(book);
  expect(slowest).toBeLessThan(1000);
  await book.untilCaughtUp();
  expect(await storedRows()).toEqual(await expectedRows(book));
  expect(book.files.notices).toEqual([]);
  await book.close();
  const again = await openBook(folder, browser);
  await again.until('ready');
  expect(everyRecord(again.snapshot().records)).toEqual(everyRecord(book.snapshot().records));
  expect(again.files.notices).toEqual([]);
  return harmed.seen;
}

describe('a storage host that dies', () => {
  const phases: Record<Phase, number[]> = {
    'while it opens': [1, 2, 3, 4, 5, 7, 9, 11, 13, 15],
    'amid commands': [1, 2, 3, 4, 5, 6, 7, 8, 10],
  };
  for (const [phase, points] of Object.entries(phases) as [Phase, number[]][]) {
    for (const direction of ['on its way to the host', 'on its way back'] as const) {
      for (const point of points) {
        it(`${phase}, with message ${point} ${direction}, costs no command and lets nobody wait a second`, async () => {
          const method = await morningWith(phase, direction, point, (crash) => {
            crash();
            return 'swallow';
          });
          expect(method).not.toBeNull();
        });
      }
    }
  }

  for (const [phase, point] of [
    ['while it opens', 1],
    ['while it opens', 8],
    ['amid commands', 2],
    ['amid commands', 6],
  ] as const) {
    it(`${phase} without a sign, swallowing message ${point}, is found out by its silence`, async () => {
      expect(await morningWith(phase, 'on its way to the host', point, () => 'swallow')).not.toBeNull();
    });
  }

  it('twenty times in a row comes back every time', async () => {
    const browser = testBrowser();
    const book = await openBook(await temporaryFolder(), browser);
    for (let round = 0; round < 20; round++) {
      await book.until('ready');
      const command = timed(book.addClient(`Client ${round}`));
      browser.hosts.at(-1)?.crash();
      expect(await command).toBeLessThan(1000);
    }
    await book.untilCaughtUp();
    expect(book.snapshot().records.clients).toHaveLength(20);
    expect(book.statuses.map(({ storage }) => storage)).not.toContain('readOnly');
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('when IndexedDB is closed under it is replaced', async () => {
    const browser = testBrowser();
    const book = await openBook(await temporaryFolder(), browser);
    await book.until('ready');
    browser.hosts[0]?.say({ kind: 'lost', reason: 'database-closed' });
    await book.until('restarting');
    await book.addClient('North Depot');
    await book.untilCaughtUp();
    expect(browser.hosts).toHaveLength(2);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('is no longer heard when it speaks again', async () => {
    const browser = testBrowser();
    const book = await openBook(await temporaryFolder(), browser);
    await book.until('ready');
    const late: unknown[] = [];
    browser.onFromHost = (message, host) => {
      if (host.number > 1) return message;
      if ((message as { kind: string }).kind === 'rx') late.push(message);
      return null;
    };
    await book.addClient('North Depot');
    await book.untilCaughtUp();
    expect(browser.hosts).toHaveLength(2);
    expect(late.length).toBeGreaterThan(0);
    for (const message of late) browser.hosts[0]?.say(message);
    await book.addClient('South Depot');
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('again and again before it opens is given up for a while, and the book says so and stays usable', async () => {
    const browser = testBrowser();
    let isBroken = true;
    const { openStorageHost } = browser;
    browser.openStorageHost = async () => {
      const port = await openStorageHost();
      if (isBroken) setImmediate(() => browser.hosts.at(-1)?.crash());
      return port;
    };
    const book = await openBook(await temporaryFolder(), browser, { ...testTimes, breakMs: 100 });
    await book.until('readOnly');
    expect(browser.hosts).toHaveLength(4);
    expect(saidNotices(book.files.notices)).toEqual([
      {
        id: 'database-closed',
        level: 'error',
        text: 'The database cannot be opened. Everything you saved is safe in the journal on this disk. Fieldbook tries again every minute; closing it and starting it again may help.',
      },
    ]);
    expect(await timed(book.addClient('North Depot')), 'it waits for no database').toBeLessThan(10_000);
    isBroken = false;
    await book.until('ready');
    expect(book.files.notices).toEqual([]);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('because none can be made is tried again', async () => {
    const browser = testBrowser();
    const { openStorageHost } = browser;
    let tries = 0;
    browser.openStorageHost = () => (++tries < 3 ? Promise.reject(new Error('No window')) : openStorageHost());
    const book = await openBook(await temporaryFolder(), browser);
    await book.until('ready');
    expect(tries).toBe(3);
  });
});

describe('what the logs say', () => {
  it('carries nothing that people typed, whatever fails', async () => {
    const canary = 'Kanarienvogel';
    const browser = testBrowser();
    const book = await openBook(await temporaryFolder(), browser);
    await book.until('ready');
    await book.addClient(canary, { notes: canary, custom: { [canary]: canary } });
    // A host whose answers are errors with whole documents, as RxDB makes them; then one that dies amid a write.
    browser.onFromHost = (message, host) => {
      const answer = message['message'] as { method?: string; error?: unknown } | undefined;
      if (answer?.method !== 'bulkWrite' || host.number > 2) return message;
      if (host.number === 1) answer.error = { name: 'Error', message: canary, parameters: { document: { name: canary } } };
      else host.crash(canary.length > 0 ? 'crashed' : '');
      return message;
    };
    await book.addClient(`${canary} 2`);
    await book.addClient(`${canary} 3`);
    await book.untilCaughtUp();
    expect(await storedRows()).toEqual(await expectedRows(book));
    await book.close();
    expect(book.log.lines.map(({ event }) => event)).toContain('storage.write-failed');
    expect(JSON.stringify(book.log.lines)).not.toContain(canary);
  });
});
