import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from './tables.ts';

/** So much in so long. */
export interface Limit {
  most: number;
  windowMs: number;
}

/** Counts what somebody does against a limit, together with every other process on the database. */
export interface Limits {
  /** Takes that much of each, or nothing of any: answers 0, or in how many whole seconds there may be room again. */
  take(of: readonly string[], limit: Limit, amount?: number): Promise<number>;
  giveBack(of: readonly string[], amount?: number): Promise<void>;
  /** Forgets what is long over. */
  tidy(): Promise<void>;
}

const forgottenMs = 24 * 3_600_000;
/** Addresses and e-mails are nobody's to read here. */
const keyOf = (name: string) => createHash('sha256').update(name).digest('base64');

export function createLimits(db: Database, now: () => number): Limits {
  async function giveBack(of: readonly string[], amount = 1): Promise<void> {
    if (of.length === 0) return;
    await sql`update limits set used = greatest(used - ${amount}::int, 0) where key = any(${of.map(keyOf)}::text[])`.execute(db);
  }
  return {
    async take(of, { most, windowMs }, amount = 1) {
      const at = now();
      for (const [index, name] of of.entries()) {
        // What is too much is given back at once: the window ends when it was to end, however often somebody asks.
        const { rows } = await sql<{ since: number; used: number }>`insert into limits as l (key, since, used)
          values (${keyOf(name)}, ${at}::bigint, ${amount}::int) on conflict (key) do update set
            used = case when l.since <= ${at - windowMs}::bigint then excluded.used else l.used + excluded.used end,
            since = case when l.since <= ${at - windowMs}::bigint then excluded.since else l.since end
          returning since, used`.execute(db);
        const { since, used } = rows[0] as { since: number; used: number };
        if (used <= most) continue;
        await giveBack(of.slice(0, index + 1), amount);
        return Math.max(1, Math.ceil((Number(since) + windowMs - at) / 1000));
      }
      return 0;
    },
    giveBack,
    async tidy() {
      await sql`delete from limits where since < ${now() - forgottenMs}`.execute(db);
    },
  };
}
