import { Button, Group, Stack, Text } from '@mantine/core';
import { create } from 'zustand';
import { type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { countOf } from '../history/command-words.ts';

export type CountByNoun = Partial<Record<NounName, number>>;

interface Removal {
  /** What is to be deleted: its name, or how many. */
  what: string;
  isOne: boolean;
  goes: CountByNoun;
  stays: CountByNoun;
}

interface Asking {
  removal: Removal | null;
  answer: (isMeant: boolean) => void;
}

const useAsking = create<Asking>()(() => ({ removal: null, answer: () => undefined }));

/** Names what a deletion takes along; resolves with whether the person means it. */
export function askBeforeRemoval(removal: Removal): Promise<boolean> {
  useAsking.getState().answer(false);
  return new Promise((resolve) => {
    useAsking.setState({
      removal,
      answer: (isMeant) => {
        useAsking.setState({ removal: null, answer: () => undefined });
        resolve(isMeant);
      },
    });
  });
}

export function RemovalDialog() {
  const { removal, answer } = useAsking();
  if (removal === null) return null;
  const { what, isOne, goes, stays } = removal;
  return (
    <Dialog title={`Delete ${what}?`} size={480} onClose={() => answer(false)}>
      <Stack gap="sm">
        <Text>
          {withInvoices(listed(goes), 'draft')} {totalOf(goes) === 1 ? 'goes' : 'go'} with {isOne ? 'it' : 'them'}.
        </Text>
        {totalOf(stays) === 0 ? null : <Text>{stayWords(stays, isOne)}</Text>}
        <Text size="sm" c="dimmed">
          Undo brings all of it back, and so does restoring {isOne ? 'it' : 'them'} from the deleted records.
        </Text>
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={() => answer(false)}>
            Keep {isOne ? 'it' : 'them'}
          </Button>
          <Button color="red" onClick={() => answer(true)} data-autofocus>
            Delete
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** "2 issued invoices stay, and go on naming it." Nothing but what was issued stays. */
export function stayWords(stays: CountByNoun, isOne: boolean): string {
  const many = totalOf(stays) !== 1;
  const words = withInvoices(listed(stays), 'issued');
  return `${words} ${many ? 'stay, and go' : 'stays, and goes'} on naming ${isOne ? 'it' : 'them'}.`;
}

function withInvoices(words: string, which: 'draft' | 'issued'): string {
  return words.replace(/\binvoices?\b/, (word) => `${which} ${word}`);
}

export function totalOf(counts: CountByNoun): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const inWords = new Intl.ListFormat('en', { type: 'conjunction' });

function listed(counts: CountByNoun): string {
  return inWords.format(nounNames.flatMap((noun) => (counts[noun] === undefined ? [] : [countOf(noun, counts[noun])])));
}
