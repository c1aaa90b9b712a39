import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../server/auth/passwords.ts';
import { addLogin } from '../../server/store/organisations.ts';
import { cheapHash, engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

describe.each(engines)('Signing in on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let organisations = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, 'auth');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    organisations += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`company${organisations}`);
  });
  const later = (seconds: number) => server.clock.moveTo(new Date(server.clock.now() + seconds * 1000).toISOString());
  const refresh = (refreshToken: string) => server.ask(null, 'POST', '/auth/refresh', { refreshToken });
  const list = (accessToken: string) => server.ask({ ...ada, accessToken }, 'GET', '/api/clients');

  it('gives tokens for e-mail and password, whatever the case of the e-mail', async () => {
    const answer = await server.ask(null, 'POST', '/auth/token', { email: ada.email.toUpperCase(), password, device: 'Laptop' });
    expect(answer).toMatchObject({ status: 200, body: { organisationId: ada.organisation, expiresIn: 900 } });
    expect((await list(String(answer.body['accessToken']))).status).toBe(200);
  });

  it('says the same of a wrong password and of somebody unknown', async () => {
    const wrong = await server.ask(null, 'POST', '/auth/token', { email: ada.email, password: 'wrong' });
    const unknown = await server.ask(null, 'POST', '/auth/token', { email: 'nobody@example.com', password });
    expect(wrong).toMatchObject({ status: 401, body: { detail: 'Invalid credentials.' } });
    expect(unknown).toMatchObject({ status: 401, body: wrong.body });
  });

  it('refuses what is no request to sign in', async () => {
    expect(await server.ask(null, 'POST', '/auth/token', {})).toMatchObject({ status: 400, body: { email: ['This field is required.'] } });
    expect(await server.ask(null, 'POST', '/auth/token', { email: 'a', password: 'b', more: 1 })).toMatchObject({ status: 400 });
    expect(await server.ask(null, 'POST', '/auth/refresh', { refreshToken: 7 })).toMatchObject({ status: 400 });
    expect(await refresh('rubbish')).toMatchObject({ status: 401 });
  });

  it('lets nobody in without a token, with a broken one, or with one of another kind', async () => {
    expect(await server.ask(null, 'GET', '/api/clients')).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    for (const token of ['', 'x', `${ada.accessToken}x`, ada.refreshToken, 'eyJhbGciOiJub25lIn0.eyJvcmciOiJ4In0.'])
      expect((await list(token)).status).toBe(401);
    const headers = { authorization: `Basic ${Buffer.from(`${ada.email}:${password}`).toString('base64')}` };
    // Summit's document knows bearer tokens only.
    expect((await server.ask(null, 'GET', '/api/clients', undefined, { headers })).status).toBe(401);
  });

  it('ends an access token after a quarter of an hour', async () => {
    later(14 * 60);
    expect((await list(ada.accessToken)).status).toBe(200);
    later(2 * 60);
    expect((await list(ada.accessToken)).status).toBe(401);
    expect((await refresh(ada.refreshToken)).status).toBe(200);
  });

  it('takes a refresh token once, and within a minute once more with the same successor, because an answer can get lost', async () => {
    const first = await refresh(ada.refreshToken);
    expect(first.status).toBe(200);
    expect(first.body['refreshToken']).not.toBe(ada.refreshToken);
    later(59);
    const again = await refresh(ada.refreshToken);
    expect(again).toMatchObject({ status: 200, body: { refreshToken: first.body['refreshToken'] } });
    expect((await refresh(String(again.body['refreshToken']))).status).toBe(200);
  });

  it('ends the whole family when a used refresh token comes back later', async () => {
    const { body } = await refresh(ada.refreshToken);
    later(61);
    expect((await refresh(ada.refreshToken)).status).toBe(401);
    expect((await refresh(String(body['refreshToken']))).status).toBe(401);
    expect((await list(String(body['accessToken']))).status).toBe(401);
  });

  it('gives one successor to two refreshes at once', async () => {
    const [one, other] = await Promise.all([refresh(ada.refreshToken), refresh(ada.refreshToken)]);
    expect([one?.status, other?.status]).toEqual([200, 200]);
    expect(one?.body['refreshToken']).toBe(other?.body['refreshToken']);
  });

  it('forgets a device that has not come back for thirty days', async () => {
    later(31 * 86_400);
    expect((await refresh(ada.refreshToken)).status).toBe(401);
  });

  it('lists devices and puts one out at once', async () => {
    const phone = (await server.ask(null, 'POST', '/auth/token', { email: ada.email, password, device: 'Phone' })).body;
    const listed = await server.ask(ada, 'GET', '/auth/devices');
    const devices = listed.body['devices'] as { id: string; device: string; isThisOne: boolean }[];
    expect(devices.map(({ device, isThisOne }) => [device, isThisOne])).toEqual([
      ['Unnamed device', true],
      ['Phone', false],
    ]);
    expect((await server.ask(ada, 'DELETE', `/auth/devices/${devices[1]?.id}`)).status).toBe(204);
    expect((await list(String(phone['accessToken']))).status).toBe(401);
    expect((await refresh(String(phone['refreshToken']))).status).toBe(401);
    expect((await list(ada.accessToken)).status).toBe(200);
    expect((await server.ask(ada, 'DELETE', `/auth/devices/${devices[1]?.id}`)).status).toBe(404);
    expect((await server.ask(ada, 'DELETE', '/auth/devices/rubbish')).status).toBe(404);
  });

  it('lets nobody put out the device of somebody else', async () => {
    const bea = await server.member(ada, `bea${organisations}@example.com`, 'member');
    const [device] = (await server.ask(bea, 'GET', '/auth/devices')).body['devices'] as { id: string }[];
    expect((await server.ask(ada, 'DELETE', `/auth/devices/${device?.id}`)).status).toBe(404);
    expect((await list(bea.accessToken)).status).toBe(200);
  });

  it('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await server.ask(null, 'POST', '/auth/session', { email: ada.email, password });
    const cookie = String(answer.headers['set-cookie']);
    expect(answer).toMatchObject({ status: 200, body: { organisationId: ada.organisation } });
    expect(cookie).toMatch(/^sessionid=[^;]+;.*HttpOnly; SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0] as string };
    expect((await server.ask(null, 'GET', '/auth/devices', undefined, { headers })).status).toBe(200);
    expect((await server.ask(null, 'GET', '/auth/devices', undefined, { headers: { cookie: 'sessionid=a.b.c' } })).status).toBe(401);
    // A cookie is no access token, and the other way round.
    expect((await list(headers.cookie.slice('sessionid='.length))).status).toBe(401);
    expect((await list(ada.accessToken)).status).toBe(200);
    const swapped = { cookie: `sessionid=${ada.accessToken}` };
    expect((await server.ask(null, 'GET', '/auth/devices', undefined, { headers: swapped })).status).toBe(401);
  });

  it('takes e-mail and password with every request where a way says so, and at once no more when the password changes', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`${ada.email}:${password}`).toString('base64')}` };
    const devices = () => server.ask(null, 'GET', '/auth/devices', undefined, { headers });
    expect([(await devices()).status, (await devices()).status]).toEqual([200, 200]);
    await server.engine.db.updateTable('logins').set({ is_active: false }).where('organisation_id', '=', ada.organisation).execute();
    expect((await devices()).status).toBe(401);
    expect((await list(ada.accessToken)).status).toBe(401);
  });

  it('keeps passwords as argon2id hashes only', async () => {
    expect(await hashPassword(password)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('takes no characters that a database cannot keep, in an address, a name of a device or with a password', async () => {
    const odd = { email: `${ada.email}\0`, password };
    expect(await server.ask(null, 'POST', '/auth/token', odd)).toMatchObject({ status: 401 });
    const answer = await server.ask(null, 'POST', '/auth/token', { email: ada.email, password, device: 'Phone\0' });
    expect(answer).toMatchObject({ status: 400, body: { device: [expect.stringContaining('cannot be shown')] } });
    const headers = { authorization: `Basic ${Buffer.from(`\0:${password}`).toString('base64')}` };
    expect(await server.ask(null, 'GET', '/client/', undefined, { headers })).toMatchObject({ status: 401 });
  });

  it('asks which organisation is meant where one e-mail and password open two', async () => {
    const other = await server.organisation(`twin${organisations}`);
    await server.member(other, `both${organisations}@example.com`, 'member');
    const email = `both${organisations}@example.com`;
    await addLogin(server.engine, ada.organisation, { email, passwordHash: await cheapHash(password), role: 'member' }, server.clock);
    expect(await server.ask(null, 'POST', '/auth/token', { email, password })).toMatchObject({
      status: 400,
      body: { organisationId: [expect.any(String)] },
    });
    expect(await server.ask(null, 'POST', '/auth/token', { email, password, organisationId: ada.organisation })).toMatchObject({
      status: 200,
      body: { organisationId: ada.organisation },
    });
  });
});

describe('Attempts to sign in', () => {
  it('are slowed down, in plain words', async () => {
    const server = await startTestServer('pglite', 'auth', { attemptsPerMinute: 3 });
    const answers = [];
    for (let at = 0; at < 4; at += 1) answers.push(await server.ask(null, 'POST', '/auth/token', {}));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 429]);
    expect(answers[3]).toMatchObject({
      body: { detail: expect.stringContaining('throttled') },
      headers: { 'retry-after': expect.anything() },
    });
    await server.close();
  });
});
