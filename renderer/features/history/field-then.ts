import { textOfHtml } from '../../../shared/nouns/activity/email-text.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import { displayText, formatCount } from '../../ui/field-text.ts';

const listLabels: Readonly<Record<string, string>> = { lines: 'Lines', payments: 'Payments', html: 'Message' };

/** What is known of a field that history names; of one nobody knows any more, its path is its label. */
export function fieldFor(noun: NounName, own: readonly FieldInfo[], path: string): FieldInfo {
  return knownField(noun, own, path) ?? { path, label: path, kind: 'text', group: '', width: 0 };
}

/** A field people know by a name; none for what the book keeps for itself. */
export function knownField(noun: NounName, own: readonly FieldInfo[], path: string): FieldInfo | undefined {
  const field = [...fieldsOf(noun), ...own].find((one) => one.path === path);
  const label = listLabels[path] ?? ownLabel(path);
  return field ?? (label === undefined ? undefined : { path, label, kind: 'text', group: '', width: 0 });
}

/** A field somebody named in an import or a custom field is called as they called it. */
function ownLabel(path: string): string | undefined {
  if (path.startsWith('custom.')) return path.slice('custom.'.length);
  return path.startsWith('externalIds.') ? `Id in ${path.slice('externalIds.'.length)}` : undefined;
}

/** `names` tells what the records are called that a field refers to. */
export function valueText(field: FieldInfo, value: unknown, names: Readonly<Record<string, string>>): string {
  if (Array.isArray(value) && typeof value[0] === 'object') return value.length === 1 ? '1 entry' : `${formatCount(value.length)} entries`;
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return '…';
  const isReference = field.kind === 'reference' || field.kind === 'references';
  if (field.path === 'html' && typeof value === 'string') return shortOf(textOfHtml(value));
  const named = isReference ? [value].flat().map((id) => (id === null ? '' : (names[String(id)] ?? 'Unknown record'))) : value;
  const text = displayText(field, named);
  return shortOf(text);
}

function shortOf(text: string): string {
  return text === '' ? 'empty' : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
