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

/**
 * Long answers that are being made: each holds a connection of the database, of which there are sixteen (store/postgres.ts).
 * A company that makes none begins one also where others make as many as they may.
 */
const mostMade = { ofOne: 3, ofAll: 6, withFirst: 10 };
/** Long answers that are being read, of one company and of all together: each holds a file, and nothing of the database. */
const mostRead = { ofOne: 8, ofAll: 32 };
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
  const making = createShares();
  const reading = createShares();

  /** Refuses where there is no place for one more answer of the company. */
  function placesFor(organisation: string) {
    const made = making.of(organisation);
    if (made >= mostMade.ofOne || making.all() >= (made === 0 ? mostMade.withFirst : mostMade.ofAll)) throw tooMany();
    const read = reading.of(organisation);
    if (read >= mostRead.ofOne) throw tooMany();
    // Readers of a few companies, who may be slow on purpose, do not keep the others out.
    if (reading.all() >= mostRead.ofAll && !reading.endOneOf(read + 1)) throw tooMany();
    return { maker: making.take(organisation), reader: reading.take(organisation) };
  }

  return {
    async send(reply, status, organisation, pieces) {
      const { maker, reader } = placesFor(organisation);
      try {
        const spool = await openSpool(spoolFolder);
        const stream = Readable.from(
          patiently(spool.read(), readerPatienceMs, () => stream.destroy(new ReaderTooSlow())),
          {
            objectMode: false,
          },
        );
        reader.end = () => stream.destroy(new ReaderTooSlow());
        const read = (async () => {
          await finished(stream).catch(() => {});
          reader.leave();
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
        if (!reply.sent) reader.leave();
        throw error;
      } finally {
        maker.leave();
      }
    },
  };
}

const tooMany = () => new Refusal(errorAnswers.tooMany(5));

/** A place that an answer of a company has. */
interface Share {
  leave(): void;
  /** Ends what is done there, so that another company has the place. */
  end: () => void;
}

/** Who has how many of the places there are. */
function createShares() {
  const shares = new Map<string, Set<Share>>();
  const of = (organisation: string) => shares.get(organisation)?.size ?? 0;
  return {
    of,
    all: () => [...shares.values()].reduce((sum, { size }) => sum + size, 0),
    take(organisation: string): Share {
      const own = shares.get(organisation) ?? new Set();
      shares.set(organisation, own);
      const share: Share = {
        leave() {
          own.delete(share);
          if (own.size === 0 && shares.get(organisation) === own) shares.delete(organisation);
        },
        end: () => {},
      };
      own.add(share);
      return share;
    },
    /** Ends the oldest of whoever has most, where that is more than so many. */
    endOneOf(many: number): boolean {
      const most = [...shares.values()].reduce<Set<Share>>((left, right) => (right.size > left.size ? right : left), new Set());
      const [oldest] = most;
      if (oldest === undefined || most.size <= many) return false;
      oldest.end();
      oldest.leave();
      return true;
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
