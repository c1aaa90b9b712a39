import type { z } from 'zod';
import type { Problem } from '../lib/result.ts';
import type { FieldInfo } from './field.ts';

type Issue = z.core.$ZodIssue;

/** The first thing wrong with an input, as a sentence that names the field as the screen does and says what to do. */
export function problemOf(error: z.core.$ZodError, fields: readonly FieldInfo[] = []): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return { code: 'INVALID_INPUT', message: 'Fieldbook could not read this input. Check it and try again.' };
  const steps = stepsOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const path = [...steps, issue.keys[0] ?? ''].join('.');
    return { code: 'INVALID_INPUT', field: path, message: `Fieldbook has no field called "${path}". Leave it out and try again.` };
  }
  const found = fieldAt(steps, fields);
  const label = found?.label ?? groupAt(steps, fields) ?? steps.join('.');
  const sentence = sentenceOf(issue, found);
  return {
    code: 'INVALID_INPUT',
    ...(steps.length > 0 ? { field: found?.path ?? steps.join('.') } : {}),
    message: label === '' ? sentence : `${label}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`,
  };
}

/** Inputs carry fields as they are, or under `changes`, which no person knows of. */
function stepsOf(issue: Issue): string[] {
  const steps = issue.path.map(String);
  return steps[0] === 'changes' ? steps.slice(1) : steps;
}

/** The field a path belongs to; lists add an index to it. */
function fieldAt(steps: readonly string[], fields: readonly FieldInfo[]): FieldInfo | undefined {
  for (let length = steps.length; length > 0; length -= 1) {
    const at = steps.slice(0, length).join('.');
    const found = fields.find((field) => field.path === at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An address or banking data as a whole goes by the heading it has on screen. */
function groupAt(steps: readonly string[], fields: readonly FieldInfo[]): string | undefined {
  return fields.find((field) => field.path.startsWith(`${steps.join('.')}.`))?.group;
}

function sentenceOf(issue: Issue, field: FieldInfo | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      if (isOwn(issue.message)) return issue.message;
      return issue.input === undefined && field?.required === true
        ? 'Must not be empty.'
        : (needs[issue.expected] ?? 'Has a value of the wrong kind. Check it.');
    case 'invalid_value':
      return `Choose one of: ${issue.values.map((value) => field?.choices?.[String(value)] ?? String(value)).join(', ')}.`;
    case 'too_big':
      if (isOwn(issue.message)) return issue.message;
      if (issue.origin === 'string') return `Can have ${issue.maximum} characters at most. Shorten it.`;
      if (issue.origin === 'array') return `Can have ${issue.maximum} entries at most. Take some out.`;
      return `Must be ${issue.maximum} or less.`;
    case 'too_small':
      if (isOwn(issue.message)) return issue.message;
      return issue.origin === 'string' || issue.origin === 'array' ? 'Must not be empty.' : `Must be ${issue.minimum} or more.`;
    default:
      return isOwn(issue.message) ? issue.message : 'Is not in a form Fieldbook can read. Check it.';
  }
}

const needs: Record<string, string> = {
  string: 'Needs a text.',
  number: 'Needs a number.',
  int: 'Needs a whole number.',
  boolean: 'Needs yes or no.',
  array: 'Needs a list.',
  object: 'Needs its parts by name.',
  record: 'Needs its parts by name.',
};

/** The schemas' own sentences end with a full stop; zod's words do not. */
function isOwn(message: string): boolean {
  return message.endsWith('.') && !message.startsWith('Invalid');
}
