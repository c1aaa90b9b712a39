import { z } from 'zod';
import { callOutcomes, type CallOutcome } from '../nouns/activity/activity.ts';
import { idSchema, longText, optionalDate, optionalText } from '../nouns/values.ts';
import { command, defineContract, query } from './contract.ts';
import { nounNameSchema } from './noun-name.ts';
import { todayGroupSchema } from './today-rule.ts';

/** Rows of a group that are asked for at once. */
export const shownOfGroup = 50;
/** More of a group than anybody does in a day is counted, not listed. */
export const mostOfGroup = 1000;

export const todayRowSchema = z.object({
  /** Two rows may be about one record; their keys differ. */
  key: z.string(),
  kind: z.enum(['call', 'task', 'email', 'conflict', 'refused']),
  /** The record; null where it is not in the book any more. */
  noun: nounNameSchema.nullable(),
  id: z.string(),
  title: z.string(),
  clientId: z.string().nullable(),
  clientName: z.string().nullable(),
  /** What to dial: the client's own, its primary contact's, its address's or its primary location's. */
  phone: z.string().nullable(),
  /** The day it was due on, or of the last contact of a quiet client. */
  day: z.string().nullable(),
  /** When an e-mail is to leave, or since when a change waits for a decision. */
  at: z.string().nullable(),
});
export type TodayRow = z.output<typeof todayRowSchema>;

export const todayQueueSchema = z.object({
  today: z.string(),
  /** In the order of the rule. Groups with nothing in them are not there. `rows` are the first ones. */
  groups: z.array(z.object({ group: todayGroupSchema, rows: z.array(todayRowSchema), total: z.number().int() })),
  /** Whose it is, where the rule names somebody who is in the book. */
  whose: z.string().nullable(),
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
  /** What is to do: follow-ups, tasks and e-mails that are due, what a sync left to decide, and clients that have gone quiet. */
  queue: query({ input: z.object({ shown: z.int().min(1).max(mostOfGroup).default(shownOfGroup) }), output: todayQueueSchema }),
  /** How much of it there is, without clients that have gone quiet: nobody waits for those. */
  due: query({ input: z.object({}), output: z.object({ due: z.number().int() }) }),
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
