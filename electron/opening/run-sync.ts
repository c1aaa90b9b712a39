import { readFile } from 'node:fs/promises';
import type { Clock } from '../../shared/lib/clock.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { createAttachments } from '../database/attachments.ts';
import { finishRestore } from '../database/backup-restore.ts';
import { openBookFiles } from '../database/book-files.ts';
import { claimDataFolder, type FolderClaim } from '../database/data-folder.ts';
import { openDataKeys } from '../database/data-key.ts';
import { openKeptCheck, syncObstacle } from '../database/kept-check.ts';
import { createSecretBox, createTextSeal } from '../database/secret-box.ts';
import { createBook } from '../domain/book.ts';
import type { Log } from '../domain/ports.ts';
import { openSettings } from '../domain/settings.service.ts';
import { errorFacts } from '../log.ts';
import type { Platform, SyncCommand } from '../platform/platform.ts';
import { contentsOf } from './open-attachments.ts';
import { settingsFile } from './settings-file.ts';
import { openRemoteStore } from './remote-store.ts';
import { parseConnectFile, requestFrom } from '../../remotes/connect-file.ts';
import { type ConnectFile, type ConnectRequest, remoteReceiptSchema } from '../../remotes/remote.ts';
import { createRemotes, type Remotes } from '../sync/remotes.ts';
import { say } from '../../shared/words/say.ts';
import { words } from '../../shared/words/words.ts';

export interface SyncCommandDeps {
  dataFolder: string;
  clock: Clock;
  log: Log;
  keychain: Platform['keychain'];
  env: Readonly<Record<string, string | undefined>>;
  /** One line of JSON, for whoever called. */
  out: (line: string) => void;
  /** One sentence, for a person. */
  err: (sentence: string) => void;
  signal: AbortSignal;
}

/**
 * `--connect`, `--sync-once`, `--compare` and `--rehearse`: a book and its servers without a window. Answers the exit code: 0, 2 where
 * something waits for a person, 1 where it failed.
 */
export async function runSyncCommand(command: SyncCommand, deps: SyncCommandDeps): Promise<0 | 1 | 2> {
  try {
    const request = command.connect === null ? null : requestFrom(await readConnectFile(command.connect), deps.env);
    const claim = await claimDataFolder(deps.dataFolder);
    try {
      return await withBook(deps, claim, (remotes) => carryOut(command, request, remotes, deps));
    } finally {
      await claim.release();
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) deps.log.error('sync.command-failed', errorFacts(error));
    deps.err(error instanceof ProblemError ? say(error.problem) : say(words('start.syncFailed')));
    return 1;
  }
}

async function carryOut(command: SyncCommand, request: ConnectRequest | null, remotes: Remotes, deps: SyncCommandDeps): Promise<0 | 1 | 2> {
  const { out, err, signal } = deps;
  if (request !== null) {
    const { kind, url, organisation, account } = await remotes.connect(request, signal);
    if (!command.syncOnce && !command.compare && !command.rehearse) {
      out(JSON.stringify({ connected: { kind, url, organisation, account } }));
      return 0;
    }
  }
  if (remotes.list().length === 0) {
    err('This book is connected to no server. Connect it first: npm start -- --data DIR --connect FILE.json');
    return 1;
  }
  const how = command.rehearse ? 'rehearse' : command.compare ? 'compare' : 'sync';
  const receipts = await remotes.syncAll(how, signal);
  out(JSON.stringify({ remotes: receipts.map((receipt) => remoteReceiptSchema.parse(receipt)) }));
  for (const { url, problem } of receipts) if (problem !== undefined) err(receipts.length > 1 ? `${url}: ${problem}` : problem);
  if (receipts.some(({ state }) => state === 'failed')) return 1;
  return receipts.some(({ state }) => state === 'waits') ? 2 : 0;
}

/** The book as files: journal and checkpoint. The database in Chromium is caught up with at the next start. */
async function withBook<T>(
  { dataFolder, clock, log, keychain }: SyncCommandDeps,
  claim: FolderClaim,
  work: (remotes: Remotes) => Promise<T>,
): Promise<T> {
  await finishRestore(dataFolder, log);
  const keys = await openDataKeys(dataFolder, keychain, log);
  const files = await openBookFiles(dataFolder, { clock, log, secrets: createSecretBox(keys), claim });
  const settings = await openSettings({ file: settingsFile(dataFolder), onChanged: () => undefined, log });
  const book = createBook(files.opened, {
    journal: files.journal,
    database: { apply: async () => undefined, operations: (ids) => files.findOperations(ids) },
    clock,
    actor: () => settings.get().personName,
    log,
    onChanged: () => undefined,
    onUndoState: () => undefined,
  });
  const store = await openRemoteStore(dataFolder, createTextSeal(keys), log);
  const { operationsAfter } = files;
  const contents = contentsOf(createAttachments(dataFolder, { log }));
  const keptCheck = await openKeptCheck(dataFolder, log);
  const obstacle = () => syncObstacle(files, keptCheck);
  const remotes = createRemotes({ book, store, operationsAfter, contents, obstacle, clock, log });
  try {
    return await work(remotes);
  } finally {
    await remotes.close();
    await book.idle();
    if (files.isCheckpointDue()) await files.writeCheckpoint(book.snapshot()).catch(() => log.warn('checkpoint.failed'));
    await files.close();
  }
}

async function readConnectFile(path: string): Promise<ConnectFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new ProblemError({ code: 'INVALID_INPUT', ...words('sync.fileUnreadable', { path }) });
  }
  return parseConnectFile(text, path);
}
