import { z } from 'zod';
import type { NounName } from '../../../shared/entities/nouns.ts';
import { nouns } from '../../../shared/entities/nouns.ts';

/** One value of a row on its way into a record. */
export interface DraftValue {
  steps: readonly string[];
  /** The steps in one text, to compare by. */
  key: string;
  value: unknown;
  /** `set` replaces; `union` adds what a list lacks; `append` adds the lines that a note lacks. */
  how: 'set' | 'union' | 'append';
  /** What the field is called, for messages. */
  label: string;
}

/** What one row says of one record. */
export interface Draft {
  noun: NounName;
  values: DraftValue[];
  /** Used only where a record is made; a record that is there keeps its own. */
  defaults: DraftValue[];
}

export function draftValue(draft: Draft, path: string): unknown {
  return (draft.values.find(({ key }) => key === path) ?? draft.defaults.find(({ key }) => key === path))?.value ?? null;
}

export function draftEntry(steps: readonly string[], value: unknown, label: string, how: DraftValue['how'] = 'set'): DraftValue {
  return { steps, key: steps.join('.'), value, how, label };
}

/** Where a noun keeps what has no field of its own. */
export const noteField: Record<NounName, string> = { clients: 'notes', contacts: 'generalNote', locations: 'notes' };

/** Adds a value to a draft. A field that has one already takes both where it can, and else the note takes the second. */
export function addValue(draft: Draft, entry: DraftValue): void {
  const at = draft.values.findIndex(({ key }) => key === entry.key);
  const known = draft.values[at];
  if (known === undefined) {
    draft.values.push(entry);
  } else if (entry.how === 'union') {
    draft.values[at] = { ...known, value: [...new Set([...(known.value as string[]), ...(entry.value as string[])])] };
  } else if (entry.key === noteField[draft.noun] || entry.key === 'description') {
    draft.values[at] = checked(draft.noun, { ...known, value: `${known.value as string}\n${entry.value as string}` });
  } else if (known.value !== entry.value) {
    const field = noteField[draft.noun];
    addValue(draft, checked(draft.noun, draftEntry([field], `${entry.label.replace(/^.*: /, '')}: ${String(entry.value)}`, 'Note', 'append')));
  }
}

const schemas = new Map<string, z.ZodType | null>();

/** The schema of one field, also inside an address; null where the record has no such field. */
function schemaAt(noun: NounName, steps: readonly string[], path: string): z.ZodType | null {
  const key = `${noun}.${path}`;
  let schema = schemas.get(key);
  if (schema === undefined) {
    schema = findSchema(nouns[noun].fieldsSchema, steps);
    schemas.set(key, schema);
  }
  return schema;
}

function findSchema(from: z.ZodType, steps: readonly string[]): z.ZodType | null {
  let at: z.ZodType = from;
  for (const step of steps) {
    at = inner(at);
    if (at instanceof z.ZodObject) {
      const next = (at.shape as Record<string, z.ZodType>)[step];
      if (next === undefined) return null;
      at = next;
    } else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else return null;
  }
  return at;
}

function inner(schema: z.ZodType): z.ZodType {
  let at = schema;
  while (at instanceof z.ZodDefault || at instanceof z.ZodNullable) at = at.unwrap() as z.ZodType;
  return at;
}

/**
 * The value as the noun's own schema has it (trimmed, checked): the same rules as for what a person types, without
 * parsing a whole record for every row. Throws the reason as a sentence.
 */
export function checked(noun: NounName, entry: DraftValue): DraftValue {
  const schema = schemaAt(noun, entry.steps, entry.key);
  if (schema === null) throw new RowProblem(`${entry.label} cannot be imported.`);
  const parsed = schema.safeParse(entry.value);
  if (parsed.success) return parsed.data === entry.value ? entry : { ...entry, value: parsed.data };
  const length = typeof entry.value === 'string' && parsed.error.issues[0]?.code === 'too_big' ? ` It has ${entry.value.trim().length.toLocaleString('en')}.` : '';
  throw new RowProblem(`${entry.label}: ${parsed.error.issues[0]?.message ?? 'This value cannot be kept.'}${length}`);
}

/** Why a row cannot be imported; caught for each row, so that the others go in. */
export class RowProblem extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super('A row cannot be imported');
    this.name = 'RowProblem';
    this.reason = reason;
  }
}

type Fields = Record<string, unknown>;

/** The top-level fields of the record that the draft changes; null when it says nothing new. */
export function changesTo(record: Fields, draft: Draft): Fields | null {
  let changes: Fields | null = null;
  for (const entry of draft.values) {
    const [field, ...rest] = entry.steps as [string, ...string[]];
    const current: unknown = changes !== null && field in changes ? changes[field] : record[field];
    const next = withValue(current, rest, entry);
    if (next === current) continue;
    changes ??= {};
    changes[field] = next;
  }
  return changes;
}

/** The input fields of a new record. */
export function newFields(draft: Draft): Fields {
  const own = changesTo({}, draft) ?? {};
  if (draft.defaults.length === 0) return own;
  const missing = draft.defaults.filter((entry) => !draft.values.some(({ key }) => key === entry.key));
  return { ...own, ...changesTo(own, { ...draft, values: missing }) };
}

function withValue(current: unknown, steps: readonly string[], entry: DraftValue): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return combined(current, entry);
  const object = current !== null && typeof current === 'object' ? (current as Fields) : {};
  const next = withValue(object[step], rest, entry);
  return next === object[step] ? current : { ...object, [step]: next };
}

function combined(current: unknown, { value, how }: DraftValue): unknown {
  if (how === 'union') {
    const had = Array.isArray(current) ? (current as string[]) : [];
    const fresh = (value as string[]).filter((item) => !had.includes(item));
    return fresh.length === 0 ? current : [...had, ...new Set(fresh)];
  }
  if (how === 'append' && typeof current === 'string' && current !== '') {
    const known = new Set(current.split('\n').map((line) => line.trim()));
    const fresh = (value as string).split('\n').filter((line) => !known.has(line.trim()));
    return fresh.length === 0 ? current : [current, ...fresh].join('\n');
  }
  return current === value ? current : value;
}
