import type { Manifest, RemoteResource } from '../shared/dialects/manifest.ts';
import type { BookRecord } from '../shared/dialects/book-view.ts';
import { decode } from '../shared/dialects/shape.ts';
import type { Wire } from '../shared/dialects/wire.ts';
import { instantOf, type Clock } from '../shared/lib/clock.ts';
import { isSame } from '../shared/lib/equal.ts';
import { valueAt } from '../shared/nouns/field.ts';
import type { NounName } from '../shared/nouns/nouns.ts';
import { masked } from '../shared/nouns/secret.ts';
import { mergeRecord, shadowOf } from './merge-record.ts';
import { type Action, askedKey, type Direction, idsOf, missingRows, type Plan, planCycle, type PlanInput, shrinkage } from './plan.ts';
import { patiently, type ReadOptions, readWhole, type WholeRead } from './read-whole.ts';
import { lineOf, type ReceiptLine, receiptOf, type RemoteReceipt } from './receipt.ts';
import { decisions, noteId, receiveAll, type ReceivedOne } from './receive.ts';
import { contextOf, type IdMap, idsAbove, type ForeignBook, viewOf } from './remote-book.ts';
import { type Fault, fault, RemoteFault } from './remote-fault.ts';
import type { RemoteHttp } from './remote-http.ts';
import { type NewId, sendAll } from './send.ts';
import { secretPaths } from './secret-members.ts';
import { hashOf, type OpenConflict, type Round, type ShadowEntry, type ShadowMeta, type ShadowStore, type Unkept } from './shadow-store.ts';

/** One remote of a book, ready to be met. */
export interface RemoteSetup {
  manifest: Manifest;
  direction: Direction;
  organisation: string | null;
  /** The remote's name in `externalIds`. */
  key: string;
  http: RemoteHttp;
  book: ForeignBook;
  shadow: ShadowStore;
  clock: Clock;
  digest: (text: string) => string;
  pause: (ms: number) => Promise<void>;
  /** What a person has looked at and said is right. */
  accepts?: readonly ('shrunken' | 'edition')[];
}

export interface CycleOptions {
  /** Reads and says what would be done; nothing is sent, and nothing of the book changes. */
  rehearse: boolean;
}

const receivedTogether = 500;
/** How long a list of changes may stand in for reading everything. */
const wholeEveryMs = 24 * 3_600_000;

/** Meets a remote once: reads it whole, makes the list of what is to be done, and does it. Never throws for what a server does. */
export async function runCycle(setup: RemoteSetup, { rehearse }: CycleOptions): Promise<RemoteReceipt> {
  const { shadow, clock, http } = setup;
  const empty: Plan = { stop: null, actions: [], held: [], conflicts: [] };
  const ended = (edition: string, why: RemoteReceipt['fault'], retryAt: string | null = null) =>
    receiptOf({ edition, plan: empty, lines: [], fault: why, isRehearsal: rehearse, traffic: http.traffic, retryAt });
  const { retryAt } = shadow.meta;
  if (retryAt !== null && Date.parse(retryAt) > clock.now() && Date.parse(retryAt) - clock.now() <= longestPause)
    return ended(shadow.meta.edition, { ...askedToWait, message: `${askedToWait.message} (${retryAt})` }, retryAt);
  let manifest = setup.manifest;
  try {
    manifest = await editionOf(setup);
    const input = await look({ ...setup, manifest });
    const plan = planCycle(input);
    if (plan.stop !== null) return ended(manifest.edition, { kind: plan.stop.reason, message: plan.stop.message, status: null });
    if (rehearse) {
      const lines = plan.actions.map((action) => lineOf(action, 'planned'));
      return receiptOf({ edition: manifest.edition, plan, lines, fault: null, isRehearsal: true, traffic: http.traffic });
    }
    return await carryOut({ ...setup, manifest }, input, plan);
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    const until = await noteRetry(setup, error.fault, rehearse);
    return ended(manifest.edition, error.fault, until);
  }
}

const longestPause = 2 * 3_600_000;
const askedToWait = {
  kind: 'busy' as const,
  status: null,
  message: 'The server asked to be left alone until a later time; everything waits until then.',
};

