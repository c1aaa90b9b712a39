import type { BookRecord, Collection } from '../shared/dialects/book-view.ts';
import type { Manifest, RemoteCall, RemoteResource } from '../shared/dialects/manifest.ts';
import { type Member, meansSame, type Shape, Unsayable } from '../shared/dialects/shape.ts';
import { copyOf, readPath, type Wire, writePath } from '../shared/dialects/wire.ts';
import { advance, shadowAfter } from '../shared/dialects/wire-merge.ts';
import { valueAt } from '../shared/nouns/field.ts';
import { type NounName, nouns } from '../shared/nouns/nouns.ts';
import { mergeRecord, type RecordMerge, repaired, shadowOf } from './merge-record.ts';
import { matchRecords } from './match.ts';
import { type Action, blankEntry, type Direction, type HeldLine } from './plan.ts';
import { readAgain, type ReadOptions, remoteIdIn } from './read-whole.ts';
import { lineOf, type ReceiptLine } from './receipt.ts';
import { decisions } from './receive.ts';
import { contextOf, type IdMap, type ForeignBook, viewOf } from './remote-book.ts';
import { type Fault, fault, RemoteFault } from './remote-fault.ts';
import type { RemoteHttp } from './remote-http.ts';
import { idMember, newObject, travelling, withoutId } from './request-body.ts';
import { digestMark, hashOf, type ShadowEntry, type ShadowStore } from './shadow-store.ts';

/** Ids that the server gave, or that are no longer anything there, to be written into the book. */
export interface NewId {
  of: NounName;
  bookId: string;
  remoteId: string | null;
}

export interface SendDeps {
  manifest: Manifest;
  direction: Direction;
  http: RemoteHttp;
  reading: ReadOptions;
  book: Pick<ForeignBook, 'get' | 'all' | 'children'>;
  shadow: ShadowStore;
  ids: IdMap;
  today: string;
  digest: (text: string) => string;
  known: Readonly<Record<string, string>>;
}

export interface Sent {
  lines: ReceiptLine[];
  held: HeldLine[];
  newIds: NewId[];
  /** Why nothing more was sent; what was left waits. */
  fault: Fault | null;
}

/** Sent together before the disk is asked to remember that they were about to be sent. */
const together = 25;
/** When so many answers in a row did not come, the rest would not either. */
const lostInARow = 3;

/** Thrown by one call to end all of sending. */
class Stop extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Sends what the plan says, parents first and deletions last, children first. */
export async function sendAll(actions: readonly Action[], deps: SendDeps): Promise<Sent> {
  const sent: Sent = { lines: [], held: [], newIds: [], fault: null };
  const sender = createSender(deps, sent);
  const queue: (() => Promise<void>)[] = [];
  const left = new Set(actions);
  const of = (resource: RemoteResource, kind: Action['kind']) =>
    actions.filter((one) => one.kind === kind && one.resource === resource.name);
  const doing = (some: Action[], work: (some: Action[]) => Promise<void>) => {
    for (let at = 0; at < some.length; at += together) {
      const part = some.slice(at, at + together);
      queue.push(() => work(part));
    }
  };
  for (const resource of deps.manifest.resources) {
    doing(of(resource, 'sendNew'), (part) => sender.create(resource, part, (one) => left.delete(one)));
    doing(of(resource, 'sendChange'), (part) => sender.change(resource, part, (one) => left.delete(one)));
  }
  for (const resource of deps.manifest.resources.toReversed())
    doing(of(resource, 'sendDelete'), (part) => sender.remove(resource, part, (one) => left.delete(one)));
  try {
    for (const work of queue) await work();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    sent.fault = error.fault;
  }
  for (const action of left) sent.lines.push(lineOf(action, 'waiting', sent.fault?.message ?? null));
  return sent;
}

type Tick = (action: Action) => void;

