import { openBookFiles } from '../../electron/database/book-files.ts';
import { openDataKeys } from '../../electron/database/data-key.ts';
import { createSecretBox, createTextSeal } from '../../electron/database/secret-box.ts';
import { type Book, createBook } from '../../electron/domain/book.ts';
import { type BookServices, createBookServices } from '../../electron/domain/book.services.ts';
import type { Log } from '../../electron/domain/ports.ts';
import { openSettings } from '../../electron/domain/settings.service.ts';
import { openRemoteStore } from '../../electron/opening/remote-store.ts';
import { noKeychain } from '../../electron/platform/browser/no-keychain.ts';
import { createRemotes, type Remotes } from '../../electron/sync/remotes.ts';
import { createSyncWorker, type SyncWorker } from '../../electron/sync/sync-worker.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { generatedClient, generatedContact, generatedLocation } from '../support/generated-book.ts';
import { account, answerAsks, sharesOf } from './laptop-process.ts';

/**
 * A laptop for `npm run bench:sync`: the desktop's own book on files, its services and its sync, as a process of its own and without a
 * window. The database in Chromium is not written.
 */
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const noFile = { read: async () => null, write: async () => undefined, setAside: async () => undefined };
const inChunksOf = 500;
const made = ['clients', 'contacts', 'locations'] as const;

let opened: { book: Book; services: BookServices; remotes: Remotes; end: () => Promise<void> } | null = null;
let worker: SyncWorker | null = null;
const here = () => {
  if (opened === null) throw new Error('The book is not open yet');
  return opened;
};
/** Of all the document that everybody writes into and looks at: the same one on every laptop. */
const shown = () => [...here().book.all('clients')].reduce((least, one) => (one.id < least.id ? one : least));

async function inChunks(total: number, work: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < total; from += inChunksOf) await work(from, Math.min(from + inChunksOf, total));
}

answerAsks({
  async open({ folder, url }) {
    const keys = await openDataKeys(folder, noKeychain, quiet);
    const files = await openBookFiles(folder, { clock: systemClock, log: quiet, secrets: createSecretBox(keys) });
    const settings = await openSettings({ file: noFile, onChanged: () => undefined, log: quiet });
    const book = createBook(files.opened, {
      journal: files.journal,
      database: { apply: async () => undefined, operations: (ids) => files.findOperations(ids) },
      clock: systemClock,
      actor: () => 'Field staff',
      log: quiet,
      onChanged: () => undefined,
      onUndoState: () => undefined,
      onSynced: () => worker?.changed(),
    });
    const services = createBookServices({ book, model: files.readModel, clock: systemClock, settings, log: quiet });
    const store = await openRemoteStore(folder, createTextSeal(keys), quiet);
    const { operationsAfter } = files;
    const remotes = createRemotes({ book, store, operationsAfter, obstacle: () => null, clock: systemClock, log: quiet });
    opened = {
      book,
      services,
      remotes,
      async end() {
        await worker?.close();
        services.close();
        await book.idle();
        await files.close();
      },
    };
    const request = {
      kind: 'fieldbook' as const,
      url,
      organisation: null,
      signIn: { ...account, isSession: false },
      direction: 'both' as const,
    };
    if (remotes.list().length === 0) await remotes.connect(request, AbortSignal.timeout(60_000));
    return 0;
  },
  async make({ documents }) {
    const { book } = here();
    const shares = sharesOf(documents);
    const ids: string[] = [];
    await inChunks(shares.clients, (from, to) =>
      book.run('clients.create', 'made', (tx) => {
        for (let at = from; at < to; at += 1) ids.push(tx.create('clients', generatedClient(at)).id);
      }),
    );
    await inChunks(shares.contacts, (from, to) =>
      book.run('contacts.create', 'made', (tx) => {
        for (let at = from; at < to; at += 1) tx.create('contacts', generatedContact(at, ids[at % ids.length] as string, at < ids.length));
      }),
    );
    await inChunks(shares.locations, (from, to) =>
      book.run('locations.create', 'made', (tx) => {
        for (let at = from; at < to; at += 1) tx.create('locations', generatedLocation(at, ids[at % ids.length] as string));
      }),
    );
    return 0;
  },
  async edit({ documents }) {
    const { book, services } = here();
    for (const { id } of [...book.all('contacts')].slice(0, documents))
      await services.contacts.change(id, { jobTitle: 'Head of purchasing' });
    return 0;
  },
  async sync() {
    const { book, remotes } = here();
    const [receipt] = await remotes.syncAll('sync', AbortSignal.timeout(1_200_000));
    if (receipt?.state !== 'synced' || receipt.waiting > 0) throw new Error(`Not in step: ${JSON.stringify(receipt)}`);
    return made.reduce((sum, noun) => sum + book.counts(noun).live, 0);
  },
  async live() {
    const { book, remotes } = here();
    worker = createSyncWorker({ book, remotes, clock: systemClock, log: quiet, onStatus: () => undefined });
    return 0;
  },
  async write({ text }) {
    await here().services.clients.change(shown().id, { notes: text });
    return 0;
  },
  async see({ text }) {
    const { id } = shown();
    while (here().book.get('clients', id)?.notes !== text) await new Promise((done) => setTimeout(done, 2));
    return Date.now();
  },
  async close() {
    await here().end();
    return 0;
  },
});
