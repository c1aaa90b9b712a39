import type { z } from 'zod';
import { newId } from '../../shared/lib/ids.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { type NounName, nouns } from '../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../shared/operations/operation.ts';
import { bookkeeping, sharedBlank } from '../../shared/operations/apply-operation.ts';
import { hasSameStamps, type SyncedRecord } from '../../shared/sync/merge.ts';
import { lastSeen, putRight, type Replica, takeIn, type TakenIn, waits } from '../../shared/sync/replica.ts';
import { newestStamp } from '../../shared/sync/stamp.ts';
import type { KeptConflict, Meeting, SetAside, SyncBase, SyncPart, SyncRow } from '../../shared/sync/sync-part.ts';
import type { SyncOperation, SyncTurn } from '../domain/book.ts';
import { asStored, copyFrom, headOf } from '../domain/copies.ts';
import { contentKey } from './file-exchange.ts';
import { notOurs } from './http-client.ts';
import { type FoundConflict, joinTexts } from './join-texts.ts';
import { meetingOf } from './meetings.ts';
import { noneCounted } from '../../remotes/remote.ts';
import { words } from '../../shared/words/words.ts';

/**
 * Collects what one answer of the server changes here, and makes the operations of it that are journaled: one of kind `sync`
 * with every record as it is afterwards, and others' operations as they were done.
 */
export interface Taking {
  /** The server's copy, from a pull or a conflict. */
  take(noun: NounName, incoming: SyncedRecord, seq: number): void;
  /** The server's copy of a record that is not as it should be here: what was known of the server until now counts for nothing. */
  putRight(noun: NounName, replica: Replica, incoming: SyncedRecord, seq: number): void;
  /** The server has, or has not, this copy of a record that stays as it is here. */
  base(noun: NounName, id: string, base: SyncedRecord | null, seq: number): void;
  /** The record leaves this laptop; what was changed here and not sent stays with the person. */
  drop(noun: NounName, replica: Replica, why: { code: string; message: string }): void;
  /** The person may not write this any more: back to what the server has. */
  setAside(noun: NounName, replica: Replica, why: { code: string; message: string }): void;
  /** The same record under other stamps. */
  restamp(noun: NounName, replica: Replica, mine: SyncedRecord): void;
  log(operation: Operation): void;
  part: Omit<SyncPart, 'remote' | 'rows' | 'bases' | 'dropped' | 'conflicts' | 'setAside'>;
  received: ReturnType<typeof noneCounted>;
  merged(): number;
  /** Whether anything has to be journaled. */
  isEmpty(): boolean;
  operations(): SyncOperation[];
}

