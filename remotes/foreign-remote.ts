import { createHmac } from 'node:crypto';
import type { BookRecord } from '../shared/dialects/book-view.ts';
import { type Manifest, onlyThese } from '../shared/dialects/manifest.ts';
import type { Clock } from '../shared/lib/clock.ts';
import { isSame } from '../shared/lib/equal.ts';
import { ProblemError } from '../shared/lib/result.ts';
import type { NounName } from '../shared/nouns/nouns.ts';
import type { Transaction } from '../shared/operations/transaction.ts';
import type { StopView } from '../shared/sync/sync-view.ts';
import { say } from '../shared/words/say.ts';
import { digestKey, headersOf, manifestOf, pause, signInFrom } from './connect.ts';
import { openConflicts, type RemoteSetup, runCycle } from './cycle.ts';
import { openQuestions } from './open-questions.ts';
import { type HeldLine, planCycle } from './plan.ts';
import type { ReceiptLine, RemoteReceipt } from './receipt.ts';
import {
  type KeptRemote,
  noneCounted,
  type ReceiptRecord,
  type RemoteReceipt as TotalReceipt,
  type StaysCount,
  type WaitingChange,
} from './remote.ts';
import { type ForeignBook, remoteKey } from './remote-book.ts';
import { createHttp } from './remote-http.ts';
import { secretMembers } from './secret-members.ts';
import { waitsForParent } from './send.ts';
import { digestWith, type Memory, openShadow, type ShadowMeta, type ShadowStore } from './shadow-store.ts';
import { type StaysField, staysHere } from './stays-here.ts';

/** What a foreign system gets of whoever keeps the book: a laptop, or our server. */
export interface ForeignDeps {
  book: ForeignBook;
  /** What is remembered of the system; what `book.receive` remembers is in it as well. */
  memory: Memory;
  /** Another number after each change of the book or of the memory. */
  revision(): number;
  /** Does what a person answered, as a command of the book. The operation's id where the book keeps one. */
  change(command: string, work: (tx: Transaction) => void): Promise<string | null>;
  secret(name: string): string | null;
  clock: Clock;
  log: { info(event: string, facts: Record<string, string | number>): void };
  /** Asked before each call that may change something there. What it throws ends the cycle at once, and nothing is sent. */
  beforeChange?: () => Promise<void>;
  timeoutMs?: number;
}

/** A foreign system of a book, ready to be met. */
export type ForeignRemote = ReturnType<typeof openForeign>;

