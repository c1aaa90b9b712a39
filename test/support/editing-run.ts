import type { Page } from '@playwright/test';
import type { Result } from '../../shared/lib/result.ts';
import type { Seeded } from './seeded.ts';
import type { ClientState } from './stored-rows.ts';
import { say } from '../../shared/words/say.ts';

/** One client as the person at the keyboard knows it. */
interface KnownClient {
  id: string;
  /** After the last command that was confirmed. */
  confirmed: ClientState;
  /** After the command that was not answered, when there is one: it may have been carried out. */
  maybe: ClientState | null;
  /** The last confirmed change and what it changed, for undoing just that. */
  last: { operationId: string; before: ClientState } | null;
}

/**
 * People at work: lanes that create, rename, annotate, delete, restore and undo clients, one command after the other, and
 * write down what was confirmed. Lanes touch their own clients only, so that what must be true stays easy to say.
 */
export interface EditingRun {
  /** Works on this page until the line breaks or `stop` is called; resolves when every lane has ended. */
  work(page: Page): Promise<void>;
  stop(): void;
  confirmed(): number;
  /** Clients whose creation was never answered: at most so many may be there beside the known ones. */
  unansweredCreations(): number;
  /** What differs from what was confirmed, in words; empty when nothing was lost. What is there is taken as known from here. */
  compare(actual: Record<string, ClientState>): string[];
}

const LANES = 6;

export function editingRun(random: Seeded): EditingRun {
  const lanes: KnownClient[][] = Array.from({ length: LANES }, () => []);
  let confirmed = 0;
  let unanswered = 0;
  let isStopped = false;
  let count = 0;

  const step = async (page: Page, clients: KnownClient[]): Promise<boolean> => {
    count += 1;
    const client = clients[random.below(clients.length + 2)];
    if (client === undefined) return create(page, clients, count);
    const { confirmed: now, last } = client;
    const undoable = last !== null && random.below(4) === 0 ? last : null;
    if (undoable !== null) return change(page, client, undoable.before, 'history.undo', { target: undoable.operationId });
    if (now.isDeleted) return change(page, client, { ...now, isDeleted: false }, 'clients.restore', { ids: [client.id] });
    const kind = random.below(5);
    if (kind === 0) return change(page, client, { ...now, isDeleted: true }, 'clients.remove', { ids: [client.id] });
    const changes = kind < 3 ? { name: `Client renamed ${count}` } : { notes: `Line one ${count}\nline two` };
    return change(page, client, { ...now, ...changes }, 'clients.change', { id: client.id, changes });
  };

  const create = async (page: Page, clients: KnownClient[], number: number): Promise<boolean> => {
    const state: ClientState = { name: `Client ${number}`, notes: null, isDeleted: false };
    unanswered += 1;
    const answer = await call<{ record: { id: string } }>(page, 'clients.create', { name: state.name });
    if (answer === null) return false;
    unanswered -= 1;
    confirmed += 1;
    clients.push({ id: answer.record.id, confirmed: state, maybe: null, last: null });
    return true;
  };

  const change = async (page: Page, client: KnownClient, after: ClientState, method: string, input: unknown): Promise<boolean> => {
    client.maybe = after;
    const answer = await call<{ operationId?: string | null }>(page, method, input);
    if (answer === null) return false;
    confirmed += 1;
    const operationId = answer.operationId ?? null;
    client.last = operationId === null ? null : { operationId, before: client.confirmed };
    client.confirmed = after;
    client.maybe = null;
    return true;
  };

  return {
    work: async (page) => {
      isStopped = false;
      const runLane = async (clients: KnownClient[]) => {
        while (!isStopped && (await step(page, clients)));
      };
      await Promise.all(lanes.map(runLane));
    },
    stop: () => {
      isStopped = true;
    },
    confirmed: () => confirmed,
    unansweredCreations: () => unanswered,
    compare: (actual) => {
      const differences: string[] = [];
      const known = lanes.flat();
      for (const client of known) {
        const found = actual[client.id];
        const isRight = found !== undefined && [client.confirmed, client.maybe].some((state) => state !== null && isSame(state, found));
        if (!isRight) {
          differences.push(
            `${client.id}: confirmed ${show(client.confirmed)}, perhaps ${show(client.maybe)}, found ${show(found ?? null)}`,
          );
        } else if (!isSame(client.confirmed, found)) {
          client.confirmed = found;
          client.last = null;
        }
        client.maybe = null;
      }
      const strangers = Object.keys(actual).length - known.filter(({ id }) => id in actual).length;
      if (strangers > unanswered) differences.push(`${strangers} clients nobody made (${unanswered} creations were not answered)`);
      return differences;
    },
  };
}

/** The answer's value; null when the line broke before it came. A refusal is a fault of the test and thrown. */
async function call<T>(page: Page, method: string, input: unknown): Promise<T | null> {
  const answer = await page
    .evaluate(
      ([name, argument]) => {
        const [noun = '', verb = ''] = String(name).split('.');
        const crm = window.crm as unknown as Record<string, Record<string, (input: unknown) => Promise<Result<unknown>>>>;
        return crm[noun]?.[verb]?.(argument);
      },
      [method, input] as const,
    )
    .catch(() => null);
  if (answer === null || answer === undefined) return null;
  if (answer.ok) return answer.value as T;
  // The bridge's own words for a main that went away.
  if (answer.error.code === 'UNEXPECTED' && say(answer.error).includes('closed before it could answer')) return null;
  if (answer.error.code === 'STARTING') return null;
  throw new Error(`${method} was refused: ${answer.error.code} ${say(answer.error)}`);
}

function isSame(one: ClientState, other: ClientState): boolean {
  return one.name === other.name && one.notes === other.notes && one.isDeleted === other.isDeleted;
}

function show(state: ClientState | null): string {
  return state === null ? 'nothing' : JSON.stringify(state);
}
