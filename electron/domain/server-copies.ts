import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { hasSameStamps, type SyncedRecord } from '../../shared/sync/merge.ts';
import type { Copy } from '../../shared/sync/sync-part.ts';
import { asSynced, copyFrom, recordFromCopy } from './copies.ts';
import { type Base, type RecordOf, unknown } from './sync-effect.ts';
import type { SyncLine } from './sync-line.ts';

/** The copies that the server was last known to have. */
export function createServerCopies() {
  const bases = new Map<NounName, Map<string, Base>>(nounNames.map((noun) => [noun, new Map()]));
  const basesOf = (noun: NounName) => bases.get(noun) as Map<string, Base>;

  /** Whether the record is another one than the server's, as far as that is known. */
  function differs(noun: NounName, record: StoredRecord): boolean {
    const { base } = basesOf(noun).get(record.id) ?? unknown;
    const mine = asSynced(record);
    return base === null || (base !== mine && !hasSameStamps(mine, base));
  }

  /** What the server had, and may have no more, still tells who changed what since. */
  function put(noun: NounName, id: string, base: Base): void {
    const old = basesOf(noun).get(id);
    const before = base.base === null ? (old?.base ?? old?.before) : undefined;
    basesOf(noun).set(id, before === undefined || before === null ? base : { ...base, before });
  }

  function load([what, noun, id, seq, base]: SyncLine & ['base' | 'before', ...unknown[]], records: RecordOf): void {
    const record = records(noun, id);
    const copy = base === 0 ? null : base === 1 ? (record === undefined ? null : asSynced(record)) : recordFromCopy(noun, id, base);
    if (!isNounName(noun)) return;
    if (what === 'base') basesOf(noun).set(id, copy === null ? unknown : { base: copy, seq });
    else if (copy !== null) basesOf(noun).set(id, { base: null, seq, before: copy });
  }

  /** As a checkpoint has them: one that is as it is here is only named. */
  function* lines(records: RecordOf): Generator<SyncLine> {
    for (const [noun, of] of bases) {
      for (const [id, { base, seq, before = null }] of of) {
        const mine = records(noun, id);
        const kept = (copy: SyncedRecord): 1 | Copy => {
          const isSame = mine !== undefined && (copy === asSynced(mine) || hasSameStamps(copy, asSynced(mine)));
          return isSame ? 1 : copyFrom(noun, copy);
        };
        yield base === null && before !== null
          ? ['before', noun, id, seq, kept(before)]
          : ['base', noun, id, seq, base === null ? 0 : kept(base)];
      }
    }
  }

  return {
    of: (noun: NounName, id: string): Base => basesOf(noun).get(id) ?? unknown,
    put,
    forget: (noun: NounName, id: string) => void basesOf(noun).delete(id),
    /** The server may have lost anything. */
    doubtAll() {
      for (const [noun, of] of bases) for (const id of of.keys()) put(noun, id, unknown);
    },
    differs,
    load,
    lines,
  };
}
