import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tablesOf } from './dialect-tables.ts';
import { dialects } from './shapes.ts';

const page = readFileSync(new URL('../../../../docs/dialects.md', import.meta.url), 'utf8');

describe('docs/dialects.md', () => {
  it.each(dialects.map((dialect) => [dialect.label, dialect] as const))('has the tables of %s as they are', (_, dialect) => {
    // To renew a table, print tablesOf(dialect) and put it in.
    expect(page).toContain(tablesOf(dialect));
  });
});
