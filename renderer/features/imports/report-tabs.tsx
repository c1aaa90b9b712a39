import { Tabs, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { type ImportJob, type RowReport, rowVerdicts } from '../../../shared/contracts/transfer.contract.ts';
import { formatCount } from '../../ui/field-text.ts';
import classes from './import-screen.module.css';
import { verdictOrder } from './import-words.ts';
import { say } from '../../../shared/words/say.ts';

type Verdict = RowReport['verdict'];

/** One tab for each thing that can become of a row; those without rows are not offered. */
export function ReportTabs({
  counts,
  label,
  panel,
}: {
  counts: ImportJob['counts'];
  label: string;
  panel: (verdict: Verdict) => ReactNode;
}) {
  const shown = verdictOrder.filter((verdict) => counts[verdict] > 0);
  const [chosen, setChosen] = useState<Verdict | null>(null);
  const first = counts.error > 0 ? 'error' : shown[0];
  const current = chosen !== null && counts[chosen] > 0 ? chosen : first;
  if (current === undefined) return <Text c="dimmed">No rows yet.</Text>;
  return (
    <Tabs value={current} onChange={(value) => setChosen(value as Verdict)} keepMounted={false} className={classes.tabs}>
      <Tabs.List aria-label={label}>
        {shown.map((verdict) => (
          <Tabs.Tab key={verdict} value={verdict} data-verdict={verdict}>
            {rowVerdicts[verdict]} ({formatCount(counts[verdict])})
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={current} pt="xs">
        {panel(current)}
      </Tabs.Panel>
    </Tabs>
  );
}

export function ReportRows({
  rows,
  total,
  isCards,
  onMore,
}: {
  rows: readonly RowReport[];
  total: number;
  isCards: boolean;
  onMore?: (() => void) | undefined;
}) {
  const hasReasons = rows.some(({ reason }) => reason !== null);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached from the keyboard
    <section className={classes.scroll} aria-label={isCards ? 'Cards' : 'Rows'} tabIndex={0}>
      <table className={classes.report}>
        <thead>
          <tr>
            <th scope="col" className={classes.rowNumber}>
              {isCards ? 'Card' : 'Row'}
            </th>
            <th scope="col">Record</th>
            {hasReasons ? <th scope="col">Why</th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.row}>
              <td className={classes.rowNumber}>{formatCount(row.row)}</td>
              <td>{row.title === '' ? '(no name)' : row.title}</td>
              {hasReasons ? <td>{row.reason === null ? '' : say(row.reason)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length >= total ? null : onMore === undefined ? (
        <Text size="sm" c="dimmed" mt="xs">
          The first {formatCount(rows.length)} of {formatCount(total)} are shown.
        </Text>
      ) : (
        <button type="button" className={classes.more} onClick={onMore}>
          Show more of {formatCount(total)}
        </button>
      )}
    </section>
  );
}
