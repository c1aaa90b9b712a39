// Rules (docs/sync-protocol.md): S1, S3, S9, S15, S19, S20, S21
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixedClock } from '../../shared/lib/clock.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { isSameCopy } from '../../shared/sync/digest.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import { seededFrom } from '../support/seeded.ts';
import { type EngineLaptop, engineLaptop } from './support/engine-laptop.ts';
import { openFaultLine } from './support/fault-line.ts';
import { recordsOf } from './support/folder-laptop.ts';
import { keeperRole } from '../../server/store/tables.ts';
import { ask, create, damageUnsent, onServer, type Sickbed, wayNames, ways } from './support/out-of-step.ts';
import { type Answering, sharedSyncServer, type SyncServer } from './support/sync-server.ts';

/*
 * Ways to fall out of step, several at a time, on the desktop's own book and engine and the real server. A long run:
 * FIELDBOOK_COMPARES=100 FIELDBOOK_SYNC_FROM=1 npm test -- --only sync compare
 */
const clock = fixedClock('2026-03-04T09:00:00.000Z');
/** Seeds on each engine; in the whole suite each way stands first once, on one of them. */
const seeds = Number(process.env['FIELDBOOK_COMPARES'] ?? wayNames.length / 2);
const isLong = process.env['FIELDBOOK_COMPARES'] !== undefined;
const from = Number(process.env['FIELDBOOK_SYNC_FROM'] ?? 1);
let companies = 0;

