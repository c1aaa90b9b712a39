import { readFile } from 'node:fs/promises';
import { readSheet } from 'read-excel-file/node';
import { unreadable } from '../domain/transfer/file-problem.ts';
import { damaged, zipContents } from './zip-contents.ts';

export interface Workbook {
  /** Names of the sheets, in their order. */
  sheets: string[];
  /** The sheet that was read. */
  sheet: string;
  rows: string[][];
}

const WORKBOOK = 'xl/workbook.xml';
const RELATIONS = 'xl/_rels/workbook.xml.rels';
const STYLES = 'xl/styles.xml';

/** Reads one sheet as text, the way it is shown: zips keep their zeros, dates become YYYY-MM-DD. The first sheet when none is named. */
export async function readXlsx(path: string, wanted: string | null): Promise<Workbook> {
  const { names, texts } = await zipContents(path, (name) => name === WORKBOOK || name === RELATIONS || name === STYLES);
  const workbook = texts.get(WORKBOOK);
  if (workbook === undefined) throw names.some((name) => name === 'mimetype' || name === 'content.xml') ? openDocument() : notAWorkbook();
  const sheets = sheetsOf(workbook, texts.get(RELATIONS) ?? '');
  const sheet = sheets.find(({ name }) => name === wanted) ?? sheets[0];
  if (sheet === undefined) throw damaged();
  let rows: string[][];
  try {
    const read = await readSheet<string>(await readFile(path), sheet.name, { trim: false, parseNumber: shownNumber });
    rows = read.map((row) => row.map(shownCell));
  } catch {
    throw damaged();
  }
  await padZeros(path, sheet.path, texts.get(STYLES) ?? '', rows);
  return { sheets: sheets.map(({ name }) => name), sheet: sheet.name, rows };
}

/** Excel keeps 17 digits of a number and shows 15: 0.30000000000000004 is 0.3 to a person. */
function shownNumber(stored: string): string {
  if (/^-?\d{1,15}$/.test(stored)) return stored;
  const number = Number(stored);
  if (!Number.isFinite(number)) return stored;
  const rounded = Number(number.toPrecision(15));
  if (Number.isInteger(rounded) && Math.abs(rounded) < 1e21) return BigInt(rounded).toString();
  return String(rounded);
}

function shownCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return '';
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

interface SheetEntry {
  name: string;
  path: string;
}

function sheetsOf(workbook: string, relations: string): SheetEntry[] {
  const targets = new Map<string, string>();
  for (const [tag] of relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)) {
    targets.set(attribute(tag, 'Id'), attribute(tag, 'Target').replace(/^\//, '').replace(/^xl\//, ''));
  }
  return [...workbook.matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)].map(([tag]) => ({
    name: attribute(tag, 'name'),
    path: `xl/${targets.get(attribute(tag, '(?:\\w+:)?id')) ?? ''}`,
  }));
}

function attribute(tag: string, name: string): string {
  const match = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return unescapeXml(match?.[1] ?? match?.[2] ?? '');
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (all, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return entities[name] ?? all;
      return String.fromCodePoint(Number.parseInt(hex ?? (decimal as string), hex === undefined ? 10 : 16));
    },
  );
}

/**
 * Number formats made of zeros (`00000` for zips, `000-00-0000`) show zeros that the stored number does not have. The
 * reading library drops the format, so such cells are looked up in the sheet itself. Few workbooks have any.
 */
async function padZeros(path: string, sheetPath: string, styles: string, rows: string[][]): Promise<void> {
  const formats = zeroFormats(styles);
  if (formats.size === 0) return;
  const { texts } = await zipContents(path, (name) => name === sheetPath);
  for (const [, tag, value] of (texts.get(sheetPath) ?? '').matchAll(/(<c\b[^>]*>)<v>(\d+)<\/v>/g)) {
    const format = formats.get(attribute(tag as string, 's'));
    const type = attribute(tag as string, 't');
    const at = /^([A-Z]+)(\d+)$/.exec(attribute(tag as string, 'r'));
    if (format === undefined || at === null || (type !== '' && type !== 'n')) continue;
    const row = rows[Number(at[2]) - 1];
    const column = columnNumber(at[1] as string);
    if (row !== undefined && row[column] === value) row[column] = inFormat(value as string, format);
  }
}

/** Style number → format, for formats of zeros and the signs between them. */
function zeroFormats(styles: string): Map<string, string> {
  const codes = new Map<string, string>();
  for (const [tag] of styles.matchAll(/<(?:\w+:)?numFmt\b[^>]*>/g)) {
    const code = attribute(tag, 'formatCode').replace(/\\(.)/g, '$1').replaceAll('"', '');
    if (/^(?=.*0.*0)[0\-() /]+$/.test(code)) codes.set(attribute(tag, 'numFmtId'), code);
  }
  const found = new Map<string, string>();
  if (codes.size === 0) return found;
  const cells = /<(?:\w+:)?cellXfs\b[\s\S]*?<\/(?:\w+:)?cellXfs>/.exec(styles)?.[0] ?? '';
  [...cells.matchAll(/<(?:\w+:)?xf\b[^>]*>/g)].forEach(([tag], index) => {
    const code = codes.get(attribute(tag, 'numFmtId'));
    if (code !== undefined) found.set(String(index), code);
  });
  return found;
}

function inFormat(digits: string, format: string): string {
  const places = format.replace(/[^0]/g, '').length;
  const padded = digits.padStart(places, '0');
  let next = padded.length - places;
  const head = padded.slice(0, next);
  return head + format.replace(/0/g, () => padded[next++] as string);
}

function columnNumber(letters: string): number {
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number - 1;
}

const notAWorkbook = () => unreadable('This is a zip file, but not an Excel workbook.', 'Choose a CSV, Excel (.xlsx) or vCard file.');
const openDocument = () =>
  unreadable(
    'This is an OpenDocument sheet, which Fieldbook does not read.',
    'Open it in your office program, save it as .xlsx or CSV, and choose the new file.',
  );
