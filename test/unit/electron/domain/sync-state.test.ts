import { expect, it } from 'vitest';
import { asSynced } from '../../../../electron/domain/copies.ts';
import { createSyncState } from '../../../../electron/domain/sync-state.ts';
import type { SyncLine } from '../../../../electron/domain/sync-line.ts';
import type { NounName } from '../../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../../shared/operations/record-layer.ts';
import { openLaptop } from '../../../support/opened-book.ts';

it('what a server had, and may have no more, is still known: after another start too, until the server says what it has', async () => {
  const { book, clients } = await openLaptop();
  const { record } = await clients.create({ name: 'North', phone: '1' });
  const { record: other } = await clients.create({ name: 'South' });
  const get = (noun: NounName, id: string): StoredRecord | undefined => book.get(noun, id);
  const records = { get, all: (noun: NounName) => book.all(noun) };
  const [first, second] = [get('clients', record.id), get('clients', other.id)].map((one) => asSynced(one as StoredRecord));
  if (first === undefined || second === undefined) throw new Error('They were made just now');

  const state = createSyncState(records);
  const bases = [first, second].map((base, at) => ({ noun: 'clients' as const, id: base.id, base: { base, seq: at + 1 } }));
  state.apply({ bases, part: { remote: 'one', on: true } });
  state.track(records);
  expect(state.waiting().size).toBe(0);
  await clients.change(record.id, { phone: '2' });
  state.apply({ bases: [], part: { remote: 'one', anew: 'restored' } });

  const again = createSyncState(records, JSON.parse(JSON.stringify(state.snapshot().lines)) as SyncLine[]);
  again.track(records);
  for (const one of [state, again]) {
    expect([...one.waiting()].toSorted()).toEqual([`clients/${record.id}`, `clients/${other.id}`].toSorted());
    expect(one.replicaOf('clients', record.id)).toMatchObject({ base: null, seq: 0, before: { phone: '1' } });
    expect(one.replicaOf('clients', other.id)).toMatchObject({ base: null, before: { name: 'South' } });
    // A second server in a row that has nothing takes nothing of it away.
    one.apply({ bases: [{ noun: 'clients', id: record.id, base: { base: null, seq: 9 } }], part: { remote: 'one' } });
    expect(one.replicaOf('clients', record.id)).toMatchObject({ base: null, before: { phone: '1' } });
    one.apply({ bases: [{ noun: 'clients', id: record.id, base: { base: first, seq: 10 } }], part: { remote: 'one' } });
    expect(one.replicaOf('clients', record.id)).not.toHaveProperty('before');
  }
});
