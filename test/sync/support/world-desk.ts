import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAttachments } from '../../../electron/database/attachments.ts';
import { createSafety } from '../../../electron/database/backup-jobs.ts';
import { finishRestore, journalFence } from '../../../electron/database/backup-restore.ts';
import { createBookCheck } from '../../../electron/database/book-files-check.ts';
import { openKeptCheck } from '../../../electron/database/kept-check.ts';
import { createOutboxService } from '../../../electron/domain/outbox.service.ts';
import { wantedContents } from '../../../electron/sync/file-exchange.ts';
import { openBackupStore } from '../../../electron/database/backup-store.ts';
import { createFiles } from '../../../electron/files.ts';
import type { SafetyJob } from '../../../shared/contracts/safety.contract.ts';
import { contentSteps } from '../../../shared/nouns/activity/attached-content.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { backendOf } from '../../support/book-backend.ts';
import { openLaptop, quietLog, type TestBook } from '../../support/opened-book.ts';
import { seededFrom } from '../../support/seeded.ts';
import { openDesk } from '../../support/transfer-desk.ts';
import { words } from '../../../shared/words/words.ts';

/** What the desktop does in jobs of its own, carried out to their end. Answers the laptop as it is open afterwards. */
export async function carryOutJob(laptop: TestBook, method: string, n: number, remote = ''): Promise<TestBook> {
  if (method.startsWith('imports.')) await importOn(laptop, method, n);
  else if (method === 'safety.backUp') await backUp(laptop);
  else if (method === 'safety.mend') await mend(laptop, n, remote);
  else if (method === 'outbox.markSent') await markSent(laptop);
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

/** An e-mail that broke off on its way, as the program ended: the person says that it left. */
async function markSent(laptop: TestBook): Promise<void> {
  const { book, clock, files } = laptop;
  const outbox = createOutboxService({ book, clock, device: files.opened.deviceId });
  const due = outbox.next(clock.now());
  const claimed = due === null ? null : await outbox.claim(due.id, 'ada@b.example');
  if (claimed === null) throw new ProblemError(nothingToDo);
  const answer = await backendOf(laptop).call('outbox.markSent', { id: claimed.email.id });
  if (!answer.ok) throw new ProblemError(answer.error);
}

/** A file that is on the server is lost from the folder; the check finds it, and nothing else that is not as it was done. */
async function mend(laptop: TestBook, n: number, remote: string): Promise<void> {
  const { book, folder, clock, files } = laptop;
  const wanted = new Set(wantedContents(book.sync.memoryOf(remote)).map(({ sha256 }) => sha256));
  const there = [...book.all('activities')].flatMap(({ id, sha256, deletedAt }) =>
    sha256 === null || deletedAt !== null || wanted.has(sha256) || book.sync.waiting().has(`activities/${id}`) ? [] : [sha256],
  );
  const lost = there[n % Math.max(1, there.length)];
  if (lost === undefined) throw new ProblemError(nothingToDo);
  rmSync(join(folder, 'attachments', ...contentSteps(lost)), { force: true });
  const check = createBookCheck({
    dataFolder: folder,
    book,
    files,
    store: await openBackupStore(join(folder, 'backups'), quietLog),
    attachments: createAttachments(folder, { log: quietLog }),
    today: () => new Date(clock.now()).toISOString().slice(0, 10),
    now: () => clock.now(),
    database: null,
    kept: await openKeptCheck(folder, quietLog),
    log: quietLog,
  });
  const { findings } = await check.run({});
  const wrong = findings.find(({ id }) => /^(history|lost|stamp):/.test(id));
  if (wrong !== undefined) throw new Error(`The check says of a sound book: ${wrong.text}`);
  const { mended } = await check.mend(findings.filter(({ id }) => id.startsWith('attachment:')).map(({ id }) => id));
  if (mended === 0) throw new Error('A file that was lost was not found');
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
    if (state !== 'done') throw new ProblemError({ code: 'BACKUP_FAILED', ...words('said.text', { text: problem ?? state }) });
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
    if (failed !== undefined)
      throw new ProblemError({ code: 'RESTORE_FAILED', ...words('said.text', { text: failed.problem ?? failed.state }) });
  } finally {
    await safety.close();
  }
  await laptop.end();
  await finishRestore(laptop.folder, quietLog);
  return openLaptop({ folder: laptop.folder, at: new Date(laptop.clock.now()).toISOString() });
}

const nothingToDo = { code: 'NOTHING_TO_DO', ...words('said.text', { text: 'There is nothing of that kind to do.' }) };
