import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { isOwn, type Operation } from '../../shared/operations/operation.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { hasSameStamps, type SyncedRecord } from '../../shared/sync/merge.ts';
import { accepted, type Replica, restamped, rowToPush, takeIn, unknownToServer, waits } from '../../shared/sync/replica.ts';
import { isAhead, mostAheadMs } from '../../shared/sync/row-check.ts';
import { formatStamp, newestStamp, parseStamp, type Stamp, stampSource } from '../../shared/sync/stamp.ts';
import {
  type Checkpoint,
  digestAnswerSchema,
  type Hello,
  helloSchema,
  limits,
  type PullAnswer,
  pullAnswerSchema,
  type PushAnswer,
  pushAnswerSchema,
  type PushedRow,
  type PushRequest,
  recordsAnswerSchema,
  type ResyncReason,
  type SyncCollection,
  syncCollections,
  syncErrorSchema,
} from '../../shared/sync/wire.ts';
import type { SyncTurn } from '../domain/book.ts';
import { type Compared, compareWithServer } from './comparing.ts';
import { answerAs, createHttpClient, type HttpAnswer, notOurs } from './http-client.ts';
import { type KeptRemote, noneCounted, type RemoteReceipt, type WaitingChange } from '../../remotes/remote.ts';
import { type Remote, type RemoteContext, type SeenRecord } from './remote.ts';
import { createSession, problemOf } from './session.ts';
import { SyncProblem } from './sync-problem.ts';
import type { Refusal } from '../../shared/sync/sync-part.ts';
import { keyOf } from '../domain/open-matters.ts';
import { asked, contentKey, createFileExchange, wantedContents } from './file-exchange.ts';
import { settleMeetings } from './meetings.ts';
import { createTaking, type Taking } from './take-rows.ts';
import { dropSent, unsentWithParents } from './unsent-work.ts';
import { say } from '../../shared/words/say.ts';
import { words, type Words } from '../../shared/words/words.ts';

/** A server that begins anew again and again is not one to go on with. */
const mostResyncs = 4;
/** Conflicts are merged and sent again; each round ends in fewer of them, unless somebody writes faster than we do. */
const mostRounds = 1_000;
/** Pulls and pushes of one sync; others who write all the time are caught up with by the next one. */
const mostLooks = 8;

class Resync extends Error {
  readonly reason: ResyncReason;
  constructor(reason: ResyncReason) {
    super(reason);
    this.reason = reason;
  }
}

type Counted = ReturnType<typeof noneCounted>;
interface Run {
  signal: AbortSignal;
  sent: Counted;
  received: Counted;
  merged: number;
  /** Deletions that wait until a person says that so many are meant. */
  heldDeletions: Record<string, number> | null;
  /** What was found where the book was held against the server record by record. */
  compared: Compared | null;
  /** The server answered what it does not answer a laptop that is in step with it. */
  isOff: boolean;
}

/**
 * Our own server (docs/sync-protocol.md): the real counterpart of the model laptop in the server's tests. Each answer is
 * journaled in one turn of the book, so what is known of the server never disagrees with the records.
 */
