import { SegmentedControl } from '@mantine/core';
import { IconLayoutKanban, IconList } from '@tabler/icons-react';
import { hasBoard } from '../../../shared/contracts/board.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { changeSettings, settingsNow, useSettings } from '../../api/live.ts';
import { showProblem } from '../../ui/problem.tsx';
import { useAction } from '../keys/actions.ts';
import classes from './board.module.css';

type ListedAs = 'list' | 'board';

/** Whether the noun's records stand in a list or on a board, as they did when a person saw them last. */
export function useListedAs(noun: NounName): { as: ListedAs; show: (as: ListedAs) => void } {
  const listedAs = useSettings()?.listedAs[noun] ?? 'list';
  return {
    as: hasBoard(noun) ? listedAs : 'list',
    show(as) {
      void changeSettings({ listedAs: { ...settingsNow()?.listedAs, [noun]: as } }).then((result) => {
        if (!result.ok) showProblem(result.error);
      });
    },
  };
}

const views = [
  { value: 'list', label: 'List', Icon: IconList },
  { value: 'board', label: 'Board', Icon: IconLayoutKanban },
] as const;

export function ViewSwitch({ noun }: { noun: NounName }) {
  const { as, show } = useListedAs(noun);
  useAction('switchView', hasBoard(noun) ? () => show(as === 'list' ? 'board' : 'list') : null);
  if (!hasBoard(noun)) return null;
  return (
    <SegmentedControl
      size="xs"
      className={classes.switch}
      aria-label="Shown as"
      value={as}
      onChange={(value) => show(value as ListedAs)}
      data={views.map(({ value, label, Icon }) => ({
        value,
        label: (
          <span className={classes.view} title={label}>
            <Icon size={15} aria-hidden />
            <span className={classes.viewWord}>{label}</span>
          </span>
        ),
      }))}
    />
  );
}
