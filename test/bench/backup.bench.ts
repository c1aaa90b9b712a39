import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitRestore, finishRestore, prepareRestore } from '../../electron/database/backup-restore.ts';
import { openBackupStore, testEvery } from '../../electron/database/backup-store.ts';
import { openArchive, writeArchive } from '../../electron/database/book-archive.ts';
import { openBookFiles } from '../../electron/database/book-files.ts';
import { createAttachments } from '../../electron/database/attachments.ts';
import { createBookCheck } from '../../electron/database/book-files-check.ts';
import { openKeptCheck } from '../../electron/database/kept-check.ts';
import { createBook } from '../../electron/domain/book.ts';
import type { Database, Log } from '../../electron/domain/ports.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { benchSize } from '../support/generated-book.ts';
import { writeWholeFolder } from '../support/generated-folder.ts';
import { type BenchTable, figure } from './measure.ts';

/** Backup, restore and check of the book with every noun, in main alone: neither needs the database. */
export async function run(): Promise<BenchTable> {
  const home = await mkdtemp(join(tmpdir(), 'fieldbook-bench-backup-'));
  try {
    return { name: 'backup, restore and check of the whole book', rows: await measure(join(home, 'book')) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const away: Database = { apply: () => Promise.resolve(), operations: () => Promise.resolve([]) };
const clock = fixedClock('2026-06-01T09:00:00.000Z');

async function open(folder: string) {
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
  return { files, book };
}

async function measure(folder: string): Promise<BenchTable['rows']> {
  await writeWholeFolder(folder, benchSize);
  const { files, book } = await open(folder);
  const records = nounNames.reduce((sum, noun) => sum + book.snapshot().records[noun].length, 0);
  const head = { appVersion: '1.0.0', madeAt: new Date(clock.now()).toISOString(), deviceId: files.opened.deviceId };
  const source = () => ({ head, snapshot: book.snapshot(), operations: files.operationsAfter(0) });
  const rows: BenchTable['rows'] = [];
  const store = await openBackupStore(join(folder, 'backups'), quiet);

  const path = join(folder, 'export.zip');
  const written = await timed(() => writeArchive(path, { ...source(), head: { ...head, reason: 'manual' } }));
  const megabytes = (await stat(path)).size / 1e6;
  rows.push(figure(`write the archive (${records} records)`, written.ms, 'ms', '', null));
  rows.push(figure('its size', megabytes, 'MB', '', null));
  rows.push(figure('longest main worked at once meanwhile', written.longestMs, 'ms', '≤ 50', written.longestMs <= 50));
  rows.push(figure('memory above the open book meanwhile', written.peakMb, 'MB', '', null));
  const verified = await timed(async () => (await openArchive(path)).verify());
  rows.push(figure('read it back against its checksums', verified.ms, 'ms', '', null));

  const made = await timed(() => store.make('manual', source()));
  rows.push(figure('a backup, read back', made.ms, 'ms', '≤ 30000', made.ms <= 30_000));
  rows.push(figure('longest main worked at once meanwhile', made.longestMs, 'ms', '≤ 50', made.longestMs <= 50));
  for (let turn = 2; turn < testEvery; turn += 1)
    await store.make('manual', { ...source(), snapshot: { ...book.snapshot(), ...smallBook }, operations: nothing() });
  const tested = await timed(() => store.make('manual', source()));
  rows.push(figure('every tenth, restored into memory and counted', tested.ms, 'ms', '≤ 30000', tested.ms <= 30_000));

  const check = createBookCheck({
    dataFolder: folder,
    book,
    files,
    store,
    attachments: createAttachments(folder, { log: quiet }),
    today: () => clock.today(),
    now: () => clock.now(),
    database: null,
    kept: await openKeptCheck(folder, quiet),
    log: quiet,
  });
  const checked = await timed(() => check.run({}));
  if (checked.value.total > 0)
    throw new Error(`The generated book has ${checked.value.total} findings: ${checked.value.findings[0]?.text}`);
  rows.push(figure('check my book', checked.ms, 'ms', '', null));
  rows.push(figure('longest main worked at once meanwhile', checked.longestMs, 'ms', '≤ 50', checked.longestMs <= 50));

  const [backup] = store.list();
  const archive = await store.open(backup?.name ?? '');
  const prepared = await timed(() => prepareRestore(folder, archive, quiet));
  rows.push(figure('restore: prepare beside the book', prepared.ms, 'ms', '', null));
  rows.push(figure('longest main worked at once meanwhile', prepared.longestMs, 'ms', '≤ 50', prepared.longestMs <= 50));
  rows.push(figure('memory above the open book meanwhile', prepared.peakMb, 'MB', '', null));
  await files.close();
  const switched = await timed(async () => {
    await commitRestore(folder, { kind: 'restore', madeAt: head.madeAt, backup: null });
    await finishRestore(folder, quiet);
    return open(folder);
  });
  rows.push(figure('restore: change places and open', switched.ms, 'ms', '', null));
  rows.push(figure('restore, all of it', prepared.ms + switched.ms, 'ms', '≤ 60000', prepared.ms + switched.ms <= 60_000));
  const restored = nounNames.reduce((sum, noun) => sum + switched.value.book.snapshot().records[noun].length, 0);
  if (restored !== records) throw new Error(`Restored ${restored} of ${records} records`);
  await switched.value.files.close();
  return rows;
}

const smallBook = { records: Object.fromEntries(nounNames.map((noun) => [noun, []])) as never, seq: 0, history: new Map() };

async function* nothing(): AsyncGenerator<never[]> {
  yield [];
}

interface Timed<T> {
  value: T;
  ms: number;
  /** Longest time main worked without letting anything else have its turn, by its own processor time: others share this machine. */
  longestMs: number;
  /** Resident memory at its highest above what it was before. */
  peakMb: number;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  let longest = 0;
  let last = ownTime();
  const watching = setInterval(() => {
    const now = ownTime();
    longest = Math.max(longest, now - last);
    last = now;
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 1);
  const begun = performance.now();
  const value = await work();
  const ms = performance.now() - begun;
  clearInterval(watching);
  return { value, ms, longestMs: longest, peakMb: (peak - before) / 1e6 };
}

/** Milliseconds the processor worked for this thread. */
function ownTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