function createSender(deps: SendDeps, sent: Sent) {
  const { manifest, http, shadow, ids, book, known } = deps;
  const view = viewOf(book);
  const context = contextOf(view, ids, deps.today, deps.digest);
  let lost = 0;

  const path = (call: RemoteCall, remoteId: string | null) =>
    deps.reading.path(call.path).replace('{id}', encodeURIComponent(remoteId ?? ''));

  function finish(tick: Tick, action: Action, outcome: ReceiptLine['outcome'], reason: string | null = null): void {
    tick(action);
    sent.lines.push(lineOf(action, outcome, reason));
  }

  function recordOf(resource: RemoteResource, action: Action): BookRecord | null {
    const record = book.get(resource.of as NounName, action.bookId as string) as BookRecord | undefined;
    return record === undefined || record.deletedAt !== null ? null : record;
  }

  // Creating

  async function create(resource: RemoteResource, actions: readonly Action[], tick: Tick): Promise<void> {
    const ready = actions.flatMap((action) => {
      const record = recordOf(resource, action);
      if (record === null) return finish(tick, action, 'otherwise', 'It was deleted here in the meantime.'), [];
      const waits = waitsFor(resource, record);
      if (waits !== null) return finish(tick, action, 'waiting', waits), [];
      const { wire } = newObject(resource, record, context);
      const body = travelling(resource, wire, 'create', record, context, known);
      if (body instanceof Unsayable) return refuse(resource, action, null, body.message, hashOf(body), tick), [];
      return [{ action, wire, body }];
    });
    for (const { action, wire } of ready) {
      const known = shadow.of(resource.name, action.bookId as string);
      shadow.put({ ...blankEntry(resource, action.bookId as string, null), refused: known?.refused ?? null, intent: wire });
    }
    // Before it is sent it stands on disk that it was about to be: whatever happens then, it is looked for first.
    await shadow.save();
    const unsure: Action[] = [];
    try {
      for (const one of ready) if (!(await createOne(resource, one.action, one.wire, one.body, tick))) unsure.push(one.action);
    } catch (error) {
      if (unsure.length > 0 && error instanceof Stop && error.fault.kind !== 'offline') await lookUp(resource, unsure, tick);
      throw error;
    } finally {
      await shadow.save();
    }
    if (unsure.length > 0) await lookUp(resource, unsure, tick);
    await shadow.save();
  }

  /** Answers false where nobody knows whether it was made. */
  async function createOne(resource: RemoteResource, action: Action, wire: Wire, body: Wire, tick: Tick): Promise<boolean> {
    const call = resource.calls.create as RemoteCall;
    try {
      const answer = await asked(resource, path(call, null), call, body);
      lost = 0;
      const object = resource.oneIn(answer.body);
      const remoteId = object === null ? null : remoteIdIn(resource, object);
      if (object === null || remoteId === null) return false;
      made(resource, action, remoteId, wire, object, tick);
      return true;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.mayHaveHappened) {
        countLost(fault);
        return false;
      }
      await notMade(resource, action, body, fault, tick);
      return true;
    }
  }

  /** An id that was used before, by a record that is deleted there, is refused for good: then the server gives its own. */
  async function asked(resource: RemoteResource, at: string, call: RemoteCall, body: Wire) {
    try {
      return await http.ask(call.method, at, {}, body);
    } catch (error) {
      const isTaken =
        error instanceof RemoteFault &&
        error.fault.kind === 'refused' &&
        error.fault.fields.some(({ wire }) => wire === idMember(resource));
      if (resource.choosesIds !== true || !isTaken) throw error;
      return http.ask(call.method, at, {}, withoutId(resource, body));
    }
  }

  function made(resource: RemoteResource, action: Action, remoteId: string, wire: Wire, object: Wire, tick: Tick): void {
    const bookId = action.bookId as string;
    const { answer } = resource.merge;
    const shown = Object.keys(object).length > 1;
    const base = shown ? seenAfter(resource, {}, wire, resource.create as Shape, object).base : null;
    note(resource, bookId, remoteId);
    shadow.put({ ...blankEntry(resource, bookId, remoteId), base: base ?? shadowOf(answer, asAnswer(resource, wire)) });
    insideOf(resource, object);
    finish(tick, action, 'done');
  }

  function note(resource: RemoteResource, bookId: string, remoteId: string): void {
    ids.put(resource.of, bookId, remoteId);
    sent.newIds.push({ of: resource.of as NounName, bookId, remoteId });
  }

  /** What was made along with it: a client's first location. */
  function insideOf(resource: RemoteResource, object: Wire): void {
    const inside = resource.list?.inside?.(object) ?? {};
    for (const [name, rows] of Object.entries(inside)) {
      const other = manifest.resources.find((one) => one.name === name);
      if (other === undefined) continue;
      const fresh = rows.flatMap((row): [string, Wire][] => {
        const id = remoteIdIn(other, row);
        return id === null || shadow.byRemoteId(name, id) !== null ? [] : [[id, row]];
      });
      const records = [...(book.all(other.of as NounName) as Iterable<BookRecord>)].filter(
        (record) => record.deletedAt === null && shadow.of(name, record.id) === null && (other.isMatchable?.(record, view) ?? true),
      );
      for (const { bookId, remoteId } of matchRecords({ resource: other, rows: fresh, records, intents: [], context })) {
        note(other, bookId, remoteId);
        shadow.put({ ...blankEntry(other, bookId, remoteId), base: shadowOf(other.merge.answer, new Map(fresh).get(remoteId) as Wire) });
      }
    }
  }

  async function notMade(resource: RemoteResource, action: Action, body: Wire, fault: Fault, tick: Tick): Promise<void> {
    const verdict = fault.kind === 'notThere' ? 'refused' : await verdictOn(resource, fault);
    if (verdict === 'waits') {
      shadow.drop({ resource: resource.name, bookId: action.bookId as string });
      return finish(tick, action, 'waiting', fault.message);
    }
    if (verdict === 'stop') {
      // It never arrived: there is nothing to look for.
      shadow.drop({ resource: resource.name, bookId: action.bookId as string });
      throw new Stop(fault);
    }
    lost = 0;
    refuse(resource, action, fault, fault.message, hashOf(body), tick);
  }

  /** Finds those that are there although no answer said so. The others wait: they are looked for again before they are sent. */
  async function lookUp(resource: RemoteResource, actions: readonly Action[], tick: Tick): Promise<void> {
    const intents = actions.flatMap(({ bookId }) => shadow.of(resource.name, bookId as string) ?? []);
    let rows: ReadonlyMap<string, Wire>;
    try {
      rows = (await readAgain(deps.reading, resource)).of.get(resource.name)?.rows ?? new Map();
    } catch (error) {
      for (const action of actions) finish(tick, action, 'waiting', lostAnswer);
      throw new Stop(faultOf(error));
    }
    const free = [...rows].filter(([id]) => shadow.byRemoteId(resource.name, id) === null);
    const found = new Map(matchRecords({ resource, rows: free, records: [], intents, context }).map((one) => [one.bookId, one.remoteId]));
    for (const action of actions) {
      const remoteId = found.get(action.bookId as string);
      if (remoteId === undefined) finish(tick, action, 'waiting', lostAnswer);
      else
        made(resource, action, remoteId, shadow.of(resource.name, action.bookId as string)?.intent ?? {}, rows.get(remoteId) as Wire, tick);
    }
  }

  /** A parent that is not there yet: of all others only the name is left out. */
  function waitsFor(resource: RemoteResource, record: BookRecord): string | null {
    for (const [field, of] of Object.entries(nouns[resource.of as NounName].parents)) {
      const id = valueAt(record, field);
      const isSaid = resource.create?.members.some((member) => member.kind === 'reference' && member.book === field);
      if (isSaid === true && typeof id === 'string' && typeof of === 'string' && ids.remoteId(of as Collection, id) === null)
        return waitsForParent;
    }
    return null;
  }

  // Changing

  async function change(resource: RemoteResource, actions: readonly Action[], tick: Tick): Promise<void> {
    try {
      for (const action of actions) await changeOne(resource, action, tick);
    } finally {
      await shadow.save();
    }
  }

  async function changeOne(resource: RemoteResource, action: Action, tick: Tick): Promise<void> {
    const entry = shadow.of(resource.name, action.bookId as string);
    const record = recordOf(resource, action);
    if (record === null || entry === null) return finish(tick, action, 'otherwise', 'It was deleted here in the meantime.');
    let theirs = action.theirs ?? entry.base ?? {};
    // Once more after a mistake of the server's, which may have done it by half.
    for (let round = 1; ; round++) {
      const now = shadow.of(resource.name, action.bookId as string) as ShadowEntry;
      const merged = await mergedWhole(resource, record, now, theirs, action.remoteId as string);
      theirs = merged.theirs;
      const { merge } = merged;
      if (merge.outgoing === null)
        return finish(tick, action, round > 1 ? 'done' : 'otherwise', round > 1 ? null : 'There was nothing left to send.');
      const body = travelling(resource, merge.outgoing, 'change', record, context, known);
      if (body instanceof Unsayable) return refuse(resource, action, null, body.message, hashOf(body), tick);
      if (now.refused?.hash === hashOf(body)) return refuse(resource, action, null, now.refused.message, now.refused.hash, tick);
      if ((resource.halves ?? []).length > 0) {
        shadow.put({ ...now, unsure: Object.keys(merge.outgoing) });
        await shadow.save();
      }
      const wrong = await put(resource, action, record, merge, body);
      if (wrong === null) return finish(tick, action, 'done');
      if (!wrong.mayHaveHappened) {
        const verdict = await verdictOn(resource, wrong);
        if (wrong.kind === 'notThere')
          return finish(tick, action, 'otherwise', 'It is not there any more. The next time it is seen what became of it.');
        if (verdict === 'stop') throw new Stop(wrong);
        if (verdict === 'waits') return finish(tick, action, 'waiting', wrong.message);
        return refuse(resource, action, wrong, wrong.message, hashOf(body), tick);
      }
      countLost(wrong);
      const whole = round < 2 ? await whatIsThere(resource, action.remoteId as string) : null;
      if (whole === null) return finish(tick, action, 'waiting', lostAnswer);
      theirs = advance(theirs, whole, resource.merge.answer);
    }
  }

  /** Null when it was done. */
  async function put(resource: RemoteResource, action: Action, record: BookRecord, merge: RecordMerge, body: Wire): Promise<Fault | null> {
    const call = resource.calls.change as RemoteCall;
    try {
      const answer = await http.ask(call.method, path(call, action.remoteId), {}, body);
      // Where an answer has nothing at all in it, nobody says that it was done.
      if (answer.body === undefined && answer.status !== 204) throw new RemoteFault(fault('cutOff', lostAnswer, { mayHaveHappened: true }));
      lost = 0;
      const object = resource.oneIn(answer.body);
      const isWhole = object !== null && remoteIdIn(resource, object) !== null && Object.keys(object).length > 1;
      const shown = isWhole ? object : await whatIsThere(resource, action.remoteId as string);
      keep(resource, action, record, merge, shown);
      return null;
    } catch (error) {
      return faultOf(error);
    }
  }

  function keep(resource: RemoteResource, action: Action, record: BookRecord, merge: RecordMerge, shown: Wire | null): void {
    const bookId = action.bookId as string;
    const entry = shadow.of(resource.name, bookId) ?? blankEntry(resource, bookId, action.remoteId);
    // Nobody said what it looks like now; when it is read next, it is ours or it is news.
    if (shown === null) return shadow.put({ ...entry, unsure: [] });
    const { answer } = resource.merge;
    const after = seenAfter(resource, merge.shadow, merge.outgoing as Wire, resource.merge.change as Shape, shown);
    const base = shadowOf(answer, shadowAfter(answer, { ...merge, shadow: merge.shadow }, after.base));
    const next: ShadowEntry = { ...entry, base, unsure: [], refused: null, intent: null };
    const again = mergeRecord(resource.merge, record, base, base, context, () => 'mine').outgoing;
    if (after.ignored.length > 0 && again !== null) {
      const body = travelling(resource, again, 'change', record, context, known);
      const message = 'The server took it and kept its own value. Yours stays here; it is sent again when you change it.';
      next.refused = { hash: hashOf(body), path: after.ignored[0] ?? null, message };
      sent.held.push(heldLine(resource, action, after.ignored[0] ?? null, message));
    }
    shadow.put(next);
  }

  async function mergedWhole(resource: RemoteResource, record: BookRecord, entry: ShadowEntry, theirs: Wire, remoteId: string) {
    const merging = (shown: Wire) => {
      const base = repaired(entry, shown, resource.halves);
      return mergeRecord(
        resource.merge,
        record,
        base,
        shown,
        context,
        decisions(resource, record, base, shown, { direction: deps.direction, skewMs: http.skewMs }),
      );
    };
    let merge = merging(theirs);
    // What stands in for theirs may be only what is remembered, in which secrets are digests.
    if (merge.unread.length > 0 || JSON.stringify(merge.outgoing).includes(digestMark)) {
      const whole = await whatIsThere(resource, remoteId);
      if (whole !== null) {
        theirs = advance(theirs, whole, resource.merge.answer);
        merge = merging(theirs);
      } else merge = { ...merge, outgoing: null };
    }
    return { merge, theirs };
  }

  /** The whole object as it is now; null where it is not shown. */
  async function whatIsThere(resource: RemoteResource, remoteId: string): Promise<Wire | null> {
    const call = resource.calls.get;
    if (call === null) return null;
    try {
      return resource.oneIn((await http.ask('GET', path(call, remoteId))).body);
    } catch (error) {
      const fault = faultOf(error);
      if (['signIn', 'offline', 'tls', 'busy'].includes(fault.kind)) throw new Stop(fault);
      return null;
    }
  }

  // Deleting

  async function remove(resource: RemoteResource, actions: readonly Action[], tick: Tick): Promise<void> {
    try {
      for (const action of actions) await removeOne(resource, action, tick);
    } finally {
      await shadow.save();
    }
  }

  async function removeOne(resource: RemoteResource, action: Action, tick: Tick): Promise<void> {
    const call = resource.calls.remove as RemoteCall;
    const bookId = action.bookId as string;
    for (let round = 1; ; round++) {
      try {
        await http.ask(call.method, path(call, action.remoteId));
        lost = 0;
        break;
      } catch (error) {
        const fault = faultOf(error);
        // Gone is gone, whoever did it: perhaps the first try, whose answer was lost, or it went with what it hung on.
        if (fault.kind === 'notThere') break;
        if (fault.mayHaveHappened) {
          countLost(fault);
          if (round < 2) continue;
          return finish(tick, action, 'waiting', lostAnswer);
        }
        const verdict = await verdictOn(resource, fault);
        if (verdict === 'stop') throw new Stop(fault);
        if (verdict === 'waits') return finish(tick, action, 'waiting', fault.message);
        return refuse(resource, action, fault, fault.message, 'delete', tick);
      }
    }
    ids.drop(resource.of, bookId);
    shadow.drop({ resource: resource.name, bookId });
    sent.newIds.push({ of: resource.of as NounName, bookId, remoteId: null });
    finish(tick, action, 'done');
  }

  // What went wrong

  function refuse(resource: RemoteResource, action: Action, fault: Fault | null, message: string, hash: string, tick: Tick): void {
    const bookId = action.bookId as string;
    const known = shadow.of(resource.name, bookId);
    const entry = known ?? blankEntry(resource, bookId, action.kind === 'sendNew' ? null : action.remoteId);
    const path = bookPath(resource, fault);
    shadow.put({ ...entry, intent: null, unsure: [], refused: { hash, path, message } });
    sent.held.push(heldLine(resource, action, path, message));
    finish(tick, action, 'refused', message);
  }

  function heldLine(resource: RemoteResource, action: Action, path: string | null, message: string): HeldLine {
    const { of, bookId, remoteId, title } = action;
    return { resource: resource.name, of, bookId, remoteId, title, path, reason: 'refused', message };
  }

  /**
   * Whether a "no" is about this record, which then waits for a person; or about everything; or nobody knows, because a page
   * for people said it: then it is tried again the next time, and the others go.
   */
  async function verdictOn(resource: RemoteResource, fault: Fault): Promise<'refused' | 'waits' | 'stop'> {
    if (fault.kind === 'refused') return 'refused';
    if (fault.kind !== 'forbidden' || !(await isOnlyThis(resource))) return 'stop';
    return fault.isPage ? 'waits' : 'refused';
  }

  /** Whether the list may still be read: then it is this record that is not allowed, and not the whole sign-in. */
  async function isOnlyThis(resource: RemoteResource): Promise<boolean> {
    const list = resource.list ?? manifest.resources.find((one) => one.list !== null)?.list;
    if (list === null || list === undefined) return false;
    try {
      await http.ask('GET', deps.reading.path(list.path), list.query);
      return true;
    } catch {
      return false;
    }
  }

  function countLost(fault: Fault): void {
    lost += 1;
    if (lost >= lostInARow) throw new Stop(fault);
  }

  return { create, change, remove };
}

