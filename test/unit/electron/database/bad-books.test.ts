import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { commitRestore, finishRestore, prepareRestore } from '../../../../electron/database/backup-restore.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { createBookCheck } from '../../../../electron/database/book-files-check.ts';
import { openKeptCheck } from '../../../../electron/database/kept-check.ts';
import { createHistoryService } from '../../../../electron/domain/history/history.service.ts';
import { type NounName, nounNames } from '../../../../shared/nouns/nouns.ts';
import { locationItemPriceId } from '../../../../shared/nouns/location-item-price/location-item-price.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { seeded } from '../../../support/seeded.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { temporaryFolder } from './storage-fixture.ts';
import { say } from '../../../../shared/words/say.ts';
import { saidFindings } from '../../../support/said-findings.ts';

/**
 * Books that come from elsewhere, or from damage, as a zip: what is wrong with their records is taken in, found by the
 * check, mended and taken back; what is wrong with the zip is refused, and nothing of it is left. FIELDBOOK_SEED and
 * FIELDBOOK_RUNS repeat and lengthen the random ones.
 */
type Fields = Record<string, unknown>;
type Records = Record<NounName, Fields[]>;

/** A book with a record of nearly every noun, by name. */
async function office() {
  const laptop = await folderBook();
  const { value: ids } = await laptop.book.run('clients.create', null, (tx) => {
    const north = tx.create('clients', { name: 'North' }).id;
    const south = tx.create('clients', { name: 'South' }).id;
    const west = tx.create('clients', { name: 'West' }).id;
    const shop = tx.create('locations', { clientId: north, name: 'Shop' }).id;
    const depot = tx.create('locations', { clientId: north, name: 'Depot' }).id;
    const ada = tx.create('contacts', { clientId: north, lastName: 'Ada' }).id;
    const item = tx.create('itemPrices', { invoiceItem: 'Bread', itemCode: 'B1', defaultPrice: '4.00' }).id;
    const price = tx.create('locationItemPrices', { locationId: shop, itemPriceId: item, customPrice: '3.50' }).id;
    const role = tx.create('locationContacts', { locationId: shop, contactId: ada, startDate: '2025-01-01' }).id;
    const ovens = tx.create('opportunities', { clientId: north, name: 'Ovens' }).id;
    const door = tx.create('cases', { clientId: north, name: 'Door' }).id;
    const task = tx.create('tasks', { clientId: north, title: 'Call', opportunityId: ovens, caseId: door }).id;
    const call = tx.create('activities', { kind: 'comment', body: 'Said hello', about: 'contacts', aboutId: ada }).id;
    const lines = [{ description: 'Visit', quantity: '1', unitPrice: '10.00' }];
    const first = tx.create('invoices', { clientId: north, lines }).id;
    const second = tx.create('invoices', { clientId: north, lines }).id;
    const third = tx.create('invoices', { clientId: south, lines }).id;
    [first, second, third].forEach((id, at) => {
      tx.set('invoices', id, { number: `K7M4X-00000${at + 1}`, status: 'sent', issueDate: '2026-03-01' });
    });
    const founded = tx.create('ownFields', { noun: 'clients', label: 'Founded', fieldKind: 'number' }).id;
    const size = tx.create('ownFields', { noun: 'clients', label: 'Size', fieldKind: 'choice', choices: ['Small'] }).id;
    return { north, south, west, shop, depot, ada, item, price, role, ovens, door, task, call, first, second, third, founded, size };
  });
  return { laptop, ids };
}

type Ids = Awaited<ReturnType<typeof office>>['ids'];

/** The book as a zip, with its files changed and the manifest right again unless `manifest` says otherwise. */
async function zipOf(
  laptop: FolderBook,
  change: (files: Record<string, Uint8Array>) => void,
  manifestOf: (manifest: Fields) => Fields = (manifest) => manifest,
): Promise<string> {
  const path = join(await temporaryFolder(), 'book.zip');
  const { head, ...source } = laptop.source();
  await writeArchive(path, { ...source, head: { ...head, reason: 'manual' } });
  const files = unzipSync(await readFile(path));
  change(files);
  const manifest = JSON.parse(strFromU8(files['manifest.json'] as Uint8Array)) as { counts: Fields; files: Record<string, Fields> };
  for (const name of Object.keys(manifest.files)) {
    const bytes = files[name] as Uint8Array;
    const lines = strFromU8(bytes).split('\n').length - 1;
    manifest.files[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, lines };
    const noun = /^records\/(\w+)\.ndjson$/.exec(name)?.[1];
    if (noun !== undefined) manifest.counts[noun] = lines;
  }
  await writeFile(path, zipSync({ ...files, 'manifest.json': strToU8(JSON.stringify(manifestOf(manifest))) }));
  return path;
}

