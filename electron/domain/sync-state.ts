import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { isOwn, type Operation } from '../../shared/operations/operation.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { hasSameStamps, type SyncedRecord } from '../../shared/sync/merge.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import { newestStamp, type Stamp } from '../../shared/sync/stamp.ts';
import type { Answered, Copy, KeptConflict, Meeting, Refusal, SetAside, SyncPart } from '../../shared/sync/sync-part.ts';
import { type Checkpoint, type ResyncReason, type SyncCollection } from '../../shared/sync/wire.ts';
import { asSynced, copyFrom, recordFromCopy } from './copies.ts';

/** The copy of a record that the server was last known to have, as of its number `seq`; `before`, where it may have it no more. */
export type Base = Pick<Replica, 'base' | 'seq' | 'before'>;

export type RecordOf = (noun: NounName, id: string) => StoredRecord | undefined;

/** Where the records are: the maps they are read into, then the book. */
export interface Records {
  get: RecordOf;
  all(noun: NounName): Iterable<StoredRecord>;
}

/** What an operation changes of the state, with every copy in full: worked out where the operation was planned, or is read. */
export interface SyncEffect {
  bases: { noun: NounName; id: string; base: Base | null }[];
  part: SyncPart;
}

/**
 * All that a laptop knows of its servers, in memory: what the server has of each record, how far was pulled and sent, what
 * somebody has to look at. It follows from the journal, like the records: `apply` is called with the same operations, in
 * the same order, when they are written and when they are read. Anything that is lost of it makes the laptop ask or send
 * once more than needed, and never loses a record: the server's answers bring it back (docs/sync-protocol.md).
 *
 * Which of the records wait is kept as a set that every change of a record passes; `audit` works it out anew.
 */
export interface SyncState {
  /** Whether this book has, or had, our own server. Nothing is tracked before. */
  isOn(): boolean;
  replicaOf(noun: NounName, id: string): Replica | null;
  /** Records whose copy here the server is not known to have, by `collection/id`; refused ones too. */
  waiting(): ReadonlySet<string>;
  /** The same, worked out from every record. */
  audit(): Set<string>;
  checkpoints: ReadonlyMap<SyncCollection, Checkpoint>;
  anew(): ResyncReason | null;
  sentThrough(): number;
  /** Whether own operations wait to be sent: the history of what is there already. */
  hasUnsentOperations(): boolean;
  operationStamps: ReadonlyMap<string, Stamp>;
  clockOffset(): number;
  conflicts: ReadonlyMap<string, KeptConflict>;
  refused: ReadonlyMap<string, Refusal>;
  setAside: ReadonlyMap<string, SetAside>;
  /** By `collection/id`: looked at when everything has been pulled. */
  meetings: ReadonlyMap<string, Meeting>;
  memoryOf(remote: string): ReadonlyMap<string, unknown>;
  /** Another number after every change of a record or of what is known of a server: what was worked out from them is then old. */
  revision(): number;
  /** Call in the turn in which the operation was planned, or with the records as they are right after it. */
  effectOf(operation: Operation, records: RecordOf): SyncEffect | null;
  apply(effect: SyncEffect): void;
  /** A record changed, for whatever reason. */
  changed(noun: NounName, record: StoredRecord): void;
  /** Every operation of the journal passes here as it is read, in order; a late one was passed by others (applyLate). */
  journaled(operation: Operation, records: RecordOf, isLate: boolean): void;
  /** Something that came from the server may be missing here: it is asked for again from the beginning. */
  doubt(): void;
  /** Call when the book was read: from now on every change of a record is looked at. */
  track(records: Records): void;
  snapshot(): SyncSnapshot;
}

/** As it is kept in a checkpoint, one value a line. */
export type SyncLine =
  | ['on']
  | ['base' | 'before', NounName, string, number, 0 | 1 | Copy]
  | ['checkpoint', SyncCollection, Checkpoint]
  | ['part', SyncPart]
  | ['own', number]
  | ['dropped', number]
  | ['memory', string, string, unknown];
