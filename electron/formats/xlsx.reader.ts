import { posix } from 'node:path';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { createBreather } from '../domain/transfer/breather.ts';
import { unreadable } from '../domain/transfer/file-problem.ts';
import { cellFormats, type ShownAs, shownNumber } from './xlsx-format.ts';
import { damaged, zipContents } from './zip-contents.ts';
import { type Words, words } from '../../shared/words/words.ts';

export interface Workbook {
  /** Names of the sheets, in their order; the hidden ones too. */
  sheets: string[];
  /** The sheet that was read. */
  sheet: string;
  rows: string[][];
  notes: Words[];
}

/** As many as Excel has. */
const ROW_LIMIT = 1_048_576;
const COLUMN_LIMIT = 16_384;
/** Characters of XML parsed without a pause: a few milliseconds. */
const PIECE = 64 * 1024;

/**
 * Reads one sheet as text, the way it is shown: zips keep their zeros, dates become YYYY-MM-DD. Where none is named, the
 * first visible sheet that has rows below its first one.
 */
export async function readXlsx(path: string, wanted: string | null): Promise<Workbook> {
  const { names, texts } = await zipContents(path, (name) => name.endsWith('.rels') || /(?:^|\/)workbook[^/]*\.xml$/i.test(name));
  const { relations, part } = await partsFrom(path, texts, names);
  const { sheets, isFrom1904 } = await sheetsOf(part, relations);
  const named = sheets.find(({ name }) => name === wanted);
  const visible = sheets.filter(({ isHidden }) => !isHidden);
  const inTurn = named === undefined ? (visible.length > 0 ? visible : sheets) : [named];
  if (inTurn.length === 0) throw damaged();
  const shared = [relations.find(({ type }) => type === 'sharedStrings')?.path, relations.find(({ type }) => type === 'styles')?.path];
  const known = await zipContents(path, (name) => shared.includes(name) || name === inTurn[0]?.path);
  const [strings, styles] = shared.map((name) => known.texts.get(name ?? ''));
  const values: SheetValues = {
    strings: await textsOf(strings ?? '', 'si'),
    formats: await cellFormats(styles ?? '', parsed),
    isFrom1904,
  };
  let first: Workbook | null = null;
  for (const sheet of inTurn) {
    const text = known.texts.get(sheet.path) ?? (await zipContents(path, (name) => name === sheet.path)).texts.get(sheet.path);
    if (text === undefined) throw damaged();
    const { rows, notes } = await rowsOf(text, values);
    const workbook = { sheets: sheets.map(({ name }) => name), sheet: sheet.name, rows, notes };
    if (rows.filter((row) => row.some((cell) => cell.trim() !== '')).length > 1) return workbook;
    first ??= workbook;
  }
  return first as Workbook;
}

interface Relation {
  id: string;
  /** The last word of its type: "worksheet", "styles". */
  type: string;
  path: string;
}

/** The workbook is where the package says; only its usual name does not make it one. */
async function partsFrom(path: string, texts: Map<string, string>, names: string[]): Promise<{ part: string; relations: Relation[] }> {
  const packaged = await relationsIn(texts.get('_rels/.rels') ?? '', '');
  const main = packaged.find(({ type }) => type === 'officeDocument')?.path ?? 'xl/workbook.xml';
  const part = texts.get(main) ?? (await zipContents(path, (name) => name === main)).texts.get(main);
  if (part === undefined || !/<(?:\w+:)?workbook\b/.test(part))
    throw names.some((name) => name === 'mimetype' || name === 'content.xml') ? openDocument() : notAWorkbook();
  const folder = posix.dirname(main);
  return { part, relations: await relationsIn(texts.get(posix.join(folder, '_rels', `${posix.basename(main)}.rels`)) ?? '', folder) };
}

async function relationsIn(text: string, folder: string): Promise<Relation[]> {
  const relations: Relation[] = [];
  await parsed(text, {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const { Id = '', Type = '', Target = '' } = attributes;
      const path = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
      relations.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), path });
    },
  });
  return relations;
}

interface SheetEntry {
  name: string;
  path: string;
  isHidden: boolean;
}

async function sheetsOf(part: string, relations: readonly Relation[]): Promise<{ sheets: SheetEntry[]; isFrom1904: boolean }> {
  const sheets: SheetEntry[] = [];
  let isFrom1904 = false;
  await parsed(part, {
    open(name, attributes) {
      if (name === 'workbookPr') isFrom1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => /^\w+:id$/.test(key))?.[1];
      const relation = relations.find((one) => one.id === id);
      // A sheet that is a chart has no cells.
      if (relation?.type !== 'worksheet') return;
      sheets.push({ name: attributes['name'] ?? '', path: relation.path, isHidden: /hidden/i.test(attributes['state'] ?? '') });
    },
  });
  return { sheets, isFrom1904 };
}

interface SheetValues {
  strings: readonly string[];
  formats: readonly ShownAs[];
  isFrom1904: boolean;
}

/** Excel writes characters that XML has no place for as `_x000D_`. */
function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}

