import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { attachmentLimit, isChecksum } from '../../shared/nouns/activity/attached-content.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { limits, type SyncErrorCode } from '../../shared/sync/wire.ts';
import { circleOf, namedTo } from '../auth/visibility.ts';
import type { ErrorAnswer } from '../../shared/dialects/error-body.ts';
import { type ContentOptions, type ContentRefusals, sendContent } from '../routes/send-content.ts';
import type { Upload } from '../store/content-folder.ts';
import type { Tenant } from '../store/tenant.ts';
import { type Desk, described, type Device, SyncRefusal, versionHeader } from './desk.ts';
import { createTurns } from './turns.ts';

export interface FileLimits {
  fileBytes: number;
  /** Bytes of all files of one organisation. */
  organisationBytes: number;
}

export const fileLimits: FileLimits = { fileBytes: attachmentLimit, organisationBytes: 50 * 1024 ** 3 };

/** Pieces from one device that wait for each other. */
const mostWaiting = 8;

/** Contents of attached files, by checksum: sent in pieces, each where the last one ended, and fetched whole or in part. */
export async function fileRoutes(app: FastifyInstance, options: ContentOptions & { desk: Desk; limits: FileLimits }): Promise<void> {
  const { files, desk } = options;
  const most = options.limits;
  const turns = createTurns(mostWaiting);
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit: limits.chunkBytes }, (_request, bytes, done) =>
    done(null, bytes),
  );

  const params = z.object({ sha256: z.string().describe('The checksum of the content') });
  const standing = z.null().describe('"upload-offset" says how many bytes there are, "upload-complete" whether that is all');
  const { response, ...rest } = described('syncFileStands', 'How much of a file the server has', { params }, standing, ['not_found']);

  app.head<{ Params: { sha256: string } }>('/:sha256', { schema: { ...rest, response } }, async (request, reply) => {
    const sha256 = checksumOf(request);
    const size = await desk.reads(request, async (tenant, device) => (await thereFor(tenant, device, sha256))?.size ?? null);
    if (size !== null) return stands(reply, size, true);
    return stands(reply, await files.uploads.size(uploadOf(request, sha256)), false);
  });

  app.patch<{ Params: { sha256: string } }>(
    '/:sha256',
    {
      bodyLimit: limits.chunkBytes,
      schema: described(
        'syncFileAdd',
        'Adds a piece to a file; the last one completes it',
        {
          params,
          headers: z.looseObject({
            ...versionHeader,
            'upload-offset': z.string().describe('Where the piece begins, in bytes'),
            'upload-length': z.string().describe('How many bytes the whole file has'),
          }),
          consumes: ['application/octet-stream'],
          body: z.any().describe('The bytes, 4 MB at most'),
        },
        standing,
        ['offset_mismatch', 'too_large', 'unsupported_media_type', 'hash_mismatch', 'quota_exceeded', 'busy'],
      ),
    },
    async (request, reply) => {
      const sha256 = checksumOf(request);
      const [offset, length] = [wholeHeader(request, 'upload-offset'), wholeHeader(request, 'upload-length')];
      const piece = request.body;
      if (!Buffer.isBuffer(piece)) throw new SyncRefusal('unsupported_media_type');
      if (length > most.fileBytes) throw new SyncRefusal('too_large', { message: `A file can have ${most.fileBytes} bytes at most.` });
      if (offset + piece.byteLength > length || (piece.byteLength === 0 && length > 0))
        throw new SyncRefusal('invalid_request', { message: 'The piece does not fit into the length that is announced.' });
      const upload = uploadOf(request, sha256);
      const known = await desk.reads(request, async (tenant, device) => {
        const found = await thereFor(tenant, device, sha256);
        if (found === null && (await files.total(tenant)) + length > most.organisationBytes) throw new SyncRefusal('quota_exceeded');
        return found;
      });
      // All that a device sends is one row of turns: an upload is removed where the content has come from elsewhere, or to make room for
      // another one, and neither may be while it is being read.
      const done = turns.take(`${upload.organisation}/${upload.device}`, async () => {
        if (known !== null) {
          await files.uploads.remove(upload);
          return known.size;
        }
        const standsAt = await told(() => files.uploads.add(upload, offset, piece));
        if (standsAt === null) throw new SyncRefusal('offset_mismatch', { offset: await files.uploads.size(upload) });
        if (standsAt === length) await complete(request, upload);
        return standsAt;
      });
      if (done === null) throw new SyncRefusal('busy', {}, { 'retry-after': '2' });
      const standsAt = await done;
      return stands(reply, standsAt, known !== null || standsAt === length);
    },
  );

  app.get<{ Params: { sha256: string } }>(
    '/:sha256',
    {
      schema: described('syncFileContent', 'The content of a file, or a range of it', { params }, z.any().describe('The bytes'), [
        'not_found',
        'range_not_satisfiable',
        'file_gone',
      ]),
    },
    async (request, reply) => {
      const sha256 = checksumOf(request);
      const { organisation } = desk.entranceOf(request);
      const file = await desk.reads(request, (tenant, device) => seenFile(tenant, device, sha256));
      if (file === null) throw new SyncRefusal('not_found');
      return sendContent(request, reply, options, { ...file, organisation, fileName: sha256 }, contentRefusals);
    },
  );

  /** A content as whoever sends it may know of it: that a colleague has the same file, on a record they do not see, is not told. */
  async function thereFor(tenant: Tenant, device: Device, sha256: string) {
    const circle = await circleOf(tenant, device);
    return circle.ids === null || (await namedTo(tenant, circle, [sha256])).has(sha256) ? files.find(tenant, sha256) : null;
  }

  async function seenFile(tenant: Tenant, device: Device, sha256: string) {
    return (await namedTo(tenant, await circleOf(tenant, device), [sha256])).has(sha256) ? files.find(tenant, sha256) : null;
  }

  function uploadOf(request: FastifyRequest, sha256: string): Upload {
    const { organisation, sessionId } = desk.entranceOf(request);
    return { organisation, device: sessionId, sha256 };
  }

  /** Only what has the checksum that it was announced with is kept; anything else is thrown away. */
  async function complete(request: FastifyRequest, upload: Upload): Promise<void> {
    const { organisation, sha256 } = upload;
    try {
      const staged = await told(() => files.stage(organisation, files.uploads.read(upload), { sha256 }));
      try {
        await desk.writes(request, (tenant) => files.keep(tenant, staged));
      } catch (error) {
        await files.discard(staged);
        throw error;
      }
    } finally {
      await files.uploads.remove(upload);
    }
  }
}

