import type { Crm } from '../../shared/contracts/api.ts';
import type { TodayQueue } from '../../shared/contracts/today.contract.ts';
import { crm, settled } from './crm.ts';
import { useSettings, useStatus } from './live.ts';
import { type Answer, useQuery } from './query.ts';

/** What the queue follows from besides the records: another of it is another question. */
function useWhatItFollows(): string {
  const rule = useSettings()?.today;
  const server = useStatus()?.server;
  const open = typeof server === 'object' ? [server.conflicts, server.refused] : [];
  return JSON.stringify([rule, open]);
}

/** What is to do today, live; up to `shown` of each group. */
export function useToday(shown: number): Answer<TodayQueue> {
  return useQuery(`today ${shown} ${useWhatItFollows()}`, () => crm().today.queue({ shown }));
}

/** How much there is to do today. */
export function useDue(): number | undefined {
  return useQuery(`due ${useWhatItFollows()}`, () => crm().today.due({})).data?.due;
}

export function logCall(input: Parameters<Crm['today']['logCall']>[0]) {
  return settled(() => crm().today.logCall(input));
}