async function noteRetry({ shadow, clock }: RemoteSetup, { kind, retryAfterMs }: Fault, rehearse: boolean): Promise<string | null> {
  if (kind !== 'busy' && retryAfterMs === null) return null;
  const retryAt = new Date(clock.now() + (retryAfterMs ?? 60_000)).toISOString();
  if (!rehearse) {
    shadow.setMeta({ retryAt });
    await shadow.save();
  }
  return retryAt;
}

/** Which edition of the system answers. One that changed is a reason to stop: what is known of its records is in other words. */
async function editionOf(setup: RemoteSetup): Promise<Manifest> {
  const { manifest, shadow } = setup;
  const all = [manifest, ...(manifest.editions ?? [])];
  const known = shadow.meta.edition;
  if (all.length === 1) return manifest;
  const remembered = all.find(({ edition }) => edition === known);
  // The first page that is read anyway tells whether it is still that one.
  if (remembered !== undefined && setup.accepts?.includes('edition') !== true) return remembered;
  const found = await recognised(setup);
  if (known !== '' && known !== found.edition) {
    // Ids stay what they are; what the records said was said in other words.
    for (const { name } of found.resources)
      for (const entry of Array.from(shadow.entries(name))) shadow.put({ ...entry, base: null, refused: null });
  }
  if (known !== found.edition) shadow.setMeta({ edition: found.edition, since: {}, wholeAt: null });
  return found;
}

/** Asks for the first page, and says which edition of the system answers so. Throws RemoteFault where none does. */
export async function recognised(setup: Pick<RemoteSetup, 'manifest' | 'organisation' | 'http' | 'pause'>): Promise<Manifest> {
  const { manifest, http } = setup;
  const list = manifest.resources.find((one) => one.list !== null)?.list;
  const { body } = await patiently(setup, () => http.ask('GET', pathIn(setup, list?.path ?? '/'), list?.query ?? {}));
  const found =
    manifest.recognise === undefined
      ? (list?.page(body, list.query) ?? null) !== null && manifest
      : [manifest, ...(manifest.editions ?? [])].find((one) => one.recognise?.(body) === true);
  if (found) return found;
  throw new RemoteFault(
    fault('foreign', `This is not a list of ${manifest.label}. Check the address and the kind of system; nothing was sent or removed.`),
  );
}

function pathIn({ manifest, organisation }: Pick<RemoteSetup, 'manifest' | 'organisation'>, path: string): string {
  return manifest.organisation.in === 'path'
    ? path.replace(`{${manifest.organisation.parameter}}`, encodeURIComponent(organisation ?? ''))
    : path;
}

type Look = PlanInput & { read: WholeRead; reading: ReadOptions; isWholeRead: boolean };

/** Reads everything, and asks for what is missing one by one before it may count as deleted. */
async function look(setup: RemoteSetup): Promise<Look> {
  const { manifest, shadow, http, book, clock, direction, key, pause } = setup;
  const isWholeRead = shadow.meta.wholeAt === null || Math.abs(clock.now() - Date.parse(shadow.meta.wholeAt)) > wholeEveryMs;
  const reading: ReadOptions = {
    manifest,
    http,
    path: (path) => pathIn(setup, path),
    since: isWholeRead ? {} : shadow.meta.since,
    isSeen: (resource, remoteId) => shadow.byRemoteId(resource, remoteId) !== null,
    round: (resource) => roundIn(shadow.meta.rounds[resource], clock.now()),
    knownMember: (resource, remoteId, member) => shadow.byRemoteId(resource, remoteId)?.base?.[member],
    pause,
  };
  const read = await readAsKnown(setup, reading);
  const asked = new Map<string, Wire | 'gone' | 'hidden'>();
  const base = { manifest, shadow, reads: read.of, mayShrink: setup.accepts?.includes('shrunken') === true };
  if (shrinkage(base) === null)
    for (const { resource, remoteId } of missingRows(base))
      asked.set(askedKey(resource.name, remoteId), await askFor(setup, resource, remoteId));
  return {
    ...base,
    direction,
    asked,
    book,
    digest: setup.digest,
    key,
    today: clock.today(),
    skewMs: http.skewMs,
    known: read.known,
    read,
    reading,
    isWholeRead,
  };
}

