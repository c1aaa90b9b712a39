import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fail, ok, type Result } from '../../../shared/lib/result.ts';
import type { Backend } from '../platform.ts';
import type { ElectronSlice, Window } from './electron-slice.ts';
import { words } from '../../../shared/words/words.ts';

/** Asks where, then copies. What stood there before is replaced whole or not at all. */
export async function saveFile(
  electron: Pick<ElectronSlice, 'app' | 'dialog'>,
  window: Window,
  backend: Backend,
  fileId: unknown,
): Promise<Result<{ saved: boolean }>> {
  if (typeof fileId !== 'string') return fail({ code: 'INVALID_INPUT', ...words('files.noneNamed') });
  const found = await backend.fileToSave(fileId);
  if (!found.ok) return found;
  const { fileName, path: source } = found.value;

  const extension = path.extname(fileName).slice(1);
  const { canceled, filePath } = await electron.dialog.showSaveDialog(window, {
    defaultPath: path.join(electron.app.getPath('downloads'), fileName),
    ...(extension === '' ? {} : { filters: [{ name: extension.toUpperCase(), extensions: [extension] }] }),
  });
  if (canceled || filePath === '') return ok({ saved: false });

  const draft = `${filePath}.${randomUUID().slice(0, 8)}.part`;
  try {
    await copyFile(source, draft);
    await rename(draft, filePath);
    return ok({ saved: true });
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    return fail(
      isFull
        ? {
            code: 'DISK_FULL',
            ...words('files.noSpaceThere'),
          }
        : {
            code: 'DISK_FAILED',
            ...words('files.notSavedThere'),
          },
    );
  }
}
