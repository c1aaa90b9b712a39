import type { Book } from '../domain/book.ts';
import type { OpenDecision } from '../domain/today-rows.ts';
import type { Remotes } from './remotes.ts';

/** What all servers of the book left for a person to decide about, by record; what it is called is not looked up. */
export function openDecisions({ sync }: Pick<Book, 'sync'>, remotes: Remotes): OpenDecision[] {
  const open = remotes.list().filter(({ questions }) => {
    const { conflicts, refused } = questions?.open() ?? { conflicts: 0, refused: 0 };
    return conflicts + refused > 0;
  });
  const as =
    (kind: OpenDecision['kind']) =>
    ({ collection, recordId, at }: Omit<OpenDecision, 'kind'>): OpenDecision => ({ kind, collection, recordId, at });
  return [
    ...[...sync.conflicts.values()].map(as('conflict')),
    ...open.flatMap(({ questions }) => questions?.conflicts() ?? []).map(as('conflict')),
    ...[...sync.refused.values()].map(({ collection, id, at }) => as('refused')({ collection, recordId: id, at })),
    ...[...sync.setAside.values()].map(as('refused')),
    // A record that the book refused as a whole has nothing to lead to: it stands on the Sync page alone.
    ...open
      .flatMap(({ questions }) => questions?.refused() ?? [])
      .flatMap(({ recordId, ...one }) => (recordId === null ? [] : [as('refused')({ ...one, recordId })])),
  ];
}
