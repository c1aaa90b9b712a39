import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type KeyboardEvent, useRef, useState } from 'react';
import { proposedFollowUp } from '../../../shared/nouns/activity/follow-up-day.ts';
import { recordApi } from '../../api/records.ts';
import { DayInput, meantDay } from '../../ui/day-input.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { formatDay } from '../../ui/field-text.ts';
import { localDay } from '../../ui/local-day.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { showDone } from '../history/undo.tsx';
import { useQuickTask } from './quick-task-state.ts';

/** A task in a few keys: what is to be done, and by when, as people say it. All its other fields are on its own page. */
export function QuickTask() {
  const { open, close } = useQuickTask();
  return open === null ? null : <TaskDialog {...open} onClose={close} />;
}

interface TaskDialogProps {
  clientId: string | null;
  clientName: string | null;
  day: string | null;
  onClose: () => void;
}

function TaskDialog({ clientId, clientName, day, onClose }: TaskDialogProps) {
  const [title, setTitle] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const [isAsked, setIsAsked] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const titleInput = useRef<HTMLInputElement>(null);
  const dueInput = useRef<HTMLInputElement>(null);
  const today = localDay();
  const proposed = day ?? proposedFollowUp('no_answer', today);
  const due = meantDay(typed, proposed, today);

  const save = async () => {
    if (isSaving) return;
    if (title.trim() === '') {
      setIsAsked(true);
      titleInput.current?.focus();
      return;
    }
    if (due.problem !== null) {
      dueInput.current?.focus();
      return;
    }
    setIsSaving(true);
    const result = await recordApi('tasks').create({ title: title.trim(), clientId, dueDate: due.day });
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    const when = due.day === null ? 'with no date' : `due ${formatDay(due.day)}`;
    onClose();
    showDone(`Task "${title.trim()}" saved, ${when}.`, result.value.operationId === null ? [] : [result.value.operationId]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    event.stopPropagation();
    void save();
  };
  return (
    <Dialog title={clientName === null ? 'New task' : `New task for ${clientName}`} size={440} onClose={onClose} onKeyDown={onKeyDown}>
      <Stack gap="sm">
        <TextInput
          ref={titleInput}
          data-autofocus
          label="What is to be done"
          maxLength={300}
          value={title}
          error={isAsked && title.trim() === '' ? 'Write what is to be done.' : null}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <DayInput label="Due" inputRef={dueInput} typed={typed} onTyped={setTyped} proposed={proposed} today={today} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={isSaving} onClick={() => void save()} rightSection={<Shortcut keys="enter" />}>
            Save task
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
