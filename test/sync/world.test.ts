// Rules (docs/sync-protocol.md): S1, S2, S3, S8, S20
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fixedClock } from '../../shared/lib/clock.ts';
import { sharedSyncServer } from './support/sync-server.ts';
import { planFrom, planOf, planText, runWorld, shrunk, type WorldEnd, type WorldPlan } from './support/world.ts';
import { forgotten, generated } from './support/world-calls.ts';

/*
 * Worlds of laptops, with the desktop's own book, journal and engine, and the real server. `npm run test:sync -- --seeds N
 * --from SEED` runs more of them, `--plan FILE` one that was kept.
 */
const seeds = Number(process.env['FIELDBOOK_SYNC_WORLDS'] ?? 0);
const from = Number(process.env['FIELDBOOK_SYNC_FROM'] ?? 1);
const planFile = process.env['FIELDBOOK_SYNC_PLAN'];

const clock = fixedClock('2026-03-04T09:00:00.000Z');
const server = sharedSyncServer(clock);
let worlds = 0;

async function run(plan: WorldPlan): Promise<WorldEnd> {
  worlds += 1;
  clock.moveTo('2026-03-04T09:00:00.000Z');
  return runWorld(plan, await server(), clock, `world-${worlds}`);
}

async function held(plan: WorldPlan): Promise<WorldEnd> {
  try {
    return await run(plan);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const isRed = (fewer: WorldPlan) =>
      run(fewer).then(
        () => false,
        () => true,
      );
    const small = process.env['FIELDBOOK_SYNC_SHRINK'] === '0' ? plan : await shrunk(plan, isRed);
    throw new Error(`seed ${plan.seed}: ${said}\nThe fewest steps that are red (npm run test:sync -- --plan FILE):\n${planText(small)}`, {
      cause: error,
    });
  }
}

it('S1: every command of every contract is generated here, or is said to change nothing in the book', () => {
  expect(forgotten).toEqual([]);
});

it('S1, S2, S3: a thin world comes to rest with all laptops and the server the same', async () => {
  await held(planOf(7, { isThin: true, length: 25 }));
});

it(
  `S1 to S20: ${planFile === undefined ? `${seeds} worlds from seed ${from}` : 'the world of the plan'} lose nothing and say nothing untrue`,
  async () => {
    const plans =
      planFile === undefined ? Array.from({ length: seeds }, (_, at) => planOf(from + at)) : [planFrom(readFileSync(planFile, 'utf8'))];
    const calls = new Map<string, { done: number; refused: number }>();
    let [syncs, failed] = [0, 0];
    const red: string[] = [];
    for (const plan of plans) {
      try {
        const end = await held(plan);
        syncs += end.syncs;
        failed += end.failed;
        for (const [method, { done, refused }] of end.calls) {
          const sum = calls.get(method) ?? { done: 0, refused: 0 };
          calls.set(method, { done: sum.done + done, refused: sum.refused + refused });
        }
      } catch (error) {
        red.push(error instanceof Error ? error.message : String(error));
      }
    }
    const refused = [...calls]
      .filter(([, one]) => one.refused > 0)
      .map(([method, one]) => `${method} ${one.refused} of ${one.refused + one.done}`);
    process.stdout.write(
      `${plans.length} worlds from seed ${plans[0]?.seed}: ${red.length} red, ${syncs} syncs (${failed} failed by the line), ` +
        `refused by the rules: ${refused.join(', ') || 'none'}\n`,
    );
    // A run this long meets every command.
    const missing = generated.filter((method) => !calls.has(method));
    if (plans.length >= 100) expect(missing, 'never called').toEqual([]);
    expect(red.join('\n\n')).toBe('');
  },
  3_600_000 * 4,
);
