import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type NounName, nounNames, nouns } from '../../shared/nouns/nouns.ts';
import { canBeId } from '../../shared/lib/ids.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { facetTerm, ownersOf, parentColumns } from '../store/record-row.ts';
import { seesAll, type Sight, type Sql } from '../store/sight.ts';
import type { Kept, Tenant } from '../store/tenant.ts';
import type { Person } from './sessions.ts';

/**
 * Whose records somebody sees: administrators all, members what is theirs or nobody's, managers also what belongs to
 * their teams or to anybody in them.
 */
export interface Circle {
  /** People and teams; null for somebody who sees all. */
  ids: readonly string[] | null;
  /** Changes with the circle: a device that pulled for another one has to begin anew. */
  view: string;
}

/** Asked once a transaction. */
const circles = new WeakMap<Tenant, Promise<Circle>>();

export function circleOf(tenant: Tenant, person: Person): Promise<Circle> {
  const known = circles.get(tenant) ?? readCircle(tenant, person);
  circles.set(tenant, known);
  return known;
}

async function readCircle(tenant: Tenant, person: Person): Promise<Circle> {
  if (person.role === 'admin') return { ids: null, view: 'all' };
  if (person.role === 'member') return circle([person.userId]);
  const { rows } = await sql<{ id: string; members: string[] }>`select id, doc -> 'memberIds' as members from records
    where organisation_id = ${tenant.organisation} and collection = 'directory' and deleted_at is null
    and doc -> 'memberIds' ? ${person.userId}`.execute(tenant.tx);
  return circle([...new Set([person.userId, ...rows.flatMap(({ id, members }) => [id, ...members])])].toSorted());
}

function circle(ids: string[]): Circle {
  return { ids, view: createHash('sha256').update(ids.join(' ')).digest('base64url').slice(0, 22) };
}

/**
 * Whether the circle sees the record that `alias` stands for: it is nobody's or somebody's of the circle, and so is
 * everything that it hangs on. What hangs on a record that is not there (yet) is not hidden by it.
 */
export function seenIn({ ids }: Circle, of: NounName, alias = 'r'): Sql {
  if (ids === null || nouns[of].seenBy === 'everybody') return seesAll;
  const all: Sql[] = [];
  if (nouns[of].seenBy === 'owners')
    all.push(sql`(${sql.ref(`${alias}.owners`)} = '{}' or ${sql.ref(`${alias}.owners`)} && ${[...ids]}::text[])`);
  const parents = Object.entries(nouns[of].parents) as [string, NounName | { namedBy: string; of: object }][];
  for (const [at, [, parent]] of parents.entries()) {
    const column = parentColumns[at] as string;
    if (typeof parent === 'string') {
      if (nouns[parent].seenBy !== 'everybody') all.push(hangsOnSeen({ ids, view: '' }, parent, alias, column));
      continue;
    }
    // The record says itself what noun it hangs on.
    const cases = (Object.keys(parent.of) as NounName[]).map(
      (one) => sql`when ${sql.lit(one)} then ${hangsOnSeen({ ids, view: '' }, one, alias, column)}`,
    );
    all.push(sql`case ${sql.ref(`${alias}.doc`)} ->> ${sql.lit(parent.namedBy)} ${sql.join(cases, sql` `)} else true end`);
  }
  return all.length === 0 ? seesAll : sql`(${sql.join(all, sql` and `)})`;
}

/** The same for a record `alias` of one of these nouns, whichever. */
export function seenOfAny(circle: Circle, nouns: readonly NounName[], alias = 'r'): Sql {
  if (circle.ids === null) return seesAll;
  const cases = [...new Set(nouns)].map((of) => sql`when ${sql.lit(of)} then ${seenIn(circle, of, alias)}`);
  return sql`case ${sql.ref(`${alias}.collection`)} ${sql.join(cases, sql` `)} else false end`;
}

/**
 * An operation `r` is seen by whoever sees every record it touched; one of a record that is not here, by administrators. `touched`: nouns
 * that operations are known to be about; the fewer, the less the database has to prepare for.
 */
export function operationSeenIn(circle: Circle, touched: readonly NounName[] = nounNames): Sql {
  if (circle.ids === null) return seesAll;
  return sql`not exists (select from operation_records t where t.organisation_id = r.organisation_id and t.operation_id = r.id
    and not exists (select from records s where s.organisation_id = t.organisation_id and s.collection = t.collection and s.id = t.record_id
      and ${seenOfAny(circle, touched.length === 0 ? nounNames : touched, 's')}))`;
}

/** Whether a record is, by its own owners, the circle's or nobody's. */
export function isOf({ ids }: Circle, of: NounName, record: StoredRecord): boolean {
  if (ids === null || nouns[of].seenBy !== 'owners') return true;
  const owners = ownersOf(record);
  return owners.length === 0 || owners.some((owner) => ids.includes(owner));
}

function hangsOnSeen(who: Circle, of: NounName, alias: string, column: string): Sql {
  const above = `${alias}p`;
  return sql`not exists (select from records ${sql.ref(above)} where ${sql.ref(`${above}.organisation_id`)} = ${sql.ref(`${alias}.organisation_id`)}
    and ${sql.ref(`${above}.collection`)} = ${sql.lit(of)} and ${sql.ref(`${above}.id`)} = ${sql.ref(`${alias}.${column}`)}
    and not ${seenIn(who, of, above)})`;
}

/** What a person sees: the one condition that whatever is read for them is narrowed by. */
export async function sightOf(tenant: Tenant, person: Person): Promise<Sight> {
  const circle = await circleOf(tenant, person);
  return (of, alias) => seenIn(circle, of, alias);
}

/** A live record, if the person may see it. */
export async function seenBy<N extends NounName>(tenant: Tenant, person: Person, of: N, id: string): Promise<Kept<N> | null> {
  const kept = canBeId(id) ? (await tenant.get(of, [id]))[0] : undefined;
  if (kept === undefined || kept.record.deletedAt !== null) return null;
  const seen = await sql`select from records r where r.organisation_id = ${tenant.organisation} and r.collection = ${of} and r.id = ${id}
    and ${(await sightOf(tenant, person))(of, 'r')}`.execute(tenant.tx);
  return seen.rows.length === 0 ? null : kept;
}

/** Which of these files a live record that they see names: a content is seen with it. */
export async function namedTo({ tx, organisation }: Tenant, circle: Circle, checksums: readonly string[]): Promise<Set<string>> {
  if (checksums.length === 0) return new Set();
  const terms = checksums.map((sha256) => facetTerm('sha256', sha256));
  const { rows } = await sql<{ sha256: string }>`select distinct r.doc ->> 'sha256' as sha256 from terms t
    join records r on r.organisation_id = t.organisation_id and r.collection = t.collection and r.id = t.id
    where t.organisation_id = ${organisation} and t.collection = 'activities' and t.term = any(${terms}::text[])
    and ${seenIn(circle, 'activities')}`.execute(tx);
  return new Set(rows.map(({ sha256 }) => sha256));
}
