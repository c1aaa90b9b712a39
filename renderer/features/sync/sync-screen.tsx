import { Button, Progress, Switch, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { SyncState } from '../../../shared/contracts/sync.contract.ts';
import type { Result } from '../../../shared/lib/result.ts';
import type { ConflictView, StopView, SyncNeeds } from '../../../shared/sync/sync-view.ts';
import { useStatus } from '../../api/live.ts';
import { sync, useNeeds, useReceipts, useSyncState, useWaiting } from '../../api/sync.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatInstant, formatTime } from '../../ui/field-text.ts';
import { isFocusLost } from '../../ui/last-focus.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { BusyScreen } from '../../ui/screen.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useAction } from '../keys/actions.ts';
import { syncSentence } from '../settings/sync-sentence.ts';
import { ConflictCard } from './conflict-card.tsx';
import { ReceiptList } from './receipt-list.tsx';
import { RefusedCard } from './refused-card.tsx';
import { ServerList } from './server-list.tsx';
import { countsText, hostOf, many, receiptText } from './sync-words.ts';
import { WaitingList } from './waiting-list.tsx';
import classes from './sync.module.css';

const FIRST = 50;

/** Where the book goes, what needs a person, what waits and why, and what the last syncs did. */
export function SyncScreen() {
  usePageTitle('Sync');
  const state = useSyncState();
  const needs = useNeeds();
  if (state === null || needs === null) return <BusyScreen />;
  return state.remotes.length === 0 ? <NoServer /> : <Connected state={state} needs={needs} />;
}

function NoServer() {
  return (
    <div className={classes.alone}>
      <h1 className={classes.aloneTitle}>Sync</h1>
      <EmptyPlace
        icon={<IconCloudOff size={24} />}
        title="This book is only on this laptop"
        actions={<Button renderRoot={(props) => <Link to="/connect" search={{}} {...props} />}>Connect to a server</Button>}
      >
        Connected to a server it is on your other laptops and in the office too, and works without a network as it does now.
      </EmptyPlace>
    </div>
  );
}