/** A server that answers like another edition than it did before is told apart from one that is no such server at all. */
async function readAsKnown(setup: RemoteSetup, reading: ReadOptions): Promise<WholeRead> {
  try {
    return await readWhole(reading);
  } catch (error) {
    if (!(error instanceof RemoteFault) || error.fault.kind !== 'foreign' || setup.shadow.meta.edition === '') throw error;
    throw new RemoteFault(
      fault(
        'foreign',
        `${setup.manifest.label} does not answer as it did: it was changed, or another server is at this address. Nothing was sent or removed. Look there, and connect again.`,
      ),
    );
  }
}

async function askFor(setup: RemoteSetup, resource: RemoteResource, remoteId: string): Promise<Wire | 'gone' | 'hidden'> {
  const call = resource.calls.get;
  if (call === null) return 'hidden';
  try {
    const path = pathIn(setup, call.path).replace('{id}', encodeURIComponent(remoteId));
    const { body } = await patiently(setup, () => setup.http.ask('GET', path));
    return resource.oneIn(body) ?? 'hidden';
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    if (error.fault.kind === 'notThere') return 'gone';
    if (error.fault.kind === 'forbidden') return 'hidden';
    throw error;
  }
}

const receives = new Set<Action['kind']>(['link', 'receiveNew', 'receiveChange', 'receiveDelete', 'receiveBack', 'forget']);

async function carryOut(setup: RemoteSetup, input: Look, plan: Plan): Promise<RemoteReceipt> {
  const { shadow, book, clock, manifest, http } = setup;
  const ids = idsOf(input);
  const lines: ReceiptLine[] = [];
  lines.push(...(await receiveActions(setup, input, plan, ids)));
  noteConflicts(setup, plan);
  noteUnkept(setup, input, plan);
  for (const { resource, bookId, reason } of plan.held) {
    const entry = bookId === null || reason !== 'kept' ? null : shadow.of(resource, bookId);
    if (entry !== null) shadow.put({ ...entry, isKeptThere: true });
  }
  await shadow.save();
  const sent = await sendAll(
    plan.actions.filter(({ kind }) => !receives.has(kind)),
    {
      manifest,
      direction: setup.direction,
      http,
      reading: input.reading,
      book,
      shadow,
      ids,
      today: clock.today(),
      digest: setup.digest,
      known: input.known,
    },
  );
  await noteIds(setup, sent.newIds);
  lines.push(...sent.lines);
  const retryAt = sent.fault === null ? null : await noteRetry(setup, sent.fault, false);
  const isDone = sent.fault === null;
  shadow.setMeta({
    edition: manifest.edition,
    retryAt,
    since: sinceOf(manifest, { ...shadow.meta.since, ...input.read.newest }, isDone ? null : shadow.meta.since),
    ...(input.isWholeRead && { wholeAt: instantOf(clock) }),
    rounds: roundsAfter(shadow.meta.rounds, input.read.rounds, clock.now()),
  });
  await shadow.save();
  return receiptOf({
    edition: manifest.edition,
    plan,
    lines,
    held: sent.held,
    fault: sent.fault,
    isRehearsal: false,
    traffic: http.traffic,
    retryAt,
  });
}

/** Where a round goes on; null where the last one is not a day old. */
function roundIn(round: Round | undefined, now: number): string | null {
  if (round === undefined || Math.abs(now - Date.parse(round.since)) > wholeEveryMs) return '';
  return round.after;
}

/** A round is as old as its first question; one that has begun anew, also because it lay half-done for a day, is of now. */
function roundsAfter(before: ShadowMeta['rounds'], reached: WholeRead['rounds'], now: number): ShadowMeta['rounds'] {
  const rounds = { ...before };
  for (const [resource, after] of Object.entries(reached)) {
    const known = before[resource];
    const wentOn = known !== undefined && known.after !== null && roundIn(known, now) !== '';
    rounds[resource] = { since: wentOn ? known.since : new Date(now).toISOString(), after };
  }
  return rounds;
}

/** Times are inclusive and have a grain: the next list begins one grain before the newest that was seen. */
function sinceOf(manifest: Manifest, newest: Record<string, string>, kept: Record<string, string> | null): Record<string, string> {
  if (kept !== null) return kept;
  return Object.fromEntries(
    Object.entries(newest).flatMap(([name, time]) => {
      const grain = manifest.resources.find((one) => one.name === name)?.list?.since?.grainMs;
      const ms = momentOf(time);
      return grain === undefined || ms === null ? [] : [[name, new Date(ms - grain).toISOString().replace('.000Z', 'Z')]];
    }),
  );
}

