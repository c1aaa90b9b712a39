import type { FieldFilter } from '../../../shared/contracts/list.ts';
import {
  mostRows,
  type Report,
  type ReportCell,
  type ReportName,
  reportNames,
  reportRows,
  type ReportSeries,
  reportSeries,
} from '../../../shared/contracts/reports.contract.ts';
import { type Clock, dayAfter } from '../../../shared/lib/clock.ts';
import { firstOfMonth } from '../../../shared/lib/day-period.ts';
import { addMoney, compareDecimals, isZero, roundMoney } from '../../../shared/lib/money.ts';
import type { BookReader } from '../book.ts';
import { type ReportPlan, reportPlans } from './report-plans.ts';
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

type Sum = Readonly<Record<string, string>>;
interface Row {
  key: string;
  label: string | null;
  month: string | null;
  sum: Sum;
  filters: ((series: ReportSeries) => FieldFilter[] | null) | null;
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
        .toSorted((left, right) => compareDecimals(right.count, left.count));
      const currencies = used.flatMap(({ currency }) => currency ?? []).filter((currency) => currency !== '');
      const currency = plan.isMoney ? (wanted ?? currencies[0] ?? null) : null;
      const found = sums.get(plan.isMoney ? currency : null) ?? new Map<string, Sum>();
      const today = clock.today();
      const rows =
        plan.kind === 'months'
          ? monthRows(plan, found, today)
          : plan.kind === 'days'
            ? dayRows(plan, found, today)
            : nameRows(plan, oneOfEach(plan, recent(plan, found, today)));
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

  /** What happened in the last months, by name alone. */
  function recent({ recentMonths }: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): ReadonlyMap<string, Sum> {
    if (recentMonths === undefined) return found;
    const first = firstOfMonth(today, 1 - recentMonths).slice(0, 7);
    const names = new Map<string, Sum>();
    for (const [row, sum] of found) {
      const [name = '', month = ''] = row.split('|');
      if (month >= first) names.set(name, total([names.get(name) ?? {}, sum]));
    }
    return names;
  }

  /** What a list takes for the same as one, under what most have written. */
  function oneOfEach({ isTyped }: ReportPlan, found: ReadonlyMap<string, Sum>): ReadonlyMap<string, Sum> {
    if (isTyped === undefined) return found;
    const spelled = Map.groupBy(found, ([row]) => row.split('\n')[0] ?? '');
    return new Map(
      [...spelled].map(([, all]) => {
        const [[row = ''] = []] = all.toSorted(([, { count: left = '0' }], [, { count: right = '0' }]) => compareDecimals(right, left));
        return [row.split('\n')[1] ?? '', total(all.map(([, sum]) => sum))];
      }),
    );
  }

  /** Rows of names: those of a choice in its order, others by what is most; beyond `mostRows` all in one. */
  function nameRows(plan: ReportPlan, found: ReadonlyMap<string, Sum>): Row[] {
    const named = [...found].filter(([, { count = '0' }]) => !isZero(count));
    const rowOf = ([key, sum]: [string, Sum]): Row => ({
      key,
      label: key === '' ? reportRows[plan.noun === 'activities' ? 'nobody' : 'none'] : plan.labelOf(book, key),
      month: null,
      sum,
      filters: (series) => plan.filtersOf(key, series),
    });
    if (plan.order !== undefined) return plan.order.map((key) => rowOf([key, found.get(key) ?? {}]));
    const byCount = named.toSorted(
      ([first, { count: left = '0' }], [second, { count: right = '0' }]) =>
        Number(first === '') - Number(second === '') || compareDecimals(right, left) || (first < second ? -1 : 1),
    );
    if (byCount.length <= mostRows) return byCount.map(rowOf);
    const [shown, others] = [byCount.slice(0, mostRows - 1), byCount.slice(mostRows - 1)];
    return [
      ...shown.map(rowOf),
      { key: 'rest', label: reportRows.rest, month: null, sum: total(others.map(([, sum]) => sum)), filters: null },
    ];
  }

  /** Twelve months, and what lies before and after them. */
  function monthRows(plan: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): Row[] {
    const begin = plan.ahead ? 0 : -11;
    const months = Array.from({ length: 12 }, (_, at) => firstOfMonth(today, begin + at).slice(0, 7));
    const [first = today, last = today] = [months[0], months.at(-1)];
    const buckets = new Map<string, Sum[]>(months.map((one) => [one, []]));
    for (const [row, sum] of found) {
      // What is due on a day keeps that day beside its month: from it follows what is overdue by now.
      const [of = '', due = ''] = row.split('|');
      const late = sum['due'] !== undefined && due !== '' && due < today ? { overdue: sum['due'] } : {};
      const key = of === '' ? 'none' : of < first ? 'earlier' : of > last ? 'later' : of;
      const bucket = buckets.get(key) ?? [];
      buckets.set(key, [...bucket, { ...sum, ...late }]);
    }
    const rowOf = (key: string, label: string | null, filters: (series: ReportSeries) => FieldFilter[] | null): Row => ({
      key,
      label,
      month: label === null ? key : null,
      sum: total(buckets.get(key) ?? []),
      filters,
    });
    const within = (from: string | null, until: string | null): FieldFilter[] => [
      ...(from === null ? [] : [{ path: plan.path, operator: 'after' as const, value: dayAfter(from, -1) }]),
      ...(until === null ? [] : [{ path: plan.path, operator: 'before' as const, value: until }]),
    ];
    const also = (days: FieldFilter[]) => (series: ReportSeries) => {
      const own = plan.filtersOf('', series);
      return own === null ? null : [...own, ...days];
    };
    const next = (of: string) => firstOfMonth(`${of}-01`, 1);
    const rows = [
      rowOf('earlier', reportRows.earlier, also(within(null, `${first}-01`))),
      ...months.map((one) => rowOf(one, null, also(within(`${one}-01`, next(one))))),
      rowOf('later', reportRows.later, also(within(next(last), null))),
      rowOf('none', reportRows.none, also([{ path: plan.path, operator: 'isEmpty', value: '' }])),
    ];
    return rows.filter(({ month: of, sum }) => of !== null || !isZero(sum['count'] ?? '0'));
  }

  /** Days, by how far they are from today. */
  function dayRows(plan: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): Row[] {
    const { path } = plan;
    const next = dayAfter(today, 7);
    const day = (operator: FieldFilter['operator'], value: string): FieldFilter => ({ path, operator, value });
    const places: [keyof typeof reportRows, (day: string) => boolean, FieldFilter[]][] = [
      ['overdue', (of) => of !== '' && of < today, [day('before', today)]],
      ['today', (of) => of === today, [day('is', today)]],
      ['week', (of) => of > today && of <= next, [day('after', today), day('before', dayAfter(next, 1))]],
      ['after', (of) => of > next, [day('after', next)]],
      ['none', (of) => of === '', [day('isEmpty', '')]],
    ];
    return places.map(([key, isThere, filters]) => ({
      key,
      label: reportRows[key],
      month: null,
      sum: total([...found].filter(([of]) => isThere(of)).map(([, sum]) => sum)),
      filters: () => filters,
    }));
  }
}

function total(sums: readonly Sum[]): Sum {
  const all: Record<string, string> = {};
  for (const sum of sums) for (const [series, amount] of Object.entries(sum)) all[series] = addMoney([all[series] ?? '0', amount]);
  return all;
}
