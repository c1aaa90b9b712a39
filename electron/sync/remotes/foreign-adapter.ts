import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { BookRecord } from '../../../shared/dialects/book-view.ts';
import { capabilitiesOf, type Manifest, onlyThese } from '../../../shared/dialects/manifest.ts';
import { manifests } from '../../../shared/dialects/manifests.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { withoutEnd } from '../../../shared/lib/text.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import {
  type ConnectRequest,
  type KeptRemote,
  noneCounted,
  type ReceiptRecord,
  type Remote,
  type RemoteAdapter,
  type RemoteContext,
  type RemoteReceipt as TotalReceipt,
  type StaysCount,
  type WaitingChange,
} from '../remote.ts';
import { openConflicts, recognised, type RemoteSetup, runCycle } from './cycle.ts';
import { openQuestions } from './open-questions.ts';
import { type HeldLine, planCycle } from './plan.ts';
import type { ReceiptLine, RemoteReceipt } from './receipt.ts';
import { type ForeignBook, remoteKey } from './remote-book.ts';
import { RemoteFault } from './remote-fault.ts';
import { createHttp, type SignIn } from './remote-http.ts';
import { secretMembers } from './secret-members.ts';
import { type StaysField, staysHere } from './stays-here.ts';
import { waitsForParent } from './send.ts';
import { digestWith, openShadow, type ShadowMeta, type ShadowStore } from './shadow-store.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

const digestKey = 'digestKey';

/** Foreign systems as remotes of the book (electron/sync/remote.ts). */
export const foreignAdapter: RemoteAdapter = {
  kinds: manifests.map(({ kind }) => kind),
  async connect(request, { clock, signal }) {
    const manifest = manifestOf(request.kind);
    const base = withoutEnd(request.url, '/');
    checkAddress(base);
    const organisation = request.organisation;
    if (manifest.organisation.in === 'path' && organisation === null)
      throw refused('ORGANISATION_MISSING', `${manifest.label} needs the organisation that is meant. Add it to the connection.`);
    const secrets = secretsOf(request, manifest);
    const as = (one: Manifest) => ({
      manifest: one,
      organisation,
      http: createHttp({ base, signIn: signInFrom(secrets), headers: headersOf(one, organisation), now: () => clock.now(), signal }),
      pause,
    });
    try {
      const found = await recognised(as(manifest));
      return {
        organisation,
        account: 'email' in request.signIn ? request.signIn.email : null,
        settings: { edition: found.edition, label: found.label, limits: [...found.limits], can: capabilitiesOf(found) },
        secrets: { ...secrets, [digestKey]: randomBytes(32).toString('base64') },
      };
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      const other = isAnotherSystem.has(error.fault.kind) ? await otherSystem(manifest, request, as) : null;
      if (other === null) throw notConnected(manifest, error);
      const { kind, label } = other;
      throw new ProblemError({
        code: 'OTHER_SYSTEM',
        ...words('sync.otherSystem', { system: label, chosen: manifest.label }),
        details: { kind },
      });
    }
  },
  open: openForeign,
};

const isAnotherSystem: ReadonlySet<string> = new Set(['notThere', 'foreign', 'page', 'redirect', 'refused', 'forbidden', 'serverError']);

/** Which of the others it is that answers, by asking each for its first list; null where it is none of them, or where two could be meant. */
async function otherSystem(
  chosen: Manifest,
  { signIn, organisation }: ConnectRequest,
  as: (manifest: Manifest) => Parameters<typeof recognised>[0],
): Promise<Manifest | null> {
  const way = wayOf(signIn);
  const asked = manifests.filter(
    (one) => one !== chosen && one.signIn.includes(way) && (one.organisation.in !== 'path' || organisation !== null),
  );
  const found: Manifest[] = [];
  for (const one of asked) {
    try {
      found.push(await recognised(as(one)));
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
    }
  }
  return found.length === 1 ? (found[0] as Manifest) : null;
}

