import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { prepareRestore } from '../../../../electron/database/backup-restore.ts';
import { operationRow } from '../../../../electron/database/collections.ts';
import { type DataKeys, keyFileName, openDataKeys } from '../../../../electron/database/data-key.ts';
import { createSecretBox } from '../../../../electron/database/secret-box.ts';
import type { Platform } from '../../../../electron/platform/platform.ts';
import { isSealed } from '../../../../shared/nouns/secret.ts';
import { openLaptop, quietLog } from '../../../support/opened-book.ts';
import { checkProperty } from '../../../support/property.ts';
import { temporaryFolder } from './storage-fixture.ts';
import { saidNotices } from '../../../support/said-notices.ts';

type Keychain = Platform['keychain'];

/** The keychain of one person on one computer. */
function keychain(owner: string, strength: 'os' | 'weak' = 'os'): Keychain {
  const turn = (text: string) => Buffer.from(Buffer.from(text, 'latin1').map((byte, at) => byte ^ owner.charCodeAt(at % owner.length)));
  return {
    strength: () => Promise.resolve(strength),
    seal: async (plain) => `${Buffer.from(owner).toString('hex')}.${turn(plain).toString('hex')}`,
    open: async (sealed) => {
      const [sealedBy, text = ''] = sealed.split('.');
      if (sealedBy !== Buffer.from(owner).toString('hex')) throw new Error('The keychain is another');
      return turn(Buffer.from(text, 'hex').toString('latin1')).toString('latin1');
    },
  };
}
const noKeychain: Keychain = {
  strength: async () => 'none',
  seal: () => Promise.reject(new Error('none')),
  open: () => Promise.reject(new Error('none')),
};

const boxWith = (chain: Keychain) => async (folder: string) => createSecretBox(await openDataKeys(folder, chain, quietLog));
const account = '70011223344556677';
const banking = { bankName: 'Canary Savings Bank', accountNumber: account, accountType: 'savings' };

/** Every file below the folder whose bytes hold the text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

/** A book with one client that has banking data, in the journal and in a checkpoint. */
async function bookWithBanking(chain: Keychain) {
  const laptop = await openLaptop({ secrets: boxWith(chain) });
  const { record } = await laptop.clients.create({ name: 'Harbor Bakery', banking });
  await laptop.clients.change(record.id, { banking: { branchCode: '250655-KEEP' } });
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  await laptop.clients.change(record.id, { banking: { routingNumber: '99887766554' } });
  return { laptop, id: record.id };
}

