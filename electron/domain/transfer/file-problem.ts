import { ProblemError } from '../../../shared/lib/result.ts';

/** The file cannot be read as what it claims to be. `why` is a plain sentence; what to do about it follows. */
export function unreadable(why: string, whatToDo: string): ProblemError {
  return new ProblemError({ code: 'FILE_UNREADABLE', message: `${why} Nothing was imported. ${whatToDo}` });
}

export function emptyFile(fileName: string, what = 'is empty'): ProblemError {
  return new ProblemError({ code: 'FILE_EMPTY', message: `“${fileName}” ${what}. Nothing was imported. Choose a file with rows in it.` });
}
