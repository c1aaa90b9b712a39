import { randomBytes } from 'node:crypto';
import { Dexie } from 'dexie';
import { IDBDatabase } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import { operationOf, operationRow } from '../../../../electron/database/collections.ts';
import { writeTimes } from '../../../../electron/database/write-times.ts';
import { openStorageChannel, usualTimes } from '../../../../electron/database/storage-channel.ts';
import { createGeneration, type Generation } from '../../../../electron/database/storage-generation.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { operations } from '../../electron/database/operations-fixture.ts';
import { atEnd, memoryLog, type TestBrowser, testBrowser } from '../../electron/database/storage-fixture.ts';

let generations = 10_000;

async function openGeneration(browser: TestBrowser): Promise<Generation> {
  generations += 1;
  const channel = openStorageChannel(await browser.openStorageHost(), generations, memoryLog(), usualTimes);
  const generation = createGeneration(generations, channel, writeTimes(Date.now));
  atEnd(() => generation.close());
  generation.useKey('the key of this book');
  return generation;
}

async function hostWith(count: number): Promise<{ browser: TestBrowser; generation: Generation }> {
  const browser = testBrowser();
  const first = await openGeneration(browser);
  await first.open();
  if (count > 0) await first.write(operations(1, count), new Map());
  await first.setToken('this book');
  await first.close();
  const generation = await openGeneration(browser);
  await generation.open();
  await generation.inspect();
  return { browser, generation };
}

