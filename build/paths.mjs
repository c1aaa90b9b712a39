import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cacheFolder = join(root, '.cache');
export const distFolder = join(root, 'dist');
export const modulesFolder = join(root, 'node_modules');
export const node24 = join(modulesFolder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** True when this file is what `node` was asked to run. (`import.meta.main` does not exist before Node 24.2.) */
export function isMain(url) {
  try {
    return realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url));
  } catch {
    return false;
  }
}
