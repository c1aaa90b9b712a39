import { Alert, Button, Loader, Text } from '@mantine/core';
import { IconArrowsJoin } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { z } from 'zod';
import { canBeDuplicate, type DuplicateNoun, type MergePreview } from '../../../shared/contracts/duplicate.contract.ts';
import { type FieldInfo, stepsOf, valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { duplicates, useMergePreview } from '../../api/duplicates.ts';
import { displayText, formatCount, formatInstant } from '../../ui/field-text.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { countOf } from '../history/command-words.ts';
import { showDone } from '../history/undo.tsx';
import { useOpening } from '../records/opening-state.ts';
import classes from './duplicates-screen.module.css';
import { Screen } from '../../ui/screen.tsx';
import { say } from '../../../shared/words/say.ts';

export const mergeSearchSchema = z.object({ ids: z.array(z.string().max(100)).max(20).catch([]) });

/** Columns are of one width, so that records read as equals; where they do not fit, the table scrolls sideways. */
const LABELS_PX = 150;
const COLUMN_PX = 180;

const route = getRouteApi('/merge/$of');

/** Records side by side: which one stays, and whose value is taken field by field. */
export function MergeScreen() {
  const { of } = route.useParams();
  const { ids } = route.useSearch();
  usePageTitle('Merge');
  if (!canBeDuplicate(of) || ids.length < 2) return <Text m="lg">Choose two or more records in a list, then Merge.</Text>;
  return <Chooser key={`${of} ${ids.join(' ')}`} noun={of} ids={ids} />;
}

function Chooser({ noun, ids }: { noun: DuplicateNoun; ids: string[] }) {
  const navigate = useNavigate();
  const [keepId, setKeepId] = useState<string | null>(null);
  const [choices, setChoices] = useState<Record<string, string>>({});
  const [shown, setShown] = useState<MergePreview | null>(null);
  const { data, problem } = useMergePreview({ noun, ids, keepId, choices });
  // The last answer stays while the next is on its way, so that nothing jumps under the finger.
  if (data !== undefined && data !== shown) setShown(data);
  const preview = data ?? shown;
  const { plural } = nouns[noun];

  if (preview === null) {
    return problem === null ? (
      <Loader m="lg" size="sm" />
    ) : (
      <Alert m="lg" color="red" title="These cannot be merged">
        {say(problem)}
      </Alert>
    );
  }
  const records = ids.flatMap((id) => preview.records.find((record) => record.id === id) ?? []);
  const rows = rowsOf(noun, preview);
  const merge = async () => {
    const result = await duplicates.merge({ noun, ids, keepId: preview.keepId, choices });
    if (!result.ok) return showProblem(result.error);
    showDone(
      `Merged ${countOf(noun, records.length)} into ${preview.title}.`,
      result.value.operationId === null ? [] : [result.value.operationId],
    );
    useOpening.getState().wish('heading', result.value.id);
    void navigate({ to: '/$noun/$id', params: { noun, id: result.value.id }, search: {} });
  };
  return (
    <Screen title={`Merge ${formatCount(records.length)} ${plural}`} width={1100}>
      <Text size="sm" c="dimmed" mt={6} mb={14} maw={680}>
        One stays and gets the values chosen below. What hangs on the others moves to it, and their links go on working. Nothing is lost: it
        can be undone, and taken apart at any time later.
      </Text>
      {problem === null ? null : (
        <Alert color="red" my="sm" title="Not like this">
          {say(problem)}
        </Alert>
      )}
      <div className={classes.tableBox} role="region" aria-label={`The ${plural} side by side`}>
        <table className={classes.table} style={{ minWidth: LABELS_PX + COLUMN_PX * (records.length + 1) }}>
          <thead>
            <tr>
              <th scope="row">Stays</th>
              {records.map((record) => (
                <th key={record.id} scope="col">
                  <label className={classes.choice}>
                    <input
                      type="radio"
                      name="keep"
                      checked={preview.keepId === record.id}
                      onChange={() => setKeepId(record.id)}
                      aria-label={`Keep ${record.title}`}
                    />
                    <span>
                      {record.title}
                      <Text size="xs" c="dimmed" component="span" display="block">
                        Created {formatInstant(record.createdAt)}
                      </Text>
                      {Object.entries(record.children).map(([child, count]) => (
                        <Text key={child} size="xs" c="dimmed" component="span" display="block">
                          {countOf(child as NounName, count)}
                        </Text>
                      ))}
                    </span>
                  </label>
                </th>
              ))}
              <th scope="col" className={classes.after}>
                After merging
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ field, label }) => (
              <tr key={field}>
                <th scope="row">{label}</th>
                {records.map((record) => {
                  const text = textOf(noun, field, record.fields, preview.names);
                  return (
                    <td key={record.id}>
                      <label className={classes.choice}>
                        <input
                          type="radio"
                          name={field}
                          checked={taken(preview, records, field, choices[field]) === record.id}
                          onChange={() => setChoices((now) => ({ ...now, [field]: record.id }))}
                          aria-label={`${label}: ${text === '' ? 'empty' : text}`}
                        />
                        <span>{text === '' ? '–' : text}</span>
                      </label>
                    </td>
                  );
                })}
                <td className={`${classes.after} ${classes.result}`}>{textOf(noun, field, preview.result, preview.names) || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="sm" c="dimmed" mt={8}>
        {rows.length === 0 ? 'They agree in every field.' : 'Fields in which they agree are not shown.'}
      </Text>
      <div className={classes.buttons}>
        <Button leftSection={<IconArrowsJoin size={16} />} onClick={() => void merge()}>
          Merge into {preview.title}
        </Button>
        <Button variant="default" onClick={() => window.history.back()}>
          Cancel
        </Button>
      </div>
    </Screen>
  );
}

/** One row for each top-level field in which they differ: an address or banking data is taken as a whole. */
function rowsOf(noun: DuplicateNoun, preview: MergePreview): { field: string; label: string }[] {
  return preview.differing.map((field) => {
    const infos = partsOf(noun, field);
    const [first] = infos;
    const names: Record<string, string> = { custom: 'Own fields', externalIds: 'Ids in other programs' };
    return { field, label: names[field] ?? (infos.length > 1 ? first?.group : first?.label) ?? field };
  });
}

function partsOf(noun: DuplicateNoun, field: string): readonly FieldInfo[] {
  return fieldsOf(noun).filter((info) => info.computed !== true && stepsOf(info.path)[0] === field);
}

/** Whose value it is; of several with the same, the one that stays, then the first. Nobody's where lists are put together. */
function taken(preview: MergePreview, records: MergePreview['records'], field: string, chosen: string | undefined): string | undefined {
  if (chosen !== undefined) return chosen;
  const result = JSON.stringify(preview.result[field]);
  const same = records.filter(({ fields }) => JSON.stringify(fields[field]) === result);
  return (same.find(({ id }) => id === preview.keepId) ?? same[0])?.id;
}

function textOf(noun: DuplicateNoun, field: string, fields: Record<string, unknown>, names: Record<string, string>): string {
  const infos = partsOf(noun, field);
  const value = fields[field];
  if (infos.length === 0 || field === 'custom' || field === 'externalIds') {
    if (value === null || typeof value !== 'object') return value === null || value === undefined ? '' : String(value as string);
    if (Array.isArray(value)) return value.map((id) => names[String(id)] ?? String(id)).join(', ');
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${String(one)}`)
      .join(', ');
  }
  return infos
    .map((info) => {
      const one = valueAt(fields, info.path);
      return typeof one === 'string' && names[one] !== undefined ? names[one] : displayText(info, one);
    })
    .filter((text) => text !== '')
    .join(', ');
}
