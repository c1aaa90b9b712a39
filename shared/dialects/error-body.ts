import type { z } from 'zod';
import type { Problem } from '../lib/result.ts';
import { bookPathOf, type Shape } from './shape.ts';
import { type Wire, writePath } from './wire.ts';
import { say, saySchema } from '../words/say.ts';

/**
 * Error answers as data, in the manner of Django REST framework: `detail` for the whole request, a list of sentences per
 * field, objects where the field is nested. The specs leave the bodies of their errors open (docs/dialects.md).
 */
export interface ErrorAnswer {
  status: number;
  body: Wire;
  headers?: Record<string, string>;
}

const detail = (status: number, text: string, headers?: Record<string, string>): ErrorAnswer => ({
  status,
  body: { detail: text },
  ...(headers !== undefined && { headers }),
});

export const errorAnswers = {
  notFound: () => detail(404, 'Not found.'),
  notSignedIn: (challenge = 'Bearer') => detail(401, 'Authentication credentials were not provided.', { 'WWW-Authenticate': challenge }),
  wrongCredentials: (challenge = 'Bearer') => detail(401, 'Invalid credentials.', { 'WWW-Authenticate': challenge }),
  /** Django's words for a change that another site's page asks for. */
  csrfFailed: (origin: string) => detail(403, `CSRF Failed: Origin checking failed - ${origin} does not match any trusted origins.`),
  forbidden: () => detail(403, 'You do not have permission to perform this action.'),
  methodNotAllowed: (method: string, allow: readonly string[]) =>
    detail(405, `Method "${method}" not allowed.`, { Allow: allow.join(', ') }),
  conflict: (text: string, field?: string): ErrorAnswer => ({
    status: 409,
    body: { detail: text, ...(field !== undefined && { [field]: [text] }) },
  }),
  gone: (text: string) => detail(410, text),
  rangeOutside: () => detail(416, 'The file has no such range.'),
  tooLarge: () => detail(413, 'The request is too large.'),
  unsupportedMediaType: (type: string) => detail(415, `Unsupported media type "${type}" in request.`),
  unreadable: () => detail(400, 'The request body could not be read. Check that it is complete and in the format its content type names.'),
  tooMany: (seconds: number) =>
    detail(429, `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`, {
      'Retry-After': String(seconds),
    }),
  unavailable: (seconds: number) =>
    detail(503, 'The database does not answer at the moment. Nothing was changed. Try again.', { 'Retry-After': String(seconds) }),
  unexpected: () => detail(500, 'Something went wrong on the server. Nothing was changed. Try again.'),
  invalidQuery: (errors: Record<string, string[]>): ErrorAnswer => ({ status: 400, body: { ...errors } }),
} as const;

/** What is wrong with a request body, field by field. */
export function validationBody(error: z.ZodError, at: readonly string[] = []): Wire {
  const body: Wire = {};
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) add(body, [...at, ...issue.path.map(String), key], 'This field is not known here.');
    } else add(body, [...at, ...issue.path.map(String)], sentence(issue));
  }
  return body;
}

export function validationAnswer(error: z.ZodError, at: readonly string[] = []): ErrorAnswer {
  return { status: 400, body: validationBody(error, at) };
}

function add(body: Wire, path: readonly string[], text: string): void {
  let here = body;
  const steps = path.length === 0 ? ['non_field_errors'] : path;
  for (const [index, step] of steps.entries()) {
    const present = Object.hasOwn(here, step) ? here[step] : undefined;
    if (index === steps.length - 1) {
      // A field that is wrong as a whole is not also wrong in its parts.
      if (Array.isArray(present)) present.push(text);
      else if (present === undefined)
        Object.defineProperty(here, step, { value: [text], writable: true, enumerable: true, configurable: true });
      return;
    }
    if (Array.isArray(present)) return;
    if (present === undefined) Object.defineProperty(here, step, { value: {}, writable: true, enumerable: true, configurable: true });
    here = here[step] as Wire;
  }
}

/** Django REST framework's words for what zod found; a schema's own words where it has some. */
function sentence(issue: z.core.$ZodIssue): string {
  if (!/^(Too (small|big)|Invalid )/.test(issue.message)) return saySchema(issue.message);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === null) return 'This field may not be null.';
      if (issue.input === undefined && /received undefined/.test(issue.message)) return 'This field is required.';
      return typeWords[issue.expected] ?? issue.message;
    case 'too_small':
      if (issue.origin === 'array') return 'This list may not be empty.';
      return issue.origin === 'string' && Number(issue.minimum) <= 1
        ? 'This field may not be blank.'
        : `Ensure this value is greater than or equal to ${issue.minimum}.`;
    case 'too_big':
      if (issue.origin === 'string') return `Ensure this field has no more than ${issue.maximum} characters.`;
      if (issue.origin === 'array') return `Ensure this field has no more than ${issue.maximum} elements.`;
      return `Ensure this value is less than or equal to ${issue.maximum}.`;
    case 'invalid_value':
      return issue.input === null
        ? 'This field may not be null.'
        : issue.input === undefined
          ? 'This field is required.'
          : `"${String(issue.input)}" is not a valid choice.`;
    case 'invalid_format':
      return formatWords[issue.format] ?? issue.message;
    default:
      return issue.message;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'Not a valid string.',
  number: 'A valid number is required.',
  int: 'A valid integer is required.',
  boolean: 'Must be a valid boolean.',
  array: 'Expected a list of items.',
  object: 'Invalid data. Expected a dictionary.',
};

const formatWords: Readonly<Record<string, string>> = {
  date: 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.',
  email: 'Enter a valid email address.',
  url: 'Enter a valid URL.',
};

const statuses: Readonly<Record<string, number>> = {
  NOT_FOUND: 404,
  UNKNOWN_METHOD: 404,
  FORBIDDEN: 403,
  FORBIDDEN_SENDER: 403,
  TIMED_OUT: 503,
  STARTING: 503,
  FILE_TOO_LARGE: 413,
  DISK_FULL: 507,
  DISK_FAILED: 500,
  BOOK_READ_ONLY: 503,
  UNEXPECTED: 500,
};

/**
 * The answer to a rule that was broken: under the field the dialect calls it by where it has one, as `detail` where not.
 * `conflicts` are the codes this dialect answers with 409 (summit: an e-mail that is taken).
 */
export function errorBody(problem: Problem, shape: Shape | null = null, conflicts: readonly string[] = []): ErrorAnswer {
  const status = conflicts.includes(problem.code) ? 409 : (statuses[problem.code] ?? 400);
  const wire = problem.field === undefined ? undefined : shape?.members.find((member) => bookPathOf(member) === problem.field)?.wire;
  const body: Wire = status === 400 && wire !== undefined ? {} : { detail: say(problem) };
  if (wire !== undefined) writePath(body, wire, [say(problem)]);
  else if (status === 400 && problem.field !== undefined) body['non_field_errors'] = [say(problem)];
  return { status, body };
}
