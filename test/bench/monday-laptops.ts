import { randomUUID } from 'node:crypto';
import { nouns } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { applyChange } from '../../shared/operations/apply-operation.ts';
import { formatStamp } from '../../shared/sync/stamp.ts';
import { type Checkpoint, limits, type PushedRow, schemaHeader, syncCollections, type SyncCollection } from '../../shared/sync/wire.ts';
import { generatedClient, generatedContact, generatedLocation } from '../support/generated-book.ts';
import { sharesOf } from './laptop-process.ts';

/*
 * Laptops of a Monday morning as far as the wire knows them, many in one process: what each sends and waits for is what
 * electron/sync sends and waits for, without a book. Ids of what they own are made from their number, and so are the records.
 */
export interface MondayLaptop {
  /** Counts all laptops through. */
  number: number;
  userId: string;
  refreshToken: string;
  /** Where it has got to; null for one that has nothing yet. */
  checkpoint: Checkpoint | null;
}

export interface Monday {
  url: string;
  changes: number;
  laptops: MondayLaptop[];
}

export interface Told {
  /** Answers by what was asked for and the status; "broken" where there was none within 30 s. */
  answers: Record<string, number>;
  /** Of each laptop: seconds until it was in sync, in their order. */
  inSync: number[];
  /** Rows that were answered with anything but "ok". */
  notOk: number;
  /** Rows that came. */
  came: number;
}

const requestMs = 30_000;
/** As in electron/sync/sync-worker.ts. */
const [firstBackOffMs, longestBackOffMs] = [1_000, 5 * 60_000];
const sentAt = Date.parse('2026-03-02T06:00:00.000Z');
const madeAt = Date.parse('2026-01-05T06:00:00.000Z');

type Owned = { of: 'clients' | 'contacts' | 'locations'; record: Record<string, unknown> & { id: string } };

/** What belongs to a laptop's person, with ids that are the same at every call. */
export function* ownedBy(number: number, userId: string, count: number): Generator<Owned> {
  const shares = sharesOf(count);
  const id = (of: string, at: number) => `${of}-${String(number).padStart(4, '0')}-${String(at).padStart(5, '0')}`;
  const made = (of: Owned['of'], at: number, fields: object): Owned => {
    const head = { at: new Date(madeAt).toISOString(), actor: 'Field staff', stamp: formatStamp(madeAt, at, 'monday') };
    const after = nouns[of].fieldsSchema.parse(fields) as Record<string, unknown>;
    return { of, record: { ...applyChange(of, null, head, { collection: of, id: id(of, at), before: null, after }) } };
  };
  const from = number * count;
  const owner = userId === '' ? {} : { accountOwnerId: userId };
  for (let at = 0; at < shares.clients; at += 1) yield made('clients', at, { ...generatedClient(from + at), ...owner });
  const client = (at: number) => id('clients', at % shares.clients);
  for (let at = 0; at < shares.contacts; at += 1) yield made('contacts', at, generatedContact(from + at, client(at), at < shares.clients));
  for (let at = 0; at < shares.locations; at += 1) yield made('locations', at, generatedLocation(from + at, client(at)));
}

