import { join } from 'node:path';
import { createAttachments } from '../../../electron/database/attachments.ts';
import { createSafety } from '../../../electron/database/backup-jobs.ts';
import { finishRestore, journalFence } from '../../../electron/database/backup-restore.ts';
import { openBackupStore } from '../../../electron/database/backup-store.ts';
import { createFiles } from '../../../electron/files.ts';
import type { SafetyJob } from '../../../shared/contracts/safety.contract.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { openLaptop, quietLog, type TestBook } from '../../support/opened-book.ts';
import { seededFrom } from '../../support/seeded.ts';
import { openDesk } from '../../support/transfer-desk.ts';

/** What the desktop does in jobs of its own, carried out to their end. Answers the laptop as it is open afterwards. */
export async function carryOutJob(laptop: TestBook, method: string, n: number): Promise<TestBook> {
  if (method.startsWith('imports.')) await importOn(laptop, method, n);
  else if (method === 'safety.backUp') await backUp(laptop);
  else return restore(laptop, n);
  return laptop;
}

async function importOn(laptop: TestBook, method: string, n: number): Promise<void> {
  const desk = await openDesk(laptop);
  try {
    if (method === 'imports.undo') {
      const done = (await desk.imports.list()).find(({ state }) => state === 'done');
      if (done === undefined) throw new ProblemError(nothingToDo);
      await desk.imports.undo(done.id);
      await desk.ended(done.id);
      return;
    }
    const random = seededFrom(n);
    const rows = Array.from(
      { length: 2 + random.below(4) },
      () => `Client ${random.below(60)},office-${random.below(60)}@b.example,030 ${n}`,
    );
    const { plan } = await desk.look('clients.csv', ['Name,E-mail,Phone', ...rows].join('\n'));
    const { state } = await desk.bring(plan);
    if (state !== 'done') throw new ProblemError(nothingToDo);
  } finally {
    await desk.imports.close();
  }
}

async function safetyOf(laptop: TestBook) {
  const { folder, book, files, clock } = laptop;
  const store = await openBackupStore(join(folder, 'backups'), quietLog);
  const fence = journalFence(files.journal, book.snapshot().seq);
  const kept = createFiles(folder);
  let reopens = () => {};
  const reopened = new Promise<void>((done) => {
    reopens = done;
  });
  let ends: (job: SafetyJob) => void = () => {};
  const ended = new Promise<SafetyJob>((done) => {
    ends = done;
  });
  const safety = createSafety({
    dataFolder: folder,
    version: '1.0.0',
    clock,
    log: quietLog,
    files,
    store,
    attachments: createAttachments(folder, { log: quietLog }),
    fence,
    snapshot: () => book.snapshot(),
    settings: () => ({}),
    newestSeq: () => book.snapshot().seq,
    idle: () => book.idle(),
    keepFile: (name, mediaType, write) => kept.make(name, mediaType, write),
    pathOf: async (fileId) => (await kept.get(fileId)).path,
    check: async () => ({ checkedAt: new Date(clock.now()).toISOString(), looked: [], findings: [], total: 0 }),
    mend: async () => ({ mended: 0, left: 0 }),
    report: () => null,
    reopen: () => reopens(),
    onJob: (job) => job !== null && job.state !== 'running' && ends(job),
    restored: null,
    times: { quietMs: never, startMs: never, quitMs: 0 },
  });
  return { safety, store, ended, reopened };
}

const never = 1_000_000_000;

async function backUp(laptop: TestBook): Promise<void> {
  const { safety, ended } = await safetyOf(laptop);
  try {
    safety.backUp();
    const { state, problem } = await ended;
    if (state !== 'done') throw new ProblemError({ code: 'BACKUP_FAILED', message: problem ?? state });
  } finally {
    await safety.close();
  }
}

async function restore(laptop: TestBook, n: number): Promise<TestBook> {
  const { safety, store, ended, reopened } = await safetyOf(laptop);
  try {
    const backups = store.list();
    const backup = backups[n % Math.max(1, backups.length)];
    if (backup === undefined) throw new ProblemError(nothingToDo);
    await safety.restore({ backup: backup.name });
    const failed = await Promise.race([reopened, ended]);
    if (failed !== undefined) throw new ProblemError({ code: 'RESTORE_FAILED', message: failed.problem ?? failed.state });
  } finally {
    await safety.close();
  }
  await laptop.end();
  await finishRestore(laptop.folder, quietLog);
  return openLaptop({ folder: laptop.folder, at: new Date(laptop.clock.now()).toISOString() });
}

const nothingToDo = { code: 'NOTHING_TO_DO', message: 'There is nothing of that kind to do.' };
