import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { root } from './paths.mjs';

const shared = {
  environment: 'node' as const,
  alias: [{ find: /^electron$/, replacement: join(root, 'build/no-electron.ts') }],
  // A test that hangs must say so long before the whole run is given up.
  hookTimeout: 90_000,
  // Vitest leaves one processor free, which of two is half of the machine.
  maxWorkers: Math.max(2, availableParallelism()),
};

/** Folders of test/ with a meaning of their own; every other one is a suite that is run after these. */
const known = ['unit', 'contract', 'e2e', 'bench', 'support', 'fixtures'];

export const suites = readdirSync(join(root, 'test'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !known.includes(entry.name))
  .map((entry) => entry.name)
  .filter((name) =>
    readdirSync(join(root, 'test', name), { recursive: true, encoding: 'utf8' }).some((file) => /\.test\.tsx?$/.test(file)),
  );

export default defineConfig({
  root,
  test: {
    reporters: ['default'],
    // What a passing test prints (RxDB greets, for one) only hides what a failing one says.
    silent: 'passed-only',
    projects: [
      { test: { ...shared, name: 'unit', root, include: ['test/{unit,contract}/**/*.test.{ts,tsx}'], testTimeout: 60_000 } },
      ...suites.map((name) => ({
        test: {
          ...shared,
          name,
          root,
          include: [`test/${name}/**/*.test.{ts,tsx}`],
          testTimeout: 300_000,
          ...(name === 'server' && {
            globalSetup: ['test/server/support/postgres.setup.ts'],
            setupFiles: ['test/server/support/empty-cluster.ts'],
          }),
        },
      })),
    ],
  },
});
