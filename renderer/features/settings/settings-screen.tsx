import { Button, NativeSelect, SegmentedControl, Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type FirstPlace, firstPlaces, type Settings } from '../../../shared/contracts/app.contract.ts';
import { changeSettings, useSettings, useStatus } from '../../api/live.ts';
import { book, useAppInfo, useSampleRecords } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { BusyScreen, Rows, Screen, ScreenPart } from '../../ui/screen.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import { CompanySettings } from '../invoices/company-settings.tsx';
import { TemplateSettings } from '../mail/template-settings.tsx';
import { MailAccountSettings } from '../mail/mail-account-settings.tsx';
import { TodayRuleDialog } from '../today/today-rule.tsx';
import { syncSentence } from './sync-sentence.ts';
import { SettingRow, TextSetting } from './setting-row.tsx';

export function SettingsScreen() {
  usePageTitle('Settings');
  const settings = useSettings();
  const samples = useSampleRecords();
  const [isRuleOpen, setIsRuleOpen] = useState(false);
  if (settings === null) return <BusyScreen />;
  const change = async (changes: Partial<Settings>, said: string) => {
    const result = await changeSettings(changes);
    if (result.ok) announce(said);
    else showProblem(result.error);
  };
  return (
    <Screen title="Settings" width={720}>
      <Group title="You">
        <TextSetting
          key={settings.personName}
          label="Your name"
          text="History says it beside every change you make."
          max={200}
          placeholder="First and last name"
          value={settings.personName}
          onChange={(personName) => void change({ personName }, 'Your name is saved')}
        />
      </Group>

      <Group title="Your day">
        <SettingRow label="Fieldbook opens with" text="The first place after the start." htmlFor="first-place">
          <NativeSelect
            id="first-place"
            size="xs"
            w={160}
            data={Object.entries(firstPlaces).map(([value, label]) => ({ value, label }))}
            value={settings.firstPlace}
            onChange={(event) => void change({ firstPlace: event.currentTarget.value as FirstPlace }, 'Saved')}
          />
        </SettingRow>
        <SettingRow label="Order of Today" text="What comes first, whose work it is, and after how many days a client has gone quiet.">
          <Button variant="default" size="compact-md" onClick={() => setIsRuleOpen(true)}>
            Change
          </Button>
        </SettingRow>
      </Group>
      {isRuleOpen ? <TodayRuleDialog rule={settings.today} onClose={() => setIsRuleOpen(false)} /> : null}

      <Group title="Our company">
        <CompanySettings company={settings.company} onChange={(company) => void change({ company }, 'Saved')} />
      </Group>

      <Group title="Look">
        <SettingRow label="Colours" text="Automatic follows this computer.">
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
        </SettingRow>
        <SettingRow label="Rows" text="Dense shows more of a list at once.">
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
        </SettingRow>
      </Group>

      <Group title="Keyboard">
        <SettingRow
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
        </SettingRow>
      </Group>

      <Group title="Writing e-mail">
        <TextSetting
          key={settings.signature}
          label="Signature"
          text="Ends each new e-mail; there it can be changed."
          max={2000}
          rows={3}
          value={settings.signature}
          onChange={(signature) => void change({ signature }, 'Signature saved')}
        />
        <TemplateSettings templates={settings.mailTemplates} />
      </Group>

      <ScreenPart title="E-mail" name="E-mail" id="e-mail">
        <MailAccountSettings />
      </ScreenPart>

      {samples === 0 ? null : (
        <Group title="Sample data">
          <SettingRow
            label={`${formatCount(samples)} sample ${samples === 1 ? 'record is' : 'records are'} in the book`}
            text="They go in one step. What you edited stays, and Undo brings them back."
          >
            <Button variant="default" size="compact-md" onClick={() => void removeSample()}>
              Remove sample data
            </Button>
          </SettingRow>
        </Group>
      )}

      <ThisBook />
    </Screen>
  );
}

/** Where the book is, and the places that are for it as a whole. */
function ThisBook() {
  const info = useAppInfo();
  const status = useStatus();
  return (
    <Group title="This book">
      <SettingRow label="Where it is kept" text={info?.dataFolder ?? '…'} isPath>
        {info === undefined ? null : <CopyButton text={info.dataFolder} what="folder" />}
      </SettingRow>
      <SettingRow label="Own fields" text="Fields that Fieldbook does not have: name them, choose their kind, put them in order.">
        <Button component="a" href="#/ownFields" aria-label="Open own fields" variant="default" size="compact-md">
          Open
        </Button>
      </SettingRow>
      <SettingRow label="Tags" text="See which are in use, and rename one wherever it is.">
        <Button component={Link} to="/tags" aria-label="Open tags" variant="default" size="compact-md">
          Open
        </Button>
      </SettingRow>
      <SettingRow
        label="Backups and check"
        text="Restore an earlier day, take the whole book elsewhere, or look whether everything is in order."
      >
        <Button component={Link} to="/backups" aria-label="Open backups and check" variant="default" size="compact-md">
          Open
        </Button>
      </SettingRow>
      <SettingRow label="Server" text={syncSentence(status)}>
        {status === null || status.server === 'none' ? (
          <Button
            renderRoot={(props) => <Link to="/connect" search={{}} {...props} />}
            aria-label="Connect to a server"
            variant="default"
            size="compact-md"
          >
            Connect
          </Button>
        ) : (
          <Button component={Link} to="/sync" aria-label="Open sync" variant="default" size="compact-md">
            Open
          </Button>
        )}
      </SettingRow>
      <SettingRow
        label="Fieldbook"
        text={
          info === undefined ? '…' : `Version ${info.version}, ${info.adapter === 'electron' ? 'installed app' : 'in a browser window'}`
        }
      />
    </Group>
  );
}

async function removeSample(): Promise<void> {
  const result = await book.removeSample();
  if (!result.ok) return showProblem(result.error);
  const { removed, kept } = result.value;
  const last = await book.undoState();
  const undoable = last.ok && last.value.undo !== null && last.value.undo.command === 'app.removeSample' ? [last.value.undo.target] : [];
  showDone(
    `${formatCount(removed)} sample ${removed === 1 ? 'record' : 'records'} removed.${kept === 0 ? '' : ` ${formatCount(kept)} that you edited or put something on ${kept === 1 ? 'stays' : 'stay'}.`}`,
    undoable,
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <ScreenPart title={title} name={title}>
      <Rows>{children}</Rows>
    </ScreenPart>
  );
}
