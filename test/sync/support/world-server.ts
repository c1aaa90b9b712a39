import type { fixedClock } from '../../../shared/lib/clock.ts';
import { schemaVersion } from '../../../shared/sync/wire.ts';
import { openDatabase, schemas } from '../../../server/store/engine.ts';
import { setActive } from '../../../server/store/organisations.ts';
import { purge } from '../../../server/store/purge.ts';
import { rebuild, renewEpochs } from '../../../server/store/rebuild.ts';
import { readRows, rowWriter, type Rows } from '../../../server/store/table-copy.ts';
import type { SyncServer } from './sync-server.ts';
import type { Role } from './world-plan.ts';

/** What happens to the server of a world, as whoever runs it does it. */
export interface WorldServer {
  restart(): Promise<void>;
  /** As a server so many versions of records newer, or older, than the laptops. */
  become(by: number): Promise<void>;
  give(userId: string, role: Role): Promise<void>;
  /** Disabled, and enabled again; nothing where it is so already. */
  setActive(userId: string, isActive: boolean): Promise<void>;
  backUp(): Promise<void>;
  /**
   * The database as it was backed up, which is then the whole of it: as a restore leaves it, or copied back by hand, so that it does not
   * know of having been away. False where nothing was backed up.
   */
  bringBack(how: 'restored' | 'copied'): Promise<boolean>;
  /** The clock goes on, and deletions that are old enough by then are forgotten. */
  letPass(ms: number): Promise<void>;
}

export function worldServer(server: SyncServer, organisation: string, clock: ReturnType<typeof fixedClock>): WorldServer {
  let by = 0;
  let kept: Rows[] | null = null;
  const start = async () => {
    await server.stop();
    await server.start(schemaVersion + by);
  };
  return {
    restart: start,
    async become(other) {
      if (by === other) return;
      by = other;
      await start();
    },
    async give(userId, role) {
      await server.engine.db.updateTable('logins').set({ role }).where('user_id', '=', userId).execute();
    },
    async setActive(userId, isActive) {
      const known = await server.engine.db.selectFrom('logins').select('is_active').where('user_id', '=', userId).executeTakeFirst();
      if (known === undefined || known.is_active === isActive) return;
      await setActive(server.engine, { organisation_id: organisation, user_id: userId }, isActive, clock);
    },
    async backUp() {
      const found: Rows[] = [];
      await server.engine.db.transaction().execute(async (tx) => {
        for await (const { table, rows } of readRows(tx)) {
          // Worlds that are over are of no use to this one.
          const own = rows.filter((row) => row.includes(organisation) || !row.includes('"organisation_id"'));
          if (own.length > 0) found.push({ table, rows: own });
        }
      });
      kept = found;
    },
    async bringBack(how) {
      const rows = kept;
      if (rows === null) return false;
      await server.whileOff(async (where) => {
        const { db, close } = await openDatabase(where);
        try {
          await db.transaction().execute(async (tx) => {
            await rebuild(tx, schemas().at(-1) as string, async () => {
              const write = await rowWriter(tx);
              for (const some of rows) await write(some);
            });
            if (how === 'restored') await renewEpochs(tx);
          });
        } finally {
          await close();
        }
      });
      by = 0;
      return true;
    },
    async letPass(ms) {
      const isLong = ms >= 86_400_000;
      if (isLong) await purge(server.engine.db, clock.now());
      clock.moveTo(new Date(clock.now() + ms).toISOString());
      if (isLong) await purge(server.engine.db, clock.now());
    },
  };
}
