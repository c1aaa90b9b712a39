import { parseArgs } from 'node:util';

/*
 * The runs of a laptop and a faulted remote, as many as asked for: `npm run test:remotes -- --seeds 10000 --from 1`. The
 * same test that `npm test` runs in short; a seed that broke the law is told, and repeated with `--seeds 1 --from SEED`.
 */
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } } });
process.env.FIELDBOOK_REMOTE_RUNS = values.seeds;
process.env.FIELDBOOK_REMOTE_FROM = values.from;
process.env.FIELDBOOK_SUITE_MINUTES ??= '240';
process.argv.splice(2, process.argv.length, '--only', 'remotes', 'seeded-runs');
await import('./test.mjs');
