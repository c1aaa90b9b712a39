import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { backup } from '../../server/operations/backup.ts';
import { restore } from '../../server/operations/restore.ts';
import { Refused } from '../../server/refused.ts';
import { createContentFolder } from '../../server/store/content-folder.ts';
import { runCommand } from '../../server/store/command.ts';
import { wholeSight } from '../../server/store/sight.ts';
import type { Engine, Where } from '../../server/store/engine.ts';
import { createFileStore } from '../../server/store/file-store.ts';
import { migrations } from '../../server/store/migrations.ts';
import { announceServer } from '../../server/store/presence.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { placeOf } from '../../shared/mail/outbox.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import { addClients, everything, ownDatabases, told, withEngine } from './support/databases.ts';
import { command, freshFolder, start, tidyUp } from './support/server-process.ts';
import { engines, type EngineName } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
const clock = fixedClock('2024-05-04T08:00:00.000Z');
const contentOf = (where: Where) => withEngine(where, everything);
const plainly = { replace: false, withoutKey: false, attachments: '/nowhere' };
const replacing = { ...plainly, replace: true };
const ways = engines.flatMap((from) => engines.map((to): [EngineName, EngineName] => [from, to]));

async function backedUp(name: EngineName, clients = 30): Promise<{ where: Where; file: string }> {
  const where = await databases.filled(name, clients);
  const file = join(freshFolder(), 'backup.ndjson.gz');
  await backup(where, file, clock);
  return { where, file };
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'It was not refused.',
    (error: unknown) => (error instanceof Refused ? error.message : error),
  );

describe.each(ways)('A backup of %s', (from, to) => {
  it(`is restored into ${to} with every row as it was, and epochs of its own`, async () => {
    const { where, file } = await backedUp(from, 1_200);
    const target = await databases.bare(to);
    expect(await restore(target, file, plainly, clock)).toBe(
      'Restored 2404 records of 2 organisations, as of 2024-05-04T08:00:00.000Z. Devices have to sign in again.',
    );
    const [before, after] = [await contentOf(where), await contentOf(target)];
    expect(after.rows).toEqual(before.rows);
    expect(after.epochs.filter((epoch) => before.epochs.includes(epoch))).toEqual([]);
    await withEngine(target, async ({ db }) => {
      // No session comes back, and nothing that sessions are sealed with.
      expect(await db.selectFrom('sessions').selectAll().execute()).toEqual([]);
      expect(await db.selectFrom('server_keys').selectAll().where('name', '=', 'sessions').execute()).toEqual([]);
      // A new organisation's number follows the restored ones.
      const { rows } = await sql<{ number: number }>`insert into organisations (organisation_id, name, epoch, created_at)
        values (gen_random_uuid(), 'West', 'e', '') returning number`.execute(db);
      expect(rows).toEqual([{ number: 3 }]);
    });
  });
});

