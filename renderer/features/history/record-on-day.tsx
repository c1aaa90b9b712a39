import { Button, Loader, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useRef } from 'react';
import type { RecordAt } from '../../../shared/contracts/history.contract.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { ownFieldInfo } from '../../../shared/nouns/own-field/own-field.ts';
import { useOwnFields } from '../../api/own-fields.ts';
import { type AnyView, book, useRecordAt } from '../../api/records.ts';
import { formatCount, formatDay, formatInstant } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { knownField, valueText } from './field-then.ts';
import classes from './record-history.module.css';
import { showDone, showQuietly } from './undo.tsx';
import { say } from '../../../shared/words/say.ts';

/** The record as it stood at the end of a local day, beside what it is now. */
export function RecordOnDay({ noun, record, day }: { noun: NounName; record: AnyView; day: string }) {
  const { data, problem } = useRecordAt(noun, record.id, day);
  const own = useOwnFields(noun).map(ownFieldInfo);
  const heading = useRef<HTMLHeadingElement>(null);
  const rows = (data?.state === 'there' ? data.fields : []).flatMap((one) => {
    const field = knownField(noun, own, one.path);
    return field === undefined ? [] : [{ ...one, field }];
  });
  const differing = rows.filter(({ differs }) => differs);
  const canRestore = (one: (typeof rows)[number]) => one.differs && one.field.computed !== true && record.deletedAt === null;

  const restore = async (path: string | null, what: string) => {
    const result = await book.restoreTo({ collection: noun, id: record.id, day, field: path });
    // The button goes with the difference; who pressed it goes on from the top of the day.
    heading.current?.focus();
    if (!result.ok) return showProblem(result.error);
    if (result.value.operationId === null) showQuietly(`${what} is as it was already.`);
    else showDone(`${what} restored as of ${formatDay(day)}.`, [result.value.operationId]);
  };

  return (
    <section aria-label={`As of ${formatDay(day)}`}>
      <div className={classes.dayHead}>
        <div>
          <h3 ref={heading} tabIndex={-1} className={classes.dayTitle}>
            As of {formatDay(day)}
          </h3>
          <Text size="sm" c="dimmed" role="status" aria-live="polite">
            {data === undefined ? (problem === null ? '' : say(problem)) : sentence(noun, data, differing.length)}
          </Text>
        </div>
        {differing.some(canRestore) ? (
          <Button
            variant="light"
            size="compact-md"
            leftSection={<IconArrowBackUp size={16} />}
            onClick={() => void restore(null, 'The whole record')}
          >
            Restore the whole record as it was
          </Button>
        ) : null}
      </div>
      {data === undefined && problem === null ? <Loader size="sm" /> : null}
      {rows.length === 0 ? null : (
        <ul aria-label={`Fields as of ${formatDay(day)}`}>
          {rows.map((row) => {
            const { path, field, was, now, differs } = row;
            return (
              <li key={path} className={classes.then} data-differs={differs || undefined}>
                <span className={classes.label}>{field.label}</span>
                <span className={classes.values}>
                  {valueText(field, was, data?.names ?? {})}
                  {differs ? <span className={classes.now}>Now: {valueText(field, now, data?.names ?? {})}</span> : null}
                </span>
                {canRestore(row) ? (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={`Restore this field: ${field.label}`}
                    onClick={() => void restore(path, field.label)}
                  >
                    Restore this field
                  </Button>
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function sentence(noun: NounName, { state, at }: RecordAt, differing: number): string {
  const { singular } = nouns[noun];
  if (state === 'notYet') return `This ${singular} was not in the book yet.`;
  if (state === 'deleted') return `This ${singular} was deleted on that day or before.`;
  const since = at === null ? '' : ` Last changed ${formatInstant(at)}.`;
  if (differing === 0) return `It stood as it stands now.${since}`;
  return `${differing === 1 ? 'One field differs' : `${formatCount(differing)} fields differ`} from now.${since}`;
}
