import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SMTPServerOptions } from 'smtp-server';
import { openDataKeys } from '../../../../electron/database/data-key.ts';
import { createTextSeal } from '../../../../electron/database/secret-box.ts';
import { createOutboxService, type EmailInput } from '../../../../electron/domain/outbox.service.ts';
import { createLog } from '../../../../electron/log.ts';
import { type MailAccounts, openMailAccounts } from '../../../../electron/mail/mail-account.ts';
import { createOutboxWorker, type OutboxWorker } from '../../../../electron/mail/outbox-worker.ts';
import { createMailer, type Mailer } from '../../../../electron/mail/smtp.ts';
import type { MailAccountInput, MailRow, OutboxState } from '../../../../shared/contracts/outbox.contract.ts';
import {
  answer,
  closedPort,
  decoded,
  headersOf,
  mailPassword,
  mailUser,
  type MailServer,
  startMailServer,
} from '../../../support/mail-server.ts';
import { openLaptop, problemOf, type TestBook } from '../../../support/opened-book.ts';
import { quietPlatform } from '../../../support/quiet-platform.ts';

interface Desk {
  laptop: TestBook;
  clientId: string;
  outbox: ReturnType<typeof createOutboxService>;
  accounts: MailAccounts;
  worker: OutboxWorker;
  states: OutboxState[];
  write(changes?: Partial<EmailInput>): Promise<string>;
  row(id: string): MailRow;
}

async function server(options?: SMTPServerOptions): Promise<MailServer> {
  const started = await startMailServer(options);
  onTestFinished(() => started.close());
  return started;
}

const account = (port: number, changes: Partial<MailAccountInput> = {}): MailAccountInput => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  user: mailUser,
  fromName: 'Ada of Fieldbook',
  fromAddress: mailUser,
  password: mailPassword,
  ...changes,
});

/** The outbox of an open book, as main puts it together. */
async function deskOf(laptop: TestBook, clientId: string, mailer: Mailer = createMailer({ answerMs: 3000 })): Promise<Desk> {
  const log = createLog(laptop.folder, laptop.clock);
  const keys = await openDataKeys(laptop.folder, quietPlatform().keychain, log);
  const states: OutboxState[] = [];
  const outbox = createOutboxService({ book: laptop.book, clock: laptop.clock, device: laptop.files.opened.deviceId });
  const accounts = await openMailAccounts(laptop.folder, createTextSeal(keys), { log, onChanged: () => worker.accountChanged() });
  const worker = createOutboxWorker({ outbox, accounts, mailer, clock: laptop.clock, log, onState: (state) => states.push(state) });
  onTestFinished(() => worker.close());
  return {
    laptop,
    clientId,
    outbox,
    accounts,
    worker,
    states,
    write: async (changes = {}) =>
      (
        await outbox.save({
          id: null,
          about: 'clients',
          aboutId: clientId,
          recipients: ['grace@bakery.example'],
          subject: 'Our offer',
          text: 'Dear Grace,\n\nhere it is.\n\nAda',
          send: 'now',
          scheduledFor: null,
          ...changes,
        })
      ).id,
    row(id) {
      const row = outbox.list().rows.find((one) => one.id === id);
      if (row === undefined) throw new Error('The e-mail is not in the outbox');
      return row;
    },
  };
}

async function desk(mailer?: Mailer): Promise<Desk> {
  const laptop = await openLaptop();
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery' });
  return deskOf(laptop, record.id, mailer);
}

function later(laptop: TestBook, minutes: number): void {
  laptop.clock.moveTo(new Date(laptop.clock.now() + minutes * 60_000).toISOString());
}

