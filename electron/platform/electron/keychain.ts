import { ProblemError } from '../../../shared/lib/result.ts';
import type { Platform } from '../platform.ts';
import type { ElectronSlice } from './electron-slice.ts';
import { words } from '../../../shared/words/words.ts';

/** Secrets are sealed with a key that the system keeps for this person. Only the async calls: the others are on their way out. */
export function createKeychain(electron: Pick<ElectronSlice, 'safeStorage' | 'app'>, system: string): Platform['keychain'] {
  const { safeStorage } = electron;
  const strength = async (): Promise<'os' | 'weak' | 'none'> => {
    await electron.app.whenReady();
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none';
    // `basic_text` seals with a password that is in the program; `unknown` says that nobody knows.
    const isWeak = system === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend());
    return isWeak ? 'weak' : 'os';
  };
  const needed = async () => {
    if ((await strength()) !== 'none') return;
    throw new ProblemError({
      code: 'KEYCHAIN_MISSING',
      ...words('program.noKeychain'),
    });
  };
  return {
    strength,
    seal: async (plain) => {
      await needed();
      return (await safeStorage.encryptStringAsync(plain)).toString('base64');
    },
    open: async (sealed) => {
      await needed();
      try {
        return (await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result;
      } catch {
        throw new ProblemError({
          code: 'KEYCHAIN_CHANGED',
          ...words('program.keychainChanged'),
        });
      }
    },
  };
}
