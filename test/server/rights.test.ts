import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dialect, type Endpoint, pathTo } from '../../shared/dialects/dialect.ts';
import { priceNumber } from '../../shared/dialects/programs.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import type { Verdict } from '../../shared/sync/wire.ts';
import { renewEpochs } from '../../server/store/rebuild.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { dialects } from '../unit/shared/dialects/shapes.ts';
import { deviceOf, recordsOf, row, type SyncDevice } from './support/sync-device.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Fields = Record<string, unknown>;
type May = 'nothing' | 'read' | 'change' | 'delete';

/**
 * What was decided, noun by noun: a noun that is not here does not compile. The record is an administrator's, on a client of the
 * member's; the manager has the member in a team; the colleague is a member who does not see that client.
 */
const decided: Record<NounName, { member: May; manager: May; colleague: May }> = {
  clients: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  contacts: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  locations: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  opportunities: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  cases: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  tasks: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  invoices: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  locationContacts: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  locationItemPrices: { member: 'delete', manager: 'delete', colleague: 'nothing' },
  // What the whole company has is changed by everybody and taken away by managers.
  itemPrices: { member: 'change', manager: 'delete', colleague: 'change' },
  ownFields: { member: 'change', manager: 'delete', colleague: 'change' },
  // What somebody wrote is theirs, and people and teams are the administrators'.
  activities: { member: 'read', manager: 'read', colleague: 'nothing' },
  directory: { member: 'read', manager: 'read', colleague: 'read' },
};
const steps: readonly May[] = ['nothing', 'read', 'change', 'delete'];
const allows = (may: May, step: May) => steps.indexOf(may) >= steps.indexOf(step);

let made = 0;
/** A record of each noun, and something in it that can be changed. */
const examples: Record<
  NounName,
  { fields: (on: { client: string; location: string; contact: string; item: string }) => Fields; change: Fields }
> = {
  clients: { fields: () => ({ name: 'Depot' }), change: { phone: '555' } },
  contacts: { fields: ({ client }) => ({ clientId: client, firstName: 'Ida' }), change: { lastName: 'Berg' } },
  locations: { fields: ({ client }) => ({ clientId: client, name: 'Gate' }), change: { name: 'Yard' } },
  opportunities: { fields: ({ client }) => ({ clientId: client, name: 'Roof' }), change: { name: 'Roof 2' } },
  cases: { fields: ({ client }) => ({ clientId: client, name: 'Leak' }), change: { description: 'Wet' } },
  tasks: { fields: ({ client }) => ({ clientId: client, title: 'Call' }), change: { title: 'Call again' } },
  invoices: { fields: ({ client }) => ({ clientId: client }), change: { notes: 'Thank you' } },
  directory: { fields: () => ({ kind: 'team', name: `Team ${made}` }), change: { description: 'All of us' } },
  itemPrices: { fields: () => ({ invoiceItem: 'Cleaning', itemCode: `C-${made}` }), change: { defaultPrice: '2.00' } },
  ownFields: { fields: () => ({ noun: 'clients', label: `Own ${made}` }), change: { isArchived: true } },
  locationContacts: { fields: ({ location, contact }) => ({ locationId: location, contactId: contact }), change: { title: 'Head' } },
  locationItemPrices: { fields: ({ location, item }) => ({ locationId: location, itemPriceId: item }), change: { customPrice: '3.00' } },
  activities: {
    fields: ({ client }) => ({ kind: 'comment', about: 'clients', aboutId: client, body: 'Said' }),
    change: { body: 'Said otherwise' },
  },
};

/** A body that changes nothing much: only who asks can be why it is refused. */
const bodyOf = (dialect: Dialect, endpoint: Endpoint): Fields => {
  if (dialect.name === 'casework') return { client: { name: 'Depot' } };
  if (endpoint.resource === 'comments') return { comment: 'Said otherwise' };
  return dialect.resources.find(({ name }) => name === endpoint.resource)?.of === 'clients' ? { name: 'Depot' } : {};
};

