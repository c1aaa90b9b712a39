// Rules (docs/sync-protocol.md): S18
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createChanges } from '../../server/store/changes.ts';
import { setActive } from '../../server/store/organisations.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { schemaHeader } from '../../shared/sync/wire.ts';
import { type Listening, listen } from './support/event-stream.ts';
import { deviceOf, row, type SyncDevice } from './support/sync-device.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

describe.each(engines)('Devices that listen on %s', (engine) => {
  let server: TestServer;
  let url: string;
  let admin: Somebody;
  let ada: SyncDevice;
  const open: Listening[] = [];
  const listening = async (accessToken: string) => {
    const one = await listen(url, accessToken);
    open.push(one);
    return one;
  };
  const pokedOnceMore = async (one: Listening, work: () => Promise<unknown>) => {
    const before = one.pokes();
    await work();
    await one.until(() => one.pokes() > before);
  };

  /** Comments keep the line open while nothing happens; after three of them every look for changes has been taken. */
  const quiet = async (one: Listening) => {
    const heartbeats = () => one.text().split(': still here\n\n').length;
    const before = heartbeats();
    await one.until(() => heartbeats() > before + 2);
  };

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncEvents', { sync: { eventTimes: { pollMs: 50, heartbeatMs: 100 } } });
    url = await server.app.listen({ port: 0, host: '127.0.0.1' });
    admin = await server.organisation(`events-${engine}`);
    ada = deviceOf(server, admin, 'ada');
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.stop();
  });
  afterAll(() => server.close());

  it('are told that there is something new, after every change of whatever kind, and never what', async () => {
    const mine = await listening(admin.accessToken);
    expect(mine).toMatchObject({ status: 200, type: 'text/event-stream; charset=utf-8' });
    const theirs = await listening((await server.organisation(`events-eve-${engine}`)).accessToken);
    // Once for what may have been missed, and once after the first look at where the company stands.
    for (const one of [mine, theirs]) await one.until(() => one.pokes() === 2);
    await pokedOnceMore(mine, () => ada.put(row('clients', ada.make('clients', { name: 'Secret Depot' }))));
    await pokedOnceMore(mine, () => server.ask(admin, 'POST', '/api/clients', { name: 'From an integration' }));
    for (const one of [mine, theirs]) await quiet(one);
    expect(mine.text()).toMatch(/^(event: poke\ndata: new\n\n|: still here\n\n)+$/);
    expect(theirs.pokes()).toBe(2);
  });

  it('are told what another process of the server wrote', async () => {
    const mine = await listening(admin.accessToken);
    await quiet(mine);
    // As far as the hub can tell: the counter has moved, and nobody in this process said so.
    await pokedOnceMore(mine, () =>
      inOrganisation({ ...server.engine, changes: createChanges() }, admin.organisation, async (tenant) => {
        await tenant.lock();
        tenant.takeNumbers(1);
        await tenant.put([], null);
      }),
    );
  });

  it('are let go when their session is ended, or the person may not sign in any more', async () => {
    const [first, second] = [await server.signIn(admin.email), await server.signIn(admin.email)];
    const [mine, other] = [await listening(first.accessToken), await listening(second.accessToken)];
    const { body } = await server.ask({ ...admin, ...first }, 'GET', '/auth/devices');
    const { id } = (body['devices'] as { id: string; isThisOne: boolean }[]).find((one) => one.isThisOne) as { id: string };
    await server.ask(admin, 'DELETE', `/auth/devices/${id}`);
    await mine.ended;
    const before = other.pokes();
    await pokedOnceMore(other, () => ada.put(row('clients', ada.make('clients', { name: 'Still told' }))));
    expect(other.pokes()).toBeGreaterThan(before);

    const member = await server.member(admin, `gone-${engine}@example.com`, 'member');
    const theirs = await listening(member.accessToken);
    await setActive(server.engine, { organisation_id: member.organisation, user_id: member.userId }, false, server.clock);
    await theirs.ended;
  });

  it('have two streams at most: the oldest one ends', async () => {
    const { accessToken } = await server.signIn(admin.email);
    const [first, second] = [await listening(accessToken), await listening(accessToken)];
    await listening(accessToken);
    await first.ended;
    await pokedOnceMore(second, () => ada.put(row('clients', ada.make('clients', { name: 'Told' }))));
  });

  it('are refused without a token, with one in the address, and when they are too old', async () => {
    for (const address of ['/sync/events', `/sync/events?access_token=${admin.accessToken}`]) {
      const response = await fetch(`${url}${address}`, { headers: { [schemaHeader]: '1' } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'not_signed_in' });
    }
    const response = await fetch(`${url}/sync/events`, { headers: { authorization: `Bearer ${admin.accessToken}` } });
    expect(await response.json()).toMatchObject({ code: 'invalid_request' });
  });

  it('are let go in good order when the server stops', async () => {
    const other = await startTestServer(engine, engine === 'pglite' ? 'syncEvents' : 'syncRequests');
    const [name, at] = [`events-stop-${engine}`, await other.app.listen({ port: 0, host: '127.0.0.1' })];
    const one = await listen(at, (await other.organisation(name)).accessToken);
    expect(one.status).toBe(200);
    await other.close();
    await one.ended;
  });
});
