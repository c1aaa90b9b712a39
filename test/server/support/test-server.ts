import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { sql } from 'kysely';
import { expect, inject } from 'vitest';
import { type AppOptions, createApp } from '../../../server/app.ts';
import { type Engine, openEngine } from '../../../server/store/engine.ts';
import type { MailSettings } from '../../../server/mail/mail-settings.ts';
import { createOutboxWorker, type OutboxWorker } from '../../../server/mail/outbox-worker.ts';
import { createContentFolder } from '../../../server/store/content-folder.ts';
import { createFileStore, type FileStore } from '../../../server/store/file-store.ts';
import { runCommand } from '../../../server/store/command.ts';
import { addLogin, createOrganisation } from '../../../server/store/organisations.ts';
import { dataKey } from './data-key.ts';
import { databaseOf } from './database-of.ts';
import { checkCoverage, noteCall } from './dialect-record.ts';
import { wholeSight } from '../../../server/store/sight.ts';
import { inOrganisation } from '../../../server/store/tenant.ts';
import { attachmentLimit } from '../../../shared/nouns/activity/attached-content.ts';
import { fixedClock } from '../../../shared/lib/clock.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Transaction } from '../../../shared/operations/transaction.ts';

export const engines = ['pglite', 'postgresql'] as const;
export type EngineName = (typeof engines)[number];

export const password = 'a long enough password';

/** A hash carries its own cost: checking this one takes no time. */
export const cheapHash = (text: string) => hash(text, { memoryCost: 256, timeCost: 1, parallelism: 1 });

/** The header somebody signs in with where there are no tokens. */
export const basicOf = ({ email }: Pick<Somebody, 'email'>) => ({
  authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
});

