import { z } from 'zod';
import { ownFieldFieldsSchema } from '../nouns/own-field/own-field.ts';
import { importNouns } from '../nouns/import-target.ts';
import { command, defineContract, query } from './contract.ts';
import { listRequestSchema } from './list.ts';
import { nounNameSchema } from './noun-name.ts';
import { wordsSchema } from '../words/words-schema.ts';

/**
 * Import and export. A file is first taken in (`crm.files.take`, see api.ts) and then known by its id; it stays in the
 * data folder until the import is finished or dropped, so that an import goes on after a crash.
 */

/** Every one that text decoders know by this name, the likely ones first. */
export const encodingNames = {
  'utf-8': 'UTF-8',
  'windows-1252': 'Western (Windows-1252)',
  'windows-1250': 'Central European (Windows-1250)',
  'windows-1251': 'Cyrillic (Windows-1251)',
  'windows-1253': 'Greek (Windows-1253)',
  'windows-1254': 'Turkish (Windows-1254)',
  'windows-1255': 'Hebrew (Windows-1255)',
  'windows-1256': 'Arabic (Windows-1256)',
  'windows-1257': 'Baltic (Windows-1257)',
  'windows-1258': 'Vietnamese (Windows-1258)',
  'windows-874': 'Thai (Windows-874)',
  shift_jis: 'Japanese (Shift JIS)',
  'euc-jp': 'Japanese (EUC-JP)',
  'iso-2022-jp': 'Japanese (ISO-2022-JP)',
  gb18030: 'Chinese, simplified (GBK, GB18030)',
  big5: 'Chinese, traditional (Big5)',
  'euc-kr': 'Korean (EUC-KR)',
  macintosh: 'Western (Mac)',
  'x-mac-cyrillic': 'Cyrillic (Mac)',
  'iso-8859-2': 'Central European (ISO 8859-2)',
  'iso-8859-3': 'South European (ISO 8859-3)',
  'iso-8859-4': 'North European (ISO 8859-4)',
  'iso-8859-5': 'Cyrillic (ISO 8859-5)',
  'iso-8859-6': 'Arabic (ISO 8859-6)',
  'iso-8859-7': 'Greek (ISO 8859-7)',
  'iso-8859-8': 'Hebrew (ISO 8859-8)',
  'iso-8859-10': 'Nordic (ISO 8859-10)',
  'iso-8859-13': 'Baltic (ISO 8859-13)',
  'iso-8859-14': 'Celtic (ISO 8859-14)',
  'iso-8859-15': 'Western (ISO 8859-15)',
  'koi8-r': 'Cyrillic (KOI8-R)',
  'koi8-u': 'Cyrillic (KOI8-U)',
  ibm866: 'Cyrillic (DOS)',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16, big endian',
} as const;
export type Encoding = keyof typeof encodingNames;
export const encodings = Object.keys(encodingNames) as [Encoding, ...Encoding[]];

/** Where a column goes: "client.name", "location.physicalAddress.city", "contact.email" (shared/nouns/import-target.ts); null leaves it out. */
export const columnMappingSchema = z.object({
  column: z.number().int().min(0),
  target: z.string().max(200).nullable(),
  /** Text in the file → value in the book, for choices and yes/no ("Health Care" → "health"). */
  values: z.record(z.string().max(500), z.string().max(500)).default({}),
  /** How 3/4/2024 is meant; null where every date of the column can be read one way only. */
  dateOrder: z.enum(['dmy', 'mdy']).nullable().default(null),
  /** What begins the decimals, and so how 1.250 is meant; null where every number of the column can be read one way only. */
  decimalMark: z.enum(['comma', 'point']).nullish(),
  /** True where 1 and 0.5 are percentages too, as the column shows or a person says. */
  isPercent: z.boolean().nullish(),
});
export type ColumnMapping = z.output<typeof columnMappingSchema>;

/** Fields that tell that a row is a record the book has already. */
export const matchKeys = { externalId: 'Id in the other program', email: 'E-mail', accountCode: 'Account code', name: 'Name' } as const;
const matchKey = z.enum(['externalId', 'email', 'accountCode', 'name']);
export type MatchKey = z.output<typeof matchKey>;
const onMatchChoice = z.enum(['update', 'skip', 'create']);
const defaultValues = z.record(z.string().max(200), z.string().max(2000));

