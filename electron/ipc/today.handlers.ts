import { implement } from '../../shared/contracts/contract.ts';
import { todayContract } from '../../shared/contracts/today.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const todayHandlers = ({ today }: BookServices) =>
  implement(todayContract, {
    queue: () => today.queue(),
    logCall: (input) => today.logCall(input),
  });
