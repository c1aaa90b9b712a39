import { createHash } from 'node:crypto';
import type { NounName, RecordOf, Stored } from '../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import type { Transaction } from '../../../shared/operations/transaction.ts';
import { textOf } from '../../../shared/sync/field-state.ts';
import type { SyncedRecord } from '../../../shared/sync/merge.ts';
import {
  type Checkpoint,
  type PullAnswer,
  type PushAnswer,
  type ResyncReason,
  schemaHeader,
  type SyncCollection,
  syncCollections,
} from '../../../shared/sync/wire.ts';
import { purge, tombstoneDays } from '../../../server/store/purge.ts';
import { renewEpochs, rebuild } from '../../../server/store/rebuild.ts';
import { readRows, rowWriter, type Rows } from '../../../server/store/table-copy.ts';
import { schemas } from '../../../server/store/engine.ts';
import { inOrganisation } from '../../../server/store/tenant.ts';
import { seededFrom } from '../../support/seeded.ts';
import { createLaptop, type Effect } from './model-laptop.ts';
import type { Answer, TestServer } from './test-server.ts';

export interface WorldOptions {
  steps: number;
  /** Whether a backup may come back in the middle. All that is in the database comes back with it. */
  restores: boolean;
  /** Whether half a year may pass, after which deletions are forgotten. */
  purges: boolean;
}

export interface WorldResult {
  /** What is wrong at the end; null where nothing is. */
  problem: string | null;
  commands: number;
  requests: number;
  lost: number;
  conflicts: number;
  restores: number;
  purges: number;
  resyncs: Record<ResyncReason, number>;
  quarantined: number;
}

const canary = 'canary of another company';
const DAY = 86_400_000;

/**
 * A company's laptops, an integration and the real server for a while: requests and answers that are lost, late or come
 * twice, clocks that are wrong and turned, restarts, backups that come back, half a year that passes, people who get to see
 * more and less, versions that differ. Then all is well again, and what each of them has is held against what was done. The same seed plays the same again.
 */