export const importPlanSchema = z.object({
  fileId: z.string().max(100),
  encoding: z.enum(encodings).nullable().default(null),
  delimiter: z.string().max(2).nullable().default(null),
  hasHeader: z.boolean().nullable().default(null),
  /** The row the names stand in, as a person counts; null finds it. */
  headerRow: z.number().int().min(1).max(1_048_576).nullable().default(null),
  /** Rows that are no records, because they add up the others. */
  totalRows: z.array(z.number().int().min(1)).max(10).default([]),
  sheet: z.string().max(200).nullable().default(null),
  columns: z.array(columnMappingSchema).max(1000).default([]),
  /** Target → value, for every row that has none of its own there ("location.name" → "Headquarters"). */
  defaults: defaultValues.default({}),
  /** What the file lists, where a person said so; it only changes what is proposed. */
  lists: z.enum(importNouns).nullable().default(null),
  /** First match wins. Empty: every row is new. */
  matchBy: z.array(matchKey).default(['externalId', 'email', 'accountCode', 'name']),
  /** What to do with a row whose record is there already. */
  onMatch: onMatchChoice.default('update'),
});
export type ImportPlan = z.output<typeof importPlanSchema>;

export const filePreviewSchema = z.object({
  fileId: z.string(),
  fileName: z.string(),
  size: z.number(),
  format: z.enum(['csv', 'tsv', 'xlsx', 'vcard']),
  encoding: z.enum(encodings).nullable(),
  delimiter: z.string().nullable(),
  hasHeader: z.boolean(),
  headerRow: z.number().int().nullable(),
  totalRows: z.array(z.number().int()),
  sheets: z.array(z.string()),
  sheet: z.string().nullable(),
  /** Rows (or cards) of data, header not counted. */
  rows: z.number().int(),
  headers: z.array(z.string()),
  /** First rows as text, at most 20. */
  sample: z.array(z.array(z.string())),
  /** Distinct values of columns with few of them, for value mapping: column index → values (at most 50 each). */
  distinct: z.record(z.string(), z.array(z.string())),
  /** Numbers that a column of rates could mean in two ways, and what each comes to: column index → the first few. */
  rateExamples: z.record(z.string(), z.array(z.object({ text: z.string(), ifPercent: z.string(), ifFraction: z.string() }))),
  /** What the file lists, as a person said or as it seems. Null for cards, and where the mapping is remembered. */
  lists: z.enum(importNouns).nullable(),
  /** The mapping proposed from names and content, or remembered from the last file with these headers. */
  columns: z.array(columnMappingSchema),
  defaults: defaultValues,
  matchBy: z.array(matchKey),
  onMatch: onMatchChoice,
  remembered: z.boolean(),
  /** The own fields of the book that columns can go to. */
  ownFields: z.array(ownFieldFieldsSchema.pick({ noun: true, key: true, label: true, fieldKind: true, choices: true, order: true })),
  /** Things to know before going on: ragged rows padded, NUL bytes removed, encoding guessed … */
  notes: z.array(wordsSchema),
});
export type FilePreview = z.output<typeof filePreviewSchema>;

export const rowVerdicts = {
  new: 'New',
  update: 'Update',
  unchanged: 'Unchanged',
  duplicate: 'Possible duplicate',
  skip: 'Skipped',
  error: 'Error',
} as const;
const rowVerdict = z.enum(['new', 'update', 'unchanged', 'duplicate', 'skip', 'error']);

export const rowReportSchema = z.object({
  /** Line in the file as a person counts it: the header is row 1. */
  row: z.number().int(),
  title: z.string(),
  verdict: rowVerdict,
  /** Why, in words a person can act on; null where there is nothing to say. */
  reason: wordsSchema.nullable(),
});
export type RowReport = z.output<typeof rowReportSchema>;