function Connected({ state, needs }: { state: SyncState; needs: SyncNeeds }) {
  const [limit, setLimit] = useState(FIRST);
  const status = useStatus();
  const waiting = useWaiting(limit);
  const receipts = useReceipts('', 8);
  const heading = useRef<HTMLHeadingElement>(null);
  const wantsFocus = useRef(false);
  useEffect(() => heading.current?.focus(), []);
  // What was answered is gone with the focus in it: on to the next, or to the sentence that says that none is left.
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    if (!isFocusLost() && document.activeElement?.closest('[data-needs]') !== null) return;
    const next = document.querySelector<HTMLElement>('[data-needs] [data-stands], [data-needs] button');
    (next ?? heading.current)?.focus();
  }, [needs]);
  const onAnswered = () => {
    wantsFocus.current = true;
  };

  const syncNow = () => void told(sync.syncNow(), 'Syncing');
  const rehearse = () => void told(sync.rehearse(), 'Asking what would go and come');
  useAction('syncNow', state.isOffline || state.isSyncing ? null : syncNow);
  const compare = () => void told(sync.compare(), 'Comparing with the server');
  const canCompare = state.canCompare && !state.isOffline && state.comparing === null;
  useAction('compare', canCompare ? compare : null);
  useAction('rehearse', state.isOffline || state.isRehearsing ? null : rehearse);
  const conflicts = groupedConflicts(needs.conflicts);
  const held = Object.values(needs.heldDeletions ?? {}).reduce((sum, one) => sum + one, 0);
  const needed = needs.conflicts.length + needs.refused.length + needs.stopped.length + (held > 0 ? 1 : 0);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.grow}>
          <h1 className={classes.title} ref={heading} tabIndex={-1}>
            {syncSentence(status)}
          </h1>
          <p className={classes.hint}>{nextText(state)}</p>
        </div>
        <Switch
          size="sm"
          withThumbIndicator={false}
          label="Work offline"
          checked={state.isOffline}
          onChange={(event) =>
            void told(sync.workOffline(event.currentTarget.checked), event.currentTarget.checked ? 'Working offline' : 'Online again')
          }
        />
        <Button variant="default" onClick={rehearse} disabled={state.isOffline || state.isRehearsing} rightSection={<Shortcut keys="r" />}>
          What would go
        </Button>
        <Button
          leftSection={<IconRefresh size={16} />}
          onClick={syncNow}
          disabled={state.isOffline || state.isSyncing}
          rightSection={<Shortcut keys="s" />}
          title={state.isOffline ? 'Switch off "Work offline" first' : undefined}
        >
          Sync now
        </Button>
      </header>

      <section className={classes.main} aria-label="Needs you and waits">
        {state.progress === null ? null : <FirstSync state={state} />}
        {state.rehearsal.length === 0 ? null : <Rehearsed state={state} />}
        {needed === 0 ? null : (
          <>
            <h2 className={classes.part}>
              Needs you <span className={classes.dim}>{formatCount(needed)}</span>
            </h2>
            {needs.stopped.map((one) => (
              <StoppedCard key={one.remoteId} stopped={one} onAnswered={onAnswered} />
            ))}
            {held === 0 ? null : <HeldDeletions count={held} onAnswered={onAnswered} />}
            {conflicts.map((group) => (
              <ConflictCard
                key={`${group[0]?.system} ${group[0]?.collection}/${group[0]?.recordId}`}
                conflicts={group}
                onAnswered={onAnswered}
              />
            ))}
            {needs.refused.map((one) => (
              <RefusedCard key={one.id} refused={one} onAnswered={onAnswered} />
            ))}
          </>
        )}
        <h2 className={classes.part}>
          Waits to go <span className={classes.dim}>{waiting === null ? '' : formatCount(waiting.total)}</span>
        </h2>
        {waiting === null ? null : waiting.total === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing waits.
          </Text>
        ) : (
          <WaitingList
            items={waiting.items}
            total={waiting.total}
            hold={holdText(state)}
            onMore={() => setLimit((now) => Math.min(200, now * 2))}
          />
        )}
      </section>

      <aside className={classes.side2} aria-label="Servers and receipts">
        <div className={classes.partRow}>
          <h2 className={classes.part}>Where this book goes</h2>
          <Link to="/connect" search={{}} className={classes.link}>
            Connect another
          </Link>
        </div>
        <ServerList servers={state.remotes} isOffline={state.isOffline} />
        <div className={classes.partRow}>
          <h2 className={classes.part}>Receipts</h2>
          <Link to="/receipts" className={classes.link}>
            All {receipts === null ? '' : formatCount(receipts.total)}
          </Link>
        </div>
        {receipts === null || receipts.total === 0 ? (
          <Text size="sm" c="dimmed">
            None yet.
          </Text>
        ) : (
          <ReceiptList receipts={receipts.items} isNamed={state.remotes.length > 1} />
        )}
        {state.canCompare ? <Comparison state={state} onCompare={canCompare ? compare : null} /> : null}
      </aside>
    </div>
  );
}

/** A quiet action: whether the laptop has what the server has follows from how it syncs, and this asks record by record. */
function Comparison({ state: { comparing, compared }, onCompare }: { state: SyncState; onCompare: (() => void) | null }) {
  return (
    <div className={classes.comparison}>
      <Button variant="subtle" size="compact-sm" onClick={onCompare ?? undefined} disabled={onCompare === null} className={classes.compare}>
        Compare with the server
      </Button>
      <Text size="xs" c="dimmed" role="status">
        {comparing !== null
          ? comparing.records === 0
            ? 'Comparing…'
            : `${formatCount(comparing.records)} of about ${many(Math.max(comparing.of, comparing.records), 'record', 'records')} compared`
          : compared === null
            ? 'Asks record by record whether this laptop has what the server has.'
            : `${formatInstant(compared.at)}: ${compared.says}`}
      </Text>
    </div>
  );
}

async function told(call: Promise<Result<unknown>>, words: string): Promise<void> {
  const result = await call;
  if (result.ok) announce(words);
  else showProblem(result.error);
}

