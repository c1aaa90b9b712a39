import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkoutCopy } from './checkout-copy.ts';

// Stands where the built main of the browser adapter would be: says what it was given, and ends as it is told to.
const main = `
process.on('SIGTERM', () => process.exit(7));
if (process.env.TEST_STAYS) setTimeout(() => process.exit(9), 20000);
else process.exitCode = 3;
console.log('Fieldbook is ready: ' + JSON.stringify(process.argv.slice(2)));
`;

describe('npm start', () => {
  let checkout: ReturnType<typeof checkoutCopy>;
  const nowhere = () => ({
    FIELDBOOK_NO_DOWNLOAD: '1',
    ELECTRON_OVERRIDE_DIST_PATH: join(checkout.folder, 'no-runtime'),
    INIT_CWD: checkout.folder,
  });

  beforeEach(() => {
    checkout = checkoutCopy({ withModules: true });
    checkout.write('dist/browser/main.js', main);
  });
  afterEach(() => checkout.remove());

  it('hands the options to main, and passes its line and its exit code on unchanged', async () => {
    const { code, stdout, stderr } = await checkout.run('start.mjs', ['--data', 'my book', '--no-open', '--port', '0'], nowhere());
    expect(stdout).toBe(
      `Fieldbook is ready: ${JSON.stringify(['--data', join(checkout.folder, 'my book'), '--no-open', '--port', '0'])}\n`,
    );
    expect(stderr).toBe('');
    expect(code).toBe(3);
  });

  it('says in one sentence, and not on stdout, that Electron is not used', async () => {
    const { stdout, stderr } = await checkout.run('start.mjs', [], nowhere());
    expect(stdout).toBe('Fieldbook is ready: []\n');
    expect(stderr).toMatch(/^Electron is not used because .+; Fieldbook opens in an installed browser instead, with the same book\.\n$/);
  });

  it('says nothing about Electron to who asked for the browser', async () => {
    expect((await checkout.run('start.mjs', ['--browser'], nowhere())).stderr).toBe('');
  });

  it('refuses an option it does not know before anything is started', async () => {
    const { code, stdout, stderr } = await checkout.run('start.mjs', ['--dta', 'x'], nowhere());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Fieldbook has no option "--dta"');
  });

  it('stops main when it is stopped, and waits for it', async () => {
    const start = spawn(process.execPath, [join(checkout.folder, 'build/start.mjs'), '--browser'], {
      env: { ...process.env, ...nowhere(), TEST_STAYS: '1' },
    });
    await new Promise((isReady) => start.stdout.once('data', isReady));
    start.kill('SIGTERM');
    const code = await new Promise((resolve) => start.once('close', resolve));
    // Windows has no signals: there the process just ends.
    expect(code).toBe(process.platform === 'win32' ? null : 7);
  });
});
