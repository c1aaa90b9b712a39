import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Attaches the files that wait in the folder of the first argument to the client of the second, and is killed, as by a
 * power cut, at the given change of the disk.
 */
const [folder = '', clientId = '', steps = '0', ...fileIds] = process.argv.slice(2);
let left = Number(steps);
const count = () => {
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  left -= 1;
};
type Work = (...parameters: unknown[]) => Promise<unknown>;
const counted = (object: object, names: readonly string[]) => {
  for (const name of names) {
    const real = (object as Record<string, Work>)[name] as Work;
    (object as Record<string, Work>)[name] = (...parameters) => {
      count();
      return real.apply(object, parameters);
    };
  }
};
const { openBookFiles } = await import('../../../../electron/database/book-files.ts');
const { createAttachments } = await import('../../../../electron/database/attachments.ts');
const { createAttachmentService } = await import('../../../../electron/domain/attachment.service.ts');
const { createBook } = await import('../../../../electron/domain/book.ts');
const { createFiles } = await import('../../../../electron/files.ts');
const { attachmentPlaces } = await import('../../../../electron/opening/open-attachments.ts');
const { fixedClock } = await import('../../../../shared/lib/clock.ts');

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = fixedClock('2026-03-04T09:00:00.000Z');
const opened = await openBookFiles(folder, { clock, log });
const book = createBook(opened.opened, {
  journal: opened.journal,
  database: { apply: async () => undefined, operations: async () => [] },
  clock,
  actor: () => 'Ada',
  log,
  onChanged: () => undefined,
  onUndoState: () => undefined,
});
const places = attachmentPlaces({
  dataFolder: folder,
  attachments: createAttachments(folder, { log }),
  files: createFiles(folder),
  platform: { openFile: null },
});
const service = createAttachmentService({ book, queries: { get: () => ({}) as never }, places });

counted(promises, ['rename', 'rm', 'mkdir']);
const { open } = promises;
promises.open = async (...parameters: Parameters<typeof open>): Promise<FileHandle> => {
  const handle = await open(...parameters);
  counted(handle, ['write', 'sync']);
  return handle;
};
syncBuiltinESMExports();
for (const fileId of fileIds) await service.add(fileId, 'clients', clientId);
await book.idle();
