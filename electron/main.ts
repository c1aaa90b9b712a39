import { claimDataFolder } from './database/data-folder.ts';
import { isReadAgain } from './domain/book.ts';
import { type FieldbookOptions, type OpenBook, openBook } from './opening/open-book.ts';
import type { Backend, Platform } from './platform/platform.ts';
import type { Result } from '../shared/lib/result.ts';

/**
 * The start order, and nothing else. The window comes up while the book is read; its calls wait until it is. Throws
 * ProblemError, with a sentence for the person, when the data folder cannot be used or the book not be opened; the
 * caller says it and ends the process. Electron's entry must not await this (electron.md §4.5).
 */
export async function startFieldbook(platform: Platform, options: FieldbookOptions): Promise<void> {
  const { dataFolder, version, log } = options;
  const claim = await claimDataFolder(dataFolder);
  log.info('app.start', { version, adapter: platform.kind, system: process.platform });

  let opening: Promise<OpenBook> = openBook(platform, { ...options, claim }, () => reopen());
  opening.catch(() => {});
  // A restored book, or one that is read again, takes the place of the open one; calls wait for it like those of a start.
  const reopen = () => {
    opening = opening.then(async (book) => {
      await book.close();
      return openBook(platform, { ...options, claim, isAgain: true }, reopen);
    });
    opening.catch((error: unknown) => {
      log.error('app.reopen-failed', { error: error instanceof Error ? error.name : typeof error });
      platform.quit();
    });
  };
  platform.onQuit(async () => {
    const book = await opening.catch(() => null);
    await book?.close();
    await claim.release();
  });

  await platform.serve(whenOpen(() => opening.then(({ backend }) => backend)));
  const showing = platform.show();
  showing.catch(() => {});
  await opening;
  process.stdout.write(`Fieldbook is ready: ${await showing}\n`);
  log.info('app.ready', { ms: Math.round(process.uptime() * 1000) });
}

/** Calls that come before the book is open wait for it; those that came to one that has to be read again go to the one after it. */
function whenOpen(opening: () => Promise<Backend>): Backend {
  const ask = async <T>(of: (backend: Backend) => Promise<Result<T>>): Promise<Result<T>> => {
    for (;;) {
      const answer = await of(await opening());
      if (answer.ok || !isReadAgain(answer.error)) return answer;
    }
  };
  return {
    call: (method, input) => ask((backend) => backend.call(method, input)),
    takeFile: async (name, bytes) => (await opening()).takeFile(name, bytes),
    fileToSave: (fileId) => ask((backend) => backend.fileToSave(fileId)),
  };
}
