import { ProblemError } from '../../shared/lib/result.ts';

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
    message: `The disk did not take the change (${code}), so it was not saved. Everything saved before is safe. Check the disk, then try again.`,
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
    message: 'The disk is full, so the change was not saved. Everything saved before is safe. Free some space, then try again.',
  });
}

/** What a failed first write means for opening the book at all. */
export function folderProblem(error: unknown, folder: string): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = errorCode(error);
  if (fullCodes.has(code)) {
    return new ProblemError({
      code: 'DISK_FULL',
      message: `The disk with the folder ${folder} is full, so Fieldbook cannot start. Nothing was changed. Free some space, then start Fieldbook again.`,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ProblemError({
      code: 'FOLDER_READ_ONLY',
      message: `Fieldbook may not write in the folder ${folder}. Nothing was changed. Allow writing there, or start Fieldbook with another folder.`,
    });
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new ProblemError({
      code: 'FOLDER_NOT_A_FOLDER',
      message: `${folder} is a file, not a folder. Nothing was changed. Start Fieldbook with another folder.`,
    });
  }
  return new ProblemError({
    code: 'DISK_FAILED',
    message: `The folder ${folder} cannot be used (${code}). Nothing was changed. Check the disk, or start Fieldbook with another folder.`,
  });
}
