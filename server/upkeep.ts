const firstAfterMs = 60_000;
const everyMs = 24 * 3_600_000;

/** Runs what is tidied up once a day. Several servers on one database may all do it. Answers how to end it. */
export function startUpkeep(jobs: readonly (() => Promise<unknown>)[], onFault: (error: unknown) => void): () => Promise<void> {
  let work: Promise<unknown> = Promise.resolve();
  const tidy = () => {
    // One after the other; what one cannot do keeps no other from it.
    work = jobs.reduce((before: Promise<unknown>, job) => before.then(job).catch(onFault), work);
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
