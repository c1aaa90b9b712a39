import { z } from 'zod';
import { canBeId } from '../lib/ids.ts';
import { plainNumber } from '../lib/text.ts';
import { schemaWords } from '../words/words.ts';

/** Building blocks of every noun. Stored optional values are `T | null`; only inputs leave things out. */

/** Text without control characters that no screen or file can carry (NUL and friends); line breaks and tabs stay. */
const printable = z.string().refine((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value), {
  message: schemaWords('values.unshowable'),
});

/** Required text of 1 to `max` characters; surrounding space is trimmed. */
export const requiredText = (max: number) =>
  printable
    .trim()
    .min(1, { message: schemaWords('values.empty') })
    .max(max, { message: schemaWords('values.tooLong', { max }) });

/** Characters of a free text: none of the five systems' documents gives it a limit. */
export const longText = 100_000;

/** Optional text; an empty one is stored as null. */
export const optionalText = (max: number) =>
  printable
    .trim()
    .max(max, { message: schemaWords('values.tooLong', { max }) })
    .transform((value) => (value === '' ? null : value))
    .nullable();

export const idSchema = z
  .string()
  .min(1)
  .max(100)
  .refine(canBeId, { message: schemaWords('values.idUnshowable') });
export const optionalId = idSchema.nullable();

/** YYYY-MM-DD, a day that exists. */
export const dateSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { message: schemaWords('values.date') })
  .refine((value) => isCalendarDay(value), { message: schemaWords('values.noSuchDay') });

function isCalendarDay(value: string): boolean {
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === value;
}

export const optionalDate = z.preprocess((value) => (value === '' ? null : value), dateSchema.nullable());

/** ISO 8601 in UTC with milliseconds. */
export const instantSchema = z.iso.datetime();

/** A decimal as a string, never a float. `whole` digits before and `fraction` digits after the point. */
export const decimalText = (whole: number, fraction: number) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^-?\\d{1,${whole}}(\\.\\d{1,${fraction}})?$`), {
      message: schemaWords('values.decimal', { whole, fraction }),
    });

export const optionalDecimal = (whole: number, fraction: number) =>
  z.preprocess((value) => (value === '' ? null : value), decimalText(whole, fraction).nullable());

export const emailSchema = z
  .string()
  .trim()
  .max(254, { message: schemaWords('values.tooLong', { max: 254 }) })
  .regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/, { message: schemaWords('values.email') });
export const optionalEmail = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() === '' ? null : value),
  emailSchema.nullable(),
);

/** Phones stay text as typed. A facade with a tighter rule says so before sending (domain model, contradictions). */
export const optionalPhone = optionalText(50);

/** Any address, also one without a scheme; but none that is a program, whatever it is hidden behind. */
export const optionalUrl = optionalText(300).refine(
  (value) => value === null || !/^(?:javascript|vbscript|data):/i.test(value.replace(/[\s\u0000-\u0020\u007f-\u00a0]/g, '')),
  { message: schemaWords('values.webAddressIsProgram') },
);

export const currencySchema = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/, { message: schemaWords('values.currency') });

export const optionalWholeNumber = (min: number, max: number) =>
  z
    .number({ message: schemaWords('values.wholeNumber') })
    .int({ message: schemaWords('values.wholeNumber') })
    .min(min, { message: schemaWords('values.atLeast', { min }) })
    .max(max, { message: schemaWords('values.atMost', { max }) })
    .transform(plainNumber)
    .nullable();

export const idList = z.array(idSchema).max(500);
export const tagList = z.array(requiredText(100)).max(200);

export const addressSchema = z.object({
  line1: optionalText(300).default(null),
  line2: optionalText(300).default(null),
  line3: optionalText(300).default(null),
  city: optionalText(300).default(null),
  region: optionalText(300).default(null),
  postalCode: optionalText(300).default(null),
  country: optionalText(300).default(null),
  phone: optionalPhone.default(null),
  /** An address that came as one text (spec/summit-clients.md). */
  freeform: optionalText(longText).default(null),
});
export type Address = z.output<typeof addressSchema>;

export const emptyAddress: Address = {
  line1: null,
  line2: null,
  line3: null,
  city: null,
  region: null,
  postalCode: null,
  country: null,
  phone: null,
  freeform: null,
};

/** User-defined fields by key; what a key means is said by an own field (own-field.ts), or by nobody. */
export const customValues = z.record(
  z.string().max(100),
  z.union([z.string().max(10_000), z.boolean(), z.number().transform(plainNumber), z.null()]),
);

/** Ids that remotes gave to this record, by remote. Integers are kept as text. */
export const externalIds = z.record(z.string().max(200), z.string().max(200));

/** Fields every record has beside its own (domain model, "Conventions"). */
export const commonFields = {
  id: idSchema,
  createdAt: instantSchema,
  createdBy: z.string().max(200),
  updatedAt: instantSchema,
  updatedBy: z.string().max(200),
  /** Tombstone: when the record was deleted; null while it is not. Deletion is soft and can be undone. */
  deletedAt: instantSchema.nullable(),
  /** The record this one was merged into; it is deleted then, and its id stands for that one. */
  mergedInto: idSchema.nullable().default(null),
  /** Records that look like this one and are others: somebody said so. Either of the two may carry it. */
  notDuplicateOf: idList.default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
};