function linesOf(files: Record<string, Uint8Array>, name: string): Fields[] {
  const text = strFromU8(files[name] as Uint8Array).trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Fields);
}

function putLines(files: Record<string, Uint8Array>, name: string, lines: readonly Fields[]): void {
  files[name] = strToU8(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** Changes the records in the zip as no command could. */
const withRecords = (plant: (records: Records) => void) => (files: Record<string, Uint8Array>) => {
  const records = Object.fromEntries(nounNames.map((noun) => [noun, linesOf(files, `records/${noun}.ndjson`)])) as Records;
  plant(records);
  for (const noun of nounNames) putLines(files, `records/${noun}.ndjson`, records[noun]);
};

/** Brings the zip into a folder of its own, as a restore does, and opens it there. */
async function broughtIn(path: string): Promise<FolderBook> {
  const folder = await temporaryFolder();
  await prepareRestore(folder, await openArchive(path), quietLog);
  await commitRestore(folder, { kind: 'import', madeAt: '2026-03-04T09:00:00.000Z', backup: null });
  await finishRestore(folder, quietLog);
  return folderBook(folder);
}

async function checkOf(laptop: FolderBook) {
  const check = createBookCheck({
    dataFolder: laptop.folder,
    book: laptop.book,
    files: laptop.files,
    store: await openBackupStore(join(laptop.folder, 'backups'), quietLog),
    attachments: createAttachments(laptop.folder, { log: quietLog }),
    today: () => '2026-03-04',
    now: () => laptop.clock.now(),
    database: null,
    kept: await openKeptCheck(laptop.folder, quietLog),
    log: quietLog,
  });
  const all = async () => saidFindings((await check.run({})).findings);
  /** What the rules find. That what was planted is not in the history either is found too, and has its own tests. */
  const findings = async () => (await all()).filter(({ id }) => !/^(history|lost):/.test(id));
  return { check, all, findings };
}

/** Everything the book says, without what every operation moves on. What was made and taken back is deleted. */
function said({ book }: FolderBook, known: ReadonlySet<string> | null = null) {
  return nounNames.flatMap((noun) =>
    [...book.all(noun)]
      .filter(({ id, deletedAt }) => known === null || known.has(id) || deletedAt === null)
      .toSorted((left, right) => (left.id < right.id ? -1 : 1))
      .map(({ stamps: _, updatedAt: __, updatedBy: ___, ...record }) => [noun, record] as const),
  );
}

interface Fault {
  what: string;
  plant: (records: Records, ids: Ids) => void;
  /** Kinds of the findings, each as often as it is found. */
  kinds: string[];
  text: RegExp;
  mend: RegExp | null;
  /** What the book says where it was mended. */
  after?: (book: FolderBook['book'], ids: Ids) => void;
}

const one = (records: Records, noun: NounName, id: string) => records[noun].find((record) => record['id'] === id) as Fields;
const gone = 'not-in-the-book';

const faults: Fault[] = [
  {
    what: 'an own price under an id that its location and item do not make',
    plant: (records, ids) => Object.assign(one(records, 'locationItemPrices', ids.price), { id: 'stray' }),
    kinds: ['no-history', 'place'],
    text: /stands in a place that is not its own/,
    mend: /^Put it into its place/,
    after: (book, ids) => {
      const place = book.get('locationItemPrices', locationItemPriceId(ids.shop, ids.item));
      expect(place).toMatchObject({ customPrice: '3.50', deletedAt: null });
      expect(book.get('locationItemPrices', 'stray')).toMatchObject({ mergedInto: place?.id });
    },
  },
  {
    what: 'two own prices of one location and item',
    plant: (records, ids) =>
      records.locationItemPrices.push({ ...one(records, 'locationItemPrices', ids.price), id: 'second', customPrice: '9.99' }),
    kinds: ['no-history', 'place'],
    text: /second one for the same location and item/,
    mend: /^Keep the one that counts today/,
    after: (book, ids) => expect(book.get('locationItemPrices', ids.price)).toMatchObject({ customPrice: '3.50', deletedAt: null }),
  },
  {
    what: 'an invoice whose number is taken',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.third), { number: 'k7m4x-000002' }),
    kinds: ['twice'],
    text: /has the same e-mail, code or number as "K7M4X-000002"\. Each number is given once/,
    mend: /number of its own.*Tell the client/,
    after: (book, ids) => expect(book.get('invoices', ids.third)).toMatchObject({ number: 'k7m4x-000002-2' }),
  },
  {
    what: 'an invoice whose number a deleted one has',
    plant: (records, ids) => {
      Object.assign(one(records, 'invoices', ids.second), { deletedAt: '2026-03-02T09:00:00.000Z' });
      Object.assign(one(records, 'invoices', ids.third), { number: 'K7M4X-000002' });
    },
    kinds: ['twice'],
    text: /same e-mail, code or number/,
    mend: /number of its own/,
  },
  {
    what: 'an issued invoice without a number',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.third), { number: null }),
    kinds: ['no-number'],
    text: /^The invoice of 2026-03-01 over 10\.00 USD is issued and has no number\.$/,
    mend: /^Make it a draft again/,
  },
  {
    what: 'a draft that has a number',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.third), { status: 'draft', issueDate: null }),
    kinds: ['draft-number'],
    text: /^The invoice "K7M4X-000003" is a draft and has a number, which only issuing gives\.$/,
    mend: /^Take the number away/,
    after: (book, ids) => expect(book.get('invoices', ids.third)).toMatchObject({ number: null, status: 'draft' }),
  },
  {
    what: 'an issued invoice that became a draft',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.first), { status: 'draft' }),
    kinds: ['draft-number'],
    text: /is a draft, though it has a number and was issued on 2026-03-01/,
    mend: /^Make it an issued one again/,
    after: (book, ids) => expect(book.get('invoices', ids.first)).toMatchObject({ number: 'K7M4X-000001', status: 'sent' }),
  },
  {
    what: 'a number that another invoice has in another spelling',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.third), { number: 'K7M4X-0000002' }),
    kinds: ['twice'],
    text: /^The invoice "K7M4X-0000002" has the same number as "K7M4X-000002", written otherwise/,
    mend: null,
  },
  {
    what: 'fields that no version knows',
    plant: (records, ids) => {
      Object.assign(one(records, 'clients', ids.north), { favouriteColour: 'red' });
      Object.assign(one(records, 'clients', ids.south), { favouriteColour: 'blue' });
    },
    kinds: ['unknown'],
    text: /^The client "(North|South)" and 1 more of its kind have a field "favouriteColour" that this Fieldbook does not know\. It is kept/,
    mend: null,
  },
  {
    what: 'a gap in the numbers of a device',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.third), { number: 'K7M4X-000007' }),
    kinds: ['number-gap'],
    text: /^Invoices K7M4X-000003 to K7M4X-000006 are not in the book, though K7M4X-000007 is\./,
    // Nothing but a backup has what is missing.
    mend: null,
  },
  {
    what: 'a role that ends before it starts',
    plant: (records, ids) => Object.assign(one(records, 'locationContacts', ids.role), { endDate: '2024-01-01' }),
    kinds: ['rule'],
    text: /breaks a rule: The end date lies before the start date/,
    mend: /^Clear "Until"\. The value stays in the history\.$/,
    after: (book, ids) => expect(book.get('locationContacts', ids.role)).toMatchObject({ startDate: '2025-01-01', endDate: null }),
  },
  {
    what: 'a contact nobody could find again',
    plant: (records, ids) => Object.assign(one(records, 'contacts', ids.ada), { lastName: null }),
    kinds: ['rule'],
    text: /Nobody could find this contact again/,
    mend: /^Give it the name "Found by the check"/,
  },
  {
    what: 'an invoice that is due before it is issued',
    plant: (records, ids) => Object.assign(one(records, 'invoices', ids.first), { dueDate: '2020-01-01' }),
    kinds: ['rule'],
    text: /would be due before it is issued/,
    mend: /^Clear "Due/,
  },
  {
    what: 'a choice with nothing to choose from',
    plant: (records, ids) => Object.assign(one(records, 'ownFields', ids.size), { choices: [] }),
    kinds: ['rule'],
    text: /need something to choose from/,
    mend: /^Make it a field of text/,
  },
  {
    what: 'an e-mail that waits and has nobody to go to',
    plant: (records, ids) =>
      Object.assign(one(records, 'activities', ids.call), {
        kind: 'email',
        body: null,
        subject: 'Offer',
        status: 'scheduled',
        scheduledFor: '2026-03-05T09:00:00.000Z',
      }),
    kinds: ['rule'],
    text: /nobody to go to/,
    mend: /^Make it a draft/,
  },
  ...(
    [
      ['locations', 'depot', 'clientId', /names a client that is not in the book/, /^Put it on a client named "Found by the check"/],
      ['contacts', 'ada', 'clientId', /names a client that is not in the book/, /^Keep it without a client/],
      ['opportunities', 'ovens', 'clientId', /names a client that is not in the book/, /^Put it on a client named/],
      ['cases', 'door', 'clientId', /names a client that is not in the book/, /^Put it on a client named/],
      ['invoices', 'third', 'clientId', /names a client that is not in the book/, /^Put it on a client named/],
      ['invoices', 'third', 'locationId', /names a location that is not in the book/, /^Keep it without a location/],
      ['tasks', 'task', 'clientId', /names a client that is not in the book/, /^Keep it without a client/],
      ['tasks', 'task', 'opportunityId', /names a opportunity that is not in the book/, /^Keep it without a opportunity/],
      ['tasks', 'task', 'caseId', /names a case that is not in the book/, /^Keep it without a case/],
      ['locationContacts', 'role', 'locationId', /names a location that is not in the book/, /^Delete it as well/],
      ['locationContacts', 'role', 'contactId', /names a contact that is not in the book/, /^Delete it as well/],
      ['activities', 'call', 'aboutId', /names a contact that is not in the book/, /^Put it on a client named/],
    ] as const
  ).map(
    ([noun, id, field, text, mend]): Fault => ({
      what: `${noun} whose ${field} names nothing`,
      plant: (records, ids) => Object.assign(one(records, noun, ids[id]), { [field]: gone }),
      kinds: [`link.${field}`],
      text,
      mend,
    }),
  ),
  {
    what: 'an own price of an item that is gone',
    plant: (records, ids) =>
      Object.assign(one(records, 'locationItemPrices', ids.price), { itemPriceId: gone, id: locationItemPriceId(ids.shop, gone) }),
    kinds: ['link.itemPriceId', 'no-history'],
    text: /names a item price that is not in the book/,
    mend: /^Delete it as well/,
  },
  {
    what: 'an activity about something that no Fieldbook has',
    plant: (records, ids) => Object.assign(one(records, 'activities', ids.call), { about: 'spaceships' }),
    kinds: ['link.aboutId', 'value.about'],
    text: /names a record that is not in the book/,
    mend: /^Put it on a client named "Found by the check"/,
    after: (book, ids) => expect(book.get('activities', ids.call)).toMatchObject({ about: 'clients', body: 'Said hello', deletedAt: null }),
  },
  {
    what: 'a child that is there though its client is deleted',
    plant: (records, ids) => {
      Object.assign(one(records, 'clients', ids.south), { deletedAt: '2026-03-02T09:00:00.000Z' });
      // An issued invoice outlives its client; a draft does not.
      Object.assign(one(records, 'invoices', ids.third), { number: null, status: 'draft', issueDate: null });
    },
    kinds: ['link.clientId'],
    text: /is still there, though the client it belongs to is deleted/,
    mend: /^Delete it as well/,
  },
  {
    what: 'merges that go in a circle',
    plant: (records, ids) => {
      const deletedAt = '2026-03-02T09:00:00.000Z';
      Object.assign(one(records, 'clients', ids.west), { mergedInto: 'other-west', deletedAt });
      records.clients.push({ ...one(records, 'clients', ids.west), id: 'other-west', mergedInto: ids.west });
    },
    kinds: ['merged', 'merged', 'no-history'],
    text: /was merged into a client that was merged into it in turn/,
    mend: /^Keep it among the deleted ones/,
    after: (book, ids) =>
      expect([book.get('clients', ids.west)?.mergedInto, book.get('clients', 'other-west')?.mergedInto]).toContain(null),
  },
  {
    what: 'values of own fields that do not fit any more',
    plant: (records, ids) => Object.assign(one(records, 'clients', ids.north), { custom: { Founded: 'long ago', Size: 'Huge', Route: 7 } }),
    kinds: ['own.Founded', 'own.Size'],
    text: /has "(long ago|Huge)" in the own field "(Founded|Size)", which does not take that\./,
    mend: /^Clear the field\. The value stays in the history\.$/,
    after: (book, ids) => expect(book.get('clients', ids.north)?.custom).toEqual({ Founded: null, Size: null, Route: 7 }),
  },
  {
    what: 'two own fields that keep their values under one name',
    plant: (records, ids) => records.ownFields.push({ ...one(records, 'ownFields', ids.founded), id: 'again', label: 'Year' }),
    kinds: ['no-history', 'twice'],
    text: /keeps its values under the same name/,
    mend: /^Delete this one\. The values stay/,
  },
  {
    what: 'a file whose content nobody has',
    plant: (records, ids) =>
      Object.assign(one(records, 'activities', ids.call), {
        kind: 'attachment',
        body: null,
        fileName: 'offer.pdf',
        size: 3,
        sha256: 'ab'.repeat(32),
      }),
    kinds: ['attachment'],
    text: /The attached file "offer\.pdf" is not in the data folder any more/,
    mend: /^Mark it as missing/,
  },
  {
    what: 'a file whose checksum is none',
    plant: (records, ids) =>
      Object.assign(one(records, 'activities', ids.call), {
        kind: 'attachment',
        body: null,
        fileName: 'offer.pdf',
        size: 3,
        sha256: '../../etc/passwd',
      }),
    kinds: ['attachment', 'value.sha256'],
    text: /attached file "offer\.pdf"|not in its form/,
    mend: /^(Mark it as missing|Clear the field)/,
  },
];