export function openForeign(kept: KeptRemote, deps: ForeignDeps) {
  const { nouns: chosen } = kept.settings;
  const whole = manifestOf(kept.kind);
  const manifest = Array.isArray(chosen) ? onlyThese(whole, new Set(chosen as string[])) : whole;
  const { clock, book, memory } = deps;
  const digest = digestWith((text) =>
    createHmac('sha256', deps.secret(digestKey) ?? kept.id)
      .update(text)
      .digest('base64url'),
  );

  /** What a person said is right: for the next cycle alone. */
  let accepts: ('shrunken' | 'edition')[] = [];

  function setup(signal: AbortSignal | undefined): RemoteSetup {
    return {
      accepts,
      manifest,
      direction: kept.direction,
      organisation: kept.organisation,
      key: remoteKey(manifest.kind, kept.url, kept.organisation),
      http: createHttp({
        base: kept.url,
        signIn: signInFrom(secretsIn(deps)),
        headers: headersOf(manifest, kept.organisation),
        now: () => clock.now(),
        ...(signal !== undefined && { signal }),
        ...(deps.beforeChange !== undefined && { beforeChange: deps.beforeChange }),
        ...(deps.timeoutMs !== undefined && { timeoutMs: deps.timeoutMs }),
      }),
      book,
      // Opened anew each time: what is in memory is what is on disk, also after a write that failed.
      shadow: openShadow(memory, (resource) => secretMembers(manifest, resource), digest),
      digest,
      clock,
      pause,
    };
  }

  /** What follows from the book and from what is known of the system; worked out once after a change of either. */
  let known: ({ revision: number; conflicts: number; refused: number; stop: ShadowMeta['stop'] } & Standing) | null = null;
  function now(): NonNullable<typeof known> {
    const revision = deps.revision();
    if (known?.revision !== revision) {
      const { stop } = setup(undefined).shadow.meta;
      known = { revision, ...standing(), conflicts: questions.conflicts().length, refused: questions.refused().length, stop };
    }
    return known;
  }

  /** What a cycle would send if the server said what it last said. */
  function standing(): Standing {
    const { shadow, key } = setup(undefined);
    const edition = editionOf(manifest, shadow.meta.edition);
    const { direction } = kept;
    const plan = planCycle({
      manifest: edition,
      direction,
      reads: new Map(),
      asked: new Map(),
      shadow,
      book,
      digest,
      key,
      today: clock.today(),
      skewMs: 0,
      known: {},
    });
    const since = (of: string, id: string) => {
      const record = book.get(of as NounName, id);
      return record?.deletedAt ?? record?.updatedAt ?? '';
    };
    const waiting = [
      ...plan.actions.flatMap(({ kind, of, bookId }) =>
        bookId !== null && kind.startsWith('send') ? [{ collection: of, id: bookId, since: since(of, bookId), reason: null }] : [],
      ),
      ...plan.held.flatMap(({ of, bookId, reason, message }) =>
        bookId !== null && reason === 'refused' ? [{ collection: of, id: bookId, since: since(of, bookId), reason: message }] : [],
      ),
    ];
    const there = new Set(
      edition.resources.flatMap(({ name, of }) =>
        [...shadow.entries(name)].flatMap(({ bookId, remoteId }) => (remoteId === null ? [] : [`${of}/${bookId}`])),
      ),
    );
    return { waiting, edition, there, held: Map.groupBy(plan.held, ({ of, bookId }) => `${of}/${bookId}`) };
  }

  function staysOf(noun: NounName, ids: readonly string[]): ReadonlyMap<string, readonly StaysField[]> {
    const { edition, there, held } = now();
    const all = new Map<string, readonly StaysField[]>();
    for (const id of ids) {
      const record = there.has(`${noun}/${id}`) ? book.get(noun, id) : undefined;
      if (record === undefined || record.deletedAt !== null) continue;
      const fields = staysHere(edition, noun, record as BookRecord, held.get(`${noun}/${id}`) ?? []);
      if (fields.length > 0) all.set(id, fields);
    }
    return all;
  }

  async function meet(signal: AbortSignal, rehearse: boolean): Promise<TotalReceipt> {
    const of = setup(signal);
    let receipt: RemoteReceipt;
    try {
      receipt = await runCycle(of, { rehearse });
    } catch (error) {
      // The disk, not the server: nothing that was not written counts.
      if (!(error instanceof ProblemError)) throw error;
      return { ...nothing(kept, of), problem: say(error.problem) };
    }
    if (!rehearse) {
      // Said of what was seen then: for one cycle, whatever became of it. What is said during a cycle is for the next.
      if (accepts === of.accepts) accepts = [];
      await noteStop(of.shadow, receipt);
    }
    deps.log.info('remote.cycle', {
      remote: kept.id,
      kind: kept.kind,
      state: receipt.state,
      requests: receipt.requests,
      lines: receipt.lines.length,
    });
    return { ...totalOf(kept, receipt, openConflicts(of).length, now().waiting), stays: staysIn(receipt, of) };
  }

  const questions = openQuestions({ remoteId: kept.id, label: manifest.label, book, change: deps.change, setup: () => setup(undefined) });

  return {
    kept,
    rehearse: (signal: AbortSignal) => meet(signal, true),
    syncOnce: (signal: AbortSignal) => meet(signal, false),
    waiting: () => now().waiting,
    ...(kept.direction !== 'read' && { stays: staysOf }),
    questions: { ...questions, open: () => ({ conflicts: now().conflicts, refused: now().refused }) },
    stopped: {
      why(): StopView | null {
        const stop = accepts.length > 0 ? null : now().stop;
        return stop === null ? null : { remoteId: kept.id, system: manifest.label, ...stop };
      },
      accept() {
        const { stop } = now();
        if (stop !== null) accepts = [stop.kind === 'edition' ? 'edition' : 'shrunken'];
      },
    },
  };
}

/** How a remote stands by what is known of it. */
interface Standing {
  waiting: WaitingChange[];
  edition: Manifest;
  /** Records that the system has, as `noun/id`. */
  there: ReadonlySet<string>;
  /** What stays on one side, by record. */
  held: ReadonlyMap<string, readonly HeldLine[]>;
}

