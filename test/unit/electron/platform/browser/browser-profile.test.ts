import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freeProfile, isRunOn } from '../../../../../electron/platform/browser/browser-profile.ts';
import { quietLog } from '../../../../support/opened-book.ts';

/** A process that looks like a browser on this profile, and is named by the lock of `profile`. */
async function browserOn(used: string, profile: string) {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)', '--', `--user-data-dir=${used}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  symlinkSync(`${hostname()}-${child.pid}`, path.join(profile, 'SingletonLock'));
  return child;
}

function freshProfile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldbook-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('ends a browser that was left behind on the very profile', async () => {
  const profile = freshProfile();
  const child = await browserOn(profile, profile);
  const ended = once(child, 'exit');
  await freeProfile(profile, quietLog);
  expect((await ended)[1]).toBe('SIGKILL');
});

it('leaves a browser alone whose profile only begins like it', async () => {
  const profile = freshProfile();
  const child = await browserOn(`${profile}-of-somebody-else`, profile);
  await freeProfile(profile, quietLog);
  expect(child.exitCode ?? child.signalCode).toBeNull();
});

it.each([
  [['chrome', '--user-data-dir=/a/b', '--app=x'], true],
  [['chrome', '--user-data-dir=/a/bc'], false],
  [['chrome', '--user-data-dir=/x/a/b'], false],
  [['grep', '/a/b', 'x'], false],
  [['/Applications/Google Chrome --user-data-dir=/a/b --app=x'], true],
  [['/Applications/Google Chrome --user-data-dir=/a/b'], true],
  [['/Applications/Google Chrome --user-data-dir=/a/b two --app=x'], false],
  [['/Applications/Google Chrome --user-data-dir=/a/bc --app=x'], false],
])('takes %j for a browser on /a/b: %s', (words, is) => {
  expect(isRunOn('/a/b', words)).toBe(is);
});
