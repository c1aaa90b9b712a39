import { format, getFormatDateInfo, getFormatInfo, isDateFormat } from 'numfmt';
import type { XmlEvents } from './xlsx.reader.ts';

/** How the numbers of one cell style are shown. */
export type ShownAs =
  | { kind: 'number' }
  /** Zips, phones and codes: the format has what the stored number lacks. */
  | { kind: 'digits'; code: string }
  | { kind: 'date' }
  | { kind: 'time' }
  /** Hours beyond a day: 37:30. */
  | { kind: 'hours' };

const plain: ShownAs = { kind: 'number' };

/** Formats that a workbook uses without saying what they are (ECMA-376, 18.8.30), as far as they show days or times. */
const builtIn: Readonly<Record<string, string>> = {
  ...Object.fromEntries([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, 'yyyy-mm-dd'])),
  ...Object.fromEntries([18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56].map((id) => [id, 'h:mm:ss'])),
  22: 'yyyy-mm-dd h:mm',
  46: '[h]:mm:ss',
};

/** Style number → how its cells are shown. What a workbook says of a number is believed before what is built in. */
export async function cellFormats(styles: string, parse: (xml: string, events: XmlEvents) => Promise<void>): Promise<ShownAs[]> {
  const codes = new Map<string, string>();
  const ids: string[] = [];
  let isCells = false;
  await parse(styles, {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
      else if (name === 'cellXfs') isCells = true;
      else if (name === 'xf' && isCells) ids.push(attributes['numFmtId'] ?? '0');
    },
    close(name) {
      if (name === 'cellXfs') isCells = false;
    },
  });
  const shown = new Map<string, ShownAs>();
  return ids.map((id) => {
    const known = shown.get(id) ?? shownAs(codes.get(id) ?? builtIn[id] ?? '');
    shown.set(id, known);
    return known;
  });
}

function shownAs(code: string): ShownAs {
  if (code === '' || code.length > 500) return plain;
  try {
    if (isDateFormat(code)) {
      const { year, month, day } = getFormatDateInfo(code);
      return year || month || day ? { kind: 'date' } : { kind: /\[[hms]+\]/i.test(code) ? 'hours' : 'time' };
    }
    const { type, maxDecimals } = getFormatInfo(code);
    return type === 'number' && maxDecimals === 0 && code !== '0' ? { kind: 'digits', code } : plain;
  } catch {
    // A format that cannot be read says nothing.
    return plain;
  }
}

export function shownNumber(stored: string, shown: ShownAs = plain, isFrom1904 = false): string {
  const number = Number(stored);
  if (stored === '' || !Number.isFinite(number)) return stored;
  switch (shown.kind) {
    case 'digits':
      return digitsOf(number, shown.code) ?? plainNumber(stored, number);
    case 'date':
      return dateText(number, isFrom1904) ?? plainNumber(stored, number);
    case 'time':
      return clock(Math.round((number - Math.floor(number)) * 86_400) % 86_400);
    case 'hours':
      return clock(Math.round(number * 86_400));
    default:
      return plainNumber(stored, number);
  }
}

/** Excel keeps 17 digits of a number and shows 15: 0.30000000000000004 is 0.3 to a person. */
function plainNumber(stored: string, number: number): string {
  if (/^-?\d{1,15}$/.test(stored)) return stored;
  const rounded = Number(number.toPrecision(15));
  if (Number.isInteger(rounded) && Math.abs(rounded) < 1e21) return BigInt(rounded).toString();
  return String(rounded);
}

/** Only what looks like a zip, a phone or a code: an amount with its unit stays a number. */
function digitsOf(number: number, code: string): string | null {
  if (!Number.isSafeInteger(number) || number < 0) return null;
  try {
    const text = format(code, number).replace(/\s+/g, ' ').trim();
    return /^(?:[A-Z]{1,3}-)?[+(]?\d[\d+()\-\s./]*$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

function dateText(serial: number, isFrom1904: boolean): string | null {
  // Excel counts a 29 February 1900 that never was.
  const days = isFrom1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial;
  const date = new Date(Math.round((days - 25_569) * 86_400) * 1000);
  if (days < 1 || Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return null;
  const text = date.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}

function clock(seconds: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `${two(hours)}:${two(minutes)}${rest === 0 ? '' : `:${two(rest)}`}`;
}