/** The texts of all elements of that name; readings that are written above a word are left out. */
async function textsOf(xml: string, element: string): Promise<string[]> {
  const texts: string[] = [];
  let text = '';
  let isText = false;
  let isReading = false;
  await parsed(xml, {
    open(name) {
      if (name === element) text = '';
      else if (name === 't') isText = !isReading;
      else if (name === 'rPh') isReading = true;
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === element) texts.push(unescaped(text));
      else if (name === 't') isText = false;
      else if (name === 'rPh') isReading = false;
    },
  });
  return texts;
}

async function rowsOf(xml: string, values: SheetValues): Promise<{ rows: string[][]; notes: Words[] }> {
  const rows: string[][] = [];
  const merged: string[] = [];
  let [row, column, errors] = [-1, -1, 0];
  let [type, style, text] = ['', 0, ''];
  let isText = false;
  let isReading = false;
  await parsed(xml, {
    open(name, attributes) {
      switch (name) {
        case 'row':
          row = attributes['r'] === undefined ? row + 1 : Number(attributes['r']) - 1;
          column = -1;
          if (!(row >= 0 && row < ROW_LIMIT)) throw damaged();
          while (rows.length <= row) rows.push([]);
          break;
        case 'c': {
          const at = attributes['r'] === undefined ? null : placeOf(attributes['r']);
          column = at?.column ?? column + 1;
          if (!(column >= 0 && column < COLUMN_LIMIT)) throw damaged();
          [type, style, text] = [attributes['t'] ?? 'n', Number(attributes['s'] ?? 0), ''];
          break;
        }
        case 'v':
        case 't':
          isText = !isReading;
          break;
        case 'rPh':
          isReading = true;
          break;
        case 'mergeCell':
          merged.push(attributes['ref'] ?? '');
          break;
        default:
      }
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === 'v' || name === 't') isText = false;
      else if (name === 'rPh') isReading = false;
      else if (name === 'c') {
        if (type === 'e' && text !== '') errors += 1;
        const shown = shownCell(type, style, text, values);
        const cells = rows[row];
        if (cells === undefined) throw damaged();
        if (shown === '') return;
        while (cells.length < column) cells.push('');
        cells[column] = shown;
      }
    },
  });
  const width = rows.reduce((most, { length }) => Math.max(most, length), 0);
  const notes: Words[] = [];
  const filled = fillMerged(rows, merged);
  // Empty cells are not written down; a sheet has no short rows.
  for (const cells of rows) while (cells.length > 0 && cells.length < width) cells.push('');
  if (filled > 0) notes.push(words('imports.mergedCells', { cells: filled }));
  if (errors > 0) notes.push(words('imports.errorCells', { cells: errors }));
  return { rows, notes };
}

function shownCell(type: string, style: number, text: string, { strings, formats, isFrom1904 }: SheetValues): string {
  switch (type) {
    case 's':
      return strings[Number(text)] ?? '';
    case 'str':
    case 'inlineStr':
      return unescaped(text);
    case 'b':
      return text.trim() === '' ? '' : text.trim() === '1' ? 'yes' : 'no';
    case 'e':
      return '';
    case 'd':
      return text.replace(/T00:00:00(?:\.0+)?Z?$/, '').replace('T', ' ');
    default:
      return shownNumber(text.trim(), formats[style], isFrom1904);
  }
}

/** A merged cell stands for all of its rows; beside its first column it is only wide. Answers how many cells it filled. */
function fillMerged(rows: string[][], merged: readonly string[]): number {
  let filled = 0;
  for (const ref of merged) {
    const [from, to] = ref.split(':').map(placeOf);
    if (!from || !to) continue;
    const value = rows[from.row]?.[from.column] ?? '';
    for (let at = from.row + 1; value !== '' && at <= to.row && at < rows.length; at++) {
      const cells = rows[at] as string[];
      // A row without anything of its own is no row.
      if (!cells.some((cell) => cell !== '') || (cells[from.column] ?? '') !== '') continue;
      while (cells.length < from.column) cells.push('');
      cells[from.column] = value;
      filled += 1;
    }
  }
  return filled;
}

/** "AB12" → row 11, column 27. */
function placeOf(reference: string): { row: number; column: number } | null {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference);
  if (match === null) return null;
  let number = 0;
  for (const letter of match[1] as string) number = number * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(match[2]) - 1, column: number - 1 };
}

export interface XmlEvents {
  /** The name without its prefix. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(piece: string): void;
  close?(name: string): void;
}

/** Reads XML in pieces, so that main answers other calls meanwhile. Throws ProblemError where it is broken. */
async function parsed(xml: string, events: XmlEvents): Promise<void> {
  if (xml === '') return;
  const parser = new SaxesParser();
  const plain = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => events.open(plain(name), attributes));
  parser.on('text', (piece) => events.text?.(piece));
  parser.on('cdata', (piece) => events.text?.(piece));
  parser.on('closetag', ({ name }) => events.close?.(plain(name)));
  let problem: unknown = null;
  parser.on('error', () => {
    problem = damaged();
  });
  const breathe = createBreather();
  for (let at = 0; at < xml.length; at += PIECE) {
    parser.write(xml.slice(at, at + PIECE));
    if (problem !== null) throw problem;
    await breathe();
  }
  parser.close();
  if (problem !== null) throw problem;
}

const notAWorkbook = () => unreadable(words('unreadable.notAWorkbook'), words('unreadable.chooseList'));
const openDocument = () => unreadable(words('unreadable.openDocument'), words('unreadable.saveFromOffice'));