describe('an e-mail that is due', () => {
  it('leaves once, with what was written, from the account and to everyone named', async () => {
    const mails = await server();
    const { worker, accounts, write, row, laptop, clientId, outbox } = await desk();
    await accounts.change(account(mails.port));
    const id = await write({
      recipients: ['grace@bakery.example', 'office@bakery.example'],
      subject: 'Angebot für Grüße 麦 🥐',
      text: 'Grüße\n.\n<b>2 < 3</b>',
    });
    await worker.idle();
    worker.wake();
    await worker.idle();
    expect(mails.mails).toHaveLength(1);
    const [mail] = mails.mails;
    expect(mail).toMatchObject({ from: mailUser, to: ['grace@bakery.example', 'office@bakery.example'], user: mailUser });
    const headers = new Map(headersOf(mail?.raw ?? ''));
    expect(decoded(headers.get('Subject') ?? '')).toBe('Angebot für Grüße 麦 🥐');
    expect(headers.get('From')).toBe(`Ada of Fieldbook <${mailUser}>`);
    expect(headers.get('To')).toBe('grace@bakery.example, office@bakery.example');
    expect(headers.get('Message-ID')).toBe(`<${id}@fieldbook.example>`);
    expect(Date.parse(headers.get('Date') ?? '')).toBe(laptop.clock.now());
    expect(headers.get('Content-Type')).toContain('multipart/alternative');
    const raw = mail?.raw.replaceAll(/=\r\n/g, '') ?? '';
    expect(raw).toContain('Gr=C3=BC=C3=9Fe\r\n.\r\n<b>2 < 3</b>');
    expect(raw).toContain('&lt;b&gt;2 &lt; 3&lt;/b&gt;');

    expect(row(id)).toMatchObject({ state: 'sent', sentAt: '2026-03-04T09:00:00.000Z', failure: null });
    expect(laptop.clients.get(clientId).lastContactDate).toBe('2026-03-04');
    expect(outbox.list().sentTotal).toBe(1);
    expect(laptop.activities.get(id)).toMatchObject({ status: 'sent', fromAccount: mailUser, outbox: null });
  });

  it('is journaled as being sent before anything leaves, and none of that is in the undo stack', async () => {
    const mails = await server();
    const { worker, accounts, write, laptop } = await desk();
    await accounts.change(account(mails.port));
    const steps: (string | null)[] = [];
    let id = '';
    mails.onSender = () => void steps.push(laptop.activities.get(id).status);
    id = await write();
    await worker.idle();
    expect(steps).toEqual(['sending']);
    const commands = [...laptop.database.kept.values()].map(({ command }) => command);
    expect(commands).toEqual(['clients.create', 'outbox.save', 'outbox.worker.sending', 'outbox.worker.sent']);
    expect(laptop.undoStates.at(-1)?.undo?.command).toBe('outbox.save');
    // What has left is not unsaid, and the steps before it can still be undone.
    expect(await laptop.history.undo(null)).toMatchObject({ records: 0, keptBecause: expect.stringContaining('has left this computer') });
    expect(laptop.activities.get(id)).toMatchObject({ status: 'sent', deletedAt: null, subject: 'Our offer' });
    expect(laptop.undoStates.at(-1)?.undo?.command).toBe('clients.create');
    expect(await problemOf(laptop.activities.change(id, { subject: 'Another offer' }))).toMatchObject({ code: 'INVALID_INPUT' });
    expect((await laptop.reopen()).activities.get(id)).toMatchObject({ status: 'sent', subject: 'Our offer' });
  });

  it('waits for its time, and can be taken back until then', async () => {
    const mails = await server();
    const { worker, accounts, write, row, laptop, outbox } = await desk();
    await accounts.change(account(mails.port));
    const id = await write({ send: 'later', scheduledFor: '2026-03-04T10:00:00.000Z' });
    const other = await write({ send: 'later', scheduledFor: '2026-03-04T10:00:00.000Z' });
    later(laptop, 59);
    worker.wake();
    await worker.idle();
    expect(mails.connections).toBe(0);
    await outbox.cancel(other);
    expect(row(other).state).toBe('draft');
    later(laptop, 1);
    worker.wake();
    await worker.idle();
    expect(mails.mails.map(({ raw }) => raw.includes(id))).toEqual([true]);
    expect((await problemOf(outbox.cancel(id))).code).toBe('EMAIL_LEFT');
    await laptop.history.undo(null);
    worker.wake();
    await worker.idle();
    expect(row(other).state, 'undoing the taking back sends it after all').toBe('sent');
  });

  it('cannot bring a line of its own into the header, whatever stands in subject, names and addresses', async () => {
    const mails = await server();
    const { worker, accounts, write, laptop, row } = await desk();
    await accounts.change({ ...account(mails.port), fromName: 'Ada"\r\nBcc: evil@b.example\r\n' });
    const id = await write({ send: 'draft' });
    // Past every contract, as a book from elsewhere might have it.
    await laptop.book.run('test.change', null, (tx) =>
      tx.change('activities', id, { subject: 'Offer\r\nBcc: evil@b.example\r\n\r\n<b>body</b>\u2028X: 1' }),
    );
    await laptop.book.run('test.send', null, (tx) =>
      tx.change('activities', id, {
        status: 'scheduled',
        scheduledFor: '2026-03-04T09:00:00.000Z',
        outbox: { device: laptop.files.opened.deviceId, tries: 0, firstTriedAt: null, nextTryAt: null },
      }),
    );
    worker.wake();
    await worker.idle();
    expect(row(id).state).toBe('sent');
    const [mail] = mails.mails;
    expect(mail?.to).toEqual(['grace@bakery.example']);
    const names = headersOf(mail?.raw ?? '').map(([name]) => name);
    expect(names.toSorted()).toEqual(['Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To']);
    for (const address of ['a@b.example\r\nBcc: evil@b.example', 'a@b.example, evil@b.example', '<a@b.example> evil@b.example']) {
      expect((await problemOf(write({ recipients: [address] }))).code).toBe('INVALID_INPUT');
    }
  });
});

