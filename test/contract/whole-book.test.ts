import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type OpenBook, openBook } from '../../electron/opening/open-book.ts';
import type { CrmEvents } from '../../shared/contracts/api.ts';
import type { SafetyJob } from '../../shared/contracts/safety.contract.ts';
import type { ImportJob } from '../../shared/contracts/transfer.contract.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { contractAnswers, methods, needsServer, needsWholeBook, plainMethods } from '../support/contract-answers.ts';
import { startMailServer } from '../support/mail-server.ts';
import { anyInput } from '../support/field-inputs.ts';
import { quietLog } from '../support/opened-book.ts';
import { quietPlatform } from '../support/quiet-platform.ts';

/**
 * The commands that need more than records: imports, exports, backups, restores, the check, settings and the mail account,
 * at the door of a whole book, with jobs that run while others are asked for. FIELDBOOK_SEED and FIELDBOOK_RUNS as in
 * commands.test.ts.
 */
const runs = Math.ceil(Number(process.env['FIELDBOOK_RUNS'] ?? 10_000) / 10);

/** What there is to name, as it is at that moment. */
interface Known {
  fileIds: string[];
  jobIds: string[];
  backups: string[];
  findings: string[];
  /** Where a mail server listens. */
  mailPort: number;
}
interface Call {
  method: string;
  input: (known: Known) => unknown;
  /** Whether what it starts is waited for. */
  waits: boolean;
}

