import { Button } from '@mantine/core';
import {
  IconArrowsExchange,
  IconBan,
  IconCheck,
  IconChecklist,
  IconMail,
  IconPhone,
  IconSortAscending,
  IconSun,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { mostOfGroup, shownOfGroup, type TodayQueue, type TodayRow } from '../../../shared/contracts/today.contract.ts';
import { groupsInOrder, type TodayGroup, todayGroups, type TodayRule } from '../../../shared/contracts/today-rule.ts';
import { daysBetween } from '../../../shared/lib/clock.ts';
import { useSettings } from '../../api/live.ts';
import { useToday } from '../../api/today.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatDay, formatTime } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { markPainted } from '../../ui/painted.ts';
import { BusyScreen } from '../../ui/screen.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useAction } from '../keys/actions.ts';
import { RecordLink } from '../records/record-link.tsx';
import { useQuickTask } from '../tasks/quick-task-state.ts';
import { EmptyBook } from '../welcome/empty-book.tsx';
import { TodayClient } from './today-client.tsx';
import { TodayRuleDialog } from './today-rule.tsx';
import { TodayTask } from './today-task.tsx';
import classes from './today.module.css';
import { say } from '../../../shared/words/say.ts';

const icons: Readonly<Record<TodayRow['kind'], typeof IconPhone>> = {
  call: IconPhone,
  task: IconChecklist,
  email: IconMail,
  conflict: IconArrowsExchange,
  refused: IconBan,
};

/** What a row of a sync says in place of a phone number. */
const decisions: Readonly<Partial<Record<TodayRow['kind'], string>>> = { conflict: 'changed twice', refused: 'not taken' };

/** What is to do, in one queue, and beside it what is needed to do the first of it. */
export function TodayScreen() {
  usePageTitle('Today');
  const [shown, setShown] = useState(shownOfGroup);
  const { data, problem } = useToday(shown);
  const rule = useSettings()?.today;
  // While another question is under way the last answer stays: nothing flickers, and the marked row stays marked.
  const last = useRef(data);
  if (data !== undefined) last.current = data;
  const queue = data ?? last.current;
  if (queue === undefined || rule === undefined)
    return problem === null ? <BusyScreen /> : <EmptyPlace icon={<IconSun size={24} />} title={say(problem)} />;
  return (
    <EmptyBook>
      <Day queue={queue} rule={rule} onMore={shown < mostOfGroup ? () => setShown(Math.min(mostOfGroup, shown * 4)) : null} />
    </EmptyBook>
  );
}

/** Takes the focus when it opens, and from nobody who is at work elsewhere by then. */
function isFree(): boolean {
  const now = document.activeElement;
  return now === null || now === document.body || now.id === 'main' || now.closest('nav') !== null;
}

function Day({ queue, rule, onMore }: { queue: TodayQueue; rule: TodayRule; onMore: (() => void) | null }) {
  const rows = queue.groups.flatMap((group) => group.rows);
  const [chosen, setChosen] = useState<string | null>(null);
  // The place in the queue is kept when what stood there is done: the next one takes it.
  const lastAt = useRef(0);
  const found = rows.findIndex((row) => row.key === chosen);
  const at = found >= 0 ? found : Math.min(lastAt.current, rows.length - 1);
  useLayoutEffect(() => {
    if (at >= 0) lastAt.current = at;
  }, [at]);
  const list = useRef<HTMLDivElement>(null);
  const current = rows[at];
  const navigate = useNavigate();
  const choose = (next: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
    if (row !== undefined) setChosen(row.key);
  };
  useAction('next', () => choose(at + 1));
  useAction('previous', () => choose(at - 1));
  const currentKey = current?.key ?? null;
  useEffect(() => {
    if (currentKey !== null) document.getElementById(`today-${currentKey}`)?.scrollIntoView({ block: 'nearest' });
  }, [currentKey]);
  useEffect(() => {
    if (isFree()) list.current?.focus();
  }, []);
  useEffect(() => markPainted('today:painted'), []);
  const [isRuleOpen, setIsRuleOpen] = useState(false);
  const startTask = useQuickTask((state) => state.start);
  useAction('newTaskHere', () =>
    startTask(
      current === undefined || current.clientId === null ? null : { clientId: current.clientId, clientName: current.clientName ?? '' },
    ),
  );

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
  const open = ({ kind, noun, id }: TodayRow) => {
    if (kind === 'conflict' || kind === 'refused' || noun === null) void navigate({ to: '/sync' });
    else void navigate({ to: '/$noun/$id', params: { noun, id }, search: {} });
  };
  const isMore = queue.groups.some(({ rows: ofGroup, total }) => total > ofGroup.length);

  return (
    <div className={classes.today}>
      <section className={classes.queue} aria-label="What is to do">
        <header className={classes.head}>
          <div className={classes.headRow}>
            <h1>Today</h1>
            <span className={classes.dim}>{formatDay(queue.today)}</span>
            <Button
              className={classes.order}
              variant="default"
              size="compact-sm"
              leftSection={<IconSortAscending size={15} />}
              onClick={() => setIsRuleOpen(true)}
            >
              {todayGroups[groupsInOrder(rule)[0] ?? 'overdue']} first
            </Button>
          </div>
          <p className={classes.dim}>
            <b>
              {formatCount(doneTotal)} of {formatCount(doneTotal + openTotal)}
            </b>{' '}
            done
            {queue.whose === null ? '' : ` · ${queue.whose}’s, and nobody’s`}
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
                    key={row.key}
                    row={row}
                    group={group}
                    today={queue.today}
                    isCurrent={row.key === currentKey}
                    onChoose={() => setChosen(row.key)}
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
        {isMore && onMore !== null ? (
          <Button variant="subtle" size="compact-sm" className={classes.showMore} onClick={onMore}>
            Show more of each
          </Button>
        ) : null}
        <Done queue={queue} />
      </section>
      <OpenRow
        row={current ?? null}
        place={{ at: at + 1, of: rows.length }}
        nextTitle={rows[at + 1]?.title ?? null}
        today={queue.today}
        onOpen={open}
        onDone={() => list.current?.focus()}
      />
      {isRuleOpen ? <TodayRuleDialog rule={rule} onClose={() => setIsRuleOpen(false)} /> : null}
    </div>
  );
}

interface OpenRowProps {
  row: TodayRow | null;
  place: { at: number; of: number };
  nextTitle: string | null;
  today: string;
  onOpen: (row: TodayRow) => void;
  onDone: () => void;
}

/** What is needed to do the row that is marked in the queue. */
function OpenRow({ row, place, nextTitle, today, onOpen, onDone }: OpenRowProps) {
  if (row === null) return <div className={classes.open} />;
  switch (row.kind) {
    case 'call':
      return <TodayClient key={row.key} row={row} place={place} nextTitle={nextTitle} today={today} onDone={onDone} />;
    case 'task':
      return <TodayTask key={row.key} row={row} place={place} onDone={onDone} />;
    case 'email':
      return <TodayEmail row={row} />;
    case 'conflict':
    case 'refused':
      return <TodayDecision row={row} onOpen={() => onOpen(row)} />;
  }
}

function TodayEmail({ row }: { row: TodayRow }) {
  const navigate = useNavigate();
  return (
    <article className={classes.open} aria-label={row.title}>
      <header className={classes.openHead}>
        <h2>{row.title}</h2>
      </header>
      <div className={classes.part}>
        <p>
          {row.clientName === null ? 'An e-mail' : `An e-mail to ${row.clientName}`} that leaves by itself when its time has come,
          {row.at === null ? '' : ` ${formatTime(row.at)},`} if there is a mail account.
        </p>
        <Button variant="default" onClick={() => void navigate({ to: '/outbox' })}>
          Open the outbox
        </Button>
      </div>
    </article>
  );
}

/** A change that met another one, or that a server did not take. Sync is where that is decided. */
function TodayDecision({ row, onOpen }: { row: TodayRow; onOpen: () => void }) {
  return (
    <article className={classes.open} aria-label={row.title}>
      <header className={classes.openHead}>
        <div className={classes.headRow}>
          <h2>{row.title}</h2>
        </div>
      </header>
      <div className={classes.part}>
        <p>
          {row.kind === 'conflict'
            ? 'It was changed here and elsewhere, and both cannot stand. One of the two is in the book now; the other is kept until you decide.'
            : 'A server did not take this change. It is kept here; Sync says why, and what can be done.'}
        </p>
        <Button onClick={onOpen} rightSection={<Shortcut keys="enter" />}>
          Decide in Sync
        </Button>
      </div>
    </article>
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
  const Icon = icons[row.kind];
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus and the keys
    <div
      id={`today-${row.key}`}
      role="option"
      aria-selected={isCurrent}
      className={classes.row}
      data-current={isCurrent || undefined}
      onClick={onChoose}
      onDoubleClick={onOpen}
    >
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={classes.name}>{row.title}</span>
      <span className={classes.middle}>{row.kind === 'call' ? (row.phone ?? 'No phone') : (decisions[row.kind] ?? row.clientName)}</span>
      <span className={classes.why} data-late={group === 'overdue' || undefined}>
        {whyOf(row, group, today)}
      </span>
    </div>
  );
}

function whyOf(row: TodayRow, group: TodayGroup, today: string): string {
  if (row.kind === 'conflict' || row.kind === 'refused') return row.at === null ? '' : formatDay(row.at.slice(0, 10));
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
