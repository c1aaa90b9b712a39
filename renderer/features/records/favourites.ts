import type { NounName } from '../../../shared/nouns/nouns.ts';
import { putFavourite } from '../../api/favourites.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';

/** Gives a record its star or takes it, and says so. The same key or the same button takes it back. */
export async function changeFavourite(noun: NounName, id: string, title: string, isFavourite: boolean): Promise<void> {
  const result = await putFavourite(noun, id, isFavourite);
  if (!result.ok) return showProblem(result.error);
  announce(isFavourite ? `${title} is a favourite now` : `${title} is no favourite any more`);
}
