import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { errorAnswers } from '../../shared/dialects/error-body.ts';
import { answer } from './answer.ts';

export interface PiecesOptions {
  /** How long a reader may leave a piece unread: a transaction is open meanwhile. */
  readerPatienceMs?: number;
}

/** An answer in pieces holds a connection of the database for as long as it is read; the others are for everybody else. */
const mostAtOnce = 8;
const patienceMs = 30_000;

class ReaderTooSlow extends Error {}

/**
 * Sends JSON piece by piece, each made when the one before is on its way, and waits until all of it is. A reader that goes
 * away or does not read ends it. So does a fault, and throws: the connection is broken off, so that nobody takes half a
 * list for a whole one.
 */
export function piecesSender({ readerPatienceMs = patienceMs }: PiecesOptions) {
  let sending = 0;
  return async (reply: FastifyReply, status: number, pieces: AsyncIterable<string>): Promise<void> => {
    if (sending >= mostAtOnce) return void answer(reply, errorAnswers.tooMany(5));
    sending += 1;
    const stream: Readable = Readable.from(
      patiently(pieces, readerPatienceMs, () => stream.destroy(new ReaderTooSlow())),
      { objectMode: false },
    );
    try {
      void reply.status(status).type('application/json; charset=utf-8').send(stream);
      await finished(stream);
    } catch (error) {
      if (!(error instanceof ReaderTooSlow) && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    } finally {
      sending -= 1;
    }
  };
}

async function* patiently(pieces: AsyncIterable<string>, ms: number, giveUp: () => void): AsyncGenerator<string, void, void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const piece of pieces) {
      timer = setTimeout(giveUp, ms);
      yield piece;
      clearTimeout(timer);
      // The embedded database answers without ever waiting; everybody else is to have a turn too.
      await nextTurn();
    }
  } finally {
    clearTimeout(timer);
  }
}
