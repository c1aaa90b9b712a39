import { z } from 'zod';
import { type FieldInfo, setAt } from '../../../shared/nouns/field.ts';
import { problemOf } from '../../../shared/nouns/field-problem.ts';
import { fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { say } from '../../../shared/words/say.ts';
import type { Words } from '../../../shared/words/words.ts';

/**
 * What the book would say to a value, before it is sent: the same schemas and the same sentences run on both sides. Here they
 * stand at their field, so they do not name it once more.
 */
export function wordsFor(noun: NounName, path: string, value: unknown): string | null {
  const input: Record<string, unknown> = {};
  setAt(input, path, value);
  const top = Object.keys(input)[0] ?? path;
  const schema = (nouns[noun].fieldsSchema.shape as Record<string, z.ZodType | undefined>)[top];
  const parsed = schema === undefined ? null : z.object({ [top]: schema }).safeParse(input);
  return parsed === null || parsed.success ? null : atField(noun, problemOf(parsed.error, fieldsOf(noun)));
}

/** Everything the book would say to a form, by field path. */
export function wordsForAll(noun: NounName, input: Record<string, unknown>): Map<string, string> {
  const parsed = nouns[noun].fieldsSchema.safeParse(input);
  const words = new Map<string, string>();
  for (const issue of parsed.error?.issues ?? []) {
    const problem = problemOf(new z.ZodError([issue]), fieldsOf(noun));
    if (problem.field !== undefined && !words.has(problem.field)) words.set(problem.field, atField(noun, problem));
  }
  return words;
}

/** The sentence without the name of the field it stands at: "E-mail: this is …" → "This is …". */
export function atField(noun: NounName, problem: Words & { field?: string | undefined }): string {
  const said = say(problem);
  const label = fieldsOf(noun).find((field: FieldInfo) => field.path === problem.field)?.label;
  const prefix = `${label ?? ''}: `;
  if (label === undefined || !said.startsWith(prefix)) return said;
  const rest = said.slice(prefix.length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
