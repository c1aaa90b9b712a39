import { type KeyboardEvent, useEffect, useState } from 'react';
import { type FieldInfo, isAs, valueAt } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { ShownList } from '../../api/list-window.ts';
import type { AnyView } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { InlineField } from '../../ui/inline-field.tsx';
import { isFocusLost } from '../../ui/last-focus.ts';
import { showProblem } from '../../ui/problem.tsx';
import { wordsFor } from './book-words.ts';
import { finderFor, type Scope } from './find-references.ts';
import type { NounScreen } from './noun-screen.ts';
import { saveField } from './record-commands.ts';

/** What fits into a row: long texts and lists of several are changed in the record. */
const inRow: ReadonlySet<FieldInfo['kind']> = new Set([
  'text',
  'email',
  'phone',
  'url',
  'number',
  'decimal',
  'rate',
  'date',
  'choice',
  'openChoice',
  'reference',
  'boolean',
]);

function canEdit({ hasField, isFixed }: NounScreen, record: AnyView, field: FieldInfo): boolean {
  return (
    inRow.has(field.kind) &&
    record.deletedAt === null &&
    field.computed !== true &&
    field.fixed !== true &&
    field.secret !== true &&
    isAs(record, field.when) &&
    hasField?.(record, field.path) !== false &&
    isFixed?.(record, field.path) !== true
  );
}

interface CellsDeps {
  screen: NounScreen;
  list: ShownList;
  /** As they are drawn. */
  columns: readonly FieldInfo[];
  cursor: number;
  onCursor: (index: number) => void;
  /** Gives the focus back to the list. */
  focus: () => void;
}

/** The cell that the keys are at, and the one that is being edited: a cell of a record, wherever in the list that goes meanwhile. */
export function useCells({ screen, list, columns, cursor, onCursor, focus }: CellsDeps) {
  const { noun } = screen;
  const [path, setPath] = useState<string | null>(null);
  const [editing, setEditing] = useState<{ id: string; path: string } | null>(null);
  const at = columns.findIndex((field) => field.path === path);
  const editedAt = editing === null ? -1 : list.indexOf(editing.id);

  const end = () => {
    // Left by a key: before the editor goes with the focus.
    if (document.activeElement?.closest('[data-editing]') !== null) focus();
    setEditing(null);
    requestAnimationFrame(() => {
      if (isFocusLost()) focus();
    });
  };

  // Saved, a record may have another place in the order; or none, where it is not asked for any more.
  const isGone = editing !== null && editedAt < 0 && !list.isStale;
  useEffect(() => {
    if (editedAt >= 0 && editedAt !== cursor) onCursor(editedAt);
    if (isGone) end();
    // oxlint-disable-next-line react/exhaustive-deps -- when it moves or goes, and only then
  }, [editedAt, isGone]);

  const edit = (record: AnyView, field: FieldInfo) => {
    setPath(field.path);
    if (field.kind !== 'boolean') return setEditing({ id: record.id, path: field.path });
    void saveField(noun, record, field, valueAt(record, field.path) !== true).then((problem) => {
      if (problem !== null) showProblem(problem);
    });
  };

  /** The next cell that can be written in, in this row or the one after it. */
  const goOn = (by: 1 | -1) => {
    for (const row of editedAt < 0 ? [] : [editedAt, editedAt + by]) {
      const record = list.rowAt(row);
      if (record === undefined) continue;
      const open = columns.filter((field) => field.kind !== 'boolean' && canEdit(screen, record, field));
      const from = row === editedAt ? open.findIndex((field) => field.path === editing?.path) : by > 0 ? -1 : open.length;
      const next = open[from + by];
      if (next === undefined) continue;
      if (row !== editedAt) onCursor(row);
      return edit(record, next);
    }
    end();
  };

  return {
    path: at < 0 ? null : path,
    at,
    editing,
    end,
    goOn,
    /** False for a key that is none of the cells'. */
    takeKey({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
      const record = cursor < 0 ? undefined : list.rowAt(cursor);
      if (record === undefined || shiftKey || ctrlKey || metaKey || altKey) return false;
      if (key === 'ArrowRight' || key === 'ArrowLeft') {
        const next = key === 'ArrowRight' ? Math.min(columns.length - 1, at + 1) : at - 1;
        setPath(columns[next]?.path ?? null);
        return true;
      }
      if (key !== 'F2') return false;
      const field = at < 0 ? columns.find((one) => one.kind !== 'boolean' && canEdit(screen, record, one)) : columns[at];
      if (field !== undefined && canEdit(screen, record, field)) edit(record, field);
      else announce(`${field?.label ?? 'This row'} is not changed in the list. Enter opens the record.`);
      return true;
    },
  };
}

interface CellEditorProps {
  noun: NounName;
  record: AnyView;
  field: FieldInfo;
  onEnd: () => void;
  onGoOn: (by: 1 | -1) => void;
}

/** A value that is edited in its row, by the rules of the record's own fields. */
export function CellEditor({ noun, record, field, onEnd, onGoOn }: CellEditorProps) {
  return (
    <InlineField
      key={`${record.id} ${field.path}`}
      field={field}
      value={valueAt(record, field.path)}
      isBare
      isEditing
      onEdit={() => undefined}
      onClose={onEnd}
      onTab={onGoOn}
      check={(next) => wordsFor(noun, field.path, next)}
      onSave={(next) => saveField(noun, record, field, next)}
      findOptions={finderFor(noun, field, record as Scope)}
      names={record.names}
    />
  );
}
