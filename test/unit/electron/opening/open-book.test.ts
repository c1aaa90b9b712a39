import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { onDisk } from '../../../../electron/database/disk-problem.ts';
import { openBook } from '../../../../electron/opening/open-book.ts';
import type { CrmEvents } from '../../../../shared/contracts/api.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { mailPassword, mailUser, startMailServer } from '../../../support/mail-server.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { quietPlatform } from '../../../support/quiet-platform.ts';

/** A book as main opens it, on a laptop that sleeps and wakes when it is told to. */
async function openedBook() {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'fieldbook-open-'));
  const clock = fixedClock('2026-03-04T22:00:00.000Z');
  const changed: CrmEvents['changed'][] = [];
  const wakeListeners = new Set<() => void>();
  const platform = quietPlatform({
    broadcast: (event, data) => {
      if (event === 'changed') changed.push(data as CrmEvents['changed']);
    },
    onWake: (listener) => {
      wakeListeners.add(listener);
      return () => wakeListeners.delete(listener);
    },
    printToPdf: () => Promise.reject(new Error('The page that was printed is gone')),
  });
  const book = await openBook(platform, { dataFolder, version: '0.0.0', clock, log: quietLog }, () => undefined);
  onTestFinished(async () => {
    await book.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  const ask = async <T>(method: string, input: unknown): Promise<T> => {
    const result = await book.backend.call(method, input);
    if (!result.ok) throw new Error(result.error.code);
    return result.value as T;
  };
  const wakeAt = (instant: string) => {
    clock.moveTo(instant);
    for (const listener of wakeListeners) listener();
  };
  return { book, ask, changed, wakeAt, wakeListeners, folder: dataFolder };
}

it('sends what became due while the computer slept as soon as it wakes up', async () => {
  const mails = await startMailServer();
  onTestFinished(() => mails.close());
  const { ask, wakeAt } = await openedBook();
  await ask('outbox.changeAccount', {
    host: '127.0.0.1',
    port: mails.port,
    security: 'none',
    user: mailUser,
    fromName: 'Ada',
    fromAddress: mailUser,
    password: mailPassword,
  });
  const { record } = await ask<{ record: { id: string } }>('clients.create', { name: 'Harbor Bakery' });
  await ask('outbox.save', {
    about: 'clients',
    aboutId: record.id,
    recipients: ['grace@bakery.example'],
    subject: 'Our offer',
    text: 'Here it is.',
    send: 'later',
    scheduledFor: '2026-03-04T23:00:00.000Z',
  });
  const arrived = new Promise<void>((resolve) => {
    mails.onMail = () => resolve();
  });
  wakeAt('2026-03-04T22:30:00.000Z');
  expect(await ask('outbox.state', {})).toMatchObject({ waiting: 1 });
  expect(mails.connections, 'it is not due yet').toBe(0);
  wakeAt('2026-03-05T07:00:00.000Z');
  await arrived;
});

it('has screens ask again on another day, because what is overdue follows from it', async () => {
  const { ask, changed, wakeAt } = await openedBook();
  await ask('tasks.create', { title: 'Send the offer', dueDate: '2026-03-04' });
  const overdue = () => ask<{ total: number }>('tasks.list', { filters: [{ path: 'isOverdue', operator: 'is', value: 'true' }] });
  expect(await overdue()).toMatchObject({ total: 0 });
  changed.length = 0;
  wakeAt('2026-03-04T23:00:00.000Z');
  expect(changed, 'the day is the same').toEqual([]);
  wakeAt('2026-03-05T07:00:00.000Z');
  expect(changed).toMatchObject([{ all: true }]);
  expect(await overdue()).toMatchObject({ total: 1 });
});

it('offers the print dialog where printing failed, and listens to nothing once it is closed', async () => {
  const { book, ask, wakeListeners } = await openedBook();
  const { record } = await ask<{ record: { id: string } }>('clients.create', { name: 'Harbor Bakery' });
  const made = await ask<{ record: { id: string } }>('invoices.create', { clientId: record.id });
  expect(await book.backend.call('invoices.pdf', { id: made.record.id, locale: 'en-US' })).toMatchObject({
    ok: false,
    error: { code: 'NO_PRINTER' },
  });
  expect(wakeListeners.size).toBe(1);
  await book.close();
  expect(wakeListeners.size).toBe(0);
});

it('keeps no file that passed through over the session: it may hold banking data', async () => {
  const { book, folder } = await openedBook();
  const taken = await book.backend.takeFile(
    'clients.csv',
    (async function* () {
      yield Buffer.from('Name,IBAN\nNorth Depot,GB33BUKB20201555555555\n');
    })(),
  );
  expect(taken.ok).toBe(true);
  expect(readdirSync(path.join(folder, 'files'))).toHaveLength(1);
  await book.close();
  expect(readdirSync(path.join(folder, 'files'))).toEqual([]);
});

it('says what the disk did when settings cannot be written, and nothing of a mistake inside', async () => {
  const { book, folder } = await openedBook();
  mkdirSync(path.join(folder, 'settings.json.new'));
  expect(await book.backend.call('app.changeSettings', { personName: 'Ada' })).toMatchObject({ ok: false, error: { code: 'DISK_FAILED' } });
  await expect(onDisk(Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })))).rejects.toMatchObject({
    problem: { code: 'DISK_FULL' },
  });
});
