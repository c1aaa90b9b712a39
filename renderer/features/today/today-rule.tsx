import { ActionIcon, Button, NativeSelect, NumberInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { firstRule, groupsInOrder, type TodayGroup, todayGroups, type TodayRule } from '../../../shared/contracts/today-rule.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { changeSettings } from '../../api/live.ts';
import { usePeople } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { showProblem } from '../../ui/problem.tsx';
import classes from './today.module.css';

/** What stands in each group, as the rule itself says it. */
function meaningOf(group: TodayGroup, quietAfterDays: number): string {
  switch (group) {
    case 'overdue':
      return 'Follow-ups and tasks whose day is over, the oldest first';
    case 'calls':
      return 'Clients whose next follow-up is today';
    case 'tasks':
      return 'Open tasks that are due today';
    case 'emails':
      return 'E-mails that leave by themselves until tonight';
    case 'sync':
      return 'Changes that met others or were not taken';
    case 'quiet':
      return `Nothing planned, and no contact for ${quietAfterDays} ${quietAfterDays === 1 ? 'day' : 'days'}`;
  }
}

/** The rule that orders the queue, in words and to be changed. Each change is kept at once and shown behind. */
export function TodayRuleDialog({ rule, onClose }: { rule: TodayRule; onClose: () => void }) {
  const people = usePeople();
  const [quiet, setQuiet] = useState<string | number>(rule.quietAfterDays);
  const rows = useRef<HTMLOListElement>(null);
  const groups = groupsInOrder(rule);
  const change = async (changes: Partial<TodayRule>, said: string) => {
    const result = await changeSettings({ today: { ...rule, ...changes } });
    if (result.ok) announce(said);
    else showProblem(result.error);
  };
  const move = (group: TodayGroup, by: -1 | 1) => {
    const at = groups.indexOf(group);
    const order = groups.filter((one) => one !== group);
    order.splice(at + by, 0, group);
    void change({ order }, `${todayGroups[group]} is number ${at + by + 1} now`);
    // The button goes along with its group; at an end of the list it is off, and the other one has the focus.
    const isAtEnd = by < 0 ? at + by === 0 : at + by === groups.length - 1;
    requestAnimationFrame(() => {
      const way = by < 0 === isAtEnd ? 'down' : 'up';
      rows.current?.querySelector<HTMLElement>(`[data-move="${group} ${way}"]`)?.focus();
    });
  };
  const keepQuiet = () => {
    const days = Number(quiet);
    if (!Number.isInteger(days) || days < 1 || days > 3650) return setQuiet(rule.quietAfterDays);
    if (days !== rule.quietAfterDays) void change({ quietAfterDays: days }, 'Saved');
  };
  const named = people?.find(({ id }) => id === rule.whose);
  return (
    <Dialog title="What comes first" size={460} onClose={onClose}>
      <p className={classes.ruleWords}>The groups of Today stand in this order. Within a group the oldest comes first.</p>
      <ol ref={rows} className={classes.rule} aria-label="Order of the groups">
        {groups.map((group, at) => (
          <li key={group}>
            <span>
              <b>{todayGroups[group]}</b>
              <span className={classes.dim}>{meaningOf(group, rule.quietAfterDays)}</span>
            </span>
            <ActionIcon
              variant="subtle"
              color="gray"
              data-move={`${group} up`}
              data-autofocus={at === 1 ? true : undefined}
              aria-label={`${todayGroups[group]}: earlier`}
              disabled={at === 0}
              onClick={() => move(group, -1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              data-move={`${group} down`}
              aria-label={`${todayGroups[group]}: later`}
              disabled={at === groups.length - 1}
              onClick={() => move(group, 1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <div className={classes.ruleFields}>
        {people === undefined || (people.length === 0 && rule.whose === null) ? null : (
          <NativeSelect
            label="Whose work"
            data={[
              { value: '', label: 'Everybody’s' },
              ...people.map(({ id, name }) => ({ value: id, label: `${name}’s, and nobody’s` })),
              ...(rule.whose !== null && named === undefined ? [{ value: rule.whose, label: 'Of somebody who is not here any more' }] : []),
            ]}
            value={rule.whose ?? ''}
            onChange={(event) => void change({ whose: event.currentTarget.value === '' ? null : event.currentTarget.value }, 'Saved')}
          />
        )}
        <NumberInput
          label="Gone quiet after days"
          min={1}
          max={3650}
          allowDecimal={false}
          allowNegative={false}
          value={quiet}
          onChange={setQuiet}
          onBlur={keepQuiet}
          onKeyDown={(event) => {
            if (event.key === 'Enter') keepQuiet();
          }}
        />
        <Button
          variant="default"
          disabled={isSame(rule, firstRule)}
          onClick={() => {
            setQuiet(firstRule.quietAfterDays);
            void change(firstRule, 'As it was at the beginning');
          }}
        >
          As at the beginning
        </Button>
      </div>
    </Dialog>
  );
}
