import { expect, it } from 'vitest';
import { statusTone, syncSentence } from '../../../../../renderer/features/settings/sync-sentence.ts';
import type { AppStatus } from '../../../../../shared/contracts/app.contract.ts';

const status = (storage: AppStatus['storage'], unapplied = 0): AppStatus => ({
  storage,
  unapplied,
  writing: null,
  server: 'none',
  notices: [],
});

it('says that the book is only on this laptop as long as there is no server, in every state', () => {
  expect(syncSentence(status('ready'))).toBe('This book is only on this laptop');
  for (const storage of ['opening', 'ready', 'restarting', 'rebuilding', 'readOnly'] as const) {
    expect(syncSentence(status(storage, 3))).toMatch(/^This book is only on this laptop/);
  }
});

it('says that work is safe while the database is away, and that nothing can be changed when it cannot', () => {
  for (const storage of ['opening', 'restarting', 'rebuilding'] as const)
    expect(syncSentence(status(storage))).toContain('your work is safe in the journal');
  expect(syncSentence(status('readOnly'))).toContain('can be read and not changed');
  expect(syncSentence(status('readOnly'))).not.toContain('safe');
});

it('counts what is not filed yet, and is calm only when nothing is', () => {
  expect(syncSentence(status('ready', 1))).toContain('1 change is still being filed');
  expect(syncSentence(status('ready', 2))).toContain('2 changes are still being filed');
  expect(syncSentence({ ...status('ready', 1), writing: { done: 4000, total: 12_000 } })).toContain('4,000 of 12,000 records are written');
  expect(statusTone(status('ready'))).toBe('calm');
  expect(statusTone(status('restarting'))).toBe('busy');
  expect(statusTone(status('readOnly'))).toBe('stopped');
  expect(statusTone(null)).toBe('busy');
});