export function openFieldbookRemote(kept: KeptRemote, context: RemoteContext): Remote {
  const { whole, clock, log } = context;
  const { book } = whole;
  const { sync: state } = book;
  const host = new URL(kept.url).host;
  const http = createHttpClient(kept.url);
  const session = createSession(http, context.secrets, () => clock.now(), host);
  const wanted = () => wantedContents(state.memoryOf(kept.id));
  const unsentContents = () => wanted().filter(({ wants }) => wants === 'send');
  const askedFor = (sha256: string, activityId: string) => asked(state.memoryOf(kept.id).get(contentKey(sha256)), activityId);
  const remember = (key: string, value: object | null) =>
    book.runSync((turn) => {
      const taking = createTaking(turn, kept.id);
      taking.part.memory = { [key]: value };
      return { value: null, operations: taking.operations() };
    });
  const files =
    whole.contents === null
      ? null
      : createFileExchange({
          session,
          contents: whole.contents,
          host,
          wanted,
          done: (sha256) => remember(contentKey(sha256), null),
          fetchInstead: (sha256, activityId) => remember(contentKey(sha256), { wants: 'fetch', activityId }),
        });
  /** Ids that came since a pull from the beginning was begun here; null while none is under way. */
  let anew: { came: Set<string>; done: Set<SyncCollection> } | null = null;
  let confirmed = 0;
  let held = 0;
  let current: Run | null = null;
  /** A comparison begins by itself once, so that nothing goes round in circles; after that a person asks for it. */
  let hasComparedItself = false;
  /** How far a comparison with the server is; null while none runs. */
  let comparing: { records: number; of: number } | null = null;
  /** Rows of one push: fewer where something in front of the server lets through less than it takes itself. */
  let mostRows: number = limits.pushRows;
  /** As whom everything was pulled last; null before. */
  let pulledAs: string | null = null;
  /** What to do about the clock of this computer; null while it is right enough. */
  let clockProblem: Words | null = null;

  async function ask<T>(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    signal: AbortSignal,
    read: (answer: unknown) => T,
  ): Promise<T> {
    return readAs(await session.ask(method, path, body, signal), read);
  }

  function readAs<T>(answer: HttpAnswer, read: (answer: unknown) => T): T {
    if (answer.status === 200) return read(answer.body);
    const error = syncErrorSchema.safeParse(answer.body);
    if (answer.status === 410 && error.success && error.data.reason !== undefined) throw new Resync(error.data.reason);
    throw refusalOf(answer);
  }

  /** A server of before there were comparisons knows nothing of this address. */
  async function askToCompare<T>(path: string, body: object, signal: AbortSignal, read: (answer: unknown) => T): Promise<T> {
    const answer = await session.ask('POST', path, body, signal);
    if (answer.status === 404) throw new SyncProblem('serverTooOld', words('sync.cannotCompare'));
    return readAs(answer, read);
  }

  function refusalOf(answer: HttpAnswer): SyncProblem {
    return problemOf(answer, host);
  }

  async function hello(run: Run): Promise<Hello> {
    const said = await ask('GET', '/sync', undefined, run.signal, (body) => answerAs(helloSchema, body));
    if (kept.organisation !== null && said.organisationId !== kept.organisation)
      throw new SyncProblem('otherOrganisation', words('sync.nowOtherOrganisation', { host }));
    // A clock that was put right needs no correction any more.
    const offset = Date.parse(said.serverTime) - clock.now();
    clockProblem = clockWords(-offset);
    if (state.clockOffset() !== 0 && Math.abs(offset) < 60_000) {
      await book.runSync((turn) => {
        const taking = createTaking(turn, kept.id);
        taking.part.clock = { offset: 0, newestStamp: turn.newestStamp ?? '' };
        return { value: null, operations: taking.operations() };
      });
    }
    return said;
  }

  // --- pulling -------------------------------------------------------------------------------------------------------

  async function askPage(collection: SyncCollection, checkpoint: Checkpoint | null, signal: AbortSignal): Promise<PullAnswer> {
    const answer = await ask('POST', '/sync/pull', { collection, checkpoint, limit: limits.pullRows }, signal, (body) =>
      answerAs(pullAnswerSchema, body),
    );
    let last = checkpoint?.seq ?? 0;
    for (const { seq } of answer.rows) {
      if (seq <= last) throw goesBack();
      last = seq;
    }
    if (answer.checkpoint.seq < last || (checkpoint !== null && answer.checkpoint.epoch !== checkpoint.epoch)) throw goesBack();
    if (answer.more && answer.rows.length === 0 && answer.checkpoint.seq === checkpoint?.seq) throw goesBack();
    return answer;
  }

  const goesBack = () => new SyncProblem('goesBack', words('sync.goesBack', { host }));

  /** What somebody sees follows from who they are and from the records: where neither is another, there is nothing to ask for. */
  const personOf = ({ userId, role }: Hello) => `${userId} ${role}`;

  async function pullNews(run: Run, said: Hello): Promise<void> {
    const isThere = (one: SyncCollection) => {
      const known = state.checkpoints.get(one);
      return known?.epoch === said.epoch && known.seq === said.seq && known.from === said.seq;
    };
    if (pulledAs === personOf(said) && state.anew() === null && syncCollections.every(isThere)) return;
    await pullAll(run);
    pulledAs = personOf(said);
  }

  async function pullAll(run: Run): Promise<void> {
    if (state.anew() !== null && anew === null) await beginAnew(state.anew() as ResyncReason);
    const ends: Partial<Record<SyncCollection, Checkpoint>> = {};
    for (const collection of syncCollections) {
      const end = await pullOne(run, collection);
      if (end !== null) ends[collection] = end;
      anew?.done.add(collection);
    }
    await keepEnds(run, ends);
    if (anew !== null) await endAnew(run);
  }

  /** Takes in what is new of one collection. Answers how far that goes where nothing was written since its last news; null where it was. */
  async function pullOne(run: Run, collection: SyncCollection): Promise<Checkpoint | null> {
    let end: Checkpoint | null = null;
    for (let more = true; more; ) {
      run.signal.throwIfAborted();
      const answer: PullAnswer = await askPage(collection, end ?? state.checkpoints.get(collection) ?? null, run.signal);
      end = (await takePage(run, collection, answer)) ? null : answer.checkpoint;
      ({ more } = answer);
    }
    return end;
  }

  async function keepEnds(run: Run, ends: Partial<Record<SyncCollection, Checkpoint>>): Promise<void> {
    const moved = Object.entries(ends).filter(([collection, end]) => {
      const known = state.checkpoints.get(collection as SyncCollection);
      return known === undefined || known.seq !== end.seq || known.view !== end.view || known.from !== end.from;
    });
    if (moved.length > 0) await journaled((taking) => void (taking.part.checkpoints = Object.fromEntries(moved)), run);
  }

  /** Takes a page in; false where nothing in it is news, and only how far was pulled has moved. */
  function takePage(run: Run, collection: SyncCollection, { rows, checkpoint }: PullAnswer): Promise<boolean> {
    return journaled((taking, turn) => {
      for (const row of rows) {
        if ('gone' in row) {
          if (!isNounName(collection)) continue;
          const replica = turn.state.replicaOf(collection, row.gone);
          if (replica !== null) taking.drop(collection, replica, notSeenAnyMore);
        } else if (isNounName(collection)) {
          const incoming = row.record as unknown as SyncedRecord; // the wire's schema holds it to id and stamps, its noun's to the rest
          anew?.came.add(keyOf(collection, incoming.id));
          if (kept.direction !== 'write' || turn.get(collection, incoming.id) !== undefined) taking.take(collection, incoming, row.seq);
        } else {
          const operation = row.record as unknown as Operation; // the wire's schema of an operation
          if (kept.direction !== 'write' && !isKnown(turn, operation)) taking.log(operation);
        }
      }
      if (!taking.isEmpty()) taking.part.checkpoints = { [collection]: checkpoint };
    }, run);
  }

  function isKnown(turn: SyncTurn, { id, deviceId, changes }: Operation): boolean {
    const [first] = changes;
    if (first === undefined || deviceId === book.deviceId) return true;
    return isNounName(first.collection) && turn.historyOf(first.collection, first.id).includes(id);
  }

  async function journaled(work: (taking: Taking, turn: SyncTurn) => void, run: Run): Promise<boolean> {
    const taking = await book.runSync((turn) => {
      const one = createTaking(turn, kept.id, { isSettling: kept.direction !== 'read' });
      work(one, turn);
      return { value: one, operations: one.operations() };
    });
    // Counted when it is in the journal.
    for (const what of ['created', 'changed', 'deleted'] as const) run.received[what] += taking.received[what];
    run.merged += taking.merged();
    return !taking.isEmpty();
  }

  async function beginAnew(reason: ResyncReason): Promise<void> {
    log.info('sync.anew', { reason });
    await book.runSync((turn) => {
      const taking = createTaking(turn, kept.id);
      taking.part.anew = reason;
      return { value: null, operations: taking.operations() };
    });
    anew = { came: new Set(), done: new Set() };
  }

  /** Everything was pulled from the beginning: what the server had and has no more is gone here too. */
  async function endAnew(run: Run): Promise<void> {
    const came = anew?.came ?? new Set<string>();
    const reason = state.anew();
    await journaled((taking, turn) => {
      const stays = reason === 'view_changed' ? new Set<string>() : unsentWithParents(turn);
      for (const noun of nounNames) {
        for (const { id } of turn.all(noun)) {
          const replica = turn.state.replicaOf(noun, id) as Replica;
          if (came.has(keyOf(noun, id)) || replica.base === null) continue;
          if (!stays.has(keyOf(noun, id))) taking.drop(noun, replica, notSeenAnyMore);
          else {
            const { base, seq } = unknownToServer(replica, turn.state.checkpoints.get(noun)?.seq ?? 0);
            taking.base(noun, id, base, seq);
          }
        }
      }
      taking.part.anew = 'done';
    }, run);
    anew = null;
  }

  /** The person was disabled: what the server has leaves this laptop. Should they get in again, all that they see comes again. */
  async function leaveUnsent(): Promise<void> {
    await book.runSync((turn) => {
      const taking = createTaking(turn, kept.id);
      dropSent(turn, taking, 'disabled');
      if (!taking.isEmpty()) taking.part.anew = 'view_changed';
      return { value: null, operations: taking.operations() };
    });
    anew = null;
  }

  // --- pushing -------------------------------------------------------------------------------------------------------

  /** Records that wait, what they hang on before them; those that were refused only when they are others by now. */
  function* waitingReplicas(isHeld: (replica: Replica) => boolean): Generator<{ noun: NounName; replica: Replica }> {
    const byNoun = new Map<string, string[]>();
    for (const key of state.waiting()) {
      const at = key.indexOf('/');
      const noun = key.slice(0, at);
      const ids = byNoun.get(noun) ?? [];
      byNoun.set(noun, ids);
      ids.push(key.slice(at + 1));
    }
    for (const noun of nounNames) {
      for (const id of byNoun.get(noun) ?? []) {
        const replica = state.replicaOf(noun, id);
        if (replica === null || !waits(replica) || isHeld(replica)) continue;
        if (state.refused.get(keyOf(noun, id))?.stamp === newestStamp(replica.mine.stamps)) continue;
        yield { noun, replica };
      }
    }
  }

  const isDeletion = ({ mine, base }: Replica) => mine['deletedAt'] !== null && base !== null && base['deletedAt'] === null;

  function nextBatch(run: Run): PushedRow[] {
    const rows: PushedRow[] = [];
    let bytes = 0;
    for (const { noun, replica } of waitingReplicas((one) => run.heldDeletions !== null && isDeletion(one))) {
      const row = { collection: noun, ...rowToPush(replica) };
      const size = JSON.stringify(row).length;
      if (rows.length > 0 && (rows.length >= mostRows || bytes + size > limits.pushBytes)) break;
      bytes += size;
      rows.push(row);
    }
    return rows;
  }

  function requestFor(rows: PushedRow[]): PushRequest {
    const known = syncCollections.map((one) => state.checkpoints.get(one) as Checkpoint);
    const seen = Math.min(...known.map(({ seq, from }) => Math.max(seq, from)));
    const epoch = known[0]?.epoch ?? '';
    return { batchId: randomUUID(), epoch, seen, rows, ...(confirmed > 0 && { confirmedDeletions: confirmed }) };
  }

  /** Null where so many deletions were refused, or so many rows at once: the next batch is another one. */
  async function push(run: Run, rows: PushedRow[]): Promise<PushAnswer | null> {
    const answer = await session.ask('POST', '/sync/push', requestFor(rows), run.signal);
    if (answer.status === 200) {
      const said = answerAs(pushAnswerSchema, answer.body);
      if (said.verdicts.length !== rows.length || said.verdicts.some(({ id }, at) => id !== rows[at]?.record.id))
        throw notOurs(words('sync.otherVerdicts'));
      return said;
    }
    const error = syncErrorSchema.safeParse(answer.body);
    if (error.success && error.data.code === 'mass_delete') {
      run.heldDeletions = error.data.deletions ?? {};
      return null;
    }
    if (answer.status === 410 && error.success && error.data.reason !== undefined) throw new Resync(error.data.reason);
    if (answer.status === 413 && rows.length > 1) {
      mostRows = Math.ceil(rows.length / 2);
      return null;
    }
    throw refusalOf(answer);
  }

  async function pushRecords(run: Run): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      run.signal.throwIfAborted();
      const rows = nextBatch(run);
      if (rows.length === 0) return;
      const answer = await push(run, rows);
      if (answer === null) continue;
      await takeVerdicts(run, rows, answer);
    }
  }

  async function takeVerdicts(run: Run, rows: readonly PushedRow[], { verdicts, serverTime }: PushAnswer): Promise<void> {
    const sent = noneCounted();
    let isClockAhead = false;
    await journaled((taking, turn) => {
      for (const [at, verdict] of verdicts.entries()) {
        const { collection, record } = rows[at] as PushedRow;
        if (!isNounName(collection)) continue;
        const replica = turn.state.replicaOf(collection, verdict.id);
        if (replica === null) continue;
        const pushed = record as unknown as SyncedRecord; // it was made from a record of ours
        if (verdict.verdict === 'ok') {
          const { base, seq } = accepted(replica, pushed, verdict.seq);
          if (base === pushed) {
            sent[replica.base === null ? 'created' : isDeletion({ ...replica, mine: pushed }) ? 'deleted' : 'changed'] += 1;
            taking.base(collection, verdict.id, pushed, seq);
          }
          if (verdict.missingFile !== undefined)
            taking.part.memory = { ...taking.part.memory, [contentKey(verdict.missingFile)]: askedFor(verdict.missingFile, verdict.id) };
        } else if (verdict.verdict === 'conflict') {
          if (verdict.current === null) {
            // A deletion is forgotten there in time; a laptop that takes one back is in step.
            if (replica.base !== null && replica.base['deletedAt'] === null) run.isOff = true;
            const { base, seq } = unknownToServer(replica, verdict.seq);
            if (base === null) taking.base(collection, verdict.id, null, seq);
          } else taking.take(collection, verdict.current as unknown as SyncedRecord, verdict.seq); // held to its schema there
        } else if (verdict.code === 'clock_ahead') isClockAhead = true;
        else if (verdict.code === 'not_visible' || verdict.code === 'forbidden') taking.setAside(collection, replica, verdict);
        else {
          const { code, field, message, id } = verdict;
          if (code === 'stamp_not_newer' || code === 'stamp_reused') run.isOff = true;
          const refusal = { collection, id, code, field, message, stamp: newestStamp(pushed.stamps), at: turn.now };
          taking.part.refused = [...(taking.part.refused ?? []), refusal];
        }
      }
    }, run);
    for (const what of ['created', 'changed', 'deleted'] as const) run.sent[what] += sent[what];
    if (isClockAhead) await stampAgain(Date.parse(serverTime), run);
  }

  /** This clock is ahead, and what it stamped would win for ever: all of that gets the server's time. */
  async function stampAgain(serverNow: number, run: Run): Promise<void> {
    log.warn('sync.clock-ahead', { ms: clock.now() - serverNow });
    await journaled((taking, turn) => {
      let newest: Stamp = '';
      const look = (stamp: Stamp) => {
        if (stamp > newest) newest = stamp;
      };
      for (const noun of nounNames) {
        for (const record of turn.all(noun)) {
          const { mine, base } = turn.state.replicaOf(noun, record.id) as Replica;
          for (const stamp of Object.values(mine.stamps)) if (!isAhead(stamp, serverNow)) look(stamp);
          for (const stamp of Object.values(base?.stamps ?? {})) look(stamp);
        }
      }
      const known = newest === '' ? null : parseStamp(newest);
      const source = stampSource(
        book.deviceId,
        () => serverNow,
        known === null ? null : formatStamp(known.ms, known.counter, book.deviceId),
      );
      const stamp = source.next();
      for (const { noun, replica } of waitingReplicas(() => false)) {
        const mine = restamped(replica, serverNow, stamp);
        if (mine !== replica.mine) taking.restamp(noun, replica, mine);
      }
      taking.part.clock = { offset: serverNow - clock.now(), newestStamp: stamp };
    }, run);
  }

  /** The operations that made the records so: history, for everybody who sees them. */
  async function pushOperations(run: Run): Promise<void> {
    if (!state.hasUnsentOperations()) return;
    const recent = book.recentOwn(state.sentThrough());
    let batch: Operation[] = [];
    let bytes = 0;
    const flush = async () => {
      if (batch.length > 0) await pushBatch(run, batch);
      batch = [];
      bytes = 0;
    };
    for await (const part of recent === null ? whole.operationsAfter(state.sentThrough()) : [recent]) {
      for (const operation of part.filter(isOwn)) {
        const size = JSON.stringify(operation).length;
        if (batch.length >= mostRows || (batch.length > 0 && bytes + size > limits.pushBytes)) await flush();
        batch.push(operation);
        bytes += size;
      }
    }
    await flush();
  }

  async function pushBatch(run: Run, operations: readonly Operation[]): Promise<void> {
    run.signal.throwIfAborted();
    const sentThrough = (operations.at(-1) as Operation).seq;
    const asSent = ({ sync: _, ...operation }: Operation): Record<string, unknown> & { id: string } => ({
      ...operation,
      stamp: state.operationStamps.get(operation.id) ?? operation.stamp,
    });
    const rows = (): PushedRow[] => operations.map((one) => ({ collection: 'operations', assumed: null, record: asSent(one) }));
    let answer = await push(run, rows());
    if (answer === null && operations.length > mostRows) {
      for (let at = 0; at < operations.length; at += mostRows) await pushBatch(run, operations.slice(at, at + mostRows));
      return;
    }
    const isAheadOf = (said: PushAnswer | null) =>
      said?.verdicts.some((one) => one.verdict === 'rejected' && one.code === 'clock_ahead') === true;
    if (isAheadOf(answer)) {
      // Written down before it is sent: an operation never changes once the server has it.
      const serverNow = Date.parse(answer?.serverTime ?? '');
      await journaled((taking, turn) => {
        const stamp =
          turn.newestStamp !== null && !isAhead(turn.newestStamp, serverNow) ? turn.newestStamp : formatStamp(serverNow, 0, book.deviceId);
        taking.part.operationStamps = Object.fromEntries(
          operations.filter((one) => isAhead(String(asSent(one)['stamp']), serverNow)).map(({ id }) => [id, stamp]),
        );
      }, run);
      answer = await push(run, rows());
    }
    if (answer === null || isAheadOf(answer)) return;
    // Its records are on the server; only this step is missing in the history of others, and whoever did it is told.
    const refused = answer.verdicts.flatMap((verdict): Refusal[] => {
      if (verdict.verdict !== 'rejected') return [];
      const { id, code, field } = verdict;
      const one = operations.find((operation) => operation.id === id) as Operation;
      const at = new Date(clock.now()).toISOString();
      return [{ collection: 'operations', id, code, field, message: say(stepRefused), stamp: one.stamp, at }];
    });
    if (refused.length > 0) log.warn('sync.operations-refused', { operations: refused.length });
    await journaled((taking) => {
      taking.part.sentThrough = sentThrough;
      if (refused.length > 0) taking.part.refused = refused;
    }, run);
  }

  // --- one sync ------------------------------------------------------------------------------------------------------

  /** From the moment a book is connected everything in it waits; a book that was never synced must not say that nothing does. */
  async function turnOn(): Promise<void> {
    if (state.isOn()) return;
    await book.runSync((turn) => {
      const taking = createTaking(turn, kept.id);
      taking.part.on = true;
      return { value: null, operations: turn.state.isOn() ? [] : taking.operations() };
    });
  }
  // A disk that takes nothing now is tried again, and told of, by the first sync.
  const turnedOn = turnOn().catch(() => undefined);

  /** Does the work, again from the beginning where the server says that this laptop has to begin anew. */
  async function goingOn<T>(work: () => Promise<T>): Promise<T> {
    await turnOn();
    mostRows = limits.pushRows;
    for (let resyncs = 0; ; resyncs += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Resync)) throw error;
        if (resyncs >= mostResyncs) throw goesBack();
        await beginAnew(error.reason);
      }
    }
  }

  async function syncNow(run: Run): Promise<void> {
    await pullAndPush(run);
    // So many deletions were meant once. What comes after this may fail, and what is deleted then is asked about anew.
    confirmed = 0;
    held = heldIn(run);
  }

  async function pullAndPush(run: Run): Promise<void> {
    const said = await hello(run);
    // What the server settled because of what was sent comes back with the next look, and may have to be joined and sent.
    for (let round = 0; round < mostLooks; round += 1) {
      await (round === 0 ? pullNews(run, said) : pullAll(run));
      if (kept.direction === 'read') return;
      await settleMeetings(book, kept.id);
      const before = run.sent.created + run.sent.changed + run.sent.deleted;
      do await pushRecords(run);
      while (await settleMeetings(book, kept.id));
      await pushOperations(run);
      if (run.sent.created + run.sent.changed + run.sent.deleted === before) return;
    }
  }

  /** Syncs, holds every record against the server, puts right what differs, and sends what waits because of that. */
  async function compareNow(run: Run): Promise<void> {
    await syncNow(run);
    run.compared = await compareWithServer({
      book,
      direction: kept.direction,
      digests: (request) => askToCompare('/sync/digests', request, run.signal, (body) => answerAs(digestAnswerSchema, body)),
      records: (request) => askToCompare('/sync/records', request, run.signal, (body) => answerAs(recordsAnswerSchema, body)),
      async pull(noun) {
        const end = await pullOne(run, noun);
        if (end !== null) await keepEnds(run, { [noun]: end });
      },
      journaled: (work) => journaled(work, run),
      gone: notSeenAnyMore,
      goesBack,
      look: (records) =>
        (comparing = { records, of: nounNames.reduce((sum, noun) => sum + book.counts(noun).live + book.counts(noun).deleted, 0) }),
      signal: run.signal,
    });
    if (run.compared.mended > 0) await syncNow(run);
  }

  function receiptOf(
    run: Run,
    begun: { requests: number; bytes: number },
    how: Pick<RemoteReceipt, 'state' | 'problem' | 'passes'>,
  ): RemoteReceipt {
    const now = http.counted();
    return {
      kind: 'fieldbook',
      url: kept.url,
      state: how.state,
      sent: run.sent,
      received: run.received,
      merged: run.merged,
      conflicts: state.conflicts.size,
      refused: state.refused.size + state.setAside.size,
      waiting: kept.direction === 'read' ? 0 : state.waiting().size + unsentContents().length,
      requests: now.requests - begun.requests,
      bytes: now.bytes - begun.bytes,
      ...(how.problem !== undefined && { problem: how.problem }),
      ...(how.passes !== undefined && { passes: how.passes }),
      ...(run.compared !== null && comparedIn(run.compared)),
    };
  }

  const comparedIn = ({ each, ...compared }: Compared) => ({ compared, records: each });

  const newRun = (signal: AbortSignal): Run => ({
    signal,
    sent: noneCounted(),
    received: noneCounted(),
    merged: 0,
    heldDeletions: null,
    compared: null,
    isOff: false,
  });

  const heldIn = (run: Run) => Object.values(run.heldDeletions ?? {}).reduce((sum, one) => sum + one, 0);

  function outcome(run: Run): Pick<RemoteReceipt, 'state' | 'problem'> {
    const number = heldIn(run);
    if (number > 0) {
      return {
        state: 'waits',
        problem: say(words('sync.deletionsWait', { count: number })),
      };
    }
    if (run.compared !== null && run.compared.left > 0)
      return {
        state: 'waits',
        problem: say(words(kept.direction === 'read' ? 'sync.unknownAndOnlyRead' : 'sync.unknownToServer', { count: run.compared.left })),
      };
    const [conflicts, refused] = [state.conflicts.size, state.refused.size + state.setAside.size];
    if (conflicts + refused === 0) return { state: 'synced', ...(clockProblem !== null && { problem: say(clockProblem) }) };
    return { state: 'waits', problem: say(words('sync.lookAtThem', { conflicts, refused })) };
  }

  async function told(run: Run, work: () => Promise<Pick<RemoteReceipt, 'state' | 'problem'>>): Promise<RemoteReceipt> {
    const begun = http.counted();
    try {
      return receiptOf(run, begun, await work());
    } catch (error) {
      const problem = sentenceOf(error, run.signal);
      log.warn('sync.failed', { kind: error instanceof SyncProblem ? error.kind : error instanceof Error ? error.name : 'unknown' });
      const doesPass = error instanceof SyncProblem && (error.kind === 'offline' || error.kind === 'busy');
      return receiptOf(run, begun, {
        state: 'failed',
        problem,
        ...(doesPass && { passes: { afterMs: error.retryAfterMs, isOffline: error.kind === 'offline' } }),
      });
    }
  }

  function oneRun(signal: AbortSignal, work: (run: Run) => Promise<void>): Promise<RemoteReceipt> {
    const run = newRun(signal);
    return told(run, async () => {
      current = run;
      try {
        await goingOn(() => work(run));
        if (run.isOff && run.compared === null && !hasComparedItself) {
          hasComparedItself = true;
          log.warn('sync.out-of-step', {});
          await goingOn(() => compareNow(run)).catch((error: unknown) => {
            // Nobody asked for it, and the sync itself went through.
            if (!(error instanceof SyncProblem && error.kind === 'serverTooOld')) throw error;
            log.warn('sync.cannot-compare', {});
          });
        }
        await files?.exchange(kept.direction, signal);
      } catch (error) {
        if (error instanceof SyncProblem && error.kind === 'disabled' && kept.direction !== 'write') await leaveUnsent();
        throw error;
      } finally {
        current = null;
        comparing = null;
      }
      return outcome(run);
    });
  }

  return {
    kept,
    syncOnce: (signal) => oneRun(signal, syncNow),
    compare: (signal) => oneRun(signal, compareNow),
    compared: () => comparing,
    received: () => (current === null ? null : current.received.created + current.received.changed + current.received.deleted),
    deletions: { held: () => held, confirm: (count) => void (confirmed = count) },
    devices: {
      list: (signal) => ask('GET', '/auth/devices', undefined, signal, (body) => answerAs(devicesSchema, body).devices),
      async signOut(id, signal) {
        const answer = await session.ask('DELETE', `/auth/devices/${encodeURIComponent(id)}`, undefined, signal);
        // One that is gone is signed out.
        if (answer.status !== 204 && answer.status !== 404) throw refusalOf(answer);
      },
    },
    rehearse(signal, look = () => undefined) {
      const run = newRun(signal);
      return told(run, async () => {
        await turnOn();
        await hello(run);
        const seen = await rehearsePull(run, look);
        if (kept.direction !== 'read')
          for (const { noun, replica } of waitingReplicas(() => false)) {
            const there = seen.get(keyOf(noun, replica.mine.id));
            // What the server has already, as it is here, needs no sending.
            if (there !== undefined && hasSameStamps(there, replica.mine)) continue;
            run.sent[replica.base === null && there === undefined ? 'created' : isDeletion(replica) ? 'deleted' : 'changed'] += 1;
          }
        return { state: 'rehearsed' };
      });
    },
    waiting: () => [...waitingChanges()],
    close: () => turnedOn,
  };

  /** Reads what would come, and keeps nothing of it. */
  async function rehearsePull(run: Run, look: (seen: SeenRecord) => void): Promise<Map<string, SyncedRecord>> {
    /** The server's copies of what waits here. */
    const seen = new Map<string, SyncedRecord>();
    for (const collection of nounNames) {
      let checkpoint = state.checkpoints.get(collection) ?? null;
      for (let more = true; more; ) {
        const answer = await askPage(collection, checkpoint, run.signal).catch((error: unknown) => {
          if (!(error instanceof Resync) || checkpoint === null) throw error;
          return null;
        });
        if (answer === null) {
          checkpoint = null;
          continue;
        }
        for (const row of answer.rows) {
          const replica = state.replicaOf(collection, 'gone' in row ? row.gone : row.record.id);
          if ('gone' in row) {
            if (replica !== null) run.received.deleted += 1;
            continue;
          }
          const incoming = row.record as unknown as SyncedRecord; // held to the wire's schema; nothing is kept of it
          look({ noun: collection, record: incoming, isNew: replica === null });
          if (replica !== null && waits(replica)) seen.set(keyOf(collection, incoming.id), incoming);
          const taken = takeIn(replica, incoming, row.seq);
          if (replica === null) run.received.created += kept.direction === 'write' ? 0 : 1;
          else if (newestStamp(taken.replica.mine.stamps) !== newestStamp(replica.mine.stamps)) {
            const isGone = taken.replica.mine['deletedAt'] !== null && replica.mine['deletedAt'] === null;
            run.received[isGone ? 'deleted' : 'changed'] += 1;
            if (waits(replica)) run.merged += 1;
          }
        }
        ({ checkpoint, more } = answer);
      }
    }
    return seen;
  }

  function* waitingChanges(): Generator<WaitingChange> {
    // The record is there, and what was attached is not yet.
    for (const { activityId } of unsentContents()) {
      const since = book.get('activities', activityId)?.updatedAt ?? new Date(clock.now()).toISOString();
      if (!state.waiting().has(keyOf('activities', activityId))) yield { collection: 'activities', id: activityId, since, reason: null };
    }
    for (const key of state.waiting()) {
      const at = key.indexOf('/');
      const [noun, id] = [key.slice(0, at), key.slice(at + 1)];
      const replica = isNounName(noun) ? state.replicaOf(noun, id) : null;
      if (replica === null) continue;
      const known = new Set(Object.values(replica.base?.stamps ?? {}));
      const unsent = Object.values(replica.mine.stamps).filter((stamp) => !known.has(stamp));
      const oldest = unsent.toSorted()[0] ?? newestStamp(replica.mine.stamps);
      yield { collection: noun, id, since: new Date(parseStamp(oldest).ms).toISOString(), reason: state.refused.get(key)?.message ?? null };
    }
  }
}

function clockWords(aheadMs: number): Words | null {
  const off = Math.abs(aheadMs);
  if (off <= mostAheadMs) return null;
  const [ms, unit] = (
    [
      [86_400_000, 'days'],
      [3_600_000, 'hours'],
      [60_000, 'minutes'],
    ] as const
  ).find(([one]) => off >= 2 * one) ?? [60_000, 'minutes'];
  return words(aheadMs > 0 ? 'sync.clockAhead' : 'sync.clockBehind', { far: Math.round(off / ms), unit });
}

const stepRefused = words('sync.stepRefused');

const devicesSchema = z.object({
  devices: z.array(
    z.object({
      id: z.string().max(100),
      device: z.string().max(200),
      createdAt: z.string().max(100),
      usedAt: z.string().max(100),
      isThisOne: z.boolean(),
    }),
  ),
});

const notSeenAnyMore = {
  code: 'not_visible',
  message: say(words('sync.notSeenAnyMore')),
};

/** What is kept in a receipt and shown with it. */
export function sentenceOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof SyncProblem) return say(error.says);
  if (error instanceof ProblemError) return say(error.problem);
  if (signal.aborted) return say(words('sync.stopped'));
  return say(words('sync.wentWrong'));
}
