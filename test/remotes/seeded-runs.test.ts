import { expect, it } from 'vitest';
import { seedsOf } from '../support/seeded.ts';
import { type RunResult, seededRun } from './support/seeded-run.ts';
import { systems } from './support/systems.ts';

/** `npm run test:remotes -- --seeds N --from S` makes it longer (build/remotes.mjs). */
const runs = Number(process.env['FIELDBOOK_REMOTE_RUNS'] ?? 200);
const from = process.env['FIELDBOOK_REMOTE_FROM'];

it(`keeps the law in ${runs} runs of a laptop and a faulted remote`, { timeout: 3_600_000 }, async () => {
  const seeds = from === undefined ? seedsOf('remotes', runs) : Array.from({ length: runs }, (_, at) => Number(from) + at);
  const total = { rehearsed: 0, asShown: 0, explained: 0 };
  const broken: RunResult[] = [];
  for (const seed of seeds) {
    const system = systems[seed % systems.length];
    if (system === undefined) continue;
    const result = await seededRun(system, seed);
    total.rehearsed += result.rehearsed;
    total.asShown += result.asShown;
    total.explained += result.explained;
    if (result.broken.length > 0) broken.push(result);
  }
  process.stdout.write(
    `remotes: ${seeds.length} runs from seed ${seeds[0]}, ${broken.length} broke the law; rehearsals showed ${total.rehearsed} lines, ${total.asShown} came so, ${total.explained} otherwise with a reason\n`,
  );
  const told = broken
    .slice(0, 5)
    .map(({ seed, system, broken: what, steps }) => [`seed ${seed}, ${system}`, ...what, ...steps].join('\n  '));
  expect(told.join('\n\n')).toBe('');
  expect(broken).toHaveLength(0);
  expect(total.asShown).toBeGreaterThanOrEqual(total.rehearsed * 0.99);
});
