import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createConflictService } from '../../../electron/domain/conflict.service.ts';
import type { RemoteReceipt } from '../../../remotes/remote.ts';
import type { Remotes, RemoteStore } from '../../../electron/sync/remotes.ts';
import type { fixedClock } from '../../../shared/lib/clock.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { parseStamp, stampOf, type Stamps } from '../../../shared/sync/stamp.ts';
import { password } from '../../server/support/test-server.ts';
import { backendOf } from '../../support/book-backend.ts';
import { openLaptop, type TestBook } from '../../support/opened-book.ts';
import { inOrganisation } from '../../../server/store/tenant.ts';
import { memoryStore, remotesOf } from './engine-laptop.ts';
import { type FaultLine, openFaultLine } from './fault-line.ts';
import { unsentWithParents } from '../../../electron/sync/unsent-work.ts';
import { recordsOf } from './folder-laptop.ts';
import type { SyncServer } from './sync-server.ts';
import { inputFor, jobs } from './world-calls.ts';
import { carryOutJob } from './world-desk.ts';
import type { WorldEnd, WorldPlan, WorldStep } from './world-plan.ts';
import { worldServer } from './world-server.ts';

interface WorldLaptop {
  name: string;
  /** Who signs in on it. */
  email: string;
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
  /** Where it was saved, how many were before it, and whether that laptop has been in step since. */
  on: WorldLaptop;
  at: number;
  hasReached: boolean;
}

const roomy = 50_000_000_000;

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

/** `at`: the step after which something was wrong; null at the end, when all had come to rest. */
export class WorldBroken extends Error {
  at: number | null = null;
}

/** A fault that is put into a laptop on purpose after each step, to see that it is found. */
export type Planted = (step: WorldStep, laptop: TestBook | null) => Promise<void>;

/**
 * Carries a plan out: real books on files, real engine, real server, real requests. Throws WorldBroken where something was
 * lost, doubled or said untruly.
 */
