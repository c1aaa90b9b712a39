import { parseArgs } from 'node:util';

/*
 * Worlds of laptops and the real server, as many as asked for: `npm run test:sync -- --seeds 1000 --from 1`, or one that
 * was kept: `--plan FILE`. The same test that `npm test` runs in short, with
 * longer worlds and one absence in ten of 500 to 2,000 commands a laptop; a red world is told with the fewest steps that are
 * still red, as lines that `--plan` reads.
 */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' }, plan: { type: 'string' } },
});
process.env.FIELDBOOK_SYNC_WORLDS = values.seeds;
process.env.FIELDBOOK_SYNC_FROM = values.from;
process.env.FIELDBOOK_SYNC_FULL = 'yes';
if (values.plan !== undefined) process.env.FIELDBOOK_SYNC_PLAN = values.plan;
process.env.FIELDBOOK_SUITE_MINUTES ??= '600';
process.argv.splice(2, process.argv.length, '--only', 'sync', 'world');
await import('./test.mjs');
