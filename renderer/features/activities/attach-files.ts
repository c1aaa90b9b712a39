import { create } from 'zustand';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { activities } from '../../api/activities.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';

/** The file that is being taken in, and for which record. */
export const useAttaching = create<{ aboutId: string | null; fileName: string; done: number; size: number }>()(() => ({
  aboutId: null,
  fileName: '',
  done: 0,
  size: 0,
}));

/** As main has it (electron/database/attachments.ts): told before a large file is sent for nothing. */
const LIMIT = 100 * 1024 * 1024;

/** Attaches files one after the other. What could not be attached is said; the others are. */
export async function attachFiles(files: readonly File[], about: NounName, aboutId: string): Promise<void> {
  const done: { name: string; operationId: string }[] = [];
  for (const file of files) {
    if (file.size > LIMIT) {
      showProblem({
        code: `FILE_TOO_LARGE ${file.name}`,
        message: `"${file.name}" is larger than 100 MB, so it was not attached. Attach a smaller one, or write down where it is kept.`,
      });
      continue;
    }
    useAttaching.setState({ aboutId, fileName: file.name, done: 0, size: file.size });
    const taken = await activities.take(file, (bytes) => useAttaching.setState({ done: bytes }));
    const result = taken.ok ? await activities.attach(taken.value.fileId, about, aboutId) : taken;
    if (!result.ok) showProblem(result.error);
    else if (result.value.operationId !== null) done.push({ name: file.name, operationId: result.value.operationId });
  }
  useAttaching.setState({ aboutId: null });
  const [first] = done;
  if (first !== undefined)
    showDone(
      done.length === 1 ? `${first.name} attached.` : `${done.length} files attached.`,
      done.map(({ operationId }) => operationId),
    );
}
