import { Button, Text } from '@mantine/core';
import type { WaitingView } from '../../../shared/sync/sync-view.ts';
import { Age } from '../../ui/age.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { RecordLink } from '../records/record-link.tsx';
import { fieldLabel, isNoun } from './sync-words.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import classes from './sync.module.css';

interface WaitingListProps {
  items: readonly WaitingView[];
  total: number;
  /** Why nothing leaves now, where that is so. */
  hold: string | null;
  onMore: () => void;
}

/** What no server has yet, the oldest first, with the reason where it does not go by itself. */
export function WaitingList({ items, total, hold, onMore }: WaitingListProps) {
  return (
    <>
      <ul className={classes.waiting}>
        {items.map((item) => (
          <li key={`${item.collection}/${item.recordId}`} className={classes.waits}>
            <span className={classes.cut}>
              {isNoun(item.collection) && item.title !== null && item.what !== 'deleted' ? (
                <RecordLink noun={item.collection} id={item.recordId}>
                  {item.title}
                </RecordLink>
              ) : (
                <span className={classes.strong}>{item.title ?? 'A record that is gone'}</span>
              )}{' '}
              <span className={classes.dim}>{whatText(item)}</span>
            </span>
            <span className={item.reason === null ? classes.dim : undefined}>{item.reason ?? hold ?? 'Goes with the next sync'}</span>
            <span className={classes.age}>
              <Age instant={item.since} />
            </span>
          </li>
        ))}
      </ul>
      {total > items.length ? (
        <div className={classes.more}>
          <Text size="sm" c="dimmed">
            The oldest {formatCount(items.length)} of {formatCount(total)} are shown.
          </Text>
          <Button variant="default" size="compact-sm" onClick={onMore} disabled={items.length >= 200}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}

function whatText({ what, collection, fields }: WaitingView): string {
  const noun = isNoun(collection) ? nouns[collection].singular : 'record';
  if (what === 'created') return `new ${noun}`;
  if (what === 'deleted') return `${noun} deleted`;
  const labels = fields.map((field) => fieldLabel(collection, field).toLowerCase());
  if (labels.length === 0) return `${noun} changed`;
  return labels.length > 3 ? `${labels.slice(0, 3).join(', ')} and ${formatCount(labels.length - 3)} more` : labels.join(', ');
}
