import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../database/disk-problem.ts';
import { writeFileDurably } from '../database/durable-file.ts';
import type { TextSeal } from '../database/secret-box.ts';
import type { Log } from '../domain/ports.ts';
import { remoteKinds } from '../../remotes/remote.ts';
import type { RemoteStore } from '../sync/remotes.ts';

export const remotesFile = 'remotes.json';

const keptSchema = z.object({
  id: z.uuid(),
  kind: z.enum(remoteKinds),
  url: z.string(),
  organisation: z.string().nullable(),
  account: z.string().nullable(),
  direction: z.enum(['both', 'read', 'write']),
  connectedAt: z.string(),
  settings: z.record(z.string(), z.unknown()),
});
const fileSchema = z.object({
  format: z.literal(1),
  remotes: z.array(keptSchema.extend({ secrets: z.record(z.string(), z.string()) })),
});
type Entry = z.output<typeof fileSchema>['remotes'][number];

/**
 * The book's remotes, in a file of their own. Tokens are sealed with the data key and bound to the remote they are for:
 * moved to another one's line they cannot be opened.
 */
export async function openRemoteStore(folder: string, seal: TextSeal, log: Log): Promise<RemoteStore> {
  const path = join(folder, remotesFile);
  let remotes = await read();
  let writing: Promise<void> = Promise.resolve();

  async function read(): Promise<Entry[]> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text)).remotes;
    } catch {
      log.warn('sync.remotes-unreadable');
      await rename(path, join(folder, 'remotes.unreadable.json'));
      return [];
    }
  }

  const place = ({ id, url }: Pick<Entry, 'id' | 'url'>, name: string) => `remote/${id}/${url}/${name}`;
  const sealed = (of: Pick<Entry, 'id' | 'url'>, secrets: Record<string, string>) =>
    Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, seal.seal(place(of, name), value)]));

  /** One write after the other; memory follows the disk. */
  function write(change: (now: Entry[]) => Entry[]): Promise<void> {
    const done = writing.then(async () => {
      const next = change(remotes);
      await writeFileDurably(path, `${JSON.stringify({ format: 1, remotes: next })}\n`, 0o600);
      remotes = next;
    });
    writing = done.catch(() => undefined);
    return done;
  }

  const withSecrets = (id: string, change: (entry: Entry) => Record<string, string>) =>
    write((now) => now.map((entry) => (entry.id === id ? { ...entry, secrets: change(entry) } : entry)));

  return {
    list: () => remotes.map(({ secrets: _, ...kept }) => kept),
    async add(kept, secrets) {
      await write((now) => [...now, { ...kept, secrets: sealed(kept, secrets) }]);
      return kept;
    },
    replaceSecrets: (id, secrets) => withSecrets(id, (entry) => sealed(entry, secrets)),
    remove: (id) => write((now) => now.filter((entry) => entry.id !== id)),
    secret(id, name) {
      const entry = remotes.find((one) => one.id === id);
      const text = entry?.secrets[name];
      return entry === undefined || text === undefined ? null : seal.open(place(entry, name), text);
    },
    setSecret: (id, name, value) =>
      withSecrets(id, (entry) => {
        const { [name]: _, ...others } = entry.secrets;
        return value === null ? others : { ...others, [name]: seal.seal(place(entry, name), value) };
      }),
  };
}
