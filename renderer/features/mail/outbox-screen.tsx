import { Alert, Anchor, Button, Text } from '@mantine/core';
import { IconMailOff, IconSend } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { MailRow, MailState } from '../../../shared/contracts/outbox.contract.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Result } from '../../../shared/lib/result.ts';
import { outbox, useOutboxList, useOutboxState } from '../../api/outbox.ts';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatInstant } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { BusyScreen, Screen, ScreenPart } from '../../ui/screen.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { showDone } from '../history/undo.tsx';
import { removeRecords } from '../records/record-commands.ts';
import { RecordLink } from '../records/record-link.tsx';
import { useCompose } from './compose-state.ts';
import classes from './mail.module.css';

const groups: { title: string; states: MailState[]; text?: string }[] = [
  {
    title: 'May have been sent',
    states: ['unsure'],
    text: 'The connection or Fieldbook ended while these were being sent, so nobody can say whether they arrived. They are not sent again by themselves.',
  },
  { title: 'Not sent', states: ['failed'] },
  {
    title: 'Waiting elsewhere',
    states: ['elsewhere'],
    text: 'These were to leave from another computer, or from this one before a backup was restored. They may have left there.',
  },
  { title: 'Waiting', states: ['sending', 'waiting'] },
  { title: 'Drafts', states: ['draft'] },
  { title: 'Sent', states: ['sent'] },
];

/** Every e-mail on its way: what waits, what failed and why, and what has left. */
export function OutboxScreen() {
  usePageTitle('Outbox');
  const list = useOutboxList();
  const state = useOutboxState();
  if (list === null || state === null) return <BusyScreen />;
  const { rows, sentTotal } = list;
  return (
    <Screen title="Outbox" width={880}>
      {state.hold === null && state.hasAccount ? null : (
        <Alert
          className={classes.hold}
          data-warns={state.hold !== null || undefined}
          variant="light"
          color="gray"
          icon={<IconMailOff size={18} />}
          title={state.hold === null ? 'There is no mail account yet' : 'Nothing leaves at the moment'}
        >
          <Text size="sm" mb={8}>
            {state.hold ?? 'What you write waits here until there is one.'}
          </Text>
          <Button component={Link} to="/settings" variant="default" size="compact-md">
            Open settings
          </Button>
        </Alert>
      )}
      {rows.length === 0 ? (
        <EmptyPlace icon={<IconSend size={24} />} title="No e-mails yet">
          Open a client or a contact and choose "Write e-mail". What you send, now or at a time you choose, shows here until it has left and
          after.
        </EmptyPlace>
      ) : null}
      {groups.map(({ title, states, text }) => {
        const mails = rows.filter((row) => states.includes(row.state)).sort(states.includes('sent') ? newestFirst : oldestFirst);
        if (mails.length === 0) return null;
        const total = states.includes('sent') ? sentTotal : mails.length;
        return (
          <ScreenPart key={title} name={title} title={`${title} (${formatCount(total)})`}>
            {text === undefined ? null : (
              <Text size="sm" c="dimmed" mb={6}>
                {text}
              </Text>
            )}
            <ul className={classes.rows}>
              {mails.map((mail) => (
                <Mail key={mail.id} mail={mail} isLeaving={state.hasAccount && state.hold === null} />
              ))}
            </ul>
            {total > mails.length ? (
              <Text size="sm" c="dimmed" mt={6}>
                The newest {formatCount(mails.length)} of {formatCount(total)} are shown. All are under Activity.
              </Text>
            ) : null}
          </ScreenPart>
        );
      })}
    </Screen>
  );
}

const timeOf = (mail: MailRow) => mail.sentAt ?? mail.nextTryAt ?? mail.scheduledFor ?? mail.updatedAt;
const oldestFirst = (left: MailRow, right: MailRow) => (timeOf(left) < timeOf(right) ? -1 : 1);
const newestFirst = (left: MailRow, right: MailRow) => -oldestFirst(left, right);

