import { contactName } from '../../../shared/nouns/contact/contact.ts';
import { type FieldInfo, type FieldKind, idsIn, isReference, valueAt } from '../../../shared/nouns/field.ts';
import { importTargets } from '../../../shared/nouns/import-target.ts';
import { type AnyRecord, fieldsOf, type NounName } from '../../../shared/nouns/nouns.ts';
import { isSealed } from '../../../shared/nouns/secret.ts';
import { joinList } from './list-text.ts';
import { ownIdSource } from './match-index.ts';
import { idInPrefix } from './mapping-proposal.ts';

/** A record as exports read it: its fields, the computed ones, and the names of what it refers to. Secrets are not masked. */
export type ExportRecord = AnyRecord & { clientName?: string | null; names?: Readonly<Record<string, string>> };

export interface ExportColumn {
  header: string;
  /** In characters, for sheets. */
  width: number;
  kind: FieldKind;
  text(record: ExportRecord): string;
}

/**
 * The columns of an export: the asked ones in their order, or all that are not secret, and then what records have beyond
 * the fields with a name of their own, so that nothing stays behind unseen (invariant 2).
 */
export function exportColumns(
  noun: NounName,
  asked: readonly string[],
  includeSecret: boolean,
  records: Iterable<ExportRecord>,
  own: readonly FieldInfo[] = [],
): ExportColumn[] {
  const fields = [...fieldsOf(noun), ...own].filter((field) => includeSecret || field.secret !== true);
  if (asked.length > 0) return asked.flatMap((path) => fields.filter((field) => field.path === path)).map(columnOf);
  const id: ExportColumn = { header: `${idInPrefix}${ownIdSource}`, width: 20, kind: 'text', text: (record) => record.id };
  return [...fields.map(columnOf), ...beyondFields(noun, records, own), id];
}

function columnOf(field: FieldInfo): ExportColumn {
  return { header: field.label, width: Math.round(field.width / 7), kind: field.kind, text: (record) => textOf(field, record) };
}

function beyondFields(noun: NounName, records: Iterable<ExportRecord>, own: readonly FieldInfo[]): ExportColumn[] {
  const known = new Set([...fieldsOf(noun), ...own].map(({ path }) => path));
  const parts = importTargets.filter(
    (target) => target.noun === noun && target.kind !== 'place' && target.kind !== 'fullName' && !known.has(target.path),
  );
  const usedParts = new Set<string>();
  const custom = new Set<string>();
  const externalIds = new Set<string>();
  for (const record of records) {
    for (const key of Object.keys(record.custom)) if (record.custom[key] !== null && !known.has(`custom.${key}`)) custom.add(key);
    // The id here stands in a column of every export.
    for (const source of Object.keys(record.externalIds)) if (source !== ownIdSource) externalIds.add(source);
    for (const { path } of parts) if (!usedParts.has(path) && valueAt(record, path) !== null) usedParts.add(path);
  }
  const text = (value: unknown) =>
    value === null || value === undefined ? '' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return [
    ...parts
      .filter(({ path }) => usedParts.has(path))
      .map(({ label, path }): ExportColumn => ({ header: label, width: 24, kind: 'text', text: (record) => text(valueAt(record, path)) })),
    ...[...custom].map((key): ExportColumn => ({ header: key, width: 20, kind: 'text', text: (record) => text(record.custom[key]) })),
    ...[...externalIds].map(
      (source): ExportColumn => ({
        header: `${idInPrefix}${source}`,
        width: 20,
        kind: 'text',
        text: (record) => record.externalIds[source] ?? '',
      }),
    ),
  ];
}

function textOf(field: FieldInfo, record: ExportRecord): string {
  if (isReference(field)) {
    const names = idsIn(valueAt(record, field.path)).map((id) => record.names?.[id] ?? '');
    return field.kind === 'reference' ? (names[0] ?? '') : joinList(names);
  }
  if (field.path === 'name' && 'firstName' in record) return contactName(record);
  const value = valueAt(record, field.path);
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return joinList(value as string[]);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (field.kind === 'instant') return localTime(String(value));
  // What this computer cannot open is of no use in a file, and looks like an account number.
  if (field.secret === true && isSealed(String(value))) return '';
  if (field.choices !== undefined) return field.choices[String(value)] ?? String(value);
  return String(value);
}

/** The person's own time, in a form that sorts: "2026-03-31 14:02". */
function localTime(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
