/** Long work that many devices come for at once: few of a group have it at a time, the others are told when to return. */
export interface Admission {
  /** Takes a place for a request, or keeps the one that the device has: answers 0. Else whole seconds after which it may ask again. */
  enter(group: string, device: string): number;
  /** The request is over. `goesOn`: the device is not through, and comes again at once. */
  leave(group: string, device: string, goesOn: boolean): void;
}

interface Place {
  since: number;
  /** Requests of it that are being answered. */
  open: number;
  lastAt: number;
  /** It has come for more than one request; its place is kept for it in between. */
  isKept: boolean;
}

interface Group {
  places: Map<string, Place>;
  /** When those that were sent away were told to return. */
  told: Map<string, number>;
  /** How long a device had its place, as far as those before tell. */
  stayMs: number;
}

const firstGuessMs = 2_000;
const longestSeconds = 120;

/**
 * `most` devices of a group at once, each until it did not come for `idleMs`. Who is sent away gets a time behind all that were sent
 * away before, so that a herd comes back one after the other and not all at once. Milliseconds of a clock that nobody turns.
 */
export function createAdmission(most: number, idleMs: number, now: () => number = () => performance.now()): Admission {
  const groups = new Map<string, Group>();

  function forget(group: Group, at: number): void {
    for (const [device, { since, open, lastAt, isKept }] of group.places) {
      if (open > 0 || (isKept && lastAt + idleMs > at)) continue;
      group.places.delete(device);
      if (isKept) group.stayMs = (3 * group.stayMs + lastAt - since) / 4;
    }
    // Whoever did not return in time has its turn no more.
    for (const [device, comesAt] of group.told) if (comesAt + idleMs < at) group.told.delete(device);
  }

  return {
    enter(name, device) {
      const at = now();
      const group = groups.get(name) ?? { places: new Map<string, Place>(), told: new Map<string, number>(), stayMs: firstGuessMs };
      groups.set(name, group);
      forget(group, at);
      const place = group.places.get(device);
      if (place === undefined && group.places.size >= most) {
        group.told.delete(device);
        const turn = Math.ceil((group.told.size + 1) / most);
        const seconds = Math.min(longestSeconds, Math.max(1, Math.ceil((turn * group.stayMs) / 1000)));
        group.told.set(device, at + seconds * 1000);
        return seconds;
      }
      group.told.delete(device);
      if (place === undefined) group.places.set(device, { since: at, open: 1, lastAt: at, isKept: false });
      else place.open += 1;
      return 0;
    },
    leave(name, device, goesOn) {
      const group = groups.get(name);
      const place = group?.places.get(device);
      if (group === undefined || place === undefined) return;
      place.open -= 1;
      place.lastAt = now();
      place.isKept ||= goesOn;
      forget(group, place.lastAt);
      if (group.places.size + group.told.size === 0) groups.delete(name);
    },
  };
}
