import { implement } from '../../shared/contracts/contract.ts';
import { importContract } from '../../shared/contracts/transfer.contract.ts';
import type { ImportService } from '../domain/transfer/import.service.ts';

export const importHandlers = (imports: ImportService) =>
  implement(importContract, {
    preview: (plan) => imports.preview(plan),
    dryRun: (plan) => imports.dryRun(plan),
    start: (plan) => imports.start(plan),
    pause: ({ id }) => imports.pause(id),
    resume: ({ id }) => imports.resume(id),
    cancel: ({ id }) => imports.cancel(id),
    undo: ({ id }) => imports.undo(id),
    list: async () => ({ jobs: await imports.list() }),
    report: ({ id, verdict, offset, limit }) => imports.report(id, verdict, offset, limit),
    errorFile: ({ id }) => imports.errorFile(id),
    drop: async ({ fileId }) => {
      await imports.drop(fileId);
      return {};
    },
  });
