import { sql } from 'kysely';
import type { ContentFolder, ContentState, OpenContent, Staged, Uploads } from './content-folder.ts';
import { tombstoneDays } from './purge.ts';
import { inOrganisation, type Store, type Tenant } from './tenant.ts';

/** A content that the organisation has, as its table says. */
export interface KeptFile {
  sha256: string;
  size: number;
  mediaType: string;
}

/**
 * Contents of attached files. Every organisation has its own, in the table `files` and in a folder: whether another one
 * has a file cannot be told, by asking or by how long an upload takes. A row says that the content is on the disk.
 */
export interface FileStore {
  /** Writes what comes to the disk, beside its place. Throws ProblemError FILE_TOO_LARGE, FILE_ALTERED, DISK_FULL or DISK_FAILED. */
  stage(organisation: string, bytes: AsyncIterable<Uint8Array>, expected?: { sha256: string }): Promise<Staged>;
  /** Keeps a staged file, in the transaction of whatever names it; takes the organisation's lock. A content that is there already is written anew. */
  keep(tenant: Tenant, staged: Staged): Promise<KeptFile>;
  discard(staged: Staged): Promise<void>;
  /** Files that come in pieces, each in its turn: a laptop's line breaks. */
  uploads: Uploads;
  /** Bytes of all files that the organisation has. */
  total(tenant: Tenant): Promise<number>;
  find(tenant: Tenant, sha256: string): Promise<KeptFile | null>;
  /** Which of these the organisation has. Each is kept for the full time again, so that a record may name it now. */
  hold(tenant: Tenant, checksums: readonly string[]): Promise<KeptFile[]>;
  /** Opens a content once every byte was compared with the checksum; for a part that counts which was done since its last change. */
  open(organisation: string, file: Pick<KeptFile, 'sha256' | 'size'>, part: 'whole' | 'part'): Promise<OpenContent | ContentState>;
  /** Every file of every organisation, for a backup. */
  all(): AsyncGenerator<KeptFile & { organisation: string }>;
  /** Puts a content where it belongs, for a restore. Throws ProblemError FILE_ALTERED where it is another one. */
  putBack(organisation: string, sha256: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes files that nothing has named for a month, and what is left over on the disk. Answers how many files. */
  collect(): Promise<number>;
}

const DAY = 24 * 3_600_000;
/** How long a file stays that nothing names. */
export const unnamedDays = 30;
/** Longer than any upload takes. */
const leftOverAfter = DAY;
const pageRows = 1_000;

export function createFileStore(store: Store, folder: ContentFolder, now: () => number): FileStore {
  const instant = (ms: number) => new Date(ms).toISOString();
  const organisations = async () =>
    (await store.db.selectFrom('organisations').select('organisation_id').orderBy('number').execute()).map((row) => row.organisation_id);

  const rows = ({ tx, organisation }: Tenant) => tx.selectFrom('files').where('organisation_id', '=', organisation);
  const fileOf = (row: { sha256: string; size: number; media_type: string }): KeptFile => ({
    sha256: row.sha256,
    size: row.size,
    mediaType: row.media_type,
  });

  /** Files that nothing names (a deleted record can be restored until it is purged), and that were not found or kept lately either. */
  const unnamed = (
    organisation: string,
  ) => sql<boolean>`f.organisation_id = ${organisation} and f.kept_at < ${instant(now() - unnamedDays * DAY)}
    and not exists (select from records r where r.organisation_id = ${organisation} and r.collection = 'activities'
      and r.doc ->> 'sha256' = f.sha256 and (r.deleted_at is null or r.deleted_at > ${instant(now() - tombstoneDays * DAY)}))`;

  async function collectUnnamed(organisation: string): Promise<number> {
    const waiting = await inOrganisation(store, organisation, ({ tx }) =>
      sql`select from files f where ${unnamed(organisation)} limit 1`.execute(tx),
    );
    if (waiting.rows.length === 0) return 0;
    return inOrganisation(store, organisation, async (tenant) => {
      // Nobody writes a record that names one of these from here on; who uploads one of them waits for its row.
      await tenant.lock();
      const gone = await sql<{ sha256: string }>`delete from files f where ${unnamed(organisation)} returning f.sha256`.execute(tenant.tx);
      // Before the transaction ends: a row without content is seen and removed again, a content without a row could be one just put there.
      for (const { sha256 } of gone.rows) await folder.remove(organisation, sha256);
      return gone.rows.length;
    });
  }

  /** Contents on the disk without a row: their transaction did not come to its end. */
  async function collectLeftOver(organisation: string): Promise<void> {
    for await (const sha256 of folder.list(organisation, now() - leftOverAfter)) {
      await inOrganisation(store, organisation, async ({ tx }) => {
        // Having the row, if only until the end of this, keeps whoever uploads the same content waiting.
        const held = await sql`insert into files (organisation_id, sha256, size, media_type, created_at, kept_at)
          values (${organisation}, ${sha256}, 0, '', '', '') on conflict do nothing returning sha256`.execute(tx);
        if (held.rows.length === 0) return;
        await folder.remove(organisation, sha256);
        await sql`delete from files where organisation_id = ${organisation} and sha256 = ${sha256}`.execute(tx);
      });
    }
  }

  return {
    stage: (organisation, bytes, expected) => folder.stage(organisation, bytes, expected),
    discard: (staged) => folder.discard(staged),
    uploads: folder.uploads,

    async total({ tx, organisation }) {
      const { rows: found } = await sql<{ bytes: number }>`select coalesce(sum(size), 0)::bigint as bytes from files
        where organisation_id = ${organisation}`.execute(tx);
      return found[0]?.bytes ?? 0;
    },

    async keep(tenant, staged) {
      const { tx, organisation } = tenant;
      if (staged.organisation !== organisation) throw new Error('A file is kept by the organisation it was uploaded to');
      const { sha256, size, mediaType } = staged;
      const at = instant(now());
      // In the order in which files are removed: the organisation, then the row. Two orders could wait for each other.
      await tenant.lock();
      // The row first: whoever removes the same content holds it until it is gone.
      await tx
        .insertInto('files')
        .values({ organisation_id: organisation, sha256, size, media_type: mediaType, created_at: at, kept_at: at })
        .onConflict((on) => on.columns(['organisation_id', 'sha256']).doUpdateSet({ kept_at: at }))
        .execute();
      await folder.place(staged);
      return { sha256, size, mediaType };
    },

    async find(tenant, sha256) {
      const row = await rows(tenant).select(['sha256', 'size', 'media_type']).where('sha256', '=', sha256).executeTakeFirst();
      return row === undefined ? null : fileOf(row);
    },

    async hold({ tx, organisation }, checksums) {
      if (checksums.length === 0) return [];
      const found = await tx
        .updateTable('files')
        .set({ kept_at: instant(now()) })
        .where('organisation_id', '=', organisation)
        .where('sha256', 'in', checksums)
        .returning(['sha256', 'size', 'media_type'])
        .execute();
      return found.map(fileOf);
    },

    open: (organisation, { sha256, size }, part) => folder.open(organisation, sha256, size, part === 'whole'),

    async *all() {
      for (const organisation of await organisations()) {
        for (let after = ''; ; ) {
          const page = await inOrganisation(store, organisation, (tenant) =>
            rows(tenant).select(['sha256', 'size', 'media_type']).where('sha256', '>', after).orderBy('sha256').limit(pageRows).execute(),
          );
          for (const row of page) yield { organisation, ...fileOf(row) };
          const last = page.at(-1);
          if (last === undefined || page.length < pageRows) break;
          after = last.sha256;
        }
      }
    },

    async putBack(organisation, sha256, bytes) {
      await folder.place(await folder.stage(organisation, bytes, { sha256 }));
    },

    async collect() {
      await folder.sweep(now() - leftOverAfter);
      let count = 0;
      for (const organisation of await organisations()) {
        count += await collectUnnamed(organisation);
        await collectLeftOver(organisation);
      }
      return count;
    },
  };
}
