// Rules (docs/sync-protocol.md): S2, S3, S10, S21
import { describe, expect, it } from 'vitest';
import { applyChange } from '../../../../shared/operations/apply-operation.ts';
import { textOf } from '../../../../shared/sync/field-state.ts';
import type { SyncedRecord } from '../../../../shared/sync/merge.ts';
import { accepted, putRight, type Replica, restamped, rowToPush, takeIn, unknownToServer, waits } from '../../../../shared/sync/replica.ts';
import { checkRow, mostAheadMs, stampProblem } from '../../../../shared/sync/row-check.ts';
import { formatStamp, newestStamp, type Stamps, stampSource } from '../../../../shared/sync/stamp.ts';
import { seededFrom, type Seeded, seedsOf } from '../../../support/seeded.ts';

const runs = Number(process.env['FIELDBOOK_RUNS'] ?? 20_000);
/** Two tasks that one laptop made, and a price that each laptop may make on its own. */
const nounOf = { t1: 'tasks', t2: 'tasks', p1: 'locationItemPrices' } as const;
type Id = keyof typeof nounOf;
const ids = Object.keys(nounOf) as [Id, ...Id[]];
const names = ['ada', 'bob', 'cem'] as const;
type Answer = {
  seq: number;
  verdicts: (
    | { id: string; verdict: 'ok' }
    | { id: string; verdict: 'conflict'; current: SyncedRecord | null }
    | { id: string; verdict: 'rejected' }
  )[];
};

/** The server as far as one record after the other is concerned: what server/sync/ does inside its transaction. */
function createServer() {
  const rows = new Map<string, { record: SyncedRecord; seq: number }>();
  let seq = 0;
  return {
    push(sent: readonly { assumed: Stamps | null; record: SyncedRecord }[]): Answer {
      return {
        seq,
        verdicts: sent.map(({ assumed, record }) => {
          const current = rows.get(record.id)?.record ?? null;
          const check = checkRow(current, assumed, record);
          if (check.is === 'rejected') return { id: record.id, verdict: 'rejected' };
          if (check.is === 'conflict') return { id: record.id, verdict: 'conflict', current };
          if (check.is === 'write') rows.set(record.id, { record: check.record, seq: ++seq });
          return { id: record.id, verdict: 'ok' };
        }),
      };
    },
    pull: (since: number) => ({ rows: [...rows.values()].filter((row) => row.seq > since), seq }),
    rows,
  };
}
type Server = ReturnType<typeof createServer>;

/** A laptop that keeps its replicas through a restart, and forgets what was under way. */
function createLaptop(name: string, now: () => number) {
  const replicas = new Map<string, Replica>();
  let stamps = stampSource(name, now);
  let checkpoint = 0;
  const put = (id: string, replica: Replica) => {
    replicas.set(id, replica);
    stamps.observe(newestStamp(replica.mine.stamps));
  };
  return {
    name,
    replicas,
    restart() {
      stamps = stampSource(
        name,
        now,
        [...replicas.values()]
          .map(({ mine }) => newestStamp(mine.stamps))
          .toSorted()
          .at(-1) ?? null,
      );
    },
    change(id: Id, fields: Record<string, unknown>) {
      const replica = replicas.get(id);
      const before = replica === undefined ? null : Object.fromEntries(Object.keys(fields).map((field) => [field, replica.mine[field]]));
      const head = { at: new Date(now()).toISOString(), actor: name, stamp: stamps.next() };
      const noun = nounOf[id];
      const mine = applyChange(noun, (replica?.mine ?? null) as never, head, { collection: noun, id, before, after: fields });
      const record = mine as unknown as SyncedRecord; // a stored record has its stamps
      put(id, { base: null, seq: 0, ...replica, mine: record });
    },
    toPush: () => [...replicas.values()].filter(waits).map(rowToPush),
    pushed(sent: readonly { record: SyncedRecord }[], { seq, verdicts }: Answer) {
      for (const [at, one] of verdicts.entries()) {
        const replica = replicas.get(one.id) as Replica;
        if (one.verdict === 'ok') put(one.id, accepted(replica, (sent[at] as { record: SyncedRecord }).record, seq));
        else if (one.verdict === 'conflict')
          put(one.id, one.current === null ? unknownToServer(replica, seq) : takeIn(replica, one.current, seq).replica);
        else throw new Error('Nothing an honest laptop sends is rejected');
      }
    },
    since: () => checkpoint,
    pulled({ rows, seq }: ReturnType<Server['pull']>) {
      for (const row of rows) put(row.record.id, takeIn(replicas.get(row.record.id) ?? null, row.record, row.seq).replica);
      checkpoint = Math.max(checkpoint, seq);
    },
  };
}
type Laptop = ReturnType<typeof createLaptop>;

interface Told {
  /** Values that somebody who saw them replaced, and entries that somebody who saw them took out. */
  replaced: Set<string>;
  /** Entries that were put in and never taken out. */
  entries: Map<string, { id: Id; entry: string }>;
}

