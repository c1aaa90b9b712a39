import { sql } from 'kysely';
import type { Changes } from '../store/changes.ts';
import type { Database } from '../store/tables.ts';
import type { Person } from '../auth/sessions.ts';

/** Where a stream of events goes: an open answer. */
export interface Stream {
  /** False where nothing more can be sent, because nobody takes it in. */
  send(text: string): boolean;
  end(): void;
}

export interface EventHub {
  /** Answers how to say that the other side has gone; null where there are too many already. */
  open(person: Person & { sessionId: string }, stream: Stream): (() => void) | null;
  /** Ends every stream, in good order. */
  close(): Promise<void>;
}

export interface EventTimes {
  /** How often other processes' changes are looked for. */
  pollMs: number;
  heartbeatMs: number;
}
export const eventTimes: EventTimes = { pollMs: 1_000, heartbeatMs: 20_000 };

const SOON_MS = 50;
/** Sessions are looked up every so many polls. */
const sessionEvery = 5;
const mostOfDevice = 2;
const mostOfAll = 5_000;

const poke = 'event: poke\ndata: new\n\n';
const heartbeat = ': still here\n\n';

interface Listener {
  organisation: string;
  sessionId: string;
  stream: Stream;
}

/**
 * Tells devices that there is something new, and never what: they pull then, as far as they may. Changes of this process
 * are told at once, those of others after a look at the organisations' counters. A stream ends with its session.
 */
export function createEventHub(db: Database, changes: Changes, { pollMs, heartbeatMs }: EventTimes = eventTimes): EventHub {
  const listeners = new Set<Listener>();
  /** The counter of each organisation as it was told last. */
  const told = new Map<string, number>();
  let soon: NodeJS.Timeout | null = null;
  let work: Promise<void> = Promise.resolve();
  let polls = 0;
  let isOver = false;

  const ofOrganisation = (organisation: string) => [...listeners].filter((one) => one.organisation === organisation);
  const drop = (listener: Listener) => {
    if (listeners.delete(listener)) listener.stream.end();
    if (ofOrganisation(listener.organisation).length === 0) told.delete(listener.organisation);
  };
  const send = (listener: Listener, text: string) => {
    if (!listener.stream.send(text)) drop(listener);
  };

  async function look(isPoll: boolean): Promise<void> {
    if (listeners.size === 0) return;
    const organisations = [...new Set([...listeners].map(({ organisation }) => organisation))];
    const { rows } = await sql<{ id: string; seq: number }>`select organisation_id as id, seq from organisations
      where organisation_id = any(${organisations}::uuid[])`.execute(db);
    for (const { id, seq } of rows) {
      if (told.get(id) === seq) continue;
      told.set(id, seq);
      for (const listener of ofOrganisation(id)) send(listener, poke);
    }
    polls += isPoll ? 1 : 0;
    if (isPoll && polls % sessionEvery === 0) await endRevoked();
  }

  async function endRevoked(): Promise<void> {
    const ids = [...new Set([...listeners].map(({ sessionId }) => sessionId))];
    const { rows } = await sql<{
      id: string;
    }>`select s.id from sessions s join logins l on l.organisation_id = s.organisation_id and l.user_id = s.user_id
      where s.id = any(${ids}::uuid[]) and s.revoked_at is null and l.is_active`.execute(db);
    const good = new Set(rows.map(({ id }) => id));
    for (const listener of listeners) if (ids.includes(listener.sessionId) && !good.has(listener.sessionId)) drop(listener);
  }

  const lookNow = (isPoll: boolean) => {
    // A database that is away for a moment is looked at again; the streams stay.
    work = work.then(() => (isOver ? undefined : look(isPoll))).catch(() => {});
  };
  const polling = setInterval(() => lookNow(true), pollMs);
  const beating = setInterval(() => {
    for (const listener of listeners) send(listener, heartbeat);
  }, heartbeatMs);
  const deafen = changes.listen((organisation) => {
    if (soon !== null || ofOrganisation(organisation).length === 0) return;
    soon = setTimeout(() => {
      soon = null;
      lookNow(false);
    }, SOON_MS);
  });
  polling.unref();
  beating.unref();

  return {
    open(person, stream) {
      if (isOver || listeners.size >= mostOfAll) return null;
      const listener = { organisation: person.organisation, sessionId: person.sessionId, stream };
      // A device that lost its line opens another one before the server knows.
      const others = [...listeners].filter((one) => one.sessionId === person.sessionId);
      for (const old of others.slice(0, Math.max(0, others.length - mostOfDevice + 1))) drop(old);
      listeners.add(listener);
      // Whatever happened before it listened is new to it.
      send(listener, poke);
      return () => drop(listener);
    },
    async close() {
      isOver = true;
      clearInterval(polling);
      clearInterval(beating);
      if (soon !== null) clearTimeout(soon);
      deafen();
      for (const listener of listeners) drop(listener);
      await work;
    },
  };
}
