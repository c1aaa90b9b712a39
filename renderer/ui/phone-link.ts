/** Words before the number itself: "Tel.:", "Phone". */
const label = /^[\p{L}.\s]+:?\s*(?=[\d+(])/u;
const extension = /[\s,;/]*(?:extension|ext|durchwahl|dw|x)[\s.:=]*(\d{1,10})\s*$/i;
/** Shorter than a number for help (112), or longer than any number may be (E.164 has 15 digits, and a prefix for an outside line). */
const [shortest, longest] = [3, 20];

/**
 * What the system's phone is told to dial: the digits of a number as people write it, without what stands before it and with
 * its extension apart. Null for what is no number, or more than one: dialling a wrong person is worse than dialling none.
 */
export function numberToDial(phone: string): { number: string; extension: string | null } | null {
  const found = extension.exec(phone);
  const text = (found === null ? phone : phone.slice(0, found.index)).replace(label, '').trim();
  // "+49 (0)30": the zero is dialled inside of the country alone.
  const number = (text.startsWith('+') ? text.replace(/\(0\)/g, '') : text).replace(/[\s().\-\u2010-\u2015/]/g, '');
  if (!/^\+?[\d*#]+$/.test(number) || number.length < shortest || number.length > longest) return null;
  return { number, extension: found?.[1] ?? null };
}

export function telLink(phone: string): string | null {
  const dial = numberToDial(phone);
  // In an address # would begin a fragment.
  return dial === null ? null : `tel:${dial.number.replaceAll('#', '%23')}${dial.extension === null ? '' : `;ext=${dial.extension}`}`;
}

/** A message goes to a number, and never to an extension of one. */
export function smsLink(phone: string): string | null {
  const dial = numberToDial(phone);
  return dial === null || dial.extension !== null || /[*#]/.test(dial.number) ? null : `sms:${dial.number}`;
}