export async function playWorld(server: TestServer, seed: number, { steps, restores, purges }: WorldOptions): Promise<WorldResult> {
  const random = seededFrom(seed);
  const name = `world-${seed}`;
  const company = await server.organisation(name);
  const other = await server.organisation(`${name}-other`);
  await server.run(other, (tx) => tx.create('clients', { name: canary }));
  const member = await server.member(company, `member@${name}.example.com`, 'manager');
  let team: string | null = null;
  const effects: Effect[] = [];
  const integrated = new Set<unknown>();
  /** What only the server had when a backup came back: whoever wrote it may not see it any more, and nobody else had pulled it yet. */
  const takenBack = new Set<Effect>();
  const figures: WorldResult = {
    problem: null,
    commands: 0,
    requests: 0,
    lost: 0,
    conflicts: 0,
    restores: 0,
    quarantined: 0,
    purges: 0,
    resyncs: { restored: 0, ahead: 0, too_old: 0, view_changed: 0 },
  };

  const seats = [
    { name: 'ada', somebody: company, version: '2' },
    // Of the version before the server's, and of the one after it.
    { name: 'bob', somebody: company, version: '1' },
    { name: 'cem', somebody: company, version: '3' },
    { name: 'mia', somebody: member, version: '2' },
  ].map((seat) => {
    const clock = { skew: random.pick([0, 0, 30_000, -3_600_000, DAY, -DAY]) };
    const laptop = createLaptop(
      seat.name,
      () => server.clock.now() + clock.skew,
      (effect) => effects.push(effect),
    );
    return { ...seat, clock, laptop, late: [] as (() => Promise<void> | void)[], batches: 0 };
  });
  type Seat = (typeof seats)[number];
  let backup: { rows: Rows[]; schema: string } | null = null;

  const ask = async (seat: Seat, path: string, body: unknown): Promise<Answer> => {
    figures.requests += 1;
    const send = () => server.ask(seat.somebody, 'POST', path, body, { headers: { [schemaHeader]: seat.version } });
    const answer = await send();
    if (answer.status !== 401) return answer;
    // The token has ended, or a restore has signed everybody out.
    seat.somebody = { ...seat.somebody, ...(await server.signIn(seat.somebody.email)) };
    return send();
  };

  /** What happens to a request on its way: it may not arrive, arrive again later, or its answer may be lost or late. */
  async function request(seat: Seat, path: string, body: object, isWell: boolean, take: (answer: Answer) => void): Promise<void> {
    const sent = structuredClone(body);
    if (!isWell && random.oneIn(8)) {
      figures.lost += 1;
      return;
    }
    if (!isWell && random.oneIn(6)) seat.late.push(async () => void (await ask(seat, path, sent)));
    const answer = await ask(seat, path, sent);
    if (answer.status === 410) {
      const reason = answer.body['reason'] as ResyncReason;
      figures.resyncs[reason] += 1;
      return seat.laptop.resync(reason);
    }
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    if (!isWell && random.below(10) < 3) {
      figures.lost += 1;
      return;
    }
    if (!isWell && random.oneIn(6)) seat.late.push(() => take(answer));
    else take(answer);
  }

  async function pull(seat: Seat, collection: SyncCollection, isWell: boolean): Promise<void> {
    for (let more = true; more; ) {
      const asked = seat.laptop.pullRequest(collection, isWell ? 500 : 1 + random.below(8));
      more = false;
      await request(seat, '/sync/pull', asked, isWell, ({ body }) => {
        const answer = body as unknown as PullAnswer;
        seat.laptop.pulled(collection, asked.checkpoint, answer);
        more = answer.more && (isWell || random.oneIn(2));
      });
    }
  }

  async function push(seat: Seat, isWell: boolean): Promise<void> {
    const { laptop } = seat;
    seat.batches += 1;
    const made = laptop.pushRequest(`${seat.name}-${seed}-${seat.batches}`, isWell ? 100 : 1 + random.below(20));
    if (made === null) return;
    const deletions = made.rows.filter(({ record }) => (record as Record<string, unknown>)['deletedAt'] !== null).length;
    // Whoever deleted so many on purpose has said so.
    const body = deletions > 5 ? { ...made, confirmedDeletions: deletions } : made;
    await request(seat, '/sync/push', body, isWell, (answer) => laptop.pushed(made, answer.body as unknown as PushAnswer));
  }

  function command({ laptop, version }: Seat, at: number): void {
    const one = <N extends 'clients' | 'contacts' | 'locations'>(of: N, isLive = true) => {
      const some = [...(laptop.layer.own[of] as Map<string, Stored<RecordOf[N]>>).values()].filter(
        ({ deletedAt, mergedInto }) => (deletedAt === null) === isLive && mergedInto === null,
      );
      return some[random.below(some.length)];
    };
    const says = `${laptop.name} ${at}`;
    const run = (work: (tx: Transaction) => unknown) => laptop.run('anything', work);
    const [client, contact] = [one('clients'), one('contacts')];
    switch (random.below(13)) {
      case 0:
      case 1:
        run((tx) =>
          tx.create('clients', {
            name: says,
            email: random.oneIn(4) ? 'same@example.com' : null,
            accountOwnerId: random.pick([null, null, member.userId, company.userId]),
          }),
        );
        break;
      case 2:
      case 3:
        if (client !== undefined) run((tx) => tx.change('clients', client.id, { [random.pick(['name', 'phone', 'notes'])]: says }));
        break;
      case 4:
        if (client !== undefined)
          run((tx) =>
            tx.change('clients', client.id, {
              tags: client.tags.length > 0 && random.oneIn(3) ? client.tags.slice(1) : [...client.tags, says],
              custom: { [`of ${laptop.name}`]: says },
            }),
          );
        break;
      case 5:
        if (client !== undefined) run((tx) => tx.create('contacts', { clientId: client.id, firstName: says, isPrimary: random.oneIn(2) }));
        break;
      case 6:
        if (contact !== undefined)
          run((tx) => tx.change('contacts', contact.id, random.oneIn(2) ? { firstName: says } : { isPrimary: true }));
        break;
      case 7:
        if (client !== undefined) run((tx) => tx.create('locations', { clientId: client.id, name: says, isPrimary: random.oneIn(2) }));
        break;
      case 8:
        if (client !== undefined) run((tx) => tx.create('opportunities', { clientId: client.id, name: says }));
        break;
      case 9:
        if (contact !== undefined)
          run((tx) => tx.create('activities', { kind: 'comment', about: 'contacts', aboutId: contact.id, body: says }));
        break;
      case 10: {
        const of = random.pick(['clients', 'contacts', 'locations']);
        const gone = one(of);
        if (gone !== undefined && random.oneIn(2)) run((tx) => tx.remove(of, gone.id));
        break;
      }
      case 11: {
        const gone = one('clients', false);
        if (gone !== undefined) run((tx) => tx.restore('clients', gone.id));
        break;
      }
      case 12:
        if (client !== undefined && version === '3') laptop.setLater('clients', client.id, 'mood', says);
        else if (client !== undefined && version !== '1')
          run((tx) => tx.change('clients', client.id, { accountOwnerId: random.pick([null, member.userId, company.userId]) }));
    }
    figures.commands += 1;
  }

  /** An integration changes what is there, through the server's own rules; it has seen what it changes. */
  async function integrate(at: number): Promise<void> {
    const known = [...new Set(seats.flatMap(({ laptop }) => [...laptop.layer.own.clients.keys()]))].toSorted();
    const id = known[random.below(Math.max(1, known.length))] ?? '';
    const there = () =>
      inOrganisation(server.engine, company.organisation, async (tenant) => (await tenant.get('clients', [id]))[0]?.record);
    const before = await there();
    if (before === undefined || before.deletedAt !== null) return;
    await server.run(company, (tx) => tx.change('clients', id, { phone: `integration ${at}` }));
    const stampOf = (record: typeof before | undefined) => record?.stamps['phone'] ?? record?.stamps['*'] ?? null;
    // What a backup takes back of it, no laptop has to have: only what it took the place of counts.
    integrated.add(`integration ${at}`);
    effects.push({
      key: `clients ${id}`,
      field: 'phone',
      value: `integration ${at}`,
      stamp: stampOf(await there()) ?? '',
      over: stampOf(before),
    });
  }

  async function bringBack(): Promise<void> {
    if (backup === null) return;
    const { rows, schema } = backup;
    await noteTakenBack();
    await server.engine.db.transaction().execute(async (tx) => {
      await rebuild(tx, schema, async () => {
        const write = await rowWriter(tx);
        for (const some of rows) await write(some);
      });
      await renewEpochs(tx);
    });
    figures.restores += 1;
    backup = null;
  }

  async function noteTakenBack(): Promise<void> {
    const onLaptops = seats.map(({ laptop }) => laptop.records());
    const onlyThere = effects.filter(({ key, field, value }) => !onLaptops.some((records) => isSame(records.get(key)?.[field], value)));
    for (const [of, some] of Map.groupBy(onlyThere, ({ key }) => key.split(' ')[0] as NounName)) {
      const ids = [...new Set(some.map(({ key }) => key.split(' ')[1] as string))];
      const there = await inOrganisation(server.engine, company.organisation, (tenant) => tenant.get(of, ids));
      const synced = (record: object) => record as unknown as SyncedRecord; // a stored record has its stamps
      const found = new Map(there.map(({ record }) => [`${of} ${record.id}`, synced(record)]));
      for (const effect of some) if (isSame(found.get(effect.key)?.[effect.field], effect.value)) takenBack.add(effect);
    }
  }

  /** Mia sees what is of her team: of Ada's clients now these, now none. A backup may have taken it back. */
  async function regroup(): Promise<void> {
    const known = team;
    const [there] = await inOrganisation(server.engine, company.organisation, (tenant) =>
      tenant.get('directory', known === null ? [] : [known]),
    );
    const isWithAda = there !== undefined && isTeamOf(company.userId)(there.record);
    const memberIds = isWithAda ? [member.userId] : [member.userId, company.userId];
    if (there !== undefined) await server.run(company, (tx) => tx.change('directory', there.record.id, { memberIds }));
    else team = await server.run(company, (tx) => tx.create('directory', { kind: 'team', name: 'North', memberIds }).id);
  }

  async function letHalfAYearPass(): Promise<void> {
    await purge(server.engine.db, server.clock.now());
    server.clock.moveTo(new Date(server.clock.now() + (tombstoneDays + 1) * DAY).toISOString());
    await purge(server.engine.db, server.clock.now());
    figures.purges += 1;
  }

  for (const seat of seats) for (const collection of syncCollections) await pull(seat, collection, true);
  for (let at = 0; at < steps; at += 1) {
    server.clock.moveTo(new Date(server.clock.now() + random.below(240_000)).toISOString());
    const seat = seats[random.below(seats.length)] as Seat;
    switch (random.below(13)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        try {
          command(seat, at);
        } catch (error) {
          // A rule refused it, as it does on any laptop: nothing was said to be saved.
          if (!(error instanceof ProblemError)) throw error;
        }
        break;
      case 5:
      case 6:
        await push(seat, false);
        break;
      case 7:
      case 8:
        for (const collection of syncCollections) if (random.oneIn(2)) await pull(seat, collection, false);
        break;
      case 9:
        if (seat.late.length > 0) await seat.late.splice(random.below(seat.late.length), 1)[0]?.();
        break;
      case 10:
        seat.laptop.restart();
        if (random.oneIn(3)) seat.clock.skew = random.pick([0, 3_600_000, -3_600_000, DAY, -DAY]);
        break;
      case 11:
        if (!restores || random.oneIn(2)) await integrate(at);
        else if (backup === null) {
          const schema = schemas().at(-1) as string;
          const rows: Rows[] = [];
          await server.engine.db.transaction().execute(async (tx) => {
            for await (const some of readRows(tx)) rows.push(some);
          });
          backup = { rows, schema };
        } else await bringBack();
        break;
      case 12:
        if (purges && random.oneIn(6)) await letHalfAYearPass();
        else if (random.oneIn(3)) await regroup();
    }
  }

  // The line is well again. What was on its way arrives, and each laptop goes on until nothing waits.
  for (const seat of seats) for (const late of seat.late.splice(0)) await late();
  for (let round = 0; round < 12; round += 1) {
    for (const seat of seats) {
      for (const collection of syncCollections) await pull(seat, collection, true);
      for (let pushes = 0; pushes < 20 && seat.laptop.waiting() > 0; pushes += 1) {
        await push(seat, true);
        for (const collection of syncCollections) await pull(seat, collection, true);
      }
    }
  }
  figures.conflicts = seats.reduce((sum, { laptop }) => sum + laptop.journal.length, 0);
  figures.quarantined = seats.reduce((sum, { laptop }) => sum + laptop.quarantine.length, 0);
  figures.problem = await whatIsWrong();
  return figures;

  async function whatIsWrong(): Promise<string | null> {
    const deleted = new Set(effects.filter(({ field, value }) => field === 'deletedAt' && value !== null).map(({ key }) => key));
    for (const { laptop } of seats) if (laptop.waiting() > 0) return `${laptop.name} has ${laptop.waiting()} things left to send`;
    const truth = new Map<string, SyncedRecord>();
    for (const seat of seats) {
      const fresh = new Map<string, unknown>();
      for (const collection of syncCollections) {
        for (let checkpoint: Checkpoint | null = null; ; ) {
          const answer = (await ask(seat, '/sync/pull', { collection, checkpoint, limit: 500 })).body as unknown as PullAnswer;
          for (const row of answer.rows) if ('record' in row) fresh.set(`${collection} ${row.record.id}`, row.record);
          checkpoint = answer.checkpoint;
          if (!answer.more) break;
        }
      }
      if (seat.somebody.userId === company.userId) for (const [key, record] of fresh) truth.set(key, record as SyncedRecord);
      // What the server has forgotten for good, a laptop may remember, also where somebody who was away brought the record back
      // since. An operation that touched something forgotten is for administrators then.
      const isForgotten = ({ id, changes }: Operation) =>
        changes.some((one) => {
          const key = `${one.collection} ${one.id}`;
          return !truth.has(key) || (figures.purges > 0 && !truth.has(`operations ${id}`) && deleted.has(key));
        });
      const mine: [string, unknown][] = [
        ...[...seat.laptop.records()].filter(([key, { deletedAt }]) => deletedAt === null || truth.has(key)),
        ...[...seat.laptop.operations.values()]
          .map(({ operation }): [string, Operation] => [`operations ${operation.id}`, operation])
          .filter(([key, operation]) => fresh.has(key) || !isForgotten(operation)),
      ];
      if (seat.somebody.userId === member.userId) {
        const shown = mine.find(([key]) => !key.startsWith('operations ') && !isForMia(truth, key));
        if (shown !== undefined) return `${seat.name} has ${shown[0]}, which is not for her`;
      }
      if (hashOf(mine) !== hashOf(fresh)) return `${seat.name} differs from the server: ${difference(new Map(mine), fresh)}`;
      if (textOf(mine).includes(canary)) return `${seat.name} has something of another company`;
    }
    return lostEffect(truth, deleted);
  }

  /** Whether what a record hangs on, and it itself, are hers, of somebody in her team, or nobody's. Written apart from the server's rules. */
  function isForMia(truth: ReadonlyMap<string, SyncedRecord>, key: string): boolean {
    const record = truth.get(key);
    if (record === undefined) return true;
    const owners = [record['accountOwnerId'], ...((record['assignedToIds'] ?? []) as unknown[])].filter((one) => typeof one === 'string');
    const isAdaInTeam = [...truth].some(
      ([of, one]) => of.startsWith('directory ') && isTeamOf(member.userId)(one) && isTeamOf(company.userId)(one),
    );
    const isHers =
      owners.every((one) => one === member.userId) || owners.includes(member.userId) || (isAdaInTeam && owners.includes(company.userId));
    const above = [
      ['clients', record['clientId']],
      [record['about'], record['aboutId']],
    ].filter(([, id]) => typeof id === 'string');
    return isHers && above.every(([of, id]) => isForMia(truth, `${String(of)} ${String(id)}`));
  }

  /** A saved value is there, or was replaced by somebody who had seen it, or stands in a journal or a quarantine. */
  function lostEffect(truth: ReadonlyMap<string, SyncedRecord>, deleted: ReadonlySet<string>): string | null {
    const own = new Map<string, Effect>();
    const alias = new Map<string, string>();
    for (const effect of effects) {
      // Stamped again: the same value under another stamp.
      if (effect.value === undefined) alias.set(`${effect.key} ${effect.field} ${effect.stamp}`, effect.over as string);
      else own.set(`${effect.key} ${effect.field} ${effect.stamp}`, effect);
    }
    const find = (key: string, field: string, stamp: string | null, depth = 0): Effect | undefined => {
      if (stamp === null || depth > 20) return undefined;
      const found = own.get(`${key} ${field} ${stamp}`);
      if (found !== undefined) return found;
      const before = alias.get(`${key} ${field} ${stamp}`) ?? alias.get(`${key} * ${stamp}`);
      return before === undefined ? undefined : find(key, field, before, depth + 1);
    };
    const told = new Set(
      seats.flatMap(({ laptop }) =>
        laptop.journal.flatMap(({ key, field, mine, theirs }) => [mine, theirs].map((value) => textOf([key, field, value]))),
      ),
    );
    const asideIn = (key: string, field: string, value: unknown) =>
      seats.some(({ laptop }) => laptop.quarantine.some((one) => one.key === key && isSame(one.record[field], value)));
    const isKept = (effect: Effect) => takenBack.has(effect) || isTold(effect);
    const isTold = ({ key, field, value }: Effect) =>
      isSame(truth.get(key)?.[field], value) || told.has(textOf([key, field, value])) || asideIn(key, field, value);
    // What was replaced by somebody who had seen it is as well off as what they wrote.
    const fine = new Set<Effect>();
    for (const effect of own.values())
      for (
        let at: Effect | undefined = isKept(effect) ? effect : undefined;
        at !== undefined && !fine.has(at);
        at = find(at.key, at.field, at.over)
      )
        fine.add(at);
    for (const effect of own.values()) {
      const { key, field, value } = effect;
      if (!watched.has(field) || value === null || integrated.has(value) || fine.has(effect)) continue;
      // Deleted, and forgotten after half a year.
      if (figures.purges > 0 && !truth.has(key) && deleted.has(key)) continue;
      return `"${String(value)}" of ${field} of ${key} is lost: it is ${JSON.stringify(truth.get(key)?.[field])} now`;
    }
    return null;
  }
}

/** Fields of one value that people write. What is primary, the server settles; lists are held to account entry by entry elsewhere. */
const watched = new Set(['name', 'phone', 'notes', 'firstName', 'body', 'mood']);

const hashOf = (all: Iterable<[string, unknown]>): string =>
  createHash('sha256')
    .update(textOf(Object.fromEntries(all)))
    .digest('hex');

function difference(mine: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): string {
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(key), theirs.get(key)] as (Record<string, unknown> | undefined)[];
    if (a === undefined || b === undefined) return `${key} is only ${a === undefined ? 'on the server' : 'on the laptop'}`;
    const field = [...new Set([...Object.keys(a), ...Object.keys(b)])].find((one) => !isSame(a[one], b[one]));
    if (field !== undefined) return `${key}, ${field}: ${JSON.stringify(a[field])} and ${JSON.stringify(b[field])}`;
  }
  return 'only in order';
}

const isTeamOf = (userId: string) => (entry: object) => {
  const { kind, memberIds, deletedAt } = entry as { kind?: unknown; memberIds?: string[]; deletedAt?: unknown };
  return kind === 'team' && deletedAt === null && memberIds?.includes(userId) === true;
};
