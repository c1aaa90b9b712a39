import fc from 'fast-check';
import { expect } from 'vitest';
import { contracts } from '../../shared/contracts/api.ts';
import { commonErrors, type Method } from '../../shared/contracts/contract.ts';
import type { Result } from '../../shared/lib/result.ts';
import { say } from '../../shared/words/say.ts';

/** Every method of the book by the name it is called with. */
export const methods: ReadonlyMap<string, Method> = new Map(
  contracts.flatMap((contract) =>
    Object.entries(contract.methods).map(([name, method]): [string, Method] => [`${contract.name}.${name}`, method]),
  ),
);

/** Needs the files, jobs and settings of a whole book, so it is met in whole-book.test.ts; all others in commands.test.ts. */
export const needsWholeBook = (method: string) =>
  /^(imports|exports|safety|app|sync)\.|^outbox\.(account|changeAccount|removeAccount|test|wake)$/.test(method);

/** Is carried out only where a server is connected: test/sync/sync-desk.test.ts. Without one it is refused in words. */
export const needsServer = (method: string) =>
  /^sync\.(settle|dismiss|syncNow|rehearse|compare|confirmDeletions|goOn|join|disconnect|devices|signOutDevice)$/.test(method);

/** Methods that take no more than an empty object. */
export const plainMethods = (isWanted: (method: string) => boolean) =>
  [...methods].filter(([name, { input }]) => isWanted(name) && input.safeParse({}).success).map(([name]) => name);

/**
 * Holds answers to their contracts, and keeps which methods were carried out: of those that `isWanted` names all have to be.
 */
export function contractAnswers(isWanted: (method: string) => boolean) {
  const done = new Set<string>();
  const neverDone = () => [...methods.keys()].filter((name) => isWanted(name) && !done.has(name));
  return {
    /** As many calls as `runs`, and more of them while a method that few are of was not carried out by chance. */
    *sample<T>(call: fc.Arbitrary<T>, seed: number, runs: number): Generator<T> {
      for (let round = 0; round === 0 || (round < 10 && neverDone().length > 0); round += 1)
        yield* fc.sample(call, { seed: seed + round, numRuns: runs });
    },
    hold(method: string, answer: Result<unknown>, what: string): void {
      const contract = methods.get(method) as Method;
      if (answer.ok) {
        done.add(method);
        expect(contract.output.safeParse(answer.value).error, what).toBeUndefined();
      } else {
        expect([...commonErrors, ...contract.errors], what).toContain(answer.error.code);
        expect(['UNEXPECTED', 'UNKNOWN_METHOD'], what).not.toContain(answer.error.code);
        expect(say(answer.error), what).toMatch(/^\S[^]*[.!?]$/);
      }
      expect(Object.prototype, what).not.toHaveProperty('polluted');
    },
    neverDone,
  };
}