describe.each(engines)('A restore into %s', (to) => {
  it('leaves e-mails that waited to a person, and says how many: they may have left since', async () => {
    const where = await databases.filled(to, 1);
    const file = join(freshFolder(), 'backup.ndjson.gz');
    const queued = (engine: Engine) => engine.db.selectFrom('outbox').select('email_id').execute();
    const inFirst = <T>(engine: Engine, work: (tx: Transaction, device: string) => T) =>
      engine.db
        .selectFrom('organisations')
        .select('organisation_id')
        .orderBy('number')
        .executeTakeFirstOrThrow()
        .then(({ organisation_id }) =>
          inOrganisation(engine, organisation_id, async (tenant) => {
            const { device } = await tenant.lock();
            return (await runCommand(tenant, { userId: 'somebody', role: 'admin', sight: wholeSight, clock }, [], (tx) => work(tx, device)))
              .value;
          }),
        );
    const ids = await withEngine(where, async (engine) => {
      const made = await inFirst(engine, (tx, device) => {
        const about = tx.create('clients', { name: 'Depot' }).id;
        const email = (status: 'scheduled' | 'sent', from: string) =>
          tx.create('activities', {
            kind: 'email',
            about: 'clients',
            aboutId: about,
            recipients: ['a@example.com'],
            subject: 'Hello',
            status,
            scheduledFor: '2024-05-05T09:00:00.000Z',
            outbox: placeOf(from),
          }).id;
        email('sent', device);
        return { waiting: email('scheduled', device), ofLaptop: email('scheduled', 'laptop-7') };
      });
      expect(await queued(engine)).toEqual([{ email_id: made.waiting }]);
      return made;
    });
    await backup(where, file, clock);
    const target = await databases.bare(to);
    expect(await restore(target, file, plainly, clock)).toMatch(
      /\nE-mails that the server was to send and does not by itself now, because they may have left since: 1\.$/,
    );
    await withEngine(target, async (engine) => {
      // Nothing of it comes into the queue, neither by itself nor because somebody changes a word.
      for (const id of [ids.waiting, ids.ofLaptop]) await inFirst(engine, (tx) => tx.change('activities', id, { subject: 'Touched' }));
      expect(await queued(engine)).toEqual([]);
      const sendAgain = (tx: Transaction, device: string) => {
        expect(tx.get('activities', ids.waiting)?.status).toBe('scheduled');
        tx.change('activities', ids.waiting, { outbox: placeOf(device) });
      };
      await inFirst(engine, sendAgain);
      expect(await queued(engine)).toEqual([{ email_id: ids.waiting }]);
    });
  });

  it('refuses a database with data in it, and with --replace backs that up first', async () => {
    const { file } = await backedUp(to);
    const target = await databases.filled(to, 5);
    const before = await contentOf(target);
    expect(await refusal(restore(target, file, plainly, clock))).toContain('There is data in this database.');
    expect(await contentOf(target)).toEqual(before);

    const said = await restore(target, file, replacing, clock);
    const [, kept] = /What was there before is in (.*)\.$/m.exec(said) ?? [];
    expect(kept).toMatch(/before-restore-2024-05-04T08-00-00-000Z\.ndjson\.gz$/);
    const again = await databases.bare(to);
    await restore(again, String(kept), plainly, clock);
    expect((await contentOf(again)).rows).toEqual(before.rows);
  });

  it('refuses whatever is no whole backup, and touches nothing', async () => {
    const { file } = await backedUp(to);
    const bytes = readFileSync(file);
    const text = gunzipSync(bytes).toString();
    const lines = text.trimEnd().split('\n');
    const packed = (changed: string) => gzipSync(changed);
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8((flipped.at(bytes.length >> 1) ?? 0) ^ 1, bytes.length >> 1);
    const header = (change: object) =>
      packed([JSON.stringify({ fieldbook: { ...JSON.parse(lines[0] ?? '').fieldbook, ...change } }), ...lines.slice(1)].join('\n'));
    const bad: [string, Buffer, string][] = [
      ['nothing', Buffer.alloc(0), 'is damaged'],
      ['words', Buffer.from('Dear all,\n'), 'is not a backup'],
      ['another gzip', packed('Dear all,\n'), 'is not a backup'],
      ['a gzip of JSON', packed('{"fieldbook":{"kind":"book"}}\n'), 'is not a backup'],
      ['no line break', packed('x'.repeat(70 * 1024 * 1024)), 'is damaged'],
      ['half a file', bytes.subarray(0, bytes.length >> 1), 'is damaged'],
      ['all but the last byte', bytes.subarray(0, -1), 'is damaged'],
      ['one bit', flipped, 'is damaged'],
      ['no end', packed(`${lines.slice(0, -1).join('\n')}\n`), 'is damaged'],
      ['a row gone', packed(`${lines.filter((_, at) => at !== 9).join('\n')}\n`), 'is damaged'],
      ['a row twice', packed(`${lines.flatMap((line, at) => (at === 9 ? [line, line] : [line])).join('\n')}\n`), 'is damaged'],
      ['another name in a row', packed(text.replace('North', 'Nort').replace('north', 'norht')), 'is damaged'],
      ['something behind the end', packed(`${text}${lines[9]}\n`), 'is damaged'],
      ['a later form', header({ format: 2 }), 'made by a newer Fieldbook server (form 2)'],
      ['later tables', header({ schema: '9999-later' }), 'made by a newer Fieldbook server (tables 9999-later)'],
    ];
    const target = await databases.filled(to, 5);
    const before = await contentOf(target);
    const folder = freshFolder();
    for (const [name, content, words] of bad) {
      const path = join(folder, name);
      writeFileSync(path, content);
      expect([name, await refusal(restore(target, path, replacing, clock))]).toEqual([name, expect.stringContaining(words)]);
    }
    expect(await refusal(restore(target, join(folder, 'missing'), replacing, clock))).toBe(`There is no file ${join(folder, 'missing')}.`);
    expect(await contentOf(target)).toEqual(before);
    expect(readdirSync(target.folder).filter((name) => name !== 'pgdata' && name !== 'dumps')).toEqual([]);
  });

  it('leaves everything as it was where the database does not take a row that has the right hashes', async () => {
    const { file } = await backedUp(to);
    const target = await databases.filled(to, 5);
    const before = await contentOf(target);
    const changes: [(row: Row) => void, string][] = [
      [(row) => (row['number'] = 'no number'), 'did not take'],
      [(row) => (row['seq'] = row['seq'] === 5 ? 6 : row['seq']), 'did not take'],
      [(row) => (row['organisation_id'] = randomUUID()), 'did not take'],
      [(row) => delete row['folded'], 'did not take'],
    ];
    for (const [change, words] of changes) expect(await refusal(restore(target, craft(file, change), replacing, clock))).toContain(words);
    expect(await contentOf(target)).toEqual(before);
  });

  it('asks for the key that banking data is sealed with, unless that is lost', async () => {
    const { file } = await backedUp(to);
    const bare = await databases.bare(to);
    for (const dataKey of [null, Buffer.alloc(32, 8).toString('base64')])
      expect(await refusal(restore({ ...bare, dataKey }, file, plainly, clock))).toContain('is sealed with a key that is not here');
    // A key made now would only stand in the way of the right one.
    expect(existsSync(join(bare.folder, 'data.key'))).toBe(false);
    const target = { ...bare, dataKey: null };
    await restore(target, file, { ...plainly, withoutKey: true }, clock);
    expect(Object.keys((await contentOf(target)).rows)).toHaveLength(5);
  });

  it('takes a backup of older tables and brings it up to date', async () => {
    const { where, file } = await backedUp(to);
    const later = '9999-later';
    migrations[later] = {
      up: async (db) => void (await sql`alter table records add column later text not null default 'made later'`.execute(db)),
    };
    try {
      const target = await databases.bare(to);
      await restore(target, file, plainly, clock);
      const [organisation] = (await contentOf(target)).rows['organisations'] as { organisation_id: string }[];
      const records = (await contentOf(target)).rows[organisation?.organisation_id ?? ''] as { records: { row: string }[] };
      expect(records.records).toHaveLength(32);
      expect(records.records.every(({ row }) => row.endsWith(',"made later")'))).toBe(true);
      const newer = join(freshFolder(), 'newer');
      await backup(target, newer, clock);
      delete migrations[later];
      expect(await refusal(restore(where, newer, replacing, clock))).toContain('made by a newer Fieldbook server (tables 9999-later)');
      expect(await refusal(backup(target, join(freshFolder(), 'file'), clock))).toContain('made by a newer Fieldbook server');
      expect(await refusal(withEngine(target, everything))).toContain('made by a newer Fieldbook server');
    } finally {
      delete migrations[later];
    }
  });
});

