import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { keyText, sortedByKey, sortedLines } from '../../../../electron/database/lines.ts';
import { noSecretBox } from '../../../../electron/database/secret-box.ts';
import { type BookRecords, createBookRecords } from '../../../../electron/domain/book-records.ts';
import { type NounName, nounNames } from '../../../../shared/nouns/nouns.ts';
import { heldKey, parentIds, type StoredRecord } from '../../../../shared/operations/record-layer.ts';
import { generatedClient, generatedContact, generatedLocation } from '../../../support/generated-book.ts';
import { openLaptop, quietLog, type TestBook } from '../../../support/opened-book.ts';
import { everyRecord } from '../../../support/plain-book.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';

/** Everything that can be asked of records, answered. */
function answers(records: BookRecords, ids: readonly string[], keys: readonly string[]) {
  const idsOf = (found: Iterable<StoredRecord>) => [...found].map(({ id }) => id).sort();
  const only = (found: Iterable<StoredRecord>, is: (record: StoredRecord) => boolean) => idsOf([...found].filter(is));
  return nounNames.map((noun) => ({
    noun,
    counts: records.counts(noun),
    ids: [...records.ids(noun)].sort(),
    all: idsOf(records.all(noun)),
    listed: [...records.lists()[noun]].length,
    records: ids.map((id) => records.layer.get(noun, id)),
    children: ids.map((id) => idsOf(records.layer.children(noun, id))),
    primaries: ids.map((id) => idsOf(records.layer.primaries(noun, id))),
    holders: keys.map((key) => idsOf(records.layer.holders(noun, key))),
    deleted: only(records.mentioning(noun, 'deletedAt'), ({ deletedAt }) => deletedAt !== null),
    tagged: only(records.mentioning(noun, 'tags'), (record) => 'tags' in record && record.tags.length > 0),
    named: only(records.mentioning(noun, 'name', 'Zoë "Ümit"'), (record) => 'name' in record && record.name === 'Zoë "Ümit"'),
    naming: ids.map((id) => only(records.naming(noun, id), (record) => parentIds(noun, record).includes(id))),
    newest: only(
      records.lastTouched(noun, ({ updatedAt }) => updatedAt >= '2026-03-04T09:00:03'),
      ({ updatedAt }) => updatedAt >= '2026-03-04T09:00:03',
    ),
  }));
}

/** The same records in memory alone. */
function inMemory(laptop: TestBook): BookRecords {
  const records = createBookRecords(null);
  const all = everyRecord(laptop.book.snapshot().records);
  for (const noun of nounNames) for (const record of all[noun]) records.put(noun, record);
  return records;
}

const steps = [
  'client',
  'contact',
  'location',
  'rename',
  'move',
  'tag',
  'delete',
  'restore',
  'merge',
  'undo',
  'checkpoint',
  'restart',
] as const;
const names = ['Zoë "Ümit"', 'ab', 'ab !', 'ab"c', '北京', '\u{1f600} Ltd', '\\', ''];

it('records read from where they lie answer as they do in memory, whatever was done and wherever the book was closed', async () => {
  const seed = Number(process.env.FIELDBOOK_TEST_SEED ?? Math.floor(Math.random() * 1e9));
  console.log(`packed records: seed ${seed}`);
  const step = fc.tuple(fc.constantFrom(...steps), fc.nat(1000), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (story) => {
      let laptop = await openLaptop();
      const at = (noun: NounName, place: number) => {
        const found = [...laptop.book.ids(noun)].sort();
        return found.length === 0 ? null : (found[place % found.length] as string);
      };
      for (const [what, one, two] of story) {
        const name = names[one % names.length] || `Client ${one}`;
        const client = at('clients', one);
        const contact = at('contacts', two);
        const run = (work: Parameters<typeof laptop.book.run>[2]) => laptop.book.run('test', null, work).catch(() => null);
        laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
        if (what === 'client') await run((tx) => tx.create('clients', { ...generatedClient(one), name, accountCode: `${name}${two}` }));
        else if (what === 'contact' && client !== null)
          await run((tx) => tx.create('contacts', generatedContact(two, client, two % 2 === 0)));
        else if (what === 'location' && client !== null) await run((tx) => tx.create('locations', generatedLocation(two, client)));
        else if (what === 'rename' && client !== null)
          await run((tx) => tx.change('clients', client, { name, email: `e${two}@example.com` }));
        else if (what === 'move' && client !== null && contact !== null)
          await run((tx) => tx.change('contacts', contact, { clientId: client }));
        else if (what === 'tag' && client !== null) await run((tx) => tx.change('clients', client, { tags: [name] }));
        else if (what === 'delete' && client !== null) await run((tx) => tx.remove('clients', client));
        else if (what === 'restore' && client !== null) await run((tx) => tx.restore('clients', client));
        else if (what === 'merge' && client !== null && at('clients', two) !== client)
          await laptop.merges
            .merge({ noun: 'clients', keepId: client, ids: [client, at('clients', two) as string], choices: {} })
            .catch(() => null);
        else if (what === 'undo') await laptop.history.undo(null).catch(() => null);
        else if (what === 'checkpoint') await laptop.files.writeCheckpoint(laptop.book.snapshot());
        else if (what === 'restart') {
          await laptop.files.writeCheckpoint(laptop.book.snapshot());
          laptop = await laptop.reopen();
        }
      }
      const { records } = laptop.files.opened;
      const ids = [...nounNames.flatMap((noun) => [...laptop.book.ids(noun)]), 'nobody', '', '"', '\u{1f600}'];
      const keys = nounNames
        .flatMap((noun) => [...laptop.book.all(noun)].flatMap((record) => heldKey(noun, record) ?? []))
        .concat('none', '"');
      const memory = inMemory(laptop);
      expect(answers(records, ids, keys)).toEqual(answers(memory, ids, keys));
      const histories = (from: TestBook) => ids.map((id) => nounNames.map((noun) => from.book.historyOf(noun, id)));
      const before = histories(laptop);
      await laptop.files.writeCheckpoint(laptop.book.snapshot());
      laptop = await laptop.reopen();
      expect(answers(laptop.files.opened.records, ids, keys), 'after another start').toEqual(answers(memory, ids, keys));
      expect(histories(laptop)).toEqual(before);
    }),
    { seed, numRuns: 12 },
  );
}, 240_000);