/** Text that does not get shorter by packing it. */
function unpackable(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

/** These numbers one by one, and all above one. */
function pairs(sequences: readonly number[], above: number | null): [number, number][] {
  const ranges = sequences.map((seq): [number, number] => [seq, seq + 1]);
  return above === null ? ranges : [...ranges, [above + 1, Number.MAX_SAFE_INTEGER]];
}

describe('the storage host', () => {
  it('says that there is nothing where there is nothing', async () => {
    const generation = await openGeneration(testBrowser());
    await generation.open();
    expect(await generation.inspect()).toMatchObject({
      token: null,
      counts: { records: 0, operations: 0 },
      newestWrite: 0,
      newestSequence: 0,
    });
    expect(await generation.operationsBySequence(pairs([1, 2], 0))).toEqual([]);
  });

  it('says what is there', async () => {
    const { generation } = await hostWith(12);
    const inspection = await generation.inspect();
    expect(inspection).toMatchObject({ token: 'this book', counts: { records: 0, operations: 12 }, newestSequence: 12 });
    expect(inspection.newestWrite).toBeGreaterThan(1_700_000_000_000);
  });

  it('counts while it writes what is there then', async () => {
    const { generation } = await hostWith(12);
    await generation.write(operations(13, 14), new Map());
    const { counts } = generation;
    expect((await generation.inspect()).counts).toEqual(counts);
  });

  for (const [sequences, above, found] of [
    [[3, 5, 400], null, [3, 5]],
    [[], 10, [11, 12]],
    [[2], 11, [2, 12]],
    [[], null, []],
    [[], 12, []],
    [[12], 3, [4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ] as const) {
    it(`finds operations ${sequences.join(', ') || 'of no number'} and those above ${above ?? 'none'}`, async () => {
      const { generation } = await hostWith(12);
      const rows = await generation.operationsBySequence(pairs(sequences, above));
      expect(rows.map(({ seq }) => seq)).toEqual(found);
      for (const row of rows) expect(row).toEqual(operations(row.seq, row.seq)[0]);
    });
  }

  it('finds many in pages, in order', async () => {
    const { generation } = await hostWith(130);
    expect((await generation.operationsBySequence(pairs([1], 4))).map(({ seq }) => seq)).toEqual([
      1,
      ...operations(5, 130).map(({ seq }) => seq),
    ]);
    expect(
      (
        await generation.operationsBySequence(
          pairs(
            operations(1, 120).map(({ seq }) => seq),
            null,
          ),
        )
      ).length,
    ).toBe(120);
  });

  it('gets texts of any length in messages that a line can carry', async () => {
    const { browser, generation } = await hostWith(0);
    const sizes: number[] = [];
    browser.onToHost = (message) => {
      if (message['kind'] === 'rx') sizes.push(JSON.stringify(message).length);
      return message;
    };
    const long = operations(1, 6).map((one) => ({ ...one, command: unpackable(1_500_000) }));
    await generation.write(long, new Map());
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThan(5_000_000);
    expect(await generation.operations(long.map(({ id }) => id))).toEqual(long);
  });

  it('packs what an import writes, and reads it as it was', async () => {
    const { browser, generation } = await hostWith(0);
    let characters = 0;
    browser.onToHost = (message) => {
      characters += JSON.stringify(message).length;
      return message;
    };
    const large = operations(1, 3).map((one) => ({ ...one, command: 'Köln, and the same again. '.repeat(10_000) }));
    await generation.write(large, new Map());
    expect(characters).toBeLessThan(100_000);
    expect(await generation.operationsBySequence(pairs([1, 2, 3], null))).toEqual(large);
    expect(operationOf({ ...operationRow(large[0] as Operation, 'key'), body: 'deflate:AAAA' }, null), 'a damaged one').toBeNull();
  });

  it('writes what is new without a look, and what may be there already once', async () => {
    const { generation } = await hostWith(0);
    await generation.write(operations(1, 300), new Map(), true);
    expect(generation.counts).toMatchObject({ operations: 300 });
    await generation.write(operations(250, 600), new Map());
    expect(generation.counts).toMatchObject({ operations: 600 });
    expect((await generation.inspect()).counts).toMatchObject({ operations: 600 });
    expect(await generation.operationsBySequence(pairs([], 0))).toEqual(operations(1, 600));
  });

  it('starts anew with nothing of what was there, in whatever form it was', async () => {
    const { generation } = await hostWith(3);
    const older = new Dexie('rxdb-dexie-fieldbook--0--clients');
    older.version(1).stores({ docs: 'id' });
    await older.open();
    older.close();
    await generation.startAnew();
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(older.name);
    expect(await generation.inspect()).toMatchObject({ token: null, counts: { records: 0, operations: 0 } });
    await generation.write(operations(1, 2), new Map());
    expect((await generation.inspect()).counts).toEqual({ records: 0, operations: 2 });
    expect(generation.channel.isDead(), 'nobody took its closing for a loss').toBe(false);
  });

  it('forgets its token first, so that half a drop is not taken for a whole book', async () => {
    const { browser, generation } = await hostWith(3);
    const deleted: string[] = [];
    const { deleteDatabase } = indexedDB;
    indexedDB.deleteDatabase = (name) => {
      deleted.push(name);
      return deleteDatabase.call(indexedDB, name);
    };
    await generation.startAnew();
    expect(deleted[0]).toBe('fieldbook-facts');
    await generation.close();
    const next = await openGeneration(browser);
    await next.open();
    expect((await next.inspect()).token).toBeNull();
  });

  it('waits for the disk with what people type, not with imports, and seals those', async () => {
    const { browser, generation: before } = await hostWith(0);
    await before.close();
    const asked: string[] = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      if (mode === 'readwrite') asked.push(options?.durability ?? 'default');
      return transaction.call(this, names, mode, options);
    };
    atEnd(async () => {
      IDBDatabase.prototype.transaction = transaction;
    });
    const generation = await openGeneration(browser);
    await generation.open();
    await generation.inspect();
    asked.length = 0;
    await generation.write(operations(1, 1), new Map());
    expect(asked.splice(0)).toEqual(['strict']);
    await generation.write(operations(2, 402), new Map());
    expect(asked.splice(0)).toEqual(['relaxed', 'strict']);
    await generation.write(operations(403, 403), new Map());
    expect(asked).toEqual(['strict']);
  });

  it('does not send main its own writes back', async () => {
    const { browser, generation } = await hostWith(0);
    const methods: unknown[] = [];
    browser.onFromHost = (message) => {
      methods.push((message['message'] as { method?: string } | undefined)?.method);
      return message;
    };
    await generation.write(operations(1, 3), new Map());
    expect(methods).toEqual(['bulkWrite']);
  });

  it('tells at once when a database is closed under it', async () => {
    const { browser, generation } = await hostWith(1);
    // What Chromium does when site data are cleared, seen from inside: the connections are asked to go.
    void Dexie.delete('rxdb-dexie-fieldbook--0--operations');
    expect(await generation.channel.died).toBe('lost: database-closed');
    expect(browser.hosts.at(-1)?.isGone()).toBe(true);
  });
});