describe('A book with a fault', () => {
  it.each(faults)('is found to have $what, mended, and that is undone and done again', async ({ plant, kinds, text, mend, after }) => {
    const { laptop, ids } = await office();
    let book = await broughtIn(
      await zipOf(
        laptop,
        withRecords((records) => plant(records, ids)),
      ),
    );
    const before = said(book);
    const known = new Set(nounNames.flatMap((noun) => [...book.book.all(noun)].map(({ id }) => id)));
    let { check, findings } = await checkOf(book);
    const found = await findings();
    expect(found.map(({ id }) => id.replace(/:[^:]*$/, '')).toSorted()).toEqual(kinds);
    const ofIt = found.filter(({ id }) => !id.startsWith('no-history') && !id.startsWith('value.about'));
    for (const finding of ofIt) {
      expect(finding.text).toMatch(text);
      expect(finding.text).toMatch(/^[A-Z][^]*\.$/);
    }
    if (mend === null) {
      expect(ofIt.map((finding) => finding.mend)).toEqual(ofIt.map(() => null));
      return;
    }
    for (const finding of ofIt) expect(finding.mend).toMatch(mend);
    expect(await check.mend(ofIt.map(({ id }) => id))).toMatchObject({ mended: ofIt.length });
    const left = async () => (await findings()).filter(({ id }) => !id.startsWith('no-history'));
    expect(await left()).toEqual([]);
    after?.(book.book, ids);
    const mended = said(book);

    // The whole of it, also over a restart: to the very fault, and away from it again.
    const reopened = async () => {
      await book.close();
      book = await folderBook(book.folder, undefined, book.database);
      ({ check, findings } = await checkOf(book));
      return createHistoryService(book.book, book.clock);
    };
    await (await reopened()).undo(null);
    expect(said(book, known)).toEqual(before);
    // Taking it back is history too.
    const asPlanted = found.filter(({ id }) => !id.startsWith('no-history'));
    expect((await left()).map(({ id }) => id).toSorted()).toEqual(asPlanted.map(({ id }) => id).toSorted());
    await (await reopened()).redo();
    expect(said(book)).toEqual(mended);
    expect(await left()).toEqual([]);

    // With what differs from the history mended as well, nothing is left that could be.
    const { check: last, all } = await checkOf(book);
    for (let turn = 0; turn < 3; turn += 1) await last.mend((await all()).map(({ id }) => id));
    expect((await all()).filter((finding) => finding.mend !== null)).toEqual([]);
  });

  it('that has them all is mended in one step, with one client for what has lost its own', async () => {
    const { laptop, ids } = await office();
    const orphans = faults.filter(({ what }) => /whose clientId names nothing/.test(what));
    const book = await broughtIn(
      await zipOf(
        laptop,
        withRecords((records) => orphans.forEach(({ plant }) => plant(records, ids))),
      ),
    );
    const { check, findings } = await checkOf(book);
    await check.mend((await findings()).map(({ id }) => id));
    expect([...book.book.all('clients')].filter(({ name }) => name === 'Found by the check')).toHaveLength(1);
    expect(await findings()).toEqual([]);
  });
});

