import { expect, it } from 'vitest';
import { momentText, statusTone, syncSentence } from '../../../../../renderer/features/settings/sync-sentence.ts';
import type { AppStatus, ServerStatus } from '../../../../../shared/contracts/app.contract.ts';

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

it('counts what is not written yet, and is calm only when nothing is', () => {
  expect(syncSentence(status('ready', 1))).toContain('1 change is still being written');
  expect(syncSentence(status('ready', 2))).toContain('2 changes are still being written');
  expect(syncSentence({ ...status('ready', 1), writing: { done: 4000, total: 12_000 } })).toContain('4,000 of 12,000 records are written');
  expect(statusTone(status('ready'))).toBe('calm');
  expect(statusTone(status('restarting'))).toBe('busy');
  expect(statusTone(status('readOnly'))).toBe('stopped');
  expect(statusTone(null)).toBe('busy');
});

const server = (more: Partial<ServerStatus> = {}): AppStatus => ({
  ...status('ready'),
  server: {
    waiting: 0,
    oldest: null,
    isHistoryUnsent: false,
    conflicts: 0,
    refused: 0,
    stopped: 0,
    isSyncing: false,
    isOffline: false,
    isUnreachable: false,
    asOf: null,
    problem: null,
    ...more,
  },
});
const now = new Date();
const ago = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, 0, 0, 1).toISOString();

it('says when everything was on the server only where the server was asked since the start, and nothing waits', () => {
  expect(syncSentence(server({ asOf: ago(0) }))).toBe(`Everything is on the server as of ${momentText(ago(0))}`);
  expect(syncSentence(server({ asOf: ago(0), waiting: 1, oldest: ago(0) }))).toBe(`1 change waits, the oldest since ${momentText(ago(0))}`);
  for (const more of [
    { waiting: 1 },
    { conflicts: 1 },
    { refused: 1 },
    { stopped: 1 },
    { isHistoryUnsent: true },
    { problem: 'It broke.' },
    { isOffline: true },
  ])
    expect(syncSentence(server({ asOf: ago(0), ...more }))).not.toContain('Everything is on the server');
  expect(syncSentence(server())).toBe('Nothing waits to be sent. The server is being asked what is new');
});

it('counts what waits with the age of the oldest, what needs somebody and what was refused', () => {
  expect(syncSentence(server({ waiting: 3, oldest: ago(1) }))).toBe('3 changes wait, the oldest since yesterday');
  expect(syncSentence(server({ conflicts: 1 }))).toBe('1 conflict needs you');
  expect(syncSentence(server({ conflicts: 2, refused: 2, waiting: 2 }))).toBe(
    '2 changes were refused. 2 conflicts need you. 2 changes wait',
  );
  expect(statusTone(server({ conflicts: 1, isOffline: true }))).toBe('stopped');
  expect(syncSentence(server({ stopped: 1, asOf: ago(0) }))).toBe('1 system is not as it was and needs you');
  expect(statusTone(server({ stopped: 1 }))).toBe('stopped');
  expect(statusTone(server({ waiting: 1 }))).toBe('busy');
  expect(statusTone(server({ asOf: ago(0) }))).toBe('calm');
});

it('says offline whoever chose it, what waits meanwhile, and no reason beside it', () => {
  const isCut = { isUnreachable: true, problem: 'crm.example cannot be found. Check the network.' };
  expect(syncSentence(server(isCut))).toBe('Offline. Your work is safe on this laptop');
  expect(syncSentence(server({ ...isCut, waiting: 3, oldest: ago(1) }))).toBe(
    'Offline. Your work is safe on this laptop. 3 changes wait, the oldest since yesterday',
  );
  expect(syncSentence(server({ isOffline: true, asOf: ago(1) }))).toBe(
    'Offline. Your work is safe on this laptop. Everything was on the server as of yesterday',
  );
  expect(syncSentence(server({ ...isCut, isSyncing: true }))).not.toContain('Offline');
  expect(syncSentence(server({ problem: 'Sign in again.', waiting: 1 }))).toBe('1 change waits. Sign in again');
});

it('calls yesterday what was yesterday by the day, not by the hours', () => {
  const midnight = new Date(2026, 2, 4, 0, 0, 30);
  expect(momentText(new Date(2026, 2, 3, 23, 59).toISOString(), midnight)).toBe('yesterday');
  expect(momentText(new Date(2026, 2, 3, 0, 0).toISOString(), midnight)).toBe('yesterday');
  expect(momentText(new Date(2026, 2, 2, 23, 59).toISOString(), midnight)).toMatch(/2026/);
  expect(momentText(new Date(2026, 2, 4, 0, 0).toISOString(), midnight)).toMatch(/12:00|00:00|0:00/);
});
