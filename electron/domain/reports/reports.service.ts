import type { FieldFilter } from '../../../shared/contracts/list.ts';
import { type Report, type ReportCell, type ReportName, reportNames, reportSeries } from '../../../shared/contracts/reports.contract.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { addMoney, compareDecimals, isZero, roundMoney } from '../../../shared/lib/money.ts';
import type { BookReader } from '../book.ts';
import { type ReportPlan, reportPlans } from './report-plans.ts';
import { againstDefault, dayRows, monthRows, nameRows, oneOfEach, recent, type Sum } from './report-rows.ts';
import { createTally, type Tally } from './tally.ts';

export interface ReportAsked {
  report: ReportName;
  currency?: string | undefined;
}

export interface ReportsService {
  get(asked: ReportAsked): Promise<Report>;
  /** The rows as a table of texts, heads first. */
  table(asked: ReportAsked): Promise<string[][]>;
}

export function createReportsService(deps: { book: BookReader; clock: Clock }): ReportsService {
  const { book, clock } = deps;
  const tallies = new Map<ReportName, Tally>();
  const tallyOf = (report: ReportName, plan: ReportPlan): Tally => {
    const tally = tallies.get(report) ?? createTally(book, plan.noun, (record) => plan.partsOf(record, (instant) => clock.dayOf(instant)));
    tallies.set(report, tally);
    return tally;
  };

  const service: ReportsService = {
    async get({ report, currency: wanted }) {
      const plan = reportPlans[report];
      const sums = await tallyOf(report, plan).sums();
      const used = [...sums]
        .filter(([, rows]) => [...rows.values()].some(({ count = '0' }) => !isZero(count)))
        .map(([currency, rows]) => ({ currency, count: addMoney([...rows.values()].map(({ count = '0' }) => count)) }))
        .toSorted((left, right) => compareDecimals(right.count, left.count) || ((left.currency ?? '') < (right.currency ?? '') ? -1 : 1));
      const currencies = used.flatMap(({ currency }) => currency ?? []).filter((currency) => currency !== '');
      const currency = plan.isMoney ? (wanted ?? currencies[0] ?? null) : null;
      const found = sums.get(plan.isMoney ? currency : null) ?? new Map<string, Sum>();
      const today = clock.today();
      const rows =
        plan.kind === 'months'
          ? monthRows(plan, found, today)
          : plan.kind === 'days'
            ? dayRows(plan, found, today)
            : nameRows(book, plan, againstDefault(book, plan, oneOfEach(plan, recent(plan, found, today))));
      const ofCurrency: FieldFilter[] = currency === null ? [] : [{ path: 'currency', operator: 'is', value: currency }];
      return {
        noun: plan.noun,
        currency,
        currencies,
        series: plan.series,
        rows: rows.map(({ key, label, month, sum, filters }) => ({
          key,
          label,
          month,
          cells: plan.series.map(({ key: series, unit }): ReportCell => {
            const value = sum[series] ?? '0';
            const own = filters?.(series) ?? null;
            return {
              value: unit === 'money' && currency !== null ? roundMoney(value, currency) : value,
              filters: own === null ? null : [...own, ...ofCurrency],
            };
          }),
        })),
      };
    },
    async table(asked) {
      const { rows, series, currency } = await service.get(asked);
      const head = [
        reportNames[asked.report],
        ...series.map(({ key, unit }) =>
          unit === 'money' && currency !== null ? `${reportSeries[key]} (${currency})` : reportSeries[key],
        ),
      ];
      return [head, ...rows.map(({ label, month, cells }) => [label ?? month ?? '', ...cells.map(({ value }) => value)])];
    },
  };
  return service;
}
