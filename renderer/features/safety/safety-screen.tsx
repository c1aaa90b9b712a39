import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconDatabaseExport, IconDeviceFloppy, IconFileImport, IconStethoscope } from '@tabler/icons-react';
import { useState } from 'react';
import type { ArchivePlace, SafetyJob } from '../../../shared/contracts/safety.contract.ts';
import type { Result } from '../../../shared/lib/result.ts';
import { safety, useSafety } from '../../api/safety.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { BackupList } from './backup-list.tsx';
import { CheckFindings } from './check-report.tsx';
import { JobPanel } from './job-panel.tsx';
import { type Coming, RestoreDialog } from './restore-dialog.tsx';
import classes from './safety-screen.module.css';
import { Dialog } from '../../ui/dialog.tsx';
import { BusyScreen, Screen, ScreenPart } from '../../ui/screen.tsx';

/** Backups, taking the whole book elsewhere and back, and the check: all that keeps a book safe, in one place. */
export function SafetyScreen() {
  const state = useSafety();
  const [coming, setComing] = useState<Coming | null>(null);
  const [isExporting, setIsExporting] = useState(false);
  const [isReading, setIsReading] = useState(false);
  if (state === null) return <BusyScreen />;
  const isBusy = state.job?.state === 'running' || isReading;

  const lookAt = async (place: ArchivePlace) => {
    const result = await safety.look(place);
    if (result.ok) setComing({ place, facts: result.value });
    else showProblem(result.error);
  };
  const importBook = async (file: File | null) => {
    if (file === null) return;
    setIsReading(true);
    const taken = await safety.take(file);
    if (taken.ok) await lookAt({ fileId: taken.value.fileId });
    else showProblem(taken.error);
    setIsReading(false);
  };

  return (
    <Screen title="Backups and check" width={880}>
      <Text className={classes.lead}>
        Fieldbook backs up the whole book by itself: five minutes after a change, when it is closed, and before an import, an upgrade or a
        restore. Each backup is read back, every tenth is restored as a test.
      </Text>
      <Text className={classes.lead} size="sm" c="dimmed">
        Backups are not locked: whoever can read the folder can read them. Only banking data in them is sealed, with the key of this book on
        this computer. An exported book holds banking data in plain text too. The backups are in{' '}
        <span className={classes.path}>{state.folder}</span> <CopyButton text={state.folder} what="folder" />
      </Text>
      <Text className={classes.lead} size="sm" c="dimmed">
        Backups share their older history, in the folder "history" there: copy the whole folder. To take the book elsewhere as one file,
        export it.
      </Text>

      <div className={classes.actions}>
        <Button leftSection={<IconDeviceFloppy size={18} />} disabled={isBusy} onClick={() => void started(safety.backUp())}>
          Back up now
        </Button>
        <Button variant="default" leftSection={<IconDatabaseExport size={18} />} disabled={isBusy} onClick={() => setIsExporting(true)}>
          Export whole book…
        </Button>
        <FileButton accept=".zip,application/zip" onChange={(file) => void importBook(file)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileImport size={18} />} disabled={isBusy} loading={isReading}>
              Import a book…
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          leftSection={<IconStethoscope size={18} />}
          disabled={isBusy}
          onClick={() => void started(safety.check())}
        >
          Check my book
        </Button>
      </div>

      {state.job === null || isToldBelow(state.job) ? null : <JobPanel job={state.job} />}

      {state.report === null ? null : (
        <ScreenPart title="Check" name="Check">
          <CheckFindings report={state.report} isBusy={isBusy} />
        </ScreenPart>
      )}

      <ScreenPart title="Backups" name="Backups">
        <BackupList backups={state.backups} isBusy={isBusy} onRestore={({ name }) => void lookAt({ backup: name })} />
        <Text size="sm" c="dimmed" mt={8}>
          {state.isDue
            ? 'Something changed since the newest backup. The next one is made within five minutes.'
            : 'Everything in the book is in a backup.'}{' '}
          Kept are the 30 newest, one a day for 21 days and one a month for 12 months.
        </Text>
      </ScreenPart>
      {coming === null ? null : (
        <RestoreDialog
          coming={coming}
          onClose={() => setComing(null)}
          onRestore={() => {
            setComing(null);
            void started(safety.restore(coming.place));
          }}
        />
      )}
      {isExporting ? (
        <ExportDialog
          onClose={() => setIsExporting(false)}
          onExport={() => {
            setIsExporting(false);
            void started(safety.exportBook());
          }}
        />
      ) : null}
    </Screen>
  );
}

/** What a check found stands in its own part, also after some of it was mended. */
function isToldBelow(job: SafetyJob): boolean {
  return job.kind === 'check' && job.state === 'done';
}

async function started(begun: Promise<Result<SafetyJob>>): Promise<void> {
  const result = await begun;
  if (!result.ok) showProblem(result.error);
}

function ExportDialog({ onClose, onExport }: { onClose: () => void; onExport: () => void }) {
  return (
    <Dialog onClose={onClose} title="Export the whole book" size={520}>
      <Stack gap="sm">
        <Text>
          One zip file with every record, deleted ones too, and the whole history. Another Fieldbook can import it, and any program can read
          it.
        </Text>
        <Text>
          It holds banking data and is not locked: whoever has the file can read all of it. Keep it where only you can, and delete it when
          you no longer need it.
        </Text>
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={onExport} data-autofocus>
            Write the file
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
