import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';

/**
 * Starts the packaged program of this system twice on one fresh book: it must say that it is ready, and end in good order
 * when told to, leaving no lock. Its fuses forbid a debugger, so this is all that can be asked of it from outside; the
 * suite in test/e2e/electron has looked inside the same code before. Ends with 3, and says so, where nothing is packed.
 */
const READY_LIMIT_MS = 60_000;
const QUIT_LIMIT_MS = 10_000;

/** What the stand-in of build/stand-in-electron.mjs ends with. */
const STAND_IN = 70;
const skipped =
  'SKIPPED: no packaged program of this system in release/. Make one with npm run package, on a machine with the Electron runtime.';

const program = findProgram();
if (program === null) {
  console.log(skipped);
  process.exit(3);
}

let hasStarted = false;
const data = mkdtempSync(join(tmpdir(), 'fieldbook-packaged-'));
try {
  for (const start of ['first', 'second']) {
    const ms = await startAndQuit();
    if (ms === null) break;
    console.log(`${start} start: ready after ${ms} ms, ended in good order`);
    hasStarted = true;
  }
  if (hasStarted && !existsSync(join(data, 'journal'))) throw new Error('it made no journal in its data folder');
  console.log(hasStarted ? `Verified: ${program}` : skipped);
  process.exitCode = hasStarted ? 0 : 3;
} catch (error) {
  console.error(`The packaged program failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(data, { recursive: true, force: true, maxRetries: 10 });
}

function findProgram() {
  const release = join(root, 'release');
  const inside = { linux: 'fieldbook', win32: 'Fieldbook.exe', darwin: 'Fieldbook.app/Contents/MacOS/Fieldbook' }[process.platform];
  const folders = existsSync(release) ? readdirSync(release) : [];
  const runnable = folders
    .filter((folder) => /^(linux|win|mac)/.test(folder) && !(process.arch === 'x64' && folder.includes('arm64')))
    .map((folder) => join(release, folder, inside));
  return runnable.find((file) => existsSync(file)) ?? null;
}

async function startAndQuit() {
  const began = Date.now();
  const child = spawn(program, ['--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const ready = new Promise((resolve) => {
    child.stdout.on('data', () => said.includes('Fieldbook is ready: window') && resolve('ready'));
  });
  const first = await Promise.race([ready, ended, after(READY_LIMIT_MS)]);
  if (first !== 'ready') {
    child.kill('SIGKILL');
    if (first.code === STAND_IN) return null;
    throw new Error(
      `${first === 'late' ? 'it was not ready in time' : `it ended (${first.code ?? first.signal}) before it was ready`}\n${said}`,
    );
  }
  const ms = Date.now() - began;
  // Windows has no signal that asks; there the window is asked to close, as Task Manager does.
  if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid)], { stdio: 'ignore' });
  else child.kill('SIGTERM');
  const end = await Promise.race([ended, after(QUIT_LIMIT_MS)]);
  if (end === 'late') {
    child.kill('SIGKILL');
    throw new Error('it did not end in time');
  }
  if (end.code !== 0) throw new Error(`it ended with ${end.code ?? end.signal}\n${said}`);
  if (existsSync(join(data, 'lock'))) throw new Error('it left its lock behind');
  return ms;
}

function after(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, 'late').unref();
  });
}