describe('banking data at rest', () => {
  it('is in no file of the data folder, and is there again after a restart', async () => {
    const { laptop, id } = await bookWithBanking(keychain('ada'));
    const again = await laptop.reopen();
    for (const text of [account, 'Canary Savings', '250655-KEEP', '99887766554']) expect(await filesWith(again.folder, text)).toEqual([]);
    expect(await filesWith(again.folder, 'sealed:v1:'), 'journal and checkpoint').toHaveLength(2);
    expect(again.banking(id)).toMatchObject({ ...banking, branchCode: '250655-KEEP', routingNumber: '99887766554' });
    expect(again.files.notices).toEqual([]);
    await again.history.undo(null);
    expect(again.banking(id)).toMatchObject({ accountNumber: account, routingNumber: null });
    expect(await filesWith(again.folder, '99887766554')).toEqual([]);
  });

  it('is masked in history and views, and not found by a search', async () => {
    const { laptop, id } = await bookWithBanking(keychain('ada'));
    const shown = JSON.stringify([
      await laptop.history.ofRecord('clients', id, 20),
      laptop.clients.get(id),
      await laptop.search.find('70011223344556677', 20),
    ]);
    expect(shown).toContain('•••• 6677');
    for (const text of [account, 'Canary Savings', '250655-KEEP', '99887766554']) expect(shown).not.toContain(text);
    expect(JSON.stringify(await laptop.search.find('Canary', 20))).not.toContain(id);
    expect(JSON.stringify(await laptop.search.find('Harbor', 20)), 'the search itself works').toContain(id);
  });

  it('written by an older version as it is, is read, and sealed in the next checkpoint', async () => {
    const laptop = await openLaptop();
    const { record } = await laptop.clients.create({ name: 'Harbor Bakery', banking });
    await laptop.files.writeCheckpoint(laptop.book.snapshot());
    expect(await filesWith(join(laptop.folder, 'checkpoint'), account)).toHaveLength(1);
    const again = await laptop.reopen(boxWith(keychain('ada')));
    expect(again.banking(record.id)).toMatchObject(banking);
    await again.clients.change(record.id, { name: 'Harbor Bakery 2' });
    await again.files.writeCheckpoint(again.book.snapshot());
    const newest = join(again.folder, 'checkpoint', String(again.book.snapshot().seq));
    expect(await filesWith(newest, account)).toEqual([]);
    expect(await filesWith(newest, 'sealed:v1:')).toHaveLength(1);
  });

  it('is sealed in backups too, and comes back with a restore', async () => {
    const { laptop, id } = await bookWithBanking(keychain('ada'));
    const place = await temporaryFolder();
    const path = join(place, 'backup.zip');
    const head = { appVersion: '1.0.0', madeAt: '2026-03-04T09:00:00.000Z', deviceId: 'laptop', reason: 'manual' };
    const source = { head, snapshot: laptop.book.snapshot(), operations: laptop.files.operationsAfter(0), secrets: laptop.files.secrets };
    await writeArchive(path, source);
    const archive = await openArchive(path);
    const operations: unknown[] = [];
    const book = await archive.readBook((part) => void operations.push(...part));
    const unpacked = JSON.stringify([book.records, operations]);
    expect(unpacked).toContain('sealed:v1:');
    expect(unpacked).not.toContain(account);
    await prepareRestore(laptop.folder, archive, quietLog, {}, laptop.files.secrets);
    expect(await filesWith(laptop.folder, account)).toEqual([]);
    const restored = await openLaptop({ folder: join(laptop.folder, 'restore', 'book'), secrets: async () => laptop.files.secrets });
    expect(restored.banking(id)).toMatchObject(banking);
  });

  it('is sealed in the history that backups share, with the same words for each of them, after another start too', async () => {
    const chain = keychain('ada');
    const { laptop: first, id } = await bookWithBanking(chain);
    let laptop = first;
    for (let at = 0; at < 260; at += 1) await laptop.clients.change(id, { banking: { branchCode: `KEEP-${at}` } });
    const backups = join(laptop.folder, 'backups');
    const pieces: string[][] = [];
    for (const madeAt of ['2026-03-04T09:00:00.000Z', '2026-03-05T09:00:00.000Z']) {
      const { secrets, sealedOperations } = laptop.files;
      const head = { appVersion: '1.0.0', madeAt, deviceId: 'laptop' };
      const store = await openBackupStore(backups, quietLog);
      await store.make('manual', { head, snapshot: laptop.book.snapshot(), operations: sealedOperations(), secrets });
      pieces.push(await readdir(join(backups, 'history')));
      laptop = await laptop.reopen();
    }
    expect(pieces[0]).toHaveLength(1);
    expect(pieces[1]).toEqual(pieces[0]);
    const lines = gunzipSync(await readFile(join(backups, 'history', pieces[0]?.[0] ?? ''))).toString('utf8');
    expect(lines).toContain('sealed:v1:');
    expect(lines).not.toContain(account);
  });
});

