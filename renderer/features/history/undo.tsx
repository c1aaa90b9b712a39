import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp } from '@tabler/icons-react';
import { book } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { commandWords } from './command-words.ts';
import { say } from '../../../shared/words/say.ts';

/** One toast for what was done last: a newer one takes its place, so that a row of edits does not build a tower. */
const TOAST = 'done';
const SHOWN_MS = 8000;

/** Says what was done and offers to take back just that. `targets` are operations or groups, oldest first. */
export function showDone(message: string, targets: readonly string[]): void {
  showTakeable(message, targets.length === 0 ? null : () => void undoTargets(targets));
}

/** The same for what is no operation of the book (a saved view): whoever did it says how it is taken back. */
export function showTakeable(message: string, takeBack: (() => void) | null): void {
  announce(message);
  notifications.hide(TOAST);
  notifications.show({
    id: TOAST,
    withCloseButton: true,
    autoClose: SHOWN_MS,
    withBorder: true,
    message: (
      <Group gap="sm" wrap="nowrap" justify="space-between">
        <Text size="sm" lineClamp={2}>
          {message}
        </Text>
        {takeBack === null ? null : (
          <Button flex="none" variant="light" size="compact-sm" leftSection={<IconArrowBackUp size={15} />} onClick={takeBack}>
            Undo
          </Button>
        )}
      </Group>
    ),
  });
}

/** A form that opens stands where the toast is; Ctrl+Z and the button above still undo. */
export function hideDone(): void {
  notifications.hide(TOAST);
}

async function undoTargets(targets: readonly string[]): Promise<void> {
  for (const target of targets.toReversed()) if (!(await undo(target))) return;
}

/** Takes back the newest thing, or just the named one. */
export async function undo(target: string | null = null): Promise<boolean> {
  const result = await book.undo(target);
  if (!result.ok) {
    if (result.error.code === 'NOTHING_TO_UNDO') showQuietly(say(result.error));
    else showProblem(result.error);
    return false;
  }
  const { command, records, kept, keptBecause } = result.value;
  if (records === 0 && keptBecause !== null) {
    showQuietly(keptBecause);
    return true;
  }
  const rest = kept === 0 ? '' : ` ${kept === 1 ? 'One field' : `${kept} fields`} changed later stayed as it is.`;
  const why = keptBecause === null ? rest : ` ${keptBecause}`;
  showTaken(`Undone: ${lower(commandWords(command, records))}.${why}`, 'Redo', () => void redo());
  return true;
}

export async function redo(): Promise<void> {
  const result = await book.redo();
  if (!result.ok) {
    if (result.error.code === 'NOTHING_TO_REDO') showQuietly(say(result.error));
    else showProblem(result.error);
    return;
  }
  showTaken(`Done again: ${lower(commandWords(result.value.command, result.value.records))}.`, 'Undo', () => void undo());
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function showTaken(message: string, button: string, act: () => void): void {
  announce(message);
  notifications.hide(TOAST);
  notifications.show({
    id: TOAST,
    autoClose: SHOWN_MS,
    withBorder: true,
    message: (
      <Group gap="sm" wrap="nowrap" justify="space-between">
        <Text size="sm">{message}</Text>
        <Button
          flex="none"
          variant="light"
          size="compact-sm"
          onClick={act}
          rightSection={<Shortcut keys={button === 'Redo' ? 'mod+shift+z' : 'mod+z'} />}
        >
          {button}
        </Button>
      </Group>
    ),
  });
}

/** Something that is neither done nor a problem: there is nothing to undo. */
export function showQuietly(message: string): void {
  announce(message);
  notifications.hide(TOAST);
  notifications.show({ id: TOAST, message, autoClose: Math.max(4000, message.length * 60), withBorder: true });
}
