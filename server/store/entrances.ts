import { LRUCache } from 'lru-cache';
import type { Entered, Entrance } from './tenant.ts';

/**
 * How requests were let in before: what a read may go on from until the database has said it anew, which it does with the
 * answer to the read's first statement (reads.ts). Never more than a guess.
 */
export interface Entrances {
  get(entrance: Entrance): Entered | null;
  put(entrance: Entrance, entered: Entered): void;
  /** Something was written in an organisation; `seq` is the number of its last change. */
  wrote(organisation: string, seq: number): void;
}

export function createEntrances(): Entrances {
  const organisations = new LRUCache<string, Pick<Entered, 'number' | 'seq' | 'epoch' | 'floor'>>({ max: 1_000 });
  const sessions = new LRUCache<string, Pick<Entered, 'userId' | 'role'>>({ max: 10_000 });
  return {
    get({ organisation, sessionId }) {
      const company = organisations.get(organisation);
      const session = sessionId === null ? { userId: null, role: null } : sessions.get(sessionId);
      return company === undefined || session === undefined ? null : { ...company, ...session };
    },
    put({ organisation, sessionId }, { number, seq, epoch, floor, userId, role }) {
      organisations.set(organisation, { number, seq, epoch, floor });
      if (sessionId === null) return;
      if (userId === null) sessions.delete(sessionId);
      else sessions.set(sessionId, { userId, role });
    },
    wrote(organisation, seq) {
      const company = organisations.get(organisation);
      if (company !== undefined && company.seq < seq) organisations.set(organisation, { ...company, seq });
    },
  };
}
