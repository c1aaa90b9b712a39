import { contracts } from '../../shared/contracts/api.ts';
import { fail } from '../../shared/lib/result.ts';
import { bookReadAgain, reliedOn } from '../domain/book.ts';
import type { Files } from '../files.ts';
import type { Backend } from '../platform/platform.ts';

const commands: ReadonlySet<string> = new Set(
  contracts.flatMap(({ name, methods }) =>
    Object.entries(methods).flatMap(([method, { kind }]) => (kind === 'command' ? [`${name}.${method}`] : [])),
  ),
);

/**
 * The door of a book that is on screen before it is proven. Commands wait for the proof. Questions are answered at once; one that fails
 * may have met the damage, and is asked again after it. Where the book is not what was saved, all are answered `bookReadAgain`.
 */
export function behindProof(backend: Backend, proven: Promise<boolean>): Backend {
  let isProven: boolean | null = null;
  void proven.then((found) => {
    isProven = found;
  });
  return {
    ...backend,
    async call(method, input) {
      if (isProven === true) return backend.call(method, input);
      if (isProven === null && !commands.has(method)) {
        const answer = await backend.call(method, input);
        if (answer.ok) return answer;
      }
      return (await proven) ? backend.call(method, input) : fail(bookReadAgain);
    },
  };
}

/** Files that are made of the book: none is, of one that may be damaged. */
export function madeWhenProven(files: Files, proven: Promise<boolean>): Files {
  return {
    ...files,
    make: (name, mediaType, write) =>
      files.make(name, mediaType, async (path) => {
        await write(path);
        await reliedOn(proven);
      }),
  };
}
