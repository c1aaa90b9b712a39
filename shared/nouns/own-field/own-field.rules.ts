import { type OwnField, ownFieldNouns, ownKey } from './own-field.ts';
import type { NounName } from '../nouns.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

/** How the book finds the own field that a key of `custom` stands for. */
export function ownFieldKey(noun: NounName, key: string): string {
  return `${noun} ${key}`;
}

export const ownFieldRules: RecordRules<OwnField> = {
  unique: {
    value: (field) => ownFieldKey(field.noun, ownKey(field)),
    problem: ({ id, name }) => ({
      code: 'OWN_FIELD_TAKEN',
      field: 'label',
      ...words('records.ownFieldTaken', { name }),
      details: { id, name },
    }),
  },
  // Said once and kept, so that a new label finds the values of the old one.
  derive: (field) => (field.key === null ? { key: field.label } : {}),
  check(field, differs) {
    if (ownKey(field) === '__proto__') {
      return { code: 'INVALID_INPUT', field: 'label', ...words('records.ownFieldName') };
    }
    if (field.fieldKind === 'choice' && field.choices.length === 0 && (differs('fieldKind') || differs('choices'))) {
      return {
        code: 'INVALID_INPUT',
        field: 'choices',
        ...words('records.ownFieldWithoutChoices', { nouns: ownFieldNouns[field.noun] }),
      };
    }
    return null;
  },
};
