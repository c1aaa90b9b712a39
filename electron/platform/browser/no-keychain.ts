import { ProblemError } from '../../../shared/lib/result.ts';
import type { Platform } from '../platform.ts';

const unreachable = {
  code: 'NO_KEYCHAIN',
  message: 'Passwords cannot be kept safely when Fieldbook runs in a browser, so this one was not stored. Use the installed app for that.',
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
