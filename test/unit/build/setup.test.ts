import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkoutCopy } from './checkout-copy.ts';

// The registry is the one part that is not real: this npm does what `npm ci` does to the folder and notes that it ran.
const npm = `
const fs = require('node:fs');
fs.appendFileSync('npm-ran.txt', process.argv.slice(2).join(' ') + '\\n');
if (process.env.TEST_NPM_FAILS) {
  console.error(process.env.TEST_NPM_FAILS);
  process.exit(1);
}
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/node/bin', { recursive: true });
fs.symlinkSync(process.execPath, process.platform === 'win32' ? 'node_modules/node/bin/node.exe' : 'node_modules/node/bin/node');
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

describe('the set-up', () => {
  let checkout: ReturnType<typeof checkoutCopy>;
  const setup = (env = {}) => checkout.run('setup.mjs', [], { npm_execpath: join(checkout.folder, 'npm-cli.cjs', 'npm-cli.js'), ...env });
  const installs = () =>
    existsSync(join(checkout.folder, 'npm-ran.txt'))
      ? readFileSync(join(checkout.folder, 'npm-ran.txt'), 'utf8').trim().split('\n').length
      : 0;

  beforeEach(() => {
    checkout = checkoutCopy({ withModules: false });
    checkout.write('npm-cli.cjs/package.json', '{ "type": "commonjs" }');
    checkout.write('npm-cli.cjs/npm-cli.js', npm);
  });
  afterEach(() => checkout.remove());

  it('installs on a clean clone, with the build tools even where npm is told to leave them out, and once', async () => {
    expect((await setup({ NODE_ENV: 'production' })).code).toBe(0);
    expect(readFileSync(join(checkout.folder, 'npm-ran.txt'), 'utf8')).toMatch(/^ci .*--include=dev/);
    expect((await setup()).output).toBe('');
    expect(installs()).toBe(1);
  });

  it('installs once when three commands are given at the same time', async () => {
    const runs = await Promise.all([setup(), setup(), setup()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(installs()).toBe(1);
  });

  it('installs again when the lock file changed, but not when a script line did', async () => {
    await setup();
    const manifest = join(checkout.folder, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"scripts": {', '"scripts": { "hello": "echo hello",'));
    await setup();
    expect(installs()).toBe(1);
    const lock = join(checkout.folder, 'package-lock.json');
    writeFileSync(
      lock,
      readFileSync(lock, 'utf8').replace('"node_modules/dexie": {\n      "version": "', '"node_modules/dexie": {\n      "version": "9'),
    );
    await setup();
    expect(installs()).toBe(2);
  });

  it('takes what somebody installed by hand with the same lock file', async () => {
    await setup();
    writeFileSync(join(checkout.folder, 'package-lock.json'), `${readFileSync(join(checkout.folder, 'package-lock.json'), 'utf8')}\n`);
    expect((await setup()).code).toBe(0);
    expect(installs()).toBe(1);
  });

  it('takes over from a run that was killed in the middle', async () => {
    checkout.write('.cache/setup.lock', '999999999');
    expect((await setup()).code).toBe(0);
    expect(installs()).toBe(1);
  });

  it('says in a sentence that the registry cannot be reached, and can be tried again', async () => {
    const failed = await setup({ TEST_NPM_FAILS: 'npm error code ENOTFOUND\nnpm error network request to the registry failed' });
    expect(failed.code).toBe(1);
    expect(failed.output).toContain('the npm registry cannot be reached. Check the network');
    expect((await setup()).code).toBe(0);
  });
});
