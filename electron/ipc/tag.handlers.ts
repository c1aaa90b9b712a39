import { implement } from '../../shared/contracts/contract.ts';
import { tagContract } from '../../shared/contracts/tag.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const tagHandlers = ({ tags }: BookServices) =>
  implement(tagContract, {
    inUse: ({ collection }) => ({ tags: tags.inUse(collection) }),
    put: ({ collection, ids, add, remove }) => tags.put(collection, ids, add, remove),
    rename: ({ from, to }) => tags.rename(from, to),
  });
