// Rules (docs/sync-protocol.md): S1, S3, S15, S21
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { fixedClock } from '../../shared/lib/clock.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { isSameCopy } from '../../shared/sync/digest.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import { seededFrom } from '../support/seeded.ts';
import { type EngineLaptop, engineLaptop } from './support/engine-laptop.ts';
import { recordsOf } from './support/folder-laptop.ts';
import { keeperRole } from '../../server/store/tables.ts';
import { create, damageUnsent, onServer, type Sickbed, wayNames, ways } from './support/out-of-step.ts';
import { sharedSyncServer } from './support/sync-server.ts';

/*
 * Ways to fall out of step, several at a time, on the desktop's own book and engine and the real server. A long run:
 * FIELDBOOK_COMPARES=100 FIELDBOOK_SYNC_FROM=1 npm test -- --only sync compare
 */
const clock = fixedClock('2026-03-04T09:00:00.000Z');
const seeds = Number(process.env['FIELDBOOK_COMPARES'] ?? 8);
const from = Number(process.env['FIELDBOOK_SYNC_FROM'] ?? 1);
let companies = 0;

describe.each(['embedded', 'postgres'] as const)('Compared with a server on %s', (engine) => {
  const server = sharedSyncServer(clock, engine);

  async function compared(laptop: EngineLaptop) {
    const [receipt] = await laptop.remotes.syncAll('compare', AbortSignal.timeout(120_000));
    if (receipt === undefined) throw new Error('A laptop without a server');
    return receipt;
  }

  /** A company with an administrator on two laptops and a member, and with some of everything. */
  async function begin(seed: number, isMember: boolean | null = null): Promise<Sickbed & { fresh(): Promise<EngineLaptop> }> {
    const random = seededFrom(seed);
    companies += 1;
    const one = await server();
    const name = `compared-${engine}-${companies}`;
    const { id: organisation, email } = await one.organisation(name);
    const mia = { email: `mia@${name}.example.com`, id: '' };
    mia.id = await one.member(organisation, mia.email, 'member');
    const stranger = await one.member(organisation, `tim@${name}.example.com`, 'member');
    const open = async (who: string, as: string) => {
      const laptop = await engineLaptop(who, { at: new Date(clock.now()).toISOString() });
      await laptop.connect(one.url, as);
      return laptop;
    };
    const well = await open('Bob', email);
    await well.inStep();
    for (let at = 0; at < 6; at += 1) {
      const accountOwnerId = [null, mia.id, stranger][at % 3] ?? null;
      const clientId = await create(well, 'clients', { name: `Client ${at}`, accountOwnerId });
      await create(well, 'contacts', { clientId, firstName: `Contact ${at}` });
      await create(well, 'tasks', { clientId, title: `Task ${at}` });
    }
    await well.inStep();
    const isMias = isMember ?? random.oneIn(3);
    const as = isMias ? mia.email : email;
    const sick = await open('Ada', as);
    await sick.inStep();
    await well.inStep();
    return {
      random,
      sick,
      well,
      server: one,
      organisation,
      written: [],
      stranger: isMias ? stranger : null,
      fresh: () => open('New', as),
    };
  }

  /** The laptop holds what a new one is given, knows that the server has it, and all that was written is there. */
  async function expectWell({ sick, written, fresh }: Awaited<ReturnType<typeof begin>>, what: string): Promise<void> {
    const other = await fresh();
    await other.inStep();
    const [mine, theirs] = [recordsOf(sick.book.book), recordsOf(other.book.book)];
    const waiting = sick.book.book.sync.waiting();
    expect([...waiting], what).toEqual([]);
    expect([...mine.keys()].toSorted(), what).toEqual([...theirs.keys()].toSorted());
    const seq = Math.max(...[...other.book.book.sync.checkpoints.values()].map((one) => one.seq));
    for (const [key, record] of theirs) {
      expect(mine.get(key), `${what}: ${key}`).toEqual(record);
      const [noun, id] = key.split('/') as [NounName, string];
      const [here, there] = [sick, other].map(({ book: { book } }) => book.sync.replicaOf(noun, id) as Replica) as [Replica, Replica];
      expect(here.seq, `${what}: ${key}`).toBeLessThanOrEqual(seq);
      expect(isSameCopy(noun, here.base as Replica['mine'], there.base as Replica['mine']), `${what}: base of ${key}`).toBe(true);
    }
    // What two wrote without knowing of each other is there, or is shown beside what is.
    const shown = [...sick.book.book.sync.conflicts.values()].map((one) => [one.recordId, one.field, one.mine.value, one.theirs.value]);
    for (const { noun, id, field, value } of written) {
      const isShown = shown.some(([of, at, ...both]) => of === id && at === field && both.includes(value));
      if (!isShown) expect(theirs.get(`${noun}/${id}`), `${what}: what was written`).toMatchObject({ [field]: value });
    }
  }

  it.each(Array.from({ length: seeds }, (_, at) => from + at))('S1, S3, S15, S21: seed %i heals', async (seed) => {
    const bed = await begin(seed);
    const { random, sick } = bed;
    const first = random.below(wayNames.length);
    const chosen = Array.from({ length: 1 + random.below(4) }, (_, at) =>
      at === 0 ? (wayNames[(seed + first) % wayNames.length] ?? wayNames[0]) : random.pick(wayNames),
    );
    const what = `seed ${seed} (${chosen.join(', ')})`;
    for (const way of chosen) await ways[way](bed);
    const receipt = await compared(sick);
    expect(['synced', 'waits'], `${what}: ${receipt.problem}`).toContain(receipt.state);
    await expectWell(bed, what);
    expect(await compared(sick), `${what}, a second time`).toMatchObject({ compared: { mended: 0, left: 0 } });
    await expectWell(bed, `${what}, a second time`);
  });

  it('S1, S21: what the server lost of many records stays here, and is told, as often as it is asked', async () => {
    const bed = await begin(1, false);
    const { sick, organisation } = bed;
    await onServer(bed, sql`delete from records where organisation_id = ${organisation} and collection = 'tasks'`, keeperRole);
    for (let time = 0; time < 2; time += 1) {
      const receipt = await compared(sick);
      expect(receipt).toMatchObject({ state: 'waits', compared: { mended: 0, left: 6 } });
      expect(receipt.problem).toMatch(/^6 records are here that the server should have and has not\. So many were left as they are\./);
      expect([...sick.book.book.all('tasks')]).toHaveLength(6);
    }
  });

  it('S1, S21: a refusal that no person could do anything about begins a comparison by itself, and what was written goes', async () => {
    const bed = await begin(2, false);
    const { sick } = bed;
    const id = await damageUnsent(bed);
    const receipt = await sick.sync();
    expect(receipt).toMatchObject({ state: 'synced', waiting: 0, refused: 0, compared: { mended: 1, left: 0 } });
    expect(receipt.records).toMatchObject([{ recordId: id, how: 'merged', reason: 'It was another here than on the server.' }]);
    await expectWell(bed, 'a damaged record with a change');
  });

  it('S21: nothing differs on a laptop that is in step, and it costs a request a collection', async () => {
    const { sick } = await begin(1);
    const { requests } = await sick.sync();
    const receipt = await compared(sick);
    expect(receipt).toMatchObject({ state: 'synced', compared: { mended: 0, left: 0 } });
    expect(receipt.requests - requests).toBe(nounNames.length);
    expect(receipt.compared?.records).toBe(recordsOf(sick.book.book).size);
  });
});
