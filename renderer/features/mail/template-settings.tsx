import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type MailTemplate, mailTemplateSchema, mostTemplates, templateFields } from '../../../shared/mail/mail-template.ts';
import { say } from '../../../shared/words/say.ts';
import { changeSettings, settingsNow } from '../../api/live.ts';
import { announce } from '../../ui/announcer.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { keyWords, Shortcut } from '../../ui/shortcut.tsx';
import { showTakeable } from '../history/undo.tsx';
import { SettingRow } from '../settings/setting-row.tsx';

/** The templates, by name. */
export function TemplateSettings({ templates }: { templates: readonly MailTemplate[] }) {
  const [open, setOpen] = useState<MailTemplate | 'new' | null>(null);
  return (
    <>
      <SettingRow
        label="Templates"
        text={`What an e-mail can begin as, with fields like {first name} from the record. ${keyWords('mod+j')} chooses one while you write.`}
      >
        <Button variant="default" size="compact-md" disabled={templates.length >= mostTemplates} onClick={() => setOpen('new')}>
          New template
        </Button>
      </SettingRow>
      {templates.map((template) => (
        <SettingRow key={template.id} label={template.name} text={template.subject === '' ? 'No subject' : template.subject}>
          <Group gap={6} wrap="nowrap">
            <Button variant="default" size="compact-md" aria-label={`Edit ${template.name}`} onClick={() => setOpen(template)}>
              Edit
            </Button>
            <Button variant="default" size="compact-md" aria-label={`Remove ${template.name}`} onClick={() => void remove(template)}>
              Remove
            </Button>
          </Group>
        </SettingRow>
      ))}
      {open === null ? null : <TemplateDialog template={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

const byName = (left: MailTemplate, right: MailTemplate) => left.name.localeCompare(right.name);

/** Puts the template among the others, in the place of the one with its id. */
function put(template: MailTemplate) {
  const others = (settingsNow()?.mailTemplates ?? []).filter(({ id }) => id !== template.id);
  return changeSettings({ mailTemplates: [...others, template].toSorted(byName) });
}

async function remove(template: MailTemplate): Promise<void> {
  const result = await changeSettings({ mailTemplates: (settingsNow()?.mailTemplates ?? []).filter(({ id }) => id !== template.id) });
  if (result.ok) showTakeable(`Template “${template.name}” removed.`, () => void put(template));
  else announce(say(result.error));
}

function TemplateDialog({ template, onClose }: { template: MailTemplate | null; onClose: () => void }) {
  const [name, setName] = useState(template?.name ?? '');
  const [subject, setSubject] = useState(template?.subject ?? '');
  const [text, setText] = useState(template?.text ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: Pick<FormEvent, 'preventDefault'>) => {
    event.preventDefault();
    if (name.trim() === '') return setProblem('Give the template a name.');
    const isTaken = settingsNow()?.mailTemplates.some(
      (one) => one.id !== template?.id && one.name.toLowerCase() === name.trim().toLowerCase(),
    );
    if (isTaken === true) return setProblem('Another template has this name.');
    const result = await put(mailTemplateSchema.parse({ id: template?.id ?? crypto.randomUUID(), name, subject, text }));
    if (!result.ok) return setProblem(say(result.error));
    announce(`Template ${name.trim()} saved`);
    onClose();
  };
  return (
    <Dialog
      title={template === null ? 'New template' : 'Template'}
      size={640}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save(event);
      }}
    >
      <form onSubmit={(event) => void save(event)}>
        <Stack gap="sm">
          <TextInput
            label="Name"
            data-autofocus
            maxLength={60}
            value={name}
            error={problem}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setProblem(null);
            }}
          />
          <TextInput label="Subject" maxLength={500} value={subject} onChange={(event) => setSubject(event.currentTarget.value)} />
          <Textarea
            label="Message"
            minRows={8}
            maxRows={14}
            autosize
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            Fields, in subject and message: {templateFields.map((field) => `{${field}}`).join(', ')}
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" rightSection={<Shortcut keys="mod+enter" />}>
              Save template
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
