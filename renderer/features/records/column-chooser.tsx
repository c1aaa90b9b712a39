import { ActionIcon, Button, Checkbox, Group, Popover, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { searchFold } from '../../../shared/lib/text.ts';
import { announce } from '../../ui/announcer.tsx';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { useListFields } from '../../api/own-fields.ts';
import { nounScreens } from './noun-screens.tsx';
import classes from './column-chooser.module.css';

interface ColumnChooserProps {
  noun: NounName;
  columns: readonly FieldInfo[];
  opened: boolean;
  onOpened: (opened: boolean) => void;
  onColumns: (paths: string[]) => void;
  onReset: () => void;
}

/** Which columns the list has, and in what order: the chosen ones first, as they stand from left to right. */
export function ColumnChooser({ noun, columns, opened, onOpened, onColumns, onReset }: ColumnChooserProps) {
  const [text, setText] = useState('');
  const fields = useListFields(noun);
  const keep = nounScreens[noun].keptColumns ?? [];
  // Those that stay in sight are the last ones.
  const stays = (path: string | undefined) => path === undefined || keep.includes(path);
  const paths = columns.map((field) => field.path);
  const rest = fields.filter((field) => !paths.includes(field.path));
  const fits = (field: FieldInfo) => searchFold(`${field.label} ${field.group}`).includes(searchFold(text.trim()));
  const move = (at: number, by: number) => {
    const next = paths.slice();
    const [path] = next.splice(at, 1);
    if (path === undefined) return;
    next.splice(at + by, 0, path);
    onColumns(next);
    announce(`${columns[at]?.label ?? 'Column'} is column ${at + by + 1} of ${paths.length}`);
  };
  return (
    <Popover opened={opened} onChange={onOpened} position="bottom-end" trapFocus returnFocus withinPortal width={320}>
      <Popover.Target>
        <Button
          aria-label="Columns"
          title="Columns"
          variant="default"
          size="compact-md"
          leftSection={<IconColumns3 size={16} />}
          onClick={() => onOpened(!opened)}
          className={classes.button}
        >
          <span className={classes.buttonText}>Columns</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Columns" data-popover>
        <KeepFocus />
        <TextInput
          m="xs"
          mb={4}
          aria-label="Find a field"
          placeholder="Find a field"
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <ScrollArea.Autosize mah={340} type="auto" viewportProps={{ tabIndex: -1 }}>
          <ul className={classes.list} aria-label="Fields">
            {columns.filter(fits).map((field) => {
              const at = paths.indexOf(field.path);
              return (
                <li key={field.path} className={classes.item}>
                  <Checkbox
                    size="xs"
                    label={field.label}
                    checked
                    disabled={paths.length === 1}
                    onChange={() => onColumns(paths.filter((path) => path !== field.path))}
                    className={classes.tick}
                  />
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    aria-label={`Move ${field.label} left`}
                    disabled={stays(field.path) || stays(paths[at - 1])}
                    onClick={() => move(at, -1)}
                  >
                    <IconArrowUp size={14} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    aria-label={`Move ${field.label} right`}
                    disabled={stays(field.path) || stays(paths[at + 1])}
                    onClick={() => move(at, 1)}
                  >
                    <IconArrowDown size={14} />
                  </ActionIcon>
                </li>
              );
            })}
            {rest.filter(fits).map((field) => (
              <li key={field.path} className={classes.item}>
                <Checkbox
                  size="xs"
                  label={field.label}
                  checked={false}
                  onChange={() => onColumns([...paths, field.path])}
                  className={classes.tick}
                />
                <Text size="xs" c="dimmed" className={classes.group}>
                  {field.group}
                </Text>
              </li>
            ))}
          </ul>
        </ScrollArea.Autosize>
        <Group justify="space-between" className={classes.foot}>
          <Text size="xs" c="dimmed">
            {columns.length} of {fields.length} fields
          </Text>
          <Button variant="subtle" size="compact-sm" onClick={onReset}>
            Back to the usual columns
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
