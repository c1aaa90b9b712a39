import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findElectron } from './electron-runtime.mjs';
import { cacheFolder } from './paths.mjs';
import { setup } from './setup.mjs';

await setup(import.meta.url);
const { build } = await import('./build.mjs');
const { runTool } = await import('./run.mjs');
const { suites } = await import('./vitest.config.ts');

// Two runs in one checkout do not write over each other; the last one to end leaves its reports in .cache/test/last.
const resultFolder = join(cacheFolder, 'test', String(process.pid));
const MINUTE = 60_000;
// A soak takes longer (soak.mjs).
const suiteMinutes = Number(process.env.FIELDBOOK_SUITE_MINUTES ?? 30);

/** Every stage answers `{ passed, failed, skipped }`. A check without tests of its own counts as one. */
const stages = {
  build: buildStage,
  types: () => check('tsc', ['-b']),
  lint: () => check('oxlint', []),
  unused: () => check('knip', ['--config', 'build/knip.jsonc', '--no-progress']),
  format: () => check('biome', ['format', '--config-path=build', '--max-diagnostics=50', '.']),
  unit: () => vitest('unit', suiteMinutes * MINUTE),
  e2e: () => playwright('e2e', 60 * MINUTE),
  ...Object.fromEntries(suites.map((name) => [name, () => vitest(name, suiteMinutes * MINUTE)])),
  electron: electronStage,
};
const needBuild = Object.keys(stages).filter((name) => !['build', 'types', 'lint', 'unused', 'format', 'unit'].includes(name));

const { wanted, filters } = readArguments();
mkdirSync(resultFolder, { recursive: true });
const began = Date.now();
const total = { passed: 0, failed: 0, skipped: 0 };
const failedStages = new Set();
/** What failed, said once more at the end: a log may be cut at its beginning. */
const failures = [];
for (const name of wanted) await runStage(name);
writeFileSync(
  join(resultFolder, 'total.json'),
  JSON.stringify({ ...total, stages: wanted, failed_in: [...failedStages], seconds: seconds(began) }),
);
keepReports();
if (failures.length > 0) console.log(`\n── What failed\n${failures.join('\n')}`);
console.log(
  `\n${failedStages.size > 0 ? `Failed: ${[...failedStages].join(', ')}. ` : ''}All of it took ${seconds(began)} s.${total.skipped > 0 ? ` ${total.skipped} did not run (skipped above, with the reason).` : ''}`,
);
// The last line, read by machines too: nothing else stands in it.
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

function readArguments() {
  const { values, positionals } = parse();
  const names = values.only?.split(',').filter(Boolean) ?? Object.keys(stages);
  const unknown = names.filter((name) => !stages[name]);
  if (unknown.length > 0) refuse(`There is no check called ${unknown.join(', ')}.`);
  const all = names.some((name) => needBuild.includes(name)) ? ['build', ...names] : names;
  return { wanted: Object.keys(stages).filter((name) => all.includes(name)), filters: positionals };
}

function parse() {
  try {
    return parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
  } catch {
    return refuse('An option was not understood.');
  }
}

function refuse(sentence) {
  console.error(`${sentence} Use: npm test -- --only ${Object.keys(stages).join(',')} [part of a test file's path]`);
  process.exit(2);
}

async function runStage(name) {
  console.log(`\n── ${name}`);
  const start = Date.now();
  const result = await stages[name]().catch((error) => fail(error.stack ?? String(error)));
  for (const kind of ['passed', 'failed', 'skipped']) total[kind] += result[kind];
  if (result.failed > 0) failedStages.add(name);
  const words = ['passed', 'failed', 'skipped'].filter((kind) => result[kind] > 0).map((kind) => `${result[kind]} ${kind}`);
  console.log(`── ${name}: ${words.join(', ')} in ${seconds(start)} s`);
}

async function buildStage() {
  const { missing, failed } = await build();
  return failed.length + missing.length > 0 ? fail(`Not built: ${[...failed, ...missing].join(', ')}`) : pass();
}

async function check(tool, args) {
  const { code } = await runTool(tool, args, { timeLimit: 5 * MINUTE });
  return code === 0 ? pass() : fail(`${tool} ended with ${code}`);
}