type Row = Record<string, unknown>;

/** A backup in which records were changed, with counts and hashes that agree: made by somebody else's program. */
function craft(file: string, change: (row: Row) => void): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n').slice(0, -1);
  const changed = lines.map((line) => {
    const value = JSON.parse(line) as { of?: string; row?: Row };
    if (value.of === 'records' && value.row !== undefined) change(value.row);
    return value.of === undefined ? line : `{"of":"${value.of}","row":${JSON.stringify(value.row)}}`;
  });
  const tables: Record<string, { rows: number; text: string }> = {};
  for (const line of changed) {
    const [, table, row] = /^\{"of":"(\w+)","row":(.*)\}$/s.exec(line) ?? [];
    if (table === undefined) continue;
    const one = (tables[table] ??= { rows: 0, text: '' });
    one.rows += 1;
    one.text += `${row}\n`;
  }
  const end = {
    tables: Object.fromEntries(Object.entries(tables).map(([table, { rows, text }]) => [table, { rows, sha256: hash(text) }])),
    sha256: hash(`${changed.join('\n')}\n`),
  };
  const crafted = join(freshFolder(), 'crafted');
  writeFileSync(crafted, gzipSync(`${changed.join('\n')}\n${JSON.stringify({ end })}\n`));
  return crafted;
}

