import { Button, Group, Popover, Stack, TagsInput } from '@mantine/core';
import { IconTags } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { TagNoun } from '../../../shared/contracts/tag.contract.ts';
import { tagsApi, useTags } from '../../api/tags.ts';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { countOf } from '../history/command-words.ts';
import { showDone, showQuietly } from '../history/undo.tsx';

/** Adds tags to the ticked rows and takes others off: one step, which Undo takes back. */
export function BulkTags({ noun, ids }: { noun: TagNoun; ids: ReadonlySet<string> }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" trapFocus returnFocus withinPortal width={300}>
      <Popover.Target>
        <Button variant="default" size="compact-sm" leftSection={<IconTags size={15} />} onClick={() => setIsOpen((open) => !open)}>
          Tags
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Tags of the selected rows" data-popover>
        <KeepFocus />
        <TagForm noun={noun} ids={ids} onDone={() => setIsOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function TagForm({ noun, ids, onDone }: { noun: TagNoun; ids: ReadonlySet<string>; onDone: () => void }) {
  const known = useTags()?.map(({ tag }) => tag) ?? [];
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [isSaving, setIsSaving] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (add.length === 0 && remove.length === 0) return;
    setIsSaving(true);
    const result = await tagsApi.put({ collection: noun, ids: [...ids], add, remove });
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    const { operationId, changed } = result.value;
    if (operationId === null) showQuietly('They had it so already.');
    else showDone(`Tags of ${countOf(noun, changed)} changed.`, [operationId]);
    onDone();
  };
  const shared = {
    size: 'xs',
    data: known,
    limit: 50,
    acceptValueOnBlur: true,
    // Going on with Tab does not cover what comes next.
    openOnFocus: false,
    comboboxProps: { withinPortal: false },
  } as const;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="xs">
        <TagsInput {...shared} label="Add" value={add} onChange={setAdd} placeholder="Write a tag, then Enter" data-autofocus />
        <TagsInput {...shared} label="Take off" value={remove} onChange={setRemove} placeholder="Pick a tag, then Enter" />
        <Group justify="flex-end">
          <Button type="submit" size="compact-md" loading={isSaving}>
            Apply
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