/** What the system does not store of the records that went, or would go, counted by field. */
function staysIn({ lines, held, edition }: RemoteReceipt, { manifest, book, direction }: RemoteSetup): StaysCount[] {
  if (direction === 'read') return [];
  const as = editionOf(manifest, edition);
  const counts = new Map<string, StaysCount>();
  const went = new Set(
    lines.flatMap(({ kind, of, bookId }) =>
      bookId !== null && (kind === 'link' || kind.startsWith('sendNew')) ? [`${of} ${bookId}`] : [],
    ),
  );
  const standing = Map.groupBy(held, ({ of, bookId }) => (bookId === null ? '' : `${of} ${bookId}`));
  for (const key of standing.keys()) if (key !== '') went.add(key);
  for (const key of went) {
    const [noun, id] = key.split(' ') as [NounName, string];
    const record = book.get(noun, id);
    if (record === undefined || record.deletedAt !== null) continue;
    for (const { path, message } of staysHere(as, noun, record as BookRecord, standing.get(key) ?? [])) {
      const known = counts.get(`${noun} ${path} ${message}`) ?? { noun, field: path, records: 0, says: message };
      counts.set(`${noun} ${path} ${message}`, { ...known, records: known.records + 1 });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.records - a.records).slice(0, mostStays);
}

const mostStays = 100;

const editionOf = (manifest: Manifest, edition: string): Manifest =>
  [manifest, ...(manifest.editions ?? [])].find((one) => one.edition === edition) ?? manifest;

/** What stopped a cycle and can be right all the same: it is asked until a cycle comes through, also after a start. */
async function noteStop(shadow: ShadowStore, { fault }: RemoteReceipt): Promise<void> {
  const isStop = fault?.kind === 'emptied' || fault?.kind === 'shrunken' || fault?.kind === 'edition';
  // What did not get there says nothing of how it is there.
  if (fault !== null && !isStop) return;
  const stop = isStop ? { kind: fault.kind, message: fault.message } : null;
  if (isSame(stop, shadow.meta.stop)) return;
  shadow.setMeta({ stop });
  await shadow.save();
}

const nothing = ({ kind, url }: KeptRemote, { http }: RemoteSetup): TotalReceipt => ({
  kind,
  url,
  state: 'failed',
  sent: noneCounted(),
  received: noneCounted(),
  merged: 0,
  conflicts: 0,
  refused: 0,
  waiting: 0,
  requests: http.traffic.requests,
  bytes: http.traffic.bytes,
});

/** A cycle in the numbers that all remotes are told in. */
function totalOf({ kind, url }: KeptRemote, receipt: RemoteReceipt, open: number, waiting: readonly WaitingChange[]): TotalReceipt {
  const { sent, received, merged, requests, bytes, refused } = receipt;
  const conflicts = receipt.isRehearsal ? receipt.conflicts : open;
  const unsent = waiting.filter(({ reason }) => reason === null).length;
  const problem = problemIn(receipt, conflicts, unsent);
  const asks = receipt.fault?.kind === 'emptied' || receipt.fault?.kind === 'shrunken' || receipt.fault?.kind === 'edition';
  const isFailed =
    (receipt.fault !== null && !asks) || receipt.lines.some(({ outcome, reason }) => outcome === 'waiting' && reason !== waitsForParent);
  const state = isFailed ? 'failed' : asks || refused + conflicts > 0 ? 'waits' : receipt.isRehearsal ? 'rehearsed' : 'synced';
  return {
    kind,
    url,
    state: receipt.isRehearsal && state !== 'failed' && !asks ? 'rehearsed' : state,
    sent,
    received,
    merged,
    conflicts,
    refused,
    waiting: unsent,
    requests,
    bytes,
    ...(problem !== null && { problem }),
    records: recordsIn(receipt),
    ...((receipt.fault?.kind === 'offline' || receipt.fault?.kind === 'timeout') && { passes: { afterMs: null, isOffline: true } }),
  };
}

const howOf: Partial<Record<ReceiptLine['kind'], ReceiptRecord['how']>> = {
  link: 'merged',
  sendNew: 'sent',
  sendChange: 'sent',
  sendDelete: 'sent',
  receiveNew: 'received',
  receiveChange: 'received',
  receiveBack: 'received',
  receiveDelete: 'received',
};

/** Line by line what became of it, refusals first: what came otherwise than a rehearsal shows it says why. */
function recordsIn({ lines, held }: RemoteReceipt): ReceiptRecord[] {
  const refusals = held.flatMap(({ of, bookId, title, reason, message }): ReceiptRecord[] =>
    reason === 'refused' || reason === 'unkeepable' || reason === 'gone'
      ? [{ collection: of, recordId: bookId, title, how: 'refused', reason: message }]
      : [],
  );
  const done = lines.flatMap(({ kind, of, bookId, title, outcome, reason, paths }): ReceiptRecord[] => {
    const how = kind === 'link' && paths.includes('sent') ? 'sent' : howOf[kind];
    if (how === undefined || outcome === 'refused') return [];
    return [{ collection: of, recordId: bookId, title, how: outcome === 'done' || outcome === 'planned' ? how : 'waits', reason }];
  });
  return [...refusals, ...done];
}

function problemIn(receipt: RemoteReceipt, conflicts: number, unsent: number): string | null {
  if (receipt.fault !== null) return receipt.fault.message;
  const left = receipt.lines.find(({ outcome, reason }) => outcome === 'waiting' && reason !== waitsForParent);
  if (left !== undefined) return `${unsent} ${unsent === 1 ? 'change waits' : 'changes wait'}. ${left.reason ?? ''}`.trim();
  const held = receipt.held.find(({ reason }) => reason === 'refused' || reason === 'unkeepable' || reason === 'gone');
  if (held !== undefined) return held.message;
  return conflicts === 0
    ? null
    : `${conflicts} ${conflicts === 1 ? 'field was' : 'fields were'} changed on both sides. Look at both values.`;
}

function secretsIn({ secret }: Pick<ForeignDeps, 'secret'>): Record<string, string> {
  return Object.fromEntries(
    ['token', 'session', 'email', 'password'].flatMap((name) => {
      const value = secret(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
