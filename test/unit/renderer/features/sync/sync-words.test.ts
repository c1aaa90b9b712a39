import { expect, it } from 'vitest';
import { receiptText } from '../../../../../renderer/features/sync/sync-words.ts';

const none = { created: 0, changed: 0, deleted: 0 };
const receipt = { sent: none, received: none, merged: 0, state: 'synced' as const, compared: null };

it('says of a sync what went and came, and of a comparison what differed and what was left', () => {
  expect(receiptText(receipt)).toBe('nothing new');
  expect(receiptText({ ...receipt, sent: { ...none, created: 4 }, merged: 1 })).toBe('4 went, 1 put together');
  const compared = { records: 20, mended: 0, left: 0 };
  expect(receiptText({ ...receipt, compared })).toBe('compared: nothing differed');
  expect(receiptText({ ...receipt, compared: { ...compared, left: 6 } })).toBe('compared: 6 left as they are');
  const both = { ...compared, mended: 3, left: 1 };
  expect(receiptText({ ...receipt, sent: { ...none, changed: 2 }, compared: both })).toBe('2 went, compared: 3 differed, 1 left as it is');
});
