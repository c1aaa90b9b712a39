import { type OwnField, ownFieldNouns, ownKey } from './own-field.ts';
import type { NounName } from '../nouns.ts';
import type { RecordRules } from '../record-rules.ts';

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
      message: `The own field "${name}" keeps its values under this name, so nothing was changed. Choose another name, or use that field.`,
      details: { id, name },
    }),
  },
  // Said once and kept, so that a new label finds the values of the old one.
  derive: (field) => (field.key === null ? { key: field.label } : {}),
  check(field, differs) {
    if (ownKey(field) === '__proto__') {
      return { code: 'INVALID_INPUT', field: 'label', message: 'Name: no field can be called so. Choose another name.' };
    }
    if (field.fieldKind === 'choice' && field.choices.length === 0 && (differs('fieldKind') || differs('choices'))) {
      return {
        code: 'INVALID_INPUT',
        field: 'choices',
        message: `Choices: ${ownFieldNouns[field.noun]} need something to choose from here. Write at least one.`,
      };
    }
    return null;
  },
};