export function createTaking(turn: SyncTurn, remote: string, how: { isSettling: boolean } = { isSettling: false }): Taking {
  const changes: Change[] = [];
  const rows: SyncRow[] = [];
  const bases: SyncBase[] = [];
  const dropped: { collection: string; id: string }[] = [];
  const conflicts: KeptConflict[] = [];
  const aside: SetAside[] = [];
  const meetings: Meeting[] = [];
  const logged: SyncOperation[] = [];
  const received = noneCounted();
  let merged = 0;

  function put(noun: NounName, before: SyncedRecord | null, after: SyncedRecord, base: SyncedRecord | null, seq: number): void {
    changes.push(changeBetween(noun, before, after));
    const isSameCopy = base !== null && hasSameStamps(base, after);
    rows.push({ head: headOf(after), base: base === null ? null : isSameCopy ? 'same' : copyFrom(noun, base), seq });
  }

  const putAside = (noun: NounName, { mine }: Replica, { code, message }: { code: string; message: string }) =>
    aside.push({ id: newId(), collection: noun, recordId: mine.id, code, message, mine: copyFrom(noun, mine), at: turn.now });

  function takeThat(noun: NounName, replica: Replica | null, incoming: SyncedRecord, taken: TakenIn, seq: number, isSure = false): void {
    const { base } = taken.replica;
    const content = noun === 'activities' ? incoming['sha256'] : null;
    if (typeof content === 'string' && replica?.mine['sha256'] !== content)
      taking.part.memory = { ...taking.part.memory, [contentKey(content)]: { wants: 'fetch', activityId: incoming.id } };
    const joined = replica === null ? null : joinTexts(noun, replica.mine, incoming, taken, turn);
    const mine = joined?.record ?? taken.replica.mine;
    if (how.isSettling) {
      const meeting = meetingOf(turn, noun, replica, incoming, mine, taken.wasDeletedMeanwhile);
      if (meeting !== null) meetings.push(meeting);
    }
    if (replica === null) received.created += 1;
    else {
      const isMeeting = waits(replica) && !hasSameStamps(incoming, replica.mine);
      if (isMeeting) merged += 1;
      conflicts.push(...(joined?.conflicts ?? []).map((one) => conflictOf(noun, one, replica.mine, incoming, turn.now)));
      // What was merged into another record goes on there (meetings.ts).
      if (taken.wasDeletedMeanwhile && mine['mergedInto'] === null) conflicts.push(deletionOf(noun, replica, mine, incoming, turn.now));
      if (hasSameStamps(mine, replica.mine) && (!isSure || isSame(mine, replica.mine))) {
        // Our own change come back: nothing here is another, and what the server has is known already.
        if (isSure || replica.base === null || !hasSameStamps(replica.base, incoming)) taking.base(noun, mine.id, incoming, seq);
        return;
      }
      const isDeletion = mine['deletedAt'] !== null && replica.mine['deletedAt'] === null;
      received[isDeletion ? 'deleted' : 'changed'] += 1;
    }
    put(noun, replica?.mine ?? null, mine, base, seq);
  }

  const taking: Taking = {
    received,
    part: {},
    merged: () => merged,
    take(noun, incoming, seq) {
      checkForm(noun, incoming);
      const replica = turn.state.replicaOf(noun, incoming.id);
      const taken = takeIn(replica, incoming, seq);
      if (replica === null || taken.replica !== replica) takeThat(noun, replica, incoming, taken, seq);
    },
    putRight(noun, replica, incoming, seq) {
      checkForm(noun, incoming);
      takeThat(noun, replica, incoming, putRight(replica, incoming, seq), seq, true);
    },
    base(noun, id, base, seq) {
      const mine = turn.get(noun, id);
      const isSameCopy = base !== null && mine !== undefined && hasSameStamps(base, mine);
      const known: SyncBase['base'] = base === null ? null : isSameCopy ? { same: newestStamp(mine.stamps) } : copyFrom(noun, base);
      bases.push({ collection: noun, id, base: known, seq });
    },
    drop(noun, replica, why) {
      if (waits(replica)) putAside(noun, replica, why);
      dropped.push({ collection: noun, id: replica.mine.id });
      received.deleted += 1;
    },
    setAside(noun, replica, why) {
      putAside(noun, replica, why);
      if (replica.base === null) dropped.push({ collection: noun, id: replica.mine.id });
      else put(noun, replica.mine, replica.base, replica.base, replica.seq);
    },
    restamp: (noun, { mine: before, base, seq }, mine) => put(noun, before, mine, base, seq),
    log({ id, deviceId, actor, at, stamp, command, kind, group, target, changes: done, seq }) {
      if (kind === 'sync' || kind === 'log') throw notOurs(words('sync.unknownOperation'));
      logged.push({
        id,
        deviceId,
        actor,
        at,
        stamp,
        command,
        kind: 'log',
        group,
        target,
        changes: done,
        log: { kind, seq },
      });
    },
    isEmpty: () =>
      changes.length + bases.length + dropped.length + conflicts.length + aside.length + logged.length + meetings.length === 0 &&
      Object.keys(taking.part).length === 0,
    operations() {
      const part: SyncPart = {
        remote,
        ...taking.part,
        ...(rows.length > 0 && { rows }),
        ...(bases.length > 0 && { bases }),
        ...(dropped.length > 0 && { dropped }),
        ...(conflicts.length > 0 && { conflicts }),
        ...(aside.length > 0 && { setAside: aside }),
        ...(meetings.length > 0 && { meetings }),
      };
      const stamp = rows.reduce((newest, { head }) => maxOf(newest, newestStamp(head.stamps)), turn.newestStamp ?? '');
      const taken: SyncOperation = {
        id: newId(),
        actor: '',
        at: turn.now,
        // A book without any stamp yet has nothing that could be older.
        stamp: stamp === '' ? '0000000000000000-sync' : stamp,
        command: 'sync.take',
        kind: 'sync',
        group: null,
        target: null,
        changes,
        sync: part,
      };
      // How far was pulled stands behind all that came until there.
      return [...logged, ...(Object.keys(part).length > 1 ? [taken] : [])];
    },
  };
  return taking;
}

const maxOf = (one: string, other: string) => (one > other ? one : other);

/** What was parsed once is trusted later, on screens and by rules: nothing else comes in. Fields of a later version stay as they are. */
function checkForm(noun: NounName, record: SyncedRecord): void {
  const parsed = (nouns[noun].schema as z.ZodType<object>).safeParse(record);
  if (!parsed.success) throw notOurs(words('sync.unknownRecord', { noun }));
}

function changeBetween(noun: NounName, before: SyncedRecord | null, after: SyncedRecord): Change {
  const old: Record<string, unknown> = before ?? { ...sharedBlank(noun) };
  const differing = Object.keys(after).filter((field) => !bookkeeping.has(field) && !isSame(old[field], after[field]));
  const pick = (from: Record<string, unknown>) => Object.fromEntries(differing.map((field) => [field, from[field] ?? null]));
  return { collection: noun, id: after.id, before: before === null ? null : pick(old), after: pick(after) };
}

const byOf = (record: SyncedRecord) => ({ by: asStored(record).updatedBy, at: asStored(record).updatedAt });

function conflictOf(
  noun: NounName,
  { field, base, mine, theirs, kept }: FoundConflict,
  own: SyncedRecord,
  other: SyncedRecord,
  at: string,
): KeptConflict {
  return {
    id: newId(),
    collection: noun,
    recordId: own.id,
    field,
    base: base === undefined ? null : { value: base },
    mine: { value: mine, ...byOf(own) },
    theirs: { value: theirs, ...byOf(other) },
    kept,
    at,
  };
}

/** A change on one side met the deletion on the other: the change stands, so the record comes back (meetings.ts), and somebody should know. */
function deletionOf(noun: NounName, replica: Replica, merged: SyncedRecord, incoming: SyncedRecord, at: string): KeptConflict {
  const base = lastSeen(replica);
  return {
    id: newId(),
    collection: noun,
    recordId: merged.id,
    field: 'deletedAt',
    base: base === null ? null : { value: base['deletedAt'] },
    mine: { value: replica.mine['deletedAt'], ...byOf(replica.mine) },
    theirs: { value: incoming['deletedAt'], ...byOf(incoming) },
    kept: incoming['deletedAt'] === null ? 'theirs' : 'mine',
    at,
  };
}
