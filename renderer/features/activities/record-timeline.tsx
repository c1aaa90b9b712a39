import { ActionIcon, Button, Group, Loader, Menu, Pill, Progress, SegmentedControl, Text } from '@mantine/core';
import {
  IconDots,
  IconDownload,
  IconMail,
  IconMapPin,
  IconMessage,
  IconMessages,
  IconPaperclip,
  IconPencil,
  IconPhone,
  IconTrash,
} from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { ActivityView } from '../../../shared/contracts/record.contract.ts';
import { type ActivityKind, activityKinds, emailStatuses } from '../../../shared/nouns/activity/activity.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { activities, useTimeline } from '../../api/activities.ts';
import type { AnyView } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatTime } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useLatest } from '../../ui/use-latest.ts';
import { showDone } from '../history/undo.tsx';
import { RecordLink } from '../records/record-link.tsx';
import { removeRecords } from '../records/record-commands.ts';
import { AttachedFile, saveCopy } from './attached-file.tsx';
import { attachFiles, takeForEntry, useAttaching } from './attach-files.ts';
import { blankEntry, type Entry, type EntryKind, readEntry, useEntryWish, writeEntry } from './entry-draft.ts';
import { EntryFields, fieldsOfEntry } from './entry-fields.tsx';
import classes from './record-timeline.module.css';
import { say } from '../../../shared/words/say.ts';

const icons: Readonly<Record<ActivityKind, typeof IconPhone>> = {
  comment: IconMessage,
  call: IconPhone,
  visit: IconMapPin,
  email: IconMail,
  attachment: IconPaperclip,
};

interface TimelineProps {
  noun: NounName;
  record: AnyView;
}

/** What was said, done and attached: quick entry above, everything newest first below. A file dropped here is attached. */
export function RecordTimeline({ noun, record }: TimelineProps) {
  const { data, problem } = useTimeline(noun, record.id);
  const isDeleted = record.deletedAt !== null;
  const onFiles = useRef<((files: File[]) => void) | null>(null);
  // A file stands under the entry it was written with, as long as that is there.
  const shown = new Set(data?.rows.map(({ id }) => id));
  const isUnderNote = ({ noteId }: ActivityView) => noteId !== null && shown.has(noteId);

  return (
    <div
      className={classes.timeline}
      {...(isDeleted
        ? {}
        : {
            // The window leaves files alone that are dropped on such a place (app/app-shell.tsx).
            'data-takes-files': true,
            onDragOver: (event) => event.preventDefault(),
            onDrop: (event) => {
              event.preventDefault();
              onFiles.current?.([...event.dataTransfer.files]);
            },
          })}
    >
      {isDeleted ? null : <QuickEntry key={record.id} noun={noun} id={record.id} onFiles={onFiles} />}
      {data === undefined ? (
        problem === null ? (
          <Loader size="sm" m="md" />
        ) : (
          <Text m="md">{say(problem)}</Text>
        )
      ) : data.rows.length === 0 ? (
        <EmptyPlace icon={<IconMessages size={24} />} title="Nothing logged yet">
          Comments, calls, visits, e-mails and files of this {nouns[noun].singular} stand here, newest first.
        </EmptyPlace>
      ) : (
        <>
          {byDay(data.rows.filter((row) => !isUnderNote(row))).map(([day, rows]) => (
            <section key={day} aria-label={day}>
              <h3 className={classes.day}>{day}</h3>
              <ul>
                {rows.map((activity) => (
                  <Item
                    key={activity.id}
                    activity={activity}
                    files={data.rows.filter(({ noteId }) => noteId === activity.id)}
                    isElsewhere={activity.aboutId !== record.id}
                    isFixed={isDeleted}
                  />
                ))}
              </ul>
            </section>
          ))}
          {data.total > data.rows.length ? (
            <Text size="sm" c="dimmed">
              The newest {formatCount(data.rows.length)} of {formatCount(data.total)} are shown.
            </Text>
          ) : null}
        </>
      )}
    </div>
  );
}

const kinds: { value: EntryKind; label: string }[] = [
  { value: 'comment', label: 'Comment' },
  { value: 'call', label: 'Call' },
  { value: 'visit', label: 'Visit' },
];
const verbs: Readonly<Record<EntryKind, string>> = { comment: 'Add comment', call: 'Log call', visit: 'Log visit' };
const done: Readonly<Record<EntryKind, string>> = { comment: 'Comment added.', call: 'Call logged.', visit: 'Visit logged.' };

