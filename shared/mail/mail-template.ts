import { z } from 'zod';

/** What an e-mail can begin as: subject and text with fields in braces, "Dear {first name}". Kept in the settings of the person. */
export const mailTemplateSchema = z.strictObject({
  id: z.string().min(1).max(50),
  name: z.string().trim().min(1).max(60),
  subject: z.string().trim().max(500),
  text: z.string().max(20_000),
});
export type MailTemplate = z.output<typeof mailTemplateSchema>;

export const mostTemplates = 100;

/** The fields, as they are written between braces. */
export const templateFields = [
  'first name',
  'last name',
  'full name',
  'client',
  'city',
  'next follow-up',
  'today',
  'my name',
  'our company',
] as const;
type TemplateField = (typeof templateFields)[number];

/** Null where the record says nothing of it. */
export type TemplateValues = Readonly<Record<TemplateField, string | null>>;

const fieldForm = new RegExp(`\\{\\s*(${templateFields.join('|')})\\s*\\}`, 'gi');

/** The text with the values in the place of its fields. A field without a value stays as it is written: it is not passed over. */
export function filled(text: string, values: TemplateValues): string {
  return text.replaceAll(fieldForm, (whole, name: string) => {
    const value = values[name.toLowerCase() as TemplateField];
    return value === null || value === '' ? whole : value;
  });
}

/** The text in pieces, of which every second one is a field that is still to be filled, as it is written. */
export function piecesByField(text: string): string[] {
  return text.split(new RegExp(`(${fieldForm.source.replace('(', '(?:')})`, 'gi'));
}

/** The fields that are still to be filled, each once. */
export function openFields(text: string): string[] {
  return [...new Set(piecesByField(text).filter((_, at) => at % 2 === 1))];
}
