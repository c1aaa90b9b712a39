import { tagNouns, type TagNoun } from '../../shared/contracts/tag.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { fold, identityFold } from '../../shared/lib/text.ts';
import type { Book } from './book.ts';
import { notFound } from '../../shared/operations/transaction.ts';

interface Done {
  operationId: string | null;
  /** Records that changed. */
  changed: number;
}

export interface TagService {
  inUse(noun: TagNoun | null): { tag: string; records: number }[];
  put(noun: TagNoun, ids: readonly string[], add: readonly string[], remove: readonly string[]): Promise<Done>;
  rename(from: string, to: string | null): Promise<Done>;
}

const isSameTag = (left: string, right: string) => identityFold(left) === identityFold(right);

/** The list with a tag added, unless it is there in other letters. */
function withTag(tags: readonly string[], tag: string): string[] {
  return tags.some((one) => isSameTag(one, tag)) ? [...tags] : [...tags, tag];
}

export function createTagService(book: Book): TagService {
  const doneOf = (operation: { id: string; changes: readonly unknown[] } | null): Done => ({
    operationId: operation?.id ?? null,
    changed: operation?.changes.length ?? 0,
  });
  return {
    inUse(noun) {
      const counts = new Map<string, number>();
      for (const one of noun === null ? tagNouns : [noun]) {
        for (const { deletedAt, tags } of book.mentioning(one, 'tags')) {
          if (deletedAt === null) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
        }
      }
      return [...counts]
        .map(([tag, records]) => ({ tag, records }))
        .toSorted((a, b) => b.records - a.records || (fold(a.tag) < fold(b.tag) ? -1 : 1));
    },
    async put(noun, ids, add, remove) {
      const { operation } = await book.run('tags.put', null, (tx) => {
        for (const id of new Set(ids)) {
          const record = tx.get(noun, id);
          if (record === null) throw new ProblemError(notFound(noun));
          if (record.deletedAt !== null) continue;
          const left = record.tags.filter((tag) => !remove.some((one) => isSameTag(one, tag)));
          tx.change(noun, id, { tags: add.reduce(withTag, left) });
        }
      });
      return doneOf(operation);
    },
    async rename(from, to) {
      const { operation } = await book.run('tags.rename', null, (tx) => {
        for (const noun of tagNouns) {
          for (const { id, deletedAt, tags } of book.mentioning(noun, 'tags')) {
            // Deleted records keep theirs: they come back as they went.
            if (deletedAt !== null || !tags.includes(from)) continue;
            // Other commands of the same batch may have changed it since.
            const now = tx.get(noun, id)?.tags ?? [];
            const renamed = now.flatMap((tag) => (tag === from ? (to === null ? [] : [to]) : [tag]));
            tx.change(noun, id, { tags: renamed.reduce(withTag, [] as string[]) });
          }
        }
      });
      return doneOf(operation);
    },
  };
}
