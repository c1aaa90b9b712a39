import { Alert, Button, Group, SegmentedControl, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { MailRow } from '../../../shared/contracts/outbox.contract.ts';
import { filled, type MailTemplate, openFields } from '../../../shared/mail/mail-template.ts';
import { emailSchema } from '../../../shared/nouns/values.ts';
import { outbox, useOutboxState } from '../../api/outbox.ts';
import { settingsNow, useSettings } from '../../api/live.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatInstant, formatTime } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { hideDone, showDone } from '../history/undo.tsx';
import { type Compose, type MailDraft, readMailDraft, useCompose, writeMailDraft } from './compose-state.ts';
import { instantOfLocal, localTimeOf, tomorrowAtNine } from './local-time.ts';
import { Letter } from './letter.tsx';
import { useLatest } from '../../ui/use-latest.ts';
import classes from './mail.module.css';
import { TemplateList } from './template-list.tsx';
import { type Correspondents, useCorrespondents, useTemplateValues } from './template-values.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DraftNote } from '../../ui/draft-note.tsx';
import { say } from '../../../shared/words/say.ts';

/** Writing an e-mail, over whatever is on screen. Leaving it loses nothing: what was typed is kept. */
export function ComposeDialog() {
  const open = useCompose((state) => state.open);
  useEffect(() => {
    if (open !== null) hideDone();
  }, [open]);
  if (open === null) return null;
  const key = `${open.id ?? 'new'} ${open.aboutId}`;
  return open.id === null ? <Form key={key} compose={open} kept={null} /> : <Kept key={key} compose={open} id={open.id} />;
}

type KeptMail = MailRow & { text: string; isFormatted: boolean };

/** An e-mail of the outbox: to be written on, or, when it has left, to be read. */
function Kept({ compose, id }: { compose: Compose; id: string }) {
  const [mail, setMail] = useState<KeptMail | null>(null);
  const close = useCompose((state) => state.close);
  useEffect(() => {
    let isCurrent = true;
    void outbox.get(id).then((result) => {
      if (!isCurrent) return;
      if (result.ok) return setMail(result.value);
      showProblem(result.error);
      close();
    });
    return () => {
      isCurrent = false;
    };
  }, [id, close]);
  if (mail === null) return null;
  if (['sent', 'sending', 'unsure'].includes(mail.state)) return <Read mail={mail} onClose={close} />;
  return <Form compose={compose} kept={mail} />;
}

function Read({ mail, onClose }: { mail: KeptMail; onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title={mail.subject ?? 'No subject'} size={720}>
      <Text size="sm" c="dimmed">
        To {mail.recipients.join(', ')}
        {mail.sentAt === null ? '' : `, sent ${formatInstant(mail.sentAt)}`}
      </Text>
      {mail.failure === null ? null : (
        <Alert variant="light" color="orange" mt="sm" py={8}>
          {mail.failure}
        </Alert>
      )}
      <Letter text={mail.text} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Dialog>
  );
}

function startOf(compose: Compose, kept: KeptMail | null): MailDraft {
  const leavesAt = kept?.state === 'waiting' ? kept.scheduledFor : null;
  const isLater = leavesAt !== null && Date.parse(leavesAt) > Date.now();
  return {
    at: new Date().toISOString(),
    to: kept?.recipients ?? compose.to,
    subject: kept?.subject ?? '',
    text: kept?.text ?? signed(''),
    isLater,
    localTime: isLater ? localTimeOf(new Date(leavesAt)) : '',
  };
}

/** The text with the signature below. */
function signed(text: string): string {
  const signature = settingsNow()?.signature ?? '';
  return signature === '' ? text : `${text}\n\n${signature}`;
}

interface Wrong {
  where: 'to' | 'time' | null;
  message: string;
}

function Form({ compose, kept }: { compose: Compose; kept: KeptMail | null }) {
  const close = useCompose((state) => state.close);
  const state = useOutboxState();
  const hasAccount = state?.hasAccount ?? true;
  const isLeaving = hasAccount && (state?.hold ?? null) === null;
  const [found] = useState(() => readMailDraft(compose));
  const [typed, setMail] = useState(() => found ?? startOf(compose, kept));
  const [hasDraftNote, setHasDraftNote] = useState(found !== null);
  const [typedAddress, setTypedAddress] = useState('');
  const [problem, setProblem] = useState<Wrong | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [isChoosing, setIsChoosing] = useState(false);
  const [isAwaited, setIsAwaited] = useState(false);
  const [isPreview, setIsPreview] = useState(false);
  const message = useRef<HTMLTextAreaElement>(null);
  const isSent = useRef(false);
  const templates = useSettings()?.mailTemplates ?? [];
  const { mail, open, correspondents } = useFilled(compose, typed);

  const put = (changes: Partial<MailDraft>) => {
    const next = { ...typed, ...changes, at: new Date().toISOString() };
    setMail(next);
    setIsAwaited(false);
    setProblem(null);
    writeMailDraft(compose, next);
  };
  const startOver = () => {
    writeMailDraft(compose, null);
    setMail(startOf(compose, kept));
    setHasDraftNote(false);
  };

  const insert = ({ name, subject, text }: MailTemplate) => {
    setIsChoosing(false);
    const isUntouched = typed.text.trim() === '' || typed.text === signed('');
    put({ subject: typed.subject === '' ? subject : typed.subject, text: isUntouched ? signed(text) : `${text}\n\n${typed.text}` });
    announce(`Template ${name} is in the message.`);
    message.current?.focus();
  };

  /** Also an address that was typed and not yet made a tag. */
  const recipients = () => [...mail.to, ...(typedAddress.trim() === '' ? [] : [typedAddress.trim()])];

  const refuse = (where: Wrong['where'], message: string) => {
    setProblem({ where, message });
    announce(message);
  };
  const save = async (send: 'draft' | 'send') => {
    const to = recipients();
    const scheduledFor = mail.isLater ? instantOfLocal(mail.localTime) : null;
    const wrong = wrongIn(to, send === 'send', mail.isLater, scheduledFor);
    if (wrong !== null) return refuse(wrong.where, wrong.message);
    // Its fields are filled in a moment: then it goes.
    if (send === 'send' && open.length > 0 && !correspondents.isKnown) return setIsAwaited(true);
    if (send === 'send' && open.length > 0) return refuse(null, `${openWords(open)} Write it or take it out before the e-mail leaves.`);
    // Once, however quickly the keys follow each other.
    if (isSent.current) return;
    isSent.current = true;
    setIsSaving(true);
    const result = await outbox.save({
      id: compose.id,
      about: compose.about,
      aboutId: compose.aboutId,
      recipients: to,
      subject: mail.subject,
      text: mail.text,
      send: send === 'draft' ? 'draft' : mail.isLater ? 'later' : 'now',
      scheduledFor,
    });
    setIsSaving(false);
    isSent.current = result.ok;
    if (!result.ok) return refuse(result.error.field?.startsWith('recipients') === true ? 'to' : null, say(result.error));
    writeMailDraft(compose, null);
    close();
    const undo = result.value.operationId === null ? [] : [result.value.operationId];
    if (send === 'draft') showDone('Draft kept in the outbox.', undo);
    else showDone(whatBecomesOfIt(scheduledFor, hasAccount, isLeaving), scheduledFor === null && hasAccount ? [] : undo);
  };

  const onKnown = useLatest(() => void save('send'));
  const isReady = isAwaited && correspondents.isKnown;
  useEffect(() => {
    if (isReady) onKnown();
  }, [isReady, onKnown]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const mod = event.ctrlKey || event.metaKey;
    if (mod && event.key.toLowerCase() === 'j') {
      if (templates.length > 0) setIsChoosing(true);
      else refuse(null, 'There is no template yet. Make one in Settings, under “Writing e-mail”.');
    } else if (mod && event.key === 'Enter') void save('send');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Dialog onClose={close} title={kept === null ? `E-mail on ${compose.aboutName}` : 'E-mail'} size={720} onKeyDown={onKeyDown}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save('send');
        }}
      >
        <Stack gap="sm">
          {hasDraftNote && found !== null ? (
            <DraftNote text={`What you typed at ${formatTime(found.at)} is back.`} onStartOver={startOver} />
          ) : null}
          {kept === null || kept.failure === null ? null : (
            <Alert variant="light" color="orange" py={8}>
              {kept.failure}
            </Alert>
          )}
          <ToField
            mail={mail}
            takesFocus={!isChoosing}
            addresses={correspondents.addresses}
            typed={typedAddress}
            onTyped={setTypedAddress}
            onChange={put}
            error={problem?.where === 'to' ? problem.message : null}
          />
          {isChoosing ? <TemplateList templates={templates} onChoose={insert} onClose={() => setIsChoosing(false)} /> : null}
          {isPreview ? (
            <div>
              <Text fw={600}>{mail.subject === '' ? 'No subject' : mail.subject}</Text>
              <Letter text={mail.text} />
            </div>
          ) : (
            <MessageFields mail={mail} takesFocus={!isChoosing} isFormatted={kept?.isFormatted === true} message={message} onChange={put} />
          )}
          <WhenItLeaves mail={mail} onChange={put} error={problem?.where === 'time' ? problem.message : null} />
          {hasAccount ? null : (
            <Text size="sm" c="dimmed">
              There is no mail account yet: the e-mail waits in the outbox until one is set up in Settings, E-mail.
            </Text>
          )}
        </Stack>
        <Foot open={open} problem={problem?.where === null ? problem.message : null}>
          <MailTools
            hasTemplates={templates.length > 0}
            onTemplate={() => setIsChoosing(true)}
            isPreview={isPreview}
            onPreview={setIsPreview}
          />
          <Button variant="default" onClick={close}>
            Close
          </Button>
          <Button variant="default" loading={isSaving} onClick={() => void save('draft')}>
            Keep as draft
          </Button>
          <Button type="submit" loading={isSaving} rightSection={<Shortcut keys="mod+enter" />}>
            {mail.isLater ? 'Schedule' : 'Send'}
          </Button>
        </Foot>
      </form>
    </Dialog>
  );
}

