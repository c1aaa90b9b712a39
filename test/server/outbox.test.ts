import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MailSettings, readMailSettings } from '../../server/mail/mail-settings.ts';
import { createOutboxWorker, type OutboxWorker } from '../../server/mail/outbox-worker.ts';
import { claimNext } from '../../server/store/outbox-queue.ts';
import { inOrganisation, type Tenant } from '../../server/store/tenant.ts';
import { emailAnswerSchema } from '../../shared/dialects/bottlecrm.ts';
import type { ActivityRecord } from '../../shared/nouns/activity/activity.ts';
import { newId } from '../../shared/lib/ids.ts';
import { placeOf } from '../../shared/mail/outbox.ts';
import {
  answer,
  closedPort,
  decoded,
  headersOf,
  type MailServer,
  mailPassword,
  mailUser,
  startMailServer,
} from '../support/mail-server.ts';
import { examplesIn } from '../unit/shared/dialects/examples.ts';
import { ownDatabases, withEngine } from './support/databases.ts';
import { firstStart, type Running, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;
const [, , , , , , , emailExample, emailAnswered] = examplesIn('bottlecrm-accounts.md') as Wire[] as [
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
  Wire,
];

const settingsFor = (port: number, more: Partial<MailSettings> = {}): MailSettings => ({
  account: { host: '127.0.0.1', port, security: 'none', user: mailUser, fromName: 'Fieldbook', fromAddress: 'crm@fieldbook.example' },
  password: mailPassword,
  senders: new Set(['yourcompany.com', 'sender@yourcompany.com']),
  ...more,
});

/** Opens when it is told to, and says when somebody stands before it. */
function gate() {
  const [arrived, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  return { arrived: arrived.promise, open: opened.resolve, pass: () => (arrived.resolve(), opened.promise) };
}

/** A mail server that takes a recipient when it is let to: what follows is the message itself. */
function startHeldServer(pass: () => Promise<void>): Promise<MailServer> {
  const take = async (done: () => void) => {
    await pass();
    done();
  };
  return startMailServer({ onRcptTo: (_address, _session, done) => void take(done) });
}

describe.each(engines)('E-mails on %s', (engine) => {
  let server: TestServer;
  let smtp: MailServer;
  let ada: Somebody;
  let account: string;
  let companies = 0;

  beforeAll(async () => {
    smtp = await startMailServer();
    server = await startTestServer(engine, 'outbox', { mail: settingsFor(smtp.port) });
  });
  afterAll(async () => {
    await server.close();
    await smtp.close();
  });
  afterEach(() => {
    smtp.onMail = () => undefined;
    smtp.onRecipient = () => undefined;
    smtp.onSender = () => undefined;
    smtp.mails.length = 0;
  });

  const freshCompany = async () => {
    companies += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`mail${companies}`);
    account = await server.run(ada, (tx) => tx.create('clients', { name: 'Alpha' }).id);
  };
  const post = (body: unknown, as = ada) =>
    server.ask(as, 'POST', `/api/accounts/${account}/create_mail/`, body, { headers: { 'organization-id': as.organisation } });
  const email = async (id: unknown): Promise<ActivityRecord> => {
    const found = await server.run(ada, (tx) => tx.get('activities', String(id)));
    if (found === null) throw new Error('No such e-mail');
    return found;
  };
  const queued = () =>
    inOrganisation(server.engine, ada.organisation, ({ tx }) =>
      tx.selectFrom('outbox').selectAll().where('organisation_id', '=', ada.organisation).execute(),
    );
  const becomes = async (id: unknown, status: string) => {
    await expect.poll(async () => (await email(id)).status, { timeout: 20_000 }).toBe(status);
  };
  const moved = (instant: string) => {
    server.clock.moveTo(instant);
    server.mail?.wake();
  };

  describe('sent at once', () => {
    beforeAll(freshCompany);

    it('leave as the document’s example shows, are recorded, and move the last contact', async () => {
      const sent = await post(emailExample);
      expect(sent).toMatchObject({ status: 200, body: { ...emailAnswered, email_id: expect.any(String) } });
      expect(emailAnswerSchema.strict().safeParse(sent.body).error).toBeUndefined();
      expect(smtp.mails).toHaveLength(1);
      const { from, to, raw, user } = smtp.mails[0] as MailServer['mails'][number];
      expect({ from, to, user }).toEqual({ from: 'sender@yourcompany.com', to: emailExample['recipients'], user: mailUser });
      const headers = Object.fromEntries(headersOf(raw));
      expect(headers).toMatchObject({
        From: 'sender@yourcompany.com',
        To: 'contact@client.com, manager@client.com',
        Subject: 'Quarterly Business Review',
        'Message-ID': `<${String(sent.body['email_id'])}@yourcompany.com>`,
        'Content-Type': expect.stringContaining('multipart/alternative'),
      });
      expect(raw).toContain('<p>Dear valued client...</p>');
      expect(raw).toContain('\r\n\r\nDear valued client...');
      expect(await email(sent.body['email_id'])).toMatchObject({
        kind: 'email',
        aboutId: account,
        status: 'sent',
        sentAt: '2024-05-03T10:00:00.000Z',
        failure: null,
        outbox: null,
        createdBy: ada.userId,
      });
      expect(await server.run(ada, (tx) => tx.get('clients', account))).toMatchObject({
        lastContactDate: '2024-05-03',
        firstContactDate: '2024-05-03',
      });
      expect(await queued()).toEqual([]);
    });

    it('say of the issued invoice they are on that it is sent, and nothing of a draft', async () => {
      const { device } = await inOrganisation(server.engine, ada.organisation, (tenant) => tenant.lock());
      const invoiceWith = (status: 'draft' | 'sent') =>
        server.run(ada, (tx) => {
          const { id } = tx.create('invoices', { clientId: account, lines: [{ description: 'Visit', unitPrice: '10.00' }] });
          if (status === 'sent') tx.set('invoices', id, { status, number: 'K7M4X-000001', issueDate: '2024-05-01' });
          tx.create('activities', {
            kind: 'email',
            about: 'invoices',
            aboutId: id,
            recipients: ['a@example.com'],
            status: 'scheduled',
            scheduledFor: '2024-05-03T09:59:00.000Z',
            outbox: placeOf(device),
          });
          return id;
        });
      const [issued, draft] = [await invoiceWith('sent'), await invoiceWith('draft')];
      const sentOn = (id: string) => server.run(ada, (tx) => tx.get('invoices', id)?.sentOn);
      server.mail?.wake();
      await expect.poll(() => sentOn(issued), { timeout: 20_000 }).toBe('2024-05-03');
      await expect.poll(async () => (await queued()).length, { timeout: 20_000 }).toBe(0);
      expect(await sentOn(draft)).toBeNull();
      smtp.mails.length = 0;
    });

    it('are from whom the server may send as; from anybody else, answers go to them', async () => {
      for (const [wanted, from, replyTo] of [
        [null, 'Fieldbook <crm@fieldbook.example>', undefined],
        ['CRM@fieldbook.example', 'Fieldbook <crm@fieldbook.example>', undefined],
        ['ceo@bank.example', 'Fieldbook <crm@fieldbook.example>', 'ceo@bank.example'],
        // A domain lets people use their own address in it, and nobody a colleague's.
        ['sender@yourcompany.com', 'sender@yourcompany.com', undefined],
        ['ann@yourcompany.com', 'Fieldbook <crm@fieldbook.example>', 'ann@yourcompany.com'],
        ['ann@sub.yourcompany.com', 'Fieldbook <crm@fieldbook.example>', 'ann@sub.yourcompany.com'],
      ]) {
        smtp.mails.length = 0;
        expect(await post({ recipients: ['a@example.com'], from_account: wanted })).toMatchObject({ status: 200 });
        const headers = Object.fromEntries(headersOf(smtp.mails[0]?.raw ?? ''));
        expect([headers['From'], headers['Reply-To']]).toEqual([from, replyTo]);
      }
    });

    it('begin no header line of their own', async () => {
      expect(
        await post({
          recipients: ['a@example.com'],
          subject: 'Hello\r\nBcc: everybody@example.com',
          html: 'x\r\n.\r\nMAIL FROM:<x@y.example>\r\n',
        }),
      ).toMatchObject({
        status: 200,
      });
      const headers = headersOf(smtp.mails[0]?.raw ?? '');
      expect(headers.map(([name]) => name.toLowerCase())).not.toContain('bcc');
      expect(decoded(Object.fromEntries(headers)['Subject'] ?? '')).toBe('Hello Bcc: everybody@example.com');
      expect(smtp.mails).toHaveLength(1);
    });

    it('go to each recipient once', async () => {
      expect(await post({ recipients: ['a@example.com', 'b@example.com', 'a@example.com'] })).toMatchObject({ status: 200 });
      expect(smtp.mails[0]?.to).toEqual(['a@example.com', 'b@example.com']);
    });
  });

  describe('put by', () => {
    beforeAll(freshCompany);

    it('leave at their time and not before', async () => {
      const put = await post({
        recipients: ['a@example.com'],
        subject: 'Later',
        scheduled_later: true,
        scheduled_date_time: '2024-05-03T14:00:00+02:00',
      });
      expect(put).toMatchObject({ status: 200, body: { status: 'success', message: 'Email scheduled successfully' } });
      const id = put.body['email_id'];
      expect(await email(id)).toMatchObject({ status: 'scheduled', scheduledFor: '2024-05-03T12:00:00.000Z' });
      moved('2024-05-03T11:59:59.999Z');
      // Another one that is due leaves meanwhile: it was looked for.
      ada = { ...ada, ...(await server.signIn(ada.email)) };
      expect(await post({ recipients: ['b@example.com'] })).toMatchObject({ status: 200 });
      expect(smtp.mails.map(({ to }) => to)).toEqual([['b@example.com']]);
      moved('2024-05-03T12:00:00.000Z');
      await becomes(id, 'sent');
      expect(smtp.mails.map(({ to }) => to)).toEqual([['b@example.com'], ['a@example.com']]);
    });

    it('leave at once where their time has passed, and do not where they were taken back, deleted, or their account was', async () => {
      const put = (to: string, at: string) => post({ recipients: [to], scheduled_later: true, scheduled_date_time: at });
      ada = { ...ada, ...(await server.signIn(ada.email)) };
      const late = await put('late@example.com', '2020-01-01T00:00:00Z');
      await becomes(late.body['email_id'], 'sent');
      const [back, deleted, orphan] = [
        await put('back@example.com', '2024-05-03T13:00:00Z'),
        await put('deleted@example.com', '2024-05-03T13:00:00Z'),
        await put('orphan@example.com', '2024-05-03T13:00:00Z'),
      ].map(({ body }) => String(body['email_id']));
      await server.run(ada, (tx) => tx.change('activities', String(back), { status: 'draft', outbox: null }));
      await server.run(ada, (tx) => tx.remove('activities', String(deleted)));
      expect((await queued()).map((row) => row.email_id)).toEqual([orphan]);
      await server.run(ada, (tx) => tx.remove('clients', account));
      expect(await queued()).toEqual([]);
      // Back with its account, it waits again; and so it leaves.
      await server.run(ada, (tx) => tx.restore('clients', account));
      expect(await queued()).toHaveLength(1);
      moved('2024-05-03T13:00:00.000Z');
      await becomes(orphan, 'sent');
      expect(smtp.mails.map(({ to }) => to)).toEqual([['late@example.com'], ['orphan@example.com']]);
    });
  });

  describe('that cannot be sent', () => {
    beforeAll(freshCompany);

    it('fail at once when the mail server says no for good, with what it said', async () => {
      smtp.onRecipient = () => {
        throw answer(550, 'No such user here');
      };
      const failed = await post({ recipients: ['nobody@example.com'] });
      expect(failed).toMatchObject({
        status: 502,
        body: { status: 'failed', message: expect.stringMatching(/^Email not sent\. .*refuses the recipient.*No such user here/) },
      });
      expect(emailAnswerSchema.strict().safeParse(failed.body).error).toBeUndefined();
      expect(await email(failed.body['email_id'])).toMatchObject({
        status: 'failed',
        failure: expect.stringContaining('550'),
        outbox: null,
      });
      expect(await queued()).toEqual([]);
      expect((await server.run(ada, (tx) => tx.get('clients', account)))?.lastContactDate).toBeNull();
    });

    it('say who did not get one that the others got', async () => {
      smtp.onRecipient = (address) => {
        if (address.startsWith('nobody')) throw answer(550, 'No such user here');
      };
      const some = await post({ recipients: ['a@example.com', 'nobody@example.com'] });
      expect(some).toMatchObject({
        status: 200,
        body: { status: 'success', message: expect.stringMatching(/^Email sent, but not to everybody\. .*nobody@example\.com/) },
      });
      expect(await email(some.body['email_id'])).toMatchObject({ status: 'sent', failure: expect.stringContaining('nobody@example.com') });
      expect(smtp.mails[0]?.to).toEqual(['a@example.com']);
    });

    it('wait when it says no for now, longer each time, and leave when it says yes', async () => {
      smtp.onMail = () => {
        throw answer(451, 'Try again later');
      };
      const put = await post({ recipients: ['a@example.com'] });
      expect(put).toMatchObject({ status: 202, body: { status: 'queued', message: expect.stringContaining('Try again later') } });
      const id = put.body['email_id'];
      expect(await email(id)).toMatchObject({ status: 'scheduled', outbox: { tries: 1, nextTryAt: '2024-05-03T10:01:00.000Z' } });
      moved('2024-05-03T10:01:00.000Z');
      await expect.poll(async () => (await email(id)).outbox?.tries).toBe(2);
      expect((await email(id)).outbox?.nextTryAt).toBe('2024-05-03T10:06:00.000Z');
      smtp.onMail = () => undefined;
      moved('2024-05-03T10:05:59.999Z');
      moved('2024-05-03T10:06:00.000Z');
      await becomes(id, 'sent');
      expect(await email(id)).toMatchObject({ failure: null, outbox: null });
      expect(smtp.mails).toHaveLength(1);
    });

    it('fail after three days of trying', async () => {
      smtp.onMail = () => {
        throw answer(451, 'Try again later');
      };
      server.clock.moveTo('2024-05-03T10:06:00.000Z');
      const { body } = await post({ recipients: ['a@example.com'] });
      moved('2024-05-06T10:06:00.000Z');
      await becomes(body['email_id'], 'failed');
      expect((await email(body['email_id'])).failure).toContain('tried for three days');
      await freshCompany();
    });
  });
});

/** Queued by a server that sends nothing itself; workers come and go. */
describe.each(engines)('E-mails that wait on %s', (engine) => {
  let server: TestServer;
  let smtp: MailServer;
  let ada: Somebody;
  let account: string;
  let companies = 0;
  /** What stands between sender and recipients and the message itself. */
  let beforeData: () => Promise<void>;
  const workers: OutboxWorker[] = [];

  beforeAll(async () => {
    smtp = await startHeldServer(() => beforeData());
    server = await startTestServer(engine, 'outboxes');
  });
  beforeEach(async () => {
    companies += 1;
    beforeData = async () => {};
    smtp.onMail = () => undefined;
    smtp.mails.length = 0;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`waiting${companies}`);
    account = await server.run(ada, (tx) => tx.create('clients', { name: 'Alpha' }).id);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.close();
  });
  afterAll(async () => {
    await server.close();
    await smtp.close();
  });

  const worker = (settings = settingsFor(smtp.port)) => {
    const { engine: store, clock, logged, faults } = server;
    const made = createOutboxWorker({
      store,
      settings,
      clock,
      log: (line) => logged.push(line),
      onFault: (error) => faults.push(error as Error),
    });
    workers.push(made);
    return made;
  };
  const post = (body: Wire = { recipients: ['a@example.com'], subject: 'Hello' }) =>
    server.ask(ada, 'POST', `/api/accounts/${account}/create_mail/`, body, { headers: { 'organization-id': ada.organisation } });
  const queue = async (subject = 'Hello') => String((await post({ recipients: ['a@example.com'], subject })).body['email_id']);
  const email = async (id: string): Promise<ActivityRecord> => {
    const found = await server.run(ada, (tx) => tx.get('activities', id));
    if (found === null) throw new Error('No such e-mail');
    return found;
  };
  const becomes = async (id: string, status: string) => {
    await expect.poll(async () => (await email(id)).status, { timeout: 20_000 }).toBe(status);
  };
  const rows = () => inOrganisation(server.engine, ada.organisation, ({ tx }) => tx.selectFrom('outbox').selectAll().execute());
  const subjects = () => smtp.mails.map(({ raw }) => decoded(Object.fromEntries(headersOf(raw))['Subject'] ?? ''));
  /** Holds the mail server before it takes the message. */
  const holdBeforeData = () => {
    const held = gate();
    beforeData = held.pass;
    return held;
  };
  /** Holds it when it has the message whole and has not said so. */
  const holdAfterData = () => {
    const held = gate();
    smtp.onMail = held.pass;
    return held;
  };

  it('say so where no mail server is set up, and leave when one is', async () => {
    const put = await post();
    expect(put).toMatchObject({
      status: 202,
      body: { status: 'queued', message: 'Email queued. No mail server is set up on this server yet, so it waits until one is.' },
    });
    const later = await post({ recipients: ['b@example.com'], scheduled_later: true, scheduled_date_time: '2024-05-03T10:00:01Z' });
    expect(later).toMatchObject({ status: 200, body: { status: 'success', message: expect.stringContaining('No mail server is set up') } });
    expect(await email(String(put.body['email_id']))).toMatchObject({ status: 'scheduled', failure: null });
    expect(await rows()).toHaveLength(2);
    worker();
    await becomes(String(put.body['email_id']), 'sent');
    server.clock.moveTo('2024-05-03T10:00:01.000Z');
    await becomes(String(later.body['email_id']), 'sent');
    expect(smtp.mails).toHaveLength(2);
  });

  it('wait while the mail server is down, and leave when it is back', async () => {
    const port = await closedPort();
    const id = await queue();
    const sending = worker(settingsFor(port));
    await expect.poll(async () => (await email(id)).outbox?.tries).toBe(1);
    expect(await email(id)).toMatchObject({ status: 'scheduled', failure: expect.stringContaining(`takes no mail on port ${port}`) });
    const back = await startMailServer({}, port);
    try {
      server.clock.moveTo('2024-05-03T10:01:00.000Z');
      sending.wake();
      await becomes(id, 'sent');
      expect(back.mails).toHaveLength(1);
    } finally {
      await back.close();
    }
  });

  it('wait, all of them, when the mail server refuses the account, and nothing says the password', async () => {
    const [first, second] = [await queue(), await queue()];
    const refused = worker(settingsFor(smtp.port, { password: 'wrong and secret' }));
    await expect.poll(() => server.logged.join('\n')).toContain('No e-mail leaves until the server is started anew');
    await refused.close();
    const tried = await Promise.all([email(first), email(second)]);
    for (const { status } of tried) expect(status).toBe('scheduled');
    expect(tried[0]?.failure).toMatch(/refuses the user name or the password.*in the settings of the Fieldbook server/);
    const connections = smtp.connections;
    const third = await queue();
    expect(await refused.outcome(ada.organisation, third)).toMatchObject({
      status: 'scheduled',
      failure: expect.stringContaining('refuses the user name'),
    });
    expect(smtp.connections).toBe(connections);
    expect([server.logged.join('\n'), JSON.stringify(tried)].join()).not.toContain('secret');
    // With the right account all leave.
    worker();
    for (const id of [first, second, third]) await becomes(id, 'sent');
  });

  it('leave once, however many servers look for them', async () => {
    const ids = [];
    for (let at = 0; at < 30; at += 1) ids.push(await queue(`Number ${at}`));
    const many = Array.from({ length: 4 }, () => worker());
    for (let at = 0; at < 20; at += 1) for (const one of many) one.wake();
    for (const id of ids) await becomes(id, 'sent');
    expect(subjects().toSorted()).toEqual(ids.map((_, at) => `Number ${at}`).toSorted());
    expect(await rows()).toEqual([]);
  });

  it('do not leave as they were when they are changed before the message itself is handed over', async () => {
    const held = holdBeforeData();
    const id = await queue('First');
    worker();
    await held.arrived;
    await server.run(ada, (tx) => tx.change('activities', id, { subject: 'Second' }));
    beforeData = async () => {};
    held.open();
    await becomes(id, 'sent');
    expect(subjects()).toEqual(['Second']);
  });

  it('do not leave when they are taken back or deleted before that', async () => {
    for (const change of [
      (id: string) => server.run(ada, (tx) => tx.change('activities', id, { status: 'draft', outbox: null })),
      (id: string) => server.run(ada, (tx) => tx.remove('activities', id)),
      (id: string) => server.run(ada, (tx) => tx.change('activities', id, { scheduledFor: '2024-06-01T00:00:00.000Z' })),
    ]) {
      const held = holdBeforeData();
      const id = await queue();
      const sending = worker();
      await held.arrived;
      await change(id);
      held.open();
      await sending.close();
      expect((await email(id)).status).not.toMatch(/sen/);
      expect(smtp.mails).toEqual([]);
    }
  });

  it('cannot be called back once the message is handed over, and come back as sent when they were deleted', async () => {
    const held = holdAfterData();
    const id = await queue();
    worker();
    await held.arrived;
    expect(await email(id)).toMatchObject({ status: 'sending', fromAccount: 'crm@fieldbook.example' });
    await expect(server.run(ada, (tx) => tx.change('activities', id, { subject: 'Other' }))).rejects.toThrow('INVALID_INPUT');
    await server.run(ada, (tx) => tx.remove('activities', id));
    held.open();
    await becomes(id, 'sent');
    expect(await email(id)).toMatchObject({ deletedAt: null, sentAt: '2024-05-03T10:00:00.000Z' });
  });

  it('may have been sent when the connection is lost after the message, and are not sent again', async () => {
    const held = holdAfterData();
    const id = await queue();
    const sending = worker();
    await held.arrived;
    smtp.cut();
    await expect
      .poll(async () => (await email(id)).failure)
      .toContain('the connection was lost before the mail server said that it has it');
    held.open();
    expect(await email(id)).toMatchObject({ status: 'sending', outbox: null });
    server.clock.moveTo('2024-05-10T10:00:00.000Z');
    sending.wake();
    await queueBehind(id);
    expect(subjects().filter((subject) => subject === 'Hello')).toHaveLength(1);
  });

  it('may have been sent when their server ended with them in hand, which the others find out', async () => {
    const held = holdAfterData();
    const id = await queue();
    worker();
    await held.arrived;
    const [row] = await rows();
    expect(row).toMatchObject({ email_id: id, due_at: null, claimed_until: server.clock.now() + 120_000 });
    // As another server sees it while that one is alive, and when it has not been heard of.
    worker();
    await queueBehind(id);
    expect(await email(id)).toMatchObject({ status: 'sending', failure: null });
    server.clock.moveTo('2024-05-03T10:02:00.001Z');
    worker();
    await expect.poll(async () => (await email(id)).failure).toContain('nobody knows whether the mail server has it');
    expect(await rows()).toEqual([]);
    // It was alive after all: then the truth is known.
    held.open();
    await becomes(id, 'sent');
    expect(await email(id)).toMatchObject({ failure: null });
  });

  it('are taken over from a server that ended before it handed them over', async () => {
    const id = await queue();
    const dead = await claimNext(server.engine.db, server.clock.now(), server.clock.now() + 120_000);
    expect(dead?.emailId).toBe(id);
    worker();
    await queueBehind(id);
    expect((await email(id)).status).toBe('scheduled');
    server.clock.moveTo('2024-05-03T10:02:00.001Z');
    worker();
    await becomes(id, 'sent');
    expect(subjects().filter((subject) => subject === 'Hello')).toHaveLength(1);
  });

  it('of laptops, and of a database before it was restored, are left to a person', async () => {
    const laptop = await server.run(
      ada,
      (tx) =>
        tx.create('activities', {
          kind: 'email',
          about: 'clients',
          aboutId: account,
          recipients: ['laptop@example.com'],
          status: 'scheduled',
          scheduledFor: '2024-05-03T09:00:00.000Z',
          outbox: placeOf('laptop-7'),
        }).id,
    );
    const before = await queue('Before');
    await server.engine.db
      .updateTable('organisations')
      .set({ epoch: randomUUID() })
      .where('organisation_id', '=', ada.organisation)
      .execute();
    await inOrganisation(server.engine, ada.organisation, ({ tx }) => sql`delete from outbox`.execute(tx));
    await server.run(ada, (tx) => tx.change('activities', before, { subject: 'Touched' }));
    const after = await queue('After');
    worker();
    await becomes(after, 'sent');
    expect(subjects()).toEqual(['After']);
    for (const id of [laptop, before]) expect((await email(id)).status).toBe('scheduled');
    // A person who sends one again from here: as the rules of the laptops have it, with the device that is to send it.
    const { device } = await inOrganisation(server.engine, ada.organisation, (tenant) => tenant.lock());
    await server.run(ada, (tx) => tx.change('activities', laptop, { outbox: placeOf(device) }));
    await becomes(laptop, 'sent');
  });

  it('are nothing another company can see or take', async () => {
    await queue();
    const eve = await server.organisation(`eve${companies}`);
    const within = (statement: string) =>
      inOrganisation(server.engine, eve.organisation, ({ tx }) => sql.raw<{ n: number }>(statement).execute(tx));
    expect((await within('select count(*)::int as n from outbox')).rows).toEqual([{ n: 0 }]);
    expect((await within(`update outbox set due_at = 0 where organisation_id = '${ada.organisation}'`)).numAffectedRows).toBe(0n);
    expect((await within(`delete from outbox where organisation_id = '${ada.organisation}'`)).numAffectedRows).toBe(0n);
    await expect(within(`insert into outbox (organisation_id, email_id) values ('${ada.organisation}', 'x')`)).rejects.toThrow(
      /row-level security/,
    );
  });

  it('that are asked for wrongly are refused field by field, and nothing is queued', async () => {
    const ok = { recipients: ['a@example.com'] };
    const wrong: [Wire, Wire][] = [
      [{}, { recipients: ['This field is required.'] }],
      [{ recipients: [] }, { recipients: ['Add at least one recipient.'] }],
      [{ recipients: 'a@example.com' }, { recipients: ['Expected a list of items.'] }],
      [{ recipients: ['no'] }, { recipients: expect.anything() }],
      [{ recipients: ['a@example.com\r\nRCPT TO:<b@example.com>'] }, { recipients: expect.anything() }],
      [{ recipients: Array.from({ length: 501 }, (_, at) => `a${at}@example.com`) }, { recipients: [expect.any(String)] }],
      [{ ...ok, scheduled_later: true }, { scheduled_date_time: [expect.any(String)] }],
      [{ ...ok, scheduled_later: true, scheduled_date_time: 'tomorrow' }, { scheduled_date_time: [expect.any(String)] }],
      [{ ...ok, scheduled_later: 'yes' }, { scheduled_later: ['Must be a valid boolean.'] }],
      [{ ...ok, from_account: 'nobody' }, { from_account: ['Enter a valid email address.'] }],
      [{ ...ok, subject: 'x'.repeat(501) }, { subject: [expect.any(String)] }],
      [{ ...ok, subject: 'a\u0000b' }, { subject: [expect.any(String)] }],
      [{ ...ok, html: 7 }, { html: ['Not a valid string.'] }],
    ];
    for (const [body, errors] of wrong)
      expect(await post(body), JSON.stringify(body).slice(0, 100)).toMatchObject({ status: 400, body: errors });
    expect(await rows()).toEqual([]);
    expect(
      await server.ask(ada, 'POST', `/api/accounts/${newId()}/create_mail/`, ok, { headers: { 'organization-id': ada.organisation } }),
    ).toMatchObject({ status: 404 });
  });

  /** Waits until another e-mail, which is due later, has left: what was to be passed over by then was. */
  async function queueBehind(id: string): Promise<void> {
    beforeData = async () => {};
    smtp.onMail = () => undefined;
    const { device } = await inOrganisation(server.engine, ada.organisation, (tenant) => tenant.lock());
    const waiting = { kind: 'email', recipients: ['b@example.com'], status: 'scheduled', scheduledFor: '2024-05-03T10:00:00.000Z' };
    const behind = await server.run(
      ada,
      (tx) =>
        tx.create('activities', { ...waiting, subject: `Behind ${id}`, about: 'clients', aboutId: account, outbox: placeOf(device) }).id,
    );
    for (const one of workers) one.wake();
    await becomes(behind, 'sent');
  }
});

