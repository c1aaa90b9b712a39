import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export const bodyLimit = 1024 * 1024;
/** The largest file the app attaches (docs/attachments.md). */
export const fileLimit = 100 * 1024 * 1024;
const mostFields = 1000;
const longestName = 200;

/** A file that came with a form. It lies in a folder of its own until the request is answered: whoever wants it moves or copies it. */
export interface UploadedFile {
  field: string;
  /** As it was sent, without a path: not to be trusted as a name on disk. */
  fileName: string;
  /** As it was sent. */
  mediaType: string;
  size: number;
  sha256: string;
  path: string;
}

/** A form as it came: urlencoded, or multipart. */
export class FormBody {
  readonly texts: (readonly [string, string])[] = [];
  readonly files: UploadedFile[] = [];
  /** Names of file parts that the route does not take. */
  readonly misplaced: string[] = [];
}

/** The kind of error Fastify itself stops reading a body with; answer.ts has its words. */
const httpError = (statusCode: number) => Object.assign(new Error(`A body was refused with ${statusCode}`), { statusCode });

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text that is none in UTF-8 would be kept with holes in it, so it is not taken. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw httpError(400);
  }
}

function checkCharset(request: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) throw httpError(415);
}

/** JSON in UTF-8 is the one kind of body that every route takes. No body at all is an empty object, as at Django. */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit }, (request, bytes, done) => {
    try {
      checkCharset(request);
      const text = textOf(bytes as Buffer).replace(/^\ufeff/, '');
      if (text === '') done(null, {});
      else void parse(request, text, done);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Forms, for the routes of this part of the server only. Parts of a multipart body are read by `readParts`. */
export async function takeForms(app: FastifyInstance): Promise<void> {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer', bodyLimit }, (request, bytes, done) => {
    try {
      checkCharset(request);
      done(null, urlencoded(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  await app.register(multipart);
}

function urlencoded(bytes: Buffer): FormBody {
  const form = new FormBody();
  const text = textOf(bytes);
  const fields = text === '' ? [] : text.split('&');
  if (fields.length > mostFields) throw httpError(413);
  for (const field of fields) {
    const at = field.indexOf('=');
    const [name, value] = at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
    addText(form, unescaped(name), unescaped(value));
  }
  return form;
}

/** Half an escape, or one that is no UTF-8, is refused: URLSearchParams would put another sign in its place. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw httpError(400);
  }
}

function addText(form: FormBody, name: string, text: string): void {
  if (name === '' || name.length > longestName) throw httpError(400);
  form.texts.push([name, text]);
}

/**
 * Reads a multipart body part by part. Files go to a folder that `done` takes away again; everything else has to be text
 * in UTF-8. `fileNames` are the file parts the route takes, each of which may have as much as one file.
 */
export async function readParts(
  request: FastifyRequest,
  fileNames: readonly string[],
): Promise<{ form: FormBody; done: () => Promise<void> }> {
  const form = new FormBody();
  let folder: string | null = null;
  const done = async () => {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  const left = { texts: bodyLimit, files: fileNames.length * fileLimit };
  try {
    checkCharset(request);
    if (Number(request.headers['content-length']) > left.texts + left.files) throw httpError(413);
    // Every part comes as a stream of bytes, also a text: how it is to be read is decided here.
    const limits = { parts: mostFields, files: mostFields, fileSize: fileLimit + 1 };
    for await (const part of request.parts({ limits, isPartAFile: () => true })) {
      // One without a name is no part of a form. The types promise a name, the library does not.
      if (part.type !== 'file' || typeof (part.fieldname as unknown) !== 'string') throw httpError(400);
      const { fieldname: field, mimetype: mediaType, file } = part;
      const fileName = part.filename as string | undefined;
      if (fileName !== undefined && fileName !== '' && fileNames.includes(field)) {
        folder ??= await mkdtemp(join(tmpdir(), 'fieldbook-upload-'));
        const path = join(folder, String(form.files.length));
        const kept = await onDisk(file, path, Math.min(fileLimit, left.files));
        left.files -= kept.size;
        form.files.push({ field, fileName, mediaType, path, ...kept });
        continue;
      }
      const bytes = await inMemory(file, left.texts);
      left.texts -= bytes.length;
      if (fileName === undefined) addText(form, field, textOf(bytes));
      // A file input where nobody chose a file is sent as an empty one without a name.
      else if (fileName !== '' || bytes.length > 0) form.misplaced.push(field.slice(0, longestName));
    }
    return { form, done };
  } catch (error) {
    // What is still to come is read and forgotten, so that the answer arrives.
    request.raw.unpipe();
    request.raw.resume();
    await done();
    throw refusalOf(error);
  }
}

/** What cannot be read is the sender's doing; a disk that fails is ours. */
function refusalOf(error: unknown): unknown {
  if (error instanceof Error && ('syscall' in error || 'statusCode' in error)) return error;
  return httpError(400);
}

async function inMemory(file: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw httpError(413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function onDisk(file: Readable, path: string, most: number): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    file,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > most) throw httpError(413);
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
  return { size, sha256: hash.digest('hex') };
}
