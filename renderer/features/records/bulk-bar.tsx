import { Button, CloseButton, Text } from '@mantine/core';
import { IconAdjustmentsDollar, IconArrowBackUp, IconArrowsJoin, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { canBeDuplicate } from '../../../shared/contracts/duplicate.contract.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { WindowRequest } from '../../api/list-window.ts';
import { formatCount } from '../../ui/field-text.ts';
import { ExportMenu } from '../exports/export-menu.tsx';
import { countOf } from '../history/command-words.ts';
import classes from './bulk-bar.module.css';
import { hasTags } from '../../../shared/contracts/tag.contract.ts';
import { BulkTags } from '../tags/bulk-tags.tsx';
import { useOpenSetPrices } from '../prices/set-prices-state.ts';
import { BulkChange, canChangeMany } from './bulk-change.tsx';
import { removeRecords, restoreRecords } from './record-commands.ts';

interface BulkBarProps {
  noun: NounName;
  ids: ReadonlySet<string>;
  total: number;
  isDeleted: boolean;
  request: WindowRequest;
  columns: readonly FieldInfo[];
  onAll: () => void;
  onDone: () => void;
}

/** What can be done with the ticked rows. All of it can be undone, so none of it asks first. */
export function BulkBar({ noun, ids, total, isDeleted, request, columns, onAll, onDone }: BulkBarProps) {
  const navigate = useNavigate();
  const openSetPrices = useOpenSetPrices();
  const run = async (work: (noun: NounName, ids: readonly string[]) => Promise<boolean>) => {
    if (await work(noun, [...ids])) onDone();
  };
  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected rows">
      <CloseButton size="sm" aria-label="Clear the selection" onClick={onDone} />
      <Text size="sm" fw={600}>
        {countOf(noun, ids.size)} selected
      </Text>
      {ids.size < total ? (
        <Button variant="subtle" size="compact-sm" onClick={onAll}>
          Select all {formatCount(total)}
        </Button>
      ) : null}
      <div className={classes.actions}>
        {canChangeMany(noun) && !isDeleted ? <BulkChange noun={noun} ids={ids} onDone={onDone} /> : null}
        {hasTags(noun) && !isDeleted ? <BulkTags noun={noun} ids={ids} /> : null}
        {isDeleted || !canBeDuplicate(noun) || ids.size < 2 || ids.size > 20 ? null : (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconArrowsJoin size={15} />}
            onClick={() => void navigate({ to: '/merge/$of', params: { of: noun }, search: { ids: [...ids] } })}
          >
            Merge
          </Button>
        )}
        {isDeleted || (noun !== 'locations' && noun !== 'itemPrices') ? null : (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconAdjustmentsDollar size={15} />}
            onClick={() => openSetPrices(noun === 'locations' ? { locationIds: [...ids] } : { itemIds: [...ids] })}
          >
            Set prices
          </Button>
        )}
        <ExportMenu noun={noun} request={request} ids={ids} columns={columns} />
        {isDeleted ? (
          <Button variant="default" size="compact-sm" leftSection={<IconArrowBackUp size={15} />} onClick={() => void run(restoreRecords)}>
            Restore
          </Button>
        ) : (
          <Button
            variant="light"
            color="red"
            size="compact-sm"
            leftSection={<IconTrash size={15} />}
            onClick={() => void run(removeRecords)}
          >
            Delete
          </Button>
        )}
      </div>
    </div>
  );
}
