import { z } from 'zod';

/** The groups of the queue, in the order in which they are worked through unless somebody chooses another. */
export const todayGroups = {
  overdue: 'Overdue',
  calls: 'Calls due today',
  tasks: 'Tasks due today',
  emails: 'E-mails to go',
  sync: 'Needs your decision',
  quiet: 'Gone quiet',
} as const;
export type TodayGroup = keyof typeof todayGroups;
const groupNames = Object.keys(todayGroups) as [TodayGroup, ...TodayGroup[]];
export const todayGroupSchema = z.enum(groupNames);

/** What orders the queue and says what is in it: kept in the settings, read and changed on the page. */
export const todayRuleSchema = z.strictObject({
  /** Those that are named come in this order; one that is not named, or that is newer than the setting, comes after them. */
  order: z.array(todayGroupSchema).max(50),
  /** Only what is assigned to this person, and what is assigned to nobody; null for everybody's. */
  whose: z.string().max(100).nullable(),
  /** A client whom nobody has spoken to for this many days, and for whom nothing is planned, has gone quiet. */
  quietAfterDays: z.int().min(1).max(3650),
});
export type TodayRule = z.output<typeof todayRuleSchema>;

export const firstRule: TodayRule = { order: groupNames, whose: null, quietAfterDays: 60 };

/** Every group once, in the order of the rule. */
export function groupsInOrder({ order }: Pick<TodayRule, 'order'>): TodayGroup[] {
  return [...new Set([...order, ...groupNames])];
}
