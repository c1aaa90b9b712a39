import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type MailAccount, type MailAccountState, mailAccountSchema } from '../../shared/contracts/outbox.contract.ts';
import { errorCode, onDisk } from '../database/disk-problem.ts';
import { writeFileDurably } from '../database/durable-file.ts';
import type { TextSeal } from '../database/secret-box.ts';
import type { MailAccountService } from '../domain/outbox.service.ts';
import type { Log } from '../domain/ports.ts';

/** The account mail goes out through, with what a server must be told. */
export interface MailLogin {
  account: MailAccount;
  password: string | null;
}

export interface MailAccounts extends MailAccountService {
  /** Null without an account. `isLocked`: there is a password and it cannot be opened on this computer. */
  login(): (MailLogin & { isLocked: boolean }) | null;
}

export const mailAccountFile = 'mail-account.json';
const fileSchema = z.object({ format: z.literal(1), account: mailAccountSchema, password: z.string().nullable() }).nullable();
type Kept = z.output<typeof fileSchema>;

/**
 * The mail account in a file of its own, out of settings, records, exports and backups. Its password is sealed with the
 * data key, which the system's keychain keeps, and is bound to the server it is for: moved to another server's line in
 * the file it cannot be opened.
 */
export async function openMailAccounts(folder: string, seal: TextSeal, deps: { log: Log; onChanged: () => void }): Promise<MailAccounts> {
  const path = join(folder, mailAccountFile);
  let kept = await read();

  async function read(): Promise<Kept> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      deps.log.warn('mail.account-unreadable');
      await rename(path, join(folder, 'mail-account.unreadable.json'));
      return null;
    }
  }

  const placeOf = ({ host, port, user }: MailAccount) => `mail/${host}:${port}/${user ?? ''}`;
  const passwordOf = (of: Kept) => (of === null || of.password === null ? null : seal.open(placeOf(of.account), of.password));

  async function write(next: Kept): Promise<MailAccountState> {
    await onDisk(writeFileDurably(path, `${JSON.stringify(next)}\n`));
    kept = next;
    deps.onChanged();
    return state();
  }

  function state(): MailAccountState {
    const isOpen = passwordOf(kept) !== null;
    return {
      account: kept?.account ?? null,
      password: (kept?.password ?? null) === null ? 'none' : isOpen ? 'kept' : 'locked',
      protection: seal.protection,
    };
  }

  return {
    state,
    login() {
      if (kept === null) return null;
      const password = passwordOf(kept);
      return { account: kept.account, password, isLocked: kept.password !== null && password === null };
    },
    change({ password, ...account }) {
      // A password typed for one server must not go to another because only its name was changed.
      const isSameServer = kept !== null && kept.account.host === account.host && kept.account.user === account.user;
      const plain = password === undefined && isSameServer ? passwordOf(kept) : (password ?? null);
      return write({ format: 1, account, password: plain === null || plain === '' ? null : seal.seal(placeOf(account), plain) });
    },
    remove: () => write(null),
  };
}
