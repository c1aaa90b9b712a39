import type { Crm } from '../../shared/contracts/api.ts';
import type { TodayQueue } from '../../shared/contracts/today.contract.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

/** What is to do today, live. */
export function useToday(): Answer<TodayQueue> {
  return useQuery('today', () => crm().today.queue({}));
}

export function logCall(input: Parameters<Crm['today']['logCall']>[0]) {
  return settled(() => crm().today.logCall(input));
}
