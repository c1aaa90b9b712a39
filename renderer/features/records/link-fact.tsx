import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { Fact } from '../../ui/fact.tsx';
import { RecordLink } from './record-link.tsx';

/** A fact that leads to the record it names; nothing where none is named. */
export function LinkFact({ label, noun, id, name }: { label: string; noun: NounName; id: string | null; name: string | null }) {
  return id === null ? null : (
    <Fact label={label}>
      <RecordLink noun={noun} id={id}>
        {name ?? `Unnamed ${nouns[noun].singular}`}
      </RecordLink>
    </Fact>
  );
}