describe.each(['embedded', 'postgres'] as const)('Compared with a server on %s', (engine) => {
  const server = sharedSyncServer(clock, engine);
  const first = from + (isLong || engine === 'embedded' ? 0 : seeds);

  async function compared(laptop: EngineLaptop) {
    const [receipt] = await laptop.remotes.syncAll('compare', AbortSignal.timeout(120_000));
    if (receipt === undefined) throw new Error('A laptop without a server');
    return receipt;
  }

  /** A line that answers as it is told. */
  const onLine = (answers: (request: Parameters<Answering>[0], real: Answering) => ReturnType<Answering>) => async (one: SyncServer) => {
    const line = await openFaultLine((request) => answers(request, one.answer));
    onTestFinished(() => line.close());
    return line.url;
  };
  const json = (body: object, status = 200) => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });

  /** A company with an administrator on two laptops and a member, and with some of everything. */
  async function begin(
    seed: number,
    isMember = seed % 3 === 1,
    /** Where the sick laptop finds the server. */
    at: (one: SyncServer) => Promise<string> = async ({ url }) => url,
  ): Promise<Sickbed & { open(as: 'both' | 'read' | 'write', who?: string): Promise<EngineLaptop>; fresh(): Promise<EngineLaptop> }> {
    const random = seededFrom(seed);
    companies += 1;
    const one = await server();
    const name = `compared-${engine}-${companies}`;
    const { id: organisation, email } = await one.organisation(name);
    const mia = { email: `mia@${name}.example.com`, id: '' };
    mia.id = await one.member(organisation, mia.email, 'member');
    const stranger = await one.member(organisation, `tim@${name}.example.com`, 'member');
    const open = async (who: string, as: string, url = one.url, direction: 'both' | 'read' | 'write' = 'both') => {
      const laptop = await engineLaptop(who, { at: new Date(clock.now()).toISOString() });
      await laptop.connect(url, as, direction);
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
    const as = isMember ? mia.email : email;
    const sick = await open('Ada', as, await at(one));
    await sick.inStep();
    await well.inStep();
    return {
      random,
      sick,
      well,
      server: one,
      organisation,
      written: [],
      stranger: isMember ? stranger : null,
      open: (direction, who = 'Lea') => open(who, as, one.url, direction),
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

  it.each(Array.from({ length: seeds }, (_, at) => first + at))('S1, S3, S15, S21: seed %i heals', async (seed) => {
    const bed = await begin(seed);
    const { random, sick } = bed;
    const chosen = Array.from({ length: 1 + random.below(4) }, (_, at) =>
      at === 0 ? (wayNames[seed % wayNames.length] as (typeof wayNames)[number]) : random.pick(wayNames),
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

  it('S3, S21: what somebody brings back between two answers of a comparison stays', async () => {
    let bringBack: ((id: string) => Promise<void>) | null = null;
    const bed = await begin(
      3,
      false,
      onLine(async (request, real) => {
        if (request.url !== '/sync/records') return real(request);
        const asked = JSON.parse(request.body.toString()) as { ids: [string] };
        const { 'content-length': _, ...headers } = request.headers;
        // A server may answer about fewer than it was asked for.
        const said = await real({ ...request, headers, body: Buffer.from(JSON.stringify({ ...asked, ids: asked.ids.slice(0, 1) })) });
        const back = bringBack;
        bringBack = null;
        await back?.(asked.ids[0]);
        return said;
      }),
    );
    const { sick, well, organisation } = bed;
    const lost = [...sick.book.book.ids('tasks')].toSorted().slice(0, 2);
    for (const id of lost) await onServer(bed, sql`delete from records where organisation_id = ${organisation} and id = ${id}`, keeperRole);
    let broughtBack = '';
    bringBack = async (id) => {
      broughtBack = id;
      await ask(well, 'tasks.change', { id, changes: { title: 'Brought back' } });
      await well.sync();
    };
    await compared(sick);
    expect(lost).toContain(broughtBack);
    await sick.inStep();
    expect(sick.book.book.get('tasks', broughtBack)).toMatchObject({ title: 'Brought back' });
    await expectWell(bed, 'brought back meanwhile');
  });

  it('S9, S21: a comparison that begins by itself with an older server fails no sync, and a confirmation of deletions is used once', async () => {
    const bed = await begin(
      4,
      false,
      onLine(async (request, real) => (request.url === '/sync/digests' ? json({ message: 'No such address' }, 404) : real(request))),
    );
    const { sick } = bed;
    const all = (noun: NounName) => [...sick.book.book.ids(noun)];
    await ask(sick, 'tasks.remove', { ids: all('tasks') });
    expect(await sick.sync()).toMatchObject({ state: 'waits', waiting: 6 });
    await damageUnsent(bed);
    sick.remotes.list()[0]?.deletions?.confirm(6);
    const receipt = await sick.sync();
    expect(receipt).toMatchObject({ state: 'waits', refused: 1, waiting: 1, sent: { deleted: 6 } });
    expect(receipt.compared).toBeUndefined();
    await ask(sick, 'contacts.remove', { ids: all('contacts') });
    expect(await sick.sync()).toMatchObject({ state: 'waits', sent: { deleted: 0 }, waiting: 7 });
    expect((await compared(sick)).problem).toMatch(/^This server is older/);
  });

  it('S21: a deletion that the server forgot, taken back, is no reason to compare', async () => {
    const bed = await begin(5, false);
    const { sick, well, organisation } = bed;
    const [id] = sick.book.book.ids('tasks');
    await ask(sick, 'tasks.remove', { ids: [id] });
    await sick.inStep();
    await well.inStep();
    await onServer(bed, sql`delete from records where organisation_id = ${organisation} and id = ${id}`, keeperRole);
    await ask(sick, 'tasks.restore', { ids: [id] });
    const receipt = await sick.sync();
    expect(receipt).toMatchObject({ state: 'synced', waiting: 0 });
    expect(receipt.compared).toBeUndefined();
    await expectWell(bed, 'taken back');
  });

  it('S20, S21: where a laptop only reads, what the server has not is said to stay; where it only writes, nothing is asked for that is only there', async () => {
    const bed = await begin(6, false);
    const reads = await bed.open('read');
    await reads.sync();
    await ways['something new that counts as sent']({ ...bed, sick: reads });
    const receipt = await compared(reads);
    expect(receipt).toMatchObject({ state: 'waits', compared: { mended: 0, left: 1 } });
    expect(receipt.problem).toMatch(/^1 record is here that the server should have and has not\. This connection only reads/);
    const writes = await bed.open('write');
    await create(writes, 'clients', { name: 'Only here' });
    await writes.sync();
    const { requests } = await writes.sync();
    const held = await compared(writes);
    expect(held).toMatchObject({ state: 'synced', compared: { mended: 0, left: 0 } });
    // Down to the one record that is here, and nowhere else.
    expect(held.requests - requests).toBe(nounNames.length + 2);
  });

  it('S19, S21: an answer that leads nowhere ends a comparison', async () => {
    const { sick } = await begin(
      7,
      false,
      onLine(async (request, real) => (request.url === '/sync/digests' ? json({ ranges: [], upTo: '0' }) : real(request))),
    );
    expect(await compared(sick)).toMatchObject({ state: 'failed', problem: expect.stringMatching(/goes back|went back|back/) });
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