export async function runWorld(
  plan: WorldPlan,
  server: SyncServer,
  clock: ReturnType<typeof fixedClock>,
  company: string,
  planted: Planted = async () => undefined,
): Promise<WorldEnd> {
  const { id: organisation, email: administrator } = await server.organisation(company);
  const there = worldServer(server, organisation, clock);
  const people = [{ email: administrator, userId: '' }];
  for (const [who, role] of (plan.people ?? []).entries()) {
    const email = `person-${who}@${company}.example.com`;
    if (who > 0) people.push({ email, userId: await server.member(organisation, email, role) });
  }
  const root = memory();
  const effects = new Map<string, Effect>();
  const deletions: { key: string; record: StoredRecord }[] = [];
  const shown: { key: string; field: string; values: unknown[] }[] = [];
  const end: WorldEnd = { calls: new Map(), reasons: new Set(), syncs: 0, failed: 0 };
  const laptops: WorldLaptop[] = [];
  let isCalling = false;
  let noted = 0;
  let serverBackedUp = 0;
  /** Laptops that have not come by since the server went back to an older state. */
  const unaware = new Set<WorldLaptop>();
  /** So much time has passed that deletions are forgotten, by some earlier than by others. */
  let isForgetful = false;
  /** How many values had been saved when a laptop was backed up first: any of its backups may be the one that comes back. */
  const backedUp = new Map<WorldLaptop, number>();
  const faultsBefore = server.faults.length;

  function watch(laptop: WorldLaptop): void {
    laptop.book.book.watch((noun, before, after) => note(laptop, noun, before, after));
  }

  function note(on: WorldLaptop, noun: NounName, before: StoredRecord | null, after: StoredRecord): void {
    if (isCalling && before?.deletedAt === null && after.deletedAt !== null) deletions.push({ key: `${noun}/${after.id}`, record: after });
    for (const field of watched) {
      const value = (after as unknown as Record<string, unknown>)[field]; // its noun is known only here, as a value
      // What was left blank is no value that could be lost.
      if (value === undefined || (before === null && (value === null || value === ''))) continue;
      const stamp = stampOf(after.stamps, field) ?? '';
      const key = `${noun}/${after.id}`;
      const over = before === null ? null : (stampOf(before.stamps, field) ?? null);
      const at = `${key} ${field} ${stamp}`;
      if (stamp !== over && !effects.has(at))
        effects.set(at, { key, field, value, stamp, over, isOwn: isCalling, on, at: (noted += 1), hasReached: false });
    }
  }

  const signIn = ({ remotes, line, email }: WorldLaptop) =>
    remotes.connect(
      { kind: 'fieldbook', url: line.url, organisation: null, signIn: { email, password, isSession: false }, direction: 'both' },
      AbortSignal.timeout(60_000),
    );

  async function openOne(at: number, email: string): Promise<WorldLaptop> {
    const name = `laptop-${at}`;
    const folder = join(root, name);
    mkdirSync(folder, { recursive: true });
    const book = await openLaptop({ folder, at: new Date(clock.now()).toISOString() });
    book.person.name = name;
    const line = await openFaultLine(server.answer);
    const store = memoryStore();
    const laptop: WorldLaptop = { name, email, folder, book, store, line, remotes: remotesOf(book, store) };
    laptops.push(laptop);
    await signIn(laptop);
    watch(laptop);
    return laptop;
  }

  async function sync(laptop: WorldLaptop): Promise<RemoteReceipt> {
    const [receipt] = await laptop.remotes.syncAll('sync', AbortSignal.timeout(120_000));
    end.syncs += 1;
    if (receipt === undefined) throw new Error('A laptop without a server');
    if (receipt.state === 'failed') end.failed += 1;
    noteShown(laptop);
    if (receipt.problem?.includes('was disabled') === true) checkLeft(laptop);
    // The person does what the sentence says.
    if (receipt.problem?.includes('Sign in again') === true) {
      laptop.line.mend();
      await signIn(laptop).catch(() => undefined);
    }
    if (receipt.state !== 'failed') unaware.delete(laptop);
    if (receipt.state !== 'failed' && laptop.book.book.sync.waiting().size === 0)
      for (const effect of effects.values()) if (effect.on === laptop) effect.hasReached = true;
    return receipt;
  }

  /** Somebody who was disabled has what is not sent, what that hangs on, and nothing else. */
  function checkLeft({ name, book: { book } }: WorldLaptop): void {
    const stays = unsentWithParents({ ...book, state: book.sync });
    for (const key of recordsOf(book).keys())
      if (!stays.has(key)) throw new WorldBroken(`${name} still has ${key}, though the account was disabled`);
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

  async function serverRecords(): Promise<Map<string, Stamps>> {
    const { rows } = await inOrganisation(server.engine, { organisation, sessionId: null }, ({ tx }) =>
      sql<{ collection: string; id: string; stamps: Stamps }>`
        select collection, id, doc -> 'stamps' as stamps from records where organisation_id = ${organisation}`.execute(tx),
    );
    return new Map(rows.map(({ collection, id, stamps }) => [`${collection}/${id}`, stamps]));
  }

  /** What the laptop would say of itself, held against what is so. */
  async function checkTruth(laptop: WorldLaptop, after: string): Promise<void> {
    const { book } = laptop.book;
    const [said, so] = [new Set(book.sync.waiting()), book.sync.audit()];
    if (!isSame([...said].toSorted(), [...so].toSorted()))
      throw new WorldBroken(`${after}: ${laptop.name} says that ${said.size} wait, and ${so.size} do`);
    // What was said of a server that went back since is so as of then.
    if (said.size > 0 || unaware.has(laptop)) return;
    const records = await serverRecords();
    for (const [key, record] of recordsOf(book)) {
      // What was deleted long ago the server has forgotten.
      if (isForgetful && record.deletedAt !== null && !records.has(key)) continue;
      const own = Object.values(record.stamps).filter((stamp) => parseStamp(stamp).deviceId === book.deviceId);
      const newest =
        Object.values(records.get(key) ?? {})
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
    try {
      if (jobs.has(method)) await job(laptop, method, n);
      else {
        const answer = await backendOf(laptop.book).call(method, inputFor(method, laptop.book, n));
        if (!answer.ok) throw new ProblemError(answer.error);
      }
      counted.done += 1;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code === 'UNEXPECTED')
        throw new WorldBroken(`${method} on ${laptop.name} ended in a fault of ours: ${String(error)}`, { cause: error });
      counted.refused += 1;
      end.reasons.add(`${method}: ${error.problem.code}`);
    } finally {
      isCalling = false;
    }
  }

  async function job(laptop: WorldLaptop, method: string, n: number): Promise<void> {
    const before = laptop.book;
    if (method === 'safety.restore') await laptop.remotes.close();
    try {
      laptop.book = await carryOutJob(before, method, n, laptop.remotes.list()[0]?.kept.id);
    } finally {
      if (method === 'safety.restore') opened(laptop);
    }
    if (method === 'safety.backUp' && !backedUp.has(laptop)) backedUp.set(laptop, noted);
    // Who takes a backup back gives up what came after it; what had reached the server comes back from there.
    if (laptop.book !== before)
      for (const [key, effect] of effects)
        if (effect.on === laptop && effect.isOwn && !effect.hasReached && effect.at > (backedUp.get(laptop) ?? 0)) effects.delete(key);
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

  /** What no laptop has any more is gone with the state that the backup takes the place of; what is on one comes back with it. */
  async function bringBack(how: 'restored' | 'copied'): Promise<void> {
    if (!(await there.bringBack(how))) return;
    for (const laptop of laptops) unaware.add(laptop);
    const all = laptops.map(({ book }) => recordsOf(book.book));
    for (const [at, effect] of effects) {
      const { key, field, value } = effect;
      const isOnOne = all.some((records) => isSame((records.get(key) as unknown as Record<string, unknown> | undefined)?.[field], value)); // a field by its name
      if (effect.at > serverBackedUp) effect.hasReached = false;
      if (!isOnOne) effects.delete(at);
    }
  }

  async function carryOut(step: WorldStep): Promise<void> {
    if (step.do === 'time') {
      await there.letPass(step.ms);
      isForgetful ||= step.ms >= 86_400_000;
      for (const { book } of laptops) book.clock.moveTo(new Date(book.clock.now() + step.ms).toISOString());
      return;
    }
    if (step.do === 'role') return there.give(people[step.who]?.userId ?? '', step.role);
    if (step.do === 'account') return there.setActive(people[step.who]?.userId ?? '', step.isActive);
    if (step.do === 'server') return there.restart();
    if (step.do === 'version') return there.become(step.by);
    if (step.do === 'backup') {
      serverBackedUp = noted;
      return there.backUp();
    }
    if (step.do === 'bringBack') return bringBack(step.how);
    const laptop = laptops[step.on % plan.laptops] as WorldLaptop;
    if (step.do === 'call') await call(laptop, step.method, step.n);
    else if (step.do === 'settle') await settle(laptop, step.take);
    else if (step.do === 'clock') laptop.book.clock.moveTo(new Date(laptop.book.clock.now() + step.ms).toISOString());
    else if (step.do === 'restart') {
      await laptop.remotes.close();
      laptop.book = await laptop.book.reopen();
      opened(laptop);
    } else if (step.do === 'kill') await killAmidSync(laptop, step.after);
    else {
      if (step.do === 'disk') laptop.line.break(() => (laptop.book.disk.free = 0), step.after);
      else if (step.fault !== null) laptop.line.break(step.fault, step.after);
      await sync(laptop);
      laptop.line.mend();
      laptop.book.disk.free = roomy;
    }
  }

  function opened(laptop: WorldLaptop): void {
    laptop.book.person.name = laptop.name;
    laptop.remotes = remotesOf(laptop.book, laptop.store);
    watch(laptop);
  }

  /** What is on the disk at that request is all that is there when the laptop is opened again. */
  async function killAmidSync(laptop: WorldLaptop, after: number): Promise<void> {
    const { folder } = laptop;
    const then = `${folder}-then`;
    laptop.line.break(() => cpSync(folder, then, { recursive: true }), after);
    await laptop.remotes.syncAll('sync', AbortSignal.timeout(120_000));
    laptop.line.mend();
    await laptop.remotes.close();
    await laptop.book.end();
    if (existsSync(then)) {
      // The device's own file stays: one that was copied would be another device.
      for (const name of ['journal', 'checkpoint']) {
        rmSync(join(folder, name), { recursive: true, force: true });
        if (existsSync(join(then, name))) cpSync(join(then, name), join(folder, name), { recursive: true });
      }
      rmSync(then, { recursive: true });
    }
    laptop.book = await laptop.book.reopen();
    opened(laptop);
  }

  try {
    for (let at = 0; at < plan.laptops; at += 1) await openOne(at, (people[at % people.length] as { email: string }).email);
    for (const [at, step] of plan.steps.entries()) {
      try {
        await carryOut(step);
        const touched = 'on' in step ? (laptops[step.on % plan.laptops] as WorldLaptop) : null;
        await planted(step, touched?.book ?? null);
        // What a step did not touch is as it was.
        if (touched !== null) await checkTruth(touched, `after step ${at} ${JSON.stringify(step)}`);
      } catch (error) {
        if (error instanceof WorldBroken) error.at = at;
        throw error;
      }
    }
    await comeToRest();
    for (const laptop of laptops) await checkTruth(laptop, 'at the end');
    const all = [...laptops];
    for (const [who, { email }] of people.entries()) {
      const theirs = all.filter((laptop) => laptop.email === email);
      if (theirs.length === 0) continue;
      const fresh = await openOne(plan.laptops + who, email);
      await sync(fresh);
      const whole = recordsOf(fresh.book.book);
      for (const laptop of theirs) {
        const what = difference(recordsOf(laptop.book.book), whole, isForgetful);
        if (what !== null) throw new WorldBroken(`${laptop.name} and the server differ: ${what}`);
      }
      if (email === administrator) checkEffects(whole);
    }
    const [fault] = server.faults.slice(faultsBefore);
    if (fault !== undefined) throw new WorldBroken(`the server had a fault: ${fault.message}`);
    return end;
  } finally {
    for (const { remotes, line, book } of laptops) {
      await remotes.close();
      await line.close();
      await book.end();
    }
    rmSync(root, { recursive: true, force: true });
  }

  /** All are connected, and sync until nothing moves; what waits for a person is answered as it is. */
  async function comeToRest(): Promise<void> {
    await there.become(0);
    for (const { userId } of people.slice(1)) await there.setActive(userId, true);
    for (let round = 0; round < 12; round += 1) {
      let moved = 0;
      for (const laptop of laptops) {
        let receipt = await sync(laptop);
        if (receipt.state === 'failed' && receipt.problem?.includes('Sign in again') === true) receipt = await sync(laptop);
        for (const { deletions } of laptop.remotes.list()) deletions?.confirm(deletions.held());
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
    const valueIn = (record: StoredRecord, field: string) => (record as unknown as Record<string, unknown>)[field]; // a field by its name
    /** Deleted by somebody who had seen it, or with a word to a person; or taken back before by who had seen it. */
    const isGoneOnPurpose = ({ key, field, value, stamp }: Effect): boolean =>
      deletions.some(
        (one) => one.key === key && ((stampOf(one.record.stamps, field) ?? '') >= stamp || isSame(valueIn(one.record, field), value)),
      ) ||
      shown.some(
        (one) =>
          one.key === key && (one.field === 'deletedAt' || (one.field === field && one.values.some((other) => isSame(other, value)))),
      ) ||
      (successors.get(`${key} ${field} ${stamp}`) ?? []).some(isGoneOnPurpose);
    for (const effect of effects.values()) {
      const record = whole.get(effect.key);
      const { key, field } = effect;
      if (!effect.isOwn || (record !== undefined && record.mergedInto !== null)) continue;
      if (record === undefined || record.deletedAt !== null ? isGoneOnPurpose(effect) : isKept(effect)) continue;
      const story = [...effects.values()]
        .filter((one) => one.key === key && one.field === field)
        .map(({ stamp, over, isOwn }) => `${over} -> ${stamp}${isOwn ? '' : ' by a sync'}`);
      throw new WorldBroken(
        `${key}, ${field}: a saved value is gone, and nobody was told (${effect.stamp} on ${effect.on.name}, now ${record === undefined ? 'no record' : stampOf(record.stamps, field)}${(record?.deletedAt ?? null) === null ? '' : ', deleted'}; ${story.join('; ')})`,
      );
    }
  }
}

function difference(
  mine: ReadonlyMap<string, StoredRecord>,
  theirs: ReadonlyMap<string, StoredRecord>,
  isForgetful: boolean,
): string | null {
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    if (isForgetful && !theirs.has(key) && mine.get(key)?.deletedAt !== null) continue;
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