/** "2024-02-29T12:00:00Z", "2024-02-29 12:00:00 UTC" and the same without a zone, which is UTC. */
function momentOf(time: string): number | null {
  const iso = time
    .trim()
    .replace(/ (?=\d\d:)/, 'T')
    .replace(/ ?UTC$/, 'Z');
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** Takes over what came, some hundred records to an operation, and keeps what was seen when it is on disk. */
async function receiveActions(setup: RemoteSetup, input: Look, plan: Plan, ids: IdMap): Promise<ReceiptLine[]> {
  const { book, shadow, manifest, direction, key, http } = setup;
  const actions = plan.actions.filter(({ kind }) => receives.has(kind));
  const lines: ReceiptLine[] = [];
  for (let at = 0; at < actions.length; at += receivedTogether) {
    const part = actions.slice(at, at + receivedTogether);
    for (const { of, bookId, remoteId, kind } of part)
      if (kind === 'link' && bookId !== null && remoteId !== null) ids.put(of, bookId, remoteId);
    const { received, tried } = await book.receive(
      (tx) => {
        // What is linked or made in this operation is known to what follows in it.
        const fresh = new Map<string, ShadowEntry>();
        const tried = idsAbove(ids);
        const deps = {
          manifest,
          direction,
          key,
          ids: tried,
          context: contextOf(viewOf(book), tried, setup.clock.today(), setup.digest),
          skewMs: http.skewMs,
          entry: (resource: string, bookId: string) => fresh.get(`${resource}/${bookId}`) ?? shadow.of(resource, bookId),
        };
        const received = part.flatMap((action) => {
          const [one] = receiveAll(tx, [action], deps);
          if (one?.entry) fresh.set(`${one.entry.resource}/${one.entry.bookId}`, one.entry);
          return one ?? [];
        });
        return { received, tried };
      },
      (value) => {
        for (const one of value.received) keepReceived(shadow, one);
        return shadow.take();
      },
    );
    tried.settle();
    for (const { action, outcome, reason, dropped } of received) {
      lines.push(lineOf(action, outcome, reason));
      const { of, bookId, remoteId, title, resource } = action;
      // Where a field is what the record was refused for, the field says it.
      const isNamed = () => plan.held.some((one) => one.reason === 'unkeepable' && one.resource === resource && one.remoteId === remoteId);
      const held = outcome === 'refused' && dropped.length === 0 && !isNamed() ? [{ path: null, message: reason ?? '' }] : dropped;
      for (const { path, message } of held) plan.held.push({ resource, of, bookId, remoteId, title, path, reason: 'unkeepable', message });
    }
  }
  seeLinked(setup, input, actions, ids);
  return lines;
}

const mostUnkept = 500;
const keyOf = ({ resource, remoteId, path }: Pick<Unkept, 'resource' | 'remoteId' | 'path'>) => `${resource} ${remoteId} ${path ?? ''}`;

/** What the book refused of what was read now takes the place of what it refused before; what was not read again stays as it was. */
function noteUnkept({ manifest, shadow, clock }: RemoteSetup, { reads }: Look, plan: Plan): void {
  const before = shadow.meta.unkept;
  // A value that is refused and does not change is told once by the merge: it stands here as long as it is so.
  const isOver = ({ resource, remoteId, path }: Unkept) => {
    const [of, read] = [manifest.resources.find(({ name }) => name === resource), reads.get(resource)];
    const row = read?.rows.get(remoteId);
    if (row === undefined) return of === undefined || (read?.isWhole === true && !read.isDelta);
    return of === undefined || !decode(of.merge.answer, row).refused.some(({ book }) => book === path);
  };
  const isSaidAgain = (one: Unkept) => found.some((other) => keyOf(other) === keyOf(one));
  const found = plan.held.flatMap(({ resource, bookId, remoteId, title, path, reason, message }): Unkept[] => {
    if (reason !== 'unkeepable' || remoteId === null) return [];
    const known = before.find((one) => keyOf(one) === keyOf({ resource, remoteId, path }));
    return [{ resource, bookId, remoteId, title, path, message, at: known?.at ?? instantOf(clock) }];
  });
  const unkept = [...before.filter((one) => !isSaidAgain(one) && !isOver(one)), ...found].slice(0, mostUnkept);
  if (!isSame(unkept, before)) shadow.setMeta({ unkept });
}

function keepReceived(shadow: ShadowStore, { action, outcome, entry }: ReceivedOne): void {
  if (entry !== null && outcome === 'done') shadow.put(entry);
  else if (entry === null && outcome === 'done' && action.bookId !== null)
    shadow.drop({ resource: action.resource, bookId: action.bookId });
}

/** What two records say that were just found to be one counts as seen from now on, where nothing of it had to be taken over. */
function seeLinked(setup: RemoteSetup, input: Look, actions: readonly Action[], ids: IdMap): void {
  const context = contextOf(viewOf(setup.book), ids, setup.clock.today(), setup.digest);
  const changed = new Set(actions.filter(({ kind }) => kind === 'receiveChange').map(({ resource, bookId }) => `${resource}/${bookId}`));
  for (const { kind, resource: name, bookId, of } of actions) {
    if (kind !== 'link' || bookId === null || changed.has(`${name}/${bookId}`)) continue;
    const entry = setup.shadow.of(name, bookId);
    const resource = setup.manifest.resources.find((one) => one.name === name);
    const row = (entry?.remoteId ?? null) === null ? undefined : input.reads.get(name)?.rows.get(entry?.remoteId as string);
    const record = setup.book.get(of as NounName, bookId) as BookRecord | undefined;
    if (entry === null || resource === undefined || row === undefined || record === undefined || entry.base !== null) continue;
    const merge = mergeRecord(
      resource.merge,
      record,
      null,
      row,
      context,
      decisions(resource, record, null, row, { direction: setup.direction, skewMs: setup.http.skewMs }),
    );
    setup.shadow.put({ ...entry, base: shadowOf(resource.merge.answer, merge.shadow) });
  }
}

async function noteIds({ book, key, shadow }: RemoteSetup, newIds: readonly NewId[]): Promise<void> {
  for (let at = 0; at < newIds.length; at += receivedTogether) {
    const part = newIds.slice(at, at + receivedTogether);
    await book.receive(
      (tx) => {
        for (const { of, bookId, remoteId } of part) noteId(tx, of, bookId, key, remoteId);
      },
      () => shadow.take(),
    );
  }
}

const mostConflicts = 1000;

/** Both values of a field that was changed twice, the newest last; what somebody changed since is settled. */
function noteConflicts(setup: RemoteSetup, plan: Plan): void {
  const { shadow, clock, book, manifest } = setup;
  const open = openConflicts(setup);
  if (plan.conflicts.length === 0 && open.length === shadow.meta.conflicts.length) return;
  const secrets = (resource: string) => new Set(secretPaths(manifest, resource));
  const fresh = plan.conflicts.map(({ resource, bookId, path, mine, theirs, stands }): OpenConflict => {
    const shown = (value: unknown) => (typeof value === 'string' && secrets(resource).has(path) ? masked(value) : value);
    const standing = standingIn(book, manifest, { resource, bookId, path });
    return { resource, bookId, path, mine: shown(mine), theirs: shown(theirs), stands, standing, at: instantOf(clock) };
  });
  const isOther = (one: OpenConflict) => !fresh.some((other) => other.bookId === one.bookId && other.path === one.path);
  shadow.setMeta({ conflicts: [...open.filter(isOther), ...fresh].slice(-mostConflicts) });
}

/** The conflicts nobody has looked at: the field still says what it said then, and the record is there. */
export function openConflicts({ shadow, book, manifest }: Pick<RemoteSetup, 'shadow' | 'book' | 'manifest'>): OpenConflict[] {
  return shadow.meta.conflicts.filter((one) => {
    const standing = standingIn(book, manifest, one);
    return standing !== undefined && isSame(standing, one.standing);
  });
}

/** What the book has in a field now, secrets as their hash; undefined where the record is gone. */
function standingIn(
  book: ForeignBook,
  manifest: Manifest,
  { resource, bookId, path }: Pick<OpenConflict, 'resource' | 'bookId' | 'path'>,
): unknown {
  const of = manifest.resources.find(({ name }) => name === resource)?.of as NounName | undefined;
  const record = of === undefined ? undefined : book.get(of, bookId);
  if (record === undefined || record.deletedAt !== null) return undefined;
  const value: unknown = valueAt(record, path) ?? null;
  return secretPaths(manifest, resource).includes(path) ? hashOf(value) : value;
}
