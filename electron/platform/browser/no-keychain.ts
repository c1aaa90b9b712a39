import { ProblemError } from '../../../shared/lib/result.ts';
import type { Platform } from '../platform.ts';
import { words } from '../../../shared/words/words.ts';

const unreachable = {
  code: 'NO_KEYCHAIN',
  ...words('program.noKeychainInBrowser'),
};

/** No keychain is reachable from plain Node, and a secret in a plain file would be a promise broken. */
export const noKeychain: Platform['keychain'] = {
  strength: async () => 'none',
  seal: async () => {
    throw new ProblemError(unreachable);
  },
  open: async () => {
    throw new ProblemError(unreachable);
  },
};