describe('A zip that is not what a book is', () => {
  const names = async (folder: string) => (await readdir(folder)).toSorted();

  /** Tries to bring it in beside a book; nothing of it may be left. */
  async function refused(path: string) {
    const there = await folderBook();
    await there.add('Mine');
    const before = [said(there), await names(there.folder)];
    let problem: { code: string; message: string } | null = null;
    try {
      const archive = await openArchive(path);
      await archive.verify();
      await prepareRestore(there.folder, archive, quietLog);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problem = { code: error.problem.code, message: say(error.problem) };
    }
    expect([said(there), await names(there.folder)]).toEqual(before);
    expect(await finishRestore(there.folder, quietLog)).toBeNull();
    return problem;
  }

  const bad: [what: string, path: (laptop: FolderBook) => Promise<string>, message: RegExp][] = [
    [
      'has other counts than it says',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => ({ ...manifest, counts: { ...(manifest['counts'] as Fields), clients: 2 } }),
        ),
      /damaged or incomplete/,
    ],
    [
      'has other bytes than its checksums say',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => {
            const files = manifest['files'] as Record<string, Fields>;
            return {
              ...manifest,
              files: { ...files, 'records/clients.ndjson': { ...files['records/clients.ndjson'], sha256: '0'.repeat(64) } },
            };
          },
        ),
      /damaged or incomplete/,
    ],
    [
      'is cut off',
      async (laptop) => {
        const path = await zipOf(laptop, () => undefined);
        await writeFile(path, (await readFile(path)).subarray(0, 2000));
        return path;
      },
      /damaged or incomplete/,
    ],
    [
      'names a place outside of itself',
      async (laptop) => {
        const path = await zipOf(laptop, () => undefined);
        await writeFile(path, zipSync({ ...unzipSync(await readFile(path)), '../../.bashrc': strToU8('echo hello') }));
        return path;
      },
      /names places outside of itself/,
    ],
    [
      'names an attached file outside of itself',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => ({
            ...manifest,
            attachments: [{ name: '../../settings.json', sha256: 'ab'.repeat(32), bytes: 3, isInside: true }],
          }),
        ),
      /damaged or incomplete/,
    ],
    [
      'says that it unpacks to more than a disk holds',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => {
            const files = manifest['files'] as Record<string, Fields>;
            return { ...manifest, files: { ...files, 'records/clients.ndjson': { ...files['records/clients.ndjson'], bytes: 9e14 } } };
          },
        ),
      /holds more than a book can/,
    ],
    [
      'says that an attached file is larger than any',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => ({
            ...manifest,
            attachments: [{ name: 'ab'.repeat(32), sha256: 'ab'.repeat(32), bytes: 9e14, isInside: true }],
          }),
        ),
      /holds more than a book can/,
    ],
    [
      'unpacks to more than it says',
      async (laptop) => {
        const path = await zipOf(laptop, () => undefined);
        await writeFile(path, zipSync({ ...unzipSync(await readFile(path)), 'operations.ndjson': new Uint8Array(20_000_000) }));
        return path;
      },
      /holds more than it says/,
    ],
    [
      'counts more operations than anybody could do',
      (laptop) =>
        zipOf(
          laptop,
          () => undefined,
          (manifest) => ({ ...manifest, seq: 9e14 }),
        ),
      /damaged or incomplete/,
    ],
    [
      'carries a change from the end of time, after which no other could come',
      (laptop) =>
        zipOf(
          laptop,
          withRecords((records) => Object.assign(records.clients[0] as Fields, { stamps: { '*': 'ffffffffffffffff-other' } })),
        ),
      /damaged or incomplete/,
    ],
    [
      'has a number where a text belongs',
      (laptop) =>
        zipOf(
          laptop,
          withRecords((records) => Object.assign(records.contacts[0] as Fields, { lastName: 7 })),
        ),
      /damaged or incomplete/,
    ],
    [
      'has a number where a text belonged, which an undo would bring back',
      (laptop) =>
        zipOf(laptop, (files) => {
          const operations = linesOf(files, 'operations.ndjson');
          const changes = operations.flatMap((operation) => operation['changes'] as { after: Fields }[]);
          Object.assign((changes[0] as { after: Fields }).after, { deletedAt: 7 });
          putLines(files, 'operations.ndjson', operations);
        }),
      /damaged or incomplete/,
    ],
    [
      'has one record twice',
      (laptop) =>
        zipOf(
          laptop,
          withRecords((records) => records.clients.push(records.clients[0] as Fields)),
        ),
      /damaged or incomplete/,
    ],
  ];

  it.each(bad)('because it %s is refused in plain words, and nothing of it is brought in', async (_, make, message) => {
    const { laptop } = await office();
    expect(await refused(await make(laptop))).toMatchObject({ code: 'ARCHIVE_DAMAGED', message: expect.stringMatching(message) });
  });

  const rounds = Number(process.env['FIELDBOOK_RUNS'] ?? 150);
  it(`changed in any value, in ${rounds} ways, is refused whole, or is a book that can be opened, checked and mended`, async () => {
    const { laptop } = await office();
    const random = seeded('bad books');
    const values: unknown[] = [
      null,
      '',
      'x',
      0,
      -1,
      1e300,
      true,
      [],
      {},
      [null],
      'nobody',
      '2026-13-45',
      '\u0000',
      '__proto__',
      { a: { b: 1 } },
    ];
    const outcomes = { refused: 0, opened: 0, mended: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const what = `round ${round}, seed ${random.seed}`;
      const path = await zipOf(laptop, (files) => {
        const candidates = [...nounNames.map((noun) => `records/${noun}.ndjson`), 'operations.ndjson'].filter(
          (name) => linesOf(files, name).length > 0,
        );
        const name = candidates[random.below(candidates.length)] as string;
        const lines = linesOf(files, name);
        const line = lines[random.below(lines.length)] as Fields;
        const fields = Object.keys(line);
        const field = fields[random.below(fields.length)] as string;
        if (random.below(6) === 0) delete line[field];
        else line[field] = values[random.below(values.length)];
        if (random.below(8) === 0) lines.splice(random.below(lines.length), 1);
        putLines(files, name, lines);
      });
      let book: FolderBook;
      try {
        book = await broughtIn(path);
      } catch (error) {
        expect(error, what).toBeInstanceOf(ProblemError);
        outcomes.refused += 1;
        continue;
      }
      outcomes.opened += 1;
      const { check, all } = await checkOf(book);
      const mends = (await all()).filter(({ mend }) => mend !== null);
      if (mends.length > 0) {
        const before = said(book);
        const known = new Set(nounNames.flatMap((noun) => [...book.book.all(noun)].map(({ id }) => id)));
        const { mended } = await check.mend(mends.map(({ id }) => id));
        outcomes.mended += mended;
        const history = createHistoryService(book.book, book.clock);
        if (book.book.stacks().undo.at(-1)?.command === 'safety.mend') {
          await history.undo(null);
          expect(said(book, known), what).toEqual(before);
        }
      }
      await book.close();
      const again = await folderBook(book.folder);
      expect((await (await checkOf(again)).findings()).length, what).toBeGreaterThanOrEqual(0);
      await again.close();
    }
    process.stdout.write(`${JSON.stringify(outcomes)}\n`);
    expect(outcomes.refused).toBeGreaterThan(0);
    expect(outcomes.mended).toBeGreaterThan(0);
  }, 180_000);
});
