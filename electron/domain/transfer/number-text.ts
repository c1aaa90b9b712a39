import { compareDecimals, multiplyMoney } from '../../../shared/lib/money.ts';
import { withoutEnd } from '../../../shared/lib/text.ts';

/** Which of the two begins the decimals; the other one groups thousands. */
export type DecimalMark = 'comma' | 'point';

/** Written before or after an amount: codes, signs, and what people write in their own country. */
const unit = String.raw`(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}|[Kk]r\.?|zł|zl|Kč|Kc|Ft|lei|лв\.?|руб\.?|грн\.?|S?Fr\.?|Rs\.?|Rp\.?|RM|R|din\.?|kn|元|円|[Ee]uros?)`;
const unitBefore = new RegExp(`^${unit}(?=[-−–]?\\s*[\\d.,])`, 'u');
const unitAfter = new RegExp(`(?<=[\\d.,\\-−–—\\s])${unit}$`, 'u');
/** A text longer than this is no number, and is not looked at. */
const LONGEST = 60;

interface Parts {
  isNegative: boolean;
  /** Digits, commas and points. */
  digits: string;
}

/** "CHF 1'200.–", "12,50-", "(1 234)", "−3 kr" without what is not digits and separators; null for anything else. */
function partsOf(text: string): Parts | null {
  if (text.length > LONGEST) return null;
  let rest = text.replace(/[\s\u00a0\u202f'’]/g, '').replace(/[−–—]/g, '-');
  const isBracketed = /^\(.*\)$/.test(rest);
  if (isBracketed) rest = rest.slice(1, -1);
  let isNegative = isBracketed || rest.startsWith('-');
  rest = rest.replace(/^[+-]/, '').replace(unitBefore, '').replace(unitAfter, '');
  // Whole francs and kroner: "12,-".
  rest = rest.replace(/(\d)[.,]-{1,2}$/, '$1');
  if (rest.startsWith('-') || /\d-$/.test(rest)) isNegative = true;
  rest = rest.replace(/^[+-]/, '').replace(/-$/, '').replace(unitAfter, '');
  return /^[\d.,]+$/.test(rest) && /\d/.test(rest) ? { isNegative, digits: rest } : null;
}

/** "1,234.50", "1.234,50", "$ 1 234" → "1234.50". `mark` says how 1.234 is meant; null for anything that is not one number. */
export function decimalOf(text: string, mark: DecimalMark | null = null): string | null {
  const parts = partsOf(text);
  if (parts === null) return null;
  const plain = withPoint(parts.digits, mark);
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (match === null || (match[1] === '' && (match[2] ?? '') === '')) return null;
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '') || '0';
  // More decimals than are kept are an error for a person to decide about, unless they are zeros.
  const fraction = withoutEnd(match[2] ?? '', '0').length > 2 ? (match[2] as string) : (match[2] ?? '').slice(0, 2);
  return `${parts.isNegative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function withPoint(digits: string, mark: DecimalMark | null): string {
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma !== -1 && point !== -1) return comma > point ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  if (comma !== -1) {
    const isGrouped = /^\d{1,3}(?:,\d{3})+$/.test(digits) && (mark !== 'comma' || digits.indexOf(',') !== comma);
    return isGrouped ? digits.replaceAll(',', '') : digits.replace(',', '.');
  }
  const isGrouped = mark === 'comma' ? /^\d{1,3}(?:\.\d{3})+$/.test(digits) : /^\d{1,3}(?:\.\d{3}){2,}$/.test(digits);
  return isGrouped ? digits.replaceAll('.', '') : digits;
}

/** Which mark a number shows to be that of its decimals; "either" for 1.250, null where it has none or is no number. */
export function possibleMark(text: string): DecimalMark | 'either' | null {
  const digits = partsOf(text)?.digits ?? '';
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma === -1 && point === -1) return null;
  if (comma !== -1 && point !== -1) return comma > point ? 'comma' : 'point';
  const [last, own, other] = comma !== -1 ? ([comma, 'comma', 'point'] as const) : ([point, 'point', 'comma'] as const);
  if (digits.indexOf(digits[last] as string) !== last) return other;
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) ? 'either' : own;
}

/** "7.75 %", "0.0775" and "19" → "0.0775", "0.0775" and "0.19". A column of percentages has them also below one. */
export function rateOf(text: string, mark: DecimalMark | null, isPercentColumn: boolean): string | null {
  const isPercent = /%\s*$/.test(text);
  const number = decimalOf(text.replace(/%\s*$/, ''), mark);
  if (number === null) return null;
  // No tax takes more than all.
  return isPercent || isPercentColumn || compareDecimals(number, '1') > 0 ? multiplyMoney(number, '0.01') : number;
}

/** What a spreadsheet makes of a long number that it shows short: "4.93012E+11". The digits it leaves out are gone. */
export function isCutShort(text: string): boolean {
  return /^\d(?:[.,]\d{1,14})?E\+\d{2}$/i.test(text.trim());
}
