import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDataKeys } from '../../../../electron/database/data-key.ts';
import { createTextSeal } from '../../../../electron/database/secret-box.ts';
import { bookReadAgain } from '../../../../electron/domain/book.ts';
import { startFieldbook } from '../../../../electron/main.ts';
import { openBook } from '../../../../electron/opening/open-book.ts';
import { openRemoteStore } from '../../../../electron/opening/remote-store.ts';
import { behindProof } from '../../../../electron/opening/unproven-book.ts';
import type { Backend } from '../../../../electron/platform/platform.ts';
import { tokensSecret } from '../../../../electron/sync/session.ts';
import type { AppStatus } from '../../../../shared/contracts/app.contract.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { fail, ok } from '../../../../shared/lib/result.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { quietPlatform } from '../../../support/quiet-platform.ts';
import { folderBook } from '../database/backup-fixture.ts';
import { atEnd, temporaryFolder, testBrowser } from '../database/storage-fixture.ts';

const options = (dataFolder: string, version = '1.0.0') => ({
  dataFolder,
  version,
  clock: fixedClock('2026-03-04T10:00:00.000Z'),
  log: quietLog,
  provenLaterFrom: 0,
});

/** A folder whose book was closed with a checkpoint; where it is damaged, one client of it has another name. */
async function savedFolder(isDamaged: boolean): Promise<string> {
  const dataFolder = await temporaryFolder();
  const laptop = await folderBook(dataFolder);
  await laptop.add('North Depot', 'Harbor');
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  await laptop.close();
  if (!isDamaged) return dataFolder;
  const path = join(dataFolder, 'checkpoint', '2', 'clients.ndjson');
  const text = await readFile(path, 'utf8');
  expect(text).toContain('North Depot');
  await writeFile(path, text.replace('North Depot', 'Morth Depot'));
  return dataFolder;
}

const journalOf = (dataFolder: string) => readFile(join(dataFolder, 'journal', '000001.ndjson'), 'utf8');
async function* oneFile(text: string) {
  yield Buffer.from(text);
}
const nothing = async (): Promise<string[]> => [];

async function answered<T>(backend: Pick<Backend, 'call'>, method: string, input: unknown): Promise<T> {
  const answer = await backend.call(method, input);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value as T;
}

const namesIn = async (backend: Pick<Backend, 'call'>) =>
  (await answered<{ rows: { name: string }[] }>(backend, 'clients.list', { limit: 50 })).rows.map(({ name }) => name);

for (const isDamaged of [false, true]) {
  it(`carries out once what is asked while the book is proven${isDamaged ? ', on the book that takes the place of a damaged one' : ''}`, async () => {
    const dataFolder = await savedFolder(isDamaged);
    const served = Promise.withResolvers<Backend>();
    let quit: () => Promise<void> = async () => undefined;
    const changed: unknown[] = [];
    const platform = quietPlatform({
      serve: async (backend) => served.resolve(backend),
      broadcast: (event, data) => {
        if (event === 'changed') changed.push(data);
      },
      onQuit: (drain) => {
        quit = drain;
      },
    });
    const starting = startFieldbook(platform, options(dataFolder));
    atEnd(() => quit());
    const backend = await served.promise;
    const taken = await backend.takeFile('list.csv', oneFile('Name\nWest Yard\n'));
    if (!taken.ok) throw new Error(taken.error.code);
    const { fileId } = taken.value;
    const made = backend.call('clients.create', { name: 'East Gate' });
    const imported = backend.call('imports.start', { fileId, hasHeader: true, columns: [{ column: 0, target: 'client.name' }] });
    const deleted = backend.call('clients.list', { limit: 50 });
    expect(await made).toMatchObject({ ok: true });
    expect(await deleted).toMatchObject({ ok: true });
    expect(await imported, 'the file is still there').toMatchObject({ ok: true });
    await starting;
    await expect.poll(async () => (await namesIn(backend)).toSorted()).toEqual(['East Gate', 'Harbor', 'North Depot', 'West Yard']);
    const { notices } = await answered<AppStatus>(backend, 'app.status', {});
    expect(notices.map(({ id }) => id)).toEqual(isDamaged ? ['checkpoint-damaged'] : []);
    expect((await journalOf(dataFolder)).match(/East Gate/g)?.length, 'journaled once').toBe(1);
    if (isDamaged) expect(changed, 'screens ask for everything again').toContainEqual(expect.objectContaining({ all: true }));
    expect(await readdir(join(dataFolder, 'checkpoint'))).not.toContain('unproven');
  });
}

