import { Button, Loader } from '@mantine/core';
import { IconCheck, IconMail, IconPhone, IconChecklist, IconSun } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type TodayGroup, todayGroups, type TodayQueue, type TodayRow } from '../../../shared/contracts/today.contract.ts';
import { daysBetween } from '../../../shared/lib/clock.ts';
import { useToday } from '../../api/today.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatDay, formatTime } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { BusyScreen } from '../../ui/screen.tsx';
import { useAction } from '../keys/actions.ts';
import { RecordLink } from '../records/record-link.tsx';
import { TodayClient } from './today-client.tsx';
import { TodayTask } from './today-task.tsx';
import classes from './today.module.css';

const icons: Readonly<Record<TodayRow['noun'], typeof IconPhone>> = { clients: IconPhone, tasks: IconChecklist, activities: IconMail };

const keyOf = ({ noun, id }: Pick<TodayRow, 'noun' | 'id'>) => `${noun}/${id}`;

/** What is to do, in one queue, and beside it what is needed to do the first of it. */
export function TodayScreen() {
  usePageTitle('Today');
  const { data, problem } = useToday();
  if (data === undefined) return problem === null ? <BusyScreen /> : <EmptyPlace icon={<IconSun size={24} />} title={problem.message} />;
  return <Day queue={data} />;
}

function Day({ queue }: { queue: TodayQueue }) {
  const rows = queue.groups.flatMap((group) => group.rows);
  const [chosen, setChosen] = useState<string | null>(null);
  // The place in the queue is kept when what stood there is done: the next one takes it.
  const lastAt = useRef(0);
  const found = rows.findIndex((row) => keyOf(row) === chosen);
  const at = found >= 0 ? found : Math.min(lastAt.current, rows.length - 1);
  useLayoutEffect(() => {
    if (at >= 0) lastAt.current = at;
  }, [at]);
  const list = useRef<HTMLDivElement>(null);
  const current = rows[at];
  const navigate = useNavigate();
  const choose = (next: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
    if (row !== undefined) setChosen(keyOf(row));
  };
  useAction('next', () => choose(at + 1));
  useAction('previous', () => choose(at - 1));
  const currentKey = current === undefined ? null : keyOf(current);
  useEffect(() => {
    if (currentKey !== null) document.getElementById(`today-${currentKey}`)?.scrollIntoView({ block: 'nearest' });
  }, [currentKey]);
  useEffect(() => list.current?.focus(), []);

  const doneTotal = queue.done.calls + queue.done.visits + queue.done.tasks;
  const openTotal = queue.groups.reduce((sum, { group, total }) => sum + (group === 'quiet' ? 0 : total), 0);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const next = steps[event.key];
    if (next !== undefined) choose(next);
    else if (event.key === 'Enter' && current !== undefined) open(current);
    else return;
    event.preventDefault();
  };
  const open = (row: TodayRow) => void navigate({ to: '/$noun/$id', params: { noun: row.noun, id: row.id }, search: {} });

  return (
    <div className={classes.today}>
      <section className={classes.queue} aria-label="What is to do">
        <header className={classes.head}>
          <div className={classes.headRow}>
            <h1>Today</h1>
            <span className={classes.dim}>{formatDay(queue.today)}</span>
          </div>
          <p className={classes.dim}>
            <b>
              {formatCount(doneTotal)} of {formatCount(doneTotal + openTotal)}
            </b>{' '}
            done
          </p>
        </header>
        {rows.length === 0 ? (
          <EmptyPlace icon={<IconSun size={24} />} title={doneTotal === 0 ? 'Nothing is due' : 'All done'}>
            Clients with a date for the next follow-up, tasks and e-mails show here on their day.
          </EmptyPlace>
        ) : (
          <div
            ref={list}
            className={classes.list}
            role="listbox"
            data-queue
            aria-label="What is to do"
            tabIndex={0}
            aria-activedescendant={currentKey === null ? undefined : `today-${currentKey}`}
            onKeyDown={onKeyDown}
          >
            {queue.groups.map(({ group, rows: ofGroup, total }) => (
              <div key={group} role="group" aria-label={`${todayGroups[group]}, ${formatCount(total)}`}>
                <div className={classes.group} aria-hidden>
                  {todayGroups[group]} <span>{formatCount(total)}</span>
                </div>
                {ofGroup.map((row) => (
                  <QueueRow
                    key={keyOf(row)}
                    row={row}
                    group={group}
                    today={queue.today}
                    isCurrent={keyOf(row) === currentKey}
                    onChoose={() => setChosen(keyOf(row))}
                    onOpen={() => open(row)}
                  />
                ))}
                {total > ofGroup.length ? (
                  <p className={classes.more} aria-hidden>
                    and {formatCount(total - ofGroup.length)} more
                  </p>
                ) : null}
              </div>
            ))}
          </div>
        )}
        <Done queue={queue} />
      </section>
      {current === undefined ? (
        <div className={classes.open} />
      ) : current.clientId !== null && current.noun === 'clients' ? (
        <TodayClient
          key={currentKey}
          row={current}
          place={{ at: at + 1, of: rows.length }}
          nextTitle={rows[at + 1]?.title ?? null}
          today={queue.today}
          onDone={() => list.current?.focus()}
        />
      ) : current.noun === 'tasks' ? (
        <TodayTask key={currentKey} row={current} place={{ at: at + 1, of: rows.length }} onDone={() => list.current?.focus()} />
      ) : (
        <article className={classes.open} aria-label={current.title}>
          <header className={classes.openHead}>
            <h2>{current.title}</h2>
          </header>
          <div className={classes.part}>
            <p>
              {current.clientName === null ? 'An e-mail' : `An e-mail to ${current.clientName}`} that leaves by itself when its time has
              come,
              {current.at === null ? '' : ` ${formatTime(current.at)},`} if there is a mail account.
            </p>
            <Button variant="default" onClick={() => void navigate({ to: '/outbox' })}>
              Open the outbox
            </Button>
          </div>
        </article>
      )}
    </div>
  );
}

