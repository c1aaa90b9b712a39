import { mostFavourites } from '../../shared/contracts/favourite.contract.ts';
import type { SearchHit } from '../../shared/contracts/search.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { type NounName, placeNouns } from '../../shared/nouns/nouns.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import { notFound } from '../../shared/operations/transaction.ts';
import { words } from '../../shared/words/words.ts';
import type { BookReader } from './book.ts';
import type { SearchService } from './search/search.service.ts';
import type { SettingsService } from './settings.service.ts';

export interface FavouriteService {
  /** Those that are there, by name; a merged one as the record it was merged into, once. */
  list(): { hits: SearchHit[] };
  put(noun: NounName, id: string, isFavourite: boolean): Promise<void>;
}

const byTitle = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function createFavouriteService(deps: {
  book: Pick<BookReader, 'get'>;
  search: Pick<SearchService, 'hitOf'>;
  settings: SettingsService;
}): FavouriteService {
  const { book, search, settings } = deps;
  const standsFor = (noun: NounName, id: string) => survivorOf((one) => book.get(noun, one), id)?.id ?? id;

  return {
    list() {
      const hits = new Map<string, SearchHit>();
      for (const [id, noun] of Object.entries(settings.get().favourites)) {
        // A deleted one is a favourite again when it is restored.
        const hit = search.hitOf(noun, standsFor(noun, id));
        if (hit !== null) hits.set(hit.id, hit);
      }
      return { hits: [...hits.values()].sort((one, other) => byTitle.compare(one.title, other.title)) };
    },
    async put(noun, id, isFavourite) {
      const before = settings.get().favourites;
      const wanted = standsFor(noun, id);
      // What was merged into it went by another id when it was chosen.
      const others = Object.fromEntries(Object.entries(before).filter(([one, of]) => of !== noun || standsFor(of, one) !== wanted));
      if (!isFavourite) return void (await settings.change({ favourites: others }));
      if (!placeNouns.includes(noun) || search.hitOf(noun, wanted) === null) throw new ProblemError(notFound(noun));
      if (Object.keys(others).length >= mostFavourites)
        throw new ProblemError({ code: 'TOO_MANY_FAVOURITES', ...words('records.tooManyFavourites', { most: mostFavourites }) });
      await settings.change({ favourites: { ...others, [wanted]: noun } });
    },
  };
}
