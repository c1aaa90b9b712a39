import {
  type ConnectField,
  canSchema,
  type Joining,
  type LookInput,
  type Pair,
  type Rehearsal,
  type ServerKind,
  serverKinds,
} from '../../shared/contracts/sync.contract.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { type NounName, nounNames, perNoun } from '../../shared/nouns/nouns.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { withParents } from '../../shared/dialects/chosen-nouns.ts';
import type { Book } from '../domain/book.ts';
import type { MergeService } from '../domain/merge/merge.service.ts';
import type { Log } from '../domain/ports.ts';
import { createPairFinder } from './pairs.ts';
import type { ConnectRequest, RemoteReceipt } from '../../remotes/remote.ts';
import type { SeenRecord } from './remote.ts';
import type { Met, Remotes } from './remotes.ts';
import type { SyncWorker } from './sync-worker.ts';
import { type Words, words } from '../../shared/words/words.ts';
import { say } from '../../shared/words/say.ts';

/** Longest a look at both sides may take: every record of the server is read for it. */
const lookMs = 10 * 60_000;

export interface Joinings {
  state(): Joining | null;
  /** Records that are still to come in the first sync, counted when somebody agreed; null where that is not known. */
  expected(): number | null;
  /** A sync has ended. */
  ended(received: number, isWhole: boolean): void;
  look(input: LookInput): void;
  /** `nouns`: the kinds of records that are kept equal; null for all. */
  join(same: readonly Pick<JoinedPair, 'noun' | 'here' | 'there'>[], nouns: readonly NounName[] | null): void;
  leave(): void;
  close(): Promise<void>;
}

interface JoinedPair {
  noun: Pair['noun'];
  here: string;
  there: string;
}

interface JoiningDeps {
  book: Book;
  remotes: Remotes;
  worker: SyncWorker;
  merges: MergeService;
  log: Log;
  onChanged: () => void;
}

/**
 * Connecting in two steps: sign in and look at both sides, then agree. Until somebody agreed the server's secrets are in memory
 * only and nothing of the book was sent; Fieldbook that ends meanwhile is not connected.
 */
