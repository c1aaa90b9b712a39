import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, distFolder, isMain, root } from './paths.mjs';
import { setup } from './setup.mjs';

/** What is built: sources, the folder in dist/ it goes to, and its Vite config. */
export const targets = [
  {
    name: 'renderer',
    entries: ['renderer/index.html', 'renderer/storage-host/index.html'],
    to: 'renderer',
    config: async () => (await import('./vite.renderer.ts')).default,
  },
  script('storage-worker', 'renderer/storage-host/worker.ts', 'renderer', 'storage-worker.js', 'iife'),
  script('browser-bridge', 'electron/platform/browser/page/bridge.ts', 'renderer', 'browser-bridge.js', 'iife'),
  script('preload', 'electron/preload.ts', 'electron', 'preload.cjs', 'cjs'),
  main('browser-main', 'electron/platform/browser/entry.ts', 'browser'),
  main('electron-main', 'electron/platform/electron/entry.ts', 'electron'),
];

function script(name, entry, to, fileName, format) {
  return { name, entries: [entry], to, config: async () => (await import('./vite.script.ts')).scriptConfig(entry, fileName, format) };
}

function main(name, entry, to) {
  return { name, entries: [entry], to, config: async () => (await import('./vite.main.ts')).mainConfig(entry) };
}

/** Names of the targets whose sources, configuration or libraries changed since dist/ was made. Needs nothing installed. */
export function staleTargets() {
  const tools = toolsHash();
  return targets.filter((target) => target.entries.every(isThere) && isStale(target, tools)).map((target) => target.name);
}

/**
 * Builds what is stale, in parallel, and returns `{ built, missing, failed }`. Each target is built aside and then put
 * into dist/, so a build that fails leaves the last good one and a running app never sees half of a new one.
 */
export async function build({ force = false, only = null } = {}) {
  return withLock('build', async () => {
    const tools = toolsHash();
    const wanted = targets.filter((target) => !only || only.includes(target.name));
    const missing = wanted.filter((target) => !target.entries.every(isThere));
    for (const target of missing)
      console.log(`build: ${target.name} left out, ${target.entries.find((entry) => !isThere(entry))} is not there yet`);
    const stale = wanted.filter((target) => !missing.includes(target) && (force || isStale(target, tools)));
    const results = await forPeople(() => Promise.all(stale.map((target) => buildTarget(target, tools))));
    const failed = results.filter((result) => result.error);
    for (const { target, error } of failed) console.error(`build: ${target.name} failed\n${error.message ?? error}`);
    return {
      built: stale.map((target) => target.name),
      missing: missing.map((target) => target.name),
      failed: failed.map((result) => result.target.name),
    };
  });
}

/** Whoever asks may run tests, or have NODE_ENV set for something else: what is built is what people get, and the rest goes on as it was. */
async function forPeople(work) {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

async function buildTarget(target, tools) {
  const aside = join(cacheFolder, 'build', target.name);
  const inputs = new Set();
  try {
    const [{ build: viteBuild }, config] = await Promise.all([import('vite'), target.config()]);
    rmSync(aside, { recursive: true, force: true });
    await viteBuild({
      ...config,
      plugins: [...(config.plugins ?? []), rememberInputs(inputs)],
      build: { ...config.build, outDir: aside, emptyOutDir: true },
    });
    const outputs = filesUnder(aside);
    if (outputs.length === 0) throw new Error('the bundler wrote no file');
    putIntoDist(target, aside, outputs);
    // A style sheet that another one imports is in no module list.
    if (target.name === 'renderer')
      for (const file of filesUnder(join(root, 'renderer'))) if (file.endsWith('.css')) inputs.add(`renderer/${file}`);
    const sources = Object.fromEntries([...inputs].map((file) => [file, hashOf(file)]));
    writeFileSync(recordFile(target), JSON.stringify({ tools, sources, outputs }, null, 1));
    return { target, error: null };
  } catch (error) {
    return { target, error };
  }
}

/** The files of ours that went into the bundle. A new file matters only once one of these imports it. */
function rememberInputs(inputs) {
  const add = (id) => {
    const file = id.split('?')[0];
    if (file.startsWith('\0') || !file.startsWith(slashed(root)) || file.includes('/node_modules/')) return;
    inputs.add(relative(root, file).split(sep).join('/'));
  };
  return {
    name: 'fieldbook:remember-inputs',
    buildEnd() {
      for (const id of this.getModuleIds()) add(id);
    },
  };
}

/** Pages come last and old files go after that: whoever loads during the swap gets a whole old or a whole new version. */
function putIntoDist(target, aside, outputs) {
  const folder = join(distFolder, target.to);
  const before = readRecord(target)?.outputs ?? [];
  for (const file of [...outputs].sort((a, b) => Number(a.endsWith('.html')) - Number(b.endsWith('.html')))) {
    const to = join(folder, file);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(aside, file), `${to}.new`);
    renameSync(`${to}.new`, to);
  }
  for (const file of before) if (!outputs.includes(file)) rmSync(join(folder, file), { force: true });
  rmSync(aside, { recursive: true, force: true });
}

function isStale(target, tools) {
  const record = readRecord(target);
  if (!record || record.tools !== tools) return true;
  if (!record.outputs.every((file) => existsSync(join(distFolder, target.to, file)))) return true;
  return Object.entries(record.sources).some(([file, hash]) => !isThere(file) || hashOf(file) !== hash);
}

/** Changes of the build itself or of any library rebuild everything. */
function toolsHash() {
  const hash = createHash('sha256');
  const configs = readdirSync(join(root, 'build')).filter((file) => /^(vite\..*|build|paths)\.(ts|mjs)$/.test(file));
  for (const file of [...configs.map((name) => `build/${name}`), 'package-lock.json'])
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function readRecord(target) {
  try {
    return JSON.parse(readFileSync(recordFile(target), 'utf8'));
  } catch {
    return null; // never built, or the record was cut short: build it
  }
}

function recordFile(target) {
  mkdirSync(join(cacheFolder, 'build'), { recursive: true });
  return join(cacheFolder, 'build', `${target.name}.json`);
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => slashed(relative(folder, join(entry.parentPath, entry.name))));
}

function hashOf(file) {
  return createHash('sha256')
    .update(readFileSync(join(root, file)))
    .digest('hex');
}

function isThere(file) {
  return existsSync(join(root, file));
}

function slashed(path) {
  return path.split(sep).join('/');
}

if (isMain(import.meta.url)) {
  await setup(import.meta.url);
  const words = process.argv.slice(2);
  const only = words.filter((word) => word !== '--force');
  const unknown = only.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is nothing to build called ${unknown.join(', ')}. Choose from: ${targets.map((target) => target.name).join(', ')}, or --force.`,
    );
    process.exit(2);
  }
  const { failed } = await build({ force: words.includes('--force'), only: only.length > 0 ? only : null });
  process.exit(failed.length > 0 ? 1 : 0);
}
