import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { errorAnswers } from '../../shared/dialects/error-body.ts';
import { Refusal } from './answer.ts';

export interface PiecesOptions {
  /** How long a reader may leave what is there for it unread. */
  readerPatienceMs?: number;
  /** Where answers lie that are longer than their readers are quick. */
  spoolFolder?: string;
}

/** Long answers that are being made: each holds a connection of the database, of which there are sixteen (store/postgres.ts). */
const mostMade = 6;
/** Long answers that are being read, of one organisation and of all together: each holds a file, and nothing of the database. */
const mostOfOne = 8;
const mostRead = 32;
const patienceMs = 30_000;
/** Somebody who reads a little now and then does not keep a place for ever. */
const longestMs = 15 * 60_000;
const chunkSize = 64 * 1024;

class ReaderTooSlow extends Error {}

/** Sends JSON that is too long to be in memory whole. Of all dialects together: one for a process. */
export interface PiecesSender {
  /**
   * Makes the answer as quickly as the database gives it, and comes back then; whoever reads it does so from a file, in their own time.
   * A reader that goes away or does not read ends it. So does a fault, and throws: the connection is broken off, so that
   * nobody takes half a list for a whole one. Refuses where too many do the same.
   */
  send(reply: FastifyReply, status: number, organisation: string, pieces: AsyncIterable<string>): Promise<void>;
}

export function createPiecesSender({ readerPatienceMs = patienceMs, spoolFolder = tmpdir() }: PiecesOptions): PiecesSender {
  let making = 0;
  const readers = new Map<string, number>();
  const count = (organisation: string, more: number) => {
    const left = (readers.get(organisation) ?? 0) + more;
    if (left === 0) readers.delete(organisation);
    else readers.set(organisation, left);
  };
  const reading = () => [...readers.values()].reduce((sum, some) => sum + some, 0);

  return {
    async send(reply, status, organisation, pieces) {
      if (making >= mostMade || (readers.get(organisation) ?? 0) >= mostOfOne || reading() >= mostRead)
        throw new Refusal(errorAnswers.tooMany(5));
      making += 1;
      count(organisation, 1);
      try {
        const spool = await openSpool(spoolFolder);
        const stream = Readable.from(
          patiently(spool.read(), readerPatienceMs, () => stream.destroy(new ReaderTooSlow())),
          {
            objectMode: false,
          },
        );
        const read = (async () => {
          await finished(stream).catch(() => {});
          count(organisation, -1);
          await spool.close();
        })();
        void reply.status(status).type('application/json; charset=utf-8').send(stream);
        try {
          for await (const piece of pieces) {
            if (stream.destroyed) break;
            await spool.write(piece);
            // The embedded database answers without ever waiting; everybody else is to have a turn too.
            await nextTurn();
          }
          spool.end();
        } catch (error) {
          stream.destroy(error as Error);
          // Whoever waits for more is told: a stream that is broken off ends when its source does.
          spool.end();
          await read;
          throw error;
        }
      } catch (error) {
        // Nobody reads what could not even be opened.
        if (!reply.sent) count(organisation, -1);
        throw error;
      } finally {
        making -= 1;
      }
    },
  };
}

/** A file that is written at its end and read from its beginning at the same time. */
interface Spool {
  write(text: string): Promise<void>;
  end(): void;
  read(): AsyncGenerator<Buffer, void, void>;
  close(): Promise<void>;
}

async function openSpool(folder: string): Promise<Spool> {
  const path = join(folder, `fieldbook-answer-${randomUUID()}`);
  const file: FileHandle = await open(path, 'wx+', 0o600);
  // Without a name: nobody else finds it, and it is gone with the process. Where an open file keeps its name, it goes when it is closed.
  const isUnnamed = await rm(path).then(
    () => true,
    () => false,
  );
  let written = 0;
  let isWhole = false;
  let more = Promise.withResolvers<void>();
  /** Writing, reading and closing do not meet: a file that is closed may be another one's in a moment. */
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const inTurn = <T>(work: () => Promise<T>): Promise<T | null> => {
    const done = last.then(() => (isClosed ? null : work()));
    last = done.catch(() => {});
    return done;
  };
  const tell = () => {
    more.resolve();
    more = Promise.withResolvers();
  };
  return {
    async write(text) {
      const bytes = Buffer.from(text);
      await inTurn(() => file.writev([bytes], written));
      written += bytes.length;
      tell();
    },
    end() {
      isWhole = true;
      tell();
    },
    async *read() {
      for (let at = 0; ; ) {
        if (at === written) {
          if (isWhole) return;
          await more.promise;
          continue;
        }
        const buffer = Buffer.allocUnsafe(Math.min(chunkSize, written - at));
        const found = await inTurn(() => file.read(buffer, 0, buffer.length, at));
        if (found === null) return;
        at += found.bytesRead;
        yield buffer.subarray(0, found.bytesRead);
      }
    },
    async close() {
      await inTurn(async () => {
        isClosed = true;
        tell();
        await file.close();
        if (!isUnnamed) await rm(path, { force: true });
      });
    },
  };
}

async function* patiently(chunks: AsyncIterable<Buffer>, ms: number, giveUp: () => void): AsyncGenerator<Buffer, void, void> {
  const whole = setTimeout(giveUp, longestMs);
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of chunks) {
      timer = setTimeout(giveUp, ms);
      yield chunk;
      clearTimeout(timer);
    }
  } finally {
    clearTimeout(timer);
    clearTimeout(whole);
  }
}
