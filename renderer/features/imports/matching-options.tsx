import { ActionIcon, Button, Checkbox, Group, SegmentedControl, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { type FilePreview, type ImportPlan, type MatchKey, matchKeys } from '../../../shared/contracts/transfer.contract.ts';
import { type ImportNoun, targetLabel } from '../../../shared/nouns/import-target.ts';
import { changePlan, nounsAbout, targetOf } from './import-flow.ts';
import classes from './import-screen.module.css';
import { TargetSelect } from './target-select.tsx';

const keyOrder = Object.keys(matchKeys) as MatchKey[];

/** What happens with rows whose record is in the book already, and what every row gets that has no value of its own. */
export function MatchingOptions({ preview, plan, isCards }: { preview: FilePreview; plan: ImportPlan; isCards: boolean }) {
  const row = isCards ? 'card' : 'row';
  const keys = keyOrder.filter((key) => canTell(key, plan, isCards));
  return (
    <div className={classes.options}>
      <fieldset className={classes.option}>
        <legend className={classes.subtitle}>A {row} is a record you have already when it has the same</legend>
        <Checkbox.Group
          value={plan.matchBy}
          onChange={(chosen) =>
            changePlan({ matchBy: keyOrder.filter((key) => (keys.includes(key) ? chosen : plan.matchBy).includes(key)) })
          }
        >
          <Group gap="md" mt={6}>
            {keys.map((key) => (
              <Checkbox key={key} value={key} label={matchKeys[key]} />
            ))}
          </Group>
        </Checkbox.Group>
      </fieldset>
      <div className={classes.option} role="group" aria-labelledby="on-match">
        <h2 id="on-match" className={classes.subtitle}>
          Then
        </h2>
        <SegmentedControl
          mt={6}
          size="xs"
          aria-labelledby="on-match"
          data={[
            { value: 'update', label: 'Update it' },
            { value: 'skip', label: `Skip the ${row}` },
            { value: 'create', label: 'Make a new one' },
          ]}
          value={plan.onMatch}
          onChange={(value) => changePlan({ onMatch: value as ImportPlan['onMatch'] })}
        />
        <Text size="sm" c="dimmed" mt={4}>
          {plan.onMatch === 'update'
            ? isCards
              ? 'What is not on the card stays as it is.'
              : 'Empty cells change nothing.'
            : plan.onMatch === 'skip'
              ? 'What is in the book stays as it is.'
              : 'You may have the same record twice afterwards.'}
        </Text>
      </div>
      {isCards ? null : <Defaults preview={preview} about={nounsAbout(preview, plan)} defaults={plan.defaults} />}
    </div>
  );
}

/** Whether the file has what the key compares: a question about an account code makes no sense without one. */
function canTell(key: MatchKey, { columns }: ImportPlan, isCards: boolean): boolean {
  if (isCards) return key !== 'accountCode';
  const has = (pattern: RegExp) => columns.some(({ target }) => target !== null && pattern.test(target));
  if (key === 'externalId') return has(/\.externalIds\./);
  if (key === 'email') return has(/^(?:client|contact|person)\.email$/);
  return key === 'accountCode' ? has(/^client\.accountCode$/) : true;
}

function Defaults({
  preview,
  about,
  defaults,
}: {
  preview: FilePreview;
  about: readonly ImportNoun[];
  defaults: Readonly<Record<string, string>>;
}) {
  const [isAdding, setIsAdding] = useState(false);
  const entries = Object.entries(defaults);
  const without = (target: string) => Object.fromEntries(entries.filter(([name]) => name !== target));
  return (
    <div className={classes.option} role="group" aria-labelledby="for-every-row">
      <h2 id="for-every-row" className={classes.subtitle}>
        For every row that has no value of its own
      </h2>
      {entries.map(([target, value]) => {
        const known = targetOf(preview, target);
        const label = known === null ? target : targetLabel(known);
        return (
          <Group key={target} gap="xs" mt={6} wrap="nowrap">
            <Text size="sm" className={classes.defaultLabel}>
              {label}
            </Text>
            <TextInput
              size="xs"
              aria-label={label}
              value={value}
              maxLength={2000}
              onChange={(event) => changePlan({ defaults: { ...defaults, [target]: event.currentTarget.value } })}
            />
            <Tooltip label="Take this value out">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Take out ${label}`}
                onClick={() => changePlan({ defaults: without(target) })}
              >
                <IconX size={16} />
              </ActionIcon>
            </Tooltip>
          </Group>
        );
      })}
      {isAdding ? (
        <Group gap="xs" mt={6}>
          <TargetSelect
            label="Field for every row"
            header={null}
            preview={preview}
            about={about}
            value={null}
            onChange={(target) => {
              setIsAdding(false);
              if (target !== null) changePlan({ defaults: { ...defaults, [target]: defaults[target] ?? '' } });
            }}
          />
        </Group>
      ) : (
        <Button mt={6} variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => setIsAdding(true)}>
          Add a value
        </Button>
      )}
    </div>
  );
}
