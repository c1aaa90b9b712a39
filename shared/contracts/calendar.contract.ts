import { z } from 'zod';
import { dateSchema, idSchema } from '../nouns/values.ts';
import { command, defineContract, query } from './contract.ts';
import { nounNameSchema } from './noun-name.ts';

/** What stands on a day, and what it is called. */
export const calendarKinds = { followUp: 'Follow-ups', task: 'Tasks', visit: 'Visits', email: 'E-mails', invoice: 'Invoices due' } as const;
export type CalendarKind = keyof typeof calendarKinds;
export const calendarKindSchema = z.enum(Object.keys(calendarKinds) as [CalendarKind, ...CalendarKind[]]);

/** Of what falls on one day this many are shown of each kind; the rest is counted. */
export const shownOfDay = 50;
/** Six weeks show every month whole. */
export const mostDays = 62;

/** Items in one calendar file. */
export const mostInFile = 5000;

const calendarItemSchema = z.object({
  /** Of the kind and the record. */
  key: z.string(),
  kind: calendarKindSchema,
  noun: nounNameSchema,
  id: z.string(),
  title: z.string(),
  clientId: z.string().nullable(),
  clientName: z.string().nullable(),
  phone: z.string().nullable(),
  /** Where the client is, in one line. */
  address: z.string().nullable(),
  day: z.string(),
  /** When on that day; null for what has a day only. */
  at: z.string().nullable(),
  /** What is still to be paid of an invoice. */
  amount: z.object({ value: z.string(), currency: z.string() }).nullable(),
  /** A visit that was made: it is past, and moves no more. */
  isDone: z.boolean(),
  /** Another day can be given to it here. */
  canMove: z.boolean(),
});
export type CalendarItem = z.output<typeof calendarItemSchema>;

const daysAsked = {
  from: dateSchema,
  /** So many days from there. */
  days: z.int().min(1).max(mostDays),
  kinds: z.array(calendarKindSchema).max(10),
  /** A person: theirs and nobody’s. Null: everybody’s. What has no person is everybody’s. */
  whose: idSchema.nullable().default(null),
};

export const calendarDaysSchema = z.object({
  today: z.string(),
  days: z.array(z.object({ day: z.string(), total: z.number().int(), items: z.array(calendarItemSchema) })),
  /** How many of each kind there are in these days, whichever are asked for. */
  counts: z.record(calendarKindSchema, z.number().int()),
  /** What was due before today and still is, the longest overdue first. */
  overdue: z.object({ total: z.number().int(), items: z.array(calendarItemSchema) }),
});
export type CalendarDays = z.output<typeof calendarDaysSchema>;

export const calendarContract = defineContract('calendar', {
  /** Follow-ups, tasks, visits, e-mails that wait and unpaid invoices, by day. */
  days: query({ input: z.object(daysAsked), output: calendarDaysSchema }),
  /** Gives follow-ups and tasks another day, in one step that one undo takes back. Records that are not there any more stay out. */
  move: command({
    input: z.strictObject({
      items: z
        .array(z.strictObject({ noun: z.enum(['clients', 'tasks']), id: idSchema }))
        .min(1)
        .max(500),
      day: dateSchema,
    }),
    output: z.object({ operationId: z.string().nullable(), moved: z.number().int() }),
  }),
  /** A calendar file (iCalendar) of these days, for `crm.files.save`. */
  file: query({
    input: z.object(daysAsked),
    output: z.object({ fileId: z.string(), fileName: z.string(), items: z.number().int() }),
    errors: ['NOTHING_TO_EXPORT'],
  }),
});