export function createJoinings(deps: JoiningDeps): Joinings {
  const { book, remotes, worker, log, onChanged } = deps;
  let state: Joining | null = null;
  let met: Met | null = null;
  let stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let expected: number | null = null;

  function put(changes: Partial<Joining>): void {
    if (state === null) return;
    state = { ...state, ...changes };
    onChanged();
  }

  function begin(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = stop;
    running = running.then(async () => {
      if (signal.aborted) return;
      try {
        await work(AbortSignal.any([signal, AbortSignal.timeout(lookMs)]));
      } catch (error) {
        // Somebody left: there is nobody to tell.
        if (signal.aborted) return;
        const problem = error instanceof ProblemError ? error.problem : unexpected;
        if (!(error instanceof ProblemError)) log.error('sync.join-failed', { error: error instanceof Error ? error.name : 'unknown' });
        put({ step: 'failed', problem: { message: say(problem), field: fieldOf(problem), offers: offerIn(problem) } });
      }
    });
  }

  async function lookAt(request: ConnectRequest, signal: AbortSignal): Promise<void> {
    const found = await remotes.meet(request, signal);
    met = found;
    put({ step: 'looking', account: found.kept.account });
    const finder = createPairFinder(book);
    const comes = perNoun(() => 0);
    let read = 0;
    let told = performance.now();
    const receipt = await found.open().rehearse(signal, (seen: SeenRecord) => {
      read += 1;
      if (seen.isNew && seen.record['deletedAt'] === null) comes[seen.noun] += 1;
      finder.look(seen);
      if (performance.now() - told < 250) return;
      told = performance.now();
      put({ read });
    });
    signal.throwIfAborted();
    refuseFailed(receipt);
    finder.lookHere();
    const goes = perNoun((noun) => (request.direction === 'read' || request.kind !== 'fieldbook' ? 0 : unsentOf(book, noun)));
    for (const { collection, how } of receipt.records ?? []) {
      if (!isNounName(collection)) continue;
      if (how === 'sent') goes[collection] += 1;
      else if (how === 'received') comes[collection] += 1;
    }
    const limits = found.kept.settings['limits'];
    const { label } = found.kept.settings;
    const rehearsal: Rehearsal = {
      system: typeof label === 'string' ? label : kindLabel(request.kind),
      sent: receipt.sent,
      received: receipt.received,
      perNoun: nounNames.map((noun) => ({ noun, goes: goes[noun], comes: comes[noun] })).filter((one) => one.goes + one.comes > 0),
      pairs: finder.pairs(),
      morePairs: finder.more(),
      can: canSchema.catch([]).parse(found.kept.settings['can']),
      stays: receipt.stays ?? [],
      limits: Array.isArray(limits) ? limits.filter((one): one is string => typeof one === 'string') : [],
    };
    put({ step: 'ready', read, rehearsal });
  }

  /** Everything comes before anything goes, so that what is one record is one before it is sent. */
  async function joinNow(found: Met, same: readonly JoinedPair[], nouns: readonly NounName[] | null, signal: AbortSignal): Promise<void> {
    await worker.pausedFor(async () => {
      if (same.length > 0) {
        const receipt = await found.open('read').syncOnce(signal);
        refuseFailed(receipt);
        // Clients first: their contacts move along.
        for (const noun of ['clients', 'contacts'] as const)
          for (const pair of same) if (pair.noun === noun) await mergePair(deps, noun, pair);
      }
      signal.throwIfAborted();
      await found.keep(nouns === null ? {} : { nouns });
    });
    const { received } = state?.rehearsal ?? { received: null };
    expected = received === null || same.length > 0 || nouns !== null ? null : received.created + received.changed + received.deleted;
    state = null;
    met = null;
    worker.wake();
    onChanged();
  }

  function forget(): void {
    stop.abort();
    stop = new AbortController();
    const left = met;
    met = null;
    state = null;
    // A sign-in that nobody uses is ended there too, where that can be done; the server ends it by itself in a month.
    if (left !== null) void signOut(left, log);
  }

  return {
    state: () => state,
    expected: () => expected,
    ended(received, isWhole) {
      expected = isWhole || expected === null ? null : Math.max(0, expected - received);
    },
    look(input) {
      const url = addressOf(input.url);
      if (state?.step === 'joining') throw new ProblemError(alreadyJoining);
      forget();
      const { signIn, kind, organisation, direction } = input;
      const request: ConnectRequest = {
        kind,
        url: url.href,
        organisation,
        direction,
        signIn: 'email' in signIn ? { ...signIn, isSession: false } : signIn,
      };
      const account = 'email' in signIn ? signIn.email : null;
      state = { kind, host: url.host, direction, account, step: 'signIn', read: 0, rehearsal: null, problem: null };
      begin((signal) => lookAt(request, signal));
      onChanged();
    },
    join(same, nouns) {
      const found = met;
      if (state?.step !== 'ready' || found === null) throw new ProblemError(nothingToJoin);
      put({ step: 'joining' });
      const among = (state.rehearsal?.can ?? []).map(({ of }) => of);
      const chosen = nouns === null || among.length === 0 ? null : withParents(nouns, among);
      begin((signal) => joinNow(found, same, chosen, signal));
    },
    leave() {
      // What was agreed to goes on: it stands in the book before anybody could take it back.
      if (state?.step === 'joining') return;
      forget();
      onChanged();
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** A look or a sync that did not go through is told as what went wrong in it. */
function refuseFailed({ state, problem }: RemoteReceipt): void {
  if (state !== 'failed') return;
  throw new ProblemError({
    code: 'NOT_CONNECTED',
    ...(problem === undefined ? words('sync.wentWrongNotSent') : words('said.text', { text: problem })),
  });
}

function unsentOf(book: Book, noun: NounName): number {
  let count = 0;
  for (const { id, deletedAt } of book.all(noun)) {
    if (deletedAt === null && (book.sync.replicaOf(noun, id)?.base ?? null) === null) count += 1;
  }
  return count;
}

async function mergePair(
  { merges, log }: Pick<JoiningDeps, 'merges' | 'log'>,
  noun: 'clients' | 'contacts',
  { here, there }: JoinedPair,
): Promise<void> {
  try {
    await merges.merge({ noun, ids: [there, here], keepId: there, choices: {} });
  } catch (error) {
    // Merged or deleted meanwhile: both stay as they are, and the page of duplicates shows them.
    if (!(error instanceof ProblemError)) throw error;
    log.warn('sync.pair-not-merged', { code: error.problem.code });
  }
}

async function signOut(left: Met, log: Log): Promise<void> {
  const { devices } = left.open();
  if (devices === undefined) return;
  const signal = AbortSignal.timeout(10_000);
  try {
    const own = (await devices.list(signal)).find(({ isThisOne }) => isThisOne);
    if (own !== undefined) await devices.signOut(own.id, signal);
  } catch {
    log.warn('sync.not-signed-out');
  }
}

/** The address as it is meant: without a scheme it is https. */
function addressOf(typed: string): URL {
  const text = typed.trim();
  const refuse = (says: Words) => new ProblemError({ code: 'INVALID_INPUT', field: 'url', ...says });
  if (text === '') throw refuse(words('sync.writeAddress'));
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.parse(whole);
  if (url === null || url.hostname === '') throw refuse(words('sync.noAddress'));
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(words('sync.httpsOnly'));
  if (url.username !== '' || url.password !== '') throw refuse(words('sync.nameNotInAddress'));
  if (url.search !== '' || url.hash !== '') throw refuse(words('sync.addressHasTooMuch'));
  return url;
}

const urlCodes = new Set(['ADDRESS_NOT_SECURE']);

/** The field somebody has to look at. */
function fieldOf({ code, field }: Problem): ConnectField | null {
  if (code === 'ORGANISATION_MISSING') return 'organisation';
  if (urlCodes.has(code)) return 'url';
  return field === 'url' || field === 'password' || field === 'organisation' || field === 'token' ? field : null;
}

/** The system that answered where another one was chosen. */
function offerIn({ details }: Problem): ServerKind | null {
  const kind = details?.['kind'];
  return typeof kind === 'string' && Object.hasOwn(serverKinds, kind) ? (kind as ServerKind) : null;
}

const unexpected: Problem = {
  code: 'UNEXPECTED',
  ...words('sync.wentWrongNotSent'),
};
const alreadyJoining: Problem = {
  code: 'ALREADY_JOINING',
  ...words('sync.otherServerConnecting'),
};
const nothingToJoin: Problem = {
  code: 'NOTHING_TO_JOIN',
  ...words('sync.nothingToConnect'),
};

export const kindLabel = (kind: string) => (Object.hasOwn(serverKinds, kind) ? serverKinds[kind as keyof typeof serverKinds] : kind);
