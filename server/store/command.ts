import { type Clock, instantOf } from '../../shared/lib/clock.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { recordRules } from '../../shared/nouns/record-rules.ts';
import { planCommand, type Transaction } from '../../shared/operations/transaction.ts';
import { stampSource } from '../../shared/sync/stamp.ts';
import { mayDelete, mayWrite, type Somebody } from '../../shared/nouns/rights.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { withBook } from './lazy-book.ts';
import type { Sight } from './sight.ts';
import type { Kept, Tenant, Write } from './tenant.ts';
import { words } from '../../shared/words/words.ts';

/** Who does it, and when. */
export interface Doer extends Somebody {
  /** Rules look at all of the book; but whom a value collides with is told only of what the person sees: any other has it too. */
  sight: Sight;
  clock: Clock;
}

/** What the stamps of changes that were made here say in the place of a laptop. */
const device = 'server';

/**
 * Runs a command with the rules the laptops keep (shared/operations): `work` plans it without effects and may be run more
 * than once. Throws a `ProblemError` where a rule is broken; then nothing is written. Takes the organisation's lock.
 */
export async function runCommand<T>(
  tenant: Tenant,
  by: Doer,
  known: readonly { of: NounName; kept: Kept }[],
  work: (tx: Transaction) => T,
  /** Ids of what is made first, in this order; fresh ones follow. */
  chosenIds: readonly string[] = [],
): Promise<{ value: T; written: Kept[] }> {
  const { clock } = by;
  const { newestStamp } = await tenant.lock();
  const stamp = stampSource(device, () => clock.now(), newestStamp).next();
  // The same ids whenever the work is done again: a new one each time would be looked for without end.
  const ids = [...chosenIds];
  const { value, book } = await withBook(tenant, { sight: by.sight, on: 'holders' }, known, ({ layer }) => {
    let made = 0;
    const nextId = () => (ids[made++] ??= newId());
    const day = { today: clock.today(), dayOf: (instant: string) => clock.dayOf(instant) };
    const { tx, finish } = planCommand(layer, { now: instantOf(clock), day, actor: by.userId, stamp, newId: nextId });
    const done = work(asAllowed(tx, by));
    return { done, records: finish().records };
  });
  const writes = nounNames.flatMap((of) =>
    [...value.records.own[of].values()].map((after): Write => ({ of, before: book.kept(of, after.id), after })),
  );
  // Laptops may have brought what hangs on a record before the record is there: on one whose id somebody else can know.
  const adopts = chosenIds.length > 0 || writes.some(({ of, before }) => before === null && recordRules[of].id !== undefined);
  return { value: value.done, written: await tenant.put(writes, stamp, adopts) };
}

/** The transaction as far as somebody may: what they ask for themselves. What follows from that, by the rules, asks nobody. */
function asAllowed(tx: Transaction, by: Somebody): Transaction {
  const allow = (isAllowed: boolean) => {
    if (!isAllowed) throw new ProblemError({ code: 'FORBIDDEN', ...words('program.notPermitted') });
  };
  const there = (noun: NounName, id: string, may: typeof mayWrite) => {
    const record = tx.get(noun, id);
    if (record !== null) allow(may(by, noun, record));
  };
  return {
    ...tx,
    create(noun, fields) {
      allow(mayWrite(by, noun, null));
      return tx.create(noun, fields);
    },
    change(noun, id, changes) {
      there(noun, id, mayWrite);
      return tx.change(noun, id, changes);
    },
    set(noun, id, fields) {
      there(noun, id, mayWrite);
      return tx.set(noun, id, fields);
    },
    remove(noun, id) {
      there(noun, id, (one, of, record) => mayDelete(one, of, record as object));
      tx.remove(noun, id);
    },
    restore(noun, id) {
      there(noun, id, (one, of, record) => mayDelete(one, of, record as object));
      tx.restore(noun, id);
    },
  };
}