function QuickEntry({ noun, id, onFiles }: { noun: NounName; id: string; onFiles: RefObject<((files: File[]) => void) | null> }) {
  const [entry, setEntry] = useState<Entry>(() => readEntry(noun, id));
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const text = useRef<HTMLTextAreaElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const taking = useAttaching((state) => (state.aboutId === id ? state : null));
  const { wish, granted } = useEntryWish();

  const latest = useRef(entry);
  const change = (next: Entry) => {
    latest.current = next;
    setEntry(next);
    setError(null);
    writeEntry(noun, id, next);
  };
  /** Files belong to the entry that is being written; where none is, each is an entry of its own. */
  const addFiles = useLatest((files: File[]) => {
    if (entry.body.trim() === '' && entry.files.length === 0) return void attachFiles(files, noun, id);
    void takeForEntry(files, id, (fileId, name) => {
      change({ ...latest.current, files: [...latest.current.files, { fileId, name }] });
      announce(`${name} is saved with the entry`);
    });
  });
  useEffect(() => {
    onFiles.current = addFiles;
    return () => {
      onFiles.current = null;
    };
  }, [onFiles, addFiles]);
  useEffect(() => {
    if (wish === null) return;
    granted();
    change({ ...entry, kind: wish });
    text.current?.focus();
    // oxlint-disable-next-line react/exhaustive-deps -- asked once per wish; what it closes over belongs to that moment
  }, [wish]);

  const save = async () => {
    if (isSaving) return;
    setIsSaving(true);
    const result = await activities.log({ kind: entry.kind, about: noun as never, aboutId: id, ...fieldsOfEntry(entry) });
    setIsSaving(false);
    if (!result.ok) {
      setError(say(result.error));
      text.current?.focus();
      return;
    }
    const steps = [result.value.operationId];
    const { files } = entry;
    change({ ...blankEntry, kind: entry.kind });
    for (const { fileId } of files) {
      const attached = await activities.attach(fileId, noun, id, result.value.record.id);
      if (attached.ok) steps.push(attached.value.operationId);
      else showProblem(attached.error);
    }
    showDone(
      done[entry.kind],
      steps.filter((step) => step !== null),
    );
    text.current?.focus();
  };

  return (
    <form
      className={classes.entry}
      aria-label="Log something"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <SegmentedControl
        aria-label="Kind"
        size="xs"
        data={kinds}
        value={entry.kind}
        onChange={(kind) => change({ ...entry, kind: kind as EntryKind })}
      />
      <EntryFields entry={entry} onChange={change} onSave={() => void save()} text={text} error={error} />
      {entry.files.length === 0 ? null : (
        <ul className={classes.files} aria-label="Files of this entry">
          {entry.files.map(({ fileId, name }) => (
            <li key={fileId}>
              <Pill
                size="sm"
                withRemoveButton
                removeButtonProps={{ 'aria-label': `Leave out ${name}`, 'aria-hidden': false, tabIndex: 0 }}
                onRemove={() => {
                  change({ ...entry, files: entry.files.filter((file) => file.fileId !== fileId) });
                  text.current?.focus();
                }}
              >
                {name}
              </Pill>
            </li>
          ))}
        </ul>
      )}
      <Group justify="space-between" gap="xs">
        <Button
          type="button"
          variant="subtle"
          color="gray"
          size="compact-md"
          leftSection={<IconPaperclip size={16} />}
          disabled={taking !== null}
          onClick={() => input.current?.click()}
        >
          Attach a file
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          tabIndex={-1}
          data-testid="attach-file"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = '';
            addFiles(files);
          }}
        />
        <Button type="submit" size="compact-md" loading={isSaving} rightSection={<Shortcut keys="mod+enter" />}>
          {verbs[entry.kind]}
        </Button>
      </Group>
      {taking === null ? null : (
        <div role="status" className={classes.taking}>
          <Text size="sm">Attaching {taking.fileName}</Text>
          <Progress value={taking.size === 0 ? 100 : (100 * taking.done) / taking.size} aria-label="File taken in" />
        </div>
      )}
    </form>
  );
}

interface ItemProps {
  activity: ActivityView;
  /** What was attached while it was written. */
  files: readonly ActivityView[];
  /** Logged on something that belongs to the record, which is named then. */
  isElsewhere: boolean;
  isFixed: boolean;
}

