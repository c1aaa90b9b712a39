// Rules (docs/sync-protocol.md): S1, S2, S4, S8, S19, S20
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { fixedClock } from '../../shared/lib/clock.ts';
import { problemOf } from '../support/opened-book.ts';
import { type EngineLaptop, engineLaptop } from './support/engine-laptop.ts';
import { recordsOf } from './support/folder-laptop.ts';
import { sharedSyncServer, type SyncServer } from './support/sync-server.ts';

/*
 * What is not right on the other side: one sentence that says what to do, and nothing half-done. Everything that is here stays, what
 * waits still waits, and the next sync with the right server brings both into step.
 */
const clock = fixedClock('2026-03-04T09:00:00.000Z');
const server = sharedSyncServer(clock, 'postgres');
let companies = 0;

async function listening(made: Server): Promise<number> {
  made.keepAliveTimeout = 0;
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done));
  onTestFinished(
    () =>
      new Promise<void>((done) => {
        made.close(() => done());
        made.closeAllConnections();
      }),
  );
  return (made.address() as AddressInfo).port;
}

type Twist = (answer: Awaited<ReturnType<SyncServer['answer']>>, request: { url: string; body: unknown }) => object;
/** The real server behind something that answers in its place while `twist` says so, or changes what it answers. */
async function behind(one: SyncServer) {
  let instead: RequestListener | null = null;
  let twist: Twist | null = null;
  let mostBytes = Number.POSITIVE_INFINITY;
  const carryOut = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const { method = 'GET', url = '/', headers } = incoming;
    if (instead !== null) {
      instead(incoming, outgoing);
      return;
    }
    const body = Buffer.concat(pieces);
    if (body.length > mostBytes) {
      outgoing.writeHead(413, { 'content-type': 'text/html' }).end('<html>Request Entity Too Large</html>');
      return;
    }
    // What is twisted has to be read: the server packs nothing for whoever does not ask for it.
    const { 'accept-encoding': __, ...plain } = headers;
    const answer = await one.answer({ method, url, headers: plain, body });
    const text =
      twist === null || answer.status !== 200
        ? answer.body
        : JSON.stringify({
            ...(JSON.parse(answer.body.toString()) as object),
            ...twist(answer, { url, body: body.length > 0 ? JSON.parse(body.toString()) : null }),
          });
    const { 'content-length': _, ...rest } = answer.headers;
    outgoing.writeHead(answer.status, rest).end(text);
  };
  const port = await listening(createServer((incoming, outgoing) => void carryOut(incoming, outgoing).catch(() => outgoing.destroy())));
  return {
    url: `http://127.0.0.1:${port}`,
    answerInstead: (listener: RequestListener | null) => void (instead = listener),
    twist: (next: Twist | null) => void (twist = next),
    /** As a gateway with a limit of its own does it. */
    refuseLarger: (bytes: number) => void (mostBytes = bytes),
  };
}

async function connected(): Promise<{ ada: EngineLaptop; bob: EngineLaptop; line: Awaited<ReturnType<typeof behind>>; email: string }> {
  const one = await server();
  companies += 1;
  const { email } = await one.organisation(`bad-${companies}`);
  const line = await behind(one);
  const at = new Date(clock.now()).toISOString();
  const [ada, bob] = [await engineLaptop('Ada', { at }), await engineLaptop('Bob', { at })];
  await ada.connect(line.url, email);
  await bob.connect(one.url, email);
  await ada.inStep();
  await ada.book.clients.create({ name: 'Waits here' });
  await bob.book.clients.create({ name: 'Comes from there', phone: '1' });
  await bob.inStep();
  return { ada, bob, line, email };
}

/** The sync fails with this sentence, and nothing here is another than before. */
async function expectSaid(laptop: EngineLaptop, words: RegExp): Promise<void> {
  const { book } = laptop.book;
  const before = { records: recordsOf(book), checkpoints: new Map(book.sync.checkpoints), waiting: [...book.sync.waiting()] };
  const { state, problem, waiting, sent } = await laptop.sync();
  expect({ state, problem }).toEqual({ state: 'failed', problem: expect.stringMatching(words) });
  expect(problem?.split(/[.!] /).length, 'short enough for the bottom of a window').toBeLessThanOrEqual(3);
  expect(waiting).toBe(before.waiting.length);
  expect(sent).toEqual({ created: 0, changed: 0, deleted: 0 });
  expect({ records: recordsOf(book), checkpoints: new Map(book.sync.checkpoints), waiting: [...book.sync.waiting()] }).toEqual(before);
}

async function agree(...laptops: EngineLaptop[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) for (const one of laptops) await one.inStep();
  const [first, ...others] = laptops.map(({ book: { book } }) => recordsOf(book));
  for (const other of others) expect(other).toEqual(first);
}

const json =
  (body: string, status = 200): RequestListener =>
  (_, outgoing) =>
    void outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);

