// Runs on Node 20 with nothing installed: it may import Node's own modules and files beside it that do the same.
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { cacheFolder, isMain, modulesFolder, node24, root } from './paths.mjs';
import { runChild } from './run-child.mjs';

const stampFile = join(modulesFolder, '.fieldbook-setup.json');
const logFile = join(cacheFolder, 'setup.log');

/**
 * What every script of build/ calls first: installs dependencies when they are missing or stale, then goes on under the
 * Node 24 that came with them. Under another Node it does not return: the same script is run again and its exit code kept.
 */
export async function setup(scriptUrl) {
  refuseOldNode();
  await installDependencies();
  if (isOurNode()) return;
  const { code } = await runChild(node24, [fileURLToPath(scriptUrl), ...process.argv.slice(2)], { env: toolEnvironment(), lastStep: true });
  process.exit(code);
}

/** Installs what package-lock.json names, unless it is there. Several runs at once wait for the first one. */
export async function installDependencies() {
  if (isInstalled()) return;
  await withLock(
    'setup',
    async () => {
      if (isInstalled()) return;
      if (!isInstalledByHand()) await runNpmCi();
      writeFileSync(stampFile, stamp());
    },
    { onWait: () => console.log('Waiting for another run that is installing the dependencies …') },
  );
}

/** The environment in which `node` and the tools in node_modules/.bin are ours, whatever the machine has. */
export function toolEnvironment(extra = {}) {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [join(modulesFolder, 'node', 'bin'), join(modulesFolder, '.bin'), process.env[pathName] ?? ''].join(delimiter);
  return { ...process.env, [pathName]: path, ...extra };
}

export function isOurNode() {
  return process.version === `v${lockedPackages()['node_modules/node']?.version}`;
}

export function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
  console.error(
    `Fieldbook needs Node 20 or newer to set itself up; this is ${process.version}. Get it from https://nodejs.org and try again.`,
  );
  process.exit(1);
}

// Only what decides the content of node_modules: a changed script line in package.json does not cost an installation.
function stamp() {
  const { dependencies, devDependencies, optionalDependencies, overrides } = readJson(join(root, 'package.json'));
  const wanted = JSON.stringify({ dependencies, devDependencies, optionalDependencies, overrides });
  const hash = createHash('sha256')
    .update(wanted)
    .update(readFileSync(join(root, 'package-lock.json')));
  return `${JSON.stringify({ lock: hash.digest('hex'), platform: process.platform, arch: process.arch })}\n`;
}

function isInstalled() {
  return existsSync(node24) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp();
}

/** `npm ci` or `npm install` by hand leaves npm's own record; where it agrees with the lock nothing needs doing again. */
function isInstalledByHand() {
  const record = join(modulesFolder, '.package-lock.json');
  if (!existsSync(node24) || !existsSync(record) || cameFromAnotherMachine()) return false;
  const locked = lockedPackages();
  const installed = readJson(record).packages ?? {};
  const asked = readJson(join(root, 'package.json'));
  const isSame = (kind) => JSON.stringify(asked[kind] ?? {}) === JSON.stringify(locked['']?.[kind] ?? {});
  if (!isSame('dependencies') || !isSame('devDependencies')) return false;
  return Object.entries(locked).every(([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version);
}

function cameFromAnotherMachine() {
  if (!existsSync(stampFile)) return false;
  const { platform, arch } = readJson(stampFile);
  return platform !== process.platform || arch !== process.arch;
}

async function runNpmCi() {
  console.log(`Installing dependencies (once; details in ${join('.cache', 'setup.log')}) …`);
  const began = Date.now();
  mkdirSync(cacheFolder, { recursive: true });
  const log = openSync(logFile, 'w');
  // --include=dev: NODE_ENV=production or a person's npm settings must not leave the build tools out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=warn'];
  const ci = await runNpm(args, root, log);
  // A person whose npm never runs install scripts still needs the one that places Node 24.
  const node = ci.code === 0 && !existsSync(node24) ? await placeNode24(log) : ci;
  closeSync(log);
  if (node.code !== 0 || !existsSync(node24)) failSetup(node.error);
  console.log(`Dependencies installed in ${((Date.now() - began) / 1000).toFixed(0)} s.`);
}

function placeNode24(log) {
  const folder = join(modulesFolder, 'node');
  return runChild(process.execPath, ['installArchSpecificPackage.js'], { cwd: folder, stdio: ['ignore', log, log] });
}

function runNpm(args, cwd, log) {
  const options = { cwd, stdio: ['ignore', log, log] };
  const npm = process.env.npm_execpath ?? '';
  if (basename(npm) === 'npm-cli.js') return runChild(process.execPath, [npm, ...args], options);
  // On Windows npm is a .cmd file, which Node starts through a shell only. The arguments are fixed words.
  return process.platform === 'win32' ? runChild(`npm ${args.join(' ')}`, [], { ...options, shell: true }) : runChild('npm', args, options);
}

function failSetup(error) {
  const log = readFileSync(logFile, 'utf8').trim();
  if (error?.code === 'ENOENT') {
    console.error('npm was not found. It comes with Node: get both from https://nodejs.org and try again.');
  } else if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENETWORK|ERR_SOCKET_TIMEOUT|network/i.test(log)) {
    console.error(
      'The dependencies could not be installed because the npm registry cannot be reached. Check the network (or `npm config get registry`) and run the same command again.',
    );
  } else if (/in sync|EUSAGE/.test(log)) {
    console.error(
      'package.json and package-lock.json do not agree. Run `npm install --package-lock-only`, look at the change, and run the same command again.',
    );
  } else {
    console.error('The dependencies could not be installed. Run the same command again; if it stays, the lines below say why.');
  }
  const told = log.split('\n').filter((line) => /^npm (error|ERR!)/.test(line) && !/^npm \S+\s+at |[{}]$|A complete log/.test(line));
  const tail = told.slice(0, 6).join('\n');
  if (tail) console.error(tail);
  console.error(`The whole log is in ${logFile}`);
  process.exit(1);
}

function lockedPackages() {
  return readJson(join(root, 'package-lock.json')).packages ?? {};
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

if (isMain(import.meta.url)) await setup(import.meta.url);
