import { z } from 'zod';
import type { RequestBody } from './request-body.ts';
import { objectIn } from './shape.ts';
import { type Wire, writePath } from './wire.ts';

/** Names of the file parts of a multipart body: those that came, and those the endpoint takes. */
export interface FormFiles {
  sent: readonly string[];
  taken: readonly string[];
}

/**
 * A form (urlencoded, or the text parts of a multipart body) as the JSON body it stands for. Everything in a form is
 * text, so the schema says what was meant: "true" is a boolean where a boolean is wanted, an empty text is null where
 * null is. Nested fields are written "address.city", as Django REST framework writes them, or "address[city]"; lists by
 * repeating, or as one JSON list. A field that is no list and comes twice is refused, and so is one that comes whole and in
 * parts: which of the two was meant is not ours to guess. Fields and files that nobody knows are passed over.
 */
export function bodyOfForm(
  schema: z.ZodType,
  parts: Iterable<readonly [string, string]>,
  files: FormFiles = { sent: [], taken: [] },
): RequestBody {
  const texts = new Map<string, string[]>();
  for (const [name, text] of parts) {
    const path = name.replace(/\[\d*\]$/, '').replace(/\[(\w+)\]/g, '.$1');
    const known = texts.get(path);
    if (known === undefined) texts.set(path, [text]);
    else known.push(text);
  }
  const wire: Wire = {};
  const errors: Wire = {};
  for (const [path, all] of texts) {
    const part = schemaOf(schema, path);
    if (part === null && !files.taken.includes(path)) continue;
    const whole = [...path.matchAll(/\./g)].map(({ index }) => path.slice(0, index)).find((outer) => texts.has(outer));
    if (files.taken.includes(path)) writePath(errors, path, ['The submitted data was not a file. Check the encoding type on the form.']);
    else if (all.length > 1 && part !== null && !(unwrapped(part) instanceof z.ZodArray))
      writePath(errors, path, ['This field was given more than once.']);
    else if (whole !== undefined) writePath(errors, whole, ['This field was given more than once.']);
    else writePath(wire, path, valueOf(part, all));
  }
  for (const name of files.sent)
    if (!files.taken.includes(name) && schemaOf(schema, name) !== null) writePath(errors, name, ['A file was sent where text is meant.']);
  return Object.keys(errors).length > 0 ? { ok: false, answer: { status: 400, body: errors } } : { ok: true, wire };
}

function schemaOf(schema: z.ZodType, path: string): z.ZodType | null {
  let at: z.ZodType | undefined = schema;
  for (const step of path.split('.')) {
    const object: z.ZodObject | null = at === undefined ? null : objectIn(at);
    at = object !== null && Object.hasOwn(object.shape, step) ? (object.shape[step] as z.ZodType) : undefined;
  }
  return at ?? null;
}

function valueOf(schema: z.ZodType | null, texts: string[]): unknown {
  const text = texts.at(-1) ?? '';
  if (schema === null) return text;
  const plain = unwrapped(schema);
  if (plain instanceof z.ZodArray) {
    const filled = texts.filter((one) => one !== '');
    const parsed = filled.length === 1 ? listOf(filled[0] as string) : filled;
    return parsed.map((one) => (typeof one === 'string' ? valueOf(plain.element as z.ZodType, [one]) : one));
  }
  if (text === '' && schema.safeParse(null).success) return null;
  if (plain instanceof z.ZodBoolean) return /^(true|on|1|yes)$/i.test(text) ? true : /^(false|off|0|no)$/i.test(text) ? false : text;
  if (plain instanceof z.ZodNumber) return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : text;
  if (plain instanceof z.ZodObject) {
    const parsed = jsonOf(text);
    return parsed === undefined ? text : parsed;
  }
  return text;
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return unwrapped(schema.unwrap() as z.ZodType);
  // "A number or a text": a form can always say the text.
  return schema;
}

/** `["a","b"]` is a list, `a,b` is one too: tags are written so in forms. */
function listOf(text: string): unknown[] {
  const parsed = jsonOf(text);
  return Array.isArray(parsed)
    ? (parsed as unknown[])
    : text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
