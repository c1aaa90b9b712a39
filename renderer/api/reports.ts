import type { Crm } from '../../shared/contracts/api.ts';
import type { Report } from '../../shared/contracts/reports.contract.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

export type ReportAsked = Parameters<Crm['reports']['get']>[0];

/** The report, live. */
export function useReport(asked: ReportAsked): Answer<Report> {
  return useQuery(`report ${JSON.stringify(asked)}`, () => crm().reports.get(asked));
}

export function reportFile(asked: ReportAsked) {
  return settled(() => crm().reports.file(asked));
}
