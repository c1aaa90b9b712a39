// Rules (docs/sync-protocol.md): S21
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestOf, rangeDigest } from '../../../../shared/sync/digest.ts';

const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('base64url');

it('S21: a digest is of lines of field and JSON, as the protocol says', () => {
  const at = '2026-03-04T09:00:00.000Z';
  const written = { createdAt: at, createdBy: 'Ada', updatedAt: at, updatedBy: 'Ada' };
  const record = { id: 'c1', title: 'Call', deletedAt: null, ...written, stamps: { title: '2-a', '*': '1-a' } };
  const lines = [
    `createdAt:"${at}"`,
    'createdBy:"Ada"',
    'id:"c1"',
    'stamps:{"*":"1-a","title":"2-a"}',
    'title:"Call"',
    `updatedAt:"${at}"`,
    'updatedBy:"Ada"',
  ];
  const digest = digestOf('tasks', record, hash);
  expect(digest).toBe(hash(lines.join('\n')));
  expect(rangeDigest([digest], hash)).toBe(digest);
  expect(rangeDigest([digest, 'other'], hash)).toBe(hash(`${digest}\nother`));
});
