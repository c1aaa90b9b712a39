import { Dexie } from 'dexie';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writeTimes } from '../../../../electron/database/write-times.ts';
import { atEnd, openBook, temporaryFolder, testBrowser } from './storage-fixture.ts';

describe('write times', () => {
  it('only ever grow, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            now: fc.integer({ min: 0, max: 4_000_000_000_000 }),
            seen: fc.option(fc.double({ min: 0, max: 2_000_000_000_000, noNaN: true })),
          }),
          { minLength: 2 },
        ),
        (moments) => {
          let now = 0;
          let last = 0;
          const times = writeTimes(() => now);
          for (const moment of moments) {
            now = moment.now;
            if (moment.seen !== null) {
              times.observe(moment.seen);
              last = Math.max(last, moment.seen);
            }
            const time = times.next();
            expect(time).toBeGreaterThan(last);
            last = time;
          }
        },
      ),
    );
  });

  it('keep to the clock while it runs forward', () => {
    let now = 1_772_000_000_000;
    const times = writeTimes(() => now);
    times.next();
    now += 5;
    expect(times.next()).toBe(now);
  });
});

describe('the database after the clock went back', () => {
  async function newestRows(): Promise<{ name: unknown; lwt: number }[]> {
    const db = await new Dexie('rxdb-dexie-fieldbook--0--records').open();
    const rows: { name: unknown; _meta: { lwt: number } }[] = await db.table('docs').orderBy('_meta.lwt').toArray();
    db.close();
    return rows.map(({ name, _meta: { lwt } }) => ({ name, lwt }));
  }

  it('writes behind everything it has, so that "what changed since" misses nothing', async () => {
    const folder = await temporaryFolder();
    const browser = testBrowser();
    const first = await openBook(folder, browser);
    await first.until('ready');
    await first.addClient('Before');
    await first.close();
    const since = (await newestRows()).at(-1)?.lwt ?? 0;

    const now = Date.now.bind(Date);
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    atEnd(async () => clock.mockRestore());
    const second = await openBook(folder, browser);
    await second.until('ready');
    await second.addClient('After');
    await second.run([
      {
        collection: 'clients',
        id: [...second.records.clients.keys()][0] as string,
        before: { name: 'Before' },
        after: { name: 'Before, changed' },
      },
    ]);
    const changed = (await newestRows()).filter(({ lwt }) => lwt > since);
    expect(changed.map(({ name }) => name)).toEqual(['After', 'Before, changed']);
  });

  it('gives each row of a write a time of its own', async () => {
    const book = await openBook(await temporaryFolder(), testBrowser());
    await book.until('ready');
    await book.run(
      Array.from({ length: 50 }, (_, at) => ({ collection: 'clients', id: `c${at}`, before: null, after: { name: `Client ${at}` } })),
    );
    const times = (await newestRows()).map(({ lwt }) => lwt);
    expect(new Set(times).size).toBe(50);
  });
});
