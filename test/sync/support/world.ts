import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createAttachments } from '../../../electron/database/attachments.ts';
import { createConflictService } from '../../../electron/domain/conflict.service.ts';
import { contentsOf } from '../../../electron/open-attachments.ts';
import type { KeptRemote, RemoteReceipt } from '../../../electron/sync/remote.ts';
import { createRemotes, type Remotes, type RemoteStore } from '../../../electron/sync/remotes.ts';
import type { fixedClock } from '../../../shared/lib/clock.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { parseStamp, stampOf, type Stamps } from '../../../shared/sync/stamp.ts';
import { password } from '../../server/support/test-server.ts';
import { backendOf } from '../../support/book-backend.ts';
import { openLaptop, quietLog, type TestBook } from '../../support/opened-book.ts';
import { type Seeded, seededFrom } from '../../support/seeded.ts';
import { type FaultLine, type LineFault, lineFaults, openFaultLine } from './fault-line.ts';
import { recordsOf } from './folder-laptop.ts';
import type { SyncServer } from './sync-server.ts';
import { generated, inputFor } from './world-calls.ts';

/** What happens in a world, one thing a line. `n` is where an input, or the place of a fault, comes from. */
export type WorldStep =
  | { on: number; do: 'call'; method: string; n: number }
  | { on: number; do: 'sync'; fault: LineFault | null; after: number }
  | { on: number; do: 'settle'; take: 'mine' | 'theirs' | 'asItIs' }
  | { on: number; do: 'restart' }
  | { on: number; do: 'clock'; ms: number }
  | { do: 'time'; ms: number }
  | { do: 'server' };

export interface WorldPlan {
  seed: number;
  laptops: number;
  steps: WorldStep[];
}

export interface WorldEnd {
  calls: Map<string, { done: number; refused: number }>;
  syncs: number;
  failed: number;
}

const hour = 3_600_000;

/** `isThin`: few kinds of commands, and nothing goes wrong. */
export function planOf(seed: number, { isThin = false, length = 60 }: { isThin?: boolean; length?: number } = {}): WorldPlan {
  const random = seededFrom(seed);
  const laptops = 3 + random.below(3);
  const methods = isThin ? generated.filter((name) => /^(clients|contacts|tasks)\.(create|change|remove)$/.test(name)) : generated;
  const steps: WorldStep[] = [];
  // Something to meet in.
  const first = ['clients', 'clients', 'contacts', 'locations', 'itemPrices', 'tasks', 'cases', 'opportunities', 'invoices', 'directory'];
  for (const noun of [...first, ...first, 'activities', 'locationItemPrices', 'locationContacts', 'ownFields'])
    steps.push({ on: 0, do: 'call', method: `${noun}.create`, n: random.below(1e6) });
  for (let on = 0; on < laptops; on += 1) steps.push({ on, do: 'sync', fault: null, after: 0 });
  for (let at = 0; at < length; at += 1) steps.push(stepOf(random, laptops, methods, isThin));
  return { seed, laptops, steps };
}

const often = ['clients.change', 'clients.change', 'contacts.change', 'clients.create', 'history.undo'] as const;

function stepOf(random: Seeded, laptops: number, methods: readonly string[], isThin: boolean): WorldStep {
  const on = random.below(laptops);
  const what = random.below(20);
  if (what < 5) return { on, do: 'sync', fault: isThin || random.oneIn(2) ? null : random.pick(lineFaults), after: random.below(18) };
  if (what === 5) return { on, do: 'settle', take: random.pick(['mine', 'theirs', 'asItIs']) };
  if (what === 6) return { on, do: 'restart' };
  if (what === 7 && !isThin) return { on, do: 'clock', ms: random.pick([-24, -2, 2, 24]) * hour };
  if (what === 8) return { do: 'time', ms: random.pick([1, 30, 600]) * 60_000 };
  if (what === 9 && !isThin && random.oneIn(3)) return { do: 'server' };
  const method = !isThin && random.oneIn(2) ? random.pick(often) : (methods[random.below(methods.length)] ?? 'clients.create');
  return { on, do: 'call', method, n: random.below(1e6) };
}

interface WorldLaptop {
  name: string;
  folder: string;
  book: TestBook;
  store: RemoteStore;
  remotes: Remotes;
  line: FaultLine;
}

/** A value that somebody was told is saved, and which value it took the place of; unknown where a sync put it together. */
interface Effect {
  key: string;
  field: string;
  value: unknown;
  stamp: string;
  over: string | null;
  isOwn: boolean;
}

