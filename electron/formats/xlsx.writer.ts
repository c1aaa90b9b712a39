import writeExcelFile from 'write-excel-file/node';

/** More does not fit into a sheet of the format. */
export const XLSX_ROWS = 1_048_575;
/** Longest text one cell of the format can hold. */
export const XLSX_CELL = 32_767;

export interface SheetColumn {
  header: string;
  /** In characters. */
  width: number;
}

/** Writes one sheet in which every cell is text: zips and phones keep their zeros, and nothing is run as a formula. */
export async function writeXlsx(path: string, sheet: string, columns: readonly SheetColumn[], rows: readonly string[][]): Promise<void> {
  const header = columns.map((column) => ({ value: column.header, type: String, fontWeight: 'bold' as const }));
  const body = rows.map((row) => row.map((value) => (value === '' ? null : { value: carried(value), type: String, format: '@' })));
  await writeExcelFile([header, ...body], { sheet, columns: columns.map(({ width }) => ({ width })), stickyRowsCount: 1 }).toFile(path);
}

/** XML cannot hold control characters at all, and Excel reads `_x0041_` as a coded letter. */
function carried(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
  return value.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
