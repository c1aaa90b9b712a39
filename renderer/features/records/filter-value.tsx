import { Group, NativeSelect, Text, TextInput } from '@mantine/core';
import type { FieldFilter } from '../../../shared/contracts/list.ts';
import { countedPeriods, type DayPeriod, namedPeriods, periodOf } from '../../../shared/lib/day-period.ts';
import { type FieldInfo, isReference } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useRecord, viewTitle } from '../../api/records.ts';
import { displayText, fromDraft, toDraft } from '../../ui/field-text.ts';
import { ValueEditor } from '../../ui/value-editor.tsx';
import { finderFor } from './find-references.ts';

interface FilterValueProps {
  noun: NounName;
  field: FieldInfo;
  operator: FieldFilter['operator'];
  value: string;
  error?: string | null;
  /** Among other conditions: small, and named without a line of its own. */
  isInRow?: boolean;
  onChange: (value: string) => void;
}

/** The value to compare with, in the control that suits the field; kept as text (shared/contracts/list.ts). */
export function FilterValue({ noun, field, operator, value, error = null, isInRow = false, onChange }: FilterValueProps) {
  const named = isInRow ? { 'aria-label': 'Value' } : { label: 'Value' };
  const size = isInRow ? ('xs' as const) : ('sm' as const);
  if (operator === 'within') return <PeriodValue value={value} error={error} isInRow={isInRow} onChange={onChange} />;
  if (field.kind === 'boolean') {
    return (
      <NativeSelect
        {...named}
        size={size}
        data={[
          { value: 'true', label: 'Yes' },
          { value: 'false', label: 'No' },
        ]}
        value={value === '' ? 'true' : value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (field.kind === 'choice') {
    return (
      <NativeSelect
        {...named}
        size={size}
        error={error}
        data={[{ value: '', label: 'Choose…' }, ...Object.entries(field.choices ?? {}).map(([key, label]) => ({ value: key, label }))]}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  // Filters compare with one text: tags and links are looked for one at a time, an instant by its day.
  const plain: FieldInfo =
    field.kind === 'tags'
      ? { ...field, kind: 'openChoice' }
      : field.kind === 'links' || field.kind === 'multiline'
        ? { ...field, kind: 'text' }
        : field.kind === 'instant'
          ? { ...field, kind: 'date' }
          : field.kind === 'references'
            ? { ...field, kind: 'reference' }
            : field;
  return (
    <ValueEditor
      field={{ ...plain, required: false, ...(isInRow ? { label: 'Value' } : {}) }}
      {...(isInRow ? {} : { label: 'Value' })}
      size={size}
      error={error}
      value={toDraft(plain, value)}
      onChange={(draft) => {
        const next = plain.kind === 'decimal' || plain.kind === 'number' ? draft : fromDraft(plain, draft);
        onChange(next === null ? '' : String(next as string));
      }}
      findOptions={finderFor(noun, field)}
      isInPopover
    />
  );
}

const usualDays = 30;

/** A stretch of days that is counted from today, with its number of days where it has one. */
function PeriodValue({ value, error, isInRow, onChange }: Required<Pick<FilterValueProps, 'value' | 'error' | 'isInRow' | 'onChange'>>) {
  const [kind = '', days = ''] = value.split(' ');
  const isCounted = Object.hasOwn(countedPeriods, kind);
  const isRead = value === '' || periodOf(value) !== null;
  const size = isInRow ? ('xs' as const) : ('sm' as const);
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <NativeSelect
        {...(isInRow ? { 'aria-label': 'Value' } : { label: 'Value' })}
        size={size}
        error={isCounted ? null : error}
        data={[{ value: '', label: 'Choose…' }, ...periodChoices]}
        value={kind}
        onChange={(event) => {
          const next = event.currentTarget.value;
          onChange(Object.hasOwn(countedPeriods, next) ? `${next} ${days === '' ? usualDays : days}` : next);
        }}
      />
      {isCounted ? (
        <TextInput
          {...(isInRow ? { 'aria-label': 'Days' } : { label: 'Days' })}
          size={size}
          w={64}
          inputMode="numeric"
          autoComplete="off"
          maxLength={4}
          error={isRead ? error : '1 to 3650'}
          value={days}
          onChange={(event) => onChange(`${kind} ${event.currentTarget.value.trim()}`)}
        />
      ) : null}
    </Group>
  );
}

const periodChoices = Object.entries({ ...namedPeriods, ...countedPeriods }).map(([value, label]) => ({ value, label }));

/** "in the last 30 days". */
export function periodWords(value: string): string {
  const period: DayPeriod | null = periodOf(value);
  if (period === null) return value;
  if (period.days === null) return namedPeriods[period.kind];
  const words = countedPeriods[period.kind].replace('…', String(period.days));
  return period.days === 1 ? words.replace('days', 'day') : words;
}

/** False where what is typed cannot be asked for yet. */
export function isWritten({ operator, value }: FieldFilter): boolean {
  if (operator === 'isEmpty' || operator === 'isNotEmpty') return true;
  return operator === 'within' ? periodOf(value) !== null : value.trim() !== '';
}

/** The value as people read it. */
export function FilterValueText({ field, operator, value }: { field: FieldInfo; operator: FieldFilter['operator']; value: string }) {
  const of = isReference(field) ? field.of : undefined;
  const record = useRecord(of ?? 'clients', of === undefined ? null : value);
  const text =
    operator === 'within'
      ? periodWords(value)
      : of !== undefined
        ? record.data === undefined
          ? record.problem === null
            ? '…'
            : 'a record that is not in the book'
          : viewTitle(of, record.data)
        : field.kind === 'boolean'
          ? value === 'false'
            ? 'No'
            : 'Yes'
          : displayText(field.kind === 'instant' ? { ...field, kind: 'date' } : field, value);
  return (
    <Text component="strong" inherit fw={600}>
      {text}
    </Text>
  );
}