/** Fields of one value that a person writes; lists, own fields and what follows from rules are held to account elsewhere. */
const watched = new Set(['name', 'phone', 'firstName', 'title', 'defaultPrice', 'customPrice', 'startDate', 'label', 'fullName']);
const memory = (): string => {
  const folder = join('/dev/shm');
  try {
    return mkdtempSync(join(folder, 'fieldbook-world-'));
  } catch {
    return mkdtempSync(join(tmpdir(), 'fieldbook-world-'));
  }
};

export class WorldBroken extends Error {}

/**
 * Carries a plan out: real books on files, real engine, real server, real requests. Throws WorldBroken where something was
 * lost, doubled or said untruly.
 */
export async function runWorld(
  plan: WorldPlan,
  server: SyncServer,
  clock: ReturnType<typeof fixedClock>,
  company: string,
): Promise<WorldEnd> {
  const { id: organisation, email } = await server.organisation(company);
  const root = memory();
  const effects = new Map<string, Effect>();
  const shown: { key: string; field: string; values: unknown[] }[] = [];
  const end: WorldEnd = { calls: new Map(), syncs: 0, failed: 0 };
  let isCalling = false;
  const faultsBefore = server.faults.length;

  function watch(laptop: WorldLaptop): void {
    laptop.book.book.watch((noun, before, after) => note(noun, before, after));
  }

  function note(noun: NounName, before: StoredRecord | null, after: StoredRecord): void {
    for (const field of watched) {
      const value = (after as unknown as Record<string, unknown>)[field]; // its noun is known only here, as a value
      if (value === undefined) continue;
      const stamp = stampOf(after.stamps, field) ?? '';
      const key = `${noun}/${after.id}`;
      const over = before === null ? null : (stampOf(before.stamps, field) ?? null);
      const at = `${key} ${field} ${stamp}`;
      if (stamp !== over && !effects.has(at)) effects.set(at, { key, field, value, stamp, over, isOwn: isCalling });
    }
  }

  async function openOne(at: number): Promise<WorldLaptop> {
    const name = `laptop-${at}`;
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    const book = await openLaptop({ folder, at: new Date(clock.now()).toISOString() });
    book.person.name = name;
    const line = await openFaultLine(server.url);
    const store = memoryStore();
    const laptop: WorldLaptop = { name, folder, book, store, line, remotes: remotesOf(book, store) };
    await laptop.remotes.connect(
      { kind: 'fieldbook', url: line.url, organisation: null, signIn: { email, password, isSession: false }, direction: 'both' },
      AbortSignal.timeout(60_000),
    );
    watch(laptop);
    return laptop;
  }

  function remotesOf({ book, files, folder, clock: own }: TestBook, store: RemoteStore): Remotes {
    const contents = contentsOf(createAttachments(folder, { log: quietLog }));
    return createRemotes({
      book,
      store,
      operationsAfter: files.operationsAfter,
      contents,
      obstacle: () => null,
      clock: own,
      log: quietLog,
    });
  }

  const laptops: WorldLaptop[] = [];
  for (let at = 0; at < plan.laptops; at += 1) laptops.push(await openOne(at));

  async function sync(laptop: WorldLaptop): Promise<RemoteReceipt> {
    const [receipt] = await laptop.remotes.syncAll('sync', AbortSignal.timeout(120_000));
    end.syncs += 1;
    if (receipt === undefined) throw new Error('A laptop without a server');
    if (receipt.state === 'failed') end.failed += 1;
    noteShown(laptop);
    return receipt;
  }

  function noteShown({ book: { book } }: WorldLaptop): void {
    for (const conflict of book.sync.conflicts.values())
      shown.push({
        key: `${conflict.collection}/${conflict.recordId}`,
        field: conflict.field,
        values: [conflict.mine.value, conflict.theirs.value],
      });
    for (const { collection, recordId, mine } of book.sync.setAside.values())
      for (const [field, value] of Object.entries(mine.fields)) shown.push({ key: `${collection}/${recordId}`, field, values: [value] });
  }

  async function serverRecords(): Promise<Map<string, { stamps: Stamps }>> {
    const { rows } = await sql<{ collection: string; id: string; doc: { stamps: Stamps } }>`
      select collection, id, doc from records where organisation_id = ${organisation}`.execute(server.engine.db);
    return new Map(rows.map(({ collection, id, doc }) => [`${collection}/${id}`, doc]));
  }

  /** What the laptop would say of itself, held against what is so. */
  async function checkTruth(laptop: WorldLaptop, after: string): Promise<void> {
    const { book } = laptop.book;
    const [said, so] = [new Set(book.sync.waiting()), book.sync.audit()];
    if (!isSame([...said].toSorted(), [...so].toSorted()))
      throw new WorldBroken(`${after}: ${laptop.name} says that ${said.size} wait, and ${so.size} do`);
    if (said.size > 0) return;
    const there = await serverRecords();
    for (const [key, record] of recordsOf(book)) {
      const own = Object.values(record.stamps).filter((stamp) => parseStamp(stamp).deviceId === book.deviceId);
      const newest =
        Object.values(there.get(key)?.stamps ?? {})
          .toSorted()
          .at(-1) ?? '';
      const unsent = own.find((stamp) => stamp > newest);
      if (unsent !== undefined) throw new WorldBroken(`${after}: ${laptop.name} says that nothing waits, and ${key} is not on the server`);
    }
  }

  async function call(laptop: WorldLaptop, method: string, n: number): Promise<void> {
    const counted = end.calls.get(method) ?? { done: 0, refused: 0 };
    end.calls.set(method, counted);
    isCalling = true;
    const answer = await backendOf(laptop.book).call(method, inputFor(method, laptop.book, n));
    isCalling = false;
    if (answer.ok) counted.done += 1;
    else counted.refused += 1;
    if (!answer.ok && answer.error.code === 'UNEXPECTED') throw new WorldBroken(`${method} on ${laptop.name} ended in a fault of ours`);
  }

  async function settle(laptop: WorldLaptop, take: 'mine' | 'theirs' | 'asItIs'): Promise<void> {
    const service = createConflictService(laptop.book.book);
    isCalling = true;
    for (const { id } of service.conflicts())
      await service.settle([{ id, take }]).catch((error: unknown) => {
        if (!(error instanceof Error && 'problem' in error)) throw error;
      });
    isCalling = false;
  }

  async function carryOut(step: WorldStep): Promise<void> {
    if (step.do === 'time') {
      clock.moveTo(new Date(clock.now() + step.ms).toISOString());
      for (const { book } of laptops) book.clock.moveTo(new Date(book.clock.now() + step.ms).toISOString());
      return;
    }
    if (step.do === 'server') {
      await server.stop();
      await server.start();
      return;
    }
    const laptop = laptops[step.on % laptops.length] as WorldLaptop;
    if (step.do === 'call') await call(laptop, step.method, step.n);
    else if (step.do === 'settle') await settle(laptop, step.take);
    else if (step.do === 'clock') laptop.book.clock.moveTo(new Date(laptop.book.clock.now() + step.ms).toISOString());
    else if (step.do === 'restart') {
      await laptop.remotes.close();
      laptop.book = await laptop.book.reopen();
      laptop.book.person.name = laptop.name;
      laptop.remotes = remotesOf(laptop.book, laptop.store);
      watch(laptop);
    } else {
      if (step.fault !== null) laptop.line.break(step.fault, step.after);
      await sync(laptop);
      laptop.line.mend();
    }
  }

  try {
    for (const [at, step] of plan.steps.entries()) {
      await carryOut(step);
      for (const laptop of laptops) await checkTruth(laptop, `after step ${at} ${JSON.stringify(step)}`);
    }
    await comeToRest();
    for (const laptop of laptops) await checkTruth(laptop, 'at the end');
    const fresh = await openOne(plan.laptops);
    laptops.push(fresh);
    await sync(fresh);
    const whole = recordsOf(fresh.book.book);
    for (const laptop of laptops) {
      const what = difference(recordsOf(laptop.book.book), whole);
      if (what !== null) throw new WorldBroken(`${laptop.name} and the server differ: ${what}`);
    }
    checkEffects(whole);
    const [fault] = server.faults.slice(faultsBefore);
    if (fault !== undefined) throw new WorldBroken(`the server had a fault: ${fault.message}`);
    return end;
  } finally {
    for (const { remotes, line } of laptops) {
      await remotes.close();
      await line.close();
    }
    rmSync(root, { recursive: true, force: true });
  }

  /** All are connected, and sync until nothing moves; what waits for a person is answered as it is. */
  async function comeToRest(): Promise<void> {
    for (let round = 0; round < 12; round += 1) {
      let moved = 0;
      for (const laptop of laptops) {
        const receipt = await sync(laptop);
        if (receipt.state === 'failed') throw new WorldBroken(`${laptop.name} does not come to rest: ${receipt.problem}`);
        const { sent, received } = receipt;
        moved += sent.created + sent.changed + sent.deleted + received.created + received.changed + received.deleted;
        if (receipt.waiting > 0) {
          const [key] = laptop.book.book.sync.waiting();
          const why = laptop.book.book.sync.refused.get(key ?? '');
          if (round > 8)
            throw new WorldBroken(
              `${laptop.name} still waits with ${key}: ${why?.code ?? receipt.problem ?? 'nobody says why'} ${why?.field ?? ''}`,
            );
          moved += 1;
        }
        for (const { collection } of laptop.book.book.sync.conflicts.values()) if (collection !== '') moved += 1;
        await settle(laptop, 'asItIs');
      }
      if (moved === 0) return;
    }
    throw new WorldBroken('the laptops do not come to rest');
  }

  /** Every value that was saved is there, was replaced by somebody who had seen it, or stood in a conflict that was shown. */
  function checkEffects(whole: ReadonlyMap<string, StoredRecord>): void {
    const successors = new Map<string, Effect[]>();
    for (const effect of effects.values()) {
      if (effect.over === null) continue;
      const at = `${effect.key} ${effect.field} ${effect.over}`;
      successors.set(at, [...(successors.get(at) ?? []), effect]);
    }
    const isKept = ({ key, field, value, stamp }: Effect): boolean => {
      const record = whole.get(key) as StoredRecord;
      return (
        stampOf(record.stamps, field) === stamp ||
        isSame((record as unknown as Record<string, unknown>)[field], value) || // its noun is known only here, as a value
        shown.some((one) => one.key === key && one.field === field && one.values.some((other) => isSame(other, value))) ||
        // Whoever wrote over it had seen it.
        (successors.get(`${key} ${field} ${stamp}`) ?? []).some(isKept)
      );
    };
    for (const effect of effects.values()) {
      const record = whole.get(effect.key);
      if (!effect.isOwn || record === undefined || record.mergedInto !== null || record.deletedAt !== null) continue;
      if (isKept(effect)) continue;
      const { key, field } = effect;
      const story = [...effects.values()]
        .filter((one) => one.key === key && one.field === field)
        .map(({ stamp, over, isOwn }) => `${over} -> ${stamp}${isOwn ? '' : ' by a sync'}`);
      throw new WorldBroken(
        `${key}, ${field}: a saved value is gone, and nobody was told (${effect.stamp}, now ${stampOf(record.stamps, field)}; ${story.join('; ')})`,
      );
    }
  }
}

