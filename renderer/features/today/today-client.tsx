import { Button } from '@mantine/core';
import { IconMail, IconMapPin } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { TodayRow } from '../../../shared/contracts/today.contract.ts';
import type { ActivityView, CaseView, ClientView, OpportunityView, TaskView } from '../../../shared/contracts/record.contract.ts';
import { isCaseOpen } from '../../../shared/nouns/case/case.ts';
import type { InvoiceView } from '../../../shared/nouns/invoice/invoice.contract.ts';
import { activityTime, activityTitle } from '../../../shared/nouns/activity/activity.ts';
import { lifecycleStages } from '../../../shared/nouns/client/client.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { useTimeline } from '../../api/activities.ts';
import { type AnyView, useChildren, useRecord, viewTitle } from '../../api/records.ts';
import { formatDay } from '../../ui/field-text.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useAction } from '../keys/actions.ts';
import { writeTo } from '../mail/compose-state.ts';
import { Dial } from '../records/dial.tsx';
import { RecordLink } from '../records/record-link.tsx';
import { CallLog } from './call-log.tsx';
import classes from './today.module.css';

interface TodayClientProps {
  row: TodayRow;
  place: { at: number; of: number };
  nextTitle: string | null;
  today: string;
  onDone: () => void;
}

/** A client to call: the number, the line that logs the call, what to know before, and what was said last. */
export function TodayClient({ row, place, nextTitle, today, onDone }: TodayClientProps) {
  const navigate = useNavigate();
  const client = useRecord('clients', row.id).data as ClientView | undefined;
  useAction('writeEmail', client === undefined ? null : () => writeTo('clients', client));
  return (
    <article className={classes.open} aria-label={row.title}>
      <header className={classes.openHead}>
        <div className={classes.headRow}>
          <h2>{row.title}</h2>
          <span className={classes.dim}>
            {place.at} of {place.of}
          </span>
          <Button
            variant="default"
            size="compact-md"
            onClick={() => void navigate({ to: '/$noun/$id', params: { noun: 'clients', id: row.id }, search: {} })}
          >
            Open client
          </Button>
        </div>
        <p className={classes.dim}>{client === undefined ? '' : factsOf(client, today)}</p>
      </header>
      <div className={classes.reach}>
        <div>
          <p className={classes.dim}>{client?.primaryContactName ?? ''}</p>
          <p className={classes.number}>
            {row.phone === null ? (
              <span className={classes.noNumber}>No phone</span>
            ) : (
              <>
                <span>{row.phone}</span>
                <Dial phone={row.phone} variant="default" />
              </>
            )}
          </p>
        </div>
        <ul className={classes.ways}>
          {client === undefined || client.ways.email === null ? null : (
            <li>
              <IconMail size={15} aria-hidden />
              <a href={`mailto:${client.ways.email}`} target="_blank" rel="noreferrer">
                {client.ways.email}
              </a>
            </li>
          )}
          {client === undefined || client.ways.address === null ? null : (
            <li>
              <IconMapPin size={15} aria-hidden /> {client.ways.address}
            </li>
          )}
        </ul>
      </div>
      <CallLog clientId={row.id} contactId={client?.primaryContactId ?? null} today={today} nextTitle={nextTitle} onDone={onDone} />
      <section className={classes.part} aria-label="Before you call">
        <h3>Before you call</h3>
        <ul className={classes.facts}>
          <Open
            noun="invoices"
            id={row.id}
            isOpen={(view) => ['issued', 'sent', 'partially_paid', 'overdue'].includes((view as InvoiceView).status)}
          />
          <Open noun="opportunities" id={row.id} isOpen={(view) => !(view as OpportunityView).stage.startsWith('closed_')} />
          <Open noun="cases" id={row.id} isOpen={(view) => isCaseOpen((view as CaseView).status)} />
          <Open noun="tasks" id={row.id} isOpen={(view) => (view as TaskView).status !== 'completed'} />
        </ul>
      </section>
      <LastNotes id={row.id} />
      <p className={classes.keys}>
        <Shortcut keys="d" /> calls · <Shortcut keys="l" /> logs the call · <Shortcut keys="m" /> e-mail · <Shortcut keys="t" /> task ·{' '}
        <Shortcut keys="j" /> <Shortcut keys="k" /> next and previous · <Shortcut keys="enter" /> opens
      </p>
    </article>
  );
}

function factsOf(client: ClientView, today: string): string {
  const due = client.nextFollowUpDate;
  return [
    due === null ? null : due < today ? `Overdue since ${formatDay(due)}` : 'Due today',
    lifecycleStages[client.lifecycleStage],
    client.daysSinceLastContact === null
      ? 'No contact yet'
      : client.daysSinceLastContact === 0
        ? 'Last contact today'
        : `Last contact ${client.daysSinceLastContact} ${client.daysSinceLastContact === 1 ? 'day' : 'days'} ago`,
  ]
    .filter((fact) => fact !== null)
    .join(' · ');
}

function Open({ noun, id, isOpen }: { noun: NounName; id: string; isOpen: (view: AnyView) => boolean }) {
  const rows = (useChildren(noun, id).data?.rows ?? []).filter((view) => view.deletedAt === null && isOpen(view)).slice(0, 3);
  return rows.map((view) => (
    <li key={view.id}>
      <RecordLink noun={noun} id={view.id}>
        {viewTitle(noun, view)}
      </RecordLink>{' '}
      <span className={classes.dim}>{nouns[noun].singular}</span>
    </li>
  ));
}

function LastNotes({ id }: { id: string }) {
  const { data } = useTimeline('clients', id);
  const rows = data?.rows.slice(0, 5) ?? [];
  if (rows.length === 0) return null;
  return (
    <section className={classes.part} aria-label="Last notes">
      <h3>Last notes</h3>
      <ul className={classes.notes}>
        {rows.map((row: ActivityView) => (
          <li key={row.id}>
            <p>
              {row.kind === 'comment' || row.kind === 'call' || row.kind === 'visit'
                ? (row.body ?? activityTitle(row))
                : activityTitle(row)}
            </p>
            <p className={classes.dim}>
              {activityTitle({ ...row, body: null, subject: null, fileName: null })} · {formatDay(activityTime(row).slice(0, 10))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
