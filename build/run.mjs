import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, modulesFolder, root } from './paths.mjs';
import { runChild } from './run-child.mjs';
import { setup, toolEnvironment } from './setup.mjs';

const tools = {
  biome: '@biomejs/biome',
  knip: 'knip',
  oxlint: 'oxlint',
  playwright: '@playwright/test',
  tsc: 'typescript',
  vitest: 'vitest',
  'electron-builder': 'electron-builder',
};

/** Runs one of the installed tools under our Node, from the root of the checkout; resolves as `runChild` does. */
export function runTool(name, args, options = {}) {
  const folder = join(modulesFolder, tools[name]);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = join(folder, typeof bin === 'string' ? bin : bin[name]);
  return runChild(process.execPath, [file, ...args], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
}

// node build/run.mjs vitest run --config build/vitest.config.ts test/unit/shared
if (isMain(import.meta.url)) {
  await setup(import.meta.url);
  const [name, ...args] = process.argv.slice(2);
  if (!name || !tools[name] || !existsSync(join(modulesFolder, tools[name]))) {
    console.error(`Name the tool to run: ${Object.keys(tools).join(', ')}.`);
    process.exit(2);
  }
  process.exit((await runTool(name, args)).code);
}
