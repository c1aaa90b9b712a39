import type { FieldFilter } from '../../../shared/contracts/list.ts';
import { mostRows, reportRows, type ReportSeries } from '../../../shared/contracts/reports.contract.ts';
import { dayAfter } from '../../../shared/lib/clock.ts';
import { firstOfMonth } from '../../../shared/lib/day-period.ts';
import { addMoney, compareDecimals, isZero } from '../../../shared/lib/money.ts';
import type { BookReader } from '../book.ts';
import type { ReportPlan } from './report-plans.ts';

export type Sum = Readonly<Record<string, string>>;
export interface Row {
  key: string;
  label: string | null;
  month: string | null;
  sum: Sum;
  filters: ((series: ReportSeries) => FieldFilter[] | null) | null;
}

/** What happened in the last months, by name alone. */
export function recent({ recentMonths }: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): ReadonlyMap<string, Sum> {
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
export function oneOfEach({ isTyped }: ReportPlan, found: ReadonlyMap<string, Sum>): ReadonlyMap<string, Sum> {
  if (isTyped === undefined) return found;
  const spelled = Map.groupBy(found, ([row]) => row.split('\n')[0] ?? '');
  return new Map(
    [...spelled].map(([, all]) => {
      const most = all.toSorted(
        ([first, { count: left = '0' }], [second, { count: right = '0' }]) => compareDecimals(right, left) || (first < second ? -1 : 1),
      )[0];
      return [most?.[0].split('\n')[1] ?? '', total(all.map(([, sum]) => sum))];
    }),
  );
}

/** Of items with their own prices: how many are lower and how many higher than the default of the item, which stands behind it. */
export function againstDefault(book: Pick<BookReader, 'get'>, plan: ReportPlan, found: ReadonlyMap<string, Sum>): ReadonlyMap<string, Sum> {
  if (plan.isAgainstDefault === undefined) return found;
  const items = new Map<string, Sum>();
  for (const [row, { count = '0' }] of found) {
    const [id = '', price = ''] = row.split('|');
    const standard = book.get('itemPrices', id)?.defaultPrice ?? '0.00';
    const side = compareDecimals(price, standard);
    if (side === 0) continue;
    const key = `${id}|${standard}`;
    items.set(key, total([items.get(key) ?? {}, { count, [side < 0 ? 'lower' : 'higher']: count }]));
  }
  return items;
}

/** Rows of names: those of a choice in its order, others by what is most; beyond `mostRows` all in one. */
export function nameRows(book: Pick<BookReader, 'get'>, plan: ReportPlan, found: ReadonlyMap<string, Sum>): Row[] {
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
export function monthRows(plan: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): Row[] {
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
export function dayRows(plan: ReportPlan, found: ReadonlyMap<string, Sum>, today: string): Row[] {
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

function total(sums: readonly Sum[]): Sum {
  const all: Record<string, string> = {};
  for (const sum of sums) for (const [series, amount] of Object.entries(sum)) all[series] = addMoney([all[series] ?? '0', amount]);
  return all;
}
