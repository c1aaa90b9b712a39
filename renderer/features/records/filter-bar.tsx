import { ActionIcon, Button, Group, NativeSelect, Popover, Stack } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { FieldFilter, FilterGroup } from '../../../shared/contracts/list.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { useListFields } from '../../api/own-fields.ts';
import { FilterSentence } from './filter-sentence.tsx';
import { FilterValue, FilterValueText, isWritten } from './filter-value.tsx';
import { comparisonLabel, needsValue, operatorsFor, operatorWords, type SortBy, withOperator } from './list-search.ts';
import classes from './filter-bar.module.css';

/** A filter in the making: `at` is its place among those that are there, or one past them for a new one. */
export interface FilterDraft {
  at: number;
  filter: FieldFilter;
  /** The field was chosen already (from a column, a chip): the value comes next. */
  isFieldChosen: boolean;
}

export function newFilter(field: FieldInfo, at: number, isFieldChosen: boolean): FilterDraft {
  return {
    at,
    isFieldChosen,
    filter: { path: field.path, operator: operatorsFor(field)[0] ?? 'contains', value: field.kind === 'boolean' ? 'true' : '' },
  };
}

interface FilterButtonProps {
  noun: NounName;
  filters: readonly FieldFilter[];
  draft: FilterDraft | null;
  onDraft: (draft: FilterDraft | null) => void;
  onApply: (filters: FieldFilter[]) => void;
  /** Opens the builder, where conditions are joined by more than "and"; left out where a list takes none of that. */
  onBuild?: () => void;
}

