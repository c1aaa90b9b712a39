import { Button } from '@mantine/core';
import { IconChecklist, IconFileInvoice, IconMail, IconMessage, IconPhoneCheck, IconTargetArrow } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ClientView, ContactView, LocationView } from '../../../shared/contracts/record.contract.ts';
import { addressLine, contactPhone, locationWays, type Ways } from '../../../shared/nouns/client/client-ways.ts';
import { valueAt } from '../../../shared/nouns/field.ts';
import { type NounName, parentNounsOf } from '../../../shared/nouns/nouns.ts';
import { type AnyView, useRecord, viewTitle } from '../../api/records.ts';
import { formatDay } from '../../ui/field-text.ts';
import { smsLink } from '../../ui/phone-link.ts';
import { Shortcut } from '../../ui/shortcut.tsx';
import { type ActionId, actions, useAction } from '../keys/actions.ts';
import { writeTo } from '../mail/compose-state.ts';
import { useQuickTask } from '../tasks/quick-task-state.ts';
import { type ChildTab, childTabs, formParent } from './child-tabs.ts';
import { Dial } from './dial.tsx';
import { useNewRecord } from './new-record-state.ts';
import { RecordLink } from './record-link.tsx';
import classes from './record-head.module.css';

interface RecordHeadProps {
  noun: NounName;
  record: AnyView;
  onLog: () => void;
}

/** Under the title of an open record: how somebody is got hold of, when the next contact is, whose it is, and what is done from here. */
export function RecordHead({ noun, record, onLog }: RecordHeadProps) {
  const clientId = noun === 'clients' ? null : valueAt(record, 'clientId');
  const client = useRecord('clients', typeof clientId === 'string' ? clientId : null).data as ClientView | undefined;
  const ways = waysOf(noun, record, client);
  const owner = noun === 'clients' ? (record as ClientView).accountOwnerId : null;
  const next = noun === 'clients' ? (record as ClientView).nextFollowUpDate : null;
  const isAskedNotToCall = noun === 'contacts' && (record as ContactView).doNotCall;
  const message = ways?.phone === null || ways === null ? null : smsLink(ways.phone);
  return (
    <>
      <dl className={classes.ways}>
        {isAskedNotToCall ? (
          <Way label="Phone">
            <span className={classes.noCalls}>Do not call</span>
          </Way>
        ) : ways === null || ways.phone === null ? null : (
          <Way label="Phone">
            <b className={classes.number}>{ways.phone}</b>
            {message === null ? null : (
              <a className={classes.message} href={message} target="_blank" rel="noreferrer" aria-label={`Text message to ${ways.phone}`}>
                <IconMessage size={16} aria-hidden />
              </a>
            )}
          </Way>
        )}
        {ways === null || ways.email === null ? null : (
          <Way label="E-mail">
            <a className={classes.link} href={`mailto:${ways.email}`} target="_blank" rel="noreferrer">
              {ways.email}
            </a>
          </Way>
        )}
        {ways === null || ways.address === null ? null : <Way label="Address">{ways.address}</Way>}
        {next === null ? null : (
          <Way label="Next follow-up">
            <b>{formatDay(next)}</b>
          </Way>
        )}
        {owner === null ? null : (
          <Way label="Owner">
            <RecordLink noun="directory" id={owner}>
              {record.names[owner] ?? 'Somebody who is not here'}
            </RecordLink>
          </Way>
        )}
      </dl>
      <HeadActions noun={noun} record={record} phone={ways?.phone ?? null} onLog={onLog} />
    </>
  );
}

function Way({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Null for what nobody is got hold of by. */
function waysOf(noun: NounName, record: AnyView, client: ClientView | undefined): Ways | null {
  switch (noun) {
    case 'clients':
      return (record as ClientView).ways;
    case 'contacts': {
      const contact = record as ContactView;
      return { phone: contactPhone(contact), email: contact.email ?? contact.secondaryEmail, address: addressLine(contact.address) };
    }
    case 'locations': {
      const ways = locationWays(record as LocationView);
      return { ...ways, phone: ways.phone ?? client?.ways.phone ?? null };
    }
    case 'opportunities':
    case 'cases':
    case 'tasks':
    case 'invoices':
      return client === undefined ? null : { ...client.ways, address: null };
    default:
      return null;
  }
}

interface HeadActionsProps {
  noun: NounName;
  record: AnyView;
  phone: string | null;
  onLog: () => void;
}

/** Only what the record can have, each with its key. */
function HeadActions({ noun, record, phone, onLog }: HeadActionsProps) {
  const startNew = useNewRecord((state) => state.start);
  const startTask = useQuickTask((state) => state.start);
  const tabs = childTabs(noun, record);
  // What names the record without hanging on it (a person's tasks) is not made from here.
  const start = (of: NounName, work: (tab: ChildTab) => void = (tab) => startNew(of, formParent(tab, noun, record))) => {
    const tab = noun === 'directory' ? undefined : tabs.find((one) => one.noun === of);
    return tab === undefined ? null : () => work(tab);
  };
  const canLog = parentNounsOf('activities').includes(noun);
  const mailTo = noun === 'clients' || noun === 'contacts' ? noun : null;
  const task = start(
    'tasks',
    noun === 'clients' ? () => startTask({ clientId: record.id, clientName: viewTitle(noun, record) }) : undefined,
  );
  const buttons = [
    phone === null ? null : <Dial key="call" phone={phone} variant="filled" size="compact-md" />,
    canLog ? <Doing key="log" id="logCall" word="Log" icon={<IconPhoneCheck size={15} />} onClick={onLog} /> : null,
    mailTo === null ? null : (
      <Doing key="email" id="writeEmail" word="E-mail" icon={<IconMail size={15} />} onClick={() => writeTo(mailTo, record)} />
    ),
    task === null ? null : <NewHere key="task" id="newTaskHere" word="Task" icon={<IconChecklist size={15} />} onClick={task} />,
    ...(
      [
        ['newOpportunityHere', 'opportunities', 'Opportunity', <IconTargetArrow key="icon" size={15} />],
        ['newInvoiceHere', 'invoices', 'Invoice', <IconFileInvoice key="icon" size={15} />],
      ] as const
    ).map(([id, of, word, icon]) => {
      const onClick = start(of);
      return onClick === null ? null : <NewHere key={id} id={id} word={word} icon={icon} onClick={onClick} />;
    }),
  ].filter((button) => button !== null);
  if (buttons.length === 0) return null;
  return (
    <div className={classes.actions} role="group" aria-label="What to do">
      {buttons}
    </div>
  );
}

interface DoingProps {
  id: ActionId;
  word: string;
  icon: ReactNode;
  onClick: () => void;
}

/** A button for what has a key already. */
function Doing({ id, word, icon, onClick }: DoingProps) {
  return (
    <Button
      variant="default"
      size="compact-md"
      className={classes.action}
      leftSection={icon}
      rightSection={<Shortcut keys={actions[id].keys[0] ?? ''} />}
      onClick={onClick}
    >
      {word}
    </Button>
  );
}

/** A button that offers its key while it is there. */
function NewHere(props: DoingProps) {
  useAction(props.id, props.onClick);
  return <Doing {...props} />;
}
