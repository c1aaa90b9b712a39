import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ListWindow as ListWindowClass, WindowRequest } from '../../../../renderer/api/list-window.ts';
import type { Crm, CrmEvents } from '../../../../shared/contracts/api.ts';
import { makeCrm } from '../../../../shared/contracts/make-crm.ts';
import { ok } from '../../../../shared/lib/result.ts';
import { perNoun } from '../../../../shared/nouns/nouns.ts';
import { backendOf } from '../../../support/book-backend.ts';
import { openLaptop, type TestBook } from '../../../support/opened-book.ts';
import { say } from '../../../../shared/words/say.ts';

/** The screens' own data layer over a real book: only the line between them is made here. */
interface Line {
  laptop: TestBook;
  calls: { method: string; input: { offset: number } }[];
  /** From now on answers wait; calling it lets them through. */
  holdUp(): () => void;
  tellChanged(change?: Partial<CrmEvents['changed']>): void;
}

let ListWindow: typeof ListWindowClass;
let line: Line;
const everything: WindowRequest = {
  filters: [],
  where: null,
  search: '',
  parentId: null,
  sort: [{ path: 'name', descending: false }],
  show: 'live',
};

beforeEach(async () => {
  line = await openLine();
  vi.resetModules();
  ({ ListWindow } = await import('../../../../renderer/api/list-window.ts'));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function openLine(): Promise<Line> {
  const laptop = await openLaptop();
  const backend = backendOf(laptop);
  const listeners = new Map<keyof CrmEvents, Set<(data: unknown) => void>>();
  let gate: Promise<void> = Promise.resolve();
  const calls: Line['calls'] = [];
  const crm: Crm = makeCrm({
    async call(method, input) {
      calls.push({ method, input: input as { offset: number } });
      const answer = await backend.call(method, input);
      await gate;
      return answer;
    },
    listen(event, listener) {
      const known = listeners.get(event) ?? new Set();
      listeners.set(event, known.add(listener));
      return () => known.delete(listener);
    },
    files: { take: async () => ok({ fileId: 'none' }), save: async () => ok({ saved: false }) },
    onConnection: () => () => undefined,
  });
  vi.stubGlobal('window', { crm });
  return {
    laptop,
    calls,
    holdUp() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    tellChanged(change = { all: true }) {
      for (const listener of listeners.get('changed') ?? []) listener({ ...perNoun(() => []), all: false, ...change });
    },
  };
}

async function addClients(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, at) => line.laptop.clients.create({ name: `Client ${String(at + 1).padStart(4, '0')}` })),
  );
}

function open(): { list: ListWindowClass; told: number } {
  const list = new ListWindow('clients', everything);
  const seen = { list, told: 0 };
  list.listeners.add(() => {
    seen.told += 1;
  });
  return seen;
}

it('asks only for the pages near the screen', async () => {
  await addClients(350);
  const { list } = open();
  list.show(0, 40);
  await vi.waitFor(() => expect(list.snapshot.total).toBe(350));
  expect(line.calls.map(({ input }) => input.offset)).toEqual([0]);
  expect(list.snapshot.rowAt(0)).toMatchObject({ name: 'Client 0001' });
  expect(list.snapshot.rowAt(120), 'not asked for yet').toBeUndefined();

  list.show(290, 345);
  await vi.waitFor(() => expect(list.snapshot.rowAt(345)).toMatchObject({ name: 'Client 0346' }));
  expect(line.calls.map(({ input }) => input.offset)).toEqual([0, 200, 300]);
  expect(list.snapshot.rowAt(350)).toBeUndefined();
});

it('asks two pages at a time, and not again for one that is on its way', async () => {
  await addClients(500);
  const { list } = open();
  list.show(0, 10);
  await vi.waitFor(() => expect(list.snapshot.total).toBe(500));
  line.calls.length = 0;
  const letThrough = line.holdUp();
  list.show(100, 499);
  list.show(100, 499);
  expect(line.calls.map(({ input }) => input.offset)).toEqual([100, 200]);
  letThrough();
  await vi.waitFor(() => expect(list.snapshot.rowAt(499)).toBeDefined());
  expect(line.calls.map(({ input }) => input.offset).toSorted((a, b) => a - b)).toEqual([100, 200, 300, 400]);
});

it('asks nothing after changes that cannot touch it, and is of the book as it is all the same', async () => {
  await addClients(250);
  const { list } = open();
  list.show(0, 120);
  await vi.waitFor(() => expect(list.snapshot.rowAt(120)).toBeDefined());
  const { bookVersion, onBookChanged } = await import('../../../../renderer/api/changes.ts');
  onBookChanged(() => list.refresh());
  const asked = line.calls.length;
  for (const noun of ['itemPrices', 'locationItemPrices'] as const) line.tellChanged({ [noun]: ['some-id'] });
  await vi.waitFor(() => expect(list.snapshot.version).toBe(bookVersion()));
  expect(line.calls).toHaveLength(asked);
  line.tellChanged({ contacts: ['some-id'] });
  await vi.waitFor(() => expect(line.calls).toHaveLength(asked + 2));
  await vi.waitFor(() => expect(list.snapshot.version).toBe(bookVersion()));
  // More changes than anybody remembers.
  for (let at = 0; at < 150; at += 1) line.tellChanged({ itemPrices: ['some-id'] });
  await vi.waitFor(() => expect(line.calls).toHaveLength(asked + 4));
});

