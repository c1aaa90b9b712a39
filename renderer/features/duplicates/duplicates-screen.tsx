import { Button, Progress, Text } from '@mantine/core';
import { IconCopyCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { DuplicateGroup, DuplicateScanState } from '../../../shared/contracts/duplicate.contract.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import { duplicates, useGroups } from '../../api/duplicates.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { RecordLink } from '../records/record-link.tsx';
import classes from './duplicates-screen.module.css';
import { reasonWords } from './may-have-this.tsx';
import { Screen } from '../../ui/screen.tsx';

const PAGE = 50;
const ASK_EVERY_MS = 300;

/** Records of the whole book that may be the same, the likeliest first. */
export function DuplicatesScreen() {
  usePageTitle('Duplicates');
  const [scan, setScan] = useState<DuplicateScanState | null>(null);
  const [limit, setLimit] = useState(PAGE);
  const isRunning = scan?.status === 'running';

  const start = async () => {
    const result = await duplicates.scan();
    if (result.ok) setScan(result.value);
    else showProblem(result.error);
  };
  useEffect(() => {
    void duplicates.scanState().then((result) => {
      if (!result.ok) return;
      if (result.value.status === 'none') void start();
      else setScan(result.value);
    });
  }, []);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => {
      void duplicates.scanState().then((result) => {
        if (result.ok) setScan(result.value);
      });
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning]);

  const { data } = useGroups(limit, `${scan?.status} ${scan?.done} ${scan?.at}`);
  const groups = data?.groups ?? [];
  return (
    <Screen title="Duplicates" width={1100}>
      <div className={classes.line}>
        <Text size="sm" c="dimmed" role="status" aria-live="polite">
          {isRunning ? `Looking: ${formatCount(scan.done)} of ${formatCount(scan.total)} records` : found(scan, data?.total)}
        </Text>
        {isRunning ? (
          <>
            <Progress className={classes.bar} value={(100 * scan.done) / Math.max(1, scan.total)} aria-label="Records looked at" />
            <Button variant="default" size="compact-md" onClick={() => void duplicates.cancelScan()}>
              Stop
            </Button>
          </>
        ) : (
          <Button variant="default" size="compact-md" onClick={() => void start()}>
            Look again
          </Button>
        )}
      </div>
      {groups.map((group) => (
        <Group key={group.records.map(({ id }) => id).join(' ')} group={group} />
      ))}
      {data !== undefined && groups.length < data.total ? (
        <Button variant="subtle" mt="sm" onClick={() => setLimit((now) => Math.min(100, now + PAGE))} disabled={limit >= 100}>
          {limit >= 100 ? 'Settle some of these to see more' : 'Show more'}
        </Button>
      ) : null}
      {!isRunning && data?.total === 0 && scan?.status === 'done' ? (
        <EmptyPlace icon={<IconCopyCheck size={24} />} title="Nothing looks entered twice">
          Clients, contacts and locations that share a name, a phone, an e-mail or an address are listed here.
        </EmptyPlace>
      ) : null}
    </Screen>
  );
}

function found(scan: DuplicateScanState | null, total: number | undefined): string {
  if (scan === null || total === undefined) return '';
  const groups =
    total === 1 ? 'One group of records that may be the same.' : `${formatCount(total)} groups of records that may be the same.`;
  return scan.status === 'stopped' ? `${groups} The search was stopped, so there may be more.` : groups;
}

function Group({ group: { noun, records, reasons } }: { group: DuplicateGroup }) {
  const ids = records.map(({ id }) => id);
  const keepApart = async () => {
    const result = await duplicates.keepApart(noun, ids);
    if (!result.ok) return showProblem(result.error);
    showDone('Remembered: these are not the same.', result.value.operationId === null ? [] : [result.value.operationId]);
  };
  const titles = records.map(({ title }) => title).join(', ');
  return (
    <section className={classes.group} aria-label={`${records.length} ${nouns[noun].plural}: ${titles}`}>
      <div className={classes.head}>
        <span className={classes.reasons}>
          {records.length} {nouns[noun].plural}: {reasons.map((reason) => reasonWords[reason]).join(', ')}
        </span>
        <span className={classes.actions}>
          <Button variant="default" size="compact-sm" onClick={() => void keepApart()} aria-label={`Not a duplicate: ${titles}`}>
            Not a duplicate
          </Button>
          <Button
            size="compact-sm"
            renderRoot={(props) => <Link to="/merge/$of" params={{ of: noun }} search={{ ids }} {...props} />}
            aria-label={`Compare and merge: ${titles}`}
          >
            Compare and merge
          </Button>
        </span>
      </div>
      <ul className={classes.records}>
        {records.map(({ id, title, facts }) => (
          <li key={id} className={classes.record}>
            <RecordLink noun={noun} id={id}>
              {title}
            </RecordLink>
            <span className={classes.facts}>{facts.join(' · ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
