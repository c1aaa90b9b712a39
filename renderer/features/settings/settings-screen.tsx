import { Button, SegmentedControl, Switch, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId, useState } from 'react';
import type { Settings } from '../../../shared/contracts/app.contract.ts';
import { changeSettings, useSettings, useStatus } from '../../api/live.ts';
import { book, useAppInfo, useSampleRecords } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { CompanySettings } from '../invoices/company-settings.tsx';
import { MailAccountSettings } from '../mail/mail-account-settings.tsx';
import { syncSentence } from './sync-sentence.ts';
import classes from './settings-screen.module.css';

export function SettingsScreen() {
  usePageTitle('Settings');
  const settings = useSettings();
  const info = useAppInfo();
  const status = useStatus();
  const samples = useSampleRecords();
  if (settings === null) return <div className={classes.screen} aria-busy />;
  const change = async (changes: Partial<Settings>, said: string) => {
    const result = await changeSettings(changes);
    if (result.ok) announce(said);
    else showProblem(result.error);
  };
  return (
    <div className={classes.screen}>
      <div className={classes.inner}>
        <h1 className={classes.title}>Settings</h1>

        <Group title="You">
          <NameSetting
            key={settings.personName}
            name={settings.personName}
            onChange={(personName) => void change({ personName }, 'Your name is saved')}
          />
        </Group>

        <Group title="Our company">
          <CompanySettings company={settings.company} onChange={(company) => void change({ company }, 'Saved')} />
        </Group>

        <Group title="Look">
          <Row label="Colours" text="Automatic follows this computer.">
            <SegmentedControl
              aria-label="Colours"
              size="xs"
              data={[
                { value: 'light', label: 'Light' },
                { value: 'dark', label: 'Dark' },
                { value: 'auto', label: 'Automatic' },
              ]}
              value={settings.colorScheme}
              onChange={(value) => void change({ colorScheme: value as Settings['colorScheme'] }, 'Colours changed')}
            />
          </Row>
          <Row label="Rows" text="Dense shows more of a list at once.">
            <SegmentedControl
              aria-label="Rows"
              size="xs"
              data={[
                { value: 'dense', label: 'Dense' },
                { value: 'comfortable', label: 'Comfortable' },
              ]}
              value={settings.density}
              onChange={(value) => void change({ density: value as Settings['density'] }, 'Rows changed')}
            />
          </Row>
        </Group>

        <Group title="Keyboard">
          <Row
            label="Keys of one letter"
            text="N, E, J, K and the like. Switch them off if a tool that types for you sets them off."
            htmlFor="single-keys"
          >
            <Switch
              id="single-keys"
              size="sm"
              withThumbIndicator={false}
              checked={settings.singleKeys}
              onChange={(event) => void change({ singleKeys: event.currentTarget.checked }, 'Saved')}
            />
          </Row>
        </Group>

        <section className={classes.group} aria-label="E-mail" id="e-mail">
          <h2 className={classes.groupTitle}>E-mail</h2>
          <MailAccountSettings />
        </section>

        {samples === 0 ? null : (
          <Group title="Sample data">
            <Row
              label={`${formatCount(samples)} sample ${samples === 1 ? 'record is' : 'records are'} in the book`}
              text="They go in one step. What you edited stays, and Undo brings them back."
            >
              <Button variant="default" size="compact-md" onClick={() => void removeSample()}>
                Remove sample data
              </Button>
            </Row>
          </Group>
        )}

        <Group title="This book">
          <Row label="Where it is kept" text={info?.dataFolder ?? '…'} isPath>
            {info === undefined ? null : <CopyButton text={info.dataFolder} what="folder" />}
          </Row>
          <Row label="Own fields" text="Fields that Fieldbook does not have: name them, choose their kind, put them in order.">
            <Button component="a" href="#/ownFields" aria-label="Open own fields" variant="default" size="compact-md">
              Open
            </Button>
          </Row>
          <Row label="Tags" text="See which are in use, and rename one wherever it is.">
            <Button component={Link} to="/tags" aria-label="Open tags" variant="default" size="compact-md">
              Open
            </Button>
          </Row>
          <Row
            label="Backups and check"
            text="Restore an earlier day, take the whole book elsewhere, or look whether everything is in order."
          >
            <Button component={Link} to="/backups" aria-label="Open backups and check" variant="default" size="compact-md">
              Open
            </Button>
          </Row>
          <Row label="Server" text={syncSentence(status)} />
          <Row
            label="Fieldbook"
            text={
              info === undefined ? '…' : `Version ${info.version}, ${info.adapter === 'electron' ? 'installed app' : 'in a browser window'}`
            }
          />
        </Group>
      </div>
    </div>
  );
}

async function removeSample(): Promise<void> {
  const result = await book.removeSample();
  if (!result.ok) return showProblem(result.error);
  const { removed, kept } = result.value;
  const last = await book.undoState();
  const undoable = last.ok && last.value.undo !== null && last.value.undo.command === 'app.removeSample' ? [last.value.undo.target] : [];
  showDone(
    `${formatCount(removed)} sample ${removed === 1 ? 'record' : 'records'} removed.${kept === 0 ? '' : ` ${formatCount(kept)} you edited ${kept === 1 ? 'stays' : 'stay'}.`}`,
    undoable,
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.group} aria-label={title}>
      <h2 className={classes.groupTitle}>{title}</h2>
      <div className={classes.rows}>{children}</div>
    </section>
  );
}

function Row({
  label,
  text,
  children,
  htmlFor,
  isPath,
}: {
  label: string;
  text: string;
  children?: ReactNode;
  htmlFor?: string;
  isPath?: boolean;
}) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        {htmlFor === undefined ? (
          <span className={classes.label}>{label}</span>
        ) : (
          <label htmlFor={htmlFor} className={classes.label}>
            {label}
          </label>
        )}
        <Text size="sm" c="dimmed" className={isPath === true ? classes.path : undefined}>
          {text}
        </Text>
      </div>
      {children}
    </div>
  );
}

function NameSetting({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const [text, setText] = useState(name);
  const id = useId();
  const save = () => {
    if (text.trim() !== name) onChange(text.trim());
  };
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <label htmlFor={id} className={classes.label}>
          Your name
        </label>
        <Text size="sm" c="dimmed">
          History says it beside every change you make.
        </Text>
      </div>
      <TextInput
        id={id}
        size="xs"
        w={220}
        maxLength={200}
        placeholder="First and last name"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter') save();
          if (event.key === 'Escape') setText(name);
        }}
      />
    </div>
  );
}
