import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { hasTags } from '../../../shared/contracts/tag.contract.ts';
import { type FieldInfo, isReference, setAt, valueAt } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useListFields } from '../../api/own-fields.ts';
import { type AnyView, recordApi, useRecord, viewTitle } from '../../api/records.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { blankDraft, displayText, type FieldDraft, formatCount, fromDraft } from '../../ui/field-text.ts';
import { ValueEditor } from '../../ui/value-editor.tsx';
import { countOf } from '../history/command-words.ts';
import { showDone, showQuietly } from '../history/undo.tsx';
import { wordsFor } from './book-words.ts';
import classes from './bulk-change.module.css';
import { groupedFields } from './filter-bar.tsx';
import { finderFor } from './find-references.ts';
import { say } from '../../../shared/words/say.ts';

/** Records of these keep what was once said: an issued invoice, a sent e-mail. They are changed one by one. */
const oneByOne: readonly NounName[] = ['invoices', 'activities'];
/** As many as are shown with what they had and what they get. */
const shown = 4;

export function canChangeMany(noun: NounName): boolean {
  return !oneByOne.includes(noun);
}

/** Sets one field of the ticked rows, after showing what becomes of them; one step, which Undo takes back. */
export function BulkChange({ noun, ids, onDone }: { noun: NounName; ids: ReadonlySet<string>; onDone: () => void }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="default" size="compact-sm" leftSection={<IconPencil size={15} />} onClick={() => setIsOpen(true)}>
        Change
      </Button>
      {isOpen ? (
        <ChangeDialog
          noun={noun}
          ids={[...ids]}
          onClose={() => setIsOpen(false)}
          onDone={() => {
            setIsOpen(false);
            onDone();
          }}
        />
      ) : null}
    </>
  );
}

function ChangeDialog({ noun, ids, onClose, onDone }: { noun: NounName; ids: string[]; onClose: () => void; onDone: () => void }) {
  // Tags are put on and taken off beside this; setting them would take away those that nobody sees here.
  const fields = useListFields(noun).filter(
    ({ path, computed, fixed, group, when }) =>
      computed !== true && fixed !== true && when === undefined && group !== 'Record' && !(path === 'tags' && hasTags(noun)),
  );
  const [path, setPath] = useState(fields[0]?.path ?? '');
  const field = fields.find((one) => one.path === path);
  const [draft, setDraft] = useState<FieldDraft>(field === undefined ? '' : blankDraft(field));
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  if (field === undefined) return null;
  const value = fromDraft(field, draft);
  const submit = async (event: Pick<FormEvent, 'preventDefault'>) => {
    event.preventDefault();
    const words = wordsFor(noun, field.path, value);
    if (words !== null) return setProblem(words);
    setIsSaving(true);
    const changes: Record<string, unknown> = {};
    setAt(changes, field.path, value);
    const result = await recordApi(noun).changeMany({ ids, changes });
    setIsSaving(false);
    if (!result.ok) return setProblem(say(result.error));
    const { operationId, changed } = result.value;
    if (operationId === null) showQuietly('They had it so already.');
    else showDone(`${field.label} of ${countOf(noun, changed)} changed.`, [operationId]);
    onDone();
  };
  return (
    <Dialog
      title={`Change ${countOf(noun, ids.length)}`}
      size={520}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
      }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <NativeSelect
            label="Field"
            data-autofocus
            data={groupedFields(fields)}
            value={path}
            onChange={(event) => {
              const next = fields.find((one) => one.path === event.currentTarget.value);
              if (next === undefined) return;
              setPath(next.path);
              setDraft(blankDraft(next));
              setProblem(null);
            }}
          />
          <ValueEditor
            key={path}
            field={{ ...field, required: false }}
            label={field.kind === 'boolean' ? field.label : 'Becomes'}
            value={draft}
            error={problem}
            onChange={(next) => {
              setDraft(next);
              setProblem(null);
            }}
            findOptions={finderFor(noun, field)}
          />
          <ul className={classes.preview} aria-label="What becomes of them">
            {ids.slice(0, shown).map((id) => (
              <Preview key={id} noun={noun} id={id} field={field} value={value} />
            ))}
          </ul>
          {ids.length > shown ? (
            <Text size="sm" c="dimmed">
              and {formatCount(ids.length - shown)} more
            </Text>
          ) : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isSaving}>
              Change {countOf(noun, ids.length)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** One of them: what it has, and what it gets. */
function Preview({ noun, id, field, value }: { noun: NounName; id: string; field: FieldInfo; value: unknown }) {
  const record = useRecord(noun, id).data;
  if (record === undefined) return null;
  const before = <Shown field={field} value={valueAt(record, field.path)} record={record} />;
  return (
    <li>
      <span className={classes.name}>{viewTitle(noun, record)}</span>
      <span className={classes.values}>
        <s>{before}</s> <span aria-label="becomes">→</span>{' '}
        <strong>
          <Shown field={field} value={value} record={record} />
        </strong>
      </span>
    </li>
  );
}

function Shown({ field, value, record }: { field: FieldInfo; value: unknown; record: AnyView }) {
  const ids = isReference(field)
    ? Array.isArray(value)
      ? value.map(String)
      : typeof value === 'string' && value !== ''
        ? [value]
        : []
    : [];
  if (isReference(field) && field.of !== undefined) {
    if (ids.length === 0) return <>empty</>;
    return (
      <>
        {ids.map((id, at) => (
          <span key={id}>
            {at === 0 ? '' : ', '}
            {record.names[id] ?? <NameOf noun={field.of as NounName} id={id} />}
          </span>
        ))}
      </>
    );
  }
  const text = displayText(field, value);
  return <>{text === '' ? 'empty' : text}</>;
}

function NameOf({ noun, id }: { noun: NounName; id: string }) {
  const record = useRecord(noun, id).data;
  return <>{record === undefined ? '…' : viewTitle(noun, record)}</>;
}