for (const isDamaged of [false, true]) {
  it(`lets ${isDamaged ? 'nothing out of a book that is not what was saved' : 'everything go on once the book is proven'}`, async () => {
    const dataFolder = await savedFolder(isDamaged);
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.writeHead(500).end();
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    atEnd(() => new Promise((closed) => void server.close(() => closed())));
    const browser = testBrowser();
    let asked = 0;
    browser.onToHost = (message) => {
      asked += 1;
      return message;
    };
    const ready = Promise.withResolvers<void>();
    const platform = quietPlatform({
      openStorageHost: () => browser.openStorageHost(),
      broadcast: (event, data) => {
        if (event === 'status' && (data as AppStatus).storage === 'ready') ready.resolve();
      },
    });
    const keys = await openDataKeys(dataFolder, platform.keychain, quietLog);
    const remotes = await openRemoteStore(dataFolder, createTextSeal(keys), quietLog);
    const { port } = server.address() as AddressInfo;
    const at = '2026-03-04T09:00:00.000Z';
    const kept = {
      url: `http://127.0.0.1:${port}`,
      account: 'ada@office.example',
      direction: 'both' as const,
      connectedAt: at,
      settings: {},
    };
    const tokens = JSON.stringify({ access: 'a', refresh: null, until: Date.parse('2026-03-05T00:00:00.000Z') });
    await remotes.add({ ...kept, id: randomUUID(), kind: 'fieldbook', organisation: 'Office' }, { [tokensSecret]: tokens });
    await remotes.add({ ...kept, id: randomUUID(), kind: 'summit', organisation: null }, { user: 'ada', password: 'p', token: 't' });
    const before = await journalOf(dataFolder);
    let reopened = 0;
    const { backend, close } = await openBook(platform, options(dataFolder), () => {
      reopened += 1;
    });
    const asks: [string, unknown][] = [
      ['clients.create', { name: 'East Gate' }],
      ['safety.backUp', {}],
      ['exports.create', { collection: 'clients', format: 'csv', list: {} }],
      ['reports.file', { report: 'regions' }],
    ];
    const answers = await Promise.all(asks.map(([method, input]) => backend.call(method, input)));
    if (isDamaged) {
      for (const answer of answers) expect(answer).toEqual(fail(bookReadAgain));
      expect(reopened).toBe(1);
    } else {
      expect(answers).toEqual(answers.map(() => expect.objectContaining({ ok: true })));
      expect(reopened).toBe(0);
      await ready.promise;
      await expect.poll(() => requests).toBeGreaterThan(0);
    }
    await close();
    if (!isDamaged) return;
    expect(asked, 'messages to the storage host').toBe(0);
    expect(requests, 'to the server').toBe(0);
    expect(await journalOf(dataFolder)).toBe(before);
    expect(await readdir(join(dataFolder, 'backups')).catch(nothing), 'backups').toEqual([]);
    expect((await readdir(join(dataFolder, 'checkpoint'))).toSorted()).toEqual(['2', 'unproven']);
    expect(await readdir(join(dataFolder, 'files')).catch(nothing), 'files for a person').toEqual([]);
  });
}

it('answers questions at once, asks those that fail again after the proof, and lets commands wait', async () => {
  const proof = Promise.withResolvers<boolean>();
  const calls: string[] = [];
  let isBroken = true;
  const backend: Backend = {
    async call(method) {
      calls.push(method);
      return isBroken && method === 'clients.get' ? fail(bookReadAgain) : ok(method);
    },
    takeFile: async () => fail(bookReadAgain),
    fileToSave: async () => fail(bookReadAgain),
  };
  const door = behindProof(backend, proof.promise);
  expect(await door.call('clients.list', {})).toEqual(ok('clients.list'));
  const created = door.call('clients.create', {});
  const broken = door.call('clients.get', {});
  await new Promise(setImmediate);
  expect(calls).toEqual(['clients.list', 'clients.get']);
  isBroken = false;
  proof.resolve(true);
  expect([await created, await broken]).toEqual([ok('clients.create'), ok('clients.get')]);
});