interface QueueRowProps {
  row: TodayRow;
  group: TodayGroup;
  today: string;
  isCurrent: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

function QueueRow({ row, group, today, isCurrent, onChoose, onOpen }: QueueRowProps) {
  const Icon = icons[row.noun];
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus and the keys
    <div
      id={`today-${keyOf(row)}`}
      role="option"
      aria-selected={isCurrent}
      className={classes.row}
      data-current={isCurrent || undefined}
      onClick={onChoose}
      onDoubleClick={onOpen}
    >
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={classes.name}>{row.title}</span>
      <span className={classes.middle}>{row.noun === 'clients' ? (row.phone ?? 'No phone') : row.clientName}</span>
      <span className={classes.why} data-late={group === 'overdue' || undefined}>
        {whyOf(row, group, today)}
      </span>
    </div>
  );
}

function whyOf(row: TodayRow, group: TodayGroup, today: string): string {
  if (row.at !== null) return formatTime(row.at);
  if (row.day === null || group === 'calls' || group === 'tasks') return 'today';
  const days = daysBetween(row.day, today);
  return days === 1 ? '1 day' : `${formatCount(days)} days`;
}

/** What was done today; each line leads to it. */
function Done({ queue }: { queue: TodayQueue }) {
  const { calls, visits, tasks, rows } = queue.done;
  const [isOpen, setIsOpen] = useState(false);
  if (rows.length === 0) return null;
  const words = [
    calls === 0 ? null : calls === 1 ? '1 call' : `${formatCount(calls)} calls`,
    visits === 0 ? null : visits === 1 ? '1 visit' : `${formatCount(visits)} visits`,
    tasks === 0 ? null : tasks === 1 ? '1 task' : `${formatCount(tasks)} tasks`,
  ].filter((one) => one !== null);
  return (
    <div className={classes.done}>
      <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <IconCheck size={16} aria-hidden />
        <b>Done {formatCount(calls + visits + tasks)}</b> {words.join(', ')}
      </button>
      {isOpen ? (
        <ul>
          {rows.map(({ noun, id, title, clientName }) => (
            <li key={id}>
              <RecordLink noun={noun} id={id}>
                {title}
              </RecordLink>{' '}
              <span className={classes.dim}>{clientName}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

export function BusyPart() {
  return (
    <div className={classes.part}>
      <Loader size={16} />
    </div>
  );
}
