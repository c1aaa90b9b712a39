import { implement } from '../../shared/contracts/contract.ts';
import { searchContract } from '../../shared/contracts/search.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const searchHandlers = ({ search }: BookServices) =>
  implement(searchContract, {
    find: ({ text, limit }) => search.find(text, limit),
    recent: ({ limit }) => search.recent(limit),
  });