it.each([
  [
    'another program’s JSON',
    json('{"hello":"world"}'),
    /^This is not a Fieldbook server, so nothing was sent\..*Check the address, or update Fieldbook\.$/,
  ],
  ['nothing that is known', json('{"error":"no such thing"}', 404), /^This is not a Fieldbook server.*Check the address\.$/],
  ['a list', json('[1,2,3]'), /^This is not a Fieldbook server/],
  ['a number', json('7'), /^This is not a Fieldbook server/],
  ['nothing at all', json(''), /^This is not a Fieldbook server/],
  [
    'the page of a hotel with status 200',
    (_, outgoing) => void outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
    /^This is not a Fieldbook server.*sign in to this network in a browser first\.$/,
  ],
  [
    'another address',
    (_, outgoing) => void outgoing.writeHead(302, { location: 'http://hotel.example/' }).end(),
    /^This is not a Fieldbook server.*sends Fieldbook on to another address.*in a browser first\.$/,
  ],
  [
    'the wish to be left alone for a while',
    json('{"code":"too_many","message":"Later."}', 429),
    /^The server .* asked this laptop to wait before it goes on\. Everything is safe here; Fieldbook tries again\.$/,
  ],
  [
    'the same wish of a gateway',
    (_, outgoing) => void outgoing.writeHead(429, { 'content-type': 'text/html' }).end('<html>Too Many Requests</html>'),
    /^The server .* asked this laptop to wait before it goes on\. /,
  ],
  [
    'half of its JSON',
    json('{"organisationId":"'),
    /^Only half of an answer came from .*Everything is safe here; Fieldbook tries again\.$/,
  ],
  [
    'half of its bytes',
    (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' }).write('{"organisationId":');
      setImmediate(() => outgoing.destroy());
    },
    /^The connection to .* broke off\. Everything is safe here; Fieldbook tries again\.$/,
  ],
  [
    '500 MB, and says so',
    (_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': String(500 * 1024 * 1024) }).write('"');
    },
    /^This is not a Fieldbook server.*It sent more than Fieldbook ever asks for\.$/,
  ],
] satisfies [string, RequestListener, RegExp][])('S19: a server that answers with %s', async (_what, listener, words) => {
  const { ada, bob, line, email } = await connected();
  line.answerInstead(listener);
  await expectSaid(ada, words);
  // Whoever connects there is told the same, and nothing is kept.
  const fresh = await engineLaptop('Eve', { at: new Date(clock.now()).toISOString() });
  const { code, message } = await problemOf(fresh.connect(line.url, email));
  expect(code).toBe('NOT_CONNECTED');
  expect(message.length).toBeGreaterThan(20);
  expect(fresh.remotes.list()).toEqual([]);
  line.answerInstead(null);
  await agree(ada, bob);
});

it('S19: an answer without an end, and one that is small only while it is packed, are given up before they fill the memory', async () => {
  const { ada, bob, line } = await connected();
  let sent = 0;
  const tenMegabytes = gzipSync(Buffer.alloc(10 * 1024 * 1024, 0x20));
  line.answerInstead((_, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      while (!outgoing.destroyed && outgoing.write(piece)) sent += 1;
      if (!outgoing.destroyed) outgoing.once('drain', more);
    };
    more();
  });
  await expectSaid(ada, /It sent more than Fieldbook ever asks for\.$/);
  expect(sent, 'megabytes').toBeLessThan(120);
  const packed = Buffer.concat(Array.from({ length: 50 }, () => tenMegabytes));
  line.answerInstead((_, outgoing) => {
    outgoing
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': packed.length })
      .end(packed);
  });
  const before = process.memoryUsage().rss;
  await expectSaid(ada, /It sent more than Fieldbook ever asks for\.$/);
  expect((process.memoryUsage().rss - before) / 1024 / 1024, 'megabytes').toBeLessThan(400);
  line.answerInstead(null);
  await agree(ada, bob);
});

it('S19: a certificate that is not right is told as that, and nothing is sent to who has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-certificate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', made, { stdio: 'ignore' });
  let asked = 0;
  const listener: RequestListener = (_, outgoing) => {
    asked += 1;
    outgoing.end();
  };
  const port = await listening(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener));
  const ada = await engineLaptop('Ada');
  const { message, field } = await problemOf(ada.connect(`https://localhost:${port}`, 'ada@b.example'));
  expect(message).toMatch(
    /^The certificate of localhost:\d+ is not right, so nothing was sent\. Check the address and the clock of this computer/,
  );
  expect([field, asked]).toEqual(['url', 0]);
});

type Page = { rows: { seq: number; record?: Record<string, unknown> }[]; checkpoint: { seq: number; epoch: string }; more: boolean };
const pageOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString()) as Page;
const isPullOf = (collection: string, { url, body }: { url: string; body: unknown }) =>
  url === '/sync/pull' && (body as { collection: string }).collection === collection;

