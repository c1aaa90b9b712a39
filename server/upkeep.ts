import type { FileStore } from './store/file-store.ts';

const firstAfterMs = 60_000;
const everyMs = 24 * 3_600_000;

/** What is tidied up once a day. Several servers on one database may all do it. Answers how to end it. */
export function startUpkeep(files: FileStore, onFault: (error: unknown) => void): () => Promise<void> {
  let work: Promise<unknown> = Promise.resolve();
  const tidy = () => {
    work = files.collect().catch(onFault);
  };
  const first = setTimeout(tidy, firstAfterMs);
  const daily = setInterval(tidy, everyMs);
  // Upkeep keeps no process alive that wants to end.
  first.unref();
  daily.unref();
  return async () => {
    clearTimeout(first);
    clearInterval(daily);
    await work;
  };
}
