import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openBook } from '../../../electron/opening/open-book.ts';
import { systemClock } from '../../../electron/system-clock.ts';
import type { RecordMark, SyncState } from '../../../shared/contracts/sync.contract.ts';
import type { SyncNeeds } from '../../../shared/sync/sync-view.ts';
import { say } from '../../../shared/words/say.ts';
import { quietLog } from '../../support/opened-book.ts';
import { quietPlatform } from '../../support/quiet-platform.ts';
import { noTrouble, serve } from './stand-in.ts';
import type { System } from './systems.ts';

/** A whole book as the app opens it, asked through the door that screens use, beside a system that was there before it. */
export async function deskLaptop(system: System) {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-desk-'));
  const [there, faulted] = [system.standIn(), noTrouble()];
  const served = await serve(there, faulted);
  const book = await openBook(
    quietPlatform(),
    { dataFolder: folder, version: '0.0.0', clock: systemClock, log: quietLog },
    () => undefined,
  );
  onTestFinished(async () => {
    await book.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async <T>(method: string, input: object = {}): Promise<T> => {
    const answer = await book.backend.call(method, input);
    if (!answer.ok) throw new Error(`${method}: ${say(answer.error)}`);
    return answer.value as T;
  };
  const state = () => ask<SyncState>('sync.state');
  const until = async (isSo: (now: SyncState) => boolean): Promise<void> => {
    await expect.poll(async () => isSo(await state()), { timeout: 60_000 }).toBe(true);
  };
  const { signIn, organisation, manifest } = system;
  const typed =
    signIn.kind === 'token'
      ? { token: signIn.token }
      : signIn.kind === 'session'
        ? { session: signIn.cookie }
        : { email: signIn.email, password: signIn.password };
  const look = async (kind: string = manifest.kind, url: string = served.url) => {
    await ask('sync.look', { kind, url, organisation, signIn: typed, direction: 'both' });
    await until(({ joining }) => joining?.step === 'ready' || joining?.step === 'failed');
    return (await state()).joining;
  };
  const requests = () => faulted.calls.length;
  return {
    there,
    faulted,
    served,
    ask,
    state,
    until,
    look,
    needs: () => ask<SyncNeeds>('sync.needs'),
    marksOf: async (noun: string, id: string): Promise<RecordMark | null> =>
      (await ask<{ marks: RecordMark[] }>('sync.marks', { noun, ids: [id] })).marks[0] ?? null,
    async connect(): Promise<void> {
      await look();
      await ask('sync.join', { same: [] });
      await until(({ joining, isSyncing, remotes }) => joining === null && !isSyncing && (remotes[0]?.last ?? null) !== null);
    },
    /** One sync from end to end. */
    async sync(): Promise<void> {
      await until(({ isSyncing }) => !isSyncing);
      const before = requests();
      await ask('sync.syncNow');
      await expect.poll(() => requests() > before, { timeout: 60_000 }).toBe(true);
      await until(({ isSyncing }) => !isSyncing);
    },
  };
}
