import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../../shared/lib/result.ts';
import { FILE_LIMIT, fileTooLarge } from '../../files.ts';
import type { Backend } from '../platform.ts';
import { PIECE_SIZE } from './channels.ts';
import { words } from '../../../shared/words/words.ts';

/** Files on their way in, piece by piece. Input is untrusted: sizes are claims, pieces are counted by whoever keeps them. */
export interface FileTakes {
  start(owner: number, name: unknown, size: unknown): Result<{ takeId: string }>;
  piece(owner: number, takeId: unknown, bytes: unknown): Promise<Result<null>>;
  end(owner: number, takeId: unknown): Promise<Result<{ fileId: string }>>;
  drop(owner: number, takeId: unknown): Result<null>;
  /** The page is gone or was loaded anew: what it had begun is not finished by anyone. */
  dropAllOf(owner: number): void;
}

interface Take {
  owner: number;
  writer: WritableStreamDefaultWriter<Uint8Array>;
  /** What the book says of the file; before the end only when it refuses it. */
  taken: Promise<Result<{ fileId: string }>>;
}

const AT_ONCE = 8;
const noSuchTake = fail({ code: 'NOT_FOUND', ...words('files.notTakenAnyMore') });

export function createFileTakes(takeFile: Backend['takeFile']): FileTakes {
  const takes = new Map<string, Take>();

  const find = (owner: number, takeId: unknown): Take | null => {
    const take = typeof takeId === 'string' ? takes.get(takeId) : undefined;
    return take?.owner === owner ? take : null;
  };

  const abandon = (takeId: string, take: Take) => {
    takes.delete(takeId);
    // Aborting makes the book's side throw, and it throws the half file away.
    take.writer.abort(new Error('The file was not sent to its end.')).catch(() => {});
  };

  return {
    start: (owner, name, size) => {
      if (typeof name !== 'string' || name.length > 1000 || typeof size !== 'number' || !(size >= 0)) {
        return fail({ code: 'INVALID_INPUT', ...words('files.notReadable') });
      }
      if (size > FILE_LIMIT) return fail(fileTooLarge);
      if (takes.size >= AT_ONCE) {
        return fail({ code: 'INVALID_INPUT', ...words('files.tooManyAtOnce') });
      }
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      writer.closed.catch(() => {});
      const takeId = randomUUID();
      takes.set(takeId, { owner, writer, taken: takeFile(name, readable) });
      return ok({ takeId });
    },
    piece: async (owner, takeId, bytes) => {
      const take = find(owner, takeId);
      if (take === null) return noSuchTake;
      const piece = bytesOf(bytes);
      if (piece === null || piece.byteLength > PIECE_SIZE) {
        abandon(takeId as string, take);
        return fail({ code: 'INVALID_INPUT', ...words('files.pieceUnreadable') });
      }
      const written = take.writer.write(piece).then(
        () => null,
        () => take.taken,
      );
      // A book that refuses the file early stops reading; then its answer comes first.
      const refused = await Promise.race([written, take.taken]);
      if (refused === null) return ok(null);
      takes.delete(takeId as string);
      return refused.ok ? noSuchTake : refused;
    },
    end: async (owner, takeId) => {
      const take = find(owner, takeId);
      if (take === null) return noSuchTake;
      takes.delete(takeId as string);
      await take.writer.close().catch(() => {});
      return take.taken;
    },
    drop: (owner, takeId) => {
      const take = find(owner, takeId);
      if (take !== null) abandon(takeId as string, take);
      return ok(null);
    },
    dropAllOf: (owner) => {
      for (const [takeId, take] of takes) if (take.owner === owner) abandon(takeId, take);
    },
  };
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof Uint8Array ? value : null;
}