interface FootProps {
  /** Fields that are still to be filled. */
  open: readonly string[];
  problem: string | null;
  /** The buttons. */
  children: ReactNode;
}

/** What keeps it from leaving stands with the buttons, which are in sight however long the message is. */
function Foot({ open, problem, children }: FootProps) {
  return (
    <div className={classes.foot}>
      {problem !== null ? (
        <Text size="sm" c="red" mb={8} role="alert">
          {problem}
        </Text>
      ) : open.length > 0 ? (
        <Text size="sm" mb={8} className={classes.open} role="status">
          {openWords(open)}
        </Text>
      ) : null}
      <Group justify="flex-end">{children}</Group>
    </div>
  );
}

/** What is written, with its fields filled; and the fields that still are open. */
function useFilled(compose: Compose, typed: MailDraft) {
  const correspondents = useCorrespondents(compose);
  const values = useTemplateValues(compose, correspondents, typed.to);
  // Filled as it is shown: whose name it is may be known, or be another, only when the recipient is.
  const mail = { ...typed, subject: filled(typed.subject, values), text: filled(typed.text, values) };
  return { mail, open: openFields(`${mail.subject} ${mail.text}`), correspondents };
}

interface MailToolsProps {
  hasTemplates: boolean;
  onTemplate: () => void;
  isPreview: boolean;
  onPreview: (isPreview: boolean) => void;
}

