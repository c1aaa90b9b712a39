import type { TagNoun } from '../../shared/contracts/tag.contract.ts';
import { crm, settled } from './crm.ts';
import { useQuery } from './query.ts';

export const tagsApi = {
  inUse: (collection: TagNoun | null) => settled(() => crm().tags.inUse({ collection })),
  put: (input: { collection: TagNoun; ids: string[]; add: string[]; remove: string[] }) => settled(() => crm().tags.put(input)),
  rename: (from: string, to: string | null) => settled(() => crm().tags.rename({ from, to })),
};

export function useTags(): { tag: string; records: number }[] | undefined {
  return useQuery('tags', () => crm().tags.inUse({})).data?.tags;
}
