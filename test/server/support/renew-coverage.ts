import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from '../../../build/paths.mjs';
import { type Coverage, keysOf, tablesOf } from '../../unit/shared/dialects/dialect-tables.ts';
import { dialects } from '../../unit/shared/dialects/shapes.ts';

/**
 * Renews which test covers what, and the tables of docs/dialects.md, from what the tests of the server did:
 *   FIELDBOOK_RECORD=1 npm test -- --only server && node test/server/support/renew-coverage.ts
 * What is named already stays while it is true.
 */
const recorded = join(cacheFolder, 'dialect-coverage');
const file = join(root, 'test/server/dialect-coverage.json');
const page = join(root, 'docs/dialects.md');

const covers = new Map<string, string[]>();
for (const name of existsSync(recorded) ? readdirSync(recorded).toSorted() : []) {
  const source = join(root, 'test/server', name.replace(/\.json$/, ''));
  if (!existsSync(source)) continue;
  const text = readFileSync(source, 'utf8');
  const tests = JSON.parse(readFileSync(join(recorded, name), 'utf8')) as Record<string, string[]>;
  for (const [test, keys] of Object.entries(tests)) {
    // One whose title cannot be looked for is named nowhere.
    if (!text.includes(`'${test}'`)) continue;
    for (const key of keys) covers.set(key, [...(covers.get(key) ?? []), `${name.replace(/\.json$/, '')}: ${test}`]);
  }
}
const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Coverage) : {};
const renewed: Record<string, string> = {};
const missing: string[] = [];
for (const dialect of dialects)
  for (const key of keysOf(dialect)) {
    const tests = covers.get(key) ?? [];
    // The dialect's own tests before those that go through all of them.
    const best = tests.toSorted((a, b) => Number(b.startsWith(dialect.name)) - Number(a.startsWith(dialect.name)))[0];
    const claim = known[key] !== undefined && (tests.includes(known[key]) || covers.size === 0) ? known[key] : best;
    if (claim === undefined) missing.push(key);
    else renewed[key] = claim;
  }
writeFileSync(file, `${JSON.stringify(renewed, null, 2)}\n`);
const text = readFileSync(page, 'utf8');
const [first] = dialects;
const head = text.slice(0, text.indexOf(`## ${first?.label}\n`));
const sections = dialects.map((dialect) => `## ${dialect.label}\n\n${tablesOf(dialect, renewed)}\n`);
writeFileSync(page, head + sections.join('\n'));
process.stdout.write(`${Object.keys(renewed).length} rows are covered, ${missing.length} are not\n${missing.join('\n')}\n`);
