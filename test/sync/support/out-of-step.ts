import { type RawBuilder, sql } from 'kysely';
import { keeperRole, tenantRole } from '../../../server/store/tables.ts';
import { inOrganisation } from '../../../server/store/tenant.ts';
import { copyFrom, headOf } from '../../../electron/domain/copies.ts';
import type { SyncTurn } from '../../../electron/domain/book.ts';
import { createTaking } from '../../../electron/sync/take-rows.ts';
import { newId } from '../../../shared/lib/ids.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Change } from '../../../shared/operations/operation.ts';
import type { SyncedRecord } from '../../../shared/sync/merge.ts';
import { type Replica, waits } from '../../../shared/sync/replica.ts';
import { formatStamp, newestStamp, parseStamp } from '../../../shared/sync/stamp.ts';
import type { SyncPart } from '../../../shared/sync/sync-part.ts';
import { type Checkpoint, syncCollections } from '../../../shared/sync/wire.ts';
import { say } from '../../../shared/words/say.ts';
import { backendOf } from '../../support/book-backend.ts';
import type { Seeded } from '../../support/seeded.ts';
import type { EngineLaptop } from './engine-laptop.ts';
import type { SyncServer } from './sync-server.ts';

/** What something goes wrong in: the laptop it goes wrong on, one that is well, and what was written and has to be there afterwards. */
export interface Sickbed {
  random: Seeded;
  sick: EngineLaptop;
  well: EngineLaptop;
  server: SyncServer;
  organisation: string;
  /** Values that somebody was told are saved, and that nobody took the place of. */
  written: { noun: NounName; id: string; field: string; value: string; by: EngineLaptop; countsAsSent: boolean }[];
  /** Somebody whose records the person of the sick laptop does not see; null where that one sees all. */
  stranger: string | null;
}

export async function ask<T = unknown>(laptop: EngineLaptop, method: string, input: object): Promise<T> {
  const answer = await backendOf(laptop.book).call(method, input);
  if (!answer.ok) throw new Error(`${method}: ${say(answer.error)}`);
  return answer.value as T; // what the contract says of this method
}

export const create = async (laptop: EngineLaptop, noun: NounName, fields: object): Promise<string> =>
  (await ask<{ record: { id: string } }>(laptop, `${noun}.create`, fields)).record.id;

/** Writes into the journal what no program of ours does: the fault stands in every copy of the book, and survives a restart. */
async function plant(
  { book: { book } }: EngineLaptop,
  remote: string,
  make: (turn: SyncTurn) => { changes?: Change[]; part: Omit<SyncPart, 'remote'> },
): Promise<void> {
  await book.runSync((turn) => {
    const { changes = [], part } = make(turn);
    const head = { id: newId(), actor: '', at: turn.now, stamp: turn.newestStamp ?? '0000000000000000-sync', command: 'sync.take' };
    return { value: null, operations: [{ ...head, kind: 'sync', group: null, target: null, changes, sync: { remote, ...part } }] };
  });
}

const remoteOf = ({ remotes }: EngineLaptop) => remotes.list()[0]?.kept.id ?? '';
const replicasOf = ({ book: { book } }: EngineLaptop, noun: NounName) =>
  [...book.all(noun)].flatMap(({ id }) => book.sync.replicaOf(noun, id) ?? []).filter((one) => one.base !== null && !waits(one));

/** A record of the laptop that is in step, live, and of this kind. */
function victim({ random, sick }: Sickbed, noun: NounName = 'clients', among?: ReadonlySet<string>): Replica & { base: SyncedRecord } {
  const all = replicasOf(sick, noun).filter(
    ({ mine }) => mine['deletedAt'] === null && mine['mergedInto'] === null && (among?.has(mine.id) ?? true),
  );
  const one = all[random.below(all.length)];
  if (one === undefined) throw new Error(`Nothing to damage among ${noun}`);
  return one as Replica & { base: SyncedRecord };
}

const anyNoun = ({ random }: Sickbed) => random.pick(['clients', 'contacts', 'tasks'] as const);
const valueOf = { clients: 'name', contacts: 'firstName', tasks: 'title' } as const;
let values = 0;
const newValue = () => `Value ${(values += 1)}`;

async function write(bed: Sickbed, on: EngineLaptop, id: string): Promise<void> {
  const value = newValue();
  await ask(on, 'clients.change', { id, changes: { phone: value } });
  // Whoever writes over their own has seen it; and what counted as sent cannot be told from what others saw and wrote over.
  bed.written = bed.written.filter((one) => one.id !== id || (one.by !== on && !one.countsAsSent));
  bed.written.push({ noun: 'clients', id, field: 'phone', value, by: on, countsAsSent: false });
}

