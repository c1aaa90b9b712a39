import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRiskyFile, safeFileName } from '../../shared/nouns/activity/attachment-risk.ts';
import { type ErrorAnswer, errorAnswers } from '../../shared/dialects/error-body.ts';
import type { FileStore, KeptFile } from '../store/file-store.ts';
import { answer } from './answer.ts';

export interface ContentOptions {
  files: FileStore;
  /** Told of a content that is not on the disk any more, or another one. */
  onDamagedFile: (what: { organisation: string; sha256: string; state: 'missing' | 'altered' }) => void;
}

/**
 * Sends a content as a download and as nothing else: no browser shows it, guesses what it is or runs anything in it. All
 * of it or one range of bytes (RFC 9110); several ranges at once are answered with all of it.
 */
export async function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, onDamagedFile }: ContentOptions,
  { organisation, fileName, ...file }: KeptFile & { organisation: string; fileName: string },
  refusals: ContentRefusals = plainRefusals,
): Promise<FastifyReply> {
  const { sha256, size, mediaType } = file;
  const etag = `"${sha256}"`;
  reply.headers({
    'content-disposition': dispositionOf(fileName),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    etag,
  });
  if (namesTag(request.headers['if-none-match'], etag)) return reply.status(304).send();
  const { 'if-range': ifRange, range: asked } = request.headers;
  const range = asked !== undefined && (ifRange === undefined || ifRange === etag) ? rangeOf(asked, size) : null;
  if (range === 'outside') return answer(reply, { ...refusals.outside, headers: { 'Content-Range': `bytes */${size}` } });
  const opened = await files.open(organisation, file, range === null ? 'whole' : 'part');
  if (opened === 'missing' || opened === 'altered') {
    onDamagedFile({ organisation, sha256, state: opened });
    for (const name of ['content-disposition', 'accept-ranges', 'etag']) reply.removeHeader(name);
    return answer(reply, refusals[opened]);
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  reply.headers({ 'content-type': isRiskyFile({ fileName, mediaType }) ? 'application/octet-stream' : mediaType });
  reply.header('content-length', end - start + 1);
  if (range !== null) reply.status(206).header('content-range', `bytes ${start}-${end}/${size}`);
  if (size === 0) {
    await opened.close();
    return reply.send('');
  }
  return reply.send(opened.read(start, end));
}

/** What is said where a content is not given out: a range it does not have, not on the disk, not what it was. */
export type ContentRefusals = Readonly<Record<'outside' | 'missing' | 'altered', ErrorAnswer>>;

const plainRefusals: ContentRefusals = {
  outside: errorAnswers.rangeOutside(),
  missing: errorAnswers.gone('The content of this file is not on the server any more. A backup may still have it.'),
  altered: errorAnswers.gone(
    'The content of this file was altered or damaged on the server, so it is not given out. A backup may still have it.',
  ),
};

/** The range that is asked for; null for all of it, which is also the answer to what is no range of bytes. */
export function rangeOf(header: string, size: number): { start: number; end: number } | 'outside' | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (first === '' && last === '') return null;
  // "-500" are the last 500 bytes.
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start >= size || end < start ? 'outside' : { start, end };
}

function namesTag(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}

/** The name in plain letters for old programs, and as it is for all others (RFC 6266). */
function dispositionOf(fileName: string): string {
  const name = safeFileName(fileName);
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '_')
    .replace(/["\\%]/g, '_');
  const whole = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
