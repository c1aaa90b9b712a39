// Rules (docs/sync-protocol.md): S16, S19
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits, schemaHeader } from '../../shared/sync/wire.ts';
import { deviceOf, row, type SyncDevice } from './support/sync-device.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

let companies = 0;
const checksumOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.each(engines)('Files of laptops on %s', (engine) => {
  let server: TestServer;
  let admin: Somebody;
  let ada: SyncDevice;
  let sender: ReturnType<typeof senderOf>;

  /** How a device sends and fetches bytes. */
  function senderOf(somebody: Somebody) {
    const request = async (method: 'HEAD' | 'PATCH' | 'GET', sha256: string, headers: Record<string, string>, payload?: Buffer) => {
      const response = await server.app.inject({
        method,
        url: `/sync/files/${sha256}`,
        headers: { authorization: `Bearer ${somebody.accessToken}`, [schemaHeader]: '1', ...headers },
        ...(payload !== undefined && { payload }),
      });
      const json = response.headers['content-type']?.toString().startsWith('application/json') === true;
      return {
        status: response.statusCode,
        offset: Number(response.headers['upload-offset']),
        isComplete: response.headers['upload-complete'] === 'true',
        headers: response.headers,
        body: (json && method !== 'HEAD' ? response.json() : {}) as Record<string, unknown>,
        bytes: response.rawPayload,
      };
    };
    return {
      stands: (sha256: string) => request('HEAD', sha256, {}),
      add: (sha256: string, offset: number | string, length: number | string, piece: Buffer, type = 'application/octet-stream') =>
        request('PATCH', sha256, { 'upload-offset': String(offset), 'upload-length': String(length), 'content-type': type }, piece),
      get: (sha256: string, headers: Record<string, string> = {}) => request('GET', sha256, headers),
      async send(bytes: Buffer) {
        const sha256 = checksumOf(bytes);
        for (let at = 0; ; ) {
          const end = Math.min(at + limits.chunkBytes, bytes.length);
          const answer = await this.add(sha256, at, bytes.length, bytes.subarray(at, end));
          expect(answer).toMatchObject({ status: 200, offset: end, isComplete: end === bytes.length });
          at = end;
          if (answer.isComplete) return sha256;
        }
      },
    };
  }

  const attach = async (sha256: string, more: Record<string, unknown> = {}) => {
    const client = ada.make('clients', { name: 'North', ...more });
    const file = ada.make('activities', {
      kind: 'attachment',
      about: 'clients',
      aboutId: client.id,
      fileName: 'a.bin',
      mediaType: 'text/plain',
      size: 1,
      sha256,
    });
    expect(await ada.push([row('clients', client), row('activities', file)])).toMatchObject([{ verdict: 'ok' }, { verdict: 'ok' }]);
    return { client, file };
  };
  const onDisk = () => readdirSync(server.attachments, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}/.test(name));

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncFiles', {
      sync: { fileLimits: { fileBytes: 10 * 1024 * 1024, organisationBytes: 20 * 1024 * 1024 } },
    });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    companies += 1;
    admin = await server.organisation(`files-sync-${engine}-${companies}`);
    ada = deviceOf(server, admin, 'ada');
    sender = senderOf(admin);
  });

  it('come in pieces, and are there whole: for whoever sees a record that names them', async () => {
    const bytes = randomBytes(9 * 1024 * 1024 + 17);
    const sha256 = checksumOf(bytes);
    expect(await sender.stands(sha256)).toMatchObject({ status: 200, offset: 0, isComplete: false });
    await sender.send(bytes);
    expect(await sender.stands(sha256)).toMatchObject({ offset: bytes.length, isComplete: true });
    expect(await sender.get(sha256)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const { file } = await attach(sha256);
    // Sent again, as after an answer that got lost: it is there already, with whoever signed in as its author.
    expect(await ada.push([row('activities', file)])).toMatchObject([
      { id: file.id, verdict: 'conflict', current: { authorId: admin.userId, sha256 } },
    ]);
    const whole = await sender.get(sha256);
    expect(whole.status).toBe(200);
    expect(whole.bytes.equals(bytes)).toBe(true);
    expect(whole.headers).toMatchObject({
      'content-disposition': expect.stringMatching(/^attachment/),
      'x-content-type-options': 'nosniff',
      etag: `"${sha256}"`,
    });
    const part = await sender.get(sha256, { range: 'bytes=5000000-5000099' });
    expect(part).toMatchObject({ status: 206, headers: { 'content-range': `bytes 5000000-5000099/${bytes.length}` } });
    expect(part.bytes.equals(bytes.subarray(5_000_000, 5_000_100))).toBe(true);
    expect(await sender.get(sha256, { range: `bytes=${bytes.length}-` })).toMatchObject({
      status: 416,
      body: { code: 'range_not_satisfiable' },
    });
  });

  it('go on where they were broken off, also after the answer was lost', async () => {
    const bytes = randomBytes(300_000);
    const sha256 = checksumOf(bytes);
    const piece = (from: number, to: number) => sender.add(sha256, from, bytes.length, bytes.subarray(from, to));
    expect(await piece(0, 100_000)).toMatchObject({ status: 200, offset: 100_000, isComplete: false });
    // The answer got lost: the same again does no harm, and says where to go on.
    expect(await piece(0, 100_000)).toMatchObject({ status: 409, body: { code: 'offset_mismatch', offset: 100_000 } });
    expect(await piece(200_000, 300_000)).toMatchObject({ status: 409, body: { code: 'offset_mismatch', offset: 100_000 } });
    const { offset } = await sender.stands(sha256);
    expect(await piece(offset, 300_000)).toMatchObject({ status: 200, isComplete: true });
    expect(await piece(0, 100_000)).toMatchObject({ status: 200, offset: 300_000, isComplete: true });
    await attach(sha256);
    expect((await sender.get(sha256)).bytes.equals(bytes)).toBe(true);
  });

  it('are thrown away when they are not what was announced, and can be sent again', async () => {
    const bytes = randomBytes(50_000);
    const sha256 = checksumOf(bytes);
    const before = onDisk();
    const altered = Buffer.from(bytes);
    altered[40_000] = (altered[40_000] as number) ^ 1;
    await sender.add(sha256, 0, bytes.length, altered.subarray(0, 30_000));
    expect(await sender.add(sha256, 30_000, bytes.length, altered.subarray(30_000))).toMatchObject({
      status: 422,
      body: { code: 'hash_mismatch' },
    });
    expect(onDisk()).toEqual(before);
    expect(await sender.stands(sha256)).toMatchObject({ offset: 0, isComplete: false });
    await sender.send(bytes);
    await attach(sha256);
    expect((await sender.get(sha256)).bytes.equals(bytes)).toBe(true);
  });

  it('may be sent by two devices at once, and by one in two requests at once', async () => {
    const other = senderOf({ ...admin, ...(await server.signIn(admin.email)) });
    // Which of them ends first is chance: some rounds of each order.
    for (let round = 0; round < 12; round += 1) {
      const bytes = randomBytes(400_000);
      const sha256 = checksumOf(bytes);
      await sender.add(sha256, 0, bytes.length, bytes.subarray(0, 100_000));
      // What one began is not the other's.
      expect(await other.stands(sha256)).toMatchObject({ offset: 0 });
      const answers = await Promise.all([
        other.add(sha256, 0, bytes.length, bytes),
        ...[0, 1, 2].map(async (nth) => {
          await delay(nth * (round % 6) * 3);
          return sender.add(sha256, 100_000, bytes.length, bytes.subarray(100_000));
        }),
      ]);
      expect(answers[0]).toMatchObject({ status: 200, isComplete: true });
      for (const { status } of answers) expect([200, 409], `round ${round}`).toContain(status);
      expect(await sender.stands(sha256)).toMatchObject({ isComplete: true });
      await attach(sha256);
      expect((await sender.get(sha256)).bytes.equals(bytes)).toBe(true);
      expect(onDisk().filter((name) => name.includes(sha256))).toHaveLength(1);
    }
  });

  it('can be empty', async () => {
    const sha256 = checksumOf(Buffer.alloc(0));
    expect(await sender.add(sha256, 0, 0, Buffer.alloc(0))).toMatchObject({ status: 200, offset: 0, isComplete: true });
    await attach(sha256);
    expect(await sender.get(sha256)).toMatchObject({ status: 200 });
  });

  it('are refused when they are too large, for one or for the company, or not in their form; nothing is left behind', async () => {
    const before = onDisk();
    const sha256 = checksumOf(Buffer.from('x'));
    const some = Buffer.from('some bytes');
    expect(await sender.add(sha256, 0, 10 * 1024 * 1024 + 1, some)).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(await sender.add(sha256, 0, 9_000_000, Buffer.alloc(limits.chunkBytes + 1))).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    });
    for (const [offset, length] of [
      ['x', 10],
      [0, 'many'],
      [-1, 10],
      [0, 5],
      [5, 10],
    ] as const)
      expect(await sender.add(sha256, offset, length, some)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await sender.add(sha256, 0, 10, Buffer.alloc(0))).toMatchObject({ status: 400 });
    expect(await sender.add(sha256, 0, 10, some, 'text/plain')).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    for (const name of ['x', '../../etc/passwd', sha256.toUpperCase(), `${sha256}0`])
      expect((await sender.add(encodeURIComponent(name), 0, 10, some)).status).toBe(404);
    expect(onDisk()).toEqual(before);
    for (let count = 0; count < 2; count += 1) await sender.send(randomBytes(9 * 1024 * 1024));
    expect(await sender.add(sha256, 0, 3 * 1024 * 1024, some)).toMatchObject({ status: 507, body: { code: 'quota_exceeded' } });
    await sender.send(Buffer.from('little fits'));
  });

  it('that were begun and never finished do not pile up', async () => {
    const pieces = Array.from({ length: 12 }, (_, at) => Buffer.from(`piece ${at}`));
    for (const piece of pieces) await sender.add(checksumOf(piece), 0, 100, piece);
    expect(onDisk().filter((name) => name.includes(admin.organisation) && name.endsWith('.part'))).toHaveLength(8);
    expect(await sender.stands(checksumOf(pieces[11] as Buffer))).toMatchObject({ offset: 8 });
  });

  it('are each company’s own, and nobody’s who does not see what names them', async () => {
    const bytes = randomBytes(10_000);
    const sha256 = await sender.send(bytes);
    const eve = senderOf(await server.organisation(`files-eve-${engine}-${companies}`));
    expect(await eve.stands(sha256)).toMatchObject({ offset: 0, isComplete: false });
    expect(await eve.get(sha256)).toMatchObject({ status: 404 });
    const member = await server.member(admin, `member-${companies}-${engine}@example.com`, 'member');
    await attach(sha256, { accountOwnerId: admin.userId });
    expect(await senderOf(member).get(sha256)).toMatchObject({ status: 404 });
    expect(await sender.get(sha256)).toMatchObject({ status: 200 });
    await attach(sha256, { accountOwnerId: member.userId });
    expect(await senderOf(member).get(sha256)).toMatchObject({ status: 200 });
    expect(await senderOf({ ...admin, accessToken: 'nonsense' }).get(sha256)).toMatchObject({ status: 401 });
  });

  it('that were damaged on the disk are not given out, and whoever runs the server is told', async () => {
    const bytes = randomBytes(10_000);
    const sha256 = await sender.send(bytes);
    await attach(sha256);
    const path = join(server.attachments, onDisk().find((name) => name.endsWith(sha256)) as string);
    writeFileSync(path, randomBytes(10_000));
    expect(await sender.get(sha256)).toMatchObject({ status: 410, body: { code: 'file_gone' } });
    expect(server.damaged.at(-1)).toMatchObject({ sha256, state: 'altered' });
  });
});
