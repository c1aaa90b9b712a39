import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../../build/paths.mjs';
import { nouns } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { generatedClient, generatedContact, generatedLocation } from '../support/generated-book.ts';
import { answerAsks, sharesOf } from './laptop-process.ts';

/**
 * The peer's laptop: PouchDB on LevelDB, as a process of its own. Its documents have the fields of ours, without their stamps and
 * their history, which it does not keep.
 */
interface Pouch {
  bulkDocs(docs: object[]): Promise<unknown>;
  allDocs(options: object): Promise<{ rows: { doc: Doc }[] }>;
  get(id: string): Promise<Doc>;
  put(doc: object): Promise<unknown>;
  info(): Promise<{ doc_count: number }>;
  sync(url: string, options: object): unknown;
  changes(options: object): { on(what: 'change', told: (change: { doc: Doc }) => void): unknown };
  replicate: Record<'to' | 'from', (url: string, options: object) => Promise<unknown>>;
  close(): Promise<void>;
}
type Doc = { _id: string } & Record<string, unknown>;

const load = createRequire(join(cacheFolder, 'bench', 'pouchdb-server', 'package.json'));
const PouchDB = load('pouchdb-core')
  .plugin(load('pouchdb-adapter-leveldb'))
  .plugin(load('pouchdb-adapter-http'))
  .plugin(load('pouchdb-replication')) as new (
  folder: string,
) => Pouch;
/** Ten times what it takes by itself, which made it quicker. */
const batch = { batch_size: 1000 };
let db: Pouch;
let remote: string;

const doc = (of: 'clients' | 'contacts' | 'locations', fields: object): Doc => {
  const now = new Date().toISOString();
  const made = { createdAt: now, createdBy: 'Field staff', updatedAt: now, updatedBy: 'Field staff', deletedAt: null };
  return { _id: newId(), collection: of, ...nouns[of].fieldsSchema.parse(fields), ...made };
};
const shown = 'shown';

answerAsks({
  async open({ folder, url }) {
    remote = `${url}/bench`;
    await fetch(remote, { method: 'PUT' });
    db = new PouchDB(join(folder, 'pouchdb'));
    return 0;
  },
  async make({ documents }) {
    const shares = sharesOf(documents);
    const clients = Array.from({ length: shares.clients }, (_, at) => doc('clients', generatedClient(at)));
    (clients[0] as Doc)._id = shown;
    const of = (at: number) => (clients[at % clients.length] as Doc)._id;
    const contacts = Array.from({ length: shares.contacts }, (_, at) => doc('contacts', generatedContact(at, of(at), at < clients.length)));
    const locations = Array.from({ length: shares.locations }, (_, at) => doc('locations', generatedLocation(at, of(at))));
    const all = [...clients, ...contacts, ...locations];
    for (let at = 0; at < all.length; at += 500) await db.bulkDocs(all.slice(at, at + 500));
    return 0;
  },
  async edit({ documents }) {
    const { rows } = await db.allDocs({ include_docs: true });
    const contacts = rows.filter(({ doc: one }) => one['collection'] === 'contacts').slice(0, documents);
    for (const { doc: one } of contacts) await db.put({ ...one, jobTitle: 'Head of purchasing' });
    return 0;
  },
  async sync() {
    await db.replicate.to(remote, batch);
    await db.replicate.from(remote, batch);
    return (await db.info()).doc_count;
  },
  async live() {
    db.sync(remote, { live: true, retry: true });
    return 0;
  },
  async write({ text }) {
    await db.put({ ...(await db.get(shown)), notes: text });
    return 0;
  },
  async see({ text }) {
    return new Promise((done) => {
      const feed = db.changes({ live: true, since: 'now', include_docs: true }) as ReturnType<Pouch['changes']> & { cancel(): void };
      feed.on('change', ({ doc: one }) => {
        if (one._id !== shown || one['notes'] !== text) return;
        feed.cancel();
        done(Date.now());
      });
    });
  },
  async close() {
    await db.close();
    return 0;
  },
});