class Refused extends Error {
  readonly afterMs: number;
  constructor(afterMs: number) {
    super(`to come back in ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

async function runAll({ url, changes, laptops }: Monday): Promise<Told> {
  const told: Told = { answers: {}, inSync: laptops.map(() => 0), notOk: 0, came: 0 };
  const begun = performance.now();
  await Promise.all(
    laptops.map(async (laptop, at) => {
      await inSync(url, laptop, changes, told);
      told.inSync[at] = (performance.now() - begun) / 1000;
      process.send?.({ done: told.inSync.filter((one) => one > 0).length });
    }),
  );
  return told;
}

/** Begins again and again until the server has what the laptop has, and the other way round. */
async function inSync(url: string, { number, userId, refreshToken, checkpoint: start }: MondayLaptop, changes: number, told: Told) {
  const checkpoints = new Map<SyncCollection, Checkpoint | null>(syncCollections.map((one) => [one, start]));
  const records = start === null ? [] : changedOf(number, userId, changes);
  let [sentRecords, sentOperations, token] = [0, 0, ''];

  async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
    const what = path.split('/').at(-1) ?? '';
    const count = (status: string) => (told.answers[`${what} ${status}`] = (told.answers[`${what} ${status}`] ?? 0) + 1);
    let [status, text, retry] = [0, '', 0];
    try {
      const response = await fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        signal: AbortSignal.timeout(requestMs),
        headers: { authorization: `Bearer ${token}`, [schemaHeader]: '1', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      ({ status } = response);
      retry = Number(response.headers.get('retry-after') ?? 0) * 1000;
      text = await response.text();
    } catch {
      count('broken');
      throw new Refused(0);
    }
    count(String(status));
    if (status === 429 || status >= 500) throw new Refused(retry);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function push(rows: PushedRow[], epoch: string, seen: number): Promise<void> {
    const { verdicts } = (await ask('/sync/push', { batchId: randomUUID(), epoch, seen, rows })) as { verdicts: { verdict: string }[] };
    told.notOk += verdicts.filter(({ verdict }) => verdict !== 'ok').length;
  }

  async function pullAll(): Promise<void> {
    for (const collection of syncCollections) {
      for (let more = true; more; ) {
        const answer = await ask('/sync/pull', { collection, checkpoint: checkpoints.get(collection), limit: limits.pullRows });
        told.came += (answer['rows'] as object[]).length;
        checkpoints.set(collection, answer['checkpoint'] as Checkpoint);
        more = answer['more'] as boolean;
      }
    }
  }

  async function syncOnce(): Promise<void> {
    if (token === '') token = (await ask('/auth/refresh', { refreshToken }))['accessToken'] as string;
    await ask('/sync');
    await pullAll();
    const { epoch, seq } = checkpoints.get('clients') as Checkpoint;
    const before = sentRecords + sentOperations;
    for (; sentRecords < records.length; sentRecords += limits.pushRows) {
      await push(
        records.slice(sentRecords, sentRecords + limits.pushRows).map(({ row }) => row),
        epoch,
        seq,
      );
    }
    for (; sentOperations < records.length; sentOperations += limits.pushRows) {
      await push(
        records.slice(sentOperations, sentOperations + limits.pushRows).map(({ operation }) => operation),
        epoch,
        seq,
      );
    }
    if (sentRecords + sentOperations > before) await pullAll();
  }

  for (let failures = 0; ; ) {
    try {
      return await syncOnce();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      failures = error.afterMs > 0 ? 0 : failures + 1;
      const wait = Math.random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** failures);
      await new Promise((done) => setTimeout(done, error.afterMs + wait));
    }
  }
}

/** What was changed on a laptop over the weekend, each with the operation that says so. */
function changedOf(number: number, userId: string, count: number): { row: PushedRow; operation: PushedRow }[] {
  return [...ownedBy(number, userId, count)].map(({ of, record }, at) => {
    const stamp = formatStamp(sentAt + at, 0, `laptop${number}`);
    const when = new Date(sentAt + at).toISOString();
    const field = of === 'contacts' ? 'generalNote' : 'notes';
    const change = {
      collection: of,
      id: record.id,
      before: { [field]: record[field] ?? null },
      after: { [field]: `Called on the way, ${at}` },
    };
    const head = { at: when, actor: 'Field staff', stamp };
    const after = { ...applyChange(of, record as never, head, change) }; // a record of that noun, made above
    const operation = {
      id: newId(),
      seq: at + 1,
      deviceId: `laptop${number}`,
      ...head,
      command: `${of}.change`,
      kind: 'do',
      group: null,
      target: null,
      changes: [change],
    };
    return {
      row: { collection: of, assumed: record['stamps'] as Record<string, string>, record: after },
      operation: { collection: 'operations', assumed: null, record: operation },
    };
  });
}

process.once('message', (monday: Monday) => void runAll(monday).then((told) => process.send?.({ told })));
