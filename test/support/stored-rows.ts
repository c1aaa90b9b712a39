import { expect, type Page } from '@playwright/test';

/** What a test looks at in a client, whether it comes from main or from IndexedDB. */
export interface ClientState {
  name: string;
  notes: string | null;
  isDeleted: boolean;
}

/** All clients as the book tells them, deleted ones too. */
export async function clientsOfBook(page: Page): Promise<Record<string, ClientState>> {
  return page.evaluate(async () => {
    const clients: Record<string, ClientState> = {};
    for (const show of ['live', 'deleted'] as const) {
      for (let offset = 0, total = 1; offset < total; offset += 500) {
        const answer = await window.crm.clients.list({ show, offset, limit: 500 });
        if (!answer.ok) throw new Error(`The list was refused: ${answer.error.code}`);
        total = answer.value.total;
        for (const { id, name, notes } of answer.value.rows) clients[id] = { name, notes, isDeleted: show === 'deleted' };
      }
    }
    return clients;
  });
}

/** All clients as they lie in IndexedDB, read past RxDB and past main. */
export async function clientsInIndexedDb(page: Page): Promise<Record<string, ClientState>> {
  return page.evaluate(async () => {
    const name = 'rxdb-dexie-fieldbook--0--records';
    const databases = await indexedDB.databases();
    if (!databases.some((database) => database.name === name)) return {};
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    try {
      if (!db.objectStoreNames.contains('docs')) return {};
      const rows = await new Promise<{ id: string; name: string; notes?: string; deletedAt?: string }[]>((resolve, reject) => {
        const reading = db.transaction('docs').objectStore('docs').getAll();
        reading.onsuccess = () => resolve(reading.result);
        reading.onerror = () => reject(reading.error);
      });
      return Object.fromEntries(
        rows
          .filter(({ id }) => id.startsWith('clients/'))
          .map((row) => [
            row.id.slice('clients/'.length),
            { name: row.name, notes: row.notes ?? null, isDeleted: (row.deletedAt ?? null) !== null },
          ]),
      );
    } finally {
      db.close();
    }
  });
}

/** Waits until the database says it is ready and has everything. */
export async function storageSettled(page: Page): Promise<void> {
  const read = () => page.evaluate(() => window.crm.app.status({}));
  await expect.poll(read, { timeout: 60_000, intervals: [20] }).toMatchObject({ ok: true, value: { storage: 'ready', unapplied: 0 } });
}
