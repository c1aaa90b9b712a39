import { ActionIcon, Button, CloseButton, NativeSelect } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { type FieldFilter, type FilterGroup, isGroup } from '../../../shared/contracts/list.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useListFields } from '../../api/own-fields.ts';
import { announce } from '../../ui/announcer.tsx';
import { groupedFields, newFilter } from './filter-bar.tsx';
import { FilterSentence } from './filter-sentence.tsx';
import { deepest, type FilterParts, isFull, partsOf, replaced, treeOf } from './filter-tree.ts';
import { FilterValue, isWritten } from './filter-value.tsx';
import { comparisonLabel, needsValue, operatorsFor, withOperator } from './list-search.ts';
import classes from './filter-builder.module.css';

interface FilterBuilderProps {
  noun: NounName;
  parts: FilterParts;
  onApply: (parts: FilterParts) => void;
  onClose: () => void;
}

/**
 * Conditions joined by "all of these" and "any of these", over the list they narrow: what is written is asked at once, what is not
 * written yet is asked of nobody.
 */
export function FilterBuilder({ noun, parts, onApply, onClose }: FilterBuilderProps) {
  const fields = useListFields(noun);
  const first = fields[0];
  const [tree, setTree] = useState<FilterGroup>(() => {
    const given = treeOf(parts);
    return given.of.length > 0 || first === undefined ? given : { match: 'all', of: [newFilter(first, 0, false).filter] };
  });
  const asked = partsOf(tree, isWritten);
  // What was asked for and is not in the address yet: typing is quicker than that.
  const sent = useRef<string[]>([]);
  const given = keyOf(parts);
  const known = useRef(given);
  useEffect(() => {
    if (given === known.current) return;
    known.current = given;
    const at = sent.current.indexOf(given);
    if (at >= 0) {
      sent.current = sent.current.slice(at + 1);
      return;
    }
    // Changed elsewhere (a chip, another view): that is what is built on from here.
    sent.current = [];
    setTree(treeOf(parts));
  }, [given, parts]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.querySelector<HTMLElement>('[data-place] select')?.focus(), []);

  const change = (next: FilterGroup) => {
    setTree(next);
    const now = partsOf(next, isWritten);
    if (isSame(now, asked)) return;
    sent.current.push(keyOf(now));
    onApply(now);
  };
  const focusAt = (place: readonly number[]) => {
    requestAnimationFrame(() => {
      const row = panel.current?.querySelector<HTMLElement>(`[data-place="${place.join(' ')}"]`);
      (row?.querySelector<HTMLElement>('select') ?? panel.current?.querySelector<HTMLElement>('button'))?.focus();
    });
  };
  const read = asked.f === undefined && asked.w === undefined ? null : treeOf(asked);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Esc in any of its controls closes it; each has its own key else
    <section
      ref={panel}
      className={classes.panel}
      aria-label="Conditions"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <div className={classes.inside}>
        <Group
          noun={noun}
          fields={fields}
          group={tree}
          place={[]}
          isFull={isFull(tree)}
          onChange={(place, node) => change(replaced(tree, place, node))}
          onFocus={focusAt}
        />
        <CloseButton size="sm" aria-label="Close the conditions" onClick={onClose} />
      </div>
      <p className={classes.sentence}>
        {read === null ? 'Everything in the list. Write a value to narrow it.' : <FilterSentence noun={noun} node={read} />}
      </p>
    </section>
  );
}

const keyOf = ({ f = [], w }: FilterParts): string => JSON.stringify([f, w ?? null]);

interface GroupProps {
  noun: NounName;
  fields: readonly FieldInfo[];
  group: FilterGroup;
  place: readonly number[];
  isFull: boolean;
  /** Puts another node at a place; null takes it away. */
  onChange: (place: readonly number[], node: FieldFilter | FilterGroup | null) => void;
  onFocus: (place: readonly number[]) => void;
}

