import { useMemo } from 'react';
import type { OwnFieldView } from '../../shared/contracts/record.contract.ts';
import type { FieldInfo } from '../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../shared/nouns/nouns.ts';
import { inOrder, ownFieldInfo } from '../../shared/nouns/own-field/own-field.ts';
import { crm } from './crm.ts';
import { useQuery } from './query.ts';
import { touchesList } from './touches.ts';

const none: OwnFieldView[] = [];

/** The own fields of a noun in their order, archived ones among them. */
export function useOwnFields(noun: NounName): readonly OwnFieldView[] {
  const rows = useQuery('own fields', () => crm().ownFields.list({ limit: 500 }), touchesList('ownFields')).data?.rows ?? none;
  return useMemo(() => inOrder(rows.filter((field) => field.noun === noun)), [rows, noun]);
}

/** Fields a list can have as columns and filters. Banking is not among them: its order alone would tell what is masked. */
export function useListFields(noun: NounName): readonly FieldInfo[] {
  const own = useOwnFields(noun);
  return useMemo(
    () => [...fieldsOf(noun).filter((field) => field.secret !== true), ...own.filter(({ isArchived }) => !isArchived).map(ownFieldInfo)],
    [noun, own],
  );
}
