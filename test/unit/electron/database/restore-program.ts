import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Finishes a restore in the folder of the first argument and is killed, as by a power cut, at the given change of the disk. */
const [folder = '', steps = '0'] = process.argv.slice(2);
let left = Number(steps);
const changes = promises as unknown as Record<string, (...parameters: unknown[]) => Promise<unknown>>;
for (const name of ['rename', 'rm', 'mkdir']) {
  const real = changes[name] as (...parameters: unknown[]) => Promise<unknown>;
  changes[name] = (...parameters) => {
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
    return real(...parameters);
  };
}
syncBuiltinESMExports();
const { finishRestore } = await import('../../../../electron/database/backup-restore.ts');
await finishRestore(folder, { info: () => undefined, warn: () => undefined, error: () => undefined });
