import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { attachmentLimit } from '../../shared/nouns/activity/attached-content.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Staged } from '../store/content-folder.ts';

export const bodyLimit = 1024 * 1024;
const mostFields = 1000;
const longestName = 200;

/** A file that came with a form. Its content is gone when the request is answered, where nobody kept it (file-store.ts). */
export interface UploadedFile {
  field: string;
  /** As it was sent, without a path: not to be trusted as a name on disk. */
  fileName: string;
  content: Staged;
}

/** Where contents of files go while a body is read. */
export interface Staging {
  stage(bytes: AsyncIterable<Uint8Array>): Promise<Staged>;
  discard(content: Staged): Promise<void>;
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
 * Reads a multipart body part by part. Files go to the disk as they come, and `done` takes away again what nobody kept;
 * everything else has to be text in UTF-8. `fileNames` are the file parts the route takes, each of which may have as much
 * as one file.
 */
export async function readParts(
  request: FastifyRequest,
  fileNames: readonly string[],
  staging: Staging,
): Promise<{ form: FormBody; done: () => Promise<void> }> {
  const form = new FormBody();
  const done = async () => {
    for (const { content } of form.files) await staging.discard(content);
  };
  const left = { texts: bodyLimit, files: fileNames.length * attachmentLimit };
  try {
    checkCharset(request);
    if (Number(request.headers['content-length']) > left.texts + left.files) throw httpError(413);
    // Every part comes as a stream of bytes, also a text: how it is to be read is decided here.
    const limits = { parts: mostFields, files: mostFields, fileSize: attachmentLimit + 1 };
    for await (const part of request.parts({ limits, isPartAFile: () => true })) {
      // One without a name is no part of a form. The types promise a name, the library does not.
      if (part.type !== 'file' || typeof (part.fieldname as unknown) !== 'string') throw httpError(400);
      const { fieldname: field, file } = part;
      const fileName = part.filename as string | undefined;
      if (fileName !== undefined && fileName !== '' && fileNames.includes(field)) {
        const content = await staging.stage(limited(file, left.files));
        left.files -= content.size;
        form.files.push({ field, fileName, content });
        continue;
      }
      const bytes = await inMemory(file, left.texts);
      left.texts -= bytes.length;
      // A part of JSON is text, whatever name it was given: a browser calls every Blob "blob".
      if (fileName === undefined || isJson(part.mimetype)) addText(form, field, textOf(bytes));
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

const isJson = (type: string | undefined) => /^application\/(?:[\w.-]+\+)?json$/i.test(type ?? '');

/** What cannot be read is the sender's doing; a disk that fails is ours. */
function refusalOf(error: unknown): unknown {
  if (error instanceof ProblemError || (error instanceof Error && ('syscall' in error || 'statusCode' in error))) return error;
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

async function* limited(file: Readable, most: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw httpError(413);
    yield chunk;
  }
}
