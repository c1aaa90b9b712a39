import { z } from 'zod';
import type { Condition } from '../../../shared/nouns/field.ts';
import type { ImportNoun } from '../../../shared/nouns/import-target.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import { type Words, words, wordsIn } from '../../../shared/words/words.ts';

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
  /** The value names people or teams, as a list of texts: who is meant is known where the book is. */
  people?: { where: Condition | undefined; isList: boolean };
}

/** What one row says of one record. */
export interface Draft {
  noun: ImportNoun;
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

/** The key of a value that says that the row's name is that of an organisation. */
export const organisationKey = 'isOrganisation';

/** The keys of values that make a date of birth together. */
export const birthKeys = ['birthYear', 'birthMonth', 'birthDay'] as const;

/** Where a noun keeps what has no field of its own. */
export function noteFieldOf(noun: ImportNoun): string | null {
  return nouns[noun].imported.noteField;
}

/** Adds a value to a draft. A field that has one already takes both where it can, and else the note takes the second. */
export function addValue(draft: Draft, entry: DraftValue): void {
  const at = draft.values.findIndex(({ key }) => key === entry.key);
  const known = draft.values[at];
  if (known === undefined) {
    draft.values.push(entry);
  } else if (entry.how === 'union') {
    draft.values[at] = { ...known, value: [...new Set([...(known.value as string[]), ...(entry.value as string[])])] };
  } else if (entry.key === noteFieldOf(draft.noun) || entry.key === 'description') {
    draft.values[at] = checked(draft.noun, { ...known, value: `${known.value as string}\n${entry.value as string}` });
  } else if (known.value !== entry.value) {
    const field = noteFieldOf(draft.noun);
    if (field === null) throw new RowProblem(words('imports.twoValues', { label: entry.label }));
    addValue(
      draft,
      checked(draft.noun, draftEntry([field], `${entry.label.replace(/^.*: /, '')}: ${String(entry.value)}`, 'Note', 'append')),
    );
  }
}

interface FieldRule {
  schema: z.ZodType;
  /** True where the field takes any short printable text as it is: then the schema need not be asked for each row. */
  takesPlainText: boolean;
}

const rules = new Map<string, FieldRule | null>();
const PLAIN_LENGTH = 50;
const plainText = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const probes = ['x'.repeat(PLAIN_LENGTH), 'A b~!=1'];

/** The rule of one field, also inside an address; null where the record has no such field. */
function ruleAt(noun: ImportNoun, steps: readonly string[], path: string): FieldRule | null {
  const key = `${noun}.${path}`;
  let rule = rules.get(key);
  if (rule === undefined) {
    const schema = findSchema(nouns[noun].fieldsSchema, steps);
    rule = schema === null ? null : { schema, takesPlainText: probes.every((probe) => schema.safeParse(probe).data === probe) };
    rules.set(key, rule);
  }
  return rule;
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
 * parsing a whole record for every row. Throws RowProblem.
 */
export function checked(noun: ImportNoun, entry: DraftValue): DraftValue {
  // It is about the row, or a part of a field, and no field of a record.
  if (entry.people !== undefined || entry.key === organisationKey || birthKeys.some((key) => key === entry.key)) return entry;
  const rule = ruleAt(noun, entry.steps, entry.key);
  if (rule === null) throw new RowProblem(words('imports.notImportable', { label: entry.label }));
  const { value } = entry;
  if (rule.takesPlainText && typeof value === 'string' && value.length <= PLAIN_LENGTH && plainText.test(value)) return entry;
  const parsed = rule.schema.safeParse(value);
  if (parsed.success) return parsed.data === entry.value ? entry : { ...entry, value: parsed.data };
  const [issue] = parsed.error.issues;
  const said = issue === undefined ? words('imports.notKept') : (wordsIn(issue.message) ?? issue.message);
  const ofField = { label: entry.label, says: said };
  throw new RowProblem(
    typeof entry.value === 'string' && issue?.code === 'too_big'
      ? words('imports.tooLongIs', { ...ofField, length: entry.value.trim().length })
      : words('imports.ofField', ofField),
  );
}

/** Why a row cannot be imported; caught for each row, so that the others go in. */
export class RowProblem extends Error {
  readonly reason: Words;
  constructor(reason: Words) {
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
export function newFields({ values, defaults }: Draft): Fields {
  const fields: Fields = {};
  for (const { steps, value } of values) put(fields, steps, value);
  for (const { steps, key, value } of defaults) if (!values.some((entry) => entry.key === key)) put(fields, steps, value);
  return fields;
}

function put(fields: Fields, steps: readonly string[], value: unknown): void {
  let at = fields;
  for (let step = 0; step < steps.length - 1; step++) {
    const name = steps[step] as string;
    if (!Object.hasOwn(at, name)) at[name] = {};
    at = at[name] as Fields;
  }
  at[steps.at(-1) as string] = value;
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
