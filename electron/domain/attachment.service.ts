import { isRiskyFile } from '../../shared/nouns/activity/attachment-risk.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { BookReader } from './book.ts';
import type { CommandRunner } from './ports.ts';
import type { RecordQueries } from './lists/record-queries.ts';
import type { ViewOf } from './lists/record-views.ts';
import { notFound } from '../../shared/operations/transaction.ts';
import { words } from '../../shared/words/words.ts';

/** Where contents lie, and how the system is asked to open one. */
export interface AttachmentPlaces {
  /** A file that was taken in and waits: its name, size and bytes. Throws ProblemError FILE_GONE. */
  intake(fileId: string): Promise<{ fileName: string; size: number; bytes: AsyncIterable<Uint8Array> }>;
  drop(fileId: string): Promise<void>;
  keep(bytes: AsyncIterable<Uint8Array>, size: number): Promise<{ sha256: string; size: number; mediaType: string }>;
  /** The path of a whole content; null where it is missing or not what was attached. */
  whole(sha256: string, size: number | null): Promise<string | null>;
  /** False where screens must download it instead. */
  open(path: string, fileName: string): Promise<boolean>;
}

export interface AttachmentService {
  add(
    fileId: string,
    about: string,
    aboutId: string,
    noteId?: string | null,
  ): Promise<{ record: ViewOf['activities']; operationId: string | null }>;
  /** Throws ProblemError FILE_RISKY until it is confirmed. */
  open(id: string, isConfirmed: boolean): Promise<{ opened: boolean }>;
  /** The file of an activity, to be saved or downloaded. */
  file(id: string): Promise<{ fileName: string; path: string; mediaType: string }>;
}

export function createAttachmentService(deps: {
  book: CommandRunner & Pick<BookReader, 'get'>;
  queries: Pick<RecordQueries, 'get'>;
  places: AttachmentPlaces;
}): AttachmentService {
  const { book, queries, places } = deps;

  const attached = (id: string) => {
    const activity = book.get('activities', id);
    if (activity?.kind !== 'attachment') throw new ProblemError(notFound('activities'));
    return { ...activity, fileName: activity.fileName ?? 'file' };
  };

  const contentOf = async ({ sha256, size, fileName }: ReturnType<typeof attached>): Promise<string> => {
    const path = sha256 === null ? null : await places.whole(sha256, size);
    if (path !== null) return path;
    throw new ProblemError({
      code: 'ATTACHMENT_MISSING',
      ...words('records.contentMissing', { fileName }),
    });
  };

  return {
    async add(fileId, about, aboutId, noteId = null) {
      const { fileName, size, bytes } = await places.intake(fileId);
      // The content is on the disk before anything names it; an end in between leaves content that nobody names.
      const content = await places.keep(bytes, size);
      const { value, operation } = await book.run(
        'attachments.add',
        null,
        (tx) => tx.create('activities', { kind: 'attachment', about, aboutId, noteId, fileName, ...content }).id,
      );
      await places.drop(fileId);
      const record = queries.get('activities', value);
      if (record === null) throw new ProblemError(notFound('activities'));
      return { record, operationId: operation?.id ?? null };
    },
    async open(id, isConfirmed) {
      const activity = attached(id);
      if (isRiskyFile(activity) && !isConfirmed) {
        throw new ProblemError({
          code: 'FILE_RISKY',
          ...words('records.fileRisky', { fileName: activity.fileName }),
        });
      }
      return { opened: await places.open(await contentOf(activity), activity.fileName) };
    },
    async file(id) {
      const activity = attached(id);
      return { fileName: activity.fileName, path: await contentOf(activity), mediaType: 'application/octet-stream' };
    },
  };
}
