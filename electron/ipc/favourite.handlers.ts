import { implement } from '../../shared/contracts/contract.ts';
import { favouriteContract } from '../../shared/contracts/favourite.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const favouriteHandlers = ({ favourites }: BookServices) =>
  implement(favouriteContract, {
    list: () => favourites.list(),
    put: async ({ noun, id, isFavourite }) => {
      await favourites.put(noun, id, isFavourite);
      return {};
    },
  });