export interface Somebody {
  organisation: string;
  userId: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

export interface TestServer {
  app: FastifyInstance;
  engine: Engine;
  files: FileStore;
  mail: OutboxWorker | null;
  /** What whoever runs the server was told of e-mails. */
  logged: string[];
  /** Where contents of attached files lie. */
  attachments: string;
  /** Contents that were found missing or altered. */
  damaged: { organisation: string; sha256: string; state: string }[];
  clock: ReturnType<typeof fixedClock>;
  faults: Error[];
  organisation(name: string): Promise<Somebody>;
  member(of: Somebody, email: string, role: 'manager' | 'member'): Promise<Somebody>;
  signIn(email: string): Promise<{ accessToken: string; refreshToken: string; organisationId: string }>;
  /** Sends a request as somebody; every answer but an empty one is JSON. */
  ask(
    as: Somebody | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    more?: InjectOptions,
  ): Promise<Answer>;
  /** From which whole numbers on records are called at dialects that have such ids. */
  countFrom(as: Somebody, numbers: Partial<Record<NounName, number>>): Promise<void>;
  /** Does with the rules what no dialect can say. */
  run<T>(as: Somebody, work: (tx: Transaction) => T): Promise<T>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Record<string, unknown>;
}

export async function openTestEngine(name: EngineName, database: keyof typeof databaseOf): Promise<{ engine: Engine; remove(): void }> {
  if (name === 'postgresql') {
    const databaseUrl = inject('postgres').owned[databaseOf[database]] as string;
    return { engine: await openEngine({ folder: tmpdir(), databaseUrl, dataKey }), remove: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-server-'));
  cpSync(inject('pglite'), folder, { recursive: true });
  return {
    engine: await openEngine({ folder, databaseUrl: null, dataKey }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function startTestServer(
  name: EngineName,
  database: keyof typeof databaseOf,
  limits: {
    attemptsPerMinute?: number;
    requestsPerMinute?: number;
    largestFile?: number;
    readerPatienceMs?: number;
    slowRequests?: NonNullable<AppOptions['slowRequests']>;
    operatorToken?: string;
    recipientsPerHour?: number;
    mail?: MailSettings;
    sync?: NonNullable<AppOptions['sync']>;
  } = {},
): Promise<TestServer> {
  const { engine, remove } = await openTestEngine(name, database);
  const clock = fixedClock('2024-05-03T10:00:00.000Z');
  const faults: Error[] = [];
  const damaged: TestServer['damaged'] = [];
  const attachments = mkdtempSync(join(tmpdir(), 'fieldbook-attachments-'));
  const files = createFileStore(engine, createContentFolder(attachments, limits.largestFile ?? attachmentLimit), () => clock.now());
  const logged: string[] = [];
  const { mail: settings, largestFile: _, ...others } = limits;
  const mail =
    settings === undefined
      ? null
      : createOutboxWorker({
          store: engine,
          settings,
          clock,
          log: (line) => logged.push(line),
          onFault: (error) => faults.push(error as Error),
        });
  const app = await createApp({
    store: engine,
    files,
    mail,
    clock,
    requestsPerMinute: 1_000_000,
    attemptsPerMinute: 1_000_000,
    ...others,
    // Devices of a test come faster than any herd.
    sync: { places: { manyPages: 1_000, manyPagesOfOne: 1_000, manyPushes: 1_000 }, ...limits.sync },
    onFault: ({ error }) => faults.push(error),
    onDamagedFile: (what) => damaged.push(what),
  });
  const passwordHash = await cheapHash(password);

  const server: TestServer = {
    app,
    engine,
    files,
    mail,
    logged,
    attachments,
    damaged,
    clock,
    faults,
    async organisation(of) {
      const email = `admin@${of}.example.com`;
      const id = await createOrganisation(engine, of, { email, passwordHash, role: 'admin' }, clock);
      const { user_id } = await engine.db
        .selectFrom('logins')
        .select('user_id')
        .where('organisation_id', '=', id)
        .executeTakeFirstOrThrow();
      return { organisation: id, userId: user_id, email, ...(await server.signIn(email)) };
    },
    async member({ organisation }, email, role) {
      const userId = await addLogin(engine, organisation, { email, passwordHash, role }, clock);
      return { organisation, userId, email, ...(await server.signIn(email)) };
    },
    async signIn(email) {
      const answer = await server.ask(null, 'POST', '/auth/token', { email, password });
      expect(answer.status).toBe(200);
      return answer.body as { accessToken: string; refreshToken: string; organisationId: string };
    },
    async ask(as, method, url, body, more = {}) {
      const response = await app.inject({
        method,
        url,
        ...(body !== undefined && { payload: JSON.stringify(body) }),
        ...more,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(as !== null && { authorization: `Bearer ${as.accessToken}` }),
          ...more.headers,
        },
      });
      const answer = { status: response.statusCode, body: response.body === '' ? {} : response.json(), headers: response.headers };
      const contentType = String(
        { ...(body !== undefined && { 'content-type': 'application/json' }), ...more.headers }['content-type'] ?? '',
      );
      noteCall({ method, url, json: body, contentType, status: answer.status, body: answer.body });
      return answer;
    },
    async countFrom(as, numbers) {
      const next = Object.fromEntries(Object.entries(numbers).map(([of, number]) => [of, number - 1]));
      await sql`update organisations set numbers = numbers || ${JSON.stringify(next)}::jsonb where organisation_id = ${as.organisation}`.execute(
        engine.db,
      );
    },
    run: (as, work) =>
      inOrganisation(
        engine,
        as.organisation,
        async (tenant) => (await runCommand(tenant, { userId: as.userId, role: 'admin', sight: wholeSight, clock }, [], work)).value,
      ),
    async close() {
      await mail?.close();
      await app.close();
      await engine.close();
      remove();
      rmSync(attachments, { recursive: true, force: true });
      // A fault of ours is answered with 500 and told; no test may leave one behind unseen.
      expect(faults).toEqual([]);
      checkCoverage();
    },
  };
  return server;
}