async function vitest(project, timeLimit) {
  if (needBuild.includes(project) && failedStages.has('build')) return fail('Not run, because the build failed.');
  const report = join(resultFolder, `${project}.json`);
  const args = [
    'run',
    '--config',
    'build/vitest.config.ts',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { code } = await runTool('vitest', [...args, ...filters], { timeLimit });
  const result = readReport(report);
  if (!result) return fail(`vitest ended with ${code} and left no report`);
  // A file that could not even be read has no tests in it to fail.
  for (const file of result.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) note(file.name, '', file.message);
    for (const one of file.assertionResults) if (one.status === 'failed') note(file.name, one.fullName, one.failureMessages[0]);
  }
  const brokenFiles = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return judge({
    passed: result.numPassedTests,
    failed: result.numFailedTests + brokenFiles,
    skipped: result.numPendingTests + result.numTodoTests,
    code,
  });
}

async function playwright(project, timeLimit) {
  if (failedStages.has('build')) return fail('Not run, because the build failed.');
  const { chromiumForTests, howToGetChromium } = await import('./chromium.mjs');
  const chromium = await chromiumForTests();
  if (!chromium) return fail(howToGetChromium);
  const report = join(resultFolder, `${project}.json`);
  const env = playwrightEnvironment(report, chromium);
  const args = ['test', '--config', 'build/playwright.config.ts', `--project=${project}`, '--reporter=list,json', ...filters];
  const { code } = await runTool('playwright', args, { env, timeLimit });
  const result = readReport(report);
  if (!result) return fail(`playwright ended with ${code} and left no report`);
  for (const { file, title, error } of failedIn(result.suites)) note(file, title, error);
  const { expected, unexpected, flaky, skipped } = result.stats;
  return judge({ passed: expected, failed: unexpected + flaky, skipped, code });
}

/** The suite for the real runtime, which only a machine that has it can run. Elsewhere its tests are counted as skipped, not left out. */
async function electronStage() {
  const obstacle = findElectron() === null ? 'no Electron runtime here' : noDesktop();
  if (!obstacle) return playwright('electron', 15 * MINUTE);
  const report = join(resultFolder, 'electron.json');
  const env = playwrightEnvironment(report, 'none');
  await runTool('playwright', ['test', '--config', 'build/playwright.config.ts', '--project=electron', '--list', '--reporter=json'], {
    env,
    stdio: 'ignore',
    timeLimit: MINUTE,
  });
  const count = countTests(readReport(report)?.suites ?? []);
  if (count === 0) return fail('There are no tests for the real Electron runtime (test/e2e/electron).');
  console.log(`skipped: ${obstacle}`);
  return { passed: 0, failed: 0, skipped: count };
}

function note(file, title, error) {
  // Colours and everything after the first lines stand in the log above.
  const said = String(error ?? '').replace(/\u001b\[[\d;]*m/g, '');
  failures.push(`${file.replace(/^.*[\\/]test[\\/]/, '')}: ${title}\n  ${said.split('\n').slice(0, 12).join('\n  ')}`);
}

function failedIn(list) {
  return list.flatMap((suite) => [
    ...(suite.specs ?? [])
      .filter((spec) => !spec.ok)
      .map((spec) => ({
        file: spec.file,
        title: spec.title,
        error: spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors ?? [])).at(0)?.message,
      })),
    ...failedIn(suite.suites ?? []),
  ]);
}

function keepReports() {
  const last = join(cacheFolder, 'test', 'last');
  rmSync(last, { recursive: true, force: true });
  renameSync(resultFolder, last);
}

function noDesktop() {
  return process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY ? 'no desktop session here' : null;
}

function countTests(list) {
  return list.reduce((sum, suite) => sum + (suite.specs ?? []).length + countTests(suite.suites ?? []), 0);
}

function playwrightEnvironment(report, chromium) {
  // Without one of these Chromium cannot name a file with an umlaut.
  const locale = process.platform === 'linux' && !/utf-?8/i.test(process.env.LC_ALL ?? process.env.LANG ?? '') ? { LC_ALL: 'C.UTF-8' } : {};
  return {
    ...process.env,
    ...locale,
    CI: 'true',
    FIELDBOOK_NO_DOWNLOAD: '1',
    FIELDBOOK_TEST_CHROMIUM: chromium,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
  };
}

/** A tool that ended badly although no test failed, or that ran nothing, has failed. */
function judge({ passed, failed, skipped, code }) {
  if (passed + failed + skipped === 0) return fail('No test was run.');
  if (code !== 0 && failed === 0) {
    console.error(`The tests passed, but the run ended with ${code}: see the error above.`);
    return { passed, failed: 1, skipped };
  }
  return { passed, failed, skipped };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function pass() {
  return { passed: 1, failed: 0, skipped: 0 };
}

function fail(reason) {
  console.error(reason);
  return { passed: 0, failed: 1, skipped: 0 };
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1);
}