function groupedConflicts(conflicts: readonly ConflictView[]): ConflictView[][] {
  const groups = new Map<string, ConflictView[]>();
  for (const one of conflicts) {
    const key = `${one.system ?? ''} ${one.collection}/${one.recordId}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function nextText({ isOffline, isSyncing, nextAt, remotes }: SyncState): string {
  if (isOffline) return 'Nothing is asked or sent until "Work offline" is switched off.';
  const last = remotes
    .flatMap((remote) => (remote.last === null ? [] : [remote.last.at]))
    .toSorted()
    .at(-1);
  const reached = last === undefined ? '' : `Last asked at ${formatTime(last)}.`;
  if (isSyncing) return `${reached} Syncing now.`.trim();
  return `${reached}${nextAt === null ? '' : ` Again at ${formatTime(nextAt)}.`}`.trim();
}

function holdText({ isOffline, remotes }: SyncState): string | null {
  if (isOffline) return 'Waits until "Work offline" is switched off';
  return remotes.some(({ last }) => last?.state === 'failed') ? 'Waits until the server is reached' : null;
}

/** How much has come, how fast, and how long the rest takes where that is known. */
function FirstSync({ state: { progress, left } }: { state: SyncState }) {
  if (progress === null) return null;
  const { received, sent, ms } = progress;
  const perSecond = Math.round(received / Math.max(1, ms / 1000));
  const parts = [
    ...(received > 0 ? [`${many(received, 'record has come', 'records have come')}`] : []),
    ...(sent > 0 ? [`${many(sent, 'change has gone', 'changes have gone')}`] : []),
    ...(received > 0 && perSecond > 0 ? [`${formatCount(perSecond)} a second`] : []),
    ...(left !== null && left > 0 && perSecond > 0 ? [`about ${durationText(left / perSecond)} left`] : []),
  ];
  if (parts.length === 0) return null;
  return (
    <div className={classes.progress} role="status">
      <Text size="sm">{parts.join(' · ')}</Text>
      {left === null ? null : <Progress value={(100 * received) / Math.max(1, received + left)} aria-label="Records that have come" />}
      <Text size="xs" c="dimmed">
        What is here already can be used meanwhile. It goes on where it was when Fieldbook is closed.
      </Text>
    </div>
  );
}

function durationText(seconds: number): string {
  if (seconds < 90) return many(Math.max(1, Math.round(seconds)), 'second', 'seconds');
  return many(Math.round(seconds / 60), 'minute', 'minutes');
}

function Rehearsed({ state: { rehearsal } }: { state: SyncState }) {
  return (
    <section className={classes.card} aria-label="What would go">
      {rehearsal.map((one) => (
        <p key={one.remoteId} className={classes.rehearsed}>
          <span className={classes.strong}>{hostOf(one.url)}</span> at {formatTime(one.at)}:{' '}
          {one.state === 'failed'
            ? one.problem
            : `${receiptText(one)}. Would go: ${countsText(one.sent)}. Would come: ${countsText(one.received)}. Nothing has been sent.`}
        </p>
      ))}
    </section>
  );
}

/** A system that is not as it was. What is right is for a person to say. */
function StoppedCard({ stopped, onAnswered }: { stopped: StopView; onAnswered: () => void }) {
  const { remoteId, system, kind, message } = stopped;
  const goOn = async () => {
    const result = await sync.goOn(remoteId);
    if (!result.ok) return showProblem(result.error);
    announce(`${system} is taken as it is now`);
    onAnswered();
  };
  return (
    <article className={classes.card} aria-label={`Stopped: ${system}`} data-needs>
      <div className={classes.cardHead}>
        <IconAlertTriangle size={18} className={classes.danger} aria-hidden />
        <h3 className={classes.cardTitle}>{kind === 'edition' ? `${system} answers in another way` : `Much of ${system} is gone`}</h3>
      </div>
      <Text size="sm" className={classes.cardText}>
        {message}
      </Text>
      <div className={classes.cardActions}>
        <Button color="red" size="compact-md" onClick={() => void goOn()}>
          {kind === 'edition' ? 'Go on with it' : 'It is right: delete here too'}
        </Button>
      </div>
    </article>
  );
}

function HeldDeletions({ count, onAnswered }: { count: number; onAnswered: () => void }) {
  const confirm = async () => {
    const result = await sync.confirmDeletions();
    if (!result.ok) return showProblem(result.error);
    announce('The deletions are sent');
    onAnswered();
  };
  return (
    <article className={classes.card} aria-label="Deletions" data-needs>
      <div className={classes.cardHead}>
        <IconAlertTriangle size={18} className={classes.danger} aria-hidden />
        <h3 className={classes.cardTitle}>{many(count, 'deletion waits', 'deletions wait')}</h3>
      </div>
      <Text size="sm" className={classes.cardText}>
        So many at once may be a mistake. Everything else goes on. If they are meant, they go with the next sync; if not, restore the
        records.
      </Text>
      <div className={classes.cardActions}>
        <Button color="red" size="compact-md" onClick={() => void confirm()}>
          They are meant
        </Button>
      </div>
    </article>
  );
}
