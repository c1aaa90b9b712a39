import { ProblemError } from '../../../shared/lib/result.ts';
import { type Words, words } from '../../../shared/words/words.ts';

/** The file cannot be read as what it claims to be. `why`: what is the matter; what to do about it follows. */
export function unreadable(why: Words, whatToDo: Words): ProblemError {
  return new ProblemError({ code: 'FILE_UNREADABLE', ...words('files.unreadable', { why, whatToDo }) });
}

export function emptyFile(fileName: string, id: 'files.empty' | 'files.noCards' | 'files.noRows' = 'files.empty'): ProblemError {
  return new ProblemError({ code: 'FILE_EMPTY', ...words(id, { fileName }) });
}
