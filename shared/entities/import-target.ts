import { type FieldInfo, type FieldKind, isReference } from './field.ts';
import { fieldsOf, type NounName } from './nouns.ts';
import { inOrder, type OwnField, type OwnFieldDefinition, ownFieldInfo } from './own-field.ts';

/**
 * Where a column of a file can go: "client.name", "location.physicalAddress.city". Beside the fields of the nouns there
 * are targets that take a text apart ("Saint Paul, Minnesota"), custom fields by name, and ids of other programs.
 */
export interface ImportTarget {
  target: string;
  noun: ImportNoun;
  /** Path in the record; of `fullName` and `place` the path of the object they fill ("" for the record itself). */
  path: string;
  label: string;
  group: string;
  kind: FieldKind | 'fullName' | 'place' | 'custom' | 'externalId';
  choices?: Readonly<Record<string, string>>;
  /** The own field that the values are for: they are read and checked as its kind says. */
  own?: OwnFieldDefinition;
}

/** What of an own field says where a column can go. */
export type OwnFieldTarget = Pick<OwnField, 'noun' | 'key' | 'label' | 'fieldKind' | 'choices' | 'order'>;

/** The nouns that files bring in, clients first. */
export const importNouns = ['clients', 'contacts', 'locations'] as const satisfies readonly NounName[];
export type ImportNoun = (typeof importNouns)[number];

export function isImportNoun(noun: NounName): noun is ImportNoun {
  return (importNouns as readonly NounName[]).includes(noun);
}

const prefixes = { client: 'clients', contact: 'contacts', location: 'locations' } as const;
export const nounLabels: Record<ImportNoun, string> = { clients: 'Client', contacts: 'Contact', locations: 'Location' };
const prefixOf: Record<ImportNoun, string> = { clients: 'client', contacts: 'contact', locations: 'location' };

const places: Record<ImportNoun, readonly { path: string; label: string }[]> = {
  clients: [{ path: 'address', label: 'City, region and country in one' }],
  contacts: [{ path: 'address', label: 'City, region and country in one' }],
  locations: [
    { path: 'physicalAddress', label: 'Street city, region and country in one' },
    { path: 'mailingAddress', label: 'Mailing city, region and country in one' },
  ],
};

/** Parts of addresses that no list or form shows: kept, brought in and taken out all the same. */
const unlisted: Record<ImportNoun, readonly { path: string; label: string; kind: FieldKind }[]> = {
  clients: [],
  contacts: [{ path: 'address.phone', label: 'Address phone', kind: 'phone' }],
  locations: [
    { path: 'physicalAddress.freeform', label: 'Street address as one text', kind: 'multiline' },
    { path: 'physicalAddress.phone', label: 'Street address phone', kind: 'phone' },
    { path: 'mailingAddress.freeform', label: 'Mailing address as one text', kind: 'multiline' },
    { path: 'mailingAddress.phone', label: 'Mailing address phone', kind: 'phone' },
  ],
};

function targetsOf(noun: ImportNoun): ImportTarget[] {
  const prefix = prefixOf[noun];
  // The client of a contact or location is named by "client.name" in the same row, not by an id.
  const fields = fieldsOf(noun).filter((field: FieldInfo) => field.computed !== true && !isReference(field));
  return [
    ...fields.map((field) => ({
      target: `${prefix}.${field.path}`,
      noun,
      path: field.path,
      label: field.label,
      group: field.group,
      kind: field.kind,
      ...(field.choices === undefined ? {} : { choices: field.choices }),
    })),
    ...(noun === 'contacts'
      ? [
          {
            target: 'contact.fullName',
            noun,
            path: '',
            label: 'Full name (first and last in one)',
            group: 'Contact',
            kind: 'fullName' as const,
          },
        ]
      : []),
    ...places[noun].map(({ path, label }) => ({
      target: `${prefix}.${path}.place`,
      noun,
      path,
      label,
      group: 'Address',
      kind: 'place' as const,
    })),
    ...unlisted[noun].map((field) => ({ target: `${prefix}.${field.path}`, noun, group: 'Address', ...field })),
  ];
}

/** Every target with a fixed name, clients first. */
export const importTargets: readonly ImportTarget[] = importNouns.flatMap(targetsOf);

const byName = new Map(importTargets.map((target) => [target.target, target]));

/** The own fields that columns can go to, in their order. */
export function ownTargets(fields: Iterable<OwnFieldTarget>): ImportTarget[] {
  return inOrder(fields).flatMap((field) => {
    if (!isImportNoun(field.noun)) return [];
    const { path, label, group, kind, choices } = ownFieldInfo(field);
    const { key, fieldKind } = field;
    const own = { key, label, fieldKind, choices: field.choices };
    return [{ target: `${prefixOf[field.noun]}.${path}`, noun: field.noun, path, label, group, kind, own, ...(choices && { choices }) }];
  });
}

/**
 * The target of that name, also custom fields ("client.custom.Founded") and other programs' ids; null when there is none.
 * `own`: the own fields of the book, which say what their values are.
 */
export function importTarget(name: string, own: readonly ImportTarget[]): ImportTarget | null {
  const known = byName.get(name) ?? own.find(({ target }) => target === name);
  if (known !== undefined) return known;
  const match = /^(client|contact|location)\.(custom|externalIds)\.(.+)$/s.exec(name);
  if (match === null) return null;
  const noun = prefixes[match[1] as keyof typeof prefixes];
  const key = match[3] as string;
  if (key.length > 100) return null;
  const isCustom = match[2] === 'custom';
  return {
    target: name,
    noun,
    path: `${match[2]}.${key}`,
    label: isCustom ? key : `Id in ${key}`,
    group: isCustom ? 'Custom fields' : 'Ids in other programs',
    kind: isCustom ? 'custom' : 'externalId',
  };
}

/** The target that keeps a column under its own name. */
export function customTarget(noun: ImportNoun, header: string): string {
  const name = header.trim().slice(0, 100);
  // No object can have a field of that name.
  return `${prefixOf[noun]}.custom.${name === '' || name === '__proto__' ? 'Column' : name}`;
}

export function targetLabel(target: ImportTarget): string {
  return `${nounLabels[target.noun]}: ${target.label}`;
}