/** A field with one value, and the entries of one with many. */
const valueOf = (record: SyncedRecord) => String(record['title'] ?? record['customPrice']);
const entriesOf = (record: SyncedRecord) => (record['assignedToIds'] as string[] | undefined) ?? Object.keys(record['custom'] as object);

function changeSomething(laptop: Laptop, random: Seeded, told: Told, count: number): void {
  const id = random.pick(ids);
  const mine = laptop.replicas.get(id)?.mine;
  const value = `${laptop.name} ${count}`;
  const isTask = nounOf[id] === 'tasks';
  if (mine === undefined) {
    if (!isTask) laptop.change(id, { locationId: 'l', itemPriceId: 'i', customPrice: value });
    return;
  }
  if (random.oneIn(2)) {
    told.replaced.add(`${id} ${valueOf(mine)}`);
    laptop.change(id, isTask ? { title: value } : { customPrice: value });
    return;
  }
  const entries = entriesOf(mine);
  const gone = entries.length > 0 && random.oneIn(2) ? (entries[random.below(entries.length)] as string) : null;
  const left = gone === null ? [...entries, value] : entries.filter((one) => one !== gone);
  laptop.change(id, isTask ? { assignedToIds: left } : { custom: Object.fromEntries(left.map((one) => [one, true])) });
  if (gone === null) told.entries.set(`${id} ${value}`, { id, entry: value });
  else {
    told.replaced.add(`${id} ${gone}`);
    told.entries.delete(`${id} ${gone}`);
  }
}

/** One run: work, with answers and requests lost, late, twice and out of order; then all is well again. Answers what is wrong. */
function run(seed: number): string | null {
  const random = seededFrom(seed);
  const server = createServer();
  let clock = Date.parse('2026-03-04T09:00:00Z');
  const laptops = names.map((name) => {
    const skew = random.pick([0, 0, -3_600_000, 60_000, -86_400_000]);
    return createLaptop(name, () => clock + skew);
  });
  const told: Told = { replaced: new Set(), entries: new Map() };
  const late: (() => void)[] = [];
  for (const id of ['t1', 't2'] as const) laptops[0]?.change(id, { title: 'made' });
  for (let count = 0; count < 30; count += 1) {
    clock += random.below(120_000);
    const laptop = laptops[random.below(laptops.length)] as Laptop;
    switch (random.below(6)) {
      case 0:
      case 1:
      case 2:
        changeSomething(laptop, random, told, count);
        break;
      case 3: {
        const sent = laptop.toPush();
        if (sent.length === 0) break;
        const copy = structuredClone(sent);
        if (random.oneIn(4)) late.push(() => server.push(copy));
        if (random.oneIn(6)) break;
        const answer = structuredClone(server.push(copy));
        if (random.below(10) < 3) break;
        if (random.oneIn(4)) late.push(() => laptop.pushed(sent, answer));
        else laptop.pushed(sent, answer);
        break;
      }
      case 4: {
        const answer = structuredClone(server.pull(laptop.since()));
        if (random.below(10) < 3) break;
        if (random.oneIn(3)) late.push(() => laptop.pulled(answer));
        else laptop.pulled(answer);
        break;
      }
      case 5:
        if (random.oneIn(3)) laptop.restart();
        else if (late.length > 0) late.splice(random.below(late.length), 1)[0]?.();
    }
  }
  while (late.length > 0) late.splice(random.below(late.length), 1)[0]?.();
  for (let round = 0; round < 10; round += 1) {
    for (const laptop of laptops) {
      const sent = laptop.toPush();
      if (sent.length > 0) laptop.pushed(sent, structuredClone(server.push(structuredClone(sent))));
      laptop.pulled(structuredClone(server.pull(laptop.since())));
    }
  }
  const truth = textOf(Object.fromEntries([...server.rows].map(([id, { record }]) => [id, record])));
  for (const laptop of laptops) {
    if (laptop.toPush().length > 0) return `${laptop.name} still waits`;
    if (textOf(Object.fromEntries([...laptop.replicas].map(([id, { mine }]) => [id, mine]))) !== truth) return `${laptop.name} differs`;
  }
  for (const [id, { record }] of server.rows) {
    const back = [valueOf(record), ...entriesOf(record)].find((value) => told.replaced.has(`${id} ${value}`));
    if (back !== undefined) return `"${back}" came back`;
  }
  for (const { id, entry } of told.entries.values())
    if (!entriesOf(server.rows.get(id)?.record as SyncedRecord).includes(entry)) return `"${entry}" is gone`;
  return null;
}

describe('Three laptops and a server over a bad line', () => {
  it(`all hold the same at the end, and nothing that was replaced has come back: ${runs} runs`, { timeout: 600_000 }, () => {
    for (const seed of seedsOf('three laptops', runs)) {
      const wrong = run(seed);
      if (wrong !== null) expect.fail(`seed ${seed}: ${wrong}`);
    }
  });
});

