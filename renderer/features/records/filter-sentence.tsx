import { Fragment } from 'react';
import { type FilterNode, isGroup } from '../../../shared/contracts/list.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { useListFields } from '../../api/own-fields.ts';
import { FilterValueText } from './filter-value.tsx';
import { needsValue, operatorWords } from './list-search.ts';

/** Conditions read back: "City is Denver, or both Tags include vip and Active is Yes". A group in a group stands in brackets. */
export function FilterSentence({ noun, node, isInside = false }: { noun: NounName; node: FilterNode; isInside?: boolean }) {
  const fields = useListFields(noun);
  if (!isGroup(node)) {
    const field = fields.find(({ path }) => path === node.path);
    if (field === undefined) return null;
    return (
      <>
        {field.label} {operatorWords(field, node.operator)}
        {needsValue(node.operator) ? (
          <>
            {' '}
            <FilterValueText field={field} operator={node.operator} value={node.value} />
          </>
        ) : null}
      </>
    );
  }
  const needsBrackets = isInside && node.of.length > 1;
  return (
    <>
      {needsBrackets ? '(' : ''}
      {node.of.map((one, at) => (
        // Conditions have no name of their own: their place is who they are.
        <Fragment key={at}>
          {at === 0 ? '' : node.match === 'all' ? ' and ' : ' or '}
          <FilterSentence noun={noun} node={one} isInside />
        </Fragment>
      ))}
      {needsBrackets ? ')' : ''}
    </>
  );
}
