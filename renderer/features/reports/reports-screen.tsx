import { Button, Select, Skeleton } from '@mantine/core';
import { IconChartBar, IconFileDownload, IconPrinter } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type RefObject, Suspense, useEffect, useRef } from 'react';
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
import { useSettings } from '../../api/live.ts';
import { reportFile, useReport } from '../../api/reports.ts';
import { saveFile } from '../../api/calendar.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatDecimal, formatInstant } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { type ActionId, actions, runAction } from '../keys/actions.ts';
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
  const company = useSettings()?.company.name ?? '';
  const printed = useRef<HTMLTimeElement>(null);
  usePaper(printed);
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
        <Button variant="default" size="compact-sm" leftSection={<IconPrinter size={16} stroke={1.75} />} onClick={() => window.print()}>
          Print
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconFileDownload size={16} stroke={1.75} />}
          onClick={() => void saveReport({ report: name, ...(currency !== null && { currency }) })}
        >
          Save as CSV
        </Button>
      </header>
      <p className={classes.onPaper}>
        {company === '' ? '' : `${company} · `}Printed <time ref={printed} />
      </p>
      {isEmpty ? (
        <EmptyReport name={name} />
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
  stageMonths: 'Month',
  closing: 'Month',
  wonLost: 'Month',
  followUps: 'Next follow-up',
  activity: 'Person',
  revenue: 'Month',
  stages: 'Lifecycle stage',
  industries: 'Industry',
  regions: 'State or region',
  prices: 'Item',
};

const notes: Readonly<Record<ReportName, string>> = {
  pipeline: 'Open opportunities by the stage they are in. Weighted is the amount times the probability.',
  stageMonths: 'Amounts of open opportunities by their stage and the month they are expected to close in.',
  closing: 'Open opportunities by the month they are expected to close in.',
  wonLost: 'Closed opportunities by the month they were closed in.',
  followUps: 'Clients by their next follow-up.',
  activity: 'Calls, visits, e-mails and comments of this month and the two before it, by who was named as their author.',
  revenue: 'Issued invoices by the month they were issued in, with tax.',
  stages: 'Clients by lifecycle stage.',
  industries: 'Clients by industry.',
  regions: 'Clients by the state or region of their own address.',
  prices: 'Prices that locations have of their own and that are not the default price of the item as it is now.',
};

/** What fills a report that has nothing to show: why it is empty, what to do, and the action that does it. */
const fills: Readonly<Record<ReportName, { title: string; text: string; actions: readonly ActionId[] }>> = {
  pipeline: openDeals('They are shown by the stage they are in.'),
  stageMonths: openDeals('They are shown by stage and by the month they are expected to close in.'),
  closing: openDeals('They are shown by the month they are expected to close in.'),
  wonLost: {
    title: 'Nothing won or lost yet',
    text: 'Move an opportunity to a closed stage, on its board with Shift and an arrow.',
    actions: ['goOpportunities'],
  },
  followUps: someClients('They are shown by their next follow-up.'),
  activity: {
    title: 'No calls, visits, e-mails or comments in these months',
    text: 'Log a call from Today or from an open record with L, a visit with V, a comment with C.',
    actions: ['goToday', 'goClients'],
  },
  revenue: {
    title: 'No issued invoices yet',
    text: 'Make an invoice and issue it: drafts are not counted.',
    actions: ['newInvoice', 'goInvoices'],
  },
  stages: someClients('They are shown by lifecycle stage.'),
  industries: someClients('They are shown by industry.'),
  regions: someClients('They are shown by state or region.'),
  prices: {
    title: 'No location has a price that differs',
    text: 'Give a location a price of its own for an item: it is then shown beside the default.',
    actions: ['setPrices', 'goPrices'],
  },
};

function openDeals(text: string) {
  return {
    title: 'No open opportunities yet',
    text: `Write down what you may sell. ${text}`,
    actions: ['newOpportunity', 'goOpportunities'],
  } as const;
}

function someClients(text: string) {
  return { title: 'No clients yet', text: `Add clients, or import a file of them. ${text}`, actions: ['newClient', 'goImport'] } as const;
}

function EmptyReport({ name }: { name: ReportName }) {
  const { title, text, actions: offered } = fills[name];
  return (
    <EmptyPlace
      icon={<IconChartBar size={24} />}
      title={title}
      actions={offered.map((id, at) => (
        <Button key={id} variant={at === 0 ? 'filled' : 'default'} onClick={() => runAction(id)}>
          {actions[id].label}
        </Button>
      ))}
    >
      {text}
    </EmptyPlace>
  );
}

/** Paper is white: what is printed in the dark has the colours of the light, with the time, and the screen has its own again afterwards. */
function usePaper(printed: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = document.documentElement;
    const scheme = 'data-mantine-color-scheme';
    let shown: string | null = null;
    const before = () => {
      // Written at once: the page is drawn for the paper as soon as this is over.
      printed.current?.replaceChildren(formatInstant(new Date().toISOString()));
      shown = root.getAttribute(scheme);
      root.setAttribute(scheme, 'light');
    };
    const after = () => {
      if (shown !== null) root.setAttribute(scheme, shown);
      shown = null;
    };
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      after();
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, [printed]);
}

async function saveReport(asked: Parameters<typeof reportFile>[0]): Promise<void> {
  const made = await reportFile(asked);
  if (!made.ok) return showProblem(made.error);
  const saved = await saveFile(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (saved.value.saved) showQuietly(`Saved as ${made.value.fileName}.`);
}