describe('a key that is not there', () => {
  it.each<[string, (folder: string) => Promise<void>, Keychain, string]>([
    ['in the keychain of somebody else', async () => undefined, keychain('bob'), 'banking-keyClosed'],
    ['in a keychain, and there is none here', async () => undefined, noKeychain, 'banking-keyClosed'],
    ['gone from the folder', (folder) => rm(join(folder, keyFileName)), keychain('ada'), 'banking-keyMissing'],
    ['in a file that is damaged', (folder) => writeFile(join(folder, keyFileName), '{"format":1,'), keychain('ada'), 'banking-keyMissing'],
  ])('%s: says why, loses nothing, and all else can be edited', async (_where, harm, chain, notice) => {
    const { laptop, id } = await bookWithBanking(keychain('ada'));
    const keyFile = await readFile(join(laptop.folder, keyFileName));
    await harm(laptop.folder);
    const locked = await laptop.reopen(boxWith(chain));
    expect(saidNotices(locked.files.notices).find((one) => one.id === notice)?.text).toMatch(
      /^Some banking data cannot be shown on this computer, because /,
    );
    expect(() => locked.banking(id)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'BANKING_LOCKED' }) }));
    expect(locked.clients.get(id).banking).toMatchObject({ accountNumber: '••••', accountType: 'savings' });
    await locked.clients.change(id, { name: 'Harbor Bakery and Café' });
    await locked.clients.change(id, { banking: { bankName: 'New Bank' } });
    expect(locked.banking(id)).toMatchObject({ bankName: 'New Bank', accountNumber: null });
    await locked.files.writeCheckpoint(locked.book.snapshot());

    // What was added meanwhile has a key of its own; both are opened where both can be.
    const own = JSON.parse(await readFile(join(laptop.folder, keyFileName), 'utf8')) as { keys: unknown[] };
    const old = JSON.parse(keyFile.toString()) as { keys: unknown[] };
    const both = [...old.keys, ...own.keys.filter((key) => !JSON.stringify(old).includes(JSON.stringify(key)))];
    const added = await openDataKeys(laptop.folder, chain, quietLog);
    const known = await openKeys(old, keychain('ada'));
    const merged: DataKeys = { ...added, opened: new Map([...added.opened, ...known.opened]), closed: new Set() };
    expect(both).toHaveLength(2);
    const again = await locked.reopen(async () => createSecretBox(merged));
    expect(again.banking(id)).toMatchObject({ ...banking, bankName: 'New Bank', branchCode: '250655-KEEP', routingNumber: '99887766554' });
    expect(again.clients.get(id).name).toBe('Harbor Bakery and Café');
  });

  it('is never written over: the damaged file stays beside the new one', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, keyFileName), 'not a key');
    await openDataKeys(folder, keychain('ada'), quietLog);
    const names = (await readdir(folder)).filter((name) => name.startsWith(`${keyFileName}.damaged-`));
    expect(names).toHaveLength(1);
    expect(await readFile(join(folder, names[0] ?? ''), 'utf8')).toBe('not a key');
  });
});

async function openKeys(file: unknown, chain: Keychain): Promise<DataKeys> {
  const folder = await temporaryFolder();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, keyFileName), JSON.stringify(file));
  return openDataKeys(folder, chain, quietLog);
}

describe('the key', () => {
  it('lies in the folder only sealed, where the system has a keychain, and nothing is to be said', async () => {
    const folder = await temporaryFolder();
    const keys = await openDataKeys(folder, keychain('ada'), quietLog);
    expect(keys.protection).toBe('os');
    expect(await filesWith(folder, keys.current.bytes.toString('base64'))).toEqual([]);
    expect((await openDataKeys(folder, keychain('ada'), quietLog)).current).toEqual(keys.current);
  });

  it.each([
    ['none', noKeychain, 'its key lies beside it in the data folder'],
    ['a weak one', keychain('ada', 'weak'), 'no keychain that protects the key well'],
  ])(
    'with %s instead of a keychain is for the owner of the folder only, and that is said once there is banking data',
    async (_what, chain, text) => {
      const laptop = await openLaptop({ secrets: boxWith(chain) });
      expect(laptop.files.notices).toEqual([]);
      expect((await stat(join(laptop.folder, keyFileName))).mode & 0o777).toBe(0o600);
      await laptop.clients.create({ name: 'Harbor Bakery', banking });
      expect(saidNotices(laptop.files.notices)).toEqual([{ id: 'banking-key', level: 'warning', text: expect.stringContaining(text) }]);
      expect((await laptop.reopen()).files.notices, 'and after a restart').toHaveLength(1);
      expect(await filesWith(laptop.folder, account)).toEqual([]);
    },
  );

  it('from a time without a keychain stays the same and is sealed as soon as there is one', async () => {
    const folder = await temporaryFolder();
    const before = await openDataKeys(folder, noKeychain, quietLog);
    const after = await openDataKeys(folder, keychain('ada'), quietLog);
    expect(after).toMatchObject({ current: before.current, protection: 'os' });
    expect(await filesWith(folder, before.current.bytes.toString('base64'))).toEqual([]);
  });
});