it.each([
  ['rows in no order', ({ rows }: Page) => ({ rows: rows.toReversed() })],
  ['one number for two rows', ({ rows }: Page) => ({ rows: rows.map((row) => ({ ...row, seq: rows[0]?.seq })) })],
  ['a row from before the checkpoint', ({ rows }: Page) => ({ rows: rows.map((row, at) => ({ ...row, seq: at })) })],
  ['a checkpoint before its rows', ({ checkpoint }: Page) => ({ checkpoint: { ...checkpoint, seq: 1 } })],
  ['more and more of nothing', ({ checkpoint }: Page) => ({ rows: [], checkpoint: { ...checkpoint, seq: 0 }, more: true })],
] as const)('S4: numbers that go back, as %s, are not believed', async (_what, bent) => {
  const { ada, bob, line } = await connected();
  await bob.book.clients.create({ name: 'One more' });
  await bob.inStep();
  line.twist((answer, request) => (isPullOf('clients', request) ? bent(pageOf(answer)) : {}));
  await expectSaid(
    ada,
    /^The numbers of 127\.0\.0\.1:\d+ go back, which those of a Fieldbook server never do, so nothing of that answer was taken in\. Tell whoever runs it\.$/,
  );
  line.twist(null);
  await agree(ada, bob);
});

it('S19: a record that is none of its noun, and an operation on a noun that is unknown here, leave the book as it was or whole', async () => {
  const { ada, bob, line } = await connected();
  const bad: object[] = [{ tags: 'not a list' }, { name: { deeply: 'wrong' } }, { deletedAt: 7 }, { stamps: null }];
  for (const wrong of bad) {
    line.twist((answer, request) =>
      isPullOf('clients', request) ? { rows: pageOf(answer).rows.map((row) => ({ ...row, record: { ...row.record, ...wrong } })) } : {},
    );
    await expectSaid(ada, /^This is not a Fieldbook server, so nothing was sent\. /);
  }
  // A later version has nouns of its own: its operations are history of what is not here, and no reason to stop.
  line.twist((answer, request) =>
    isPullOf('operations', request)
      ? {
          rows: pageOf(answer).rows.map((row) => ({
            ...row,
            record: { ...row.record, changes: [{ collection: 'projects', id: 'p-1', before: null, after: { name: 'Later' } }] },
          })),
        }
      : {},
  );
  expect(await ada.sync()).toMatchObject({ state: 'synced', waiting: 0 });
  ada.goOnWith(await ada.book.reopen());
  line.twist(null);
  await agree(ada, bob);
});

it.each([365, -365])('S8: a clock that is %s days off is told of, and what was saved with it goes all the same', async (days) => {
  const { ada, bob } = await connected();
  const { clock: own } = ada.book;
  const right = own.now();
  own.moveTo(new Date(right + days * 86_400_000).toISOString());
  const { record } = await ada.book.clients.create({ name: 'Of another year' });
  const receipt = await ada.sync();
  expect(receipt).toMatchObject({ state: 'synced', waiting: 0 });
  expect(receipt.problem).toMatch(
    days > 0
      ? /^The clock of this computer is 365 days ahead of the server’s\. Set it right; until then what is saved here is sent with the server’s time\.$/
      : /^The clock of this computer is 365 days behind the server’s\. Set it right; until then changes of others may stand over later ones from here\.$/,
  );
  await bob.inStep();
  expect(bob.book.book.get('clients', record.id)).toMatchObject({ name: 'Of another year' });
  own.moveTo(new Date(right + 60_000).toISOString());
  expect((await ada.sync()).problem).toBeUndefined();
  await agree(ada, bob);
});

it('S2: a disk that is full amid a pull is told, nothing of that page is there, and with room it goes on', async () => {
  const { ada, bob, line } = await connected();
  for (let at = 0; at < 30; at += 1)
    await bob.book.contacts.create({ firstName: `Contact ${at}`, clientId: [...bob.book.book.all('clients')][0]?.id ?? '' });
  await bob.inStep();
  const before = recordsOf(ada.book.book);
  line.twist((_, request) => {
    if (isPullOf('contacts', request)) ada.book.disk.free = 0;
    return {};
  });
  const receipt = await ada.sync();
  expect(receipt).toMatchObject({ state: 'failed', problem: expect.stringMatching(/disk is full.*(Free|free)/), waiting: 1 });
  const after = recordsOf(ada.book.book);
  expect([...after.keys()].filter((key) => key.startsWith('contacts/'))).toEqual([]);
  expect(after.size, 'what came before is whole').toBe(before.size + receipt.received.created);
  ada.goOnWith(await ada.book.reopen());
  expect(recordsOf(ada.book.book), 'and it is what is on the disk').toEqual(after);
  line.twist(null);
  await agree(ada, bob);
});

it('S2: a gateway that lets through less than the server takes gets smaller pieces, and is named where one change is too large for it', async () => {
  const { ada, bob, line } = await connected();
  await ada.inStep();
  for (let at = 0; at < 40; at += 1) await ada.book.clients.create({ name: `Client ${at}`, notes: 'Ask for Grace. '.repeat(40) });
  line.refuseLarger(300);
  await expectSaid(
    ada,
    /^Something in front of 127\.0\.0\.1:\d+ lets no change through .* Ask whoever runs it to allow requests of 8 MB; everything is safe here\.$/,
  );
  line.refuseLarger(16_000);
  await agree(ada, bob);
  expect(ada.book.book.sync.hasUnsentOperations()).toBe(false);
});
