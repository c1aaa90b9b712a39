import { CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { say } from '../../shared/words/say.ts';
import { useStatus } from '../api/live.ts';
import { book } from '../api/records.ts';
import { showProblem } from '../ui/problem.tsx';
import classes from './notices.module.css';

/** Sentences from main that a person must see: damage found and mended, a disk nearly full. They stay until dismissed. */
export function Notices() {
  const notices = useStatus()?.notices ?? [];
  const dismiss = async (id: string) => {
    const result = await book.dismissNotice(id);
    if (!result.ok) showProblem(result.error);
  };
  return (
    <div role="region" aria-label="Notices" className={classes.notices} hidden={notices.length === 0}>
      {notices.map((notice) => (
        <div key={notice.id} className={classes.notice} data-level={notice.level} role={notice.level === 'error' ? 'alert' : 'status'}>
          {notice.level === 'info' ? (
            <IconInfoCircle size={18} className={classes.icon} aria-hidden />
          ) : (
            <IconAlertTriangle size={18} className={classes.icon} aria-hidden />
          )}
          <span className={classes.text}>{say(notice.text)}</span>
          <CloseButton size="sm" aria-label="Dismiss this notice" onClick={() => void dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
