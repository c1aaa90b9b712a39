import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { TodayRow } from '../../../shared/contracts/today.contract.ts';
import { recordApi } from '../../api/records.ts';
import { formatDay } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { Dial } from '../records/dial.tsx';
import { RecordLink } from '../records/record-link.tsx';
import classes from './today.module.css';

interface TodayTaskProps {
  row: TodayRow;
  place: { at: number; of: number };
  onDone: () => void;
}

/** A task that is due, and the button that completes it. */
export function TodayTask({ row, place, onDone }: TodayTaskProps) {
  const navigate = useNavigate();
  const [isSaving, setIsSaving] = useState(false);
  const complete = async () => {
    setIsSaving(true);
    const result = await recordApi('tasks').change({ id: row.id, changes: { status: 'completed' } });
    setIsSaving(false);
    if (!result.ok) return showProblem(result.error);
    showDone(`"${row.title}" is completed.`, result.value.operationId === null ? [] : [result.value.operationId]);
    onDone();
  };
  return (
    <article className={classes.open} aria-label={row.title}>
      <header className={classes.openHead}>
        <div className={classes.headRow}>
          <h2>{row.title}</h2>
          <span className={classes.dim}>
            {place.at} of {place.of}
          </span>
          <Button
            variant="default"
            size="compact-md"
            onClick={() => void navigate({ to: '/$noun/$id', params: { noun: 'tasks', id: row.id }, search: {} })}
          >
            Open task
          </Button>
        </div>
        <p className={classes.dim}>{row.day === null ? '' : `Due ${formatDay(row.day)}`}</p>
      </header>
      <div className={classes.part}>
        {row.clientId === null ? null : (
          <p>
            For{' '}
            <RecordLink noun="clients" id={row.clientId}>
              {row.clientName ?? 'a client'}
            </RecordLink>
            {row.phone === null ? null : (
              <>
                {', '}
                {row.phone} <Dial phone={row.phone} variant="default" size="compact-md" />
              </>
            )}
          </p>
        )}
        <Button leftSection={<IconCheck size={16} />} loading={isSaving} onClick={() => void complete()}>
          Complete
        </Button>
      </div>
    </article>
  );
}
