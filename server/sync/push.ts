import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type NounName, nounNames, parentsOf } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { sharedBlank } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { checkRow, type RowProblem, rowProblem } from '../../shared/sync/row-check.ts';
import { newestStamp, stampSource } from '../../shared/sync/stamp.ts';
import type { PushRequest, ResyncReason, Verdict } from '../../shared/sync/wire.ts';
import type { Person } from '../auth/sessions.ts';
import { type Circle, circleOf, isOf, namedTo, operationSeenIn, seenOfAny } from '../auth/visibility.ts';
import type { FileStore } from '../store/file-store.ts';
import { operationLogOf } from '../store/operation-log.ts';
import { newRecipients, takeRecipients } from '../store/recipient-limit.ts';
import type { SecretSeal } from '../store/secret-seal.ts';
import type { Kept, Tenant, Write } from '../store/tenant.ts';
import { tooManyDeletions } from './guard.ts';
import { type ReadRow, readRow } from './read-row.ts';
import { rowRights } from './rights.ts';
import { settle, settler } from './settle.ts';

export interface PushDeps {
  secrets: SecretSeal;
  files: FileStore;
  clock: Clock;
  /** Recipients of one person's e-mails in an hour. */
  recipientsPerHour: number;
}

export type PushResult =
  | { verdicts: Verdict[] }
  | { refused: 'batch_reused' }
  | { refused: 'mass_delete'; deletions: Record<string, number> }
  | { refused: 'resync_required'; reason: ResyncReason };

/** A push that was read and checked as far as that needs no lock: the next one waits only for the database. */
export interface ReadPush {
  request: PushRequest;
  rows: ReadRow[];
  /** The same for the same rows. */
  digest: string;
}

export function readPush(request: PushRequest, now: number): ReadPush {
  const digest = createHash('sha256').update(JSON.stringify(request.rows)).digest('base64');
  return { request, rows: request.rows.map((row) => readRow(row, now)), digest };
}

/** What is there for a row, as its person may know it. */
interface Current {
  kept: Kept;
  seq: number;
  isSeen: boolean;
}

