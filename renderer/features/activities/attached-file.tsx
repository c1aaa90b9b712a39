import { Text } from '@mantine/core';
import { useState } from 'react';
import type { ActivityView } from '../../../shared/contracts/record.contract.ts';
import { activities } from '../../api/activities.ts';
import { showProblem } from '../../ui/problem.tsx';
import { formatBytes } from '../safety/format-bytes.ts';
import classes from './attached-file.module.css';
import { RiskyFileDialog } from './risky-file-dialog.tsx';

/** An attached file by its name: the system opens it, after a question where it is a program or a script. */
export function AttachedFile({ activity }: { activity: ActivityView }) {
  const [isAsking, setIsAsking] = useState(false);
  const name = activity.fileName ?? 'file';
  const open = async (confirmed: boolean) => {
    const result = await activities.open(activity.id, confirmed);
    if (!result.ok) {
      if (result.error.code === 'FILE_RISKY') setIsAsking(true);
      else showProblem(result.error);
    } else if (!result.value.opened) await saveCopy(activity.id);
  };
  return (
    <span className={classes.attached}>
      {activity.sha256 === null ? (
        name
      ) : (
        <button type="button" className={classes.file} aria-label={`Open ${name}`} onClick={() => void open(false)}>
          {name}
        </button>
      )}{' '}
      <Text span size="sm" c="dimmed">
        {activity.sha256 === null ? '(the file itself is not here)' : formatBytes(activity.size ?? 0)}
      </Text>
      {isAsking ? (
        <RiskyFileDialog
          fileName={name}
          onClose={() => setIsAsking(false)}
          onOpen={() => {
            setIsAsking(false);
            void open(true);
          }}
        />
      ) : null}
    </span>
  );
}

export async function saveCopy(activityId: string): Promise<void> {
  const result = await activities.save(activityId);
  if (!result.ok) showProblem(result.error);
}