it('finds every key among lines in the order of keys, and none that is not there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
      async (keys, other) => {
        const sorting = sortedByKey(keys.map((key, at) => ({ key: keyText(key), at })));
        let sorted = sorting.next();
        while (sorted.done !== true) sorted = sorting.next();
        const bytes = Buffer.from(sorted.value.map(({ key, at }) => `[${key},${at}]\n`).join(''));
        const lines = await sortedLines(bytes, keys.length);
        const placeOf = (key: string) => (JSON.parse(lines?.text(lines.find(key)) ?? '') as [string, number])[1];
        for (const [at, key] of keys.entries()) expect(placeOf(key)).toBe(at);
        expect((lines?.find(other) ?? -1) >= 0).toBe(keys.includes(other));
      },
    ),
  );
}, 60_000);

it('takes no file for lines that has another number of them, or a torn end', async () => {
  const bytes = Buffer.from('["a",1]\n["b",2]\n');
  expect((await sortedLines(bytes, 2))?.count).toBe(2);
  for (const [wrong, count] of [
    [bytes, 1],
    [bytes, 3],
    [bytes.subarray(0, -1), 2],
    [Buffer.alloc(0), 1],
  ] as const)
    expect(await sortedLines(wrong, count)).toBeNull();
});

it('finds every line that has a text in it, wherever in a large file it lies', async () => {
  const seed = Number(process.env.FIELDBOOK_TEST_SEED ?? Math.floor(Math.random() * 1e9));
  console.log(`lines that hold a text: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 2400 }), { maxLength: 12 }), async (wanted) => {
      const holding = new Set(wanted);
      // Some 1,100 bytes each, so that windows end within the texts that are looked for.
      const texts = Array.from(
        { length: 2401 },
        (_, at) => `["${at}","${'x'.repeat(1000 + (at % 200))}${holding.has(at) ? '"größe":' : ''}${'y'.repeat(at % 7)}"]`,
      );
      const lines = await sortedLines(Buffer.from(`${texts.join('\n')}\n`), texts.length);
      const found = [...(lines?.holding('"größe":') ?? [])].filter((place) => place !== null);
      expect(found).toEqual([...wanted].sort((a, b) => a - b));
    }),
    { seed, numRuns: 20 },
  );
}, 60_000);

it('parses no record at a start, and of a list’s children only those that are asked for', async () => {
  const parsed: number[] = [];
  for (const clients of [50, 500]) {
    const laptop = await openLaptop();
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let at = 0; at < clients; at += 1) {
        const { id } = tx.create('clients', { ...generatedClient(at), banking: null });
        tx.create('contacts', generatedContact(at, id, true));
      }
    });
    const [client = ''] = laptop.book.ids('clients');
    await laptop.files.writeCheckpoint(laptop.book.snapshot());
    await laptop.files.close();
    let count = 0;
    // Each record passes here when it is parsed.
    const secrets = { ...noSecretBox, openFields: <T>(_noun: NounName, _id: string, fields: T) => ((count += 1), fields) };
    const files = await openBookFiles(laptop.folder, { clock: fixedClock('2026-03-04T09:00:00.000Z'), log: quietLog, secrets });
    expect(files.opened.records.counts('contacts').all).toBe(clients);
    expect(count, 'by the start').toBe(0);
    expect(files.opened.records.layer.children('contacts', client)).toHaveLength(1);
    expect(files.opened.records.layer.get('clients', client)?.id).toBe(client);
    expect(files.opened.records.layer.get('clients', client)?.id).toBe(client);
    parsed.push(count);
    await files.close();
  }
  expect(parsed).toEqual([2, 2]);
});