function Item({ activity, files, isElsewhere, isFixed }: ItemProps) {
  const [isEditing, setIsEditing] = useState(false);
  const menu = useRef<HTMLButtonElement>(null);
  const Icon = icons[activity.kind];
  const canEdit = activity.kind === 'comment' || activity.kind === 'call' || activity.kind === 'visit';
  const stopEditing = () => {
    setIsEditing(false);
    requestAnimationFrame(() => menu.current?.focus());
  };
  return (
    <li className={classes.item}>
      <span className={classes.icon} data-kind={activity.kind} aria-hidden>
        <Icon size={15} stroke={1.8} />
      </span>
      <div className={classes.main}>
        <div className={classes.head}>
          <span className={classes.kind}>{activityKinds[activity.kind]}</span>
          <span className={classes.facts}>
            {[formatTime(activity.time), activity.createdBy === '' ? null : `by ${activity.createdBy}`, minutesOf(activity)]
              .filter((part) => part !== null)
              .join(' · ')}
          </span>
        </div>
        {isElsewhere ? (
          <div className={classes.on}>
            on {nouns[activity.about as NounName].singular}{' '}
            <RecordLink noun={activity.about as NounName} id={activity.aboutId}>
              {activity.aboutName ?? 'without a name'}
            </RecordLink>
          </div>
        ) : null}
        {isEditing ? (
          <EditEntry activity={activity} onClose={stopEditing} />
        ) : activity.kind === 'attachment' ? (
          <AttachedFile activity={activity} />
        ) : activity.kind === 'email' ? (
          <>
            <RecordLink noun="activities" id={activity.id}>
              {activity.subject ?? 'No subject'}
            </RecordLink>
            <Text size="sm" c="dimmed">
              {activity.recipients.length === 0 ? 'To nobody yet' : `To ${activity.recipients.join(', ')}`}
              {activity.status === null ? '' : ` · ${emailStatuses[activity.status]}`}
            </Text>
            {activity.message === null || activity.message === '' ? null : (
              <Text className={classes.body} lineClamp={6}>
                {activity.message}
              </Text>
            )}
          </>
        ) : activity.body === null ? null : (
          <p className={classes.body}>{activity.body}</p>
        )}
        {files.length === 0 ? null : (
          <ul className={classes.files} aria-label={`Files of ${activity.title}`}>
            {files.map((file) => (
              <li key={file.id}>
                <AttachedFile activity={file} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {isFixed || isEditing ? null : (
        <Menu position="bottom-end" withinPortal returnFocus>
          <Menu.Target>
            <ActionIcon ref={menu} variant="subtle" color="gray" size={28} aria-label={`More for ${activity.title}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {canEdit ? (
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setIsEditing(true)}>
                Edit
              </Menu.Item>
            ) : null}
            {activity.kind === 'attachment' && activity.sha256 !== null ? (
              <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => void saveCopy(activity.id)}>
                Save a copy
              </Menu.Item>
            ) : null}
            <Menu.Item
              leftSection={<IconTrash size={15} />}
              color="red"
              onClick={() => void removeRecords('activities', [activity.id, ...files.map(({ id }) => id)], activity.title)}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}

function EditEntry({ activity, onClose }: { activity: ActivityView; onClose: () => void }) {
  const [entry, setEntry] = useState<Entry>(() => ({
    kind: activity.kind as EntryKind,
    body: activity.body ?? '',
    when: activity.occurredAt === null ? '' : localTime(activity.occurredAt),
    minutes: activity.durationMinutes === null ? '' : String(activity.durationMinutes),
    named: {},
    files: [],
  }));
  const [error, setError] = useState<string | null>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  useEffect(() => text.current?.focus(), []);
  const save = async () => {
    const { mentions, ...fields } = fieldsOfEntry(entry);
    // Whoever was named before stays named; new names come on top.
    const all = [...new Set([...activity.mentions, ...((mentions as string[] | undefined) ?? [])])];
    // The field has no seconds: a time nobody touched is not cut short.
    const isSameTime = activity.occurredAt !== null && entry.when === localTime(activity.occurredAt);
    const { occurredAt, ...rest } = fields;
    const result = await activities.change(activity.id, {
      ...rest,
      ...(isSameTime || activity.kind === 'comment' ? {} : { occurredAt: occurredAt as string | null }),
      ...(activity.kind === 'comment' ? { mentions: all } : {}),
    });
    if (!result.ok) return setError(say(result.error));
    if (result.value.operationId !== null) showDone(`${activityKinds[activity.kind]} saved.`, [result.value.operationId]);
    onClose();
  };
  return (
    <form
      aria-label={`Edit ${activity.title}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <EntryFields entry={entry} onChange={setEntry} onSave={() => void save()} onCancel={onClose} text={text} error={error} />
      <Group justify="flex-end" gap="xs" mt={6}>
        <Button type="button" variant="default" size="compact-md" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" size="compact-md" rightSection={<Shortcut keys="mod+enter" />}>
          Save
        </Button>
      </Group>
    </form>
  );
}

function minutesOf({ durationMinutes }: ActivityView): string | null {
  return durationMinutes === null ? null : `${formatCount(durationMinutes)} min`;
}

/** An instant as the field for a local day and time has it. */
function localTime(instant: string): string {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** Rows of one local day after the other, as they come. */
function byDay(rows: readonly ActivityView[]): [string, ActivityView[]][] {
  const days = new Map<string, ActivityView[]>();
  for (const row of rows) {
    const day = dayFormat.format(Date.parse(row.time));
    const known = days.get(day);
    if (known === undefined) days.set(day, [row]);
    else known.push(row);
  }
  return [...days];
}