describe('an e-mail that a server does not take', () => {
  it('is tried again after a no for now, and delivered once', async () => {
    const mails = await server();
    const { worker, accounts, write, row, laptop } = await desk();
    await accounts.change(account(mails.port));
    mails.onRecipient = () => {
      throw answer(451, 'Greylisted, come back');
    };
    const id = await write();
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'waiting', tries: 1, nextTryAt: '2026-03-04T09:01:00.000Z' });
    expect(row(id).failure).toContain('451 Greylisted, come back');
    mails.onRecipient = () => undefined;
    worker.wake();
    await worker.idle();
    expect(mails.mails, 'not before its time').toHaveLength(0);
    later(laptop, 1);
    worker.wake();
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'sent', failure: null });
    expect(mails.mails).toHaveLength(1);
  });

  it('fails at once after a no for good, says why, and can be mended and sent again', async () => {
    const mails = await server();
    const { worker, accounts, write, row, outbox, laptop, clientId } = await desk();
    await accounts.change(account(mails.port));
    mails.onRecipient = (address) => {
      if (address === 'grcae@bakery.example') throw answer(550, 'No such user here');
    };
    const id = await write({ recipients: ['grcae@bakery.example'] });
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'failed' });
    expect(row(id).failure).toBe(
      'The mail server 127.0.0.1 refuses the recipient. Check the address. It answered: "550 No such user here".',
    );
    expect(outbox.counts()).toEqual({ waiting: 0, failed: 1, unsure: 0 });
    expect(laptop.clients.get(clientId).lastContactDate).toBeNull();
    await write({ id, recipients: ['grace@bakery.example'] });
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'sent', recipients: ['grace@bakery.example'] });
  });

  it('tells who did not get it where only some were refused', async () => {
    const mails = await server();
    const { worker, accounts, write, row } = await desk();
    await accounts.change(account(mails.port));
    mails.onRecipient = (address) => {
      if (address.startsWith('gone')) throw answer(550, 'No such user here');
    };
    const id = await write({ recipients: ['grace@bakery.example', 'gone@bakery.example'] });
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'sent' });
    expect(row(id).failure).toContain('refused gone@bakery.example; the others got it');
    expect(mails.mails[0]?.to).toEqual(['grace@bakery.example']);
  });

  it('fails when the login is refused, and the others wait until the account is changed', async () => {
    const mails = await server();
    const { worker, accounts, write, row, outbox } = await desk();
    await accounts.change(account(mails.port, { password: 'wrong' }));
    const first = await write();
    const second = await write({ subject: 'Second' });
    await worker.idle();
    worker.wake();
    await worker.idle();
    expect(row(first)).toMatchObject({ state: 'failed' });
    expect(row(first).failure).toContain('refuses the user name or the password');
    expect(row(second).state).toBe('waiting');
    expect(worker.state().hold).toContain('refuses the user name or the password');
    expect(mails.connections, 'no second login with a password that is known to be wrong').toBe(1);
    await accounts.change(account(mails.port));
    await worker.idle();
    expect(row(second).state).toBe('sent');
    expect(worker.state().hold).toBeNull();
    await outbox.sendAgain(first);
    await worker.idle();
    expect(row(first).state).toBe('sent');
    expect(mails.mails).toHaveLength(2);
  });
});

