import { type BookFiles, openBookFiles } from '../../../../electron/database/book-files.ts';
import { type Book, createBook } from '../../../../electron/domain/book.ts';
import type { ArchiveSource } from '../../../../electron/database/book-archive.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { type KeptDatabase, keptDatabase, quietLog } from '../../../support/opened-book.ts';
import { atEnd, temporaryFolder } from './storage-fixture.ts';

export interface FolderBook {
  folder: string;
  files: BookFiles;
  book: Book;
  database: KeptDatabase;
  clock: ReturnType<typeof fixedClock>;
  /** Adds clients, each with a contact and a location, in one command each. */
  add(...names: string[]): Promise<string[]>;
  source(): Omit<ArchiveSource, 'head'> & { head: Omit<ArchiveSource['head'], 'reason'> };
  close(): Promise<void>;
}

/** A book on real files, without services and database. */
export async function folderBook(folder?: string, at = '2026-03-04T09:00:00.000Z', database = keptDatabase()): Promise<FolderBook> {
  const place = folder ?? (await temporaryFolder());
  const clock = fixedClock(at);
  const files = await openBookFiles(place, { clock, log: quietLog });
  const book = createBook(files.opened, {
    journal: files.journal,
    database,
    clock,
    actor: () => 'Ada',
    log: quietLog,
    onChanged: () => undefined,
    onUndoState: () => undefined,
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await book.idle();
    await files.close();
  };
  atEnd(close);
  return {
    folder: place,
    files,
    book,
    database,
    clock,
    close,
    add: (...names) =>
      Promise.all(
        names.map(
          async (name) =>
            (
              await book.run('clients.create', null, (tx) => {
                const { id } = tx.create('clients', { name, email: `${name.replace(/[^a-zA-Z0-9]/g, '')}@office.example` });
                tx.create('contacts', { clientId: id, lastName: `${name} Ünal`, custom: { __proto: 'kept', '|pipe': 'kept' } });
                tx.create('locations', { clientId: id, name: `${name} depot` });
                return id;
              })
            ).value,
        ),
      ),
    source: () => ({
      head: { appVersion: '1.0.0', madeAt: new Date(clock.now()).toISOString(), deviceId: files.opened.deviceId },
      snapshot: book.snapshot(),
      operations: files.operationsAfter(0),
    }),
  };
}