function openForeign(kept: KeptRemote, context: RemoteContext): Remote {
  const { nouns: chosen } = kept.settings;
  const whole = manifestOf(kept.kind);
  const manifest = Array.isArray(chosen) ? onlyThese(whole, new Set(chosen as string[])) : whole;
  const { clock } = context;
  const digest = digestWith((text) =>
    createHmac('sha256', context.secrets.get(digestKey) ?? kept.id)
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
        signIn: signInFrom(secretsIn(context)),
        headers: headersOf(manifest, kept.organisation),
        now: () => clock.now(),
        ...(signal !== undefined && { signal }),
      }),
      book: foreignBook(context.book, kept.id, manifest.label),
      // Opened anew each time: what is in memory is what is on disk, also after a write that failed.
      shadow: openShadow(
        {
          read: () => context.book.memory(kept.id),
          remember: (changes) => context.book.remember(kept.id, changes),
        },
        (resource) => secretMembers(manifest, resource),
        digest,
      ),
      digest,
      clock,
      pause,
    };
  }

  /** What follows from the book and from what is known of the system; worked out once after a change of either. */
  let known: ({ revision: number; conflicts: number; refused: number; stop: ShadowMeta['stop'] } & Standing) | null = null;
  function now(): NonNullable<typeof known> {
    const revision = context.whole.book.sync.revision();
    if (known?.revision !== revision) {
      const { stop } = setup(undefined).shadow.meta;
      known = { revision, ...standing(), conflicts: questions.conflicts().length, refused: questions.refused().length, stop };
    }
    return known;
  }

  /** What a cycle would send if the server said what it last said. */
  function standing(): Standing {
    const { shadow, book, key } = setup(undefined);
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
      const record = there.has(`${noun}/${id}`) ? context.book.get(noun, id) : undefined;
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
    context.log.info('remote.cycle', {
      remote: kept.id,
      kind: kept.kind,
      state: receipt.state,
      requests: receipt.requests,
      lines: receipt.lines.length,
    });
    return { ...totalOf(kept, receipt, openConflicts(of).length, now().waiting), stays: staysIn(receipt, of) };
  }

  const questions = openQuestions({ remoteId: kept.id, label: manifest.label, book: context.whole.book, setup: () => setup(undefined) });

  return {
    kept,
    rehearse: (signal) => meet(signal, true),
    syncOnce: (signal) => meet(signal, false),
    waiting: () => now().waiting,
    ...(kept.direction !== 'read' && { stays: staysOf }),
    questions: { ...questions, open: () => ({ conflicts: now().conflicts, refused: now().refused }) },
    stopped: {
      why() {
        const stop = accepts.length > 0 ? null : now().stop;
        return stop === null ? null : { remoteId: kept.id, system: manifest.label, ...stop };
      },
      accept() {
        const { stop } = now();
        if (stop !== null) accepts = [stop.kind === 'edition' ? 'edition' : 'shrunken'];
      },
    },
    close: async () => undefined,
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

function foreignBook(book: RemoteContext['book'], remote: string, actor: string): ForeignBook {
  return {
    get: (noun, id) => book.get(noun, id),
    all: (noun) => book.all(noun),
    children: (noun, id) => book.children(noun, id),
    receive: (work, memory) => book.write({ remote, command: 'remotes.receive', actor }, work, memory),
  };
}

function manifestOf(kind: string): Manifest {
  const found = manifests.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`There is no system "${kind}"`);
  return found;
}

const pause = (ms: number) => wait(ms).then(() => undefined);

function headersOf(manifest: Manifest, organisation: string | null): Record<string, string> {
  if (manifest.organisation.in !== 'headers' || organisation === null) return {};
  return Object.fromEntries(manifest.organisation.names.map((name) => [name, organisation]));
}

const refused = (code: string, text: string, field?: string) =>
  new ProblemError({ code, ...words('said.text', { text }), ...(field !== undefined && { field }) });

/** Why nobody could sign in, with the field somebody has to look at. */
function notConnected({ label }: Manifest, { fault }: RemoteFault): ProblemError {
  const code = 'REMOTE_NOT_CONNECTED';
  switch (fault.kind) {
    case 'notThere':
      return refused(code, `There is no ${label} at this address. Check the address and the kind of system; nothing was sent.`, 'url');
    case 'signIn':
    case 'forbidden':
      return refused(code, `${label} does not know this sign-in. Check it and try again; nothing was sent.`, 'password');
    case 'foreign':
    case 'page':
    case 'redirect':
      return refused(code, fault.message, 'url');
    default:
      return refused(code, fault.message);
  }
}

/** What is sent over plain http can be read on the way; on this computer there is no way. */
function checkAddress(base: string): void {
  const { protocol, hostname } = new URL(base);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol !== 'https:' && !isHere)
    throw refused('ADDRESS_NOT_SECURE', 'This address is not secure: what is sent there can be read on the way. Write it with https.');
}

const wayOf = (signIn: ConnectRequest['signIn']) => ('token' in signIn ? 'token' : 'session' in signIn ? 'session' : 'basic');

function secretsOf({ signIn }: ConnectRequest, manifest: Manifest): Record<string, string> {
  const kind = wayOf(signIn);
  if ('isSession' in signIn && signIn.isSession)
    throw refused('SIGN_IN_NOT_KNOWN', `${manifest.label} is signed in to in a browser. Give the cookie of that session.`);
  if (!manifest.signIn.includes(kind)) {
    const words = { token: 'a token', basic: 'an e-mail and a password', session: 'the cookie of a session' };
    throw refused(
      'SIGN_IN_NOT_KNOWN',
      `${manifest.label} takes ${manifest.signIn.map((one) => words[one]).join(' or ')}, not ${words[kind]}.`,
    );
  }
  if ('token' in signIn) return { token: signIn.token };
  if ('session' in signIn) return { session: signIn.session };
  return { email: signIn.email, password: signIn.password };
}

function secretsIn({ secrets }: RemoteContext): Record<string, string> {
  return Object.fromEntries(
    ['token', 'session', 'email', 'password'].flatMap((name) => {
      const value = secrets.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function signInFrom({ token, session, email, password }: Record<string, string>): SignIn | null {
  if (token !== undefined) return { kind: 'token', token };
  // The value alone is what Django calls sessionid.
  if (session !== undefined) return { kind: 'session', cookie: session.includes('=') ? session : `sessionid=${session}` };
  return email === undefined || password === undefined ? null : { kind: 'basic', email, password };
}
