import { type ComboboxData, Select } from '@mantine/core';
import { useMemo } from 'react';
import { customTarget, importNouns, importTarget, importTargets, nounLabels, targetLabel } from '../../../shared/entities/import-target.ts';

const LEAVE_OUT = '-';

/** Every field of the book, the same for all columns of a file. */
const fixedGroups = importNouns.map((noun) => ({
  group: nounLabels[noun],
  items: importTargets.filter((target) => target.noun === noun).map((target) => ({ value: target.target, label: targetLabel(target) })),
}));

interface TargetSelectProps {
  label: string;
  /** Name of the column, for a field of its own; null where only fields of the book can be chosen. */
  header: string | null;
  value: string | null;
  error?: string | undefined;
  onChange: (target: string | null) => void;
}

/** Where the values of a column go. */
export function TargetSelect({ label, header, value, error, onChange }: TargetSelectProps) {
  const data = useMemo<ComboboxData>(() => {
    if (header === null) return fixedGroups;
    const own = importNouns.flatMap((noun) => {
      const custom = customTarget(noun, header);
      const id = custom.replace('.custom.', '.externalIds.');
      return [
        { value: custom, label: `${nounLabels[noun]}: own field “${header.slice(0, 60)}”` },
        { value: id, label: `${nounLabels[noun]}: id in another program` },
      ];
    });
    const known =
      value !== null &&
      importTarget(value) !== null &&
      !own.some((item) => item.value === value) &&
      !importTargets.some(({ target }) => target === value);
    const remembered = known ? [{ value, label: targetLabel(importTarget(value) as NonNullable<ReturnType<typeof importTarget>>) }] : [];
    return [{ value: LEAVE_OUT, label: 'Leave out' }, { group: 'Keep under its own name', items: [...remembered, ...own] }, ...fixedGroups];
  }, [header, value]);
  return (
    <Select
      size="xs"
      aria-label={label}
      data={data}
      value={value ?? (header === null ? null : LEAVE_OUT)}
      onChange={(next) => onChange(next === null || next === LEAVE_OUT ? null : next)}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No such field"
      placeholder="Choose a field"
      error={error}
      comboboxProps={{ width: 320, position: 'bottom-start' }}
    />
  );
}
