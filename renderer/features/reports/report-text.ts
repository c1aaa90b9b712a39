import type { Report, ReportSeries } from '../../../shared/contracts/reports.contract.ts';

const monthText = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' });

export function rowLabel({ label, month }: Pick<Report['rows'][number], 'label' | 'month'>): string {
  return label ?? (month === null ? '' : monthText.format(new Date(`${month}-01T00:00:00Z`)));
}

const shortMonth = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' });

/** Under a bar is little room: the month, with its year where one begins, or a word. */
export function shortLabel({ label, month }: Pick<Report['rows'][number], 'label' | 'month'>, isFirst: boolean): string {
  if (month === null) return (label ?? '').split(' ')[0] ?? '';
  return isFirst || month.endsWith('-01') ? rowLabel({ label, month }) : shortMonth.format(new Date(`${month}-01T00:00:00Z`));
}

/** What is drawn: amounts where there are some, the parts rather than their number. */
export function drawnSeries({ series }: Pick<Report, 'series'>): ReportSeries[] {
  const money = series.filter(({ unit }) => unit === 'money');
  const drawn = money.length > 0 ? money : series.length > 1 ? series.filter(({ key }) => key !== 'count') : series;
  return drawn.map(({ key }) => key);
}
