import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { createBook } from '../../../../electron/domain/book.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';

/** Opens the book of the folder it is given, gives a command, and is killed before the book is proven. */
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = fixedClock('2026-03-04T09:00:00.000Z');
const files = await openBookFiles(process.argv[2] ?? '', { clock, log: quiet, provenLaterFrom: 0 });
const book = createBook(files.opened, {
  journal: files.journal,
  database: { apply: async () => undefined, operations: async () => [] },
  clock,
  actor: () => 'Ada',
  log: quiet,
  onChanged: () => undefined,
  onUndoState: () => undefined,
  proven: files.proven,
});
void book.run('clients.create', null, (tx) => tx.create('clients', { name: 'Never confirmed' }));
// No message of the thread that proves is heard before this turn is over.
for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
process.kill(process.pid, 'SIGKILL');
