import type { Collection } from '../shared/dialects/book-view.ts';
import type { Fault } from './remote-fault.ts';
import type { Action, ActionKind, HeldLine, Plan } from './plan.ts';

export interface Counts {
  created: number;
  changed: number;
  deleted: number;
}

/** What became of one line of the plan. */
export interface ReceiptLine {
  kind: ActionKind;
  of: Collection;
  bookId: string | null;
  remoteId: string | null;
  title: string;
  paths: string[];
  /** planned: in a rehearsal. waiting: it is done at another time. otherwise: done differently, or not, and `reason` says why. */
  outcome: 'planned' | 'done' | 'refused' | 'waiting' | 'otherwise';
  reason: string | null;
}

export type CycleState =
  /** Both sides hold the same, but for what cannot be said there. */
  | 'done'
  /** Something needs a person: a refusal, a conflict, a stop. */
  | 'needsYou'
  /** Something is left to do, and is done by itself later. */
  | 'waiting'
  | 'failed';

export interface RemoteReceipt {
  edition: string;
  state: CycleState;
  isRehearsal: boolean;
  /** Why it stopped or failed; null where it did not. */
  fault: Pick<Fault, 'kind' | 'message' | 'status'> | { kind: 'emptied' | 'shrunken' | 'edition'; message: string; status: null } | null;
  sent: Counts;
  received: Counts;
  merged: number;
  conflicts: number;
  refused: number;
  waiting: number;
  requests: number;
  bytes: number;
  lines: ReceiptLine[];
  held: HeldLine[];
  /** Not before then, where the server asked for it. */
  retryAt: string | null;
}

export function lineOf(action: Action, outcome: ReceiptLine['outcome'], reason: string | null = null): ReceiptLine {
  const { kind, of, bookId, remoteId, title, paths } = action;
  return { kind, of, bookId, remoteId, title, paths, outcome, reason };
}

/** Counts follow from the lines, so that no two of them can say different things. */
export function receiptOf(of: {
  edition: string;
  plan: Plan;
  lines: ReceiptLine[];
  /** Lines that came of running it. */
  held?: HeldLine[];
  fault: RemoteReceipt['fault'];
  isRehearsal: boolean;
  traffic: { requests: number; bytes: number };
  retryAt?: string | null;
}): RemoteReceipt {
  const counted = of.lines.filter(({ outcome }) => outcome === 'done' || outcome === 'planned');
  const count = (...kinds: ActionKind[]) => counted.filter(({ kind }) => kinds.includes(kind)).length;
  const isSent = (line: ReceiptLine) => line.kind === 'link' && line.paths.includes('sent');
  const [fresh, changedThere] = [
    counted.filter(isSent).length,
    new Set(counted.filter(({ kind }) => kind === 'sendChange').map(({ bookId }) => bookId)),
  ];
  const held = [...of.plan.held, ...(of.held ?? [])];
  const refused = held.filter(({ reason }) => reason === 'refused' || reason === 'unkeepable' || reason === 'gone').length;
  const waiting = of.lines.filter(({ outcome }) => outcome === 'waiting').length;
  const conflicts = of.plan.conflicts.length;
  const isStopped = of.fault !== null && ['emptied', 'shrunken', 'edition', 'signIn', 'forbidden'].includes(of.fault.kind);
  const state: CycleState = isStopped
    ? 'needsYou'
    : of.fault !== null && of.fault.kind !== 'busy'
      ? 'failed'
      : refused + conflicts > 0
        ? 'needsYou'
        : waiting > 0 || of.fault !== null
          ? 'waiting'
          : 'done';
  return {
    edition: of.edition,
    state,
    isRehearsal: of.isRehearsal,
    fault: of.fault,
    sent: { created: count('sendNew') + fresh, changed: count('sendChange'), deleted: count('sendDelete') },
    received: { created: count('receiveNew'), changed: count('receiveChange', 'receiveBack'), deleted: count('receiveDelete') },
    merged:
      counted.filter((line) => line.kind === 'receiveChange' && changedThere.has(line.bookId)).length +
      counted.filter((line) => line.kind === 'link' && !isSent(line)).length,
    conflicts,
    refused,
    waiting,
    requests: of.traffic.requests,
    bytes: of.traffic.bytes,
    lines: of.lines,
    held,
    retryAt: of.retryAt ?? null,
  };
}
