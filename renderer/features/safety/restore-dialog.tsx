import { Button, Group, Stack, Text } from '@mantine/core';
import type { ArchiveFacts, ArchivePlace } from '../../../shared/contracts/safety.contract.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { useCounts } from '../../api/records.ts';
import { formatCount, formatInstant } from '../../ui/field-text.ts';
import { Dialog } from '../../ui/dialog.tsx';

/** A book that may take the place of the open one. */
export interface Coming {
  place: ArchivePlace;
  facts: ArchiveFacts;
}

/** Names what comes and what goes before anything is done. */
export function RestoreDialog({ coming, onClose, onRestore }: { coming: Coming; onClose: () => void; onRestore: () => void }) {
  const counts = useCounts();
  const isBackup = 'backup' in coming.place;
  const { facts } = coming;
  return (
    <Dialog onClose={onClose} title={isBackup ? 'Restore this backup?' : 'Import this book?'} size={560}>
      <Stack gap="sm">
        <Text>
          {`The book of ${formatInstant(facts.madeAt)} comes in the place of your book: ${listed(facts.counts)}, deleted ones included, with ${facts.lost === 0 ? 'their whole history' : 'the history that is there'}.`}
        </Text>
        {facts.lost === 0 ? null : <Text>{lostSentence(facts.lost, isBackup)}</Text>}
        <Text>
          {`It replaces ${counts === undefined ? 'everything that is in your book now' : `what is in your book now: ${listed(counts)}`}. What was done since then is not in it.`}
        </Text>
        <Text>
          Your book is backed up first, and can be brought back from the list of backups in the same way. Until the other book is there,
          nothing can be changed.
        </Text>
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep my book
          </Button>
          <Button onClick={onRestore}>{isBackup ? 'Replace it with the backup' : 'Replace it with this book'}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function lostSentence(lost: number, isBackup: boolean): string {
  const steps = `${formatCount(lost)} ${lost === 1 ? 'step of its history is' : 'steps of its history are'} not there: the records are whole, but what was done to them then could not be shown or undone.`;
  return isBackup
    ? `${steps} Fieldbook first tries to write them again from the journal.`
    : `${steps} A backup keeps its older history in the folder "history" beside it. A file that has all of it is made with "Export whole book", in the Fieldbook it comes from.`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts)
    .filter(([noun, count]) => count > 0 && Object.hasOwn(nouns, noun))
    .map(([noun, count]) => `${formatCount(count)} ${count === 1 ? nouns[noun as NounName].singular : nouns[noun as NounName].plural}`);
  return parts.length === 0 ? 'no records' : new Intl.ListFormat(undefined, { type: 'conjunction' }).format(parts);
}
