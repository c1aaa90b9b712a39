import { hash as hashOf } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { digestOf, rangeDigest } from '../../shared/sync/digest.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { compareLimits, type DigestAnswer, type DigestRequest, type RecordsRequest, type ResyncReason } from '../../shared/sync/wire.ts';
import type { Person } from '../auth/sessions.ts';
import type { SecretSeal } from '../store/secret-seal.ts';
import type { Tenant } from '../store/tenant.ts';
import { openedText, pageBytes, startOf } from './pull.ts';

const hash = (text: string) => hashOf('sha256', text, 'base64url');

/**
 * What the person sees of a collection, as digests of ranges of ids. One answer is about so many records and bytes as a page of a pull,
 * whatever was asked for: a large collection is told in several.
 */
export async function digests(
  tenant: Tenant,
  secrets: SecretSeal,
  person: Person,
  { collection, checkpoint, after, to, size }: DigestRequest,
): Promise<{ resync: ResyncReason } | { answer: DigestAnswer }> {
  const { reason, seen } = await startOf(tenant, person, collection, checkpoint);
  if (reason !== null) return { resync: reason };
  const wanted = sql`select r.id, r.doc from records r where r.organisation_id = ${tenant.organisation} and r.collection = ${sql.lit(collection)}
    and r.id > ${after} ${to === null ? sql`` : sql`and r.id <= ${to}`} and ${seen} order by r.id limit ${compareLimits.digestRows}`;
  const { rows } = await cut<{ id: string; body: string }>(sql`r.id, r.doc::text as body`, wanted).execute(tenant.tx);
  const ranges: DigestAnswer['ranges'] = [];
  for (let at = 0; at < rows.length; at += size) {
    const some = rows.slice(at, at + size);
    const each = some.map(({ body }) => digestOf(collection, opened(secrets, collection, body), hash));
    ranges.push({ to: (some.at(-1) as { id: string }).id, count: some.length, digest: rangeDigest(each, hash) });
  }
  const more = rows.length === compareLimits.digestRows || rows.length < (rows[0]?.found ?? 0);
  return { answer: { ranges, upTo: more ? (ranges.at(-1)?.to ?? null) : to } };
}

/** The records of these ids as the person sees them, as the text they are sent as (`recordsAnswerSchema`). */
export async function records(
  tenant: Tenant,
  secrets: SecretSeal,
  person: Person,
  { collection, checkpoint, ids }: RecordsRequest,
): Promise<{ resync: ResyncReason } | { body: string }> {
  const { reason, seen } = await startOf(tenant, person, collection, checkpoint);
  if (reason !== null) return { resync: reason };
  const wanted = sql`select asked.at as id, asked.id as name, r.seq, case when ${seen} then r.doc end as doc
    from unnest(${[...new Set(ids)]}::text[]) with ordinality as asked(id, at)
    left join records r on r.organisation_id = ${tenant.organisation} and r.collection = ${sql.lit(collection)} and r.id = asked.id`;
  const { rows } = await cut<{ name: string; seq: number | null; body: string | null }>(
    sql`r.name, r.seq, r.doc::text as body`,
    wanted,
  ).execute(tenant.tx);
  const texts = rows.map(({ name, seq, body }) => {
    if (seq === null) return `{"unknown":${JSON.stringify(name)}}`;
    return body === null ? `{"gone":${JSON.stringify(name)}}` : `{"seq":${seq},"record":${openedText(secrets, collection, body)}}`;
  });
  return { body: `{"rows":[${texts.join(',')}],"seq":${tenant.entered.seq}}` };
}

/** The first of the wanted rows, in their order, that fit into one answer; one at least. `found`: how many there are. */
function cut<Row>(columns: RawBuilder<unknown>, wanted: RawBuilder<unknown>): RawBuilder<Row & { found: number }> {
  return sql<Row & { found: number }>`select ${columns}, r.found from (
      select r.*, coalesce(pg_column_size(r.doc), 0) as bytes, count(*) over ()::int as found,
        sum(coalesce(pg_column_size(r.doc), 0)) over (order by r.id) as upto from (${wanted}) r
    ) r where r.upto - r.bytes < ${pageBytes} order by r.id`;
}

function opened(secrets: SecretSeal, collection: NounName, body: string): SyncedRecord {
  const record = JSON.parse(body) as StoredRecord;
  return (body.includes('"sealed:v1:') ? secrets.open(collection, record) : record) as unknown as SyncedRecord; // a stored record has its stamps
}