/** Writes what can be written of a push, all of it with its receipt or nothing, and says of each row what became of it. */
export async function push(tenant: Tenant, person: Person & { sessionId: string }, read: ReadPush, deps: PushDeps): Promise<PushResult> {
  const { request, rows } = read;
  const { entered } = tenant;
  if (request.epoch !== entered.epoch) return { refused: 'resync_required', reason: 'restored' };
  if (request.seen < entered.floor) return { refused: 'resync_required', reason: 'too_old' };
  const lock = await tenant.lock();
  // Under the lock: a team that changes meanwhile changes before or after all of this.
  const circle = await circleOf(tenant, person);
  const receipt = await receiptOf(tenant, person.sessionId, request.batchId);
  if (receipt !== null)
    return receipt.digest === read.digest
      ? { verdicts: await withCurrents(tenant, circle, read, receipt.verdicts, lock.seq) }
      : { refused: 'batch_reused' };

  const records = rows.flatMap((row) => (row.is === 'record' ? [{ of: row.of, id: row.record.id }] : []));
  const currents = await currentsOf(tenant, circle, records);
  const log = operationLogOf(tenant, deps.secrets);
  const logged = await log.find(rows.flatMap((row) => (row.is === 'operation' ? [row.operation.id] : [])));
  const hidden = await hiddenParents(tenant, circle, rows);

  const checksums = checksumsOf(rows);
  const named = checksums.filter((one) => one !== null);
  // Administrators may know of every file.
  const knownFiles = circle.ids === null ? new Set(named) : await namedTo(tenant, circle, named);

  const rights = await rowRights(tenant, person, rows, currents);

  const writes: Write[] = [];
  const appended: Operation[] = [];
  const judged = async (row: ReadRow, at: number): Promise<Verdict> => {
    const id = (request.rows[at] as PushRequest['rows'][number]).record.id;
    const ok: Verdict = { id, verdict: 'ok', seq: lock.seq };
    const rejected = ({ code, field, message }: RowProblem): Verdict => ({ id, verdict: 'rejected', code, field, message });
    switch (row.is) {
      case 'rejected':
        return rejected(row.problem);
      case 'operation': {
        const before = logged.get(id);
        if (before !== undefined) return isSame(before, row.operation) ? ok : rejected(rowProblem('immutable'));
        appended.push(row.operation);
        return ok;
      }
      case 'record': {
        const { of, record, assumed } = row;
        const current = currents.get(keyOf(of, id)) ?? null;
        const there = current === null ? null : asSynced(current.kept);
        const check = checkRow(there, assumed, record);
        // Whoever sends exactly what is there has seen it. One who does not see it any more, and was not told because they began
        // anew since, is told now.
        if (check.is === 'same') {
          if (current?.isSeen === false && current.seq <= request.seen)
            writes.push({ of, before: current.kept, after: current.kept.record as StoredRecord, isHidden: true });
          return ok;
        }
        if (current?.isSeen === false || hidden.has(keyOf(of, id))) return rejected(rowProblem('not_visible'));
        if (check.is === 'conflict')
          return { id, verdict: 'conflict', seq: lock.seq, current: there as (Verdict & { verdict: 'conflict' })['current'] };
        // Held against what is there now: what a colleague changed meanwhile is no change of theirs.
        const refusal = rights.problem(of, (current?.kept.record as StoredRecord | undefined) ?? null, record);
        if (refusal !== null) return rejected(refusal);
        if (check.is === 'rejected') return rejected(check.problem);
        // What a version older than this one does not know is at its default.
        const after = { ...sharedBlank(of), ...check.record } as unknown as StoredRecord;
        const recipients = newRecipients(lock.device, (current?.kept.record as StoredRecord | undefined) ?? null, after);
        const most = deps.recipientsPerHour;
        if ((await takeRecipients(tenant, person.userId, recipients, { most, now: deps.clock.now() })) > 0)
          return rejected(rowProblem('invalid', 'recipients', `E-mails to more than ${most} people an hour do not leave. Send it later.`));
        writes.push({ of, before: current?.kept ?? null, after, isHidden: current === null && !isOf(circle, of, after) });
        return ok;
      }
    }
  };
  const verdicts: Verdict[] = [];
  for (const [at, row] of rows.entries()) verdicts.push(await judged(row, at));

  const deletions = writes.filter(({ before, after }) => before?.record.deletedAt === null && after.deletedAt !== null);
  const tooMany = await tooManyDeletions(
    tenant,
    deletions.map(({ of, after }) => ({ of, record: after as unknown as SyncedRecord })),
    circle,
    request.confirmedDeletions ?? 0,
  );
  if (tooMany !== null) return { refused: 'mass_delete', deletions: tooMany };

  const stamps = [lock.newestStamp ?? '', ...writes.map(({ after }) => newestStamp(after.stamps)), ...appended.map(({ stamp }) => stamp)];
  const clock = stampSource(settler, () => deps.clock.now(), stamps.toSorted().at(-1) || null);
  const kept = await tenant.put(writes, clock.newest(), true);
  await log.append(appended);
  const touched = [...appended, ...logged.values()].flatMap(({ changes }) => changes.map(({ collection }) => collection));
  const nouns = nounNames.filter((noun) => touched.includes(noun));
  if (circle.ids !== null) await log.markHidden(appended, [...logged.keys()], request.seen, operationSeenIn(circle, nouns));
  const written = writes.map(({ of, before }, at) => ({ of, before, kept: kept[at] as Kept }));
  const settled = await settle(tenant, written, rights.author, () => clock.next(), deps.clock);
  await tenant.put(settled, clock.newest());
  const answer = await withMissingFiles(tenant, deps.files, { checksums, known: knownFiles }, verdicts);
  await keepReceipt(tenant, person.sessionId, read, answer, deps.clock.now());
  return { verdicts: answer };
}

const keyOf = (of: string, id: string) => `${of} ${id}`;
const asSynced = ({ record }: Kept) => record as unknown as SyncedRecord;

async function currentsOf({ tx, organisation, opened }: Tenant, circle: Circle, wanted: readonly { of: NounName; id: string }[]) {
  const found = new Map<string, Current>();
  if (wanted.length === 0) return found;
  const { rows } = await sql<{ collection: NounName; id: string; doc: unknown; number: number; seq: number; seen: boolean }>`
    select r.collection, r.id, r.doc, r.number, r.seq, ${seenOfAny(
      circle,
      wanted.map(({ of }) => of),
    )} as seen
    from unnest(${wanted.map(({ of }) => of)}::text[], ${wanted.map(({ id }) => id)}::text[]) as w(collection, id)
    join records r on r.organisation_id = ${organisation} and r.collection = w.collection and r.id = w.id`.execute(tx);
  for (const row of rows)
    found.set(keyOf(row.collection, row.id), { kept: opened(row.collection, [row])[0] as Kept, seq: row.seq, isSeen: row.seen });
  return found;
}

