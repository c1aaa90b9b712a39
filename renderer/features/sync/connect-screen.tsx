import { Button, NativeSelect, PasswordInput, Select, Text, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { z } from 'zod';
import {
  type ConnectField,
  type Direction,
  directions,
  howToSignIn,
  type Joining,
  type LookInput,
  type ServerKind,
  serverKinds,
} from '../../../shared/contracts/sync.contract.ts';
import { type SignInWay, signInWays } from '../../../shared/dialects/foreign-systems.ts';
import { sync, useSyncState } from '../../api/sync.ts';
import { announce } from '../../ui/announcer.tsx';
import { usePageTitle } from '../../ui/page-title.ts';
import { BusyScreen, Screen } from '../../ui/screen.tsx';
import { showQuietly } from '../history/undo.tsx';
import { RehearsalStep } from './rehearsal-step.tsx';
import { many } from './sync-words.ts';
import classes from './sync.module.css';
import { say } from '../../../shared/words/say.ts';

/** `again`: a server that is connected, to be signed in to anew. */
export const connectSearchSchema = z.object({ again: z.string().max(100).optional().catch(undefined) });

const steps = ['Address and sign-in', 'What would happen', 'Connect'] as const;

/** Connecting: sign in, look at what would go and come, then go. Nothing of the book is sent before that. */
export function ConnectScreen() {
  usePageTitle('Connect to a server');
  const state = useSyncState();
  const navigate = useNavigate();
  const joining = state?.joining ?? null;
  const before = useRef<Joining['step'] | null>(null);
  useEffect(() => {
    const was = before.current;
    before.current = joining?.step ?? null;
    if (joining !== null && joining.step !== was && joining.step === 'ready')
      announce('Nothing has been sent. Look at what would go and come.');
    // It was agreed to, and is over: the book is connected.
    if (joining === null && was === 'joining') {
      showQuietly('Connected. What there is comes now; you can go on working.');
      void navigate({ to: '/sync' });
    }
  }, [joining, navigate]);
  if (state === null) return <BusyScreen />;
  const at = joining === null || joining.step === 'signIn' || joining.step === 'failed' ? 0 : joining.step === 'joining' ? 2 : 1;
  return (
    <Screen title={joining === null || at === 0 ? 'Connect to a server' : `Connect to ${joining.host}`} width={880}>
      <ol className={classes.steps} aria-label="Steps">
        {steps.map((step, index) => (
          <li key={step} aria-current={index === at ? 'step' : undefined}>
            {step}
          </li>
        ))}
      </ol>
      {joining !== null && at > 0 ? <Underway joining={joining} /> : <SignInForm joining={joining} />}
    </Screen>
  );
}

function Underway({ joining }: { joining: Joining }) {
  if (joining.step === 'ready' && joining.rehearsal !== null) return <RehearsalStep joining={joining} rehearsal={joining.rehearsal} />;
  const words =
    joining.step === 'joining'
      ? 'Connecting. What belongs together is put together before anything is sent.'
      : `Looking at both sides. ${many(joining.read, 'record', 'records')} read, nothing sent.`;
  return (
    <div className={classes.underway}>
      <p role="status">{words}</p>
      {joining.step === 'joining' ? null : (
        <Button variant="default" onClick={() => void sync.leave()}>
          Stop
        </Button>
      )}
    </div>
  );
}

interface Form {
  kind: ServerKind;
  url: string;
  organisation: string;
  way: SignInWay;
  email: string;
  password: string;
  token: string;
  session: string;
  direction: Direction;
}
const blank: Form = {
  kind: 'fieldbook',
  url: '',
  organisation: '',
  way: 'password',
  email: '',
  password: '',
  token: '',
  session: '',
  direction: 'both',
};

function inputOf({ kind, url, organisation, way, email, password, token, session, direction }: Form): LookInput {
  const signIn = way === 'password' ? { email, password } : way === 'token' ? { token } : { session };
  return { kind, url, organisation: organisation.trim() === '' ? null : organisation, signIn, direction };
}

type Wrong = { field: ConnectField | null; message: string; offers?: ServerKind | null } | null;

function SignInForm({ joining }: { joining: Joining | null }) {
  const { again } = useSearch({ from: '/connect' });
  const known = useSyncState()?.remotes.find(({ id }) => id === again) ?? null;
  const [form, setForm] = useState<Form>(() => {
    if (known === null) return blank;
    const kind = Object.hasOwn(serverKinds, known.kind) ? (known.kind as ServerKind) : 'fieldbook';
    return {
      ...blank,
      kind,
      url: known.url,
      way: howToSignIn[kind].ways[0] as SignInWay,
      email: known.account ?? '',
      direction: known.direction,
    };
  });
  const [wrong, setWrong] = useState<Wrong>(null);
  const isBusy = joining?.step === 'signIn';
  const { ways, organisation } = howToSignIn[form.kind];
  const put = (changes: Partial<Form>) => {
    setForm((now) => ({ ...now, ...changes }));
    setWrong(null);
  };
  const formRef = useRef<HTMLFormElement>(null);
  const focus = (field: ConnectField | null, isOffered = false) => {
    const name = isOffered && known === null ? 'offer' : field === 'password' && form.way !== 'password' ? form.way : (field ?? 'submit');
    // Drawn again first: a field that was switched off takes no focus.
    requestAnimationFrame(() => formRef.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus());
  };
  const tell = (problem: Wrong) => {
    if (problem === null) return;
    setWrong(problem);
    announce(problem.message);
    focus(problem.field, (problem.offers ?? null) !== null);
  };
  const failed = joining?.step === 'failed' ? joining.problem : null;
  useEffect(() => {
    tell(failed);
    // oxlint-disable-next-line react/exhaustive-deps -- told once for each failure
  }, [failed?.message, failed?.field, joining?.step]);

  // Where somebody begins to type; of a server that is known only the secret is asked for.
  useEffect(() => {
    if (failed === null) focus(known === null ? 'url' : 'password');
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the form opens
  }, []);

  const submit = async (as: Form) => {
    const missing = missingIn(as, howToSignIn[as.kind].organisation === 'needed');
    if (missing !== null) return tell(missing);
    setWrong(null);
    const result = await sync.look(inputOf(as));
    if (result.ok) return;
    const field = result.error.field?.split('.').at(-1) ?? null;
    tell({ message: say(result.error), field: isField(field) ? field : null });
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(form);
  };
  /** What answered is what is meant: the same address and sign-in, as that. */
  const take = (kind: ServerKind) => {
    const next = { ...form, kind };
    put({ kind });
    void submit(next);
  };
  const offered = known === null ? (wrong?.offers ?? null) : null;
  const errorAt = (field: ConnectField) =>
    wrong?.field === field || (wrong?.field === 'password' && field === form.way) ? wrong.message : null;
  const plain = isPlainHttp(form.url);
  return (
    <form ref={formRef} className={classes.connect} noValidate onSubmit={onSubmit} aria-label="Connect">
      <Text size="sm" c="dimmed" className={classes.wide}>
        Nothing of the book is sent before you have seen what would go and come.
      </Text>
      <NativeSelect
        label="Kind of server"
        name="kind"
        disabled={known !== null || isBusy}
        data={Object.entries(serverKinds).map(([value, label]) => ({ value, label }))}
        value={form.kind}
        onChange={(event) => {
          const kind = event.currentTarget.value as ServerKind;
          put({ kind, way: howToSignIn[kind].ways[0] as SignInWay });
        }}
      />
      <NativeSelect
        label="Direction"
        name="direction"
        disabled={known !== null || isBusy}
        data={Object.entries(directions).map(([value, label]) => ({ value, label }))}
        value={form.direction}
        onChange={(event) => put({ direction: event.currentTarget.value as Direction })}
      />
      <TextInput
        className={classes.wide}
        label="Address"
        name="url"
        inputMode="url"
        placeholder="https://crm.example.com"
        description={plain ? 'Plain http can be read on the way: it is taken for a server on this computer only. Write https.' : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        disabled={known !== null}
        readOnly={isBusy}
        value={form.url}
        onChange={(event) => put({ url: event.currentTarget.value })}
        error={errorAt('url')}
      />
      {ways.length > 1 ? (
        <Select
          label="Sign in with"
          allowDeselect={false}
          data={ways.map((value) => ({ value, label: signInWays[value] }))}
          value={form.way}
          disabled={isBusy}
          onChange={(value) => put({ way: (value ?? form.way) as SignInWay })}
        />
      ) : null}
      {organisation === 'no' ? null : (
        <TextInput
          label={organisation === 'needed' ? 'Organisation' : 'Organisation (only where you belong to several)'}
          name="organisation"
          autoComplete="off"
          maxLength={200}
          readOnly={isBusy}
          value={form.organisation}
          onChange={(event) => put({ organisation: event.currentTarget.value })}
          error={errorAt('organisation')}
        />
      )}
      <SignInFields form={form} isBusy={isBusy} onChange={put} errorAt={errorAt} />
      {wrong === null || wrong.field !== null ? null : (
        <Text size="sm" role="alert" className={`${classes.danger} ${classes.wide}`}>
          {wrong.message}
        </Text>
      )}
      {offered === null ? null : (
        <div className={classes.wide}>
          <Button name="offer" variant="default" onClick={() => take(offered)}>
            It is {serverKinds[offered]}: go on with that
          </Button>
        </div>
      )}
      <div className={classes.formFoot}>
        <Button type="submit" name="submit" loading={isBusy}>
          Sign in and look
        </Button>
        {isBusy ? (
          <Button variant="default" onClick={() => void sync.leave()}>
            Stop
          </Button>
        ) : null}
      </div>
    </form>
  );
}

interface SignInFieldsProps {
  form: Form;
  isBusy: boolean;
  onChange: (changes: Partial<Form>) => void;
  errorAt: (field: ConnectField) => string | null;
}

/** What the way to sign in asks for. */
function SignInFields({ form, isBusy, onChange, errorAt }: SignInFieldsProps) {
  if (form.way !== 'password')
    return (
      <PasswordInput
        label={signInWays[form.way]}
        name={form.way}
        autoComplete="off"
        maxLength={10_000}
        readOnly={isBusy}
        value={form[form.way]}
        onChange={(event) => onChange({ [form.way]: event.currentTarget.value })}
        error={errorAt(form.way)}
      />
    );
  return (
    <>
      <TextInput
        label="E-mail"
        name="email"
        type="email"
        autoComplete="off"
        maxLength={254}
        readOnly={isBusy}
        value={form.email}
        onChange={(event) => onChange({ email: event.currentTarget.value })}
        error={errorAt('email')}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="off"
        maxLength={1000}
        readOnly={isBusy}
        value={form.password}
        onChange={(event) => onChange({ password: event.currentTarget.value })}
        error={errorAt('password')}
      />
    </>
  );
}

const fields: readonly string[] = ['url', 'organisation', 'email', 'password', 'token', 'session'] satisfies ConnectField[];
const isField = (name: string | null): name is ConnectField => name !== null && fields.includes(name);

/** The first field that has to be filled, in the order they stand in. */
function missingIn(form: Form, needsOrganisation: boolean): Wrong {
  const empty = (value: string) => value.trim() === '';
  if (empty(form.url)) return { field: 'url', message: 'Write the address of the server, for example https://crm.example.com.' };
  if (form.way === 'password' && empty(form.email)) return { field: 'email', message: 'Write the e-mail you sign in with.' };
  if (form.way === 'password' && form.password === '') return { field: 'password', message: 'Write the password.' };
  if (form.way === 'token' && empty(form.token)) return { field: 'token', message: 'Paste the token.' };
  if (form.way === 'session' && empty(form.session)) return { field: 'session', message: 'Paste the cookie of the session.' };
  if (needsOrganisation && empty(form.organisation)) return { field: 'organisation', message: 'Write the organisation that is meant.' };
  return null;
}

/** Plain http to somewhere else than this computer. */
function isPlainHttp(address: string): boolean {
  const url = URL.parse(address.trim());
  return url !== null && url.protocol === 'http:' && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
