import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';

const BEAT_MS = 2_000;
const DEAD_AFTER_MS = 20_000;

/**
 * Runs `work` while no other process in this checkout runs the same named work. The holder touches its lock file every
 * two seconds; a lock that went quiet or whose process is gone belongs to a run that was killed and is taken over.
 */
export async function withLock(name, work, { onWait } = {}) {
  mkdirSync(cacheFolder, { recursive: true });
  const file = join(cacheFolder, `${name}.lock`);
  let hasSaidSo = false;
  while (!tryTake(file)) {
    if (isAbandoned(file)) {
      removeAbandoned(file);
      continue;
    }
    if (!hasSaidSo) onWait?.();
    hasSaidSo = true;
    await new Promise((done) => setTimeout(done, 200));
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // The lock is advisory: whoever removed .cache by hand has decided to go without it.
    }
  }, BEAT_MS);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

function tryTake(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > DEAD_AFTER_MS) return true;
    const pid = Number(readFileSync(file, 'utf8'));
    if (!pid) return false; // just being written
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

// Renaming is atomic, so of two processes that saw the same dead lock only one removes it.
function removeAbandoned(file) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
