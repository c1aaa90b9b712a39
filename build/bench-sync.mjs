import { parseArgs } from 'node:util';

/*
 * Laptops and the server: `npm run bench:sync -- --documents 100000 --runs 1`, beside PouchDB with pouchdb-server in the same run; and
 * `npm run bench:sync monday -- --laptops 30 --first 3`, when a whole company comes back at once.
 */
const number = (name) => ({ [name]: { type: 'string' } });
const { values, positionals } = parseArgs({
  options: Object.assign({}, ...['documents', 'runs', 'laptops', 'changes', 'first'].map(number)),
  allowPositionals: true,
});
const [which = 'sync', ...others] = positionals;
const wrong = Object.entries(values).find(([, value]) => !/^[1-9]\d{0,6}$/.test(value));
if (!['sync', 'monday'].includes(which) || others.length > 0 || wrong !== undefined) {
  console.error(
    'npm run bench:sync -- [--documents N] [--runs N], or npm run bench:sync monday -- [--laptops N] [--changes N] [--first N]',
  );
  process.exit(2);
}
for (const [name, value] of Object.entries(values)) process.env[`FIELDBOOK_SYNC_${name.toUpperCase()}`] = value;
process.argv.splice(2, process.argv.length, which === 'sync' ? 'sync.bench' : 'monday.bench');
await import('./bench.mjs');
