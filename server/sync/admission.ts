/** Long work that many devices come for at once: few of a group have it at a time, the others are told when to return. */
export interface Admission {
  /** Takes a place for a request, or keeps the one that the device has: answers 0. Else whole seconds after which it may ask again. */
  enter(group: string, device: Asker): number;
  /** The request is over. `goesOn`: the device is not through, and comes again at once. */
  leave(group: string, device: Asker, goesOn: boolean): void;
}

interface Asker {
  sessionId: string;
  organisation: string;
}

interface Place {
  organisation: string;
  since: number;
  /** Requests of it that are being answered. */
  open: number;
  lastAt: number;
  /** It has come for more than one request; its place is kept for it in between. */
  isKept: boolean;
}

interface Told {
  /** Whoever was sent away before has a lower one, and keeps it however often it finds no place. */
  order: number;
  organisation: string;
  comesAt: number;
}

interface Group {
  /** By session. */
  places: Map<string, Place>;
  /** When those that were sent away were told to return. */
  told: Map<string, Told>;
  /** How long a device had its place, as far as those before tell. */
  stayMs: number;
}

export interface AdmissionLimits {
  /** Devices of a group that have a place at once. */
  most: number;
  /** Of these of one organisation, while another one waits; as many as there are unless told. */
  mostOfOne?: number;
  /** A place is kept for so long between requests. */
  idleMs: number;
  /** Longest that a device has a place while another waits; without an end unless told. */
  longestMs?: number;
}

const firstGuessMs = 2_000;
const longestSeconds = 120;

/**
 * Who is sent away gets a time behind all that were sent away before, so that a herd comes back one after the other and not all at once.
 * Of those that were sent away, who waits longest comes first. No place is reserved against others: who comes for the first time when one
 * is free has it.
 * Milliseconds of a clock that nobody turns.
 */
export function createAdmission(
  { most, mostOfOne = most, idleMs, longestMs = Number.POSITIVE_INFINITY }: AdmissionLimits,
  now: () => number = () => performance.now(),
): Admission {
  const groups = new Map<string, Group>();
  let orders = 0;

  const othersTold = (group: Group, sessionId: string) => [...group.told].flatMap(([one, told]) => (one === sessionId ? [] : [told]));
  const ahead = (group: Group, sessionId: string, order: number) => othersTold(group, sessionId).filter((told) => told.order < order);
  const isOverdue = (group: Group, sessionId: string, { since }: Place, at: number) =>
    at - since >= longestMs && othersTold(group, sessionId).length > 0;

  /** Answers seconds. Who was told already, and comes too early, keeps its time. */
  function sendAway(group: Group, { sessionId, organisation }: Asker, at: number): number {
    const before = group.told.get(sessionId);
    if (before !== undefined && before.comesAt > at) return Math.ceil((before.comesAt - at) / 1000);
    const order = before?.order ?? ++orders;
    const turn = Math.ceil((ahead(group, sessionId, order).length + 1) / most);
    const seconds = Math.min(longestSeconds, Math.max(1, Math.ceil((turn * group.stayMs) / 1000)));
    group.told.set(sessionId, { order, organisation, comesAt: at + seconds * 1000 });
    return seconds;
  }

  function forget(group: Group, at: number): void {
    // Whoever did not return in time has its turn no more.
    for (const [sessionId, { comesAt }] of group.told) if (comesAt + idleMs < at) group.told.delete(sessionId);
    let missing = group.told.size + group.places.size - most;
    for (const [sessionId, place] of group.places) {
      const { organisation, since, open, lastAt, isKept } = place;
      const isOver = missing > 0 && isOverdue(group, sessionId, place, at);
      if (open > 0 || (isKept && lastAt + idleMs > at && !isOver)) continue;
      group.places.delete(sessionId);
      missing -= 1;
      if (isKept) group.stayMs = (3 * group.stayMs + lastAt - since) / 4;
      if (isOver) sendAway(group, { sessionId, organisation }, at);
    }
  }

  function mustWait(group: Group, { sessionId, organisation }: Asker): boolean {
    if (group.places.size >= most) return true;
    const others = othersTold(group, sessionId);
    const order = group.told.get(sessionId)?.order;
    if (order !== undefined && ahead(group, sessionId, order).length >= most - group.places.size) return true;
    const ofOne = [...group.places.values()].filter((place) => place.organisation === organisation).length;
    return ofOne >= mostOfOne && others.some((other) => other.organisation !== organisation);
  }

  return {
    enter(name, device) {
      const at = now();
      const group = groups.get(name) ?? { places: new Map<string, Place>(), told: new Map<string, Told>(), stayMs: firstGuessMs };
      groups.set(name, group);
      forget(group, at);
      const { sessionId, organisation } = device;
      const place = group.places.get(sessionId);
      if (place === undefined ? mustWait(group, device) : isOverdue(group, sessionId, place, at)) return sendAway(group, device, at);
      group.told.delete(sessionId);
      if (place === undefined) group.places.set(sessionId, { organisation, since: at, open: 1, lastAt: at, isKept: false });
      else place.open += 1;
      return 0;
    },
    leave(name, { sessionId }, goesOn) {
      const group = groups.get(name);
      const place = group?.places.get(sessionId);
      if (group === undefined || place === undefined) return;
      place.open -= 1;
      place.lastAt = now();
      place.isKept ||= goesOn;
      forget(group, place.lastAt);
      if (group.places.size + group.told.size === 0) groups.delete(name);
    },
  };
}