function Group(props: GroupProps) {
  const { fields, group, place, isFull: full, onChange, onFocus } = props;
  const [first] = fields;
  const add = (node: FieldFilter | FilterGroup) => {
    onChange(place, { ...group, of: [...group.of, node] });
    const at = [...place, group.of.length];
    onFocus(isGroup(node) ? [...at, 0] : at);
  };
  /** A blank condition, as it is or in something. */
  const addBlank = (put: (filter: FieldFilter) => FieldFilter | FilterGroup) => {
    const filter = first === undefined ? null : newFilter(first, 0, false).filter;
    if (filter !== null) add(put(filter));
  };
  const join = group.match === 'all' ? 'and' : 'or';
  return (
    <div className={classes.group} role="group" aria-label={place.length === 0 ? 'Conditions of the list' : 'A group of conditions'}>
      <div className={classes.head}>
        <NativeSelect
          size="xs"
          aria-label="How these are joined"
          data={[
            { value: 'all', label: 'All of these' },
            { value: 'any', label: 'Any of these' },
          ]}
          value={group.match}
          onChange={(event) => onChange(place, { ...group, match: event.currentTarget.value as FilterGroup['match'] })}
        />
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          disabled={full}
          onClick={() => addBlank((filter) => filter)}
        >
          Condition
        </Button>
        {place.length + 1 >= deepest ? null : (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            disabled={full}
            onClick={() => addBlank((filter) => ({ match: group.match === 'all' ? 'any' : 'all', of: [filter] }))}
          >
            Group
          </Button>
        )}
        {place.length === 0 ? null : (
          <ActionIcon
            variant="transparent"
            color="gray"
            size={24}
            aria-label="Remove the group"
            onClick={() => {
              onChange(place, null);
              onFocus([Math.max(0, (place[0] ?? 0) - 1)]);
              announce('Group removed');
            }}
          >
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {group.of.map((node, at) => {
        const here = [...place, at];
        return (
          // Conditions have no name of their own: their place is who they are.
          <div key={at} className={classes.part}>
            <span className={classes.join}>{at === 0 ? '' : join}</span>
            {isGroup(node) ? (
              <Group {...props} group={node} place={here} />
            ) : (
              <Condition
                {...props}
                filter={node}
                place={here}
                onRemove={() => {
                  onChange(here, null);
                  onFocus([...place, Math.max(0, at - 1)]);
                  announce('Condition removed');
                }}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

interface ConditionProps extends Pick<GroupProps, 'noun' | 'fields' | 'place' | 'onChange'> {
  filter: FieldFilter;
  onRemove: () => void;
}

function Condition({ noun, fields, filter, place, onChange, onRemove }: ConditionProps) {
  const field = fields.find(({ path }) => path === filter.path);
  if (field === undefined) return null;
  return (
    <div className={classes.row} role="group" aria-label={field.label} data-place={place.join(' ')}>
      <NativeSelect
        size="xs"
        aria-label="Field"
        className={classes.field}
        data={groupedFields(fields)}
        value={filter.path}
        onChange={(event) => {
          const next = fields.find(({ path }) => path === event.currentTarget.value);
          if (next !== undefined) onChange(place, newFilter(next, 0, true).filter);
        }}
      />
      <NativeSelect
        size="xs"
        aria-label="Comparison"
        className={classes.comparison}
        data={operatorsFor(field).map((operator) => ({ value: operator, label: comparisonLabel(field, operator) }))}
        value={filter.operator}
        onChange={(event) => onChange(place, withOperator(filter, event.currentTarget.value as FieldFilter['operator']))}
      />
      {needsValue(filter.operator) ? (
        <div className={classes.value}>
          <FilterValue
            // Another field has another control, which must not keep what was typed in the one before.
            key={`${filter.path} ${filter.operator === 'within'}`}
            noun={noun}
            field={field}
            operator={filter.operator}
            value={filter.value}
            isInRow
            onChange={(value) => onChange(place, { ...filter, value })}
          />
        </div>
      ) : null}
      <ActionIcon variant="transparent" color="gray" size={24} aria-label={`Remove the condition on ${field.label}`} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
