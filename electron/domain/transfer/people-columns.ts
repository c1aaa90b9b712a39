import type { ColumnMapping } from '../../../shared/contracts/transfer.contract.ts';
import { isAs } from '../../../shared/nouns/field.ts';
import { customTarget, type ImportTarget, importTarget } from '../../../shared/nouns/import-target.ts';
import { emailKey } from '../../../shared/lib/text.ts';
import type { BookReader } from '../book.ts';
import { splitTags } from './list-text.ts';
import { nameKey } from './match-index.ts';
import type { TableScan } from './table-scan.ts';
import { type Words, words } from '../../../shared/words/words.ts';

/**
 * Columns that name people or teams go to their field where the book knows these. Where it knows none of them, the names
 * are kept in a field of their own, and a note says so once, before anything is imported.
 */
export function knownPeople(
  columns: readonly ColumnMapping[],
  scan: TableScan,
  book: Pick<BookReader, 'all'>,
  own: readonly ImportTarget[],
): { columns: ColumnMapping[]; notes: Words[] } {
  const notes: Words[] = [];
  const settled = columns.map((mapping) => {
    const target = mapping.target === null ? null : importTarget(mapping.target, own);
    if (target === null || !/^references?$/.test(target.kind)) return mapping;
    const names = namesIn(scan, mapping.column, target.kind === 'references');
    const known = keysOf(book, target);
    const unknown = names.filter((name) => !known.has(emailKey(name)) && !known.has(nameKey(name)));
    if (unknown.length === 0) return mapping;
    const header = scan.headers[mapping.column] as string;
    const who = { header, names: unknown.slice(0, 3).map((name) => name.slice(0, 60)), more: Math.max(0, unknown.length - 3) };
    if (unknown.length < names.length) {
      notes.push(words('imports.somePeopleUnknown', who));
      return mapping;
    }
    notes.push(words('imports.nobodyKnown', { ...who, label: target.label }));
    return { ...mapping, target: customTarget(target.noun, header) };
  });
  return { columns: settled, notes };
}

function namesIn(scan: TableScan, column: number, isList: boolean): string[] {
  const cells = scan.distinct.get(column) ?? scan.sample.map((row) => row[column] ?? '');
  return [
    ...new Set(cells.flatMap((cell) => (isList ? splitTags(cell) : [cell.trim()])).filter((name) => name !== '' && !/^-+$/.test(name))),
  ];
}

function keysOf(book: Pick<BookReader, 'all'>, { where }: ImportTarget): Set<string> {
  const keys = new Set<string>();
  for (const record of book.all('directory')) {
    if (record.deletedAt !== null || !isAs(record, where)) continue;
    if (record.email !== null) keys.add(emailKey(record.email));
    for (const name of [record.username, record.fullName, record.name]) if (name !== null) keys.add(nameKey(name));
  }
  return keys;
}