function checksumOf(request: FastifyRequest<{ Params: { sha256: string } }>): string {
  const { sha256 } = request.params;
  if (!isChecksum(sha256)) throw new SyncRefusal('not_found');
  return sha256;
}

function wholeHeader(request: FastifyRequest, name: string): number {
  const value = request.headers[name];
  if (typeof value !== 'string' || !/^\d{1,12}$/.test(value))
    throw new SyncRefusal('invalid_request', { message: `The header "${name}" is a whole number of bytes.` });
  return Number(value);
}

function stands(reply: FastifyReply, offset: number, isComplete: boolean): FastifyReply {
  return reply.headers({ 'upload-offset': String(offset), 'upload-complete': String(isComplete), 'cache-control': 'no-store' }).send();
}

const fileProblems: Readonly<Record<string, SyncErrorCode>> = {
  FILE_ALTERED: 'hash_mismatch',
  FILE_TOO_LARGE: 'too_large',
  DISK_FULL: 'disk_full',
  DISK_FAILED: 'unexpected',
};

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof ProblemError ? fileProblems[error.problem.code] : undefined;
    throw code === undefined ? error : new SyncRefusal(code);
  }
}

const refusal = (code: SyncErrorCode): ErrorAnswer => {
  const { answer } = new SyncRefusal(code);
  return { status: 0, body: { ...answer } };
};
const contentRefusals: ContentRefusals = {
  outside: { ...refusal('range_not_satisfiable'), status: 416 },
  missing: { ...refusal('file_gone'), status: 410 },
  altered: { ...refusal('file_gone'), status: 410 },
};