const countsSchema = z.object({
  new: z.number().int(),
  update: z.number().int(),
  unchanged: z.number().int(),
  duplicate: z.number().int(),
  skip: z.number().int(),
  error: z.number().int(),
});

export const importJobSchema = z.object({
  id: z.string(),
  fileName: z.string(),
  format: z.enum(['csv', 'tsv', 'xlsx', 'vcard']),
  state: z.enum(['running', 'paused', 'interrupted', 'done', 'cancelled', 'failed', 'undoing', 'undone']),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  rows: z.number().int(),
  /** Rows dealt with so far. */
  done: z.number().int(),
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  counts: countsSchema,
  /** Records made or changed, by noun: what Undo takes back. */
  made: z.partialRecord(z.enum(importNouns), z.number().int()),
  /** Why it stopped, and what to do; null while nothing is wrong. */
  problem: wordsSchema.nullable(),
  /** Something worth knowing that is no problem: what Undo left alone, for instance. */
  note: wordsSchema.nullable(),
});
export type ImportJob = z.output<typeof importJobSchema>;

const jobInput = z.object({ id: z.string().max(100) });

export const importContract = defineContract('imports', {
  preview: query({
    input: importPlanSchema,
    output: filePreviewSchema,
    errors: ['FILE_UNREADABLE', 'FILE_EMPTY', 'FILE_GONE', 'FILE_TOO_LARGE'],
  }),
  /**
   * Says what the import would do, without doing it. Rows are the first 200 of each verdict. A long file is checked
   * while the answers are asked for: ask again with the same plan until it is complete.
   */
  dryRun: query({
    input: importPlanSchema,
    output: z.object({
      counts: countsSchema,
      rows: z.array(rowReportSchema),
      checked: z.number().int(),
      total: z.number().int(),
      complete: z.boolean(),
    }),
    errors: ['FILE_UNREADABLE', 'FILE_EMPTY', 'FILE_GONE', 'MAPPING_NEEDED'],
  }),
  start: command({
    input: importPlanSchema,
    output: importJobSchema,
    errors: ['FILE_UNREADABLE', 'FILE_EMPTY', 'FILE_GONE', 'MAPPING_NEEDED', 'IMPORT_RUNNING'],
  }),
  pause: command({ input: jobInput, output: importJobSchema }),
  resume: command({ input: jobInput, output: importJobSchema, errors: ['FILE_GONE', 'IMPORT_RUNNING'] }),
  /** Stops; what was imported so far stays and can be undone. */
  cancel: command({ input: jobInput, output: importJobSchema }),
  /** Takes the whole import back, updates included. */
  undo: command({ input: jobInput, output: importJobSchema, errors: ['IMPORT_RUNNING'] }),
  /** Newest first. */
  list: query({ input: z.object({}), output: z.object({ jobs: z.array(importJobSchema) }) }),
  report: query({
    input: jobInput.extend({
      verdict: rowVerdict,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(200),
    }),
    output: z.object({ rows: z.array(rowReportSchema), total: z.number().int() }),
  }),
  /** The rows that failed, as a CSV with a reason column, ready to be mended and imported again. */
  errorFile: command({ input: jobInput, output: z.object({ fileId: z.string(), fileName: z.string() }) }),
  /** Forgets a taken-in file that will not be imported. */
  drop: command({ input: z.object({ fileId: z.string().max(100) }), output: z.object({}) }),
});

export const exportContract = defineContract('exports', {
  /** Writes the list as it is filtered and sorted. The file is then fetched with `crm.files.save`. */
  create: command({
    input: z.object({
      collection: nounNameSchema,
      format: z.enum(['csv', 'xlsx', 'vcard']),
      list: listRequestSchema.omit({ offset: true, limit: true }),
      /** Only these records of the list, in its order; without it all of them. */
      ids: z.array(z.string().max(100)).min(1).max(100_000).optional(),
      /** Field paths in order; empty exports every field that is not secret. */
      columns: z.array(z.string().max(120)).max(200).default([]),
      includeSecret: z.boolean().default(false),
    }),
    output: z.object({ fileId: z.string(), fileName: z.string(), rows: z.number().int() }),
    errors: ['NOTHING_TO_EXPORT'],
  }),
});
