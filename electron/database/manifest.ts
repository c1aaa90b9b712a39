import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type FolderClaim, ownFolder } from './data-folder.ts';
import { errorCode } from './disk-problem.ts';
import { writeFileDurably } from './durable-file.ts';
import type { Log } from '../domain/ports.ts';
import { formats } from './migrations/formats.ts';

const copySchema = z.object({
  /** Written into the database when it was made; another one there means that it is another database. */
  token: z.string(),
  /** Every operation up to this one is in the database; perhaps more. */
  appliedSeq: z.number().int().nonnegative(),
  counts: z.record(z.string(), z.number().int()),
  /** What form that database has; another than today's is built again. */
  databaseForm: z.number().int(),
  /** Key of the sums in its rows of operations; null in forms without. */
  key: z.string().nullable().default(null),
});

/** What main knows of the database, kept outside of it: Chromium opens a damaged one without a word. */
const manifestSchema = copySchema.extend({
  format: z.literal(formats.manifest),
  /** Databases of this book in other browsers, the newest first: each browser keeps one of its own. */
  others: z.array(copySchema).default([]),
  /** Newest operation of the journal at that moment, and the newest stamp of all. */
  newestSeq: z.number().int().nonnegative().default(0),
  newestStamp: z.string().nullable(),
  chromiumMajor: z.number().int().nullable(),
  appVersion: z.string().nullable(),
});
export type Manifest = z.output<typeof manifestSchema>;

/** More browsers than this on one book are not remembered: theirs are built again. */
const mostOthers = 4;

/** The manifest with the database of that token as the one in use; null when none of the known ones has it. */
export function manifestFor(manifest: Manifest, token: string | null): Manifest | null {
  if (manifest.token === token) return manifest;
  const copy = manifest.others.find((other) => other.token === token);
  return copy === undefined ? null : { ...manifest, ...copy, others: othersBeside(manifest, copy.token) };
}

/** The databases to remember when the one of `token` is in use. */
export function othersBeside(manifest: Manifest | null, token: string): Manifest['others'] {
  if (manifest === null) return [];
  const { token: used, appliedSeq, counts, databaseForm, key, others } = manifest;
  return [{ token: used, appliedSeq, counts, databaseForm, key }, ...others].filter((other) => other.token !== token).slice(0, mostOthers);
}

export interface ManifestFile {
  read(): Promise<Manifest | null>;
  /** Writes within a second; the newest value wins. */
  set(manifest: Manifest): void;
  /** Writes now what is waiting. */
  flush(): Promise<void>;
}

export function manifestFile(path: string, log: Log, claim: Pick<FolderClaim, 'check'> = ownFolder): ManifestFile {
  let waiting: Manifest | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const write = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(async () => {
      const manifest = waiting;
      if (manifest === null) return;
      waiting = null;
      // A manifest that could not be written is only older: more is compared and replayed at the next start.
      await claim
        .check()
        .then(() => writeFileDurably(path, `${JSON.stringify(manifest)}\n`))
        .catch((error: unknown) => log.warn('manifest.write-failed', { code: errorCode(error) }));
    });
    return writing;
  };

  return {
    async read() {
      try {
        return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') log.warn('manifest.unreadable', { code: errorCode(error) });
        return null;
      }
    },
    set(manifest) {
      waiting = manifest;
      timer ??= setTimeout(() => void write(), 1000);
    },
    flush: write,
  };
}
