import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReceiptView, receiptViewSchema } from '../../shared/sync/sync-view.ts';
import { errorCode } from '../database/disk-problem.ts';
import { writeFileDurably } from '../database/durable-file.ts';
import type { Log } from '../domain/ports.ts';
import type { ReceiptBook } from '../sync/server-page.ts';

export const receiptsFile = 'sync-receipts.ndjson';
const most = 2000;
/** Lines over what is kept before the file is written anew: there is one for each sync, also of those that are told as one. */
const linesOver = 1000;

/**
 * The receipts of syncs, one a line; a line with the id of an earlier one stands in its place. They are for looking things up:
 * nothing else misses one that a power cut takes, so nobody waits for the disk.
 */
export async function openReceiptBook(folder: string, log: Log): Promise<ReceiptBook> {
  const path = join(folder, receiptsFile);
  const kept = new Map<string, ReceiptView>();
  let lines = 0;
  let ending = '';
  await read();
  let writing: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') log.warn('sync.receipts-unreadable');
      return;
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      lines += 1;
      const found = parsed(line);
      if (found !== null) keep(found);
    }
    // A line that was cut off must not take the next one with it.
    if (text !== '' && !text.endsWith('\n')) ending = '\n';
  }

  function keep(receipt: ReceiptView): void {
    // The newest stands last, also one that stands for several.
    kept.delete(receipt.id);
    kept.set(receipt.id, receipt);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
  }

  return {
    all: () => [...kept.values()].toReversed(),
    put(receipt) {
      keep(receipt);
      lines += 1;
      const line = `${ending}${JSON.stringify(receipt)}\n`;
      ending = '';
      const isLong = lines > most + linesOver;
      if (isLong) lines = kept.size;
      const whole = isLong ? [...kept.values()].map((one) => `${JSON.stringify(one)}\n`).join('') : null;
      writing = writing
        .then(() => (whole === null ? appendFile(path, line, { mode: 0o600 }) : writeFileDurably(path, whole)))
        .catch((error: unknown) => log.warn('sync.receipt-lost', { error: errorCode(error) }));
    },
    close: () => writing,
  };
}

function parsed(line: string): ReceiptView | null {
  try {
    return receiptViewSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
