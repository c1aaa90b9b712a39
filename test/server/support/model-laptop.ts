import { type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { newId } from '../../../shared/lib/ids.ts';
import { applyChange } from '../../../shared/operations/apply-operation.ts';
import { createLayer, type StoredRecord } from '../../../shared/operations/record-layer.ts';
import { planCommand, type Transaction } from '../../../shared/operations/transaction.ts';
import type { MergeConflict, SyncedRecord } from '../../../shared/sync/merge.ts';
import { accepted, type Replica, restamped, rowToPush, takeIn, unknownToServer, waits } from '../../../shared/sync/replica.ts';
import { isAhead } from '../../../shared/sync/row-check.ts';
import { formatStamp, newestStamp, parseStamp, stampSource } from '../../../shared/sync/stamp.ts';
import {
  type Checkpoint,
  type PullAnswer,
  type PushAnswer,
  type PushedRow,
  type PushRequest,
  type ResyncReason,
  type SyncCollection,
  syncCollections,
} from '../../../shared/sync/wire.ts';

const keyOf = (of: string, id: string) => `${of} ${id}`;

const asSynced = (record: object) => record as unknown as SyncedRecord; // the wire's schema holds each record to its stamps

/** A change of one field that somebody was told is saved. */
export interface Effect {
  key: string;
  field: string;
  value: unknown;
  stamp: string;
  /** The stamp of the value it took the place of; null where it made the record. */
  over: string | null;
}

export interface Journaled extends MergeConflict {
  key: string;
}

/**
 * A laptop as far as syncing goes: its book with the rules every laptop keeps, its log, what it last knew of the server,
 * a conflict journal and a quarantine. What it needs to go on after a restart is all that it keeps.
 */
export function createLaptop(name: string, now: () => number, onEffect: (effect: Effect) => void) {
  const layer = createLayer(null);
  const bases = new Map<string, Pick<Replica, 'base' | 'seq'>>();
  const operations = new Map<string, { operation: Operation; isSent: boolean }>();
  const checkpoints = new Map<SyncCollection, Checkpoint>();
  const journal: Journaled[] = [];
  const quarantine: { key: string; record: SyncedRecord }[] = [];
  /** Ids that came since a pull from the beginning was begun; null while none is under way. */
  let anew: { came: Set<string>; done: Set<SyncCollection>; reason: ResyncReason } | null = null;
  let seq = 0;
  let epoch: string | null = null;
  /** How far the laptop's clock is off, as the server said. */
  let correction = 0;
  let stamps = stampSource(name, () => now() + correction);

  const mineOf = (of: NounName, id: string) => layer.get(of, id) as unknown as SyncedRecord | undefined; // a stored record has its stamps
  const replicaOf = (of: NounName, id: string): Replica | null => {
    const mine = mineOf(of, id);
    return mine === undefined ? null : { mine, ...(bases.get(keyOf(of, id)) ?? { base: null, seq: 0 }) };
  };
  const keep = (of: NounName, { mine, base, seq: asOf }: Replica) => {
    layer.put(of, mine as unknown as StoredRecord);
    bases.set(keyOf(of, mine.id), { base, seq: asOf });
    observe(mine);
  };
  const observe = (record: SyncedRecord) => {
    for (const stamp of Object.values(record.stamps)) stamps.observe(stamp);
  };
  const drop = (of: NounName, id: string) => {
    (layer.own[of] as Map<string, StoredRecord>).delete(id);
    bases.delete(keyOf(of, id));
  };
  const take = (of: NounName, incoming: SyncedRecord, asOf: number) => {
    const { replica, conflicts } = takeIn(replicaOf(of, incoming.id), incoming, asOf);
    journal.push(...conflicts.map((one) => ({ ...one, key: keyOf(of, incoming.id) })));
    keep(of, replica);
  };
  /** What may not be written any more by whoever wrote it stays with them. */
  const setAside = (of: NounName, record: SyncedRecord) => {
    quarantine.push({ key: keyOf(of, record.id), record });
    const known = bases.get(keyOf(of, record.id));
    if (known === undefined || known.base === null) drop(of, record.id);
    else keep(of, { ...known, mine: known.base });
  };
  function* replicas(): Generator<{ of: NounName; replica: Replica }> {
    for (const of of nounNames) for (const id of layer.own[of].keys()) yield { of, replica: replicaOf(of, id) as Replica };
  }

  const laptop = {
    name,
    layer,
    journal,
    quarantine,
    operations,
    /** Forgets what was under way; everything else is on the disk. */
    restart() {
      const newest = [...replicas()]
        .map(({ replica }) => newestStamp(replica.mine.stamps))
        .toSorted()
        .at(-1);
      stamps = stampSource(name, () => now() + correction, newest ?? null);
    },

    /** Runs a command with the laptops' rules. Throws ProblemError where one is broken; then nothing has happened. */
    run<T>(command: string, work: (tx: Transaction) => T): T {
      const stamp = stamps.next();
      const at = new Date(now()).toISOString();
      const planned = planCommand(layer, {
        now: at,
        day: { today: at.slice(0, 10), dayOf: (instant) => instant.slice(0, 10) },
        actor: name,
        stamp,
      });
      const value = work(planned.tx);
      const { head, changes, records } = planned.finish();
      for (const change of changes) noteEffects(change.collection, change.id, change.before, change.after, stamp);
      for (const of of nounNames) for (const record of records.own[of].values()) layer.put(of, record);
      if (changes.length > 0) log({ ...head, command, changes });
      return value;
    },
    /** Sets a field that only a later version knows. */
    setLater(of: NounName, id: string, field: string, value: unknown) {
      const mine = mineOf(of, id);
      if (mine === undefined) return;
      const head = { at: new Date(now()).toISOString(), actor: name, stamp: stamps.next() };
      const change = { collection: of, id, before: { [field]: mine[field] ?? null }, after: { [field]: value } };
      noteEffects(of, id, change.before, change.after, head.stamp);
      layer.put(of, applyChange(of, mine as never, head, change));
      log({ ...head, command: 'later', changes: [change] });
    },

    waiting: (): number =>
      [...replicas()].filter(({ replica }) => waits(replica)).length + [...operations.values()].filter(({ isSent }) => !isSent).length,
    records: (): Map<string, SyncedRecord> => new Map([...replicas()].map(({ of, replica }) => [keyOf(of, replica.mine.id), replica.mine])),

    /** What to ask next, collection by collection. */
    pullRequest(collection: SyncCollection, limit: number) {
      return { collection, checkpoint: checkpoints.get(collection) ?? null, limit };
    },
    pulled(collection: SyncCollection, asked: Checkpoint | null, { rows, checkpoint, more }: PullAnswer): void {
      // An answer that comes after a later one says what was, also of what is gone since: it counts only in its turn.
      if (!isSame(asked, checkpoints.get(collection) ?? null) || (epoch !== null && checkpoint.epoch !== epoch)) return;
      epoch = checkpoint.epoch;
      for (const row of rows) {
        if ('gone' in row) {
          const of = collection as NounName;
          if (collection === 'operations') operations.delete(row.gone);
          else {
            const replica = replicaOf(of, row.gone);
            if (replica !== null && waits(replica)) setAside(of, replica.mine);
            drop(of, row.gone);
          }
        } else if (collection === 'operations') {
          const operation = row.record as unknown as Operation;
          operations.set(operation.id, { operation, isSent: true });
          anew?.came.add(keyOf(collection, operation.id));
        } else {
          anew?.came.add(keyOf(collection, row.record.id));
          take(collection, asSynced(row.record), row.seq);
        }
      }
      checkpoints.set(collection, checkpoint);
      if (anew !== null && !more) anew.done.add(collection);
      if (anew?.done.size === syncCollections.length) laptop.anewDone();
    },
    /** Everything was pulled from the beginning: what the server had and has no more is gone here too. */
    anewDone() {
      const { came, reason } = anew as NonNullable<typeof anew>;
      for (const { of, replica } of replicas()) {
        const { mine, base } = replica;
        if (came.has(keyOf(of, mine.id)) || base === null) continue;
        if (!waits(replica)) drop(of, mine.id);
        else if (reason === 'view_changed') {
          setAside(of, mine);
          drop(of, mine.id);
        } else keep(of, unknownToServer(replica, checkpoints.get(of)?.seq ?? 0));
      }
      for (const [id, { isSent }] of operations) if (isSent && !came.has(keyOf('operations', id))) operations.delete(id);
      anew = null;
    },
    resync(reason: ResyncReason) {
      checkpoints.clear();
      epoch = null;
      anew = { came: new Set(), done: new Set(), reason };
      // A server from a backup may have lost anything: then everything here is news to it until it is seen there.
      if (reason !== 'restored' && reason !== 'ahead') return;
      bases.clear();
      for (const one of operations.values()) one.isSent = false;
    },
    isAnew: () => anew !== null,

    /** Records first, what they hang on before them, then the operations that made them so. */
    pushRequest(batchId: string, limit: number): PushRequest | null {
      const seen = syncCollections.map((one) => checkpoints.get(one));
      if (anew !== null || epoch === null || seen.some((one) => one === undefined)) return null;
      const rows: PushedRow[] = [];
      for (const { of, replica } of replicas()) {
        if (rows.length < limit && waits(replica)) {
          const { assumed, record } = rowToPush(replica);
          rows.push({ collection: of, assumed, record: record as unknown as PushedRow['record'] });
        }
      }
      for (const { operation, isSent } of operations.values())
        if (!isSent && rows.length < limit) rows.push({ collection: 'operations', assumed: null, record: { ...operation } });
      const least = Math.min(...seen.map((one) => Math.max(one?.seq ?? 0, one?.from ?? 0)));
      return rows.length === 0 ? null : { batchId, epoch, seen: least, rows };
    },
    pushed(request: PushRequest, { verdicts, serverTime }: PushAnswer): void {
      if (request.epoch !== epoch || anew !== null) return;
      const ahead = verdicts.some((one) => one.verdict === 'rejected' && one.code === 'clock_ahead');
      for (const [at, verdict] of verdicts.entries()) {
        const { collection, record } = request.rows[at] as PushedRow;
        if (collection === 'operations') {
          const entry = operations.get(verdict.id);
          if (entry !== undefined && verdict.verdict === 'ok') entry.isSent = true;
          else if (entry !== undefined && verdict.verdict === 'rejected' && verdict.code !== 'clock_ahead')
            throw new Error(`An operation was refused: ${verdict.code}`);
          continue;
        }
        const replica = replicaOf(collection, verdict.id);
        if (replica === null) continue;
        if (verdict.verdict === 'ok') keep(collection, accepted(replica, asSynced(record), verdict.seq));
        else if (verdict.verdict === 'conflict') {
          if (verdict.current === null) keep(collection, unknownToServer(replica, verdict.seq));
          else take(collection, asSynced(verdict.current), verdict.seq);
        } else if (verdict.code === 'not_visible' || verdict.code === 'forbidden') setAside(collection, replica.mine);
        else if (verdict.code !== 'clock_ahead') throw new Error(`A row of ${name} was refused: ${JSON.stringify(verdict)}`);
      }
      if (ahead) stampAgain(Date.parse(serverTime));
    },
  };

  function noteEffects(
    of: string,
    id: string,
    before: Record<string, unknown> | null,
    after: Record<string, unknown>,
    stamp: string,
  ): void {
    const mine = mineOf(of as NounName, id);
    for (const [field, value] of Object.entries(after)) {
      const over = before === null || mine === undefined ? null : (mine.stamps[field] ?? mine.stamps['*'] ?? null);
      onEffect({ key: keyOf(of, id), field, value, stamp, over });
    }
  }

  function log(head: Pick<Operation, 'at' | 'actor' | 'stamp' | 'command' | 'changes'>): void {
    seq += 1;
    const operation: Operation = { id: newId(), seq, deviceId: name, kind: 'do', group: null, target: null, ...head };
    operations.set(operation.id, { operation, isSent: false });
  }

  /** This clock is ahead, and what it stamped would win for ever: all of that gets the server's time. */
  function stampAgain(serverNow: number): void {
    correction = serverNow - now();
    const known = [...replicas()].flatMap(({ replica: { mine, base } }) => [
      ...Object.values(mine.stamps).filter((one) => !isAhead(one, serverNow)),
      ...Object.values(base?.stamps ?? {}),
    ]);
    const newest = known.toSorted().at(-1);
    stamps = stampSource(
      name,
      () => now() + correction,
      newest === undefined ? null : formatStamp(parseStamp(newest).ms, parseStamp(newest).counter, name),
    );
    const stamp = stamps.next();
    for (const { of, replica } of replicas()) {
      const record = restamped(replica, serverNow, stamp);
      if (record === replica.mine) continue;
      const taken = new Set(Object.values(replica.base?.stamps ?? {}));
      for (const [field, one] of Object.entries(replica.mine.stamps))
        if (isAhead(one, serverNow) && !taken.has(one)) onEffect({ key: keyOf(of, record.id), field, value: undefined, stamp, over: one });
      keep(of, { ...replica, mine: record });
    }
    for (const entry of operations.values())
      if (!entry.isSent && isAhead(entry.operation.stamp, serverNow)) entry.operation = { ...entry.operation, stamp };
  }
  return laptop;
}
