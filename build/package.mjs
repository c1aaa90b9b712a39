import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { findElectron } from './electron-runtime.mjs';
import { cacheFolder, distFolder, isMain, root } from './paths.mjs';
import { setup } from './setup.mjs';
import { makeStandIn } from './stand-in-electron.mjs';

const systems = { linux: 'Linux', win32: 'Windows', darwin: 'macOS' };
const installers = { linux: ['AppImage', 'deb', 'rpm'], win32: ['nsis'], darwin: ['dmg', 'zip'] };
const options = { linux: '--linux', win32: '--win', darwin: '--mac' };
const unpackedFolders = { linux: 'linux-unpacked', win32: 'win-unpacked', darwin: 'mac' };
const appFolder = join(cacheFolder, 'package', 'app');

/** Only these belong to the installed app; the browser adapter's main, bridge and worker stay out. */
const parts = ['electron', 'renderer'];
const notInApp = ['renderer/browser-bridge.js', 'renderer/storage-worker.js'];

/** Lays out what goes into app.asar: the built files, and a package.json with what Electron and the packers read. */
export function layOutApp(folder = appFolder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of parts) {
    const from = join(distFolder, part);
    if (!existsSync(from)) throw new Error(`dist/${part} is not built. Run npm run build, look at what it says, and try again.`);
    cpSync(from, join(folder, 'dist', part), {
      recursive: true,
      filter: (file) => !file.endsWith('.map') && !notInApp.includes(relative(distFolder, file).replaceAll('\\', '/')),
    });
  }
  const { name, productName, version, description, author, license, type, main, desktopName } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  // deb and rpm want an address; a copy built somewhere else has none of its own.
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
  const homepage = GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}` : 'https://fieldbook.invalid';
  const stripped = { name, productName, version, description, author, license, homepage, type, main, desktopName };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(stripped, null, 2)}\n`);
  return folder;
}

/**
 * Packs the app around a stand-in for Electron, all in `folder`; resolves with the folder of the output. Any system can
 * be packed anywhere. `targets` are electron-builder's; `dir` needs no tool that would have to be downloaded.
 */
export async function packStandIn(
  folder,
  { system = 'linux', targets = ['dir'], quiet = false, env = {}, output = join(folder, 'out') } = {},
) {
  const app = layOutApp(join(folder, 'app'));
  const standIn = await makeStandIn(join(folder, 'stand-in'), system);
  const places = [`-c.directories.app=${app}`, `-c.electronDist=${standIn}`, `-c.directories.output=${output}`];
  await electronBuilder([options[system], ...targets, '--x64', ...places], { quiet, env });
  return output;
}

async function electronBuilder(args, { quiet = false, env = {} } = {}) {
  const { runTool } = await import('./run.mjs');
  const { toolEnvironment } = await import('./setup.mjs');
  let said = '';
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
  const listen = (child) => {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (said += bytes));
  };
  const { code } = await runTool('electron-builder', [...args, ...macSignature(), '--publish', 'never'], {
    stdio,
    onChild: listen,
    env: toolEnvironment(env),
  });
  if (code !== 0) throw new Error(`electron-builder ended with ${code}.${said ? `\n${said}` : ''}`);
}

/** A Mac starts no program without a signature. Where there is no certificate it gets an anonymous one, which allows no hardening. */
function macSignature() {
  const { CSC_LINK, CSC_NAME } = process.env;
  return process.platform === 'darwin' && !CSC_LINK && !CSC_NAME ? ['-c.mac.identity=-', '-c.mac.hardenedRuntime=false'] : [];
}

/** This system's installers for this processor, from the runtime that is here. One that cannot be made does not stop the others. */
async function packHere(electron) {
  layOutApp();
  const system = process.platform;
  const processor = `--${process.arch}`;
  // The program lies at the top of the runtime, on macOS four folders down in Electron.app.
  const electronDist = system === 'darwin' ? dirname(dirname(dirname(dirname(electron)))) : dirname(electron);
  await electronBuilder([options[system], 'dir', processor, `-c.electronDist=${electronDist}`]);
  const folder = unpackedFolder(system);
  const made = [];
  const notMade = [];
  for (const target of installers[system]) {
    try {
      await electronBuilder([
        options[system],
        target,
        processor,
        '--prepackaged',
        system === 'darwin' ? join(folder, 'Fieldbook.app') : folder,
      ]);
      made.push(target);
    } catch (error) {
      notMade.push([target, `${error.message} Its tools are downloaded the first time; look at the lines above.`]);
    }
  }
  return { folder, made, notMade };
}

function unpackedFolder(system) {
  const base = join(root, 'release', unpackedFolders[system]);
  const candidates = [base, `${base}-${process.arch}`, base.replace('-unpacked', `-${process.arch}-unpacked`)];
  return candidates.find((folder) => existsSync(folder)) ?? base;
}

function sayWhatWasMade({ folder, made, notMade, isRunnable }) {
  const resources =
    process.platform === 'darwin' && isRunnable ? join(folder, 'Fieldbook.app', 'Contents', 'Resources') : join(folder, 'resources');
  const megabytes = (statSync(join(resources, 'app.asar')).size / 1e6).toFixed(1);
  console.log(
    `\nMade: ${relative(root, folder)} (app.asar ${megabytes} MB)${made.length > 0 ? ` and, in release/, ${made.join(', ')}` : ''}.`,
  );
  for (const reason of new Set(notMade.map(([, why]) => why))) {
    console.log(`Not made: ${notMade.flatMap(([target, why]) => (why === reason ? [target] : [])).join(', ')}. ${reason}`);
  }
  const elsewhere = Object.keys(systems).filter((system) => system !== process.platform);
  console.log(
    `Not made: installers for ${elsewhere.map((system) => systems[system]).join(' and ')}. The release workflow makes them on those systems.`,
  );
}

async function main() {
  const { values } = parseArgs({ options: { release: { type: 'boolean', default: false } } });
  const { build } = await import('./build.mjs');
  const { failed, missing } = await build({ only: ['renderer', 'preload', 'electron-main'] });
  if (failed.length + missing.length > 0)
    throw new Error(`Nothing was packed, because the build is not whole: ${[...failed, ...missing].join(', ')}.`);

  // A workflow hands over a secret that is not set as an empty text; electron-builder would take it for a certificate.
  for (const name of Object.keys(process.env)) if (/^(CSC|APPLE)_/.test(name) && process.env[name] === '') delete process.env[name];
  if (values.release) {
    layOutApp();
    await electronBuilder([]);
    return;
  }
  const electron = findElectron();
  if (electron) {
    sayWhatWasMade({ ...(await packHere(electron)), isRunnable: true });
    return;
  }
  await packStandIn(join(cacheFolder, 'package'), { output: join(root, 'release') });
  const folder = join(root, 'release', unpackedFolders.linux);
  const reason = 'The Electron runtime is not here. Fetch it with `npx install-electron --no` and run this again.';
  const notMade = installers[process.platform in installers ? process.platform : 'linux'].map((target) => [target, reason]);
  sayWhatWasMade({ folder, made: [], notMade, isRunnable: false });
  console.log('What was made holds the whole app around a stand-in for Electron: it can be looked at, not run.');
}

if (isMain(import.meta.url)) {
  await setup(import.meta.url);
  await main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
