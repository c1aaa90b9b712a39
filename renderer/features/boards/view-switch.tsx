import { SegmentedControl } from '@mantine/core';
import { IconLayoutKanban, IconList, IconTable } from '@tabler/icons-react';
import { hasBoard } from '../../../shared/contracts/board.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { changeSettings, settingsNow, useSettings } from '../../api/live.ts';
import { showProblem } from '../../ui/problem.tsx';
import { useAction } from '../keys/actions.ts';
import classes from './board.module.css';

type ListedAs = 'list' | 'board' | 'grid';

/** How the noun's records can stand beside a list; null where there is no other way. */
function otherOf(noun: NounName): Exclude<ListedAs, 'list'> | null {
  return hasBoard(noun) ? 'board' : noun === 'itemPrices' ? 'grid' : null;
}

/** How the noun's records stand, as they did when a person saw them last. */
export function useListedAs(noun: NounName): { as: ListedAs; show: (as: ListedAs) => void } {
  const listedAs = useSettings()?.listedAs[noun] ?? 'list';
  return {
    as: listedAs === otherOf(noun) ? listedAs : 'list',
    show(as) {
      void changeSettings({ listedAs: { ...settingsNow()?.listedAs, [noun]: as } }).then((result) => {
        if (!result.ok) showProblem(result.error);
      });
    },
  };
}

const views = {
  list: { label: 'List', Icon: IconList },
  board: { label: 'Board', Icon: IconLayoutKanban },
  grid: { label: 'By location', Icon: IconTable },
} as const;

export function ViewSwitch({ noun }: { noun: NounName }) {
  const { as, show } = useListedAs(noun);
  const other = otherOf(noun);
  useAction('switchView', other === null ? null : () => show(as === 'list' ? other : 'list'));
  if (other === null) return null;
  return (
    <SegmentedControl
      size="xs"
      className={classes.switch}
      aria-label="Shown as"
      value={as}
      onChange={(value) => show(value as ListedAs)}
      data={(['list', other] as const).map((value) => {
        const { label, Icon } = views[value];
        return {
          value,
          label: (
            <span className={classes.view} title={label}>
              <Icon size={15} aria-hidden />
              <span className={classes.viewWord}>{label}</span>
            </span>
          ),
        };
      })}
    />
  );
}
