import { z } from 'zod';
import { opportunityStages } from '../nouns/opportunity/opportunity.ts';
import { currencySchema } from '../nouns/values.ts';
import { defineContract, query } from './contract.ts';
import { fieldFilterSchema } from './list.ts';
import { nounNameSchema } from './noun-name.ts';

/** What can be asked of the whole book. */
export const reportNames = {
  pipeline: 'Pipeline by stage',
  stageMonths: 'Open by stage and month',
  closing: 'Expected to close',
  wonLost: 'Won and lost',
  followUps: 'Follow-ups',
  activity: 'Recent activity',
  revenue: 'Invoiced and paid',
  stages: 'Clients by lifecycle stage',
  industries: 'Clients by industry',
  regions: 'Clients by state or region',
  prices: 'Prices that differ',
} as const;
export type ReportName = keyof typeof reportNames;
export const reportNameSchema = z.enum(Object.keys(reportNames) as [ReportName, ...ReportName[]]);

/** Rows that are neither a choice, a name nor a month. */
export const reportRows = {
  none: 'None given',
  nobody: 'Nobody named',
  rest: 'All others',
  earlier: 'Earlier months',
  later: 'Later months',
  overdue: 'Overdue',
  today: 'Today',
  week: 'In the next 7 days',
  after: 'After that',
} as const;

const { closed_won: _won, closed_lost: _lost, ...openStages } = opportunityStages;

export const reportSeries = {
  count: 'Number',
  amount: 'Amount',
  likely: 'Weighted',
  won: 'Won',
  lost: 'Lost',
  call: 'Calls',
  visit: 'Visits',
  email: 'E-mails',
  comment: 'Comments',
  invoiced: 'Invoiced',
  paid: 'Paid',
  due: 'Still due',
  overdue: 'Overdue',
  lower: 'Lower',
  higher: 'Higher',
  ...openStages,
} as const;
export type ReportSeries = keyof typeof reportSeries;

/** Rows of a report that are shown each by itself: what is less stands in one row at the end. */
export const mostRows = 20;

const cellSchema = z.object({
  /** A whole number, or an amount of the report's currency. */
  value: z.string(),
  /** What the list of the report's noun is asked for to show exactly what was counted here; null where no list can. */
  filters: z.array(fieldFilterSchema).nullable(),
});

export const reportSchema = z.object({
  noun: nounNameSchema,
  /** Of the amounts; null where nothing is counted in money. */
  currency: z.string().nullable(),
  /** Those that there are, the most used first. */
  currencies: z.array(z.string()),
  series: z.array(
    z.object({ key: z.enum(Object.keys(reportSeries) as [ReportSeries, ...ReportSeries[]]), unit: z.enum(['count', 'money']) }),
  ),
  rows: z.array(
    z.object({
      key: z.string(),
      /** Null where the row is a month. */
      label: z.string().nullable(),
      /** YYYY-MM. */
      month: z.string().nullable(),
      /** One for each of the series. */
      cells: z.array(cellSchema),
    }),
  ),
});
export type Report = z.output<typeof reportSchema>;
export type ReportCell = z.output<typeof cellSchema>;

const asked = {
  report: reportNameSchema,
  /** Left out: the one that most records have. */
  currency: currencySchema.optional(),
};

export const reportsContract = defineContract('reports', {
  /** Numbers of the whole book, as they are now. */
  get: query({ input: z.object(asked), output: reportSchema }),
  /** The same as a CSV file, for `crm.files.save`. */
  file: query({ input: z.object(asked), output: z.object({ fileId: z.string(), fileName: z.string() }) }),
});
