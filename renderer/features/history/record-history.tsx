import { Button, Loader, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowNarrowRight } from '@tabler/icons-react';
import type { HistoryEntry } from '../../../shared/contracts/history.contract.ts';
import type { FieldInfo } from '../../../shared/entities/field.ts';
import { fieldsOf, type NounName } from '../../../shared/entities/nouns.ts';
import { ownFieldInfo } from '../../../shared/entities/own-field.ts';
import { useOwnFields } from '../../api/own-fields.ts';
import { type AnyView, book, useHistory } from '../../api/records.ts';
import { Age } from '../../ui/age.tsx';
import { displayText, formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { historyWords } from './command-words.ts';
import classes from './record-history.module.css';
import { showDone, showQuietly } from './undo.tsx';

/** Who changed what, when; every value can be set back to what it was before. */
export function RecordHistory({ noun, record }: { noun: NounName; record: AnyView }) {
  const { data, problem } = useHistory(noun, record.id);
  if (data === undefined) return problem === null ? <Loader size="sm" m="md" /> : <Text m="md">{problem.message}</Text>;
  return (
    <div className={classes.history}>
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
    </div>
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
                    <span className={classes.before}>{valueText(field, before)}</span>
                    <IconArrowNarrowRight size={14} className={classes.arrow} aria-label="now" role="img" />
                  </>
                )}
                <span>{valueText(field, after)}</span>
              </span>
              {isPartOfWhole || record.deletedAt !== null || field.computed === true ? null : (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={`Restore ${field.label} to ${valueText(field, before)}`}
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

function fieldFor(noun: NounName, own: readonly FieldInfo[], path: string): FieldInfo {
  return (
    [...fieldsOf(noun), ...own].find((field) => field.path === path) ?? { path, label: ownLabel(path), kind: 'text', group: '', width: 0 }
  );
}

/** A field somebody named in an import or a custom field is called as they called it. */
function ownLabel(path: string): string {
  return path.replace(/^custom\./, '').replace(/^externalIds\./, 'Id in ');
}

function valueText(field: FieldInfo, value: unknown): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return '…';
  const text = displayText(field, value);
  return text === '' ? 'empty' : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

async function restoreField(noun: NounName, id: string, operationId: string, path: string, label: string): Promise<void> {
  const result = await book.restoreField({ collection: noun, id, operationId, path });
  if (!result.ok) return showProblem(result.error);
  if (result.value.operationId === null) showQuietly(`${label} has that value already.`);
  else showDone(`${label} restored.`, [result.value.operationId]);
}
