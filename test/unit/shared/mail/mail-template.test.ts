import { describe, expect, it } from 'vitest';
import { filled, openFields, piecesByField, templateFields, type TemplateValues } from '../../../../shared/mail/mail-template.ts';

const none = Object.fromEntries(templateFields.map((field) => [field, null])) as Record<keyof TemplateValues, null>;

describe('the fields of an e-mail template', () => {
  it('are filled, however they are written, and stay where there is no value', () => {
    const values = { ...none, 'first name': 'Grace', client: 'Harbor $& {city}' };
    expect(filled('Dear {First Name}, {client}: { first name } of {city}', values)).toBe('Dear Grace, Harbor $& {city}: Grace of {city}');
    expect(filled('Dear {first name}', { ...none, 'first name': '' })).toBe('Dear {first name}');
  });

  it('are found where they are still to be filled; other braces are text', () => {
    expect(openFields('{city}, {CITY} and {city}; {colour}, {} and {first name')).toEqual(['{city}', '{CITY}']);
    expect(piecesByField('To {city}!')).toEqual(['To ', '{city}', '!']);
    expect(openFields('Dear Grace')).toEqual([]);
  });

  it('are each filled by their own value', () => {
    const values = Object.fromEntries(templateFields.map((field) => [field, field.toUpperCase()])) as unknown as TemplateValues; // made of every field
    const text = templateFields.map((field) => `{${field}}`).join('|');
    expect(filled(text, values)).toBe(templateFields.map((field) => field.toUpperCase()).join('|'));
  });
});
