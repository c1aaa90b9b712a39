import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

describe.each(engines)('Who sees what on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let mia: Somebody;
  let tom: Somebody;
  let tim: Somebody;

  beforeAll(async () => {
    server = await startTestServer(engine, 'lists');
    ada = await server.organisation('company');
    mia = await server.member(ada, 'mia@example.com', 'manager');
    tom = await server.member(ada, 'tom@example.com', 'member');
    tim = await server.member(ada, 'tim@example.com', 'member');
    await server.run(ada, (tx) => {
      const team = tx.create('directory', { kind: 'team', name: 'North', memberIds: [mia.userId, tom.userId] });
      const clients = [
        { name: 'of nobody' },
        { name: 'owned by Tom', accountOwnerId: tom.userId },
        { name: 'assigned to Tim', assignedToIds: [tim.userId] },
        { name: 'of the team', teamIds: [team.id] },
        { name: 'sold by Ada', salespersonId: ada.userId },
      ];
      for (const fields of clients) tx.create('clients', fields);
    });
  });
  afterAll(() => server.close());

  const seenBy = async (somebody: Somebody) => {
    const { body } = await server.ask(somebody, 'GET', '/api/clients?limit=100&sort=id');
    const data = body['data'] as { name: string }[];
    expect(body['meta']).toMatchObject({ total: data.length });
    return data.map(({ name }) => name);
  };

  it('shows administrators all, managers their teams, members what is theirs or nobody’s', async () => {
    expect(await seenBy(ada)).toEqual(['of nobody', 'owned by Tom', 'assigned to Tim', 'of the team', 'sold by Ada']);
    expect(await seenBy(mia)).toEqual(['of nobody', 'owned by Tom', 'of the team']);
    expect(await seenBy(tom)).toEqual(['of nobody', 'owned by Tom']);
    expect(await seenBy(tim)).toEqual(['of nobody', 'assigned to Tim']);
  });

  it('answers "not found" to getting, changing and deleting what somebody may not see', async () => {
    expect(await server.ask(tim, 'GET', '/api/clients/2')).toMatchObject({ status: 404 });
    expect(await server.ask(tim, 'PUT', '/api/clients/2', { name: 'Mine' })).toMatchObject({ status: 404 });
    expect(await server.ask(tim, 'DELETE', '/api/clients/2')).toMatchObject({ status: 404 });
    expect(await server.ask(tom, 'PUT', '/api/clients/2', { phone: '555' })).toMatchObject({ status: 200, body: { name: 'owned by Tom' } });
  });
});
