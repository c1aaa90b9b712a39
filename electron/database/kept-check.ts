import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../domain/ports.ts';
import type { BookFiles } from './book-files.ts';
import { errorCode } from './disk-problem.ts';
import { writeFileDurably } from './durable-file.ts';
import { type Words, words } from '../../shared/words/words.ts';

export const keptCheckFile = 'check.json';

const keptSchema = z.object({ format: z.literal(1), differing: z.number().int().nonnegative() });

/** What the last "Check my book" says to whoever would send something out of the book, also after a start and without a window. */
export interface KeptCheck {
  /** Records that are not what the journal made of them; null where what was kept of it cannot be read. */
  differing(): number | null;
  put(differing: number): Promise<void>;
}

export async function openKeptCheck(dataFolder: string, log: Log): Promise<KeptCheck> {
  const path = join(dataFolder, keptCheckFile);
  let differing = await read();

  async function read(): Promise<number | null> {
    try {
      return keptSchema.parse(JSON.parse(await readFile(path, 'utf8'))).differing;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 0;
      log.warn('check.unreadable');
      return null;
    }
  }

  return {
    differing: () => differing,
    async put(found) {
      const isTold = differing === found;
      differing = found;
      if (isTold) return;
      await writeFileDurably(path, `${JSON.stringify({ format: 1, differing: found })}\n`).catch((error: unknown) => {
        // This session knows it all the same.
        log.warn('check.not-kept', { code: errorCode(error) });
      });
    },
  };
}

/** Why nothing may be synced out of this book; null where it may. Each door asks it before it sends (invariant 4). */
export function syncObstacle(files: Pick<BookFiles, 'missing'>, check: Pick<KeptCheck, 'differing'>): Words | null {
  if (files.missing().length > 0) return words('sync.journalDamaged');
  const differing = check.differing();
  return differing === 0 ? null : words('sync.bookDiffers', { differing });
}
