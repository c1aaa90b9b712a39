import type { z } from 'zod';
import type { Result } from '../lib/result.ts';

/** A method of the book: what goes in, what comes out, which errors it can answer beside the common ones. */
export interface Method<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  K extends 'query' | 'command' = 'query' | 'command',
> {
  kind: K;
  input: I;
  output: O;
  errors: readonly string[];
}

export interface Contract<N extends string = string, M extends Record<string, Method> = Record<string, Method>> {
  name: N;
  methods: M;
}

/** Reads only; may be asked again at any time. */
export function query<I extends z.ZodType, O extends z.ZodType>(of: {
  input: I;
  output: O;
  errors?: readonly string[];
}): Method<I, O, 'query'> {
  return { kind: 'query', input: of.input, output: of.output, errors: of.errors ?? [] };
}

/** Changes the book, or starts something; answered when what it promises is durable. */
export function command<I extends z.ZodType, O extends z.ZodType>(of: {
  input: I;
  output: O;
  errors?: readonly string[];
}): Method<I, O, 'command'> {
  return { kind: 'command', input: of.input, output: of.output, errors: of.errors ?? [] };
}

export function defineContract<const N extends string, M extends Record<string, Method>>(name: N, methods: M): Contract<N, M> {
  return { name, methods };
}

/** Problems any call can answer. */
export const commonErrors = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'UNKNOWN_METHOD',
  'FORBIDDEN_SENDER',
  'DISK_FULL',
  'DISK_FAILED',
  'BOOK_READ_ONLY',
  'STARTING',
  'TIMED_OUT',
  'UNEXPECTED',
] as const;

/** What the renderer calls: the same methods, answering results. */
export type Api<C extends Contract> = {
  [K in keyof C['methods']]: (input: z.input<C['methods'][K]['input']>) => Promise<Result<z.output<C['methods'][K]['output']>>>;
};

/** What main implements: parsed input in, plain value out; a ProblemError becomes a failed result. */
export type Handlers<C extends Contract> = {
  [K in keyof C['methods']]: (
    input: z.output<C['methods'][K]['input']>,
  ) => Promise<z.output<C['methods'][K]['output']>> | z.output<C['methods'][K]['output']>;
};

/** Ties handlers to a contract: a missing or extra method does not compile. */
export function implement<C extends Contract>(contract: C, handlers: Handlers<C>): { contract: C; handlers: Handlers<C> } {
  return { contract, handlers };
}
