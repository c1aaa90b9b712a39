import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../build/paths.mjs';

/** The rules of docs/sync-protocol.md, each with its id, and the test files that say they prove them. */
const rules = [...readFileSync(join(root, 'docs/sync-protocol.md'), 'utf8').matchAll(/^\| (S\d+) \|/gm)].map(([, id]) => id as string);

const filesIn = (folder: string, isWanted: (name: string) => boolean) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.test.ts') && isWanted(name))
    .map((name) => `${folder}/${name}`);
const files = [
  ...filesIn('test/sync', () => true),
  ...filesIn('test/unit/shared/sync', () => true),
  ...filesIn('test/server', (name) => name.startsWith('sync-')),
];

const named = new Map(
  files.map((file) => {
    const [first = ''] = readFileSync(join(root, file), 'utf8').split('\n', 1);
    const list = /^\/\/ Rules \(docs\/sync-protocol\.md\): (S\d+(?:, S\d+)*)$/.exec(first)?.[1];
    return [file, list?.split(', ') ?? []];
  }),
);

it('every rule of sync has an id of its own', () => {
  expect(rules.length).toBeGreaterThanOrEqual(20);
  expect(new Set(rules).size).toBe(rules.length);
});

it('every test file of sync says which rules it proves, and these are there', () => {
  expect([...named].filter(([, ids]) => ids.length === 0).map(([file]) => file)).toEqual([]);
  expect([...named].flatMap(([file, ids]) => ids.filter((id) => !rules.includes(id)).map((id) => `${file}: ${id}`))).toEqual([]);
});

it('every rule of sync is proved by a test', () => {
  const proved = new Set([...named.values()].flat());
  expect(rules.filter((id) => !proved.has(id))).toEqual([]);
});