function Mail({ mail, isLeaving }: { mail: MailRow; isLeaving: boolean }) {
  const start = useCompose((state) => state.start);
  const subject = mail.subject ?? 'No subject';
  const open = () =>
    start({ id: mail.id, about: mail.about, aboutId: mail.aboutId, aboutName: mail.aboutName ?? 'a record', to: mail.recipients });
  const isBad = mail.state === 'failed' || mail.state === 'unsure' || mail.state === 'sent';
  return (
    <li className={classes.row}>
      <div className={classes.words}>
        <Anchor component="button" type="button" className={classes.subject} onClick={open}>
          {subject}
        </Anchor>
        <Text size="sm" c="dimmed">
          {mail.recipients.length === 0 ? 'To nobody yet' : `To ${recipientsOf(mail)}`} · on{' '}
          <RecordLink noun={mail.about as NounName} id={mail.aboutId}>
            {mail.aboutName ?? 'a record without a name'}
          </RecordLink>{' '}
          · {whenOf(mail, isLeaving)}
        </Text>
        {mail.failure === null ? null : (
          <Text size="sm">
            {isBad ? <ToneText tone={mail.state === 'failed' ? 'red' : 'amber'}>{mail.failure}</ToneText> : `Last try: ${mail.failure}`}
          </Text>
        )}
      </div>
      <div className={classes.actions}>{actionsOf(mail, subject, open)}</div>
    </li>
  );
}

function recipientsOf({ recipients }: MailRow): string {
  const shown = recipients.slice(0, 3).join(', ');
  return recipients.length > 3 ? `${shown} and ${formatCount(recipients.length - 3)} more` : shown;
}

/** `isLeaving`: there is an account, and nothing holds it up. Without, a time is what was planned and no more. */
function whenOf(mail: MailRow, isLeaving: boolean): string {
  if (mail.state === 'sent') return mail.sentAt === null ? 'sent' : `sent ${formatInstant(mail.sentAt)}`;
  if (mail.state === 'sending') return 'is being sent';
  if (mail.state === 'waiting') {
    if (mail.nextTryAt !== null)
      return `tried ${mail.tries === 1 ? 'once' : `${formatCount(mail.tries)} times`}, ${isLeaving ? `again ${formatInstant(mail.nextTryAt)}` : 'waits'}`;
    const at = mail.scheduledFor ?? mail.updatedAt;
    if (Date.parse(at) <= Date.now()) return `waits since ${formatInstant(at)}`;
    return isLeaving ? `leaves ${formatInstant(at)}` : `planned for ${formatInstant(at)}`;
  }
  return `changed ${formatInstant(mail.updatedAt)}`;
}

function actionsOf(mail: MailRow, subject: string, open: () => void): ReactNode {
  const button = (label: string, onClick: () => void, isMain = false) => (
    <Button key={label} variant={isMain ? 'light' : 'default'} size="compact-md" aria-label={`${label}: ${subject}`} onClick={onClick}>
      {label}
    </Button>
  );
  const again = (label: string) => button(label, () => void act(outbox.sendAgain(mail.id), `"${subject}" is sent again.`, false), true);
  switch (mail.state) {
    case 'unsure':
      return [again('Send again'), button('Mark as sent', () => void act(outbox.markSent(mail.id), `"${subject}" is marked as sent.`))];
    case 'failed':
      return [again('Send again'), button('Edit', open)];
    case 'elsewhere':
      return [
        again('Send from here'),
        button('Take back', () => void act(outbox.cancel(mail.id), `"${subject}" is taken back and is a draft again.`)),
      ];
    case 'waiting':
      return [
        button('Edit', open),
        button('Take back', () => void act(outbox.cancel(mail.id), `"${subject}" is taken back and is a draft again.`)),
      ];
    case 'draft':
      return [button('Edit', open), button('Delete', () => void removeRecords('activities', [mail.id], `"${subject}"`))];
    default:
      return null;
  }
}

async function act(call: Promise<Result<{ operationId: string | null }>>, done: string, isUndoable = true): Promise<void> {
  const result = await call;
  if (!result.ok) return showProblem(result.error);
  showDone(done, isUndoable && result.value.operationId !== null ? [result.value.operationId] : []);
}
