import type { Client } from './client.ts';
import { emailKey } from '../../lib/text.ts';
import type { RecordRules } from '../record-rules.ts';

export const clientRules: RecordRules<Client> = {
  unique: {
    // Unique in this book only: two devices can take one e-mail while offline. Sync keeps both (invariant 2).
    value: ({ email }) => email,
    key: emailKey,
    problem: ({ id, name }) => ({
      code: 'EMAIL_TAKEN',
      field: 'email',
      message: `The client "${name}" has this e-mail already, so nothing was changed. Give one of the two another e-mail, or open that client.`,
      details: { id, name },
    }),
  },
};
