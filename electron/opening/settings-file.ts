import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, onDisk } from '../database/disk-problem.ts';
import { writeFileDurably } from '../database/durable-file.ts';
import type { SettingsFile } from '../domain/settings.service.ts';

/** `settings.json` in the data folder. One that cannot be read whole is kept beside it as `settings.unreadable.json`. */
export function settingsFile(dataFolder: string): SettingsFile {
  const file = path.join(dataFolder, 'settings.json');
  return {
    read: async () => {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      }
    },
    write: (text) => onDisk(writeFileDurably(file, text)),
    setAside: () => copyFile(file, path.join(dataFolder, 'settings.unreadable.json')),
  };
}
