import type { z } from 'zod';
import type { Problem } from '../lib/result.ts';
import type { FieldInfo } from './field.ts';
import { type Words, words, wordsIn } from '../words/words.ts';

type Issue = z.core.$ZodIssue;

/** The first thing wrong with an input, in words that name the field as the screen does and says what to do. */
export function problemOf(error: z.core.$ZodError, fields: readonly FieldInfo[] = []): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return { code: 'INVALID_INPUT', ...words('values.unreadable') };
  const steps = stepsOf(issue);
  if (issue.code === 'unrecognized_keys') {
    const path = [...steps, issue.keys[0] ?? ''].join('.');
    return { code: 'INVALID_INPUT', field: path, ...words('values.noSuchField', { path }) };
  }
  const found = fieldAt(steps, fields);
  const label = found?.label ?? groupAt(steps, fields) ?? steps.join('.');
  const says = wordsOf(issue, found);
  return {
    code: 'INVALID_INPUT',
    ...(steps.length > 0 ? { field: found?.path ?? steps.join('.') } : {}),
    ...(label === '' ? says : words('values.atField', { label, says })),
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

function wordsOf(issue: Issue, field: FieldInfo | undefined): Words {
  const own = wordsIn(issue.message);
  if (own !== null) return own;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && field?.required === true
        ? words('values.empty')
        : (needs[issue.expected] ?? words('values.wrongKind'));
    case 'invalid_value':
      return words('values.chooseOneOf', { choices: issue.values.map((value) => field?.choices?.[String(value)] ?? String(value)) });
    case 'too_big':
      if (issue.origin === 'string') return words('values.tooLong', { max: Number(issue.maximum) });
      if (issue.origin === 'array') return words('values.tooManyEntries', { max: Number(issue.maximum) });
      return words('values.tooBig', { max: Number(issue.maximum) });
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? words('values.empty')
        : words('values.atLeast', { min: Number(issue.minimum) });
    default:
      return words('values.wrongForm');
  }
}

const needs: Record<string, Words> = {
  string: words('values.needsText'),
  number: words('values.needsNumber'),
  int: words('values.needsWholeNumber'),
  boolean: words('values.needsYesOrNo'),
  array: words('values.needsList'),
  object: words('values.needsParts'),
  record: words('values.needsParts'),
};
