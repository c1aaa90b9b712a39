import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import { commonFields, customValues, externalIds, idList, longText, optionalEmail, optionalText, requiredText } from '../values.ts';

/** The people and teams of the company itself: whom clients are assigned to, who is mentioned, who owns what. */
export const userRoles = { admin: 'Administrator', manager: 'Manager', member: 'Member' } as const;

export const directoryKinds = { user: 'Person', team: 'Team' } as const;

/** What is said of each kind. */
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
    description: optionalText(longText).default(null),
    memberIds: idList.default([]),
    externalIds: externalIds.default({}),
    custom: customValues.default({}),
  }),
} as const;

const { user, team } = { user: directoryKindSchemas.user.shape, team: directoryKindSchemas.team.shape };

/**
 * Both kinds lie in one collection with the fields of both: what a kind does not have stays at its default
 * (`directoryProblem`). So lists, history and undo meet one form, as with any other noun.
 */
export const directoryFieldsSchema = z.object({
  kind: z.enum(['user', 'team']).default('user'),
  fullName: optionalText(300).default(null),
  username: user.username,
  email: user.email,
  role: user.role,
  isActive: user.isActive,
  name: optionalText(300).default(null),
  description: team.description,
  memberIds: team.memberIds,
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const directorySchema = directoryFieldsSchema.extend(commonFields);

export type DirectoryEntry = z.output<typeof directorySchema>;

/** What an entry is called in lists and choices. */
export function directoryName({ kind, fullName, name }: Pick<DirectoryEntry, 'kind' | 'fullName' | 'name'>): string {
  return (kind === 'user' ? fullName : name) ?? '';
}

/** Everyone a list of users and teams stands for, each once, in the order of first mention. Teams hold users only. */
export function peopleOf(
  userIds: readonly string[],
  teamIds: readonly string[],
  team: (id: string) => Pick<DirectoryEntry, 'memberIds'> | null,
): string[] {
  return [...new Set([...userIds, ...teamIds.flatMap((id) => team(id)?.memberIds ?? [])])];
}

const ofUser = { kind: 'user' } as const;
const ofTeam = { kind: 'team' } as const;

export const directoryFieldInfo: readonly FieldInfo[] = [
  { path: 'displayName', label: 'Name', kind: 'text', group: 'Person or team', computed: true, inList: true, width: 220 },
  { path: 'kind', label: 'Kind', kind: 'choice', choices: directoryKinds, group: 'Person or team', fixed: true, inList: true, width: 110 },
  { path: 'fullName', label: 'Full name', kind: 'text', group: 'Person or team', when: ofUser, required: true, width: 200 },
  { path: 'name', label: 'Team name', kind: 'text', group: 'Person or team', when: ofTeam, required: true, width: 200 },
  { path: 'email', label: 'E-mail', kind: 'email', group: 'Person or team', when: ofUser, inList: true, width: 220 },
  { path: 'username', label: 'User name', kind: 'text', group: 'Person or team', when: ofUser, width: 150 },
  { path: 'role', label: 'Role', kind: 'choice', choices: userRoles, group: 'Person or team', when: ofUser, inList: true, width: 130 },
  {
    path: 'memberIds',
    label: 'Members',
    kind: 'references',
    of: 'directory',
    where: ofUser,
    group: 'Person or team',
    when: ofTeam,
    inList: true,
    width: 260,
  },
  { path: 'description', label: 'Description', kind: 'multiline', group: 'Person or team', when: ofTeam, width: 260 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'Person or team', when: ofUser, inList: true, width: 90 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
