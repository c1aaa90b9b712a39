import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { staleTargets } from './build.mjs';
import { fetchElectron, findElectron, whyNoElectron } from './electron-runtime.mjs';
import { cacheFolder, distFolder, node24, root } from './paths.mjs';
import { runChild } from './run-child.mjs';
import { installDependencies, refuseOldNode, toolEnvironment } from './setup.mjs';
import { help, isWithoutWindow, mainArguments, readStartOptions } from './start-options.mjs';

// stdout carries what main says, above all its ready line; what start itself has to say goes to stderr.
// npm runs scripts in the package folder; INIT_CWD is where the person stood.
const { options, problem } = readStartOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
if (problem) {
  console.error(problem);
  process.exit(2);
}
if (options.help) {
  console.log(help);
  process.exit(0);
}

refuseOldNode();
await installDependencies();
await buildStale();
process.exit(await start());

// This script stays on whatever Node it was started with: it only waits, and one waiting process less is memory saved.
async function buildStale() {
  if (staleTargets().length === 0) return;
  console.error('Building what changed …');
  const { code } = await runChild(node24, [join(root, 'build', 'build.mjs')], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: toolEnvironment(),
  });
  if (code !== 0 && !existsSync(join(distFolder, 'browser', 'main.js'))) process.exit(1);
  if (code !== 0) console.error('The build failed, so the last version that was built is started.');
}

async function start() {
  // An address to open is something only the browser adapter has.
  if (options.browser || !options.open || options.port !== null || isWithoutWindow(options)) return startBrowser();
  const obstacle = whyNoElectron();
  const electron = obstacle ? null : (findElectron() ?? (await fetchElectron()));
  if (!electron) {
    return fallBack(obstacle ?? 'its runtime is not here and could not be downloaded');
  }
  const { code, isReady, isBroken } = await startElectron(electron);
  return isBroken && !isReady ? fallBack('it could not start on this computer') : code;
}

function fallBack(reason) {
  console.error(`Electron is not used because ${reason}; Fieldbook opens in an installed browser instead, with the same book.`);
  return startBrowser();
}

async function startBrowser() {
  const entry = join(distFolder, 'browser', 'main.js');
  // Compiled code kept between starts halves the time until main runs.
  const env = toolEnvironment({ NODE_COMPILE_CACHE: join(cacheFolder, 'compile') });
  const { code } = await runChild(node24, [entry, ...mainArguments(options)], { env, lastStep: true });
  return code;
}

async function startElectron(electron) {
  let isReady = false;
  const { code, signal } = await runChild(electron, [root, ...mainArguments(options)], {
    stdio: ['inherit', 'pipe', 'inherit'],
    lastStep: true,
    onChild: (child) =>
      child.stdout?.on('data', (bytes) => {
        isReady ||= bytes.includes('Fieldbook is ready');
        process.stdout.write(bytes);
      }),
  });
  // A missing system library (127) or a kernel that forbids Chromium's sandbox (it aborts) is no reason to show nothing.
  return { code, isReady, isBroken: code === 127 || signal === 'SIGTRAP' || signal === 'SIGABRT' || signal === 'SIGSEGV' };
}
