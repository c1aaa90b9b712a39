import type { DuplicateNoun, LikeRecord } from '../../shared/contracts/duplicate.contract.ts';
import { crm, settled } from './crm.ts';

/** Records that may be what is being typed; none where they cannot be asked for, since this is only a hint. */
export async function recordsLike(noun: DuplicateNoun, fields: Record<string, unknown>): Promise<readonly LikeRecord[]> {
  const result = await settled(() => crm().duplicates.like({ noun, fields, limit: 3 }));
  return result.ok ? result.value.records : [];
}
