import { implement } from '../../shared/contracts/contract.ts';
import { opportunityContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { boardHandlers, recordHandlers } from './record.handlers.ts';

export const opportunityHandlers = ({ opportunities }: BookServices) =>
  implement(opportunityContract, { ...recordHandlers(opportunities), ...boardHandlers(opportunities) });