/** Processes, as whoever runs the server has them. */
describe.each(engines)('A server that is killed on %s', (engine) => {
  const databases = ownDatabases();
  tidyUp();
  let smtp: MailServer;
  let beforeData: () => Promise<void>;
  beforeAll(async () => {
    smtp = await startHeldServer(() => beforeData());
  });
  beforeEach(() => {
    beforeData = async () => {};
    smtp.onMail = () => undefined;
    smtp.mails.length = 0;
  });
  afterAll(() => smtp.close());

  const begin = async () => {
    const where = await databases.bare(engine);
    const env = {
      ...firstStart,
      ...(where.databaseUrl === null ? {} : { DATABASE_URL: where.databaseUrl }),
      FIELDBOOK_DATA_KEY: String(where.dataKey),
      FIELDBOOK_SMTP_URL: `smtp://${encodeURIComponent(mailUser)}:${encodeURIComponent(mailPassword)}@127.0.0.1:${smtp.port}`,
      FIELDBOOK_SMTP_FROM: 'Fieldbook <crm@fieldbook.example>',
    };
    const run = () => start(['--data', where.folder], env);
    const running = await run();
    const organisation = String(running.ready?.organisation);
    const ask = async (to: Running, method: string, path: string, body: unknown) => {
      const headers = {
        authorization: `Bearer ${await tokenFor(to.url)}`,
        'organization-id': organisation,
        'content-type': 'application/json',
      };
      const response = await fetch(`${to.url}${path}`, { method, headers, body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as Wire };
    };
    const account = await ask(running, 'POST', '/api/accounts/', { name: 'Alpha' });
    const send = (to: Running, subject: string) =>
      ask(to, 'POST', `/api/accounts/${String(account.body['id'])}/create_mail/`, { recipients: ['a@example.com'], subject });
    /** What the database has while nobody runs. */
    const look = <T>(work: (tenant: Tenant) => Promise<T>) => withEngine(where, (opened) => inOrganisation(opened, organisation, work));
    /** As if two minutes had passed in which the killed server was not heard of. */
    const forget = () => look(({ tx }) => sql`update outbox set claimed_until = 0`.execute(tx));
    const emails = () =>
      look(async ({ tx }) =>
        (
          await sql<{ doc: ActivityRecord }>`select doc from records where collection = 'activities' order by created_at`.execute(tx)
        ).rows.map(({ doc }) => doc),
      );
    return { run, running, send, forget, emails };
  };

  it('after the message was handed over sends it no second time, and says that nobody knows', async () => {
    const { run, running, send, forget, emails } = await begin();
    const held = gate();
    smtp.onMail = held.pass;
    const asked = send(running, 'Once').catch(() => null);
    await held.arrived;
    await running.end('SIGKILL');
    await asked;
    held.open();
    await expect.poll(() => smtp.mails.length).toBe(1);
    expect(await emails()).toMatchObject([{ status: 'sending', failure: null }]);
    await forget();
    const again = await run();
    await expect.poll(() => again.said(), { timeout: 20_000 }).toContain('may have been sent: the server that had it ended');
    expect(await send(again, 'Behind')).toMatchObject({ status: 200, body: { message: 'Email sent successfully' } });
    expect(await again.end('SIGTERM')).toBe(0);
    expect(smtp.mails).toHaveLength(2);
    expect(await emails()).toMatchObject([
      { subject: 'Once', status: 'sending', failure: expect.stringContaining('nobody knows'), outbox: null },
      { subject: 'Behind', status: 'sent' },
    ]);
    expect(running.said() + again.said()).not.toContain(mailPassword);
  });

  it('before that sends it when it is started again, and once', async () => {
    const { run, running, send, forget, emails } = await begin();
    const held = gate();
    beforeData = held.pass;
    const asked = send(running, 'Once').catch(() => null);
    await held.arrived;
    await running.end('SIGKILL');
    await asked;
    beforeData = async () => {};
    held.open();
    expect(await emails()).toMatchObject([{ status: 'scheduled' }]);
    await forget();
    const again = await run();
    await expect.poll(() => smtp.mails.length, { timeout: 20_000 }).toBe(1);
    expect(await send(again, 'Behind')).toMatchObject({ status: 200 });
    expect(await again.end('SIGTERM')).toBe(0);
    expect(smtp.mails).toHaveLength(2);
    expect(await emails()).toMatchObject([
      { subject: 'Once', status: 'sent' },
      { subject: 'Behind', status: 'sent' },
    ]);
  });

  it('but stopped in good order finishes what it has in hand, and leaves the rest for the next start', async () => {
    const { run, running, send, emails } = await begin();
    const held = gate();
    smtp.onMail = held.pass;
    const asked = send(running, 'In hand').catch(() => null);
    await held.arrived;
    const ended = running.end('SIGTERM');
    held.open();
    expect(await ended).toBe(0);
    await asked;
    expect(await emails()).toMatchObject([{ status: 'sent' }]);
    // A mail server that answers nobody: the one in hand is let go of, and leaves later.
    const again = await run();
    const silent = gate();
    beforeData = silent.pass;
    const waiting = send(again, 'Let go').catch(() => null);
    await silent.arrived;
    expect(await again.end('SIGTERM')).toBe(0);
    await waiting;
    expect((await emails()).find(({ subject }) => subject === 'Let go')).toMatchObject({
      status: 'scheduled',
      failure: expect.stringContaining('was stopped before the mail server had it'),
    });
    beforeData = async () => {};
    silent.open();
    const last = await run();
    await expect.poll(() => smtp.mails.length, { timeout: 20_000 }).toBe(2);
    expect(await last.end('SIGTERM')).toBe(0);
  });
});

describe('The way out for e-mails', () => {
  const read = (env: Record<string, string>) => readMailSettings((name) => env[name] ?? null);

  it('is none where none is named', () => {
    expect(read({})).toBeNull();
    expect(read({ FIELDBOOK_SMTP_FROM: 'crm@example.com' })).toBeNull();
  });

  it('is encrypted but for a mail server on this machine, on the usual ports unless told', () => {
    const account = (url: string) => read({ FIELDBOOK_SMTP_URL: url, FIELDBOOK_SMTP_FROM: 'crm@example.com' })?.account;
    expect(account('smtps://smtp.example.com')).toMatchObject({ host: 'smtp.example.com', port: 465, security: 'tls', user: null });
    expect(account('smtp://SMTP.example.com:2525/')).toMatchObject({ host: 'smtp.example.com', port: 2525, security: 'starttls' });
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect(account(`smtp://${host}`)).toMatchObject({ port: 25, security: 'none' });
  });

  it('has a user, a password and senders', () => {
    expect(
      read({
        FIELDBOOK_SMTP_URL: 'smtps://ada%40example.com:a%20b%3A%40%2F@smtp.example.com',
        FIELDBOOK_SMTP_SENDERS: ' Sales@Example.com, other.example ,',
      }),
    ).toEqual({
      account: {
        host: 'smtp.example.com',
        port: 465,
        security: 'tls',
        user: 'ada@example.com',
        fromName: '',
        fromAddress: 'ada@example.com',
      },
      password: 'a b:@/',
      senders: new Set(['sales@example.com', 'other.example']),
    });
    for (const [from, name] of [
      ['Fieldbook CRM <crm@example.com>', 'Fieldbook CRM'],
      ['"Field, book" <crm@example.com>', 'Field, book'],
      ['<crm@example.com>', ''],
      [' crm@example.com ', ''],
    ] as const)
      expect(read({ FIELDBOOK_SMTP_URL: 'smtps://smtp.example.com', FIELDBOOK_SMTP_FROM: from })?.account).toMatchObject({
        fromName: name,
        fromAddress: 'crm@example.com',
      });
  });

  it.each([
    ['http://smtp.example.com', 'crm@example.com', /FIELDBOOK_SMTP_URL has to be like/],
    ['smtp.example.com:587', 'crm@example.com', /FIELDBOOK_SMTP_URL has to be like/],
    ['smtps://u:secret@smtp.example.com/path', 'crm@example.com', /FIELDBOOK_SMTP_URL has to be like/],
    ['smtps://u:secret@smtp.example.com?tls=no', 'crm@example.com', /FIELDBOOK_SMTP_URL has to be like/],
    ['smtps://ada:secret@smtp.example.com', '', /FIELDBOOK_SMTP_FROM has to be an e-mail address/],
    ['smtps://u:secret@smtp.example.com', 'Nobody', /FIELDBOOK_SMTP_FROM has to be an e-mail address/],
    ['smtps://u:secret@smtp.example.com', 'A\nB <crm@example.com>', /FIELDBOOK_SMTP_FROM has to be an e-mail address/],
  ])('refuses %s from "%s" in words that say no password', (url, from, problem) => {
    const attempt = () => read({ FIELDBOOK_SMTP_URL: url, ...(from !== '' && { FIELDBOOK_SMTP_FROM: from }) });
    expect(attempt).toThrow(problem);
    expect(attempt).not.toThrow(/secret/);
  });
});
