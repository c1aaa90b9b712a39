import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../../build/paths.mjs';
import { tagNouns } from '../../../../shared/contracts/tag.contract.ts';
import { importNouns } from '../../../../shared/nouns/import-target.ts';
import { blankRecord, fieldsOf, nounNames, nouns, parentNounsOf, placeNouns } from '../../../../shared/nouns/nouns.ts';
import { ownFieldNouns } from '../../../../shared/nouns/own-field/own-field.ts';
import { recordRules } from '../../../../shared/nouns/record-rules.ts';

const pathsOf = (noun: keyof typeof nouns) => fieldsOf(noun).map(({ path }) => path);

describe('the nouns', () => {
  it('stand in the registry after what their records hang on', () => {
    for (const [at, noun] of nounNames.entries())
      for (const parent of parentNounsOf(noun)) expect(nounNames.indexOf(parent), `${noun} after ${parent}`).toBeLessThan(at);
  });

  it('have a folder each, with what is said of them and their rules', () => {
    const folders = readdirSync(join(root, 'shared/nouns'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders).toHaveLength(nounNames.length);
    for (const { name } of folders)
      expect(readdirSync(join(root, 'shared/nouns', name))).toEqual(
        expect.arrayContaining([`${name}.noun.ts`, `${name}.rules.ts`, `${name}.ts`]),
      );
  });

  for (const noun of nounNames)
    describe(`${noun}`, () => {
      const { imported, needed, schema, seenBy, at, isMadeTwice } = nouns[noun];

      it('names fields that it has', () => {
        expect(Object.keys(blankRecord(noun))).toEqual(
          expect.arrayContaining([...Object.keys(needed), ...Object.keys(nouns[noun].parents)]),
        );
        if (at === 'place') expect([...pathsOf(noun), 'name', 'displayName', 'time']).toContain(nouns[noun].titlePath);
        if (imported !== null && imported.noteField !== null) expect(pathsOf(noun)).toContain(imported.noteField);
      });

      it('has a blank record that is refused only for what is needed', () => {
        const head = {
          id: 'r1',
          createdAt: '2026-01-01T00:00:00.000Z',
          createdBy: '',
          updatedAt: '2026-01-01T00:00:00.000Z',
          updatedBy: '',
        };
        const answer = schema.safeParse({ ...blankRecord(noun), ...head });
        const refused = new Set(answer.error?.issues.map(({ path }) => String(path[0])));
        const unsaid = Object.entries(needed as Record<string, string>).flatMap(([field, value]) => (value === '' ? [field] : []));
        for (const field of refused) expect(unsaid).toContain(field);
      });

      it('takes tags where a field holds them', () => {
        expect((tagNouns as readonly string[]).includes(noun)).toBe(pathsOf(noun).includes('tags'));
      });

      it('is seen by its owners where it has any, and by somebody in any case', () => {
        const hasOwners = ['assignedToIds', 'accountOwnerId'].some((field) => pathsOf(noun).includes(field));
        expect(seenBy === 'owners').toBe(hasOwners);
        if (seenBy === 'parents') expect(parentNounsOf(noun)).not.toEqual([]);
      });

      it('is made twice only where its id follows from its fields', () => {
        if (isMadeTwice) expect(recordRules[noun].id).toBeTypeOf('function');
      });
    });

  it('of a file, of the navigation and of Settings are those that say so', () => {
    expect(importNouns.toSorted()).toEqual(nounNames.filter((noun) => nouns[noun].imported !== null).toSorted());
    expect(placeNouns).toEqual(nounNames.filter((noun) => nouns[noun].at === 'place'));
    expect(new Set(importNouns.map((noun) => nouns[noun].imported.prefix)).size).toBe(importNouns.length);
    // Prices of a location have their own two fields and no more; own fields have none of their own.
    expect(nounNames.filter((noun) => !Object.hasOwn(ownFieldNouns, noun))).toEqual(['ownFields', 'locationItemPrices']);
  });
});