function MailTools({ hasTemplates, onTemplate, isPreview, onPreview }: MailToolsProps) {
  return (
    <Group gap="xs" mr="auto">
      {!hasTemplates ? null : (
        <Button variant="default" rightSection={<Shortcut keys="mod+j" />} onClick={onTemplate}>
          Template
        </Button>
      )}
      <Button variant={isPreview ? 'light' : 'default'} aria-pressed={isPreview} onClick={() => onPreview(!isPreview)}>
        Preview
      </Button>
    </Group>
  );
}

interface ToFieldProps {
  mail: MailDraft;
  /** False while the templates have it: the dialog hands the focus out a moment after it has opened. */
  takesFocus: boolean;
  addresses: Correspondents['addresses'];
  /** What is being typed, and is no address of the e-mail yet. */
  typed: string;
  onTyped: (text: string) => void;
  onChange: (changes: Partial<MailDraft>) => void;
  error: string | null;
}

function ToField({ mail, takesFocus, addresses, typed, onTyped, onChange, error }: ToFieldProps) {
  return (
    <TagsInput
      label="To"
      description="Addresses, each ended with Enter or a comma."
      placeholder={mail.to.length === 0 ? 'name@example.com' : ''}
      data={addresses.map(({ email }) => email)}
      renderOption={({ option }) => (
        <span>
          {addresses.find(({ email }) => email === option.value)?.name ?? ''}{' '}
          <Text span size="sm" c="dimmed">
            {option.value}
          </Text>
        </span>
      )}
      value={mail.to}
      onChange={(to) => onChange({ to })}
      searchValue={typed}
      onSearchChange={onTyped}
      splitChars={[',', ';', ' ']}
      acceptValueOnBlur
      error={error}
      data-autofocus={takesFocus && mail.to.length === 0 ? true : undefined}
    />
  );
}

