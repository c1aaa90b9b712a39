import { type ComboboxData, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { FilePreview } from '../../../shared/contracts/transfer.contract.ts';
import {
  customTarget,
  importNouns,
  type ImportNoun,
  type ImportTarget,
  importTarget,
  importTargets,
  nounLabel,
  ownTargets,
  targetLabel,
} from '../../../shared/nouns/import-target.ts';

const LEAVE_OUT = '-';

/** Every field of the book, what people made themselves beside what each noun has; what the file is about first. */
function fieldGroups(own: readonly ImportTarget[], about: readonly ImportNoun[]) {
  return [...about, ...importNouns.filter((noun) => !about.includes(noun))].map((noun) => ({
    group: nounLabel(noun),
    items: [...importTargets, ...own]
      .filter((target) => target.noun === noun)
      .map((target) => ({ value: target.target, label: targetLabel(target) })),
  }));
}

interface TargetSelectProps {
  label: string;
  /** Name of the column, for a field of its own; null where only fields of the book can be chosen. */
  header: string | null;
  preview: FilePreview;
  /** What the rows are about, and what else they name. */
  about: readonly ImportNoun[];
  value: string | null;
  error?: string | undefined;
  onChange: (target: string | null) => void;
}

/** Where the values of a column go. */
export function TargetSelect({ label, header, preview, about, value, error, onChange }: TargetSelectProps) {
  const data = useMemo<ComboboxData>(() => {
    const own = ownTargets(preview.ownFields);
    const groups = fieldGroups(own, about);
    if (header === null) return groups;
    const fixed = new Set([...importTargets, ...own].map(({ target }) => target));
    const fresh = about.flatMap((noun) => {
      const custom = customTarget(noun, header);
      const id = custom.replace('.custom.', '.externalIds.');
      return [
        { value: custom, label: `${nounLabel(noun)}: own field “${header.slice(0, 60)}”` },
        { value: id, label: `${nounLabel(noun)}: id in another program` },
      ].filter((item) => !fixed.has(item.value));
    });
    const known = value === null || fixed.has(value) || fresh.some((item) => item.value === value) ? null : importTarget(value, own);
    const remembered = known === null ? [] : [{ value: known.target, label: targetLabel(known) }];
    return [{ value: LEAVE_OUT, label: 'Leave out' }, { group: 'Keep under its own name', items: [...remembered, ...fresh] }, ...groups];
  }, [header, value, preview.ownFields, about]);
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
