import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ForeignDeps } from '../../remotes/foreign-remote.ts';
import type { Manifest } from '../../shared/dialects/manifest.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { soundMember } from '../../shared/lib/text.ts';
import type { NounName, RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import { createLayer, type StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import { type Doer, runCommand } from '../store/command.ts';
import { wholeSight } from '../store/sight.ts';
import { inOrganisation, type Store, type Tenant } from '../store/tenant.ts';

/** What the engine of foreign systems gets of an organisation's book. */
export type ServerBook = Pick<ForeignDeps, 'book' | 'memory' | 'revision' | 'change'>;

export interface ServerBookDeps {
  store: Store;
  organisation: string;
  remoteId: string;
  manifest: Manifest;
  /** In whose name it is written: an administrator, who sees all of the company. What is not seen would count as not there. */
  userId: string;
  clock: Clock;
  /** Asked before every transaction that writes. What it throws keeps it from beginning. */
  mayBegin: () => Promise<void>;
  /** Asked in every transaction that writes, before anything else. What it throws undoes it. */
  mayWrite: (tenant: Tenant) => Promise<void>;
}

/** How many rows are read and opened in one go: some ten milliseconds in which nobody else is answered. */
export const rowsAtOnce = 1_000;

/** What codecs look at beside the records they speak of (shared/dialects/book-view.ts). */
const lookedAt: readonly NounName[] = [
  'clients',
  'contacts',
  'locations',
  'locationContacts',
  'itemPrices',
  'locationItemPrices',
  'directory',
];

/**
 * The records of the nouns that a system speaks of, in memory as they are on a laptop, because the engine asks without waiting; and what is
 * remembered of the system. Both follow what this process writes, and what others wrote in the meantime with each of its writes. What is
 * written goes through the rules, rights and numbers that every door of the server has (store/command.ts), under the company's lock: the
 * plan of a cycle may be older, and is compared with the records as they are then.
 */
export async function openServerBook(deps: ServerBookDeps): Promise<ServerBook> {
  const { store, organisation, remoteId, manifest, userId, clock, mayBegin, mayWrite } = deps;
  const nouns = [...new Set([...lookedAt, ...manifest.resources.map(({ of }) => of as NounName)])];
  const layer = createLayer(null, { isLarge: true });
  const memory = new Map<string, unknown>();
  let seq = -1;
  let revision = 0;

  const held = <N extends NounName>(noun: N): N => {
    if (!nouns.includes(noun)) throw new Error(`A codec of ${manifest.kind} looks at ${noun}, which the server does not hold for it`);
    return noun;
  };

  /**
   * Takes in what was written since the last time, by whomever: so many rows to a transaction, and between two of them it is the turn of
   * whatever else this process serves.
   */
  async function follow(): Promise<void> {
    let upto: number | null = null;
    const places = nouns.map((noun) => ({ noun, after: seq }));
    while (places.length > 0) {
      await inOrganisation(store, organisation, async (tenant) => {
        upto ??= tenant.entered.seq;
        let room = rowsAtOnce;
        for (const place of Array.from(places)) {
          const { noun, after } = place;
          const { rows } = await sql<{ doc: unknown; number: number; seq: number }>`select doc, number, seq from records
            where organisation_id = ${organisation} and collection = ${noun} and seq > ${after} order by seq limit ${room}`.execute(
            tenant.tx,
          );
          for (const { record } of tenant.opened(noun, rows)) layer.put(noun, record as StoredRecord);
          if (rows.length === room) {
            place.after = rows.at(-1)?.seq ?? after;
            break;
          }
          places.shift();
          room -= rows.length;
        }
      });
      if (places.length > 0) await nextTurn();
    }
    // What was written while this was read is read again the next time.
    seq = upto ?? seq;
    revision += 1;
  }

  async function keep(tenant: Tenant, changes: Readonly<Record<string, unknown>>): Promise<void> {
    const gone = Object.keys(changes).filter((key) => changes[key] === null);
    const kept = Object.entries(changes).flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
    if (gone.length > 0)
      await sql`delete from remote_memory where organisation_id = ${organisation} and remote_id = ${remoteId}
        and key = any(${gone}::text[])`.execute(tenant.tx);
    if (kept.length > 0)
      await sql`insert into remote_memory (organisation_id, remote_id, key, value)
        select ${organisation}::uuid, ${remoteId}::uuid, x.key, x.value from jsonb_to_recordset(${JSON.stringify(kept, soundMember)}::jsonb) as x(key text, value jsonb)
        on conflict (organisation_id, remote_id, key) do update set value = excluded.value`.execute(tenant.tx);
  }

  /** After the transaction that kept it. */
  function remembered(changes: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(changes))
      if (value === null) memory.delete(key);
      else memory.set(key, value);
    revision += 1;
  }

  async function writing<T>(work: (tenant: Tenant) => Promise<T>): Promise<T> {
    await mayBegin();
    return inOrganisation(store, organisation, async (tenant) => {
      await mayWrite(tenant);
      return work(tenant);
    });
  }

  const by: Doer = { userId, role: 'admin', sight: wholeSight, clock };
  async function command<T>(work: (tx: Transaction) => T, memoryOf: (value: T) => Readonly<Record<string, unknown>>): Promise<T> {
    let changes: Readonly<Record<string, unknown>> = {};
    const value = await writing(async (tenant) => {
      const done = await runCommand(tenant, by, [], work);
      changes = memoryOf(done.value);
      await keep(tenant, changes);
      return done.value;
    });
    remembered(changes);
    await follow();
    return value;
  }

  await follow();
  await inOrganisation(store, organisation, async (tenant) => {
    const { rows } = await sql<{ key: string; value: unknown }>`select key, value from remote_memory
      where organisation_id = ${organisation} and remote_id = ${remoteId}`.execute(tenant.tx);
    for (const { key, value } of rows) memory.set(key, value);
  });

  return {
    book: {
      get: (noun, id) => layer.get(held(noun), id),
      all: <N extends NounName>(noun: N) => layer.all(held(noun)) as Iterable<Stored<RecordOf[N]>>,
      children: (noun, id) => layer.children(held(noun), id),
      receive: command,
    },
    memory: {
      read: () => memory,
      async remember(changes) {
        await writing((tenant) => keep(tenant, changes));
        remembered(changes);
      },
    },
    revision: () => revision,
    async change(_command, work) {
      await command(work, () => ({}));
      return null;
    },
  };
}

/** What was remembered of a system that is connected no more. */
export async function forgetMemory({ tx, organisation }: Tenant, remoteId: string): Promise<void> {
  await sql`delete from remote_memory where organisation_id = ${organisation} and remote_id = ${remoteId}`.execute(tx);
}