describe.each(engines)('Rights on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let eve: Somebody;
  const roles = {} as Record<'member' | 'manager' | 'colleague', Somebody>;

  beforeAll(async () => {
    server = await startTestServer(engine, 'rights', { recipientsPerHour: 5 });
    ada = await server.organisation(`rights-${engine}`);
    eve = await server.organisation(`rights-other-${engine}`);
    const join = (name: string, role: 'member' | 'manager') => server.member(ada, `${name}@rights-${engine}.example.com`, role);
    roles.member = await join('tom', 'member');
    roles.manager = await join('mia', 'manager');
    roles.colleague = await join('tim', 'member');
    const memberIds = [roles.member.userId, roles.manager.userId];
    await server.run(ada, (tx) => tx.create('directory', { kind: 'team', name: 'North', memberIds }));
  });
  afterAll(() => server.close());

  /** A record of the noun on a client of the member's, made by the administrator. */
  const make = (of: NounName): Promise<{ id: string; clientId: string }> => {
    // Work on records may be done more than once, so it counts nothing itself.
    made += 1;
    return server.run(ada, (tx) => {
      const client = tx.create('clients', { name: 'Depot', accountOwnerId: roles.member.userId });
      const location = tx.create('locations', { clientId: client.id, name: 'Yard' });
      const contact = tx.create('contacts', { clientId: client.id, firstName: 'Ida' });
      const item = tx.create('itemPrices', { invoiceItem: 'Cleaning', itemCode: `I-${made}` });
      if (of === 'clients') return { id: client.id, clientId: client.id };
      const fields = examples[of].fields({ client: client.id, location: location.id, contact: contact.id, item: item.id });
      return { id: tx.create(of, fields).id, clientId: client.id };
    });
  };
  const kept = (of: NounName, id: string) =>
    inOrganisation(server.engine, ada.organisation, async (tenant) => {
      const [found] = await tenant.get(of, [id]);
      return found as { record: SyncedRecord & { deletedAt: string | null }; number: number } | undefined;
    });
  const pushed = async (as: SyncDevice, of: NounName, fields: Fields): Promise<{ verdict: Verdict; id: string }> => {
    const { id } = await make(of);
    const base = (await kept(of, id))?.record as SyncedRecord;
    const [verdict] = await as.push([row(of, as.change(of, base, fields), base)]);
    return { verdict: verdict as Verdict, id };
  };
  const answered = (verdict: Verdict) => (verdict.verdict === 'rejected' ? verdict.code : verdict.verdict);
  const now = () => new Date(server.clock.now()).toISOString();

  it.each(nounNames)('are what was decided for %s, through sync', async (of) => {
    for (const [role, somebody] of Object.entries(roles) as [keyof typeof roles, Somebody][]) {
      const device = deviceOf(server, somebody, role);
      const may = decided[of][role];
      const refusal = may === 'nothing' ? 'not_visible' : 'forbidden';
      const { id } = await make(of);
      const { rows } = await device.pullAll(of);
      expect(recordsOf(rows).some((one) => one.id === id) ? 'read' : 'nothing', `${role} reads`).toBe(
        may === 'nothing' ? 'nothing' : 'read',
      );
      const changed = await pushed(device, of, examples[of].change);
      expect(answered(changed.verdict), `${role} changes`).toBe(allows(may, 'change') ? 'ok' : refusal);
      const deleted = await pushed(device, of, { deletedAt: now() });
      expect(answered(deleted.verdict), `${role} deletes`).toBe(allows(may, 'delete') ? 'ok' : refusal);
      expect((await kept(of, deleted.id))?.record.deletedAt === null, `${role} deleted`).toBe(!allows(may, 'delete'));
    }
    const admin = deviceOf(server, ada, 'ada');
    for (const fields of [examples[of].change, { deletedAt: now() }])
      expect(answered((await pushed(admin, of, fields)).verdict)).toBe('ok');
    // Another company has nothing of that id, and can do nothing to it.
    const other = deviceOf(server, eve, 'eve');
    const { verdict, id } = await pushed(other, of, { deletedAt: now() });
    expect(verdict).toMatchObject({ verdict: 'conflict', current: null });
    expect((await kept(of, id))?.record.deletedAt).toBeNull();
    expect(JSON.stringify((await other.pullAll(of)).rows)).not.toContain(id);
  });

  const doors = dialects.flatMap((dialect) =>
    dialect.endpoints.flatMap((endpoint) => {
      const of = dialect.resources.find(({ name }) => name === endpoint.resource)?.of as NounName;
      const step =
        endpoint.action === 'get' ? 'read' : endpoint.action === 'change' ? 'change' : endpoint.action === 'delete' ? 'delete' : null;
      return step === null ? [] : [[`${dialect.label} ${endpoint.name}`, dialect, endpoint, of, step] as const];
    }),
  );
  it.each(doors)('are what was decided, through %s', async (_, dialect, endpoint, of, step) => {
    const everybody = { ...roles, admin: ada, other: eve };
    for (const [role, somebody] of Object.entries(everybody) as [keyof typeof everybody, Somebody][]) {
      const { id, clientId } = await make(of);
      if (endpoint.resource === 'attachments')
        await server.run(ada, (tx) => tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: clientId, fileName: 'a' }));
      const target =
        endpoint.resource === 'attachments'
          ? await server.run(
              ada,
              (tx) => tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: clientId, fileName: 'a.txt' }).id,
            )
          : id;
      const { record, number } = (await kept(of, target)) as NonNullable<Awaited<ReturnType<typeof kept>>>;
      const { locationId, itemPriceId } = record as { locationId?: string; itemPriceId?: string };
      const numberOf = async (noun: NounName, one: string | undefined) => (await kept(noun, String(one)))?.number ?? 0;
      const called = !dialect.capabilities.idsAreIntegers
        ? target
        : of === 'locationItemPrices'
          ? String(priceNumber(await numberOf('locations', locationId), await numberOf('itemPrices', itemPriceId)))
          : String(number);
      const parameters = Object.fromEntries(
        endpoint.pathParameters.map(({ name }) => [name, name === 'org_uid' ? somebody.organisation : called]),
      );
      const { status, body } = await server.ask(
        somebody,
        endpoint.method,
        pathTo(endpoint, parameters),
        endpoint.body === null ? undefined : bodyOf(dialect, endpoint),
        {
          headers: {
            'organization-id': somebody.organisation,
            ...(!dialect.capabilities.auth.includes('bearer') && basicOf(somebody)),
          },
        },
      );
      const may = role === 'admin' ? 'delete' : role === 'other' ? 'nothing' : decided[of][role];
      const expected = may === 'nothing' ? 404 : allows(may, step) ? endpoint.statuses[0]?.status : 403;
      expect(status, `${role} ${JSON.stringify(body)}`).toBe(expected);
      if (endpoint.action === 'delete') expect((await kept(of, target))?.record.deletedAt === null).toBe(!allows(may, 'delete'));
    }
  });

  it('to a file are those to what it is attached to', async () => {
    const { clientId } = await make('clients');
    const sha256 = 'b'.repeat(64);
    const file = { kind: 'attachment', about: 'clients', aboutId: clientId, fileName: 'a.txt', sha256, size: 1, mediaType: 'text/plain' };
    const { id } = await server.run(ada, (tx) => tx.create('activities', file));
    const status = async (as: Somebody) => (await server.ask(as, 'GET', `/api/attachments/${id}/a.txt`)).status;
    // It is not there, which only who may see it is told.
    for (const as of [ada, roles.member, roles.manager]) expect(await status(as)).toBe(410);
    for (const as of [eve, roles.colleague]) expect(await status(as)).toBe(404);
    server.damaged.length = 0;
  });

  describe('of who wrote something', () => {
    let tom: SyncDevice;
    let mia: SyncDevice;
    let client: SyncedRecord;
    beforeAll(() => {
      tom = deviceOf(server, roles.member, 'tom');
      mia = deviceOf(server, roles.manager, 'mia');
    });
    const begin = async () => {
      client = tom.make('clients', { name: 'Depot', accountOwnerId: roles.member.userId });
      await tom.put(row('clients', client));
    };
    const note = (by: SyncDevice, more: Fields = {}) =>
      by.make('activities', { kind: 'comment', about: 'clients', aboutId: client.id, body: 'Said', ...more });
    const email = (device: string, recipients: string[]): Fields => ({
      kind: 'email',
      about: 'clients',
      aboutId: client.id,
      subject: 'Hello',
      html: 'Hello',
      recipients,
      status: 'scheduled',
      scheduledFor: '2024-06-01T10:00:00.000Z',
      outbox: { device, tries: 0, firstTriedAt: null, nextTryAt: null },
    });
    const serverSays = async (id: string) => (await kept('activities', id))?.record as SyncedRecord;

    it('are the session’s, whatever a laptop calls its person: who wrote it may change it, here and there', async () => {
      await begin();
      const mine = note(tom);
      await tom.put(row('activities', mine));
      const settled = await serverSays(mine.id);
      expect(settled).toMatchObject({ authorId: roles.member.userId, body: 'Said', createdBy: mine['createdBy'] });
      // It comes to the laptop that wrote it like any other change.
      expect(recordsOf((await tom.pullAll('activities')).rows)).toContainEqual(settled);
      await tom.put(row('activities', tom.change('activities', settled, { body: 'Said better' }), settled));
      const put = (as: Somebody) =>
        server.ask(
          as,
          'PUT',
          `/api/accounts/comment/${mine.id}/`,
          { comment: 'Said best' },
          { headers: { 'organization-id': as.organisation } },
        );
      expect(await put(roles.manager)).toMatchObject({ status: 403 });
      expect(await put(roles.member)).toMatchObject({ status: 200 });
    });

    it('are not to be forged: neither as somebody else’s, nor later', async () => {
      await begin();
      for (const forged of [{ authorId: ada.userId }, { createdBy: ada.userId }]) {
        const made = { ...note(tom), ...forged };
        expect(await tom.push([row('activities', made)]), JSON.stringify(forged)).toMatchObject([{ code: 'forbidden' }]);
        expect(await serverSays(made.id)).toBeUndefined();
      }
      const forgedClient = { ...tom.make('clients', { name: 'Depot' }), createdBy: ada.userId };
      expect(await tom.push([row('clients', forgedClient)])).toMatchObject([{ code: 'forbidden', field: 'createdBy' }]);
      const mine = note(tom);
      await tom.put(row('activities', mine));
      const settled = await serverSays(mine.id);
      const changed = tom.change('activities', settled, { body: 'Said better' });
      const anew = { ...changed, stamps: { ...changed.stamps, '*': changed.stamps['body'] as string } };
      for (const forged of [
        tom.change('activities', settled, { authorId: roles.manager.userId }),
        { ...anew, createdBy: 'Somebody else' },
        { ...anew, createdAt: '2020-01-01T00:00:00.000Z' },
      ])
        expect(await tom.push([row('activities', forged, settled)])).toMatchObject([{ verdict: 'rejected', code: 'forbidden' }]);
      expect(await serverSays(mine.id)).toEqual(settled);
    });

    it('are not before they happened: what lies ahead of the server’s clock happened when it came', async () => {
      await begin();
      const ahead = note(tom, { occurredAt: '2031-01-01T00:00:00.000Z' });
      await tom.put(row('activities', ahead));
      expect((await serverSays(ahead.id))['occurredAt']).toBe(now());
    });

    it('let nobody else rewrite, send or delete an e-mail that waits, but administrators', async () => {
      await begin();
      const waiting = tom.make('activities', email('laptop', ['a@example.com']));
      await tom.put(row('activities', waiting));
      const base = await serverSays(waiting.id);
      for (const fields of [
        { html: 'Rewritten' },
        { status: 'sending' },
        { status: 'draft', outbox: null },
        { outbox: { ...(base['outbox'] as object), device: 'mia' } },
        { recipients: ['mia@example.com'] },
        { deletedAt: now() },
      ])
        expect(await mia.push([row('activities', mia.change('activities', base, fields), base)]), JSON.stringify(fields)).toMatchObject([
          { verdict: 'rejected', code: 'forbidden' },
        ]);
      expect(await serverSays(waiting.id)).toEqual(base);
      const admin = deviceOf(server, ada, 'ada');
      await admin.put(row('activities', admin.change('activities', base, { html: 'Rewritten' }), base));
      // Held against what is there now, what the administrator changed is no change of whoever comes late.
      expect(await mia.push([row('activities', mia.change('activities', base, { subject: 'Late' }), base)])).toMatchObject([
        { verdict: 'conflict' },
      ]);
    });

    it('let a note go, come back and move with what it hangs on', async () => {
      await begin();
      const theirs = note(deviceOf(server, ada, 'ada'));
      await deviceOf(server, ada, 'ada').put(row('activities', theirs));
      const base = await serverSays(theirs.id);
      const stamped = (copy: SyncedRecord, fields: Fields, stamp: string): SyncedRecord => ({
        ...copy,
        ...fields,
        stamps: { ...copy.stamps, ...Object.fromEntries(Object.keys(fields).map((field) => [field, stamp])) },
      });
      const at = now();
      // One command on the laptop: both changes have its stamp.
      const gone = tom.change('clients', client, { deletedAt: at });
      const along = stamped(base, { deletedAt: at }, gone.stamps['deletedAt'] as string);
      await tom.put(row('clients', gone, client), row('activities', along, base));
      const back = tom.change('clients', gone, { deletedAt: null });
      const backAlong = stamped(along, { deletedAt: null }, back.stamps['deletedAt'] as string);
      await tom.put(row('clients', back, gone), row('activities', backAlong, along));
      const other = tom.make('clients', { name: 'Depot 2', accountOwnerId: roles.member.userId });
      await tom.put(row('clients', other));
      // By itself it goes nowhere.
      expect(await tom.push([row('activities', tom.change('activities', backAlong, { aboutId: other.id }), backAlong)])).toMatchObject([
        { code: 'forbidden' },
      ]);
      const merged = tom.change('clients', back, { deletedAt: at, mergedInto: other.id });
      const moved = stamped(backAlong, { aboutId: other.id }, merged.stamps['mergedInto'] as string);
      await tom.put(row('clients', merged, back), row('activities', moved, backAlong));
      expect((await serverSays(theirs.id))['aboutId']).toBe(other.id);
    });

    it('count the recipients of e-mails that are to leave from here, through whichever door they come', async () => {
      await begin();
      const here = `server:${await tom.epoch()}`;
      const to = (count: number) => Array.from({ length: count }, (_, at) => `a${at}@example.com`);
      // What a laptop sends itself is not this server's.
      await tom.put(row('activities', tom.make('activities', email('laptop', to(50)))));
      const first = tom.make('activities', email(here, to(3)));
      await tom.put(row('activities', first));
      expect(await tom.push([row('activities', tom.make('activities', email(here, to(3))))])).toMatchObject([
        { verdict: 'rejected', code: 'invalid', field: 'recipients', message: expect.stringContaining('5') },
      ]);
      const base = await serverSays(first.id);
      expect(await tom.push([row('activities', tom.change('activities', base, { recipients: to(6) }), base)])).toMatchObject([
        { verdict: 'rejected', field: 'recipients' },
      ]);
      const send = (count: number) =>
        server.ask(
          roles.member,
          'POST',
          `/api/accounts/${client.id}/create_mail/`,
          { recipients: to(count), subject: 'Hello' },
          { headers: { 'organization-id': ada.organisation } },
        );
      expect(await send(3)).toMatchObject({ status: 429 });
      expect((await send(2)).status).not.toBe(429);
      expect(await tom.push([row('activities', tom.make('activities', email(here, to(1))))])).toMatchObject([{ verdict: 'rejected' }]);
    });

    it('hold what was there before a backup came back for true, whoever brings it', async () => {
      await begin();
      const old = { ...note(tom), createdBy: ada.userId };
      expect(await tom.push([row('activities', old)])).toMatchObject([{ code: 'forbidden' }]);
      await server.engine.db.transaction().execute((tx) => renewEpochs(tx));
      await tom.put(row('activities', old));
      expect(await serverSays(old.id)).toMatchObject({ createdBy: ada.userId, authorId: null });
    });
  });
});
