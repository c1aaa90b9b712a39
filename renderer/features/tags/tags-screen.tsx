import { ActionIcon, Button, Loader, Table, Text, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconPencil, IconTags, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { tagsApi, useTags } from '../../api/tags.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { Screen } from '../../ui/screen.tsx';
import { TagList } from '../../ui/tag-list.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showDone, showQuietly } from '../history/undo.tsx';
import classes from './tags-screen.module.css';

/** Every tag of the book with how many records carry it; one can be renamed, or taken off, everywhere at once. */
export function TagsScreen() {
  usePageTitle('Tags');
  const tags = useTags();
  const [renaming, setRenaming] = useState<string | null>(null);
  if (tags === undefined) return <Loader size="sm" m="md" />;
  return (
    <Screen title="Tags" width={720}>
      {tags.length === 0 ? (
        <EmptyPlace icon={<IconTags size={24} />} title="No tags yet">
          Write tags on clients, contacts and opportunities. Here they are counted and renamed.
        </EmptyPlace>
      ) : (
        <Table className={classes.table} mt="sm" aria-label="Tags">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Tag</Table.Th>
              <Table.Th className={classes.number}>Records</Table.Th>
              <Table.Th className={classes.actions}>
                <VisuallyHidden>What can be done</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tags.map(({ tag, records }) => (
              <Table.Tr key={tag}>
                <Table.Td>
                  {renaming === tag ? (
                    <Rename tag={tag} others={tags.map((other) => other.tag)} onClose={() => setRenaming(null)} />
                  ) : (
                    <TagList tags={[tag]} />
                  )}
                </Table.Td>
                <Table.Td className={classes.number}>{formatCount(records)}</Table.Td>
                <Table.Td className={classes.actions}>
                  <Tooltip label="Rename">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size={28}
                      data-rename={tag}
                      aria-label={`Rename the tag ${tag}`}
                      onClick={() => setRenaming(tag)}
                    >
                      <IconPencil size={16} />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label="Take off everything">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size={28}
                      aria-label={`Take the tag ${tag} off everything`}
                      onClick={() => void rename(tag, null)}
                    >
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Tooltip>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Screen>
  );
}

function Rename({ tag, others, onClose }: { tag: string; others: readonly string[]; onClose: () => void }) {
  const [text, setText] = useState(tag);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const close = () => {
    onClose();
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-rename="${CSS.escape(tag)}"]`)?.focus());
  };
  const save = async () => {
    const to = text.trim();
    if (to === '' || to === tag || (await rename(tag, to))) close();
  };
  const joins = text.trim() !== tag && others.includes(text.trim());
  return (
    <form
      className={classes.rename}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        ref={input}
        size="xs"
        aria-label={`New name of the tag ${tag}`}
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          close();
        }}
        autoFocus
      />
      <Button type="submit" size="compact-sm">
        Rename
      </Button>
      <Button variant="default" size="compact-sm" onClick={close}>
        Cancel
      </Button>
      {joins ? (
        <Text size="xs" c="dimmed">
          This tag is there already: the two become one.
        </Text>
      ) : null}
    </form>
  );
}

async function rename(from: string, to: string | null): Promise<boolean> {
  const result = await tagsApi.rename(from, to);
  if (!result.ok) {
    showProblem(result.error);
    return false;
  }
  const { operationId, changed } = result.value;
  const where = changed === 1 ? 'one record' : `${formatCount(changed)} records`;
  if (operationId === null) showQuietly('Nothing carries this tag any more.');
  else showDone(to === null ? `Tag “${from}” taken off ${where}.` : `Tag “${from}” is “${to}” on ${where} now.`, [operationId]);
  return true;
}
