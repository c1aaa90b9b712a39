import { type RawBuilder, sql } from 'kysely';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { Checkpoint, PullRequest, ResyncReason } from '../../shared/sync/wire.ts';
import type { Person } from '../auth/sessions.ts';
import { circleOf, operationSeenIn, seenIn } from '../auth/visibility.ts';
import { openOperation } from '../store/operation-log.ts';
import { seesAll, type Sql } from '../store/sight.ts';
import type { SecretSeal } from '../store/secret-seal.ts';
import type { Tenant } from '../store/tenant.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';

/** Bytes of one page as the database keeps them, which is three or four times less than they are on the way. */
export const pageBytes = 2 * 1024 * 1024;

export type PullResult = { resync: ResyncReason } | { body: string; more: boolean };

interface PageRow {
  seq: number;
  id: string;
  shown: boolean;
  body: string | null;
  /** Rows that there are for this page, before it was cut to its size. */
  found: number;
}

/**
 * A page of what changed in one collection since a checkpoint, as the text it is sent as. Whoever writes holds the
 * organisation's lock until the end, so whoever sees one number sees every lower one too: nothing is passed over.
 */
export async function pull(tenant: Tenant, secrets: SecretSeal, person: Person, request: PullRequest, now: string): Promise<PullResult> {
  const { entered } = tenant;
  const { collection, limit } = request;
  const { checkpoint, reason, seen } = await startOf(tenant, person, collection, request.checkpoint);
  if (reason !== null) return { resync: reason };
  // A laptop asks collection by collection, and mostly nothing is new in any.
  const { rows } =
    checkpoint.seq >= entered.seq ? { rows: [] } : await pageOf(tenant, seen, collection, checkpoint, limit).execute(tenant.tx);
  const more = rows.length > 0 && (rows.length === limit || rows.length < (rows[0] as PageRow).found);
  const last = rows.at(-1)?.seq ?? 0;
  // All that was there when the request began has been seen, also where nothing of it belongs to this collection.
  const end = Math.max(last, entered.seq);
  const next: Checkpoint = more ? { ...checkpoint, seq: last } : { ...checkpoint, seq: end, from: end };
  const texts = rows.map(({ seq, id, shown, body }) =>
    shown ? `{"seq":${seq},"record":${openedText(secrets, collection, body as string)}}` : `{"seq":${seq},"gone":${JSON.stringify(id)}}`,
  );
  return { body: `{"rows":[${texts.join(',')}],"checkpoint":${JSON.stringify(next)},"more":${more},"serverTime":"${now}"}`, more };
}

/**
 * What every look at a collection begins with: whether the device can go on from where it is, and which of the rows `r` its person sees.
 */
export async function startOf(
  tenant: Tenant,
  person: Person,
  collection: PullRequest['collection'],
  known: Checkpoint | null,
): Promise<{ checkpoint: Checkpoint; reason: ResyncReason | null; seen: Sql }> {
  const { entered } = tenant;
  const circle = await circleOf(tenant, person);
  const start: Checkpoint = { epoch: entered.epoch, seq: 0, from: entered.seq, view: circle.view };
  const checkpoint = known ?? start;
  const seen = collection === 'operations' ? operationSeenIn(circle) : seenIn(circle, collection);
  return { checkpoint, reason: resyncReason(checkpoint, start, entered.floor), seen };
}

/** Why a device cannot go on from a checkpoint; null where it can. */
export function resyncReason(checkpoint: Checkpoint, now: Checkpoint, floor: number): ResyncReason | null {
  if (checkpoint.epoch !== now.epoch) return 'restored';
  if (checkpoint.seq > now.from || checkpoint.from > now.from) return 'ahead';
  if (Math.max(checkpoint.seq, checkpoint.from) < floor) return 'too_old';
  return checkpoint.view === now.view ? null : 'view_changed';
}

function pageOf(
  tenant: Tenant,
  seen: Sql,
  collection: PullRequest['collection'],
  checkpoint: Checkpoint,
  limit: number,
): RawBuilder<PageRow> {
  const { organisation } = tenant;
  const table = sql.table(collection === 'operations' ? 'operations' : 'records');
  const of = collection === 'operations' ? sql`` : sql`and r.collection = ${sql.lit(collection)}`;
  // Of `from` the device has exactly what its person saw then, or nothing: only what moved since can be wrongly on it. Where the last page
  // ended says less: what had moved before it, and was changed after it, is on none of the pages yet.
  const since = checkpoint.from;
  // "Offset 0" keeps the condition of who sees what from being asked twice, and the order of the index.
  const shown =
    seen === seesAll
      ? sql`select r.seq, r.id, r.doc, true as shown from ${table} r
          where r.organisation_id = ${organisation} ${of} and r.seq > ${checkpoint.seq} order by r.seq limit ${limit}`
      : sql`select r.seq, r.id, r.doc, r.shown from (
            select r.seq, r.id, r.doc, r.moved_seq, ${seen} as shown from ${table} r
            where r.organisation_id = ${organisation} ${of} and r.seq > ${checkpoint.seq} order by r.seq offset 0
          ) r where r.shown or r.moved_seq > ${since} order by r.seq limit ${limit}`;
  return sql<PageRow>`select r.seq, r.id, r.shown, r.found, case when r.shown then r.doc::text end as body from (
      select r.*, pg_column_size(r.doc) as bytes, sum(pg_column_size(r.doc)) over (order by r.seq) as upto, count(*) over ()::int as found
      from (${shown}) r
    ) r where r.upto - r.bytes < ${pageBytes} order by r.seq`;
}

/** A body with its secrets opened: on its way TLS keeps them, and laptops seal them again. Nearly no record has any. */
export function openedText(secrets: SecretSeal, collection: PullRequest['collection'], body: string): string {
  if (!body.includes('"sealed:v1:')) return body;
  return JSON.stringify(isNounName(collection) ? secrets.open(collection, JSON.parse(body) as StoredRecord) : openOperation(secrets, body));
}
