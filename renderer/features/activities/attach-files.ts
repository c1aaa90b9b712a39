import { create } from 'zustand';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { activities } from '../../api/activities.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { words } from '../../../shared/words/words.ts';

/** The file that is being taken in, and for which record. */
export const useAttaching = create<{ aboutId: string | null; fileName: string; done: number; size: number }>()(() => ({
  aboutId: null,
  fileName: '',
  done: 0,
  size: 0,
}));

/** As main has it (electron/database/attachments.ts): told before a large file is sent for nothing. */
const LIMIT = 100 * 1024 * 1024;

/** Takes files in one after the other, and says of each that could not be. */
async function takeFiles(files: readonly File[], aboutId: string, each: (fileId: string, name: string) => Promise<void>): Promise<void> {
  for (const file of files) {
    if (file.size > LIMIT) {
      showProblem({
        code: `FILE_TOO_LARGE ${file.name}`,
        ...words('records.namedFileTooLarge', { fileName: file.name, megabytes: 100 }),
      });
      continue;
    }
    useAttaching.setState({ aboutId, fileName: file.name, done: 0, size: file.size });
    const taken = await activities.take(file, (bytes) => useAttaching.setState({ done: bytes }));
    if (taken.ok) await each(taken.value.fileId, file.name);
    else showProblem(taken.error);
  }
  useAttaching.setState({ aboutId: null });
}

/** Files for an entry that is being written: they are attached when it is saved. */
export function takeForEntry(files: readonly File[], aboutId: string, each: (fileId: string, name: string) => void): Promise<void> {
  return takeFiles(files, aboutId, async (fileId, name) => each(fileId, name));
}

/** Attaches files by themselves. What could not be attached is said; the others are. */
export async function attachFiles(files: readonly File[], about: NounName, aboutId: string): Promise<void> {
  const done: { name: string; operationId: string }[] = [];
  await takeFiles(files, aboutId, async (fileId, name) => {
    const result = await activities.attach(fileId, about, aboutId);
    if (!result.ok) showProblem(result.error);
    else if (result.value.operationId !== null) done.push({ name, operationId: result.value.operationId });
  });
  const [first] = done;
  if (first !== undefined)
    showDone(
      done.length === 1 ? `${first.name} attached.` : `${done.length} files attached.`,
      done.map(({ operationId }) => operationId),
    );
}
