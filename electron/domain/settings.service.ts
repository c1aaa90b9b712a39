import { companySchema, listViewSchema, type Settings, settingsSchema } from '../../shared/contracts/app.contract.ts';
import { mostViews, type SavedView, savedViewSchema } from '../../shared/contracts/saved-view.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { fold } from '../../shared/lib/text.ts';
import type { Log } from './ports.ts';
import { type Words, words } from '../../shared/words/words.ts';

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
  /** What could not be read at the start, in words; null where all could. */
  problem(): Words | null;
  /** Changes what is named; of `lists` and `views`, the named ones. A view that becomes null is taken away. */
  change(changes: SettingsChanges): Promise<Settings>;
}

type SettingsChanges = { [K in Exclude<keyof Settings, 'views'>]?: Settings[K] | undefined } & {
  views?: Record<string, SavedView | null> | undefined;
};

/** Settings are not worth refusing to start for: where one cannot be read its default is used, and the others stay. */
export async function openSettings(deps: { file: SettingsFile; onChanged: () => void; log: Log }): Promise<SettingsService> {
  const { file, onChanged, log } = deps;
  let problem: Words | null = null;
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
    problem = words('notices.settingsUnread', { lost });
    return kept;
  }

  return {
    get: () => settings,
    problem: () => problem,
    async change(changes) {
      const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const before = settings;
      const lists = { ...settings.lists, ...changes.lists };
      const next: Settings = { ...settings, ...named, lists, views: viewsAfter(settings.views, changes.views ?? {}) };
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

/** Names of the views of one list differ, case and accents aside: a person tells them apart by nothing else. */
function viewsAfter(views: Settings['views'], changes: Record<string, SavedView | null>): Settings['views'] {
  const next = { ...views };
  for (const [id, view] of Object.entries(changes)) {
    if (view === null) delete next[id];
    else next[id] = view;
  }
  for (const [id, view] of Object.entries(changes)) {
    if (view === null) continue;
    const isTaken = Object.entries(next).some(
      ([other, { noun, name }]) => other !== id && noun === view.noun && fold(name) === fold(view.name),
    );
    if (isTaken) {
      throw new ProblemError({
        code: 'VIEW_NAME_TAKEN',
        field: 'name',
        ...words('records.viewNameTaken', { noun: view.noun, name: view.name }),
      });
    }
  }
  if (Object.keys(next).length > Math.max(mostViews, Object.keys(views).length)) {
    throw new ProblemError({
      code: 'TOO_MANY_VIEWS',
      ...words('records.tooManyViews', { most: mostViews }),
    });
  }
  return next;
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
  listedAs: 'boards and grids',
  views: 'saved views',
  favourites: 'favourites',
  company: 'your company',
  firstPlace: 'the first place',
  today: 'the order of today',
  mailTemplates: 'e-mail templates',
  signature: 'the signature of e-mails',
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
  const { company, lists, views } = given;
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
  if (isFields(views)) {
    settings['views'] = Object.fromEntries(
      Object.entries(views).flatMap(([id, view]) => {
        const read = savedViewSchema.safeParse(view);
        return read.success && id !== '' && id.length <= 50 ? [[id, read.data] as const] : [];
      }),
    );
  }
  return { settings: settingsSchema.parse(settings), lost };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
