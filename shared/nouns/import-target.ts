import { activityKinds } from './activity/activity.ts';
import { type Condition, type FieldInfo, type FieldKind, isReference } from './field.ts';
import { fieldsOf, type NounName, nounNames, nouns, type NounsThat } from './nouns.ts';
import { inOrder, type OwnField, type OwnFieldDefinition, ownFieldInfo } from './own-field/own-field.ts';

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
  kind: FieldKind | 'fullName' | 'place' | 'custom' | 'externalId' | 'isOrganisation' | 'birthPart';
  choices?: Readonly<Record<string, string>>;
  /** Who may be named, of a field that names people or teams. */
  where?: Condition;
  /** The own field that the values are for: they are read and checked as its kind says. */
  own?: OwnFieldDefinition;
}

/** What of an own field says where a column can go. */
export type OwnFieldTarget = Pick<OwnField, 'noun' | 'key' | 'label' | 'fieldKind' | 'choices' | 'order'>;

/** The nouns that files bring in. */
export type ImportNoun = NounsThat<{ imported: object }>;

export function isImportNoun(noun: NounName): noun is ImportNoun {
  return nouns[noun].imported !== null;
}

/** In the order a person chooses from. Their prefixes begin the names of targets. */
export const importNouns = [
  ...new Set<ImportNoun>([
    ...(['clients', 'contacts', 'locations', 'locationContacts', 'itemPrices', 'locationItemPrices'] as const),
    ...nounNames.filter(isImportNoun),
  ]),
] as [ImportNoun, ...ImportNoun[]];

export function nounLabel(noun: ImportNoun): string {
  return nouns[noun].imported.label;
}

export function targetPrefix(noun: ImportNoun): string {
  return nouns[noun].imported.prefix;
}

/** Targets that take one text apart. */
const inOne: Partial<Record<ImportNoun, readonly Pick<ImportTarget, 'path' | 'label' | 'kind'>[]>> = {
  clients: [{ path: 'address', label: 'City, region and country in one', kind: 'place' }],
  contacts: [
    { path: '', label: 'Full name (first and last in one)', kind: 'fullName' },
    { path: 'isOrganisation', label: 'Is an organisation (yes or no)', kind: 'isOrganisation' },
    { path: 'birthYear', label: 'Year of birth', kind: 'birthPart' },
    { path: 'birthMonth', label: 'Month of birth', kind: 'birthPart' },
    { path: 'birthDay', label: 'Day of birth', kind: 'birthPart' },
    { path: 'address', label: 'City, region and country in one', kind: 'place' },
  ],
  locations: [
    { path: 'physicalAddress', label: 'City, region and country in one (street address)', kind: 'place' },
    { path: 'mailingAddress', label: 'City, region and country in one (mailing address)', kind: 'place' },
  ],
};

/** Parts of addresses that no list or form shows: kept, brought in and taken out all the same. */
const unlisted: Partial<Record<ImportNoun, readonly { path: string; label: string; kind: FieldKind }[]>> = {
  contacts: [{ path: 'address.phone', label: 'Address phone', kind: 'phone' }],
  locations: [
    { path: 'physicalAddress.freeform', label: 'Street address as one text', kind: 'multiline' },
    { path: 'physicalAddress.phone', label: 'Street address phone', kind: 'phone' },
    { path: 'mailingAddress.freeform', label: 'Mailing address as one text', kind: 'multiline' },
    { path: 'mailingAddress.phone', label: 'Mailing address phone', kind: 'phone' },
  ],
};

/** What happened is logged by files; e-mails and attached files are not. */
const ofActivities = new Set(['kind', 'occurredAt', 'durationMinutes', 'body']);
const loggedKinds = { comment: activityKinds.comment, call: activityKinds.call, visit: activityKinds.visit };

/** Fields that a file can fill. What a record hangs on is named by columns of its own ("client.name"), not by an id; people are named. */
function fillable(noun: ImportNoun): readonly FieldInfo[] {
  if (noun === 'activities') {
    return fieldsOf(noun)
      .filter(({ path }) => ofActivities.has(path))
      .map((field) => (field.path === 'kind' ? { ...field, choices: loggedKinds } : field));
  }
  return fieldsOf(noun).filter((field) => field.computed !== true && (!isReference(field) || field.of === 'directory'));
}

function targetsOf(noun: ImportNoun): ImportTarget[] {
  const prefix = targetPrefix(noun);
  return [
    ...fillable(noun).map(({ path, label, group, kind, choices, where }) => ({
      target: `${prefix}.${path}`,
      noun,
      path,
      label,
      group,
      kind,
      ...(choices && { choices }),
      ...(where && { where }),
    })),
    ...(inOne[noun] ?? []).map((field) => {
      const name = field.kind === 'place' ? `${field.path}.place` : field.kind === 'birthPart' ? field.path : field.kind;
      const target = `${prefix}.${name}`;
      return { target, noun, group: field.kind === 'place' ? 'Address' : 'Contact', ...field };
    }),
    ...(unlisted[noun] ?? []).map((field) => ({ target: `${prefix}.${field.path}`, noun, group: 'Address', ...field })),
  ];
}

/** Every target with a fixed name, clients first. */
export const importTargets: readonly ImportTarget[] = importNouns.flatMap(targetsOf);

const byName = new Map(importTargets.map((target) => [target.target, target]));
const nounOfPrefix = new Map<string, ImportNoun>(importNouns.map((noun) => [targetPrefix(noun), noun]));

/** The own fields that columns can go to, in their order. */
export function ownTargets(fields: Iterable<OwnFieldTarget>): ImportTarget[] {
  return inOrder(fields).flatMap((field) => {
    if (!isImportNoun(field.noun)) return [];
    const { path, label, group, kind, choices } = ownFieldInfo(field);
    const { key, fieldKind } = field;
    const own = { key, label, fieldKind, choices: field.choices };
    return [
      { target: `${targetPrefix(field.noun)}.${path}`, noun: field.noun, path, label, group, kind, own, ...(choices && { choices }) },
    ];
  });
}

/**
 * The target of that name, also custom fields ("client.custom.Founded") and other programs' ids; null when there is none.
 * `own`: the own fields of the book, which say what their values are.
 */
export function importTarget(name: string, own: readonly ImportTarget[]): ImportTarget | null {
  const known = byName.get(name) ?? own.find(({ target }) => target === name);
  if (known !== undefined) return known;
  const match = /^([a-z]+)\.(custom|externalIds)\.(.+)$/s.exec(name);
  const noun = match === null ? undefined : nounOfPrefix.get(match[1] as string);
  if (match === null || noun === undefined) return null;
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
  return `${targetPrefix(noun)}.custom.${name === '' || name === '__proto__' ? 'Column' : name}`;
}

export function targetLabel(target: ImportTarget): string {
  return `${nounLabel(target.noun)}: ${target.label}`;
}
