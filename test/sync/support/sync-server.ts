import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createApp } from '../../../server/app.ts';
import { createContentFolder } from '../../../server/store/content-folder.ts';
import { type Engine, openEngine } from '../../../server/store/engine.ts';
import { createFileStore } from '../../../server/store/file-store.ts';
import { addLogin, createOrganisation } from '../../../server/store/organisations.ts';
import { attachmentLimit } from '../../../shared/nouns/activity/attached-content.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { dataKey } from '../../server/support/data-key.ts';
import { cheapHash, password } from '../../server/support/test-server.ts';

/** The real server with its embedded database, in this process and on a port of this computer. */
export interface SyncServer {
  readonly url: string;
  readonly engine: Engine;
  /** What went wrong inside of it. */
  readonly faults: Error[];
  /** An organisation of its own, with somebody who may do everything. */
  organisation(name: string): Promise<{ id: string; email: string }>;
  member(organisation: string, email: string, role: 'manager' | 'member'): Promise<string>;
  /** Ends what answers, as a server that is switched off; the data stays. */
  stop(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openSyncServer(clock: Clock): Promise<SyncServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-sync-server-'));
  const engine = await openEngine({ folder, databaseUrl: null, dataKey });
  const faults: Error[] = [];
  const files = createFileStore(engine, createContentFolder(join(folder, 'contents'), attachmentLimit), () => clock.now());
  const passwordHash = await cheapHash(password);
  let port = 0;
  const listen = async () => {
    const app = await createApp({
      store: engine,
      files,
      mail: null,
      clock,
      requestsPerMinute: 1_000_000,
      attemptsPerMinute: 1_000_000,
      sync: { devicePerMinute: 1_000_000 },
      onFault: ({ error }) => faults.push(error),
      onDamagedFile: () => undefined,
    });
    await app.listen({ host: '127.0.0.1', port });
    ({ port } = app.server.address() as AddressInfo);
    return app;
  };
  let app = await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    engine,
    faults,
    async organisation(name) {
      const email = `admin@${name}.example.com`;
      return { id: await createOrganisation(engine, name, { email, passwordHash, role: 'admin' }, clock), email };
    },
    member: (organisation, email, role) => addLogin(engine, organisation, { email, passwordHash, role }, clock),
    async stop() {
      await app.close();
    },
    async start() {
      app = await listen();
    },
    async close() {
      await app.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One for all tests of a file: each takes an organisation of its own. */
export function sharedSyncServer(clock: Clock): () => Promise<SyncServer> {
  let opened: Promise<SyncServer> | null = null;
  afterAll(async () => (await opened)?.close());
  return () => (opened ??= openSyncServer(clock));
}
