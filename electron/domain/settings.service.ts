import { companySchema, listViewSchema, type Settings, settingsSchema } from '../../shared/contracts/app.contract.ts';
import type { Log } from './ports.ts';

/** The settings file, as main hands it in: `write` replaces it whole or not at all. */
export interface SettingsFile {
  /** Null where there is none yet. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
  /** Keeps a copy of a file that cannot be read whole, for a person to look at. */
  setAside(): Promise<void>;
}

export interface SettingsService {
  get(): Settings;
  /** What could not be read at the start, as a sentence; null where all could. */
  problem(): string | null;
  /** Changes what is named; of `lists`, the named lists. */
  change(changes: { [K in keyof Settings]?: Settings[K] | undefined }): Promise<Settings>;
}

/** Settings are not worth refusing to start for: where one cannot be read its default is used, and the others stay. */
export async function openSettings(deps: { file: SettingsFile; onChanged: () => void; log: Log }): Promise<SettingsService> {
  const { file, onChanged, log } = deps;
  let problem: string | null = null;
  let settings = await read();
  let writing: Promise<void> = Promise.resolve();

  async function read(): Promise<Settings> {
    const text = await file.read();
    if (text === null) return settingsSchema.parse({});
    const value = parsed(text);
    const whole = settingsSchema.safeParse(value);
    if (whole.success) return whole.data;
    const { settings: kept, lost } = readEach(value);
    log.warn('settings.unreadable', { fields: lost.length });
    // Both before anything else is changed: the next write would replace the file.
    await file.setAside();
    await file.write(`${JSON.stringify(kept, null, 2)}\n`);
    problem = `${lost.length === 0 ? 'The settings' : `Some settings (${lost.join(', ')})`} could not be read and are as they were at the beginning. The file as it was is kept in the data folder as settings.unreadable.json, and backups have settings too.`;
    return kept;
  }

  return {
    get: () => settings,
    problem: () => problem,
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const labels: Readonly<Record<keyof Settings, string>> = {
  personName: 'your name',
  colorScheme: 'colours',
  density: 'density',
  singleKeys: 'keys of one letter',
  lists: 'columns of lists',
  listedAs: 'boards',
  company: 'your company',
  firstPlace: 'the first place',
  today: 'the order of today',
  workOffline: 'working offline',
  invoicePrefix: 'prefix of invoice numbers',
};

/** Every setting that can be read by itself; of the company and of the lists, every part that can. `lost` names the others. */
function readEach(value: unknown): { settings: Settings; lost: string[] } {
  const given = isFields(value) ? value : {};
  const settings: Record<string, unknown> = { ...settingsSchema.parse({}) };
  const lost: string[] = [];
  for (const [name, schema] of Object.entries(settingsSchema.shape)) {
    if (!Object.hasOwn(given, name)) continue;
    const read = schema.safeParse(given[name]);
    if (read.success) settings[name] = read.data;
    else lost.push(labels[name as keyof Settings]);
  }
  const { company, lists } = given;
  if (isFields(company)) {
    const parts = Object.entries(companySchema.shape).flatMap(([part, schema]) => {
      const read = schema.safeParse(company[part]);
      return read.success ? [[part, read.data] as const] : [];
    });
    settings['company'] = { ...(settings['company'] as object), ...Object.fromEntries(parts) };
  }
  if (isFields(lists)) {
    const views = Object.entries(lists).flatMap(([list, view]) => {
      const read = listViewSchema.safeParse(view);
      return read.success && list.length <= 50 ? [[list, read.data] as const] : [];
    });
    settings['lists'] = Object.fromEntries(views);
  }
  return { settings: settingsSchema.parse(settings), lost };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