/** The laptop's record and what it knows of the server, set to anything. */
function put(bed: Sickbed, noun: NounName, mine: SyncedRecord, base: SyncedRecord | 'same', seq: number): Promise<void> {
  return plant(bed.sick, remoteOf(bed.sick), (turn) => {
    const before = turn.get(noun, mine.id) as unknown as SyncedRecord | undefined; // a stored record has its stamps
    const { fields } = copyFrom(noun, mine);
    const { fields: old } = before === undefined ? { fields: {} } : copyFrom(noun, before);
    const after = { ...Object.fromEntries(Object.keys(old).map((field) => [field, mine[field] ?? null])), ...fields };
    const change = { collection: noun, id: mine.id, before: before === undefined ? null : old, after };
    return { changes: [change], part: { rows: [{ head: headOf(mine), base: base === 'same' ? base : copyFrom(noun, base), seq }] } };
  });
}

const withBase = (bed: Sickbed, noun: NounName, base: SyncedRecord, seq: number) =>
  plant(bed.sick, remoteOf(bed.sick), () => ({ part: { bases: [{ collection: noun, id: base.id, base: copyFrom(noun, base), seq }] } }));

/** Behind the server's back, as whoever has its database may do it. */
export async function onServer(
  { server, organisation }: Pick<Sickbed, 'server' | 'organisation'>,
  statement: RawBuilder<unknown>,
  role: string,
) {
  await server.engine.db.transaction().execute(async (tx) => {
    await sql`select set_config('role', ${role}, true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
    const { numAffectedRows } = await statement.execute(tx);
    if (numAffectedRows === 0n) throw new Error('Nothing was damaged');
  });
}

/** All that is on the server by now counts as seen here. */
async function skipAll({ sick, server, organisation }: Sickbed): Promise<void> {
  const seq = await inOrganisation(server.engine, organisation, async ({ entered }) => entered.seq);
  await plant(sick, remoteOf(sick), (turn) => ({
    part: {
      checkpoints: Object.fromEntries(
        syncCollections.map((one) => [one, { ...(turn.state.checkpoints.get(one) as Checkpoint), seq, from: seq }]),
      ),
    },
  }));
}

/** Ways to fall out of step. */
export const ways = {
  async 'a lost row'(bed: Sickbed) {
    const noun = anyNoun(bed);
    const replica = victim(bed, noun);
    await bed.sick.book.book.runSync((turn) => {
      const taking = createTaking(turn, remoteOf(bed.sick));
      taking.drop(noun, replica, { code: '', message: '' });
      return { value: null, operations: taking.operations() };
    });
  },
  async 'a number ahead'(bed: Sickbed) {
    const { base } = victim(bed);
    await withBase(bed, 'clients', base, 1_000_000);
  },
  async 'a number ahead, and news that count as old'(bed: Sickbed) {
    const { base } = victim(bed);
    await withBase(bed, 'clients', base, 1_000_000);
    await write(bed, bed.well, base.id);
    await bed.well.inStep();
    await bed.sick.sync();
  },
  async 'a changed base'(bed: Sickbed) {
    const noun = anyNoun(bed);
    const { base, seq } = victim(bed, noun);
    await withBase(bed, noun, { ...base, [valueOf[noun]]: 'Damaged' }, seq);
  },
  async 'a base with other stamps'(bed: Sickbed) {
    const noun = anyNoun(bed);
    const { base, seq } = victim(bed, noun);
    const stamp = bed.random.oneIn(2) ? formatStamp(1, 0, 'nobody') : formatStamp(parseStamp(newestStamp(base.stamps)).ms, 9, 'nobody');
    await withBase(bed, noun, { ...base, [valueOf[noun]]: 'Damaged', stamps: { ...base.stamps, [valueOf[noun]]: stamp } }, seq);
  },
  async 'no base'(bed: Sickbed) {
    const { base, seq } = victim(bed);
    await plant(bed.sick, remoteOf(bed.sick), () => ({ part: { bases: [{ collection: 'clients', id: base.id, base: null, seq }] } }));
  },
  async 'a changed record'(bed: Sickbed) {
    const noun = anyNoun(bed);
    const { mine, base, seq } = victim(bed, noun);
    await put(bed, noun, { ...mine, [valueOf[noun]]: 'Damaged' }, bed.random.oneIn(2) ? 'same' : base, seq);
  },
  async 'another author'(bed: Sickbed) {
    const { mine, seq } = victim(bed);
    await put(bed, 'clients', { ...mine, updatedBy: 'Somebody', createdAt: '2020-01-01T00:00:00.000Z' }, 'same', seq);
  },
  async 'a record that went back'(bed: Sickbed) {
    const { mine: old } = victim(bed);
    await write(bed, bed.well, old.id);
    await bed.well.inStep();
    await bed.sick.sync();
    const now = bed.sick.book.book.sync.replicaOf('clients', old.id) as Replica;
    await put(bed, 'clients', old, 'same', now.seq);
  },
  async 'a record that went back behind what is known of the server'(bed: Sickbed) {
    const { mine: old } = victim(bed);
    await write(bed, bed.well, old.id);
    await bed.well.inStep();
    await bed.sick.sync();
    const { mine, seq } = bed.sick.book.book.sync.replicaOf('clients', old.id) as Replica;
    await put(bed, 'clients', old, mine, seq);
  },
  async 'a change that counts as sent'(bed: Sickbed) {
    const { mine } = victim(bed);
    await write(bed, bed.sick, mine.id);
    for (const one of bed.written) if (one.id === mine.id) one.countsAsSent = true;
    const now = bed.sick.book.book.sync.replicaOf('clients', mine.id) as Replica;
    await withBase(bed, 'clients', now.mine, now.seq);
  },
  async 'something new that counts as sent'(bed: Sickbed) {
    const name = newValue();
    const id = await create(bed.sick, 'clients', { name });
    const { mine, seq } = bed.sick.book.book.sync.replicaOf('clients', id) as Replica;
    await withBase(bed, 'clients', mine, seq + 1);
    bed.written.push({ noun: 'clients', id, field: 'name', value: name, by: bed.sick, countsAsSent: true });
  },
  async 'a foreign row'(bed: Sickbed) {
    const { mine, seq } = victim(bed);
    const stamps = { '*': formatStamp(parseStamp(newestStamp(mine.stamps)).ms, 3, 'elsewhere') };
    await put(bed, 'clients', { ...mine, id: newId(), name: newValue(), email: null, accountCode: null, stamps }, 'same', seq);
  },
  async 'pages that were never taken in'(bed: Sickbed) {
    const { well, random, stranger } = bed;
    const ids = replicasOf(bed.sick, 'clients')
      .filter(({ mine }) => mine['deletedAt'] === null)
      .map(({ mine }) => mine.id);
    const [changed, removed, given] = [0, 1, 2].map((at) => ids[(random.below(1000) + at) % ids.length] as string);
    if (well.book.book.get('clients', changed as string)?.deletedAt === null) await write(bed, well, changed as string);
    if (random.oneIn(2)) await ask(well, 'clients.remove', { ids: [removed] });
    if (stranger !== null) await ask(well, 'clients.change', { id: given, changes: { accountOwnerId: stranger } }).catch(() => undefined);
    await create(well, 'clients', { name: newValue() });
    await well.inStep();
    await skipAll(bed);
    const over = new Set([removed, ...(stranger === null ? [] : [given])]);
    bed.written = bed.written.filter(({ id }) => !over.has(id));
  },
  async 'a row that the server lost'(bed: Sickbed) {
    const { mine } = victim(bed, 'tasks');
    await onServer(bed, sql`delete from records where organisation_id = ${bed.organisation} and id = ${mine.id}`, keeperRole);
  },
  async 'a row that was edited beside the protocol'(bed: Sickbed) {
    // One that the server has still: another way may have taken one from it.
    const there = await inOrganisation(bed.server.engine, bed.organisation, async ({ tx }) =>
      sql<{ id: string }>`select id from records where organisation_id = ${bed.organisation} and collection = 'tasks'`.execute(tx),
    );
    const { mine } = victim(bed, 'tasks', new Set(there.rows.map(({ id }) => id)));
    const edit = sql`update records set doc = jsonb_set(doc, '{title}', '"Edited"') where organisation_id = ${bed.organisation} and id = ${mine.id}`;
    await onServer(bed, edit, tenantRole);
  },
} satisfies Record<string, (bed: Sickbed) => Promise<void>>;

/** A damaged value beside a change that is not sent yet: the server refuses the one, and with it the other. */
export async function damageUnsent(bed: Sickbed): Promise<string> {
  const { mine, base, seq } = victim(bed);
  await put(bed, 'clients', { ...mine, name: 'Damaged' }, base, seq);
  await write(bed, bed.sick, mine.id);
  return mine.id;
}

export type Way = keyof typeof ways;
export const wayNames = Object.keys(ways) as [Way, ...Way[]];
