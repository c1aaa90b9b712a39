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

const mostOrganisations = 1_000;
const mostSessions = 10_000;

export function createEntrances(): Entrances {
  const organisations = new Map<string, Pick<Entered, 'number' | 'seq' | 'epoch' | 'floor'>>();
  const sessions = new Map<string, Pick<Entered, 'userId' | 'role'>>();
  const keep = <V>(map: Map<string, V>, key: string, value: V, most: number) => {
    if (!map.has(key) && map.size >= most) map.delete(map.keys().next().value as string);
    map.set(key, value);
  };
  return {
    get({ organisation, sessionId }) {
      const company = organisations.get(organisation);
      const session = sessionId === null ? { userId: null, role: null } : sessions.get(sessionId);
      return company === undefined || session === undefined ? null : { ...company, ...session };
    },
    put({ organisation, sessionId }, { number, seq, epoch, floor, userId, role }) {
      keep(organisations, organisation, { number, seq, epoch, floor }, mostOrganisations);
      if (sessionId === null) return;
      if (userId === null) sessions.delete(sessionId);
      else keep(sessions, sessionId, { userId, role }, mostSessions);
    },
    wrote(organisation, seq) {
      const company = organisations.get(organisation);
      if (company !== undefined && company.seq < seq) organisations.set(organisation, { ...company, seq });
    },
  };
}