it('is of the book as it is also where it is scrolled, or an answer comes, while a change that cannot touch it waits to be told', async () => {
  await addClients(250);
  const { list } = open();
  list.show(0, 120);
  await vi.waitFor(() => expect(list.snapshot.rowAt(120)).toBeDefined());
  const { bookVersion, onBookChanged } = await import('../../../../renderer/api/changes.ts');
  onBookChanged(() => list.refresh());
  line.tellChanged({ itemPrices: ['a'] });
  line.tellChanged({ itemPrices: ['b'] });
  list.show(0, 121);
  const isOfNow = () => vi.waitFor(() => expect(list.snapshot.version).toBe(bookVersion()), { timeout: 3000 });
  await isOfNow();

  const told = vi.fn<() => void>();
  onBookChanged(told);
  const through = line.holdUp();
  line.tellChanged({ clients: ['a'] });
  await vi.waitFor(() => expect(told).toHaveBeenCalled());
  line.tellChanged({ itemPrices: ['c'] });
  through();
  await isOfNow();
});

it('keeps the rows on screen until the new ones are there', async () => {
  await addClients(3);
  const { list } = open();
  list.show(0, 10);
  await vi.waitFor(() => expect(list.snapshot.total).toBe(3));
  await line.laptop.clients.create({ name: 'Aardvark Tours' });
  const { bookChanged } = await import('../../../../renderer/api/changes.ts');
  const letThrough = line.holdUp();
  bookChanged();
  list.refresh();
  expect(list.snapshot.rowAt(0)).toMatchObject({ name: 'Client 0001' });
  letThrough();
  await vi.waitFor(() => expect(list.snapshot.rowAt(0)).toMatchObject({ name: 'Aardvark Tours' }));
  expect(list.snapshot.total).toBe(4);
});

it('shows what a command answered before main is asked again', async () => {
  await addClients(3);
  const seen = open();
  seen.list.show(0, 10);
  await vi.waitFor(() => expect(seen.list.snapshot.total).toBe(3));
  const row = seen.list.snapshot.rowAt(1);
  if (row === undefined) throw new Error('The second row is missing.');
  const asked = line.calls.length;
  const told = seen.told;
  seen.list.put({ ...row, name: 'Renamed' } as typeof row);
  expect(seen.list.snapshot.rowAt(1)).toMatchObject({ name: 'Renamed' });
  expect(seen.list.snapshot.indexOf(row.id)).toBe(1);
  expect(seen.told).toBe(told + 1);
  expect(line.calls).toHaveLength(asked);
});

it('forgets pages that lie behind the new end', async () => {
  await addClients(250);
  const { list } = open();
  list.show(0, 249);
  await vi.waitFor(() => expect(list.snapshot.rowAt(249)).toBeDefined());
  const ids = await line.laptop.clients.ids(everything);
  await line.laptop.clients.remove(ids.slice(50));
  const { bookChanged } = await import('../../../../renderer/api/changes.ts');
  bookChanged();
  list.show(0, 10);
  await vi.waitFor(() => expect(list.snapshot.total).toBe(50));
  expect(list.snapshot.rowAt(249)).toBeUndefined();
  expect(list.snapshot.deleted).toBe(200);
});

it('says what went wrong, keeps what it has, and does not ask in circles', async () => {
  await addClients(2);
  const list = new ListWindow('clients', { ...everything, filters: [{ path: 'shoeSize', operator: 'is', value: '9' }] });
  list.listeners.add(() => undefined);
  list.show(0, 10);
  await vi.waitFor(() => expect(list.snapshot.problem).not.toBeNull());
  expect(list.snapshot.problem && say(list.snapshot.problem)).toMatch(/\.$/);
  expect(line.calls).toHaveLength(1);
});

it('passes a change on at once and the ones behind it together', async () => {
  vi.useFakeTimers({ now: 0 });
  try {
    vi.resetModules();
    const { bookChanged, bookVersion, onBookChanged } = await import('../../../../renderer/api/changes.ts');
    let told = 0;
    onBookChanged(() => {
      told += 1;
    });
    const before = bookVersion();
    bookChanged();
    expect(told).toBe(1);
    for (let i = 0; i < 50; i += 1) bookChanged();
    expect(told).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toBe(2);
    line.tellChanged();
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toBe(3);
    expect(bookVersion()).toBe(before + 52);
  } finally {
    vi.useRealTimers();
  }
});
