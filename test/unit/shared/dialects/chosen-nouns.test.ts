import { describe, expect, it } from 'vitest';
import { dialectNames, foreignSystems } from '../../../../shared/dialects/foreign-systems.ts';
import { manifests } from '../../../../shared/dialects/manifests.ts';
import { canSchema } from '../../../../shared/contracts/sync.contract.ts';
import { capabilitiesOf, onlyThese } from '../../../../shared/dialects/manifest.ts';
import { withoutNoun, withParents } from '../../../../shared/dialects/chosen-nouns.ts';

const among = ['clients', 'contacts', 'locations', 'locationContacts', 'itemPrices', 'locationItemPrices'] as const;

describe('Kinds of records that are kept equal with a system', () => {
  it('go with all that they hang on', () => {
    expect(withParents(['locationContacts'], among)).toEqual(['clients', 'contacts', 'locations', 'locationContacts']);
    expect(withParents(['itemPrices'], among)).toEqual(['itemPrices']);
    expect(withParents(['contacts'], ['contacts'])).toEqual(['contacts']);
    expect(withParents([], among)).toEqual([]);
  });

  it('are left out with all that hangs on them', () => {
    expect(withoutNoun(among, 'locations', among)).toEqual(['clients', 'contacts', 'itemPrices']);
    expect(withoutNoun(among, 'clients', among)).toEqual(['itemPrices']);
    expect(withoutNoun(among, 'locationItemPrices', among)).toEqual(among.slice(0, 5));
  });

  it('are named by every system, and each of its editions, in kinds that this book has', () => {
    for (const manifest of manifests.flatMap((one) => [one, ...(one.editions ?? [])])) {
      const can = canSchema.parse(capabilitiesOf(manifest));
      expect(can.map(({ of }) => of)).toContain('clients');
      expect(new Set(can.map(({ of }) => of)).size).toBe(can.length);
    }
  });

  it('say what cannot be done there: Casework deletes nothing, contacts of BottleCRM only come', () => {
    const can = (kind: string) => capabilitiesOf(manifests.find((one) => one.kind === kind) as (typeof manifests)[number]);
    expect(can('casework').filter(({ deletes }) => deletes)).toEqual([]);
    expect(can('summit')).toEqual([{ of: 'clients', comes: true, creates: true, changes: true, deletes: true }]);
    expect(can('bottlecrm').find(({ of }) => of === 'contacts')).toMatchObject({ comes: true, creates: false, changes: false });
  });

  it('are all that a system is met with, in each edition', () => {
    for (const manifest of manifests) {
      const only = onlyThese(manifest, new Set(['clients']));
      for (const one of [only, ...(only.editions ?? [])]) expect([...new Set(one.resources.map(({ of }) => of))]).toEqual(['clients']);
      expect((only.editions ?? []).length).toBe((manifest.editions ?? []).length);
    }
  });
});

describe('the line of a system', () => {
  it.each(manifests.map((manifest) => [manifest.kind, manifest] as const))('of %s says what its manifest says', (kind, manifest) => {
    const { label, ways, organisation } = foreignSystems[kind];
    expect(label).toBe(manifest.label);
    expect(ways.map((way) => (way === 'password' ? 'basic' : way)).toSorted()).toEqual([...manifest.signIn].toSorted());
    expect(organisation).toBe({ nowhere: 'no', headers: 'maybe', path: 'needed' }[manifest.organisation.in]);
  });

  it('stands in the order of the registry, and each has a manifest', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(dialectNames);
  });
});