/** Whoever mends what it hangs on sends this as well. */
export const waitsForParent = 'What it hangs on is not there yet. It follows when that is.';

const lostAnswer = 'The answer did not come. It is looked up before it is sent again.';

function faultOf(error: unknown): Fault {
  if (error instanceof RemoteFault || error instanceof Stop) return error.fault;
  throw error;
}

/** What the book calls the field that a refusal names; null where it names none we know. */
function bookPath(resource: RemoteResource, fault: Fault | null): string | null {
  const members = [...(resource.create?.members ?? []), ...(resource.merge.change?.members ?? []), ...resource.merge.answer.members];
  for (const { wire, message } of fault?.fields ?? []) {
    // Some name the field only in the sentence: "Name can't be blank", "email must be an email".
    const named = members.find(
      (member) =>
        'book' in member && (wire === null ? begins(message, member.wire) : wire === member.wire || wire.endsWith(`.${member.wire}`)),
    );
    if (named !== undefined && 'book' in named) return named.book;
  }
  return null;
}

const begins = (message: string, wire: string) =>
  message.toLowerCase().startsWith(`${wire.replace(/_/g, ' ')} `) || message.startsWith(`${wire} `);

/** A request's body in the words of an answer, where nobody has shown one. */
function asAnswer(resource: RemoteResource, wire: Wire): Wire {
  const shown: Wire = {};
  for (const member of resource.create?.members ?? []) {
    const value = readPath(wire, member.wire);
    const inAnswer = shownAs(resource, member);
    if (value !== undefined && inAnswer !== undefined) writePath(shown, inAnswer.wire, copyOf(value));
  }
  return shown;
}

