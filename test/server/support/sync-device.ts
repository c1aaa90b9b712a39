import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import { newId } from '../../../shared/lib/ids.ts';
import { applyChange } from '../../../shared/operations/apply-operation.ts';
import type { SyncedRecord } from '../../../shared/sync/merge.ts';
import { newestStamp, stampSource } from '../../../shared/sync/stamp.ts';
import {
  type Checkpoint,
  pullAnswerSchema,
  type PulledRow,
  pushAnswerSchema,
  type PushedRow,
  schemaHeader,
  type SyncCollection,
  type Verdict,
} from '../../../shared/sync/wire.ts';
import type { Answer, Somebody, TestServer } from './test-server.ts';

/** A row as devices send it. */
export const row = (collection: SyncCollection, record: object, base: SyncedRecord | null = null): PushedRow => ({
  collection,
  assumed: base?.stamps ?? null,
  record: { ...record } as PushedRow['record'],
});

export interface PushMore {
  batchId?: string;
  epoch?: string;
  seen?: number;
  confirmedDeletions?: number;
}

/** A server that can be asked, in this process or over the network. */
export type Asked = Pick<TestServer, 'ask' | 'clock' | 'faults'>;

/** Somebody's device as far as requests go: it makes records as laptops do, and remembers nothing. */
export function deviceOf(server: Asked, somebody: Somebody, name = 'laptop') {
  const stamps = stampSource(name, () => server.clock.now());
  const at = () => new Date(server.clock.now()).toISOString();

  function apply<N extends NounName>(
    of: N,
    copy: SyncedRecord | null,
    id: string,
    before: Record<string, unknown> | null,
    after: Record<string, unknown>,
  ): SyncedRecord {
    const head = { at: at(), actor: somebody.email, stamp: stamps.next() };
    return applyChange(of, copy as never, head, { collection: of, id, before, after }) as unknown as SyncedRecord;
  }

  const device = {
    name,
    somebody,
    async ask(method: 'GET' | 'POST', url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
      const answer = await server.ask(somebody, method, url, body, { headers: { [schemaHeader]: '1', ...headers } });
      // What went wrong says more than that something did.
      if (answer.status === 500) throw server.faults.at(-1) ?? new Error('A fault that nobody was told of');
      return answer;
    },

    make: (of: NounName, fields: Record<string, unknown>, id = newId()) => apply(of, null, id, null, fields),
    change(of: NounName, copy: SyncedRecord, fields: Record<string, unknown>): SyncedRecord {
      stamps.observe(newestStamp(copy.stamps));
      return apply(of, copy, copy.id, Object.fromEntries(Object.keys(fields).map((field) => [field, copy[field]])), fields);
    },
    operation(seq: number, changes: Operation['changes'], more: Partial<Operation> = {}): Operation {
      const head = { id: newId(), seq, deviceId: name, actor: somebody.email, at: at(), stamp: stamps.next() };
      return { ...head, command: 'clients.change', kind: 'do', group: null, target: null, changes, ...more };
    },

    async epoch(): Promise<string> {
      return String((await device.ask('GET', '/sync')).body['epoch']);
    },
    async tryPush(rows: readonly PushedRow[], more: PushMore = {}): Promise<Answer> {
      const { epoch, seq } =
        more.epoch !== undefined && more.seen !== undefined ? { ...more, seq: 0 } : (await device.ask('GET', '/sync')).body;
      return device.ask('POST', '/sync/push', { batchId: randomUUID(), epoch, seen: seq, ...more, rows });
    },
    async push(rows: readonly PushedRow[], more: PushMore = {}): Promise<Verdict[]> {
      const answer = await device.tryPush(rows, more);
      expect(answer).toMatchObject({ status: 200 });
      return pushAnswerSchema.parse(answer.body).verdicts;
    },
    /** Pushes what has to be fine. */
    async put(...rows: readonly PushedRow[]): Promise<void> {
      expect(await device.push(rows)).toEqual(rows.map(({ record }) => ok(record.id)));
    },

    tryPull: (collection: SyncCollection, checkpoint: Checkpoint | null, limit = 1000): Promise<Answer> =>
      device.ask('POST', '/sync/pull', { collection, checkpoint, limit }),
    async pull(collection: SyncCollection, checkpoint: Checkpoint | null, limit = 1000) {
      const answer = await device.tryPull(collection, checkpoint, limit);
      expect(answer).toMatchObject({ status: 200 });
      return pullAnswerSchema.parse(answer.body);
    },
    /** Page after page until there is no more. */
    async pullAll(
      collection: SyncCollection,
      checkpoint: Checkpoint | null = null,
      limit = 1000,
    ): Promise<{ rows: PulledRow[]; checkpoint: Checkpoint }> {
      const rows: PulledRow[] = [];
      for (let from = checkpoint; ; ) {
        const page = await device.pull(collection, from, limit);
        rows.push(...page.rows);
        from = page.checkpoint;
        if (!page.more) return { rows, checkpoint: page.checkpoint };
      }
    },
  };
  return device;
}
export type SyncDevice = ReturnType<typeof deviceOf>;

export const ok = (id: string, more: object = {}) => ({ id, verdict: 'ok', seq: expect.any(Number), ...more });
export const conflict = (id: string, current: SyncedRecord | null) => ({ id, verdict: 'conflict', seq: expect.any(Number), current });
export const idsOf = (rows: readonly PulledRow[]): string[] => rows.map((one) => ('record' in one ? one.record.id : `gone ${one.gone}`));
export const recordsOf = (rows: readonly PulledRow[]): SyncedRecord[] =>
  rows.flatMap((one) => ('record' in one ? [one.record as unknown as SyncedRecord] : []));
