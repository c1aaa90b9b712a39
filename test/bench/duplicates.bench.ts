import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBookFiles } from '../../electron/database/book-files.ts';
import { type Book, createBook } from '../../electron/domain/book.ts';
import { createDuplicateIndex } from '../../electron/domain/duplicates/duplicate-index.ts';
import { duplicateSigns, isOneSlipApart } from '../../electron/domain/duplicates/duplicate-keys.ts';
import { createDuplicateScan } from '../../electron/domain/duplicates/duplicate-scan.ts';
import type { Database, Log } from '../../electron/domain/ports.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { writeGeneratedFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure } from './measure.ts';

/**
 * Looking through 10,000 clients and 25,000 contacts for records that may be the same; one in fifty was made twice, with
 * a slip in the name. The peer compares the names of each client and each contact with each, on a sample, and is reckoned
 * up to the whole: what a list without an index would do. That its names were made ready before is in its favour.
 */
export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-bench-duplicates-'));
  try {
    return { name: `duplicates: ${size.clients} clients, ${size.contacts} contacts`, rows: await measure(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const away: Database = { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) };
const clock = fixedClock('2026-06-01T09:00:00.000Z');
const sample = 2000;
const size = { clients: 10_000, contacts: 25_000 };
const twice = { clients: size.clients / 50, contacts: size.contacts / 50 };

async function measure(folder: string): Promise<BenchTable['rows']> {
  await writeGeneratedFolder(folder, {
    clients: size.clients - twice.clients,
    contacts: size.contacts - twice.contacts,
    locations: 0,
  });
  const files = await openBookFiles(folder, { clock, log: quiet });
  const book = createBook(files.opened, {
    journal: files.journal,
    database: away,
    clock,
    actor: () => 'Field staff',
    log: quiet,
    onChanged: () => undefined,
    onUndoState: () => undefined,
  });
  const planted = await makeTwice(book);
  const records = book.counts('clients').live + book.counts('contacts').live;
  const index = createDuplicateIndex(book);
  const scan = createDuplicateScan(book, index, clock);

  let longest = 0;
  let last = ownTime();
  const watching = setInterval(() => {
    const now = ownTime();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const begun = performance.now();
  scan.start();
  while (scan.state().status === 'running') await new Promise((resolve) => setTimeout(resolve, 5));
  const { total } = await scan.groups(null, 0, 50);
  const ms = performance.now() - begun;
  clearInterval(watching);
  let found = 0;
  for (let offset = 0; offset < total; offset += 500) {
    for (const { records } of (await scan.groups(null, offset, 500)).groups) {
      const ids = new Set(records.map(({ id }) => id));
      found += records.filter(({ id }) => ids.has(planted.get(id) ?? '')).length;
    }
  }

  const names = [...book.all('contacts')].slice(0, sample).map((contact) => duplicateSigns('contacts', contact).name);
  const peerBegun = performance.now();
  let alike = 0;
  for (let left = 0; left < names.length; left += 1) {
    for (let right = left + 1; right < names.length; right += 1) {
      const [one = '', two = ''] = [names[left], names[right]];
      if (one === two || isOneSlipApart(one, two)) alike += 1;
    }
  }
  const peer = (performance.now() - peerBegun) * ((size.clients ** 2 + size.contacts ** 2) / sample ** 2);
  if (alike === 0) throw new Error('The generated book has no names that are alike');
  await files.close();
  return [
    figure(`look through ${records} records, index included`, ms, 'ms', '≤ 5000', ms <= 5000),
    figure('groups found', total, '', '', null),
    figure(`of ${planted.size} records made twice, found with the other`, found, '', `${planted.size}`, found === planted.size),
    figure('longest main worked at once meanwhile', longest, 'ms', '≤ 50', longest <= 50),
    figure(`peer: names of each with each, reckoned from a sample of ${sample}`, peer, 'ms', '', null),
    figure('the peer against the look through', peer / ms, '×', '', null),
  ];
}

/** Enters some clients and contacts a second time, as a hasty person would. Which is the copy of which. */
async function makeTwice(book: Book): Promise<Map<string, string>> {
  const copyOf = new Map<string, string>();
  const some = <T>(all: Iterable<T>, count: number) => [...all].slice(0, count);
  const clients = some(book.all('clients'), twice.clients);
  const contacts = some(book.all('contacts'), twice.contacts);
  await book.run('clients.create', null, (tx) => {
    for (const { id, name, phone, website } of clients) copyOf.set(tx.create('clients', { name: withSlip(name), phone, website }).id, id);
    for (const { id, clientId, firstName, lastName, email } of contacts)
      copyOf.set(tx.create('contacts', { clientId, firstName: withSlip(firstName ?? ''), lastName, email }).id, id);
  });
  return copyOf;
}

/** Two letters in the middle swapped. */
function withSlip(name: string): string {
  const at = Math.floor(name.length / 2);
  return `${name.slice(0, at - 1)}${name.charAt(at)}${name.charAt(at - 1)}${name.slice(at + 1)}`;
}

/** Processor time of this thread: what others do on the machine does not count. */
function ownTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
