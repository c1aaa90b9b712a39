import type { Problem } from '../../lib/result.ts';
import { words } from '../../words/words.ts';

/** Contents of attached files as laptops and the server keep them: each under its checksum, known by what is in it. */

export const attachmentLimit = 100 * 1024 * 1024;

export const isChecksum = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Steps from the folder of contents to one. Checksums are the only names that reach the disk, so no input points outside it. */
export function contentSteps(sha256: string): [shelf: string, name: string] {
  if (!isChecksum(sha256)) throw new Error('Not a checksum');
  return [sha256.slice(0, 2), sha256];
}

/** How much of a content's beginning tells what kind of text it is. */
export const headBytes = 4096;

/** The kind of a content in which no signature of a known kind of file was found. `head`: its beginning, read as UTF-8. */
export function textType(head: string): string {
  // The last character may be cut in half.
  const isText = !head.slice(0, -3).includes('\ufffd') && !/[\u0000-\u0008\u000e-\u001f]/.test(head);
  if (!isText || head.length === 0) return 'application/octet-stream';
  if (head.startsWith('#!')) return 'text/x-script';
  return /^\s*(<!--[^]*?-->\s*)*<(!doctype html|html|head|body|script|iframe)\b/i.test(head.replace(/^\ufeff/, ''))
    ? 'text/html'
    : 'text/plain';
}

export const fileTooLarge = (limit: number): Problem => ({
  code: 'FILE_TOO_LARGE',
  ...words('records.attachmentTooLarge', { megabytes: Math.floor(limit / 1024 / 1024) }),
});
