import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rangeOf } from '../../server/routes/send-content.ts';
import { createContentFolder } from '../../server/store/content-folder.ts';
import type { KeptFile } from '../../server/store/file-store.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { ownDatabases, told, withEngine } from './support/databases.ts';
import { firstStart, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

async function* pieces(...parts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof ProblemError ? error.problem.code : error),
  );

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();

describe.each(engines)('Files on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let eve: Somebody;
  let companies = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, 'files', { largestFile: 1024 * 1024 });
  });
  afterAll(() => server.close());
  const freshCompanies = async () => {
    companies += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`ada${companies}`);
    eve = await server.organisation(`eve${companies}`);
  };

  const keep = async (as: Somebody, ...parts: (string | Buffer)[]): Promise<KeptFile> => {
    const staged = await server.files.stage(as.organisation, pieces(...parts));
    return inOrganisation(server.engine, as.organisation, (tenant) => server.files.keep(tenant, staged));
  };
  const rows = (as: Somebody) =>
    inOrganisation(server.engine, as.organisation, ({ tx }) => tx.selectFrom('files').selectAll().orderBy('sha256').execute());
  const folderOf = (as: Somebody) => join(server.attachments, as.organisation);
  const pathOf = (as: Somebody, hash: string) => join(folderOf(as), hash.slice(0, 2), hash);
  /** A client with the file attached; answers the attachment's id. */
  const attach = (as: Somebody, { sha256: hash, size, mediaType }: KeptFile, fileName: string, owner: string | null = null) =>
    server.run(as, (tx) => {
      const client = tx.create('clients', { name: 'Alpha', accountOwnerId: owner });
      return tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: client.id, fileName, sha256: hash, size, mediaType })
        .id;
    });
  const download = async (as: Somebody | null, id: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') => {
    const response = await server.app.inject({
      method,
      url: `/api/attachments/${id}/any%20name.pdf`,
      headers: { ...(as !== null && { authorization: `Bearer ${as.accessToken}` }), ...headers },
    });
    return { status: response.statusCode, headers: response.headers, bytes: response.rawPayload };
  };

  describe('being kept', () => {
    beforeAll(freshCompanies);

    it('lie under their checksum, once however often they come, and each company has its own', async () => {
      const first = await keep(ada, 'hel', 'lo');
      expect(first).toEqual({ sha256: sha256('hello'), size: 5, mediaType: 'text/plain' });
      expect(await keep(ada, 'hello')).toEqual(first);
      expect(filesIn(folderOf(ada))).toEqual([first.sha256]);
      expect(await rows(ada)).toMatchObject([
        { sha256: first.sha256, size: 5, media_type: 'text/plain', created_at: '2024-05-03T10:00:00.000Z' },
      ]);

      expect(await rows(eve)).toEqual([]);
      expect(await keep(eve, 'hello')).toEqual(first);
      rmSync(pathOf(eve, first.sha256));
      expect(readFileSync(pathOf(ada, first.sha256), 'utf8')).toBe('hello');
    });

    it('cannot be found by another company, nor by SQL inside its requests', async () => {
      const { sha256: hash } = await keep(ada, 'only ours');
      const asEve = <T>(work: Parameters<typeof inOrganisation<T>>[2]) => inOrganisation(server.engine, eve.organisation, work);
      expect(await asEve((tenant) => server.files.find(tenant, hash))).toBeNull();
      expect(await asEve((tenant) => server.files.hold(tenant, [hash]))).toEqual([]);
      const theirs = sql<{ n: number }>`select count(*)::int as n from files where organisation_id = ${ada.organisation}`;
      expect((await asEve(({ tx }) => theirs.execute(tx))).rows).toEqual([{ n: 0 }]);
      const gone = sql`delete from files where organisation_id = ${ada.organisation}`;
      expect((await asEve(({ tx }) => gone.execute(tx))).numAffectedRows).toBe(0n);
      await expect(asEve(({ tx }) => sql`update files set organisation_id = ${ada.organisation}`.execute(tx))).rejects.toThrow(
        /row-level security/,
      );
      expect(await server.files.open(eve.organisation, { sha256: hash, size: 9 }, 'whole')).toBe('missing');
    });

    it('are refused over the limit, with another checksum than announced, and when they break off; nothing of them stays', async () => {
      const before = filesIn(folderOf(ada));
      const stage = (bytes: AsyncIterable<Uint8Array>, expected?: { sha256: string }) =>
        codeOf(server.files.stage(ada.organisation, bytes, expected));
      expect(await stage(pieces(Buffer.alloc(700_000), Buffer.alloc(700_000)))).toBe('FILE_TOO_LARGE');
      expect(await stage(pieces('other'), { sha256: sha256('announced') })).toBe('FILE_ALTERED');
      const broken = (async function* () {
        yield Buffer.from('half of ');
        throw new Error('The line went dead');
      })();
      expect(await stage(broken)).toMatchObject({ message: 'The line went dead' });
      const full = createContentFolder(server.attachments, 1000, async () => 49 * 1024 * 1024);
      expect(await codeOf(full.stage(ada.organisation, pieces('small')))).toBe('DISK_FULL');
      expect(filesIn(folderOf(ada))).toEqual(before);
    });

    it('never lie outside their folder, whatever they are called', async () => {
      for (const name of ['..', '../../etc', '/etc', `${ada.organisation}/../..`, ''])
        await expect(server.files.stage(name, pieces('x'))).rejects.toThrow('Not the id of an organisation');
      for (const name of ['../../../etc/passwd', 'ab', `${'a'.repeat(63)}/`, ''])
        expect(await server.files.open(ada.organisation, { sha256: name, size: 1 }, 'whole').catch(String)).toMatch(
          /altered|Not a checksum/,
        );
    });

    it('leave no row when their transaction fails, and their content goes after a day', async () => {
      const staged = await server.files.stage(ada.organisation, pieces('given up'));
      await expect(
        inOrganisation(server.engine, ada.organisation, async (tenant) => {
          await server.files.keep(tenant, staged);
          throw new Error('Refused');
        }),
      ).rejects.toThrow('Refused');
      expect((await rows(ada)).map((row) => row.sha256)).not.toContain(staged.sha256);
      writeFileSync(join(folderOf(ada), 'left-over.part'), 'half');
      const kept = await rows(ada);
      server.clock.moveTo(new Date(Date.now() + 23 * 3_600_000).toISOString());
      const held = await inOrganisation(server.engine, ada.organisation, (tenant) =>
        server.files.hold(
          tenant,
          kept.map((row) => row.sha256),
        ),
      );
      expect(held).toHaveLength(kept.length);
      expect(await server.files.collect()).toBe(1);
      expect(filesIn(folderOf(ada))).toContain(staged.sha256);
      server.clock.moveTo(new Date(Date.now() + 25 * 3_600_000).toISOString());
      expect(await server.files.collect()).toBe(0);
      expect(filesIn(folderOf(ada))).toEqual(kept.map((row) => row.sha256));
    });
  });

  describe('that nothing names', () => {
    beforeAll(freshCompanies);

    it('stay for thirty days after they were last uploaded or asked for, and go with their content', async () => {
      const [lonely, named, asked] = [await keep(ada, 'lonely'), await keep(ada, 'named'), await keep(ada, 'asked')];
      await attach(ada, named, 'named.txt');
      server.clock.moveTo('2024-05-30T10:00:00.000Z');
      await inOrganisation(server.engine, ada.organisation, (tenant) => server.files.hold(tenant, [asked.sha256]));
      expect(await server.files.collect()).toBe(0);
      server.clock.moveTo('2024-06-02T10:00:01.000Z');
      expect(await server.files.collect()).toBe(1);
      expect(filesIn(folderOf(ada))).toEqual([named.sha256, asked.sha256].toSorted());
      expect((await rows(ada)).map((row) => row.sha256)).not.toContain(lonely.sha256);
      server.clock.moveTo('2024-06-30T10:00:01.000Z');
      expect(await server.files.collect()).toBe(1);
      expect((await rows(ada)).map((row) => row.sha256)).toEqual([named.sha256]);
    });

    it('stay while what names them was deleted less than half a year ago and can be restored', async () => {
      await freshCompanies();
      const file = await keep(ada, 'contract');
      const id = await attach(ada, file, 'contract.txt');
      await server.run(ada, (tx) => tx.remove('activities', id));
      server.clock.moveTo('2024-10-29T10:00:00.000Z');
      expect(await server.files.collect()).toBe(0);
      server.clock.moveTo('2024-10-31T10:00:00.000Z');
      expect(await server.files.collect()).toBe(1);
      expect(filesIn(folderOf(ada))).toEqual([]);
    });

    it('are there whole when they are uploaded again while they are removed', async () => {
      await freshCompanies();
      const contents = Array.from({ length: 10 }, (_, at) => `content ${at}`);
      for (let round = 0; round < 5; round += 1) {
        server.clock.moveTo(new Date().toISOString());
        await inOrganisation(server.engine, ada.organisation, ({ tx }) =>
          tx.updateTable('files').set({ kept_at: '2020' }).where('organisation_id', '=', ada.organisation).execute(),
        );
        await Promise.all([server.files.collect(), ...contents.map((content) => keep(ada, content)), server.files.collect()]);
        // Whoever was uploaded last is there: a row stands for a content.
        for (const row of await rows(ada)) expect(readFileSync(pathOf(ada, row.sha256)).length).toBe(row.size);
        expect(await rows(ada)).toHaveLength(10);
      }
    });
  });

  describe('being sent', () => {
    let id: string;
    const text = 'The quick brown fox jumps over the lazy dog';
    beforeAll(async () => {
      await freshCompanies();
      id = await attach(ada, await keep(ada, text), 'Verträge/../"Nr.\u202e 7".txt');
    });

    it('come as a download that no browser shows or guesses at', async () => {
      const { status, headers, bytes } = await download(ada, id);
      expect(status).toBe(200);
      expect(bytes.toString()).toBe(text);
      expect(headers).toMatchObject({
        'content-type': expect.stringContaining('text/plain'),
        'content-length': String(text.length),
        'content-disposition': `attachment; filename="Nr. 7.txt"; filename*=UTF-8''Nr.%207.txt`,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
        'accept-ranges': 'bytes',
        etag: `"${sha256(text)}"`,
        'cache-control': 'private, no-cache',
      });
      const head = await download(ada, id, {}, 'HEAD');
      expect(head).toMatchObject({ status: 200, headers: { 'content-length': String(text.length) }, bytes: Buffer.alloc(0) });
      expect(await download(ada, id, { 'if-none-match': `"other", W/"${sha256(text)}"` })).toMatchObject({
        status: 304,
        bytes: Buffer.alloc(0),
      });
    });

    it('keep a name in any script', async () => {
      const german = await attach(ada, await keep(ada, 'x'), 'Übersicht 100% "neu".pdf');
      expect((await download(ada, german)).headers['content-disposition']).toBe(
        `attachment; filename="U_bersicht 100_ neu.pdf"; filename*=UTF-8''%C3%9Cbersicht%20100%25%20neu.pdf`,
      );
    });

    it.each([
      ['bytes=0-8', 206, 'The quick', 'bytes 0-8/43'],
      ['bytes=40-', 206, 'dog', 'bytes 40-42/43'],
      ['bytes=-3', 206, 'dog', 'bytes 40-42/43'],
      ['bytes=-999', 206, text, 'bytes 0-42/43'],
      ['bytes=40-999', 206, 'dog', 'bytes 40-42/43'],
      ['bytes=0-0,2-3', 200, text, undefined],
      ['bytes=9-2', 200, text, undefined],
      ['items=0-1', 200, text, undefined],
      ['bytes=-', 200, text, undefined],
      ['bytes=43-', 416, undefined, 'bytes */43'],
      ['bytes=-0', 416, undefined, 'bytes */43'],
    ])('answer the range %s with %i', async (range, status, part, contentRange) => {
      const answer = await download(ada, id, { range });
      expect(answer.status).toBe(status);
      expect(answer.headers['content-range']).toBe(contentRange);
      if (part !== undefined) expect(answer.bytes.toString()).toBe(part);
    });

    it('go on after a break only where they are the same file still', async () => {
      expect(await download(ada, id, { range: 'bytes=40-', 'if-range': `"${sha256(text)}"` })).toMatchObject({ status: 206 });
      expect(await download(ada, id, { range: 'bytes=40-', 'if-range': '"another"' })).toMatchObject({ status: 200 });
    });

    it('never run: programs, scripts and pages are bytes', async () => {
      const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]);
      for (const [content, name] of [
        [program, 'invoice.pdf'],
        ['<!doctype html><script>alert(1)</script>', 'page.txt'],
        ['#!/bin/sh\nrm -rf /', 'notes.txt'],
        ['harmless', 'macro.docm'],
      ] as const) {
        const { headers } = await download(ada, await attach(ada, await keep(ada, content), name));
        expect(headers).toMatchObject({
          'content-type': 'application/octet-stream',
          'content-disposition': expect.stringMatching(/^attachment/),
        });
      }
    });

    it('may be empty, and may be as large as the limit', async () => {
      const empty = await download(ada, await attach(ada, await keep(ada), 'empty.txt'));
      expect(empty).toMatchObject({ status: 200, headers: { 'content-length': '0' } });
      const large = randomBytes(1024 * 1024);
      const attached = await attach(ada, await keep(ada, large), 'large.bin');
      expect((await download(ada, attached)).bytes.equals(large)).toBe(true);
      expect((await download(ada, attached, { range: 'bytes=1000000-1000099' })).bytes.equals(large.subarray(1_000_000, 1_000_100))).toBe(
        true,
      );
    });

    it('are for those who may see the client, in this company, while the attachment is there', async () => {
      expect(await download(null, id)).toMatchObject({ status: 401 });
      expect(await download(eve, id)).toMatchObject({ status: 404 });
      expect(await download(ada, 'no-id')).toMatchObject({ status: 404 });
      expect(await download(ada, ada.userId)).toMatchObject({ status: 404 });
      const member = await server.member(ada, `member${companies}@example.com`, 'member');
      expect(await download(member, id)).toMatchObject({ status: 200 });
      const hidden = await attach(ada, await keep(ada, 'secret'), 'secret.txt', ada.userId);
      expect(await download(member, hidden)).toMatchObject({ status: 404 });
      expect(await download(ada, hidden)).toMatchObject({ status: 200 });
      await server.run(ada, (tx) => tx.remove('activities', hidden));
      expect(await download(ada, hidden)).toMatchObject({ status: 404 });
    });

    it('are not given out when they were altered or are gone, and the server says so', async () => {
      const file = await keep(ada, 'as it was signed');
      const signed = await attach(ada, file, 'signed.txt');
      const path = pathOf(ada, file.sha256);
      expect(await download(ada, signed, { range: 'bytes=0-1' })).toMatchObject({ status: 206 });
      // The same length, and the same time of change as far as a program can set it.
      writeFileSync(path, 'as it was forged');
      utimesSync(path, new Date(0), new Date(0));
      for (const headers of [{}, { range: 'bytes=0-1' }] as Record<string, string>[]) {
        const answer = await download(ada, signed, headers);
        expect(answer).toMatchObject({ status: 410 });
        expect(JSON.parse(answer.bytes.toString())).toEqual({ detail: expect.stringContaining('altered or damaged') });
        expect(answer.headers['etag']).toBeUndefined();
      }
      writeFileSync(path, 'shorter');
      expect(await download(ada, signed)).toMatchObject({ status: 410 });
      rmSync(path);
      expect(JSON.parse((await download(ada, signed)).bytes.toString())).toEqual({
        detail: expect.stringContaining('not on the server any more'),
      });
      expect(server.damaged.map(({ state }) => state)).toEqual(['altered', 'altered', 'altered', 'missing']);
      expect(server.damaged[0]).toEqual({ organisation: ada.organisation, sha256: file.sha256, state: 'altered' });

      // Attached anew, or put back from a backup, it is whole again.
      expect(await codeOf(server.files.putBack(ada.organisation, file.sha256, pieces('something else')))).toBe('FILE_ALTERED');
      await server.files.putBack(ada.organisation, file.sha256, pieces('as it was signed'));
      expect((await download(ada, signed)).bytes.toString()).toBe('as it was signed');
    });

    it('are all named for a backup, with their sizes', async () => {
      const named = [];
      for await (const file of server.files.all()) named.push(file);
      const [ours, theirs] = [await rows(ada), await rows(eve)];
      expect(named.filter(({ organisation }) => organisation === ada.organisation)).toEqual(
        ours.map((row) => ({ organisation: ada.organisation, sha256: row.sha256, size: row.size, mediaType: row.media_type })),
      );
      expect(named.filter(({ organisation }) => organisation === eve.organisation)).toHaveLength(theirs.length);
      expect(ours.length).toBeGreaterThan(5);
    });
  });
});

