import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { ratiosOf, regressions } from './bench-baseline.mjs';
import { cacheFolder, root } from './paths.mjs';
import { runChild } from './run-child.mjs';
import { setup, toolEnvironment } from './setup.mjs';

/*
 * Each test/bench/*.bench.ts exports `run(): Promise<{ name, rows: Record<string, string | number>[] }>`. They run one
 * after the other, each in a process of its own, so that none measures the memory or the garbage of another.
 */
await setup(import.meta.url);
const { build } = await import('./build.mjs');
const { chromiumForTests, chromiumVersion } = await import('./chromium.mjs');

const folder = join(root, 'test', 'bench');
const filters = process.argv.slice(2);
const files = readdirSync(folder).filter((file) => file.endsWith('.bench.ts') && filters.every((filter) => file.includes(filter)));
if (files.length === 0) {
  console.error(`There is no benchmark of that name in test/bench. Leave the name out to run all of them.`);
  process.exit(2);
}
const { failed } = await build();
if (failed.length > 0) process.exit(1);

const chromium = await chromiumForTests();
const env = toolEnvironment({ FIELDBOOK_NO_DOWNLOAD: '1', ...(chromium ? { FIELDBOOK_TEST_CHROMIUM: chromium } : {}) });
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  system: platform(),
  node: process.version,
  chromium: chromium ? chromiumVersion(chromium) : 'none',
};
const tables = [];
for (const file of files) tables.push(await runBench(file));
const output = join(cacheFolder, 'bench.json');
writeFileSync(output, `${JSON.stringify({ at: new Date().toISOString(), machine, tables }, null, 2)}\n`);
console.log(
  `\n${Object.entries(machine)
    .map(([name, value]) => `${name.replace('_', ' ')} ${value}`)
    .join(', ')}\nThe same as JSON: ${output}`,
);
const baselineFile = join(root, 'test', 'bench', 'baseline.json');
const baseline = JSON.parse(readFileSync(baselineFile, 'utf8'));
for (const sentence of regressions(tables, baseline)) console.log(sentence);
// Whoever changes what is to be held against does it with the figures of a quiet machine, and says why.
if (process.env.FIELDBOOK_BENCH_BASELINE === 'write')
  writeFileSync(baselineFile, `${JSON.stringify({ ...baseline, ...ratiosOf(tables.filter(({ error }) => !error)) }, null, 2)}\n`);
process.exitCode = tables.some((table) => table.error) ? 1 : 0;

async function runBench(file) {
  const result = join(cacheFolder, 'bench', `${file}.json`);
  mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
  rmSync(result, { force: true });
  const script = `
    const { writeFileSync } = await import('node:fs');
    const { run } = await import(process.env.FIELDBOOK_BENCH_FILE);
    writeFileSync(process.env.FIELDBOOK_BENCH_RESULT, JSON.stringify(await run()));
    process.exit(0);`;
  const url = new URL(`../test/bench/${file}`, import.meta.url).href;
  const { code } = await runChild(process.execPath, ['--expose-gc', '--input-type=module', '--eval', script], {
    cwd: root,
    env: { ...env, FIELDBOOK_BENCH_FILE: url, FIELDBOOK_BENCH_RESULT: result },
    timeLimit: 30 * 60_000,
  });
  if (code !== 0 || !existsSync(result)) {
    console.error(`${file} ended with ${code} and no result.`);
    return { name: file, rows: [], error: `ended with ${code}` };
  }
  const table = JSON.parse(readFileSync(result, 'utf8'));
  console.log(`\n${table.name}\n${asTable(table.rows)}`);
  return table;
}

function asTable(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => format(row[column])))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index].length)));
  const isNumber = columns.map((column) => rows.every((row) => row[column] === undefined || typeof row[column] === 'number'));
  const pad = (cell, index) => (isNumber[index] ? cell.padStart(widths[index]) : cell.padEnd(widths[index]));
  return cells.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

function format(value) {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : String(value ?? '');
}
