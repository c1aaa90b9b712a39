import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startPostgres } from '../../../build/postgres.mjs';
import { createApp } from '../../../server/app.ts';
import { createContentFolder } from '../../../server/store/content-folder.ts';
import { type Engine, openEngine, type Where } from '../../../server/store/engine.ts';
import { createFileStore } from '../../../server/store/file-store.ts';
import { addLogin, createOrganisation } from '../../../server/store/organisations.ts';
import { attachmentLimit } from '../../../shared/nouns/activity/attached-content.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { dataKey } from '../../server/support/data-key.ts';
import { cheapHash, password } from '../../server/support/test-server.ts';

export type Answering = (request: {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}) => Promise<{ status: number; headers: OutgoingHttpHeaders; body: Buffer }>;

/** The real server, in this process and on a port of this computer. */
export interface SyncServer {
  readonly url: string;
  /** The same as a request to `url`, without the way there: worlds make a thousand of them. */
  readonly answer: Answering;
  readonly engine: Engine;
  /** What went wrong inside of it. */
  readonly faults: Error[];
  readonly folder: string;
  /** An organisation of its own, with somebody who may do everything. */
  organisation(name: string): Promise<{ id: string; email: string }>;
  member(organisation: string, email: string, role: 'admin' | 'manager' | 'member'): Promise<string>;
  /** Ends what answers, as a server that is switched off; the data stays. */
  stop(): Promise<void>;
  /** On the same port; as a server of that version of records. */
  start(version?: number): Promise<void>;
  /** Switched off, its database closed; and on again. */
  whileOff(work: (where: Where) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** On the embedded database, or on the one that is given. */
export async function openSyncServer(clock: Clock, databaseUrl: string | null = null): Promise<SyncServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-sync-server-'));
  const where: Where = { folder, databaseUrl, dataKey };
  let engine = await openEngine(where);
  const faults: Error[] = [];
  const passwordHash = await cheapHash(password);
  let port = 0;
  const listen = async (version?: number) => {
    const files = createFileStore(engine, createContentFolder(join(folder, 'contents'), attachmentLimit), () => clock.now());
    const app = await createApp({
      store: engine,
      files,
      mail: null,
      clock,
      requestsPerMinute: 1_000_000,
      attemptsPerMinute: 1_000_000,
      sync: {
        devicePerMinute: 1_000_000,
        places: { manyPages: 1_000, manyPagesOfOne: 1_000, manyPushes: 1_000 },
        ...(version !== undefined && { version }),
      },
      onFault: ({ error }) => faults.push(error),
      onDamagedFile: () => undefined,
    });
    await app.listen({ host: '127.0.0.1', port });
    ({ port } = app.server.address() as AddressInfo);
    return app;
  };
  let app = await listen();
  let isStopped = false;
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    async answer({ method, url, headers, body }) {
      if (isStopped) throw new Error('The server is switched off');
      const answer = await app.inject({ method: method as 'GET', url, headers, ...(body.length > 0 && { payload: body }) });
      return { status: answer.statusCode, headers: answer.headers, body: answer.rawPayload };
    },
    get engine() {
      return engine;
    },
    faults,
    async organisation(name) {
      const email = `admin@${name}.example.com`;
      return { id: await createOrganisation(engine, name, { email, passwordHash, role: 'admin' }, clock), email };
    },
    member: (organisation, email, role) => addLogin(engine, organisation, { email, passwordHash, role }, clock),
    async stop() {
      isStopped = true;
      await app.close();
    },
    async start(version) {
      app = await listen(version);
      isStopped = false;
    },
    async whileOff(work) {
      isStopped = true;
      await app.close();
      await engine.close();
      await work(where);
      engine = await openEngine(where);
      app = await listen();
      isStopped = false;
    },
    async close() {
      await app.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One for all tests of a file: each takes an organisation of its own. `on`: a PostgreSQL of its own is several times faster. */
export function sharedSyncServer(clock: Clock, on: 'embedded' | 'postgres' = 'embedded'): () => Promise<SyncServer> {
  let opened: Promise<{ server: SyncServer; stop(): Promise<void> }> | null = null;
  afterAll(async () => {
    const all = await opened;
    await all?.server.close();
    await all?.stop();
  });
  const open = async () => {
    if (on === 'embedded') return { server: await openSyncServer(clock), stop: async () => undefined };
    const postgres = await startPostgres();
    return {
      server: await openSyncServer(clock, await postgres.database('fieldbook_sync', { isLocal: true })),
      stop: () => postgres.stop(),
    };
  };
  return async () => (await (opened ??= open())).server;
}
