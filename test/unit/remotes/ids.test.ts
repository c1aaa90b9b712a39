import { expect, it } from 'vitest';
import { createIds, idsAbove } from '../../../remotes/remote-book.ts';

it('Ids that work found count from when it is written: work that is run again leaves nothing of the time before', () => {
  const ids = createIds();
  ids.put('clients', 'known', '1');
  const first = idsAbove(ids);
  first.put('clients', 'never made', '2');
  expect([first.bookId('clients', '2'), first.bookId('clients', '1')]).toEqual(['never made', 'known']);
  const second = idsAbove(ids);
  expect([second.bookId('clients', '2'), ids.remoteId('clients', 'never made')]).toEqual([null, null]);
  second.put('clients', 'made', '3');
  second.settle();
  expect([ids.bookId('clients', '3'), ids.remoteId('clients', 'made'), ids.bookId('clients', '2')]).toEqual(['made', '3', null]);
});
