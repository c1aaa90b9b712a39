import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Coverage, keysOf, tablesOf } from './dialect-tables.ts';
import { dialects } from './shapes.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/dialects.md');
const coverage = JSON.parse(read('test/server/dialect-coverage.json')) as Coverage;
// To renew both, see test/server/support/renew-coverage.ts.

describe('docs/dialects.md', () => {
  it.each(dialects.map((dialect) => [dialect.label, dialect] as const))('has the tables of %s as they are', (_, dialect) => {
    expect(page.includes(`## ${dialect.label}\n\n${tablesOf(dialect, coverage)}\n`)).toBe(true);
  });

  it('names a test for every call, body, status, parameter and field that is documented, and for nothing else', () => {
    expect(Object.keys(coverage).toSorted()).toEqual(dialects.flatMap(keysOf).toSorted());
  });

  it('names only tests that are there', () => {
    const sources = new Map<string, string>();
    const lost = [...new Set(Object.values(coverage))].filter((claim) => {
      const at = claim.indexOf(': ');
      const file = claim.slice(0, at);
      const source = sources.get(file) ?? read(`test/server/${file}`);
      sources.set(file, source);
      return !source.includes(`'${claim.slice(at + 2)}'`);
    });
    expect(lost).toEqual([]);
  });
});
