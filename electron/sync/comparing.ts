import { hash as hashOf } from 'node:crypto';
import { type NounName, nounNames, titleOf } from '../../shared/nouns/nouns.ts';
import { compareIds, digestOf, isSameCopy, rangeDigest } from '../../shared/sync/digest.ts';
import { massRemoval } from '../../shared/sync/mass-removal.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { isSound, type Replica, unknownToServer, waits } from '../../shared/sync/replica.ts';
import { parseStamp } from '../../shared/sync/stamp.ts';
import { compareLimits, type DigestAnswer, type DigestRequest, type RecordsAnswer, type RecordsRequest } from '../../shared/sync/wire.ts';
import type { Book, SyncTurn } from '../domain/book.ts';
import { asStored } from '../domain/copies.ts';
import { keyOf } from '../domain/open-matters.ts';
import type { Direction, ReceiptRecord } from '../../remotes/remote.ts';
import type { Taking } from './take-rows.ts';
import { unsentWithParents } from './unsent-work.ts';
import { say } from '../../shared/words/say.ts';
import { type Words, words } from '../../shared/words/words.ts';

/** What was found of a book that was held against its server record by record. */
export interface Compared {
  /** Records that this laptop has from the server, or the server has for this person. */
  records: number;
  /** Of these, those that were not the same on both sides and are now, or will be when what waits has been sent. */
  mended: number;
  /** Records that the server should have and has not: too many at once to be taken off this laptop by a program, or from here where nothing is sent. */
  left: number;
  /** The records that differed, and how. */
  each: ReceiptRecord[];
}

interface Deps {
  book: Book;
  direction: Direction;
  digests(request: DigestRequest): Promise<DigestAnswer>;
  records(request: RecordsRequest): Promise<RecordsAnswer>;
  /** Takes in what is new of one collection. */
  pull(noun: NounName): Promise<void>;
  journaled(work: (taking: Taking, turn: SyncTurn) => void): Promise<unknown>;
  gone: { code: string; message: string };
  /** What is wrong with an answer that leads nowhere. */
  goesBack(): Error;
  /** How many records have been held against the server so far. */
  look(records: number): void;
  signal: AbortSignal;
}

/** Records of a range: a whole answer first, then ever fewer where they differ, until each stands alone. */
const sizes = [compareLimits.digestRows, 32, 1] as const;
/** Others who write all the time are caught up with so often. */
const mostPulls = 5;

const hash = (text: string) => hashOf('sha256', text, 'base64url');

/**
 * Holds what this laptop knows of the server against what its person sees there, finds every record that differs, and puts it right.
 * What is not sent is kept in every case. Call it when everything was pulled; what it makes wait goes with the next push.
 */
export async function compareWithServer(deps: Deps): Promise<Compared> {
  const { book, signal } = deps;
  const found: Compared = { records: 0, mended: 0, left: 0, each: [] };
  for (const noun of nounNames) {
    const seen = createOwn(book, noun, deps.direction);
    const differing = new Set<string>();
    await narrow(deps, noun, seen, '', null, 0, differing, (records) => {
      found.records += records;
      deps.look(found.records);
    });
    // What cannot be so needs no digest to tell.
    for (const id of seen.unsound) differing.add(id);
    signal.throwIfAborted();
    await mend(deps, noun, [...differing].toSorted(compareIds), found);
  }
  return found;
}

