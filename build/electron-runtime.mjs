import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesFolder, node24 } from './paths.mjs';
import { runChild } from './run-child.mjs';

// Never require('electron') in Node: that starts a download with no time limit.
const folder = join(modulesFolder, 'electron');
const PROBE_MS = 4_000;

/** The path of the Electron program that belongs to the installed electron package, or null. */
export function findElectron() {
  const elsewhere = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const dist = elsewhere ?? join(folder, 'dist');
  try {
    const program = elsewhere ? programName() : readFileSync(join(folder, 'path.txt'), 'utf8').trim();
    const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
    return version === wantedVersion() && existsSync(join(dist, program)) ? join(dist, program) : null;
  } catch {
    return null;
  }
}

/** Downloads the runtime where its server answers within four seconds; resolves with the program's path, or null. */
export async function fetchElectron() {
  if (process.env.FIELDBOOK_NO_DOWNLOAD === '1') return null;
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', ELECTRON_GET_USE_PROXY: '1' };
  if (!(await isReachable(runtimeUrl(), env))) return null;
  console.error('Downloading the Electron runtime (once, about 120 MB) …');
  // Its progress goes to stderr: stdout is kept for the ready line.
  const { code } = await runChild(node24, [join(folder, 'install.js')], {
    stdio: ['ignore', process.stderr, process.stderr],
    env,
    timeLimit: 15 * 60_000,
  });
  return code === 0 ? findElectron() : null;
}

/** Why Electron cannot run on this machine although it may be there, or null. */
export function whyNoElectron() {
  if (process.platform !== 'linux') return null;
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no desktop session here';
  if (process.getuid?.() === 0) return 'it does not run sandboxed as root';
  return null;
}

function wantedVersion() {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

function runtimeUrl() {
  const mirror =
    process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/releases/download/';
  const version = wantedVersion();
  return `${mirror}v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`;
}

// In a process of our Node, which knows the proxy settings of the environment; the outer Node 20 does not.
async function isReachable(url, env) {
  const probe = `
    const answer = await fetch(process.argv[1], { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(${PROBE_MS}) });
    process.exit(answer.status < 400 ? 0 : 1);`;
  const { code } = await runChild(node24, ['--input-type=module', '--eval', probe, url], { stdio: 'ignore', env });
  return code === 0;
}

function programName() {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}
