import { createBook } from '../../electron/domain/book.ts';
import { openBookFiles } from '../../electron/database/book-files.ts';
import type { Database, Log } from '../../electron/domain/ports.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { type BookSize, generatedClient, generatedContact, generatedLocation } from './generated-book.ts';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The database is built from the journal and checkpoint at the app's first start on the folder. */
const later: Database = { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) };

/**
 * Writes a generated book into an empty data folder through the real command path: journal, then checkpoint.
 * Contacts and locations are spread so that every client has some and none has all. `at` is when it was all put in.
 */
export async function writeGeneratedFolder(folder: string, size: BookSize, at = '2026-06-01T08:00:00.000Z'): Promise<void> {
  const clock = fixedClock(at);
  const files = await openBookFiles(folder, { clock, log: quiet });
  const book = createBook(files.opened, {
    journal: files.journal,
    database: later,
    clock,
    actor: () => 'Field staff',
    log: quiet,
    onChanged: () => undefined,
    onUndoState: () => undefined,
  });
  const clientIds: string[] = [];
  await inChunks(size.clients, 500, (from, to) =>
    book.run('clients.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1) clientIds.push(tx.create('clients', generatedClient(index)).id);
    }),
  );
  await inChunks(size.contacts, 500, (from, to) =>
    book.run('contacts.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1) {
        tx.create('contacts', generatedContact(index, clientIds[index % clientIds.length] as string, index < clientIds.length));
      }
    }),
  );
  await inChunks(size.locations, 500, (from, to) =>
    book.run('locations.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1)
        tx.create('locations', generatedLocation(index, clientIds[index % clientIds.length] as string));
    }),
  );
  await book.idle();
  await files.writeCheckpoint(book.snapshot());
  await files.close();
}

async function inChunks(total: number, size: number, work: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < total; from += size) await work(from, Math.min(from + size, total));
}
