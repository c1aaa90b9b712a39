import { Button, Table } from '@mantine/core';
import { type Backup, backupReasons } from '../../../shared/contracts/safety.contract.ts';
import { formatCount, formatInstant } from '../../ui/field-text.ts';
import { ToneText } from '../../ui/tone-text.tsx';
import { formatBytes } from './format-bytes.ts';
import classes from './safety-screen.module.css';

const states: Record<Backup['state'], { words: string; tone: string }> = {
  unverified: { words: 'Not read back yet', tone: 'gray' },
  verified: { words: 'Read back, whole', tone: 'green' },
  tested: { words: 'Restored as a test, whole', tone: 'green' },
  incomplete: { words: 'Whole but for part of its history', tone: 'amber' },
  damaged: { words: 'Damaged', tone: 'red' },
};

export function BackupList({
  backups,
  isBusy,
  onRestore,
}: {
  backups: readonly Backup[];
  isBusy: boolean;
  onRestore: (backup: Backup) => void;
}) {
  if (backups.length === 0)
    return (
      <p className={`${classes.box} ${classes.quiet}`}>
        There is no backup yet. The first one is made five minutes after a change, or when Fieldbook is closed.
      </p>
    );
  return (
    <div className={`${classes.box} ${classes.tableBox}`}>
      <Table aria-label="Backups" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th className={classes.number}>Records</Table.Th>
            <Table.Th className={classes.number}>Size</Table.Th>
            <Table.Th>Checked</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {backups.map((backup) => (
            <Table.Tr key={backup.name}>
              <Table.Td>{formatInstant(backup.madeAt)}</Table.Td>
              <Table.Td>{backupReasons[backup.reason]}</Table.Td>
              <Table.Td className={classes.number}>{formatCount(backup.records)}</Table.Td>
              <Table.Td className={classes.number}>{formatBytes(backup.bytes)}</Table.Td>
              <Table.Td>
                <ToneText tone={states[backup.state].tone}>{states[backup.state].words}</ToneText>
              </Table.Td>
              <Table.Td>
                <Button
                  variant="default"
                  size="compact-sm"
                  disabled={isBusy || backup.state === 'damaged'}
                  aria-label={`Restore the backup of ${formatInstant(backup.madeAt)}`}
                  onClick={() => onRestore(backup)}
                >
                  Restore…
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