describe('A record whose deletion the server has forgotten', () => {
  const stamp = (minute: number, device: string) => formatStamp(Date.parse('2026-03-04T09:00:00Z') + minute * 60_000, 0, device);
  const made = { id: 'r1', title: 'made', deletedAt: null, stamps: { '*': stamp(0, 'ada') } } as SyncedRecord;
  const deleted = { ...made, deletedAt: '2026-03-04T09:01:00.000Z', stamps: { ...made.stamps, deletedAt: stamp(1, 'ada') } };
  const broughtBack = { ...made, title: 'cem', stamps: { ...made.stamps, title: stamp(2, 'cem') } };
  const bob: Replica = { mine: deleted, base: deleted, seq: 10 };

  it('waits to be deleted again where that is known, when somebody who was away brings it back', () => {
    const { replica, conflicts } = takeIn(bob, broughtBack, 20);
    expect(replica.mine).toMatchObject({ title: 'cem', deletedAt: deleted.deletedAt });
    expect(conflicts).toEqual([]);
    expect(waits(replica)).toBe(true);
    expect(rowToPush(replica).assumed).toEqual(broughtBack.stamps);
    expect(waits(accepted(replica, replica.mine, 20))).toBe(false);
  });

  it('is not taken for what the server has by an answer that was long on its way', () => {
    const back = takeIn(bob, broughtBack, 20).replica;
    expect(accepted(back, deleted, 9)).toBe(back);
    expect(takeIn(back, deleted, 10).replica).toBe(back);
    const unknown = unknownToServer(bob, 20);
    expect(waits(unknown)).toBe(true);
    expect(accepted(unknown, deleted, 9)).toBe(unknown);
    expect(takeIn(unknown, deleted, 10).replica).toBe(unknown);
    expect(unknownToServer(back, 19)).toBe(back);
  });
});

describe('A laptop whose clock is ahead', () => {
  it('stamps again by the server’s time, and only what the server would refuse', () => {
    const [now, ahead] = [Date.parse('2026-03-04T09:00:00Z'), Date.parse('2026-03-06T09:00:00Z')];
    const [old, far, fresh] = [formatStamp(now, 0, 'ada'), formatStamp(ahead, 0, 'ada'), formatStamp(now, 1, 'ada')];
    const record = {
      id: 'r1',
      title: 'x',
      status: 'new',
      tags: ['a', 'b'],
      stamps: { '*': old, title: far, 'tags/b': far },
    } as SyncedRecord;
    expect(stampProblem(record.stamps, now)).toMatchObject({ code: 'clock_ahead', field: 'title' });
    const again = (mine: SyncedRecord, base: SyncedRecord | null = null) => restamped({ mine, base }, now, fresh);
    expect(again(record)).toEqual({ ...record, stamps: { '*': old, title: fresh, 'tags/b': fresh } });
    expect(stampProblem(again(record).stamps, now)).toBeNull();
    expect(again({ ...record, stamps: { '*': far, 'tags/b': far } }).stamps).toEqual({ '*': fresh });
    const within = { ...record, stamps: { '*': formatStamp(now + mostAheadMs, 0, 'ada') } };
    expect(again(within)).toBe(within);
    // What the server has taken since is not ahead for it, whatever an answer says that comes late.
    expect(again(record, record)).toBe(record);
  });
});

it('S10, S21: a change that counted as sent stands and waits, and what the server has instead is told', () => {
  const head = (stamp: string, actor: string) => ({ at: '2026-03-04T09:00:00.000Z', actor, stamp });
  const change = (record: SyncedRecord | null, stamp: string, title: string): SyncedRecord =>
    applyChange('tasks', record as never, head(stamp, stamp), {
      collection: 'tasks',
      id: 't1',
      before: record === null ? null : { title: record['title'] },
      after: { title },
    }) as unknown as SyncedRecord; // a stored record has its stamps
  const made = change(null, formatStamp(1, 0, 'ada'), 'Made');
  const mine = change(made, formatStamp(3, 0, 'ada'), 'Mine');
  const theirs = change(made, formatStamp(2, 0, 'bob'), 'Theirs');
  const { replica, conflicts } = putRight({ mine, base: mine, seq: 9 }, theirs, 5);
  expect(replica).toMatchObject({ mine: { title: 'Mine' }, base: { title: 'Theirs' }, seq: 5 });
  expect(waits(replica)).toBe(true);
  expect(conflicts).toMatchObject([{ field: 'title', mine: 'Mine', theirs: 'Theirs', kept: 'mine' }]);
  // What is only older than the server's is no change of anybody's here.
  expect(putRight({ mine: made, base: made, seq: 9 }, theirs, 5)).toMatchObject({ replica: { mine: { title: 'Theirs' } }, conflicts: [] });
});