function memoryStore(): RemoteStore {
  const remotes: KeptRemote[] = [];
  const secrets = new Map<string, string>();
  const keep = (id: string, all: Record<string, string>) => {
    for (const [name, value] of Object.entries(all)) secrets.set(`${id} ${name}`, value);
  };
  return {
    list: () => remotes,
    async add(kept, all) {
      remotes.push(kept);
      keep(kept.id, all);
      return kept;
    },
    replaceSecrets: async (id, all) => keep(id, all),
    remove: async (id) => void remotes.splice(0, remotes.length, ...remotes.filter((one) => one.id !== id)),
    secret: (id, name) => secrets.get(`${id} ${name}`) ?? null,
    setSecret: async (id, name, value) => void (value === null ? secrets.delete(`${id} ${name}`) : secrets.set(`${id} ${name}`, value)),
  };
}

function difference(mine: ReadonlyMap<string, StoredRecord>, theirs: ReadonlyMap<string, StoredRecord>): string | null {
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(key), theirs.get(key)] as unknown as [
      Record<string, unknown> | undefined,
      Record<string, unknown> | undefined,
    ]; // compared field by field
    if (a === undefined || b === undefined) return `${key} is only ${a === undefined ? 'on the server' : 'on the laptop'}`;
    const field = [...new Set([...Object.keys(a), ...Object.keys(b)])].find((one) => !isSame(a[one], b[one]));
    if (field !== undefined) return `${key}, ${field}: ${JSON.stringify(a[field])} and ${JSON.stringify(b[field])}`;
  }
  return null;
}

/** The fewest steps of the plan that are still red: pieces are left out, ever smaller ones, while what is left stays red. */
export async function shrunk(plan: WorldPlan, isRed: (plan: WorldPlan) => Promise<boolean>, mostRuns = 60): Promise<WorldPlan> {
  let { steps } = plan;
  let runs = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1 && runs < mostRuns; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < steps.length && runs < mostRuns; ) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      runs += 1;
      if (await isRed({ ...plan, steps: fewer })) steps = fewer;
      else at += size;
    }
  }
  return { ...plan, steps };
}

/** One operation a line, as `--plan FILE` reads it. */
export const planText = ({ seed, laptops, steps }: WorldPlan) =>
  [JSON.stringify({ seed, laptops }), ...steps.map((step) => JSON.stringify(step))].join('\n');
export function planFrom(text: string): WorldPlan {
  const [head = '{}', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  return { ...(JSON.parse(head) as Omit<WorldPlan, 'steps'>), steps: lines.map((line) => JSON.parse(line) as WorldStep) };
}
