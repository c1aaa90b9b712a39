import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { useNavigate } from '@tanstack/react-router';
import { type Report, type ReportName, type ReportSeries, reportNames, reportSeries } from '../../../shared/contracts/reports.contract.ts';
import { formatCount, formatDecimal } from '../../ui/field-text.ts';
import { drawnSeries, rowLabel, shortLabel } from './report-text.ts';
import classes from './reports.module.css';

const colours: Readonly<Partial<Record<ReportSeries, string>>> = {
  amount: 'blue.3',
  likely: 'blue.7',
  count: 'blue.6',
  won: 'teal.6',
  lost: 'red.6',
  invoiced: 'blue.6',
  paid: 'teal.6',
  due: 'yellow.6',
  overdue: 'red.6',
  call: 'blue.6',
  visit: 'teal.6',
  email: 'violet.6',
  comment: 'gray.5',
  lower: 'blue.6',
  higher: 'orange.6',
  // Light to dark as it goes on: it holds in grey and on paper.
  qualification: 'blue.2',
  needs_analysis: 'blue.3',
  value_proposition: 'blue.4',
  decision_makers: 'blue.5',
  perception_analysis: 'blue.6',
  proposal: 'blue.8',
  negotiation: 'blue.9',
};

/** The report as bars. The table beside it says the same to who cannot see them, and to the keyboard. */
export default function ReportChart({ name, report }: { name: ReportName; report: Report }) {
  const navigate = useNavigate();
  const { rows, series, noun, currency } = report;
  const drawn = drawnSeries(report);
  const isMoney = series.some(({ key, unit }) => key === drawn[0] && unit === 'money');
  const isByMonth = rows.some(({ month }) => month !== null);
  const data = rows.map((row) => ({
    label: rowLabel(row),
    ...Object.fromEntries(drawn.map((key) => [key, Number(cellOf(report, row, key)?.value ?? 0)])),
  }));
  const open = (at: number, key: ReportSeries) => {
    const row = rows[at];
    const filters = row === undefined ? null : cellOf(report, row, key)?.filters;
    if (filters !== null && filters !== undefined) void navigate({ to: '/$noun', params: { noun }, search: { f: filters } });
  };
  return (
    <div className={classes.chart} aria-hidden data-testid={`chart ${name}`}>
      <BarChart
        h={isByMonth ? 280 : Math.max(160, rows.length * 34 + 60)}
        data={data}
        dataKey="label"
        orientation={isByMonth ? 'horizontal' : 'vertical'}
        type={name === 'activity' || name === 'stageMonths' || name === 'prices' ? 'stacked' : 'default'}
        series={drawn.map((key) => ({ name: key, label: reportSeries[key], color: colours[key] ?? 'blue.6' }))}
        withLegend={drawn.length > 1}
        legendProps={{ verticalAlign: 'top', height: 34, itemSorter: null }}
        yAxisProps={isByMonth ? { width: 90 } : { width: 170, interval: 0 }}
        xAxisProps={
          isByMonth
            ? {
                interval: 0,
                tickFormatter: (_label: string, at: number) => {
                  const row = rows[at];
                  return row === undefined ? '' : shortLabel(row, rows.findIndex(({ month }) => month !== null) === at);
                },
              }
            : { allowDecimals: isMoney }
        }
        gridAxis={isByMonth ? 'x' : 'y'}
        maxBarWidth={28}
        valueFormatter={(value) =>
          isMoney ? `${formatDecimal(String(value))}${currency === null ? '' : ` ${currency}`}` : formatCount(value)
        }
        barProps={({ name: key }) => ({
          isAnimationActive: false,
          cursor: 'pointer',
          onClick: (_bar: unknown, at: number) => open(at, key as ReportSeries),
        })}
        barChartProps={{ accessibilityLayer: false, title: reportNames[name] }}
      />
    </div>
  );
}

function cellOf({ series }: Report, row: Report['rows'][number], key: ReportSeries) {
  return row.cells[series.findIndex((one) => one.key === key)];
}
