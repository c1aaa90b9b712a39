import { ProblemError } from '../../shared/lib/result.ts';
import { words } from '../../shared/words/words.ts';

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** What a failed write means for the person who saved something. The change in question is not saved; all before it is. */
export function diskProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = errorCode(error);
  if (fullCodes.has(code)) return diskFull();
  return new ProblemError({
    code: 'DISK_FAILED',
    ...words('disk.changeNotTaken', { code }),
  });
}

/** Says what a failed write of the work means. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskProblem(error);
  }
}

export function diskFull(): ProblemError {
  return new ProblemError({
    code: 'DISK_FULL',
    ...words('disk.full'),
  });
}

/** What a failed first write means for opening the book at all. */
export function folderProblem(error: unknown, folder: string): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = errorCode(error);
  if (fullCodes.has(code)) {
    return new ProblemError({
      code: 'DISK_FULL',
      ...words('start.diskFull', { folder }),
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ProblemError({
      code: 'FOLDER_READ_ONLY',
      ...words('start.folderReadOnly', { folder }),
    });
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new ProblemError({
      code: 'FOLDER_NOT_A_FOLDER',
      ...words('start.folderIsFile', { folder }),
    });
  }
  return new ProblemError({
    code: 'DISK_FAILED',
    ...words('start.folderUnusable', { folder, code }),
  });
}
