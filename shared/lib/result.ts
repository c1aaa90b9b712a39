import type { Words } from '../words/words.ts';

/** What every call across a boundary answers: a value, or a problem a person can act on. Never an exception. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: Problem };

/** What went wrong, in words that whoever shows it says (shared/words/say.ts): what happened, what is safe, what to do. */
export interface Problem extends Words {
  /** Stable code in UPPER_SNAKE_CASE, named in the contract. */
  code: string;
  /** The field the problem belongs to, as a path ("address.city"), when there is one. */
  field?: string | undefined;
  /** Ids or values the screen needs to offer the way out (e.g. the id of the client that has the e-mail). */
  details?: Record<string, unknown> | undefined;
}

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail<T = never>(error: Problem): Result<T> {
  return { ok: false, error };
}

/** Thrown inside the domain where a rule is broken; ipc turns it into a failed Result. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}
