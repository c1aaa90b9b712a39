import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../../../build/paths.mjs';
import { formats } from '../../../../../electron/database/migrations/formats.ts';
import { steps } from '../../../../../electron/database/migrations/steps.ts';

const folder = join(root, 'electron/database/migrations');
const files = readdirSync(folder).filter((name) => /-\d+\.ts$/.test(name));

it('lead to the number of today, none left out, each in a file with a test of its own', () => {
  for (const [name, number] of Object.entries(formats)) {
    const to = steps.filter(({ of }) => of === name).map((step) => step.to);
    expect(to, name).toEqual(Array.from({ length: number - 1 }, (_, at) => at + 2));
  }
  expect(files.toSorted()).toEqual(steps.map(({ of, to }) => `${of}-${to}.ts`).toSorted());
  const tests = readdirSync(join(root, 'test/unit/electron/database/migrations'));
  for (const file of files) expect(tests).toContain(file.replace('.ts', '.test.ts'));
});

it('are fossils: they import nothing that may change after them', () => {
  for (const file of files) expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/^import |import\(|require\(/m);
});
