import { Button, Text, VisuallyHidden } from '@mantine/core';
import type { CheckReport, Finding } from '../../../shared/contracts/safety.contract.ts';
import { type NounName, nounNames, nouns } from '../../../shared/nouns/nouns.ts';
import { safety } from '../../api/safety.ts';
import { formatCount, formatInstant } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { showQuietly } from '../history/undo.tsx';
import { RecordLink } from '../records/record-link.tsx';
import classes from './safety-screen.module.css';
import { say } from '../../../shared/words/say.ts';

export function CheckFindings({ report, isBusy }: { report: CheckReport; isBusy: boolean }) {
  const mendable = report.findings.filter(({ mend }) => mend !== null);
  const looked = report.looked.map(({ what, count }) => `${what.toLowerCase()}: ${formatCount(count)}`).join(', ');
  return (
    <>
      <div className={classes.box}>
        {report.total === 0 ? <p className={classes.quiet}>Everything is in order.</p> : null}
        {report.findings.map((finding) => (
          <FindingRow key={finding.id} finding={finding} isBusy={isBusy} />
        ))}
        {report.total > report.findings.length ? (
          <p
            className={classes.quiet}
          >{`These are the first ${formatCount(report.findings.length)} of ${formatCount(report.total)}. Mend them, then check again.`}</p>
        ) : null}
      </div>
      <div className={classes.actions}>
        {mendable.length < 2 ? null : (
          <Button variant="default" disabled={isBusy} onClick={() => void mend(mendable)}>
            {`Mend all ${formatCount(mendable.length)}`}
          </Button>
        )}
      </div>
      <Text size="sm" c="dimmed" mt={8}>
        {`Checked ${formatInstant(report.checkedAt)}. Looked at ${looked}.`}
      </Text>
    </>
  );
}

function FindingRow({ finding, isBusy }: { finding: Finding; isBusy: boolean }) {
  const { record } = finding;
  const isOpenable = record !== null && nounNames.includes(record.collection as NounName);
  return (
    <div className={classes.finding}>
      <div className={classes.words}>
        <ToneText tone={finding.level === 'error' ? 'red' : 'amber'}>{say(finding.text)}</ToneText>
        {finding.mend === null ? null : (
          <Text size="sm" c="dimmed">
            {say(finding.mend)}
          </Text>
        )}
      </div>
      {record !== null && isOpenable ? (
        <RecordLink noun={record.collection as NounName} id={record.id}>
          Open<VisuallyHidden>{` the ${nouns[record.collection as NounName].singular} ${record.title}`}</VisuallyHidden>
        </RecordLink>
      ) : null}
      {finding.mend === null ? null : (
        <Button
          variant="default"
          size="compact-sm"
          disabled={isBusy}
          aria-label={`Mend: ${say(finding.text)}`}
          onClick={() => void mend([finding])}
        >
          Mend
        </Button>
      )}
    </div>
  );
}

async function mend(findings: readonly Finding[]): Promise<void> {
  const result = await safety.mend(findings.map(({ id }) => id));
  if (!result.ok) return showProblem(result.error);
  const { mended } = result.value;
  const refused = findings.length - mended;
  showQuietly(
    `${formatCount(mended)} ${mended === 1 ? 'thing' : 'things'} mended.${refused === 0 ? '' : ` ${formatCount(refused)} could not be, because something else is wrong with the record: open it and put that right first.`}`,
  );
}
