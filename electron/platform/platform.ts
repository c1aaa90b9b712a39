import type { CrmEvents } from '../../shared/contracts/api.ts';
import type { Result } from '../../shared/lib/result.ts';

/**
 * All that main needs from the machine it runs on. Two adapters: `electron/` (the installed app) and `browser/` (the
 * same main code in Node, screens and storage host in an installed Chromium). Nothing outside this folder knows which.
 */
export interface Platform {
  readonly kind: 'electron' | 'browser';
  /** Starts taking calls from screens. Called once, before any window is shown. */
  serve(backend: Backend): Promise<void>;
  /** Shows the window (electron), launches Chromium, or only prints the address (`--no-open`). Resolves to what the ready line names. */
  show(): Promise<string>;
  /** Tells every screen. Silently drops where no screen is there. */
  broadcast<E extends keyof CrmEvents>(event: E, data: CrmEvents[E]): void;
  /**
   * A fresh storage host of a new generation. electron: a new hidden window; browser: the next page that offers one
   * (waits as long as none does). Rejects when the host could not be made. Only one is in use at a time.
   */
  openStorageHost(): Promise<StoragePort>;
  /** Calls back before the app goes away (window closed, logoff, SIGTERM, app.quit); waits for it, at most 5 s. */
  onQuit(drain: () => Promise<void>): void;
  quit(): void;
  /**
   * Calls back when the computer has woken up: timers are late, the day and the network may be others. Returns the
   * function that stops listening.
   */
  onWake(listener: () => void): () => void;
  /** Major version of the Chromium that keeps the IndexedDB, where known: a downgrade deletes the database. */
  chromiumMajor(): number | null;
  /** Seals and opens secrets with the OS keychain; `strength` none or weak must be said to the person. */
  keychain: {
    strength(): Promise<'os' | 'weak' | 'none'>;
    seal(plain: string): Promise<string>;
    open(sealed: string): Promise<string>;
  };
  /** One page, whole in itself, as a PDF; null where there is nothing here that can print. Rejects when it failed to. */
  printToPdf(html: string): Promise<Uint8Array | null>;
  /**
   * Has the system open a file with the program it has for it; false where there is none. Null where the screen is a
   * browser's, which downloads it instead.
   */
  openFile: ((path: string) => Promise<boolean>) | null;
  /** https:, mailto:, tel: and sms: only; anything else is refused. */
  openExternal(url: string): Promise<boolean>;
}

/** What the platform hands calls from screens to. Input is untrusted; every answer is a Result and can be cloned. */
export interface Backend {
  call(method: string, input: unknown): Promise<Result<unknown>>;
  /** Takes a file in: name, size when known, bytes as they come. */
  takeFile(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<{ fileId: string }>>;
  /** A file that may be saved or downloaded: its name for the person and its path in the data folder. */
  fileToSave(fileId: string): Promise<Result<{ fileName: string; path: string; mediaType: string }>>;
}

/** The line to one generation of the storage host. Messages are plain objects that survive a structured clone and JSON. */
export interface StoragePort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the host is gone, whatever the reason; never called after `close()`. */
  onClose(listener: (reason: string) => void): void;
  /** Destroys the host: a dead or suspected host never comes back. */
  close(): void;
  /** What it stores lies in the data folder: the person's own browser may hold another book's. */
  readonly isInFolder?: boolean;
}

/** What the command line (or its lack) says. */
export interface StartOptions {
  /** Data folder; the platform's own place when null. */
  data: string | null;
  open: boolean;
  port: number | null;
  /** A sync without a window, and nothing else. */
  sync: SyncCommand | null;
}

/** What is to be done without a window. */
export interface SyncCommand {
  /** The file of `--connect`, absolute. */
  connect: string | null;
  syncOnce: boolean;
  /** Holds every record against the server as well; what is rehearsed is not compared. */
  compare: boolean;
  rehearse: boolean;
}
