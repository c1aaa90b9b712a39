import { Button, Select, Skeleton } from '@mantine/core';
import { IconChartBar, IconFileDownload } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef } from 'react';
import { z } from 'zod';
import {
  type Report,
  type ReportCell,
  type ReportName,
  reportNameSchema,
  reportNames,
  reportSeries,
} from '../../../shared/contracts/reports.contract.ts';
import { say } from '../../../shared/words/say.ts';
import { reportFile, useReport } from '../../api/reports.ts';
import { saveFile } from '../../api/calendar.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatDecimal } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showQuietly } from '../history/undo.tsx';
import { EmptyBook } from '../welcome/empty-book.tsx';
import { rowLabel } from './report-text.ts';
import classes from './reports.module.css';

// What draws is as large as a quarter of the rest, and seldom wanted.
const ReportChart = lazy(() => import('./report-chart.tsx'));

export const reportsSearchSchema = z.object({
  report: reportNameSchema.optional().catch(undefined),
  currency: z.string().length(3).optional().catch(undefined),
});

const route = getRouteApi('/reports');

/** Numbers of the whole book: a picture for who looks, and the same as a table whose numbers open the list behind them. */
export function ReportsScreen() {
  usePageTitle('Reports');
  const { report: name = 'pipeline', currency } = route.useSearch();
  const asked = { report: name, ...(currency !== undefined && { currency }) };
  const { data, problem } = useReport(asked);
  // While another report is under way its place stays as it is: nothing jumps.
  const last = useRef<{ name: ReportName; report: Report } | null>(null);
  if (data !== undefined) last.current = { name, report: data };
  const report = data ?? (last.current?.name === name ? last.current.report : undefined);
  return (
    <EmptyBook>
      <div className={classes.screen}>
        <nav className={classes.names} aria-label="Reports">
          <ul>
            {Object.entries(reportNames).map(([key, label]) => (
              <li key={key}>
                <Link to="/reports" search={{ report: key as ReportName }} aria-current={key === name ? 'page' : undefined}>
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {report === undefined ? (
          <div className={classes.report} aria-busy={problem === null}>
            {problem === null ? null : <EmptyPlace icon={<IconChartBar size={24} />} title={say(problem)} />}
          </div>
        ) : (
          <ReportView name={name} report={report} />
        )}
      </div>
    </EmptyBook>
  );
}

function ReportView({ name, report }: { name: ReportName; report: Report }) {
  const navigate = route.useNavigate();
  const { currency, currencies, rows, series, noun } = report;
  const isEmpty = rows.every(({ cells }) => cells.every(({ value }) => Number(value) === 0));
  return (
    <section className={classes.report} aria-label={reportNames[name]}>
      <header className={classes.bar}>
        <h1>{reportNames[name]}</h1>
        {currency === null || currencies.length < 2 ? null : (
          <Select
            size="xs"
            w={90}
            aria-label="Currency"
            allowDeselect={false}
            data={currencies}
            value={currency}
            onChange={(value) => void navigate({ search: { report: name, ...(value !== null && { currency: value }) }, replace: true })}
          />
        )}
        <span className={classes.gap} />
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconFileDownload size={16} stroke={1.75} />}
          onClick={() => void saveReport({ report: name, ...(currency !== null && { currency }) })}
        >
          Save as CSV
        </Button>
      </header>
      {isEmpty ? (
        <EmptyPlace icon={<IconChartBar size={24} />} title={emptyTitles[name]} />
      ) : (
        <div className={classes.body}>
          <Suspense fallback={<Skeleton h={280} animate={false} />}>
            <ReportChart name={name} report={report} />
          </Suspense>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{rows.some(({ month }) => month !== null) ? 'Month' : heads[name]}</th>
                {series.map(({ key, unit }) => (
                  <th key={key} scope="col" className={classes.number}>
                    {reportSeries[key]}
                    {unit === 'money' && currency !== null ? ` (${currency})` : ''}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.key}>
                  <th scope="row">{rowLabel(row)}</th>
                  {row.cells.map((cell, at) => (
                    <td key={series[at]?.key} className={classes.number}>
                      <Cell cell={cell} noun={noun} isMoney={series[at]?.unit === 'money'} what={rowLabel(row)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <p className={classes.note}>
            {notes[name]}
            {currency === null ? '' : ` Only what is in ${currency} is counted here.`}
            {rows.some(({ cells }) => cells.some(({ filters }) => filters !== null)) ? ' A number opens the list of what it counts.' : ''}
          </p>
        </div>
      )}
    </section>
  );
}

function Cell({ cell, noun, isMoney, what }: { cell: ReportCell; noun: Report['noun']; isMoney: boolean; what: string }) {
  const text = isMoney ? formatDecimal(cell.value) : formatCount(Number(cell.value));
  if (Number(cell.value) === 0) return <span className={classes.zero}>{text}</span>;
  if (cell.filters === null) return text;
  return (
    <Link to="/$noun" params={{ noun }} search={{ f: cell.filters }} title={`Show the list: ${what}`}>
      {text}
    </Link>
  );
}

const heads: Readonly<Record<ReportName, string>> = {
  pipeline: 'Stage',
  closing: 'Month',
  wonLost: 'Month',
  followUps: 'Next follow-up',
  activity: 'Person',
  revenue: 'Month',
  stages: 'Lifecycle stage',
  industries: 'Industry',
  regions: 'State or region',
};

const notes: Readonly<Record<ReportName, string>> = {
  pipeline: 'Open opportunities by the stage they are in. Weighted is the amount times the probability.',
  closing: 'Open opportunities by the month they are expected to close in.',
  wonLost: 'Closed opportunities by the month they were closed in.',
  followUps: 'Clients by their next follow-up.',
  activity: 'Calls, visits, e-mails and comments of this month and the two before it, by who was named as their author.',
  revenue: 'Issued invoices by the month they were issued in, with tax.',
  stages: 'Clients by lifecycle stage.',
  industries: 'Clients by industry.',
  regions: 'Clients by the state or region of their own address.',
};

const emptyTitles: Readonly<Record<ReportName, string>> = {
  pipeline: 'No open opportunities yet',
  closing: 'No open opportunities yet',
  wonLost: 'Nothing won or lost yet',
  followUps: 'No clients yet',
  activity: 'No calls, visits, e-mails or comments in these months',
  revenue: 'No issued invoices yet',
  stages: 'No clients yet',
  industries: 'No clients yet',
  regions: 'No clients yet',
};

async function saveReport(asked: Parameters<typeof reportFile>[0]): Promise<void> {
  const made = await reportFile(asked);
  if (!made.ok) return showProblem(made.error);
  const saved = await saveFile(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (saved.value.saved) showQuietly(`Saved as ${made.value.fileName}.`);
}
