import { z } from 'zod';
import { limits, syncErrorSchema } from '../../shared/sync/wire.ts';
import { type HttpAnswer, notOurs } from './http-client.ts';
import { problemOf, type Session } from './session.ts';
import { words } from '../../shared/words/words.ts';

/** Contents of attached files on this laptop, by their checksum. */
export interface Contents {
  /** Null where it is not here, or not whole any more: every byte is read. */
  sizeOf(sha256: string): Promise<number | null>;
  read(sha256: string, from: number, length: number): Promise<Uint8Array>;
  /** Keeps what has this checksum and nothing else; then it is whole and lasting. */
  keep(sha256: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

const before = 'content/';
export const contentKey = (sha256: string) => `${before}${sha256}`;
const wantSchema = z.object({
  wants: z.enum(['send', 'fetch']),
  activityId: z.string(),
  /** It was still to be fetched when the server asked for it: perhaps it never was here, and another laptop has to send it. */
  isPerhapsElsewhere: z.boolean().optional(),
});
export interface WantedContent {
  sha256: string;
  wants: 'send' | 'fetch';
  activityId: string;
  isPerhapsElsewhere?: boolean | undefined;
}

/** What to remember of a content that the server lacks, by what was remembered of it. */
export function asked(known: unknown, activityId: string): Omit<WantedContent, 'sha256'> {
  const want = wantSchema.safeParse(known);
  const isPerhapsElsewhere = want.success && (want.data.wants === 'fetch' || want.data.isPerhapsElsewhere === true);
  return { wants: 'send', activityId, ...(isPerhapsElsewhere && { isPerhapsElsewhere }) };
}

/** Contents of one sync; the rest follows with the next one, so that records do not wait behind a hundred photos. */
const mostAtOnce = 100;

/** What is still to go or to come: remembered in the journal with the records that name it. */
export function wantedContents(memory: ReadonlyMap<string, unknown>): WantedContent[] {
  return [...memory].flatMap(([key, value]) => {
    const want = key.startsWith(before) ? wantSchema.safeParse(value) : null;
    return want?.success === true ? [{ sha256: key.slice(before.length), ...want.data }] : [];
  });
}

/**
 * Sends and fetches contents after their records. A piece at a time, going on where the last one ended; the server checks the
 * checksum of what it was sent, and what comes is kept only with its own. Nothing here is ever deleted.
 */
export function createFileExchange(deps: {
  session: Session;
  contents: Contents;
  host: string;
  wanted(): WantedContent[];
  /** Journaled: nothing is left to do for this content. */
  done(sha256: string): Promise<unknown>;
  /** Journaled: it is to be fetched. */
  fetchInstead(sha256: string, activityId: string): Promise<unknown>;
}) {
  const { session, contents, host } = deps;
  const path = (sha256: string) => `/sync/files/${sha256}`;
  /** Asked for and not there: these come after all others, so that they hold nobody up. */
  const late = new Set<string>();

  const offsetOf = ({ headers }: HttpAnswer): number => {
    const text = headers.get('upload-offset');
    if (text === null || !/^\d{1,12}$/.test(text)) throw notOurs(words('sync.howMuchOfFile'));
    return Number(text);
  };

  async function send(sha256: string, signal: AbortSignal): Promise<boolean> {
    const size = await contents.sizeOf(sha256);
    // It was damaged here since; the check of the book says so, and a backup may have it.
    if (size === null) return false;
    let standing = await session.ask('HEAD', path(sha256), undefined, signal);
    if (standing.status !== 200) throw problemOf(standing, host);
    while (standing.headers.get('upload-complete') !== 'true') {
      signal.throwIfAborted();
      const from = Math.min(offsetOf(standing), size);
      const bytes = await contents.read(sha256, from, Math.min(limits.chunkBytes, size - from));
      const headers = { 'upload-offset': String(from), 'upload-length': String(size) };
      standing = await session.ask('PATCH', path(sha256), undefined, signal, { bytes, headers });
      if (standing.status === 200) continue;
      const error = syncErrorSchema.safeParse(standing.body);
      if (error.success && error.data.code === 'offset_mismatch') standing = await session.ask('HEAD', path(sha256), undefined, signal);
      if (standing.status !== 200) throw problemOf(standing, host);
    }
    return true;
  }

  async function fetchOne(sha256: string, signal: AbortSignal): Promise<boolean> {
    if ((await contents.sizeOf(sha256)) !== null) return true;
    const first = await piece(sha256, 0, signal);
    // Whoever attached it has not sent it yet, or it is not for this person any more.
    if (first === null) return false;
    await contents.keep(
      sha256,
      (async function* () {
        yield first.bytes;
        for (let at = first.bytes.length; at < first.total; ) {
          const next = await piece(sha256, at, signal);
          if (next === null || next.bytes.length === 0 || next.total !== first.total) throw notOurs(words('sync.fileChanged'));
          yield next.bytes;
          at += next.bytes.length;
        }
      })(),
    );
    return true;
  }

  async function piece(sha256: string, from: number, signal: AbortSignal): Promise<{ bytes: Uint8Array; total: number } | null> {
    signal.throwIfAborted();
    const headers = { range: `bytes=${from}-${from + limits.chunkBytes - 1}`, accept: '*/*' };
    const answer = await session.ask('GET', path(sha256), undefined, signal, { isRaw: true, headers });
    if (answer.status === 404 || answer.status === 410) return null;
    // A file without a byte has no range.
    if (answer.status === 416 && from === 0) return { bytes: new Uint8Array(), total: 0 };
    const bytes = answer.body;
    if ((answer.status !== 200 && answer.status !== 206) || !(bytes instanceof Uint8Array)) throw problemOf(answer, host);
    if (answer.status === 200) return { bytes, total: bytes.length };
    const total = /\/(\d{1,12})$/.exec(answer.headers.get('content-range') ?? '')?.[1];
    if (total === undefined) throw notOurs(words('sync.howLongFile'));
    return { bytes, total: Number(total) };
  }

  return {
    async exchange(direction: 'both' | 'read' | 'write', signal: AbortSignal): Promise<void> {
      const all = deps.wanted().filter(({ wants }) => (wants === 'send' ? direction !== 'read' : direction !== 'write'));
      const inOrder = [...all.filter(({ sha256 }) => !late.has(sha256)), ...all.filter(({ sha256 }) => late.has(sha256))];
      for (const { sha256, wants, activityId, isPerhapsElsewhere } of inOrder.slice(0, mostAtOnce)) {
        if (wants === 'send' && isPerhapsElsewhere === true && (await contents.sizeOf(sha256)) === null) {
          await deps.fetchInstead(sha256, activityId);
          late.add(sha256);
        } else if (await (wants === 'send' ? send : fetchOne)(sha256, signal)) await deps.done(sha256);
        else late.add(sha256);
      }
    },
  };
}