/** What the server is known to have of a collection, as this laptop has it. */
function createOwn(book: Book, noun: NounName, direction: Direction) {
  const ids = [...book.ids(noun)].toSorted(compareIds);
  const unsound = new Set<string>();

  /** The first place whose id is greater. */
  function after(id: string): number {
    let [low, high] = [0, ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(ids[middle] as string, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    unsound,
    /** What is only on the server stays there. */
    isWriting: direction === 'write',
    /** Digests of those with an id above the one and up to the other, in the order of ids. */
    between(from: string, to: string | null): { id: string; digest: string }[] {
      return ids.slice(after(from), to === null ? ids.length : after(to)).flatMap((id) => {
        const replica = book.sync.replicaOf(noun, id);
        if (replica === null || replica.base === null) return [];
        if (!isSound(replica) || replica.seq > (book.sync.checkpoints.get(noun)?.seq ?? 0)) unsound.add(id);
        return [{ id, digest: digestOf(noun, waits(replica) ? replica.base : replica.mine, hash) }];
      });
    },
  };
}
type Own = ReturnType<typeof createOwn>;

/** Asks for digests of ever smaller ranges where they differ, until single records are left. */
async function narrow(
  deps: Deps,
  noun: NounName,
  own: Own,
  from: string,
  to: string | null,
  level: number,
  differing: Set<string>,
  count: (records: number) => void,
): Promise<void> {
  for (let after = from; ; ) {
    deps.signal.throwIfAborted();
    const checkpoint = deps.book.sync.checkpoints.get(noun);
    if (checkpoint === undefined) throw new Error('A collection that was never pulled');
    const size = sizes[level] as number;
    const { ranges, upTo } = await deps.digests({ collection: noun, checkpoint, after, to, size });
    let start = after;
    for (const range of ranges) {
      const here = own.between(start, range.to);
      if (level === 0) count(Math.max(here.length, range.count));
      const digests = here.map(({ digest }) => digest);
      const isOnlyThere = own.isWriting && here.length === 0;
      if (!isOnlyThere && (here.length !== range.count || rangeDigest(digests, hash) !== range.digest)) {
        if (size > 1) await narrow(deps, noun, own, start, range.to, level + 1, differing, count);
        else {
          for (const { id, digest } of here) if (id !== range.to || digest !== range.digest) differing.add(id);
          if (!own.isWriting && !here.some(({ id }) => id === range.to)) differing.add(range.to);
        }
      }
      start = range.to;
    }
    const rest = own.between(start, upTo);
    if (level === 0) count(rest.length);
    for (const { id } of rest) differing.add(id);
    if (upTo === to) return;
    if (upTo === null || compareIds(upTo, after) <= 0) throw deps.goesBack();
    after = upTo;
  }
}

/** Asks for the server's copies of these, and puts right what does differ from them. */
async function mend(deps: Deps, noun: NounName, ids: readonly string[], found: Compared): Promise<void> {
  /** Records that are here, and which the server does not know, with the number as of which that was so: others may bring one back meanwhile. */
  const unknown = new Map<string, number>();
  for (let at = 0; at < ids.length; ) {
    const { answer, isStill } = await askedFor(deps, noun, ids.slice(at, at + compareLimits.askedIds));
    if (answer.rows.length === 0) throw new Error('An answer about nothing');
    at += answer.rows.length;
    await deps.journaled((taking, turn) => {
      for (const row of answer.rows) {
        if ('record' in row) {
          // What is newer than the last pull comes with the next one.
          if (row.seq > (turn.state.checkpoints.get(noun)?.seq ?? 0)) continue;
          takeRow(deps, noun, taking, turn, row.record as unknown as SyncedRecord, answer.seq, found); // its noun's schema holds it there
        } else if ('gone' in row) {
          const replica = turn.state.replicaOf(noun, row.gone);
          if (replica === null || replica.base === null || !isStill) continue;
          note(found, noun, replica.mine, 'received', words('sync.differedGone'));
          taking.drop(noun, replica, deps.gone);
        } else if (isStill) {
          const replica = turn.state.replicaOf(noun, row.unknown);
          if (replica !== null && replica.base !== null) unknown.set(row.unknown, replica.seq);
        }
      }
    });
  }
  if (unknown.size > 0) await deps.journaled((taking, turn) => judgeUnknown(deps, noun, unknown, taking, turn, found));
}

/** `isStill`: nothing that others wrote can be why something is not shown. */
async function askedFor(deps: Deps, noun: NounName, ids: readonly string[]): Promise<{ answer: RecordsAnswer; isStill: boolean }> {
  for (let pulls = 1; ; pulls += 1) {
    await deps.pull(noun);
    deps.signal.throwIfAborted();
    const checkpoint = deps.book.sync.checkpoints.get(noun);
    if (checkpoint === undefined) throw new Error('A collection that was never pulled');
    const answer = await deps.records({ collection: noun, checkpoint, ids: [...ids] });
    const isStill = answer.seq <= checkpoint.seq;
    if (isStill || pulls === mostPulls) return { answer, isStill };
  }
}

function takeRow(deps: Deps, noun: NounName, taking: Taking, turn: SyncTurn, incoming: SyncedRecord, seq: number, found: Compared): void {
  const replica = turn.state.replicaOf(noun, incoming.id);
  if (replica === null) {
    if (deps.direction === 'write') return;
    taking.take(noun, incoming, seq);
    note(found, noun, incoming, 'received', words('sync.differedMissing'));
    return;
  }
  const { base } = replica;
  if (base !== null && replica.seq <= seq && isSound(replica) && isSameCopy(noun, base, incoming)) return;
  taking.putRight(noun, replica, incoming, seq);
  // What was refused may have been so because of what was wrong: what still waits of it is sent again.
  const key = keyOf(noun, incoming.id);
  if (turn.state.refused.has(key)) taking.part.accepted = [...(taking.part.accepted ?? []), key];
  note(found, noun, incoming, waits(replica) ? 'merged' : 'received', words('sync.differedOther'));
}

/**
 * The server never had these, or has forgotten them. What is not sent, with what that hangs on, and what was written here goes (again).
 * A deletion that only this laptop remembers stays. The rest is gone there, and so here.
 */
function judgeUnknown(
  deps: Deps,
  noun: NounName,
  unknown: ReadonlyMap<string, number>,
  taking: Taking,
  turn: SyncTurn,
  found: Compared,
): void {
  const stays = unsentWithParents(turn);
  const goes: Replica[] = [];
  for (const [id, asOf] of unknown) {
    const replica = turn.state.replicaOf(noun, id);
    if (replica === null || replica.base === null || replica.seq !== asOf) continue;
    const isUnsent = stays.has(keyOf(noun, id));
    if (!isUnsent && replica.mine['deletedAt'] !== null) continue;
    const isOurs = isUnsent || isFromHere(replica, deps.book.deviceId);
    if (isOurs && deps.direction === 'read') found.left += 1;
    else if (isOurs) {
      const { base, seq } = unknownToServer({ ...replica, seq: 0 }, turn.state.checkpoints.get(noun)?.seq ?? 0);
      taking.base(noun, id, base, seq);
      note(found, noun, replica.mine, 'waits', words('sync.differedUnsent'));
    } else goes.push(replica);
  }
  const all = deps.book.counts(noun).live;
  if (goes.length > massRemoval.most || (goes.length > massRemoval.alwaysFine && goes.length * massRemoval.part > all)) {
    found.left += goes.length;
    return;
  }
  for (const replica of goes) {
    note(found, noun, replica.mine, 'received', words('sync.differedGone'));
    taking.drop(noun, replica, deps.gone);
  }
}

/** Whether anything of it was written on this laptop. */
const isFromHere = ({ mine }: Replica, deviceId: string) =>
  Object.values(mine.stamps).some((stamp) => parseStamp(stamp).deviceId === deviceId);

function note(found: Compared, noun: NounName, record: SyncedRecord, how: ReceiptRecord['how'], why: Words): void {
  found.mended += 1;
  found.each.push({ collection: noun, recordId: record.id, title: titleOf(noun, asStored(record) as never), how, reason: say(why) }); // a record of its noun
}