describe('a sealed text', () => {
  const box = async () => createSecretBox(await openDataKeys(await temporaryFolder(), keychain('ada'), quietLog));

  it('is opened to what it was, whatever it was, and sealed differently each time', async () => {
    const secrets = await box();
    const texts = fc.record({
      accountNumber: fc.string({ unit: 'binary' }),
      bankName: fc.option(fc.string()),
      accountType: fc.constant('savings'),
    });
    checkProperty(
      fc.property(fc.uuid(), texts, (id, value) => {
        const sealed = secrets.sealFields('clients', id, { name: 'x', banking: value });
        expect(isSealed(sealed.banking.accountNumber)).toBe(true);
        expect(sealed.banking.accountType).toBe('savings');
        expect(secrets.openFields('clients', id, structuredClone(sealed))).toEqual({ name: 'x', banking: value });
        const other = secrets.sealFields('clients', id, { name: 'x', banking: { ...value } });
        expect(other.banking.accountNumber).not.toBe(sealed.banking.accountNumber);
      }),
    );
  });

  it('that was altered, or taken from another record or field, stays shut, and the others open', async () => {
    const secrets = await box();
    const { banking: sealed } = secrets.sealFields('clients', 'one', { banking: { accountNumber: account, bankName: 'Harbor Bank' } });
    const opened = (id: string, value: object) => secrets.openFields('clients', id, { banking: value }).banking;
    const at = sealed.accountNumber.length - 10;
    const altered = `${sealed.accountNumber.slice(0, at)}${sealed.accountNumber[at] === 'A' ? 'B' : 'A'}${sealed.accountNumber.slice(at + 1)}`;
    expect(secrets.notices()).toEqual([]);
    expect(opened('one', { ...sealed, accountNumber: altered })).toEqual({ accountNumber: altered, bankName: 'Harbor Bank' });
    expect(secrets.notices()).toMatchObject([{ id: 'banking-altered', level: 'warning' }]);
    expect(opened('two', { ...sealed })).toEqual(sealed);
    expect(opened('one', { accountNumber: sealed.bankName })).toEqual({ accountNumber: sealed.bankName });
    expect(opened('one', { ...sealed })).toEqual({ accountNumber: account, bankName: 'Harbor Bank' });
  });

  it('is made for nothing that has no secret: the same object comes back', async () => {
    const secrets = await box();
    const plain = { name: 'Harbor Bakery', banking: null };
    expect(secrets.sealFields('clients', 'one', plain)).toBe(plain);
    expect(secrets.openFields('clients', 'one', plain)).toBe(plain);
  });

  it('is what the database gets of an operation', async () => {
    const { laptop, id } = await bookWithBanking(keychain('ada'));
    for await (const operations of laptop.files.operationsAfter(0)) {
      expect(JSON.stringify(operations), 'plain in memory').toContain(account);
      const rows = operations.map((operation) => operationRow(laptop.files.secrets.sealOperation(operation), 'key'));
      expect(JSON.stringify(rows)).toContain(id);
      expect(JSON.stringify(rows)).not.toContain(account);
    }
  });
});
