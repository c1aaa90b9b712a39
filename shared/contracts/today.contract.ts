import { z } from 'zod';
import { callOutcomes, type CallOutcome } from '../nouns/activity/activity.ts';
import { idSchema, longText, optionalDate, optionalText } from '../nouns/values.ts';
import { command, defineContract, query } from './contract.ts';

/** The groups of the queue, in the order in which they are worked through. */
export const todayGroups = {
  overdue: 'Overdue',
  calls: 'Calls due today',
  tasks: 'Tasks due today',
  emails: 'E-mails to go',
  quiet: 'Quiet',
} as const;
export type TodayGroup = keyof typeof todayGroups;

/** A client whom nobody has spoken to for this many days, and for whom nothing is planned, has gone quiet. */
export const quietAfterDays = 60;

export const todayRowSchema = z.object({
  noun: z.enum(['clients', 'tasks', 'activities']),
  id: z.string(),
  title: z.string(),
  clientId: z.string().nullable(),
  clientName: z.string().nullable(),
  /** What to dial: the client's own, its primary contact's or its address's. */
  phone: z.string().nullable(),
  /** The day it was due on, or of the last contact of a quiet client. */
  day: z.string().nullable(),
  /** When an e-mail is to leave. */
  at: z.string().nullable(),
});
export type TodayRow = z.output<typeof todayRowSchema>;

export const todayQueueSchema = z.object({
  today: z.string(),
  /** Groups with nothing in them are not there. `rows` are the first ones. */
  groups: z.array(
    z.object({
      group: z.enum(Object.keys(todayGroups) as [TodayGroup, ...TodayGroup[]]),
      rows: z.array(todayRowSchema),
      total: z.number().int(),
    }),
  ),
  /** What was done today, newest first. */
  done: z.object({
    calls: z.number().int(),
    visits: z.number().int(),
    tasks: z.number().int(),
    rows: z.array(
      z.object({ noun: z.enum(['activities', 'tasks']), id: z.string(), title: z.string(), clientName: z.string().nullable() }),
    ),
  }),
});
export type TodayQueue = z.output<typeof todayQueueSchema>;

export const todayContract = defineContract('today', {
  /** What is to do: follow-ups, tasks and e-mails that are due, and clients that have gone quiet. */
  queue: query({ input: z.object({}), output: todayQueueSchema }),
  /** A call and the client's next date in one step, undone in one. `next` null: no next date. */
  logCall: command({
    input: z.strictObject({
      clientId: idSchema,
      outcome: z.enum(Object.keys(callOutcomes) as [CallOutcome, ...CallOutcome[]]),
      contactId: idSchema.nullable().default(null),
      body: optionalText(longText).default(null),
      next: optionalDate.default(null),
    }),
    output: z.object({ id: z.string(), operationId: z.string().nullable() }),
  }),
});
