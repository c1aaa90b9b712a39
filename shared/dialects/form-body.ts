import { z } from 'zod';
import { objectIn } from './shape.ts';
import { type Wire, writePath } from './wire.ts';

/**
 * A form (urlencoded, or the text parts of a multipart body) as the JSON body it stands for. Everything in a form is
 * text, so the schema says what was meant: "true" is a boolean where a boolean is wanted, an empty text is null where
 * null is. Nested fields are written "address.city", as Django REST framework writes them, or "address[city]"; lists by
 * repeating, or as one JSON list. A file part is not a field and is given beside.
 */
export function bodyOfForm(schema: z.ZodType, parts: Iterable<readonly [string, string]>): Wire {
  const texts = new Map<string, string[]>();
  for (const [name, text] of parts) {
    const path = name.replace(/\[(\w+)\]/g, '.$1').replace(/\[\]$/, '');
    texts.set(path, [...(texts.get(path) ?? []), text]);
  }
  const body: Wire = {};
  for (const [path, all] of texts) writePath(body, path, valueOf(schemaOf(schema, path), all));
  return body;
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
