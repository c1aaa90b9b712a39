import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openReceiptBook, receiptsFile } from '../../../../electron/opening/receipt-book.ts';
import type { ReceiptView } from '../../../../shared/sync/sync-view.ts';
import { quietLog } from '../../../support/opened-book.ts';

let folder = '';
beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'fieldbook-receipts-'));
  folder = made;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

const none = { created: 0, changed: 0, deleted: 0 };
const receipt = (number: number, more: Partial<ReceiptView> = {}): ReceiptView => ({
  id: `r${number}`,
  at: new Date(Date.UTC(2026, 2, 4, 9, 0, number)).toISOString(),
  ms: 12,
  remoteId: 'one',
  kind: 'fieldbook',
  url: 'https://crm.example',
  state: 'synced',
  sent: none,
  received: none,
  merged: 0,
  conflicts: 0,
  refused: 0,
  waiting: 0,
  compared: null,
  requests: 14,
  bytes: 5000,
  problem: null,
  records: [],
  moreRecords: 0,
  ...more,
});

const again = async (work?: (book: Awaited<ReturnType<typeof openReceiptBook>>) => void) => {
  const book = await openReceiptBook(folder, quietLog);
  work?.(book);
  await book.close();
  return book.all();
};

it('keeps receipts over a start, the newest first, and one in the place of an earlier one of its id', async () => {
  await again((book) => {
    for (const number of [1, 2, 3]) book.put(receipt(number));
    book.put(receipt(2, { at: '2026-03-04T10:00:00.000Z', requests: 28 }));
  });
  const kept = await again();
  expect(kept.map(({ id }) => id)).toEqual(['r2', 'r3', 'r1']);
  expect(kept[0]).toMatchObject({ requests: 28 });
});

it('loses a line that a power cut broke off, and not the one after it', async () => {
  await again((book) => book.put(receipt(1)));
  appendFileSync(join(folder, receiptsFile), JSON.stringify(receipt(2)).slice(0, 90));
  await again((book) => book.put(receipt(3)));
  expect((await again()).map(({ id }) => id)).toEqual(['r3', 'r1']);
});

it('passes over what is no receipt', async () => {
  appendFileSync(join(folder, receiptsFile), '{}\n[1]\nnonsense\n{"id":"r9"}\n');
  expect(await again((book) => book.put(receipt(1)))).toHaveLength(1);
});

it('keeps the newest 2,000, and a file that does not grow for ever', async () => {
  const kept = await again((book) => {
    for (let number = 1; number <= 3100; number += 1) book.put(receipt(number));
  });
  expect(kept).toHaveLength(2000);
  expect(kept[0]?.id).toBe('r3100');
  expect(readFileSync(join(folder, receiptsFile), 'utf8').split('\n').length).toBeLessThan(2200);
  expect((await again()).map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
});
