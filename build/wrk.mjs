import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const howToGetWrk =
  'The load comes from wrk, and there is none here. Install it (Debian, Ubuntu: apt install wrk) and run it again.';

/** The load generator of the server's figures: it takes next to nothing of the processor it measures on. */
export function wrkForBenches() {
  const found = findWrk();
  if (found !== null || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  console.log('Installing wrk for the figures …');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' };
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', 'wrk'],
  ]) {
    try {
      execFileSync('apt-get', args, options);
    } catch {
      // An update that reached only some of its servers often still lets the package in.
    }
  }
  return findWrk();
}

function findWrk() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'wrk')).find((program) => existsSync(program)) ?? null;
}
