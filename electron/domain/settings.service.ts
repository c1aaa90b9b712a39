import { type Settings, settingsSchema } from '../../shared/contracts/app.contract.ts';
import type { Log } from './ports.ts';

/** The settings file, as main hands it in: `write` replaces it whole or not at all. */
export interface SettingsFile {
  /** Null where there is none yet. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
  /** Puts a file that cannot be read out of the way, for a person to look at. */
  setAside(): Promise<void>;
}

export interface SettingsService {
  get(): Settings;
  /** Changes what is named; of `lists`, the named lists. */
  change(changes: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings>;
}

/** Settings are not worth refusing to start for: what cannot be read is set aside and the defaults are used. */
export async function openSettings(deps: { file: SettingsFile; onChanged: () => void; log: Log }): Promise<SettingsService> {
  const { file, onChanged, log } = deps;
  let settings = await read();
  let writing: Promise<void> = Promise.resolve();

  async function read(): Promise<Settings> {
    const text = await file.read();
    if (text === null) return settingsSchema.parse({});
    try {
      return settingsSchema.parse(JSON.parse(text));
    } catch {
      log.warn('settings.unreadable');
      await file.setAside();
      return settingsSchema.parse({});
    }
  }

  return {
    get: () => settings,
    async change(changes) {
      const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const before = settings;
      const next: Settings = { ...settings, ...named, lists: { ...settings.lists, ...changes.lists } };
      settings = next;
      // One write after the other, each with the newest settings.
      const written = writing.then(() => file.write(`${JSON.stringify(settings, null, 2)}\n`));
      writing = written.catch(() => {});
      try {
        await written;
      } catch (error) {
        if (settings === next) settings = before;
        throw error;
      }
      onChanged();
      return settings;
    },
  };
}