const files: [name: string, text: string][] = [
  ['clients.csv', 'Client,E-mail,City\nHarbor Bakery,a@b.example,Bergen\nMill,not an e-mail,\n,,\nHarbor Bakery,a@b.example,Oslo\n'],
  ['contacts.csv', 'First name;Last name;Client\nGrace;Hopper;Harbor Bakery\nAda;;Mill\n'],
  ['card.vcf', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Grace Hopper\r\nN:Hopper;Grace;;;\r\nEMAIL:grace@b.example\r\nEND:VCARD\r\n'],
  ['long.csv', `Client,E-mail\n${Array.from({ length: 400 }, (_, row) => `Client ${row},c${row}@b.example\n`).join('')}`],
  ['broken.csv', '"never closed,\u0000,\n\ud800'],
  ['empty.csv', ''],
  ['no.xlsx', 'PK\u0003\u0004 not really'],
  ['book.zip', 'PK\u0003\u0004 not a book'],
];

const number = fc.nat({ max: 10_000 });
const one = (list: readonly string[], at: number) =>
  at % 11 === 0 ? `nobody-${at}` : (list[list.length - 1 - (at % Math.min(6, list.length))] ?? 'nobody');
const target = fc.constantFrom(
  'client.name',
  'client.email',
  'contact.lastName',
  'contact.email',
  'location.name',
  'client.nothing',
  '__proto__',
  null,
);

const plan = fc
  .record({
    at: number,
    columns: fc.array(fc.record({ column: fc.nat({ max: 3 }), target }), { maxLength: 3 }),
    defaults: fc.option(fc.dictionary(fc.constantFrom('location.name', 'client.industry', '__proto__'), fc.string())),
    lists: fc.constantFrom(null, 'clients', 'contacts', 'nothing'),
    onMatch: fc.constantFrom('update', 'skip', 'create'),
    isUsual: fc.boolean(),
  })
  .map(
    ({ at, columns, defaults, isUsual, ...rest }) =>
      ({ fileIds }: Known) =>
        isUsual
          ? {
              fileId: one(fileIds, at),
              columns: [
                { column: 0, target: 'client.name' },
                { column: 1, target: 'client.email' },
              ],
            }
          : { fileId: one(fileIds, at), columns, ...(defaults === null ? {} : { defaults }), ...rest },
  );

const waits = fc.integer({ min: 0, max: 3 }).map((chance) => chance > 0);
const called = (method: fc.Arbitrary<string>, input: fc.Arbitrary<Call['input']>) => fc.record({ method, input, waits });

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 6,
    arbitrary: called(
      fc.constantFrom(...plainMethods(needsWholeBook)),
      fc.constant(() => ({})),
    ),
  },
  {
    weight: 2,
    arbitrary: called(
      fc.constantFrom(...[...methods.keys()].filter(needsWholeBook)),
      anyInput.map((input) => () => input),
    ),
  },
  { weight: 8, arbitrary: called(fc.constantFrom('imports.preview', 'imports.dryRun', 'imports.start', 'imports.start'), plan) },
  {
    weight: 8,
    arbitrary: called(
      fc.constantFrom('pause', 'resume', 'cancel', 'undo', 'errorFile').map((verb) => `imports.${verb}`),
      number.map((at) => ({ jobIds }: Known) => ({ id: one(jobIds, at) })),
    ),
  },
  {
    weight: 2,
    arbitrary: called(
      fc.constant('imports.report'),
      fc
        .tuple(number, fc.constantFrom('new', 'update', 'error', 'odd'), fc.integer({ min: -1, max: 20 }))
        .map(([at, verdict, offset]) => ({ jobIds }: Known) => ({ id: one(jobIds, at), verdict, offset })),
    ),
  },
  {
    weight: 1,
    arbitrary: called(
      fc.constant('imports.drop'),
      number.map((at) => ({ fileIds }: Known) => ({ fileId: one(fileIds, at) })),
    ),
  },
  {
    weight: 3,
    arbitrary: called(
      fc.constant('exports.create'),
      fc
        .tuple(
          fc.constantFrom(...nounNames),
          fc.constantFrom('csv', 'xlsx', 'vcard', 'pdf'),
          fc.array(fc.constantFrom('name', 'email', 'banking', '', '__proto__'), { maxLength: 3 }),
          fc.boolean(),
        )
        .map(([collection, format, columns, includeSecret]) => () => ({ collection, format, list: {}, columns, includeSecret })),
    ),
  },
  {
    weight: 3,
    arbitrary: called(
      fc.constantFrom('safety.look', 'safety.look', 'safety.restore'),
      fc.tuple(number, fc.constantFrom('backup', 'fileId')).map(([at, kind]) => ({ backups, fileIds }: Known) => ({
        [kind]: one(kind === 'backup' ? backups : fileIds, at),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: called(
      fc.constant('safety.mend'),
      fc.array(number, { maxLength: 3 }).map((at) => ({ findings }: Known) => ({ ids: at.map((which) => one(findings, which)) })),
    ),
  },
  {
    weight: 1,
    arbitrary: called(
      fc.constant('app.dismissNotice'),
      fc.string().map((id) => () => ({ id })),
    ),
  },
  {
    weight: 2,
    arbitrary: called(
      fc.constant('app.changeSettings'),
      fc
        .dictionary(
          fc.constantFrom('personName', 'theme', 'currency', 'nothing', '__proto__'),
          fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('dark', 'EUR', 7, null)),
        )
        .map((change) => () => change),
    ),
  },
  {
    weight: 3,
    arbitrary: called(
      fc.constant('outbox.changeAccount'),
      fc
        .tuple(
          fc.constantFrom('127.0.0.1', '127.0.0.1', 'no host'),
          fc.constantFrom(null, null, 1, 70_000),
          fc.constantFrom('none', 'none', 'tls', 'odd'),
        )
        .map(([host, port, security]) => ({ mailPort }: Known) => ({
          host,
          port: port ?? mailPort,
          security,
          user: '',
          fromName: '',
          fromAddress: 'ada@b.example',
        })),
    ),
  },
  {
    weight: 4,
    arbitrary: called(
      fc.constant('sync.look'),
      fc
        .tuple(
          fc.constantFrom('http://127.0.0.1:9', 'crm example', '', 'http://crm.example', 'ftp://crm.example', 'https://a:b@crm.example'),
          fc.constantFrom('fieldbook', 'skhokho', 'summit', 'odd'),
          fc.constantFrom({ email: 'ada@b.example', password: 'secret' }, { token: 'abc' }, { token: '' }, {}),
        )
        .map(([url, kind, signIn]) => () => ({ kind, url, organisation: null, signIn, direction: 'both' })),
    ),
  },
  {
    weight: 3,
    arbitrary: called(
      fc.constantFrom('sync.settle', 'sync.dismiss', 'sync.join', 'sync.disconnect', 'sync.devices', 'sync.signOutDevice'),
      fc.string({ minLength: 1, maxLength: 12 }).map((id) => () => ({
        choices: [{ id, take: 'mine' }],
        ids: [id],
        same: [{ noun: 'clients', here: id, there: id }],
        remoteId: id,
        book: 'keep',
        id,
      })),
    ),
  },
  {
    weight: 2,
    arbitrary: called(
      fc.constantFrom('sync.workOffline', 'sync.marks'),
      fc.boolean().map((isOffline) => () => ({ isOffline, noun: 'clients', ids: ['nobody'] })),
    ),
  },
  {
    weight: 3,
    arbitrary: called(
      fc.constant('outbox.test'),
      fc.constantFrom('grace@b.example', 'nobody').map((to) => () => ({ to })),
    ),
  },
);

it(
  `whole books answer ${runs} inputs for files, backups and settings without an exception and without a partial effect`,
  async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'fieldbook-whole-'));
    const seed = process.env['FIELDBOOK_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['FIELDBOOK_SEED']);
    process.stdout.write(`whole books at the contract: seed ${seed}, ${runs} runs\n`);
    const known: Known = {
      fileIds: [],
      jobIds: [],
      backups: [],
      findings: [],
      mailPort: (await startMailServer({ authOptional: true, disabledCommands: ['STARTTLS'] })).port,
    };
    const running = new Set<string>();
    const whenIdle: (() => void)[] = [];
    const note = (id: string, isRunning: boolean) => {
      if (isRunning) running.add(id);
      else running.delete(id);
      if (running.size === 0) for (const tell of whenIdle.splice(0)) tell();
    };
    const platform = quietPlatform({
      openStorageHost: () => Promise.reject(new Error('There is no window.')),
      broadcast: <E extends keyof CrmEvents>(event: E, data: CrmEvents[E]) => {
        if (event === 'importProgress') {
          const job = data as ImportJob;
          note(job.id, job.state === 'running' || job.state === 'undoing');
        } else if (event === 'safetyJob' && data !== null) {
          const job = data as SafetyJob;
          note(job.id, job.state === 'running');
        }
      },
    });
    let reopening: Promise<void> | null = null;
    const options = {
      dataFolder,
      version: '1.0.0',
      clock: fixedClock('2026-03-04T09:00:00.000Z'),
      log: quietLog,
    };
    const open = (): Promise<OpenBook> =>
      openBook(platform, options, () => {
        reopening = again();
      });
    let opened = await open();
    async function again(): Promise<void> {
      await opened.close();
      running.clear();
      for (const tell of whenIdle.splice(0)) tell();
      opened = await open();
      reopening = null;
    }
    onTestFinished(async () => {
      await reopening;
      await opened.close();
      rmSync(dataFolder, { recursive: true, force: true });
    });
    const idle = async () => {
      while (running.size > 0 || reopening !== null) {
        if (reopening !== null) await reopening;
        else await new Promise<void>((resolve) => whenIdle.push(resolve));
      }
    };
    /** Also a job that ends before anybody is told of it has begun. */
    const ask = async (method: string, given: unknown) => {
      const answer = await opened.backend.call(method, given);
      const job = answer.ok ? z.object({ id: z.string(), state: z.string() }).safeParse(answer.value) : null;
      if (job?.success === true) note(job.data.id, job.data.state === 'running' || job.data.state === 'undoing');
      return answer;
    };
    const take = async (at: number) => {
      const [name, text] = files[at % files.length] as (typeof files)[number];
      const taken = await opened.backend.takeFile(
        name,
        (async function* () {
          yield Buffer.from(text);
        })(),
      );
      if (taken.ok) known.fileIds.push(taken.value.fileId);
    };
    /** Bytes of the journal: whatever changes the book is written there. */
    const journaled = () =>
      readdirSync(join(dataFolder, 'journal')).reduce((sum, name) => sum + statSync(join(dataFolder, 'journal', name)).size, 0);

    const held = contractAnswers((method) => needsWholeBook(method) && !needsServer(method));
    const answers: Record<string, number> = {};
    let step = 0;
    for (const { method, input, waits } of held.sample(call, seed, runs)) {
      step += 1;
      if (step % 5 === 1) await take(step);
      const state = await opened.backend.call('safety.state', {});
      if (state.ok) {
        const { backups, report } = state.value as { backups: { name: string }[]; report: { findings: { id: string }[] } | null };
        known.backups = backups.map(({ name }) => name);
        known.findings = report?.findings.map(({ id }) => id) ?? [];
      }
      const jobs = await opened.backend.call('imports.list', {});
      if (jobs.ok) known.jobIds = (jobs.value as { jobs: ImportJob[] }).jobs.map(({ id }) => id).toReversed();
      const given = input(known);
      const what = `step ${step} of seed ${seed}: ${method} ${JSON.stringify(given)}`;
      const isAlone = running.size === 0 && reopening === null;
      const before = journaled();
      const answer = await ask(method, given);
      held.hold(method, answer, what);
      const kind = `${method} ${answer.ok ? 'ok' : answer.error.code}`;
      answers[kind] = (answers[kind] ?? 0) + 1;
      if (isAlone && (!answer.ok || methods.get(method)?.kind === 'query')) expect(journaled(), what).toBe(before);
      if (waits) await idle();
      if (step % 200 === 0) {
        await idle();
        await again();
      }
    }

    process.stdout.write(`${JSON.stringify(answers)}\n`);
    expect(held.neverDone()).toEqual([]);
    await idle();
    expect(await ask('safety.check', {})).toMatchObject({ ok: true });
    await idle();
    const end = await opened.backend.call('safety.state', {});
    // No window brings a database here, and the check says that it could not look into it. There is nothing else to say.
    expect(end).toMatchObject({ ok: true, value: { job: { state: 'done' }, report: { findings: [{ id: 'database:away' }] } } });
    expect(end.ok && (end.value as { report: { findings: unknown[] } }).report.findings.length).toBe(1);
  },
  Math.max(120_000, runs * 100),
);
