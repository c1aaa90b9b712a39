import type { ImportJob } from '../../../shared/contracts/transfer.contract.ts';
import { imports } from '../../api/transfer.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showQuietly } from '../history/undo.tsx';

/** Takes a whole import back. It can be done again with Redo, so it does not ask first. */
export async function undoImport(job: ImportJob): Promise<void> {
  announce(`Taking back the import of ${job.fileName}`);
  const result = await imports.undo(job.id);
  if (!result.ok) return showProblem(result.error);
  if (result.value.state === 'undone')
    showQuietly(`The import of ${job.fileName} is undone.${result.value.note === null ? '' : ` ${result.value.note}`}`);
}
