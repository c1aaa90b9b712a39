import Big from 'big.js';

/**
 * Money and rates are decimal strings from end to end (domain model, "Conventions"); a float never touches them.
 * Rounding is half-up: a half goes away from zero, so a credit note mirrors its invoice.
 */

/** Currencies whose minor unit is not a hundredth (ISO 4217). Intl follows custom instead of the standard for some. */
const minorUnits: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** Digits after the point that an amount of the currency has. */
export function minorUnitOf(currency: string): number {
  return minorUnits[currency] ?? 2;
}

/** An amount rounded half-up to the currency's minor unit: ("1.005", "USD") gives "1.01", ("1.5", "JPY") gives "2". */
export function roundMoney(amount: string, currency: string): string {
  return roundTo(amount, minorUnitOf(currency));
}

/** Rounded half-up to so many digits after the point. */
export function roundTo(amount: string, digits: number): string {
  return plain(new Big(amount), digits);
}

/** Sum of amounts, exact. */
export function addMoney(amounts: Iterable<string>): string {
  let sum = new Big(0);
  for (const amount of amounts) sum = sum.plus(amount);
  return plain(sum);
}

export function subtractMoney(from: string, amount: string): string {
  return plain(new Big(from).minus(amount));
}

/** Exact product: a quantity and a price, or an amount and a tax rate. Round it with `roundMoney`. */
export function multiplyMoney(amount: string, by: string): string {
  return plain(new Big(amount).times(by));
}

/** Exact quotient to `digits` digits, half-up; null when divided by zero. */
export function divideMoney(amount: string, by: string, digits: number): string | null {
  const divisor = new Big(by);
  if (divisor.eq(0)) return null;
  const Divided = Big();
  Divided.DP = digits;
  Divided.RM = Big.roundHalfUp;
  return plain(new Divided(amount).div(by));
}

/** −1, 0 or 1, as numbers: "0.08" and "0.0800" are the same. */
export function compareDecimals(first: string, second: string): -1 | 0 | 1 {
  return new Big(first).cmp(second);
}

export function isZero(amount: string): boolean {
  return new Big(amount).eq(0);
}

export function isDecimal(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}

/** Without exponent, and without the sign of a negative zero. */
function plain(value: Big, digits?: number): string {
  const text = value.toFixed(digits, Big.roundHalfUp);
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}
