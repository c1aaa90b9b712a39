import { z } from 'zod';
import { taxRoundingSchema } from '../nouns/invoice/invoice.ts';
import { mailTemplateSchema, mostTemplates } from '../mail/mail-template.ts';
import { command, defineContract, query } from './contract.ts';
import { nounNameSchema } from './noun-name.ts';
import { savedViewChangesSchema, savedViewsSchema } from './saved-view.ts';
import { firstRule, todayRuleSchema } from './today-rule.ts';
import { wordsSchema } from '../words/words-schema.ts';

export const serverStatusSchema = z.object({
  /** Changes that the servers are not known to have, and since when the oldest of them waits. */
  waiting: z.number().int(),
  oldest: z.string().nullable(),
  /** Steps of the history that are not there yet, where every record is. */
  isHistoryUnsent: z.boolean(),
  conflicts: z.number().int(),
  refused: z.number().int(),
  /** Systems that stopped before anything was sent or removed, and ask whether they are right as they are. */
  stopped: z.number().int(),
  isSyncing: z.boolean(),
  /** Somebody chose to work offline. */
  isOffline: z.boolean(),
  /** Nothing answered at the last sync. */
  isUnreachable: z.boolean(),
  /** When the last sync that went through to its end was over; null where there was none since the start. */
  asOf: z.string().nullable(),
  /** Why the last one did not, in a sentence; null where it did. */
  problem: z.string().nullable(),
});
export type ServerStatus = z.output<typeof serverStatusSchema>;

/** What the bottom line of the window is made from. Every state of it must be true (invariant 5). */
export const statusSchema = z.object({
  /** opening: the database is not there yet; ready; restarting: it died and comes back; readOnly: it could not be opened. */
  storage: z.enum(['opening', 'ready', 'restarting', 'rebuilding', 'readOnly']),
  /** Operations that are safe in the journal and not yet in the database. */
  unapplied: z.number().int(),
  /** How far a large change is written to the database: records. Null while none is. */
  writing: z.object({ done: z.number().int(), total: z.number().int() }).nullable(),
  /** The book's servers, from the records themselves; `none` where it is connected to none. */
  server: z.union([z.literal('none'), serverStatusSchema]),
  /** What a person must be told: damage found and mended, disk nearly full, a journal line that could not be read. */
  notices: z.array(z.object({ id: z.string(), level: z.enum(['info', 'warning', 'error']), text: wordsSchema })),
});
export type AppStatus = z.output<typeof statusSchema>;

export const listViewSchema = z.object({
  columns: z.array(z.string().max(120)).max(200),
  widths: z.record(z.string(), z.number().min(40).max(1200)).default({}),
  sort: z
    .array(z.object({ path: z.string().max(120), descending: z.boolean() }))
    .max(5)
    .default([]),
});

const companyText = (max: number) => z.string().trim().max(max);
export const companySchema = z.strictObject({
  name: companyText(200),
  address: companyText(1000),
  taxId: companyText(100),
  /** Where to pay: bank, account, reference. */
  bankLine: companyText(500),
  /** One to a few letters or words in the place of a logo. */
  logoText: companyText(60),
  /** Of new invoices. */
  taxRounding: taxRoundingSchema.default('line'),
});
export type Company = z.output<typeof companySchema>;

/** Places that Fieldbook may open with. */
export const firstPlaces = {
  today: 'Today',
  clients: 'Clients',
  opportunities: 'Opportunities',
  cases: 'Cases',
  tasks: 'Tasks',
  invoices: 'Invoices',
} as const;
export type FirstPlace = keyof typeof firstPlaces;

const settingFields = {
  /** Written as the author of changes. */
  personName: z.string().trim().max(200),
  colorScheme: z.enum(['light', 'dark', 'auto']),
  density: z.enum(['dense', 'comfortable']),
  /** Keys of one letter (n, e, j, k, ?). Can be switched off, for people whose tools type letters for them (WCAG 2.1.4). */
  singleKeys: z.boolean(),
  lists: z.record(z.string().max(50), listViewSchema),
  /** By noun: whether its records stand in a list, on a board, or in a grid with the locations (item prices). */
  listedAs: z.partialRecord(nounNameSchema, z.enum(['list', 'board', 'grid'])),
  /** Who sends invoices, as it stands on them. */
  company: companySchema,
  firstPlace: z.enum(Object.keys(firstPlaces) as [FirstPlace, ...FirstPlace[]]),
  today: todayRuleSchema,
  mailTemplates: z.array(mailTemplateSchema).max(mostTemplates),
  /** Ends each new e-mail. */
  signature: z.string().trim().max(2000),
};
export const settingsSchema = z.object({
  personName: settingFields.personName.default(''),
  colorScheme: settingFields.colorScheme.default('auto'),
  density: settingFields.density.default('dense'),
  singleKeys: settingFields.singleKeys.default(true),
  lists: settingFields.lists.default({}),
  listedAs: settingFields.listedAs.default({}),
  views: savedViewsSchema.default({}),
  /** Nouns by the ids of records that a person wants at hand; changed by `favourites.put` alone. */
  favourites: z.record(z.string().min(1).max(100), nounNameSchema).default({}),
  company: settingFields.company.default({ name: '', address: '', taxId: '', bankLine: '', logoText: '', taxRounding: 'line' }),
  firstPlace: settingFields.firstPlace.default('today'),
  today: settingFields.today.default(firstRule),
  mailTemplates: settingFields.mailTemplates.default([]),
  signature: settingFields.signature.default(''),
  /** Nothing is sent or asked until somebody chooses otherwise (contract of sync). */
  workOffline: z.boolean().default(false),
  /** A prefix of invoice numbers that was chosen, and the device it was chosen on: a restored book counts anew. */
  invoicePrefix: z.object({ deviceId: z.string(), prefix: z.string() }).nullable().default(null),
});
export type Settings = z.output<typeof settingsSchema>;

/** Without defaults: `.partial()` of a schema with defaults fills them in, and would reset what is not named. */
const settingsChangeSchema = z.strictObject({ ...settingFields, views: savedViewChangesSchema }).partial();
export type SettingsChange = z.input<typeof settingsChangeSchema>;

export const appContract = defineContract('app', {
  info: query({
    input: z.object({}),
    output: z.object({ version: z.string(), adapter: z.enum(['electron', 'browser']), dataFolder: z.string(), platform: z.string() }),
  }),
  status: query({ input: z.object({}), output: statusSchema }),
  dismissNotice: command({ input: z.object({ id: z.string().max(100) }), output: z.object({}) }),
  counts: query({ input: z.object({}), output: z.record(nounNameSchema, z.number().int()) }),
  settings: query({ input: z.object({}), output: settingsSchema }),
  changeSettings: command({ input: settingsChangeSchema, output: settingsSchema, errors: ['VIEW_NAME_TAKEN', 'TOO_MANY_VIEWS'] }),
  /** Sample data to look at on the first run; removed in one step, records that were edited stay. */
  addSample: command({ input: z.object({}), output: z.object({ clients: z.number().int() }) }),
  removeSample: command({ input: z.object({}), output: z.object({ removed: z.number().int(), kept: z.number().int() }) }),
  /** Ids of the sample records still there: 0 when none. */
  sample: query({ input: z.object({}), output: z.object({ records: z.number().int() }) }),
  /** Closes Fieldbook after everything is written. */
  quit: command({ input: z.object({}), output: z.object({}) }),
});