interface MessageFieldsProps {
  mail: MailDraft;
  takesFocus: boolean;
  isFormatted: boolean;
  message: RefObject<HTMLTextAreaElement | null>;
  onChange: (changes: Partial<MailDraft>) => void;
}

function MessageFields({ mail, takesFocus, isFormatted, message, onChange }: MessageFieldsProps) {
  return (
    <>
      <TextInput
        label="Subject"
        maxLength={500}
        value={mail.subject}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
        data-autofocus={takesFocus && mail.to.length > 0 ? true : undefined}
      />
      <Textarea
        ref={message}
        label="Message"
        minRows={8}
        maxRows={16}
        autosize
        maxLength={80_000}
        value={mail.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        {...(isFormatted
          ? { description: 'This message has letters in bold or pictures, which are lost when its text is changed here.' }
          : {})}
      />
    </>
  );
}

function openWords(fields: readonly string[]): string {
  return `${fields.join(', ')}: the record does not say ${fields.length === 1 ? 'this' : 'these'}.`;
}

/** What a person has to change before the e-mail can be kept or sent. */
function wrongIn(to: readonly string[], isSent: boolean, isLater: boolean, scheduledFor: string | null): Wrong | null {
  const wrong = to.find((address) => !emailSchema.safeParse(address).success);
  if (wrong !== undefined) return { where: 'to', message: `"${wrong}" is not an e-mail address. It needs the form name@example.com.` };
  if (!isSent) return null;
  if (to.length === 0) return { where: 'to', message: 'This e-mail has nobody to go to. Add a recipient.' };
  if (isLater && scheduledFor === null) return { where: 'time', message: 'Choose the day and time it leaves at.' };
  if (scheduledFor !== null && Date.parse(scheduledFor) <= Date.now())
    return { where: 'time', message: 'This time has passed. Choose a later one, or send the e-mail now.' };
  return null;
}

function whatBecomesOfIt(scheduledFor: string | null, hasAccount: boolean, isLeaving: boolean): string {
  if (scheduledFor !== null) {
    const when = formatInstant(scheduledFor);
    if (isLeaving) return `The e-mail leaves ${when}.`;
    return `The e-mail is planned for ${when}. It waits in the outbox${hasAccount ? '' : ' until there is a mail account'}.`;
  }
  if (!hasAccount) return 'The e-mail waits in the outbox until there is a mail account.';
  return isLeaving ? 'The e-mail is in the outbox and leaves now.' : 'The e-mail waits in the outbox.';
}

/** Now, or at a day and time of this computer. */
function WhenItLeaves({
  mail,
  onChange,
  error,
}: {
  mail: MailDraft;
  onChange: (changes: Partial<MailDraft>) => void;
  error: string | null;
}) {
  return (
    <Group align="flex-end" gap="sm" className={classes.when}>
      <SegmentedControl
        aria-label="When it leaves"
        size="sm"
        data={[
          { value: 'now', label: 'Send now' },
          { value: 'later', label: 'Send later' },
        ]}
        value={mail.isLater ? 'later' : 'now'}
        onChange={(value) =>
          onChange({ isLater: value === 'later', localTime: mail.localTime === '' ? tomorrowAtNine(new Date()) : mail.localTime })
        }
      />
      {mail.isLater ? (
        <TextInput
          type="datetime-local"
          aria-label="Day and time it leaves"
          value={mail.localTime}
          onChange={(event) => onChange({ localTime: event.currentTarget.value })}
          error={error}
        />
      ) : null}
      {mail.isLater ? (
        <Text size="sm" c="dimmed" pb={8}>
          Time of this computer ({Intl.DateTimeFormat().resolvedOptions().timeZone})
        </Text>
      ) : null}
    </Group>
  );
}
