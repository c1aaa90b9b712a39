import { type NounName, nounNames, parentsOf } from '../../shared/nouns/nouns.ts';
import { waits } from '../../shared/sync/replica.ts';
import type { SyncTurn } from '../domain/book.ts';
import { keyOf } from '../domain/open-matters.ts';
import type { Taking } from './take-rows.ts';

/** What is not on the server, with what it hangs on, by `collection/id`: whatever else leaves this laptop, this stays. */
export function unsentWithParents(turn: Pick<SyncTurn, 'get' | 'all'> & { state: Pick<SyncTurn['state'], 'replicaOf'> }): Set<string> {
  const stays = new Set<string>();
  const stay = (noun: NounName, id: string) => {
    const record = turn.get(noun, id);
    if (record === undefined || stays.has(keyOf(noun, id))) return;
    stays.add(keyOf(noun, id));
    for (const parent of parentsOf(noun, record)) if (parent.of !== null) stay(parent.of, parent.id);
  };
  for (const noun of nounNames)
    for (const { id } of turn.all(noun)) {
      const replica = turn.state.replicaOf(noun, id);
      if (replica === null || waits(replica)) stay(noun, id);
    }
  return stays;
}

/** Takes from the laptop what the server has; what waits stays, with what it hangs on. */
export function dropSent(turn: SyncTurn, taking: Taking, code: string): void {
  const stays = unsentWithParents(turn);
  for (const noun of nounNames)
    for (const { id } of turn.all(noun)) {
      const replica = turn.state.replicaOf(noun, id);
      if (replica !== null && !stays.has(keyOf(noun, id))) taking.drop(noun, replica, { code, message: '' });
    }
}
