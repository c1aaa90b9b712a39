import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import type { CheckReport, Finding } from '../../shared/contracts/safety.contract.ts';
import { nounNames } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { emptyRecordMaps } from '../../shared/operations/apply-operation.ts';
import { checkRecords, type RecordFinding } from '../domain/safety/book-check.ts';
import { compareWithJournal, differentIn } from '../domain/safety/journal-comparison.ts';
import type { Book } from '../domain/book.ts';
import type { BookSnapshot, Log } from '../domain/ports.ts';
import type { HistoryTransaction } from '../../shared/operations/transaction.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import type { Attachments, ContentState } from './attachments.ts';
import type { BackupStore, StoredBackup } from './backup-store.ts';
import type { ArchiveWatch } from './book-archive.ts';
import type { BookFiles } from './book-files.ts';
import { readCheckpointAt } from './checkpoint.ts';
import type { BookDatabase } from './database.ts';
import type { DatabaseComparison } from './database-comparison.ts';
import { decodeLine, headOfLine } from './journal-line.ts';
import type { KeptCheck } from './kept-check.ts';
import { words, type Words } from '../../shared/words/words.ts';

/** A finding about files, and how it is put right. */
interface FileFinding extends Finding {
  repairFile: (() => Promise<void>) | null;
}

export interface BookCheckDeps {
  dataFolder: string;
  book: Pick<Book, 'snapshot' | 'run'>;
  files: BookFiles;
  store: BackupStore;
  attachments: Pick<Attachments, 'stateOf'>;
  today: () => string;
  now: () => number;
  /** Null for a book without one. */
  database: Pick<BookDatabase, 'compare' | 'buildAgain'> | null;
  kept: KeptCheck;
  log: Log;
}

export interface BookCheck {
  run(watch: ArchiveWatch): Promise<CheckReport>;
  report(): CheckReport | null;
  mend(ids: readonly string[]): Promise<{ mended: number; left: number }>;
}

/** More findings than this are counted and not listed. */
const shown = 500;

/**
 * "Check my book": the rules of every record, every record against what the journal makes of it, the database row by row
 * against both, the checksums of the journal, the checkpoints and the backups. Looking changes nothing.
 */
