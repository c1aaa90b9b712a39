import { Button, Group, PasswordInput, Select, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { type MailAccountState, type MailSecurity, mailSecurities, usualPorts } from '../../../shared/contracts/outbox.contract.ts';
import type { Problem } from '../../../shared/lib/result.ts';
import { outbox } from '../../api/outbox.ts';
import { announce } from '../../ui/announcer.tsx';
import { showQuietly } from '../history/undo.tsx';
import classes from './mail.module.css';
import { say } from '../../../shared/words/say.ts';

interface Form {
  host: string;
  port: string;
  security: MailSecurity;
  user: string;
  password: string;
  fromName: string;
  fromAddress: string;
}

function formOf({ account }: MailAccountState): Form {
  return {
    host: account?.host ?? '',
    port: String(account?.port ?? usualPorts.starttls),
    security: account?.security ?? 'starttls',
    user: account?.user ?? '',
    password: '',
    fromName: account?.fromName ?? '',
    fromAddress: account?.fromAddress ?? '',
  };
}

/** The account e-mail goes out through. The password goes in and is never shown again. */
export function MailAccountSettings() {
  const [kept, setKept] = useState<MailAccountState | null>(null);
  useEffect(() => {
    void outbox.account().then((result) => {
      if (result.ok) setKept(result.value);
    });
  }, []);
  if (kept === null) return <div className={classes.account} aria-busy />;
  return <AccountForm key={JSON.stringify(kept)} kept={kept} onKept={setKept} />;
}

function AccountForm({ kept, onKept }: { kept: MailAccountState; onKept: (state: MailAccountState) => void }) {
  const [form, setForm] = useState(() => formOf(kept));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [testTo, setTestTo] = useState(kept.account?.fromAddress ?? '');
  const [isBusy, setIsBusy] = useState(false);
  const { account } = kept;
  const isChanged = JSON.stringify(form) !== JSON.stringify(formOf(kept));
  const put = (changes: Partial<Form>) => {
    setForm((now) => ({ ...now, ...changes }));
    setProblem(null);
  };
  const errorAt = (field: string) => (problem?.field === field ? say(problem) : null);

  const save = async () => {
    const { port, password, user, ...rest } = form;
    setIsBusy(true);
    const result = await outbox.changeAccount({
      ...rest,
      port: Number(port),
      user: user.trim() === '' ? null : user,
      ...(password === '' ? {} : { password }),
    });
    setIsBusy(false);
    if (!result.ok) {
      announce(say(result.error));
      return setProblem(result.error);
    }
    onKept(result.value);
    showQuietly('The mail account is saved.');
  };
  const remove = async () => {
    const result = await outbox.removeAccount();
    if (!result.ok) return setProblem(result.error);
    onKept(result.value);
    showQuietly('The mail account is removed, with its password. What waits in the outbox stays there.');
  };
  const known = new Set(['host', 'port', 'security', 'user', 'fromName', 'fromAddress', 'password']);
  return (
    <form
      className={classes.account}
      noValidate
      aria-label="Mail account"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Text size="sm" c="dimmed" className={classes.wide}>
        Fieldbook sends e-mail through the mail server of your company or provider. Your provider's help pages call these "SMTP" or
        "outgoing mail" settings.
      </Text>
      <TextInput
        label="Your name in e-mails"
        maxLength={200}
        value={form.fromName}
        onChange={(event) => put({ fromName: event.currentTarget.value })}
        error={errorAt('fromName')}
      />
      <TextInput
        label="Your e-mail address"
        maxLength={254}
        value={form.fromAddress}
        onChange={(event) => put({ fromAddress: event.currentTarget.value })}
        error={errorAt('fromAddress')}
      />
      <TextInput
        label="Mail server"
        placeholder="smtp.example.com"
        maxLength={253}
        value={form.host}
        onChange={(event) => put({ host: event.currentTarget.value })}
        error={errorAt('host')}
      />
      <Group grow align="flex-start">
        <Select
          label="Encryption"
          allowDeselect={false}
          data={Object.entries(mailSecurities).map(([value, label]) => ({ value, label }))}
          value={form.security}
          onChange={(value) => {
            const security = (value ?? 'starttls') as MailSecurity;
            put({ security, ...(form.port === String(usualPorts[form.security]) ? { port: String(usualPorts[security]) } : {}) });
          }}
          error={errorAt('security')}
        />
        <TextInput
          label="Port"
          inputMode="numeric"
          maxLength={5}
          value={form.port}
          onChange={(event) => put({ port: event.currentTarget.value.replaceAll(/\D/g, '') })}
          error={errorAt('port')}
        />
      </Group>
      <TextInput
        label="User name"
        maxLength={300}
        autoComplete="off"
        value={form.user}
        onChange={(event) => put({ user: event.currentTarget.value })}
        error={errorAt('user')}
      />
      <PasswordInput
        label="Password"
        autoComplete="off"
        placeholder={kept.password === 'kept' ? 'Kept. Type to replace it' : ''}
        value={form.password}
        onChange={(event) => put({ password: event.currentTarget.value })}
        error={errorAt('password')}
      />
      <Text size="sm" c="dimmed" className={classes.wide}>
        {kept.password === 'locked'
          ? 'A password is kept, and its key is not on this computer. Type it again.'
          : kept.protection === 'os'
            ? 'The password is encrypted, with a key in the keychain of this computer.'
            : 'The password is encrypted, but its key is not well protected here: whoever can read the data folder can read it. Use the installed app, or keep this disk encrypted.'}
      </Text>
      {problem === null || (problem.field !== undefined && known.has(problem.field)) ? null : (
        <Text size="sm" c="red" role="alert" className={classes.wide}>
          {say(problem)}
        </Text>
      )}
      <Group className={classes.wide} gap="xs">
        <Button type="submit" loading={isBusy} disabled={!isChanged}>
          Save account
        </Button>
        {account === null ? null : (
          <Button variant="default" onClick={() => void remove()}>
            Remove account
          </Button>
        )}
      </Group>
      {account === null || isChanged ? null : (
        <TestMessage to={testTo} onTo={setTestTo} onProblem={(error) => setProblem({ ...error, field: undefined })} />
      )}
    </form>
  );
}

interface TestMessageProps {
  to: string;
  onTo: (to: string) => void;
  onProblem: (problem: Problem) => void;
}

/** Sends a message through the account that is kept, so that what is wrong with it shows before an e-mail waits for it. */
function TestMessage({ to, onTo, onProblem }: TestMessageProps) {
  const [tested, setTested] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const test = async () => {
    setIsBusy(true);
    setTested(null);
    const result = await outbox.test(to);
    setIsBusy(false);
    const said = result.ok ? `The mail server took a test message to ${to}.` : say(result.error);
    announce(said);
    if (result.ok) setTested(said);
    else onProblem(result.error);
  };
  return (
    <Group className={classes.wide} gap="xs" align="flex-end">
      <TextInput label="Test message to" value={to} onChange={(event) => onTo(event.currentTarget.value)} w={260} />
      <Button variant="default" loading={isBusy} onClick={() => void test()}>
        Send a test message
      </Button>
      {tested === null ? null : (
        <Text size="sm" pb={8}>
          {tested}
        </Text>
      )}
    </Group>
  );
}
