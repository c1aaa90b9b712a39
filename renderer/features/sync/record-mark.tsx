import { Tooltip } from '@mantine/core';
import { IconArrowsExchange, IconBan, IconBook2, IconCloudUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { MarkKind } from '../../../shared/contracts/sync.contract.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { markOf, useMark } from '../../api/sync.ts';
import { Fact } from '../../ui/fact.tsx';
import classes from './sync.module.css';

const icons = { unsent: IconCloudUp, refused: IconBan, conflict: IconArrowsExchange, stays: IconBook2 } as const satisfies Record<
  MarkKind,
  unknown
>;
export const markWords: Record<MarkKind, string> = {
  unsent: 'Not sent yet',
  refused: 'Refused',
  conflict: 'Changed twice',
  stays: 'Partly in this book only',
};

function MarkIcon({ mark, says = null, size = 15 }: { mark: MarkKind; says?: string | null; size?: number }) {
  const Icon = icons[mark];
  const label = says ?? markWords[mark];
  return (
    <Tooltip label={label} multiline maw={360}>
      <span className={classes.mark} data-mark={mark}>
        <Icon size={size} role="img" aria-label={label} />
      </span>
    </Tooltip>
  );
}

/** In a list: whether something of the record is not sent, was refused or was changed twice. What a system has no place for stands in the record. */
export function RowMark({ noun, id }: { noun: NounName; id: string }) {
  const mark = useMark(noun, id);
  return mark === null || mark.mark === 'stays' ? null : <MarkIcon mark={mark.mark} />;
}

/** Under the title of the open record, in words: it leads to its place on the Sync page. */
export function RecordMarkFact({ noun, id }: { noun: NounName; id: string }) {
  const mark = useMark(noun, id);
  if (mark === null) return null;
  const Icon = icons[mark.mark];
  return (
    <Fact>
      <Link to="/sync" className={classes.markFact} data-mark={mark.mark}>
        <Icon size={15} aria-hidden /> {markWords[mark.mark]}
      </Link>
    </Fact>
  );
}

/** Beside a field of the open record. */
export function FieldMark({ noun, id, path }: { noun: NounName; id: string; path: string }) {
  const mark = markOf(useMark(noun, id), path);
  return mark === null ? null : <MarkIcon mark={mark.mark} says={mark.says} size={14} />;
}