function shownAs(resource: RemoteResource, member: Member): Member | undefined {
  return resource.merge.answer.members.find(
    (one) => one.kind === member.kind && ('book' in one && 'book' in member ? one.book === member.book : one.wire === member.wire),
  );
}

/**
 * What counts as seen after an answer. A value that the server spelled anew is left as it was sent, so that its spelling
 * comes here as a change; one that it passed over counts as seen and is named, so that it is not sent for ever.
 */
function seenAfter(resource: RemoteResource, before: Wire, sent: Wire, said: Shape, shown: Wire): { base: Wire; ignored: string[] } {
  const { answer } = resource.merge;
  const base = shadowOf(answer, shown);
  const ignored: string[] = [];
  for (const member of said.members) {
    const inAnswer = shownAs(resource, member);
    const value = readPath(sent, member.wire);
    const now = inAnswer === undefined ? undefined : readPath(shown, inAnswer.wire);
    if (inAnswer === undefined || member.kind !== 'value' || value === undefined || now === undefined) continue;
    if (meansSame(answer, inAnswer, value, now, shown)) continue;
    const was = readPath(before, inAnswer.wire);
    const isPassedOver = was === undefined ? now === null || now === '' : meansSame(answer, inAnswer, was, now, shown);
    if (isPassedOver) ignored.push(member.book);
    else writePath(base, inAnswer.wire, copyOf(value));
  }
  return { base, ignored };
}
