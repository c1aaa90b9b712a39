import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { node24, root } from '../../../build/paths.mjs';
import { openBookFiles } from '../../../electron/database/book-files.ts';
import { openDataKeys } from '../../../electron/database/data-key.ts';
import { createSecretBox } from '../../../electron/database/secret-box.ts';
import { type Book, createBook } from '../../../electron/domain/book.ts';
import { type BookServices, createBookServices } from '../../../electron/domain/book.services.ts';
import { openSettings } from '../../../electron/domain/settings.service.ts';
import { noKeychain } from '../../../electron/platform/browser/no-keychain.ts';
import { runSyncCommand } from '../../../electron/opening/run-sync.ts';
import type { SyncCommand } from '../../../electron/platform/platform.ts';
import { remoteReceiptSchema } from '../../../remotes/remote.ts';
import { systemClock } from '../../../electron/system-clock.ts';
import { nounNames } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { keptFile, quietLog } from '../../support/opened-book.ts';

/** A laptop as fleets run it: a data folder, edited by the book's own code, synced by processes without a window. */
export interface FolderLaptop {
  folder: string;
  /** Opens the book, does something in it, and closes it. */
  edit<T>(work: (services: BookServices, book: Book) => Promise<T>): Promise<T>;
  /** Runs the program with these words, as a process of its own, and waits for its end. */
  run(words: readonly string[], killAfterMs?: number): Promise<{ code: number | null; out: string; err: string }>;
  /** What `--sync-once` does, in this process, read as what it promises to print. */
  sync(more?: Partial<SyncCommand>): Promise<{ code: number | null; receipt: ReturnType<typeof remoteReceiptSchema.parse>; err: string }>;
  records(): Promise<Map<string, StoredRecord>>;
}

export const secret = 'FIELDBOOK_TEST_PASSWORD';

export function folderLaptop(person: string, password: string): FolderLaptop {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-laptop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const laptop: FolderLaptop = {
    folder,
    async edit(work) {
      const secrets = createSecretBox(await openDataKeys(folder, noKeychain, quietLog));
      const files = await openBookFiles(folder, { clock: systemClock, log: quietLog, secrets });
      const book = createBook(files.opened, {
        journal: files.journal,
        database: { apply: async () => undefined, operations: (ids) => files.findOperations(ids) },
        clock: systemClock,
        actor: () => person,
        log: quietLog,
        onChanged: () => undefined,
        onUndoState: () => undefined,
      });
      const settings = await openSettings({ file: keptFile(), onChanged: () => undefined, log: quietLog });
      const services = createBookServices({ book, model: files.readModel, clock: systemClock, settings, log: quietLog });
      try {
        return await work(services, book);
      } finally {
        services.close();
        await book.idle();
        await files.close();
      }
    },
    run(words, killAfterMs) {
      const child = spawn(node24, [join(root, 'dist/browser/main.js'), '--data', folder, ...words], {
        env: { ...process.env, [secret]: password },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (bytes) => (out += String(bytes)));
      child.stderr.on('data', (bytes) => (err += String(bytes)));
      const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      return new Promise((done) =>
        child.once('close', (code) => {
          clearTimeout(timer);
          done({ code, out, err });
        }),
      );
    },
    async sync(more = {}) {
      let [out, err] = ['', ''];
      const code = await runSyncCommand(
        { connect: null, syncOnce: true, compare: false, rehearse: false, ...more },
        {
          dataFolder: folder,
          clock: systemClock,
          log: quietLog,
          keychain: noKeychain,
          env: { [secret]: password },
          out: (line) => (out += line),
          err: (sentence) => (err += sentence),
          signal: new AbortController().signal,
        },
      );
      if (out === '' || out.includes('\n')) throw new Error(`No receipt, but code ${code} and: ${out}${err}`);
      const [receipt] = (JSON.parse(out) as { remotes: unknown[] }).remotes;
      return { code, receipt: remoteReceiptSchema.parse(receipt), err };
    },
    records: () => laptop.edit(async (_services, book) => recordsOf(book)),
  };
  return laptop;
}

export function recordsOf(book: Book): Map<string, StoredRecord> {
  return new Map(
    nounNames.flatMap((noun) => [...book.all(noun)].map((record): [string, StoredRecord] => [`${noun}/${record.id}`, record])),
  );
}

export function connectFile(folder: string, url: string, email: string, more: object = {}): string {
  const path = join(folder, 'connect.json');
  writeFileSync(path, JSON.stringify({ kind: 'fieldbook', url, signIn: { email, passwordFrom: `env:${secret}` }, ...more }));
  return path;
}
