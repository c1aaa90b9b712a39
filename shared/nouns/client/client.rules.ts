import type { Client } from './client.ts';
import { emailKey } from '../../lib/text.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const clientRules: RecordRules<Client> = {
  unique: {
    // Unique in this book only: two devices can take one e-mail while offline. Sync keeps both (invariant 2).
    value: ({ email }) => email,
    key: emailKey,
    problem: ({ id, name }) => ({
      code: 'EMAIL_TAKEN',
      field: 'email',
      ...words('records.emailTaken', { name }),
      details: { id, name },
    }),
  },
};
