import { Button } from '@mantine/core';
import { canBeDuplicate, type PastMerge } from '../../../shared/contracts/duplicate.contract.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { duplicates, useMerges } from '../../api/duplicates.ts';
import { Age } from '../../ui/age.tsx';
import { showProblem } from '../../ui/problem.tsx';
import { showDone } from '../history/undo.tsx';
import classes from './duplicates-screen.module.css';

/** What was merged into the record, and how to take it apart again. */
export function MergedFrom({ noun, id }: { noun: NounName; id: string }) {
  const merges = useMerges(canBeDuplicate(noun) ? noun : null, id);
  return merges.map((merge) => <Merge key={merge.operationId} noun={noun} id={id} merge={merge} />);
}

function Merge({ noun, id, merge }: { noun: NounName; id: string; merge: PastMerge }) {
  const titles = merge.records.map(({ title }) => title).join(', ');
  const takeApart = async () => {
    if (!canBeDuplicate(noun)) return;
    const result = await duplicates.takeApart(noun, id, merge.operationId);
    if (!result.ok) return showProblem(result.error);
    const { kept, operationId } = result.value;
    const rest = kept === 0 ? '' : ` ${kept === 1 ? 'One field' : `${kept} fields`} changed later stayed as it is.`;
    showDone(`${titles} is back.${rest}`, operationId === null ? [] : [operationId]);
  };
  return (
    <div className={classes.merged}>
      <span>
        Merged from {titles}
        {merge.into === null ? '' : ` into ${merge.into.title}`}, <Age instant={merge.at} />
        {merge.actor === '' ? '' : ` by ${merge.actor}`}
      </span>
      <Button variant="subtle" size="compact-sm" aria-label={`Take apart: ${titles}`} onClick={() => void takeApart()}>
        Take apart
      </Button>
    </div>
  );
}
