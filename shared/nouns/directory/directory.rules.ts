import type { DirectoryEntry } from './directory.ts';
import type { RecordRules } from '../record-rules.ts';

export const directoryRules: RecordRules<DirectoryEntry> = {
  check(entry, differs) {
    const field = entry.kind === 'user' ? 'fullName' : 'name';
    if (entry[field] === null && (differs(field) || differs('kind'))) {
      const label = entry.kind === 'user' ? 'Full name' : 'Team name';
      return { code: 'INVALID_INPUT', field, message: `${label}: must not be empty.` };
    }
    return null;
  },
};
