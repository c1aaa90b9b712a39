import { sql } from 'kysely';
import type { NounName } from '../../shared/entities/nouns.ts';
import type { StoredRecord } from '../../shared/rules/record-layer.ts';
import type { Tenant } from './tenant.ts';

/** What sets are made of: which terms records are found by, and what the sets have of a record. */
export interface SetSource<Member> {
  /** Members of all live records that have the term; null where they are more than `most`. */
  read(tenant: Tenant, of: NounName, term: string, most: number): Promise<Set<Member> | null>;
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
  /** Null where too many have the term to be worth keeping. `seq` is the number of the organisation's last change. */
  get(tenant: Tenant, of: NounName, seq: number, term: string): Promise<ReadonlySet<Member> | null>;
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

/** `most`: members of all companies' sets together; `mostOfOne`: of a set. A member takes some 60 bytes. */
export function createTermSets<Member>(
  source: SetSource<Member>,
  { most, mostOfOne }: { most: number; mostOfOne: number },
): TermSets<Member> {
  const places = new Map<string, Place<Member>>();

  async function get(tenant: Tenant, of: NounName, seq: number, term: string): Promise<ReadonlySet<Member> | null> {
    const place = await upToDate(tenant, of, seq);
    const known = place.sets.get(term);
    if (known !== undefined) return known;
    const read = () => source.read(tenant, of, term, mostOfOne);
    // The transaction that reads may be broken off; then each reads for itself.
    return place.reading.get(term)?.catch(read) ?? keep(place, term, read());
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

  /** Keeps a set that is read, unless the others were brought up to date meanwhile: it may be older than they are. */
  async function keep(place: Place<Member>, term: string, reading: Promise<Set<Member> | null>): Promise<ReadonlySet<Member> | null> {
    const { seq } = place;
    place.reading.set(term, reading);
    try {
      const members = await reading;
      if (place.seq === seq) {
        place.sets.set(term, members);
        forgetTheOldest();
      }
      return members;
    } finally {
      if (place.reading.get(term) === reading) place.reading.delete(term);
    }
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
