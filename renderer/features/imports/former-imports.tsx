import { Alert, Button, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { ImportJob } from '../../../shared/contracts/transfer.contract.ts';
import { imports, useImports } from '../../api/transfer.ts';
import { Age } from '../../ui/age.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { openJob } from './import-flow.ts';
import classes from './import-screen.module.css';
import { canGoOn, rowsOf, stateWords } from './import-words.ts';
import { undoImport } from './undo-import.ts';
import { say } from '../../../shared/words/say.ts';

const tones: Record<ImportJob['state'], string> = {
  running: 'blue',
  paused: 'amber',
  interrupted: 'amber',
  done: 'green',
  cancelled: 'gray',
  failed: 'red',
  undoing: 'blue',
  undone: 'gray',
};

/** What was imported before, and what a crash left half done: that comes first, with the ways out. */
export function FormerImports() {
  const jobs = useImports();
  if (jobs === null || jobs.length === 0) return null;
  return (
    <div className={classes.former}>
      {jobs
        .filter(({ state }) => state === 'interrupted')
        .map((job) => (
          <InterruptedImport key={job.id} job={job} />
        ))}
      <h2 className={classes.subtitle}>Former imports</h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached from the keyboard */}
      <section className={classes.scroll} aria-label="Former imports" tabIndex={0}>
        <Table verticalSpacing={6} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>File</Table.Th>
              <Table.Th>Begun</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th className={classes.number}>Rows</Table.Th>
              <Table.Th className={classes.number}>Errors</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {jobs.map((job) => (
              <Table.Tr key={job.id}>
                <Table.Td className={classes.fileName}>{job.fileName}</Table.Td>
                <Table.Td>
                  <Age instant={job.startedAt} />
                </Table.Td>
                <Table.Td>
                  <ToneText tone={tones[job.state]}>{stateWords[job.state]}</ToneText>
                </Table.Td>
                <Table.Td className={classes.number}>
                  {job.done === job.rows ? formatCount(job.rows) : `${formatCount(job.done)} of ${formatCount(job.rows)}`}
                </Table.Td>
                <Table.Td className={classes.number}>{job.counts.error === 0 ? '' : formatCount(job.counts.error)}</Table.Td>
                <Table.Td className={classes.number}>
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    aria-label={`Open the import of ${job.fileName}`}
                    onClick={() => openJob(job.id)}
                  >
                    Open
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </div>
  );
}

function InterruptedImport({ job }: { job: ImportJob }) {
  const resume = async () => {
    const result = await imports.resume(job.id);
    if (!result.ok) return showProblem(result.error);
    openJob(job.id);
  };
  return (
    <Alert color="orange" mb="md" title={`The import of ${job.fileName} was interrupted`}>
      <Text size="sm" mb="xs">
        {job.problem !== null
          ? say(job.problem)
          : `${rowsOf(job.done, job.format === 'vcard')} of ${formatCount(job.rows)} are in the book, complete. Go on where it stopped, or take them back.`}
      </Text>
      <Group gap="xs">
        {canGoOn(job) ? (
          <Button size="compact-md" leftSection={<IconPlayerPlay size={15} />} onClick={() => void resume()}>
            Resume
          </Button>
        ) : null}
        <Button size="compact-md" variant="default" onClick={() => void undoImport(job)}>
          Undo the import
        </Button>
      </Group>
    </Alert>
  );
}
