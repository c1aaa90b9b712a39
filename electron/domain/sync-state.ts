import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { isOwn, type Operation } from '../../shared/operations/operation.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import type { Stamp } from '../../shared/sync/stamp.ts';
import type { KeptConflict, Meeting, Refusal, SetAside } from '../../shared/sync/sync-part.ts';
import { type Checkpoint, type ResyncReason, type SyncCollection } from '../../shared/sync/wire.ts';
import { asSynced } from './copies.ts';
import { createOpenMatters, keyOf } from './open-matters.ts';
import { createMemory } from './remote-memory.ts';
import { createServerCopies } from './server-copies.ts';
import type { SyncLine } from './sync-line.ts';
import { effectOf, type RecordOf, type SyncEffect } from './sync-effect.ts';

/** Where the records are: the maps they are read into, then the book. */
export interface Records {
  get: RecordOf;
  all(noun: NounName): Iterable<StoredRecord>;
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

export interface SyncSnapshot {
  /** Records that were dropped here so far, whose rows may still lie in the database. */
  dropped: number;
  lines: readonly SyncLine[];
}
export const noSync: SyncSnapshot = { dropped: 0, lines: [] };

export function createSyncState(given: Records, kept: Iterable<SyncLine> = []): SyncState {
  let { get: records, all } = given;
  const bases = createServerCopies();
  const checkpoints = new Map<SyncCollection, Checkpoint>();
  const operationStamps = new Map<string, Stamp>();
  const memory = createMemory();
  let revision = 0;
  const matters = createOpenMatters((key) => isTracking && !unsent.waiting.has(key));
  const { conflicts, refused, setAside, meetings } = matters;
  const unsent = createUnsent(bases.differs, refused);
  let isOn = false;
  let anew: ResyncReason | null = null;
  let isTracking = false;
  let sentThrough = 0;
  let newestOwn = 0;
  let droppedSoFar = 0;
  let offset = 0;

  function look(noun: NounName, record: StoredRecord): void {
    revision += 1;
    if (isOn && isTracking) unsent.look(noun, record);
  }

  const audit = () => (isOn ? unsent.audit(all) : new Set<string>());

  function lookAtAll(): void {
    if (isOn && isTracking) unsent.lookAtAll(all);
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
      case 'before':
        bases.load(line, records);
        break;
      case 'checkpoint':
        checkpoints.set(line[1], line[2]);
        break;
      case 'memory':
        memory.remember(line[1], { [line[2]]: line[3] });
        break;
      case 'part': {
        const { anew: reason, ...part } = line[1];
        anew = reason === undefined || reason === 'done' ? null : reason;
        apply({ bases: [], part });
      }
    }
  }

  function apply({ bases: known, part }: SyncEffect): void {
    revision += 1;
    if (part.on === true && !isOn) {
      isOn = true;
      lookAtAll();
    }
    if (part.memory !== undefined) memory.remember(part.remote, part.memory);
    if (part.anew === 'done') anew = null;
    else if (part.anew !== undefined) beginAnew(part.anew);
    for (const { noun, id, base } of known) {
      if (base === null) bases.forget(noun, id);
      else bases.put(noun, id, base);
      const record = records(noun, id);
      if (record !== undefined) look(noun, record);
    }
    for (const { collection, id } of part.dropped ?? []) {
      droppedSoFar += 1;
      if (isNounName(collection)) bases.forget(collection, id);
      unsent.settle(keyOf(collection, id));
    }
    for (const [collection, checkpoint] of Object.entries(part.checkpoints ?? {}))
      checkpoints.set(collection as SyncCollection, checkpoint);
    sentThrough = Math.max(sentThrough, part.sentThrough ?? 0);
    offset = part.clock?.offset ?? offset;
    for (const [id, stamp] of Object.entries(part.operationStamps ?? {})) operationStamps.set(id, stamp);
    matters.apply(part);
  }

  function journaled(operation: Operation, of: RecordOf, isLate: boolean): void {
    if (isOwn(operation)) newestOwn = Math.max(newestOwn, operation.seq);
    const effect = isLate ? null : effectOf(operation, of);
    if (effect !== null) apply(effect);
    if (isLate && operation.sync !== undefined) matters.applyLate(operation.sync);
  }

  function beginAnew(reason: ResyncReason): void {
    checkpoints.clear();
    anew = reason;
    // A server from a backup may have lost anything: then everything here is news to it until it is seen there.
    if (reason !== 'restored' && reason !== 'ahead') return;
    bases.doubtAll();
    sentThrough = 0;
    lookAtAll();
  }

  for (const line of kept) load(line);

  return {
    isOn: () => isOn,
    replicaOf(noun, id) {
      const record = records(noun, id);
      return record === undefined ? null : { mine: asSynced(record), ...bases.of(noun, id) };
    },
    waiting: () => unsent.waiting,
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
    memoryOf: memory.of,
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
      for (const line of bases.lines(records)) lines.push(line);
      for (const [collection, checkpoint] of checkpoints) lines.push(['checkpoint', collection, checkpoint]);
      for (const line of memory.lines()) lines.push(line);
      return { dropped: droppedSoFar, lines };
    },
  };
}

/** Which records wait: those that differ from the server's copy. A refusal of one that waits no more is over. */
function createUnsent(differs: (noun: NounName, record: StoredRecord) => boolean, refused: Map<string, Refusal>) {
  const waiting = new Set<string>();

  function settle(key: string): void {
    waiting.delete(key);
    refused.delete(key);
  }
  function audit(all: Records['all']): Set<string> {
    const found = new Set<string>();
    for (const noun of nounNames) for (const record of all(noun)) if (differs(noun, record)) found.add(keyOf(noun, record.id));
    return found;
  }
  return {
    waiting,
    settle,
    audit,
    look(noun: NounName, record: StoredRecord): void {
      const key = keyOf(noun, record.id);
      if (differs(noun, record)) waiting.add(key);
      else settle(key);
    },
    lookAtAll(all: Records['all']): void {
      waiting.clear();
      for (const key of audit(all)) waiting.add(key);
      for (const [key, { collection }] of refused) if (isNounName(collection) && !waiting.has(key)) refused.delete(key);
    },
  };
}