describe('A backup', () => {
  it('names attached files, and a restore says which of them are still to be copied', async () => {
    const where = await databases.filled('pglite', 3);
    const attachments = join(where.folder, 'attachments');
    await withEngine(where, async (engine) => {
      const store = createFileStore(engine, createContentFolder(attachments, 1_000), () => clock.now());
      const [organisation] = await engine.db.selectFrom('organisations').select('organisation_id').orderBy('number').execute();
      for (const text of ['one', 'second']) {
        const staged = await store.stage(String(organisation?.organisation_id), Readable.from([Buffer.from(text)]));
        await inOrganisation(engine, staged.organisation, (tenant) => store.keep(tenant, staged));
      }
    });
    const file = join(freshFolder(), 'backup');
    expect(await backup(where, file, clock)).toContain('(2 attached files not among them: copy their folder too)');
    const restored = async (folder: string) => restore(await databases.bare('pglite'), file, { ...plainly, attachments: folder }, clock);
    expect(await restored('/nowhere')).toContain('Attached files that are not in /nowhere yet: 2. Copy them there.');
    const copy = join(freshFolder(), 'copy');
    cpSync(attachments, copy, { recursive: true });
    expect(await restored(copy)).not.toContain('Copy them there');
    const [some] = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name));
    appendFileSync(join(copy, String(some)), 'more');
    expect(await restored(copy)).toContain('yet: 1.');
  });

  it('is one moment, whatever is written meanwhile', async () => {
    const where = await databases.filled('postgresql', 3_000);
    await withEngine(where, async (engine) => {
      const [organisation] = await engine.db.selectFrom('organisations').select('organisation_id').orderBy('number').execute();
      let isDone = false;
      const writing = (async () => {
        while (!isDone) await addClients(engine, organisation?.organisation_id ?? '', 7);
      })();
      const file = join(freshFolder(), 'backup');
      await backup(where, file, clock);
      isDone = true;
      await writing;
      const rows = gunzipSync(readFileSync(file))
        .toString()
        .split('\n')
        .slice(1, -2)
        .map((line) => JSON.parse(line) as { of: string; row: { organisation_id: string; seq: number } });
      for (const { row } of rows.filter(({ of }) => of === 'organisations')) {
        const seqs = rows
          .filter(({ of, row: one }) => of === 'records' && one.organisation_id === row.organisation_id)
          .map((one) => one.row.seq);
        expect(Math.max(...seqs)).toBe(row.seq);
        expect(new Set(seqs).size).toBe(row.seq);
      }
    });
  });

  it('writes over no file, and leaves none behind where it fails', async () => {
    const where = await databases.filled('pglite', 3);
    const folder = freshFolder();
    writeFileSync(join(folder, 'there'), 'mine');
    expect(await refusal(backup(where, join(folder, 'there'), clock))).toContain('There is a file');
    expect(await refusal(backup({ ...where, folder: join(folder, 'nowhere') }, join(folder, 'new'), clock))).toContain(
      'There is no database',
    );
    expect(await refusal(backup(await databases.bare('postgresql'), join(folder, 'new'), clock))).toContain(
      'There is nothing in this database yet.',
    );
    expect(await refusal(backup(where, join(folder, 'no', 'folder'), clock))).toContain('cannot be written (ENOENT)');
    expect(readdirSync(folder).filter((name) => name !== 'nowhere')).toEqual(['there']);
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine');
  });
});

describe('A running server', () => {
  it('makes the backup of its embedded database itself, and is not restored over', async () => {
    const where = await databases.filled('pglite', 50);
    const { args, env } = told(where);
    const server = await start(args, env);
    const file = join(freshFolder(), 'backup.gz');
    expect(await command(['backup', file, ...args])).toMatchObject({
      code: 0,
      out: `Backed up 104 records of 2 organisations to ${file}.\n`,
    });
    expect(await command(['restore', file, '--replace', ...args])).toMatchObject({
      code: 1,
      said: expect.stringContaining('is in use by another server'),
    });
    expect(await server.end('SIGTERM')).toBe(0);
    const target = await databases.bare('postgresql');
    await restore(target, file, plainly, clock);
    expect((await contentOf(target)).rows).toEqual((await contentOf(where)).rows);
    // What any gzip program reads.
    expect(execFileSync('gzip', ['-dc', file]).toString().split('\n')[0]).toContain('"kind":"server-backup"');
  });

  it('on PostgreSQL keeps a restore away too, and a restore keeps servers away', async () => {
    const { where, file } = await backedUp('postgresql');
    const leave = await announceServer(String(where.databaseUrl));
    expect(await refusal(restore(where, file, replacing, clock))).toContain('A server is running on this database.');
    await leave();
    await restore(where, file, replacing, clock);
  });
});
