import { implement } from '../../shared/contracts/contract.ts';
import { todayContract } from '../../shared/contracts/today.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import type { OpenDecision } from '../domain/today-rows.ts';

/** @param decisions what the servers of the book left for a person to decide about */
export const todayHandlers = ({ today }: BookServices, decisions: () => readonly OpenDecision[]) =>
  implement(todayContract, {
    queue: ({ shown }) => today.queue(shown, decisions()),
    due: () => ({ due: today.due(decisions()) }),
    logCall: (input) => today.logCall(input),
  });
