import { Button, Loader, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconArrowNarrowRight } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { HistoryEntry } from '../../../shared/contracts/history.contract.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { ownFieldInfo } from '../../../shared/nouns/own-field/own-field.ts';
import { useOwnFields } from '../../api/own-fields.ts';
import { type AnyView, book, useHistory } from '../../api/records.ts';
import { Age } from '../../ui/age.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { localDay } from '../../ui/local-day.ts';
import { showProblem } from '../../ui/problem.tsx';
import { historyWords } from './command-words.ts';
import { fieldFor, valueText } from './field-then.ts';
import classes from './record-history.module.css';
import { RecordOnDay } from './record-on-day.tsx';
import { showDone, showQuietly } from './undo.tsx';
import { say } from '../../../shared/words/say.ts';

/** What the earliest day is that counts: a year that is being typed begins with zeros. */
const EARLIEST = '1900-01-01';

/** Who changed what, when, and what the record was on a day; every value can be set back to what it was before. */
export function RecordHistory({ noun, record }: { noun: NounName; record: AnyView }) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const today = localDay();
  const isLater = text > today;
  const day = text >= EARLIEST && !isLater ? text : null;
  const leave = () => {
    setText('');
    // A date that is half typed is no value yet, so the field is emptied itself too.
    if (input.current !== null) input.current.value = '';
    input.current?.focus();
  };
  return (
    <div
      role="presentation"
      className={classes.history}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || text === '') return;
        event.preventDefault();
        leave();
      }}
    >
      <div className={classes.choose}>
        <TextInput
          ref={input}
          size="xs"
          type="date"
          label="Show this record on"
          min={EARLIEST}
          max={today}
          value={text}
          error={isLater ? 'Choose today or an earlier day.' : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {day === null ? null : (
          <Button variant="default" size="xs" onClick={leave}>
            Back to the list of changes
          </Button>
        )}
      </div>
      {day === null ? <Changes noun={noun} record={record} /> : <RecordOnDay noun={noun} record={record} day={day} />}
    </div>
  );
}

function Changes({ noun, record }: { noun: NounName; record: AnyView }) {
  const { data, problem } = useHistory(noun, record.id);
  if (data === undefined) return problem === null ? <Loader size="sm" /> : <Text>{say(problem)}</Text>;
  return (
    <>
      <ol className={classes.entries} aria-label="History">
        {data.entries.map((entry) => (
          <Entry key={entry.operationId} noun={noun} record={record} entry={entry} />
        ))}
      </ol>
      {data.total > data.entries.length ? (
        <Text size="sm" c="dimmed">
          The newest {formatCount(data.entries.length)} of {formatCount(data.total)} changes are shown.
        </Text>
      ) : null}
    </>
  );
}

function Entry({ noun, record, entry }: { noun: NounName; record: AnyView; entry: HistoryEntry }) {
  const own = useOwnFields(noun).map(ownFieldInfo);
  const fields = entry.fields
    .map((change) => ({ ...change, field: fieldFor(noun, own, change.path) }))
    .filter(({ path }) => !['deletedAt', 'createdAt', 'createdBy', 'id'].includes(path));
  const isPartOfWhole = entry.created;
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <span className={classes.what}>{words(entry)}</span>
        <span className={classes.who}>
          {entry.actor === '' ? 'On this laptop' : entry.actor}
          {' · '}
          <Age instant={entry.at} />
        </span>
      </div>
      {fields.length === 0 ? null : (
        <ul className={classes.fields}>
          {fields.map(({ path, field, before, after }) => (
            <li key={path} className={classes.field}>
              <span className={classes.label}>{field.label}</span>
              <span className={classes.values}>
                {isPartOfWhole ? null : (
                  <>
                    <VisuallyHidden>was </VisuallyHidden>
                    <span className={classes.before}>{valueText(field, before, record.names)}</span>
                    <IconArrowNarrowRight size={14} className={classes.arrow} aria-label="now" role="img" />
                  </>
                )}
                <span>{valueText(field, after, record.names)}</span>
              </span>
              {isPartOfWhole || record.deletedAt !== null || field.computed === true ? null : (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={`Restore ${field.label} to ${valueText(field, before, record.names)}`}
                  onClick={() => void restoreField(noun, record.id, entry.operationId, path, field.label)}
                >
                  Restore
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function words(entry: HistoryEntry): string {
  const deletion = entry.fields.find(({ path }) => path === 'deletedAt');
  if (entry.kind === 'do' && deletion !== undefined && !entry.created) return deletion.after === null ? 'Restored' : 'Deleted';
  return historyWords(entry.command, entry.kind, entry.created);
}

async function restoreField(noun: NounName, id: string, operationId: string, path: string, label: string): Promise<void> {
  const result = await book.restoreField({ collection: noun, id, operationId, path });
  if (!result.ok) return showProblem(result.error);
  if (result.value.operationId === null) showQuietly(`${label} has that value already.`);
  else showDone(`${label} restored.`, [result.value.operationId]);
}