describe('an e-mail whose connection is lost', () => {
  it('may have been sent when the whole message was out, is not sent again by itself, and a person decides', async () => {
    const mails = await server();
    const { worker, accounts, write, row, outbox } = await desk();
    await accounts.change(account(mails.port));
    mails.onMail = () => {
      mails.cut();
      throw answer(451, 'never heard');
    };
    const id = await write();
    const other = await write({ subject: 'Other' });
    await worker.idle();
    worker.wake();
    await worker.idle();
    expect([row(id).state, row(other).state]).toEqual(['unsure', 'unsure']);
    expect(row(id).failure).toContain('lost before the mail server said that it has it');
    expect(outbox.counts()).toEqual({ waiting: 0, failed: 0, unsure: 2 });
    const before = mails.connections;
    mails.onMail = () => undefined;
    worker.wake();
    await worker.idle();
    expect(mails.connections).toBe(before);
    await outbox.markSent(other);
    expect(row(other).state).toBe('sent');
    await outbox.sendAgain(id);
    await worker.idle();
    expect(row(id).state).toBe('sent');
    expect(new Map(headersOf(mails.mails[0]?.raw ?? '')).get('Message-ID')).toBe(`<${id}@fieldbook.example>`);
    expect((await problemOf(outbox.markSent(id))).code).toBe('EMAIL_LEFT');
  });

  it('waits for another try when nothing of it was out', async () => {
    const mails = await server();
    const { worker, accounts, write, row } = await desk();
    await accounts.change(account(mails.port));
    mails.onSender = () => {
      mails.cut();
    };
    const id = await write();
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'waiting', tries: 1 });
  });

  it('waits with its tries kept where the server cannot be reached, and says so', async () => {
    const { worker, accounts, write, row } = await desk();
    await accounts.change(account(await closedPort()));
    const id = await write();
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'waiting', tries: 1 });
    expect(row(id).failure).toContain('takes no mail on port');
  });

  it('does not even try without a network, uses up no try, and leaves when it is back', async () => {
    const mails = await server();
    const real = createMailer({ answerMs: 3000 });
    let isOnline = false;
    const { worker, accounts, write, row, laptop } = await desk({
      ...real,
      obstacle: async (login) => (isOnline ? real.obstacle(login) : 'This computer has no connection.'),
    });
    await accounts.change(account(mails.port));
    const id = await write();
    await worker.idle();
    expect(row(id)).toMatchObject({ state: 'waiting', tries: 0 });
    expect(worker.state().hold).toBe('This computer has no connection.');
    expect([...laptop.database.kept.values()].some(({ command }) => command.startsWith('outbox.worker'))).toBe(false);
    isOnline = true;
    worker.wake();
    await worker.idle();
    expect(row(id).state).toBe('sent');
    expect(worker.state().hold).toBeNull();
  });

  it('is told as perhaps sent after a crash in the middle, and is never sent by the next start', async () => {
    const mails = await server();
    const { outbox, accounts, write, laptop, clientId } = await desk();
    const id = await write({ send: 'later', scheduledFor: '2026-03-04T08:00:00.000Z' });
    // As far as a program gets that dies while it sends.
    await outbox.claim(id, mailUser);
    expect(accounts.state().account).toBeNull();
    const again = await deskOf(await laptop.reopen(), clientId);
    await again.accounts.change(account(mails.port));
    again.worker.wake();
    await again.worker.idle();
    expect(again.row(id).state).toBe('unsure');
    expect(again.worker.state()).toMatchObject({ unsure: 1, waiting: 0 });
    expect(mails.connections).toBe(0);
    expect((await problemOf(again.outbox.cancel(id))).code).toBe('EMAIL_LEFT');
  });

  it('is not sent by another copy of the book', async () => {
    const mails = await server();
    const { laptop, clientId, write } = await desk();
    const id = await write();
    const outbox = createOutboxService({ book: laptop.book, clock: laptop.clock, device: 'the restored one' });
    expect(outbox.next(laptop.clock.now())).toBeNull();
    expect(outbox.list().rows[0]).toMatchObject({ id, state: 'elsewhere' });
    await outbox.sendAgain(id);
    expect(outbox.next(laptop.clock.now())?.id).toBe(id);
    expect(mails.connections + laptop.counts().activities, clientId).toBe(1);
  });

  it('ends truthfully when Fieldbook is closed meanwhile', async () => {
    const mails = await server();
    const { worker, accounts, write, row } = await desk();
    await accounts.change(account(mails.port));
    const { promise, resolve } = Promise.withResolvers<void>();
    mails.onMail = () => {
      resolve();
      return new Promise(() => undefined);
    };
    const id = await write();
    await promise;
    await worker.close();
    expect(row(id).state).toBe('unsure');
  });

  it('comes back into the outbox when it was deleted while it left', async () => {
    const mails = await server();
    const { worker, accounts, write, row, laptop } = await desk();
    await accounts.change(account(mails.port));
    let id = '';
    mails.onMail = async () => void (await laptop.activities.remove([id]));
    id = await write();
    await worker.idle();
    expect(row(id).state).toBe('sent');
    expect(laptop.activities.get(id).deletedAt).toBeNull();
  });
});

