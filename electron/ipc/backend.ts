import type { contracts } from '../../shared/contracts/api.ts';
import type { Contract, Handlers, Method } from '../../shared/contracts/contract.ts';
import { problemOf } from '../../shared/nouns/field-problem.ts';
import { fieldsOf, type NounName, nouns } from '../../shared/nouns/nouns.ts';
import { fail, ok, type Problem, ProblemError, type Result } from '../../shared/lib/result.ts';
import type { Log } from '../domain/ports.ts';
import type { Backend } from '../platform/platform.ts';
import { words } from '../../shared/words/words.ts';

type AllContracts = (typeof contracts)[number];

/** Handlers of every contract by its name: a contract without them does not compile. */
export type AllHandlers = { readonly [C in AllContracts as C['name']]: { contract: C; handlers: Handlers<C> } };

export interface BackendServices {
  handlers: AllHandlers;
  takeFile: Backend['takeFile'];
  fileToSave: Backend['fileToSave'];
  log: Log;
  /** How long a call may take before the screen is told; what it does goes on. */
  patienceMs?: number;
}

interface Entry {
  method: Method;
  handle: (input: unknown) => unknown;
  noun: string;
}

/**
 * Where every call from a screen arrives: parsed, handed on, answered with a Result. Never throws, and nothing outside
 * the contracts can be reached (invariant 3).
 */
export function createBackend(services: BackendServices): Backend {
  const { log, patienceMs = 30_000 } = services;
  const entries = new Map<string, Entry>();
  for (const { contract, handlers } of Object.values(services.handlers) as {
    contract: Contract;
    handlers: Record<string, Entry['handle']>;
  }[]) {
    for (const [name, method] of Object.entries(contract.methods)) {
      entries.set(`${contract.name}.${name}`, { method, handle: handlers[name] as Entry['handle'], noun: contract.name });
    }
  }

  async function call(name: string, input: unknown): Promise<Result<unknown>> {
    const entry = typeof name === 'string' ? entries.get(name) : undefined;
    if (entry === undefined) return fail(unknownMethod);
    try {
      const parsed = entry.method.input.safeParse(input);
      if (!parsed.success) return fail(problemOf(parsed.error, Object.hasOwn(nouns, entry.noun) ? fieldsOf(entry.noun as NounName) : []));
      return await inTime(entry.handle(parsed.data));
    } catch (error) {
      return fail(problemFor(name, error));
    }
  }

  async function inTime(work: unknown): Promise<Result<unknown>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<Result<unknown>>((resolve) => {
      timer = setTimeout(() => resolve(fail(timedOut)), patienceMs);
    });
    try {
      return await Promise.race([Promise.resolve(work).then(ok), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Only problems are told as they are. Anything else is a mistake of ours: logged without its message, which may hold data. */
  function problemFor(name: string, error: unknown): Problem {
    if (error instanceof ProblemError) return error.problem;
    log.error('call.failed', { method: name, error: error instanceof Error ? error.name : typeof error, at: firstFrame(error) });
    return unexpected;
  }

  async function settled<T>(name: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await work();
    } catch (error) {
      return fail(problemFor(name, error));
    }
  }

  return {
    call,
    takeFile: (name, bytes) => settled('files.take', () => services.takeFile(name, bytes)),
    fileToSave: (fileId) => settled('files.save', () => services.fileToSave(fileId)),
  };
}

/** Where in our code it happened: "book.ts:120". Never a value. */
function firstFrame(error: unknown): string | null {
  const frame = error instanceof Error ? /([\w.-]+\.(?:ts|js|mjs|cjs):\d+):\d+\)?$/m.exec(error.stack ?? '') : null;
  return frame?.[1] ?? null;
}

const unknownMethod: Problem = {
  code: 'UNKNOWN_METHOD',
  ...words('program.cannotDo'),
};
const timedOut: Problem = {
  code: 'TIMED_OUT',
  ...words('program.takesLong'),
};
const unexpected: Problem = {
  code: 'UNEXPECTED',
  ...words('program.wentWrong'),
};
