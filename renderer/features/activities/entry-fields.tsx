import { Group, NumberInput, Textarea, TextInput } from '@mantine/core';
import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import { focusRecord } from '../../ui/last-focus.ts';
import { peopleLike } from '../../api/activities.ts';
import classes from './record-timeline.module.css';
import type { Entry, EntryKind } from './entry-draft.ts';

const labels: Readonly<Record<EntryKind, string>> = { comment: 'Comment', call: 'About the call', visit: 'About the visit' };

interface EntryFieldsProps {
  entry: Entry;
  onChange: (entry: Entry) => void;
  onSave: () => void;
  onCancel?: () => void;
  text: RefObject<HTMLTextAreaElement | null>;
  error: string | null;
}

/** The text of an entry, and of a call or a visit when it was and how long. Ctrl+Enter saves, Esc leaves. */
export function EntryFields({ entry, onChange, onSave, onCancel, text, error }: EntryFieldsProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSave();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (onCancel === undefined) focusRecord();
      else onCancel();
    }
  };
  return (
    <div className={classes.fields}>
      <Textarea
        ref={text}
        label={labels[entry.kind]}
        autosize
        minRows={2}
        maxRows={12}
        value={entry.body}
        onKeyDown={onKeyDown}
        error={error}
        onChange={(event) => onChange({ ...entry, body: event.currentTarget.value })}
      />
      {entry.kind === 'comment' ? (
        <People
          text={entry.body}
          onPick={(person, start) => {
            onChange({
              ...entry,
              body: `${entry.body.slice(0, start)}@${person.name} `,
              named: { ...entry.named, [person.name]: person.id },
            });
            text.current?.focus();
          }}
        />
      ) : (
        <Group gap="sm" align="flex-end">
          <TextInput
            type="datetime-local"
            label="When"
            description="Empty means now"
            inputWrapperOrder={['label', 'input', 'description']}
            value={entry.when}
            onKeyDown={onKeyDown}
            onChange={(event) => onChange({ ...entry, when: event.currentTarget.value })}
          />
          <NumberInput
            label="Minutes"
            description="If you like"
            inputWrapperOrder={['label', 'input', 'description']}
            w={110}
            min={0}
            max={100_000}
            allowDecimal={false}
            value={entry.minutes}
            onKeyDown={onKeyDown}
            onChange={(value) => onChange({ ...entry, minutes: String(value) })}
          />
        </Group>
      )}
    </div>
  );
}

/** Colleagues to name, while an "@" and the beginning of a name stand at the end of the text. */
function People({ text, onPick }: { text: string; onPick: (person: { id: string; name: string }, start: number) => void }) {
  const match = /(?:^|\s)@([\p{L}\p{N}'.-]{1,30})$/u.exec(text);
  const asked = match?.[1] ?? '';
  const [found, setFound] = useState<{ asked: string; people: { id: string; name: string }[] }>({ asked: '', people: [] });
  useEffect(() => {
    if (asked === '') return;
    let isCurrent = true;
    void peopleLike(asked).then((people) => {
      if (isCurrent) setFound({ asked, people });
    });
    return () => {
      isCurrent = false;
    };
  }, [asked]);
  if (asked === '' || found.asked !== asked || found.people.length === 0) return null;
  return (
    <ul className={classes.people} aria-label="People to mention">
      {found.people.map((person) => (
        <li key={person.id}>
          <button type="button" className={classes.person} onClick={() => onPick(person, text.length - asked.length - 1)}>
            @{person.name}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The ids of those who are still named in the text. */
export function mentionsIn(entry: Entry): string[] {
  return Object.entries(entry.named).flatMap(([name, id]) => (entry.body.includes(`@${name}`) ? [id] : []));
}

/** What the book gets of an entry; an empty time means now. */
export function fieldsOfEntry(entry: Entry): Record<string, unknown> {
  const at = entry.when === '' ? Number.NaN : Date.parse(entry.when);
  return entry.kind === 'comment'
    ? { body: entry.body.trim(), mentions: mentionsIn(entry) }
    : {
        body: entry.body.trim() === '' ? null : entry.body.trim(),
        occurredAt: Number.isNaN(at) ? null : new Date(at).toISOString(),
        durationMinutes: entry.minutes.trim() === '' ? null : Number(entry.minutes),
      };
}
