import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import { zipTime } from './zip-time.ts';
import { createBreather } from '../domain/transfer/breather.ts';

/** More does not fit into a sheet of the format. */
export const XLSX_ROWS = 1_048_575;
/** Longest text one cell of the format can hold. */
export const XLSX_CELL = 32_767;
/** Rows packed without a pause. */
const SLICE = 40;

export interface SheetColumn {
  header: string;
  /** In characters. */
  width: number;
}

/**
 * Writes one sheet in which every cell is text: zips and phones keep their zeros, and nothing is run as a formula.
 *
 * Written here, row by row, and not with write-excel-file: that builds the workbook in one go, which holds main up for
 * more than a second with 10,000 clients, and a cell that says "constructor" spoils its file.
 */
export async function writeXlsx(
  path: string,
  sheet: string,
  columns: readonly SheetColumn[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  await pipeline(() => packed(sheet, columns, rows), createWriteStream(path, { mode: 0o600, flush: true }));
}

async function* packed(sheet: string, columns: readonly SheetColumn[], rows: readonly (readonly string[])[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    ready.push(piece);
  });
  const add = (name: string): ZipDeflate => {
    const entry = new ZipDeflate(name, { level: 3 });
    entry.mtime = zipTime(Date.now());
    zip.add(entry);
    return entry;
  };
  for (const [name, text] of Object.entries(frame(sheet))) add(name).push(strToU8(text), true);
  const body = add('xl/worksheets/sheet1.xml');
  const widths = columns.map(({ width }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join('');
  body.push(
    strToU8(
      `${xml}<worksheet ${main}>${frozenHeader}<cols>${widths}</cols><sheetData>${rowXml(
        columns.map(({ header }) => header),
        1,
        BOLD,
      )}`,
    ),
  );
  const breathe = createBreather();
  for (let at = 0; at < rows.length; at += SLICE) {
    body.push(
      strToU8(
        rows
          .slice(at, at + SLICE)
          .map((row, offset) => rowXml(row, at + offset + 2, TEXT))
          .join(''),
      ),
    );
    yield* ready;
    ready = [];
    await breathe();
  }
  body.push(strToU8('</sheetData></worksheet>'), true);
  zip.end();
  yield* ready;
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const frozenHeader =
  '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
/** Places in the list of cell formats below. 49 is Excel's own "Text". */
const TEXT = 1;
const BOLD = 2;

function frame(sheet: string): Record<string, string> {
  return {
    '[Content_Types].xml': `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/></Types>`,
    '_rels/.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${xml}<workbook ${main} xmlns:r="${office}"><sheets><sheet name="${escaped(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${xml}<styleSheet ${main}><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`,
  };
}

function rowXml(cells: readonly string[], row: number, style: number): string {
  let text = `<row r="${row}">`;
  cells.forEach((cell, column) => {
    if (cell !== '')
      text += `<c r="${columnName(column)}${row}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
  });
  return `${text}</row>`;
}

/** 0 → "A", 26 → "AA". */
function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML cannot hold control characters at all and reads "\r\n" as "\n"; Excel reads `_x0041_` as a coded letter. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/\r/g, '_x000D_')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (char) => entities[char] as string);
}
