import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../../build/paths.mjs';

/** A checkout of its own with the real scripts of build/ and whatever sources a test writes into it. */
export function checkoutCopy({ withModules }: { withModules: boolean }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fieldbook-build-')));
  cpSync(join(root, 'build'), join(folder, 'build'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(folder, file));
  if (withModules) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    folder,
    write(file: string, text: string) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    run: (script: string, args: string[] = [], env: Record<string, string> = {}) =>
      run(join(folder, 'build', script), args, { ...process.env, ...env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function run(script: string, args: string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | null; stdout: string; stderr: string; output: string }>((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.once('close', (code) => resolve({ code, stdout, stderr, output: stdout + stderr }));
  });
}
