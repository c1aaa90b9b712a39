import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import type { Log } from '../../domain/ports.ts';
import { errorCode } from '../disk-problem.ts';
import { writeFileDurably } from '../durable-file.ts';
import { type FormatName, formats } from './formats.ts';
import { type Step, steps as allSteps } from './steps.ts';
import { words } from '../../../shared/words/words.ts';

/** In the data folder: which number each form in it has. A folder without it has the first of each. */
export const formatsFile = 'formats.json';

const formatsSchema = z.record(z.string().max(100), z.number().int().positive());
type Formats = z.output<typeof formatsSchema>;

const newer: Problem = {
  code: 'BOOK_NEWER',
  ...words('start.bookNewer'),
};

/**
 * Brings a data folder to the forms of today, before anything else in it is read. Each file is replaced whole, and
 * `formats.json` is written after it: an end at any point leaves the old or the new form, and the next start goes on.
 * Throws ProblemError BOOK_NEWER, with nothing changed, when a later version was here.
 */
export async function migrateFolder(
  folder: string,
  log: Log,
  known: Readonly<Formats> = formats,
  steps: readonly Step[] = allSteps,
): Promise<void> {
  let has = await readFormats(folder, log);
  if (Object.entries(has).some(([name, number]) => number > (known[name] ?? 0))) throw new ProblemError(newer);
  const formatOf = (name: FormatName) => has[name] ?? 1;
  const due = steps.filter(({ of, to }) => to > formatOf(of));
  for (const step of due) {
    await take(folder, step, log);
    has = { ...has, [step.of]: step.to };
    await writeFormats(folder, has);
  }
  if (Object.entries(known).some(([name, number]) => has[name] !== number)) await writeFormats(folder, { ...known });
}

async function take(folder: string, { of, to, file, up }: Step, log: Log): Promise<void> {
  const path = join(folder, file);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
    if (isInForm(content, to)) return;
    content = up(content);
  } catch (error) {
    // A file that is not there, or that nobody can read, is dealt with where it is opened.
    if (errorCode(error) !== 'ENOENT') log.warn('migration.unreadable', { of, to });
    return;
  }
  await writeFileDurably(path, `${JSON.stringify(content)}\n`);
  log.info('migration.done', { of, to });
}

/** The step was taken, and the process ended before that was written down. */
function isInForm(content: unknown, number: number): boolean {
  return content !== null && typeof content === 'object' && (content as { format?: unknown }).format === number;
}

function writeFormats(folder: string, has: Formats): Promise<void> {
  return writeFileDurably(join(folder, formatsFile), `${JSON.stringify(has)}\n`);
}

async function readFormats(folder: string, log: Log): Promise<Formats> {
  try {
    return formatsSchema.parse(JSON.parse(await readFile(join(folder, formatsFile), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    // Steps look at what they find before they change it: those that were taken are not taken again.
    log.warn('formats.unreadable');
    return {};
  }
}
