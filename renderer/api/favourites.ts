import { useMemo, useRef } from 'react';
import type { SearchHit } from '../../shared/contracts/search.contract.ts';
import type { Result } from '../../shared/lib/result.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { crm, settled } from './crm.ts';
import { askSettings, useSettings } from './live.ts';
import { useQuery } from './query.ts';

const none: readonly SearchHit[] = [];

/** The favourites by name, live: they change with the settings, and with the records that they are (or their clients are). */
export function useFavourites(): readonly SearchHit[] {
  const kept = useSettings()?.favourites;
  const ids = useMemo(() => Object.keys(kept ?? {}).toSorted(), [kept]);
  const { data } = useQuery(
    ids.length === 0 ? null : `favourites ${ids.join(' ')}`,
    () => crm().favourites.list({}),
    (change, answered) => {
      const shown = (answered as { hits: SearchHit[] } | undefined)?.hits ?? none;
      const known = new Set([...ids, ...shown.map(({ id }) => id)]);
      return (
        change.clients.length > 0 || Object.values(change).some((touched) => Array.isArray(touched) && touched.some((id) => known.has(id)))
      );
    },
  );
  // With one more or one less it is another question: until it is answered, what was there stays.
  const last = useRef(none);
  if (ids.length === 0) last.current = none;
  else if (data !== undefined) last.current = data.hits;
  return last.current;
}

export function useFavouriteIds(): ReadonlySet<string> {
  const hits = useFavourites();
  return useMemo(() => new Set(hits.map(({ id }) => id)), [hits]);
}

/** Answered when it is kept, with the settings as they are then. */
export async function putFavourite(noun: NounName, id: string, isFavourite: boolean): Promise<Result<object>> {
  const result = await settled(() => crm().favourites.put({ noun, id, isFavourite }));
  if (result.ok) await askSettings();
  return result;
}
