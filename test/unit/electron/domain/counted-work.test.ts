import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Book, BookReader } from '../../../../electron/domain/book.ts';
import { withKeptOrders } from '../../../../electron/domain/lists/kept-orders.ts';
import { createMemoryQueries } from '../../../../electron/domain/lists/memory-queries.ts';
import { createReadModelFeed } from '../../../../electron/domain/read-model.ts';
import { createSearchIndex } from '../../../../electron/domain/search/search-index.ts';
import { generatedClient, generatedContact } from '../../../support/generated-book.ts';
import { openLaptop, quietLog, request, type TestBook } from '../../../support/opened-book.ts';

/** Growth is caught without a clock: how many records a piece of work looks at, in a small book and in one ten times as large. */
const sizes = [80, 800] as const;

interface Counted {
  /** Records looked at one by one. */
  gets: number;
  /** Records met in a walk through all of a noun. */
  walked: number;
}

function counting(book: Book): { book: Book; since: () => Counted } {
  let counted: Counted = { gets: 0, walked: 0 };
  const get: BookReader['get'] = (noun, id) => {
    counted.gets += 1;
    return book.get(noun, id);
  };
  const all: BookReader['all'] = function* (noun) {
    for (const record of book.all(noun)) {
      counted.walked += 1;
      yield record;
    }
  };
  const since = () => {
    const told = counted;
    counted = { gets: 0, walked: 0 };
    return told;
  };
  return { book: { ...book, get, all }, since };
}

/** A book of so many clients with a contact each, opened once more: its read model was left whole. */
async function openedAgain(clients: number): Promise<TestBook> {
  const laptop = await openLaptop();
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    for (let at = 0; at < clients; at += 1) {
      const { id } = tx.create('clients', generatedClient(at));
      tx.create('contacts', generatedContact(at, id, true));
    }
  });
  await laptop.searchReady();
  return laptop.reopen();
}

async function searched(clients: number) {
  const laptop = await openedAgain(clients);
  const { book, since } = counting(laptop.book);
  const feed = createReadModelFeed({ book, model: laptop.files.readModel, log: quietLog });
  onTestFinished(feed.stop);
  const index = createSearchIndex({ book, model: laptop.files.readModel, feed });
  await feed.ready();
  const start = since();
  await index.find('north', 20);
  await index.find('hrbor', 20);
  const keystrokes = since();
  const first = [...laptop.book.all('clients')][7]?.id ?? '';
  await laptop.clients.change(first, { notes: 'Visited' });
  await feed.ready();
  return { start, keystrokes, edit: since() };
}

describe('search', () => {
  it.each(sizes)('of %i clients looks at no record at the start, at none for a keystroke and at one for an edit', async (clients) => {
    expect(await searched(clients)).toEqual({
      start: { gets: 0, walked: 0 },
      keystrokes: { gets: 0, walked: 0 },
      edit: { gets: 1, walked: 0 },
    });
  });
});

describe('a list', () => {
  it.each(sizes)('of %i clients walks through them once, whatever pages are asked for and edits come', async (clients) => {
    const laptop = await openedAgain(clients);
    const { book, since } = counting(laptop.book);
    const search = { idsWith: () => null, matcher: () => () => true };
    const queries = createMemoryQueries({ book, clock: laptop.clock, search });
    const page = (offset: number) => queries.list('clients', request({ sort: [{ path: 'address.city' }], offset, limit: 20 }));
    page(0);
    expect(since().walked).toBe(clients);
    const [row] = page(20).rows;
    await laptop.clients.change(row?.id ?? '', { address: { ...row?.address, city: 'Aachen' } });
    page(40);
    expect(page(0).rows[0]?.address.city).toBe('Aachen');
    const after = since();
    // Three pages of twenty rows, and nothing for the names of what they refer to.
    expect(after).toEqual({ gets: 60, walked: 0 });
  });
});

it.each(sizes)(
  'a list of %i clients that was sorted so before a start reads its page after it, and an edit one record',
  async (clients) => {
    const before = await openedAgain(clients);
    const sorted = request({ sort: [{ path: 'address.city', descending: true }], offset: 30, limit: 20 });
    await before.clients.list(sorted);
    const laptop = await before.reopen();
    const { book, since } = counting(laptop.book);
    const model = laptop.files.readModel;
    const feed = createReadModelFeed({ book, model, log: quietLog });
    onTestFinished(feed.stop);
    const search = { idsWith: () => null, matcher: () => () => true };
    const memory = createMemoryQueries({ book, clock: laptop.clock, search });
    const queries = withKeptOrders({ ...memory, readyByColumns: async () => false }, feed);
    const page = async () => {
      await queries.ready('clients', sorted);
      return queries.list('clients', sorted);
    };
    const { rows } = await page();
    // Each row is looked at twice: whether it stands where it is said to stand, and for what is shown of it.
    expect(since()).toEqual({ gets: 40, walked: 0 });
    await laptop.clients.change(rows[0]?.id ?? '', { notes: 'Visited' });
    await feed.ready();
    // Once for its words, once for its place.
    expect(since()).toEqual({ gets: 2, walked: 0 });
    expect((await page()).rows).toHaveLength(20);
    expect(since()).toEqual({ gets: 40, walked: 0 });
  },
);

it.each(sizes)('a list of %i clients reads at most 32 of them while everybody else waits', async (clients) => {
  const laptop = await openedAgain(clients);
  const { book, since } = counting(laptop.book);
  const search = { idsWith: () => null, matcher: () => () => true };
  const pieces: number[] = [];
  const breather = () => async () => {
    const { gets, walked } = since();
    pieces.push(gets + walked);
    return true;
  };
  const queries = createMemoryQueries({ book, clock: laptop.clock, search, breather });
  const query = request({ sort: [{ path: 'address.city' }], filters: [{ path: 'name', operator: 'isNotEmpty', value: '' }] });
  await queries.ready('clients', query);
  expect(Math.max(...pieces)).toBeLessThanOrEqual(32);
  expect(pieces.reduce((sum, one) => sum + one, since().walked)).toBe(clients);
  queries.list('clients', query);
  expect(since()).toEqual({ gets: 100 > clients ? clients : 100, walked: 0 });
});

it('an edit writes as many bytes into the journal in a large book as in a small one', async () => {
  const written: number[] = [];
  for (const clients of sizes) {
    const laptop = await openedAgain(clients);
    const journal = join(laptop.folder, 'journal');
    const bytes = () => readdirSync(journal).reduce((sum, name) => sum + statSync(join(journal, name)).size, 0);
    const first = [...laptop.book.all('clients')][7]?.id ?? '';
    const before = bytes();
    await laptop.clients.change(first, { notes: 'Visited' });
    written.push(bytes() - before);
  }
  const [small = 0, large = 0] = written;
  expect(small).toBeGreaterThan(100);
  // The number of the operation is the only thing that may be longer.
  expect(large - small).toBeLessThan(8);
});
