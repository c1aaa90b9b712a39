import type { DirectoryEntry } from './directory.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const directoryRules: RecordRules<DirectoryEntry> = {
  check(entry, differs) {
    const field = entry.kind === 'user' ? 'fullName' : 'name';
    if (entry[field] === null && (differs(field) || differs('kind'))) {
      const label = entry.kind === 'user' ? 'Full name' : 'Team name';
      return { code: 'INVALID_INPUT', field, ...words('values.labelledEmpty', { label }) };
    }
    return null;
  },
};
