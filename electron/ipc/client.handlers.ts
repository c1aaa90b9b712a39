import { implement } from '../../shared/contracts/contract.ts';
import { clientContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const clientHandlers = ({ clients, banking }: BookServices) =>
  implement(clientContract, { ...recordHandlers(clients), banking: ({ id }) => ({ banking: banking(id) }) });