describe('A range of bytes', () => {
  it('lies within the file, whatever is asked for', () => {
    for (let size = 0; size < 6; size += 1)
      for (let first = -1; first < 7; first += 1)
        for (let last = -1; last < 7; last += 1) {
          const range = rangeOf(`bytes=${first < 0 ? '' : first}-${last < 0 ? '' : last}`, size);
          if (range === null || range === 'outside') continue;
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeLessThan(size);
          expect(range.start).toBeLessThanOrEqual(range.end);
        }
  });
});

/** Processes, killed while files come in. */
describe.each(engines)('A server that is killed amid uploads on %s', (engine) => {
  const databases = ownDatabases();
  tidyUp();

  it('has every file whole that it said it had, and no row for half a one', async () => {
    const where = await databases.bare(engine);
    const { args, env } = told(where);
    const run = () => start(args, { ...firstStart, ...env });
    let running = await run();
    const organisation = String(running.ready?.organisation);
    const headers = async () => ({ authorization: `Bearer ${await tokenFor(running.url)}`, 'organization-id': organisation });
    const made = await fetch(`${running.url}/api/accounts/`, {
      method: 'POST',
      headers: { ...(await headers()), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Alpha' }),
    });
    const { id } = (await made.json()) as { id: string };
    /** What was answered with 201: where it is, and what is in it. */
    const acknowledged = new Map<string, Buffer>();

    for (let kill = 0; kill < 3; kill += 1) {
      const signed = await headers();
      const before = acknowledged.size;
      let isOver = false;
      const upload = async () => {
        while (!isOver) {
          const content = randomBytes(100_000 + Math.floor(Math.random() * 900_000));
          const body = new FormData();
          body.set('attachment', new Blob([content]), 'file.bin');
          const answer = await fetch(`${running.url}/api/accounts/${id}/`, { method: 'POST', headers: signed, body }).catch(() => null);
          if (answer?.status !== 201) return;
          const { attachment } = (await answer.json()) as { attachment: { attachment: string } };
          acknowledged.set(attachment.attachment, content);
        }
      };
      const uploads = Promise.all([upload(), upload(), upload()]);
      await expect.poll(() => acknowledged.size - before, { timeout: 60_000 }).toBeGreaterThan(4);
      await running.end('SIGKILL');
      isOver = true;
      await uploads;
      running = await run();
    }

    for (const [path, content] of acknowledged) {
      const answer = await fetch(`${running.url}${path}`, { headers: await headers() });
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    }
    expect(await running.end('SIGTERM')).toBe(0);
    const folder = join(where.folder, 'attachments', organisation);
    await withEngine(where, (opened) =>
      inOrganisation(opened, organisation, async ({ tx }) => {
        const rows = await tx.selectFrom('files').select(['sha256', 'size']).execute();
        expect(rows.length).toBeGreaterThanOrEqual(acknowledged.size);
        for (const row of rows) expect(sha256(readFileSync(join(folder, row.sha256.slice(0, 2), row.sha256)))).toBe(row.sha256);
      }),
    );
  });
});