/** Rows that are to hang on something the person does not see. What is not there hides nothing. */
async function hiddenParents({ tx, organisation }: Tenant, circle: Circle, rows: readonly ReadRow[]): Promise<Set<string>> {
  if (circle.ids === null) return new Set();
  const hanging = rows.flatMap((row) =>
    row.is === 'record'
      ? parentsOf(row.of, row.record).flatMap(({ of, id }) => (of === null ? [] : [{ key: keyOf(row.of, row.record.id), of, id }]))
      : [],
  );
  if (hanging.length === 0) return new Set();
  const found = await sql<{ key: string }>`select w.key
    from unnest(${hanging.map(({ key }) => key)}::text[], ${hanging.map(({ of }) => of)}::text[], ${hanging.map(({ id }) => id)}::text[]) as w(key, collection, id)
    join records r on r.organisation_id = ${organisation} and r.collection = w.collection and r.id = w.id
    where not ${seenOfAny(
      circle,
      hanging.map(({ of }) => of),
    )}`.execute(tx);
  return new Set(found.rows.map(({ key }) => key));
}

/** The file that each row names. */
const checksumsOf = (rows: readonly ReadRow[]): (string | null)[] =>
  rows.map((row) => {
    const sha256 = row.is === 'record' && row.of === 'activities' ? row.record['sha256'] : null;
    return typeof sha256 === 'string' ? sha256 : null;
  });

/**
 * Says of each file that is not there yet that it is missing; those that are there stay for the full time again. One that the
 * person did not see until now is missing too, whether a colleague has it or not.
 */
async function withMissingFiles(
  tenant: Tenant,
  files: FileStore,
  { checksums, known }: { checksums: readonly (string | null)[]; known: ReadonlySet<string> },
  verdicts: readonly Verdict[],
): Promise<Verdict[]> {
  const taken = new Set(checksums.filter((one, at) => one !== null && verdicts[at]?.verdict === 'ok') as string[]);
  const there = new Set((await files.hold(tenant, [...taken])).map(({ sha256 }) => sha256));
  return verdicts.map((verdict, at) => {
    const sha256 = checksums[at] ?? null;
    const isMissing = sha256 !== null && !(there.has(sha256) && known.has(sha256));
    return verdict.verdict === 'ok' && isMissing ? { ...verdict, missingFile: sha256 } : verdict;
  });
}

async function receiptOf({ tx }: Tenant, sessionId: string, batchId: string): Promise<{ digest: string; verdicts: Verdict[] } | null> {
  const row = await tx
    .selectFrom('receipts')
    .select(['digest', 'verdicts'])
    .where('session_id', '=', sessionId)
    .where('batch_id', '=', batchId)
    .executeTakeFirst();
  return row === undefined ? null : { digest: row.digest, verdicts: JSON.parse(row.verdicts) as Verdict[] };
}

/** Without the copies that conflicts come with: a receipt holds nothing of a customer. */
async function keepReceipt(
  { tx, organisation }: Tenant,
  sessionId: string,
  read: ReadPush,
  verdicts: readonly Verdict[],
  at: number,
): Promise<void> {
  const bare = verdicts.map((verdict) => (verdict.verdict === 'conflict' ? { ...verdict, current: null } : verdict));
  await tx
    .insertInto('receipts')
    .values({
      organisation_id: organisation,
      session_id: sessionId,
      batch_id: read.request.batchId,
      digest: read.digest,
      verdicts: JSON.stringify(bare),
      at,
    })
    .execute();
}

/** A receipt's verdicts, conflicts with the copy that is there now, as far as the person still sees it. */
async function withCurrents(
  tenant: Tenant,
  circle: Circle,
  { request, rows }: ReadPush,
  verdicts: readonly Verdict[],
  seq: number,
): Promise<Verdict[]> {
  const wanted = verdicts.flatMap((verdict, at) => {
    const row = rows[at];
    return verdict.verdict === 'conflict' && row?.is === 'record' ? [{ of: row.of, id: verdict.id }] : [];
  });
  const currents = await currentsOf(tenant, circle, wanted);
  return verdicts.map((verdict, at): Verdict => {
    const row = request.rows[at] as PushRequest['rows'][number];
    const current = verdict.verdict === 'conflict' ? currents.get(keyOf(row.collection, row.record.id)) : undefined;
    if (current === undefined || !current.isSeen) return verdict;
    return { id: verdict.id, verdict: 'conflict', seq, current: asSynced(current.kept) as never };
  });
}
