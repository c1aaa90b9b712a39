import { sql } from 'kysely';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Tenant } from './tenant.ts';

/** What sets are made of: which terms records are found by, and what the sets have of a record. */
export interface SetSource<Member> {
  /** Members of all live records that have each term; null where they are more than `most`. */
  read(tenant: Tenant, of: NounName, terms: readonly string[], most: number): Promise<Map<string, Set<Member> | null>>;
  memberOf(record: { id: string; number: number }): Member;
  /** None of a deleted record. */
  termsOf(of: NounName, record: StoredRecord): string[];
}

/**
 * Which live records have a term, in memory: what PostgreSQL takes milliseconds to join out of its postings is met here in a part of
 * one. Nothing is thrown away when something changes: whoever asks next reads the records that changed since and puts them where
 * they belong. So the sets are at least as new as the number of the organisation's last change that the request has seen, and, as
 * with everything that a request reads one statement after the other, possibly newer.
 */
export interface TermSets<Member> {
  /**
   * A set for each term; null where too many have it to be worth keeping. `seq` is the number of the organisation's last change.
   */
  get(tenant: Tenant, of: NounName, seq: number, terms: readonly string[]): Promise<(ReadonlySet<Member> | null)[]>;
}

interface Place<Member> {
  /** All changes up to this one are in the sets. */
  seq: number;
  sets: Map<string, Set<Member> | null>;
  /** What is being read. */
  reading: Map<string, Promise<Set<Member> | null>>;
}

/** What a set weighs beside its members: also of sets that are empty there are not to be endlessly many. */
const weightOfSet = 200;
/** After more changes the sets are read anew. */
const mostChanges = 1_000;

const setOf = <Member>(sets: Map<string, Set<Member> | null>, term: string) => {
  const set = sets.get(term);
  return set === undefined ? new Set<Member>() : set;
};

/** `most`: members of all companies' sets together; `mostOfOne`: of a set. A member takes some 60 bytes. */
export function createTermSets<Member>(
  source: SetSource<Member>,
  { most, mostOfOne }: { most: number; mostOfOne: number },
): TermSets<Member> {
  const places = new Map<string, Place<Member>>();

  async function get(tenant: Tenant, of: NounName, seq: number, terms: readonly string[]): Promise<(ReadonlySet<Member> | null)[]> {
    const place = await upToDate(tenant, of, seq);
    const unknown = terms.filter((term) => !place.sets.has(term) && !place.reading.has(term));
    const read = (some: readonly string[]) => source.read(tenant, of, some, mostOfOne);
    if (unknown.length > 0) keep(place, unknown, read(unknown));
    const found = terms.map((term) => place.sets.get(term) ?? place.reading.get(term) ?? null);
    const sets: (ReadonlySet<Member> | null)[] = [];
    // The transaction that reads may be broken off; then each reads for itself.
    for (const [at, set] of found.entries())
      sets.push(set instanceof Promise ? await set.catch(async () => setOf(await read([terms[at] as string]), terms[at] as string)) : set);
    return sets;
  }

  /** The sets of a collection with all changes up to `seq` in them. */
  async function upToDate(tenant: Tenant, of: NounName, seq: number): Promise<Place<Member>> {
    const key = `${tenant.organisation} ${of}`;
    for (;;) {
      const place = places.get(key) ?? { seq, sets: new Map(), reading: new Map() };
      // Whatever was asked last goes last.
      places.delete(key);
      places.set(key, place);
      if (place.seq >= seq) return place;
      const from = place.seq;
      const { rows } = await sql<{ id: string; number: number; doc: StoredRecord }>`select r.id, r.number, r.doc from records r
        where r.organisation_id = ${tenant.organisation} and r.collection = ${of} and r.seq > ${from}
        order by r.seq limit ${sql.lit(mostChanges + 1)}`.execute(tenant.tx);
      // Somebody else was quicker, and may have read later than this.
      if (places.get(key) !== place || place.seq !== from) continue;
      if (rows.length > mostChanges) {
        places.delete(key);
        continue;
      }
      for (const row of rows) {
        const member = source.memberOf(row);
        const terms = new Set(source.termsOf(of, row.doc));
        for (const [term, members] of place.sets) {
          if (terms.has(term)) members?.add(member);
          else members?.delete(member);
        }
      }
      place.seq = seq;
      // What is being read may have been read before these changes.
      place.reading.clear();
      return place;
    }
  }

  /** Keeps sets that are read, unless the others were brought up to date meanwhile: they may be older than these are. */
  function keep(place: Place<Member>, terms: readonly string[], reading: Promise<Map<string, Set<Member> | null>>): void {
    const { seq } = place;
    for (const term of terms) {
      const set = reading.then((sets) => setOf(sets, term));
      place.reading.set(term, set);
      const forget = () => {
        if (place.reading.get(term) === set) place.reading.delete(term);
      };
      set.then((members) => {
        if (place.seq === seq) place.sets.set(term, members);
        forget();
      }, forget);
    }
    reading.then(forgetTheOldest, () => {});
  }

  /** Of whichever company nobody asked for longest. */
  function forgetTheOldest(): void {
    const weightOf = ({ sets }: Place<Member>) => [...sets.values()].reduce((sum, members) => sum + (members?.size ?? 0) + weightOfSet, 0);
    let kept = [...places.values()].reduce((sum, place) => sum + weightOf(place), 0);
    for (const [key, place] of places) {
      if (kept <= most) return;
      kept -= weightOf(place);
      places.delete(key);
    }
  }

  return { get };
}
