import { LRUCache } from 'lru-cache';
import { sql } from 'kysely';
import type { Tx } from './tables.ts';

/** A row as it is in the table. */
export interface PersonRow {
  doc: unknown;
  number: number;
}

interface People {
  /** All changes up to this one are in it. */
  seq: number;
  rows: Map<string, PersonRow>;
}

const companies = new LRUCache<string, People>({ max: 200 });
/** A company with more people and teams asks the database for those it needs. */
const mostPeople = 2_000;

/**
 * A company's people and teams by id, deleted ones too: nearly every record names some, and they are few and seldom change. Kept from
 * one request to the next, with what changed since read before each. Null where they are too many.
 */
export async function peopleOf(tx: Tx, organisation: string, seq: number): Promise<ReadonlyMap<string, PersonRow> | null> {
  for (;;) {
    const known = companies.get(organisation);
    if (known !== undefined && known.seq >= seq) return known.rows.size > mostPeople ? null : known.rows;
    const { rows } = await sql<PersonRow & { id: string }>`select r.id, r.doc, r.number from records r
      where r.organisation_id = ${organisation} and r.collection = 'directory' and r.seq > ${known?.seq ?? -1}
      order by r.seq limit ${sql.lit(mostPeople + 1)}`.execute(tx);
    // Somebody else was quicker, and may have read later than this.
    if (companies.get(organisation) !== known) continue;
    const people: People = { seq, rows: known?.rows ?? new Map() };
    for (const { id, doc, number } of rows) people.rows.set(id, { doc, number });
    companies.set(organisation, people);
  }
}
