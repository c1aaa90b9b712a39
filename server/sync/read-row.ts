import type { z } from 'zod';
import { type NounName, nouns } from '../../shared/nouns/nouns.ts';
import { type Operation, operationSchema } from '../../shared/operations/operation.ts';
import { isSealed, turnSecrets } from '../../shared/nouns/secret.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { recordRules, type RecordRules } from '../../shared/nouns/record-rules.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { isAhead, type RowProblem, rowProblem, stampProblem } from '../../shared/sync/row-check.ts';
import type { Stamps } from '../../shared/sync/stamp.ts';
import type { PushedRow } from '../../shared/sync/wire.ts';
import { saySchema } from '../../shared/words/say.ts';

/** A pushed row by itself, before anything is known of what the server has. */
export type ReadRow =
  | { is: 'record'; of: NounName; record: SyncedRecord; assumed: Stamps | null }
  | { is: 'operation'; operation: Operation }
  | { is: 'rejected'; problem: RowProblem };

export function readRow({ collection, assumed, record }: PushedRow, now: number): ReadRow {
  if (hasNul(record) || hasTakenName(record))
    return { is: 'rejected', problem: rowProblem('invalid', null, 'There is a character or a name in it that no record can have.') };
  if (!isNounName(collection)) return readOperation(record, now);
  const found = recordProblem(collection, record) ?? stampProblem((record as SyncedRecord).stamps, now);
  return found === null ? { is: 'record', of: collection, record: record as SyncedRecord, assumed } : { is: 'rejected', problem: found };
}

const operationStamp = /^[0-9a-f]{16}-[\w-]{1,100}$/;

function readOperation(record: object, now: number): ReadRow {
  const parsed = operationSchema.safeParse(record);
  if (!parsed.success) return { is: 'rejected', problem: issueProblem(parsed.error) };
  const { id, stamp, changes } = parsed.data;
  const isLong = [id, ...changes.flatMap((change) => [change.collection, change.id])].some((text) => text.length > 100);
  if (isLong || !operationStamp.test(stamp)) return { is: 'rejected', problem: rowProblem('invalid', isLong ? 'changes' : 'stamp') };
  if (isAhead(stamp, now)) return { is: 'rejected', problem: rowProblem('clock_ahead', 'stamp') };
  // As it came: a later version may say more of it.
  return { is: 'operation', operation: record as Operation };
}

/** The laptops' own schema of the noun; what it would change in a value is not the form that value is kept in. */
function recordProblem(of: NounName, record: Record<string, unknown>): RowProblem | null {
  const parsed = (nouns[of].schema as z.ZodType<Record<string, unknown>>).safeParse(record);
  if (!parsed.success) return issueProblem(parsed.error);
  const other = Object.keys(record).find((field) => Object.hasOwn(parsed.data, field) && !isSame(parsed.data[field], record[field]));
  if (other !== undefined) return rowProblem('invalid', other);
  if (!isStamps(record['stamps'])) return rowProblem('invalid', 'stamps');
  let isSecretSealed = false;
  turnSecrets(of, String(record['id']), record, (_place, text) => {
    isSecretSealed ||= isSealed(text);
    return text;
  });
  if (isSecretSealed)
    return rowProblem('invalid', null, 'Banking data that is sealed on the device cannot be read here. Leave the field out.');
  const { id: idOf } = recordRules[of] as RecordRules<never>;
  if (idOf !== undefined && idOf(parsed.data as never) !== record['id'])
    return rowProblem('invalid', 'id', 'The id of this record follows from its fields.');
  return null;
}

function isStamps(value: unknown): value is Stamps {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((one) => typeof one === 'string')
  );
}

function issueProblem(error: z.ZodError): RowProblem {
  const issue = error.issues[0];
  return rowProblem(
    'invalid',
    issue === undefined || issue.path.length === 0 ? null : String(issue.path[0]),
    issue && saySchema(issue.message),
  );
}

/** No text of PostgreSQL has this character in it. */
function hasNul(record: object): boolean {
  // Written as six letters, it may also be just that: only then is every text looked at.
  return JSON.stringify(record).includes('\\u0000') && anyText(record, (text) => text.includes('\u0000'));
}

/** A member of this name is no member: copied from one object to the next it is another object's. */
function hasTakenName(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasTakenName);
}

function anyText(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, part]) => test(name) || anyText(part, test));
}
