import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

/**
 * Backs up the book in the folder of the first argument and is killed, as by a power cut, at the given change of the disk; says how
 * many there were where it comes to the end.
 */
const [folder = '', steps = '0'] = process.argv.slice(2);
let done = 0;
const changes = promises as unknown as Record<string, (...parameters: unknown[]) => Promise<unknown>>; // calls by their names
for (const name of ['rename', 'rm', 'mkdir']) {
  const real = changes[name] as (...parameters: unknown[]) => Promise<unknown>;
  changes[name] = (...parameters) => {
    if (done === Number(steps)) process.kill(process.pid, 'SIGKILL');
    done += 1;
    return real(...parameters);
  };
}
syncBuiltinESMExports();
const { openBackupStore } = await import('../../../../electron/database/backup-store.ts');
const { openBookFiles } = await import('../../../../electron/database/book-files.ts');
const { createBook } = await import('../../../../electron/domain/book.ts');
const { fixedClock } = await import('../../../../shared/lib/clock.ts');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = fixedClock('2026-03-04T23:00:00.000Z');
const files = await openBookFiles(folder, { clock, log });
const book = createBook(files.opened, {
  journal: files.journal,
  database: { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) },
  clock,
  actor: () => 'Ada',
  log,
  onChanged: () => undefined,
  onUndoState: () => undefined,
});
const store = await openBackupStore(join(folder, 'backups'), log);
done = 0;
await store.make('manual', {
  head: { appVersion: '1.0.0', madeAt: new Date(clock.now()).toISOString(), deviceId: files.opened.deviceId },
  snapshot: book.snapshot(),
  operations: files.sealedOperations(),
});
process.send?.(done);
process.disconnect();
