import { createAttachments } from '../../../electron/database/attachments.ts';
import { contentsOf } from '../../../electron/opening/open-attachments.ts';
import type { KeptRemote, RemoteReceipt } from '../../../remotes/remote.ts';
import { createRemotes, type Remotes, type RemoteStore } from '../../../electron/sync/remotes.ts';
import { password } from '../../server/support/test-server.ts';
import { openLaptop, quietLog, type TestBook } from '../../support/opened-book.ts';

/** What a laptop keeps of its servers, in memory. */
export function memoryStore(): RemoteStore {
  const remotes: KeptRemote[] = [];
  const secrets = new Map<string, string>();
  const keep = (id: string, all: Record<string, string>) => {
    for (const [name, value] of Object.entries(all)) secrets.set(`${id} ${name}`, value);
  };
  return {
    list: () => remotes,
    async add(kept, all) {
      remotes.push(kept);
      keep(kept.id, all);
      return kept;
    },
    replaceSecrets: async (id, all) => keep(id, all),
    remove: async (id) => void remotes.splice(0, remotes.length, ...remotes.filter((one) => one.id !== id)),
    secret: (id, name) => secrets.get(`${id} ${name}`) ?? null,
    setSecret: async (id, name, value) => void (value === null ? secrets.delete(`${id} ${name}`) : secrets.set(`${id} ${name}`, value)),
  };
}

export function remotesOf({ book, files, folder, clock }: TestBook, store: RemoteStore): Remotes {
  const contents = contentsOf(createAttachments(folder, { log: quietLog }));
  return createRemotes({
    book,
    store,
    operationsAfter: files.operationsAfter,
    contents,
    obstacle: () => null,
    clock,
    log: quietLog,
  });
}

/** A laptop with the desktop's own book and engine, on files and in this process. */
export interface EngineLaptop {
  book: TestBook;
  remotes: Remotes;
  store: RemoteStore;
  connect(url: string, email: string, direction?: KeptRemote['direction']): Promise<void>;
  sync(): Promise<RemoteReceipt>;
  /** In step, with nothing that waits for anybody. */
  inStep(): Promise<void>;
  /** Goes on with another book of the same servers. */
  goOnWith(book: TestBook): void;
}

export async function engineLaptop(name: string, given: { at?: string } = {}): Promise<EngineLaptop> {
  const book = await openLaptop(given);
  book.person.name = name;
  const store = memoryStore();
  const laptop: EngineLaptop = {
    book,
    store,
    remotes: remotesOf(book, store),
    async connect(url, email, direction = 'both') {
      const signIn = { email, password, isSession: false };
      const request = { kind: 'fieldbook' as const, url, organisation: null, signIn, direction };
      await laptop.remotes.connect(request, AbortSignal.timeout(60_000));
    },
    async sync() {
      const [receipt] = await laptop.remotes.syncAll('sync', AbortSignal.timeout(120_000));
      if (receipt === undefined) throw new Error('A laptop without a server');
      return receipt;
    },
    async inStep() {
      const { state, problem, waiting } = await laptop.sync();
      if (state !== 'synced' || waiting > 0) throw new Error(`${name} is not in step: ${state}, ${waiting} wait, ${problem ?? ''}`);
    },
    goOnWith(other) {
      laptop.book = other;
      other.person.name = name;
      laptop.remotes = remotesOf(other, store);
    },
  };
  return laptop;
}