export interface SyncSnapshot {
  /** Records that were dropped here so far, whose rows may still lie in the database. */
  dropped: number;
  lines: readonly SyncLine[];
}
export const noSync: SyncSnapshot = { dropped: 0, lines: [] };

export const keyOf = (collection: string, id: string) => `${collection}/${id}`;

export function createSyncState(given: Records, kept: Iterable<SyncLine> = []): SyncState {
  let { get: records, all } = given;
  const bases = new Map<NounName, Map<string, Base>>(nounNames.map((noun) => [noun, new Map()]));
  const checkpoints = new Map<SyncCollection, Checkpoint>();
  const operationStamps = new Map<string, Stamp>();
  const conflicts = new Map<string, KeptConflict>();
  const refused = new Map<string, Refusal>();
  const setAside = new Map<string, SetAside>();
  const meetings = new Map<string, Meeting>();
  const memory = new Map<string, Map<string, unknown>>();
  let revision = 0;
  const waiting = new Set<string>();
  let isOn = false;
  let anew: ResyncReason | null = null;
  let isTracking = false;
  let sentThrough = 0;
  let newestOwn = 0;
  let droppedSoFar = 0;
  let offset = 0;

  const basesOf = (noun: NounName) => bases.get(noun) as Map<string, Base>;
  const unknown: Base = { base: null, seq: 0 };

  function waits(noun: NounName, record: StoredRecord): boolean {
    const { base } = basesOf(noun).get(record.id) ?? unknown;
    const mine = asSynced(record);
    return base === null || (base !== mine && !hasSameStamps(mine, base));
  }

  function look(noun: NounName, record: StoredRecord): void {
    revision += 1;
    if (!isOn || !isTracking) return;
    const key = keyOf(noun, record.id);
    if (waits(noun, record)) waiting.add(key);
    else {
      waiting.delete(key);
      refused.delete(key);
    }
  }

  function audit(): Set<string> {
    const found = new Set<string>();
    if (isOn) for (const noun of nounNames) for (const record of all(noun)) if (waits(noun, record)) found.add(keyOf(noun, record.id));
    return found;
  }

  function lookAtAll(): void {
    if (!isOn || !isTracking) return;
    waiting.clear();
    for (const key of audit()) waiting.add(key);
    for (const [key, { collection }] of refused) if (isNounName(collection) && !waiting.has(key)) refused.delete(key);
  }

  function load(line: SyncLine): void {
    switch (line[0]) {
      case 'on':
        isOn = true;
        break;
      case 'own':
        newestOwn = line[1];
        break;
      case 'dropped':
        droppedSoFar = line[1];
        break;
      case 'base':
      case 'before': {
        const [what, noun, id, seq, base] = line;
        const record = records(noun, id);
        const copy = base === 0 ? null : base === 1 ? (record === undefined ? null : asSynced(record)) : recordFromCopy(noun, id, base);
        if (!isNounName(noun)) break;
        if (what === 'base') basesOf(noun).set(id, copy === null ? unknown : { base: copy, seq });
        else if (copy !== null) basesOf(noun).set(id, { base: null, seq, before: copy });
        break;
      }
      case 'checkpoint':
        checkpoints.set(line[1], line[2]);
        break;
      case 'memory':
        remember(line[1], { [line[2]]: line[3] });
        break;
      case 'part': {
        const { anew: reason, ...part } = line[1];
        anew = reason === undefined || reason === 'done' ? null : reason;
        apply({ bases: [], part });
      }
    }
  }

  /** Where replay ends in another record than was there when the line was written (damage), nothing is known of the server's copy. */
  function sameAs(noun: NounName, id: string, stamp: Stamp, of: RecordOf, seq: number): Base {
    const record = of(noun, id);
    return record !== undefined && newestStamp(record.stamps) === stamp ? { base: asSynced(record), seq } : unknown;
  }

  function effectOf(operation: Operation, of: RecordOf): SyncEffect | null {
    const part = operation.sync;
    if (part === undefined) return null;
    const effect: SyncEffect = { part, bases: [] };
    for (const [at, { head, base, seq }] of (part.rows ?? []).entries()) {
      const change = operation.changes[at];
      if (change === undefined || !isNounName(change.collection)) continue;
      const { collection: noun, id } = change;
      const known =
        base === 'same'
          ? sameAs(noun, id, newestStamp(head.stamps), of, seq)
          : { base: base === null ? null : recordFromCopy(noun, id, base), seq };
      effect.bases.push({ noun, id, base: known });
    }
    for (const { collection, id, base, seq } of part.bases ?? []) {
      if (!isNounName(collection)) continue;
      const known =
        base !== null && 'same' in base
          ? sameAs(collection, id, base.same, of, seq)
          : { base: base === null ? null : recordFromCopy(collection, id, base), seq };
      effect.bases.push({ noun: collection, id, base: known });
    }
    return effect;
  }

  function apply({ bases: known, part }: SyncEffect): void {
    revision += 1;
    if (part.on === true && !isOn) {
      isOn = true;
      lookAtAll();
    }
    if (part.memory !== undefined) remember(part.remote, part.memory);
    if (part.anew === 'done') anew = null;
    else if (part.anew !== undefined) beginAnew(part.anew);
    for (const { noun, id, base } of known) {
      if (base === null) basesOf(noun).delete(id);
      else put(noun, id, base);
      const record = records(noun, id);
      if (record !== undefined) look(noun, record);
    }
    for (const { collection, id } of part.dropped ?? []) {
      droppedSoFar += 1;
      if (isNounName(collection)) basesOf(collection).delete(id);
      waiting.delete(keyOf(collection, id));
      refused.delete(keyOf(collection, id));
    }
    for (const [collection, checkpoint] of Object.entries(part.checkpoints ?? {}))
      checkpoints.set(collection as SyncCollection, checkpoint);
    sentThrough = Math.max(sentThrough, part.sentThrough ?? 0);
    offset = part.clock?.offset ?? offset;
    for (const [id, stamp] of Object.entries(part.operationStamps ?? {})) operationStamps.set(id, stamp);
    for (const conflict of part.conflicts ?? []) conflicts.set(conflict.id, conflict);
    for (const id of part.settled ?? []) if (!conflicts.delete(id)) setAside.delete(id);
    for (const key of part.accepted ?? []) refused.delete(key);
    for (const refusal of part.refused ?? []) refused.set(keyOf(refusal.collection, refusal.id), refusal);
    for (const one of part.setAside ?? []) setAside.set(one.id, one);
    for (const one of part.meetings ?? []) meetings.set(keyOf(one.collection, one.id), one);
    for (const key of part.met ?? []) meetings.delete(key);
    if (part.answered !== undefined) close(part.answered);
    if (part.reopened !== undefined) reopen(part.reopened);
  }

  /** What the server had, and may have no more, still tells who changed what since. */
  function put(noun: NounName, id: string, base: Base): void {
    const old = basesOf(noun).get(id);
    const before = base.base === null ? (old?.base ?? old?.before) : undefined;
    basesOf(noun).set(id, before === undefined || before === null ? base : { ...base, before });
  }

  function close({ conflicts: answered = [], refused: seen = [], setAside: aside = [] }: Answered): void {
    for (const { id } of answered) conflicts.delete(id);
    for (const { collection, id } of seen) refused.delete(keyOf(collection, id));
    for (const { id } of aside) setAside.delete(id);
  }

  /** A refusal whose record was changed since, or taken, is over. */
  function reopen({ conflicts: answered = [], refused: seen = [], setAside: aside = [] }: Answered): void {
    for (const conflict of answered) conflicts.set(conflict.id, conflict);
    for (const one of aside) setAside.set(one.id, one);
    for (const refusal of seen) {
      const key = keyOf(refusal.collection, refusal.id);
      const isOver = isNounName(refusal.collection) && isTracking && !waiting.has(key);
      if (!isOver && !refused.has(key)) refused.set(key, refusal);
    }
  }

  function journaled(operation: Operation, of: RecordOf, isLate: boolean): void {
    if (isOwn(operation)) newestOwn = Math.max(newestOwn, operation.seq);
    const effect = isLate ? null : effectOf(operation, of);
    if (effect !== null) apply(effect);
    if (!isLate || operation.sync === undefined) return;
    // Which copy the server had then is old news; what somebody has to look at is not.
    const { conflicts: found = [], setAside: aside = [] } = operation.sync;
    for (const conflict of found) conflicts.set(conflict.id, conflict);
    for (const one of aside) setAside.set(one.id, one);
    if (operation.sync.answered !== undefined) close(operation.sync.answered);
    if (operation.sync.reopened !== undefined) reopen(operation.sync.reopened);
  }

  function beginAnew(reason: ResyncReason): void {
    checkpoints.clear();
    anew = reason;
    // A server from a backup may have lost anything: then everything here is news to it until it is seen there.
    if (reason !== 'restored' && reason !== 'ahead') return;
    for (const [noun, of] of bases) for (const id of of.keys()) put(noun, id, unknown);
    sentThrough = 0;
    lookAtAll();
  }

  function remember(remote: string, changes: Readonly<Record<string, unknown>>): void {
    const known = memory.get(remote) ?? new Map<string, unknown>();
    memory.set(remote, known);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === undefined) known.delete(key);
      else known.set(key, value);
    }
  }

  for (const line of kept) load(line);

  return {
    isOn: () => isOn,
    replicaOf(noun, id) {
      const record = records(noun, id);
      return record === undefined ? null : { mine: asSynced(record), ...(basesOf(noun).get(id) ?? unknown) };
    },
    waiting: () => waiting,
    audit,
    checkpoints,
    anew: () => anew,
    sentThrough: () => sentThrough,
    hasUnsentOperations: () => isOn && newestOwn > sentThrough,
    operationStamps,
    clockOffset: () => offset,
    conflicts,
    refused,
    setAside,
    meetings,
    memoryOf: (remote) => memory.get(remote) ?? new Map(),
    revision: () => revision,
    effectOf,
    apply,
    changed: look,
    journaled,
    doubt: () => checkpoints.clear(),
    track(book) {
      ({ get: records, all } = book);
      isTracking = true;
      lookAtAll();
    },
    snapshot() {
      const lines: SyncLine[] = [...(isOn ? [['on'] as const satisfies SyncLine] : []), ['own', newestOwn], ['dropped', droppedSoFar]];
      lines.push([
        'part',
        {
          remote: '',
          sentThrough,
          ...(anew !== null && { anew }),
          clock: { offset, newestStamp: '' },
          operationStamps: Object.fromEntries(operationStamps),
          conflicts: [...conflicts.values()],
          refused: [...refused.values()],
          setAside: [...setAside.values()],
          meetings: [...meetings.values()],
        },
      ]);
      for (const [noun, of] of bases) {
        for (const [id, { base, seq, before = null }] of of) {
          const mine = records(noun, id);
          const kept = (copy: SyncedRecord): 1 | Copy => {
            const isSame = mine !== undefined && (copy === asSynced(mine) || hasSameStamps(copy, asSynced(mine)));
            return isSame ? 1 : copyFrom(noun, copy);
          };
          lines.push(
            base === null && before !== null
              ? ['before', noun, id, seq, kept(before)]
              : ['base', noun, id, seq, base === null ? 0 : kept(base)],
          );
        }
      }
      for (const [collection, checkpoint] of checkpoints) lines.push(['checkpoint', collection, checkpoint]);
      for (const [remote, values] of memory) for (const [key, value] of values) lines.push(['memory', remote, key, value]);
      return { dropped: droppedSoFar, lines };
    },
  };
}
