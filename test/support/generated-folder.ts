import { type Book, createBook } from '../../electron/domain/book.ts';
import { openBookFiles } from '../../electron/database/book-files.ts';
import type { Database, Log } from '../../electron/domain/ports.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { type BookSize, generatedClient, generatedContact, generatedLocation } from './generated-book.ts';
import { type GeneratedIds, writeWork } from './generated-work.ts';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The database is built from the journal and checkpoint at the app's first start on the folder. */
const later: Database = { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) };

/**
 * Writes a generated book into an empty data folder through the real command path: journal, then checkpoint.
 * Contacts and locations are spread so that every client has some and none has all. `at` is when it was all put in.
 */
export function writeGeneratedFolder(folder: string, size: BookSize, at?: string): Promise<void> {
  return writeFolder(folder, size, async () => undefined, at);
}

/** The same with every other noun. */
export function writeWholeFolder(folder: string, size: BookSize): Promise<void> {
  return writeFolder(folder, size, writeWork);
}

async function writeFolder(
  folder: string,
  size: BookSize,
  more: (book: Book, ids: GeneratedIds) => Promise<void>,
  at = '2026-06-01T08:00:00.000Z',
): Promise<void> {
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
  const contacts: string[] = [];
  const locations: string[] = [];
  await inChunks(size.clients, 500, (from, to) =>
    book.run('clients.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1) clientIds.push(tx.create('clients', generatedClient(index)).id);
    }),
  );
  await inChunks(size.contacts, 500, (from, to) =>
    book.run('contacts.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1) {
        const clientId = clientIds[index % clientIds.length] as string;
        contacts.push(tx.create('contacts', generatedContact(index, clientId, index < clientIds.length)).id);
      }
    }),
  );
  await inChunks(size.locations, 500, (from, to) =>
    book.run('locations.create', 'generated', (tx) => {
      for (let index = from; index < to; index += 1)
        locations.push(tx.create('locations', generatedLocation(index, clientIds[index % clientIds.length] as string)).id);
    }),
  );
  await more(book, { clients: clientIds, contacts, locations });
  await book.idle();
  await files.writeCheckpoint(book.snapshot());
  await files.close();
}

async function inChunks(total: number, size: number, work: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < total; from += size) await work(from, Math.min(from + size, total));
}
