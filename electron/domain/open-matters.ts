import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { Answered, KeptConflict, Meeting, Refusal, SetAside, SyncPart } from '../../shared/sync/sync-part.ts';

export const keyOf = (collection: string, id: string) => `${collection}/${id}`;

/** What a sync left for somebody to look at, until it is answered. `isSettled` says whether a record waits no more. */
export function createOpenMatters(isSettled: (key: string) => boolean) {
  const conflicts = new Map<string, KeptConflict>();
  const refused = new Map<string, Refusal>();
  const setAside = new Map<string, SetAside>();
  const meetings = new Map<string, Meeting>();

  function apply(part: SyncPart): void {
    for (const conflict of part.conflicts ?? []) conflicts.set(conflict.id, conflict);
    for (const id of part.settled ?? []) if (!conflicts.delete(id)) setAside.delete(id);
    for (const key of part.accepted ?? []) refused.delete(key);
    for (const refusal of part.refused ?? []) refused.set(keyOf(refusal.collection, refusal.id), refusal);
    for (const one of part.setAside ?? []) setAside.set(one.id, one);
    for (const one of part.meetings ?? []) meetings.set(keyOf(one.collection, one.id), one);
    for (const key of part.met ?? []) meetings.delete(key);
    answer(part);
  }

  /** Of an operation that others have passed: which copy the server had then is old news, what has to be looked at is not. */
  function applyLate(part: SyncPart): void {
    for (const conflict of part.conflicts ?? []) conflicts.set(conflict.id, conflict);
    for (const one of part.setAside ?? []) setAside.set(one.id, one);
    answer(part);
  }

  function answer({ answered, reopened }: SyncPart): void {
    if (answered !== undefined) close(answered);
    if (reopened !== undefined) reopen(reopened);
  }

  function close({ conflicts: answered = [], refused: seen = [], setAside: aside = [] }: Answered): void {
    for (const { id } of answered) conflicts.delete(id);
    for (const { collection, id } of seen) refused.delete(keyOf(collection, id));
    for (const { id } of aside) setAside.delete(id);
  }

  /** A refusal whose record was changed since, or taken, is over. */
  function reopen({ conflicts: answered = [], refused: seen = [], setAside: aside = [] }: Answered): void {
    for (const conflict of answered) conflicts.set(conflict.id, conflict);
    for (const one of aside) setAside.set(one.id, one);
    for (const refusal of seen) {
      const key = keyOf(refusal.collection, refusal.id);
      const isOver = isNounName(refusal.collection) && isSettled(key);
      if (!isOver && !refused.has(key)) refused.set(key, refusal);
    }
  }

  return { conflicts, refused, setAside, meetings, apply, applyLate };
}
