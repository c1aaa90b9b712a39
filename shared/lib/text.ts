/** Case- and accent-insensitive form of a text: "Émile ÆØ ß" → "emile aeo ss". For search, sort keys and duplicates. */
export function fold(text: string): string {
  // Most text is plain ASCII; folding it the long way takes five times as long.
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return plainLetters(text.normalize('NFKD').replace(/\p{M}+/gu, ''));
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
