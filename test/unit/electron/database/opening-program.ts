import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { say } from '../../../../shared/words/say.ts';

/** Opens the book of the folder it is given, and prints what the person would be told. */
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
try {
  await openBookFiles(process.argv[2] ?? '', { clock: fixedClock('2026-03-04T09:00:00.000Z'), log: quiet });
  console.log('opened');
} catch (error) {
  console.log(error instanceof ProblemError ? `${error.problem.code}: ${say(error.problem)}` : error);
}
