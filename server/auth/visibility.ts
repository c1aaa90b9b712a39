import { sql } from 'kysely';
import { type NounName, parentsOf } from '../../shared/entities/nouns.ts';
import { isId } from '../../shared/lib/ids.ts';
import { seesAll, type Sql } from '../store/list-sql.ts';
import type { Kept, Tenant } from '../store/tenant.ts';
import type { Person } from './sessions.ts';

/**
 * Which records somebody may see: administrators all, members what is theirs or nobody's, managers also what belongs to
 * their teams or to anybody in them. What hangs on a client is seen with the client.
 */
export async function visibleTo(tenant: Tenant, person: Person, of: NounName): Promise<Sql> {
  if (person.role === 'admin' || of === 'directory' || of === 'itemPrices' || of === 'ownFields') return seesAll;
  const { teams, people } = await circleOf(tenant, person);
  const seen = seenClient('r', teams, people);
  if (of === 'clients') return seen;
  const ofClient = (column: string) => sql<boolean>`(${sql.ref(column)} is null or exists (select from records c
    where c.organisation_id = r.organisation_id and c.collection = 'clients' and c.id = ${sql.ref(column)} and ${seenClient('c', teams, people)}))`;
  if (of === 'contacts' || of === 'locations') return ofClient('r.parent_id');
  if (of === 'locationContacts' || of === 'locationItemPrices')
    return sql`exists (select from records l where l.organisation_id = r.organisation_id and l.collection = 'locations' and l.id = r.parent_id
      and ${ofClient('l.parent_id')})`;
  return sql`(${ofClient('r.parent_id')} and ${seen})`;
}

/** A live record, if the person may see it. An activity is seen with what it hangs on. */
export async function seenBy<N extends NounName>(tenant: Tenant, person: Person, of: N, id: string): Promise<Kept<N> | null> {
  const kept = isId(id) ? (await tenant.get(of, [id]))[0] : undefined;
  if (kept === undefined || kept.record.deletedAt !== null) return null;
  if (of === 'activities') {
    const on = parentsOf(of, kept.record)[0];
    return on?.of !== null && on !== undefined && (await seenBy(tenant, person, on.of, on.id)) !== null ? kept : null;
  }
  const seen = await sql`select from records r where r.organisation_id = ${tenant.organisation} and r.collection = ${of} and r.id = ${id}
    and ${await visibleTo(tenant, person, of)}`.execute(tenant.tx);
  return seen.rows.length === 0 ? null : kept;
}

interface Circle {
  teams: string[];
  people: string[];
}
/** Asked once a transaction. */
const circles = new WeakMap<Tenant, Promise<Circle>>();

function circleOf(tenant: Tenant, person: Person): Promise<Circle> {
  const known = circles.get(tenant) ?? readCircle(tenant, person);
  circles.set(tenant, known);
  return known;
}

async function readCircle(tenant: Tenant, person: Person): Promise<Circle> {
  if (person.role !== 'manager') return { teams: [], people: [person.userId] };
  const found = await sql<{ id: string; members: string[] }>`select id, doc -> 'memberIds' as members from records
    where organisation_id = ${tenant.organisation} and collection = 'directory' and deleted_at is null
    and doc -> 'memberIds' ? ${person.userId}`.execute(tenant.tx);
  return {
    teams: found.rows.map(({ id }) => id),
    people: [...new Set([person.userId, ...found.rows.flatMap(({ members }) => members)])],
  };
}

function seenClient(alias: string, teams: readonly string[], people: readonly string[]): Sql {
  const owners = sql.ref(`${alias}.owners`);
  return sql`(${owners} = '{}' or ${owners} && ${[...people, ...teams]}::text[])`;
}
