import { z } from 'zod';
import type { FieldInfo } from './field.ts';
import { commonFields, customValues, externalIds, idList, optionalEmail, optionalText, requiredText } from './values.ts';

/** The people and teams of the company itself: whom clients are assigned to, who is mentioned, who owns what. */
export const userRoles = { admin: 'Administrator', manager: 'Manager', member: 'Member' } as const;

export const directoryKindSchemas = {
  user: z.object({
    kind: z.literal('user'),
    fullName: requiredText(300),
    username: optionalText(150).default(null),
    email: optionalEmail.default(null),
    role: z.enum(['admin', 'manager', 'member']).default('member'),
    isActive: z.boolean().default(true),
    externalIds: externalIds.default({}),
    custom: customValues.default({}),
  }),
  team: z.object({
    kind: z.literal('team'),
    name: requiredText(300),
    description: optionalText(20_000).default(null),
    memberIds: idList.default([]),
    externalIds: externalIds.default({}),
    custom: customValues.default({}),
  }),
} as const;

export const directoryFieldsSchema = z.discriminatedUnion('kind', [directoryKindSchemas.user, directoryKindSchemas.team]);

export const userSchema = directoryKindSchemas.user.extend(commonFields);
export const teamSchema = directoryKindSchemas.team.extend(commonFields);
export const directorySchema = z.discriminatedUnion('kind', [userSchema, teamSchema]);

export type User = z.output<typeof userSchema>;
export type Team = z.output<typeof teamSchema>;
export type DirectoryEntry = z.output<typeof directorySchema>;
export type DirectoryFields = z.output<typeof directoryFieldsSchema>;
export type NewDirectoryEntry = z.input<typeof directoryFieldsSchema>;

/** What an entry is called in lists and choices. */
export function directoryName(entry: Pick<User, 'kind' | 'fullName'> | Pick<Team, 'kind' | 'name'>): string {
  return entry.kind === 'user' ? entry.fullName : entry.name;
}

/** Everyone a list of users and teams stands for, each once, in the order of first mention. Teams hold users only. */
export function peopleOf(
  userIds: readonly string[],
  teamIds: readonly string[],
  team: (id: string) => Pick<Team, 'memberIds'> | null,
): string[] {
  return [...new Set([...userIds, ...teamIds.flatMap((id) => team(id)?.memberIds ?? [])])];
}

export const userFieldInfo: readonly FieldInfo[] = [
  { path: 'fullName', label: 'Name', kind: 'text', group: 'User', required: true, inList: true, width: 220 },
  { path: 'username', label: 'User name', kind: 'text', group: 'User', inList: true, width: 150 },
  { path: 'email', label: 'E-mail', kind: 'email', group: 'User', inList: true, width: 220 },
  { path: 'role', label: 'Role', kind: 'choice', choices: userRoles, group: 'User', inList: true, width: 130 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'User', inList: true, width: 90 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];

export const teamFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Team', required: true, inList: true, width: 220 },
  { path: 'description', label: 'Description', kind: 'multiline', group: 'Team', inList: true, width: 260 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
