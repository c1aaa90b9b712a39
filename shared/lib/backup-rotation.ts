/** How many backups stay: recent ones, the newest of each of some days, the newest of each of some months. */
export interface Rotation {
  recent: number;
  daily: number;
  monthly: number;
}

/**
 * Names of the backups that may go. Days and months are those on which there are backups, so a laptop that lay in a
 * drawer for a year loses none by it; a clock that was wrong costs places in the row and never the newest ones.
 */
export function backupsToDrop(backups: readonly { name: string; madeAt: string; state: string }[], limits: Rotation): string[] {
  const newestFirst = backups.toSorted((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
  // A damaged one must not take the place of one that can be restored.
  const whole = newestFirst.filter(({ state }) => state !== 'damaged');
  const kept = new Set(whole.slice(0, limits.recent).map(({ name }) => name));
  for (const name of newestOfEach(whole, 10, limits.daily)) kept.add(name);
  for (const name of newestOfEach(whole, 7, limits.monthly)) kept.add(name);
  return newestFirst.filter(({ name, state }) => state !== 'damaged' && !kept.has(name)).map(({ name }) => name);
}

function newestOfEach(backups: readonly { name: string; madeAt: string }[], dateLength: number, limit: number): string[] {
  const byPeriod = new Map<string, string>();
  for (const { name, madeAt } of backups) {
    const period = madeAt.slice(0, dateLength);
    if (!byPeriod.has(period)) byPeriod.set(period, name);
  }
  return [...byPeriod.values()].slice(0, limit);
}