/** Adds a filter, or changes the one that is open: field, comparison, value. */
export function FilterButton({ noun, filters, draft, onDraft, onApply, onBuild }: FilterButtonProps) {
  const fields = useListFields(noun);
  const first = fields[0];
  // The builder takes the focus: the button must not take it back.
  const [isLeaving, setIsLeaving] = useState(false);
  const open = () => {
    setIsLeaving(false);
    if (first !== undefined) onDraft(newFilter(first, filters.length, false));
  };
  return (
    <Popover
      opened={draft !== null}
      onChange={(opened) => !opened && onDraft(null)}
      position="bottom-start"
      trapFocus
      returnFocus={!isLeaving}
      withinPortal
      width={320}
    >
      <Popover.Target>
        <Button
          aria-label="Filter"
          title="Filter (F)"
          variant="default"
          size="compact-md"
          leftSection={<IconFilter size={16} />}
          onClick={() => (draft === null ? open() : onDraft(null))}
          className={classes.button}
        >
          <span className={classes.buttonText}>Filter</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filter" data-popover>
        <KeepFocus />
        {draft === null ? null : (
          <FilterForm
            key={draft.at}
            noun={noun}
            fields={fields}
            draft={draft}
            isNew={draft.at >= filters.length}
            onBuild={
              onBuild === undefined
                ? null
                : () => {
                    setIsLeaving(true);
                    onBuild();
                  }
            }
            onChange={(filter) => onDraft({ ...draft, filter })}
            onApply={(filter) => {
              const next = filters.slice();
              next[draft.at] = filter;
              onApply(next);
              onDraft(null);
            }}
            onRemove={() => {
              onApply(filters.filter((_, at) => at !== draft.at));
              onDraft(null);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

interface FilterFormProps {
  noun: NounName;
  fields: readonly FieldInfo[];
  draft: FilterDraft;
  isNew: boolean;
  onBuild: (() => void) | null;
  onChange: (filter: FieldFilter) => void;
  onApply: (filter: FieldFilter) => void;
  onRemove: () => void;
}

function FilterForm({ noun, fields, draft, isNew, onBuild, onChange, onApply, onRemove }: FilterFormProps) {
  const { filter } = draft;
  const field = fields.find((one) => one.path === filter.path) ?? fields[0];
  const [isAsked, setIsAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // A field that was chosen from a column or a chip goes on to its value; a new filter starts with the field.
  useEffect(() => {
    const controls = [...(form.current?.querySelectorAll<HTMLElement>('input:not([type="hidden"]), select') ?? [])];
    (draft.isFieldChosen ? controls.at(-1) : controls[0])?.focus();
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the form opens
  }, []);
  if (field === undefined) return null;
  const operators = operatorsFor(field);
  const isMissing = !isWritten(filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsAsked(true);
    if (!isMissing) onApply(filter);
  };
  return (
    <form ref={form} onSubmit={submit}>
      <Stack gap="xs">
        <NativeSelect
          label="Field"
          data={groupedFields(fields)}
          value={filter.path}
          onChange={(event) => {
            const next = fields.find((one) => one.path === event.currentTarget.value);
            if (next !== undefined) onChange(newFilter(next, draft.at, true).filter);
          }}
        />
        <NativeSelect
          label="Comparison"
          data={operators.map((operator) => ({ value: operator, label: comparisonLabel(field, operator) }))}
          value={filter.operator}
          onChange={(event) => onChange(withOperator(filter, event.currentTarget.value as FieldFilter['operator']))}
        />
        {needsValue(filter.operator) ? (
          <FilterValue
            noun={noun}
            field={field}
            operator={filter.operator}
            value={filter.value}
            error={isAsked && isMissing ? 'Give a value to compare with.' : null}
            onChange={(value) => onChange({ ...filter, value })}
          />
        ) : null}
        <Group justify="space-between" mt={4}>
          {isNew ? (
            onBuild === null ? (
              <span />
            ) : (
              <Button variant="subtle" size="compact-md" onClick={onBuild}>
                With "or" …
              </Button>
            )
          ) : (
            <Button variant="subtle" color="gray" size="compact-md" onClick={onRemove}>
              Remove
            </Button>
          )}
          <Button type="submit" size="compact-md">
            {isNew ? 'Add filter' : 'Apply'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function groupedFields(fields: readonly FieldInfo[]) {
  const groups = [...new Set(fields.map((field) => field.group))];
  return groups.map((group) => ({
    group,
    items: fields.filter((field) => field.group === group).map((field) => ({ value: field.path, label: field.label })),
  }));
}

interface FilterChipsProps {
  noun: NounName;
  filters: readonly FieldFilter[];
  /** Fields the list is sorted by that have no column to show it. */
  hiddenSort: SortBy;
  onUnsort: () => void;
  onEdit: (draft: FilterDraft) => void;
  onApply: (filters: FieldFilter[]) => void;
  /** Conditions that are joined by more than "and". */
  where?: FilterGroup | null;
  onBuild?: () => void;
  onDropWhere?: () => void;
}

/** The filters that are on, each with its own way out. */
export function FilterChips(props: FilterChipsProps) {
  const { noun, filters, hiddenSort, where = null, onUnsort, onEdit, onApply, onBuild, onDropWhere } = props;
  const fields = useListFields(noun);
  if (filters.length === 0 && where === null && hiddenSort.length === 0) return null;
  return (
    <div className={classes.chips}>
      <ul className={classes.list} aria-label="Filters">
        {filters.map((filter, at) => {
          const field = fields.find((one) => one.path === filter.path);
          if (field === undefined) return null;
          return (
            // Filters have no name of their own: their place is who they are.
            <li key={`${at} ${filter.path}`} className={classes.chip}>
              <button type="button" className={classes.words} onClick={() => onEdit({ at, filter, isFieldChosen: true })}>
                {field.label} {operatorWords(field, filter.operator)}{' '}
                {needsValue(filter.operator) ? <FilterValueText field={field} operator={filter.operator} value={filter.value} /> : null}
              </button>
              <ActionIcon
                variant="transparent"
                color="gray"
                size={24}
                aria-label={`Remove the filter on ${field.label}`}
                onClick={() => onApply(filters.filter((_, other) => other !== at))}
              >
                <IconX size={14} />
              </ActionIcon>
            </li>
          );
        })}
        {where === null ? null : (
          <li className={classes.chip}>
            <button type="button" className={classes.words} onClick={onBuild}>
              <FilterSentence noun={noun} node={where} />
            </button>
            <ActionIcon variant="transparent" color="gray" size={24} aria-label="Remove the joined conditions" onClick={onDropWhere}>
              <IconX size={14} />
            </ActionIcon>
          </li>
        )}
      </ul>
      {filters.length === 0 && where === null ? null : (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            onApply([]);
            onDropWhere?.();
          }}
        >
          Clear filters
        </Button>
      )}
      {hiddenSort.map(({ path, descending }) => {
        const label = fields.find((field) => field.path === path)?.label ?? path;
        return (
          <span key={path} className={classes.chip}>
            <span className={classes.sorted}>
              Sorted by <strong>{label}</strong>
              {descending ? ', from the last' : ''}
            </span>
            <ActionIcon variant="transparent" color="gray" size={24} aria-label={`Do not sort by ${label}`} onClick={onUnsort}>
              <IconX size={14} />
            </ActionIcon>
          </span>
        );
      })}
    </div>
  );
}
