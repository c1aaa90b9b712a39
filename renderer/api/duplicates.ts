import type { DuplicateGroup, DuplicateNoun, LikeRecord, MergePreview, PastMerge } from '../../shared/contracts/duplicate.contract.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

/** Records that may be what is being typed; none where they cannot be asked for, since this is only a hint. */
export async function recordsLike(noun: DuplicateNoun, fields: Record<string, unknown>): Promise<readonly LikeRecord[]> {
  const result = await settled(() => crm().duplicates.like({ noun, fields, limit: 3 }));
  return result.ok ? result.value.records : [];
}

export const duplicates = {
  scan: () => settled(() => crm().duplicates.scan({})),
  cancelScan: () => settled(() => crm().duplicates.cancelScan({})),
  scanState: () => settled(() => crm().duplicates.scanState({})),
  groups: (noun: DuplicateNoun | null, offset: number, limit: number) => settled(() => crm().duplicates.groups({ noun, offset, limit })),
  preview: (order: MergeInput) => settled(() => crm().duplicates.preview(order)),
  merge: (order: MergeInput) => settled(() => crm().duplicates.merge(order)),
  keepApart: (noun: DuplicateNoun, ids: string[]) => settled(() => crm().duplicates.keepApart({ noun, ids })),
  takeApart: (noun: DuplicateNoun, id: string, operationId: string) => settled(() => crm().duplicates.takeApart({ noun, id, operationId })),
};

export interface MergeInput {
  noun: DuplicateNoun;
  ids: string[];
  keepId: string | null;
  choices: Record<string, string>;
}

export function useMerges(noun: DuplicateNoun | null, id: string): readonly PastMerge[] {
  const ask = () => crm().duplicates.mergesOf({ noun: noun ?? 'clients', id });
  return useQuery(noun === null ? null : `merges ${noun} ${id}`, ask).data?.merges ?? [];
}

export function useMergePreview(order: MergeInput): Answer<MergePreview> {
  return useQuery(`merge ${JSON.stringify(order)}`, () => duplicates.preview(order));
}

/** `turn` changes with every step of the search, which is no change of the book. */
export function useGroups(limit: number, turn: string): Answer<{ groups: DuplicateGroup[]; total: number }> {
  return useQuery(`groups ${limit} ${turn}`, () => duplicates.groups(null, 0, limit));
}
