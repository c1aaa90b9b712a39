import { Button, Text } from '@mantine/core';
import { formatCount } from './field-text.ts';
import classes from './pager.module.css';

/** Pages of a table that has more rows than are shown at once; nothing where it has not. */
export function Pager({
  offset,
  shown,
  total,
  page,
  onMove,
}: {
  offset: number;
  shown: number;
  total: number;
  page: number;
  onMove: (offset: number) => void;
}) {
  if (total <= page) return null;
  return (
    <div className={classes.pager}>
      <Button size="compact-sm" variant="default" disabled={offset === 0} onClick={() => onMove(Math.max(0, offset - page))}>
        Previous
      </Button>
      <Text size="sm" c="dimmed">
        {formatCount(offset + 1)}–{formatCount(offset + shown)} of {formatCount(total)}
      </Text>
      <Button size="compact-sm" variant="default" disabled={offset + shown >= total} onClick={() => onMove(offset + page)}>
        Next
      </Button>
    </div>
  );
}
