import { implement } from '../../shared/contracts/contract.ts';
import { activityContract } from '../../shared/contracts/record.contract.ts';
import type { BookServices } from '../domain/book.services.ts';
import { recordHandlers } from './record.handlers.ts';

export const activityHandlers = ({ activities }: BookServices) =>
  implement(activityContract, {
    ...recordHandlers<'activities'>(activities),
    timeline: ({ collection, id, limit }) => activities.timeline(collection, id, limit),
  });
