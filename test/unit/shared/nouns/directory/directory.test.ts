import { describe, expect, it } from 'vitest';
import { directoryFieldsSchema, directoryKindSchemas, directoryName, peopleOf } from '../../../../../shared/nouns/directory/directory.ts';

describe('The directory', () => {
  it('holds users and teams, each with its own fields', () => {
    expect(directoryFieldsSchema.parse({ kind: 'user', fullName: 'Mira Inuko' })).toMatchObject({
      role: 'member',
      isActive: true,
      username: null,
    });
    expect(directoryFieldsSchema.parse({ kind: 'team', name: 'North' })).toMatchObject({ memberIds: [], description: null });
    expect(directoryKindSchemas.team.safeParse({ kind: 'team', fullName: 'North' }).success).toBe(false);
  });

  it('names both', () => {
    expect(directoryName({ kind: 'user', fullName: 'Mira Inuko', name: null })).toBe('Mira Inuko');
    expect(directoryName({ kind: 'team', fullName: null, name: 'North' })).toBe('North');
  });

  it('counts a person once who is named and in a team', () => {
    const teams: Record<string, { memberIds: string[] }> = { north: { memberIds: ['ann', 'bo'] } };
    expect(peopleOf(['bo'], ['north', 'gone'], (id) => teams[id] ?? null)).toEqual(['bo', 'ann']);
  });
});
