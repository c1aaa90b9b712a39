// Rules (docs/sync-protocol.md): S5, S15
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { newId } from '../../shared/lib/ids.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { type Checkpoint, pullAnswerSchema, type PulledRow, type PushedRow, type SyncCollection } from '../../shared/sync/wire.ts';
import { seededFrom, seedsOf } from '../support/seeded.ts';
import { deviceOf, idsOf, recordsOf, row, type SyncDevice } from './support/sync-device.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

let companies = 0;
/** Worlds of each kind on each database. A long run: FIELDBOOK_SEEN=250 FIELDBOOK_SEEDS_FROM=1000 npm test -- --only server sync-seen */
const worlds = Number(process.env['FIELDBOOK_SEEN'] ?? 3);
const collections = [
  'clients',
  'contacts',
  'locations',
  'locationContacts',
  'opportunities',
  'cases',
  'tasks',
  'invoices',
  'activities',
  'operations',
] as const;

describe.each(engines)('What comes to whom on %s', (engine) => {
  let server: TestServer;
  let company: Somebody;
  let ada: SyncDevice;
  let tom: SyncDevice;
  let tim: SyncDevice;
  let mia: SyncDevice;
  let epoch: string | undefined;

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncSeen');
  });
  afterAll(() => server.close());
  /** A company of its own. */
  async function begin(): Promise<void> {
    companies += 1;
    epoch = undefined;
    const name = `seen-${engine}-${companies}`;
    company = await server.organisation(name);
    ada = deviceOf(server, company, 'ada');
    [tom, tim] = [
      deviceOf(server, await server.member(company, `tom@${name}.example.com`, 'member'), 'tom'),
      deviceOf(server, await server.member(company, `tim@${name}.example.com`, 'member'), 'tim'),
    ];
    mia = deviceOf(server, await server.member(company, `mia@${name}.example.com`, 'manager'), 'mia');
  }
  beforeEach(begin);

  /** A client with something of everything on it. */
  async function put(owner: SyncDevice | null): Promise<{ client: SyncedRecord; all: [SyncCollection, { id: string }][] }> {
    const client = ada.make('clients', { name: 'Depot', ...(owner !== null && { accountOwnerId: owner.somebody.userId }) });
    const contact = ada.make('contacts', { clientId: client.id, firstName: 'Ida' });
    const location = ada.make('locations', { clientId: client.id, name: 'Yard', isPrimary: true });
    const opportunity = ada.make('opportunities', { clientId: client.id, name: 'Roof' });
    const task = ada.make('tasks', { opportunityId: opportunity.id, title: 'Call' });
    const about = (of: NounName, { id }: SyncedRecord) => ada.make('activities', { kind: 'comment', about: of, aboutId: id, body: 'Said' });
    const all: [SyncCollection, { id: string }][] = [
      ['clients', client],
      ['contacts', contact],
      ['locations', location],
      ['locationContacts', ada.make('locationContacts', { locationId: location.id, contactId: contact.id })],
      ['opportunities', opportunity],
      ['cases', ada.make('cases', { clientId: client.id, name: 'Leak' })],
      ['tasks', task],
      ['invoices', ada.make('invoices', { clientId: client.id })],
      ['activities', about('clients', client)],
      ['activities', about('contacts', contact)],
      ['activities', about('tasks', task)],
    ];
    const operation = ada.operation(
      1,
      [client, contact].map(({ id }, at) => ({
        collection: at === 0 ? 'clients' : 'contacts',
        id,
        before: null,
        after: { name: 'Depot' },
      })),
    );
    all.push(['operations', operation]);
    await ada.put(...all.map(([of, record]) => row(of, record)));
    return { client, all };
  }

  /** What a device holds that pulls on from where it was, and keeps to what it is told. */
  function holding(device: SyncDevice, pulled: readonly [SyncCollection, ...SyncCollection[]] = collections) {
    const held = new Map<string, unknown>();
    const checkpoints = new Map<SyncCollection, Checkpoint>();
    const told: string[] = [];
    const take = (collection: SyncCollection, rows: readonly PulledRow[]) => {
      for (const one of rows) {
        if ('gone' in one) held.delete(`${collection} ${one.gone}`);
        else held.set(`${collection} ${one.record.id}`, one.record);
      }
    };
    return {
      held,
      told,
      /** So many pages of one collection: the rest is left for later, as where a connection ends. */
      async pullSome(collection: SyncCollection, limit: number, pages: number): Promise<void> {
        for (let page = 0; page < pages; page += 1) {
          const answer = await device.tryPull(collection, checkpoints.get(collection) ?? null, limit);
          if (answer.status === 410) return;
          const { rows, checkpoint } = pullAnswerSchema.parse(answer.body);
          take(collection, rows);
          checkpoints.set(collection, checkpoint);
        }
      },
      async pull(limit = 3): Promise<string[]> {
        for (const collection of pulled)
          for (let isMore = true; isMore; ) {
            const answer = await device.tryPull(collection, checkpoints.get(collection) ?? null, limit);
            if (answer.status === 410) {
              told.push(String(answer.body['reason']));
              // What is not there any more after all was pulled anew is not on the device either.
              checkpoints.clear();
              held.clear();
              return this.pull(limit);
            }
            expect(answer).toMatchObject({ status: 200 });
            const { rows, checkpoint, more } = pullAnswerSchema.parse(answer.body);
            take(collection, rows);
            checkpoints.set(collection, checkpoint);
            isMore = more;
          }
        return [...held.keys()].toSorted();
      },
    };
  }
  /** Pushes what has to be fine, without asking first where the server stands: a world asks that of one server some seventy times. */
  async function putQuickly(one: PushedRow): Promise<void> {
    epoch ??= await ada.epoch();
    expect(await ada.push([one], { epoch, seen: 0 })).toMatchObject([{ id: one.record.id, verdict: 'ok' }]);
  }
  const keys = (all: readonly [SyncCollection, { id: string }][]) => all.map(([of, { id }]) => `${of} ${id}`).toSorted();

  it('is all of a client that is theirs or nobody’s, down to what hangs on what hangs on it, and nothing of another’s', async () => {
    const [ofTom, ofNobody] = [await put(tom), await put(null)];
    expect(await holding(ada).pull()).toEqual(keys([...ofTom.all, ...ofNobody.all]));
    expect(await holding(tom).pull()).toEqual(keys([...ofTom.all, ...ofNobody.all]));
    expect(await holding(tim).pull()).toEqual(keys(ofNobody.all));
    expect(await holding(mia).pull()).toEqual(keys(ofNobody.all));
    // Pages are filled also where most is somebody else's: a short page means the end.
    for (let count = 0; count < 3; count += 1) await put(tom);
    const last = await put(null);
    expect(idsOf((await tim.pull('clients', null, 2)).rows)).toEqual([ofNobody.client.id, last.client.id]);
  });

  it('goes with a client that is given to somebody else, and comes with it', async () => {
    const { client, all } = await put(tom);
    const [toms, tims, adas] = [holding(tom), holding(tim), holding(ada)];
    for (const one of [toms, tims, adas]) await one.pull();
    const given = ada.change('clients', client, { accountOwnerId: tim.somebody.userId });
    await ada.put(row('clients', given, client));
    expect(await toms.pull()).toEqual([]);
    expect(await tims.pull()).toEqual(keys(all));
    expect(await adas.pull()).toEqual(keys(all));
    expect(tims.held.get(`clients ${client.id}`)).toEqual(given);
    // A device that never had it is not told of it again, whatever happens to it.
    const renamed = ada.change('clients', given, { name: 'Renamed' });
    await ada.put(row('clients', renamed, given));
    const { rows } = await tom.pullAll('clients');
    expect(rows).toEqual([]);

    // Back again, by an integration this time.
    await server.run(company, (tx) => tx.change('clients', client.id, { accountOwnerId: tom.somebody.userId }));
    expect(await tims.pull()).toEqual([]);
    expect(await toms.pull()).toEqual(keys(all));
    expect([...toms.told, ...tims.told]).toEqual([]);
  });

  it('goes with a contact that moves to another client, and with a case that is given to somebody', async () => {
    const [here, there] = [await put(tom), await put(tim)];
    const [toms, tims] = [holding(tom), holding(tim)];
    for (const one of [toms, tims]) await one.pull();
    const [, contact] = here.all.find(([of]) => of === 'contacts') as [SyncCollection, SyncedRecord];
    await ada.put(row('contacts', ada.change('contacts', contact, { clientId: there.client.id }), contact));
    const comment = here.all.find(([of, one]) => of === 'activities' && (one as SyncedRecord)['aboutId'] === contact.id);
    const moved = keys([['contacts', contact], comment as [SyncCollection, SyncedRecord]]);
    expect(await tims.pull()).toEqual([...keys(there.all), ...moved].toSorted());
    // The role at the location names a contact that Tom does not see any more; the operation touched it.
    const [role, operation] = ['locationContacts', 'operations'].map((of) => here.all.find(([one]) => one === of)) as [
      SyncCollection,
      { id: string },
    ][];
    const lost = [...moved, ...keys([role as [SyncCollection, { id: string }], operation as [SyncCollection, { id: string }]])];
    expect(await toms.pull()).toEqual(keys(here.all).filter((key) => !lost.includes(key)));

    const [, leak] = here.all.find(([of]) => of === 'cases') as [SyncCollection, SyncedRecord];
    await ada.put(row('cases', ada.change('cases', leak, { assignedToIds: [ada.somebody.userId] }), leak));
    expect(await toms.pull()).not.toContain(`cases ${leak.id}`);
  });

  it('is seen by managers with their teams, and begins anew when these change', async () => {
    const { all } = await put(tom);
    const mias = holding(mia);
    expect(await mias.pull()).toEqual([]);
    const team = ada.make('directory', { kind: 'team', name: 'North', memberIds: [mia.somebody.userId, tom.somebody.userId] });
    await ada.put(row('directory', team));
    expect(await mias.pull()).toEqual(keys(all));
    expect(mias.told).toEqual(['view_changed']);
    const left = ada.change('directory', team, { memberIds: [mia.somebody.userId] });
    await ada.put(row('directory', left, team));
    expect(await mias.pull()).toEqual([]);
    expect(mias.told).toEqual(['view_changed', 'view_changed']);
    // What changes in a team that is not theirs is nothing to them.
    await ada.put(row('directory', ada.make('directory', { kind: 'team', name: 'South', memberIds: [tom.somebody.userId] })));
    const toms = holding(tom);
    await toms.pull();
    await ada.put(row('directory', ada.change('directory', left, { memberIds: [mia.somebody.userId, tom.somebody.userId] }), left));
    await toms.pull();
    expect(toms.told).toEqual([]);
  });

  it('is what was there before what it hangs on, once that is there', async () => {
    const client = ada.make('clients', { name: 'Late', accountOwnerId: tom.somebody.userId });
    const contact = tim.make('contacts', { clientId: client.id, firstName: 'Early' });
    const operation = tim.operation(1, [{ collection: 'clients', id: client.id, before: null, after: {} }]);
    await tim.put(row('operations', operation), row('contacts', contact));
    const [toms, tims] = [holding(tom), holding(tim)];
    expect(await tims.pull()).toEqual(keys([['contacts', contact]]));
    await toms.pull();
    await ada.put(row('clients', client));
    expect(await tims.pull()).toEqual([]);
    expect(await toms.pull()).toEqual(
      keys([
        ['clients', client],
        ['contacts', contact],
        ['operations', operation],
      ]),
    );
  });

  it('is all that a member may write to: neither others’ records, nor onto others’ clients, nor people and teams', async () => {
    const [ofTim, ofTom] = [await put(tim), await put(tom)];
    const changed = tom.change('clients', ofTim.client, { name: 'Mine' });
    expect(await tom.push([row('clients', changed, ofTim.client)])).toMatchObject([{ verdict: 'rejected', code: 'not_visible' }]);
    // Neither does a conflict show what is there.
    expect(await tom.push([row('clients', changed)])).toMatchObject([{ verdict: 'rejected', code: 'not_visible' }]);
    const onto = tom.make('contacts', { clientId: ofTim.client.id, firstName: 'Spy' });
    const note = tom.make('activities', { kind: 'comment', about: 'clients', aboutId: ofTim.client.id, body: 'Spy' });
    const fine = tom.make('contacts', { clientId: ofTom.client.id, firstName: 'Fine' });
    expect((await tom.push([row('contacts', onto), row('activities', note), row('contacts', fine)])).map(({ verdict }) => verdict)).toEqual(
      ['rejected', 'rejected', 'ok'],
    );
    expect(await tom.push([row('contacts', tom.change('contacts', fine, { clientId: ofTim.client.id }), fine)])).toMatchObject([
      { code: 'not_visible' },
    ]);
    // To give a client away is to write it once more.
    const given = tom.change('clients', ofTom.client, { accountOwnerId: tim.somebody.userId });
    await tom.put(row('clients', given, ofTom.client));
    // Its answer may have been lost: the same again is fine.
    await tom.put(row('clients', given, ofTom.client));
    expect(await tom.push([row('clients', tom.change('clients', given, { name: 'Too late' }), given)])).toMatchObject([
      { code: 'not_visible' },
    ]);

    const team = { kind: 'team', name: 'Everybody', memberIds: [mia.somebody.userId, tom.somebody.userId, tim.somebody.userId] };
    for (const device of [tom, mia])
      expect(await device.push([row('directory', device.make('directory', team))])).toMatchObject([
        { verdict: 'rejected', code: 'forbidden' },
      ]);
    const [entry] = recordsOf((await tom.pullAll('directory')).rows).filter(({ id }) => id === tom.somebody.userId) as [SyncedRecord];
    expect(await tom.push([row('directory', tom.change('directory', entry, { role: 'admin' }), entry)])).toMatchObject([
      { code: 'forbidden' },
    ]);
  });

  it('is told again to whoever sends again what they do not see, having begun anew since', async () => {
    const client = tom.make('clients', { name: 'Depot', accountOwnerId: tim.somebody.userId });
    const operation = tom.operation(1, [{ collection: 'clients', id: client.id, before: null, after: { name: 'Depot' } }]);
    const all = [row('clients', client), row('operations', operation)];
    const gone = async (from: { clients: Checkpoint; operations: Checkpoint }) => [
      ...idsOf((await tom.pullAll('clients', from.clients)).rows),
      ...idsOf((await tom.pullAll('operations', from.operations)).rows),
    ];
    const begin = async () => ({
      clients: (await tom.pullAll('clients')).checkpoint,
      operations: (await tom.pullAll('operations')).checkpoint,
    });
    const first = await begin();
    await tom.put(...all);
    expect(await gone(first)).toEqual([`gone ${client.id}`, `gone ${operation.id}`]);
    // The answer got lost, and their device began anew: what it has does not come, and still waits to be sent.
    const anew = await begin();
    await tom.put(...all);
    expect(await gone(anew)).toEqual([`gone ${client.id}`, `gone ${operation.id}`]);
    // Everybody else has it as it was.
    expect(recordsOf((await tim.pullAll('clients')).rows)).toMatchObject([{ id: client.id, name: 'Depot' }]);
    expect(idsOf((await tim.pullAll('operations')).rows)).toEqual([operation.id]);
  });

  it('goes also where it was changed once more, further on than the page that is being pulled', async () => {
    const given = (copy: SyncedRecord, to: SyncDevice) => ada.change('clients', copy, { accountOwnerId: to.somebody.userId });
    for (const pages of [0, 1]) {
      const { client } = await put(tom);
      const toms = holding(tom);
      await toms.pull();
      const tims = given(client, tim);
      await ada.put(row('clients', tims, client));
      await put(null);
      // A page may have ended in the midst before the last change, or be asked for after it.
      await toms.pullSome('clients', 1, pages);
      const between = ada.make('clients', { name: 'Between' });
      await ada.put(row('clients', between));
      await ada.put(row('clients', ada.change('clients', tims, { name: 'Renamed' }), tims));
      expect(await toms.pull(1)).toEqual(await holding(tom).pull(50));
      expect(toms.held.has(`clients ${client.id}`)).toBe(false);
    }
  });

  it('is told of what hung on a client before an integration made it, with an id that it chose', async () => {
    const { organisation } = company;
    const id = newId();
    const contact = tim.make('contacts', { clientId: id, firstName: 'Early' });
    await tim.put(row('contacts', contact));
    const tims = holding(tim);
    expect(await tims.pull()).toEqual(keys([['contacts', contact]]));
    const made = await server.ask(
      company,
      'POST',
      `/api/v1.0/organisation/${organisation}/clients/create/`,
      { unique_id: id, name: 'Late' },
      { headers: basicOf(company) },
    );
    expect(made.status).toBe(201);
    await server.run(company, (tx) => tx.change('clients', id, { accountOwnerId: tom.somebody.userId }));
    expect(await tims.pull()).toEqual(await holding(tim).pull());
  });

  it('is held rightly by every device, also where pages end amid changes of owners, parents, names and teams', async () => {
    for (const seed of seedsOf(`who sees what amid pages on ${engine}`, worlds)) {
      const random = seededFrom(seed);
      const devices = [ada, tom, tim, mia] as const;
      // Of the rest this world has nothing.
      const pulled = ['clients', 'contacts', 'cases', 'tasks', 'opportunities'] as const;
      const holders = devices.map((device) => holding(device, pulled));
      const copies = new Map<string, { of: NounName; copy: SyncedRecord }>();
      let team: SyncedRecord | null = null;
      const people = [tom, tim, ada].map(({ somebody }) => somebody.userId) as [string, ...string[]];
      const some = () => people.filter(() => random.oneIn(2));
      const keep = async (of: NounName, copy: SyncedRecord) => {
        await putQuickly(row(of, copy, copies.get(copy.id)?.copy ?? null));
        copies.set(copy.id, { of, copy });
      };
      const one = (of: NounName) => random.pick([undefined, ...[...copies.values()].filter((each) => each.of === of)])?.copy;
      const parents = () => ({ clientId: one('clients')?.id ?? first.id });
      const first = ada.make('clients', { name: 'First' });
      await keep('clients', first);
      type Fields = Record<string, unknown>;
      const either = (...all: [Fields, ...Fields[]]) => random.pick(all);
      const makes: (() => Promise<void>)[] = [
        () => keep('clients', ada.make('clients', { name: 'Client', accountOwnerId: random.pick([null, ...people]) })),
        () => keep('contacts', ada.make('contacts', { ...either(parents(), {}), firstName: 'Contact' })),
        () => keep('cases', ada.make('cases', { ...parents(), name: 'Case', assignedToIds: some() })),
        () => keep('tasks', ada.make('tasks', { title: 'Task', opportunityId: one('opportunities')?.id ?? null, assignedToIds: some() })),
        () => keep('opportunities', ada.make('opportunities', { ...parents(), name: 'Roof', assignedToIds: some() })),
      ];
      const changes: Partial<Record<NounName, () => Fields>> = {
        clients: () => either({ name: 'Renamed' }, { accountOwnerId: random.pick([null, ...people]) }),
        contacts: () => either({ firstName: 'Renamed' }, parents(), { clientId: null }),
        cases: () => either({ name: 'Renamed' }, { assignedToIds: some() }, parents()),
        tasks: () => either({ title: 'Renamed' }, { opportunityId: one('opportunities')?.id ?? null }),
        opportunities: () => either({ name: 'Renamed' }, { assignedToIds: some() }, parents()),
      };
      for (let step = 0; step < 50; step += 1) {
        const changed = random.pick([undefined, ...copies.values()]);
        const change = changed === undefined ? undefined : changes[changed.of];
        if (random.oneIn(12)) {
          const memberIds = [mia.somebody.userId, ...some()];
          const next: SyncedRecord =
            team === null
              ? ada.make('directory', { kind: 'team', name: 'North', memberIds })
              : ada.change('directory', team, { memberIds });
          await putQuickly(row('directory', next, team));
          team = next;
        } else if (changed === undefined || change === undefined || random.oneIn(3)) await random.pick(makes as [() => Promise<void>])();
        else await keep(changed.of, ada.change(changed.of, changed.copy, change()));
        for (const holder of holders)
          if (random.oneIn(3)) await holder.pullSome(random.pick(pulled), random.pick([1, 2]), random.pick([1, 2]));
          else if (random.oneIn(8)) await holder.pull(random.pick([2, 50, 50]));
      }
      for (const [at, holder] of holders.entries()) {
        const fresh = holding(devices[at] as SyncDevice, pulled);
        expect(await holder.pull(random.pick([2, 7])), `seed ${seed}, ${devices[at]?.name}`).toEqual(await fresh.pull(1000));
        expect(Object.fromEntries(holder.held), `seed ${seed}, ${devices[at]?.name}`).toEqual(Object.fromEntries(fresh.held));
      }
      await begin();
    }
  });

  it('is held rightly by every device after any sequence of changes', async () => {
    for (const seed of seedsOf(`who sees what on ${engine}`, worlds)) {
      const random = seededFrom(seed);
      const devices = [ada, tom, tim, mia] as const;
      // Of the rest this world has nothing.
      const pulled = ['clients', 'contacts', 'opportunities', 'activities', 'operations'] as const;
      const holders = devices.map((device) => holding(device, pulled));
      const records = new Map<string, { of: NounName; copy: SyncedRecord }>();
      const operations: Operation[] = [];
      const ownersOf = () => random.pick([null, tom.somebody.userId, tim.somebody.userId, ada.somebody.userId]);
      const keep = async (of: NounName, copy: SyncedRecord) => {
        await putQuickly(row(of, copy, records.get(copy.id)?.copy ?? null));
        records.set(copy.id, { of, copy });
      };
      const one = (of: NounName) => {
        const some = [...records.values()].filter((each) => each.of === of);
        return some[random.below(Math.max(1, some.length))]?.copy;
      };
      for (let step = 0; step < 40; step += 1) {
        const [client, contact, entry] = [one('clients'), one('contacts'), one('opportunities')];
        switch (random.below(8)) {
          case 0:
            await keep('clients', ada.make('clients', { name: `Client ${step}`, accountOwnerId: ownersOf() }));
            break;
          case 1:
            if (client !== undefined) await keep('clients', ada.change('clients', client, { accountOwnerId: ownersOf() }));
            break;
          case 2:
            await keep('contacts', ada.make('contacts', { clientId: client?.id ?? null, firstName: `Contact ${step}` }));
            break;
          case 3:
            if (contact !== undefined)
              await keep('contacts', ada.change('contacts', contact, { clientId: random.oneIn(3) ? null : (client?.id ?? null) }));
            break;
          case 4:
            if (client !== undefined)
              await keep(
                'opportunities',
                ada.make('opportunities', {
                  clientId: client.id,
                  name: `Roof ${step}`,
                  assignedToIds: random.oneIn(2) ? [] : [tom.somebody.userId],
                }),
              );
            break;
          case 5:
            if (entry !== undefined)
              await keep(
                'opportunities',
                ada.change('opportunities', entry, { assignedToIds: random.oneIn(2) ? [] : [tim.somebody.userId] }),
              );
            break;
          case 6: {
            const [about, on] =
              entry !== undefined && random.oneIn(2) ? (['opportunities', entry] as const) : (['contacts', contact] as const);
            if (on !== undefined)
              await keep('activities', ada.make('activities', { kind: 'comment', about, aboutId: on.id, body: `Said ${step}` }));
            break;
          }
          case 7: {
            const some = [...records.values()].filter(() => random.oneIn(3)).slice(0, 3);
            const operation = ada.operation(
              step + 1,
              some.map(({ of, copy }) => ({ collection: of, id: copy.id, before: {}, after: {} })),
            );
            operations.push(operation);
            await putQuickly(row('operations', operation));
          }
        }
        for (const holder of holders) if (random.oneIn(8)) await holder.pull(random.pick([2, 50, 50]));
      }
      for (const [at, holder] of holders.entries()) {
        const held = await holder.pull(random.pick([2, 7]));
        // What a device has that begins at the beginning now.
        expect(held, `seed ${seed}, ${devices[at]?.name}`).toEqual(await holding(devices[at] as SyncDevice, pulled).pull(1000));
        const circle = new Set([devices[at]?.somebody.userId]);
        const sees = (id: string | null | undefined): boolean => {
          const found = id === null || id === undefined ? undefined : records.get(id);
          if (found === undefined || at === 0) return true;
          const { copy } = found;
          const owners = [copy['accountOwnerId'], ...((copy['assignedToIds'] as string[] | undefined) ?? [])].filter(
            (owner) => typeof owner === 'string',
          );
          const isOwn = owners.length === 0 || owners.some((owner) => circle.has(owner as string));
          return isOwn && sees(copy['clientId'] as string | null) && sees(copy['aboutId'] as string | undefined);
        };
        const expected = [
          ...[...records.values()].filter(({ copy }) => sees(copy.id)).map(({ of, copy }) => `${of} ${copy.id}`),
          ...operations.filter(({ changes }) => changes.every(({ id }) => sees(id))).map(({ id }) => `operations ${id}`),
        ];
        expect(held, `seed ${seed}, ${devices[at]?.name}`).toEqual(expected.toSorted());
      }
      await begin();
    }
  });
});