export function createBookCheck(deps: BookCheckDeps): BookCheck {
  let found: (RecordFinding | FileFinding)[] = [];
  let last: CheckReport | null = null;

  const report = (): CheckReport | null =>
    last === null
      ? null
      : {
          ...last,
          total: found.length,
          findings: found.slice(0, shown).map(({ id, level, text, record, mend }) => ({ id, level, text, record, mend })),
        };

  const keep = () => deps.kept.put(found.filter(({ id }) => holdsBack.test(id)).length);

  return {
    async run(watch) {
      const snapshot = deps.book.snapshot();
      const begun = performance.now();
      const records = nounNames.reduce((sum, noun) => sum + snapshot.records[noun].length, 0);
      const total = records + snapshot.seq;
      const looked: CheckReport['looked'] = [];
      const findings: typeof found = await checkRecords(snapshot, deps.today(), {
        signal: watch.signal,
        onProgress: (done) => watch.onProgress?.(done, total),
      });
      looked.push({ what: 'Records', count: records });
      const attached = await checkAttachments(snapshot, deps.attachments, watch.signal);
      findings.push(...attached.findings);
      looked.push({ what: 'Attached files', count: attached.count });
      const journal = await checkJournal(join(deps.dataFolder, 'journal'), snapshot, watch.signal, (lines) =>
        watch.onProgress?.(Math.min(records + lines, total), total),
      );
      findings.push(...journal.findings);
      looked.push({ what: 'Changes in the journal', count: journal.lines });
      const compared = await compareWithJournal(snapshot, { operations: () => deps.files.operationsAfter(0), ids: journal.ids }, watch);
      findings.push(...notToldYet(findings, compared.findings));
      if (deps.database !== null) {
        const database = await checkDatabase(deps.database, journal.ids, watch.signal);
        findings.push(...database.findings);
        looked.push({ what: 'Rows of the database', count: database.rows });
      }
      const checkpoints = await checkCheckpoints(deps, snapshot, compared.sums, watch.signal);
      findings.push(...checkpoints.findings);
      looked.push({
        what: 'Saved copies of the book',
        count: checkpoints.count,
      });
      const backups = await deps.store.examine(watch.signal);
      for (const { name, madeAt, state } of backups) if (state === 'damaged') findings.push(damagedBackup(deps.store, name, madeAt));
      findings.push(...lostHistory(deps, backups));
      looked.push({ what: 'Backups', count: backups.length });
      found = findings.toSorted((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
      last = { checkedAt: new Date(deps.now()).toISOString(), looked, findings: [], total: 0 };
      await keep();
      deps.log.info('check.done', { ms: Math.round(performance.now() - begun), findings: found.length, records });
      return report() as CheckReport;
    },
    report,
    async mend(ids) {
      const wanted = new Set(ids);
      const chosen = found.filter(({ id }) => wanted.has(id));
      const refused = new Set<string>();
      if (chosen.some((finding) => 'repair' in finding && finding.repair !== null)) {
        await deps.book.run('safety.mend', null, (tx) => {
          for (const finding of chosen) {
            if (!('repair' in finding)) continue;
            try {
              finding.repair?.(tx as HistoryTransaction);
            } catch (error) {
              // Something else is wrong with the record too, which a person must put right first. The others are mended.
              if (!(error instanceof ProblemError)) throw error;
              refused.add(finding.id);
            }
          }
        });
      }
      const mended = new Set<string>();
      for (const finding of chosen) {
        if (refused.has(finding.id) || ('repair' in finding ? finding.repair === null : finding.repairFile === null)) continue;
        if ('repairFile' in finding) await finding.repairFile?.();
        mended.add(finding.id);
      }
      found = found.filter(({ id }) => !mended.has(id));
      await keep();
      return { mended: mended.size, left: found.length };
    },
  };
}

/** Findings that say that the book is not what was done to it. */
const holdsBack = /^(history|lost|stamp):/;

/** What a rule found of a record names it more closely than that it differs from its history; the next check tells what is left. */
function notToldYet(told: readonly Finding[], more: readonly RecordFinding[]): RecordFinding[] {
  const known = new Set(told.flatMap(({ id, record }) => (record === null || id.startsWith('no-history:') ? [] : [placeOf(record)])));
  return more.filter(({ record }) => record === null || !known.has(placeOf(record)));
}

const placeOf = ({ collection, id }: NonNullable<Finding['record']>) => `${collection}/${id}`;

/** Every attached file: there, of its size, and byte by byte what was attached. */
async function checkAttachments(
  snapshot: BookSnapshot,
  attachments: BookCheckDeps['attachments'],
  signal: AbortSignal | undefined,
): Promise<{ findings: RecordFinding[]; count: number }> {
  const states = new Map<string, ContentState>();
  const findings: RecordFinding[] = [];
  for (const activity of snapshot.records.activities) {
    const { id, sha256, size, fileName } = activity;
    if (sha256 === null) continue;
    const state = states.get(sha256) ?? (await attachments.stateOf(sha256, size, true, signal));
    states.set(sha256, state);
    if (state === 'whole') continue;
    const title = fileName ?? 'a file without a name';
    findings.push({
      id: `attachment:${id}`,
      level: 'error',
      text: words(state === 'missing' ? 'check.fileMissing' : 'check.fileDamaged', { title }),
      record: { collection: 'activities', id, title },
      mend: words('check.markMissing'),
      repair: (tx) => {
        // Attached again meanwhile, or marked already.
        if (tx.get('activities', id)?.sha256 !== sha256) return;
        tx.step((step) => step.assign('activities', id, { sha256: null, size: null }));
      },
    });
  }
  return { findings, count: states.size };
}

/** Every row of the database against memory and the journal. */
async function checkDatabase(
  database: NonNullable<BookCheckDeps['database']>,
  journaled: ReadonlyMap<string, number>,
  signal: AbortSignal | undefined,
): Promise<{ findings: FileFinding[]; rows: number }> {
  const compared = await database.compare(journaled, { signal });
  if ('away' in compared) {
    const text = words('check.databaseAway', { because: awayReasons[compared.away] });
    return { findings: [{ id: 'database:away', level: 'warning', text, record: null, mend: null, repairFile: null }], rows: 0 };
  }
  let isBegun = false;
  const findings = compared.found.map(
    (one): FileFinding => ({
      id: `database:${one.collection}-${one.what}`,
      level: 'error',
      text: databaseText(one),
      record: null,
      mend: words('check.buildAgain'),
      repairFile: async () => {
        if (!isBegun) database.buildAgain();
        isBegun = true;
      },
    }),
  );
  return { findings, rows: compared.rows };
}

/** Why a check that has waited did not come to the database, and what to do. */
const awayReasons: Record<AppStatus['storage'], Words> = {
  opening: words('check.didNotOpen'),
  restarting: words('check.didNotOpenAgain'),
  rebuilding: words('check.stillBuilding'),
  ready: words('check.allBusy'),
  readOnly: words('check.cannotOpen'),
};

function databaseText({ collection, what, count, example }: DatabaseComparison['found'][number]): Words {
  const isRecord = collection === 'records';
  switch (what) {
    case 'missing':
      return words('check.rowsMissing', { count, isRecord, example });
    case 'changed':
      return words('check.rowsChanged', { count, isRecord, example });
    case 'foreign':
      return words('check.rowsForeign', { count, isRecord });
  }
}

async function checkJournal(
  folder: string,
  snapshot: BookSnapshot,
  signal: AbortSignal | undefined,
  onLines: (lines: number) => void,
): Promise<{ findings: FileFinding[]; lines: number; ids: Map<string, number> }> {
  const ids = new Map<string, number>();
  const numbers = new Map<number, string>();
  const twice = new Set<number>();
  const breathe = createBreather(8);
  let lines = 0;
  let damaged = 0;
  const segments = (await readdir(folder)).filter((name) => /^\d{6,}\.ndjson$/.test(name)).toSorted();
  for (const name of segments) {
    const bytes = await readFile(join(folder, name));
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(0x0a, at);
      // What follows the last line break is being written at this moment.
      if (end < 0) break;
      const line = bytes.subarray(at, end);
      at = end + 1;
      lines += 1;
      const operation = decodeLine(line);
      if (operation === null) damaged += 1;
      const head = operation ?? headOfLine(line);
      if (operation !== null && head !== null) {
        const holder = numbers.get(head.seq);
        if (holder !== undefined && holder !== head.id) twice.add(head.seq);
        ids.set(head.id, head.seq);
        numbers.set(head.seq, head.id);
      }
      if (await breathe()) {
        signal?.throwIfAborted();
        onLines(lines);
      }
    }
  }
  const findings: FileFinding[] = [];
  const put = (id: string, level: Finding['level'], text: Words) =>
    findings.push({ id, level, text, record: null, mend: null, repairFile: null });
  if (damaged > 0) {
    put('journal:lines', 'error', words('check.journalLines', { count: damaged }));
  }
  const [firstTwice] = twice;
  if (firstTwice !== undefined) put('journal:twice', 'warning', words('check.journalTwice', { count: twice.size, first: firstTwice }));
  let gone = 0;
  for (let seq = 1; seq <= snapshot.seq; seq += 1) if (!numbers.has(seq)) gone += 1;
  if (gone > damaged) put('journal:gaps', 'warning', words('check.journalGaps', { count: gone - damaged }));
  const unknown = new Set<string>();
  for (const list of snapshot.history.values()) for (const id of list) if (!ids.has(id)) unknown.add(id);
  if (unknown.size > gone + damaged) put('journal:history', 'warning', words('check.journalHistory', { count: unknown.size }));
  return { findings, lines, ids };
}

async function checkCheckpoints(
  { dataFolder, files, book }: BookCheckDeps,
  snapshot: BookSnapshot,
  sums: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<{ findings: FileFinding[]; count: number }> {
  const folder = join(dataFolder, 'checkpoint');
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const findings: FileFinding[] = [];
  for (const name of names) {
    const isWhole = await isWholeCheckpoint(join(folder, name), signal);
    const different = isWhole ? await differentRecords(folder, Number(name), files, snapshot, sums) : 0;
    if (isWhole && different === 0) continue;
    // An older one may have been let go of while it was looked at.
    if (!(await readdir(folder)).includes(name)) continue;
    findings.push({
      id: `checkpoint:${name}`,
      level: 'warning',
      text: isWhole ? words('check.copyDiffers', { count: different }) : words('check.copyDamaged'),
      record: null,
      mend: words('check.writeAgain'),
      repairFile: async () => {
        await rm(join(folder, name), { recursive: true, force: true });
        await files.writeCheckpoint(book.snapshot());
      },
    });
  }
  return { findings, count: names.length };
}

/** How many records a start from this checkpoint would have otherwise than the journal makes them. */
async function differentRecords(
  folder: string,
  seq: number,
  files: Pick<BookFiles, 'operationsAfter' | 'secrets'>,
  { seq: until }: BookSnapshot,
  sums: ReadonlyMap<string, string>,
): Promise<number> {
  // One that is newer than what is being checked was written meanwhile.
  if (seq > until) return 0;
  const { records: written } = await readCheckpointAt(folder, seq, files.secrets);
  const records = emptyRecordMaps();
  const breathe = createBreather(8);
  for (const noun of nounNames) {
    const map = records[noun] as Map<string, StoredRecord>;
    for (const record of written.all(noun)) {
      map.set(record.id, record);
      await breathe();
    }
  }
  return differentIn(records, seq, files.operationsAfter(seq), until, sums);
}

/** True when every file of the checkpoint is what was written, by its checksum. */
export async function isWholeCheckpoint(folder: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { files: Record<string, { sha256: string }> };
    for (const [name, { sha256 }] of Object.entries(files)) {
      const hash = createHash('sha256');
      for await (const piece of createReadStream(join(folder, name))) hash.update(piece as Buffer);
      signal?.throwIfAborted();
      if (hash.digest('hex') !== sha256) return false;
    }
    return true;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return false;
  }
}

/** One piece that is lost is missing in every backup that names it: one finding, and one way to mend it. */
function lostHistory({ store, files }: BookCheckDeps, backups: readonly StoredBackup[]): FileFinding[] {
  const count = backups.filter(({ state }) => state === 'incomplete').length;
  if (count === 0) return [];
  return [
    {
      id: 'backup-history',
      level: 'error',
      text: words('check.sharedHistoryLost', { count }),
      record: null,
      mend: words('check.writeAsFar'),
      repairFile: async () => store.mendHistory({ operations: files.sealedOperations(), secrets: files.secrets }),
    },
  ];
}

function damagedBackup(store: BackupStore, name: string, madeAt: string): FileFinding {
  return {
    id: `backup:${name}`,
    level: 'error',
    text: words('check.backupDamaged', { day: madeAt.slice(0, 10), name }),
    record: null,
    mend: words('check.takeOutBackup'),
    repairFile: () => store.setAside(name),
  };
}
