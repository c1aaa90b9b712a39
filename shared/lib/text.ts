/** Case- and accent-insensitive form of a text: "Émile ÆØ ß" → "emile aeo ss". */
export function fold(text: string): string {
  // Most text is plain ASCII; folding it the long way takes five times as long.
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return plainLetters(text.normalize('NFKD').replace(/\p{M}+/gu, ''));
}

const hasKana = /[\u3041-\u30fe]/;
/** ひ and ヒ stand this far apart in Unicode, and so do all the others. */
const katakanaOverHiragana = 0x60;
const smallKana = 'ぁぃぅぇぉっゃゅょゎゕゖ';
const plainKana = 'あいうえおつやゆよわかけ';

/**
 * What searches, filters and the order of lists compare, on a laptop and on the server: like `fold`, and kana of both scripts
 * are one, small ones and those with a long mark too. "サーバー", "ｻｰﾊﾞ" and "さーば" find each other. Stored by the server: a
 * change needs a migration there.
 */
export function searchFold(text: string): string {
  const folded = fold(text);
  if (!hasKana.test(folded)) return folded;
  return folded
    .replace(/[ァ-ヶヽ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - katakanaOverHiragana))
    .replace(/[ぁぃぅぇぉっゃゅょゎゕゖ]/g, (kana) => plainKana.charAt(smallKana.indexOf(kana)))
    .replace(/(?<=[ぁ-ゖ])ー+/g, '');
}

/** Letters that have no accent to take off. */
function plainLetters(text: string): string {
  return text
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/æ/g, 'ae')
    .replace(/œ/g, 'oe')
    .replace(/ø/g, 'o')
    .replace(/đ/g, 'd')
    .replace(/ł/g, 'l')
    .replace(/ı/g, 'i')
    .replace(/þ/g, 'th');
}

/**
 * The form in which two names are the same name. Like `fold`, but only accents that people leave out are taken off: those
 * of Latin, Greek, Cyrillic, Hebrew and Arabic letters. Elsewhere a mark makes another letter (タ and ダ, कि and का, ก่า and กา).
 */
export function identityFold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  const folded = text
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}])\p{M}+/gu, '$1');
  return plainLetters(folded).normalize('NFC');
}

/** A text that PostgreSQL takes, in JSON too: without NUL, and with U+FFFD for half a surrogate pair. */
const soundText = (text: string): string => text.replaceAll('\u0000', '').toWellFormed();

/** Makes the texts of JSON sound, where it is read (`JSON.parse`) or written (`JSON.stringify`). Names of members stay as they are. */
export const soundMember = (_name: string, value: unknown): unknown => (typeof value === 'string' ? soundText(value) : value);

/** A text without these characters at its end. An expression like `[.]+$` looks at a row of them from each of its places anew. */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The same at its beginning. */
export function withoutStart(text: string, characters: string): string {
  let start = 0;
  while (start < text.length && characters.includes(text.charAt(start))) start += 1;
  return text.slice(start);
}

/** Lines as one, without the space around each; empty ones in the midst are nothing. */
export function joinedLines(text: string, joint: string): string {
  const lines = text.split('\n');
  if (lines.length === 1) return text;
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  const between = lines
    .slice(1, -1)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return [first.trimEnd(), ...between, last.trimStart()].join(joint);
}

/** The digits of a phone number in whatever format it was typed: "+33 6 28-00" → "3362800". */
export function phoneDigits(phone: string): string {
  return phone.replace(/\D+/g, '');
}

/** E-mail addresses are compared without case and surrounding space. */
export function emailKey(email: string): string {
  return email.trim().toLowerCase();
}

/** A number without a negative zero, which no file keeps. */
export function plainNumber(value: number): number {
  return value + 0;
}