describe('the account', () => {
  it('lets everything wait while there is none, and says so', async () => {
    const mails = await server();
    const { worker, accounts, write, row } = await desk();
    const id = await write();
    await worker.idle();
    expect(worker.state()).toMatchObject({ hasAccount: false, waiting: 1 });
    expect(worker.state().hold).toContain('There is no mail account yet');
    await accounts.change(account(mails.port));
    await worker.idle();
    expect(row(id).state).toBe('sent');
  });

  it('keeps the password in no file as it is, keeps it over a restart, and for its own server only', async () => {
    const mails = await server();
    const { worker, accounts, write, laptop, clientId } = await desk();
    await accounts.change(account(mails.port));
    await write();
    await worker.idle();
    expect(mails.mails).toHaveLength(1);
    const files = readdirSync(laptop.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(
      texts.some((text) => text.includes('outbox.fared')),
      'the log was looked at',
    ).toBe(true);
    expect(
      texts.some((text) => text.includes(mailUser)),
      'the account was looked at',
    ).toBe(true);
    for (const secret of [mailPassword, Buffer.from(mailPassword).toString('base64')]) {
      expect(texts.some((text) => text.includes(secret))).toBe(false);
    }
    const log = readFileSync(join(laptop.folder, 'logs/fieldbook.log'), 'utf8');
    for (const typed of ['grace@', 'Our offer', 'Dear Grace']) expect(log).not.toContain(typed);

    const again = await deskOf(await laptop.reopen(), clientId);
    expect(again.accounts.state()).toMatchObject({ password: 'kept', protection: 'none' });
    const { password: _, ...withoutPassword } = account(mails.port);
    expect(await again.accounts.change({ ...withoutPassword, port: mails.port, fromName: 'Ada L.' })).toMatchObject({ password: 'kept' });
    expect(await again.accounts.change({ ...withoutPassword, host: 'localhost' })).toMatchObject({ password: 'none' });
    expect(await again.accounts.remove()).toMatchObject({ account: null, password: 'none' });
  });

  it('says of each thing that keeps a test message from leaving what it is', async () => {
    const { worker, accounts } = await desk();
    const test = async (changes: MailAccountInput) => {
      await accounts.change(changes);
      return (await problemOf(worker.test('grace@bakery.example'))).code;
    };
    expect((await problemOf(worker.test('grace@bakery.example'))).code).toBe('MAIL_NO_ACCOUNT');
    expect(await test(account(await closedPort()))).toBe('MAIL_CONNECTION_REFUSED');
    const plain = await server();
    expect(await test(account(plain.port, { password: 'wrong' }))).toBe('MAIL_LOGIN_REFUSED');
    expect(await test(account(plain.port, { security: 'starttls' }))).toBe('MAIL_NOT_ENCRYPTED');
    expect(await test(account(plain.port, { security: 'tls' }))).toBe('MAIL_CERTIFICATE');
    const selfSigned = await server({ secure: true });
    expect(await test(account(selfSigned.port, { security: 'tls' }))).toBe('MAIL_CERTIFICATE');
    plain.onSender = () => {
      throw answer(553, 'Not your address');
    };
    expect(await test(account(plain.port))).toBe('MAIL_SENDER_REFUSED');
    plain.onSender = () => undefined;
    plain.onRecipient = () => {
      throw answer(550, 'No such user');
    };
    expect(await test(account(plain.port))).toBe('MAIL_RECIPIENT_REFUSED');
    plain.onRecipient = () => undefined;
    plain.onMail = () => {
      throw answer(554, 'Looks like spam');
    };
    expect(await test(account(plain.port))).toBe('MAIL_MESSAGE_REFUSED');
    plain.onMail = () => plain.cut();
    expect(await test(account(plain.port))).toBe('MAIL_CONNECTION_LOST');
    plain.onMail = () => undefined;
    await accounts.change(account(plain.port));
    await worker.test('grace@bakery.example');
    expect(plain.mails.at(-1)?.to).toEqual(['grace@bakery.example']);
  });

  it('sends over TLS and STARTTLS where the server can prove who it is', async () => {
    const { worker, accounts } = await desk(createMailer({ answerMs: 3000, tls: { rejectUnauthorized: false } }));
    const tls = await server({ secure: true });
    await accounts.change(account(tls.port, { security: 'tls' }));
    await worker.test('grace@bakery.example');
    const starttls = await server({ disabledCommands: [], allowInsecureAuth: false });
    await accounts.change(account(starttls.port, { security: 'starttls' }));
    await worker.test('grace@bakery.example');
    expect([tls.mails.length, starttls.mails.length]).toEqual([1, 1]);
  });
});
