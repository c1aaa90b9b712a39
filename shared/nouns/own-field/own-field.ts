import { z } from 'zod';
import { plainNumber } from '../../lib/text.ts';
import { booleanOf, choiceOf } from '../choice-guess.ts';
import type { FieldInfo, FieldKind } from '../field.ts';
import { commonFields, customValues, dateSchema, externalIds, optionalText, requiredText } from '../values.ts';
import { type Words, words, wordsIn } from '../../words/words.ts';

/** What a field that people made themselves can hold. */
export const ownFieldKinds = { text: 'Text', number: 'Number', date: 'Date', boolean: 'Yes or no', choice: 'Choice' } as const;
export type OwnFieldKind = keyof typeof ownFieldKinds;

/** The nouns that can have own fields. */
export const ownFieldNouns = {
  clients: 'Clients',
  contacts: 'Contacts',
  locations: 'Locations',
  locationContacts: 'Roles at locations',
  itemPrices: 'Prices',
  opportunities: 'Opportunities',
  cases: 'Cases',
  tasks: 'Tasks',
  invoices: 'Invoices',
  activities: 'Activity',
  directory: 'People and teams',
} as const;
export type OwnFieldNoun = keyof typeof ownFieldNouns;

export function isOwnFieldNoun(noun: string): noun is OwnFieldNoun {
  return Object.hasOwn(ownFieldNouns, noun);
}

const keysOf = <T extends object>(of: T) => Object.keys(of) as [keyof T & string, ...(keyof T & string)[]];

/**
 * The definition of an own field (docs/decisions/0008-own-fields.md). Values lie in `custom` of the records under `key`,
 * which never changes: a field that is renamed, or made for values an import brought, keeps them.
 */
export const ownFieldFieldsSchema = z.object({
  noun: z.enum(keysOf(ownFieldNouns)),
  /** Left out, it is the first label. */
  key: optionalText(100).default(null),
  label: requiredText(100),
  fieldKind: z.enum(keysOf(ownFieldKinds)).default('text'),
  /** What can be chosen, for a choice. */
  choices: z.array(requiredText(200)).max(200).default([]),
  /** Place among the own fields of the noun. */
  order: z.number().int().min(0).max(1_000_000).transform(plainNumber).default(0),
  /** Not offered any more; values that are there stay and are shown. */
  isArchived: z.boolean().default(false),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});
export const ownFieldSchema = ownFieldFieldsSchema.extend(commonFields);
export type OwnField = z.output<typeof ownFieldSchema>;

export const ownFieldFieldInfo: readonly FieldInfo[] = [
  { path: 'label', label: 'Name', kind: 'text', group: 'Own field', required: true, inList: true, width: 200 },
  { path: 'noun', label: 'For', kind: 'choice', choices: ownFieldNouns, group: 'Own field', fixed: true, inList: true, width: 140 },
  { path: 'key', label: 'Kept as', kind: 'text', group: 'Own field', fixed: true, width: 140 },
  { path: 'fieldKind', label: 'Kind', kind: 'choice', choices: ownFieldKinds, group: 'Own field', inList: true, width: 120 },
  { path: 'choices', label: 'Choices', kind: 'tags', group: 'Own field', when: { fieldKind: 'choice' }, width: 220 },
  { path: 'order', label: 'Order', kind: 'number', group: 'Own field', width: 80 },
  { path: 'isArchived', label: 'Archived', kind: 'boolean', group: 'Own field', width: 90 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];

export type OwnFieldDefinition = Pick<OwnField, 'key' | 'label' | 'fieldKind' | 'choices'>;

const fieldKinds: Readonly<Record<OwnFieldKind, FieldKind>> = {
  text: 'text',
  number: 'decimal',
  date: 'date',
  boolean: 'boolean',
  choice: 'choice',
};

/** An own field as lists, forms and exports know fields. */
export function ownFieldInfo(field: OwnFieldDefinition): FieldInfo {
  return {
    path: `custom.${ownKey(field)}`,
    label: field.label,
    kind: fieldKinds[field.fieldKind],
    group: 'Own fields',
    width: 160,
    ...(field.fieldKind === 'choice' ? { choices: Object.fromEntries(field.choices.map((choice) => [choice, choice])) } : {}),
  };
}

export function ownKey(field: Pick<OwnField, 'key' | 'label'>): string {
  return field.key ?? field.label;
}

export function inOrder<T extends Pick<OwnField, 'order' | 'label'>>(fields: Iterable<T>): T[] {
  return [...fields].toSorted((a, b) => a.order - b.order || (a.label < b.label ? -1 : 1));
}

export type CustomValue = string | number | boolean | null;

/**
 * The value as the field keeps it; what is wrong where it does not fit. Texts that say the same are taken: "12.50", "yes",
 * a choice in other letters.
 */
export function ownValueOf(field: OwnFieldDefinition, value: CustomValue): { value: CustomValue } | { problem: Words } {
  if (value === null || (typeof value === 'string' && value.trim() === '')) return { value: null };
  const text = String(value).trim();
  switch (field.fieldKind) {
    case 'text':
      return { value: text };
    case 'number': {
      const isNumber = typeof value === 'number' || (typeof value === 'string' && /^[+-]?\d{1,15}(\.\d{1,10})?$/.test(text));
      return isNumber ? { value: plainNumber(Number(text)) } : { problem: words('values.number') };
    }
    case 'date': {
      const parsed = dateSchema.safeParse(text);
      return parsed.success ? { value: parsed.data } : { problem: wordsIn(parsed.error.issues[0]?.message ?? '') ?? words('values.date') };
    }
    case 'boolean': {
      const meant = typeof value === 'boolean' ? value : booleanOf(text);
      return meant === null ? { problem: words('values.needsYesOrNo') } : { value: meant };
    }
    case 'choice': {
      const choices = Object.fromEntries(field.choices.map((choice) => [choice, choice]));
      const meant = Object.hasOwn(choices, text) ? text : choiceOf(choices, text);
      return meant === null ? { problem: words('values.chooseOneOf', { choices: field.choices }) } : { value: meant };
    }
  }
}
