import { fail, ok, ProblemError } from '../shared/lib/result.ts';
import { openBookFiles } from './database/book-files.ts';
import { createFiles } from './files.ts';
import type { FieldbookOptions } from './main.ts';
import type { Backend, Platform } from './platform/platform.ts';

export interface OpenBook {
  backend: Backend;
  /** Takes no more commands, waits for those that run, and leaves everything on disk. */
  close(): Promise<void>;
}

/** Puts the rooms together: files on disk, the book in memory, the database behind it, the services, their door. */
export async function openBook(_platform: Platform, options: FieldbookOptions): Promise<OpenBook> {
  const { dataFolder, clock, log } = options;
  const bookFiles = await openBookFiles(dataFolder, { clock, log });
  const files = createFiles(dataFolder);
  return {
    backend: {
      call: async () => fail({ code: 'UNKNOWN_METHOD', message: 'Fieldbook does not know this request. Nothing was done.' }),
      takeFile: async (name, bytes) => {
        try {
          return ok({ fileId: (await files.take(name, bytes)).fileId });
        } catch (error) {
          if (error instanceof ProblemError) return fail(error.problem);
          throw error;
        }
      },
      fileToSave: async (fileId) => {
        try {
          return ok(await files.get(fileId));
        } catch (error) {
          if (error instanceof ProblemError) return fail(error.problem);
          throw error;
        }
      },
    },
    close: () => bookFiles.close(),
  };
}
